//! Import of indicators: a table of codes and numbers, each record with the outline of the boundary that it is about.
//!
//! A record whose boundary is not found is kept without a place: it counts nowhere, and is found again when the right boundaries have come.

use std::collections::{BTreeSet, HashMap};

use geo::{Geometry, MultiPolygon, unary_union};
use jiff::Timestamp;
use serde_json::json;

use super::about::{About, Stored, is_unchanged};
use super::attributes::{Given, Plan, Remark};
use super::hash::Hasher;
use super::map::{FieldMap, FieldSource};
use super::report::{Detail, Effect, ImportReport, Outcome};
use super::{Job, Progress, check_name, coverage, vector};
use crate::catalogue::{Catalogue, CoverageSource};
use crate::error::{LayersError, Result, base_name};
use crate::gpkg::{Query, TableSpec, Writer};
use crate::join::{Joined, Place, Places};
use crate::names::Names;
use crate::personal::is_personal;
use crate::reading_process::VectorFile;
use crate::schema::{GeometryKind, Role};
use crate::text::{column_key, is_blank, search_form, thousands};
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
    let rows = read(&files)?;
    let (columns, map, extra) = columns(first.columns(), &request.map, &rows);
    check_numbers(first, &map, &extra)?;
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
fn check_numbers(file: &VectorFile, map: &[FieldMap], extra: &[Field]) -> Result<()> {
    let own = |name: &str| Role::Indicators.fields().iter().any(|spec| spec.name == name);
    if !extra.is_empty() || map.iter().any(|mapped| !own(&mapped.field)) {
        return Ok(());
    }
    let have: Vec<&str> = file.columns().iter().map(|column| column.name.as_str()).collect();
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
            match number(&raw) {
                Read::Number(number) => *value = Some(Value::Number(number)),
                Read::Nothing => {}
                Read::Bad => {
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

/// What a cell holds.
#[derive(Debug, PartialEq)]
enum Read {
    Number(f64),
    Nothing,
    Bad,
}

/// Ways to write that nothing is known.
const NOTHING: [&str; 12] = [
    "-", "–", "—", ".", "..", "...", "na", "n/a", "nd", "null", "none", "nan",
];

/// A number as tables hold it: with the digits of either script, a per cent sign, commas between thousands.
fn number(raw: &Value) -> Read {
    let text = match raw {
        Value::Integer(n) => return Read::Number(*n as f64),
        Value::Number(n) if n.is_finite() => return Read::Number(*n),
        Value::Number(_) => return Read::Nothing,
        Value::Text(text) => search_form(text).replace('\u{2212}', "-"),
        Value::Boolean(_) | Value::Date(_) => return Read::Bad,
    };
    let text = text.trim_end_matches('%').trim();
    if text.is_empty() || NOTHING.contains(&text) {
        return Read::Nothing;
    }
    let plain: String = text.split([' ', '\u{a0}', '\u{202f}']).collect();
    let number = if plain.contains(',') {
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
        let mut groups = whole.trim_start_matches('-').split(',');
        let first = groups.next().unwrap_or_default();
        // A comma before three digits stands between thousands; any other could be a decimal comma, and guessing would be ten times wrong.
        let grouped = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
        grouped
            .then(|| format!("{}.{fraction}", whole.replace(',', "")))
            .and_then(|n| n.parse().ok())
    } else {
        plain.parse::<f64>().ok()
    };
    match number.filter(|n: &f64| n.is_finite()) {
        Some(number) => Read::Number(number),
        None => Read::Bad,
    }
}

/// The columns with names that fields may have, the caller's map with these, and the fields that hold indicators: columns of numbers that are
/// nothing else.
fn columns(
    given: &[Field],
    map: &[FieldMap],
    rows: &[Vec<Option<Value>>],
) -> (Vec<Field>, Vec<FieldMap>, Vec<Field>) {
    let known: BTreeSet<String> = Role::Indicators
        .fields()
        .iter()
        .flat_map(|spec| std::iter::once(spec.name).chain(spec.synonyms.iter().copied()))
        .map(column_key)
        .collect();
    let mapped = |column: &Field| {
        map.iter()
            .flat_map(|m| sources(&m.source))
            .any(|name| column_key(name) == column_key(&column.name))
    };
    let mut columns: Vec<Field> = Vec::new();
    let mut extra = Vec::new();
    let mut renamed: HashMap<String, String> = HashMap::new();
    for (at, column) in given.iter().enumerate() {
        let (name, unit) = field_name(&column.name);
        let is_known = known.contains(&column_key(&column.name)) || known.contains(&column_key(&name));
        let holds_numbers = is_numeric(rows.iter().filter_map(|row| row.get(at)?.as_ref()));
        let is_indicator =
            holds_numbers && !is_known && !is_running_number(&column.name) && !is_personal(&column.name);
        if !is_indicator {
            columns.push(column.clone());
            continue;
        }
        let taken = |name: &str| {
            columns.iter().any(|c| column_key(&c.name) == column_key(name))
                || known.contains(&column_key(name))
        };
        let unique = std::iter::once(name.clone())
            .chain((2_u32..).map(|n| format!("{name}_{n}")))
            .find(|name| !taken(name))
            .unwrap_or(name);
        let mut field = Field::new(&unique, FieldType::Number);
        field.unit = unit;
        field.meaning = Some(column.name.clone());
        renamed.insert(column.name.clone(), unique);
        columns.push(field.clone());
        if !mapped(column) {
            extra.push(field);
        }
    }
    let new_name = |name: &String| {
        let new = renamed
            .iter()
            .find(|(old, _)| column_key(old) == column_key(name));
        new.map_or_else(|| name.clone(), |(_, new)| new.clone())
    };
    let map = map
        .iter()
        .map(|one| FieldMap {
            source: match &one.source {
                FieldSource::Column(name) => FieldSource::Column(new_name(name)),
                FieldSource::FirstOf(names) => FieldSource::FirstOf(names.iter().map(new_name).collect()),
                FieldSource::Constant(text) => FieldSource::Constant(text.clone()),
            },
            ..one.clone()
        })
        .collect();
    (columns, map, extra)
}

/// The columns that fill a field.
fn sources(source: &FieldSource) -> &[String] {
    match source {
        FieldSource::Column(name) => std::slice::from_ref(name),
        FieldSource::FirstOf(names) => names,
        FieldSource::Constant(_) => &[],
    }
}

/// A field's name out of a column's, and the unit that stands in it: `Poverty rate (%)`, `area [km²]`, `rate_pct`.
fn field_name(column: &str) -> (String, Option<String>) {
    let (head, unit) = match column.trim_end().strip_suffix([')', ']']) {
        Some(rest) => match rest.rsplit_once(['(', '[']) {
            Some((head, unit)) if !is_blank(head) && !is_blank(unit) => (head, Some(unit.trim().to_owned())),
            _ => (column, None),
        },
        None => (column, None),
    };
    let mut name = String::new();
    for c in head.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let mut name = name.trim_end_matches('_').chars().take(50).collect::<String>();
    let percent = ["_pct", "_percent", "_percentage"]
        .iter()
        .any(|end| name.ends_with(end))
        || head.trim_end().ends_with('%');
    let unit = unit.or_else(|| percent.then(|| "%".to_owned()));
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name = if name.is_empty() {
            "value".to_owned()
        } else {
            format!("v_{name}")
        };
    }
    (name, unit)
}

/// Whether the values are numbers, most of them: a few that are mistyped do not hide the others.
fn is_numeric<'v>(values: impl Iterator<Item = &'v Value>) -> bool {
    let (mut numbers, mut bad) = (0_usize, 0_usize);
    for value in values {
        match number(value) {
            Read::Number(_) => numbers += 1,
            Read::Nothing => {}
            Read::Bad => bad += 1,
        }
    }
    numbers > 0 && numbers > bad
}

/// Columns that number rows or hold further codes and coordinates are no indicators.
fn is_running_number(column: &str) -> bool {
    let key = column_key(column);
    let plain = [
        "id",
        "fid",
        "no",
        "nr",
        "n",
        "objectid",
        "ogcfid",
        "gid",
        "lat",
        "latitude",
        "lon",
        "lng",
        "longitude",
        "x",
        "y",
    ];
    plain.contains(&key.as_str())
        || key.ends_with("code")
        || key.ends_with("codes")
        || key.starts_with("unnamed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_tables_hold_them() {
        let read = |text: &str| number(&Value::Text(text.into()));
        for (text, value) in [
            ("12.5", 12.5),
            (" 12.5 % ", 12.5),
            ("1,234", 1234.0),
            ("1,234,567.5", 1_234_567.5),
            ("១២.៥", 12.5),
            ("12 345", 12345.0),
            ("-3", -3.0),
            ("0", 0.0),
        ] {
            assert_eq!(read(text), Read::Number(value), "{text}");
        }
        for text in ["", " ", "-", "n/a", "NA", "..", "\u{200b}"] {
            assert_eq!(read(text), Read::Nothing, "{text}");
        }
        for text in ["12,5", "1,23", "many", "1.2.3", "inf"] {
            assert_eq!(read(text), Read::Bad, "{text}");
        }
    }

    #[test]
    fn names_and_units_of_columns() {
        let name = |column: &str| field_name(column);
        assert_eq!(
            name("Poverty rate (%)"),
            ("poverty_rate".into(), Some("%".into()))
        );
        assert_eq!(name("area [km²]"), ("area".into(), Some("km²".into())));
        assert_eq!(
            name("ID Poor rate pct"),
            ("id_poor_rate_pct".into(), Some("%".into()))
        );
        assert_eq!(name("2019 population"), ("v_2019_population".into(), None));
        assert_eq!(name("អត្រា"), ("value".into(), None));
    }
}
