//! The file in which it is all kept.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::audit::Waiting;
use crate::error::{Result, StoreError};
use crate::migrations;
use crate::readers::Readers;

/// Name of the file within the data directory. It holds nothing about places and nothing about the people whom the work is for.
pub const FILE_NAME: &str = "access.sqlite";

/// A command line that changes a rule while the server reads waits this long at most.
const PATIENCE: Duration = Duration::from_secs(5);

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
        let mut rules = connect(dir, "FULL")?;
        migrations::migrate(&mut rules, FILE_NAME, migrations::ACCESS)?;
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
