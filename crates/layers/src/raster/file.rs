//! Reading rasters, imported or not.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gdal::raster::{GdalDataType, ResampleAlg};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};

use super::{Grid, Window};
use crate::crs::Crs;
use crate::deployment::Deployment;
use crate::error::{LayersError, Result, base_name};
use crate::gdal_rim;

/// Formats that may be opened. A closed list: some of GDAL's drivers follow links to other files or into the network.
const DRIVERS: &[&str] = &[
    "GTiff",
    "HFA",
    "AAIGrid",
    "ENVI",
    "EHdr",
    "SRTMHGT",
    "netCDF",
    "GPKG",
    "JP2OpenJPEG",
    "RST",
    "SAGA",
    "USGSDEM",
    "MEM",
];

/// Cells read from a raster, row by row from the north-west.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Scale and offset applied; 0 where the cell is not valid.
    pub values: Vec<f32>,
    /// Whether the cell's value is known: not nodata, not NaN, not masked.
    pub valid: Vec<bool>,
}

/// A raster opened for reading. May be shared between threads: each that reads at the same time gets a handle of its own to the file.
pub struct RasterFile {
    /// Handles that nobody reads with at the moment.
    idle: Mutex<Vec<Dataset>>,
    source: PathBuf,
    file: String,
    grid: Grid,
    crs: Option<Crs>,
    nodata: Option<f64>,
    scale: f64,
    offset: f64,
    unit: Option<String>,
    block: (usize, usize),
    /// The cells fit into 32-bit floats as they are.
    narrow: bool,
    masked: bool,
    south_up: bool,
}

#[allow(
    clippy::float_cmp,
    reason = "nodata is a mark, equal or not, never a measurement"
)]
impl RasterFile {
    /// Opens any raster that GDAL reads; its first band is used.
    pub fn open(path: &Path, deployment: &Deployment) -> Result<Self> {
        if !path.exists() {
            return Err(LayersError::unreadable(path, "there is no such file"));
        }
        Self::of(
            open(path, DRIVERS).map_err(|cause| LayersError::unreadable(path, cause))?,
            path,
            path,
            deployment,
        )
    }

    /// A mosaic that was made here; messages speak of `path`.
    pub(crate) fn mosaic(vrt: &Path, path: &Path, deployment: &Deployment) -> Result<Self> {
        Self::of(
            open(vrt, &["VRT"]).map_err(|cause| LayersError::unreadable(path, cause))?,
            vrt,
            path,
            deployment,
        )
    }

    fn of(dataset: Dataset, source: &Path, path: &Path, deployment: &Deployment) -> Result<Self> {
        let unreadable = |cause: &str| LayersError::unreadable(path, cause);
        let (columns, rows) = dataset.raster_size();
        if dataset.raster_count() == 0 || columns == 0 || rows == 0 {
            return Err(unreadable("it holds no raster band"));
        }
        let [west, dx, rx, north, ry, dy] = dataset
            .geo_transform()
            .map_err(|_| unreadable("it does not say where it lies (no geotransform)"))?;
        if rx != 0.0 || ry != 0.0 {
            return Err(unreadable(
                "its grid is rotated; write it north-up first, for example with gdalwarp",
            ));
        }
        if !(dx > 0.0
            && dy != 0.0
            && west.is_finite()
            && north.is_finite()
            && dx.is_finite()
            && dy.is_finite())
        {
            return Err(unreadable("its geotransform is damaged"));
        }
        let south_up = dy > 0.0;
        let north = if south_up { north + dy * rows as f64 } else { north };
        let grid = Grid {
            west,
            north,
            cell_width: dx,
            cell_height: dy.abs(),
            columns,
            rows,
        };
        let crs = match dataset.spatial_ref() {
            Ok(srs) => Some(Crs::from_srs(&srs, deployment)?),
            Err(_) => None,
        };
        let band = dataset.rasterband(1).map_err(|e| unreadable(&e.to_string()))?;
        let mask = band.mask_flags().map_err(|e| unreadable(&e.to_string()))?;
        let unit = Some(band.unit()).filter(|unit| !unit.trim().is_empty());
        let (nodata, scale, offset, block) = (
            band.no_data_value(),
            band.scale().unwrap_or(1.0),
            band.offset().unwrap_or(0.0),
            band.block_size(),
        );
        if !(scale.is_finite() && scale != 0.0 && offset.is_finite()) {
            return Err(unreadable("its scale or offset is no usable number"));
        }
        let narrow = matches!(
            band.band_type(),
            GdalDataType::Float32 | GdalDataType::Int16 | GdalDataType::UInt16 | GdalDataType::UInt8
        );
        let masked = !mask.is_all_valid() && !mask.is_nodata();
        gdal_rim::clear();
        Ok(Self {
            idle: Mutex::new(vec![dataset]),
            source: source.to_owned(),
            file: base_name(path),
            grid,
            crs,
            nodata,
            scale,
            offset,
            unit,
            block,
            narrow,
            masked,
            south_up,
        })
    }

    /// Where the cells lie, in units of [`RasterFile::crs`].
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The raster's CRS, where it states one.
    pub fn crs(&self) -> Option<&Crs> {
        self.crs.as_ref()
    }

    /// The unit tag, where there is one.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Columns and rows of the blocks in which the file is best read.
    pub fn block_size(&self) -> (usize, usize) {
        self.block
    }

    /// Base name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Reads a window, which must lie inside the raster.
    pub fn read(&self, window: Window) -> Result<Block> {
        self.read_decimated(window, window.columns, window.rows)
    }

