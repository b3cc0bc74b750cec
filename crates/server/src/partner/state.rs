//! What the partners' part of the server holds while it runs.

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use moka::sync::Cache;
use phteah_layers::{Catalogue, LayerEntry};
use phteah_store::{Database, Grant, Store};
use tokio::sync::Semaphore;

use super::data::pool::Pool;
use super::formats::Format;
use super::spool::Spool;
use super::tile_log::TileLog;
use super::versions::Versions;
use crate::api::error::ApiError;
use crate::http::limits::{Limiter, Limits};
use crate::http::places::{Places, Workers};
use crate::tiles::cache::TileCache;
use crate::tiles::prepared::Preparations;

/// Versions remembered to have been noted as shown; beyond them they are noted again.
const NOTED: usize = 10_000;

/// Counts kept: a text and a number each.
const COUNTS: u64 = 10_000;

/// Counts that run at a time.
const COUNTING: usize = 1;

/// Files made at a time. Each takes a core and some megabytes; the other cores answer the requests that take a moment.
const PREPARATIONS: usize = 2;

/// The clock, an argument so that tests can turn it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the partners' part is set up.
#[derive(Clone)]
pub struct PartnerOptions {
    /// Limits by key and by address.
    pub limits: Limits,
    /// How many requests are answered at a time; more are turned away.
    pub requests: usize,
    /// How many of them of one key or one address.
    pub requests_each: usize,
    /// How many pages and counts may be computed at a time; more wait.
    pub workers: usize,
    /// How many of them for one key or one address.
    pub workers_each: usize,
    /// How many downloads may run at a time; more are told to come again.
    pub downloads: usize,
    /// How many of them for one key or one address.
    pub downloads_each: usize,
    /// How many files may be made at a time for them; more wait.
    pub preparations: usize,
    /// Bytes of finished files kept for repeated and resumed downloads.
    pub spool_bytes: u64,
    /// Bytes of tiles kept.
    pub tile_cache_bytes: u64,
    /// The address under which the outside reaches the server, such as `https://data.example.org`; without one, the one the client used.
    pub public_url: Option<String>,
    /// Whether the server speaks TLS itself.
    pub tls: bool,
    /// Whether the operator has said that the map and its API ask nobody who they are.
    pub open: Open,
    /// Whether other machines reach the listener of the map.
    pub reached_from_outside: bool,
    /// Proxies whose word about a client's address is taken.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where access rules, accounts and the registry are.
    pub database: Database,
    /// The time.
    pub clock: Clock,
}

/// When the map and its API ask nobody who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Open {
    /// Never: everybody signs in.
    #[default]
    #[value(skip)]
    Never,
    /// As long as all there is to see is an illustrative city, and for whoever sits at this machine
    Illustrative,
    /// Whatever there is to see, for whoever reaches the address
    All,
}

impl PartnerOptions {
    /// Whether nobody but who sits at this machine reaches the map.
    pub fn is_for_this_machine(&self) -> bool {
        !self.reached_from_outside && self.public_url.is_none() && self.trusted_proxies.is_empty()
    }
}

impl Default for PartnerOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            limits: Limits::default(),
            requests: 256,
            requests_each: 64,
            workers: 2 * cores,
            workers_each: cores,
            downloads: 32,
            downloads_each: 16,
            preparations: PREPARATIONS,
            spool_bytes: 4 << 30,
            tile_cache_bytes: 64 << 20,
            public_url: None,
            tls: false,
            open: Open::Never,
            reached_from_outside: false,
            trusted_proxies: Vec::new(),
            database: Database::Files,
            clock: Arc::new(Timestamp::now),
        }
    }
}

impl PartnerOptions {
    /// Whether the address outside is `https`, so that a cookie need never go over anything else.
    pub fn is_https(&self) -> bool {
        match &self.public_url {
            Some(url) => url.starts_with("https://"),
            None => self.tls,
        }
    }
}

/// Formats with their sizes in bytes, and whether each size is exact.
type Sizes = Arc<Vec<(Format, u64, bool)>>;

/// The state of the partners' part. Everything in it but the store can be computed again from the data directory.
pub struct PartnerState {
    dir: PathBuf,
    store: Store,
    /// Versions of layers that have been noted as shown.
    shown: Mutex<HashSet<String>>,
    log_trouble: AtomicBool,
    pool: Arc<Pool>,
    catalogue: Mutex<(Stamp, Arc<Catalogue>)>,
    workers: Workers,
    /// Places for requests.
    pub(crate) places: Places,
    /// Places for downloads.
    pub(crate) downloads: Places,
    /// Limits by key and by address.
    pub(crate) limiter: Limiter,
    /// Numbers of matching features, by layer version and condition.
    pub(super) counts: Cache<String, u64>,
    /// Places for counting matches beside a page.
    pub(super) counting: Arc<Semaphore>,
    /// Finished files.
    pub(super) spool: Arc<Spool>,
    /// Former versions of layers.
    pub(super) versions: Versions,
    /// Tiles, by what their viewer may see.
    pub(super) tiles: TileCache,
    /// What was taken of them.
    pub(super) tile_log: TileLog,
    /// Layers prepared for tiles, the map's as well.
    pub(crate) prepared: Preparations,
    /// Small maps, by layer version.
    pub(super) pictures: Cache<String, Arc<str>>,
    /// Sizes of downloads, by layer version and visible fields.
    pub(super) sizes: Cache<String, Sizes>,
    /// How it is set up.
    pub(crate) options: PartnerOptions,
}

