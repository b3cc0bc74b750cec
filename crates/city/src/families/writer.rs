//! Writes events as a phone would.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use phteah_registry::event::{Event, EventId, HouseholdId};
use phteah_registry::vocabulary::path;
use serde_json::{Map, Value, json};

use crate::draw::Draw;

/// Cambodia's clocks stand seven hours ahead of UTC.
const AHEAD_OF_UTC: SignedDuration = SignedDuration::from_hours(7);

/// The events of one household, in the order in which they were written.
pub(super) struct Writer {
    pub household: HouseholdId,
    pub events: Vec<Event>,
    /// Those of them that another worker than the household's own has written.
    pub by_another: BTreeSet<EventId>,
    pub faulty: Vec<String>,
    /// What the next author has seen.
    pub heads: Vec<EventId>,
    last: Timestamp,
}

/// A place and how well it is known.
pub(super) struct At {
    pub lon: f64,
    pub lat: f64,
}

/// What an event tells.
pub(super) struct Told<'a> {
    day: Date,
    kind: &'a str,
    facts: Value,
    more: Value,
    at: Option<&'a At>,
}

impl<'a> Told<'a> {
    /// That something of this kind happened on this day.
    pub fn new(day: Date, kind: &'a str) -> Self {
        Self {
            day,
            kind,
            facts: json!({}),
            more: json!({}),
            at: None,
        }
    }

    /// Answers by their paths.
    pub fn facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }

    /// What the kind asks for.
    pub fn more(mut self, more: Value) -> Self {
        self.more = more;
        self
    }

    /// Where it was recorded.
    pub fn at(mut self, at: &'a At) -> Self {
        self.at = Some(at);
        self
    }
}

impl Writer {
    pub fn new(household: HouseholdId) -> Self {
        Self {
            household,
            events: Vec::new(),
            by_another: BTreeSet::new(),
            faulty: Vec::new(),
            heads: Vec::new(),
            last: Timestamp::UNIX_EPOCH,
        }
    }

    /// Writes an event that comes after all that is there.
    pub fn write(&mut self, draw: &mut Draw, told: Told<'_>) -> EventId {
        let heads = std::mem::take(&mut self.heads);
        let id = self.beside(draw, &heads, told);
        self.heads = vec![id];
        id
    }

    /// Writes an event that comes after `heads` alone, whatever else is there; what others have seen stays as it was.
    pub fn beside(&mut self, draw: &mut Draw, heads: &[EventId], told: Told<'_>) -> EventId {
        let (id, json) = self.json(draw, heads, told);
        let event = Event::read(json.to_string().as_bytes()).expect("what is written here can be read");
        self.events.push(event);
        id
    }

    /// Writes an event that no server takes.
    pub fn fault(&mut self, draw: &mut Draw, told: Told<'_>) {
        let heads = self.heads.clone();
        let (_, json) = self.json(draw, &heads, told);
        self.faulty.push(json.to_string());
    }

    fn json(&mut self, draw: &mut Draw, heads: &[EventId], told: Told<'_>) -> (EventId, Value) {
        let recorded = self.moment(draw, told.day);
        let id = EventId::new(recorded, draw.bytes());
        let mut facts = match told.facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        facts.insert(path::ILLUSTRATIVE.into(), json!(true));
        let mut event = json!({
            "id": id, "household": self.household, "kind": told.kind, "after": heads,
            "happened_on": told.day.to_string(), "recorded_at": recorded.to_string(), "facts": facts,
        });
        if let (Value::Object(event), Value::Object(more)) = (&mut event, told.more) {
            event.extend(more);
        }
        if let Some(At { lon, lat }) = told.at {
            // Phones in streets are right to some metres, and now and then not.
            let accuracy = if draw.chance(0.03) {
                draw.between(60.0, 400.0)
            } else {
                draw.between(3.0, 14.0)
            };
            let shift = accuracy / 111_000.0;
            event["location"] = json!({
                "lon": round(lon + draw.between(-shift, shift), 1e6),
                "lat": round(lat + draw.between(-shift, shift), 1e6),
                "accuracy_m": round(accuracy, 10.0),
                "method": "gps",
            });
        }
        (id, event)
    }

    /// A time of a working day, later than the event before.
    fn moment(&mut self, draw: &mut Draw, day: Date) -> Timestamp {
        let local = day
            .to_datetime(Time::constant(7, 30, 0, 0))
            .to_zoned(TimeZone::UTC);
        let start = local.map_or(self.last, |zoned| zoned.timestamp() - AHEAD_OF_UTC);
        let drawn = start + SignedDuration::from_secs(i64::from(draw.whole(0, 9 * 3600)));
        self.last = drawn.max(self.last + SignedDuration::from_secs(60));
        self.last
    }
}

fn round(value: f64, by: f64) -> f64 {
    (value * by).round() / by
}
