//! The file in which it is all kept.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::audit::Waiting;
use crate::error::{Result, StoreError};
use crate::readers::Readers;

/// Name of the file within the data directory. It holds nothing about places and nothing about the people whom the work is for.
pub const FILE_NAME: &str = "access.sqlite";

/// A command line that changes a rule while the server reads waits this long at most.
const PATIENCE: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS layer_rule (
  layer TEXT PRIMARY KEY, visibility TEXT NOT NULL, changed_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS field_rule (
  layer TEXT NOT NULL, field TEXT NOT NULL, visibility TEXT NOT NULL, PRIMARY KEY (layer, field)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partner_key (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash BLOB NOT NULL, scope TEXT NOT NULL,
  made_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_layer (
  key TEXT NOT NULL REFERENCES partner_key (id), layer TEXT NOT NULL, PRIMARY KEY (key, layer)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS download (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, layer TEXT NOT NULL, version TEXT NOT NULL,
  format TEXT NOT NULL, selection TEXT NOT NULL, outcome TEXT NOT NULL, features INTEGER, bytes INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, what TEXT NOT NULL, layer TEXT NOT NULL, version TEXT NOT NULL,
  detail TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS download_by_who ON download (who, id);
CREATE TABLE IF NOT EXISTS session (
  hash BLOB PRIMARY KEY, key TEXT NOT NULL REFERENCES partner_key (id), expires_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shown_version (
  layer TEXT NOT NULL, version TEXT NOT NULL, visibility TEXT NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY (layer, version, visibility)) STRICT, WITHOUT ROWID;
";

/// The version of [`SCHEMA`], kept in the file.
const VERSION: i64 = 3;

/// Rules, keys and the log of one deployment. May be shared between threads; the command line and a server may have it open at once.
#[derive(Debug)]
pub struct Store {
    rules: Mutex<Connection>,
    readers: Readers,
    log: Mutex<Log>,
}

/// The connection for the log of downloads, and the rows that could not be written yet.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) conn: Connection,
    pub(crate) waiting: Waiting,
}

impl Store {
    /// Opens the store of a data directory, making it where there is none.
    pub fn open(dir: &Path) -> Result<Self> {
        // A rule or a revocation that was acknowledged survives a power cut. A row of the log survives the end of the process, however it
        // ends, and need not wait for the disk: pages of features are logged too, and each of them would wait.
        let rules = connect(dir, "FULL")?;
        migrate(&rules)?;
        Ok(Self {
            rules: Mutex::new(rules),
            readers: Readers::new(|| connect(dir, "FULL"))?,
            log: Mutex::new(Log {
                conn: connect(dir, "NORMAL")?,
                waiting: Waiting::default(),
            }),
        })
    }

    /// The connection for rules and keys.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        hold(&self.rules)
    }

    /// Connections that only read the rules.
    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// The log.
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        hold(&self.log)
    }
}

/// A thread that panicked while it held the connection left at most an open transaction, which `Transaction` has rolled back.
pub(crate) fn hold<T>(conn: &Mutex<T>) -> MutexGuard<'_, T> {
    conn.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(dir: &Path, synchronous: &str) -> Result<Connection> {
    let failed = StoreError::sqlite("opening access.sqlite");
    let conn = Connection::open(dir.join(FILE_NAME)).map_err(&failed)?;
    conn.busy_timeout(PATIENCE).map_err(&failed)?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON;"
    ))
    .map_err(&failed)?;
    Ok(conn)
}

fn migrate(conn: &Connection) -> Result<()> {
    let failed = StoreError::sqlite("preparing access.sqlite");
    let version: i64 = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(&failed)?;
    if version > VERSION {
        return Err(StoreError::Damaged(
            "written by a newer Phteah, which this one cannot read".into(),
        ));
    }
    if version < VERSION {
        conn.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
        ))
        .map_err(&failed)?;
    }
    Ok(())
}
