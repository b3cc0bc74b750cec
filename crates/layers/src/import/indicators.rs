//! Import of indicators: a table of codes and numbers, each record with the outline of the boundary that it is about.
//!
//! A record whose boundary is not found is kept without a place: it counts nowhere, and is found again when the right boundaries have come.

mod columns;
mod long;

use std::collections::{BTreeSet, HashMap};

use geo::{Geometry, MultiPolygon, unary_union};
use jiff::Timestamp;
use serde_json::json;

use super::about::{About, Stored, is_unchanged};
use super::attributes::{Given, Plan, Remark};
use super::hash::Hasher;
use super::map::FieldMap;
use super::report::{Detail, Effect, ImportReport, Outcome};
use super::{Job, Progress, check_name, coverage, vector};
use crate::catalogue::{Catalogue, CoverageSource};
use crate::error::{LayersError, Result, base_name};
use crate::gpkg::{Query, TableSpec, Writer};
use crate::join::{Joined, Place, Places};
use crate::names::Names;
use crate::reading_process::VectorFile;
use crate::schema::{GeometryKind, Role};
use crate::text::{is_blank, thousands};
use crate::value::{Field, FieldType, Value};

/// The boundaries of the catalogue, with what identifies them.
struct Boundaries {
    places: Places,
    shapes: Vec<MultiPolygon<f64>>,
    hashes: Vec<String>,
}

pub(super) fn import(
    catalogue: &Catalogue,
    job: &Job<'_>,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    let request = job.request;
    let name = request
        .layer
        .clone()
        .unwrap_or_else(|| job.role.as_str().to_owned());
    check_name(&name)?;
    if request.coverage.is_some() {
        return Err(LayersError::Usage(
            "Indicators are complete where their boundaries are: leave --coverage out.".into(),
        ));
    }
    let lock = catalogue.lock_for_writing()?;
    let mut report = ImportReport::new(&name, job.role);
    report.files = request.files.iter().map(|file| base_name(file)).collect();
    let boundaries = boundaries(catalogue)?;
    // The same table over other boundaries is another layer.
    report.hash = Hasher::new(&json!([vector::hash(catalogue, job, &name)?, boundaries.hashes]))?.finish();
    if is_unchanged(&lock, &name, &report.hash)? {
        report.outcome = Outcome::Unchanged;
        return Ok(report);
    }
    let work = lock.work_dir()?;
    let files = vector::open_files(catalogue, job, work.path(), true)?;
    let Some(first) = files.first() else {
        return Err(LayersError::Usage("Name at least one file.".into()));
    };
    report.source_crs = "no CRS".to_owned();
    report.crs_from = "a table".to_owned();
    files
        .iter()
        .flat_map(|file| &file.notes)
        .for_each(|note| report.warn(note.clone()));
    progress.start(&format!("reading {}", report.files.join(", ")), None);
    let table = (first.columns().to_vec(), read(&files)?);
    let (have, rows) = long::made_wide(table, &request.map, &mut report);
    let (columns, map, extra) = columns::columns(&have, &request.map, &rows);
    check_numbers(&have, &map, &extra)?;
    let given = Given {
        map: &map,
        extra: &extra,
        // A column that is mapped to another name is an indicator of that name.
        allow_extra: true,
        sample: None,
        choices: &[],
    };
    let plan = Plan::new(job.role, &columns, given)?;
    report.suggestions.clone_from(&plan.suggestions);
    report.fields.clone_from(&plan.described);
    report.not_taken.clone_from(&plan.not_taken);
    let crs = catalogue.crs()?;
    let about = About::of(job, &name, &report.files.join(", "));
    let unfinished = work.path().join("layer.gpkg");
    let spec = TableSpec {
        table: &name,
        title: &about.title,
        description: &about.description(),
        metadata: &about.metadata(job.role, None),
        geometry: GeometryKind::Polygon,
        crs: &crs,
        fields: plan.fields(),
        made_at: now,
    };
    let mut taking = Taking {
        plan: &plan,
        boundaries: &boundaries,
        columns: &columns,
        writer: Writer::create(&unfinished, &spec)?,
        ids: HashMap::new(),
        met: BTreeSet::new(),
        levels: BTreeSet::new(),
        joined: [0; 3],
    };
    for (n, row) in (1_u64..).zip(rows) {
        taking.take(n, row, &mut report)?;
    }
    let (bounds, count, met) = taking.finish(request.strict, &mut report)?;
    progress.finish();
    let outlines: Vec<&MultiPolygon<f64>> = met.iter().map(|&at| &boundaries.shapes[at]).collect();
    let area = coverage::simplified(unary_union(outlines), &mut report);
    let coverage = coverage::coverage(CoverageSource::Extent, &crs, area);
    report.coverage = Some(coverage.how);
    report.outcome = Outcome::Imported;
    let stored = Stored {
        name: &name,
        role: job.role,
        features: Some((GeometryKind::Polygon, count)),
        crs: &crs,
        source_crs: &crs,
        bounds,
        fields: plan.fields(),
        coverage,
        return_period: None,
        now,
    };
    lock.publish(&unfinished, about.entry(&stored, &report)?)?;
    Ok(report)
}

