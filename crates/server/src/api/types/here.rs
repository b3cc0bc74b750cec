//! What the loaded layers say about one place.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;

/// What each layer that was asked says about a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Here {
    /// Longitude of the place in degrees (WGS 84).
    pub lon: f64,
    /// Its latitude.
    pub lat: f64,
    /// One answer a layer that has something there; a raster always answers.
    pub answers: Vec<HereLayer>,
}

/// What one layer says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HereLayer {
    /// The layer's name.
    pub layer: String,
    /// What it is used for.
    pub role: String,
    /// Its title, for people.
    pub title: String,
    /// Where it came from; empty where that was not stated.
    pub source: String,
    /// Generated, not real.
    pub illustrative: bool,
    /// Features at the place, nearest first; none for a raster.
    pub features: Vec<HereFeature>,
    /// More features lie there than are listed.
    pub more: bool,
    /// Of a raster: its cell's value there; null where it has none, which is unknown and not zero.
    pub cell: Option<HereCell>,
}

/// The cell of a raster at a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HereCell {
    /// The value; null is unknown.
    pub value: Option<f64>,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Annual return period in years, of a flood depth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_period: Option<u32>,
}

/// A feature at a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HereFeature {
    /// Its id in its layer.
    pub id: String,
    /// Its name in both languages; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// How far it lies from the place in metres; 0 for an area that holds it.
    pub distance_m: f64,
    /// All its values but its names and what only machines look at.
    pub values: Vec<HereValue>,
    /// Of a parcel, where a ranking was named: its site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Of a parcel that belongs to no site: `not_available`, `availability_unknown` or `too_small_or_cut_out`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_site: Option<String>,
}

/// One value of a feature.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HereValue {
    /// The field.
    pub field: String,
    /// What the field means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Text>,
    /// Unit of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// The value; null is unknown.
    pub value: serde_json::Value,
    /// What the value means, where it is a code that the program knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<Text>,
}
