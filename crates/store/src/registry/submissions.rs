//! Filled forms that came by OpenRosa: each is taken once, whatever is lost on the way.
//!
//! A filled form may come in parts, each with its answers and some of its photos. It becomes events when it is whole. Until then nothing
//! is kept of it but which photos have come: the phone keeps it until every part was taken. That it came is written in the transaction of
//! its events.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phteah_registry::event::{EventId, HouseholdId, Kind, Value};
use sha2::{Digest, Sha256};

use super::change::Change;
use super::push::{Clocks, Incoming, Receipt, Sender, day, take_all};
use super::read::{StoredEvent, event_id, events_of};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::sql::{OptionalExtension, params};

/// Which filled form it is, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The form.
    pub form: &'a str,
    /// The id that the device has made.
    pub instance: &'a str,
    /// Its answers, byte for byte.
    pub content: &'a [u8],
}

/// What is known of a filled form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Whether all of it has come.
    pub complete: bool,
    /// The event that it became; `None` where it is not complete, and where it became none.
    pub event: Option<EventId>,
    /// Of the names that were asked about, the files that have come, by their SHA-256 in hexadecimal digits.
    pub files: BTreeMap<String, String>,
}

/// What somebody had seen of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The first so many of its versions: what an entity's `__version` was. A version that the household never had is unclear.
    Version {
        /// The version.
        version: u64,
        /// When its author had looked, where the version cannot be.
        otherwise: Timestamp,
    },
    /// What had been received by then.
    By(Timestamp),
    /// What had been received by then, as far as one event follows another: nobody says that the author saw two that stand beside each other.
    Unclear(Timestamp),
    /// The event that made the household, which the author's own device did. It has this id, whether it has come or not.
    Made(EventId),
}

struct Row {
    n: i64,
    content: [u8; 32],
    event: Option<[u8; 16]>,
    complete: bool,
}

/// A filled form that another one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The event that it became; none where nothing of it was kept.
    pub event: Option<EventId>,
    /// The household that the event is about, once it counts.
    pub household: Option<HouseholdId>,
}

/// The same filled form with other answers.
fn another() -> StoreError {
    StoreError::Refused {
        code: "instance_taken",
        message: "A filled form with this id is stored already, and it says something else. The stored one stays as it is.".into(),
    }
}

