//! Small facts about the deployment that programs tell one another.

use crate::sql::{OptionalExtension, params};

use crate::error::{Result, StoreError};
use crate::store::Store;

const ADDRESS: &str = "address";
const ILLUSTRATIVE_FAMILIES: &str = "illustrative_families";

impl Store {
    /// Notes under which address people reach the server, so that a command can print whole links. Written by the server when it starts.
    pub fn note_address(&self, url: &str) -> Result<()> {
        self.write_setting(ADDRESS, url)
    }

    /// The address that the server had when it last started.
    pub fn address(&self) -> Result<Option<String>> {
        self.setting(ADDRESS)
    }

    /// Notes what the illustrative families in the registry were made of, in the words of the command that makes them.
    pub fn note_illustrative_families(&self, recipe: &str) -> Result<()> {
        self.write_setting(ILLUSTRATIVE_FAMILIES, recipe)
    }

    /// What the illustrative families in the registry were made of; `None` where all families are real.
    pub fn illustrative_families(&self) -> Result<Option<String>> {
        self.setting(ILLUSTRATIVE_FAMILIES)
    }

    fn write_setting(&self, name: &str, value: &str) -> Result<()> {
        self.lock()
            .execute(
                "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                params![name, value],
            )
            .map(|_| ())
            .map_err(StoreError::sqlite("noting a fact about the deployment"))
    }

    fn setting(&self, name: &str) -> Result<Option<String>> {
        self.lock()
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(StoreError::sqlite("reading a fact about the deployment"))
    }
}
