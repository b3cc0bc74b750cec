//! Vector tiles: features in, gzipped MVT out, within a budget.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};

use super::generalise::{Outline, cell, mark};
use super::mvt::{LayerWriter, Shape, Value};

/// The most bytes of a vector tile on the wire.
pub const MAX_BYTES: usize = 500_000;

/// Bytes before compression beyond which compressing is not even tried.
pub(super) const HOPELESS_BYTES: usize = 4 * MAX_BYTES;

/// From this zoom on a tile unit is under a metre and vertices keep their place to one unit.
const FULL_DETAIL_ZOOM: u8 = 14;

/// The grid of smaller scales: half a pixel where a tile is 512 pixels wide.
const COARSE_STEP: i32 = 4;

/// The coarsest grid: 32 × 32 cells a tile.
const COARSEST_STEP: i32 = 128;

/// A feature on its way into a tile.
#[derive(Debug)]
pub struct TileFeature<'a> {
    /// The id that clients address it by.
    pub id: Option<u64>,
    /// Where it is.
    pub outline: Outline,
    /// What is known of it.
    pub attributes: Vec<(&'a str, Value)>,
}

/// What becomes of a polygon too small to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Small {
    /// It is left out; the density of what is drawn stays true.
    Drop,
    /// A square of one grid cell stands for it, unless an earlier feature's square is already there.
    Mark,
}

/// Builds the gzipped tile of one layer; no bytes if nothing of the layer is in it.
///
/// Where the features do not fit in [`MAX_BYTES`], the grid is coarsened until they do. Features given first win where there is room for one.
pub fn build(layer: &str, features: &[TileFeature<'_>], zoom: u8, small: Small) -> std::io::Result<Vec<u8>> {
    let mut step = if zoom >= FULL_DETAIL_ZOOM { 1 } else { COARSE_STEP };
    let mut thinned = false;
    loop {
        let last = step >= COARSEST_STEP;
        if let Some(raw) = encode(layer, features, step, small, thinned, last) {
            if raw.is_empty() {
                return Ok(raw);
            }
            let zipped = gzip(&raw)?;
            if zipped.len() <= MAX_BYTES || last {
                return Ok(zipped);
            }
        }
        step *= 2;
        thinned = true;
    }
}

/// One attempt; `None` as soon as it is hopelessly large. At the coarsest grid the budget cuts the list instead.
fn encode(
    layer: &str,
    features: &[TileFeature<'_>],
    step: i32,
    small: Small,
    thinned: bool,
    last: bool,
) -> Option<Vec<u8>> {
    let mut writer = LayerWriter::new(layer);
    let mut taken = HashSet::new();
    for feature in features {
        let shape = match feature.outline.on_grid(step) {
            Some(shape) => shape,
            None if small == Small::Mark => match mark(feature.outline.middle(), step) {
                Some(square) if taken.insert(hash(&square)) => square,
                _ => continue,
            },
            None => continue,
        };
        if thinned {
            // At a coarse grid, many points share a cell and many lines become the same line: one of them is enough.
            let place = match &shape {
                Shape::Points(points) => hash(
                    &points
                        .iter()
                        .map(|&(x, y)| cell((f64::from(x), f64::from(y)), step))
                        .collect::<Vec<_>>(),
                ),
                other => hash(other),
            };
            if small == Small::Drop && !taken.insert(place) {
                continue;
            }
        }
        if last && writer.size() > MAX_BYTES {
            break;
        }
        writer.add(
            feature.id,
            &shape,
            feature
                .attributes
                .iter()
                .map(|(key, value)| (*key, value.clone())),
        );
        if writer.size() > HOPELESS_BYTES {
            return None;
        }
    }
    Some(writer.finish())
}

pub(super) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    // Keyed with zeros: the same tile every time.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Compresses as HTTP's `gzip` coding.
pub fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The inverse of [`gzip`], for the rare client that takes no compression.
pub fn gunzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    GzDecoder::new(bytes).read_to_end(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plots(side: usize, size: f64) -> Vec<TileFeature<'static>> {
        (0..side * side)
            .map(|k| {
                let (x, y) = ((k % side) as f64 * size, (k / side) as f64 * size);
                let ring = vec![(x, y), (x + size, y), (x + size, y + size), (x, y + size)];
                TileFeature {
                    id: None,
                    outline: Outline::Polygons(vec![vec![ring]]),
                    attributes: vec![
                        ("parcel_id", Value::Text(format!("KH-{k:07}"))),
                        ("price", Value::Number(k as f64)),
                    ],
                }
            })
            .collect()
    }

    #[test]
    fn a_dense_tile_keeps_to_its_budget_and_is_the_same_every_time() {
        let features = plots(400, 4096.0 / 400.0);
        let tile = build("parcels", &features, 15, Small::Drop).unwrap();
        assert!(
            tile.len() <= MAX_BYTES && tile.len() > 50_000,
            "{} bytes",
            tile.len()
        );
        assert_eq!(tile, build("parcels", &features, 15, Small::Drop).unwrap());
    }

    #[test]
    fn every_site_is_seen_while_there_is_room() {
        let tiny: Vec<_> = (0..50_u32)
            .map(|k| TileFeature {
                id: Some(u64::from(k)),
                outline: Outline::Polygons(vec![vec![vec![
                    (f64::from(k) * 80.0 + 1.0, 9.0),
                    (f64::from(k) * 80.0 + 1.1, 9.0),
                    (f64::from(k) * 80.0 + 1.1, 9.1),
                ]]]),
                attributes: Vec::new(),
            })
            .collect();
        let raw = encode("sites", &tiny, COARSE_STEP, Small::Mark, false, false).unwrap();
        assert!(raw.len() > 50 * 15);
        assert!(
            encode("sites", &tiny, COARSE_STEP, Small::Drop, false, false)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn points_are_thinned_by_cell_when_there_are_too_many() {
        let points: Vec<_> = (0..400_000_u32)
            .map(|k| TileFeature {
                id: None,
                outline: Outline::Points(vec![(f64::from(k % 640) * 6.4, f64::from(k / 640) * 6.4)]),
                attributes: vec![("id", Value::Integer(i64::from(k)))],
            })
            .collect();
        let tile = build("services", &points, 12, Small::Drop).unwrap();
        assert!(!tile.is_empty() && tile.len() <= MAX_BYTES);
    }
}
