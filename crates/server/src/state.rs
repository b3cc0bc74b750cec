//! What the server holds while it runs.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use phteah_forms::Library;
use phteah_layers::streets::StreetIndex;
use phteah_layers::{Catalogue, LayerKind};

use crate::answers::Answers;
use crate::api::error::ApiError;
use crate::bundle::Bundle;
use crate::field::packs::Packs;
use crate::field::registry::{KeyPlace, RegistrySlot};
use crate::http::places::{Places, Workers};
use crate::partner::state::{Open, OpenError, PartnerOptions, PartnerState};
use crate::ranking::{MeasureSites, RankingStore};
use crate::releases::job::ReleaseJob;
use crate::scenarios;
use crate::tiles::cache::TileCache;
use crate::work::Board;

/// Limits of one server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a request may take.
    pub request_time: Duration,
    /// How many requests of planners are answered at a time; more are turned away. Partners have places of their own.
    pub requests: usize,
    /// How many of them of one key or one address.
    pub requests_each: usize,
    /// How many of them may compute at a time; more wait.
    pub workers: usize,
    /// Bytes of tiles kept.
    pub tile_cache_bytes: u64,
    /// Bytes of rankings kept.
    pub ranking_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            request_time: Duration::from_secs(30),
            requests: 256,
            requests_each: 192,
            workers: 2 * cores,
            tile_cache_bytes: 256 << 20,
            ranking_bytes: 256 << 20,
        }
    }
}

/// The server's state; everything in it can be computed again from the data directory.
#[derive(Debug)]
pub struct AppState {
    /// Static files of the web map.
    pub bundle: Bundle,
    /// Limits.
    pub limits: Limits,
    /// Rankings made since the start.
    pub rankings: RankingStore,
    /// What was worked out of them since the start.
    pub answers: Answers,
    /// Held by whoever writes or deletes a scenario, between looking and writing.
    pub scenario_writes: Mutex<()>,
    /// What long work is doing now.
    pub board: Arc<Board>,
    /// Tiles made since the start.
    pub tiles: TileCache,
    /// Places for planners' requests.
    pub places: Places,
    /// The partners' part.
    pub partner: Arc<PartnerState>,
    /// Households.
    pub registry: Arc<RegistrySlot>,
    /// Work on releases.
    pub releases: Arc<ReleaseJob>,
    /// Maps for phones.
    pub packs: Packs,
    /// Forms.
    pub forms: Arc<Library>,
    /// Lists of households that were made for phones with ODK Collect, by what they are made of.
    pub lists: Arc<moka::sync::Cache<String, Arc<[u8]>>>,
    /// Places for the requests of phones: few for each, from wherever it asks, so that a lost one keeps nobody out.
    pub phones: Places,
    /// Places for filled forms that are being received: each is held whole until it is stored.
    pub submissions: tokio::sync::Semaphore,
    workers: Workers,
    dir: PathBuf,
    catalogue: Mutex<(Stamp, Arc<Catalogue>)>,
    /// The streets of the layers of this key.
    streets: Mutex<(String, Arc<StreetIndex>)>,
    boot: u32,
    counter: AtomicU64,
}

/// Lists of households that are kept.
const MAX_LISTS: u64 = 64;
/// Requests of phones at a time, and of one phone: the app asks for one thing after another, a map pack and a photo beside it.
const MAX_PHONE_REQUESTS: usize = 160;
const MAX_REQUESTS_OF_A_PHONE: usize = 8;
/// Filled forms that are received at a time.
const MAX_SUBMISSIONS: usize = 16;

/// Tells one state of the catalogue's file from another.
type Stamp = Option<(SystemTime, u64)>;

impl AppState {
    /// Opens a data directory as `serve --open=illustrative` does. `boot` tells the request ids of one run from those of another; `measure` makes and measures sites.
    pub fn open(dir: PathBuf, limits: Limits, boot: u32, measure: MeasureSites) -> Result<Self, OpenError> {
        let open = PartnerOptions {
            open: Open::Illustrative,
            ..PartnerOptions::default()
        };
        Self::open_for(dir, limits, boot, measure, open)
    }

