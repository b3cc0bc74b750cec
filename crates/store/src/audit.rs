//! The log of downloads: who took what, through which filter, and how much.
//!
//! A row is written before the first byte leaves, so that a crash in the middle hides nothing, and completed when the last one has left.
//! It holds the name on the key, or "anyone": an address would be personal data that no later question needs.

use jiff::Timestamp;
use rusqlite::params;

use crate::access::Grant;
use crate::error::{Result, StoreError};
use crate::store::Store;

/// The longest selection that is kept, in bytes; longer ones are cut, visibly.
const MAX_SELECTION_BYTES: usize = 4096;

/// The most rows of the log that are read at once.
pub const MAX_PAGE: usize = 1000;

/// A download that is about to begin.
#[derive(Clone, Copy, Debug)]
pub struct Download<'a> {
    /// The right under which it happens; says who and which layer.
    pub grant: &'a Grant,
    /// Hash of the layer's version.
    pub version: &'a str,
    /// What form the data take, such as `geojson`.
    pub format: &'a str,
    /// Box, filter, fields and order that were asked for; empty for the whole layer.
    pub selection: &'a str,
}

/// Number of a row in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DownloadId(pub i64);

/// How a download ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has begun and not ended, or the server was killed.
    Begun,
    /// All of it was handed over.
    Complete,
    /// The client went away, or reading failed.
    Broken,
}

impl Outcome {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Complete => "complete",
            Self::Broken => "broken",
        }
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadRecord {
    /// Its number; later downloads have greater ones.
    pub id: DownloadId,
    /// When it began.
    pub at: Timestamp,
    /// `key NAME`, `anyone` or `team`.
    pub who: String,
    /// The layer.
    pub layer: String,
    /// Hash of the layer's version.
    pub version: String,
    /// What form the data took.
    pub format: String,
    /// Box, filter, fields and order; empty for the whole layer.
    pub selection: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Features handed over, where it has ended and they are counted.
    pub features: Option<u64>,
    /// Bytes handed over before compression, where it has ended.
    pub bytes: Option<u64>,
}

impl Store {
    /// Writes that a download begins. No byte may leave before this has returned.
    pub fn begin_download(&self, download: &Download<'_>, now: Timestamp) -> Result<DownloadId> {
        let mut selection = download.selection.to_owned();
        if selection.len() > MAX_SELECTION_BYTES {
            let mut cut = MAX_SELECTION_BYTES;
            while !selection.is_char_boundary(cut) {
                cut -= 1;
            }
            selection.truncate(cut);
            selection.push_str(" … (cut)");
        }
        let conn = self.log();
        conn.prepare_cached(
            "INSERT INTO download (at, who, layer, version, format, selection, outcome) VALUES (?1,?2,?3,?4,?5,?6,?7)",
        )
        .and_then(|mut s| {
            s.execute(params![
                now.to_string(),
                download.grant.viewer().to_string(),
                download.grant.layer(),
                download.version,
                download.format,
                selection,
                Outcome::Begun.as_str()
            ])
        })
        .map_err(StoreError::sqlite("writing the log of downloads"))?;
        Ok(DownloadId(conn.last_insert_rowid()))
    }

    /// Writes how a download ended. `features` is `None` where bytes of a finished file were handed over.
    pub fn end_download(
        &self,
        id: DownloadId,
        outcome: Outcome,
        features: Option<u64>,
        bytes: u64,
    ) -> Result<()> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.log()
            .prepare_cached("UPDATE download SET outcome = ?2, features = ?3, bytes = ?4 WHERE id = ?1")
            .and_then(|mut s| {
                s.execute(params![
                    id.0,
                    outcome.as_str(),
                    features.map(number),
                    number(bytes)
                ])
            })
            .map(|_| ())
            .map_err(StoreError::sqlite("writing the log of downloads"))
    }

    /// The log from its end: rows before `before` (or the newest), at most `limit` and never more than [`MAX_PAGE`].
    pub fn downloads(&self, before: Option<DownloadId>, limit: usize) -> Result<Vec<DownloadRecord>> {
        let failed = StoreError::sqlite("reading the log of downloads");
        let conn = self.log();
        let mut statement = conn
            .prepare_cached(
                "SELECT id, at, who, layer, version, format, selection, outcome, features, bytes
                 FROM download WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            )
            .map_err(&failed)?;
        let before = before.map_or(i64::MAX, |id| id.0);
        let limit = i64::try_from(limit.min(MAX_PAGE)).unwrap_or(0);
        let mut rows = statement.query(params![before, limit]).map_err(&failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            all.push(record(row).map_err(&failed)?);
        }
        Ok(all)
    }
}

fn record(row: &rusqlite::Row<'_>) -> rusqlite::Result<DownloadRecord> {
    let at: String = row.get(1)?;
    let number = |n: Option<i64>| n.map(i64::unsigned_abs);
    Ok(DownloadRecord {
        id: DownloadId(row.get(0)?),
        at: at.parse().map_err(|e| {
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(e))
        })?,
        who: row.get(2)?,
        layer: row.get(3)?,
        version: row.get(4)?,
        format: row.get(5)?,
        selection: row.get(6)?,
        outcome: match row.get::<_, String>(7)?.as_str() {
            "complete" => Outcome::Complete,
            "broken" => Outcome::Broken,
            _ => Outcome::Begun,
        },
        features: number(row.get(8)?),
        bytes: number(row.get(9)?),
    })
}
