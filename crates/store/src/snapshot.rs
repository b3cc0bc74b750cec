//! Copies of databases that are in use, and what is known of a database by its file alone: for backups.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::error::{Result, StoreError};
use crate::migrations;

/// The databases of a data directory whose tables this program knows, and the newest version of each.
const KNOWN: [(&str, usize); 2] = [
    (crate::store::FILE_NAME, migrations::ACCESS.len()),
    (crate::registry::REGISTRY_FILE, crate::registry::MIGRATIONS.len()),
];

/// What a database says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseState {
    /// Version of its tables.
    pub version: i64,
    /// Number of the last row of its audit; of two copies of one database the greater is the later. 0 where nothing was audited.
    pub audited: i64,
    /// Number of the last event in it; 0 in a database without events.
    pub events: i64,
}

impl DatabaseState {
    /// Whether this one holds something that the other lacks, of two copies of one database.
    pub fn is_ahead_of(&self, other: &Self) -> bool {
        self.audited > other.audited || self.events > other.events
    }
}

/// Copies a database as it is at one moment, whole, while others read and write it.
pub fn copy_database(from: &Path, to: &Path) -> Result<DatabaseState> {
    let failed = |source: rusqlite::Error| StoreError::sqlite("copying a database")(source.into());
    let conn = Connection::open_with_flags(
        from,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
    let to = to
        .to_str()
        .ok_or_else(|| StoreError::Usage("The backup's path must be readable text.".into()))?;
    // One read transaction: unlike the online backup, it does not begin anew whenever somebody writes.
    conn.execute("VACUUM INTO ?1", [to]).map_err(failed)?;
    state_of(Path::new(to), &name_of(from))
}

/// What a database says of itself. One that is damaged is refused.
pub fn database_state(file: &Path) -> Result<DatabaseState> {
    state_of(file, &name_of(file))
}

fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(
        || file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The same of a copy; `name` is that of the file which was copied, for people.
fn state_of(file: &Path, name: &str) -> Result<DatabaseState> {
    let damaged = |what: String| StoreError::DamagedFile {
        file: name.to_owned(),
        what,
    };
    let failed = |source: rusqlite::Error| StoreError::sqlite("reading a database")(source.into());
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(failed)?;
    conn.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
    // Not quick_check: of a table without row numbers whose key is in another order than its columns (`household_file`) it says that it
    // holds a NULL which is not there.
    let sound: String = conn
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if sound != "ok" {
        return Err(damaged(sound));
    }
    let last = |table: &str| -> Result<i64> {
        let there: Option<i64> = conn
            .query_row(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
                [table],
                |row| row.get(0),
            )
            .optional()
            .map_err(failed)?;
        if there.is_none() {
            return Ok(0);
        }
        conn.query_row(&format!("SELECT coalesce(max(seq), 0) FROM {table}"), [], |row| {
            row.get(0)
        })
        .map_err(failed)
    };
    Ok(DatabaseState {
        version: conn
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(failed)?,
        audited: last("audit")?,
        events: last("event")?,
    })
}

/// Refuses a database that a newer program has written. `name` is its name within the data directory.
pub fn check_version(name: &str, state: &DatabaseState) -> Result<()> {
    let Some((file, known)) = KNOWN.into_iter().find(|(file, _)| *file == name) else {
        return Ok(());
    };
    let found = usize::try_from(state.version).map_err(|_| StoreError::DamagedFile {
        file: file.to_owned(),
        what: "its version number".to_owned(),
    })?;
    if found > known {
        return Err(StoreError::NewerFile { file, found, known });
    }
    Ok(())
}
