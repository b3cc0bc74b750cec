//! What a household's events come to, and which of its facts several events set differently.

use std::collections::BTreeSet;

use crate::sql::{Connection, params};
use jiff::Timestamp;
use phteah_registry::event::HouseholdId;
use phteah_registry::fold::fold;
use phteah_registry::state::State;

use super::change::Change;
use super::desk::known;
use super::directory::{Entry, Number};
use super::push::Receipt;
use super::quarantine::log_shown;
use super::read::{StoredEvent, events_of, no_such_household, read_by};
use super::store::{Registry, household_id};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;

/// The most records whose histories are read together.
const MAX_TIED: usize = 50;

/// A household whose events do not agree.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// The household.
    pub household: HouseholdId,
    /// What is known of it, with its conflicts.
    pub state: State,
}

impl Registry {
    /// What is known of a household, with its conflicts. The reading is written down.
    pub fn state(&self, actor: &Actor, id: HouseholdId, why: &str, now: Timestamp) -> Result<State> {
        self.refresh()?;
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let entry = read_by(change, &actor, id, &why, now)?;
            let find = |id| change.find(id).filter(|tied| may_be_joined(tied, &actor));
            state_of(change.conn(), &entry, find)?.ok_or_else(no_such_household)
        })
    }

    /// Households of the actor whose events do not agree, with numbers after `after`, at most `limit`; and the number to go on with, where
    /// there may be more. That they were shown is written down for each of them.
    pub fn disagreements(
        &self,
        actor: &Actor,
        after: i64,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<Disagreement>, Option<i64>)> {
        actor.require(Right::SeeCaseDecisions)?;
        self.refresh()?;
        // Where one head is left somebody has seen all there was; the conflicts that remain were seen and left standing.
        let mut candidates: Vec<Entry> = {
            let directory = self.directory();
            let visible = directory.iter().filter(|entry| {
                entry.n > after
                    && entry.summary.events > 1
                    && entry.is_visible(actor, Right::SeeCaseDecisions)
            });
            visible.cloned().collect()
        };
        candidates.sort_unstable_by_key(|entry| entry.n);
        let (found, next) = self.read(|conn| {
            let mut found = Vec::new();
            for entry in candidates {
                let find = |id| {
                    let directory = self.directory();
                    let tied = directory.find(id).filter(|tied| may_be_joined(tied, actor));
                    tied.cloned()
                };
                if let Some(state) = state_of(conn, &entry, find)?
                    && !state.conflicts.is_empty()
                {
                    found.push(Disagreement {
                        household: entry.id,
                        state,
                    });
                    if found.len() == limit {
                        return Ok((found, Some(entry.n)));
                    }
                }
            }
            Ok((found, None))
        })?;
        if !found.is_empty() {
            let shown = found.iter().map(|found: &Disagreement| found.household).collect();
            let actor = actor.clone();
            self.write(move |change| log_shown(change, &actor, &shown, "conflicts", now))?;
        }
        Ok((found, next))
    }
}

/// Whether the history of a tied record may be read with another's. Members who went to another team's household take theirs along; but of a
/// hidden record nobody learns by way of one that it was merged with.
fn may_be_joined(tied: &Entry, actor: &Actor) -> bool {
    !tied.summary.hidden || tied.is_visible(actor, Right::ReadHouseholds)
}

/// Writes down that two records are read together.
pub(super) fn tie(change: &Change<'_>, one: HouseholdId, other: HouseholdId) -> Result<()> {
    let mut statement = change
        .conn()
        .prepare_cached("INSERT OR IGNORE INTO tie VALUES (?1, ?2)")
        .map_err(StoreError::sqlite("tying two records"))?;
    for (one, other) in [(one, other), (other, one)] {
        statement
            .execute(params![one.uuid().as_bytes(), other.uuid().as_bytes()])
            .map_err(StoreError::sqlite("tying two records"))?;
    }
    Ok(())
}

/// Adds to the receipts of events that stand beside others what came of it.
pub(super) fn tell(
    change: &Change<'_>,
    actor: &Actor,
    beside: &[(usize, Number)],
    receipts: &mut [Receipt],
) -> Result<()> {
    let mut told = BTreeSet::new();
    // The last event of a household in this batch tells of all.
    for (at, n) in beside.iter().rev() {
        if !told.insert(*n) {
            continue;
        }
        let Some(entry) = change.get(*n) else { continue };
        let find = |id| change.find(id).filter(|tied| may_be_joined(tied, actor));
        if let Some(state) = state_of(change.conn(), &entry, find)? {
            receipts[*at].conflicts = state
                .conflicts
                .iter()
                .map(|conflict| conflict.path.to_string())
                .collect();
        }
    }
    Ok(())
}

/// What is known of a household, of its own events and those of the records that it is tied to.
pub(super) fn state_of(
    conn: &Connection,
    entry: &Entry,
    find: impl Fn(HouseholdId) -> Option<Entry>,
) -> Result<Option<State>> {
    let events = histories(conn, entry, find)?;
    Ok(fold(entry.id, events.iter().map(known)))
}

/// A household's events and those of the records that it is tied to, as far as `find` gives them.
pub(super) fn histories(
    conn: &Connection,
    entry: &Entry,
    find: impl Fn(HouseholdId) -> Option<Entry>,
) -> Result<Vec<StoredEvent>> {
    let mut events: Vec<StoredEvent> = Vec::new();
    let mut seen = BTreeSet::from([entry.id]);
    let mut next = vec![entry.clone()];
    while let Some(entry) = next.pop() {
        events.extend(events_of(conn, &entry)?);
        for other in tied(conn, entry.id)? {
            if seen.len() < MAX_TIED && seen.insert(other) {
                // One that was erased, or has not come yet, adds nothing.
                next.extend(find(other).filter(|entry| entry.key.is_some()));
            }
        }
    }
    Ok(events)
}

/// The records that one is read together with.
pub(super) fn tied(conn: &Connection, id: HouseholdId) -> Result<Vec<HouseholdId>> {
    let failed = StoreError::sqlite("reading which records are tied");
    let others: Vec<[u8; 16]> = conn
        .prepare_cached("SELECT other FROM tie WHERE one = ?1")
        .and_then(|mut s| s.query_map([id.uuid().as_bytes()], |row| row.get(0))?.collect())
        .map_err(failed)?;
    others.into_iter().map(household_id).collect()
}
