//! Features as GeoJSON (RFC 7946): the hot path of pages and downloads.

use phteah_layers::{Field, FieldType, LayersError};
use rusqlite::types::ValueRef;

use super::number::{push_float, push_integer, push_json_text};
use super::shape::{ShapeError, ShapeWriter, Syntax};
use crate::api::error::ApiError;
use crate::partner::data::crs::Plane;
use crate::partner::data::scan::RowRef;

/// Writes features one after the other.
pub struct FeatureWriter {
    shapes: ShapeWriter,
    /// `"name":` of each field, ready to be copied.
    keys: Vec<(Vec<u8>, FieldType)>,
}

impl FeatureWriter {
    /// A writer for features with these fields.
    pub fn new(plane: Plane, fields: &[Field]) -> Self {
        let keys = fields.iter().map(|field| {
            let mut key = Vec::new();
            push_json_text(&mut key, &field.name);
            key.push(b':');
            (key, field.kind)
        });
        Self {
            shapes: ShapeWriter::new(plane, Syntax::GeoJson),
            keys: keys.collect(),
        }
    }

    /// Writes one feature; `members` is put right behind its type, for members that GeoJSON does not know.
    pub fn write(&mut self, row: &RowRef<'_>, members: &str, out: &mut Vec<u8>) -> Result<(), ApiError> {
        out.extend_from_slice(b"{\"type\":\"Feature\",");
        out.extend_from_slice(members.as_bytes());
        out.extend_from_slice(b"\"id\":");
        push_json_text(out, row.id());
        out.extend_from_slice(b",\"geometry\":");
        match row.wkb() {
            Some(wkb) => self
                .shapes
                .write(wkb, out)
                .map_err(|error| broken(row.id(), error))?,
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"properties\":{");
        for (i, (key, kind)) in self.keys.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            match row.raw(i) {
                ValueRef::Integer(n) if *kind == FieldType::Boolean => {
                    out.extend_from_slice(if n == 0 { b"false" } else { b"true" });
                }
                ValueRef::Integer(n) => push_integer(out, n),
                ValueRef::Real(n) if n.is_finite() => push_float(out, n),
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => push_json_text(out, text),
                    Err(_) => out.extend_from_slice(b"null"),
                },
                _ => out.extend_from_slice(b"null"),
            }
        }
        out.extend_from_slice(b"}}");
        Ok(())
    }
}

/// A stored shape that cannot be written.
pub fn broken(id: &str, error: ShapeError) -> ApiError {
    match error {
        ShapeError::Crs(error) => error.into(),
        ShapeError::Damaged => LayersError::Damaged {
            file: "a layer".into(),
            cause: format!("the shape of feature {id}"),
        }
        .into(),
    }
}
