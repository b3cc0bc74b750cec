//! How long records are kept: a deployment says how many months after the last contact, the coordinator is asked, and without an answer the
//! record is erased.
//!
//! ```text
//! last contact ──months──► past it: ask() ──days of grace──► erase_expired()
//!                              └─ keep(why): from that day on it is as if there had been a contact
//! ```

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use phteah_registry::event::{HouseholdId, Kind};
use serde::{Deserialize, Serialize};

use super::directory::{Entry, Number};
use super::read::{events_of, no_such_household};
use super::store::{Registry, household_id, set, setting};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::sql::Connection;
use crate::trail;

const RULE: &str = "retention";
/// What a household's answers are noted under: this and its id.
const OF_HOUSEHOLD: &str = "retention/";

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRule {
    /// Months after the last contact with the family.
    pub months: u16,
    /// Days that the coordinator has to answer.
    pub grace_days: u16,
}

/// What was asked and answered about a household.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept_on: Option<Date>,
}

/// How a household past its time stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RetentionState {
    /// Nobody was asked yet.
    NotAsked,
    /// The coordinator was asked, and may answer.
    Asked {
        /// The last day for an answer.
        until: Date,
    },
    /// There was no answer in time.
    Expired,
}

/// A household past the time for which records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The household.
    pub household: HouseholdId,
    /// When the family was last met, or the record last kept on purpose.
    pub last_contact: Date,
    /// How it stands.
    #[serde(flatten)]
    pub state: RetentionState,
}

impl Registry {
    /// How long records are kept; `None` where nobody has said.
    pub fn retention_rule(&self, actor: &Actor) -> Result<Option<RetentionRule>> {
        if actor.reach(Right::ManageAccess).is_none() {
            actor.require(Right::SeeCaseDecisions)?;
        }
        self.read(rule)
    }

