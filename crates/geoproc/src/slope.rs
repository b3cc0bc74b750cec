//! Slope of an elevation model, cell by cell.
//!
//! With *a … i* the elevations of a cell *e* and its eight neighbours, row by row from the north-west, and *w* × *h* the
//! size of a cell in the elevations' unit (Horn 1981):
//!
//! ```text
//! ∂z/∂x = ((c + 2f + i) − (a + 2d + g)) / 8w
//! ∂z/∂y = ((a + 2b + c) − (g + 2h + i)) / 8h
//! slope = 100 · √((∂z/∂x)² + (∂z/∂y)²)   per cent
//! ```
//!
//! A cell that is unknown, or of which any neighbour is (such as those on the raster's edge), has an unknown slope.

use crate::grid::{Grid, Raster, ReadError, Window};

/// A raster of slopes in per cent, computed from a raster of elevations as it is read. The elevation's CRS must be
/// projected, in the elevation's own unit.
#[derive(Debug, Clone, Copy)]
pub struct Slope<'a, R: Raster>(&'a R);

impl<'a, R: Raster> Slope<'a, R> {
    /// The slopes of an elevation model.
    pub fn new(elevation: &'a R) -> Self {
        Self(elevation)
    }
}

impl<R: Raster> Raster for Slope<'_, R> {
    fn grid(&self) -> Grid {
        self.0.grid()
    }

    fn block_size(&self) -> (usize, usize) {
        self.0.block_size()
    }

    fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError> {
        let grid = self.grid();
        let (west, north) = (window.column.min(1), window.row.min(1));
        let wider = Window {
            row: window.row - north,
            column: window.column - west,
            rows: (window.row + window.rows + 1).min(grid.rows) - (window.row - north),
            columns: (window.column + window.columns + 1).min(grid.columns) - (window.column - west),
        };
        let mut elevations = vec![f32::NAN; wider.cells()];
        self.0.read(wider, &mut elevations)?;
        let at = |row: usize, column: usize, down: isize, right: isize| -> f64 {
            let cell = row.checked_add_signed(down).zip(column.checked_add_signed(right));
            let inside = cell.filter(|&(row, column)| row < wider.rows && column < wider.columns);
            inside.map_or(f64::NAN, |(row, column)| {
                f64::from(elevations[row * wider.columns + column])
            })
        };
        for row in 0..window.rows {
            for column in 0..window.columns {
                let z = |down, right| at(row + north, column + west, down, right);
                let across = (z(-1, 1) + 2.0 * z(0, 1) + z(1, 1)) - (z(-1, -1) + 2.0 * z(0, -1) + z(1, -1));
                let up = (z(-1, -1) + 2.0 * z(-1, 0) + z(-1, 1)) - (z(1, -1) + 2.0 * z(1, 0) + z(1, 1));
                let slope = 100.0 * (across / (8.0 * grid.cell_width)).hypot(up / (8.0 * grid.cell_height));
                // The formula does without the cell itself, but a slope where no ground is known would be made up.
                values[row * window.columns + column] =
                    if z(0, 0).is_nan() { f32::NAN } else { slope as f32 };
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::MemoryRaster;

    fn slopes(elevation: impl Fn(usize, usize) -> Option<f32>) -> Vec<f32> {
        let grid = Grid {
            west: 0.0,
            north: 50.0,
            cell_width: 10.0,
            cell_height: 5.0,
            columns: 6,
            rows: 5,
        };
        let cells = (0..5).flat_map(|row| (0..6).map(move |column| (row, column)));
        let raster = MemoryRaster::new(grid, cells.map(|(row, column)| elevation(row, column)));
        let mut values = vec![0.0; 30];
        assert!(Slope::new(&raster).read(grid.window(), &mut values).is_ok());
        values
    }

    #[test]
    fn an_inclined_plane_has_one_slope_and_its_edge_is_unknown() {
        // 1 m up per 10 m east, 1 m up per 5 m south: √(0.1² + 0.2²) = 22.36 %.
        let values = slopes(|row, column| Some((row + column) as f32));
        assert!((values[8] - 22.36).abs() < 0.01 && (values[21] - 22.36).abs() < 0.01);
        assert!(values[0].is_nan() && values[5].is_nan() && values[24].is_nan());
    }

    #[test]
    fn a_window_reads_what_the_whole_reads() {
        let grid = Grid {
            west: 0.0,
            north: 50.0,
            cell_width: 10.0,
            cell_height: 5.0,
            columns: 6,
            rows: 5,
        };
        let raster = MemoryRaster::new(grid, (0..30_u16).map(|i| Some(f32::from(i * i % 17))));
        let (mut whole, mut part) = (vec![0.0; 30], vec![0.0; 6]);
        assert!(Slope::new(&raster).read(grid.window(), &mut whole).is_ok());
        let window = Window {
            row: 1,
            column: 2,
            rows: 2,
            columns: 3,
        };
        assert!(Slope::new(&raster).read(window, &mut part).is_ok());
        assert_eq!(
            part,
            [whole[8], whole[9], whole[10], whole[14], whole[15], whole[16]]
        );
    }

    #[test]
    fn beside_an_unknown_cell_slope_is_unknown() {
        let values = slopes(|row, column| (row != 2 || column != 2).then_some(1.0));
        assert!(values[7].is_nan() && values[14].is_nan());
        assert!(values[10].abs() < f32::EPSILON);
    }
}
