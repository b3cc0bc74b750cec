//! A raster that GDAL has opened: one of this program's own, or in a reading process ([`crate::reading_process`]) a stranger's.

use std::collections::HashMap;
use std::path::Path;

use gdal::raster::{GdalDataType, ResampleAlg};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use serde::{Deserialize, Serialize};

use super::{Grid, Window};
use crate::crs::Crs;
use crate::deployment::Deployment;
use crate::error::{LayersError, Result, base_name};
use crate::gdal_rim;
use crate::reading_process::RASTER_DRIVERS;

/// What is known of a raster before its cells are read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RasterFacts {
    /// West, north, cell width, cell height.
    place: [f64; 4],
    /// Columns, rows.
    size: (usize, usize),
    pub crs: Option<Crs>,
    pub unit: Option<String>,
    /// Columns and rows of the blocks in which the file is best read.
    pub block: (usize, usize),
    /// Its rows are stored from the south.
    pub south_up: bool,
    /// Number of its bands, of which the first is read.
    pub bands: usize,
}

impl RasterFacts {
    /// Where the cells lie, in units of the CRS.
    pub fn grid(&self) -> Grid {
        let [west, north, cell_width, cell_height] = self.place;
        Grid {
            west,
            north,
            cell_width,
            cell_height,
            columns: self.size.0,
            rows: self.size.1,
        }
    }
}

/// An open raster. Not to be shared between threads.
pub(crate) struct OpenedRaster {
    dataset: Dataset,
    facts: RasterFacts,
    file: String,
    nodata: Option<f64>,
    scale: f64,
    offset: f64,
    /// The cells fit into 32-bit floats as they are.
    narrow: bool,
    masked: bool,
}

#[allow(
    clippy::float_cmp,
    reason = "nodata is a mark, equal or not, never a measurement"
)]
impl OpenedRaster {
    /// Opens any raster that the listed drivers read; its first band is used.
    pub fn open(path: &Path, deployment: &Deployment) -> Result<Self> {
        Self::with(path, RASTER_DRIVERS, deployment)
    }

    /// Opens a raster that this program wrote.
    pub fn own(path: &Path, deployment: &Deployment) -> Result<Self> {
        if !path.exists() {
            return Err(LayersError::unreadable(path, "there is no such file"));
        }
        Self::with(path, &["GTiff"], deployment)
    }

    fn with(path: &Path, drivers: &[&str], deployment: &Deployment) -> Result<Self> {
        let unreadable = |cause: &str| LayersError::unreadable(path, cause);
        gdal_rim::clear();
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            allowed_drivers: Some(drivers),
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open_ex(path, options)
            .map_err(|_| unreadable(&gdal_rim::failure().unwrap_or_else(|| no_format(path))))?;
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
        let crs = match dataset.spatial_ref() {
            Ok(srs) => Some(Crs::from_srs(&srs, deployment)?),
            Err(_) => None,
        };
        let band = dataset
            .rasterband(1)
            .map_err(|e| unreadable(&gdal_rim::cause(&e)))?;
        // Three or four bands of bytes are colours, whose numbers mean nothing.
        if dataset.raster_count() >= 3 && band.band_type() == GdalDataType::UInt8 {
            return Err(unreadable(
                "it is a picture of a map (bands of red, green and blue), not the values themselves: take the raster from which the picture was made",
            ));
        }
        let mask = band.mask_flags().map_err(|e| unreadable(&gdal_rim::cause(&e)))?;
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
        let facts = RasterFacts {
            place: [west, north, dx, dy.abs()],
            size: (columns, rows),
            crs,
            unit,
            block,
            south_up,
            bands: dataset.raster_count(),
        };
        gdal_rim::clear();
        Ok(Self {
            dataset,
            facts,
            file: base_name(path),
            nodata,
            scale,
            offset,
            narrow,
            masked,
        })
    }

    /// What is known of it.
    pub fn facts(&self) -> &RasterFacts {
        &self.facts
    }

