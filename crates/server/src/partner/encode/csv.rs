//! Features as CSV (RFC 4180): points as two columns of numbers, other shapes as WKT. A text that a spreadsheet would take for a formula has an
//! apostrophe before it; `cells=raw` leaves it away. The same columns as the file that `phteah export`
//! writes, without those that repeat licence and attribution on every line: the page and the headers carry them.

use phteah_layers::export::spreadsheet;
use phteah_layers::{Field, FieldType, GeometryKind};
use rusqlite::types::ValueRef;

use super::geojson::broken;
use super::number::{push_float, push_integer};
use super::shape::{ShapeWriter, Syntax};
use crate::api::error::ApiError;
use crate::partner::data::crs::{OutCrs, Plane};
use crate::partner::data::scan::RowRef;

/// Tells spreadsheets that the text is UTF-8; without it the most used one shows Khmer as noise.
const MARK: &str = "\u{feff}";

/// Writes lines one after the other.
pub struct LineWriter {
    shapes: ShapeWriter,
    kinds: Vec<FieldType>,
    points: bool,
    scratch: Vec<u8>,
    /// Texts as they are stored, formulas among them.
    pub raw_text: bool,
}

impl LineWriter {
    /// A writer for features with these fields.
    pub fn new(plane: Plane, fields: &[Field], geometry: GeometryKind) -> Self {
        Self {
            shapes: ShapeWriter::new(plane, Syntax::Wkt),
            kinds: fields.iter().map(|field| field.kind).collect(),
            points: geometry == GeometryKind::Point,
            scratch: Vec::new(),
            raw_text: false,
        }
    }

    fn push_text(&self, out: &mut Vec<u8>, text: &str) {
        if self.raw_text {
            push_cell(out, text);
        } else {
            push_cell(out, &spreadsheet::cell(text));
        }
    }

    /// The first line.
    pub fn head(&self, fields: &[Field], crs: OutCrs, out: &mut Vec<u8>) {
        out.extend_from_slice(MARK.as_bytes());
        out.extend_from_slice(b"id");
        for field in fields {
            out.push(b',');
            push_cell(out, &spreadsheet::cell(&field.name));
        }
        out.extend_from_slice(match (self.points, crs) {
            (false, _) => b",wkt\r\n".as_slice(),
            (true, OutCrs::Crs84) => b",longitude,latitude\r\n",
            (true, OutCrs::Epsg4326) => b",latitude,longitude\r\n",
            (true, _) => b",easting,northing\r\n",
        });
    }

    /// Writes one line.
    pub fn write(&mut self, row: &RowRef<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
        self.push_text(out, row.id());
        for (i, kind) in self.kinds.iter().enumerate() {
            out.push(b',');
            match row.raw(i) {
                ValueRef::Integer(n) if *kind == FieldType::Boolean => {
                    out.extend_from_slice(if n == 0 { b"false" } else { b"true" });
                }
                ValueRef::Integer(n) => push_integer(out, n),
                ValueRef::Real(n) if n.is_finite() => push_float(out, n),
                ValueRef::Text(text) if *kind == FieldType::Date => out.extend_from_slice(text),
                ValueRef::Text(text) => self.push_text(out, std::str::from_utf8(text).unwrap_or_default()),
                _ => {}
            }
        }
        out.push(b',');
        self.scratch.clear();
        if let Some(wkb) = row.wkb() {
            self.shapes
                .write(wkb, &mut self.scratch)
                .map_err(|error| broken(row.id(), error))?;
        }
        let text = std::str::from_utf8(&self.scratch).unwrap_or_default();
        if self.points {
            // "POINT (x y)" → "x,y"
            let inside = text.trim_start_matches("POINT (").trim_end_matches(')');
            out.extend_from_slice(
                inside
                    .split_once(' ')
                    .map_or_else(|| ",".to_owned(), |(x, y)| format!("{x},{y}"))
                    .as_bytes(),
            );
        } else {
            push_cell(out, text);
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }
}

fn push_cell(out: &mut Vec<u8>, text: &str) {
    if !text.contains(['"', ',', '\n', '\r']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for (i, part) in text.split('"').enumerate() {
        if i > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}
