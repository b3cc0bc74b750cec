//! Imported layers.

use phteah_layers::{Coverage, FieldType, LayerEntry, LayerKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::build_id::encoded;
use crate::tiles::layer::zooms;

/// All layers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LayerList {
    /// By name.
    pub layers: Vec<Layer>,
}

/// One layer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Layer {
    /// Its name in addresses.
    pub name: String,
    /// What it is used for.
    #[schema(example = "parcels")]
    pub role: String,
    /// For people.
    pub title: String,
    /// `vector` or `raster`.
    pub kind: String,
    /// `point`, `line` or `polygon`; absent for a raster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geometry: Option<String>,
    /// Number of features; absent for a raster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<u64>,
    /// CRS in which it is stored.
    pub crs: String,
    /// The file it came from, or what generated it.
    pub source: String,
    /// Licence; empty where none was stated.
    pub licence: String,
    /// Attribution that the licence asks for.
    pub attribution: String,
    /// Names this version of the layer as this build of the program encodes it. `/tiles/…?v={hash}` may be kept for ever.
    pub hash: String,
    /// When it was imported (RFC 3339).
    pub imported_at: String,
    /// Generated, not real.
    pub illustrative: bool,
    /// West, south, east, north in degrees (WGS 84).
    pub bounds: [f64; 4],
    /// First zoom with tiles.
    pub min_zoom: u8,
    /// Last zoom with tiles of its own.
    pub max_zoom: u8,
    /// Attributes, besides `id`.
    pub fields: Vec<LayerField>,
    /// Annual return period in years, of a flood depth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_period: Option<u32>,
    /// Unit of a raster's cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Where it is complete; outside of that nothing is known. Absent of layers imported before this was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<LayerCoverage>,
}

/// Where a layer is complete.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LayerCoverage {
    /// How that is known: `given` with the import, the layer's own `extent`, or the `hull` of its features, because nobody said it.
    #[schema(example = "given")]
    pub how: String,
    /// CRS of the polygon.
    #[schema(example = "EPSG:32648")]
    pub crs: String,
    /// The area: parts, rings, positions, as in a GeoJSON `MultiPolygon`.
    pub polygon: Vec<Vec<Vec<[f64; 2]>>>,
}

impl From<&Coverage> for LayerCoverage {
    fn from(coverage: &Coverage) -> Self {
        Self {
            how: coverage.how.as_str().to_owned(),
            crs: coverage.crs.clone(),
            polygon: coverage.rings(),
        }
    }
}

/// One attribute.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LayerField {
    /// Its name.
    pub name: String,
    /// `text`, `number`, `integer`, `boolean` or `date`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Unit of its numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl From<&LayerEntry> for Layer {
    fn from(entry: &LayerEntry) -> Self {
        let zooms = zooms(entry);
        let kind = match entry.kind {
            LayerKind::Vector => "vector",
            LayerKind::Raster => "raster",
        };
        let field = |field: &phteah_layers::Field| LayerField {
            name: field.name.clone(),
            kind: field_type(field.kind).to_owned(),
            unit: field.unit.clone(),
        };
        Self {
            name: entry.name.clone(),
            role: entry.role.to_string(),
            title: entry.title.clone(),
            kind: kind.to_owned(),
            geometry: entry.geometry.map(|geometry| geometry.as_str().to_owned()),
            features: entry.features,
            crs: entry.crs.clone(),
            source: entry.source.clone(),
            licence: entry.licence.clone(),
            attribution: entry.attribution.clone(),
            hash: encoded(&entry.hash),
            imported_at: entry.imported_at.to_string(),
            illustrative: entry.illustrative,
            bounds: entry.bounds,
            min_zoom: zooms.min,
            max_zoom: zooms.max,
            fields: entry.published_fields().iter().map(field).collect(),
            return_period: entry.return_period,
            unit: entry.unit.clone(),
            coverage: entry.coverage.as_ref().map(Into::into),
        }
    }
}

fn field_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Number => "number",
        FieldType::Integer => "integer",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
    }
}
