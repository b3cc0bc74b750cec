//! Preparing a layer: each feature brought into world units once, features near each other put together, and noted beforehand at which
//! levels something of each is left.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use phteah_layers::{Crs, Feature, Field, LayersError, Value as Known, VectorLayer};
use rayon::prelude::*;

use super::super::generalise::Outline;
use super::super::mvt::{Value, encode_value, write_varint};
use super::super::plane::Plane;
use super::record::{self, Shape};
use super::snap::LEVELS;
use super::{Block, Prepared, WORLD};
use phteah_geoproc::hilbert;

/// Features of a block: what is read at once.
const BLOCK: usize = 128;

/// Blocks made at a time by one thread.
const BATCH: usize = 32;

/// Batches held in memory.
const BATCHES: usize = 16;

/// Values that the layer's dictionary holds; later ones are spelt out where they occur.
const ENTRIES: usize = 16_384;

/// A feature before the dictionary is known.
struct Made {
    fid: u64,
    levels: u16,
    bounds: [i64; 4],
    id: Vec<u8>,
    values: Vec<Option<Vec<u8>>>,
    shape: Shape,
}

/// Where a layer comes from.
pub struct Source<'a> {
    /// Its file.
    pub path: &'a Path,
    /// Its name.
    pub name: &'a str,
    /// The fields that go into tiles.
    pub fields: &'a [Field],
    /// What each of them is called there.
    pub keys: Vec<String>,
    /// The plane of its file.
    pub crs: &'a Crs,
    /// Where not all of its features are wanted.
    pub only: Option<Only<'a>>,
}

/// Of a layer these features alone.
#[derive(Clone, Copy)]
pub struct Only<'a> {
    /// Those whose box meets this one, in the layer's own plane: west, south, east, north.
    pub bbox: [f64; 4],
    /// Of them those of which this says so. The outline is in units of the prepared world, 2³² along each side.
    pub keep: &'a (dyn Fn(&Feature, &Outline) -> bool + Sync),
}

impl Only<'_> {
    fn meets(&self, [w, s, e, n]: [f64; 4]) -> bool {
        let [west, south, east, north] = self.bbox;
        w <= east && e >= west && s <= north && n >= south
    }
}

/// Prepares a layer; what is prepared lies in a file without a name within `dir`, which goes with the program. Broken off when it takes
/// longer than `limit`: whoever waits for it must have an answer.
pub(super) fn build(source: &Source<'_>, dir: &Path, limit: Duration) -> Result<Prepared, LayersError> {
    let io = |cause| LayersError::io(dir, "writing to", cause);
    let deadline = Deadline::in_time(source.name, limit);
    let order = order(source, &deadline)?;
    let file = tempfile::tempfile_in(dir).map_err(io)?;
    let mut writer = Writer {
        out: BufWriter::with_capacity(1 << 20, file),
        at: 0,
        blocks: Vec::with_capacity(order.len().div_ceil(BLOCK)),
        dictionary: Vec::new(),
        known: HashMap::new(),
    };
    for some in order.chunks(BLOCK * BATCH * BATCHES) {
        let made: Result<Vec<Vec<Made>>, LayersError> = some
            .par_chunks(BLOCK * BATCH)
            .map(|fids| make(source, fids, &deadline))
            .collect();
        for block in made?.iter().flat_map(|batch| batch.chunks(BLOCK)) {
            writer.block(block).map_err(io)?;
        }
    }
    let Writer {
        out,
        blocks,
        dictionary,
        ..
    } = writer;
    let file = out.into_inner().map_err(|e| io(e.into_error()))?;
    Ok(Prepared::new(source, file, blocks, dictionary))
}

/// The features' numbers along Hilbert's curve.
fn order(source: &Source<'_>, deadline: &Deadline<'_>) -> Result<Vec<i64>, LayersError> {
    let plane = Plane::of(source.crs)?;
    let layer = VectorLayer::open(source.path, source.name, source.fields)?;
    let boxes = layer.boxes()?;
    deadline.check()?;
    let mut places: Vec<(u64, i64)> = boxes
        .into_iter()
        .filter(|(_, bbox)| source.only.is_none_or(|only| only.meets(*bbox)))
        .filter_map(|(fid, [w, s, e, n])| {
            let (x, y) = plane.to_world(f64::midpoint(w, e), f64::midpoint(s, n))?;
            Some((hilbert::along(32, (x * WORLD) as u32, (y * WORLD) as u32), fid))
        })
        .collect();
    places.par_sort_unstable();
    Ok(places.into_iter().map(|(_, fid)| fid).collect())
}

