//! The audit: a row for every change of rights, in the transaction of the change. Each row holds a hash over itself and the row before, so that
//! no row can be changed, left out or put in later without `verify` telling where.
//!
//! It holds ids and words of the program, and the reason that a person gave: no name, no secret.

use crate::sql::{Connection, OptionalExtension, Transaction, params};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::actor::{Actor, ActorId};
use crate::error::{Result, StoreError};
use crate::ids::{hex, unhex};
use crate::rights::{Reach, Right};
use crate::store::Store;

/// The most rows that are read at once.
pub const MAX_AUDIT_PAGE: usize = 1000;

/// The longest reason, in bytes.
pub const MAX_WHY_BYTES: usize = 500;

/// What is written about a change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// The kind of change, such as `account_disabled`.
    pub what: &'a str,
    /// What was changed: an id.
    pub subject: &'a str,
    /// Why, in the words of who did it; may be empty.
    pub why: &'a str,
    /// From what to what.
    pub detail: &'a str,
}

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number; there are no gaps.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who: `command line`, `account ID`, `device ID of account ID` or `key ID`.
    pub who: String,
    /// What was done.
    pub what: String,
    /// To what.
    pub subject: String,
    /// Why, as far as a reason was given.
    pub why: String,
    /// From what to what.
    pub detail: String,
}

/// What a check of the audit has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditState {
    /// Every row follows from the one before.
    Whole {
        /// How many rows.
        rows: i64,
        /// Hash of the last one, hexadecimal. Kept elsewhere, it tells later whether rows were cut off at the end.
        head: String,
    },
    /// From here on the rows do not follow.
    Broken {
        /// Number of the first row that is wrong, or missing.
        seq: i64,
        /// What is wrong with it.
        what: &'static str,
    },
}

const BEGINNING: [u8; 32] = [0; 32];

/// Appends a row. The transaction must have been begun for writing.
pub(crate) fn append(
    change: &Transaction<'_>,
    actor: &Actor,
    entry: &Entry<'_>,
    now: Timestamp,
) -> Result<()> {
    append_as(change, actor.in_the_audit(), entry, now)
}

fn append_as(change: &Transaction<'_>, who: String, entry: &Entry<'_>, now: Timestamp) -> Result<()> {
    let failed = StoreError::sqlite("writing the audit");
    let why = entry.why.trim();
    if why.len() > MAX_WHY_BYTES || why.chars().any(char::is_control) {
        return Err(StoreError::Usage(format!(
            "A reason is written on one line of at most {MAX_WHY_BYTES} bytes."
        )));
    }
    let last: Option<(i64, [u8; 32])> = change
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .and_then(|mut s| s.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(&failed)?;
    let (seq, before) = last.map_or((1, BEGINNING), |(seq, hash)| (seq + 1, hash));
    let record = AuditRecord {
        seq,
        at: now.to_string(),
        who,
        what: entry.what.to_owned(),
        subject: entry.subject.to_owned(),
        why: why.to_owned(),
        detail: entry.detail.to_owned(),
    };
    change
        .prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        .and_then(|mut s| {
            s.execute(params![
                seq,
                record.at,
                record.who,
                record.what,
                record.subject,
                record.why,
                record.detail,
                before,
                hash(&record, &before)
            ])
        })
        .map(|_| ())
        .map_err(failed)
}

/// SHA-256 over the hash before, the number, and each text with its length.
fn hash(record: &AuditRecord, before: &[u8; 32]) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(before);
    sum.update(record.seq.to_be_bytes());
    for text in [
        &record.at,
        &record.who,
        &record.what,
        &record.subject,
        &record.why,
        &record.detail,
    ] {
        sum.update((text.len() as u64).to_be_bytes());
        sum.update(text.as_bytes());
    }
    sum.finalize().into()
}

pub(crate) fn record(row: &crate::sql::Row<'_>) -> crate::sql::Result<AuditRecord> {
    Ok(AuditRecord {
        seq: row.get(0)?,
        at: row.get(1)?,
        who: row.get(2)?,
        what: row.get(3)?,
        subject: row.get(4)?,
        why: row.get(5)?,
        detail: row.get(6)?,
    })
}