    /// Says how long records are kept; `None`: for ever.
    pub fn set_retention_rule(
        &self,
        actor: &Actor,
        rule: Option<RetentionRule>,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::ManageAccess)?;
        if rule.is_some_and(|rule| rule.months == 0 || rule.grace_days < 7) {
            return Err(StoreError::Usage(
                "Records are kept for a month at the least, and the coordinator has a week at the least to answer.".into(),
            ));
        }
        if why.trim().is_empty() {
            return Err(StoreError::Usage(
                "Say why records are kept so long: families may ask.".into(),
            ));
        }
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let json = serde_json::to_vec(&rule).map_err(|_| damaged())?;
            set(change.conn(), RULE, &json)?;
            let detail = rule.map_or("for ever".to_owned(), |rule| {
                format!("{} months, {} days for an answer", rule.months, rule.grace_days)
            });
            let row = trail::Entry {
                what: "retention_set",
                subject: "registry",
                why: &why,
                detail: &detail,
            };
            trail::append(change.transaction(), &actor, &row, now)
        })
    }

    /// Households of the actor whose time is over, those that have waited longest first. Records that go on in one another, or came out of one
    /// another, are as young as the youngest of them. Nothing is due where nobody has said how long records are kept.
    pub fn retention_due(&self, actor: &Actor, now: Timestamp) -> Result<Vec<Due>> {
        actor.require(Right::DecideCases)?;
        self.refresh()?;
        let entries: Vec<Entry> = {
            let directory = self.directory();
            directory
                .iter()
                .filter(|entry| entry.key.is_some())
                .cloned()
                .collect()
        };
        let today = today(now);
        let mut due = self.read(|conn| {
            let Some(rule) = rule(conn)? else {
                return Ok(Vec::new());
            };
            let mut last = HashMap::with_capacity(entries.len());
            for entry in &entries {
                last.insert(entry.id, (entry.n, last_contact(conn, entry, today)?));
            }
            youngest_of_tied(conn, &mut last)?;
            let asked = all_asked(conn)?;
            let mut due = Vec::new();
            for entry in entries
                .iter()
                .filter(|entry| entry.is_visible(actor, Right::DecideCases))
            {
                let noted = asked.get(&entry.id).copied().unwrap_or_default();
                let Some((_, met)) = last.get(&entry.id) else {
                    continue;
                };
                let last_contact = noted.kept_on.map_or(*met, |kept| kept.max(*met));
                if after(last_contact, Span::new().months(rule.months)) > today {
                    continue;
                }
                // Asked before the last contact: that question is answered.
                let asked_on = noted.asked_on.filter(|asked| *asked > last_contact);
                let state = asked_on.map_or(RetentionState::NotAsked, |asked| {
                    let until = after(asked, Span::new().days(rule.grace_days));
                    if until < today {
                        RetentionState::Expired
                    } else {
                        RetentionState::Asked { until }
                    }
                });
                due.push(Due {
                    household: entry.id,
                    last_contact,
                    state,
                });
            }
            Ok(due)
        })?;
        due.sort_by_key(|due| (due.last_contact, due.household));
        Ok(due)
    }

    /// Asks about all households whose time is over and of which nobody was asked yet. Tells how many.
    pub fn ask_retention(&self, actor: &Actor, now: Timestamp) -> Result<usize> {
        let fresh: Vec<HouseholdId> = self
            .retention_due(actor, now)?
            .into_iter()
            .filter(|due| due.state == RetentionState::NotAsked)
            .map(|due| due.household)
            .collect();
        let (actor, count) = (actor.clone(), fresh.len());
        self.write(move |change| {
            for household in &fresh {
                let mut noted = asked(change.conn(), *household)?;
                noted.asked_on = Some(today(now));
                write(change.conn(), *household, &noted)?;
                let row = trail::Entry {
                    what: "retention_asked",
                    subject: &household.to_string(),
                    why: "",
                    detail: "",
                };
                trail::append(change.transaction(), &actor, &row, now)?;
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// Keeps a record on purpose: its time begins anew today.
    pub fn keep(&self, actor: &Actor, household: HouseholdId, why: &str, now: Timestamp) -> Result<()> {
        actor.require(Right::DecideCases)?;
        if why.trim().is_empty() {
            return Err(StoreError::Usage("Say why the record is kept.".into()));
        }
        self.refresh()?;
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            change
                .find(household)
                .filter(|entry| entry.is_visible(&actor, Right::DecideCases))
                .ok_or_else(no_such_household)?;
            let mut noted = asked(change.conn(), household)?;
            noted.kept_on = Some(today(now));
            write(change.conn(), household, &noted)?;
            let row = trail::Entry {
                what: "retention_kept",
                subject: &household.to_string(),
                why: &why,
                detail: "",
            };
            trail::append(change.transaction(), &actor, &row, now)
        })
    }

    /// Erases the households about which the coordinator was asked and did not answer in time. A second person confirms.
    pub fn erase_expired(
        &self,
        actor: &Actor,
        confirmed_by: &Actor,
        now: Timestamp,
    ) -> Result<Vec<HouseholdId>> {
        let expired: Vec<HouseholdId> = self
            .retention_due(actor, now)?
            .into_iter()
            .filter(|due| due.state == RetentionState::Expired)
            .map(|due| due.household)
            .collect();
        for household in &expired {
            let why = "kept as long as the deployment's rule says, and nobody asked for longer";
            self.erase(actor, confirmed_by, *household, why, now)?;
        }
        Ok(expired)
    }
}

fn damaged() -> StoreError {
    StoreError::DamagedRegistry("how long records are kept".into())
}

fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

fn after(day: Date, span: Span) -> Date {
    day.checked_add(span).unwrap_or(Date::MAX)
}

fn rule(conn: &Connection) -> Result<Option<RetentionRule>> {
    setting(conn, RULE)?.map_or(Ok(None), |json| {
        serde_json::from_slice(&json).map_err(|_| damaged())
    })
}

fn name_of(household: HouseholdId) -> String {
    format!("{OF_HOUSEHOLD}{household}")
}

fn asked(conn: &Connection, household: HouseholdId) -> Result<Asked> {
    setting(conn, &name_of(household))?.map_or(Ok(Asked::default()), |json| {
        serde_json::from_slice(&json).map_err(|_| damaged())
    })
}

fn write(conn: &Connection, household: HouseholdId, noted: &Asked) -> Result<()> {
    let json = serde_json::to_vec(noted).map_err(|_| damaged())?;
    set(conn, &name_of(household), &json)
}

fn all_asked(conn: &Connection) -> Result<HashMap<HouseholdId, Asked>> {
    let rows: Vec<(String, Vec<u8>)> = conn
        .prepare_cached("SELECT name, value FROM setting WHERE substr(name, 1, 10) = ?1")
        .and_then(|mut s| {
            s.query_map([OF_HOUSEHOLD], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .map_err(StoreError::sqlite("reading how long records are kept"))?;
    rows.into_iter()
        .map(|(name, json)| {
            let id = name[OF_HOUSEHOLD.len()..].parse().map_err(|_| damaged())?;
            Ok((id, serde_json::from_slice(&json).map_err(|_| damaged())?))
        })
        .collect()
}

/// The last day on which somebody met the family, or heard of it; the first day of the record where nobody ever did. A day that lies ahead
/// counts as today.
fn last_contact(conn: &Connection, entry: &Entry, today: Date) -> Result<Date> {
    let events = events_of(conn, entry)?;
    let meets = |kind: &Kind| {
        matches!(
            kind,
            Kind::Surveyed
                | Kind::Verified
                | Kind::ConsentGiven
                | Kind::ConsentWithdrawn
                | Kind::Offered
                | Kind::Accepted
                | Kind::Declined
                | Kind::Moved
                | Kind::Visited
                | Kind::Referred
        )
    };
    let days = || events.iter().map(|stored| stored.event.happened_on.min(today));
    let met = events
        .iter()
        .filter(|stored| meets(&stored.event.kind))
        .map(|stored| stored.event.happened_on.min(today))
        .max();
    Ok(met.or_else(|| days().min()).unwrap_or(today))
}

/// Gives records that are tied to one another the youngest of their days.
fn youngest_of_tied(conn: &Connection, last: &mut HashMap<HouseholdId, (Number, Date)>) -> Result<()> {
    let ties: Vec<([u8; 16], [u8; 16])> = conn
        .prepare_cached("SELECT one, other FROM tie")
        .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(StoreError::sqlite("reading which records are tied"))?;
    let mut near: BTreeMap<HouseholdId, Vec<HouseholdId>> = BTreeMap::new();
    for (one, other) in ties {
        near.entry(household_id(one)?)
            .or_default()
            .push(household_id(other)?);
    }
    let mut seen = std::collections::BTreeSet::new();
    for start in near.keys() {
        if seen.contains(start) {
            continue;
        }
        let mut group = Vec::new();
        let mut next = vec![*start];
        while let Some(id) = next.pop() {
            if seen.insert(id) {
                group.push(id);
                next.extend(near.get(&id).into_iter().flatten());
            }
        }
        let youngest = group
            .iter()
            .filter_map(|id| last.get(id))
            .map(|(_, day)| *day)
            .max();
        for id in group {
            if let (Some((_, day)), Some(youngest)) = (last.get_mut(&id), youngest) {
                *day = youngest;
            }
        }
    }
    Ok(())
}
