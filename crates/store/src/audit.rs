//! The log of downloads: who took what, through which filter, and how much.
//!
//! A row is written before the first byte leaves, so that a crash in the middle hides nothing, and completed when the last one has left.
//! It holds the name on the key, or "anyone": an address would be personal data that no later question needs.

use std::collections::VecDeque;

use crate::sql::{Connection, params};
use jiff::Timestamp;

use crate::access::Grant;
use crate::error::{Result, StoreError};
use crate::store::{Log, Store};

/// The longest selection that is kept, in bytes; longer ones are cut, visibly.
const MAX_SELECTION_BYTES: usize = 4096;

/// Rows kept of each key, of the team, and of everybody without a key: whoever asks often pushes nobody else's rows out.
pub const MAX_ROWS_EACH: usize = 50_000;

/// Rows after which the log is shortened again.
const SHORTEN_EVERY: u64 = 256;

/// Rows that wait in memory for a file that cannot be written.
const MAX_WAITING: usize = 10_000;

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

/// A row of the log that has been begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadTicket {
    /// It is in the file.
    Written(DownloadId),
    /// It waits in memory until the file can be written again.
    Waiting(u64),
    /// So many wait already that it is only counted.
    Lost,
}

/// What of the log is not in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unwritten {
    /// Rows that wait in memory.
    pub waiting: usize,
    /// Rows that are lost, for want of room in memory as well.
    pub lost: u64,
    /// Why the file cannot be written.
    pub cause: Option<String>,
}

/// Rows that wait for a file that cannot be written: a full disk stops no page.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    rows: VecDeque<Row>,
    next: u64,
    lost: u64,
    cause: Option<String>,
    begun: u64,
}

#[derive(Debug)]
struct Row {
    number: u64,
    at: String,
    who: String,
    layer: String,
    version: String,
    format: String,
    selection: String,
    outcome: Outcome,
    features: Option<u64>,
    bytes: Option<u64>,
}

