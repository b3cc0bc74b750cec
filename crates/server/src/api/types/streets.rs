//! Streets by name.

use phteah_layers::streets::Street as Found;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Place, Text, rounded};

/// Decimals of degrees: a tenth of a metre.
const DECIMALS: i32 = 6;

/// Streets, those that fit best first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StreetList {
    /// The streets.
    pub streets: Vec<Street>,
}

/// A street, or the part of one that lies by itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Street {
    /// Its name; a language that has none shows the other's.
    pub name: Text,
    /// Longitude of a place on it, degrees.
    pub lon: f64,
    /// Latitude of that place, degrees.
    pub lat: f64,
    /// West, south, east, north in degrees.
    #[schema(value_type = Vec<f64>)]
    pub bounds: [f64; 4],
    /// The sangkat in which that place lies; null where the boundaries do not say.
    pub sangkat: Option<Place>,
}

impl From<&Found> for Street {
    fn from(found: &Found) -> Self {
        let degrees = |number: f64| rounded(number, DECIMALS);
        Self {
            name: (&found.name).into(),
            lon: degrees(found.at[0]),
            lat: degrees(found.at[1]),
            bounds: found.bounds.map(degrees),
            sangkat: found.sangkat.as_ref().map(Into::into),
        }
    }
}