/// All rows of all files: tables of codes are small.
fn read(files: &[VectorFile]) -> Result<Vec<Vec<Option<Value>>>> {
    let mut rows = Vec::new();
    for file in files {
        file.for_each_raw(|raw| {
            rows.push(raw.row);
            Ok(())
        })?;
    }
    Ok(rows)
}

/// Refuses a table without a column of numbers.
fn check_numbers(have: &[Field], map: &[FieldMap], extra: &[Field]) -> Result<()> {
    let own = |name: &str| Role::Indicators.fields().iter().any(|spec| spec.name == name);
    if !extra.is_empty() || map.iter().any(|mapped| !own(&mapped.field)) {
        return Ok(());
    }
    let have: Vec<&str> = have.iter().map(|column| column.name.as_str()).collect();
    Err(LayersError::refused(format!(
        "No column holds numbers: indicators need one column for each, beside the code. The columns are: {}.",
        have.join(", ")
    )))
}

fn boundaries(catalogue: &Catalogue) -> Result<Boundaries> {
    let (mut all, mut shapes, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in catalogue.of_role(Role::Boundaries) {
        hashes.push(entry.hash.clone());
        catalogue
            .vector(&entry.name)?
            .for_each(&Query::default(), |feature| {
                let text = |field: &str| feature.text(field).map(str::to_owned);
                let place = text("code").map(|code| Place {
                    code,
                    en: text("name"),
                    km: text("name_km"),
                });
                let shape = match feature.geometry.clone() {
                    Some(Geometry::Polygon(polygon)) => Some(MultiPolygon::new(vec![polygon])),
                    Some(Geometry::MultiPolygon(parts)) => Some(parts),
                    _ => None,
                };
                if let (Some(place), Some(shape)) = (place, shape) {
                    all.push(place);
                    shapes.push(shape);
                }
                Ok::<(), LayersError>(())
            })?;
    }
    if all.is_empty() {
        return Err(LayersError::refused(
            "No boundaries are loaded: indicators are joined to them by code. Import boundaries first, then this table.",
        ));
    }
    Ok(Boundaries {
        places: Places::new(all),
        shapes,
        hashes,
    })
}

/// Records on their way into the layer.
struct Taking<'a> {
    plan: &'a Plan,
    boundaries: &'a Boundaries,
    columns: &'a [Field],
    writer: Writer,
    /// The record that has an id.
    ids: HashMap<String, u64>,
    /// Boundaries that have a record.
    met: BTreeSet<usize>,
    /// Lengths of the records' codes.
    levels: BTreeSet<usize>,
    /// Records joined by code and name, by code alone, by name alone.
    joined: [u64; 3],
}

