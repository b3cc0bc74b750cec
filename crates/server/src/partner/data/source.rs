//! A layer as one viewer sees it. The only way to the data of a layer in all of the partners' part: made from a [`Grant`], it knows the
//! visible fields and no others.

use std::path::PathBuf;
use std::sync::Arc;

use phteah_layers::{Catalogue, Field, GeometryKind, LayerEntry, LayerKind, TableMeta};
use phteah_store::{Grant, Viewer};

use super::crs::LayerCrs;
use super::pool::Pool;
use crate::api::error::ApiError;
use crate::partner::state::PartnerState;

/// A layer that may be seen, without what may not.
#[derive(Debug, Clone)]
pub struct VisibleLayer {
    grant: Grant,
    /// The catalogue's entry, its fields reduced to the visible ones.
    entry: LayerEntry,
    path: PathBuf,
    crs: LayerCrs,
    pool: Arc<Pool>,
}

impl VisibleLayer {
    /// The layers that a viewer sees, by name.
    pub fn all(state: &PartnerState, viewer: &Viewer) -> Result<Vec<Self>, ApiError> {
        let catalogue = state.catalogue()?;
        let mut seen = Vec::new();
        for entry in catalogue.layers() {
            seen.extend(Self::of(state, &catalogue, viewer, entry)?);
        }
        Ok(seen)
    }

    /// The layer of this name. The same answer, from the same work, for one that is hidden and one that never was.
    pub fn open(state: &PartnerState, viewer: &Viewer, name: &str) -> Result<Self, ApiError> {
        let catalogue = state.catalogue()?;
        if let Some(entry) = catalogue.layers().iter().find(|entry| entry.name == name) {
            Self::of(state, &catalogue, viewer, entry)?
        } else {
            state.store().grant(viewer, name, [])?;
            None
        }
        .ok_or_else(no_such_layer)
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
        state.note_shown(&grant, entry);
        let mut entry = entry.clone();
        entry.fields.retain(|field| grant.shows(&field.name));
        let (path, crs) = (catalogue.path(&entry), LayerCrs::new(catalogue.crs()?));
        Ok(Some(Self {
            grant,
            entry,
            path,
            crs,
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

    /// Whether it has features (and no cells).
    pub fn is_vector(&self) -> bool {
        self.entry.kind == LayerKind::Vector
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

/// What a hidden and an absent layer have in common.
pub fn no_such_layer() -> ApiError {
    ApiError::not_found(
        "no_such_layer",
        "There is no layer of this name. /data lists those that you may see.",
    )
}
