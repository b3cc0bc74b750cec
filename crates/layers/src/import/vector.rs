//! Import of vector files.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::about::{About, Stored, is_unchanged, shift_in_words};
use super::answers::Answers;
use super::attributes::{Given, Plan};
use super::hash::Hasher;
use super::intake::Intake;
use super::report::{ImportReport, Outcome};
use super::{CoverageRequest, Job, Progress, check_name, coverage, divisions};
use crate::catalogue::Catalogue;
use crate::crs::Crs;
use crate::error::{LayersError, Result, base_name};
use crate::gpkg::TableSpec;
use crate::open::{OpenOptions, Sample};
use crate::reading_process::VectorFile;
use crate::schema::{GeometryKind, Role};
use crate::sources::SourceLayer;

pub(super) fn import(
    catalogue: &Catalogue,
    job: &Job<'_>,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let default_name = job.preset.and_then(|preset| preset.name.clone());
    let default_name = default_name.unwrap_or_else(|| job.role.as_str().to_owned());
    let name = job.request.layer.clone().unwrap_or(default_name);
    check_name(&name)?;
    let lock = catalogue.lock_for_writing()?;
    let mut report = ImportReport::new(&name, job.role);
    report.notes.clone_from(&job.request.notes);
    report.files = job.request.files.iter().map(|file| base_name(file)).collect();
    report.hash = hash(catalogue, job, &name)?;
    if is_unchanged(&lock, &name, &report.hash)? {
        report.outcome = Outcome::Unchanged;
        return Ok(report);
    }
    let work = lock.work_dir()?;
    let files = open_files(catalogue, job, work.path(), false)?;
    let Some(first) = files.first() else {
        return Err(LayersError::Usage("Name at least one file.".into()));
    };
    tell_of_source(&mut report, &files, first.crs(), &job.traps);
    let sample = first.sample()?;
    let answers = match job.preset {
        Some(_) => Answers::find(first.columns(), &sample),
        None => Answers::default(),
    };
    let plan = plan(job, first, &sample, &answers)?;
    tell_of_columns(&mut report, first, &plan, &answers);
    check_zones(job.role, &plan)?;
    let crs = catalogue.crs()?;
    let about = About::of(job, &name, &report.files.join(", "));
    let unfinished = work.path().join("layer.gpkg");
    let kind = job.role.geometry().unwrap_or(GeometryKind::Any);
    let spec = TableSpec {
        table: &name,
        title: &about.title,
        description: &about.description(),
        metadata: &about.metadata(job.role, None),
        geometry: kind,
        crs: &crs,
        fields: plan.fields(),
        made_at: now,
    };
    let source = (first.crs(), catalogue.deployment());
    let mut intake = Intake::new(&unfinished, &spec, &plan, source, &mut report)?;
    take_all(&files, job, &answers, &mut intake, progress)?;
    let (bounds, count, hull) = intake.finish(job.request.strict)?;
    if job.role == Role::Boundaries {
        divisions::compare_with_gazetteer(&unfinished, &name, &plan, &mut report)?;
    }
    let coverage = coverage::of_features(
        job.request.coverage.as_ref(),
        job.role,
        (bounds, hull, &extents(&files)),
        (&crs, catalogue.deployment()),
        &mut report,
    )?;
    report.coverage = Some(coverage.how);
    report.outcome = Outcome::Imported;
    let stored = Stored {
        name: &name,
        role: job.role,
        features: Some((kind, count)),
        crs: &crs,
        source_crs: first.crs(),
        bounds,
        fields: plan.fields(),
        coverage,
        return_period: None,
        now,
    };
    lock.publish(&unfinished, about.entry(&stored, &report)?)?;
    Ok(report)
}

