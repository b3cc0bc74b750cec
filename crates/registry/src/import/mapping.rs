//! What the columns of a survey mean: a small TOML file that somebody who knows the survey writes, or corrects.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::event::FactPath;
use crate::table::key;
use crate::vocabulary::path::SOURCE;

/// Answers that mean that there is none, where the mapping names no others.
const MISSING: [&str; 4] = ["n/a", "na", "-", "null"];

/// What the columns of a survey mean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Names the survey, in small letters: the ids of its records follow from it, so that it must never change.
    pub source: String,
    /// The sheet with one row for each household; the first one where nothing is said.
    #[serde(default)]
    pub sheet: Option<String>,
    /// Which comes first in 3/5/2024.
    #[serde(default)]
    pub dates: DateOrder,
    /// Answers that mean that there is none, whatever the column.
    #[serde(default)]
    pub missing: Option<Vec<String>>,
    /// What names a record, and when it was made.
    pub record: RecordPlace,
    /// The form that was filled in.
    #[serde(default)]
    pub form: Option<FormName>,
    /// Whether the family agreed. Records of those that did not are left out.
    #[serde(default)]
    pub consent: Option<Consent>,
    /// Where it was recorded.
    #[serde(default)]
    pub location: Option<Place>,
    /// Facts of the household, by their paths.
    #[serde(default)]
    pub facts: BTreeMap<String, Fact>,
    /// What there may be several of: `members` and others.
    #[serde(default)]
    pub repeats: BTreeMap<String, RepeatPlace>,
}

/// The order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum DateOrder {
    /// 3/5/2024 is the third of May.
    #[default]
    #[serde(rename = "dmy")]
    DayFirst,
    /// 3/5/2024 is the fifth of March.
    #[serde(rename = "mdy")]
    MonthFirst,
}

/// What names a record, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordPlace {
    /// The column that names a record for ever; several where only all together do.
    pub id: OneOrMore,
    /// The column with the day of the visit.
    #[serde(default)]
    pub happened_on: Option<String>,
    /// The day of all visits, where no column has it.
    #[serde(default)]
    pub day: Option<String>,
    /// The column with the time at which it was written down.
    #[serde(default)]
    pub recorded_at: Option<String>,
}

/// One name, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(all) => all,
        }
    }
}

/// A form and its version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormName {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
}

/// Whether the family agreed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The column.
    pub column: String,
    /// Answers that mean yes; `yes`, `true` and `1` where nothing is said.
    #[serde(default)]
    pub yes: Vec<String>,
    /// What they agreed to.
    #[serde(default = "registration")]
    pub purposes: Vec<String>,
}

fn registration() -> Vec<String> {
    vec!["registration".to_owned()]
}

/// Where it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The column with degrees east, WGS 84.
    #[serde(default)]
    pub lon: Option<String>,
    /// The column with degrees north.
    #[serde(default)]
    pub lat: Option<String>,
    /// The column with the radius of doubt in metres.
    #[serde(default)]
    pub accuracy_m: Option<String>,
    /// One column with all of it, as ODK and Kobo write it: latitude, longitude, height, radius.
    #[serde(default)]
    pub geopoint: Option<String>,
}

/// What a fact is taken from. A name alone is a column with a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fact {
    /// The column; in a repeat that stands in columns beside one another `{n}` is the number.
    pub column: Option<String>,
    /// What its cells hold.
    pub kind: FactKind,
    /// What answers mean; where there are any, others are mistakes.
    pub values: BTreeMap<String, Value>,
    /// The answer of all records, in place of a column.
    pub constant: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Column(String),
    Whole(Whole),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    column: Option<String>,
    #[serde(rename = "type", default)]
    kind: FactKind,
    #[serde(default)]
    values: BTreeMap<String, Value>,
    constant: Option<Value>,
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::Column(column) => Self {
                column: Some(column),
                ..Self::default()
            },
            Written::Whole(whole) => Self {
                column: whole.column,
                kind: whole.kind,
                values: whole.values,
                constant: whole.constant,
            },
        })
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// A text.
    #[default]
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
    /// Several answers with blanks between.
    Choices,
}

/// Where the members of a household stand: in a sheet of their own, or in columns beside one another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatPlace {
    /// Their sheet; without it they stand in the household's own row, in columns with `{n}`.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The column of their sheet that names the household's row …
    #[serde(default)]
    pub parent: Option<String>,
    /// … and the column of the household's sheet with that name.
    #[serde(default)]
    pub of: Option<String>,
    /// The column that names a member for ever; else their place among the household's members does.
    #[serde(default)]
    pub id: Option<String>,
    /// Their facts.
    pub facts: BTreeMap<String, Fact>,
}

