//! A CSV table whose first column is an id: every malformed row is reported, the rest is read.

use std::collections::BTreeSet;

use crate::problem::Problem;

/// A table of text cells.
pub(crate) struct Table {
    /// Names of the columns after the first.
    pub(crate) columns: Vec<String>,
    /// The well-formed rows.
    pub(crate) rows: Vec<TableRow>,
}

/// One row.
pub(crate) struct TableRow {
    /// Its first cell.
    pub(crate) id: String,
    /// Where it begins, for people: from 1, the header included.
    pub(crate) line: u64,
    /// The cells after the first, as many as columns, without surrounding blanks.
    pub(crate) cells: Vec<String>,
}

impl Table {
    /// Reads a table; `None` where there is no usable header.
    pub(crate) fn parse(text: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        // Spreadsheets put a byte order mark before the header.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().skip(1).map(String::from).collect(),
            Err(error) => {
                problems.push(Problem::new("line 1", format!("cannot be read as CSV: {error}")));
                return None;
            }
        };
        if columns.is_empty() {
            problems.push(Problem::new(
                "line 1",
                "needs a header: id and at least one criterion, with commas between",
            ));
            return None;
        }
        let mut seen = BTreeSet::new();
        for (index, column) in columns.iter().enumerate() {
            if column.is_empty() {
                problems.push(Problem::new(
                    format!("line 1, column {}", index + 2),
                    "has no name",
                ));
            } else if !seen.insert(column) {
                problems.push(Problem::new(
                    "line 1",
                    format!("the column {column:?} is there twice"),
                ));
            }
        }
        let rows = read_rows(&mut reader, columns.len(), problems);
        Some(Self { columns, rows })
    }
}

fn read_rows(reader: &mut csv::Reader<&[u8]>, columns: usize, problems: &mut Vec<Problem>) -> Vec<TableRow> {
    let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem::new(
                    format!("line {line}"),
                    format!("cannot be read as CSV: {error}"),
                ));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let id = record.get(0).unwrap_or_default().to_owned();
        let cells: Vec<String> = record.iter().skip(1).map(String::from).collect();
        if id.is_empty() {
            problems.push(Problem::new(
                format!("line {line}"),
                "has no id in its first column",
            ));
        } else if !seen.insert(id.clone()) {
            problems.push(Problem::new(
                format!("line {line}"),
                format!("the id {id:?} is there twice"),
            ));
        }
        if cells.len() == columns {
            rows.push(TableRow { id, line, cells });
        } else {
            let message = format!(
                "has {} cells where the header has {}",
                cells.len() + 1,
                columns + 1
            );
            problems.push(Problem::new(format!("line {line}"), message));
        }
    }
    rows
}
