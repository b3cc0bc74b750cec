//! CSV tables from strangers: every cell with its place, every mistake told at once.

use std::collections::HashMap;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Mistakes that are told one by one; the rest is counted.
const MAX_TOLD: usize = 100;

/// A file's text and the name by which mistakes call it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// How the file is called.
    pub name: &'a str,
    /// What it holds.
    pub text: &'a str,
}

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// Where in it: `line 3, column nursery`, counted from 1 with the header; empty for the whole file.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            write!(f, "{}: {}", self.file, self.message)
        } else {
            write!(f, "{}: {}: {}", self.file, self.place, self.message)
        }
    }
}

/// All mistakes, one a line, the first hundred in words.
pub fn told(mistakes: &[Mistake]) -> String {
    let mut lines: Vec<String> = mistakes.iter().take(MAX_TOLD).map(Mistake::to_string).collect();
    if mistakes.len() > MAX_TOLD {
        lines.push(format!("… and {} more mistakes.", mistakes.len() - MAX_TOLD));
    }
    lines.join("\n")
}

/// A name as it is compared: canonical Unicode, without signs that have no width.
pub(crate) fn key(name: &str) -> String {
    name.nfc()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .collect()
}

/// A header and rows of as many cells.
pub(crate) struct Table<'a> {
    pub(crate) file: &'a str,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One row.
pub(crate) struct Row {
    /// Where it begins, counted from 1 with the header.
    pub(crate) line: u64,
    /// Its cells, without blanks around them.
    pub(crate) cells: csv::StringRecord,
}

/// What a CSV text holds.
pub(crate) struct Csv {
    /// Names of the columns, without blanks around them.
    pub(crate) header: Vec<String>,
    /// Rows of as many cells; those without a single filled cell are none.
    pub(crate) rows: Vec<Row>,
    /// Lines that are no rows, and why.
    pub(crate) wrong: Vec<(u64, String)>,
}

impl Csv {
    /// Reads a text whose columns are separated by `separator`; why it cannot, where there is no header.
    pub(crate) fn read(text: &str, separator: u8) -> Result<Self, String> {
        // Spreadsheets put a byte order mark before the header.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // The reader counts a line at its line feed, so that after a carriage return every row would be one line too early.
        let text = text.replace("\r\n", "\n");
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(str::to_owned).collect(),
            Err(error) => return Err(format!("cannot be read as CSV: {error}.")),
        };
        if header.iter().all(String::is_empty) {
            return Err("is empty: the first line names the columns.".into());
        }
        if let Some(sign) = header[0].strip_prefix("sep=") {
            return Err(format!(
                "begins with the line 'sep={sign}', which is for one program alone: delete that line, and save the table with commas between its columns."
            ));
        }
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        let mut longer: HashMap<usize, usize> = HashMap::new();
        for record in reader.into_records() {
            match record {
                Ok(cells) => {
                    let line = cells.position().map_or(0, csv::Position::line);
                    if cells.iter().all(str::is_empty) {
                        continue;
                    }
                    if cells.len() == header.len() {
                        rows.push(Row { line, cells });
                    } else {
                        let message =
                            format!("has {} cells where the header has {}.", cells.len(), header.len());
                        wrong.push((line, message));
                        if cells.len() > header.len() {
                            *longer.entry(cells.len()).or_default() += 1;
                        }
                    }
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    wrong.push((line, format!("cannot be read as CSV: {error}.")));
                }
            }
        }
        // A title above the header, or a sheet's cover.
        if let Some((cells, _)) = longer.into_iter().find(|(_, count)| *count > rows.len()) {
            return Err(format!(
                "names {} columns in its first line, and most of its rows have {cells} cells. The first line names the columns: delete all lines above it.",
                header.iter().filter(|name| !name.is_empty()).count()
            ));
        }
        Ok(Self { header, rows, wrong })
    }
}