fn team_of(actor: &Actor) -> Result<String> {
    actor.require(Right::RecordEvents)?;
    let teams = &actor.scope().teams;
    match teams.first() {
        Some(team) if teams.len() == 1 => Ok(team.to_string()),
        // Who sits at the command line brings in what all teams have collected.
        _ if actor.is_command_line() => Ok(String::new()),
        _ => Err(StoreError::Denied(
            "Filled forms are sent by devices, each of which works for one team.".into(),
        )),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Registry {
    /// What is known of a filled form; `None` where it has not come. Other answers under its id are refused (`instance_taken`).
    pub fn submission(&self, actor: &Actor, named: &Named<'_>, names: &[String]) -> Result<Option<Known>> {
        let (instance, content) = self.hashes(actor, named)?;
        let names = self.names(names);
        self.write(move |change| {
            let Some(row) = find(change, &instance)? else {
                return Ok(None);
            };
            if row.content != content {
                return Err(another());
            }
            Ok(Some(Known {
                complete: row.complete,
                event: row.event.map(event_id).transpose()?,
                files: files(change, row.n, &names)?,
            }))
        })
    }

    /// Writes down which photos of a filled form have come, before all of it has.
    pub fn note_submission(
        &self,
        actor: &Actor,
        named: &Named<'_>,
        arrived: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<()> {
        let (instance, content) = self.hashes(actor, named)?;
        let arrived = self.arrived(arrived);
        self.write(move |change| {
            let n = begin(change, &instance, &content, now)?;
            note(change, n, &arrived)
        })
    }

    /// Takes the events that a whole filled form is, and writes down that it has come, at once. The receipts are those of its events.
    pub fn take_submission(
        &self,
        actor: &Actor,
        named: &Named<'_>,
        events: Vec<Incoming>,
        arrived: &BTreeMap<String, String>,
        clocks: Clocks,
    ) -> Result<Vec<Receipt>> {
        let (instance, content) = self.hashes(actor, named)?;
        let arrived = self.arrived(arrived);
        let sender = Sender::new(actor, clocks);
        self.write(move |change| {
            let n = begin(change, &instance, &content, clocks.now)?;
            let main = events
                .last()
                .and_then(|incoming| incoming.event.as_ref().ok())
                .map(|event| *event.id.uuid().as_bytes());
            let receipts = take_all(change, &sender, &events)?;
            note(change, n, &arrived)?;
            change
                .conn()
                .execute(
                    "UPDATE submission SET complete = 1, event = coalesce(event, ?2) WHERE n = ?1",
                    params![n, main],
                )
                .map_err(StoreError::sqlite("writing that a filled form has come"))?;
            Ok(receipts)
        })
    }

    /// What became of another filled form: the one which this one replaces. `None` where it has not come.
    pub fn replaced_submission(&self, actor: &Actor, form: &str, instance: &str) -> Result<Option<Replaced>> {
        let (instance, _) = self.hashes(
            actor,
            &Named {
                form,
                instance,
                content: b"",
            },
        )?;
        self.refresh()?;
        let found = self.write(move |change| {
            let Some(row) = find(change, &instance)?.filter(|row| row.complete) else {
                return Ok(None);
            };
            let event = row.event.map(event_id).transpose()?;
            let household: Option<i64> = match event {
                None => None,
                Some(event) => change
                    .conn()
                    .prepare_cached("SELECT household FROM event WHERE id = ?1")
                    .and_then(|mut s| {
                        s.query_row([event.uuid().as_bytes()], |row| row.get(0))
                            .optional()
                    })
                    .map_err(StoreError::sqlite("looking for the event of a filled form"))?,
            };
            Ok(Some((event, household)))
        })?;
        Ok(found.map(|(event, household)| Replaced {
            event,
            household: household.and_then(|n| self.directory().get(n).map(|entry| entry.id)),
        }))
    }

    /// The heads of what somebody had seen of a household; none where they may not know of it.
    ///
    /// A household's version is the number of its events, leaving out consent (which comes with the event that it is for) and notes.
    pub fn heads_seen(&self, actor: &Actor, household: HouseholdId, seen: &Seen) -> Result<Vec<EventId>> {
        self.refresh()?;
        let entry = self
            .directory()
            .find(household)
            .filter(|entry| entry.is_visible(actor, Right::RecordEvents))
            .cloned();
        let Some(entry) = entry else {
            return Ok(match seen {
                Seen::Made(event) => vec![*event],
                _ => Vec::new(),
            });
        };
        let events = self.read(|conn| events_of(conn, &entry))?;
        let is_version = |stored: &&StoredEvent| counts(&stored.event.kind);
        let versions = events.iter().filter(is_version).count() as u64;
        let seen = match seen {
            Seen::Version { version, otherwise } if *version > versions => &Seen::Unclear(*otherwise),
            seen => seen,
        };
        let heads = match seen {
            Seen::Made(event) => return Ok(vec![made(&events, *event)]),
            Seen::Version { version, .. } => {
                let mut count = 0;
                heads(events.iter().take_while(|stored| {
                    let is_version = counts(&stored.event.kind);
                    let is_seen = !is_version || count < *version;
                    count += u64::from(is_version);
                    is_seen
                }))
            }
            Seen::By(time) => heads(events.iter().filter(|stored| stored.received_at <= *time)),
            Seen::Unclear(time) => {
                let received: Vec<&StoredEvent> = events
                    .iter()
                    .filter(|stored| stored.received_at <= *time)
                    .collect();
                let in_a_row = (1..=received.len())
                    .take_while(|n| heads(received[..*n].iter().copied()).len() == 1)
                    .last();
                heads(received[..in_a_row.unwrap_or(0)].iter().copied())
            }
        };
        Ok(heads)
    }

    /// Whether another filled form than this one has made the household with the event of this id.
    pub fn is_made(&self, event: EventId, household: HouseholdId, instance: &str) -> Result<bool> {
        self.refresh()?;
        let entry = self
            .directory()
            .find(household)
            .filter(|entry| entry.key.is_some())
            .cloned();
        let Some(entry) = entry else {
            return Ok(false);
        };
        let events = self.read(|conn| events_of(conn, &entry))?;
        let of = |stored: &StoredEvent| match stored.event.form.as_ref()?.more.get("instance") {
            Some(Value::Text(instance)) => Some(instance.to_string()),
            _ => None,
        };
        Ok(events
            .iter()
            .any(|stored| stored.event.id == event && of(stored).as_deref() != Some(instance)))
    }

    fn hashes(&self, actor: &Actor, named: &Named<'_>) -> Result<([u8; 32], [u8; 32])> {
        let team = team_of(actor)?;
        let blind = &self.inner().blind;
        let instance = blind.blind(&[
            b"instance",
            team.as_bytes(),
            named.form.as_bytes(),
            named.instance.as_bytes(),
        ]);
        let content = blind.blind(&[b"content", &Sha256::digest(named.content)]);
        Ok((instance, content))
    }

    fn name(&self, name: &str) -> [u8; 32] {
        self.inner().blind.blind(&[b"file name", name.as_bytes()])
    }

    fn names(&self, names: &[String]) -> Vec<(String, [u8; 32])> {
        names.iter().map(|name| (name.clone(), self.name(name))).collect()
    }

    fn arrived(&self, arrived: &BTreeMap<String, String>) -> Vec<([u8; 32], String)> {
        arrived
            .iter()
            .map(|(name, hash)| (self.name(name), hash.clone()))
            .collect()
    }
}

/// Those of these events that none of the others comes after.
fn heads<'a>(events: impl Iterator<Item = &'a StoredEvent>) -> Vec<EventId> {
    let (mut known, mut followed) = (BTreeSet::new(), BTreeSet::new());
    for stored in events {
        known.insert(stored.event.id);
        followed.extend(stored.event.after.iter().copied());
    }
    known.difference(&followed).copied().collect()
}

/// The event that made a household. One that came by another way has an id of its own: it is the survey that follows nothing but consent.
fn made(events: &[StoredEvent], event: EventId) -> EventId {
    if events.iter().any(|stored| stored.event.id == event) {
        return event;
    }
    let consents: BTreeSet<EventId> = events
        .iter()
        .filter(|stored| !counts(&stored.event.kind))
        .map(|stored| stored.event.id)
        .collect();
    let mut first = events.iter().filter(|stored| {
        stored.event.kind == Kind::Surveyed && stored.event.after.iter().all(|id| consents.contains(id))
    });
    match (first.next(), first.next()) {
        (Some(one), None) => one.event.id,
        _ => event,
    }
}

/// Whether an event makes a new version of its household, as lists of entities count them.
pub(crate) fn counts(kind: &Kind) -> bool {
    !matches!(kind, Kind::ConsentGiven | Kind::ConsentWithdrawn | Kind::Noted)
}

fn find(change: &Change<'_>, instance: &[u8; 32]) -> Result<Option<Row>> {
    change
        .conn()
        .prepare_cached("SELECT n, content, event, complete FROM submission WHERE instance = ?1")
        .and_then(|mut s| {
            s.query_row([instance], |row| {
                Ok(Row {
                    n: row.get(0)?,
                    content: row.get(1)?,
                    event: row.get(2)?,
                    complete: row.get(3)?,
                })
            })
            .optional()
        })
        .map_err(StoreError::sqlite("looking for a filled form"))
}

fn begin(change: &Change<'_>, instance: &[u8; 32], content: &[u8; 32], now: Timestamp) -> Result<i64> {
    if let Some(row) = find(change, instance)? {
        return if row.content == *content {
            Ok(row.n)
        } else {
            Err(another())
        };
    }
    change
        .conn()
        .prepare_cached(
            "INSERT INTO submission (instance, content, event, complete, received_on) VALUES (?1, ?2, NULL, 0, ?3) RETURNING n",
        )
        .and_then(|mut s| s.query_row(params![instance, content, day(now)], |row| row.get(0)))
        .map_err(StoreError::sqlite("writing that a filled form has come"))
}

fn note(change: &Change<'_>, n: i64, arrived: &[([u8; 32], String)]) -> Result<()> {
    for (name, hash) in arrived {
        change
            .conn()
            .prepare_cached("INSERT OR IGNORE INTO submission_file VALUES (?1, ?2, ?3)")
            .and_then(|mut s| s.execute(params![n, name, super::files::hash_bytes(hash)]))
            .map_err(StoreError::sqlite("writing that a photo has come"))?;
    }
    Ok(())
}

fn files(change: &Change<'_>, n: i64, names: &[(String, [u8; 32])]) -> Result<BTreeMap<String, String>> {
    let failed = StoreError::sqlite("reading which photos have come");
    let mut found = BTreeMap::new();
    let mut statement = change
        .conn()
        .prepare_cached("SELECT hash FROM submission_file WHERE submission = ?1 AND name = ?2")
        .map_err(&failed)?;
    for (name, blind) in names {
        let hash: Option<Vec<u8>> = statement
            .query_row(params![n, blind], |row| row.get(0))
            .optional()
            .map_err(&failed)?;
        if let Some(hash) = hash {
            found.insert(name.clone(), hex(&hash));
        }
    }
    Ok(found)
}
