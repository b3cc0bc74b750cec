//! Rasters on their own grid and CRS; nothing is ever resampled for measuring.

use std::path::Path;
use std::sync::Mutex;

use gdal::Dataset;
use gdal::raster::{GdalDataType, ResampleAlg};

use crate::crs::Crs;
use crate::deployment::Deployment;
use crate::error::{LayersError, Result, base_name};
use crate::gdal_rim;

mod engine;
pub(crate) mod import;
pub(crate) mod write;

/// A north-up grid of equal cells. Column 0 is the westernmost, row 0 the northernmost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// X of the western edge of column 0.
    pub west: f64,
    /// Y of the northern edge of row 0.
    pub north: f64,
    /// Width of a cell in CRS units, positive.
    pub cell_width: f64,
    /// Height of a cell in CRS units, positive.
    pub cell_height: f64,
    /// Number of columns.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
}

impl Grid {
    /// West, south, east, north in CRS units.
    pub fn bounds(&self) -> [f64; 4] {
        [
            self.west,
            self.north - self.cell_height * self.rows as f64,
            self.west + self.cell_width * self.columns as f64,
            self.north,
        ]
    }

    /// The whole grid as a window.
    pub fn window(&self) -> Window {
        Window {
            column: 0,
            row: 0,
            columns: self.columns,
            rows: self.rows,
        }
    }

    /// The cells that a box `[west, south, east, north]` touches; `None` where it lies outside.
    pub fn cover(&self, [west, south, east, north]: [f64; 4]) -> Option<Window> {
        let clamp = |v: f64, n: usize| v.clamp(0.0, n as f64) as usize;
        let column = clamp(((west - self.west) / self.cell_width).floor(), self.columns);
        let end_column = clamp(((east - self.west) / self.cell_width).ceil(), self.columns);
        let row = clamp(((self.north - north) / self.cell_height).floor(), self.rows);
        let end_row = clamp(((self.north - south) / self.cell_height).ceil(), self.rows);
        (end_column > column && end_row > row).then(|| Window {
            column,
            row,
            columns: end_column - column,
            rows: end_row - row,
        })
    }

    /// The part of the grid that a window shows.
    #[must_use]
    pub fn part(&self, window: Window) -> Self {
        Self {
            west: self.west + self.cell_width * window.column as f64,
            north: self.north - self.cell_height * window.row as f64,
            columns: window.columns,
            rows: window.rows,
            ..*self
        }
    }
}

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First column.
    pub column: usize,
    /// First row.
    pub row: usize,
    /// Number of columns.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
}

/// Cells read from a raster, row by row from the north-west.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Scale and offset applied; 0 where the cell is not valid.
    pub values: Vec<f32>,
    /// Whether the cell's value is known: not nodata, not NaN, not masked.
    pub valid: Vec<bool>,
}

/// A raster opened for reading. May be shared between threads: each that reads at the same time gets a dataset of its own.
pub struct RasterFile {
    /// Datasets that nobody is reading from at the moment.
    idle: Mutex<Vec<Dataset>>,
    /// What GDAL knows the file by, to open it once more.
    name: String,
    /// Whether cells can be read as they are stored: `f32` without scale, offset or mask.
    plain: bool,
    file: String,
    grid: Grid,
    crs: Option<Crs>,
    nodata: Option<f64>,
    scale: f64,
    offset: f64,
    unit: Option<String>,
    block: (usize, usize),
    masked: bool,
    south_up: bool,
}

impl RasterFile {
    /// Opens any raster that GDAL reads; its first band is used.
    pub fn open(path: &Path, deployment: &Deployment) -> Result<Self> {
        Self::open_as(path, &path.display().to_string(), deployment)
    }

    /// Opens what GDAL knows under `name`; messages speak of `path`.
    pub(crate) fn open_as(path: &Path, name: &str, deployment: &Deployment) -> Result<Self> {
        gdal_rim::clear();
        let unreadable = |cause: String| LayersError::unreadable(path, cause);
        if !path.exists() {
            return Err(unreadable("there is no such file".into()));
        }
        let dataset = engine::dataset(name).map_err(unreadable)?;
        Self::of(dataset, path, name, deployment)
    }

