//! Finds what lies near a place: water, railways and road reserves, of which streets and plots must keep clear.

use std::collections::HashMap;

use geo::{BoundingRect, Coord, Polygon, Rect};

use crate::model::{Rail, Road, Water};
use crate::shape::{along, crossing, distance, in_polygon, in_ring, segment_distance};

/// Side of a bucket in metres.
const BUCKET_M: f64 = 150.0;

/// Lines to keep clear of by bucket, each with its clearance in metres, and the surfaces of the waters.
pub(crate) struct Obstacles {
    segments: Vec<(Coord<f64>, Coord<f64>, f64)>,
    buckets: HashMap<(i32, i32), Vec<u32>>,
    waters: Vec<(Rect<f64>, Polygon<f64>)>,
}

impl Obstacles {
    /// Banks and rails, with the clearance in metres that each needs.
    pub(crate) fn new(water: &[Water], rail: &[Rail], bank_m: f64, rail_m: f64) -> Self {
        let mut obstacles = Self {
            segments: vec![],
            buckets: HashMap::new(),
            waters: vec![],
        };
        for surface in water.iter().map(|water| &water.geometry) {
            for ring in std::iter::once(surface.exterior()).chain(surface.interiors()) {
                ring.0.windows(2).for_each(|w| obstacles.add(w[0], w[1], bank_m));
            }
            if let Some(rect) = surface.bounding_rect() {
                obstacles.waters.push((rect, surface.clone()));
            }
        }
        for line in rail {
            line.geometry
                .0
                .windows(2)
                .for_each(|w| obstacles.add(w[0], w[1], rail_m));
        }
        obstacles
    }

    /// Road reserves. The last half width at the ends of a road is left out: there the road it ends on decides.
    pub(crate) fn reserves(roads: &[Road]) -> Self {
        let mut obstacles = Self {
            segments: vec![],
            buckets: HashMap::new(),
            waters: vec![],
        };
        for road in roads {
            // Plots stand 5 cm behind the reserves around their own block; this leaves room for rounding.
            let half = road.reserve_m / 2.0 - 0.02;
            let points = &road.geometry.0;
            let last = points.len() - 2;
            for (index, w) in points.windows(2).enumerate() {
                let size = distance(w[0], w[1]);
                let inset = |at_end: bool| if at_end { half / size } else { 0.0 };
                let (from, to) = (inset(index == 0), 1.0 - inset(index == last));
                if from < to {
                    obstacles.add(along(w[0], w[1], from), along(w[0], w[1], to), half);
                }
            }
        }
        obstacles
    }

    fn add(&mut self, a: Coord<f64>, b: Coord<f64>, clearance: f64) {
        let index = self.segments.len() as u32;
        self.segments.push((a, b, clearance));
        for bucket in buckets(&[a, b], clearance) {
            self.buckets.entry(bucket).or_default().push(index);
        }
    }

    /// Whether a point lies in water.
    pub(crate) fn in_water(&self, p: Coord<f64>) -> bool {
        self.waters.iter().any(|(rect, surface)| {
            (rect.min().x..=rect.max().x).contains(&p.x)
                && (rect.min().y..=rect.max().y).contains(&p.y)
                && in_polygon(surface, p)
        })
    }

    /// Whether any of the lines may be near a ring: quick, and wrong only by saying yes.
    pub(crate) fn maybe_near(&self, ring: &[Coord<f64>]) -> bool {
        buckets(ring, 0.0).any(|bucket| self.buckets.contains_key(&bucket))
    }

    /// Whether an open or closed line comes nearer to one of the lines than its clearance, or encloses one.
    pub(crate) fn near(&self, ring: &[Coord<f64>]) -> bool {
        let spans = spans(ring);
        buckets(ring, 0.0).any(|bucket| {
            self.buckets.get(&bucket).is_some_and(|list| {
                list.iter().any(|&index| {
                    let (a, b, clearance) = self.segments[index as usize];
                    let reach = |from: f64, to: f64, (low, high): (f64, f64)| {
                        from.min(to) - clearance <= high && from.max(to) + clearance >= low
                    };
                    if !reach(a.x, b.x, spans.0) || !reach(a.y, b.y, spans.1) {
                        return false;
                    }
                    ring.windows(2)
                        .any(|w| segments_near(a, b, w[0], w[1], clearance))
                        || in_ring(ring, a)
                })
            })
        })
    }
}

fn segments_near(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>, d: Coord<f64>, clearance: f64) -> bool {
    crossing(a, b, c, d).is_some()
        || segment_distance(a, b, c) < clearance
        || segment_distance(a, b, d) < clearance
        || segment_distance(c, d, a) < clearance
        || segment_distance(c, d, b) < clearance
}

/// Least and greatest easting, and least and greatest northing.
fn spans(points: &[Coord<f64>]) -> ((f64, f64), (f64, f64)) {
    let span = |value: fn(&Coord<f64>) -> f64| {
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        points
            .iter()
            .map(value)
            .fold(none, |(low, high), v| (low.min(v), high.max(v)))
    };
    (span(|c| c.x), span(|c| c.y))
}

/// The buckets that a box around the points touches.
fn buckets(points: &[Coord<f64>], margin: f64) -> impl Iterator<Item = (i32, i32)> + use<> {
    let ((west, east), (south, north)) = spans(points);
    let bucket = |v: f64| (v / BUCKET_M).floor() as i32;
    let (south, north) = (bucket(south - margin), bucket(north + margin));
    (bucket(west - margin)..=bucket(east + margin)).flat_map(move |i| (south..=north).map(move |j| (i, j)))
}
