//! Releases: prepared by one person, confirmed by another, and kept for ever, because whoever has downloaded one still has it.

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::disclosure::rules::{FLOOR, Rules};
use phteah_registry::indicators::IndicatorSet;
use phteah_registry::releases::{Before, ReleaseSet, prepare_what_can_be};
use sha2::{Digest, Sha256};

use super::change::Change;
use super::counts::{not_safe, records};
use super::push::day;
use super::seal::DataKey;
use super::store::{Registry, set, setting};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::hex;
use crate::rights::Right;
use crate::sql::{Connection, OptionalExtension, Row, params};
use crate::trail;

/// The most releases that are read at once.
pub const MAX_RELEASES: usize = 1_000;

/// What the threshold that everybody has to keep at least is kept as.
const THRESHOLD: &str = "release_threshold";

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseState {
    /// Nobody but those who prepare releases has seen it.
    Prepared,
    /// It was given up before it was confirmed.
    Discarded,
    /// It is published, or may be.
    Confirmed,
    /// It was published and is not shown any more.
    Withdrawn,
}

impl ReleaseState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Discarded => "discarded",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn read(word: &str) -> Result<Self> {
        [Self::Prepared, Self::Discarded, Self::Confirmed, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| StoreError::DamagedRegistry("the state of a release".into()))
    }
}

/// A release without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRecord {
    /// Its number.
    pub n: i64,
    /// Where it stands.
    pub state: ReleaseState,
    /// The day on which families were counted.
    pub day: Date,
    /// The least count that is told.
    pub threshold: u64,
    /// When it was prepared, and by whom (an actor as the audit has it).
    pub prepared: (Timestamp, String),
    /// When it was confirmed, and by whom.
    pub confirmed: Option<(Timestamp, String)>,
    /// When it was withdrawn or discarded, and by whom.
    pub withdrawn: Option<(Timestamp, String)>,
    /// SHA-256 of what readers get, hexadecimal.
    pub hash: String,
    /// Prepared, it can be confirmed no more: another one was confirmed since, or the threshold was raised. It is prepared anew.
    pub is_overtaken: bool,
}

/// What an audit of a release has found.
#[derive(Debug, Clone, PartialEq)]
pub enum ReleaseAudit {
    /// Counted and protected again, it comes out the same: an attacker finds no more than it says.
    Same(ReleaseSet),
    /// The registry has gone on since; these tables come out differently now. What was found when it was prepared stands in the release.
    Changed(Vec<String>),
    /// It cannot be made again: why.
    Impossible(String),
}

