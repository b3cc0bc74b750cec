//! FlatGeobuf, in memory that does not grow with the number of features. GDAL 3.6 cannot write a title, a description or metadata into it,
//! and the crate `flatgeobuf` holds every feature's box several times over while it sorts them; so the file is put together here, of the
//! tables that the crate generates from the format's schema.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use flatbuffers::FlatBufferBuilder;
use flatgeobuf::{
    Column, ColumnArgs, ColumnType, Crs as FgbCrs, CrsArgs, Feature, FeatureArgs, GeometryType, Header,
    HeaderArgs,
};
use geo::{BoundingRect, Geometry};

use super::TableMeta;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::schema::GeometryKind;
use crate::value::{Field, FieldType, Value};
use index::{NODE_SIZE, Pile};
use shape::Shapes;

mod index;
mod shape;

/// How a file begins: its name and the version of the format.
const MAGIC: [u8; 8] = *b"fgb\x03fgb\x01";

pub(super) struct Fgb {
    path: PathBuf,
    head: Head,
    builder: FlatBufferBuilder<'static>,
    shapes: Shapes,
    properties: Vec<u8>,
    pile: Pile,
}

/// What the header says besides what is known at the end.
struct Head {
    shape: GeometryType,
    meta: TableMeta,
    crs_code: i32,
    crs_name: String,
    crs_wkt: String,
    fields: Vec<Field>,
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
        let io = |e| LayersError::io(path, "writing", e);
        File::create_new(path).map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            head: Head {
                shape,
                meta: meta.clone(),
                crs_code: crs.epsg().unwrap_or(0),
                crs_name: crs.name().to_owned(),
                crs_wkt: crs.to_wkt()?,
                fields: fields.to_vec(),
            },
            builder: FlatBufferBuilder::new(),
            shapes: Shapes::new(shape),
            properties: Vec::new(),
            pile: Pile::create(path.parent().unwrap_or(Path::new("."))).map_err(io)?,
        })
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let placed = geometry.and_then(|geometry| geometry.bounding_rect().map(|rect| (geometry, rect)));
        let Some((geometry, rect)) = placed else {
            return Err(LayersError::refused(format!(
                "'{id}' has no geometry, which FlatGeobuf cannot hold: write .gpkg, .geojson or .csv."
            )));
        };
        self.properties.clear();
        property(&mut self.properties, 0, |out| text(out, id));
        for (i, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            property(&mut self.properties, i + 1, |out| match value {
                Value::Text(words) => text(out, words),
                Value::Integer(n) => out.extend_from_slice(&n.to_le_bytes()),
                Value::Number(n) => out.extend_from_slice(&n.to_le_bytes()),
                Value::Boolean(b) => out.push(u8::from(*b)),
                Value::Date(day) => text(out, &format!("{day}T00:00:00")),
            });
        }
        self.builder.reset();
        let shape = self.shapes.write(&mut self.builder, &geometry);
        let properties = self.builder.create_vector(&self.properties);
        let feature = FeatureArgs {
            geometry: Some(shape),
            properties: Some(properties),
            columns: None,
        };
        let feature = Feature::create(&mut self.builder, &feature);
        self.builder.finish_size_prefixed(feature, None);
        let bounds = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
        self.pile
            .push(self.builder.finished_data(), bounds)
            .map_err(|e| LayersError::io(&self.path, "writing", e))
    }

    pub fn finish(self) -> Result<()> {
        let Self { path, head, pile, .. } = self;
        let io = |e| LayersError::io(&path, "writing", e);
        let mut out = OpenOptions::new().write(true).open(&path).map_err(io)?;
        out.write_all(&MAGIC)
            .and_then(|()| out.write_all(&head.encoded(&pile)))
            .map_err(io)?;
        pile.pour_out(&path, out).map_err(io)
    }
}

impl Head {
    fn encoded(&self, pile: &Pile) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let id = {
            let column = ColumnArgs {
                name: Some(builder.create_string("id")),
                type_: ColumnType::String,
                nullable: false,
                ..ColumnArgs::default()
            };
            Column::create(&mut builder, &column)
        };
        let mut columns = vec![id];
        for field in &self.fields {
            let meaning = match (&field.meaning, &field.unit) {
                (Some(meaning), Some(unit)) => Some(format!("{meaning} ({unit})")),
                (Some(text), None) | (None, Some(text)) => Some(text.clone()),
                (None, None) => None,
            };
            let column = ColumnArgs {
                name: Some(builder.create_string(&field.name)),
                type_: match field.kind {
                    FieldType::Text => ColumnType::String,
                    FieldType::Number => ColumnType::Double,
                    FieldType::Integer => ColumnType::Long,
                    FieldType::Boolean => ColumnType::Bool,
                    FieldType::Date => ColumnType::DateTime,
                },
                description: meaning.map(|text| builder.create_string(&text)),
                ..ColumnArgs::default()
            };
            columns.push(Column::create(&mut builder, &column));
        }
        let crs = CrsArgs {
            code: self.crs_code,
            name: Some(builder.create_string(&self.crs_name)),
            wkt: Some(builder.create_string(&self.crs_wkt)),
            ..CrsArgs::default()
        };
        let metadata = serde_json::Value::from_iter(self.meta.items()).to_string();
        let header = HeaderArgs {
            name: Some(builder.create_string(&self.meta.name)),
            envelope: pile.extent().map(|extent| builder.create_vector(&extent)),
            geometry_type: self.shape,
            columns: Some(builder.create_vector(&columns)),
            features_count: pile.len(),
            index_node_size: NODE_SIZE,
            crs: Some(FgbCrs::create(&mut builder, &crs)),
            title: Some(builder.create_string(&self.meta.title)),
            description: Some(builder.create_string(&self.meta.description())),
            metadata: Some(builder.create_string(&metadata)),
            ..HeaderArgs::default()
        };
        let header = Header::create(&mut builder, &header);
        builder.finish_size_prefixed(header, None);
        builder.finished_data().to_vec()
    }
}

/// A property is the number of its column and its value.
fn property(out: &mut Vec<u8>, column: usize, value: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&(column as u16).to_le_bytes());
    value(out);
}

/// A text is its length and its bytes.
fn text(out: &mut Vec<u8>, words: &str) {
    out.extend_from_slice(&(words.len() as u32).to_le_bytes());
    out.extend_from_slice(words.as_bytes());
}
