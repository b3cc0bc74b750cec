//! Sheets of a workbook as cells.

use std::io::{Cursor, Read as _, Seek};

use calamine::{Data, ExcelDateTime, Reader, Xlsx};
use jiff::civil::DateTime;
use phteah_registry::import::{Cell, Sheet, SheetRow};
use phteah_registry::table::Mistake;

/// What a workbook may unpack to, in bytes.
const MAX_UNPACKED: u64 = 600 << 20;

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
