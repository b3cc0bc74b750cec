//! Land under deeper water than a limit, as polygons to be cut out of sites.

use geo::{Coord, MultiPolygon, Polygon, Rect};
use rayon::prelude::*;

use crate::exposure::ExposureError;
use crate::grid::{Grid, Raster, Window};
use crate::surface;
use crate::tiles::{Bins, Tiling, for_each_tile};

/// Cells along a rectangle's side at the most: whoever moves its corners to another CRS moves straight sides, which a
/// long one would not stay.
const LONGEST: usize = 32;

/// The cells near any of `shapes` whose known depth is more than `limit` (compared as `f32`, the precision of the cells), joined into rectangles that do not overlap.
/// Shapes and result are in the raster's CRS. What is unknown is not deep: an exclusion with an unknown answer is the
/// scenario's to give.
///
/// # Errors
/// If the grid is unusable or a block of the raster cannot be read.
pub fn deeper_land(
    shapes: &[MultiPolygon<f64>],
    raster: &dyn Raster,
    limit: f64,
) -> Result<Vec<Polygon<f64>>, ExposureError> {
    let grid = raster.grid();
    grid.check()
        .map_err(|cause| ExposureError::Grid { raster: 0, cause })?;
    let windows: Vec<Option<Window>> = shapes
        .par_iter()
        .map(|shape| grid.window_of(surface::bounds(shape)?))
        .collect();
    let tiling = Tiling::new(grid, std::iter::once(raster.block_size()));
    let bins = Bins::new(&tiling, &windows);
    let in_tile = |items: &[u32], tile: Window, read: Window, values: &[Vec<f32>]| {
        let mut deep = vec![false; tile.cells()];
        for window in items
            .iter()
            .filter_map(|&item| windows[item as usize]?.intersection(&tile))
        {
            for row in window.row..window.row + window.rows {
                for column in window.column..window.column + window.columns {
                    let depth = values[0][(row - read.row) * read.columns + column - read.column];
                    // A depth that is not a number is no answer, and compares as one.
                    deep[(row - tile.row) * tile.columns + column - tile.column] |= depth > limit as f32;
                }
            }
        }
        rectangles(&deep, tile)
    };
    let mut all = Vec::new();
    for_each_tile(&tiling, &bins, &windows, &[(0, raster)], in_tile, |found| {
        all.extend(found.into_iter().map(|window| polygon(&grid, window)));
    })?;
    Ok(all)
}

/// Marked cells of a tile as windows: runs along rows, joined down the rows where the next one is the same.
fn rectangles(marked: &[bool], tile: Window) -> Vec<Window> {
    let mut done: Vec<Window> = Vec::new();
    let mut open: Vec<Window> = Vec::new();
    for (row, cells) in (tile.row..).zip(marked.chunks(tile.columns)) {
        let mut next = Vec::new();
        let mut column = 0;
        while column < cells.len() {
            let run = cells[column..]
                .iter()
                .take(LONGEST)
                .take_while(|&&cell| cell)
                .count();
            if run == 0 {
                column += 1;
                continue;
            }
            let start = tile.column + column;
            let above = open
                .iter()
                .position(|w| w.column == start && w.columns == run && w.rows < LONGEST);
            next.push(above.map_or(
                Window {
                    row,
                    column: start,
                    rows: 1,
                    columns: run,
                },
                |above| {
                    let above = open.swap_remove(above);
                    Window {
                        rows: above.rows + 1,
                        ..above
                    }
                },
            ));
            column += run;
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    done
}

fn polygon(grid: &Grid, window: Window) -> Polygon<f64> {
    let part = grid.part(window);
    let [west, south, east, north] = part.bounds();
    Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north }).to_polygon()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marked_cell_is_in_exactly_one_rectangle() {
        let tile = Window {
            row: 5,
            column: 7,
            rows: 40,
            columns: 50,
        };
        let marked: Vec<bool> = (0..tile.cells())
            .map(|cell| (cell * cell / 3 + cell / 50) % 5 != 0 || cell / 50 > 30)
            .collect();
        let mut times = vec![0; tile.cells()];
        for window in rectangles(&marked, tile) {
            assert!(window.rows <= LONGEST && window.columns <= LONGEST);
            for row in window.row..window.row + window.rows {
                for column in window.column..window.column + window.columns {
                    times[(row - tile.row) * tile.columns + column - tile.column] += 1;
                }
            }
        }
        let expected: Vec<i32> = marked.iter().map(|&cell| i32::from(cell)).collect();
        assert_eq!(times, expected);
    }
}