/// Until when a layer must be prepared.
struct Deadline<'a> {
    layer: &'a str,
    limit: Duration,
    until: Instant,
}

impl<'a> Deadline<'a> {
    fn in_time(layer: &'a str, limit: Duration) -> Self {
        let until = Instant::now() + limit;
        Self { layer, limit, until }
    }

    fn check(&self) -> Result<(), LayersError> {
        if Instant::now() <= self.until {
            return Ok(());
        }
        Err(LayersError::Unavailable {
            layer: self.layer.to_owned(),
            cause: format!(
                "preparing it for the map took more than {} seconds, so it is not drawn; simplify its shapes, or import a part of it",
                self.limit.as_secs()
            ),
        })
    }
}

fn make(source: &Source<'_>, fids: &[i64], deadline: &Deadline<'_>) -> Result<Vec<Made>, LayersError> {
    // Neither connections nor projections are shared between threads.
    let plane = Plane::of(source.crs)?;
    let layer = VectorLayer::open(source.path, source.name, source.fields)?;
    let mut made = Vec::with_capacity(fids.len());
    layer.by_number(fids, |feature| {
        made.extend(one(source, &plane, feature));
        deadline.check()
    })?;
    Ok(made)
}

fn one(source: &Source<'_>, plane: &Plane, feature: Feature) -> Option<Made> {
    let to_world = |x: f64, y: f64| plane.to_world(x, y).map(|(x, y)| (x * WORLD, y * WORLD));
    let outline = Outline::project(feature.geometry.as_ref()?, &to_world)?;
    if source.only.is_some_and(|only| !(only.keep)(&feature, &outline)) {
        return None;
    }
    let shape = Shape::of(&outline);
    Some(Made {
        fid: u64::try_from(feature.fid).ok()?,
        levels: shape.levels(),
        bounds: shape.bounds(),
        id: encode_value(&Value::Text(feature.id))?,
        values: feature
            .values
            .into_iter()
            .map(|value| encode_value(&tile_value(value?)))
            .collect(),
        shape,
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

/// Writes block after block and keeps what is known of each.
struct Writer {
    out: BufWriter<File>,
    at: u64,
    blocks: Vec<Block>,
    dictionary: Vec<Vec<u8>>,
    known: HashMap<Vec<u8>, usize>,
}

impl Writer {
    fn block(&mut self, features: &[Made]) -> std::io::Result<()> {
        let (mut bytes, mut record) = (Vec::new(), Vec::new());
        let mut bounds = [i64::MAX, i64::MAX, i64::MIN, i64::MIN];
        let mut left = [0_u16; LEVELS];
        for feature in features {
            let b = feature.bounds;
            bounds = [
                bounds[0].min(b[0]),
                bounds[1].min(b[1]),
                bounds[2].max(b[2]),
                bounds[3].max(b[3]),
            ];
            for (level, left) in left.iter_mut().enumerate() {
                *left += (feature.levels >> level) & 1;
            }
            record.clear();
            record.extend_from_slice(&feature.levels.to_le_bytes());
            write_varint(&mut record, feature.fid);
            write_varint(&mut record, feature.shape.kind as u64);
            record::write_text(&mut record, &feature.id);
            for value in &feature.values {
                match value {
                    None => record::write_unknown(&mut record),
                    Some(value) => match self.entry(value) {
                        Some(entry) => record::write_entry(&mut record, entry),
                        None => record::write_spelt(&mut record, value),
                    },
                }
            }
            feature.shape.write(&mut record);
            record::write_text(&mut bytes, &record);
        }
        self.out.write_all(&bytes)?;
        self.blocks.push(Block {
            start: self.at,
            length: bytes.len(),
            features: features.len() as u16,
            bounds,
            left,
        });
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// The number of a value in the dictionary, while there is room in it.
    fn entry(&mut self, value: &[u8]) -> Option<usize> {
        if let Some(&entry) = self.known.get(value) {
            return Some(entry);
        }
        if self.dictionary.len() == ENTRIES {
            return None;
        }
        let entry = self.dictionary.len();
        self.dictionary.push(value.to_vec());
        self.known.insert(value.to_vec(), entry);
        Some(entry)
    }
}
