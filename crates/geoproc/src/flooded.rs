//! Which roads a flood cuts: the depth along every edge, cell by cell.
//!
//! A segment is divided exactly where it crosses from one cell to the next; an edge is as deep as the deepest cell in
//! which it has any length. A corner that is merely touched does not count.

use geo::Coord;
use rayon::prelude::*;

use crate::exposure::ExposureError;
use crate::grid::{Grid, Raster, Window};
use crate::index::Bounds;
use crate::network::{EdgeSet, Network};
use crate::tiles::{Bins, Tiling, for_each_tile};

/// How deep an edge lies under water.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeDepth {
    /// The deepest known water along it; `None` where nothing is known.
    pub max: Option<f32>,
    /// Share of its length over cells with a known depth, 0 to 1.
    pub known_share: f64,
}

/// Depth along every edge, in the order of the edges. What lies beyond the raster is unknown.
pub fn edge_depths(network: &Network, raster: &dyn Raster) -> Result<Vec<EdgeDepth>, ExposureError> {
    let grid = raster.grid();
    grid.check()
        .map_err(|cause| ExposureError::Grid { raster: 0, cause })?;
    let edges = network.edges();
    let windows: Vec<Option<Window>> = (0..edges.len() as u32)
        .into_par_iter()
        .map(|edge| {
            let shape = network.shape(edge);
            let bounds = shape.iter().map(|&c| Bounds::of(c, c)).reduce(Bounds::union)?;
            grid.window_of(geo::Rect::new(bounds.min, bounds.max))
        })
        .collect();
    let tiling = Tiling::new(grid, std::iter::once(raster.block_size()));
    let bins = Bins::new(&tiling, &windows);
    let mut depths = vec![(f32::NEG_INFINITY, 0.0); edges.len()];
    let in_tile = |items: &[u32], tile: Window, read: Window, values: &[Vec<f32>]| {
        let measure = |&edge: &u32| {
            let (mut max, mut known) = (f32::NEG_INFINITY, 0.0);
            for w in network.shape(edge).windows(2) {
                along_cells(&grid, tile, w[0], w[1], |row, column, metres| {
                    let value = values[0][(row - read.row) * read.columns + column - read.column];
                    if value.is_finite() {
                        max = max.max(value);
                        known += metres;
                    }
                });
            }
            (edge, max, known)
        };
        items.iter().map(measure).collect::<Vec<_>>()
    };
    for_each_tile(&tiling, &bins, &windows, &[(0, raster)], in_tile, |results| {
        for (edge, max, known) in results {
            let depth = &mut depths[edge as usize];
            depth.0 = depth.0.max(max);
            depth.1 += known;
        }
    })?;
    let depth = |(edge, &(max, known)): (&crate::network::Edge, &(f32, f64))| {
        let share = known / edge.length;
        EdgeDepth {
            max: max.is_finite().then_some(max),
            known_share: if share >= 1.0 - 1e-9 { 1.0 } else { share },
        }
    };
    Ok(edges.iter().zip(&depths).map(depth).collect())
}

/// The edges deeper than a limit, to be closed. An edge of unknown depth stays open: what is unknown is told by
/// [`EdgeDepth::known_share`], not guessed.
pub fn deeper_than(depths: &[EdgeDepth], limit: f64) -> EdgeSet {
    let deeper = |depth: &EdgeDepth| depth.max.is_some_and(|max| max > limit as f32);
    depths
        .iter()
        .enumerate()
        .filter(|(_, depth)| deeper(depth))
        .map(|(edge, _)| edge as u32)
        .collect()
}

/// Calls `visit(row, column, metres)` for every cell of `tile` in which the segment `ab` has a length.
fn along_cells(
    grid: &Grid,
    tile: Window,
    a: Coord<f64>,
    b: Coord<f64>,
    mut visit: impl FnMut(usize, usize, f64),
) {
    let length = (b.x - a.x).hypot(b.y - a.y);
    let (ax, ay) = (grid.column_at(a.x), grid.row_at(a.y));
    let (dx, dy) = (grid.column_at(b.x) - ax, grid.row_at(b.y) - ay);
    // The part of the segment, as shares of it, that lies between two lines.
    let clip = |from: f64, step: f64, low: f64, high: f64| {
        if step == 0.0 {
            return if low <= from && from <= high {
                (0.0, 1.0)
            } else {
                (1.0, 0.0)
            };
        }
        let (s, t) = ((low - from) / step, (high - from) / step);
        (s.min(t), s.max(t))
    };
    let columns = clip(ax, dx, tile.column as f64, (tile.column + tile.columns) as f64);
    let rows = clip(ay, dy, tile.row as f64, (tile.row + tile.rows) as f64);
    let (start, end) = (columns.0.max(rows.0).max(0.0), columns.1.min(rows.1).min(1.0));
    let mut at = start;
    while at < end {
        // The next line between cells after `at`, in either direction.
        let next = |from: f64, step: f64| {
            let place = from + at * step;
            let mut line = if step > 0.0 {
                place.floor() + 1.0
            } else {
                place.ceil() - 1.0
            };
            loop {
                let share = (line - from) / step;
                if step == 0.0 || share > at || !share.is_finite() {
                    return if step == 0.0 { f64::INFINITY } else { share };
                }
                line += step.signum();
            }
        };
        let to = next(ax, dx).min(next(ay, dy)).min(end);
        if to <= at {
            break;
        }
        let middle = f64::midpoint(at, to);
        let cell = |place: f64, first: usize, count: usize| {
            (place.floor().max(0.0) as usize).clamp(first, first + count - 1)
        };
        let column = cell(ax + middle * dx, tile.column, tile.columns);
        let row = cell(ay + middle * dy, tile.row, tile.rows);
        let metres = (to - at) * length;
        // Shorter than rounding is touching, not crossing.
        if (to - at) * (dx.abs() + dy.abs()) > 1e-9 {
            visit(row, column, metres);
        }
        at = to;
    }
}