/// Checks a chain from its first row to its last.
pub(crate) fn verify(conn: &mut Connection) -> Result<AuditState> {
    let failed = StoreError::sqlite("reading the audit");
    let snapshot = conn.snapshot().map_err(&failed)?;
    let (mut count, mut last, mut broken) = (0, BEGINNING, None);
    snapshot
        .each(
            "SELECT seq, at, who, what, subject, why, detail, before, hash FROM audit ORDER BY seq",
            |row| {
                if broken.is_some() {
                    return Ok(());
                }
                let found = record(row)?;
                let before: [u8; 32] = row.get(7)?;
                let stored: [u8; 32] = row.get(8)?;
                count += 1;
                broken = if found.seq != count {
                    Some("a row is missing here")
                } else if before != last {
                    Some("it does not follow from the row before")
                } else if hash(&found, &before) != stored {
                    Some("it was changed after it was written")
                } else {
                    None
                };
                last = stored;
                Ok(())
            },
        )
        .map_err(&failed)?;
    snapshot.finish().map_err(&failed)?;
    Ok(match broken {
        Some(what) => AuditState::Broken { seq: count, what },
        None => AuditState::Whole {
            rows: count,
            head: hex(&last),
        },
    })
}

/// The latest rows of a chain before `before`, the newest first.
pub(crate) fn list(conn: &Connection, before: Option<i64>, limit: usize) -> Result<Vec<AuditRecord>> {
    let failed = StoreError::sqlite("reading the audit");
    let before = before.unwrap_or(i64::MAX);
    let limit = limit.min(MAX_AUDIT_PAGE) as i64;
    conn.prepare_cached(
        "SELECT seq, at, who, what, subject, why, detail FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
    )
    .and_then(|mut s| s.query_map([before, limit], record)?.collect())
    .map_err(failed)
}

/// Whether a row of a chain has this hash, in hexadecimal digits.
pub(crate) fn has(conn: &Connection, hash: &str) -> Result<bool> {
    let Some(hash) = unhex::<32>(hash.trim()) else {
        return Ok(false);
    };
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM audit WHERE hash = ?1)",
        [hash],
        |row| row.get(0),
    )
    .map_err(StoreError::sqlite("reading the audit"))
}

/// Who changes a plan over the network.
#[derive(Clone, Copy, Debug)]
pub enum Planner<'a> {
    /// Somebody who has signed in.
    Person(&'a Actor),
    /// A key of the team, by its id.
    Key(&'a str),
    /// Somebody whom an open map asked for nothing.
    Anyone,
}

/// What happened to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanChange {
    /// A scenario was saved.
    ScenarioSaved,
    /// A scenario was removed.
    ScenarioRemoved,
    /// The plots drawn with a scenario were saved.
    PlotsSaved,
    /// A ranking was sealed as a decision.
    RecordSealed,
    /// The sites of a decision were stored as a layer.
    RecordPublished,
}

impl PlanChange {
    fn as_str(self) -> &'static str {
        match self {
            Self::ScenarioSaved => "scenario_saved",
            Self::ScenarioRemoved => "scenario_removed",
            Self::PlotsSaved => "plots_saved",
            Self::RecordSealed => "record_sealed",
            Self::RecordPublished => "record_published",
        }
    }
}

impl Store {
    /// Notes a change of a plan, which lies in a file and not in the database: `subject` is `scenario NAME` or `record SEAL`, `detail` its version.
    pub fn note_plan(
        &self,
        who: Planner<'_>,
        what: PlanChange,
        subject: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<()> {
        let who = match who {
            Planner::Person(actor) => actor.in_the_audit(),
            Planner::Key(id) => ActorId::Key(id.to_owned()).to_string(),
            Planner::Anyone => "anyone".to_owned(),
        };
        self.change(|change| {
            let entry = Entry {
                what: what.as_str(),
                subject,
                why: "",
                detail,
            };
            append_as(change, who, &entry, now)
        })
    }

    /// The audit from its end: rows before `before` (or the newest), at most `limit` and never more than [`MAX_AUDIT_PAGE`].
    pub fn audit(&self, actor: &Actor, before: Option<i64>, limit: usize) -> Result<Vec<AuditRecord>> {
        require_whole(actor)?;
        list(&self.lock(), before, limit)
    }

    /// Whether a row of the audit has this hash (hexadecimal): one that an earlier check has printed must still be there.
    pub fn audit_has(&self, actor: &Actor, hash: &str) -> Result<bool> {
        require_whole(actor)?;
        has(&self.lock(), hash)
    }

    /// Checks that no row of the audit was changed, left out or put in.
    pub fn verify_audit(&self, actor: &Actor) -> Result<AuditState> {
        require_whole(actor)?;
        verify(&mut self.lock())
    }
}

/// These rows are about all teams, so a right that reaches the own teams alone is not enough.
fn require_whole(actor: &Actor) -> Result<()> {
    if actor.require(Right::ReadAudit)? == Reach::All {
        return Ok(());
    }
    Err(StoreError::Denied(
        "The audit of accounts and rights spans all teams: an administrator reads it.".into(),
    ))
}
