//! Rasters as the engine reads them: windows of `f32`, by several threads at once.

use phteah_geoproc::grid::{Grid, Raster, ReadError, Window};

use super::RasterFile;

impl Raster for RasterFile {
    fn grid(&self) -> Grid {
        self.grid()
    }

    fn block_size(&self) -> (usize, usize) {
        self.block_size()
    }

    fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError> {
        Ok(self.read_into(window, values)?)
    }
}
