//! Rasters as the engine reads them: windows of `f32`, by several threads at once.

use std::sync::PoisonError;

use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use phteah_geoproc::grid::{Grid, Raster, ReadError, Window};

use super::RasterFile;
use crate::error::{LayersError, Result};
use crate::gdal_rim;

/// Opens a raster, or says why not.
pub(super) fn dataset(name: &str) -> std::result::Result<Dataset, String> {
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
        ..DatasetOptions::default()
    };
    Dataset::open_ex(name, options)
        .map_err(|e| gdal_rim::failure().unwrap_or_else(|| gdal_rim::without_paths(&e.to_string())))
}

impl RasterFile {
    /// Reads from a dataset that is the caller's alone meanwhile: an idle one, or the file opened once more.
    pub(super) fn with_dataset<T>(&self, read: impl FnOnce(&Dataset) -> Result<T>) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = idle().pop();
        let dataset = match spare {
            Some(dataset) => dataset,
            None => dataset(&self.name).map_err(|cause| self.damaged(cause))?,
        };
        gdal_rim::clear();
        let result = read(&dataset);
        idle().push(dataset);
        result
    }

    /// Cells as they are stored, without a detour over `f64` and a mask.
    fn read_plain(&self, window: Window, values: &mut [f32]) -> Result<()> {
        let size = (window.columns, window.rows);
        let offset = (window.column as isize, window.row as isize);
        self.with_dataset(|dataset| {
            let band = dataset.rasterband(1).map_err(|e| self.failed(&e))?;
            band.read_into_slice(offset, size, size, values, None)
                .map_err(|e| self.failed(&e))
        })?;
        if let Some(nodata) = self.nodata {
            for value in values.iter_mut().filter(|value| is(**value, nodata as f32)) {
                *value = f32::NAN;
            }
        }
        Ok(())
    }

    pub(super) fn failed(&self, error: &gdal::errors::GdalError) -> LayersError {
        self.damaged(gdal_rim::failure().unwrap_or_else(|| error.to_string()))
    }
}

/// Nodata is a mark, not a quantity: exactly it or not at all.
#[expect(clippy::float_cmp)]
fn is(value: f32, nodata: f32) -> bool {
    value == nodata
}

impl Raster for RasterFile {
    fn grid(&self) -> Grid {
        let g = self.grid;
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
        self.block
    }

    fn read(&self, window: Window, values: &mut [f32]) -> std::result::Result<(), ReadError> {
        if self.plain {
            return Ok(self.read_plain(window, values)?);
        }
        let Window {
            row,
            column,
            rows,
            columns,
        } = window;
        let block = self.read(super::Window {
            column,
            row,
            columns,
            rows,
        })?;
        for ((cell, value), valid) in values.iter_mut().zip(block.values).zip(block.valid) {
            *cell = if valid { value } else { f32::NAN };
        }
        Ok(())
    }
}
