//! The fabric of the city: how dense it is where, its streets, and its blocks with the sangkat each lies in.

use std::collections::HashSet;

use geo::{BoundingRect, Coord, Rect};

use crate::blocks::{Block, Line, Place, cut};
use crate::draw::noise;
use crate::facts::{Facts, metres};
use crate::model::{Boundary, CityError, Level, Road, RoadClass, Surface};
use crate::planar::{Key, key, plane};
use crate::shape::{distance, in_polygon, ring_centroid};

/// Finds the sangkat of a point.
pub(crate) struct Sangkats<'a> {
    sangkats: Vec<(Rect<f64>, &'a Boundary)>,
}

impl<'a> Sangkats<'a> {
    pub(crate) fn new(boundaries: &'a [Boundary]) -> Self {
        let sangkats = boundaries
            .iter()
            .filter(|boundary| boundary.level == Level::Sangkat);
        Self {
            sangkats: sangkats
                .filter_map(|b| Some((b.geometry.bounding_rect()?, b)))
                .collect(),
        }
    }

    /// Index of the sangkat of a point, trying a guess first.
    pub(crate) fn find(&self, p: Coord<f64>, guess: Option<usize>) -> Option<usize> {
        let holds = |index: usize| {
            let (rect, boundary) = &self.sangkats[index];
            (rect.min().x..=rect.max().x).contains(&p.x)
                && (rect.min().y..=rect.max().y).contains(&p.y)
                && boundary.geometry.0.iter().any(|polygon| in_polygon(polygon, p))
        };
        guess
            .filter(|&index| holds(index))
            .or_else(|| (0..self.sangkats.len()).find(|&index| holds(index)))
    }

    /// The boundary behind an index.
    pub(crate) fn get(&self, index: usize) -> &'a Boundary {
        self.sangkats[index].1
    }
}

/// How dense the city is: blocks and plots grow with the distance from the centre, and the more parcels are asked for,
/// the further the dense city reaches.
pub(crate) struct Density<'a> {
    seed: u64,
    centre: Coord<f64>,
    /// Distance in metres at which blocks are four times as large as in the centre.
    pub reach_m: f64,
    relocations: Vec<(Coord<f64>, f64)>,
    sangkats: &'a Sangkats<'a>,
}

impl<'a> Density<'a> {
    pub(crate) fn new(facts: &Facts, parcels: usize, seed: u64, sangkats: &'a Sangkats<'a>) -> Self {
        let size = (parcels as f64 / 30_000.0).sqrt().sqrt().max(0.4);
        let relocations = facts.skeleton.relocation.iter();
        Self {
            seed,
            centre: facts.centre(),
            reach_m: 3_300.0 * size,
            relocations: relocations
                .map(|r| (metres(r.centre), r.radius * 1000.0))
                .collect(),
            sangkats,
        }
    }

    /// Whether a point lies in an area to which families were moved before.
    pub(crate) fn relocation(&self, at: Coord<f64>) -> bool {
        self.relocations
            .iter()
            .any(|&(centre, radius)| distance(centre, at) < radius)
    }

    /// Distance to the centre in metres.
    pub(crate) fn centre_distance(&self, at: Coord<f64>) -> f64 {
        distance(self.centre, at)
    }

    /// How urban a place is: about 1 in the centre, falling towards 0, with denser and thinner quarters.
    pub(crate) fn urban(&self, at: Coord<f64>) -> f64 {
        let d = self.centre_distance(at) / self.reach_m;
        let quarter = 0.22 * noise(self.seed ^ 0x51, at.x, at.y, 900.0)
            + 0.14 * noise(self.seed ^ 0x52, at.x, at.y, 2600.0);
        (1.0 + quarter) / (1.0 + d * d)
    }
}

impl Place for Density<'_> {
    fn block_m2(&self, outline: &[Coord<f64>], area: f64) -> Option<f64> {
        let at = ring_centroid(outline);
        if self.relocation(at) {
            return Some(24_000.0);
        }
        // A large face may reach into the municipality although its middle does not.
        let outside = |c: Coord<f64>| self.sangkats.find(c, None).is_none();
        if outside(at) && (area < 1_500_000.0 || outline.iter().all(|&c| outside(c))) {
            return None;
        }
        let d = self.centre_distance(at) / self.reach_m;
        let growth = 1.0 + d * d;
        let quarter = 1.0 + 0.35 * noise(self.seed ^ 0x53, at.x, at.y, 1500.0);
        Some((5_500.0 * growth * growth * quarter).min(420_000.0))
    }
}

/// Streets and blocks of the whole city.
pub(crate) struct Fabric {
    /// Main roads first, in the order of the skeleton.
    pub lines: Vec<Line>,
    pub blocks: Vec<Block>,
}

/// Lays out the streets.
pub(crate) fn generate(facts: &Facts, density: &Density<'_>, seed: u64) -> Result<Fabric, CityError> {
    let plane = plane(facts)?;
    let mut lines = Vec::new();
    for (road, points) in facts.skeleton.road.iter().zip(plane.courses) {
        let class = RoadClass::ALL
            .iter()
            .copied()
            .find(|class| class.as_str() == road.class);
        let class =
            class.ok_or_else(|| CityError::Facts(format!("skeleton.toml: unknown class {}", road.class)))?;
        let reserve_m = match class {
            RoadClass::Motorway | RoadClass::Trunk => 34.0,
            RoadClass::Primary => 30.0,
            RoadClass::Secondary => 24.0,
            _ => 18.0,
        };
        let name = Some(road.name.clone());
        let surface = Surface::Asphalt;
        lines.push(Line {
            name,
            class,
            surface,
            oneway: road.oneway,
            reserve_m,
            points,
            junctions: vec![],
        });
    }
    let mut blocks = Vec::new();
    for (index, face) in plane.faces.into_iter().enumerate() {
        blocks.extend(cut(face, density, &mut lines, seed, index as u64));
    }
    Ok(Fabric { lines, blocks })
}

/// The blocks with room to build that have a corner on one of the roads.
pub(crate) fn served(blocks: Vec<Block>, roads: &[Road]) -> Vec<Block> {
    let vertices: HashSet<Key> = roads
        .iter()
        .flat_map(|road| &road.geometry.0)
        .map(|&c| key(c))
        .collect();
    let reached = |block: &Block| block.sides.iter().any(|side| vertices.contains(&key(side.at)));
    blocks
        .into_iter()
        .filter(|block| block.inner.len() >= 3 && reached(block))
        .collect()
}
