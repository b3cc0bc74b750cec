//! GeoParquet 1.1: columns for analysts, WKB shapes in WGS 84 longitude and latitude. GDAL 3.6 cannot write it.

use std::io::Write;
use std::sync::Arc;

use axum::body::Bytes;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use phteah_layers::{Field, FieldType, GeometryKind, TableMeta, Value};
use rusqlite::types::ValueRef;
use serde_json::json;

use super::geojson::broken;
use super::wkb::WkbMover;
use crate::api::error::ApiError;
use crate::partner::data::crs::Plane;
use crate::partner::data::scan::RowRef;

/// Features held in memory before they are written.
const GROUP: usize = 10_000;

/// The year on whose first day Parquet begins to count.
const EPOCH: i16 = 1970;

/// Writes a file group by group.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    shapes: WkbMover,
    geometries: Texts,
    has_geometry: Vec<i16>,
    ids: Texts,
    columns: Vec<Column>,
    bounds: [f64; 4],
    geometry: GeometryKind,
}

/// A column's known values, and for each feature whether it has one.
struct Column {
    values: Values,
    known: Vec<i16>,
}

/// Texts or shapes of a group, one behind the other in a single piece of memory.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end();
    }

    /// What has been added to the bytes since the last one is one.
    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// All of them, which are gone then.
    fn take(&mut self) -> Vec<ByteArray> {
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        let mut start = 0;
        let slice = |end: usize| {
            let one = bytes.slice(start..end);
            start = end;
            ByteArray::from(one)
        };
        std::mem::take(&mut self.ends).into_iter().map(slice).collect()
    }
}

enum Values {
    Text(Texts),
    Number(Vec<f64>),
    Integer(Vec<i64>),
    Boolean(Vec<bool>),
    Date(Vec<i32>),
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    pub fn create(
        out: W,
        plane: Plane,
        fields: &[Field],
        geometry: GeometryKind,
        meta: &TableMeta,
    ) -> Result<Self, ApiError> {
        let mut message =
            String::from("message layer { OPTIONAL BYTE_ARRAY geometry; REQUIRED BYTE_ARRAY id (STRING);");
        let mut columns = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            // The parser of messages knows no quotes; names come from imports and hold letters, digits and underscores. A stranger one is
            // numbered instead.
            let plain = field.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let name = if plain {
                field.name.clone()
            } else {
                format!("field_{}", i + 1)
            };
            let (kind, values) = match field.kind {
                FieldType::Text => ("BYTE_ARRAY", Values::Text(Texts::default())),
                FieldType::Number => ("DOUBLE", Values::Number(Vec::new())),
                FieldType::Integer => ("INT64", Values::Integer(Vec::new())),
                FieldType::Boolean => ("BOOLEAN", Values::Boolean(Vec::new())),
                FieldType::Date => ("INT32", Values::Date(Vec::new())),
            };
            let note = match field.kind {
                FieldType::Text => " (STRING)",
                FieldType::Date => " (DATE)",
                _ => "",
            };
            message.push_str(&format!(" OPTIONAL {kind} {name}{note};"));
            columns.push(Column {
                values,
                known: Vec::new(),
            });
        }
        message.push('}');
        let schema = parse_message_type(&message).map_err(ApiError::internal)?;
        let about: Vec<KeyValue> = [
            ("title", &meta.title),
            ("source", &meta.source),
            ("licence", &meta.licence),
            ("attribution", &meta.attribution),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| KeyValue::new(key.to_owned(), value.clone()))
        .chain(meta.illustrative.then(|| {
            KeyValue::new(
                "illustrative".to_owned(),
                "Illustrative data, not real.".to_owned(),
            )
        }))
        .collect();
        let level = ZstdLevel::try_new(3).map_err(ApiError::internal)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            // No two features share them: looking for repetitions and for the least one costs much and finds nothing.
            .set_column_dictionary_enabled("geometry".into(), false)
            .set_column_statistics_enabled("geometry".into(), EnabledStatistics::None)
            .set_column_dictionary_enabled("id".into(), false)
            .set_key_value_metadata(Some(about))
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
            .map_err(ApiError::internal)?;
        Ok(Self {
            file,
            shapes: WkbMover::new(plane),
            geometries: Texts::default(),
            has_geometry: Vec::new(),
            ids: Texts::default(),
            columns,
            bounds: [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
            geometry,
        })
    }