/// Whether a file is a raster by its first bytes, or by a name that only rasters have.
fn is_raster(path: &Path) -> bool {
    use std::io::Read;
    const NAMES: [&str; 5] = ["tif", "tiff", "img", "asc", "jp2"];
    let mut start = [0; 4];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    let is_tiff = read.is_ok() && matches!(&start, b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+");
    is_tiff
        || path
            .extension()
            .is_some_and(|e| NAMES.iter().any(|name| e.eq_ignore_ascii_case(name)))
}

/// What to do with a raster where features belong.
fn raster_for(role: Role, file: &str) -> String {
    let instead = match role {
        Role::FloodZones => {
            "Depths in metres are imported as flood_depth, with --return-period. A raster of classes is made into polygons first, with gdal_polygonize.py or QGIS (Raster, Conversion, Polygonize), and these are imported with --map class=DN or the column that holds the class."
        }
        Role::Water | Role::Protected | Role::Boundaries | Role::Buildings | Role::Parcels => {
            "Make polygons of it first, with gdal_polygonize.py or QGIS (Raster, Conversion, Polygonize)."
        }
        _ => "Rasters are taken for flood_depth and elevation.",
    };
    format!("{file} is a raster, and {role} are made of features. {instead}")
}

/// The boxes that the files say they were cut to; none unless all of them say it.
fn extents(files: &[VectorFile]) -> Vec<[f64; 4]> {
    let all: Option<Vec<[f64; 4]>> = files.iter().map(VectorFile::extent).collect();
    all.unwrap_or_default()
}

/// Opens all files of the layer, which must agree in CRS and columns.
pub(super) fn open_files(
    catalogue: &Catalogue,
    job: &Job<'_>,
    work: &Path,
    table: bool,
) -> Result<Vec<VectorFile>> {
    let request = job.request;
    let options = OpenOptions {
        layer: request.source_layer.clone(),
        crs: request
            .crs
            .clone()
            .or_else(|| job.preset.and_then(|preset| preset.crs.clone())),
        encoding: request.encoding.clone(),
        place: request.place.clone(),
        deployment: catalogue.deployment().clone(),
        table,
        ..OpenOptions::default()
    };
    let wanted: &[String] = job.preset.map_or(&[], |preset| &preset.from);
    let mut files: Vec<VectorFile> = Vec::new();
    for path in &request.files {
        if is_raster(path) {
            return Err(LayersError::Usage(raster_for(job.role, &base_name(path))));
        }
        let file = VectorFile::open(path, &options, work, wanted)?;
        if let Some(first) = files.first()
            && (file.crs() != first.crs() || file.columns() != first.columns())
        {
            return Err(LayersError::refused(format!(
                "{} has another CRS or other columns than the first file ({} instead of {}): import them as layers of their own.",
                file.file(),
                file.crs().name(),
                first.crs().name()
            )));
        }
        files.push(file);
    }
    Ok(files)
}

/// Which columns fill which fields.
fn plan(job: &Job<'_>, file: &VectorFile, sample: &Sample, answers: &Answers) -> Result<Plan> {
    let given = &job.request.map;
    let mut columns = file.columns().to_vec();
    columns.extend(job.preset.map(SourceLayer::added_columns).unwrap_or_default());
    columns.extend(answers.columns());
    let may_fill = |column: usize, field: &str| {
        let spec = job.role.fields().iter().find(|spec| spec.name == field);
        answers.may_fill(column, spec.map(|spec| spec.rule))
    };
    let map = match job.preset {
        Some(preset) => preset.map_with(given, &columns, may_fill),
        None => given.clone(),
    };
    let allow_extra = job.request.extra || job.preset.is_some_and(|preset| preset.extra);
    Plan::new(
        job.role,
        &columns,
        Given {
            map: &map,
            allow_extra,
            choices: &answers.marks(&columns),
            sample: Some(sample),
            ..Given::default()
        },
    )
}

fn tell_of_columns(report: &mut ImportReport, file: &VectorFile, plan: &Plan, answers: &Answers) {
    report.fields.clone_from(&plan.described);
    report.fields.extend(file.placed_by());
    report.suggestions.clone_from(&plan.suggestions);
    let placed = file.place_columns();
    report.not_taken = plan
        .not_taken
        .iter()
        .filter(|name| !placed.contains(&name.as_str()))
        .cloned()
        .collect();
    for note in plan.notes.iter().cloned().chain(answers.note()) {
        report.warn(note);
    }
}

/// Zones of which nothing says what they are cannot be used: an area alone is neither flooded nor dry.
fn check_zones(role: Role, plan: &Plan) -> Result<()> {
    let says = ["class", "depth_min_m", "depth_max_m"];
    if role != Role::FloodZones || says.iter().any(|field| plan.fills(field)) {
        return Ok(());
    }
    let columns = match plan.not_taken.len() {
        0 => String::new(),
        _ => format!(" The columns are: {}.", plan.not_taken.join(", ")),
    };
    Err(LayersError::Usage(format!(
        "flood_zones need 'class' (hazard class) or 'depth_min_m' and 'depth_max_m', and no column has these names: add --map class=COLUMN or, where every area was flooded, --map class='flooded'.{columns}"
    )))
}

/// Hands every record of every file to the intake, numbered through.
fn take_all(
    files: &[VectorFile],
    job: &Job<'_>,
    answers: &Answers,
    intake: &mut Intake<'_>,
    progress: &mut dyn Progress,
) -> Result<()> {
    let total = files.iter().map(VectorFile::count).sum::<Option<u64>>();
    let names: Vec<&str> = files.iter().map(VectorFile::file).collect();
    progress.start(&format!("reading {}", names.join(", ")), total);
    let mut done = 0;
    for file in files {
        let filter = job.preset.map(|preset| preset.filter(file.columns()));
        file.for_each_raw(|mut raw| {
            done += 1;
            if done % 1000 == 0 {
                progress.at(done);
            }
            raw.n = done;
            if let Some(Err(reason)) = filter.as_ref().map(|filter| filter.apply(&mut raw.row)) {
                intake.leave_out(done, "filtered", "of no concern to the layer", reason);
                Ok(())
            } else {
                answers.append(&mut raw.row);
                intake.take(raw)
            }
        })?;
    }
    progress.finish();
    Ok(())
}

/// Everything that decides what becomes of the source, and the source itself.
pub(crate) fn hash(catalogue: &Catalogue, job: &Job<'_>, name: &str) -> Result<String> {
    let r = job.request;
    let map: Vec<String> = r.map.iter().map(|m| format!("{m:?}")).collect();
    let d = catalogue.deployment();
    let mut hasher = Hasher::new(&json!({
        "layer": name, "role": job.role, "map": map, "crs": r.crs, "encoding": r.encoding, "source_layer": r.source_layer, "extra": r.extra, "place": r.place,
        "title": r.title, "licence": r.licence, "attribution": r.attribution, "strict": r.strict, "illustrative": r.illustrative,
        "return_period": r.return_period, "preset": job.preset.map(|preset| format!("{preset:?}")),
        "deployment": [json!(d.crs), json!(d.extent), json!(d.indian_1960_shift)],
    }))?;
    if let Some(coverage) = &r.coverage {
        hasher.update(format!("{coverage:?}").as_bytes());
    }
    let said = match &r.coverage {
        Some(CoverageRequest::File(file)) => Some(file),
        _ => None,
    };
    for file in r.files.iter().chain(said) {
        crate::reading_process::check_is_file(file)?;
        hasher.file(file)?;
    }
    Ok(hasher.finish())
}

fn tell_of_source(report: &mut ImportReport, files: &[VectorFile], crs: &Crs, traps: &[String]) {
    crs.name().clone_into(&mut report.source_crs);
    report.datum_shift = shift_in_words(crs);
    for file in files {
        file.crs_from().clone_into(&mut report.crs_from);
        for note in &file.notes {
            report.warn(note.clone());
        }
    }
    for trap in traps {
        report.warn(trap.clone());
    }
}
