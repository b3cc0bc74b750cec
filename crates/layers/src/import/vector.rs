//! Import of vector files.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::attributes::Plan;
use super::hash::Hasher;
use super::intake::Intake;
use super::report::{ImportReport, Outcome};
use super::{Job, Progress, check_name};
use crate::catalogue::{Catalogue, LayerEntry, LayerKind, WriteLock};
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result, base_name};
use crate::gazetteer;
use crate::gpkg::TableSpec;
use crate::open::{OpenOptions, VectorFile};
use crate::schema::{GeometryKind, Role};
use crate::sources::SourceLayer;

pub(super) fn import(
    catalogue: &Catalogue,
    job: &Job<'_>,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let request = job.request;
    let default_name = job
        .preset
        .and_then(|preset| preset.name.clone())
        .unwrap_or_else(|| job.role.as_str().to_owned());
    let name = request.layer.clone().unwrap_or(default_name);
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
    let options = OpenOptions {
        layer: request.source_layer.clone(),
        crs: request
            .crs
            .clone()
            .or_else(|| job.preset.and_then(|preset| preset.crs.clone())),
        encoding: request.encoding.clone(),
        id: None,
        deployment: catalogue.deployment().clone(),
    };
    let wanted: &[String] = job.preset.map_or(&[], |preset| &preset.from);
    let mut files = Vec::new();
    for path in &request.files {
        files.push(VectorFile::open(path, &options, work.path(), wanted)?);
    }
    let Some(first) = files.first() else {
        return Err(LayersError::Usage("Name at least one file.".into()));
    };
    let source_crs = first.crs().clone();
    if let Some(other) = files
        .iter()
        .find(|file| file.crs() != &source_crs || file.columns() != first.columns())
    {
        return Err(LayersError::refused(format!(
            "{} has another CRS or other columns than the first file ({} instead of {}): import them as layers of their own.",
            other.file(),
            other.crs().name(),
            source_crs.name()
        )));
    }
    tell_of_source(&mut report, first, &source_crs);
    files
        .iter()
        .for_each(|file| file.notes.iter().for_each(|note| report.warn(note.clone())));
    job.traps.iter().for_each(|trap| report.warn(trap.clone()));

    let map = job.preset.map_or_else(
        || request.map.clone(),
        |preset| preset.map_with(&request.map, first.columns()),
    );
    let mut columns = first.columns().to_vec();
    columns.extend(job.preset.map(SourceLayer::added_columns).unwrap_or_default());
    let plan = Plan::new(job.role, &columns, &map, &[])?;
    report.fields.clone_from(&plan.described);
    report.not_taken.clone_from(&plan.not_taken);
    let crs = catalogue.crs()?;
    let about = About::of(job, &name, &report.files.join(", "));
    let unfinished = work.path().join("layer.gpkg");
    let kind = job.role.geometry().unwrap_or(GeometryKind::Any);
    let (bounds, count) = {
        let spec = TableSpec {
            table: &name,
            title: &about.title,
            description: &about.description(),
            metadata: &about.metadata(),
            geometry: kind,
            crs: &crs,
            fields: plan.fields(),
            made_at: now,
        };
        let mut intake = Intake::new(
            &unfinished,
            &spec,
            &plan,
            &source_crs,
            catalogue.deployment(),
            &mut report,
        )?;
        let total = files.iter().map(VectorFile::count).sum::<Option<u64>>();
        progress.start(&format!("reading {}", about.source), total);
        let mut done = 0;
        for file in &files {
            let filter = job
                .preset
                .map(|preset| preset.filter(file.columns()))
                .transpose()?;
            file.for_each_raw(|mut raw| {
                done += 1;
                if done % 1000 == 0 {
                    progress.at(done);
                }
                raw.n = done;
                match filter.as_ref().map(|filter| filter.apply(&mut raw.row)) {
                    Some(Err(reason)) => {
                        intake.leave_out(done, "filtered", "of no concern to the layer", reason);
                        Ok(())
                    }
                    _ => intake.take(raw),
                }
            })?;
        }
        progress.finish();
        intake.finish(request.strict)?
    };
    if job.role == Role::Boundaries {
        compare_with_gazetteer(&unfinished, &name, &plan, &mut report)?;
    }
    report.outcome = Outcome::Imported;
    let entry = LayerEntry {
        name: name.clone(),
        role: job.role,
        kind: LayerKind::Vector,
        geometry: Some(kind),
        features: Some(count),
        crs: crs.name().to_owned(),
        source_crs: source_crs.name().to_owned(),
        hash: report.hash.clone(),
        imported_at: now,
        bounds: Reprojector::new(&crs, &Crs::wgs84())?.bounds(bounds)?,
        fields: plan.fields().to_vec(),
        return_period: None,
        unit: None,
        report: report.summary(),
        file: format!("{name}-{}.gpkg", &report.hash[..12]),
        title: about.title,
        source: about.source,
        licence: about.licence,
        attribution: about.attribution,
        illustrative: about.illustrative,
    };
    lock.publish(&unfinished, entry)?;
    Ok(report)
}

