//! Erasing a household: its data key is destroyed, and with it all that was sealed with it. What remains is that something was erased, when,
//! by whose decision, and why.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use phteah_registry::event::HouseholdId;
use serde::{Deserialize, Serialize};

use super::change::Change;
use super::directory::{Entry, Number, Summary};
use super::push::{day, is_same_person};
use super::read::no_such_household;
use super::store::{Registry, connect, household_id, set, setting};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::sql::{Connection, OptionalExtension, params};
use crate::store::Database;
use crate::trail;

/// A request to erase a household, as it waits for a second person. It names accounts alone.
#[derive(Serialize, Deserialize)]
struct Asked {
    by: String,
    why: String,
    at: Timestamp,
}

/// How long a request waits to be confirmed, in hours: what was right a month ago is asked again.
const WAITS_H: i64 = 24 * 30;

fn request_of(household: HouseholdId) -> String {
    format!("erasure:{household}")
}

/// Whether an actor may ask that a household is erased, or confirm it: who decides about it. About a hidden one those decide in whose hands it is,
/// for nobody else may know of it.
fn may_erase(actor: &Actor, entry: &Entry) -> bool {
    let right = if entry.summary.hidden {
        Right::ReadProtected
    } else {
        Right::DecideCases
    };
    actor.reach(right).is_some() && entry.is_visible(actor, right)
}

impl Registry {
    /// Asks that a household is erased. Nothing is erased before a second person has confirmed it ([`Registry::confirm_erasure`]).
    pub fn request_erasure(
        &self,
        actor: &Actor,
        household: HouseholdId,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        if why.trim().is_empty() {
            return Err(StoreError::Usage(
                "Say why it is erased: the reason is all that remains.".into(),
            ));
        }
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            change
                .find(household)
                .filter(|entry| may_erase(&actor, entry))
                .ok_or_else(no_such_household)?;
            let asked = Asked {
                by: actor.id().to_string(),
                why: why.clone(),
                at: now,
            };
            let json = serde_json::to_vec(&asked).map_err(|_| damaged())?;
            set(change.conn(), &request_of(household), &json)?;
            let row = trail::Entry {
                what: "erasure_requested",
                subject: &household.to_string(),
                why: &why,
                detail: "",
            };
            trail::append(change.transaction(), &actor, &row, now)
        })
    }

    /// Erases a household for good, as another person has asked ([`Registry::request_erasure`]).
    pub fn confirm_erasure(&self, actor: &Actor, household: HouseholdId, now: Timestamp) -> Result<()> {
        let actor = actor.clone();
        self.write(move |change| {
            let entry = change
                .find(household)
                .filter(|entry| may_erase(&actor, entry))
                .ok_or_else(no_such_household)?;
            let asked: Option<Asked> = setting(change.conn(), &request_of(household))?
                .map(|json| serde_json::from_slice(&json).map_err(|_| damaged()))
                .transpose()?;
            let waits = SignedDuration::from_hours(WAITS_H);
            let asked = asked
                .filter(|asked| now.duration_since(asked.at) <= waits)
                .ok_or_else(|| {
                    StoreError::Usage(
                        "Nobody has asked within the last 30 days that this household is erased. One person asks, a second one confirms.".into(),
                    )
                })?;
            if is_same_person(&actor, &asked.by) {
                return Err(StoreError::Denied(
                    "You have asked for this yourself. A second person confirms what cannot be undone.".into(),
                ));
            }
            let detail = format!("asked for by {}", asked.by);
            finish(change, entry, &actor, &asked.why, &detail, now)
        })?;
        // The key must not live on in the journal.
        self.inner().checkpoint()
    }

    /// Erases a household for good, where both persons are there at once. Its devices are told to forget it; photos that belong to no other household go with it.
    ///
    /// A second person confirms what cannot be undone: `confirmed_by` is another actor with the same right.
    pub fn erase(
        &self,
        actor: &Actor,
        confirmed_by: &Actor,
        household: HouseholdId,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::DecideCases)?;
        confirmed_by.require(Right::DecideCases)?;
        if why.trim().is_empty() {
            return Err(StoreError::Usage(
                "Say why it is erased: the reason is all that remains.".into(),
            ));
        }
        if actor.id() == confirmed_by.id() && !actor.is_command_line() {
            return Err(StoreError::Denied(
                "A second person confirms what cannot be undone.".into(),
            ));
        }
        let (actor, second, why) = (actor.clone(), confirmed_by.clone(), why.to_owned());
        self.write(move |change| {
            let may =
                |actor: &Actor, entry: &super::directory::Entry| entry.is_visible(actor, Right::DecideCases);
            let entry = change
                .find(household)
                .filter(|entry| may(&actor, entry) && may(&second, entry))
                .ok_or_else(no_such_household)?;
            let detail = format!("confirmed by {}", second.id());
            finish(change, entry, &actor, &why, &detail, now)
        })?;
        // The key must not live on in the journal.
        self.inner().checkpoint()
    }
}

