//! The log of changes to layers: what was done, when, to which version.

use crate::sql::params;
use jiff::Timestamp;

use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::store::Store;
use crate::trail::{Entry, append};

/// A change that is about to be made.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// What is done, such as `layer_removed`.
    pub what: &'a str,
    /// Name of the layer.
    pub layer: &'a str,
    /// Hash of its version.
    pub version: &'a str,
    /// What a reader of the log wants to know besides.
    pub detail: &'a str,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRecord {
    /// When.
    pub at: String,
    /// What was done.
    pub what: String,
    /// Name of the layer.
    pub layer: String,
    /// Hash of its version.
    pub version: String,
    /// What else was noted.
    pub detail: String,
}

/// The most rows of the log that are read at once.
pub const MAX_CHANGES: usize = 1000;

impl Store {
    /// Makes a change and logs it: the row is kept if and only if `act` succeeds.
    pub fn with_change<E: From<StoreError>>(
        &self,
        actor: &Actor,
        change: &Change<'_>,
        now: Timestamp,
        act: impl FnOnce() -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        actor.require(Right::ChangePlans)?;
        self.logged(actor, change, now, act)
    }

    /// The same for a layer that holds a table of a release.
    pub fn with_release_change<E: From<StoreError>>(
        &self,
        actor: &Actor,
        change: &Change<'_>,
        now: Timestamp,
        act: impl FnOnce() -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        actor.require(Right::PrepareReleases)?;
        self.logged(actor, change, now, act)
    }

    fn logged<E: From<StoreError>>(
        &self,
        actor: &Actor,
        change: &Change<'_>,
        now: Timestamp,
        act: impl FnOnce() -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let failed = StoreError::sqlite("writing the log of changes");
        let mut conn = self.lock();
        let row = conn.transaction().map_err(&failed)?;
        let entry = Entry {
            what: change.what,
            subject: &format!("layer {}", change.layer),
            why: "",
            detail: &format!("version {}", change.version),
        };
        append(&row, actor, &entry, now)?;
        row.execute(
            "INSERT INTO change (at, what, layer, version, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                now.to_string(),
                change.what,
                change.layer,
                change.version,
                change.detail
            ],
        )
        .map_err(&failed)?;
        act()?;
        row.commit().map_err(&failed)?;
        Ok(())
    }

    /// The latest changes, the newest first; at most [`MAX_CHANGES`].
    pub fn changes(&self, limit: usize) -> Result<Vec<ChangeRecord>> {
        let failed = StoreError::sqlite("reading the log of changes");
        let limit = i64::try_from(limit.min(MAX_CHANGES)).unwrap_or(0);
        let conn = self.lock();
        let mut statement = conn
            .prepare("SELECT at, what, layer, version, detail FROM change ORDER BY id DESC LIMIT ?1")
            .map_err(&failed)?;
        let rows = statement
            .query_map([limit], |row| {
                Ok(ChangeRecord {
                    at: row.get(0)?,
                    what: row.get(1)?,
                    layer: row.get(2)?,
                    version: row.get(3)?,
                    detail: row.get(4)?,
                })
            })
            .map_err(&failed)?;
        rows.collect::<crate::sql::Result<_>>().map_err(&failed)
    }
}
