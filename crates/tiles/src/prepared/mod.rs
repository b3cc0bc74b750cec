//! Layers prepared for tiles, so that a tile costs what it shows and not what the layer holds.
//!
//! ```text
//! GeoPackage ──► build: world units, Hilbert order, levels ──► file of blocks, index in memory ──► draw ──► gzip
//! ```
//! Preparing takes some microseconds a feature, once for each version of a layer after the start; memory stays small (half a byte a feature),
//! because the features lie in a file that has no name and goes with the program.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use phteah_layers::{Crs, Field, LayersError};

use super::grid::{MAX_ZOOM, TileId};
use super::vector::{MAX_BYTES, gzip};
pub use build::{Only, Source};
use draw::{Attempt, draw};
use snap::LEVELS;

mod build;
mod draw;
mod record;
mod snap;

/// Units along one side of the world.
const WORLD: f64 = 4_294_967_296.0;

/// From this zoom on a tile unit is under a metre and vertices keep their place to one unit.
const FULL_DETAIL_ZOOM: u8 = 14;

/// The grid of smaller scales, as a power of two of tile units: half a pixel where a tile is 512 pixels wide.
const COARSE_STEP: u32 = 2;

/// The coarsest grid: 32 × 32 cells a tile.
const COARSEST_STEP: u32 = 7;

/// Layers kept prepared.
const KEPT: u64 = 64;

/// How long preparing a layer may take. A million parcels take some ten seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// A layer that took longer is not tried again so soon.
const NOT_AGAIN: Duration = Duration::from_secs(600);

/// Features that lie near each other and one behind the other in the file.
#[derive(Debug)]
struct Block {
    start: u64,
    length: usize,
    features: u16,
    /// West, north, east, south in world units.
    bounds: [i64; 4],
    /// How many features have something left at each level.
    left: [u16; LEVELS],
}

impl Block {
    fn meets(&self, [w, n, e, s]: [i64; 4]) -> bool {
        let [bw, bn, be, bs] = self.bounds;
        bw <= e && be >= w && bn <= s && bs >= n
    }

    fn within(&self, [w, n, e, s]: [i64; 4]) -> bool {
        let [bw, bn, be, bs] = self.bounds;
        bw >= w && be <= e && bn >= n && bs <= s
    }

    /// The tile of a zoom in which its middle lies.
    fn tile(&self, zoom: u8) -> Option<TileId> {
        let [w, n, e, s] = self.bounds;
        let place = |v: i64| u32::try_from(v >> (32 - i32::from(zoom))).ok();
        TileId::new(zoom, place(i64::midpoint(w, e))?, place(i64::midpoint(n, s))?)
    }
}

/// One version of a layer, ready to be drawn.
#[derive(Debug)]
pub struct Prepared {
    name: String,
    keys: Vec<String>,
    file: Blocks,
    blocks: Vec<Block>,
    dictionary: Vec<Vec<u8>>,
    has_points: bool,
    /// By zoom: the grid on which its densest tile keeps to the budget.
    steps: Vec<Mutex<Option<u32>>>,
}

impl Prepared {
    fn new(source: &Source<'_>, file: File, blocks: Vec<Block>, dictionary: Vec<Vec<u8>>) -> Self {
        let points = |block: &Block| block.left[0] == block.features;
        Self {
            name: source.name.to_owned(),
            keys: source.keys.clone(),
            file: Blocks::new(file),
            has_points: blocks.iter().any(points),
            blocks,
            dictionary,
            steps: (0..=MAX_ZOOM).map(|_| Mutex::default()).collect(),
        }
    }

    /// Prepares what a source gives; kept by the caller alone, in a file without a name within `dir`. Broken off when it takes longer than
    /// `limit`.
    pub fn of(source: &Source<'_>, dir: &Path, limit: Duration) -> Result<Self, LayersError> {
        build::build(source, dir, limit)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The gzipped tile; no bytes if nothing of the layer is in it.
    pub fn tile(&self, tile: TileId) -> io::Result<Vec<u8>> {
        let own = own_step(tile.zoom());
        Ok(self.on_grid(tile, own, self.step(tile.zoom())?)?.1)
    }

    /// The grid of a zoom, the same for all of its tiles, so that shapes meet across their edges.
    fn step(&self, zoom: u8) -> io::Result<u32> {
        let mut known = self.steps[usize::from(zoom)]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(step) = *known {
            return Ok(step);
        }
        let own = own_step(zoom);
        let step = match self.densest(zoom) {
            Some(tile) => self.on_grid(tile, own, own)?.0,
            None => own,
        };
        *known = Some(step);
        Ok(step)
    }

    /// The tile and the grid on which it keeps to the budget, the first of them `from`.
    fn on_grid(&self, tile: TileId, own: u32, from: u32) -> io::Result<(u32, Vec<u8>)> {
        let mut step = from;
        loop {
            let last = step >= COARSEST_STEP;
            let attempt = Attempt {
                tile,
                step,
                thinned: step > own,
                last,
            };
            if let Some(raw) = draw(&self.name, &[self], attempt)? {
                if raw.is_empty() {
                    return Ok((step, raw));
                }
                let zipped = gzip(&raw)?;
                if zipped.len() <= MAX_BYTES || last {
                    return Ok((step, zipped));
                }
            } else if last {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a prepared layer is damaged",
                ));
            }
            step += 1;
        }
    }

    /// The tile of a zoom with the most features, counted by whole blocks.
    fn densest(&self, zoom: u8) -> Option<TileId> {
        let mut counts: std::collections::HashMap<TileId, u64> = std::collections::HashMap::new();
        for block in &self.blocks {
            if let Some(tile) = block.tile(zoom) {
                *counts.entry(tile).or_default() += u64::from(block.features);
            }
        }
        counts
            .into_iter()
            .max_by_key(|&(tile, n)| (n, tile.column_and_row()))
            .map(|(tile, _)| tile)
    }

    fn read(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read(start, bytes)
    }
}