    /// The same with other settings of the partners' part.
    pub fn open_for(
        dir: PathBuf,
        limits: Limits,
        boot: u32,
        measure: MeasureSites,
        partners: PartnerOptions,
    ) -> Result<Self, OpenError> {
        let stamp = stamp(&dir);
        let catalogue = Catalogue::open(&dir)?;
        let board = Arc::new(Board::default());
        Ok(Self {
            bundle: Bundle::embedded(),
            registry: Arc::new(RegistrySlot::new(
                &dir,
                partners.database.clone(),
                KeyPlace::find(&dir, None, |_| None),
            )),
            partner: Arc::new(PartnerState::open(&dir, partners)?),
            rankings: RankingStore::new(limits.ranking_bytes, measure, Arc::clone(&board)),
            answers: Answers::default(),
            scenario_writes: Mutex::new(()),
            board,
            tiles: TileCache::new(limits.tile_cache_bytes),
            places: Places::new(limits.requests, limits.requests_each),
            releases: Arc::default(),
            packs: Packs::new(&dir),
            forms: Arc::new(Library::new(&dir)),
            lists: Arc::new(moka::sync::Cache::new(MAX_LISTS)),
            phones: Places::new(MAX_PHONE_REQUESTS, MAX_REQUESTS_OF_A_PHONE),
            submissions: tokio::sync::Semaphore::new(MAX_SUBMISSIONS),
            // One place is always left for somebody else.
            workers: Workers::new(limits.workers, limits.workers.saturating_sub(1)),
            catalogue: Mutex::new((stamp, Arc::new(catalogue))),
            streets: Mutex::default(),
            limits,
            dir,
            boot,
            counter: AtomicU64::new(0),
        })
    }

    /// The same with the registry's key in another place.
    #[must_use]
    pub fn with_key(mut self, key: KeyPlace) -> Self {
        self.registry = Arc::new(RegistrySlot::new(
            &self.dir,
            self.partner.options.database.clone(),
            key,
        ));
        self
    }

    /// The layers as they are now: an import or a removal shows without a restart.
    ///
    /// The catalogue is replaced as a whole by a rename, so a new stamp always comes with a complete file.
    pub fn catalogue(&self) -> Result<Arc<Catalogue>, ApiError> {
        let now = stamp(&self.dir);
        let mut held = self
            .catalogue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if held.0 != now {
            match Catalogue::open(&self.dir) {
                Ok(catalogue) => held.1 = Arc::new(catalogue),
                // The layers' files are still those that were listed: what is served goes on.
                Err(cause) => {
                    tracing::error!(%cause, "the list of layers cannot be read; the one before is used");
                }
            }
            held.0 = now;
        }
        Ok(Arc::clone(&held.1))
    }

    /// The streets of the roads as they are now: read when somebody first searches, and again when the layers have changed. Reads files.
    pub fn streets(&self) -> Result<Arc<StreetIndex>, ApiError> {
        let catalogue = self.catalogue()?;
        let key = StreetIndex::key(&catalogue);
        // Held while they are read: whoever searches meanwhile would only read the same.
        let mut held = self
            .streets
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if held.0 != key {
            *held = (key, Arc::new(StreetIndex::of(&catalogue)?));
        }
        Ok(Arc::clone(&held.1))
    }

    /// Runs work that reads files or computes, off the threads that answer requests and never more of it at a time than the limit.
    ///
    /// Work that has begun is finished even if its request has been given up; its place is taken until then.
    pub async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = self.workers.turn().await.map_err(ApiError::internal)?;
        let answer = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            job()
        });
        answer.await.map_err(ApiError::internal)?
    }

    /// Prepares all vector layers for tiles. One that cannot be prepared says so when its tiles are asked for.
    pub fn prepare_layers(&self) {
        let Ok(catalogue) = self.catalogue() else { return };
        let Ok(crs) = catalogue.crs() else { return };
        for entry in catalogue
            .layers()
            .iter()
            .filter(|entry| entry.kind == LayerKind::Raster)
        {
            if let Err(cause) = catalogue.verify(entry) {
                tracing::error!(layer = entry.name, %cause, "this layer cannot be used");
            }
        }
        for entry in catalogue
            .layers()
            .iter()
            .filter(|entry| entry.kind == LayerKind::Vector)
        {
            if let Err(cause) = catalogue.verify(entry) {
                tracing::error!(layer = entry.name, %cause, "this layer cannot be used");
                continue;
            }
            let prepared = &self.partner.prepared;
            if let Err(cause) = prepared.get(&catalogue.path(entry), &entry.name, &entry.fields, &crs) {
                tracing::warn!(layer = entry.name, %cause, "this layer cannot be prepared for tiles");
            }
        }
    }

    /// Ranks by the default scenario, so that the first map need not wait for it. Layers that do not allow it are no
    /// fault of the start: whoever asks for the ranking is told.
    pub fn warm(&self) {
        let Some(Ok(scenario)) = scenarios::named(&self.dir, scenarios::DEFAULT) else {
            return;
        };
        match self.catalogue() {
            Ok(catalogue) => {
                if let Err(error) = self.rankings.rank(&catalogue, scenario) {
                    tracing::warn!(%error, "the default scenario was not ranked");
                }
            }
            Err(error) => tracing::warn!(%error, "the layers could not be read"),
        }
    }

    /// The data directory.
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// A new request id.
    pub fn next_request_id(&self) -> String {
        format!(
            "{:08x}-{:06x}",
            self.boot,
            self.counter.fetch_add(1, Ordering::Relaxed)
        )
    }
}

fn stamp(dir: &std::path::Path) -> Stamp {
    let file = std::fs::metadata(dir.join("catalogue.json")).ok()?;
    Some((file.modified().ok()?, file.len()))
}
