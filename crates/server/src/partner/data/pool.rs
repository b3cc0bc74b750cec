//! Connections to layers' files, kept open between requests, and the boxes of their features.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;
use phteah_layers::LayersError;
use rusqlite::{Connection, OpenFlags};

use super::boxes::Boxes;
use crate::partner::cql2::functions;

/// Idle connections kept for one file. Each holds up to [`CACHE_KB`] of its pages.
const IDLE: usize = 4;

/// Files whose idle connections are kept.
const FILES: usize = 64;

/// Pages that one connection keeps; the system keeps the rest.
const CACHE_KB: u32 = 2048;

/// Bytes of boxes kept in memory: those of about five million features.
const BOXES_BYTES: u64 = 128 << 20;

/// Open connections by file. Layers' files never change once they have their name, so a connection never goes stale.
#[derive(Debug)]
pub struct Pool {
    idle: Mutex<HashMap<PathBuf, Vec<Connection>>>,
    boxes: Cache<PathBuf, Arc<Boxes>>,
}

impl Default for Pool {
    fn default() -> Self {
        let weigh = |_: &PathBuf, boxes: &Arc<Boxes>| u32::try_from(boxes.size() + 200).unwrap_or(u32::MAX);
        Self {
            idle: Mutex::default(),
            boxes: Cache::builder().max_capacity(BOXES_BYTES).weigher(weigh).build(),
        }
    }
}

impl Pool {
    /// A connection to a file, idle or new. It goes back when it is dropped.
    pub fn get(self: &Arc<Self>, path: &Path) -> Result<Pooled, LayersError> {
        let waiting = self.lock().get_mut(path).and_then(Vec::pop);
        let conn = match waiting {
            Some(conn) => conn,
            None => open(path).map_err(|e| LayersError::sqlite(path, "reading", e))?,
        };
        Ok(Pooled {
            conn: Some(conn),
            path: path.to_owned(),
            pool: Arc::clone(self),
        })
    }

    /// The boxes of a layer's features, read once.
    pub fn boxes(self: &Arc<Self>, path: &Path, table: &str) -> Result<Arc<Boxes>, LayersError> {
        let read = || {
            let conn = self.get(path)?;
            Boxes::read(&conn, table)
                .map(Arc::new)
                .map_err(|e| LayersError::sqlite(path, "reading", e))
        };
        self.boxes
            .try_get_with(path.to_owned(), read)
            .map_err(|e: Arc<LayersError>| LayersError::Damaged {
                file: phteah_layers::error::base_name(path),
                cause: e.to_string(),
            })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // A stored file never changes: SQLite needs neither locks nor a writable directory.
    let escaped = path
        .display()
        .to_string()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?;
    conn.execute_batch(&format!(
        "PRAGMA cache_size = -{CACHE_KB}; PRAGMA query_only = 1; PRAGMA trusted_schema = 0;"
    ))?;
    functions::register(&conn)?;
    Ok(conn)
}

/// A connection on loan.
pub struct Pooled {
    conn: Option<Connection>,
    path: PathBuf,
    pool: Arc<Pool>,
}

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        // Taken only when dropped.
        self.conn
            .as_ref()
            .unwrap_or_else(|| unreachable!("a connection on loan is there"))
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if conn.progress_handler(0, None::<fn() -> bool>).is_err() {
            return;
        }
        let mut idle = self.pool.lock();
        if idle.len() >= FILES && !idle.contains_key(&self.path) {
            // Files of former versions among them: begin anew rather than keep count.
            idle.clear();
        }
        let waiting = idle.entry(self.path.clone()).or_default();
        if waiting.len() < IDLE {
            waiting.push(conn);
        }
    }
}
