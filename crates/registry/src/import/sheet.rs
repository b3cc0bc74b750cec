//! Tables of cells, from whatever file.

use super::cell::Cell;
use crate::table::{Csv, Mistake};

/// The longest file that is taken in, in bytes.
pub const MAX_FILE_BYTES: u64 = 100 << 20;

/// The sheets of one survey.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Book {
    /// The first one is the households', where the mapping names no other.
    pub sheets: Vec<Sheet>,
}

/// A table of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its name; of a CSV file, the file's without its ending.
    pub name: String,
    /// The file that it came from.
    pub file: String,
    /// What a row is called: `row` of a spreadsheet, `line` of a text, `feature` of a map.
    pub unit: &'static str,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows of as many cells as the header has.
    pub rows: Vec<SheetRow>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetRow {
    /// As the file's own program counts.
    pub number: u64,
    /// Its cells.
    pub cells: Vec<Cell>,
}

impl Sheet {
    /// Reads a CSV text: commas, semicolons or tabs; UTF-8, or UTF-16 with its mark.
    pub fn of_csv(name: &str, file: &str, bytes: &[u8], mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let mut mistake = |place: String, message: String| {
            mistakes.push(Mistake {
                file: file.to_owned(),
                place,
                message,
            });
        };
        let text = match decoded(bytes) {
            Ok(text) => text,
            Err((line, column)) => {
                let place = if line > 0 {
                    format!("line {line}, sign {column}")
                } else {
                    String::new()
                };
                mistake(place, "is not written in UTF-8: save it as \"CSV UTF-8\".".into());
                return None;
            }
        };
        let csv = match Csv::read(&text, separator(&text)) {
            Ok(csv) => csv,
            Err(message) => {
                mistake(String::new(), message);
                return None;
            }
        };
        for (line, message) in csv.wrong {
            mistake(format!("line {line}"), message);
        }
        let cell = |text: &str| {
            if text.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(text.to_owned())
            }
        };
        Some(Self {
            name: name.to_owned(),
            file: file.to_owned(),
            unit: "line",
            header: csv.header,
            rows: csv
                .rows
                .iter()
                .map(|row| SheetRow {
                    number: row.line,
                    cells: row.cells.iter().map(cell).collect(),
                })
                .collect(),
        })
    }

    /// The column of this name, whatever its case; an error where there is none or several.
    pub(super) fn column(&self, name: &str) -> Result<usize, String> {
        let wanted = crate::table::key(name.trim()).to_lowercase();
        let mut found = self
            .header
            .iter()
            .enumerate()
            .filter(|(_, column)| crate::table::key(column.trim()).to_lowercase() == wanted);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (None, _) => Err(format!("has no column {name}.")),
            (Some(_), Some(_)) => Err(format!(
                "has the column {name} twice: give one of them another name."
            )),
        }
    }

    /// Where a row, or one of its cells, stands.
    pub(super) fn place(&self, row: &SheetRow, column: Option<usize>) -> String {
        let row = format!("{} {}", self.unit, row.number);
        match column.and_then(|column| self.header.get(column)) {
            Some(column) => format!("{row}, column {column}"),
            None => row,
        }
    }
}

/// The text of a file; where it cannot be read, the line and the sign.
fn decoded(bytes: &[u8]) -> Result<String, (usize, usize)> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| (0, 0))
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            let start = before
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            let signs = String::from_utf8_lossy(&before[start..]).chars().count();
            (line, signs + 1)
        }),
    }
}

/// What separates the columns: whatever the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    [(b',', count(',')), (b';', count(';')), (b'\t', count('\t'))]
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(sign, _)| sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Option<Sheet>, Vec<String>) {
        let mut mistakes = Vec::new();
        let sheet = Sheet::of_csv("a", "a.csv", bytes, &mut mistakes);
        (sheet, mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn separators_and_encodings_are_found() {
        let utf16: Vec<u8> = "\u{feff}a\tb\r\nស\t2\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [
            "a,b\nស,2\n".as_bytes(),
            "\u{feff}a;b\r\nស;2\r\n".as_bytes(),
            &utf16,
        ] {
            let (sheet, mistakes) = read(bytes);
            let sheet = sheet.unwrap();
            assert_eq!(
                (sheet.header, mistakes),
                (vec!["a".to_owned(), "b".to_owned()], vec![])
            );
            assert_eq!(
                sheet.rows[0].cells,
                [Cell::Text("ស".into()), Cell::Text("2".into())]
            );
            assert_eq!(sheet.rows[0].number, 2);
        }
        let (sheet, mistakes) = read(b"a,b\n1,caf\xe9\n");
        assert!(sheet.is_none());
        assert_eq!(
            mistakes,
            ["a.csv: line 2, sign 6: is not written in UTF-8: save it as \"CSV UTF-8\"."]
        );
    }

    #[test]
    fn a_column_is_found_once_or_not() {
        let (sheet, _) = read("Name,ឈ្មោះ,x,X\n1,2,3,4\n".as_bytes());
        let sheet = sheet.unwrap();
        assert_eq!(sheet.column("name"), Ok(0));
        assert_eq!(sheet.column(" ឈ្មោះ"), Ok(1));
        assert!(sheet.column("x").unwrap_err().contains("twice"));
        assert!(sheet.column("age").unwrap_err().contains("no column age"));
    }
}
