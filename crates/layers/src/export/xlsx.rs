//! A workbook for people: the features as a table, then what the fields mean, then where the data come from. Rows go to disk as they come.

use std::path::{Path, PathBuf};

use geo::{Geometry, InteriorPoint};
use jiff::tz::TimeZone;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::TableMeta;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::schema::GeometryKind;
use crate::value::{Field, FieldType, Value};

/// The most features that a sheet has room for, below its header.
pub const MOST_ROWS: u64 = 1_048_575;

/// The longest text of a cell, in UTF-16 units. What is longer is cut, and the last sheet says so.
const LONGEST_CELL: usize = 32_767;

/// Whole numbers beyond this are written as text: a spreadsheet would round them.
const LARGEST_EXACT: u64 = 1 << 53;

pub(super) struct Xlsx {
    book: Workbook,
    path: PathBuf,
    rows: u32,
    cut: u64,
    about: Vec<(String, String)>,
    fields: Vec<[String; 4]>,
    day: Format,
}

impl Xlsx {
    pub fn create(
        path: &Path,
        fields: &[Field],
        kind: GeometryKind,
        crs: &Crs,
        meta: &TableMeta,
    ) -> Result<Self> {
        let failed = |e| failed(path, e);
        let mut book = Workbook::new();
        if let Some(dir) = path.parent() {
            book.set_tempdir(dir).map_err(failed)?;
        }
        book.set_properties(&properties(meta).map_err(failed)?);
        let bold = Format::new().set_bold();
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let (x, y) = if crs.is_geographic() {
            ("longitude", "latitude")
        } else {
            ("easting", "northing")
        };
        let place = if kind == GeometryKind::Point {
            "where it is"
        } else {
            "a point in it"
        };
        let mut described: Vec<[String; 4]> = vec![["id", "text", "", ""].map(str::to_owned)];
        described.extend(fields.iter().map(|field| {
            [
                field.name.clone(),
                kind_of(field.kind).to_owned(),
                field.unit.clone().unwrap_or_default(),
                field.meaning.clone().unwrap_or_default(),
            ]
        }));
        for axis in [x, y] {
            described.push(
                [axis, "number", if crs.is_geographic() { "°" } else { "m" }, place].map(str::to_owned),
            );
        }
        let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
        sheet.set_name(sheet_name(&meta.name)).map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        for (column, [name, _, unit, _]) in (0..).zip(&described) {
            let title = if unit.is_empty() {
                name.clone()
            } else {
                format!("{name} ({unit})")
            };
            sheet
                .write_string_with_format(0, column, &title, &bold)
                .map_err(failed)?;
        }
        let mut about = vec![("crs".to_owned(), crs.name().to_owned())];
        about.extend(meta.items());
        Ok(Self {
            book,
            path: path.to_owned(),
            rows: 0,
            cut: 0,
            about,
            fields: described,
            day,
        })
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<&Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        if u64::from(self.rows) >= MOST_ROWS {
            return Err(LayersError::Usage(format!(
                "A sheet of XLSX has room for {MOST_ROWS} features: take a part of them, or CSV."
            )));
        }
        self.rows += 1;
        let (row, path) = (self.rows, &self.path);
        let failed = |e| failed(path, e);
        let mut cut = 0;
        let sheet = self.book.worksheet_from_index(0).map_err(failed)?;
        push_text(sheet, row, 0, id, &mut cut).map_err(failed)?;
        let mut column = 1;
        for value in values {
            match value {
                None => {}
                Some(Value::Text(text)) => push_text(sheet, row, column, text, &mut cut).map_err(failed)?,
                Some(Value::Number(n)) => {
                    sheet.write_number(row, column, *n).map_err(failed)?;
                }
                Some(Value::Integer(n)) if n.unsigned_abs() <= LARGEST_EXACT => {
                    sheet.write_number(row, column, *n as f64).map_err(failed)?;
                }
                Some(Value::Boolean(yes)) => {
                    sheet.write_boolean(row, column, *yes).map_err(failed)?;
                }
                Some(Value::Date(day)) if day.year() >= 1900 => {
                    let day = ExcelDateTime::from_ymd(
                        day.year().unsigned_abs(),
                        day.month().unsigned_abs(),
                        day.day().unsigned_abs(),
                    )
                    .map_err(failed)?;
                    sheet
                        .write_datetime_with_format(row, column, day, &self.day)
                        .map_err(failed)?;
                }
                Some(other) => push_text(sheet, row, column, &other.to_string(), &mut cut).map_err(failed)?,
            }
            column += 1;
        }
        if let Some(at) = geometry.and_then(InteriorPoint::interior_point) {
            sheet.write_number(row, column, at.x()).map_err(failed)?;
            sheet.write_number(row, column + 1, at.y()).map_err(failed)?;
        }
        self.cut += cut;
        Ok(())
    }

