//! Layers made by a program: the same checks, the same way in.

use jiff::Timestamp;
use serde_json::json;

use super::about::{About, Stored, is_unchanged, shift_in_words};
use super::attributes::{Given, Plan};
use super::hash::Hasher;
use super::intake::Intake;
use super::report::{ImportReport, Outcome};
use super::{GridRequest, Progress, Record, RecordsRequest, check_grid, check_name, coverage};
use crate::catalogue::Catalogue;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::gpkg::TableSpec;
use crate::open::Raw;
use crate::raster::{self, Grid};
use crate::schema::Role;
use crate::value::{Field, FieldType, Value};
use crate::wkb::{self, Parsed};

/// Imports records made by a program. `total` is how many there are, where that is known, for the progress bar.
///
/// An attribute that is neither `id`, nor a field of the role, nor one of `request.extra` is a mistake of the caller.
#[allow(clippy::too_many_lines, reason = "one import from its check to its report")]
pub fn import_records(
    catalogue: &Catalogue,
    request: &RecordsRequest,
    records: impl IntoIterator<Item = Record>,
    total: Option<u64>,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    check_name(&request.layer)?;
    let Some(kind) = request.role.geometry() else {
        return Err(LayersError::Usage(format!(
            "{} is a raster role: use a grid.",
            request.role
        )));
    };
    let lock = catalogue.lock_for_writing()?;
    let work = lock.work_dir()?;
    let mut columns = vec![Field::new("id", FieldType::Text)];
    columns.extend(request.role.fields().iter().map(crate::schema::FieldSpec::field));
    columns.extend(request.extra.iter().cloned());
    let given = Given {
        extra: &request.extra,
        ..Given::default()
    };
    let plan = Plan::new(request.role, &columns, given)?;
    let mut report = ImportReport::new(&request.layer, request.role);
    report.files.push(request.source.clone());
    let source_crs = Crs::parse(&request.crs, catalogue.deployment())?;
    source_crs.name().clone_into(&mut report.source_crs);
    "as given".clone_into(&mut report.crs_from);
    report.datum_shift = shift_in_words(&source_crs);
    let about = About {
        title: request.title.clone(),
        source: request.source.clone(),
        licence: request.licence.clone(),
        attribution: request.attribution.clone(),
        illustrative: request.illustrative,
        record: request.record.clone(),
    };
    let crs = catalogue.crs()?;
    let d = catalogue.deployment();
    let mut hasher = Hasher::new(&json!({
        "layer": request.layer, "role": request.role, "crs": request.crs, "about": [&about.title, &about.source, &about.licence,
        &about.attribution], "illustrative": about.illustrative, "strict": request.strict, "extra": request.extra, "record": request.record,
        "deployment": [json!(d.crs), json!(d.extent), json!(d.indian_1960_shift)],
    }))?;
    if let Some(coverage) = &request.coverage {
        hasher.update(format!("{coverage:?}").as_bytes());
    }
    let unfinished = work.path().join("layer.gpkg");
    let (bounds, count, hull) = {
        let spec = TableSpec {
            table: &request.layer,
            title: &about.title,
            description: &about.description(),
            metadata: &about.metadata(request.role, None),
            geometry: kind,
            crs: &crs,
            fields: plan.fields(),
            made_at: now,
        };
        let mut intake = Intake::new(&unfinished, &spec, &plan, (&source_crs, d), &mut report)?;
        progress.start(&format!("storing {}", request.layer), total);
        let mut bytes = Vec::new();
        for (n, record) in (1_u64..).zip(records) {
            if n.is_multiple_of(1000) {
                progress.at(n);
            }
            let row = row(&columns, record.attributes, &mut hasher)?;
            bytes.clear();
            wkb::write(&record.geometry, &mut bytes);
            hasher.update(&bytes);
            let parsed = Parsed {
                geometry: record.geometry,
                had_z: false,
                had_curves: false,
                unclosed_rings: 0,
            };
            intake.take(Raw {
                n,
                shape: Ok(Some(parsed)),
                row,
            })?;
        }
        progress.finish();
        intake.finish(request.strict)?
    };
    report.hash = hasher.finish();
    if is_unchanged(&lock, &request.layer, &report.hash)? {
        report.outcome = Outcome::Unchanged;
        return Ok(report);
    }
    let coverage = coverage::of_features(
        request.coverage.as_ref(),
        request.role,
        (bounds, hull, &[]),
        (&crs, d),
        &mut report,
    )?;
    report.coverage = Some(coverage.how);
    report.outcome = Outcome::Imported;
    let stored = Stored {
        name: &request.layer,
        role: request.role,
        features: Some((kind, count)),
        crs: &crs,
        source_crs: &source_crs,
        bounds,
        fields: plan.fields(),
        coverage,
        return_period: None,
        now,
    };
    lock.publish(&unfinished, about.entry(&stored, &report)?)?;
    Ok(report)
}

