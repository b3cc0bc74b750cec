//! What the catalogue knows of a layer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Coverage, FileSeal};
use crate::schema::{GeometryKind, Role, is_working};
use crate::value::Field;

/// Vector or raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// Features, in a GeoPackage.
    Vector,
    /// Cells, in a Cloud-Optimised GeoTIFF.
    Raster,
}

/// A layer of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerEntry {
    /// Its name: lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// For people.
    pub title: String,
    /// Vector or raster.
    pub kind: LayerKind,
    /// Shape of its features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geometry: Option<GeometryKind>,
    /// Number of features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<u64>,
    /// CRS in which it is stored.
    pub crs: String,
    /// CRS in which it came.
    pub source_crs: String,
    /// Base name of the file it came from, or what generated it.
    pub source: String,
    /// Licence, empty where none was stated.
    pub licence: String,
    /// Attribution that its licence asks for.
    pub attribution: String,
    /// SHA-256 of the source's bytes and of the import's options.
    pub hash: String,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// Generated, not real: every screen and every export must say so.
    pub illustrative: bool,
    /// West, south, east, north in WGS 84 degrees.
    pub bounds: [f64; 4],
    /// Its fields, besides `id`.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Annual return period in years of a flood depth raster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_period: Option<u32>,
    /// Unit of a raster's cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Where it is complete; layers imported before this was kept do not have it: see [`Catalogue::coverage`](super::Catalogue::coverage).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// Seal of the decision record that ranked these sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What the import found, in short.
    pub report: ReportSummary,
    /// File name within `layers/`.
    pub file: String,
    /// What the file is known by; layers imported before this was kept do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<FileSeal>,
    /// Definition of the CRS in which a vector layer is stored, where it has no EPSG code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs_definition: Option<String>,
    /// The datum shift that was pinned for the CRS in which it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs_shift: Option<[f64; 3]>,
}

impl LayerEntry {
    /// The fields that leave the program: all but its working columns.
    pub fn published_fields(&self) -> Vec<Field> {
        let published = |field: &&Field| !is_working(&field.name);
        self.fields.iter().filter(published).cloned().collect()
    }
}

/// An import in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSummary {
    /// Records (or cells) looked at.
    pub read: u64,
    /// Stored, repaired ones included.
    pub kept: u64,
    /// Stored after a repair.
    pub repaired: u64,
    /// Not stored because something was wrong with them.
    pub refused: u64,
    /// Not stored because they lie outside the extent or are of no concern to the role.
    pub left_out: u64,
    /// What a reader must know.
    #[serde(default)]
    pub warnings: Vec<String>,
}
