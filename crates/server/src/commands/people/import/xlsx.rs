//! Sheets of a workbook as cells.

use std::io::{Cursor, Read as _, Seek};

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx};
use jiff::civil::DateTime;
use phteah_registry::import::{Cell, Sheet, SheetRow};
use phteah_registry::table::Mistake;

/// What a workbook may unpack to, in bytes.
const MAX_UNPACKED: u64 = 600 << 20;

/// Columns of a sheet, and cells of the smallest rectangle that holds all of it.
const MAX_COLUMNS: u64 = 2_000;
const MAX_CELLS: u64 = 10_000_000;

/// All sheets that hold anything.
pub fn sheets(file: &str, bytes: Vec<u8>, mistakes: &mut Vec<Mistake>) -> Vec<Sheet> {
    let mut mistake = |message: String| {
        mistakes.push(Mistake {
            file: file.to_owned(),
            place: String::new(),
            message,
        });
    };
    if let Err(message) = fits(Cursor::new(&bytes)) {
        mistake(message);
        return Vec::new();
    }
    let mut book: Xlsx<_> = match Xlsx::new(Cursor::new(bytes)) {
        Ok(book) => book,
        Err(error) => {
            mistake(format!(
                "is no workbook that can be read: {error}. Save it anew as .xlsx, without a password."
            ));
            return Vec::new();
        }
    };
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        if let Err(message) = extent(&mut book, &name) {
            mistake(message);
            continue;
        }
        let (range, formulas) = match (book.worksheet_range(&name), book.worksheet_formula(&name)) {
            (Ok(range), Ok(formulas)) => (range, formulas),
            (Err(error), _) | (_, Err(error)) => {
                mistake(format!("the sheet {name} cannot be read: {error}."));
                continue;
            }
        };
        let Some((top, left)) = range.start() else {
            continue;
        };
        let mut rows = range.rows().enumerate();
        let Some((_, first)) = rows.next() else { continue };
        let header: Vec<String> = first
            .iter()
            .map(|cell| cell_of(cell).text().ok().flatten().unwrap_or_default())
            .collect();
        let rows = rows
            .map(|(at, cells)| {
                let number = top + at as u32;
                let cells = cells.iter().enumerate().map(|(column, cell)| {
                    let is_formula = || {
                        formulas
                            .get_value((number, left + column as u32))
                            .is_some_and(|formula| !formula.is_empty())
                    };
                    match cell {
                        Data::Empty if is_formula() => {
                            Cell::Broken("holds a formula that was never worked out: open the file, save it, and bring it again.".into())
                        }
                        cell => cell_of(cell),
                    }
                });
                SheetRow {
                    number: u64::from(number) + 1,
                    cells: cells.collect(),
                }
            })
            .filter(|row: &SheetRow| !row.cells.iter().all(Cell::is_empty))
            .collect();
        sheets.push(Sheet {
            name,
            file: file.to_owned(),
            unit: "row",
            header,
            rows,
        });
    }
    if sheets.is_empty() {
        mistake("has no sheet with anything in it.".into());
    }
    sheets
}

/// Whether a sheet is as large as it may be. One cell far away makes a sheet of billions.
fn extent<R: std::io::Read + Seek>(book: &mut Xlsx<R>, name: &str) -> Result<(), String> {
    let broken = |error| format!("the sheet {name} cannot be read: {error}.");
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    let (mut rows, mut columns) = (0, 0);
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        let (row, column) = cell.get_position();
        rows = rows.max(u64::from(row) + 1);
        columns = columns.max(u64::from(column) + 1);
        if columns > MAX_COLUMNS || rows * columns > MAX_CELLS {
            return Err(format!(
                "the sheet {name} has something in row {}, column {}. A sheet may have {MAX_COLUMNS} columns, and rows times columns at most \
                 {MAX_CELLS} cells: delete what stands far from the table, or take it in in parts.",
                row + 1,
                column + 1
            ));
        }
    }
    Ok(())
}

/// A workbook is an archive: whether what lies in it has a size that can be dealt with. Unpacked to be sure, as an archive may lie.
fn fits(bytes: impl std::io::Read + Seek) -> Result<(), String> {
    let no_workbook = |_| "is no workbook: it is no .xlsx, or it is cut off.".to_owned();
    let mut archive = zip::ZipArchive::new(bytes).map_err(no_workbook)?;
    let mut left = MAX_UNPACKED;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(no_workbook)?;
        let unpacked = std::io::copy(&mut entry.by_ref().take(left + 1), &mut std::io::sink())
            .map_err(|_| "is no workbook: it is damaged.".to_owned())?;
        if unpacked > left {
            return Err(format!(
                "unpacks to more than {} MB: take it in in parts.",
                MAX_UNPACKED >> 20
            ));
        }
        left -= unpacked;
    }
    Ok(())
}

fn cell_of(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::Int(number) => Cell::Text(number.to_string()),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) | Data::DateTimeIso(text) => Cell::Text(text.clone()),
        Data::DurationIso(_) => Cell::Broken("holds a length of time.".into()),
        Data::Bool(answer) => Cell::Bool(*answer),
        Data::DateTime(at) => moment(at),
        Data::Error(error) => Cell::Broken(format!("holds an error of the spreadsheet ({error}).")),
    }
}

fn moment(at: &ExcelDateTime) -> Cell {
    if !at.is_datetime() {
        return Cell::Broken("holds a length of time.".into());
    }
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let read = || {
        DateTime::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
            i8::try_from(hour).ok()?,
            i8::try_from(minute).ok()?,
            i8::try_from(second).ok()?,
            i32::from(milli) * 1_000_000,
        )
        .ok()
    };
    read().map_or_else(
        || Cell::Broken("holds a day that there is not.".into()),
        Cell::Moment,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_far_away_takes_no_memory_and_is_told() {
        for (row, column) in [(1_048_575, 16_383), (299_999, 199), (3, 2_000)] {
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet();
            sheet.write(0, 0, "name").unwrap();
            sheet.write(row, column, "x").unwrap();
            let mut mistakes = Vec::new();
            let read = sheets("s.xlsx", book.save_to_buffer().unwrap(), &mut mistakes);
            assert!(read.is_empty());
            let told = mistakes[0].to_string();
            assert!(
                told.contains(&format!("row {}, column {}", row + 1, column + 1)),
                "{told}"
            );
        }
    }
}
