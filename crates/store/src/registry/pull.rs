//! What a device is given: the events of the households that it may hold, each exactly once in the order of their numbers, and the names of
//! the households that it must forget.
//!
//! A device asks with the last number that it has. Households that come to it later (its area grows, a family moves there, a case is given to
//! its worker) have events with smaller numbers than that; for this device alone these get new numbers, beyond the last one that was given.
//! So an answer that is lost on its way is simply asked for again, and a page may end anywhere.

use std::collections::{HashMap, HashSet};

use crate::sql::{Connection, OptionalExtension, Value, params};
use phteah_registry::event::{EventId, HouseholdId};

use super::change::Change;
use super::directory::{Entry, Number};
use super::push::{is_same_person, open_event};
use super::read::{event_id, reads_notes, without_text};
use super::store::{Registry, last_number};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;

/// The most events that are given at once.
pub const MAX_CHANGES_PAGE: usize = 2_000;
/// The most bytes of events that are given at once, the last event aside.
const MAX_PAGE_BYTES: usize = 8 << 20;

/// Events that are looked at at once.
const ROWS_AT_ONCE: i64 = 1_000;

/// An answer to a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Events in their canonical form.
    pub events: Vec<String>,
    /// Who recorded each of them, as [`ActorId`](crate::ActorId) writes it.
    pub by: Vec<String>,
    /// Households that the device must forget.
    pub households_to_forget: Vec<HouseholdId>,
    /// The number to ask with next.
    pub next: i64,
    /// Whether there is more to be had at once.
    pub more: bool,
}

/// What a device holds of one household.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The first of the numbers that its earlier events have for this device; 0 where they have their own.
    first: i64,
    /// How many such numbers.
    count: i64,
    /// The number at which the device was told to forget it.
    forgotten: Option<i64>,
}

impl Held {
    /// Whether an event that has come since the household came to the device.
    fn is_given_by_its_own_number(self, seq: i64) -> bool {
        self.forgotten.is_none() && (self.first == 0 || seq > self.first)
    }
}

impl Registry {
    /// What has changed for the actor's device since it had all up to `after`; at most `limit` events.
    pub fn changes(&self, actor: &Actor, after: i64, limit: usize) -> Result<Changes> {
        actor.require(Right::ReadHouseholds)?;
        let device = actor
            .device()
            .ok_or_else(|| StoreError::Denied("Only an enrolled device takes changes.".into()))?
            .to_string();
        let limit = limit.clamp(1, MAX_CHANGES_PAGE);
        self.refresh()?;
        let (n, held) = self.read(|conn| holdings(conn, &device))?;
        let visible = visible(self.directory().iter(), actor);
        let held = if n.is_some() && !differs(&held, &visible) {
            held
        } else {
            let (actor, device) = (actor.clone(), device.clone());
            self.write(move |change| settle(change, &actor, &device, after))?
        };
        self.read(|conn| self.page(conn, actor, &held, after, limit))
    }

