//! Finds what lies near a place: water and railways, which streets and plots must keep clear of.

use std::collections::HashMap;

use geo::{BoundingRect, Coord, Polygon, Rect};

use crate::model::{Rail, Water};
use crate::shape::{crossing, in_polygon, in_ring, segment_distance};

/// Side of a bucket in metres.
const BUCKET_M: f64 = 150.0;

/// Banks and rails by bucket, and the surfaces of the waters.
pub(crate) struct Obstacles {
    segments: Vec<(Coord<f64>, Coord<f64>, f64)>,
    buckets: HashMap<(i32, i32), Vec<u32>>,
    waters: Vec<(Rect<f64>, Polygon<f64>)>,
}

impl Obstacles {
    /// Collects the obstacles, each with the clearance in metres that it needs.
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

    /// Whether any bank or rail may be near a ring: quick, and wrong only by saying yes.
    pub(crate) fn maybe_near(&self, ring: &[Coord<f64>]) -> bool {
        buckets(ring, 0.0).any(|bucket| self.buckets.contains_key(&bucket))
    }

    /// Whether an open or closed line comes nearer to a bank or rail than its clearance.
    pub(crate) fn near(&self, ring: &[Coord<f64>]) -> bool {
        buckets(ring, 0.0).any(|bucket| {
            self.buckets.get(&bucket).is_some_and(|list| {
                list.iter().any(|&index| {
                    let (a, b, clearance) = self.segments[index as usize];
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

fn buckets(points: &[Coord<f64>], margin: f64) -> impl Iterator<Item = (i32, i32)> + use<> {
    let fold = |value: fn(&Coord<f64>) -> f64| {
        points
            .iter()
            .map(value)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            })
    };
    let ((west, east), (south, north)) = (fold(|c| c.x), fold(|c| c.y));
    let bucket = |v: f64| (v / BUCKET_M).floor() as i32;
    let (south, north) = (bucket(south - margin), bucket(north + margin));
    (bucket(west - margin)..=bucket(east + margin)).flat_map(move |i| (south..=north).map(move |j| (i, j)))
}
