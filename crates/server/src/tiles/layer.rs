//! Tiles of imported layers, and the zooms at which a layer has them.

use phteah_layers::{Catalogue, LayerEntry, LayerKind, LayersError, Query, Role, Value as Known};

use super::generalise::Outline;
use super::grid::TileId;
use super::mvt::Value;
use super::picture;
use super::plane::Plane;
use super::vector::{self, Small, TileFeature};

/// The deepest zoom with tiles of its own: a unit is 15 cm there. Clients enlarge it beyond.
const DEEPEST: u8 = 16;

/// A zoom is served if its tiles hold no more features than this on average.
const CROWD: f64 = 60_000.0;

/// Zooms at which a layer has tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zooms {
    /// The first.
    pub min: u8,
    /// The last.
    pub max: u8,
}

/// The zooms of a layer: from where its tiles are not overcrowded to where more detail would show nothing more.
pub fn zooms(entry: &LayerEntry) -> Zooms {
    match entry.kind {
        LayerKind::Vector => {
            let crowded = |z: u8| {
                let tiles = (degrees(entry) * f64::from(1_u32 << z) / 360.0).powi(2).max(1.0);
                entry.features.unwrap_or(0) as f64 / tiles > CROWD
            };
            let min = (0..DEEPEST).find(|&z| !crowded(z)).unwrap_or(DEEPEST);
            Zooms { min, max: DEEPEST }
        }
        // Cells of hazard rasters are 10 to 1,000 m wide; at this zoom a pixel is under 10 m.
        LayerKind::Raster => Zooms { min: 0, max: 14 },
    }
}

/// The layer's side in degrees, were its box a square.
fn degrees(entry: &LayerEntry) -> f64 {
    let [west, south, east, north] = entry.bounds;
    ((east - west).max(0.0) * (north - south).max(0.0)).sqrt()
}

/// Makes the tile of a layer: gzipped MVT, or PNG. No bytes where a vector layer has nothing.
pub fn make(catalogue: &Catalogue, entry: &LayerEntry, tile: TileId) -> Result<Vec<u8>, LayersError> {
    match entry.kind {
        LayerKind::Vector => make_vector(catalogue, entry, tile),
        LayerKind::Raster => {
            let raster = catalogue.raster(&entry.name)?;
            let crs = raster.crs().cloned().map_or_else(|| catalogue.crs(), Ok)?;
            let ramp = if entry.role == Role::Elevation {
                &picture::GROUND
            } else {
                &picture::DEPTH
            };
            picture::draw(&raster, &Plane::of(&crs)?, tile, ramp)
        }
    }
}

fn make_vector(catalogue: &Catalogue, entry: &LayerEntry, tile: TileId) -> Result<Vec<u8>, LayersError> {
    if tile.zoom() < zooms(entry).min {
        return Ok(Vec::new());
    }
    let plane = Plane::of(&catalogue.crs()?)?;
    let layer = catalogue.vector(&entry.name)?;
    let area = tile.window(&plane);
    let query = Query {
        bbox: Some([area.min_x, area.min_y, area.max_x, area.max_y]),
        ..Query::default()
    };
    let mut features = Vec::new();
    layer.for_each(&query, |feature| {
        let outline = feature
            .geometry
            .as_ref()
            .and_then(|g| Outline::project(g, &|x, y| tile.project(&plane, x, y)));
        let Some(outline) = outline else { return Ok(()) };
        let mut attributes = vec![("id", Value::Text(feature.id))];
        for (field, value) in entry.fields.iter().zip(feature.values) {
            if let Some(value) = value {
                attributes.push((field.name.as_str(), tile_value(value)));
            }
        }
        features.push(TileFeature {
            id: u64::try_from(feature.fid).ok(),
            outline,
            attributes,
        });
        Ok::<(), LayersError>(())
    })?;
    vector::build(&entry.name, &features, tile.zoom(), Small::Drop).map_err(|source| LayersError::Io {
        doing: "encoding a tile".into(),
        source,
    })
}

fn tile_value(value: Known) -> Value {
    match value {
        Known::Text(text) => Value::Text(text),
        Known::Integer(n) => Value::Integer(n),
        Known::Number(n) => Value::Number(n),
        Known::Boolean(b) => Value::Boolean(b),
        Known::Date(day) => Value::Text(day.to_string()),
    }
}
