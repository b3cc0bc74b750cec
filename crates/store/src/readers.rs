//! Who may see a layer is asked for every tile: by several threads at a time, none of which should wait for another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use crate::sql::Connection;

use crate::error::{Result, StoreError};
use crate::store::hold;
use crate::visibility::{self, LayerRule};

/// Rules remembered at most. Whoever guesses layers' names by the thousand must not fill the memory.
const MAX_KNOWN: usize = 1_000;

/// A connection for each core, each with what it has read.
#[derive(Debug)]
pub(crate) struct Readers {
    readers: Vec<Mutex<Reader>>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct Reader {
    conn: Connection,
    /// The state in which `rules` were read: SQLite's number for that of its file, which means something on this connection only, or the
    /// last row of the audit, in which every change of a rule is written.
    state: i64,
    /// By layer.
    rules: HashMap<String, Arc<LayerRule>>,
}

impl Readers {
    pub fn new(connect: impl Fn() -> Result<Connection>) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let reader = |_| {
            Ok(Mutex::new(Reader {
                conn: connect()?,
                state: 0,
                rules: HashMap::new(),
            }))
        };
        Ok(Self {
            readers: (0..cores).map(reader).collect::<Result<_>>()?,
            next: AtomicUsize::new(0),
        })
    }

    /// The rule of a layer as the file has it now.
    pub fn rule(&self, layer: &str) -> Result<Arc<LayerRule>> {
        self.free().rule(layer)
    }

    /// A connection that nobody uses just now, or else the one whose turn it is.
    fn free(&self) -> MutexGuard<'_, Reader> {
        for reader in &self.readers {
            match reader.try_lock() {
                Ok(reader) => return reader,
                Err(TryLockError::Poisoned(reader)) => return reader.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        hold(&self.readers[turn])
    }
}

impl Reader {
    fn rule(&mut self, layer: &str) -> Result<Arc<LayerRule>> {
        let state: i64 = self
            .conn
            .prepare_cached(if self.conn.sqlite().is_some() {
                "PRAGMA data_version"
            } else {
                "SELECT coalesce(max(seq), 0) FROM audit"
            })
            .and_then(|mut s| s.query_row([], |row| row.get(0)))
            .map_err(StoreError::sqlite("reading the access rules"))?;
        if self.state != state || self.rules.len() > MAX_KNOWN {
            self.state = state;
            self.rules.clear();
        }
        if let Some(rule) = self.rules.get(layer) {
            return Ok(Arc::clone(rule));
        }
        let rule = Arc::new(visibility::read(&self.conn, layer)?);
        self.rules.insert(layer.to_owned(), Arc::clone(&rule));
        Ok(rule)
    }
}
