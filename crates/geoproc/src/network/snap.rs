//! Where a place meets the network: the nearest point of the nearest road.

use geo::Coord;
use rayon::prelude::*;

use super::{Mode, Network};
use crate::index::{Bounds, Tree};
use crate::surface::is_usable;

/// A place and the nearest point of its nearest road.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    /// The place.
    pub place: Coord<f64>,
    /// The nearest point of the road.
    pub point: Coord<f64>,
    /// Straight from one to the other, in metres.
    pub distance: f64,
    /// The edge.
    pub edge: u32,
    /// How far along the edge the point lies, in metres from its first vertex; exactly 0 or the edge's length where
    /// the point is a node.
    pub along: f64,
}

/// A segment of an edge.
#[derive(Debug, Clone, Copy)]
struct Segment {
    a: Coord<f64>,
    b: Coord<f64>,
    edge: u32,
    /// Which of the edge's segments it is.
    at: u32,
}

/// Finds the nearest road that a mode may use.
#[derive(Debug)]
pub struct Snapper<'a> {
    network: &'a Network,
    tree: Tree,
    segments: Vec<Segment>,
}

impl<'a> Snapper<'a> {
    /// An index of all segments that `mode` may use, one way at least.
    pub fn new(network: &'a Network, mode: Mode) -> Self {
        let mut segments = Vec::new();
        for edge in 0..network.edges.len() as u32 {
            if let (None, None) = network.pace(edge, mode) {
                continue;
            }
            let shape = network.shape(edge).windows(2).enumerate();
            segments.extend(shape.map(|(at, w)| Segment {
                a: w[0],
                b: w[1],
                edge,
                at: at as u32,
            }));
        }
        let boxes: Vec<Bounds> = segments.iter().map(|s| Bounds::of(s.a, s.b)).collect();
        Self {
            network,
            tree: Tree::new(&boxes),
            segments,
        }
    }

    /// The nearest point of the nearest road, `None` if none lies within `max_distance` metres. Of several at the same
    /// distance, the edge that comes first in the network.
    pub fn snap(&self, place: Coord<f64>, max_distance: f64) -> Option<Snap> {
        if !(is_usable(place) && max_distance >= 0.0) {
            return None;
        }
        let squared_distance = |item: u32| {
            let segment = &self.segments[item as usize];
            let (_, point) = nearest_on(segment.a, segment.b, place);
            (point.x - place.x).powi(2) + (point.y - place.y).powi(2)
        };
        let (item, _) = self
            .tree
            .nearest(place, max_distance * max_distance, squared_distance)?;
        let Segment { a, b, edge, at } = self.segments[item as usize];
        let (share, point) = nearest_on(a, b, place);
        let along = &self.network.distances_along(edge)[at as usize..=at as usize + 1];
        // The ends must be met exactly: a point on a node is at the node, whatever becomes of the edge.
        let along = if share >= 1.0 {
            along[1]
        } else {
            along[0] + share * (along[1] - along[0])
        };
        let distance = (point.x - place.x).hypot(point.y - place.y);
        Some(Snap {
            place,
            point,
            distance,
            edge,
            along,
        })
    }

    /// Snaps many places at once; a place that is `None` (an empty geometry) is nowhere.
    pub fn snap_all(&self, places: &[Option<Coord<f64>>], max_distance: f64) -> Vec<Option<Snap>> {
        places
            .par_iter()
            .with_min_len(256)
            .map(|place| self.snap((*place)?, max_distance))
            .collect()
    }
}

/// The point of the segment `ab` nearest to `p`, and how far along the segment it lies, 0 to 1.
fn nearest_on(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> (f64, Coord<f64>) {
    let d = b - a;
    let share = ((p.x - a.x) * d.x + (p.y - a.y) * d.y) / (d.x * d.x + d.y * d.y);
    // Segments have a length, but its square may underflow.
    if share.is_nan() || share <= 0.0 {
        (0.0, a)
    } else if share >= 1.0 {
        (1.0, b)
    } else {
        (share, a + d * share)
    }
}
