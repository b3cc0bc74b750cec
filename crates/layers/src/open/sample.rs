//! The first records of a file, looked at to learn what its columns hold.

use std::collections::HashSet;

use crate::value::Value;

/// So many records are looked at.
pub(super) const LOOKED_AT: usize = 500;

/// The first records' values.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    rows: Vec<Vec<Option<Value>>>,
}

impl Sample {
    pub fn new(rows: Vec<Vec<Option<Value>>>) -> Self {
        Self { rows }
    }

    /// The records' values.
    pub fn rows(self) -> Vec<Vec<Option<Value>>> {
        self.rows
    }

    /// Whether a column may hold ids: most of its values are different. A column `id` that is 0 but for a few records does not.
    pub fn may_be_ids(&self, column: usize) -> bool {
        let texts: Vec<String> = self.texts(column).collect();
        let different: HashSet<&str> = texts.iter().map(|text| text.trim()).collect();
        (texts.len() - different.len()) * 2 <= texts.len()
    }

    /// The filled cells of a column, as text.
    pub fn texts(&self, column: usize) -> impl Iterator<Item = String> + '_ {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column)?.as_ref())
            .map(ToString::to_string)
            .filter(|text| !crate::text::is_blank(text))
    }
}
