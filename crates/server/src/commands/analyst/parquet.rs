//! `GeoParquet` 1.1, written through the plain Parquet writer: shapes as WKB, the CRS as PROJJSON, the conventions of the
//! measures beside them. (GDAL as Debian packages it has no Parquet driver, and Arrow would bring a hundred crates.)

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use geo::{BoundingRect, Geometry};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use phteah_layers::{FieldType, LayersError, wkb};
use serde_json::json;

use super::{Cell, Column, Table};
use crate::commands::CommandError;

/// Features in a row group: small enough to be read on their own, large enough to compress well.
const ROW_GROUP: usize = 65_536;

/// Writes a table.
pub fn write(table: &Table<'_>, path: &Path) -> Result<(), CommandError> {
    let file = std::fs::File::create(path).map_err(|error| LayersError::io(path, "writing", error))?;
    let refused =
        |error: ParquetError| CommandError::Refused(format!("The Parquet file cannot be written: {error}"));
    let mut metadata = vec![KeyValue::new("geo".to_owned(), geo(table)?.to_string())];
    metadata.extend(
        table
            .conventions
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone())),
    );
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("Phteah {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(metadata))
        .build();
    let schema = schema(table).map_err(refused)?;
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(refused)?;
    for start in (0..table.features.len()).step_by(ROW_GROUP) {
        let rows = start..(start + ROW_GROUP).min(table.features.len());
        let mut group = writer.next_row_group().map_err(refused)?;
        write_group(table, rows, &mut group).map_err(refused)?;
        group.close().map_err(refused)?;
    }
    writer.close().map_err(refused)?;
    Ok(())
}

fn schema(table: &Table<'_>) -> Result<Type, ParquetError> {
    let text = |name: &str, repetition| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_repetition(repetition)
            .build()
    };
    let mut fields = vec![Arc::new(text(&table.features.id_name, Repetition::REQUIRED)?)];
    for Column { field, .. } in &table.columns {
        let optional = |physical| {
            Type::primitive_type_builder(&field.name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .build()
        };
        fields.push(Arc::new(match field.kind {
            FieldType::Number => optional(Physical::DOUBLE)?,
            FieldType::Integer => optional(Physical::INT64)?,
            FieldType::Text | FieldType::Boolean | FieldType::Date => {
                text(&field.name, Repetition::OPTIONAL)?
            }
        }));
    }
    let geometry =
        Type::primitive_type_builder("geometry", Physical::BYTE_ARRAY).with_repetition(Repetition::OPTIONAL);
    fields.push(Arc::new(geometry.build()?));
    Type::group_type_builder("schema").with_fields(fields).build()
}

fn write_group<W: std::io::Write + Send>(
    table: &Table<'_>,
    rows: std::ops::Range<usize>,
    group: &mut SerializedRowGroupWriter<'_, W>,
) -> Result<(), ParquetError> {
    let mut columns = table.columns.iter();
    let mut first = true;
    while let Some(mut target) = group.next_column()? {
        if first {
            let ids: Vec<ByteArray> = rows
                .clone()
                .map(|row| table.features.ids[row].as_str().into())
                .collect();
            target.typed::<ByteArrayType>().write_batch(&ids, None, None)?;
            first = false;
        } else if let Some(column) = columns.next() {
            let cells = rows.clone().map(|row| column.cell(row));
            match column.field.kind {
                FieldType::Number => {
                    let number = |cell| {
                        if let Cell::Number(number) = cell {
                            Some(number)
                        } else {
                            None
                        }
                    };
                    let (values, levels) = split(cells.map(number));
                    target
                        .typed::<DoubleType>()
                        .write_batch(&values, Some(&levels), None)?;
                }
                FieldType::Integer => {
                    let number = |cell| {
                        if let Cell::Integer(number) = cell {
                            Some(number)
                        } else {
                            None
                        }
                    };
                    let (values, levels) = split(cells.map(number));
                    target
                        .typed::<Int64Type>()
                        .write_batch(&values, Some(&levels), None)?;
                }
                FieldType::Text | FieldType::Boolean | FieldType::Date => {
                    let text = |cell| {
                        if let Cell::Text(text) = cell {
                            Some(ByteArray::from(text))
                        } else {
                            None
                        }
                    };
                    let (values, levels) = split(cells.map(text));
                    target
                        .typed::<ByteArrayType>()
                        .write_batch(&values, Some(&levels), None)?;
                }
            }
        } else {
            let shape = |row: usize| {
                let mut bytes = Vec::new();
                wkb::write(table.features.shapes[row].as_ref()?, &mut bytes);
                Some(ByteArray::from(bytes))
            };
            let (values, levels) = split(rows.clone().map(shape));
            target
                .typed::<ByteArrayType>()
                .write_batch(&values, Some(&levels), None)?;
        }
        target.close()?;
    }
    Ok(())
}

/// The values that are known, and for every row whether it has one.
fn split<T>(cells: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    (values, levels)
}

/// The `geo` metadata of `GeoParquet` 1.1.
fn geo(table: &Table<'_>) -> Result<serde_json::Value, CommandError> {
    let shapes = || table.features.shapes.iter().flatten();
    let kinds: BTreeSet<&str> = shapes().map(kind).collect();
    let mut column = json!({
        "encoding": "WKB",
        "geometry_types": kinds,
        "crs": serde_json::from_str::<serde_json::Value>(&table.features.crs.to_projjson()?)
            .map_err(|error| CommandError::Refused(format!("The CRS cannot be described as PROJJSON: {error}")))?,
    });
    let boxes = shapes().filter_map(BoundingRect::bounding_rect);
    let bounds = boxes.map(|b| [b.min().x, b.min().y, b.max().x, b.max().y]);
    if let Some(all) = bounds.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
    {
        column["bbox"] = json!(all);
    }
    Ok(json!({ "version": "1.1.0", "primary_column": "geometry", "columns": { "geometry": column } }))
}

fn kind(shape: &Geometry<f64>) -> &'static str {
    match shape {
        Geometry::Point(_) => "Point",
        Geometry::Line(_) | Geometry::LineString(_) => "LineString",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "Polygon",
        Geometry::MultiPoint(_) => "MultiPoint",
        Geometry::MultiLineString(_) => "MultiLineString",
        Geometry::MultiPolygon(_) => "MultiPolygon",
        Geometry::GeometryCollection(_) => "GeometryCollection",
    }
}
