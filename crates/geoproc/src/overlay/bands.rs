//! A zone's edges sorted into horizontal bands, so that those beside a feature are found without reading the others.

use geo::{Coord, Polygon};

use super::slabs::Slabs;
use crate::index::Bounds;
use crate::surface;

/// An edge that runs upwards; horizontal edges bound no area between two heights and are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) x0: f64,
    pub(super) y0: f64,
    pub(super) x1: f64,
    pub(super) y1: f64,
    /// What crossing the edge from west to east adds to the winding number: 1 into the polygon, −1 out of it.
    pub(super) change: i32,
}

impl Edge {
    /// The edge seen from another origin.
    pub(super) fn moved(&self, origin: Coord<f64>) -> Self {
        let Self {
            x0,
            y0,
            x1,
            y1,
            change,
        } = *self;
        Self {
            x0: x0 - origin.x,
            y0: y0 - origin.y,
            x1: x1 - origin.x,
            y1: y1 - origin.y,
            change,
        }
    }

    /// The height at which the edge, not vertical, comes to `x`.
    pub(super) fn y_at(&self, x: f64) -> f64 {
        let share = (x - self.x0) / (self.x1 - self.x0);
        (self.y0 + (self.y1 - self.y0) * share).clamp(self.y0, self.y1)
    }

    /// X at a height within the edge.
    pub(super) fn x_at(&self, y: f64) -> f64 {
        if y <= self.y0 {
            self.x0
        } else if y >= self.y1 {
            self.x1
        } else {
            self.x0 + (self.x1 - self.x0) * ((y - self.y0) / (self.y1 - self.y0))
        }
    }
}

/// The edges of a polygon, horizontal ones left out.
pub(super) fn edges_of(polygon: &Polygon<f64>) -> impl Iterator<Item = Edge> {
    surface::signed_rings(polygon).flat_map(|(ring, sign)| {
        surface::edges(ring).filter_map(move |(a, b)| {
            // The inside is on the left of an anticlockwise shell: where it runs down, the inside lies to the east.
            let sign = if sign > 0.0 { 1 } else { -1 };
            if a.y < b.y {
                Some(Edge {
                    x0: a.x,
                    y0: a.y,
                    x1: b.x,
                    y1: b.y,
                    change: -sign,
                })
            } else if b.y < a.y {
                Some(Edge {
                    x0: b.x,
                    y0: b.y,
                    x1: a.x,
                    y1: a.y,
                    change: sign,
                })
            } else {
                None
            }
        })
    })
}

/// One polygon of a zone.
#[derive(Debug, Clone)]
pub(super) struct BandedPolygon {
    pub(super) bounds: Bounds,
    pub(super) class: usize,
    edges: Vec<Edge>,
    per_unit: f64,
    /// The edges that meet band `b` are `members[starts[b]..starts[b + 1]]`.
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl BandedPolygon {
    /// `None` for a polygon without an area.
    pub(super) fn new(polygon: &Polygon<f64>, class: usize) -> Option<Self> {
        let bounds = Bounds::from(surface::bounds(polygon)?);
        let edges: Vec<Edge> = edges_of(polygon).collect();
        let height = bounds.max.y - bounds.min.y;
        let climbed: f64 = edges.iter().map(|e| e.y1 - e.y0).sum();
        // Bands about as high as an edge: an edge then meets two or three of them.
        let bands = (height / (climbed / edges.len() as f64)).clamp(1.0, edges.len() as f64) as usize;
        let per_unit = bands as f64 / height;
        let mut banded = Self {
            bounds,
            class,
            edges,
            per_unit,
            starts: vec![0; bands + 1],
            members: Vec::new(),
        };
        for at in 0..banded.edges.len() {
            for band in banded.bands(banded.edges[at].y0, banded.edges[at].y1) {
                banded.starts[band + 1] += 1;
            }
        }
        for band in 0..bands {
            banded.starts[band + 1] += banded.starts[band];
        }
        let mut next = banded.starts.clone();
        banded.members = vec![0; banded.starts[bands] as usize];
        for at in 0..banded.edges.len() {
            for band in banded.bands(banded.edges[at].y0, banded.edges[at].y1) {
                banded.members[next[band] as usize] = at as u32;
                next[band] += 1;
            }
        }
        Some(banded)
    }

    fn band(&self, y: f64) -> usize {
        (((y - self.bounds.min.y) * self.per_unit) as usize).min(self.starts.len() - 2)
    }

    fn bands(&self, from: f64, to: f64) -> std::ops::RangeInclusive<usize> {
        self.band(from)..=self.band(to)
    }

    /// Hands the edges beside or within the window of `slabs` to it.
    pub(super) fn clip_into(&self, slabs: &mut Slabs) {
        let window = slabs.bounds();
        slabs.add_zone(self.class);
        let bands = self.bands(window.min.y, window.max.y);
        let first = *bands.start();
        for band in bands {
            for &at in &self.members[self.starts[band] as usize..self.starts[band + 1] as usize] {
                let edge = &self.edges[at as usize];
                // An edge that meets several bands counts in the first of those asked for.
                if edge.x0.min(edge.x1) < window.max.x && self.band(edge.y0).max(first) == band {
                    slabs.add_zone_edge(edge);
                }
            }
        }
    }
}
