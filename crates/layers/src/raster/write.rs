//! Writing rasters: row by row into a plain GeoTIFF, then copied into the cloud-optimised form, which can only be made from a finished one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gdal::cpl::CslStringList;
use gdal::raster::Buffer;
use gdal::{Dataset, DriverManager};

use super::Grid;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::gdal_rim;
use crate::gpkg::escaped;

/// What stands in cells whose value is unknown.
const NODATA: f32 = -9999.0;

/// Height and width of the blocks that are written first. Rows that come in strips of this height fill whole blocks, each compressed once.
pub(super) const STRIP: usize = 256;

/// A raster of 32-bit numbers being written from north to south.
pub(crate) struct GridWriter {
    dataset: Option<Dataset>,
    path: PathBuf,
    grid: Grid,
    crs: String,
    metadata: Vec<(String, String)>,
    row: usize,
    line: Vec<f32>,
    known: u64,
}

impl GridWriter {
    pub fn create(path: &Path, grid: &Grid, crs: &Crs, metadata: Vec<(String, String)>) -> Result<Self> {
        gdal_rim::clear();
        let fail = |e: &dyn std::fmt::Display| broken(path, e);
        let driver = DriverManager::get_driver_by_name("GTiff").map_err(|e| fail(&e))?;
        let options = CslStringList::from_iter([
            "TILED=YES",
            "BLOCKXSIZE=256",
            "BLOCKYSIZE=256",
            "COMPRESS=DEFLATE",
            "BIGTIFF=IF_SAFER",
        ]);
        let mut dataset = driver
            .create_with_band_type_with_options::<f32, _>(path, grid.columns, grid.rows, 1, &options)
            .map_err(|e| fail(&e))?;
        let transform = [
            grid.west,
            grid.cell_width,
            0.0,
            grid.north,
            0.0,
            -grid.cell_height,
        ];
        dataset.set_geo_transform(&transform).map_err(|e| fail(&e))?;
        dataset.set_spatial_ref(&crs.srs()?).map_err(|e| fail(&e))?;
        let mut band = dataset.rasterband(1).map_err(|e| fail(&e))?;
        band.set_no_data_value(Some(f64::from(NODATA)))
            .map_err(|e| fail(&e))?;
        Ok(Self {
            dataset: Some(dataset),
            path: path.to_owned(),
            grid: *grid,
            crs: crs.to_wkt()?,
            metadata,
            row: 0,
            line: Vec::with_capacity(grid.columns),
            known: 0,
        })
    }

    /// Writes the next rows, any number of them; `None` is unknown.
    pub fn push(&mut self, cells: impl Iterator<Item = Option<f32>>) -> Result<()> {
        self.line.clear();
        for cell in cells {
            let cell = cell.filter(|value| value.is_finite());
            self.known += u64::from(cell.is_some());
            self.line.push(cell.unwrap_or(NODATA));
        }
        let rows = self.line.len() / self.grid.columns;
        let Some(dataset) = &self.dataset else {
            return Ok(());
        };
        let write = || {
            let mut buffer = Buffer::new((self.grid.columns, rows), self.line.clone());
            dataset.rasterband(1)?.write(
                (0, self.row.cast_signed()),
                (self.grid.columns, rows),
                &mut buffer,
            )
        };
        write().map_err(|e| broken(&self.path, &e))?;
        self.row += rows;
        self.line.clear();
        Ok(())
    }

    /// Number of cells whose value is known.
    pub fn known(&self) -> u64 {
        self.known
    }

    /// Completes the file and makes its cloud-optimised copy at `target`, with overviews for drawing; the cells stay as they are.
    pub fn finish(mut self, target: &Path) -> Result<()> {
        if let Some(dataset) = self.dataset.take() {
            dataset.close().map_err(|e| broken(&self.path, &e))?;
        }
        check(&self.path)?;
        let described = self.path.with_extension("vrt");
        std::fs::write(&described, self.described())
            .map_err(|e| LayersError::io(&described, "writing", e))?;
        let source = Dataset::open(&described).map_err(|e| broken(&self.path, &e))?;
        let driver = DriverManager::get_driver_by_name("COG").map_err(|e| broken(target, &e))?;
        let options = CslStringList::from_iter([
            "COMPRESS=DEFLATE",
            "PREDICTOR=YES",
            "BLOCKSIZE=512",
            "OVERVIEW_RESAMPLING=AVERAGE",
            "BIGTIFF=IF_SAFER",
        ]);
        let copy = source
            .create_copy(&driver, target, &options)
            .map_err(|e| broken(target, &e))?;
        copy.close().map_err(|e| broken(target, &e))?;
        drop(source);
        check(target)?;
        crate::gpkg::sync(target)
    }
}

impl GridWriter {
    /// The plain file as a virtual raster with unit and metadata: the safe interface to GDAL has no setter for a band's unit.
    fn described(&self) -> String {
        let Grid {
            west,
            north,
            cell_width,
            cell_height,
            columns,
            rows,
        } = self.grid;
        let mut items = String::new();
        for (key, value) in &self.metadata {
            let _ = write!(items, "<MDI key=\"{}\">{}</MDI>", escaped(key), escaped(value));
        }
        let file = crate::error::base_name(&self.path);
        format!(
            "<VRTDataset rasterXSize=\"{columns}\" rasterYSize=\"{rows}\">
  <SRS dataAxisToSRSAxisMapping=\"{axes}\">{crs}</SRS>
  <GeoTransform>{west:e}, {cell_width:e}, 0, {north:e}, 0, {south:e}</GeoTransform>
  <Metadata>{items}</Metadata>
  <VRTRasterBand dataType=\"Float32\" band=\"1\">
    <NoDataValue>{NODATA}</NoDataValue>
    <UnitType>m</UnitType>
    <SimpleSource>
      <SourceFilename relativeToVRT=\"1\">{file}</SourceFilename>
      <SourceBand>1</SourceBand>
      <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"{columns}\" ySize=\"{rows}\"/>
      <DstRect xOff=\"0\" yOff=\"0\" xSize=\"{columns}\" ySize=\"{rows}\"/>
    </SimpleSource>
  </VRTRasterBand>
</VRTDataset>
",
            axes = if self.crs.starts_with("GEOG") {
                "2,1"
            } else {
                "1,2"
            },
            crs = escaped(&self.crs),
            south = -cell_height,
        )
    }
}

/// Closing never fails before GDAL 3.7, however much went wrong while the last blocks were written.
fn check(path: &Path) -> Result<()> {
    match gdal_rim::failure() {
        None => Ok(()),
        Some(cause) => Err(broken(path, &cause)),
    }
}

fn broken(path: &Path, error: &dyn std::fmt::Display) -> LayersError {
    let cause = gdal_rim::failure().unwrap_or_else(|| gdal_rim::without_paths(&error.to_string()));
    let dir = path.parent().unwrap_or(path);
    let lower = cause.to_lowercase();
    if lower.contains("no space")
        || lower.contains("free disk space")
        || lower.contains("too large")
        || lower.contains("write")
    {
        return LayersError::DiskFull(dir.to_owned());
    }
    if lower.contains("permission") || lower.contains("read-only") {
        return LayersError::ReadOnly(dir.to_owned());
    }
    LayersError::Gdal {
        doing: "Writing a raster".into(),
        cause,
    }
}
