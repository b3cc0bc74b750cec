//! Carrying the databases of a deployment from files to PostgreSQL and back, and copies of PostgreSQL as files, for backups.
//!
//! All rows are read in one state and written in one transaction. Then what was written is read back: each table must have the same hash on
//! both sides, or nothing is kept.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};
use crate::ids::hex;
use crate::migrations;
use crate::snapshot::{DatabaseState, database_state};
use crate::sql::{Connection, Durability, Row, Value};
use crate::store::Database;

/// One of the two databases that a deployment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Access rules, accounts, audit.
    Access,
    /// Households.
    Registry,
}

impl Part {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Access, Self::Registry];

    /// The name of its file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Access => crate::store::FILE_NAME,
            Self::Registry => crate::registry::REGISTRY_FILE,
        }
    }

    fn migrations(self) -> &'static [&'static str] {
        match self {
            Self::Access => migrations::ACCESS,
            Self::Registry => crate::registry::MIGRATIONS,
        }
    }

    fn connect(self, dir: &Path, database: &Database) -> Result<Connection> {
        match self {
            Self::Access => crate::store::connect(dir, database, Durability::Full),
            Self::Registry => crate::registry::connect(dir, database),
        }
    }

    /// Whether there is one.
    pub fn exists(self, dir: &Path, database: &Database) -> Result<bool> {
        match database {
            Database::Files => Ok(dir.join(self.file_name()).exists()),
            Database::Postgres(_) => {
                Ok(migrations::version(&self.connect(dir, database)?, self.file_name())? > 0)
            }
        }
    }
}

impl Part {
    /// What the database in use says of itself, wherever it is kept; `None` where there is none.
    pub fn state(self, dir: &Path, database: &Database) -> Result<Option<DatabaseState>> {
        if !self.exists(dir, database)? {
            return Ok(None);
        }
        if let Database::Files = database {
            return database_state(&dir.join(self.file_name())).map(Some);
        }
        let conn = self.connect(dir, database)?;
        let last = |table: &str| -> Result<i64> {
            conn.query_row(&format!("SELECT coalesce(max(seq), 0) FROM {table}"), [], |row| {
                row.get(0)
            })
            .map_err(StoreError::sqlite("reading a database"))
        };
        Ok(Some(DatabaseState {
            version: migrations::version(&conn, self.file_name())? as i64,
            audited: last("audit")?,
            events: match self {
                Self::Access => 0,
                Self::Registry => last("event")?,
            },
        }))
    }
}

/// A table that was carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Its name.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over all of them, hexadecimal: the same on both sides.
    pub hash: String,
}

/// Carries a database to another place, where there must be none yet, or an empty one. The one that it comes from stays as it is.
pub fn carry(part: Part, from: (&Path, &Database), to: (&Path, &Database)) -> Result<Vec<Carried>> {
    let mut source = part.connect(from.0, from.1)?;
    migrations::migrate(&mut source, part.file_name(), part.migrations())?;
    let mut target = part.connect(to.0, to.1)?;
    migrations::migrate(&mut target, part.file_name(), part.migrations())?;
    let tables = tables(part)?;
    let reading = StoreError::sqlite("reading the database to be carried");
    let writing = StoreError::sqlite("writing the database that is carried");
    let state = source.snapshot().map_err(&reading)?;
    let change = target.transaction().map_err(&writing)?;
    for table in &tables {
        if sum(&change, table)?.rows > table.rows_of_a_new_one {
            return Err(StoreError::Refused {
                code: "not_empty",
                message: format!(
                    "Where it would be carried to there is one already: its table {} holds something. Nothing was changed. Choose an empty \
                     database.",
                    table.name
                ),
            });
        }
        // What a new database begins with.
        change
            .execute(&format!("DELETE FROM {}", table.name), [])
            .map_err(&writing)?;
    }
    let mut carried = Vec::new();
    for table in &tables {
        let insert = table.insert();
        let mut summed = Sum::new();
        state.each(&table.select(), |row| -> Result<()> {
            let values = values(row).map_err(&reading)?;
            summed.add(&values);
            change
                .prepare_cached(&insert)
                .and_then(|mut s| s.execute(&values[..]))
                .map(|_| ())
                .map_err(&writing)
        })?;
        let summed = summed.end(&table.name);
        if sum(&change, table)? != summed {
            return Err(StoreError::Refused {
                code: "carried_differs",
                message: format!(
                    "The table {} was not the same after it was carried: nothing was kept, and where it came from is as it was. Try again; if it \
                     stays so, check the disk of the place that it is carried to.",
                    table.name
                ),
            });
        }
        if let (Some(schema), Some(key)) = (change.schema(), &table.number) {
            change
                .query_row(
                    &format!(
                        "SELECT setval(pg_get_serial_sequence('{}.{}', '{key}'), (SELECT coalesce(max({key}), 0) + 1 FROM {}), false)",
                        schema.name(),
                        table.name,
                        table.name
                    ),
                    [],
                    |_| Ok(()),
                )
                .map_err(&writing)?;
        }
        carried.push(summed);
    }
    state.finish().map_err(&reading)?;
    change.commit().map_err(&writing)?;
    Ok(carried)
}

