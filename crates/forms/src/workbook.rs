//! Reading an XLSForm: a workbook that a stranger has written, cell by cell and within limits.
//!
//! A workbook is a packed folder. What it claims of its sizes is not believed: it is unpacked once for counting, before anything is read.

use std::io::{Cursor, Read};

use calamine::{CellErrorType, DataRef, Reader, Xlsx};
use rxform::xls::{Sheet, Workbook, sheet_from_rows};

use crate::error::Problem;

/// Most bytes of a workbook.
pub const MAX_WORKBOOK_BYTES: usize = 8 << 20;
/// Most bytes of all that is packed in it.
const MAX_UNPACKED_BYTES: u64 = 64 << 20;
/// Most files packed in it.
const MAX_PARTS: usize = 2_000;
/// Rows and columns that are read. A workbook may have a million of the one and 16,384 of the other.
const MAX_ROWS: u32 = 20_000;
const MAX_COLUMNS: u32 = 500;
/// Cells that are read.
const MAX_CELLS: usize = 400_000;
/// Characters of a cell, as spreadsheets have it.
const MAX_CELL: usize = 32_767;

/// The sheets that an XLSForm has.
const SHEETS: [&str; 5] = ["survey", "choices", "settings", "external_choices", "entities"];

/// Reads the sheets of an XLSForm.
pub fn read(bytes: &[u8]) -> Result<Workbook, Problem> {
    if bytes.len() > MAX_WORKBOOK_BYTES {
        return Err(Problem::whole(format!(
            "The workbook has {} bytes, and at most {MAX_WORKBOOK_BYTES} are read. Take out pictures: they are given with --media.",
            bytes.len()
        )));
    }
    count(bytes)?;
    let mut book: Xlsx<Cursor<&[u8]>> = Xlsx::new(Cursor::new(bytes)).map_err(|_| no_workbook())?;
    let names = book.sheet_names();
    let mut found: [Sheet; 5] = Default::default();
    for (wanted, sheet) in SHEETS.iter().zip(&mut found) {
        let Some(name) = names.iter().find(|name| name.trim().eq_ignore_ascii_case(wanted)) else {
            continue;
        };
        let rows = rows(&mut book, name)?;
        columns_once(name, rows.first().map_or(&[][..], Vec::as_slice))?;
        *sheet = sheet_from_rows(rows);
    }
    if found[0].headers.is_empty() {
        return Err(Problem::whole(
            "The workbook has no sheet \"survey\" with the columns type, name and label. An XLSForm begins with it.",
        ));
    }
    let [survey, choices, settings, external_choices, entities] = found;
    Ok(Workbook {
        survey,
        choices,
        settings,
        external_choices,
        entities,
    })
}

fn no_workbook() -> Problem {
    Problem::whole("This is no Excel workbook (.xlsx) that can be read. Save it again as .xlsx.")
}

/// Of two columns of one name only the last would be read.
fn columns_once(sheet: &str, headers: &[String]) -> Result<(), Problem> {
    let headers: Vec<&str> = headers.iter().map(|header| header.trim()).collect();
    for (n, header) in headers.iter().enumerate() {
        if !header.is_empty() && headers[..n].contains(header) {
            return Err(Problem::at(
                format!("sheet {sheet}, column {header}"),
                "Two columns have this name, and one of them would be lost. Give each its own, or put them together.",
            ));
        }
    }
    Ok(())
}

/// Unpacks all of it once, keeping nothing: a bomb ends here.
fn count(bytes: &[u8]) -> Result<(), Problem> {
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| no_workbook())?;
    if parts.len() > MAX_PARTS {
        return Err(Problem::whole(format!(
            "The workbook holds {} files, and at most {MAX_PARTS} are read.",
            parts.len()
        )));
    }
    let mut left = MAX_UNPACKED_BYTES;
    for i in 0..parts.len() {
        let part = parts.by_index(i).map_err(|_| no_workbook())?;
        let read =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| no_workbook())?;
        left = left.checked_sub(read).ok_or_else(|| {
            Problem::whole(format!(
                "Unpacked, the workbook has more than {MAX_UNPACKED_BYTES} bytes. That is no form."
            ))
        })?;
    }
    Ok(())
}

fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Vec<String>>, Problem> {
    let broken = || {
        Problem::at(
            format!("sheet {name}"),
            "The sheet cannot be read. Save the workbook again.",
        )
    };
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| broken())?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut cells = 0;
    while let Some(cell) = reader.next_cell().map_err(|_| broken())? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        cells += 1;
        let place = || format!("sheet {name}, row {}, column {}", row + 1, column + 1);
        if row >= MAX_ROWS || column >= MAX_COLUMNS || cells > MAX_CELLS {
            return Err(Problem::at(
                place(),
                format!(
                    "A form has at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_CELLS} cells with something in them."
                ),
            ));
        }
        if text.chars().count() > MAX_CELL {
            return Err(Problem::at(
                place(),
                format!("A cell holds at most {MAX_CELL} characters."),
            ));
        }
        let (row, column) = (row as usize, column as usize);
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        if rows[row].len() <= column {
            rows[row].resize_with(column + 1, String::new);
        }
        rows[row][column] = text;
    }
    Ok(rows)
}

/// A cell as pyxform reads it: whole numbers without a point, days as `2026-11-20 00:00:00`.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{}", *number as i64)
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        // A time of day, which a spreadsheet keeps as a part of its first day.
        DataRef::DateTime(time) if (0.0..1.0).contains(&time.as_f64()) => {
            let (_, _, _, hour, minute, second, _) = time.to_ymd_hms_milli();
            format!("{hour:02}:{minute:02}:{second:02}")
        }
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        DataRef::Error(error) => match error {
            CellErrorType::NA => "#N/A".to_owned(),
            other => format!("{other}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workbook(cells: &[(u32, u16, &str)]) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("Survey").unwrap();
        for (row, column, text) in cells {
            sheet.write(*row, *column, *text).unwrap();
        }
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn rows_keep_their_numbers() {
        let bytes = workbook(&[(0, 0, "type"), (0, 1, "name"), (4, 0, "text"), (4, 1, "q")]);
        let book = read(&bytes).unwrap();
        assert_eq!(book.survey.headers, ["type", "name"]);
        assert_eq!(book.survey.rows.len(), 1);
        assert_eq!(book.survey.rows[0].0, 5);
        assert_eq!(book.survey.rows[0].1["name"], "q");
    }

    #[test]
    fn of_two_columns_of_one_name_none_is_lost() {
        let bytes = workbook(&[(0, 0, "type"), (0, 1, "name"), (0, 2, "name "), (1, 0, "text")]);
        let problem = read(&bytes).unwrap_err().to_string();
        assert!(
            problem.contains("column name") && problem.contains("Two columns"),
            "{problem}"
        );
    }

    #[test]
    fn a_cell_far_away_takes_no_memory() {
        let bytes = workbook(&[(0, 0, "type"), (1_048_575, 16_383, "x")]);
        let problem = read(&bytes).unwrap_err();
        assert!(
            problem.to_string().contains("row 1048576, column 16384"),
            "{problem}"
        );
    }

    #[test]
    fn what_is_no_workbook_and_what_is_a_bomb_are_refused() {
        assert!(read(b"type,name").unwrap_err().to_string().contains(".xlsx"));
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("xl/workbook.xml", options).unwrap();
        let zeros = vec![0_u8; 1 << 20];
        for _ in 0..=MAX_UNPACKED_BYTES >> 20 {
            std::io::Write::write_all(&mut zip, &zeros).unwrap();
        }
        let bomb = zip.finish().unwrap().into_inner();
        assert!(bomb.len() < 1 << 20);
        assert!(read(&bomb).unwrap_err().to_string().contains("Unpacked"));
    }

    #[test]
    fn numbers_are_read_as_people_see_them() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("survey").unwrap();
        sheet.write(0, 0, "type").unwrap();
        sheet.write(0, 1, "name").unwrap();
        sheet.write(1, 0, 20_261_120.0).unwrap();
        sheet.write(1, 1, 1.5).unwrap();
        let book = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(book.survey.rows[0].1["type"], "20261120");
        assert_eq!(book.survey.rows[0].1["name"], "1.5");
    }
}