/// Destroys what a household was sealed with, and writes down that it was.
fn finish(
    change: &mut Change<'_>,
    mut entry: Entry,
    actor: &Actor,
    why: &str,
    detail: &str,
    now: Timestamp,
) -> Result<()> {
    let household = entry.id;
    destroy(change.conn(), entry.n, household, &day(now))?;
    change
        .conn()
        .execute("DELETE FROM setting WHERE name = ?1", [request_of(household)])
        .map_err(StoreError::sqlite("erasing a household"))?;
    let row = trail::Entry {
        what: "household_erased",
        subject: &household.to_string(),
        why,
        detail,
    };
    trail::append(change.transaction(), actor, &row, now)?;
    entry.key = None;
    entry.summary = Summary::default();
    change.put(entry);
    Ok(())
}

fn damaged() -> StoreError {
    StoreError::DamagedRegistry("a request to erase a household".into())
}

/// Destroys the keys of a household, of the photos that belong to no other one, and of what of it lies in quarantine.
fn destroy(conn: &Connection, n: Number, household: HouseholdId, on: &str) -> Result<()> {
    let failed = StoreError::sqlite("erasing a household");
    let only_its = "SELECT hash FROM household_file WHERE household = ?1
                    EXCEPT SELECT hash FROM household_file WHERE household <> ?1";
    conn.execute(
        "UPDATE household SET data_key = NULL, summary = NULL, erased_on = ?2 WHERE n = ?1",
        params![n, on],
    )
    .and_then(|_| {
        conn.execute(
            &format!("DELETE FROM file_piece WHERE file IN (SELECT n FROM file WHERE hash IN ({only_its}))"),
            [n],
        )
    })
    .and_then(|_| {
        conn.execute(
            &format!("UPDATE file SET data_key = NULL WHERE hash IN ({only_its})"),
            [n],
        )
    })
    .and_then(|_| {
        conn.execute(
            "UPDATE quarantine SET data_key = NULL, sealed = NULL WHERE household = ?1",
            [household.uuid().as_bytes()],
        )
    })
    .and_then(|_| conn.execute("DELETE FROM plot WHERE household = ?1", [n]))
    .map(|_| ())
    .map_err(failed)
}

/// Erases in the registry of the data directory `to`, which a backup has brought back as files, the households that were erased in that of `from`
/// since, wherever that is kept. Tells how many.
pub fn carry_erasures(from: (&Path, &Database), to: &Path) -> Result<usize> {
    let failed = StoreError::sqlite("reading what was erased");
    let erased: Vec<([u8; 16], String)> = connect(from.0, from.1)?
        .prepare("SELECT id, erased_on FROM household WHERE erased_on IS NOT NULL")
        .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(&failed)?;
    let mut conn = connect(to, &Database::Files)?;
    let mut count = 0;
    let change = conn.transaction().map_err(&failed)?;
    for (id, on) in erased {
        let n: Option<Number> = change
            .query_row(
                "SELECT n FROM household WHERE id = ?1 AND data_key IS NOT NULL",
                [id],
                |row| row.get(0),
            )
            .optional()
            .map_err(&failed)?;
        if let Some(n) = n {
            destroy(&change, n, household_id(id)?, &on)?;
            count += 1;
        }
    }
    change.commit().map_err(&failed)?;
    // The keys must not live on in the journal.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(failed)?;
    Ok(count)
}
