//! Tiles of imported layers, and the zooms at which a layer has them.

use std::path::Path;

use phteah_layers::{Catalogue, Crs, Field, LayerEntry, LayerKind, LayersError, Role};

use super::grid::TileId;
use super::picture;
use super::plane::Plane;
use super::prepared::Preparations;

/// The deepest zoom with tiles of its own: a unit is 15 cm there. Clients enlarge it beyond.
const DEEPEST: u8 = 16;

/// A zoom is served if no more features than this fall on one of its tiles on average: beyond, next to nothing of a feature is left.
const CROWD: f64 = 300_000.0;

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
pub fn make(
    prepared: &Preparations,
    catalogue: &Catalogue,
    entry: &LayerEntry,
    tile: TileId,
) -> Result<Vec<u8>, LayersError> {
    match entry.kind {
        LayerKind::Vector => make_vector(prepared, catalogue, entry, tile),
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

fn make_vector(
    prepared: &Preparations,
    catalogue: &Catalogue,
    entry: &LayerEntry,
    tile: TileId,
) -> Result<Vec<u8>, LayersError> {
    if tile.zoom() < zooms(entry).min {
        return Ok(Vec::new());
    }
    catalogue.check(entry)?;
    draw(
        prepared,
        &catalogue.path(entry),
        &entry.name,
        &entry.published_fields(),
        &catalogue.crs()?,
        tile,
    )
}

/// Draws the tile of a layer's file with these of its fields.
pub fn draw(
    prepared: &Preparations,
    path: &Path,
    name: &str,
    fields: &[Field],
    crs: &Crs,
    tile: TileId,
) -> Result<Vec<u8>, LayersError> {
    let layer = prepared.get(path, name, fields, crs)?;
    layer.tile(tile).map_err(|source| LayersError::Io {
        doing: "drawing a tile".into(),
        source,
    })
}
