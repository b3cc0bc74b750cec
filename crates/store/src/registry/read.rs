//! Reading households.

use crate::sql::{Connection, Value};
use jiff::Timestamp;
use phteah_registry::event::{Event, EventId, HouseholdId, Kind};
use zeroize::Zeroizing;

use super::change::Change;
use super::directory::Entry;
use super::push::{Header, open_event};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// A stored event and what is kept with it.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its number.
    pub seq: i64,
    /// The event.
    pub event: Event,
    /// The server's clock at receipt.
    pub received_at: Timestamp,
    /// The device's clock less the server's in seconds, where it was measured.
    pub offset_s: Option<i64>,
    /// Who sent it: an actor's id as the audit has it.
    pub by: String,
    /// What is strange about it.
    pub marks: Vec<String>,
}

/// A household, whole.
#[derive(Debug, Clone)]
pub struct Household {
    /// Its id.
    pub id: HouseholdId,
    /// The team that recorded it first.
    pub team: Option<String>,
    /// Accounts of the people in whose hands it is.
    pub given: Vec<String>,
    /// Its events, by number.
    pub events: Vec<StoredEvent>,
}

/// What is said of a household that does not exist, and of one that the actor may not know of.
pub(super) fn no_such_household() -> StoreError {
    StoreError::NotFound("There is no such household.".to_owned())
}

/// A household that an actor may read. That it is read is written down in the same transaction: there is no other way to one.
pub(super) fn read_by(
    change: &Change<'_>,
    actor: &Actor,
    id: HouseholdId,
    why: &str,
    now: Timestamp,
) -> Result<Entry> {
    let entry = change
        .find(id)
        .filter(|entry| entry.is_visible(actor, Right::ReadHouseholds))
        .ok_or_else(no_such_household)?;
    let row = trail::Entry {
        what: "household_read",
        subject: &id.to_string(),
        why,
        detail: "",
    };
    trail::append(change.transaction(), actor, &row, now)?;
    Ok(entry)
}

/// Whether an actor reads a household's protected notes: they are for those in whose hands it is, and for nobody else.
pub(super) fn reads_notes(actor: &Actor, entry: &Entry) -> bool {
    actor.reach(Right::ReadProtected).is_some()
        && actor
            .account()
            .is_some_and(|account| entry.given.iter().any(|given| given == account.as_str()))
}

/// What is shown of a protected note: all but what somebody wrote.
pub(super) const OF_A_NOTE: [&str; 7] = [
    "id",
    "household",
    "kind",
    "after",
    "happened_on",
    "recorded_at",
    "form",
];

/// A protected note without its text; `None` where the event is none.
pub(super) fn without_text(canonical: &str) -> Option<String> {
    let mut event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(canonical).ok()?;
    if event.get("kind")?.as_str() != Some(Kind::Noted.as_str()) {
        return None;
    }
    event.retain(|name, _| OF_A_NOTE.contains(&name.as_str()));
    serde_json::to_string(&event).ok()
}

impl Registry {
    /// A household with its events. The reading is written down.
    pub fn household(&self, actor: &Actor, id: HouseholdId, why: &str, now: Timestamp) -> Result<Household> {
        self.refresh()?;
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let entry = read_by(change, &actor, id, &why, now)?;
            let mut events = events_of(change.conn(), &entry)?;
            // Protected notes are for those in whose hands the household is, and for nobody else.
            if !reads_notes(&actor, &entry) {
                events.retain(|stored| stored.event.kind != Kind::Noted);
            }
            Ok(Household {
                id,
                team: entry.team,
                given: entry.given,
                events,
            })
        })
    }

    /// Ids of the households that an actor may know of, in order.
    pub fn households(&self, actor: &Actor) -> Result<Vec<HouseholdId>> {
        actor.require(Right::ReadHouseholds)?;
        self.refresh()?;
        let directory = self.directory();
        let visible = directory
            .iter()
            .filter(|entry| entry.is_visible(actor, Right::ReadHouseholds));
        let mut ids: Vec<HouseholdId> = visible.map(|entry| entry.id).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}

/// All events of a household, by number.
pub(super) fn events_of(conn: &Connection, entry: &Entry) -> Result<Vec<StoredEvent>> {
    let failed = StoreError::sqlite("reading events");
    let Some(key) = &entry.key else {
        return Err(no_such_household());
    };
    let mut statement = conn
        .prepare_cached("SELECT seq, id, sealed FROM event WHERE household = ?1 ORDER BY seq")
        .map_err(&failed)?;
    let mut rows = statement.query([entry.n]).map_err(&failed)?;
    let mut events = Vec::with_capacity(entry.summary.events as usize);
    while let Some(row) = rows.next().map_err(&failed)? {
        let seq = row.get(0).map_err(&failed)?;
        let id = event_id(row.get(1).map_err(&failed)?)?;
        let sealed = row.get_ref(2).and_then(Value::as_blob).map_err(&failed)?;
        let (header, text) = open_event(key, entry.id, id, sealed)?;
        events.push(stored(seq, header, &text)?);
    }
    Ok(events)
}

pub(super) fn stored(seq: i64, header: Header, text: &Zeroizing<String>) -> Result<StoredEvent> {
    let event =
        Event::read(text.as_bytes()).map_err(|_| StoreError::DamagedRegistry("a stored event".into()))?;
    Ok(StoredEvent {
        seq,
        event,
        received_at: header.received_at,
        offset_s: header.offset_s,
        by: header.by,
        marks: header.marks,
    })
}

/// The event of sixteen bytes in the file.
pub(super) fn event_id(bytes: [u8; 16]) -> Result<EventId> {
    uuid::Uuid::from_bytes(bytes)
        .to_string()
        .parse()
        .map_err(|_| StoreError::DamagedRegistry("the id of an event".into()))
}