    fn page(
        &self,
        conn: &Connection,
        actor: &Actor,
        held: &HashMap<Number, Held>,
        after: i64,
        limit: usize,
    ) -> Result<Changes> {
        let last = last_number(conn)?;
        if after > last {
            return Err(StoreError::Refused {
                code: "unknown_number",
                message: format!(
                    "This server has given no number {after} yet: it was restored from an older copy. Ask again from 0; what you have not sent is not lost."
                ),
            });
        }
        let failed = StoreError::sqlite("reading events");
        let mut page = Page {
            events: Vec::new(),
            bytes: 0,
            limit,
        };
        let mut statement = conn
            .prepare_cached(
                "SELECT seq, household, id, sealed FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )
            .map_err(&failed)?;
        let mut own = statement.query([after, ROWS_AT_ONCE]).map_err(&failed)?;
        let (mut at, mut rows) = (after, 0);
        // Households that came later, in the order of the numbers that their events have for this device.
        let mut late: Vec<(Number, Held)> = held
            .iter()
            .filter(|(_, held)| {
                held.forgotten.is_none() && held.first > 0 && held.first + held.count > after + 1
            })
            .map(|(n, held)| (*n, *held))
            .collect();
        late.sort_unstable_by_key(|(_, held)| held.first);
        let mut late = late.into_iter();
        let mut next_late = late.next();
        let mut full = false;
        'pages: loop {
            let row = own.next().map_err(&failed)?;
            let seq: Option<i64> = row.map(|row| row.get(0)).transpose().map_err(&failed)?;
            if seq.is_none() && rows == ROWS_AT_ONCE {
                drop(own);
                own = statement.query([at, ROWS_AT_ONCE]).map_err(&failed)?;
                rows = 0;
                continue;
            }
            while let Some((n, came)) = next_late
                && seq.is_none_or(|seq| came.first < seq)
            {
                if !self.late(conn, actor, (n, came), after, &mut page)? {
                    full = true;
                    break 'pages;
                }
                next_late = late.next();
            }
            let Some((row, seq)) = row.zip(seq) else { break };
            (at, rows) = (seq, rows + 1);
            let n: Number = row.get(1).map_err(&failed)?;
            if !held
                .get(&n)
                .is_some_and(|held| held.is_given_by_its_own_number(seq))
            {
                continue;
            }
            if page.is_full() {
                full = true;
                break;
            }
            let id = event_id(row.get(2).map_err(&failed)?)?;
            let sealed = row.get_ref(3).and_then(Value::as_blob).map_err(&failed)?;
            page.add(seq, self.opened(actor, n, id, sealed)?);
        }
        let next = if full {
            page.events.last().map_or(after, |(at, _)| *at)
        } else {
            last
        };
        let directory = self.directory();
        let mut forget: Vec<HouseholdId> = held
            .iter()
            .filter(|(_, held)| held.forgotten.is_some_and(|at| at > after && at <= next))
            .filter_map(|(n, _)| directory.get(*n).map(|entry| entry.id))
            .collect();
        forget.sort_unstable();
        let (events, by) = page.events.into_iter().filter_map(|(_, opened)| opened).unzip();
        Ok(Changes {
            events,
            by,
            households_to_forget: forget,
            next,
            more: full,
        })
    }

    /// Adds the earlier events of a household that came later; `false` where the page ends within them.
    fn late(
        &self,
        conn: &Connection,
        actor: &Actor,
        (n, held): (Number, Held),
        after: i64,
        page: &mut Page,
    ) -> Result<bool> {
        let failed = StoreError::sqlite("reading events");
        let mut statement = conn
            .prepare_cached("SELECT id, sealed FROM event WHERE household = ?1 AND seq < ?2 ORDER BY seq")
            .map_err(&failed)?;
        let mut rows = statement.query([n, held.first]).map_err(&failed)?;
        let mut at = held.first;
        while let Some(row) = rows.next().map_err(&failed)? {
            if at > after {
                if page.is_full() {
                    return Ok(false);
                }
                let id = event_id(row.get(0).map_err(&failed)?)?;
                let sealed = row.get_ref(1).and_then(Value::as_blob).map_err(&failed)?;
                page.add(at, self.opened(actor, n, id, sealed)?);
            }
            at += 1;
        }
        Ok(true)
    }

    /// The event in its canonical form, and who recorded it; `None` where its household has been erased since. A protected note that the phone's
    /// worker may not read, and has not written, comes without its text: others come after it, so that it is not left out.
    fn opened(
        &self,
        actor: &Actor,
        n: Number,
        id: EventId,
        sealed: &[u8],
    ) -> Result<Option<(String, String)>> {
        let found = self
            .directory()
            .get(n)
            .and_then(|entry| Some((entry.key.clone()?, entry.id, reads_notes(actor, entry))));
        let Some((key, household, reads)) = found else {
            return Ok(None);
        };
        let (header, text) = open_event(&key, household, id, sealed)?;
        let withheld = if reads || is_same_person(actor, &header.by) {
            None
        } else {
            without_text(&text)
        };
        Ok(Some((withheld.unwrap_or_else(|| text.to_string()), header.by)))
    }
}

/// The events of an answer with the numbers that they have for the device.
struct Page {
    events: Vec<(i64, Option<(String, String)>)>,
    bytes: usize,
    limit: usize,
}

impl Page {
    fn is_full(&self) -> bool {
        self.events.len() >= self.limit || self.bytes >= MAX_PAGE_BYTES
    }

    fn add(&mut self, at: i64, event: Option<(String, String)>) {
        self.bytes += event.as_ref().map_or(0, |(text, _)| text.len());
        self.events.push((at, event));
    }
}

