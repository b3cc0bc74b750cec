//! Where the layers of a role are complete. Beyond that nothing may be said to be absent.
//!
//! Whoever imports a layer can say where it is complete; a raster shows it by its grid. Otherwise the hull of the features stands for it,
//! which is a guess: between the features nothing is missing, and whether the layer goes on beyond them nobody knows.

use geo::{Coord, LinesIter, MultiPolygon, Rect};
use phteah_geoproc::surface;

use super::input::Inputs;
use crate::catalogue::{Coverage, CoverageSource};
use crate::error::Result;
use crate::schema::Role;

/// Whether a box lies inside of an area, as far as that is quickly seen: no edge comes near it, and one of its corners is inside.
fn is_inside(area: &Coverage, rect: Rect<f64>) -> bool {
    let apart = |a: Coord<f64>, b: Coord<f64>| {
        a.x.max(b.x) < rect.min().x
            || a.x.min(b.x) > rect.max().x
            || a.y.max(b.y) < rect.min().y
            || a.y.min(b.y) > rect.max().y
    };
    let mut edges = area.polygon.lines_iter();
    edges.all(|edge| apart(edge.start, edge.end)) && area.covers(rect.min())
}

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

    /// Whether there is any layer of the role.
    pub(super) fn is_loaded(&self) -> bool {
        !self.areas.is_empty()
    }

    /// The share of a shape in which a layer is complete; of several layers, that of the one that covers most.
    pub(super) fn share(&self, shape: &MultiPolygon<f64>) -> f64 {
        let of_area = |area: &Coverage| {
            if surface::bounds(shape).is_some_and(|rect| is_inside(area, rect)) {
                1.0
            } else {
                area.share(shape)
            }
        };
        self.areas.iter().map(of_area).fold(0.0, f64::max)
    }

    /// How far around a place whatever exists is in a layer, in metres.
    pub(super) fn known_radius(&self, place: Coord<f64>) -> f64 {
        self.areas
            .iter()
            .map(|area| area.known_radius(place))
            .fold(0.0, f64::max)
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