    /// Reads a window into so many columns and rows, taking the nearest cell of each (from overviews where the file has them): for pictures, not
    /// for measuring.
    pub fn read_decimated(&self, window: Window, columns: usize, rows: usize) -> Result<Block> {
        let mut values = vec![0.0; columns * rows];
        self.fill(window, (columns, rows), &mut values)?;
        let valid: Vec<bool> = values.iter().map(|value| !value.is_nan()).collect();
        for value in &mut values {
            if value.is_nan() {
                *value = 0.0;
            }
        }
        Ok(Block { values, valid })
    }

    /// Fills `values`, one per cell of a window, row by row from the north-west. What is unknown is written as NaN: the form in which the
    /// engine takes cells, and the only place where NaN may stand.
    pub fn read_into(&self, window: Window, values: &mut [f32]) -> Result<()> {
        self.fill(window, (window.columns, window.rows), values)
    }

    fn fill(&self, window: Window, size: (usize, usize), values: &mut [f32]) -> Result<()> {
        let inside = window.column < self.grid.columns
            && window.row < self.grid.rows
            && window.columns <= self.grid.columns - window.column
            && window.rows <= self.grid.rows - window.row;
        if !inside || values.len() != size.0 * size.1 {
            return Err(LayersError::Usage(format!(
                "{}: {window:?} is no window of the raster.",
                self.file
            )));
        }
        if values.is_empty() || window.columns == 0 || window.rows == 0 {
            return Ok(());
        }
        let dataset = self.handle()?;
        gdal_rim::clear();
        self.fill_from(&dataset, window, size, values)
            .map_err(|e| LayersError::Unreadable {
                file: self.file.clone(),
                cause: gdal_rim::failure().unwrap_or_else(|| e.to_string()),
            })?;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(dataset);
        Ok(())
    }

    /// Keys and values of the file's metadata.
    pub(crate) fn metadata(&self) -> Result<HashMap<String, String>> {
        let dataset = self.handle()?;
        let items = dataset.metadata_domain("").unwrap_or_default();
        let pairs = items.iter().filter_map(|item| item.split_once('='));
        Ok(pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect())
    }

    /// A handle that nobody else reads with.
    fn handle(&self) -> Result<Dataset> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let again = || {
            let drivers: Vec<&str> = DRIVERS.iter().copied().chain(["VRT"]).collect();
            open(&self.source, &drivers).map_err(|cause| LayersError::Unreadable {
                file: self.file.clone(),
                cause,
            })
        };
        idle.map_or_else(again, Ok)
    }

    fn fill_from(
        &self,
        dataset: &Dataset,
        window: Window,
        size: (usize, usize),
        values: &mut [f32],
    ) -> gdal::errors::Result<()> {
        let top = if self.south_up {
            self.grid.rows - window.row - window.rows
        } else {
            window.row
        };
        let corner = (window.column.cast_signed(), top.cast_signed());
        let extent = (window.columns, window.rows);
        let nearest = Some(ResampleAlg::NearestNeighbour);
        let band = dataset.rasterband(1)?;
        if self.narrow {
            band.read_into_slice(corner, extent, size, values, nearest)?;
            self.mark_unknown(values);
        } else {
            // Wide numbers are compared with nodata and scaled before they are made narrow.
            let mut wide = vec![0.0_f64; values.len()];
            band.read_into_slice(corner, extent, size, &mut wide, nearest)?;
            for (value, wide) in values.iter_mut().zip(wide) {
                *value = self.known(wide);
            }
        }
        if self.masked {
            let mut mask = vec![0_u8; values.len()];
            band.open_mask_band()?
                .read_into_slice(corner, extent, size, &mut mask, nearest)?;
            for (value, _) in values.iter_mut().zip(mask).filter(|(_, mask)| *mask == 0) {
                *value = f32::NAN;
            }
        }
        if self.south_up {
            flip(values, size.0);
        }
        Ok(())
    }

    /// Scales cells that were read as they are stored, NaN where they are unknown.
    fn mark_unknown(&self, values: &mut [f32]) {
        if self.scale.to_bits() != 1.0_f64.to_bits() || self.offset != 0.0 {
            for value in values {
                *value = self.known(f64::from(*value));
            }
            return;
        }
        // The same without scaling, nearly every file's case, in a form that is computed for several cells at once. Without a nodata value
        // NaN, which is equal to nothing.
        let nodata = self.nodata.map_or(f32::NAN, |nodata| nodata as f32);
        for value in values {
            let known = value.is_finite() && *value != nodata;
            *value = if known { *value } else { f32::NAN };
        }
    }

    /// The scaled value of a cell, NaN where it is unknown. Nodata written as text may not be the nearest double of the float in the cells.
    fn known(&self, value: f64) -> f32 {
        let is_nodata = |nodata: f64| value == nodata || (value as f32) == (nodata as f32);
        if self.nodata.is_some_and(is_nodata) {
            return f32::NAN;
        }
        let scaled = (value * self.scale + self.offset) as f32;
        if scaled.is_finite() { scaled } else { f32::NAN }
    }
}

fn open(path: &Path, drivers: &[&str]) -> std::result::Result<Dataset, String> {
    gdal_rim::clear();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
        allowed_drivers: Some(drivers),
        ..DatasetOptions::default()
    };
    Dataset::open_ex(path, options)
        .map_err(|e| gdal_rim::failure().unwrap_or_else(|| gdal_rim::without_paths(&e.to_string())))
}

fn flip(cells: &mut [f32], columns: usize) {
    let rows = cells.len() / columns;
    for row in 0..rows / 2 {
        let (upper, lower) = cells.split_at_mut((rows - row - 1) * columns);
        upper[row * columns..(row + 1) * columns].swap_with_slice(&mut lower[..columns]);
    }
}