impl Row {
    fn insert(&self, conn: &Connection) -> crate::sql::Result<DownloadId> {
        conn.prepare_cached(
            "INSERT INTO download (at, who, layer, version, format, selection, outcome, features, bytes)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9) RETURNING id",
        )?
        .query_row(
            params![
                self.at,
                self.who,
                self.layer,
                self.version,
                self.format,
                self.selection,
                self.outcome.as_str(),
                self.features.map(number),
                self.bytes.map(number)
            ],
            |row| row.get(0).map(DownloadId),
        )
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Log {
    /// Writes what waits, oldest first, until the file refuses again.
    fn write_waiting(&mut self) -> bool {
        while let Some(row) = self.waiting.rows.front() {
            if let Err(cause) = row.insert(&self.conn) {
                self.waiting.cause = Some(cause.to_string());
                return false;
            }
            self.waiting.rows.pop_front();
        }
        true
    }

    /// Removes the oldest rows of somebody who has more than are kept. What cannot be removed goes next time.
    fn shorten(&self, who: &str) {
        let _ = self
            .conn
            .prepare_cached(
                "DELETE FROM download WHERE who = ?1 AND id <=
                 (SELECT id FROM download WHERE who = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )
            .and_then(|mut s| s.execute(params![who, MAX_ROWS_EACH as i64]));
    }
}

impl Store {
    /// Notes that a download begins. No byte may leave before this has returned.
    ///
    /// Where the file cannot be written (a full disk) the row waits in memory and is written once there is room: [`Store::unwritten`] tells.
    pub fn begin_download(&self, download: &Download<'_>, now: Timestamp) -> DownloadTicket {
        let mut selection = download.selection.to_owned();
        if selection.len() > MAX_SELECTION_BYTES {
            let mut cut = MAX_SELECTION_BYTES;
            while !selection.is_char_boundary(cut) {
                cut -= 1;
            }
            selection.truncate(cut);
            selection.push_str(" … (cut)");
        }
        let mut log = self.log();
        let mut row = Row {
            number: log.waiting.next,
            at: now.to_string(),
            who: download.grant.viewer().to_string(),
            layer: download.grant.layer().to_owned(),
            version: download.version.to_owned(),
            format: download.format.to_owned(),
            selection,
            outcome: Outcome::Begun,
            features: None,
            bytes: None,
        };
        if log.write_waiting() {
            match row.insert(&log.conn) {
                Ok(id) => {
                    log.waiting.cause = None;
                    log.waiting.begun += 1;
                    if log.waiting.begun % SHORTEN_EVERY == 1 {
                        log.shorten(&row.who);
                    }
                    return DownloadTicket::Written(id);
                }
                Err(cause) => log.waiting.cause = Some(cause.to_string()),
            }
        }
        let waiting = &mut log.waiting;
        if waiting.rows.len() >= MAX_WAITING {
            waiting.lost += 1;
            return DownloadTicket::Lost;
        }
        waiting.next += 1;
        row.number = waiting.next;
        waiting.rows.push_back(row);
        DownloadTicket::Waiting(waiting.next)
    }

    /// Notes how a download ended, or how far it has come. `features` is `None` where bytes of a finished file were handed over.
    pub fn end_download(
        &self,
        ticket: DownloadTicket,
        outcome: Outcome,
        features: Option<u64>,
        bytes: u64,
    ) -> Result<()> {
        let mut log = self.log();
        match ticket {
            DownloadTicket::Lost => Ok(()),
            DownloadTicket::Waiting(waited) => {
                let row = log.waiting.rows.iter_mut().find(|row| row.number == waited);
                // One that has been written meanwhile stays begun: its number in the file is not known here.
                if let Some(row) = row {
                    (row.outcome, row.features, row.bytes) = (outcome, features, Some(bytes));
                }
                Ok(())
            }
            DownloadTicket::Written(id) => log
                .conn
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
                .map_err(StoreError::sqlite("writing the log of downloads")),
        }
    }

    /// What of the log is not in the file, and why.
    pub fn unwritten(&self) -> Unwritten {
        let log = self.log();
        Unwritten {
            waiting: log.waiting.rows.len(),
            lost: log.waiting.lost,
            cause: log.waiting.cause.clone(),
        }
    }

    /// The log from its end: rows before `before` (or the newest), at most `limit` and never more than [`MAX_PAGE`].
    pub fn downloads(&self, before: Option<DownloadId>, limit: usize) -> Result<Vec<DownloadRecord>> {
        let failed = StoreError::sqlite("reading the log of downloads");
        let log = self.log();
        let mut statement = log
            .conn
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
            all.push(record(&row).map_err(&failed)?);
        }
        Ok(all)
    }
}

fn record(row: &crate::sql::Row<'_>) -> crate::sql::Result<DownloadRecord> {
    let at: String = row.get(1)?;
    let count = |n: Option<i64>| n.map(i64::unsigned_abs);
    Ok(DownloadRecord {
        id: DownloadId(row.get(0)?),
        at: at
            .parse()
            .map_err(|e| crate::sql::Error::Column(format!("the time of a download: {e}")))?,
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
        features: count(row.get(8)?),
        bytes: count(row.get(9)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LayerRule, Viewer, Visibility};

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let rule = LayerRule {
            layer: Visibility::Public,
            ..LayerRule::default()
        };
        store
            .publish(&store.command_line(), "wells", &rule, "", now())
            .unwrap();
        (dir, store)
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn begin(store: &Store, selection: &str) -> DownloadTicket {
        let grant = store.grant(&Viewer::anyone(), "wells", []).unwrap().unwrap();
        let download = Download {
            grant: &grant,
            version: "v",
            format: "csv",
            selection,
        };
        store.begin_download(&download, now())
    }

    fn limit_pages(store: &Store, pages: i64) {
        let log = store.log();
        log.conn
            .sqlite()
            .unwrap()
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    }

    #[test]
    fn a_full_disk_stops_nobody_and_the_rows_come_later() {
        let (_dir, store) = store();
        // SQLite takes the present size for the limit where a smaller one is given.
        limit_pages(&store, 1);
        let long = "x".repeat(4000);
        let tickets: Vec<_> = (0..40).map(|_| begin(&store, &long)).collect();
        let waiting = tickets
            .iter()
            .filter(|ticket| matches!(ticket, DownloadTicket::Waiting(_)))
            .count();
        assert!(waiting > 20, "{tickets:?}");
        let unwritten = store.unwritten();
        assert_eq!((unwritten.waiting, unwritten.lost), (waiting, 0));
        assert!(unwritten.cause.unwrap().contains("full"));
        for ticket in tickets {
            let _ = store.end_download(ticket, Outcome::Complete, Some(1), 9);
        }
        limit_pages(&store, 1_000_000);
        begin(&store, "");
        assert_eq!(store.unwritten(), Unwritten::default());
        let log = store.downloads(None, 100).unwrap();
        assert_eq!(log.len(), 41);
        assert_eq!(
            log[1].outcome,
            Outcome::Complete,
            "what waited knows how it ended"
        );
    }

    #[test]
    fn the_log_is_bounded_and_nobody_pushes_another_out() {
        let (_dir, store) = store();
        {
            let log = store.log();
            log.conn
                .execute_batch(&format!(
                    "INSERT INTO download (at, who, layer, version, format, selection, outcome)
                     VALUES ('1970-01-01T00:00:00Z', 'key city hall', 'wells', 'v', 'csv', '', 'complete');
                     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
                     INSERT INTO download (at, who, layer, version, format, selection, outcome)
                     SELECT '1970-01-01T00:00:00Z', 'anyone', 'wells', 'v', 'csv', i, 'complete' FROM n;",
                    MAX_ROWS_EACH + 1000
                ))
                .unwrap();
        }
        begin(&store, "the last");
        let log = store.log();
        let count = |who: &str| {
            log.conn
                .query_row("SELECT count(*) FROM download WHERE who = ?1", [who], |row| {
                    row.get::<_, i64>(0)
                })
                .unwrap()
        };
        assert_eq!(
            (count("anyone"), count("key city hall")),
            (MAX_ROWS_EACH as i64, 1)
        );
    }
}
