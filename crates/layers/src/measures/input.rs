//! Which layers went into a result, and what was wrong with them.

use std::collections::BTreeMap;

use phteah_planning::notice::Notice;
use phteah_planning::problem::Warning;

use crate::catalogue::{Catalogue, LayerEntry};
use crate::error::Result;
use crate::gpkg::Query;
use crate::raster::RasterFile;
use crate::schema::Role;
use crate::value::Feature;

/// A layer that a result rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputLayer {
    /// Its name.
    pub name: String,
    /// What it was used for.
    pub role: Role,
    /// Hash of its source and of the import's options.
    pub hash: String,
    /// Whether it is generated.
    pub illustrative: bool,
    /// Its licence.
    pub licence: String,
    /// The attribution that its licence asks for.
    pub attribution: String,
}

/// A catalogue that remembers what was read from it.
pub(super) struct Inputs<'a> {
    catalogue: &'a Catalogue,
    used: BTreeMap<String, InputLayer>,
    warnings: Vec<Warning>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            used: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Goes on after an earlier [`Inputs::finish`].
    pub(super) fn resume(catalogue: &'a Catalogue, used: &[InputLayer], warnings: &[Warning]) -> Self {
        Self {
            catalogue,
            used: used
                .iter()
                .map(|layer| (layer.name.clone(), layer.clone()))
                .collect(),
            warnings: warnings.to_vec(),
        }
    }

    pub(super) fn catalogue(&self) -> &'a Catalogue {
        self.catalogue
    }

    /// Hands over every feature of the layers of a role, in the order of names and numbers; says how many layers there
    /// were.
    pub(super) fn features(&mut self, role: Role, each: impl FnMut(Feature)) -> Result<usize> {
        self.query(role, &Query::default(), each)
    }

    /// The same of the features whose box meets `[min x, min y, max x, max y]` in the deployment's CRS.
    pub(super) fn features_in(
        &mut self,
        role: Role,
        bbox: [f64; 4],
        each: impl FnMut(Feature),
    ) -> Result<usize> {
        let within = Query {
            bbox: Some(bbox),
            ..Query::default()
        };
        self.query(role, &within, each)
    }

    fn query(&mut self, role: Role, query: &Query, mut each: impl FnMut(Feature)) -> Result<usize> {
        let catalogue = self.catalogue;
        let mut layers = 0;
        for entry in self.usable(role) {
            layers += 1;
            self.note(entry);
            catalogue.vector(&entry.name)?.for_each(query, |feature| {
                each(feature);
                Ok::<(), crate::LayersError>(())
            })?;
        }
        Ok(layers)
    }

    /// The layers of a role that can be read; of each of the others a warning is kept, and the result goes on without it.
    pub(super) fn usable(&mut self, role: Role) -> Vec<&'a LayerEntry> {
        let catalogue = self.catalogue;
        let mut usable = Vec::new();
        for entry in catalogue.of_role(role) {
            match catalogue.verify(entry) {
                Ok(()) => usable.push(entry),
                Err(error) => {
                    let cause = match error {
                        crate::LayersError::Unavailable { cause, .. } => cause,
                        other => other.to_string().trim_end_matches('.').to_owned(),
                    };
                    self.warn(Notice::LayerUnavailable {
                        layer: entry.name.clone(),
                        cause,
                    });
                }
            }
        }
        usable
    }

    /// The rasters of a role with what is known of them.
    pub(super) fn rasters(&mut self, role: Role) -> Result<Vec<(&'a LayerEntry, RasterFile)>> {
        let catalogue = self.catalogue;
        let mut rasters = Vec::new();
        for entry in self.usable(role) {
            self.note(entry);
            rasters.push((entry, catalogue.raster(&entry.name)?));
        }
        Ok(rasters)
    }

    pub(super) fn warn(&mut self, notice: Notice) {
        let warning = Warning::from(notice);
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn finish(self) -> (Vec<InputLayer>, Vec<Warning>) {
        (self.used.into_values().collect(), self.warnings)
    }

    fn note(&mut self, entry: &LayerEntry) {
        self.used.entry(entry.name.clone()).or_insert_with(|| InputLayer {
            name: entry.name.clone(),
            role: entry.role,
            hash: entry.hash.clone(),
            illustrative: entry.illustrative,
            licence: entry.licence.clone(),
            attribution: entry.attribution.clone(),
        });
    }
}