    /// A raster of which a dataset is open already; `name` is what GDAL opens it by again.
    pub(crate) fn of(dataset: Dataset, path: &Path, name: &str, deployment: &Deployment) -> Result<Self> {
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
        let kind = band.band_type();
        drop(band);
        if !(scale.is_finite() && scale != 0.0 && offset.is_finite()) {
            return Err(unreadable("its scale or offset is no usable number"));
        }
        let masked = !mask.is_all_valid() && !mask.is_nodata();
        let plain = kind == GdalDataType::Float32 && (scale, offset) == (1.0, 0.0) && !masked && !south_up;
        gdal_rim::clear();
        Ok(Self {
            idle: Mutex::new(vec![dataset]),
            name: name.to_owned(),
            plain,
            file: base_name(path),
            grid,
            crs,
            nodata,
            scale,
            offset,
            unit,
            block,
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
        let mut block = Block {
            values: vec![0.0; columns * rows],
            valid: vec![false; columns * rows],
        };
        let inside = window.column < self.grid.columns
            && window.row < self.grid.rows
            && window.columns <= self.grid.columns - window.column
            && window.rows <= self.grid.rows - window.row;
        if !inside {
            return Err(LayersError::Usage(format!(
                "{}: the window {window:?} lies outside the raster.",
                self.file
            )));
        }
        if block.values.is_empty() || window.columns == 0 || window.rows == 0 {
            return Ok(block);
        }
        let top = if self.south_up {
            self.grid.rows - window.row - window.rows
        } else {
            window.row
        };
        let offset = (window.column as isize, top as isize);
        let size = (window.columns, window.rows);
        let nearest = Some(ResampleAlg::NearestNeighbour);
        let (mut raw, mut mask) = self.with_dataset(|dataset| {
            let failed = |e: gdal::errors::GdalError| self.failed(&e);
            let band = dataset.rasterband(1).map_err(failed)?;
            let mut raw = vec![0.0_f64; columns * rows];
            band.read_into_slice(offset, size, (columns, rows), &mut raw, nearest)
                .map_err(failed)?;
            if !self.masked {
                return Ok((raw, None));
            }
            let mut mask = vec![0_u8; columns * rows];
            let band = band.open_mask_band().map_err(failed)?;
            band.read_into_slice(offset, size, (columns, rows), &mut mask, nearest)
                .map_err(failed)?;
            Ok((raw, Some(mask)))
        })?;
        if self.south_up {
            flip(&mut raw, columns);
            if let Some(mask) = &mut mask {
                flip(mask, columns);
            }
        }
        for (i, value) in raw.iter().enumerate() {
            let masked_out = mask.as_ref().is_some_and(|mask| mask[i] == 0);
            if value.is_finite() && !masked_out && !self.is_nodata(*value) {
                let scaled = (value * self.scale + self.offset) as f32;
                if scaled.is_finite() {
                    block.values[i] = scaled;
                    block.valid[i] = true;
                }
            }
        }
        Ok(block)
    }

    /// A nodata value written as text may not be the nearest double of the float that the cells hold.
    fn is_nodata(&self, value: f64) -> bool {
        self.nodata
            .is_some_and(|nodata| value == nodata || (value as f32) == (nodata as f32))
    }

    fn damaged(&self, cause: String) -> LayersError {
        LayersError::Unreadable {
            file: self.file.clone(),
            cause,
        }
    }
}

fn flip<T: Copy>(cells: &mut [T], columns: usize) {
    let rows = cells.len() / columns;
    for row in 0..rows / 2 {
        let (upper, lower) = cells.split_at_mut((rows - row - 1) * columns);
        upper[row * columns..(row + 1) * columns].swap_with_slice(&mut lower[..columns]);
    }
}