/// Why a data directory cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its layers cannot be read.
    #[error(transparent)]
    Layers(#[from] phteah_layers::LayersError),
    /// Its rules cannot be read.
    #[error(transparent)]
    Store(#[from] phteah_store::StoreError),
}

impl std::fmt::Debug for PartnerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartnerState")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// Tells one state of the catalogue's file from another.
type Stamp = Option<(SystemTime, u64)>;

impl PartnerState {
    /// Opens the partners' part of a data directory.
    pub fn open(dir: &Path, options: PartnerOptions) -> Result<Self, OpenError> {
        let stamp = stamp(dir);
        let catalogue = Arc::new(Catalogue::open(dir)?);
        let versions = Versions::new(dir);
        versions.keep(&catalogue);
        Ok(Self {
            store: Store::open_in(dir, &options.database)?,
            shown: Mutex::default(),
            log_trouble: AtomicBool::new(false),
            pool: Arc::default(),
            catalogue: Mutex::new((stamp, catalogue)),
            workers: Workers::new(options.workers, options.workers_each),
            places: Places::new(options.requests, options.requests_each),
            downloads: Places::new(options.downloads, options.downloads_each),
            limiter: Limiter::new(options.limits),
            counts: Cache::new(COUNTS),
            counting: Arc::new(Semaphore::new(COUNTING)),
            spool: Arc::new(Spool::new(dir, options.spool_bytes, options.preparations)?),
            versions,
            tiles: TileCache::new(options.tile_cache_bytes),
            tile_log: TileLog::default(),
            prepared: Preparations::new(dir),
            pictures: Cache::new(200),
            sizes: Cache::new(200),
            dir: dir.to_owned(),
            options,
        })
    }

    /// The layers as they are now.
    pub fn catalogue(&self) -> Result<Arc<Catalogue>, ApiError> {
        let now = stamp(&self.dir);
        let mut held = self.catalogue.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != now {
            match Catalogue::open(&self.dir) {
                Ok(catalogue) => {
                    self.versions.keep(&catalogue);
                    held.1 = Arc::new(catalogue);
                }
                // The layers' files are still those that were listed: what is served goes on.
                Err(cause) => {
                    tracing::error!(%cause, "the list of layers cannot be read; the one before is used");
                }
            }
            held.0 = now;
        }
        Ok(Arc::clone(&held.1))
    }

    /// Rules, keys and the log.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Notes that somebody without all rights sees this version of a layer, once for each version and set of fields. What cannot be noted is
    /// only missing later, when somebody asks what has changed since.
    pub(super) fn note_shown(&self, grant: &Grant, entry: &LayerEntry) {
        if grant.viewer().is_team() {
            return;
        }
        let note = format!(
            "{}\n{}\n{}\n{}",
            entry.name,
            entry.hash,
            grant.is_public(),
            grant.fields().join("\n")
        );
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.contains(&note) {
            return;
        }
        let fields = entry.fields.iter().map(|field| field.name.as_str());
        match self.store.note_shown(&entry.name, &entry.hash, fields) {
            Ok(()) => {
                if shown.len() >= NOTED {
                    shown.clear();
                }
                shown.insert(note);
            }
            Err(cause) => tracing::warn!(layer = entry.name, %cause, "this version cannot be noted as shown"),
        }
    }

    /// Tells the server's log that rows of the log of downloads could not be written; once, until they can be again.
    pub fn watch_log(&self) {
        let unwritten = self.store.unwritten();
        let trouble = unwritten.cause.is_some();
        if trouble != self.log_trouble.swap(trouble, Ordering::Relaxed) {
            if let Some(cause) = unwritten.cause {
                tracing::error!(
                    %cause,
                    "the log of downloads cannot be written: what is downloaded meanwhile waits in memory. Is the disk full?"
                );
            } else {
                tracing::warn!(lost = unwritten.lost, "the log of downloads is written again");
            }
        }
    }

    /// Connections to layers' files.
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.options.clock)()
    }

    /// Runs work that reads files, off the threads that answer requests and never more of it at a time than the limit.
    pub async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Arc<Self>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = self.workers.turn().await.map_err(ApiError::internal)?;
        let state = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            job(&state)
        });
        answer.await.map_err(ApiError::internal)?
    }
}

impl Drop for PartnerState {
    fn drop(&mut self) {
        self.tile_log.write(&self.store);
    }
}

fn stamp(dir: &Path) -> Stamp {
    let file = std::fs::metadata(dir.join("catalogue.json")).ok()?;
    Some((file.modified().ok()?, file.len()))
}
