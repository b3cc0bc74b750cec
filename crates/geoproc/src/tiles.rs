//! Cutting a grid into tiles along the blocks of its files, so that each block is read once and memory stays bounded.

use rayon::prelude::*;

use crate::grid::{Grid, Raster, ReadError, Window};

/// The least number of cells along a tile's side, unless the grid is smaller.
const TILE_SIDE: usize = 256;

/// A grid cut into tiles whose edges lie on block edges.
pub(crate) struct Tiling {
    grid: Grid,
    block: (usize, usize),
    /// Columns and rows of a tile.
    side: (usize, usize),
    across: usize,
    down: usize,
}

/// Why a window could not be read.
#[derive(Debug, thiserror::Error)]
#[error("raster {raster}: cells from row {row}, column {column} cannot be read; check or fetch the file again", row = window.row, column = window.column)]
pub struct RasterReadError {
    /// Index of the raster among those handed in.
    pub raster: usize,
    /// The cells asked for.
    pub window: Window,
    /// What the reader said.
    #[source]
    pub cause: ReadError,
}

impl Tiling {
    /// Tiles for rasters that share a grid; `blocks` are the block sizes of their files.
    pub(crate) fn new(grid: Grid, blocks: impl Iterator<Item = (usize, usize)>) -> Self {
        let block = blocks.fold((1, 1), |(c, r), (columns, rows)| (c.max(columns), r.max(rows)));
        let block = (block.0.min(grid.columns.max(1)), block.1.min(grid.rows.max(1)));
        let columns = TILE_SIDE.next_multiple_of(block.0);
        // Files stored in strips have blocks as wide as the grid: a tile is then a few of them, not 256.
        let rows = (TILE_SIDE * TILE_SIDE / columns)
            .clamp(1, TILE_SIDE)
            .next_multiple_of(block.1);
        let (across, down) = (grid.columns.div_ceil(columns), grid.rows.div_ceil(rows));
        Self {
            grid,
            block,
            side: (columns, rows),
            across,
            down,
        }
    }

    /// Number of tiles.
    pub(crate) fn count(&self) -> usize {
        self.across * self.down
    }

    /// The cells of a tile.
    pub(crate) fn window(&self, tile: usize) -> Window {
        let (row, column) = (tile / self.across * self.side.1, tile % self.across * self.side.0);
        let rows = self.side.1.min(self.grid.rows - row);
        Window {
            row,
            column,
            rows,
            columns: self.side.0.min(self.grid.columns - column),
        }
    }

    /// The tiles that a window touches.
    pub(crate) fn tiles_of(&self, window: Window) -> impl Iterator<Item = usize> + use<> {
        let columns = window.column / self.side.0..=(window.column + window.columns - 1) / self.side.0;
        let rows = window.row / self.side.1..=(window.row + window.rows - 1) / self.side.1;
        let across = self.across;
        rows.flat_map(move |row| columns.clone().map(move |column| row * across + column))
    }

    /// The whole blocks that hold `window`.
    pub(crate) fn snap_to_blocks(&self, window: Window) -> Window {
        let snap = |first: usize, count: usize, block: usize, limit: usize| {
            let start = first / block * block;
            (start, (first + count).next_multiple_of(block).min(limit) - start)
        };
        let (column, columns) = snap(window.column, window.columns, self.block.0, self.grid.columns);
        let (row, rows) = snap(window.row, window.rows, self.block.1, self.grid.rows);
        Window {
            row,
            column,
            rows,
            columns,
        }
    }
}

/// Items sorted by the tiles that they touch: `items[starts[t]..starts[t + 1]]` touch tile `t`, in ascending order.
pub(crate) struct Bins {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Bins {
    /// Sorts items, given by their windows, into tiles. Items without a window are in none.
    pub(crate) fn new(tiling: &Tiling, windows: &[Option<Window>]) -> Self {
        let mut starts = vec![0; tiling.count() + 1];
        for tile in windows.iter().flatten().flat_map(|&w| tiling.tiles_of(w)) {
            starts[tile + 1] += 1;
        }
        for tile in 0..tiling.count() {
            starts[tile + 1] += starts[tile];
        }
        let mut next = starts.clone();
        let mut items = vec![0; starts[tiling.count()]];
        for (item, window) in windows.iter().enumerate() {
            for tile in window.iter().flat_map(|&w| tiling.tiles_of(w)) {
                items[next[tile]] = item as u32;
                next[tile] += 1;
            }
        }
        Self { starts, items }
    }

    /// The items that touch a tile.
    pub(crate) fn of(&self, tile: usize) -> &[u32] {
        &self.items[self.starts[tile]..self.starts[tile + 1]]
    }
}

/// Runs `work` on every tile that has items, many at a time, and hands the results to `merge` in the order of the
/// tiles, so that sums do not depend on the number of threads. `work` gets the tile, the window that was read, and
/// one buffer of values per raster.
pub(crate) fn for_each_tile<T: Send>(
    tiling: &Tiling,
    bins: &Bins,
    windows: &[Option<Window>],
    rasters: &[(usize, &dyn Raster)],
    work: impl Fn(&[u32], Window, Window, &[Vec<f32>]) -> T + Sync,
    mut merge: impl FnMut(T),
) -> Result<(), RasterReadError> {
    let busy: Vec<usize> = (0..tiling.count())
        .filter(|&tile| !bins.of(tile).is_empty())
        .collect();
    // So many at a time that no thread idles for long, and results do not pile up.
    for batch in busy.chunks(16 * rayon::current_num_threads()) {
        let results: Vec<Result<T, RasterReadError>> = batch
            .par_iter()
            .map_init(
                || vec![Vec::new(); rasters.len()],
                |buffers, &tile| {
                    let (items, tile) = (bins.of(tile), tiling.window(tile));
                    let needed = items
                        .iter()
                        .filter_map(|&item| windows[item as usize]?.intersection(&tile))
                        .reduce(|a, b| a.union(&b))
                        .unwrap_or(tile);
                    let window = tiling.snap_to_blocks(needed);
                    for (buffer, &(raster, source)) in buffers.iter_mut().zip(rasters) {
                        buffer.resize(window.cells(), f32::NAN);
                        source.read(window, buffer).map_err(|cause| RasterReadError {
                            raster,
                            window,
                            cause,
                        })?;
                    }
                    Ok(work(items, tile, window, buffers))
                },
            )
            .collect();
        for result in results {
            merge(result?);
        }
    }
    Ok(())
}
