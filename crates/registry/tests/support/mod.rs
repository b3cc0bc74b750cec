//! Events for tests, short to write. All households are made up.
#![allow(dead_code, reason = "each test uses its part")]

pub mod histories;

use jiff::Timestamp;
use phteah_registry::event::{Event, EventId, HouseholdId, MemberId};
use serde_json::{Value, json};

/// A household by number.
pub fn household(n: u8) -> HouseholdId {
    HouseholdId::new([n; 16])
}

/// A member by number.
pub fn member(n: u8) -> MemberId {
    MemberId::new([n; 16])
}

/// An event's id by number, made on 20 November 2026, `n` seconds after ten in Phnom Penh.
pub fn id(n: u32) -> EventId {
    let at = Timestamp::from_second(1_795_143_600 + i64::from(n)).expect("a time");
    let mut random = [0; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    EventId::new(at, random)
}

/// The event `n` of household 1.
pub fn event(n: u32, kind: &str, after: &[u32], fields: Value) -> Event {
    event_of(household(1), n, kind, after, fields)
}

/// An event of a household; `happened_on` may stand among the fields.
pub fn event_of(household: HouseholdId, n: u32, kind: &str, after: &[u32], fields: Value) -> Event {
    let after: Vec<EventId> = after.iter().map(|n| id(*n)).collect();
    let mut json = json!({
        "id": id(n),
        "household": household,
        "kind": kind,
        "after": after,
        "happened_on": "2026-11-20",
        "recorded_at": "2026-11-20T03:10:00Z",
    });
    if let (Value::Object(json), Value::Object(fields)) = (&mut json, fields) {
        json.extend(fields);
    }
    Event::read(json.to_string().as_bytes()).expect("a good event")
}
