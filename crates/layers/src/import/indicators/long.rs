//! Tables in long form: a row for each place and indicator, whose name stands in one column and whose number in another. They are made wide, a
//! column for each indicator, before anything else looks at them.

use std::collections::HashMap;

use super::columns::{Read, number};
use crate::import::map::{FieldMap, FieldSource};
use crate::import::report::{Detail, Effect, ImportReport};
use crate::schema::Role;
use crate::text::{column_key, is_blank};
use crate::value::{Field, FieldType, Value};

/// A table: its columns, and its rows.
pub(super) type Table = (Vec<Field>, Vec<Vec<Option<Value>>>);

/// Names of the column that says which indicator a row is about.
const INDICATOR: [&str; 9] = [
    "indicator",
    "indicatorname",
    "indicatorid",
    "indicatorcode",
    "variable",
    "variablename",
    "series",
    "seriesname",
    "measure",
];

/// Names of the column of its number.
const VALUE: [&str; 5] = ["value", "values", "obsvalue", "figure", "estimate"];

/// Names of the column of its unit.
const UNIT: [&str; 4] = ["unit", "units", "unitofmeasure", "unitmeasure"];

/// More indicators than any table has: beyond that the column holds something else.
const MOST_INDICATORS: usize = 500;

/// The table made wide, if it is in long form; else as it is. Of several values of one place, year and indicator the first counts, and the
/// others are told.
pub(super) fn made_wide((given, rows): Table, map: &[FieldMap], report: &mut ImportReport) -> Table {
    let Some(long) = Long::of(&given, map, &rows) else {
        return (given, rows);
    };
    long.pivot(&given, rows, report)
}

/// Where in a row what stands.
struct Long {
    indicator: usize,
    value: usize,
    unit: Option<usize>,
    /// What tells places and years apart.
    keys: Vec<usize>,
}

impl Long {
    fn of(given: &[Field], map: &[FieldMap], rows: &[Vec<Option<Value>>]) -> Option<Self> {
        let named = |names: &[&str]| {
            given
                .iter()
                .position(|column| names.contains(&plain(&column.name).as_str()))
        };
        let indicator = named(&INDICATOR)?;
        let value = named(&VALUE).filter(|value| *value != indicator)?;
        let mapped = |column: &Field| {
            map.iter().any(|one| match &one.source {
                FieldSource::Column(name) => column_key(name) == column_key(&column.name),
                FieldSource::FirstOf(names) => names
                    .iter()
                    .any(|name| column_key(name) == column_key(&column.name)),
                FieldSource::Constant(_) => false,
            })
        };
        // A caller who says what becomes of the two means them as they stand.
        if mapped(&given[indicator]) || mapped(&given[value]) {
            return None;
        }
        let keys: Vec<usize> = ["code", "year"]
            .iter()
            .filter_map(|field| filling(field, given, map))
            .collect();
        let names = names_in(rows, indicator);
        let is_text = rows
            .iter()
            .filter_map(|row| row.get(indicator)?.as_ref())
            .all(|name| number(name) == Read::Bad);
        let fits = !keys.is_empty()
            && !keys.contains(&indicator)
            && !keys.contains(&value)
            && is_text
            && (1..=MOST_INDICATORS).contains(&names.len());
        fits.then(|| Self {
            indicator,
            value,
            unit: named(&UNIT).filter(|unit| *unit != indicator && *unit != value),
            keys,
        })
    }

