//! Import of rasters: on their own grid and CRS, cut to the deployment's extent along cell edges, values in metres.

use std::path::{Path, PathBuf};

use gdal::programs::raster::build_vrt;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::Rect;
use jiff::Timestamp;

use super::judge::{Rows, Tally};
use super::write::GridWriter;
use super::{Grid, RasterFile, Window};
use crate::catalogue::{Catalogue, WriteLock};
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result, base_name};
use crate::gdal_rim;
use crate::import::about::{About, Stored, is_unchanged, shift_in_words};
use crate::import::report::{Detail, Effect, ImportReport, Outcome};
use crate::import::vector::hash;
use crate::import::{CoverageRequest, Job, Progress, check_name, coverage, unpack};
use crate::schema::Role;
use crate::sources::return_period_in;

/// Cells left around the extent, so that measures at its edge see what lies beyond.
const MARGIN: usize = 16;
/// Imports raster files into one layer; several files are tiles of one raster.
pub(crate) fn import(
    catalogue: &Catalogue,
    job: &Job<'_>,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let request = job.request;
    let Some(first) = request.files.first() else {
        return Err(LayersError::Usage("Name at least one file.".into()));
    };
    let return_period = match job.role {
        Role::FloodDepth => Some(return_period(job, first)?),
        _ => None,
    };
    let base = job
        .preset
        .and_then(|preset| preset.name.clone())
        .unwrap_or_else(|| job.role.as_str().to_owned());
    let name = match (&request.layer, return_period) {
        (Some(name), _) => name.clone(),
        (None, Some(rp)) => format!("{base}_rp{rp}"),
        (None, None) => base,
    };
    check_name(&name)?;
    let lock = catalogue.lock_for_writing()?;
    let mut report = ImportReport::new(&name, job.role);
    report.files = request.files.iter().map(|file| base_name(file)).collect();
    report.hash = hash(catalogue, job, &name)?;
    if is_unchanged(&lock, &name, &report.hash)? {
        report.outcome = Outcome::Unchanged;
        return Ok(report);
    }
    let work = lock.work_dir()?;
    let raster = open(catalogue, &request.files, work.path())?;
    let crs = match (&request.crs, raster.crs()) {
        (Some(given), _) => {
            "as given".clone_into(&mut report.crs_from);
            Crs::parse(given, catalogue.deployment())?
        }
        (None, Some(stated)) => {
            "as the file states".clone_into(&mut report.crs_from);
            stated.clone()
        }
        (None, None) => {
            return Err(LayersError::unreadable(
                first,
                "it does not say in which CRS it is: give it with --crs, for example --crs EPSG:4326",
            ));
        }
    };
    crs.name().clone_into(&mut report.source_crs);
    report.datum_shift = shift_in_words(&crs);
    job.traps.iter().for_each(|trap| report.warn(trap.clone()));
    let factor = to_metres(&raster, first, &mut report)?;
    let window = cut(catalogue, &raster, &crs, &mut report)?;
    let grid = raster.grid().part(window);
    let about = About::of(job, &name, &report.files.join(", "));
    let store = Store {
        about,
        name: &name,
        role: job.role,
        coverage: request.coverage.as_ref(),
        return_period,
        now,
    };
    progress.start(&format!("reading {}", store.about.source), Some(grid.rows as u64));
    let mut tally = Tally::default();
    let rows = Rows::new(&raster, window, factor, job.role, &mut tally, progress);
    let finished = store.write(work.path(), &grid, &crs, rows, &mut report)?;
    tally.tell(job.role, &mut report)?;
    store.publish((catalogue, &lock), &finished, &grid, &crs, report)
}

