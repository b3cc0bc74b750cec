//! Rasters as the engine reads them: windows of `f32`, by several threads at once.

use phteah_geoproc::grid::{Grid, Raster, ReadError, Window};

use super::RasterFile;

impl Raster for RasterFile {
    fn grid(&self) -> Grid {
        let g = self.grid();
        Grid {
            west: g.west,
            north: g.north,
            cell_width: g.cell_width,
            cell_height: g.cell_height,
            columns: g.columns,
            rows: g.rows,
        }
    }

    fn block_size(&self) -> (usize, usize) {
        self.block_size()
    }

    fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError> {
        let Window {
            row,
            column,
            rows,
            columns,
        } = window;
        Ok(self.read_into(
            super::Window {
                column,
                row,
                columns,
                rows,
            },
            values,
        )?)
    }
}
