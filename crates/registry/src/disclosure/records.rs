//! One row a household, from CSV text: what is counted when every count gets its noise.

use std::collections::HashMap;

use super::read::{Columns, Parents, TableError, TableFile, categories};
use super::table::Table;
use crate::table::{Mistake, Named, key};

/// The rows of a file of households, read and checked.
#[derive(Clone, Debug)]
pub struct RecordsFile {
    by: Vec<Vec<String>>,
    others: Vec<String>,
    /// Each household: its id, and what stands in the columns of `by` in turn.
    rows: Vec<(String, Vec<String>)>,
}

impl RecordsFile {
    /// Reads a file: a header, then a row for each household, with its id in the column `id`. Columns that are neither in `by` nor the id are not read.
    ///
    /// # Errors
    /// Every mistake with its line and column; an id that stands there twice is one, since the household would count twice.
    pub fn read(file: Named<'_>, by: Vec<Vec<String>>, id: &str) -> Result<Self, Vec<Mistake>> {
        let (table, columns) = Columns::open(file, &by, id, "the id")?;
        let mut mistakes = Vec::new();
        let asked = &columns.places[..by.iter().flatten().count()];
        let (mut rows, mut parents) = (Vec::new(), Parents::new());
        let mut seen: HashMap<String, u64> = HashMap::new();
        for row in &table.rows {
            let names = categories(&table, row, asked, &by, &mut parents, &mut mistakes);
            let id = key(row.cells[columns.own].trim());
            if id.is_empty() {
                let message = "it is empty: without an id a household has no noise of its own.";
                mistakes.push(table.mistake(row, columns.own, message));
            } else if let Some(first) = seen.insert(id.clone(), row.line) {
                let message = format!("the same id stands in line {first}: one row for each household.");
                mistakes.push(table.mistake(row, columns.own, message));
            }
            rows.push((id, names));
        }
        Columns::tells_of_no_row(&table, rows.len(), &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self {
            by,
            others: columns.others,
            rows,
        })
    }

    /// The columns that are neither a breakdown nor the id.
    pub fn other_columns(&self) -> &[String] {
        &self.others
    }

    /// The table of these breakdowns, with the sum of something about each household.
    ///
    /// # Errors
    /// If a breakdown is no tree, or there are too many cells.
    pub fn table(&self, of: impl Fn(&str) -> u32) -> Result<Table, TableError> {
        let rows = self.rows.iter();
        let rows = rows.map(|(id, names)| (names.clone(), u64::from(of(id))));
        TableFile::from_rows(self.by.clone(), rows.collect()).table(&self.by, &[])
    }
}