/// A record's attributes in the order of the columns.
pub(super) fn row(
    columns: &[Field],
    attributes: Vec<(std::borrow::Cow<'static, str>, Value)>,
    hasher: &mut Hasher,
) -> Result<Vec<Option<Value>>> {
    let mut row = vec![None; columns.len()];
    for (name, value) in attributes {
        let Some(at) = columns.iter().position(|column| column.name == name) else {
            return Err(LayersError::Usage(format!("The layer has no field '{name}'.")));
        };
        hasher.update(&(at as u64).to_le_bytes());
        hasher.update(value.to_string().as_bytes());
        hasher.update(&[0x1f]);
        row[at] = Some(value);
    }
    Ok(row)
}

/// Imports a raster made by a program. `fill` is called once per row, from north to south, and writes the row's cells; `None` is unknown.
pub fn import_grid(
    catalogue: &Catalogue,
    request: &GridRequest,
    grid: &Grid,
    mut fill: impl FnMut(usize, &mut [Option<f32>]),
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    check_name(&request.layer)?;
    check_grid(grid)?;
    if !request.role.is_raster() {
        return Err(LayersError::Usage(format!(
            "{} is no raster role: use records.",
            request.role
        )));
    }
    let crs = Crs::parse(&request.crs, catalogue.deployment())?;
    let options = json!({
        "layer": request.layer, "role": request.role, "crs": request.crs, "title": request.title, "source": request.source,
        "licence": request.licence, "attribution": request.attribution, "illustrative": request.illustrative,
        "return_period": request.return_period, "grid": [grid.west, grid.north, grid.cell_width, grid.cell_height],
        "size": [grid.columns, grid.rows],
    });
    let store = raster::import::Store {
        about: About {
            title: request.title.clone(),
            source: request.source.clone(),
            licence: request.licence.clone(),
            attribution: request.attribution.clone(),
            illustrative: request.illustrative,
            record: None,
        },
        name: &request.layer,
        role: request.role,
        coverage: None,
        return_period: request.return_period,
        now,
    };
    if request.role == Role::FloodDepth && request.return_period.is_none() {
        return Err(LayersError::Usage(
            "A flood depth raster needs its annual return period.".into(),
        ));
    }
    let mut report = ImportReport::new(&request.layer, request.role);
    report.files.push(request.source.clone());
    crs.name().clone_into(&mut report.source_crs);
    "as given".clone_into(&mut report.crs_from);
    report.datum_shift = shift_in_words(&crs);
    let lock = catalogue.lock_for_writing()?;
    let mut hasher = Hasher::new(&options)?;
    progress.start(&format!("storing {}", request.layer), Some(grid.rows as u64));
    let rows = (0..grid.rows).map(|row| {
        let mut cells = vec![None; grid.columns];
        fill(row, &mut cells);
        for cell in &cells {
            hasher.update(&cell.unwrap_or(f32::NAN).to_le_bytes());
        }
        if row.is_multiple_of(64) {
            progress.at(row as u64);
        }
        Ok(cells)
    });
    let work = lock.work_dir()?;
    let coverage = store.coverage(catalogue, (grid, &crs), &mut report)?;
    let finished = store.write(
        work.path(),
        (grid, &crs),
        (&coverage, catalogue),
        rows,
        &mut report,
    )?;
    progress.finish();
    report.hash = hasher.finish();
    store.publish((&lock, &finished), (grid, &crs), coverage, report)
}