impl Taking<'_> {
    fn take(&mut self, n: u64, mut row: Vec<Option<Value>>, report: &mut ImportReport) -> Result<()> {
        report.read += 1;
        if row
            .iter()
            .all(|value| value.as_ref().is_none_or(|v| is_blank(&v.to_string())))
        {
            report.left_out += 1;
            let words = "rows that are empty";
            report.found("empty_row", Effect::LeftOut, words, || detail(n, None, "empty"));
            return Ok(());
        }
        let mut repaired = false;
        for (value, column) in row.iter_mut().zip(self.columns) {
            if column.kind != FieldType::Number {
                continue;
            }
            let Some(raw) = value.take() else { continue };
            match columns::number(&raw) {
                columns::Read::Number(number) => *value = Some(Value::Number(number)),
                columns::Read::Nothing => {}
                columns::Read::Bad => {
                    repaired = true;
                    report.found(
                        "value_unknown",
                        Effect::Repaired,
                        "values that cannot be understood, stored as unknown",
                        || Detail {
                            record: n,
                            place: Some(format!("field {}", column.name)),
                            message: format!("'{raw}' is no number"),
                            ..Detail::default()
                        },
                    );
                }
            }
        }
        let mut remarks = Vec::new();
        let values = self.plan.values(&row, &mut remarks);
        let text = |field: &str| {
            let at = self.plan.fields().iter().position(|f| f.name == field)?;
            values[at].as_ref().map(ToString::to_string)
        };
        let Some(code) = text("code") else {
            report.refused += 1;
            let why = remarks.into_iter().find_map(|remark| match remark {
                Remark::Missing { message, .. } => Some(message),
                _ => None,
            });
            let words = "records without a code";
            report.found("required_field", Effect::Refused, words, || {
                detail(n, None, &why.unwrap_or_else(|| "it is empty".into()))
            });
            return Ok(());
        };
        let id = match text("year") {
            Some(year) => format!("{code}-{year}"),
            None => code.clone(),
        };
        if let Some(first) = self.ids.get(&id) {
            report.refused += 1;
            let message = format!("record {first} has this code and year already");
            let words = "codes that an earlier record has, of the same year";
            report.found("duplicate_id", Effect::Refused, words, || {
                detail(n, Some(&id), &message)
            });
            return Ok(());
        }
        self.ids.insert(id.clone(), n);
        self.levels.insert(code.len());
        for remark in remarks {
            repaired |= tell(remark, n, &id, report);
        }
        let (en, km) = (text("name"), text("name_km"));
        let names = Names::new(en.as_deref(), km.as_deref());
        let place = self.join(&code, names, (n, &id), report);
        let shape = place.map(|at| Geometry::MultiPolygon(self.boundaries.shapes[at].clone()));
        self.met.extend(place);
        self.writer.push(&id, shape, &values)?;
        report.kept += 1;
        report.repaired += u64::from(repaired);
        Ok(())
    }

    fn join(
        &mut self,
        code: &str,
        names: Names<'_>,
        (n, id): (u64, &str),
        report: &mut ImportReport,
    ) -> Option<usize> {
        let places = &self.boundaries.places;
        let joined = places.join(code, names);
        let own = names.en.or(names.km).unwrap_or("no name");
        match joined {
            Joined::ByCodeAndName(_) => self.joined[0] += 1,
            Joined::ByCode(_) => self.joined[1] += 1,
            Joined::ByName(at) => {
                self.joined[2] += 1;
                let place = &places.all()[at];
                let message = format!(
                    "{code} '{own}' is {} '{}' of the boundaries",
                    place.code,
                    place.label()
                );
                let words = "records whose code means another place, or none; joined by name";
                report.found("joined_by_name", Effect::Noted, words, || {
                    detail(n, Some(id), &message)
                });
            }
            Joined::OtherPlace(at) => {
                let message = format!(
                    "{code} is '{own}' here and '{}' in the boundaries",
                    places.all()[at].label()
                );
                let words = "records whose code means another place in the boundaries; kept without a place";
                report.found("code_of_another_place", Effect::Noted, words, || {
                    detail(n, Some(id), &message)
                });
            }
            Joined::Nowhere => {
                let message = format!("{code} '{own}' has no boundary");
                let words = "records without a boundary; kept without a place";
                report.found("no_boundary", Effect::Noted, words, || {
                    detail(n, Some(id), &message)
                });
            }
        }
        joined.place()
    }

    /// Ends the import; returns the box around all outlines, the number of records, and the boundaries that have one.
    fn finish(self, strict: bool, report: &mut ImportReport) -> Result<([f64; 4], u64, BTreeSet<usize>)> {
        let refuse = |report: &ImportReport, message: String| {
            Err(LayersError::Refused {
                message,
                report: Some(Box::new(report.clone())),
            })
        };
        let places = self.boundaries.places.all();
        let Some(bounds) = self.writer.bounds() else {
            let first = places.first().map_or("", |place| &place.code);
            let message = format!(
                "None of the {} records has a boundary among the {} that are loaded (the first is {first} '{}'): is it a table of the same division and level? The report says which codes were not found.",
                thousands(report.read),
                thousands(places.len() as u64),
                places.first().map_or("", Place::label),
            );
            return refuse(report, message);
        };
        if strict && report.refused > 0 {
            let message = format!(
                "{} records were refused, and --strict takes all or nothing.",
                report.refused
            );
            return refuse(report, message);
        }
        for (at, place) in places.iter().enumerate() {
            if self.levels.contains(&place.code.len()) && !self.met.contains(&at) {
                let message = format!("{} '{}' has no record", place.code, place.label());
                let words = "boundaries about which the table says nothing; unknown there";
                report.found("boundary_without_record", Effect::Noted, words, || {
                    detail(0, None, &message)
                });
            }
        }
        let [both, code, name] = self.joined;
        let lost = report.kept - both - code - name;
        let without = report.count("boundary_without_record");
        report.warn(format!(
            "Joined to boundaries: {} records by code and name, {} by code alone, {} by name; {} have no boundary, and {} boundaries of the same level have no record.",
            thousands(both),
            thousands(code),
            thousands(name),
            thousands(lost),
            thousands(without)
        ));
        if code > 0 && both + name == 0 {
            report.warn("There are no names to compare: whether the codes mean the same places here as in the boundaries was not checked.");
        }
        let count = self.writer.count();
        self.writer.finish()?;
        Ok((bounds, count, self.met))
    }
}

fn detail(n: u64, id: Option<&str>, message: &str) -> Detail {
    Detail {
        record: n,
        id: id.map(str::to_owned),
        place: None,
        message: message.to_owned(),
    }
}

/// Reports what was noticed about a value; says whether the record counts as repaired.
fn tell(remark: Remark, n: u64, id: &str, report: &mut ImportReport) -> bool {
    let (code, effect, words, field, message) = match remark {
        // Which codes the boundaries have is told when they are joined.
        Remark::Doubtful { .. } => return false,
        Remark::Changed { code, field, message } => {
            (code, Effect::Repaired, "values that were mended", field, message)
        }
        Remark::Unknown { field, message } | Remark::Missing { field, message } => (
            "value_unknown",
            Effect::Repaired,
            "values that cannot be understood, stored as unknown",
            field,
            message,
        ),
    };
    report.found(code, effect, words, || Detail {
        record: n,
        id: Some(id.to_owned()),
        place: Some(format!("field {field}")),
        message,
    });
    true
}
