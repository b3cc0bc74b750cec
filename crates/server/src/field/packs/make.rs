//! Drawing a pack: every tile of the area, into one `PMTiles` archive (version 3).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use phteah_layers::{Catalogue, Feature, LayersError};
use pmtiles::{Compression, PmTilesWriter, TileCoord, TileId as PackedId, TileType};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::ground::Ground;
use super::inputs::{Inputs, MAX_ZOOM, MIN_ZOOM, Slice};
use crate::bundle::hex;
use crate::tiles::generalise::Outline;
use crate::tiles::grid::TileId;
use crate::tiles::plane::Plane;
use crate::tiles::prepared::{Only, Prepared, Source, together};
use crate::tiles::vector::gzip;

/// How long making one may take.
const LIMIT: Duration = Duration::from_secs(600);

/// The most bytes of a pack: no phone would hold more.
const MAX_BYTES: u64 = 400 << 20;

/// The most tiles that are looked at. Greater Phnom Penh has some 15,000.
const MAX_TILES: u64 = 200_000;

/// What is known of a finished pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Names its contents.
    pub version: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// Names of the layers in its tiles.
    pub layers: Vec<String>,
    /// Layers that could not be drawn, by their names in the catalogue.
    pub missing: Vec<String>,
    /// What the sources' licences ask to be shown.
    pub attributions: Vec<String>,
    /// Whether any of it is generated, which the map must then say.
    pub illustrative: bool,
}

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
pub enum NoPack {
    /// No boundary that is loaded has the area's codes.
    #[error("no loaded boundary says where the area lies: import one with the sangkats of the team")]
    NoBoundary,
    /// It would be too much for a phone.
    #[error("the area is too large for a map on a phone: give the team fewer sangkats")]
    TooLarge,
    /// It took longer than it may.
    #[error("drawing the area took more than {} minutes", LIMIT.as_secs() / 60)]
    TooSlow,
    /// A layer cannot be read.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// The disk, or the archive.
    #[error("writing the map failed: {0}")]
    Io(#[from] io::Error),
    /// The archive's writer refused.
    #[error("writing the map failed: {0}")]
    Archive(#[from] pmtiles::PmtError),
}

/// A slice made ready to be drawn.
struct Drawn {
    slice: Slice,
    prepared: Prepared,
}

/// Draws a pack into `file`. `dir` takes what lies beside memory meanwhile.
pub fn make(catalogue: &Catalogue, inputs: &Inputs, dir: &Path, file: &Path) -> Result<About, NoPack> {
    let until = Instant::now() + LIMIT;
    let ground = Ground::of(catalogue, &inputs.area)?.ok_or(NoPack::NoBoundary)?;
    if (MIN_ZOOM..=MAX_ZOOM).map(|zoom| ground.count(zoom)).sum::<u64>() > MAX_TILES {
        return Err(NoPack::TooLarge);
    }
    let mut drawn = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for slice in &inputs.slices {
        match prepare(catalogue, slice, &ground, dir, until) {
            Ok(prepared) if prepared.is_empty() => {}
            Ok(prepared) => drawn.push(Drawn {
                slice: slice.clone(),
                prepared,
            }),
            // One layer that is hurt takes nothing from the others; that it is missing is told.
            Err(cause) => {
                tracing::error!(layer = slice.entry.name, %cause, "this layer is missing from a map for phones");
                if !missing.contains(&slice.entry.name) {
                    missing.push(slice.entry.name.clone());
                }
            }
        }
    }
    let layers = layers_of(&drawn);
    let bounds = ground.bounds_in_degrees();
    let attributions = attributions(&drawn);
    let illustrative = drawn.iter().any(|drawn| drawn.slice.entry.illustrative);
    let [west, south, east, north] = bounds;
    let metadata = json!({
        "name": "area",
        "format": "pbf",
        "version": inputs.version,
        "attribution": attributions.join(" · "),
        "illustrative": illustrative,
        "vector_layers": layers.iter().map(|layer| described(layer, &drawn)).collect::<Vec<_>>(),
    });
    let mut writer = PmTilesWriter::new(TileType::Mvt)
        .precompressed(Compression::Gzip)
        .min_zoom(MIN_ZOOM)
        .max_zoom(MAX_ZOOM)
        .bounds(west, south, east, north)
        .center_zoom(13)
        .center(f64::midpoint(west, east), f64::midpoint(south, north))
        .metadata(metadata.to_string())
        .create(File::create(file)?)?;
    let mut bytes = 0;
    for zoom in MIN_ZOOM..=MAX_ZOOM {
        for (coord, tile) in in_order(ground.tiles(zoom))? {
            if Instant::now() > until {
                return Err(NoPack::TooSlow);
            }
            let packed = draw(&layers, &drawn, tile)?;
            if !packed.is_empty() {
                bytes += packed.len() as u64;
                if bytes > MAX_BYTES {
                    return Err(NoPack::TooLarge);
                }
                writer.add_tile(coord, &packed)?;
            }
        }
    }
    writer.finalize()?;
    let (bytes, sha256) = measured(file)?;
    Ok(About {
        version: inputs.version.clone(),
        bytes,
        sha256,
        bounds,
        layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
        missing,
        attributions,
        illustrative,
    })
}

fn prepare(
    catalogue: &Catalogue,
    slice: &Slice,
    ground: &Ground,
    dir: &Path,
    until: Instant,
) -> Result<Prepared, LayersError> {
    catalogue.check(&slice.entry)?;
    let crs = catalogue.crs()?;
    let keep = |feature: &Feature, outline: &Outline| {
        let wanted = slice
            .kinds
            .field()
            .is_none_or(|field| slice.kinds.has(feature.text(field)));
        wanted && ground.touches(outline)
    };
    let source = Source {
        path: &catalogue.path(&slice.entry),
        name: &slice.entry.name,
        fields: &slice.fields,
        keys: slice.keys.clone(),
        crs: &crs,
        only: Some(Only {
            bbox: ground.box_in(&Plane::of(&crs)?),
            keep: &keep,
        }),
    };
    let left = until.saturating_duration_since(Instant::now());
    Prepared::of(&source, dir, left)
}

/// Tiles in the order of their numbers, as an archive of which parts are fetched wants them.
fn in_order(tiles: Vec<TileId>) -> Result<Vec<(TileCoord, TileId)>, NoPack> {
    let mut numbered = Vec::with_capacity(tiles.len());
    for tile in tiles {
        let (x, y) = tile.column_and_row();
        let coord = TileCoord::new(tile.zoom(), x, y)?;
        numbered.push((PackedId::from(coord).value(), coord, tile));
    }
    numbered.sort_unstable_by_key(|(number, ..)| *number);
    Ok(numbered
        .into_iter()
        .map(|(_, coord, tile)| (coord, tile))
        .collect())
}

/// The tile with all layers, compressed; no bytes where nothing is in it.
fn draw(layers: &[&'static str], drawn: &[Drawn], tile: TileId) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    for layer in layers {
        let parts: Vec<&Prepared> = drawn
            .iter()
            .filter(|one| one.slice.layer == *layer && one.slice.min_zoom <= tile.zoom())
            .map(|one| &one.prepared)
            .collect();
        // Layers of a tile stand one behind the other.
        raw.extend(together(layer, &parts, tile)?);
    }
    if raw.is_empty() { Ok(raw) } else { gzip(&raw) }
}

/// Names of the layers that have something, from the bottom to the top.
fn layers_of(drawn: &[Drawn]) -> Vec<&'static str> {
    let mut layers: Vec<&'static str> = drawn.iter().map(|drawn| drawn.slice.layer).collect();
    layers.dedup();
    layers
}

fn described(layer: &str, drawn: &[Drawn]) -> serde_json::Value {
    let of_layer = || drawn.iter().filter(|drawn| drawn.slice.layer == layer);
    let mut fields = serde_json::Map::new();
    fields.insert("id".to_owned(), "String".into());
    for key in of_layer().flat_map(|drawn| &drawn.slice.keys) {
        fields.insert(key.clone(), "String".into());
    }
    let min_zoom = of_layer()
        .map(|drawn| drawn.slice.min_zoom)
        .min()
        .unwrap_or(MIN_ZOOM);
    json!({"id": layer, "fields": fields, "minzoom": min_zoom, "maxzoom": MAX_ZOOM})
}

fn attributions(drawn: &[Drawn]) -> Vec<String> {
    let mut all: Vec<String> = drawn
        .iter()
        .map(|drawn| drawn.slice.entry.attribution.clone())
        .filter(|text| !text.is_empty())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Size and SHA-256 of a file.
fn measured(file: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(file)?;
    let (mut digest, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        digest.update(&buffer[..n]);
        bytes += n as u64;
    }
    Ok((bytes, hex(&digest.finalize())))
}