    /// Keys and values of its metadata.
    pub fn metadata(&self) -> HashMap<String, String> {
        let items = self.dataset.metadata_domain("").unwrap_or_default();
        let pairs = items.iter().filter_map(|item| item.split_once('='));
        pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// Fills `values` with a window of cells, each times `factor`, row by row from the north-west; NaN where they are unknown. With a size
    /// other than the window's the nearest cell of each is taken.
    pub fn fill(&self, window: Window, size: (usize, usize), factor: f64, values: &mut [f32]) -> Result<()> {
        let (columns, rows) = self.facts.size;
        let inside = window.column < columns
            && window.row < rows
            && window.columns <= columns - window.column
            && window.rows <= rows - window.row;
        if !inside || Some(values.len()) != size.0.checked_mul(size.1) {
            return Err(LayersError::Usage(format!(
                "{}: {window:?} is no window of the raster.",
                self.file
            )));
        }
        if values.is_empty() || window.columns == 0 || window.rows == 0 {
            return Ok(());
        }
        gdal_rim::clear();
        self.fill_from(window, size, factor, values)
            .map_err(|e| LayersError::Unreadable {
                file: self.file.clone(),
                cause: gdal_rim::cause(&e),
            })
    }

    fn fill_from(
        &self,
        window: Window,
        size: (usize, usize),
        factor: f64,
        values: &mut [f32],
    ) -> gdal::errors::Result<()> {
        let top = if self.facts.south_up {
            self.facts.size.1 - window.row - window.rows
        } else {
            window.row
        };
        let corner = (window.column.cast_signed(), top.cast_signed());
        let extent = (window.columns, window.rows);
        let nearest = Some(ResampleAlg::NearestNeighbour);
        let band = self.dataset.rasterband(1)?;
        if self.narrow {
            band.read_into_slice(corner, extent, size, values, nearest)?;
            self.mark_unknown(factor, values);
        } else {
            // Wide numbers are compared with nodata and scaled before they are made narrow.
            let mut wide = vec![0.0_f64; values.len()];
            band.read_into_slice(corner, extent, size, &mut wide, nearest)?;
            for (value, wide) in values.iter_mut().zip(wide) {
                *value = self.known(wide, factor);
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
        if self.facts.south_up {
            flip(values, size.0);
        }
        Ok(())
    }

    /// Scales cells that were read as they are stored, NaN where they are unknown.
    fn mark_unknown(&self, factor: f64, values: &mut [f32]) {
        if self.scale != 1.0 || self.offset != 0.0 || factor != 1.0 {
            for value in values {
                *value = self.known(f64::from(*value), factor);
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

    /// The scaled value of a cell, NaN where it is unknown. It is made narrow once, at the very end: 700 mm are then the same number as 0.7 m,
    /// and as a limit of 0.7. Nodata written as text may not be the nearest double of the float in the cells.
    fn known(&self, value: f64, factor: f64) -> f32 {
        let is_nodata = |nodata: f64| value == nodata || (value as f32) == (nodata as f32);
        if self.nodata.is_some_and(is_nodata) {
            return f32::NAN;
        }
        let scaled = ((value * self.scale + self.offset) * factor) as f32;
        if scaled.is_finite() { scaled } else { f32::NAN }
    }
}

/// What is wrong with a file that no driver takes and GDAL says nothing of.
fn no_format(path: &Path) -> String {
    let is_tiff = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("tif") || e.eq_ignore_ascii_case("tiff"));
    let mut start = [0; 4];
    let begins = std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start))
        .is_ok();
    let tiff = [*b"II*\0", *b"MM\0*", *b"II+\0", *b"MM\0+"];
    if !begins {
        "it is empty, or nearly so".into()
    } else if is_tiff && !tiff.contains(&start) {
        "its name says TIFF but its first bytes do not: it is damaged, incomplete, or in another format"
            .into()
    } else if is_tiff {
        "it begins as a TIFF but what follows is damaged or incomplete".into()
    } else {
        "it is in no raster format that can be read here, or damaged".into()
    }
}

fn flip(cells: &mut [f32], columns: usize) {
    let rows = cells.len() / columns;
    for row in 0..rows / 2 {
        let (upper, lower) = cells.split_at_mut((rows - row - 1) * columns);
        upper[row * columns..(row + 1) * columns].swap_with_slice(&mut lower[..columns]);
    }
}