    pub fn finish(mut self) -> Result<()> {
        let failed = |e| failed(&self.path, e);
        let bold = Format::new().set_bold();
        let sheet = self.book.add_worksheet();
        sheet.set_name("Fields").map_err(failed)?;
        for (column, title) in (0..).zip(["Field", "Type", "Unit", "Meaning"]) {
            sheet
                .write_string_with_format(0, column, title, &bold)
                .map_err(failed)?;
        }
        for (row, field) in (1..).zip(&self.fields) {
            for (column, text) in (0..).zip(field) {
                sheet.write_string(row, column, text).map_err(failed)?;
            }
        }
        if self.cut > 0 {
            let said = format!(
                "{} were longer than {LONGEST_CELL} characters and are cut.",
                self.cut
            );
            self.about.push(("texts".to_owned(), said));
        }
        let sheet = self.book.add_worksheet();
        sheet.set_name("About").map_err(failed)?;
        for (row, (key, value)) in (0..).zip(&self.about) {
            sheet
                .write_string_with_format(row, 0, key, &bold)
                .map_err(failed)?;
            sheet.write_string(row, 1, shortened(value)).map_err(failed)?;
        }
        self.book.save(&self.path).map_err(failed)
    }
}

/// What the file says of itself. Its time is that of the data: the same data give the same bytes.
pub(super) fn properties(meta: &TableMeta) -> std::result::Result<DocProperties, XlsxError> {
    let made = meta.made_at.to_zoned(TimeZone::UTC);
    let properties = DocProperties::new()
        .set_title(if meta.title.is_empty() {
            &meta.name
        } else {
            &meta.title
        })
        .set_comment(meta.description());
    if made.year() < 1900 {
        return Ok(properties);
    }
    let time = ExcelDateTime::from_ymd(
        made.year().unsigned_abs(),
        made.month().unsigned_abs(),
        made.day().unsigned_abs(),
    )?;
    Ok(properties.set_creation_datetime(&time))
}

/// A sheet's name: 31 characters, without those that are not allowed.
fn sheet_name(name: &str) -> String {
    let sound: String = name
        .chars()
        .filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control())
        .take(31)
        .collect();
    if sound.is_empty() {
        "features".to_owned()
    } else {
        sound
    }
}

fn kind_of(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Number => "number",
        FieldType::Integer => "whole number",
        FieldType::Boolean => "true or false",
        FieldType::Date => "day",
    }
}

fn push_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    cut: &mut u64,
) -> std::result::Result<(), XlsxError> {
    let short = shortened(text);
    *cut += u64::from(short.len() < text.len());
    sheet.write_string(row, column, short).map(|_| ())
}

fn shortened(text: &str) -> &str {
    // No text has more UTF-16 units than bytes.
    if text.len() <= LONGEST_CELL {
        return text;
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > LONGEST_CELL {
            return &text[..at];
        }
    }
    text
}

fn failed(path: &Path, error: XlsxError) -> LayersError {
    LayersError::io(path, "writing", std::io::Error::other(error))
}