fn open(catalogue: &Catalogue, files: &[PathBuf], work: &Path) -> Result<RasterFile> {
    let limit = catalogue.deployment().max_unpacked_bytes;
    let mut tiles = Vec::new();
    for file in files {
        if !file.exists() {
            return Err(LayersError::unreadable(file, "there is no such file"));
        }
        if !unpack::is_archive(file) {
            tiles.push(file.clone());
            continue;
        }
        let into = tempfile::tempdir_in(work)
            .map_err(|e| LayersError::io(work, "writing to", e))?
            .keep();
        let inside = unpack::unpack(file, &into, limit)?;
        let rasters = inside.into_iter().filter(|f| {
            f.extension().is_some_and(|e| {
                ["tif", "tiff", "img", "asc", "nc", "vrt"]
                    .iter()
                    .any(|k| e.eq_ignore_ascii_case(k))
            })
        });
        let before = tiles.len();
        tiles.extend(rasters.filter(|f| f.extension().is_some_and(|e| !e.eq_ignore_ascii_case("vrt"))));
        if tiles.len() == before {
            return Err(LayersError::unreadable(
                file,
                "it holds no raster that can be read here",
            ));
        }
    }
    if let [only] = &tiles[..] {
        return RasterFile::open(only, catalogue.deployment());
    }
    // Each tile is opened on its own first, for the checks and the messages.
    let mut datasets = Vec::new();
    let mut model: Option<RasterFile> = None;
    for tile in &tiles {
        let raster = RasterFile::open(tile, catalogue.deployment())?;
        if let Some(model) = &model {
            let (a, b) = (model.grid(), raster.grid());
            let same = |x: f64, y: f64| (x - y).abs() <= 1e-9 * x.abs();
            if model.crs() != raster.crs()
                || !same(a.cell_width, b.cell_width)
                || !same(a.cell_height, b.cell_height)
            {
                return Err(LayersError::refused(format!(
                    "{} and {} are no tiles of one raster: CRS or cell size differ.",
                    model.file(),
                    raster.file()
                )));
            }
        } else {
            model = Some(raster);
        }
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            ..DatasetOptions::default()
        };
        datasets
            .push(Dataset::open_ex(tile, options).map_err(|e| LayersError::unreadable(tile, e.to_string()))?);
    }
    gdal_rim::clear();
    let mosaic = work.join("tiles.vrt");
    let joined = build_vrt(Some(&mosaic), &datasets, None).and_then(Dataset::close);
    joined.map_err(|e| LayersError::Gdal {
        doing: "Joining tiles".into(),
        cause: e.to_string(),
    })?;
    RasterFile::mosaic(&mosaic, &files[0], catalogue.deployment())
}

fn return_period(job: &Job<'_>, file: &Path) -> Result<u32> {
    let name = base_name(file);
    let told = job.request.return_period;
    let by_preset = || job.preset.and_then(|preset| preset.return_period(&name));
    let by_name = || {
        ["rp", "_t", "return_period_"]
            .iter()
            .find_map(|mark| return_period_in(&name, mark))
    };
    told.or_else(by_preset).or_else(by_name).filter(|rp| *rp > 0).ok_or_else(|| {
        LayersError::Usage(format!(
            "{name} does not say its annual return period: name it with --return-period, or in the file name as rp100."
        ))
    })
}

/// The factor from the raster's unit to metres.
fn to_metres(raster: &RasterFile, path: &Path, report: &mut ImportReport) -> Result<f32> {
    let Some(unit) = raster.unit() else {
        report.warn("The raster does not say its unit; its values were taken as metres.");
        return Ok(1.0);
    };
    let factor = match unit.trim().to_lowercase().trim_end_matches('.') {
        "m" | "metre" | "metres" | "meter" | "meters" => return Ok(1.0),
        "cm" | "centimetre" | "centimetres" | "centimeter" | "centimeters" => 0.01,
        "mm" | "millimetre" | "millimetres" | "millimeter" | "millimeters" => 0.001,
        "dm" | "decimetre" | "decimetres" | "decimeter" | "decimeters" => 0.1,
        "ft" | "foot" | "feet" => 0.3048,
        _ => {
            return Err(LayersError::unreadable(
                path,
                format!("its unit is '{unit}', which is no length known here"),
            ));
        }
    };
    let message = format!(
        "The raster's unit is {unit}; its values were multiplied by {factor} and are stored in metres."
    );
    report.found("unit_converted", Effect::Noted, "units", || Detail {
        message: message.clone(),
        ..Detail::default()
    });
    report.warn(message);
    Ok(factor)
}