/// Copies a database on PostgreSQL, as it is at one moment, into a file such as a data directory has. `dir` is a directory to write it in.
pub fn copy_as_file(part: Part, database: &Database, dir: &Path) -> Result<DatabaseState> {
    carry(part, (dir, database), (dir, &Database::Files))?;
    let file = dir.join(part.file_name());
    let failed = |source: rusqlite::Error| StoreError::sqlite("finishing a copy")(source.into());
    // One file, without a journal beside it.
    let conn = rusqlite::Connection::open(&file).map_err(failed)?;
    conn.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
        .map_err(failed)?;
    drop(conn);
    database_state(&file)
}

/// What stands in every table of a database, in one state.
pub fn hashes(part: Part, dir: &Path, database: &Database) -> Result<Vec<Carried>> {
    let mut conn = part.connect(dir, database)?;
    let state = conn
        .snapshot()
        .map_err(StoreError::sqlite("reading the database"))?;
    tables(part)?.iter().map(|table| sum(&state, table)).collect()
}

struct Table {
    name: String,
    columns: Vec<String>,
    /// The columns by which its rows are in order.
    key: Vec<String>,
    /// The column that is given a number where a row comes without one.
    number: Option<String>,
    rows_of_a_new_one: u64,
}

impl Table {
    fn select(&self) -> String {
        format!(
            "SELECT {} FROM {} ORDER BY {}",
            self.columns.join(", "),
            self.name,
            self.key.join(", ")
        )
    }

    fn insert(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|n| format!("?{n}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.name,
            self.columns.join(", "),
            places.join(", ")
        )
    }
}

/// The tables that a part has, each after those that it refers to: read off a new one.
fn tables(part: Part) -> Result<Vec<Table>> {
    let failed =
        |source: rusqlite::Error| StoreError::sqlite("reading which tables there are")(source.into());
    let new = rusqlite::Connection::open_in_memory().map_err(failed)?;
    for step in part.migrations() {
        new.execute_batch(step).map_err(failed)?;
    }
    let names: Vec<String> = new
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
        )
        .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
        .map_err(failed)?;
    names
        .into_iter()
        .map(|name| {
            let columns: Vec<(String, String, i64)> = new
                .prepare(&format!("PRAGMA table_info({name})"))
                .and_then(|mut s| {
                    s.query_map([], |row| Ok((row.get(1)?, row.get(2)?, row.get(5)?)))?
                        .collect()
                })
                .map_err(failed)?;
            let mut key: Vec<(i64, String)> = columns
                .iter()
                .filter(|(_, _, place)| *place > 0)
                .map(|(name, _, place)| (*place, name.clone()))
                .collect();
            key.sort();
            let number = columns
                .iter()
                .find(|(_, kind, place)| *place == 1 && kind == "INTEGER" && key.len() == 1)
                .map(|(name, ..)| name.clone());
            let rows: i64 = new
                .query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0))
                .map_err(failed)?;
            Ok(Table {
                columns: columns.into_iter().map(|(name, ..)| name).collect(),
                key: key.into_iter().map(|(_, name)| name).collect(),
                number,
                rows_of_a_new_one: rows.unsigned_abs(),
                name,
            })
        })
        .collect()
}

fn values<'r>(row: &Row<'r>) -> crate::sql::Result<Vec<Value<'r>>> {
    (0..row.len()).map(|at| row.get_ref(at)).collect()
}

fn sum(conn: &Connection, table: &Table) -> Result<Carried> {
    let mut summed = Sum::new();
    conn.each(&table.select(), |row| {
        summed.add(&values(row)?);
        Ok(())
    })
    .map_err(StoreError::sqlite("reading a table"))?;
    Ok(summed.end(&table.name))
}

/// A hash over rows: of each value its kind, its length and its bytes.
struct Sum {
    hash: Sha256,
    rows: u64,
}

impl Sum {
    fn new() -> Self {
        Self {
            hash: Sha256::new(),
            rows: 0,
        }
    }

    fn add(&mut self, values: &[Value<'_>]) {
        self.rows += 1;
        for value in values {
            let number;
            let (kind, bytes): (u8, &[u8]) = match value {
                Value::Null => (0, &[]),
                Value::Integer(n) => {
                    number = n.to_be_bytes();
                    (1, &number)
                }
                Value::Text(text) => (2, text.as_bytes()),
                Value::Blob(bytes) => (3, bytes),
            };
            self.hash.update([kind]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        }
    }

    fn end(self, table: &str) -> Carried {
        Carried {
            table: table.to_owned(),
            rows: self.rows,
            hash: hex(&self.hash.finalize()),
        }
    }
}
