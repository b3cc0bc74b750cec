//! A layer as one viewer sees it. The only way to the data of a layer in all of the partners' part: made from a [`Grant`], it knows the
//! visible fields and no others.

use std::path::PathBuf;
use std::sync::Arc;

use phteah_layers::{Catalogue, Field, GeometryKind, LayerEntry, LayerKind, Role, TableMeta, is_working};
use phteah_store::{Grant, Viewer};

use super::crs::LayerCrs;
use super::pool::Pool;
use crate::api::error::ApiError;
use crate::partner::formats::Format;
use crate::partner::state::PartnerState;

/// A layer that may be seen, without what may not.
#[derive(Debug, Clone)]
pub struct VisibleLayer {
    grant: Grant,
    /// The catalogue's entry, its fields reduced to the visible ones.
    entry: LayerEntry,
    /// Working columns that a filter may speak of though no answer holds them: names are searched by one. Only where all is visible that
    /// they are made of.
    searched: Vec<Field>,
    path: PathBuf,
    crs: LayerCrs,
    /// Why its data cannot be had.
    unusable: Option<ApiError>,
    pool: Arc<Pool>,
}

impl VisibleLayer {
    /// The layers that a viewer sees, by name; numbers in names by their size, so that floods come in the order of their years.
    pub fn all(state: &PartnerState, viewer: &Viewer) -> Result<Vec<Self>, ApiError> {
        let catalogue = state.catalogue()?;
        let mut seen = Vec::new();
        for entry in catalogue.layers() {
            seen.extend(Self::of(state, &catalogue, viewer, entry)?);
        }
        seen.sort_by_cached_key(|layer| natural(layer.name()));
        Ok(seen)
    }

    /// The layer of this name, whether or not it can be used. The same answer, from the same work, for one that is hidden and one that never was.
    pub fn find(state: &PartnerState, viewer: &Viewer, name: &str) -> Result<Self, ApiError> {
        let catalogue = state.catalogue()?;
        if let Some(entry) = catalogue.layers().iter().find(|entry| entry.name == name) {
            Self::of(state, &catalogue, viewer, entry)?
        } else {
            state.store().grant(viewer, name, [])?;
            None
        }
        .ok_or_else(no_such_layer)
    }

    /// The layer of this name, where it can be used.
    pub fn open(state: &PartnerState, viewer: &Viewer, name: &str) -> Result<Self, ApiError> {
        let layer = Self::find(state, viewer, name)?;
        match &layer.unusable {
            None => Ok(layer),
            Some(error) => Err(error.clone()),
        }
    }

    fn of(
        state: &PartnerState,
        catalogue: &Catalogue,
        viewer: &Viewer,
        entry: &LayerEntry,
    ) -> Result<Option<Self>, ApiError> {
        let fields = entry.fields.iter().map(|field| field.name.as_str());
        let Some(grant) = state.store().grant(viewer, &entry.name, fields)? else {
            return Ok(None);
        };
        let unusable = catalogue.check(entry).err().map(ApiError::from);
        state.note_shown(&grant, entry);
        let mut entry = entry.clone();
        let (searched, mut fields): (Vec<_>, Vec<_>) = std::mem::take(&mut entry.fields)
            .into_iter()
            .partition(|field| is_working(&field.name));
        let all_shown = fields.iter().all(|field: &Field| grant.shows(&field.name));
        fields.retain(|field| grant.shows(&field.name));
        entry.fields = fields;
        let searched = if all_shown { searched } else { Vec::new() };
        let (path, crs) = (catalogue.path(&entry), LayerCrs::new(catalogue.crs()?));
        Ok(Some(Self {
            grant,
            entry,
            searched,
            path,
            crs,
            unusable,
            pool: Arc::clone(state.pool()),
        }))
    }

    /// The same layer in another file of its own: a former version.
    pub(in crate::partner) fn in_file(&self, path: PathBuf, fields: &[String]) -> Self {
        let mut other = self.clone();
        other.entry.fields.retain(|field| fields.contains(&field.name));
        other.path = path;
        other
    }

    /// The right under which it is seen.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Whether its data can be had.
    pub fn is_usable(&self) -> bool {
        self.unusable.is_none()
    }

    /// Says that its data cannot be had after all.
    pub(in crate::partner) fn set_unusable(&mut self, why: ApiError) {
        self.unusable = Some(why);
    }

    /// What is known of it; its `fields` are the visible ones.
    pub fn about(&self) -> &LayerEntry {
        &self.entry
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.entry.name
    }

    /// The visible fields, besides the id.
    pub fn fields(&self) -> &[Field] {
        &self.entry.fields
    }

    /// What a filter may speak of besides the visible fields.
    pub fn searched(&self) -> &[Field] {
        &self.searched
    }

    /// Whether it has features (and no cells).
    pub fn is_vector(&self) -> bool {
        self.entry.kind == LayerKind::Vector
    }

    /// The formats in which it can be had. FlatGeobuf holds nothing without a shape, and totals of a released table have none.
    pub fn formats(&self) -> impl Iterator<Item = Format> + use<> {
        let has_totals = self.entry.role == Role::ReleasedTable;
        Format::of(self.is_vector())
            .iter()
            .copied()
            .filter(move |format| !(has_totals && *format == Format::FlatGeobuf))
    }

    /// Shape of its features.
    pub fn geometry(&self) -> GeometryKind {
        self.entry.geometry.unwrap_or(GeometryKind::Any)
    }

    /// Its CRS.
    pub fn crs(&self) -> &LayerCrs {
        &self.crs
    }

    /// Its file.
    pub(in crate::partner) fn path(&self) -> &PathBuf {
        &self.path
    }

    /// Connections to its file.
    pub(super) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// What travels with its data.
    pub fn meta(&self) -> TableMeta {
        TableMeta::of(&self.entry)
    }

    /// Refuses rasters, in routes about features.
    pub fn with_features(self) -> Result<Self, ApiError> {
        if self.is_vector() {
            Ok(self)
        } else {
            Err(no_such_layer())
        }
    }
}

/// A name in pieces of text and number, which sorts "rp25" before "rp100".
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut pieces = vec![(String::new(), 0_u64)];
    let mut in_number = false;
    for sign in name.chars() {
        if in_number && !sign.is_ascii_digit() {
            pieces.push((String::new(), 0));
        }
        in_number = sign.is_ascii_digit();
        if let Some((text, number)) = pieces.last_mut() {
            match sign.to_digit(10) {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(u64::from(digit)),
                None => text.push(sign),
            }
        }
    }
    pieces
}

/// What a hidden and an absent layer have in common.
pub fn no_such_layer() -> ApiError {
    ApiError::not_found(
        "no_such_layer",
        "There is no layer of this name. /data lists those that you may see.",
    )
}