/// The cells that meet the deployment's extent.
fn cut(catalogue: &Catalogue, raster: &RasterFile, crs: &Crs, report: &mut ImportReport) -> Result<Window> {
    let d = catalogue.deployment();
    let grid = raster.grid();
    let [west, south, east, north] = Reprojector::new(&Crs::wgs84(), crs)?.bounds(d.extent)?;
    let extent = Rect::new((west, south), (east, north));
    let Some(inner) = grid.window_of(extent) else {
        let [w, s, e, n] = grid.bounds();
        let hint = if crs.is_geographic() && (w.abs() > 360.0 || n.abs() > 360.0) {
            "Its coordinates look like metres read as degrees: give the right CRS with --crs."
        } else {
            "Is it the right tile, and is its CRS what it states?"
        };
        return Err(LayersError::Refused {
            message: format!(
                "{} lies outside the deployment's extent: it covers {w}, {s} to {e}, {n} in {}. {hint}",
                raster.file(),
                crs.name()
            ),
            report: Some(Box::new(report.clone())),
        });
    };
    let column = inner.column.saturating_sub(MARGIN);
    let row = inner.row.saturating_sub(MARGIN);
    let window = Window {
        column,
        row,
        columns: (inner.column + inner.columns + MARGIN).min(grid.columns) - column,
        rows: (inner.row + inner.rows + MARGIN).min(grid.rows) - row,
    };
    if window != grid.window() {
        report.warn(format!(
            "Cut to the deployment's extent along cell edges: {} × {} of {} × {} cells.",
            window.columns, window.rows, grid.columns, grid.rows
        ));
    }
    Ok(window)
}

/// A raster layer being stored.
pub(crate) struct Store<'a> {
    pub about: About,
    pub name: &'a str,
    pub role: Role,
    /// What was said of where it is complete.
    pub coverage: Option<&'a CoverageRequest>,
    pub return_period: Option<u32>,
    pub now: Timestamp,
}

impl Store<'_> {
    /// Writes the rows (each item any whole number of them) and returns the finished file.
    pub fn write(
        &self,
        work: &Path,
        grid: &Grid,
        crs: &Crs,
        rows: impl Iterator<Item = Result<Vec<Option<f32>>>>,
        report: &mut ImportReport,
    ) -> Result<PathBuf> {
        let mut writer = GridWriter::create(
            &work.join("plain.tif"),
            grid,
            crs,
            self.about.metadata(self.role, self.return_period),
        )?;
        for cells in rows {
            writer.push(cells?.into_iter())?;
        }
        report.read = (grid.columns * grid.rows) as u64;
        report.kept = writer.known();
        report.left_out = report.read - report.kept;
        if report.kept == 0 {
            return Err(LayersError::Refused {
                message: "Not one cell has a known value.".into(),
                report: Some(Box::new(report.clone())),
            });
        }
        let finished = work.join("layer.tif");
        writer.finish(&finished)?;
        Ok(finished)
    }

    /// Gives the file its place in the catalogue.
    pub fn publish(
        self,
        (catalogue, lock): (&Catalogue, &WriteLock),
        finished: &Path,
        grid: &Grid,
        crs: &Crs,
        mut report: ImportReport,
    ) -> Result<ImportReport> {
        if is_unchanged(lock, self.name, &report.hash)? {
            report.outcome = Outcome::Unchanged;
            return Ok(report);
        }
        let target = (&catalogue.crs()?, catalogue.deployment());
        let coverage = coverage::of_grid(self.coverage, (grid, crs), target, &mut report)?;
        report.coverage = Some(coverage.how);
        report.outcome = Outcome::Imported;
        let stored = Stored {
            name: self.name,
            role: self.role,
            features: None,
            crs,
            source_crs: crs,
            bounds: grid.bounds(),
            fields: &[],
            coverage,
            return_period: self.return_period,
            now: self.now,
        };
        lock.publish(finished, self.about.entry(&stored, &report)?)?;
        Ok(report)
    }
}