fn visible<'a>(entries: impl Iterator<Item = &'a Entry>, actor: &Actor) -> HashSet<Number> {
    entries
        .filter(|entry| entry.is_visible(actor, Right::ReadHouseholds))
        .map(|entry| entry.n)
        .collect()
}

fn differs(held: &HashMap<Number, Held>, visible: &HashSet<Number>) -> bool {
    let current = held.values().filter(|held| held.forgotten.is_none()).count();
    current != visible.len()
        || visible
            .iter()
            .any(|n| held.get(n).is_none_or(|held| held.forgotten.is_some()))
}

fn holdings(conn: &Connection, device: &str) -> Result<(Option<i64>, HashMap<Number, Held>)> {
    let failed = StoreError::sqlite("reading what a device holds");
    let n: Option<i64> = conn
        .prepare_cached("SELECT n FROM device WHERE id = ?1")
        .and_then(|mut s| s.query_row([device], |row| row.get(0)).optional())
        .map_err(&failed)?;
    let Some(n) = n else {
        return Ok((None, HashMap::new()));
    };
    let held = conn
        .prepare_cached("SELECT household, first, count, forgotten FROM held WHERE device = ?1")
        .and_then(|mut s| {
            let row = |row: &crate::sql::Row<'_>| {
                let held = Held {
                    first: row.get(1)?,
                    count: row.get(2)?,
                    forgotten: row.get(3)?,
                };
                Ok((row.get(0)?, held))
            };
            s.query_map([n], row)?.collect()
        })
        .map_err(failed)?;
    Ok((Some(n), held))
}

/// Writes down what a device holds from now on: what it may hold, and what it must forget.
fn settle(change: &mut Change<'_>, actor: &Actor, device: &str, after: i64) -> Result<HashMap<Number, Held>> {
    let failed = StoreError::sqlite("writing what a device holds");
    let (known, mut held) = holdings(change.conn(), device)?;
    let number = if let Some(number) = known {
        number
    } else {
        change
            .conn()
            .query_row(
                "INSERT INTO device (id) VALUES (?1) RETURNING n",
                [device],
                |row| row.get(0),
            )
            .map_err(&failed)?
    };
    let mut visible = HashSet::new();
    change.each(|entry| {
        if entry.is_visible(actor, Right::ReadHouseholds) {
            visible.insert(entry.n);
        }
    });
    let mut changed = Vec::new();
    for n in &visible {
        if held.get(n).is_some_and(|held| held.forgotten.is_none()) {
            continue;
        }
        let (earlier, count): (bool, i64) = if after == 0 && !held.contains_key(n) {
            (false, 0)
        } else {
            change
                .conn()
                .prepare_cached(
                    "SELECT CASE WHEN min(seq) <= ?2 THEN 1 ELSE 0 END, count(*) FROM event WHERE household = ?1",
                )
                .and_then(|mut s| s.query_row([*n, after], |row| Ok((row.get(0)?, row.get(1)?))))
                .map_err(&failed)?
        };
        // One that the device was told to forget may have come back before the device has heard of it: it is given again, whole.
        let first = if earlier || held.contains_key(n) {
            change.reserve(count + 1)
        } else {
            0
        };
        let row = Held {
            first,
            count: if first == 0 { 0 } else { count },
            forgotten: None,
        };
        held.insert(*n, row);
        changed.push(*n);
    }
    let gone: Vec<Number> = held
        .iter()
        .filter(|(n, held)| held.forgotten.is_none() && !visible.contains(n))
        .map(|(n, _)| *n)
        .collect();
    for n in gone {
        let at = change.next();
        if let Some(held) = held.get_mut(&n) {
            held.forgotten = Some(at);
        }
        changed.push(n);
    }
    let mut statement = change
        .conn()
        .prepare_cached(
            "INSERT INTO held VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (device, household)
             DO UPDATE SET first = excluded.first, count = excluded.count, forgotten = excluded.forgotten",
        )
        .map_err(&failed)?;
    for n in changed {
        if let Some(row) = held.get(&n) {
            statement
                .execute(params![number, n, row.first, row.count, row.forgotten])
                .map_err(&failed)?;
        }
    }
    Ok(held)
}