impl Registry {
    /// Prepares a release of some tables of a deployment: counts, protects, attacks, or takes them from counts that stand. Nothing is published by it.
    /// No tables named: all that can be told.
    ///
    /// # Errors
    /// If a table that was named cannot be made safe.
    pub fn prepare_release(
        &self,
        actor: &Actor,
        set: &IndicatorSet,
        tables: &[&str],
        (why, now): (&str, Timestamp),
    ) -> Result<ReleaseRecord> {
        actor.require(Right::PrepareReleases)?;
        let person = a_person(actor)?;
        let (counts, _) = self.count_for_releases(actor, set, (why, now))?;
        let made = self.read(|conn| self.tables_of(conn, counts.cut, Some(set)))?;
        // A table that is declared no more was counted, and is not published.
        let declared: Vec<&str> = set.indicators().iter().map(|one| one.id.as_str()).collect();
        let made = made.only(if tables.is_empty() { &declared } else { tables });
        if made.tables.is_empty() || (!tables.is_empty() && !made.left_out.is_empty()) {
            return Err(not_safe(&made.why_left_out()));
        }
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let n: i64 = change
                .conn()
                .query_row("SELECT COALESCE(MAX(n), 0) + 1 FROM release", [], |row| row.get(0))
                .map_err(failed())?;
            let hash = hash_of(&made)?;
            let key = DataKey::make(change.entropy())?;
            let wrapped = change
                .ring()
                .current()
                .wrap(&key, &of_release(&hash), change.entropy())?;
            let sealed = key.seal(&of_release(&hash), &json(&made)?, change.entropy())?;
            let base = latest(change.conn())?;
            change
                .conn()
                .execute(
                    "INSERT INTO release (n, state, day, threshold, base, counted, prepared_at, prepared_by, hash, data_key, sealed, cut)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                    params![
                        n,
                        ReleaseState::Prepared.as_str(),
                        made.day.to_string(),
                        made.threshold as i64,
                        base,
                        Vec::<u8>::new(),
                        now.to_string(),
                        person,
                        hash,
                        wrapped,
                        sealed,
                        counts.cut
                    ],
                )
                .map_err(failed())?;
            note(change, &actor, "release_prepared", &format!("release {n}"), &why, now)?;
            record(change.conn(), n)
        })
    }

    /// All releases, the newest first.
    pub fn releases(&self, actor: &Actor) -> Result<Vec<ReleaseRecord>> {
        actor.require(Right::PrepareReleases)?;
        self.read(|conn| {
            let mut statement = conn
                .prepare_cached(&format!("{SELECT} ORDER BY n DESC LIMIT {MAX_RELEASES}"))
                .map_err(failed())?;
            let bar = Bar::of(conn)?;
            let mut rows = statement.query([]).map_err(failed())?;
            let mut found = Vec::new();
            while let Some(row) = rows.next().map_err(failed())? {
                found.push(read_record(&row, bar)?);
            }
            Ok(found)
        })
    }

    /// A release with all that it says, reasons included: for those who prepare. What readers get is [`ReleaseSet::public`].
    pub fn release_set(&self, actor: &Actor, n: i64) -> Result<(ReleaseRecord, ReleaseSet)> {
        actor.require(Right::PrepareReleases)?;
        self.read(|conn| Ok((record(conn, n)?, self.said_by(conn, n)?)))
    }

    /// What a confirmed release says to its readers.
    ///
    /// # Errors
    /// If it is not confirmed.
    pub fn published_release(&self, actor: &Actor, n: i64) -> Result<(ReleaseRecord, ReleaseSet)> {
        let (record, set) = self.release_set(actor, n)?;
        if record.state != ReleaseState::Confirmed {
            return Err(StoreError::Usage(format!(
                "Release {n} is {}: only a confirmed one is published.",
                record.state.as_str()
            )));
        }
        Ok((record, set.public()))
    }

    /// The same, for storing its tables as layers.
    ///
    /// # Errors
    /// If it is not confirmed, or the threshold was raised since.
    pub fn release_to_store(&self, actor: &Actor, n: i64) -> Result<(ReleaseRecord, ReleaseSet)> {
        let (record, set) = self.published_release(actor, n)?;
        let least = self.release_threshold(actor)?;
        if record.threshold < least {
            return Err(below(&record, least));
        }
        Ok((record, set))
    }

    /// Counts the same families and attacks a release once more, against all that was said before it.
    pub fn audit_release(
        &self,
        actor: &Actor,
        set: &IndicatorSet,
        n: i64,
        (why, now): (&str, Timestamp),
    ) -> Result<ReleaseAudit> {
        let (_, said) = self.release_set(actor, n)?;
        let (log, reason) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            note(
                change,
                &log,
                "release_audited",
                &format!("release {n}"),
                &reason,
                now,
            )
        })?;
        let Some(cut) = self.read(|conn| cut_of(conn, n))? else {
            return Ok(ReleaseAudit::Impossible(
                "it is from before counts were kept; it stays in every later audit".into(),
            ));
        };
        let rows = self.read(records)?;
        let mut open: Vec<String> = said.tables.iter().map(|table| table.id.clone()).collect();
        let told = said.public();
        let is_told = |id: &String, by: &ReleaseSet| {
            let told = told.table(id);
            by.table(id)
                .is_some_and(|table| told.is_some_and(|told| told.says_the_same(table)))
        };
        for row in rows.iter().filter(|row| row.cut == cut) {
            let (before, kept) =
                self.read(|conn| Ok((self.said_before(conn, Some(row.n))?, self.counted_set(conn, row)?)))?;
            let public = kept.public();
            if !open.iter().any(|id| is_told(id, &public)) {
                continue;
            }
            let tables = kept.tables.iter().map(|table| table.id.as_str());
            let all: Vec<&str> = tables
                .chain(kept.left_out.iter().map(|out| out.id.as_str()))
                .collect();
            let set = set.only(&all);
            let rules = Rules::new(row.threshold).map_err(|error| StoreError::Usage(error.to_string()))?;
            let counts = self.counted(actor, &set, (row.cut, row.day))?;
            match prepare_what_can_be(&set, &counts, row.day, rules, &before) {
                Err(error) => return Ok(ReleaseAudit::Impossible(error.to_string())),
                Ok(again) if again.tables.is_empty() => {
                    return Ok(ReleaseAudit::Impossible(again.why_left_out()));
                }
                Ok(again) => {
                    let again = again.public();
                    open.retain(|id| !is_told(id, &again));
                }
            }
        }
        Ok(if open.is_empty() {
            ReleaseAudit::Same(said)
        } else {
            ReleaseAudit::Changed(open)
        })
    }

    /// Confirms a release that somebody else has prepared. From then on it is frozen, and every later one is audited against it.
    ///
    /// # Errors
    /// If the same person prepared it, if another release was confirmed meanwhile, if the threshold was raised, or if who may be counted has changed.
    pub fn confirm_release(&self, actor: &Actor, n: i64, why: &str, now: Timestamp) -> Result<ReleaseRecord> {
        actor.require(Right::PrepareReleases)?;
        let person = a_person(actor)?;
        let counted = self.read(|conn| {
            let found = record(conn, n)?;
            Ok(cut_of(conn, n)?.map(|cut| (cut, found.day)))
        })?;
        // Who is hidden while this looks is told to whoever hides: a confirmed release can be withdrawn.
        let is_stale = match counted {
            Some((cut, day)) => self.since(&IndicatorSet::default(), cut, day)?.gone > 0,
            None => true,
        };
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let found = record(change.conn(), n)?;
            if found.state != ReleaseState::Prepared {
                return Err(StoreError::Usage(format!(
                    "Release {n} is {}: only a prepared one can be confirmed.",
                    found.state.as_str()
                )));
            }
            if found.prepared.1 == person {
                return Err(StoreError::Denied(
                    "A release is confirmed by somebody else than whoever prepared it.".into(),
                ));
            }
            let least = least_threshold(change.conn())?;
            if found.threshold < least {
                return Err(below(&found, least));
            }
            let base: i64 = change
                .conn()
                .query_row("SELECT base FROM release WHERE n = ?1", [n], |row| row.get(0))
                .map_err(failed())?;
            if latest(change.conn())? != base {
                return Err(overtaken());
            }
            if is_stale {
                return Err(StoreError::Refused {
                    code: "release_stale",
                    message: format!(
                        "Who may be counted has changed since release {n} was prepared, so that it cannot be confirmed. Discard it. Prepare it anew once at least {least} families have come, gone or changed since the last counts: until then the same numbers would come out."
                    ),
                });
            }
            change
                .conn()
                .execute(
                    "UPDATE release SET state = ?2, confirmed_at = ?3, confirmed_by = ?4 WHERE n = ?1",
                    params![n, ReleaseState::Confirmed.as_str(), now.to_string(), person],
                )
                .map_err(failed())?;
            note(change, &actor, "release_confirmed", &format!("release {n}"), &why, now)?;
            record(change.conn(), n)
        })
    }

    /// Withdraws a confirmed release, or discards a prepared one. A withdrawn one stays in every later audit: whoever has downloaded it has it.
    ///
    /// `looked_at` is the state in which the person saw it: where it is another one by now, nothing is done.
    pub fn withdraw_release(
        &self,
        actor: &Actor,
        n: i64,
        looked_at: Option<ReleaseState>,
        why: &str,
        now: Timestamp,
    ) -> Result<ReleaseRecord> {
        actor.require(Right::PrepareReleases)?;
        let person = a_person(actor)?;
        if why.trim().is_empty() {
            return Err(StoreError::Usage("Say why it is withdrawn (--why).".into()));
        }
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let found = record(change.conn(), n)?;
            if looked_at.is_some_and(|state| state != found.state) {
                return Err(StoreError::Refused {
                    code: "release_overtaken",
                    message: format!(
                        "Release {n} is {} meanwhile, by somebody else. Look at it again before you do anything with it.",
                        found.state.as_str()
                    ),
                });
            }
            let (state, what) = match found.state {
                ReleaseState::Confirmed => (ReleaseState::Withdrawn, "release_withdrawn"),
                ReleaseState::Prepared => (ReleaseState::Discarded, "release_discarded"),
                state => {
                    return Err(StoreError::Usage(format!(
                        "Release {n} is {} already.",
                        state.as_str()
                    )));
                }
            };
            change
                .conn()
                .execute(
                    "UPDATE release SET state = ?2, withdrawn_at = ?3, withdrawn_by = ?4 WHERE n = ?1",
                    params![n, state.as_str(), now.to_string(), person],
                )
                .map_err(failed())?;
            note(change, &actor, what, &format!("release {n}"), &why, now)?;
            record(change.conn(), n)
        })
    }

    /// The least count that is told.
    pub fn release_threshold(&self, actor: &Actor) -> Result<u64> {
        actor.require(Right::PrepareReleases)?;
        self.read(least_threshold)
    }

    /// Raises the threshold that every release has to keep at least. It is never lowered.
    pub fn raise_release_threshold(
        &self,
        actor: &Actor,
        threshold: u64,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::ManageAccess)?;
        Rules::new(threshold).map_err(|error| StoreError::Usage(error.to_string()))?;
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let before = least_threshold(change.conn())?;
            if threshold < before {
                return Err(StoreError::Usage(format!(
                    "The threshold is {before} and can be raised, never lowered."
                )));
            }
            set(change.conn(), THRESHOLD, &threshold.to_be_bytes())?;
            let row = trail::Entry {
                what: "release_threshold",
                subject: "releases",
                why: &why,
                detail: &format!("from {before} to {threshold}"),
            };
            trail::append(change.transaction(), &actor, &row, now)
        })
    }

    /// Every release that anybody may have downloaded and that was not taken from counts, the oldest first.
    pub(super) fn published_without_counts(&self, conn: &Connection) -> Result<Vec<Before>> {
        let rows: Vec<(i64, String)> = conn
            .prepare_cached(
                "SELECT n, day FROM release WHERE cut IS NULL AND state IN ('confirmed', 'withdrawn') ORDER BY confirmed_at, n",
            )
            .and_then(|mut s| {
                s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .map_err(failed())?;
        rows.into_iter()
            .map(|(n, day)| {
                let erased: i64 = conn
                    .prepare_cached(
                        "SELECT COUNT(*) FROM household WHERE data_key IS NULL AND erased_on >= ?1",
                    )
                    .and_then(|mut s| s.query_row([day], |row| row.get(0)))
                    .map_err(failed())?;
                Ok(Before {
                    name: format!("release {n}"),
                    of: None,
                    set: self.said_by(conn, n)?,
                    erased_since: erased.unsigned_abs(),
                    is_published: true,
                })
            })
            .collect()
    }

    /// What a release says.
    fn said_by(&self, conn: &Connection, n: i64) -> Result<ReleaseSet> {
        let (wrapped, sealed, hash): (Vec<u8>, Vec<u8>, Vec<u8>) = conn
            .prepare_cached("SELECT data_key, sealed, hash FROM release WHERE n = ?1")
            .and_then(|mut s| s.query_row([n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .map_err(failed())?;
        let key = self.inner().unwrap_key(&wrapped, &of_release(&hash))?;
        let json = key.open(&of_release(&hash), &sealed)?;
        let set: ReleaseSet =
            serde_json::from_slice(&json).map_err(|_| StoreError::DamagedRegistry("a release".into()))?;
        if hash_of(&set)? != hash {
            return Err(StoreError::DamagedRegistry("the hash of a release".into()));
        }
        Ok(set)
    }
}

/// The cut of the counts that a release is taken from; none for one from before there were any.
fn cut_of(conn: &Connection, n: i64) -> Result<Option<i64>> {
    conn.query_row("SELECT cut FROM release WHERE n = ?1", [n], |row| row.get(0))
        .map_err(failed())
}

/// Who prepares and who confirms are two persons: neither is "the command line".
fn a_person(actor: &Actor) -> Result<String> {
    if actor.account().is_none() || actor.device().is_some() {
        return Err(StoreError::Usage(
            "A release is prepared and confirmed by persons: say who with --by and the name of an account."
                .into(),
        ));
    }
    Ok(actor.id().to_string())
}

pub(super) fn day_of(now: Timestamp) -> Result<Date> {
    let day = day(now).parse();
    day.map_err(|_| StoreError::DamagedRegistry("the day of a release".into()))
}

pub(super) fn least_threshold(conn: &Connection) -> Result<u64> {
    let bytes = setting(conn, THRESHOLD)?;
    Ok(bytes
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(FLOOR, u64::from_be_bytes))
}

fn latest(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("SELECT COALESCE(MAX(n), 0) FROM release WHERE state IN ('confirmed', 'withdrawn')")
        .and_then(|mut s| s.query_row([], |row| row.get(0)))
        .map_err(failed())
}

fn below(release: &ReleaseRecord, least: u64) -> StoreError {
    StoreError::Refused {
        code: "release_overtaken",
        message: format!(
            "Release {} tells numbers from {} on, and the threshold is {least} by now. Prepare its tables anew.",
            release.n, release.threshold
        ),
    }
}

fn overtaken() -> StoreError {
    StoreError::Refused {
        code: "release_overtaken",
        message: "Another release was confirmed meanwhile, and this one was not audited against it. Prepare it anew.".into(),
    }
}

/// What the key of a release is wrapped as, and what it says is sealed as.
fn of_release(hash: &[u8]) -> Vec<u8> {
    [b"release\0", hash].concat()
}

fn json(set: &ReleaseSet) -> Result<Vec<u8>> {
    serde_json::to_vec(set).map_err(|_| StoreError::DamagedRegistry("a release in the making".into()))
}

pub(super) fn hash_of(set: &ReleaseSet) -> Result<Vec<u8>> {
    Ok(Sha256::digest(json(&set.public())?).to_vec())
}

pub(super) fn failed() -> impl Fn(crate::sql::Error) -> StoreError {
    StoreError::sqlite("reading and writing releases")
}

/// Writes a step into the audit.
pub(super) fn note(
    change: &Change<'_>,
    actor: &Actor,
    what: &str,
    subject: &str,
    why: &str,
    now: Timestamp,
) -> Result<()> {
    let row = trail::Entry {
        what,
        subject,
        why,
        detail: "",
    };
    trail::append(change.transaction(), actor, &row, now)
}

const SELECT: &str = "SELECT n, state, day, threshold, prepared_at, prepared_by, confirmed_at, confirmed_by, withdrawn_at, withdrawn_by, hash, base
    FROM release";

/// What a prepared release has to reach to be confirmed.
#[derive(Clone, Copy)]
struct Bar {
    latest: i64,
    threshold: u64,
}

impl Bar {
    fn of(conn: &Connection) -> Result<Self> {
        Ok(Self {
            latest: latest(conn)?,
            threshold: least_threshold(conn)?,
        })
    }
}

fn record(conn: &Connection, n: i64) -> Result<ReleaseRecord> {
    let mut statement = conn
        .prepare_cached(&format!("{SELECT} WHERE n = ?1"))
        .map_err(failed())?;
    let bar = Bar::of(conn)?;
    let found = statement
        .query_row([n], |row| Ok(read_record(row, bar)))
        .optional()
        .map_err(failed())?;
    found.unwrap_or_else(|| Err(StoreError::NotFound(format!("There is no release {n}."))))
}

fn read_record(row: &Row<'_>, bar: Bar) -> Result<ReleaseRecord> {
    let damaged = || StoreError::DamagedRegistry("the list of releases".into());
    let text = |at: usize| row.get::<_, String>(at).map_err(failed());
    let time = |text: String| text.parse::<Timestamp>().map_err(|_| damaged());
    let both = |at: usize| -> Result<Option<(Timestamp, String)>> {
        let when: Option<String> = row.get(at).map_err(failed())?;
        let who: Option<String> = row.get(at + 1).map_err(failed())?;
        match (when, who) {
            (Some(when), Some(who)) => Ok(Some((time(when)?, who))),
            _ => Ok(None),
        }
    };
    let hash: Vec<u8> = row.get(10).map_err(failed())?;
    let base: i64 = row.get(11).map_err(failed())?;
    let state = ReleaseState::read(&text(1)?)?;
    let threshold = row.get::<_, i64>(3).map_err(failed())?.unsigned_abs();
    Ok(ReleaseRecord {
        n: row.get(0).map_err(failed())?,
        is_overtaken: state == ReleaseState::Prepared && (base != bar.latest || threshold < bar.threshold),
        state,
        day: text(2)?.parse().map_err(|_| damaged())?,
        threshold,
        prepared: (time(text(4)?)?, text(5)?),
        confirmed: both(6)?,
        withdrawn: both(8)?,
        hash: hex(&hash),
    })
}