/// One layer of a tile out of several prepared ones, not compressed; no bytes if nothing of them is in it. Kept to the same budget as a tile of
/// one layer.
pub fn together(name: &str, layers: &[&Prepared], tile: TileId) -> io::Result<Vec<u8>> {
    let own = own_step(tile.zoom());
    let mut step = own;
    for layer in layers {
        step = step.max(layer.step(tile.zoom())?);
    }
    loop {
        let last = step >= COARSEST_STEP;
        let attempt = Attempt {
            tile,
            step,
            thinned: step > own,
            last,
        };
        match draw(name, layers, attempt)? {
            Some(raw) if last || raw.len() <= MAX_BYTES || gzip(&raw)?.len() <= MAX_BYTES => return Ok(raw),
            None if last => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a prepared layer is damaged",
                ));
            }
            _ => step += 1,
        }
    }
}

fn own_step(zoom: u8) -> u32 {
    if zoom >= FULL_DETAIL_ZOOM { 0 } else { COARSE_STEP }
}

/// A file read at any place by many threads.
#[derive(Debug)]
struct Blocks {
    #[cfg(unix)]
    file: File,
    #[cfg(not(unix))]
    file: Mutex<File>,
}

impl Blocks {
    #[cfg(unix)]
    fn new(file: File) -> Self {
        Self { file }
    }

    #[cfg(unix)]
    fn read(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, start)
    }

    #[cfg(not(unix))]
    fn new(file: File) -> Self {
        Self {
            file: Mutex::new(file),
        }
    }

    #[cfg(not(unix))]
    fn read(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek};
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(io::SeekFrom::Start(start))?;
        file.read_exact(bytes)
    }
}

/// Layers prepared since the start.
#[derive(Debug)]
pub struct Preparations {
    dir: PathBuf,
    layers: Cache<(PathBuf, String), Arc<Prepared>>,
    limit: Duration,
    /// Layers that took longer than the limit, and what is said of them.
    too_slow: Cache<(PathBuf, String), String>,
}

impl Preparations {
    /// None yet; `dir` is where they will lie.
    pub fn new(dir: &Path) -> Self {
        Self::with_limit(dir, LIMIT)
    }

    /// The same, where preparing a layer may take so long.
    pub fn with_limit(dir: &Path, limit: Duration) -> Self {
        Self {
            dir: dir.to_owned(),
            layers: Cache::new(KEPT),
            limit,
            too_slow: Cache::builder()
                .max_capacity(KEPT)
                .time_to_live(NOT_AGAIN)
                .build(),
        }
    }

    /// A layer's file with these of its fields, prepared if it is not. Who asks for the same meanwhile waits for it.
    pub fn get(
        &self,
        path: &Path,
        name: &str,
        fields: &[Field],
        crs: &Crs,
    ) -> Result<Arc<Prepared>, LayersError> {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let source = Source {
            path,
            name,
            fields,
            keys: fields.iter().map(|field| field.name.clone()).collect(),
            crs,
            only: None,
        };
        let key = (path.to_owned(), names.join("\n"));
        let unavailable = |cause: String| LayersError::Unavailable {
            layer: name.to_owned(),
            cause,
        };
        if let Some(cause) = self.too_slow.get(&key) {
            return Err(unavailable(cause));
        }
        let prepared = self.layers.try_get_with(key.clone(), || {
            build::build(&source, &self.dir, self.limit).map(Arc::new)
        });
        prepared.map_err(|e: Arc<LayersError>| match &*e {
            LayersError::Unavailable { cause, .. } => {
                self.too_slow.insert(key, cause.clone());
                unavailable(cause.clone())
            }
            other => LayersError::Damaged {
                file: phteah_layers::error::base_name(path),
                cause: other.to_string(),
            },
        })
    }
}
