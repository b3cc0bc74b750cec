//! Where the layers of a role are complete. Beyond that nothing may be said to be absent.
//!
//! Whoever imports a layer can say where it is complete; a raster shows it by its grid. Otherwise the hull of the features stands for it,
//! which is a guess: between the features nothing is missing, and whether the layer goes on beyond them nobody knows.

use geo::{Coord, MultiPolygon};

use super::input::Inputs;
use crate::catalogue::{Coverage, CoverageSource};
use crate::error::Result;
use crate::schema::Role;

/// The areas in which the layers of one role are complete.
#[derive(Debug, Default)]
pub(super) struct Covered {
    areas: Vec<Coverage>,
}

impl Covered {
    pub(super) fn load(inputs: &Inputs<'_>, role: Role) -> Result<Self> {
        let catalogue = inputs.catalogue();
        let areas = catalogue.of_role(role).map(|entry| catalogue.coverage(entry));
        Ok(Self {
            areas: areas.collect::<Result<_>>()?,
        })
    }

    /// The share of a shape in which a layer is complete; of several layers, that of the one that covers most.
    pub(super) fn share(&self, shape: &MultiPolygon<f64>) -> f64 {
        self.areas.iter().map(|area| area.share(shape)).fold(0.0, f64::max)
    }

    /// How far around a place whatever exists is in a layer, in metres.
    pub(super) fn known_radius(&self, place: Coord<f64>) -> f64 {
        self.areas.iter().map(|area| area.known_radius(place)).fold(0.0, f64::max)
    }

    /// Whether a place lies outside of every area that somebody gave. A hull has no outside that is known.
    pub(super) fn is_beyond(&self, place: Coord<f64>) -> bool {
        !self.areas.is_empty()
            && self
                .areas
                .iter()
                .all(|area| area.how != CoverageSource::Hull && !area.covers(place))
    }
}