    fn pivot(&self, given: &[Field], rows: Vec<Vec<Option<Value>>>, report: &mut ImportReport) -> Table {
        let names = names_in(&rows, self.indicator);
        let kept: Vec<usize> = (0..given.len())
            .filter(|at| ![Some(self.indicator), Some(self.value), self.unit].contains(&Some(*at)))
            .collect();
        let mut columns: Vec<Field> = kept.iter().map(|at| given[*at].clone()).collect();
        columns.extend(
            names
                .iter()
                .map(|name| Field::new(self.with_unit(name, &rows), FieldType::Text)),
        );
        let place_of: HashMap<&str, usize> = names.iter().map(String::as_str).zip(kept.len()..).collect();
        let mut wide: Vec<Vec<Option<Value>>> = Vec::new();
        let mut row_of: HashMap<Vec<String>, usize> = HashMap::new();
        for (n, row) in (1_u64..).zip(rows) {
            let key: Vec<String> = self
                .keys
                .iter()
                .map(|at| {
                    row[*at]
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default()
                        .trim()
                        .to_owned()
                })
                .collect();
            let index = *row_of.entry(key).or_insert_with(|| {
                let mut fresh: Vec<Option<Value>> = kept.iter().map(|at| row[*at].clone()).collect();
                fresh.resize(columns.len(), None);
                wide.push(fresh);
                wide.len() - 1
            });
            let Some(name) = row[self.indicator].as_ref().map(ToString::to_string) else {
                continue;
            };
            let Some(&at) = place_of.get(name.trim()) else {
                continue;
            };
            let found = row[self.value]
                .clone()
                .filter(|value| number(value) != Read::Nothing);
            let Some(found) = found else { continue };
            let cell = &mut wide[index][at];
            if cell.is_none() {
                *cell = Some(found);
            } else {
                let words = "values of a place, year and indicator that an earlier row has; left out";
                report.found("duplicate_value", Effect::Noted, words, || Detail {
                    record: n,
                    place: Some(format!("field {}", name.trim())),
                    message: format!("'{found}' is a second value"),
                    ..Detail::default()
                });
            }
        }
        report.warn(format!(
            "The table is in long form: its {} rows were put together to {} records with {} indicators ({}).",
            crate::text::thousands(row_count(&wide, kept.len())),
            crate::text::thousands(wide.len() as u64),
            names.len(),
            names.join(", ")
        ));
        (columns, wide)
    }

    /// An indicator's name and, where all of its rows state the same, its unit.
    fn with_unit(&self, name: &str, rows: &[Vec<Option<Value>>]) -> String {
        let of_row = |row: &Vec<Option<Value>>| {
            let own = row[self.indicator].as_ref()?.to_string();
            (own.trim() == name).then(|| {
                row[self.unit?]
                    .as_ref()
                    .map(|unit| unit.to_string().trim().to_owned())
            })?
        };
        let mut units: Vec<String> = rows
            .iter()
            .filter_map(of_row)
            .filter(|unit| !is_blank(unit))
            .collect();
        units.sort_unstable();
        units.dedup();
        match &units[..] {
            [only] => format!("{name} ({only})"),
            _ => name.to_owned(),
        }
    }
}

/// How many cells of the indicators are filled.
fn row_count(wide: &[Vec<Option<Value>>], first: usize) -> u64 {
    let filled = |row: &Vec<Option<Value>>| row[first..].iter().flatten().count() as u64;
    wide.iter().map(filled).sum()
}

/// The names of the indicators, in the order in which they come.
fn names_in(rows: &[Vec<Option<Value>>], column: usize) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    rows.iter()
        .filter_map(|row| row.get(column)?.as_ref())
        .map(|name| name.to_string().trim().to_owned())
        .filter(|name| !is_blank(name) && seen.insert(name.clone()))
        .collect()
}

/// The column that fills a field of the role: the one that the caller named, else one of its usual names.
fn filling(field: &str, given: &[Field], map: &[FieldMap]) -> Option<usize> {
    let find = |name: &str| {
        given
            .iter()
            .position(|column| column_key(&column.name) == column_key(name))
    };
    let named = map
        .iter()
        .find(|one| one.field == field)
        .and_then(|one| match &one.source {
            FieldSource::Column(name) => find(name),
            FieldSource::FirstOf(names) => names.iter().find_map(|name| find(name)),
            FieldSource::Constant(_) => None,
        });
    named.or_else(|| {
        let spec = Role::Indicators.fields().iter().find(|spec| spec.name == field)?;
        std::iter::once(spec.name)
            .chain(spec.synonyms.iter().copied())
            .find_map(find)
    })
}

/// A column's name without what stands between its words.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