impl<'a> Table<'a> {
    /// Reads a table; `None` where there is no header.
    pub(crate) fn read(file: Named<'a>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let mut mistake = |place: String, message: String| {
            mistakes.push(Mistake {
                file: file.name.to_owned(),
                place,
                message,
            });
        };
        let csv = match Csv::read(file.text, b',') {
            Ok(csv) => csv,
            Err(message) => {
                mistake(String::new(), message);
                return None;
            }
        };
        if let [only] = csv.header.as_slice()
            && let Some(other) = only.chars().find(|c| matches!(c, ';' | '\t'))
        {
            let how = if other == ';' { "semicolons" } else { "tabs" };
            mistake(
                "line 1".into(),
                format!("has {how} between its columns: save it with commas."),
            );
            return None;
        }
        for (line, message) in csv.wrong {
            mistake(format!("line {line}"), message);
        }
        Some(Self {
            file: file.name,
            header: csv.header,
            rows: csv.rows,
        })
    }

    /// A mistake in one cell.
    pub(crate) fn mistake(&self, row: &Row, column: usize, message: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.to_owned(),
            place: format!("line {}, column {}", row.line, self.header[column]),
            message: message.into(),
        }
    }

    /// A mistake in a row as a whole.
    pub(crate) fn row_mistake(&self, row: &Row, message: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.to_owned(),
            place: format!("line {}", row.line),
            message: message.into(),
        }
    }

    /// A mistake in the header.
    pub(crate) fn header_mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.to_owned(),
            place: "line 1".into(),
            message: message.into(),
        }
    }

    /// The columns of these names, whatever their case and place; a mistake for every one that is there twice, or is needed and missing.
    pub(crate) fn columns(&self, names: &[(&str, bool)], mistakes: &mut Vec<Mistake>) -> Vec<Option<usize>> {
        let mut found = Vec::new();
        for (name, needed) in names {
            let mut at =
                (0..self.header.len()).filter(|column| key(&self.header[*column]).eq_ignore_ascii_case(name));
            let first = at.next();
            if at.next().is_some() {
                mistakes.push(self.header_mistake(format!("the column {name} is there twice.")));
            }
            if first.is_none() && *needed {
                let all: Vec<&str> = names
                    .iter()
                    .filter(|(_, needed)| *needed)
                    .map(|(name, _)| *name)
                    .collect();
                mistakes.push(
                    self.header_mistake(format!("has no column {name}; needed are {}.", all.join(" and "))),
                );
            }
            found.push(first);
        }
        found
    }

    /// The first column's names with their rows; a mistake for every one that is empty or there twice.
    pub(crate) fn named_rows(
        &self,
        what: &str,
        column: usize,
        mistakes: &mut Vec<Mistake>,
    ) -> HashMap<String, usize> {
        let mut seen: HashMap<String, usize> = HashMap::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let name = &row.cells[column];
            let name_key = key(name);
            if name_key.is_empty() {
                mistakes.push(self.mistake(row, column, format!("the {what} has no name.")));
            } else if let Some(first) = seen.get(&name_key) {
                let line = self.rows[*first].line;
                mistakes.push(self.mistake(
                    row,
                    column,
                    format!("the {what} {name} stands in line {line} already."),
                ));
            } else {
                seen.insert(name_key, index);
            }
        }
        seen
    }
}

/// The number of a cell; `None` if it is empty. The message says what is wrong.
pub(crate) fn number(cell: &str) -> Result<Option<f64>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        Ok(_) => Err(format!(
            "{cell} is no finite number; leave the cell empty if it is not known."
        )),
        Err(_) if cell.replacen(',', ".", 1).parse::<f64>().is_ok() => {
            Err(format!("{cell} has a comma: write the number with a point."))
        }
        Err(_) => {
            let short: String = cell.chars().take(40).collect();
            Err(format!("{short} is no number."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Vec<Vec<String>>>, Vec<String>) {
        let mut mistakes = Vec::new();
        let table = Table::read(Named { name: "f.csv", text }, &mut mistakes);
        let rows = table.map(|table| {
            table
                .rows
                .iter()
                .map(|row| row.cells.iter().map(str::to_owned).collect())
                .collect()
        });
        (rows, mistakes.iter().map(Mistake::to_string).collect())
    }

    #[test]
    fn marks_line_ends_and_blank_rows_are_no_content() {
        let (rows, mistakes) = read("\u{feff}site,capacity\r\n ភ្នំពេញ , 3\r\n,\r\n\r\nB,4");
        assert_eq!(rows.unwrap(), [["ភ្នំពេញ", "3"], ["B", "4"]]);
        assert!(mistakes.is_empty());
    }

    #[test]
    fn what_is_no_table_is_said_with_its_place() {
        assert_eq!(read("").1, ["f.csv: is empty: the first line names the columns."]);
        assert_eq!(
            read("a;b\n1;2").1,
            ["f.csv: line 1: has semicolons between its columns: save it with commas."]
        );
        let (rows, mistakes) = read("a,b\n1\n2,3\n4,5,6");
        assert_eq!(rows.unwrap(), [["2", "3"]]);
        assert_eq!(
            mistakes,
            [
                "f.csv: line 2: has 1 cells where the header has 2.",
                "f.csv: line 4: has 3 cells where the header has 2."
            ]
        );
    }

    #[test]
    fn only_finite_numbers_are_numbers() {
        assert_eq!(number(""), Ok(None));
        assert_eq!(number("-1.5e2"), Ok(Some(-150.0)));
        for wrong in ["nan", "inf", "1e999", "0,5", "five", "១២"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_compared_without_signs_that_nobody_sees() {
        assert_eq!(key("ភ្នំ\u{200b}ពេញ"), key("ភ្នំពេញ"));
        assert_eq!(key("e\u{301}"), key("é"));
        assert_ne!(key("A"), key("a"));
    }
}
