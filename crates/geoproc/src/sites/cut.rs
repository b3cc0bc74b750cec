//! Taking out of a shape what must not be built on.

use geo::orient::{Direction, Orient};
use geo::{BooleanOps, Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;

use crate::index::{Bounds, Tree};
use crate::overlay::Zones;
use crate::surface::{self, Surface};

/// Shares of a shape below this are not worth a cut, and above one minus this nothing is left.
const NEGLIGIBLE: f64 = 1e-9;

/// Polygons that must not be built on: water, road reserve, protected land, flood beyond a limit.
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    polygons: Vec<Polygon<f64>>,
    tree: Tree,
    zones: Zones,
}

/// What exclusions leave of a shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// The shape has no area, or a coordinate that is not a number.
    NoArea,
    /// Nothing is left.
    Nothing,
    /// This is left.
    Left(MultiPolygon<f64>),
}

impl Exclusions {
    /// Prepares exclusions; they may overlap each other.
    pub fn new<S: Surface>(exclusions: &[S]) -> Self {
        let polygons: Vec<Polygon<f64>> = exclusions
            .iter()
            .flat_map(Surface::polygons)
            .filter(|polygon| surface::bounds(*polygon).is_some())
            .cloned()
            .collect();
        let boxes: Vec<Bounds> = polygons
            .iter()
            .filter_map(|p| surface::bounds(p).map(Bounds::from))
            .collect();
        let zones = Zones::new(polygons.iter().map(|polygon| (polygon, 0)));
        Self {
            tree: Tree::new(&boxes),
            polygons,
            zones,
        }
    }

    /// What is left of a shape, such as a polygon drawn by hand.
    pub fn cut(&self, shape: &MultiPolygon<f64>) -> Cut {
        self.cut_all(&[shape]).pop().unwrap_or(Cut::NoArea)
    }

    /// What is left of each shape.
    pub fn cut_all(&self, shapes: &[&MultiPolygon<f64>]) -> Vec<Cut> {
        let overlaps = self.zones.overlay(shapes);
        shapes
            .par_iter()
            .zip(overlaps)
            .map(|(shape, overlap)| {
                let excluded = overlap.classes.first().map_or(0.0, |class| class.share);
                if overlap.area <= 0.0 {
                    Cut::NoArea
                } else if excluded >= 1.0 - NEGLIGIBLE {
                    Cut::Nothing
                } else if excluded <= NEGLIGIBLE {
                    Cut::Left(sound(shape))
                } else {
                    self.subtract(sound(shape))
                }
            })
            .collect()
    }

    fn subtract(&self, mut left: MultiPolygon<f64>) -> Cut {
        let Some(bounds) = surface::bounds(&left).map(Bounds::from) else {
            return Cut::Nothing;
        };
        let mut near = Vec::new();
        self.tree.search(&bounds, |polygon| near.push(polygon));
        near.sort_unstable();
        // Only what is near is subtracted: a river's shore is thousands of edges long.
        let window = bounds.grown(1.0);
        for polygon in near {
            left = left.difference(&clip(&self.polygons[polygon as usize], &window));
        }
        left.0.retain(|part| surface::area(part) > 0.0);
        if left.0.is_empty() {
            Cut::Nothing
        } else {
            Cut::Left(left)
        }
    }
}

/// The parts that have an area, since one with a coordinate that is not a number must not spoil the others; with shells
/// anticlockwise and holes clockwise, since a union fills holes that run like their shell.
fn sound(shape: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    let parts = shape.0.iter().filter(|part| surface::area(*part) > 0.0);
    MultiPolygon::new(parts.map(|part| part.orient(Direction::Default)).collect())
}

/// The part of a polygon within a window, ring by ring (Sutherland and Hodgman 1974). Where a ring leaves the window and
/// comes back, the result runs along the window's side, which is outside of anything that is cut.
fn clip(polygon: &Polygon<f64>, window: &Bounds) -> Polygon<f64> {
    let clip = |ring: &LineString<f64>| {
        let mut points = ring.0.clone();
        points = half(&points, |c| c.x - window.min.x);
        points = half(&points, |c| window.max.x - c.x);
        points = half(&points, |c| c.y - window.min.y);
        LineString(half(&points, |c| window.max.y - c.y))
    };
    Polygon::new(
        clip(polygon.exterior()),
        polygon
            .interiors()
            .iter()
            .map(clip)
            .filter(|ring| ring.0.len() > 3)
            .collect(),
    )
}

/// The part of a closed ring where `inside` is not negative.
fn half(ring: &[Coord<f64>], inside: impl Fn(Coord<f64>) -> f64) -> Vec<Coord<f64>> {
    let mut kept = Vec::with_capacity(ring.len() + 4);
    for pair in ring.windows(2) {
        let (from, to) = (inside(pair[0]), inside(pair[1]));
        if from >= 0.0 {
            kept.push(pair[0]);
        }
        if (from < 0.0) != (to < 0.0) {
            kept.push(pair[0] + (pair[1] - pair[0]) * (from / (from - to)));
        }
    }
    if let Some(&first) = kept.first() {
        kept.push(first);
    }
    kept
}
