//! Which column of a source fills which field of a role.

use std::collections::BTreeMap;

use crate::error::{LayersError, Result};

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSource {
    /// A column of the source.
    Column(String),
    /// Several columns of the source: of each record the first that is filled.
    FirstOf(Vec<String>),
    /// The same text for every record.
    Constant(String),
}

/// How one field is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMap {
    /// The field, or a new field's name.
    pub field: String,
    /// Where its value comes from.
    pub source: FieldSource,
    /// Words of the source and what they mean here; words not listed pass as they are.
    pub words: BTreeMap<String, String>,
}

/// Reads `--map`: `parcel_id=PARCEL_NO,tenure='state_private',class=CLASS[0:residential|1:primary]`.
///
/// A text in single quotes is the same for every record; square brackets translate the source's words.
pub fn parse_map(text: &str) -> Result<Vec<FieldMap>> {
    let mut map: Vec<FieldMap> = Vec::new();
    for part in split_outside(text, ',') {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let wrong = || {
            LayersError::Usage(format!(
                "--map: '{part}' cannot be understood; write field=COLUMN, field='text' or field=COLUMN[word:meaning|word:meaning]."
            ))
        };
        let (field, rest) = part.split_once('=').ok_or_else(wrong)?;
        let (field, rest) = (field.trim(), rest.trim());
        if field.is_empty() || rest.is_empty() {
            return Err(wrong());
        }
        let one = if let Some(quoted) = rest.strip_prefix('\'') {
            let text = quoted.strip_suffix('\'').ok_or_else(wrong)?;
            FieldMap {
                field: field.to_owned(),
                source: FieldSource::Constant(text.to_owned()),
                words: BTreeMap::new(),
            }
        } else {
            let (column, words) = match rest.split_once('[') {
                Some((column, words)) => (column.trim(), words.strip_suffix(']').ok_or_else(wrong)?),
                None => (rest, ""),
            };
            let mut meanings = BTreeMap::new();
            for pair in words.split('|').filter(|pair| !pair.trim().is_empty()) {
                let (word, meaning) = pair.split_once(':').ok_or_else(wrong)?;
                meanings.insert(word.trim().to_owned(), meaning.trim().to_owned());
            }
            FieldMap {
                field: field.to_owned(),
                source: FieldSource::Column(column.to_owned()),
                words: meanings,
            }
        };
        if map.iter().any(|other| other.field == one.field) {
            return Err(LayersError::Usage(format!(
                "--map: '{}' is given twice.",
                one.field
            )));
        }
        map.push(one);
    }
    Ok(map)
}

/// Splits at a sign that stands neither within quotes nor within brackets.
fn split_outside(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut depth) = (Vec::new(), 0, false, 0_i32);
    for (i, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            c if c == at && !quoted && depth <= 0 => {
                parts.push(&text[start..i]);
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
