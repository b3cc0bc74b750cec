//! Which records of a source are of concern to a layer, and what their tags mean.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SourceLayer, is_column};
use crate::value::{Field, Value};

/// A condition on one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The column; a file without it meets no condition.
    pub column: String,
    /// It must have one of these values.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// It must have none of these values.
    #[serde(default)]
    pub none_of: Vec<String>,
    /// It must be at least this number; one that is missing is not.
    #[serde(default)]
    pub at_least: Option<f64>,
}

/// What a record is, by its tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Conditions that must all be met.
    pub when: Vec<Only>,
    /// The fields that it then sets.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// The record is then of no concern after all.
    #[serde(default)]
    pub skip: bool,
}

/// Name of the column in which a rule's answer for a field stands.
pub(super) fn set_column(field: &str) -> String {
    format!("set {field}")
}

/// A layer's conditions and rules, ready for a file's columns.
pub(crate) struct Filter {
    only: Vec<Condition>,
    rules: Vec<(Vec<Condition>, Rule)>,
    added: Vec<String>,
}

struct Condition {
    column: Option<usize>,
    only: Only,
}

impl Condition {
    fn new(only: &Only, columns: &[Field]) -> Self {
        Self {
            column: columns.iter().position(|c| is_column(&c.name, &only.column)),
            only: only.clone(),
        }
    }

    fn met(&self, row: &[Option<Value>]) -> bool {
        let Some(value) = self.column.and_then(|i| row.get(i)).and_then(Option::as_ref) else {
            return false;
        };
        let text = value.to_string();
        let text = text.trim();
        let has = |list: &[String]| {
            !list.is_empty()
                && words(text)
                    .iter()
                    .any(|word| list.iter().any(|one| one.eq_ignore_ascii_case(word)))
        };
        let number = || value.as_f64().or_else(|| text.parse().ok());
        (self.only.one_of.is_empty() || has(&self.only.one_of))
            && !has(&self.only.none_of)
            && self
                .only
                .at_least
                .is_none_or(|least| number().is_some_and(|n| n >= least))
    }
}

/// The values of a tag: it may list several (`clinic;doctors`, `2,3`) or give a range of levels (`1-3`).
fn words(text: &str) -> Vec<Cow<'_, str>> {
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    for word in text.split([';', ',']).map(str::trim) {
        words.push(word.into());
        let ends = word.split_once(['-', '–']);
        if let Some((Ok(from), Ok(to))) = ends.map(|(a, b)| (a.trim().parse::<u8>(), b.trim().parse::<u8>()))
        {
            words.extend((from..=to).map(|level| level.to_string().into()));
        }
    }
    words
}

impl Filter {
    pub(super) fn new(layer: &SourceLayer, columns: &[Field]) -> Self {
        let conditions = |list: &[Only]| {
            list.iter()
                .map(|only| Condition::new(only, columns))
                .collect::<Vec<_>>()
        };
        Self {
            only: conditions(&layer.only),
            rules: layer
                .rule
                .iter()
                .map(|rule| (conditions(&rule.when), rule.clone()))
                .collect(),
            added: layer
                .added_columns()
                .into_iter()
                .map(|field| field.name)
                .collect(),
        }
    }

    /// Adds what the rules say to a row; `Err` says why the record is of no concern.
    pub fn apply(&self, row: &mut Vec<Option<Value>>) -> std::result::Result<(), String> {
        if let Some(failed) = self.only.iter().find(|condition| !condition.met(row)) {
            return Err(format!("its {} is not what the layer takes", failed.only.column));
        }
        if self.rules.is_empty() {
            return Ok(());
        }
        let fits = self
            .rules
            .iter()
            .find(|(when, _)| when.iter().all(|condition| condition.met(row)));
        let Some((when, rule)) = fits else {
            return Err("no rule of the preset takes it".into());
        };
        if rule.skip {
            let says = |condition: &Condition| {
                let value = row.get(condition.column?)?.as_ref()?;
                Some(format!(
                    "its {} is {value}",
                    condition.only.column.trim_start_matches('*')
                ))
            };
            let why: Vec<String> = when.iter().filter_map(says).collect();
            return Err(why.join(" and "));
        }
        for column in &self.added {
            let field = column.strip_prefix("set ").unwrap_or(column);
            row.push(rule.set.get(field).map(|text| Value::Text(text.clone())));
        }
        Ok(())
    }
}