impl Mapping {
    /// What is wrong with the mapping itself.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let is_source = !self.source.is_empty()
            && self.source.len() <= 60
            && self
                .source
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'));
        if !is_source {
            faults.push(
                "source: a name of small Latin letters, digits and hyphens, such as settlements-2024."
                    .to_owned(),
            );
        }
        if self.record.id.all().is_empty() {
            faults.push("record.id: name the column that names a record; without one the same file again would make every family twice.".to_owned());
        }
        match (&self.record.happened_on, &self.record.day) {
            (None, None) => faults.push(
                "record: say when it was, with happened_on = \"column\" or day = \"2024-05-31\".".to_owned(),
            ),
            (_, Some(day)) if day.parse::<jiff::civil::Date>().is_err() => {
                faults.push("record.day: write it as 2024-05-31.".to_owned());
            }
            _ => {}
        }
        if let Some(place) = &self.location {
            let both = place.lon.is_some() && place.lat.is_some();
            let neither = place.lon.is_none() && place.lat.is_none();
            if !(both && place.geopoint.is_none() || neither && place.geopoint.is_some()) {
                faults.push("location: name lon and lat, or geopoint alone.".to_owned());
            }
        }
        for (path, fact) in &self.facts {
            self.check_fact(path, path.parse::<FactPath>().is_ok(), fact, &mut faults);
            if fact
                .column
                .as_deref()
                .is_some_and(|column| column.contains("{n}"))
            {
                faults.push(format!("facts.\"{path}\": {{n}} belongs into repeats."));
            }
        }
        for (name, repeat) in &self.repeats {
            self.check_repeat(name, repeat, &mut faults);
        }
        if self.facts.is_empty() && self.repeats.is_empty() {
            faults.push("facts: name at least one, such as \"head.name\" = \"name of the head\".".to_owned());
        }
        faults
    }

    fn check_repeat(&self, name: &str, repeat: &RepeatPlace, faults: &mut Vec<String>) {
        let in_sheet = repeat.sheet.is_some();
        if in_sheet && (repeat.parent.is_none() || repeat.of.is_none()) {
            faults.push(format!(
                "repeats.{name}: say which household a row belongs to, with parent = \"column of its sheet\" and of = \"column of the household's sheet\"."
            ));
        }
        if repeat.facts.is_empty() {
            faults.push(format!("repeats.{name}.facts: name at least one."));
        }
        for (path, fact) in &repeat.facts {
            let whole = format!("{name}/{}/{path}", crate::event::MemberId::new([1; 16]));
            self.check_fact(path, whole.parse::<FactPath>().is_ok(), fact, faults);
            let numbered = fact
                .column
                .as_deref()
                .is_some_and(|column| column.contains("{n}"));
            if fact.column.is_some() && numbered == in_sheet {
                faults.push(if in_sheet {
                    format!("repeats.{name}.facts.\"{path}\": {{n}} is for members in columns beside one another, and these have a sheet.")
                } else {
                    format!("repeats.{name}.facts.\"{path}\": write {{n}} where the number stands in the column's name, or name the sheet.")
                });
            }
        }
    }

    fn check_fact(&self, path: &str, is_path: bool, fact: &Fact, faults: &mut Vec<String>) {
        if !is_path {
            faults.push(format!(
                "\"{path}\": a fact's path is names in small Latin letters joined by dots, such as dwelling.tenure."
            ));
        }
        if path == SOURCE || path.starts_with("consent.") && self.consent.is_some() {
            faults.push(format!("\"{path}\" is set by the import itself."));
        }
        if fact.column.is_some() == fact.constant.is_some() {
            faults.push(format!("\"{path}\": name either a column or a constant."));
        }
        let mut scalars = fact.values.values().chain(&fact.constant);
        if scalars.any(|value| value.is_array() || value.is_object() || value.is_null()) {
            faults.push(format!("\"{path}\": values are texts, numbers, true or false."));
        }
    }

    /// Whether a text means that there is no answer.
    pub(super) fn is_missing(&self, text: &str) -> bool {
        let same = |word: &str| key(word.trim()).to_lowercase() == text.to_lowercase();
        match &self.missing {
            Some(words) => words.iter().any(|word| same(word)),
            None => MISSING.iter().any(|word| same(word)),
        }
    }
}
