//! Tiles made since the start, up to a number of bytes.

use std::sync::Arc;

use moka::sync::Cache;

use super::grid::TileId;

/// What a tile is made of and where it is. Layer versions and rankings are named by their hashes, so a tile never goes stale.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TileKey {
    /// Hash of the layer's version, or id of the ranking.
    pub source: String,
    /// Where.
    pub tile: TileId,
}

/// A cache of encoded tiles.
#[derive(Debug)]
pub struct TileCache {
    tiles: Cache<TileKey, Arc<[u8]>>,
}

impl TileCache {
    /// A cache of so many bytes.
    pub fn new(max_bytes: u64) -> Self {
        const OVERHEAD: usize = 200;
        let weigh = |key: &TileKey, tile: &Arc<[u8]>| {
            u32::try_from(key.source.len() + tile.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        Self {
            tiles: Cache::builder().max_capacity(max_bytes).weigher(weigh).build(),
        }
    }

    /// The tile, if it is there.
    pub fn get(&self, key: &TileKey) -> Option<Arc<[u8]>> {
        self.tiles.get(key)
    }

    /// The tile, made if it is not there; who asks for the same tile meanwhile waits for it instead of making it again.
    pub fn get_or_make<E: Clone + Send + Sync + 'static>(
        &self,
        key: TileKey,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Arc<[u8]>, E> {
        self.tiles
            .try_get_with(key, || make().map(Into::into))
            .map_err(|e: Arc<E>| (*e).clone())
    }
}
