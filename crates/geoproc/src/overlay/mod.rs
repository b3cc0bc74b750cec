//! How much of each feature lies in zones of each class.
//!
//! Areas are exact for the polygons as given: no intersection polygon is built, nothing is snapped to a grid. Along a
//! horizontal line the length that lies in a feature and in a class is a sum of differences of *x*; between the *y* of
//! neighbouring vertices and crossings that length is linear in *y*, so its value half-way times the height is its
//! integral ([`slabs`]). Holes, parts, rings that touch themselves and edges that coincide need no special case.
//!
//! Zones of one class that overlap count once. Touching is not overlapping: what is thinner than the coordinates can
//! resolve is not listed.

mod bands;
mod slabs;
mod sweep;

use rayon::prelude::*;

use crate::index::{Bounds, Tree};
use crate::surface::{self, Surface};
use bands::BandedPolygon;
use slabs::Slabs;

/// The part of a feature that lies in zones of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassArea {
    /// The class.
    pub class: usize,
    /// Area in squared CRS units, positive.
    pub area: f64,
    /// Share of the feature's area, in (0, 1].
    pub share: f64,
}

/// A feature laid over zones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureZones {
    /// Area of the whole feature in squared CRS units; 0 for one that is empty or has a coordinate that is not a number.
    pub area: f64,
    /// The classes that it overlaps, ascending. Shares may add up to more than 1 where classes overlap each other.
    pub classes: Vec<ClassArea>,
}

/// Zones prepared to lay features over.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    polygons: Vec<BandedPolygon>,
    tree: Tree,
    /// The classes that occur, ascending; polygons know theirs by its place here.
    classes: Vec<usize>,
}

impl Zones {
    /// Prepares zones, each with the number of its class.
    ///
    /// ```
    /// use geo::Rect;
    /// use phteah_geoproc::overlay::Zones;
    /// let flooded = [Rect::new((0.0, 0.0), (2.0, 9.0)).to_polygon(), Rect::new((1.0, 0.0), (3.0, 9.0)).to_polygon()];
    /// let zones = Zones::new(flooded.iter().map(|zone| (zone, 0)));
    /// let parcel = Rect::new((0.0, 0.0), (4.0, 1.0)).to_polygon();
    /// assert_eq!(zones.overlay(&[parcel])[0].classes[0].share, 0.75); // the overlap of the two zones counts once
    /// ```
    pub fn new<Z: Surface>(zones: impl IntoIterator<Item = (Z, usize)>) -> Self {
        let mut polygons = Vec::new();
        for (zone, class) in zones {
            polygons.extend(
                zone.polygons()
                    .iter()
                    .filter_map(|polygon| BandedPolygon::new(polygon, class)),
            );
        }
        let mut classes: Vec<usize> = polygons
            .iter()
            .map(|polygon: &BandedPolygon| polygon.class)
            .collect();
        classes.sort_unstable();
        classes.dedup();
        for polygon in &mut polygons {
            polygon.class = classes.partition_point(|&class| class < polygon.class);
        }
        let boxes: Vec<Bounds> = polygons.iter().map(|polygon| polygon.bounds).collect();
        Self {
            tree: Tree::new(&boxes),
            polygons,
            classes,
        }
    }

    /// Lays every feature over the zones, in the order given.
    pub fn overlay<S: Surface>(&self, features: &[S]) -> Vec<FeatureZones> {
        features
            .par_iter()
            .with_min_len(64)
            .map_init(Slabs::default, |slabs, feature| self.overlay_one(feature, slabs))
            .collect()
    }

    fn overlay_one<S: Surface>(&self, feature: &S, slabs: &mut Slabs) -> FeatureZones {
        let Some(rect) = surface::bounds(feature) else {
            return FeatureZones::default();
        };
        let area = surface::area(feature);
        let bounds = Bounds::from(rect);
        slabs.start(&bounds);
        self.tree
            .search(&bounds, |zone| self.polygons[zone as usize].clip_into(slabs));
        if area <= 0.0 || !slabs.meets_zones() {
            return FeatureZones {
                area,
                classes: Vec::new(),
            };
        }
        let smallest = surface::perimeter(feature) * resolution(&bounds);
        let covered = slabs.areas(feature, area);
        let classes = covered
            .iter()
            .filter(|&&(_, covered)| covered > smallest)
            .map(|&(class, covered)| ClassArea {
                class: self.classes[class],
                area: covered.min(area),
                share: (covered / area).min(1.0),
            })
            .collect();
        FeatureZones { area, classes }
    }
}

/// The width below which coordinates of this size cannot tell overlapping from touching.
fn resolution(bounds: &Bounds) -> f64 {
    let largest = [bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y]
        .into_iter()
        .fold(0.0, |m: f64, v| m.max(v.abs()));
    4.0 * f64::EPSILON * largest
}
