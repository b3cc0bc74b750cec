//! Which columns of a table hold indicators, and what stands in their cells.

use std::collections::{BTreeSet, HashMap};

use crate::import::map::{FieldMap, FieldSource};
use crate::personal::is_personal;
use crate::schema::Role;
use crate::text::{column_key, is_blank, search_form};
use crate::value::{Field, FieldType, Value};

/// What a cell holds.
#[derive(Debug, PartialEq)]
pub(super) enum Read {
    Number(f64),
    Nothing,
    Bad,
}

/// Ways to write that nothing is known.
const NOTHING: [&str; 12] = [
    "-", "–", "—", ".", "..", "...", "na", "n/a", "nd", "null", "none", "nan",
];

/// A number as tables hold it: with the digits of either script, a per cent sign, commas between thousands.
pub(super) fn number(raw: &Value) -> Read {
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
pub(super) fn columns(
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
