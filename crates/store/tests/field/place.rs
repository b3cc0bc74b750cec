//! Where a test keeps a store: files in a temporary directory, or a database of its own on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::path::{Path, PathBuf};

use phteah_store::registry::{Registry, key_file};
use phteah_store::{Database, FILE_NAME, Store};

use super::entropy;

pub struct Place {
    dir: tempfile::TempDir,
    #[cfg(has_postgres)]
    server: Option<super::cluster::Database>,
    pub database: Database,
}

impl Place {
    pub fn files() -> Self {
        Self {
            dir: directory(),
            #[cfg(has_postgres)]
            server: None,
            database: Database::Files,
        }
    }

    #[cfg(has_postgres)]
    pub fn postgres() -> Self {
        Self::on(super::cluster::shared().database())
    }

    #[cfg(has_postgres)]
    pub fn on(server: super::cluster::Database) -> Self {
        Self {
            dir: directory(),
            database: Database::read(Some(&server.address())).unwrap(),
            server: Some(server),
        }
    }

    /// The data directory; on PostgreSQL it has no database in it.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The directory around it.
    pub fn around(&self) -> &Path {
        self.dir.path()
    }

    pub fn store(&self) -> Store {
        Store::open_in(&self.path(), &self.database).unwrap()
    }

    pub fn registry(&self) -> phteah_store::Result<Registry> {
        let data = self.path();
        Registry::open_in(&data, &self.database, &key_file::default_path(&data), entropy())
    }

    /// Does to the tables of the access rules what no program of ours does.
    pub fn tamper(&self, sql: &str) -> Result<(), String> {
        #[cfg(has_postgres)]
        if let Some(server) = &self.server {
            let sql = sql
                .replace("zeroblob(32)", "decode(repeat('00', 32), 'hex')")
                .replace(
                    "DROP TRIGGER audit_is_never_changed",
                    "DROP TRIGGER audit_is_never_changed ON audit",
                )
                .replace(
                    "DROP TRIGGER audit_is_never_deleted",
                    "DROP TRIGGER audit_is_never_deleted ON audit",
                );
            return server
                .sql(&format!("SET search_path = phteah_access; {sql}"))
                .map(|_| ());
        }
        let conn = rusqlite::Connection::open(self.path().join(FILE_NAME)).map_err(|e| e.to_string())?;
        conn.execute_batch(sql).map_err(|e| e.to_string())
    }

    /// The wrapped data key of the one household that there is.
    pub fn only_data_key(&self) -> Vec<u8> {
        #[cfg(has_postgres)]
        if let Some(server) = &self.server {
            let hex = server
                .sql("SELECT encode(data_key, 'hex') FROM phteah_registry.household")
                .unwrap();
            let digits = hex.trim();
            return (0..digits.len() / 2)
                .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
                .collect();
        }
        let conn = rusqlite::Connection::open(self.path().join("registry.sqlite")).unwrap();
        conn.query_row("SELECT data_key FROM household", [], |row| row.get(0))
            .unwrap()
    }

    /// Somebody who has begun to read the households when this returns, and goes on for a second.
    pub fn reads_for_a_second(&self) -> std::thread::JoinHandle<()> {
        #[cfg(has_postgres)]
        if let Some(server) = &self.server {
            let asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
            loop {
                let (cluster, name) = (server.cluster, server.name.clone());
                let reader = std::thread::spawn(move || {
                    cluster
                        .sql(&name, "SELECT pg_sleep(1) FROM pg_current_snapshot()")
                        .unwrap();
                });
                // On a busy machine it may be over before it was seen: then another one begins.
                while !reader.is_finished() {
                    if server.sql(asleep).unwrap().trim() != "0" {
                        return reader;
                    }
                }
            }
        }
        let conn = rusqlite::Connection::open(self.path().join("registry.sqlite")).unwrap();
        conn.execute_batch("BEGIN; SELECT count(*) FROM household")
            .unwrap();
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_secs(1));
            drop(conn);
        })
    }

    /// Every byte of the tables as they are now: on PostgreSQL without its journal, which is written over in time.
    pub fn tables(&self) -> Vec<u8> {
        #[cfg(has_postgres)]
        if let Some(server) = &self.server {
            return server.cluster.tables(&server.name);
        }
        self.bytes()
    }

    /// Every byte that is kept, the journals included.
    pub fn bytes(&self) -> Vec<u8> {
        #[cfg(has_postgres)]
        if let Some(server) = &self.server {
            return server.cluster.bytes(&server.name);
        }
        let files = std::fs::read_dir(self.path()).unwrap();
        files
            .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect()
    }
}

fn directory() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    dir
}

/// Whether bytes stand somewhere among others.
pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
