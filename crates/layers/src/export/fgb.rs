//! FlatGeobuf. GDAL 3.6 cannot write a title, a description or metadata into it, so it is written here.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geo::Geometry;
use geozero::{ColumnValue, PropertyProcessor};

use super::TableMeta;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::schema::GeometryKind;
use crate::value::{Field, FieldType, Value};

pub(super) struct Fgb {
    writer: FgbWriter<'static>,
    path: PathBuf,
    names: Vec<String>,
}

impl Fgb {
    pub fn create(
        path: &Path,
        fields: &[Field],
        kind: GeometryKind,
        crs: &Crs,
        meta: &TableMeta,
    ) -> Result<Self> {
        let shape = match kind {
            GeometryKind::Point => GeometryType::Point,
            GeometryKind::Line => GeometryType::MultiLineString,
            GeometryKind::Polygon => GeometryType::MultiPolygon,
            GeometryKind::PolygonOrPoint | GeometryKind::Any => GeometryType::Unknown,
        };
        let (description, wkt) = (meta.description(), crs.to_wkt()?);
        let metadata = serde_json::Value::from_iter(meta.items()).to_string();
        let options = FgbWriterOptions {
            crs: FgbCrs {
                code: crs.epsg().unwrap_or(0),
                name: Some(crs.name()),
                wkt: Some(&wkt),
                ..FgbCrs::default()
            },
            promote_to_multi: !matches!(shape, GeometryType::Unknown | GeometryType::Point),
            detect_type: false,
            title: Some(&meta.title),
            description: Some(&description),
            metadata: Some(&metadata),
            ..FgbWriterOptions::default()
        };
        let mut writer =
            FgbWriter::create_with_options(&meta.name, shape, options).map_err(|e| failed(path, &e))?;
        let mut names = vec!["id".to_owned()];
        writer.add_column("id", ColumnType::String, |_, column| column.nullable = false);
        for field in fields {
            let kind = match field.kind {
                FieldType::Text => ColumnType::String,
                FieldType::Number => ColumnType::Double,
                FieldType::Integer => ColumnType::Long,
                FieldType::Boolean => ColumnType::Bool,
                FieldType::Date => ColumnType::DateTime,
            };
            writer.add_column(&field.name, kind, |builder, column| {
                let meaning = match (&field.meaning, &field.unit) {
                    (Some(meaning), Some(unit)) => format!("{meaning} ({unit})"),
                    (Some(text), None) | (None, Some(text)) => text.clone(),
                    (None, None) => return,
                };
                column.description = Some(builder.create_string(&meaning));
            });
            names.push(field.name.clone());
        }
        Ok(Self {
            writer,
            path: path.to_owned(),
            names,
        })
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let Some(geometry) = geometry else {
            return Err(LayersError::refused(format!(
                "'{id}' has no geometry, which FlatGeobuf cannot hold: write .gpkg, .geojson or .csv."
            )));
        };
        let names = &self.names;
        let mut told = Ok(false);
        let added = self.writer.add_feature_geom(geometry, |feature| {
            told = feature.property(0, "id", &ColumnValue::String(id));
            for (i, value) in values.iter().enumerate() {
                let Some(value) = value else { continue };
                let day;
                let value = match value {
                    Value::Text(text) => ColumnValue::String(text),
                    Value::Integer(n) => ColumnValue::Long(*n),
                    Value::Number(n) => ColumnValue::Double(*n),
                    Value::Boolean(b) => ColumnValue::Bool(*b),
                    Value::Date(date) => {
                        day = format!("{date}T00:00:00");
                        ColumnValue::DateTime(&day)
                    }
                };
                if told.is_ok() {
                    told = feature.property(i + 1, &names[i + 1], &value);
                }
            }
        });
        added.map_err(|e| failed(&self.path, &e))?;
        told.map(|_| ()).map_err(|e| failed(&self.path, &e))
    }

    pub fn finish(self) -> Result<()> {
        let io = |e| LayersError::io(&self.path, "writing", e);
        let mut out = BufWriter::new(File::create_new(&self.path).map_err(io)?);
        self.writer.write(&mut out).map_err(|e| failed(&self.path, &e))?;
        out.flush().map_err(io)
    }
}

fn failed(path: &Path, e: &dyn std::fmt::Display) -> LayersError {
    LayersError::io(path, "writing", std::io::Error::other(e.to_string()))
}
