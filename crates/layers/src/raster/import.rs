//! Import of rasters: on their own grid and CRS, cut to the deployment's extent along cell edges, values in metres.

use std::path::{Path, PathBuf};

use geo::Rect;
use jiff::Timestamp;

use super::judge::{DepthTally, Rows};
use super::tiles::Tiles;
use super::write::GridWriter;
use super::{Grid, RasterFile, Window};
use crate::catalogue::{Catalogue, Coverage, CoverageSource, WriteLock};
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result, base_name};
use crate::import::about::{About, Stored, is_unchanged, shift_in_words};
use crate::import::report::{ImportReport, Outcome};
use crate::import::vector::hash;
use crate::import::{CoverageRequest, Job, Progress, check_name, coverage, unpack};
use crate::reading_process::Process;
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
    let (name, return_period) = layer_name(job, first)?;
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
    let rasters = open(catalogue, &request.files, work.path())?;
    let mut raster = Tiles::new(rasters, &mut report)?;
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
    let mut tally = DepthTally::default();
    let rows = Rows::new(&mut raster, window, job.role, &mut tally, progress);
    let coverage = store.coverage(catalogue, (&grid, &crs), &mut report)?;
    let finished = store.write(
        work.path(),
        (&grid, &crs),
        (&coverage, catalogue),
        rows,
        &mut report,
    )?;
    raster.tell(window, &mut report);
    tally.tell(&mut report)?;
    store.publish((&lock, &finished), (&grid, &crs), coverage, report)
}

/// The cells of a grid that lie, by more than half, where its layer is complete.
struct Complete {
    /// By row: first column and the one past the last, from west to east.
    runs: Vec<Vec<(usize, usize)>>,
}

impl Complete {
    /// `plane` is the CRS of the coverage, `crs` that of the grid.
    fn new(coverage: &Coverage, plane: &Crs, (grid, crs): (&Grid, &Crs)) -> Result<Self> {
        let mut area = geo::Geometry::MultiPolygon(coverage.polygon.clone());
        Reprojector::new(plane, crs)?.geometry(&mut area)?;
        let mut runs = vec![Vec::new(); grid.rows];
        if let geo::Geometry::MultiPolygon(area) = &area {
            let spans = phteah_geoproc::coverage::coverage(area, grid).spans;
            for span in spans.iter().filter(|span| span.fraction > 0.5) {
                runs[span.row].push((span.first, span.end));
            }
        }
        Ok(Self { runs })
    }

    /// Makes the cells of a row unknown that lie beyond, and says how many had a value.
    fn blank(&self, row: usize, cells: &mut [Option<f32>]) -> u64 {
        let (mut beyond, mut from) = (0, 0);
        let runs = self.runs.get(row).map_or(&[][..], Vec::as_slice);
        for (first, end) in runs.iter().copied().chain([(cells.len(), cells.len())]) {
            for cell in &mut cells[from.min(first)..first] {
                beyond += u64::from(cell.take().is_some());
            }
            from = end;
        }
        beyond
    }
}

/// Name of the layer that a raster fills, and its return period.
pub(crate) fn layer_name(job: &Job<'_>, file: &Path) -> Result<(String, Option<u32>)> {
    let return_period = match job.role {
        Role::FloodDepth => Some(return_period(job, file)?),
        _ => None,
    };
    let base = job
        .preset
        .and_then(|preset| preset.name.clone())
        .unwrap_or_else(|| job.role.as_str().to_owned());
    let name = match (&job.request.layer, return_period) {
        (Some(name), _) => name.clone(),
        (None, Some(rp)) => format!("{base}_rp{rp}"),
        (None, None) => base,
    };
    Ok((name, return_period))
}

/// The rasters of all files; an archive may hold several.
fn open(catalogue: &Catalogue, files: &[PathBuf], work: &Path) -> Result<Vec<RasterFile>> {
    let limit = catalogue.deployment().max_unpacked_bytes;
    let mut tiles = Vec::new();
    for file in files {
        if !unpack::is_archive(file) {
            tiles.push(file.clone());
            continue;
        }
        let inside = Process::unpack(file, work, limit)?;
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
    tiles
        .iter()
        .map(|tile| RasterFile::open(tile, catalogue.deployment()))
        .collect()
}

/// The return period in a file's name as most sources write it.
pub(crate) fn return_period_by_name(name: &str) -> Option<u32> {
    ["rp", "_t", "return_period_"]
        .iter()
        .find_map(|mark| return_period_in(name, mark))
}

fn return_period(job: &Job<'_>, file: &Path) -> Result<u32> {
    let name = base_name(file);
    let told = job.request.return_period;
    let by_preset = || job.preset.and_then(|preset| preset.return_period(&name));
    told.or_else(by_preset).or_else(|| return_period_by_name(&name)).filter(|rp| *rp > 0).ok_or_else(|| {
        LayersError::Usage(format!(
            "{name} does not say its annual return period: name it with --return-period, or in the file name as rp100."
        ))
    })
}

/// The cells that meet the deployment's extent.
fn cut(catalogue: &Catalogue, raster: &Tiles, crs: &Crs, report: &mut ImportReport) -> Result<Window> {
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
    /// Where it is complete.
    pub fn coverage(
        &self,
        catalogue: &Catalogue,
        (grid, crs): (&Grid, &Crs),
        report: &mut ImportReport,
    ) -> Result<Coverage> {
        let target = (&catalogue.crs()?, catalogue.deployment());
        coverage::of_grid(self.coverage, (grid, crs), target, report)
    }

    /// Writes the rows (each item any whole number of them) and returns the finished file. Where somebody said that the raster is complete
    /// on a part of its grid only, the cells beyond are unknown.
    pub fn write(
        &self,
        work: &Path,
        (grid, crs): (&Grid, &Crs),
        (coverage, catalogue): (&Coverage, &Catalogue),
        rows: impl Iterator<Item = Result<Vec<Option<f32>>>>,
        report: &mut ImportReport,
    ) -> Result<PathBuf> {
        let complete = match coverage.how {
            CoverageSource::Given => Some(Complete::new(coverage, &catalogue.crs()?, (grid, crs))?),
            CoverageSource::Extent | CoverageSource::Hull => None,
        };
        let (mut row, mut beyond) = (0, 0);
        let mut writer = GridWriter::create(
            &work.join("plain.tif"),
            grid,
            crs,
            self.about.metadata(self.role, self.return_period),
        )?;
        for cells in rows {
            let mut cells = cells?;
            if let Some(complete) = &complete {
                for cells in cells.chunks_mut(grid.columns) {
                    beyond += complete.blank(row, cells);
                    row += 1;
                }
            }
            writer.push(cells.into_iter())?;
        }
        if beyond > 0 {
            report.warn(format!(
                "{} cells with a value lie outside of where the raster is said to be complete: they are stored as unknown.",
                crate::text::thousands(beyond)
            ));
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
        (lock, finished): (&WriteLock, &Path),
        (grid, crs): (&Grid, &Crs),
        coverage: Coverage,
        mut report: ImportReport,
    ) -> Result<ImportReport> {
        if is_unchanged(lock, self.name, &report.hash)? {
            report.outcome = Outcome::Unchanged;
            return Ok(report);
        }
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
