//! The parcel fabric: exactly as many parcels as asked for, finest where the city is densest.

use geo::Coord;

use crate::blocks::Block;
use crate::draw::{Draw, Part};
use crate::fabric::Density;
use crate::model::CityError;
use crate::near::Obstacles;
use crate::plots::{Grain, Plot, divide};
use crate::shape::{in_polygon, ring_area, ring_centroid};

/// A block with its plots.
pub(crate) struct Quarter {
    /// Number of the block: the item of its draws.
    pub item: u64,
    pub grain: Grain,
    pub relocation: bool,
    pub centre: Coord<f64>,
    pub plots: Vec<Plot>,
}

/// What is known of a block before it is divided.
struct Site<'a> {
    item: u64,
    block: &'a Block,
    centre: Coord<f64>,
    area: f64,
    urban: f64,
    /// A draw between 0 and 1.
    chance: f64,
    relocation: bool,
}

/// Divides the blocks into exactly `wanted` plots.
pub(crate) fn generate(
    blocks: &[Block],
    wanted: usize,
    density: &Density<'_>,
    obstacles: &Obstacles,
    reserves: &Obstacles,
    filled: &geo::Polygon<f64>,
    seed: u64,
) -> Result<Vec<Quarter>, CityError> {
    let sites: Vec<Site<'_>> = blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            let centre = ring_centroid(&block.inner);
            let mut draw = Draw::new(seed, Part::Fabric, index as u64);
            Site {
                item: index as u64,
                block,
                centre,
                area: ring_area(&block.inner),
                // The filled lake is sold in large lots.
                urban: if in_polygon(filled, centre) { 0.5 } else { 1.0 }
                    * density.urban(centre)
                    * draw.between(0.9, 1.1),
                chance: draw.unit(),
                relocation: density.relocation(centre),
            }
        })
        .collect();
    // Water and ragged outlines take their share; divide more finely until there is room for all.
    let mut room = 0;
    for step in 0..14 {
        let target = wanted as f64 * (1.06 + 0.12 * f64::from(step));
        let finest = threshold(&sites, target);
        let quarters: Vec<Quarter> = sites
            .iter()
            .map(|site| divided(site, finest, obstacles, reserves, seed))
            .collect();
        room = room.max(quarters.iter().map(|quarter| quarter.plots.len()).sum());
        if let Some(quarters) = exactly(quarters, wanted, seed) {
            return Ok(quarters);
        }
    }
    Err(CityError::Room { asked: wanted, room })
}

/// How finely a block is divided if the blocks at least as urban as `finest` hold shophouses.
fn grain(site: &Site<'_>, finest: f64) -> Grain {
    if site.relocation {
        return Grain::Compound;
    }
    match site.urban / finest {
        share if share > 1.0 => Grain::Shophouse,
        share if share > 0.86 => Grain::Villa,
        share if share > 0.55 => Grain::Compound,
        share if share > 0.27 => Grain::Estate,
        _ => Grain::Field,
    }
}

/// Most fields are in no cadastre.
fn recorded(site: &Site<'_>, grain: Grain) -> bool {
    grain != Grain::Field || site.chance < 0.35
}

/// The urbanity from which on blocks hold shophouses, so that about `target` plots come out.
fn threshold(sites: &[Site<'_>], target: f64) -> f64 {
    let (mut low, mut high) = (0.001, 4.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        let plots = sites
            .iter()
            .map(|site| (site, grain(site, middle)))
            .filter(|&(site, grain)| recorded(site, grain));
        let plots: f64 = plots
            .map(|(site, grain)| (site.area / grain.usual_m2()).max(0.6))
            .sum();
        if plots > target {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn divided(site: &Site<'_>, finest: f64, obstacles: &Obstacles, reserves: &Obstacles, seed: u64) -> Quarter {
    let grain = grain(site, finest);
    let mut draw = Draw::new(seed, Part::Fabric, (1 << 32) | site.item);
    let mut plots = if recorded(site, grain) {
        divide(&site.block.inner, grain, &mut draw)
    } else {
        vec![]
    };
    let outline: Vec<_> = site.block.sides.iter().map(|side| side.at).collect();
    let water_near = obstacles.maybe_near(&outline);
    if !water_near && obstacles.in_water(site.centre) {
        plots.clear();
    }
    plots.retain(|plot| {
        let mut ring = plot.ring.clone();
        ring.push(ring[0]);
        // A road may pass close by without touching the block: where two streets meet at a narrow angle.
        let wet = water_near && (obstacles.near(&ring) || obstacles.in_water(ring[0]));
        !wet && !reserves.near(&ring)
    });
    Quarter {
        item: site.item,
        grain,
        relocation: site.relocation,
        centre: site.centre,
        plots,
    }
}

/// Drops whole blocks at random, and the end of one, until exactly `wanted` plots are left; none if there are too few.
fn exactly(mut quarters: Vec<Quarter>, wanted: usize, seed: u64) -> Option<Vec<Quarter>> {
    let total: usize = quarters.iter().map(|quarter| quarter.plots.len()).sum();
    let mut surplus = total.checked_sub(wanted)?;
    let mut order: Vec<(u64, usize)> = Vec::with_capacity(quarters.len());
    for (index, quarter) in quarters.iter().enumerate() {
        let draw = Draw::new(seed, Part::Fabric, (2 << 32) | quarter.item).unit();
        // Fields go first, the old town and the relocation areas (what planners compare with) last.
        let kept = if quarter.relocation {
            2
        } else {
            u64::from(quarter.grain < Grain::Estate)
        };
        order.push((kept * 2_000_000_000 + (draw * 1e9) as u64, index));
    }
    order.sort_unstable();
    for (_, index) in order {
        let plots = &mut quarters[index].plots;
        let gone = surplus.min(plots.len());
        plots.truncate(plots.len() - gone);
        surplus -= gone;
    }
    quarters.retain(|quarter| !quarter.plots.is_empty());
    Some(quarters)
}
