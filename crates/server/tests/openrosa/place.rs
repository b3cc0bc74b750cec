//! Where a test keeps its deployment: files in a temporary directory, or a database of its own on PostgreSQL beside them.

use std::path::PathBuf;
use std::process::Command;

use phteah_store::Database;
use serde_json::Value;

#[cfg(has_postgres)]
use crate::cluster;

pub struct Place {
    dir: tempfile::TempDir,
    #[cfg(has_postgres)]
    server: Option<cluster::Database>,
}

impl Place {
    pub fn files() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            #[cfg(has_postgres)]
            server: None,
        }
    }

    #[cfg(has_postgres)]
    pub fn postgres() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            server: Some(cluster::shared().database()),
        }
    }

    /// A directory of the test's own.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// The data directory in it.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The address of the database, where it is not in files.
    pub fn address(&self) -> Option<String> {
        #[cfg(has_postgres)]
        if let Some(server) = &self.server {
            return Some(server.address());
        }
        None
    }

    /// Runs a command on it, as somebody at the office does: whether it did what it should, and what it said.
    pub fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phteah"));
        match self.address() {
            Some(address) => command.env("PHTEAH_DATABASE", address),
            None => command.env_remove("PHTEAH_DATABASE"),
        };
        let output = command
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// The same of a command that does what it should, and what it said as JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let (done, out, error) = self.run(&[arguments, &["--json"][..]].concat());
        assert!(done, "{arguments:?}: {error}");
        serde_json::from_str(&out).unwrap()
    }

    pub fn database(&self) -> Database {
        Database::read(self.address().as_deref()).unwrap()
    }
}