/// What a layer says of itself, in the catalogue and in its file.
pub(crate) struct About {
    pub title: String,
    pub source: String,
    pub licence: String,
    pub attribution: String,
    pub illustrative: bool,
}

impl About {
    pub fn of(job: &Job<'_>, name: &str, source: &str) -> Self {
        let request = job.request;
        let preset = job.preset;
        let pick = |given: &Option<String>, preset: Option<&String>| {
            given.clone().or_else(|| preset.cloned()).unwrap_or_default()
        };
        let mut title = pick(&request.title, preset.and_then(|p| p.title.as_ref()));
        if title.is_empty() {
            name.clone_into(&mut title);
        }
        Self {
            title,
            source: source.to_owned(),
            licence: pick(&request.licence, preset.map(|p| &p.licence)),
            attribution: pick(&request.attribution, preset.map(|p| &p.attribution)),
            illustrative: request.illustrative,
        }
    }

    pub fn description(&self) -> String {
        let mut parts = Vec::new();
        if self.illustrative {
            parts.push("Illustrative data, not real.".to_owned());
        }
        parts.push(format!("Source: {}.", self.source));
        if !self.licence.is_empty() {
            parts.push(format!("Licence: {}.", self.licence));
        }
        if !self.attribution.is_empty() {
            parts.push(format!("Attribution: {}.", self.attribution));
        }
        parts.join(" ")
    }

    pub fn metadata(&self) -> Vec<(String, String)> {
        vec![
            ("TITLE".into(), self.title.clone()),
            ("SOURCE".into(), self.source.clone()),
            ("LICENCE".into(), self.licence.clone()),
            ("ATTRIBUTION".into(), self.attribution.clone()),
            (
                "ILLUSTRATIVE".into(),
                if self.illustrative { "yes" } else { "no" }.into(),
            ),
        ]
    }
}

/// Whether the layer exists already, made of the same bytes with the same options.
pub(crate) fn is_unchanged(lock: &WriteLock, name: &str, hash: &str) -> Result<bool> {
    Ok(lock
        .layers()?
        .iter()
        .any(|entry| entry.name == name && entry.hash == hash))
}

/// Everything that decides what becomes of the source, and the source itself.
pub(crate) fn hash(catalogue: &Catalogue, job: &Job<'_>, name: &str) -> Result<String> {
    let r = job.request;
    let map: Vec<String> = r.map.iter().map(|m| format!("{m:?}")).collect();
    let d = catalogue.deployment();
    let mut hasher = Hasher::new(&json!({
        "layer": name, "role": job.role, "map": map, "crs": r.crs, "encoding": r.encoding, "source_layer": r.source_layer,
        "title": r.title, "licence": r.licence, "attribution": r.attribution, "strict": r.strict, "illustrative": r.illustrative,
        "return_period": r.return_period, "preset": job.preset.map(|preset| format!("{preset:?}")),
        "deployment": [json!(d.crs), json!(d.extent), json!(d.indian_1960_shift)],
    }))?;
    for file in &r.files {
        if !file.exists() {
            return Err(LayersError::unreadable(file, "there is no such file"));
        }
        hasher.file(file)?;
    }
    Ok(hasher.finish())
}

fn tell_of_source(report: &mut ImportReport, file: &VectorFile, crs: &Crs) {
    crs.name().clone_into(&mut report.source_crs);
    file.crs_from().clone_into(&mut report.crs_from);
    report.datum_shift = shift_in_words(crs);
}

/// How Indian 1960 was brought to WGS 84.
pub(crate) fn shift_in_words(crs: &Crs) -> Option<String> {
    let [x, y, z] = crs.shift()?;
    Some(format!(
        "Indian 1960 was brought to WGS 84 with the geocentric shift {x}, {y}, {z} m, pinned in deployment.toml (stated accuracy 44 m)"
    ))
}

/// For boundaries: which of today's divisions the file lacks.
fn compare_with_gazetteer(path: &Path, name: &str, plan: &Plan, report: &mut ImportReport) -> Result<()> {
    let layer = crate::gpkg::VectorLayer::open(path, name, plan.fields())?;
    let mut codes = std::collections::BTreeSet::new();
    layer.for_each(&crate::gpkg::Query::default(), |feature| {
        codes.extend(feature.text("code").map(str::to_owned));
        Ok::<(), LayersError>(())
    })?;
    for (what, digits, all) in [
        ("khans", 4, gazetteer::khans().collect::<Vec<_>>()),
        ("sangkats", 6, gazetteer::sangkats().collect::<Vec<_>>()),
    ] {
        if !codes.iter().any(|code| code.len() == digits) {
            continue;
        }
        let missing: Vec<String> = all
            .iter()
            .filter(|division| !codes.contains(&division.code))
            .map(|division| format!("{} {}", division.code, division.en))
            .collect();
        if !missing.is_empty() {
            report.warn(format!(
                "Of today's {} {what} {} have no boundary here: {}.",
                all.len(),
                missing.len(),
                missing.join(", ")
            ));
        }
    }
    Ok(())
}