    /// Adds a feature.
    pub fn push(&mut self, row: &RowRef<'_>) -> Result<(), ApiError> {
        self.ids.push(row.id().as_bytes());
        self.has_geometry.push(i16::from(row.wkb().is_some()));
        if let Some(wkb) = row.wkb() {
            self.shapes
                .write(wkb, &mut self.geometries.bytes, &mut self.bounds)
                .map_err(|error| broken(row.id(), error))?;
            self.geometries.end();
        }
        for (i, column) in self.columns.iter_mut().enumerate() {
            if let (Values::Text(all), ValueRef::Text(text)) = (&mut column.values, row.raw(i))
                && std::str::from_utf8(text).is_ok()
            {
                all.push(text);
                column.known.push(1);
                continue;
            }
            let value = row.value(i);
            column.known.push(i16::from(value.is_some()));
            match (&mut column.values, value) {
                (_, None) => {}
                (Values::Text(all), Some(value)) => all.push(value.to_string().as_bytes()),
                (Values::Number(all), Some(value)) => all.push(value.as_f64().unwrap_or_default()),
                (Values::Integer(all), Some(value)) => all.push(value.as_i64().unwrap_or_default()),
                (Values::Boolean(all), Some(value)) => all.push(value.as_bool().unwrap_or_default()),
                (Values::Date(all), Some(Value::Date(day))) => all.push(days(day)),
                (Values::Date(_), Some(_)) => {
                    // What should be a day and is none is unknown.
                    column.known.pop();
                    column.known.push(0);
                }
            }
        }
        if self.ids.ends.len() == GROUP {
            self.flush().map_err(ApiError::internal)
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.ids.ends.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        let mut at = 0;
        while let Some(mut column) = group.next_column()? {
            match (at, column.untyped()) {
                (0, ColumnWriter::ByteArrayColumnWriter(w)) => {
                    w.write_batch(&self.geometries.take(), Some(&self.has_geometry), None)?;
                }
                (1, ColumnWriter::ByteArrayColumnWriter(w)) => {
                    w.write_batch(&self.ids.take(), None, None)?;
                }
                (_, writer) => {
                    let Column { values, known } = &mut self.columns[at - 2];
                    let known = Some(known.as_slice());
                    match (writer, values) {
                        (ColumnWriter::ByteArrayColumnWriter(w), Values::Text(v)) => {
                            w.write_batch(&v.take(), known, None)?
                        }
                        (ColumnWriter::DoubleColumnWriter(w), Values::Number(v)) => {
                            w.write_batch(v, known, None)?
                        }
                        (ColumnWriter::Int64ColumnWriter(w), Values::Integer(v)) => {
                            w.write_batch(v, known, None)?
                        }
                        (ColumnWriter::BoolColumnWriter(w), Values::Boolean(v)) => {
                            w.write_batch(v, known, None)?
                        }
                        (ColumnWriter::Int32ColumnWriter(w), Values::Date(v)) => {
                            w.write_batch(v, known, None)?
                        }
                        _ => {
                            return Err(ParquetError::General(
                                "a column of another type than its field".to_owned(),
                            ));
                        }
                    };
                }
            }
            column.close()?;
            at += 1;
        }
        group.close()?;
        self.has_geometry.clear();
        for column in &mut self.columns {
            column.known.clear();
            match &mut column.values {
                // Taken above.
                Values::Text(_) => {}
                Values::Number(v) => v.clear(),
                Values::Integer(v) => v.clear(),
                Values::Boolean(v) => v.clear(),
                Values::Date(v) => v.clear(),
            }
        }
        Ok(())
    }

    /// Completes the file and hands back where it was written.
    pub fn finish(mut self) -> Result<W, ApiError> {
        self.flush().map_err(ApiError::internal)?;
        let kinds: &[&str] = match self.geometry {
            GeometryKind::Point => &["Point"],
            GeometryKind::Line => &["MultiLineString"],
            GeometryKind::Polygon => &["MultiPolygon"],
            GeometryKind::PolygonOrPoint | GeometryKind::Any => &[],
        };
        let mut column = json!({ "encoding": "WKB", "geometry_types": kinds });
        if self.bounds.iter().all(|v| v.is_finite()) {
            column["bbox"] = json!(self.bounds);
        }
        let geo =
            json!({ "version": "1.1.0", "primary_column": "geometry", "columns": { "geometry": column } });
        self.file
            .append_key_value_metadata(KeyValue::new("geo".to_owned(), geo.to_string()));
        self.file.into_inner().map_err(ApiError::internal)
    }
}

/// Days since 1970-01-01.
fn days(day: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(EPOCH, 1, 1);
    day.since(epoch).map_or(0, |span| span.get_days())
}
