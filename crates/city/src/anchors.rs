//! Places in the fabric at which something can stand: one per block that a road serves.

use geo::Coord;

use crate::blocks::Block;
use crate::draw::Draw;
use crate::fabric::{Density, Sangkats};
use crate::near::Obstacles;
use crate::shape::{along, ring_area, ring_centroid};

/// A block as a place to build.
pub(crate) struct Anchor<'a> {
    pub block: &'a Block,
    pub at: Coord<f64>,
    pub sangkat: Option<usize>,
    /// About how many people live there, on no particular scale.
    pub people: f64,
    /// How urban the place is.
    pub urban: f64,
}

impl Anchor<'_> {
    /// A point of the block, off its streets and towards one of its corners.
    pub(crate) fn point(&self, draw: &mut Draw) -> Coord<f64> {
        along(self.at, *draw.pick(&self.block.inner), draw.between(0.1, 0.8))
    }
}

/// The anchors of the blocks that lie dry.
pub(crate) fn generate<'a>(
    blocks: &'a [Block],
    density: &Density<'_>,
    sangkats: &Sangkats<'_>,
    obstacles: &Obstacles,
) -> Vec<Anchor<'a>> {
    blocks
        .iter()
        .map(|block| (block, ring_centroid(&block.inner), ring_area(&block.inner)))
        .filter(|&(_, at, area)| area > 400.0 && !obstacles.in_water(at))
        .map(|(block, at, area)| {
            let urban = density.urban(at);
            let relocation = if density.relocation(at) { 0.02 } else { 0.0 };
            let people = (urban * urban * urban + relocation) * area;
            Anchor {
                block,
                at,
                sangkat: sangkats.find(at, None),
                people,
                urban,
            }
        })
        .collect()
}
