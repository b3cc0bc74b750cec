//! Small facts about the deployment that programs tell one another.

use crate::sql::{OptionalExtension, params};

use crate::error::{Result, StoreError};
use crate::store::Store;

impl Store {
    /// Notes under which address people reach the server, so that a command can print whole links. Written by the server when it starts.
    pub fn note_address(&self, url: &str) -> Result<()> {
        self.lock()
            .execute(
                "INSERT INTO setting VALUES ('address', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
                params![url],
            )
            .map(|_| ())
            .map_err(StoreError::sqlite("noting the server's address"))
    }

    /// The address that the server had when it last started.
    pub fn address(&self) -> Result<Option<String>> {
        self.lock()
            .query_row("SELECT value FROM setting WHERE name = 'address'", [], |row| {
                row.get(0)
            })
            .optional()
            .map_err(StoreError::sqlite("reading the server's address"))
    }
}
