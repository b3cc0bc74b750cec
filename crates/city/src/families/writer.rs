//! Writes events as a phone would.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use phteah_registry::event::{Event, EventId, HouseholdId};
use serde_json::{Map, Value, json};

use crate::draw::Draw;

/// Cambodia's clocks stand seven hours ahead of UTC.
const AHEAD_OF_UTC: SignedDuration = SignedDuration::from_hours(7);

/// The events of one household, in the order in which they were written.
pub(super) struct Writer {
    pub household: HouseholdId,
    pub events: Vec<Event>,
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

impl Writer {
    pub fn new(household: HouseholdId) -> Self {
        Self {
            household,
            events: Vec::new(),
            faulty: Vec::new(),
            heads: Vec::new(),
            last: Timestamp::UNIX_EPOCH,
        }
    }

    /// Writes an event that comes after all that is there.
    pub fn write(
        &mut self,
        draw: &mut Draw,
        day: Date,
        kind: &str,
        facts: Value,
        more: Value,
        at: Option<&At>,
    ) -> EventId {
        let heads = std::mem::take(&mut self.heads);
        let id = self.beside(draw, day, kind, &heads, facts, more, at);
        self.heads = vec![id];
        id
    }

    /// Writes an event that comes after `heads` alone, whatever else is there; what others have seen stays as it was.
    #[expect(clippy::too_many_arguments, reason = "the parts of an event, each once")]
    pub fn beside(
        &mut self,
        draw: &mut Draw,
        day: Date,
        kind: &str,
        heads: &[EventId],
        facts: Value,
        more: Value,
        at: Option<&At>,
    ) -> EventId {
        let (id, json) = self.json(draw, day, kind, heads, facts, more, at);
        let event = Event::read(json.to_string().as_bytes()).expect("what is written here can be read");
        self.events.push(event);
        id
    }

    /// Writes an event that no server takes.
    pub fn fault(&mut self, draw: &mut Draw, day: Date, kind: &str, facts: Value) {
        let heads = self.heads.clone();
        let (_, json) = self.json(draw, day, kind, &heads, facts, json!({}), None);
        self.faulty.push(json.to_string());
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of an event, each once")]
    fn json(
        &mut self,
        draw: &mut Draw,
        day: Date,
        kind: &str,
        heads: &[EventId],
        facts: Value,
        more: Value,
        at: Option<&At>,
    ) -> (EventId, Value) {
        let recorded = self.moment(draw, day);
        let id = EventId::new(recorded, draw.bytes());
        let mut facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        facts.insert("record.illustrative".into(), json!(true));
        let mut event = json!({
            "id": id, "household": self.household, "kind": kind, "after": heads,
            "happened_on": day.to_string(), "recorded_at": recorded.to_string(), "facts": facts,
        });
        if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
            event.extend(more);
        }
        if let Some(At { lon, lat }) = at {
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
