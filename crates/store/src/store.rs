//! The database in which it is all kept.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use crate::audit::Waiting;
use crate::error::{Result, StoreError};
use crate::migrations;
use crate::readers::Readers;
use crate::sql::{Connection, Durability, Postgres, Schema};

/// Name of the file within the data directory. It holds nothing about places and nothing about the people whom the work is for.
pub const FILE_NAME: &str = "access.sqlite";

/// A command line that changes a rule while the server reads waits this long at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections to PostgreSQL for rules and keys.
const CONNECTIONS: usize = 4;

/// Where a deployment keeps its access rules, accounts, audit and registry.
#[derive(Clone, Debug, Default)]
pub enum Database {
    /// In files of the data directory.
    #[default]
    Files,
    /// On a PostgreSQL server, which several Phteah servers may share.
    Postgres(Postgres),
}

impl Database {
    /// The file that says, for people and programs, that a data directory's databases are elsewhere.
    pub const ELSEWHERE: &'static str = "on-postgresql.txt";

    /// Reads an address (`postgres://…`); without one, files.
    pub fn read(address: Option<&str>) -> Result<Self> {
        address.map_or(Ok(Self::Files), |address| {
            Postgres::read(address).map(Self::Postgres)
        })
    }
}

/// The end that the name of a file gets once what it held is on PostgreSQL.
pub const MOVED: &str = "moved-to-postgresql";

/// Refuses to open one of two places where the other one may be what counts. A command that was not told of PostgreSQL would else begin anew
/// in files, and nobody would notice.
pub(crate) fn only_one(dir: &Path, database: &Database, file: &str) -> Result<()> {
    let there = dir.join(file).exists();
    let elsewhere = dir.join(Database::ELSEWHERE);
    match database {
        Database::Postgres(server) if there => Err(StoreError::Usage(format!(
            "{file} lies in {}, and {server} is named: only one of them can count. Carry the file over with \"phteah move --from DIR --to URL\", \
             or leave --database and PHTEAH_DATABASE away.",
            dir.display()
        ))),
        Database::Postgres(server) => {
            let words = format!(
                "Accounts, access rules, the audit and the registry of this deployment are not here. They are on {server}. Commands are told its address \
                 by --database or PHTEAH_DATABASE.\n"
            );
            // A directory that may only be read serves as well.
            let _ =
                std::fs::File::create_new(&elsewhere).and_then(|mut file| file.write_all(words.as_bytes()));
            Ok(())
        }
        Database::Files if !there && elsewhere.exists() => Err(StoreError::Usage(format!(
            "What {file} would hold is on PostgreSQL: say its address with --database or PHTEAH_DATABASE. If it is there no more, remove {}.",
            elsewhere.display()
        ))),
        Database::Files => Ok(()),
    }
}

/// Rules, keys and the log of one deployment. May be shared between threads; the command line and a server may have it open at once.
#[derive(Debug)]
pub struct Store {
    /// One for SQLite, which has one writer; several for PostgreSQL, where each question is a journey.
    rules: Vec<Mutex<Connection>>,
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
        Self::open_in(dir, &Database::Files)
    }

    /// Opens the store of a deployment, wherever it is kept, making it where there is none.
    pub fn open_in(dir: &Path, database: &Database) -> Result<Self> {
        only_one(dir, database, FILE_NAME)?;
        // A rule or a revocation that was acknowledged survives a power cut. A row of the log survives the end of the process, however it
        // ends, and need not wait for the disk: pages of features are logged too, and each of them would wait.
        let connect = |durability| connect(dir, database, durability);
        let mut rules = connect(Durability::Full)?;
        migrations::migrate(&mut rules, FILE_NAME, migrations::ACCESS)?;
        let more = match database {
            Database::Files => 0,
            Database::Postgres(_) => CONNECTIONS - 1,
        };
        let rules = std::iter::once(Ok(rules)).chain((0..more).map(|_| connect(Durability::Full)));
        Ok(Self {
            rules: rules.map(|conn| conn.map(Mutex::new)).collect::<Result<_>>()?,
            readers: Readers::new(|| connect(Durability::Full))?,
            log: Mutex::new(Log {
                conn: connect(Durability::Process)?,
                waiting: Waiting::default(),
            }),
        })
    }

    /// The connection for rules and keys.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        let free = self.rules.iter().find_map(|conn| match conn.try_lock() {
            Ok(conn) => Some(conn),
            Err(TryLockError::Poisoned(conn)) => Some(conn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.unwrap_or_else(|| hold(&self.rules[0]))
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

pub(crate) fn connect(dir: &Path, database: &Database, durability: Durability) -> Result<Connection> {
    let server = match database {
        Database::Files => return open_file(dir, durability),
        Database::Postgres(server) => server,
    };
    Connection::postgres(server, Schema::Access, durability)
        .map_err(StoreError::sqlite("opening the access rules"))
}

/// Only the server's own user reads the file of a database.
#[cfg(unix)]
pub(crate) fn keep_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(|source| StoreError::Io {
        doing: format!("keeping {} from others", path.display()),
        source,
    })
}

#[cfg(not(unix))]
pub(crate) fn keep_private(_: &Path) -> Result<()> {
    Ok(())
}

fn open_file(dir: &Path, durability: Durability) -> Result<Connection> {
    let failed = |source: rusqlite::Error| StoreError::sqlite("opening access.sqlite")(source.into());
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Process => "NORMAL",
    };
    let conn = rusqlite::Connection::open(dir.join(FILE_NAME)).map_err(failed)?;
    // The journals beside it are made with its rights.
    keep_private(&dir.join(FILE_NAME))?;
    conn.busy_timeout(PATIENCE).map_err(failed)?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON;"
    ))
    .map_err(failed)?;
    Ok(conn.into())
}
