//! Events: what was recorded about a household. An event is never changed and never deleted.
//!
//! [`Event::read`] takes an event as it came, as JSON, and either gives an [`Event`] of which nothing is lost, or says all that keeps it
//! from being one. Whether a readable event can be accepted is for [`check`](crate::check) to say.
//!
//! # Nothing is lost
//!
//! [`Event::canonical`] writes the event as JSON again: no blanks, names in order, numbers with the digits they came with, ids in small
//! letters. Fields that this version does not know, of the event, its form and its location, are written with the rest. Two events with one
//! id are *the same event* if their canonical forms are equal byte for byte, and reading a canonical form gives the event it was made of.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::check::Fault;

mod id;
mod kind;
mod path;
mod read;
mod value;

pub use id::{EventId, HouseholdId, MemberId, NoId};
pub use kind::Kind;
pub(crate) use path::is_name;
pub use path::{FactPath, MAX_PATH, NoPath};
pub(crate) use read::day as read_day;
pub use value::{MAX_DEPTH, Number, Object, Value};

/// Most bytes of one event as JSON. Photos and sound are files, not events.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most events that one event may name in `after`.
pub const MAX_AFTER: usize = 256;
/// Most facts of one event.
pub const MAX_FACTS: usize = 2_000;
/// Most files of one event.
pub const MAX_FILES: usize = 50;
/// Most characters of one text in an event.
pub const MAX_TEXT: usize = 10_000;
/// Most events of one household. A family that is followed for five years has some fifty.
pub const MAX_EVENTS_PER_HOUSEHOLD: usize = 5_000;

/// Something that was recorded about a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its own id, made on the device.
    pub id: EventId,
    /// The household that it is about.
    pub household: HouseholdId,
    /// What it tells.
    pub kind: Kind,
    /// The heads that its author had seen, in order, each once. The only thing that orders events.
    pub after: Vec<EventId>,
    /// The day on which it happened, as its author says.
    pub happened_on: Date,
    /// When it was written down, by the device's clock.
    pub recorded_at: Moment,
    /// The form and its version whose answers these are.
    pub form: Option<Form>,
    /// Answers.
    pub facts: BTreeMap<FactPath, Value>,
    /// Where it was recorded.
    pub location: Option<Location>,
    /// SHA-256 of photos and sound that belong to it, 64 hexadecimal digits in small letters, as they were listed.
    pub files: Vec<Box<str>>,
    /// What its kind asks for (`site`, `reason`, …) and fields that this version does not know, by their names.
    pub more: Object,
}

/// A time as it was written, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, as it was written.
    pub text: Box<str>,
    /// The time that it says.
    pub at: Timestamp,
}

impl Moment {
    /// A time, written in UTC.
    pub fn new(at: Timestamp) -> Self {
        Self {
            text: at.to_string().into(),
            at,
        }
    }
}

/// A form's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The form's name.
    pub id: Box<str>,
    /// Its version.
    pub version: Box<str>,
    /// Fields that this version does not know.
    pub more: Object,
}

/// A point, WGS 84.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Degrees east, from −180 to 180.
    pub lon: Number,
    /// Degrees north, from −90 to 90.
    pub lat: Number,
    /// Radius in metres within which the point lies, as the device says; None where it does not say.
    pub accuracy_m: Option<Number>,
    /// How it was found: `gps`, `map`, …
    pub method: Option<Box<str>>,
    /// Fields that this version does not know, and `confirmed`.
    pub more: Object,
}

impl Location {
    /// Whether somebody was asked, and said that the house is here although it was known elsewhere.
    pub fn is_confirmed(&self) -> bool {
        self.more.get("confirmed") == Some(&Value::Bool(true))
    }
}

/// An event that cannot be read, and all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What stands as its id, if a text of at most [`MAX_PATH`] bytes stands there: for the receipt. It may be no UUID.
    pub id: Option<String>,
    /// The household, if one can be read: for the team that has to mend it.
    pub household: Option<HouseholdId>,
    /// All that is wrong, never empty.
    pub faults: Vec<Fault>,
}

impl Event {
    /// Reads an event from JSON.
    ///
    /// All that keeps it from being read is told at once. Errors name fields, never what stands in them: it may be somebody's data.
    ///
    /// ```
    /// use phteah_registry::event::Event;
    /// let json = r#"{"id": "019ae3a0-0000-7000-8000-000000000001", "household": "00000000-0000-4000-8000-000000000001",
    ///     "kind": "surveyed", "after": [], "happened_on": "2026-11-20", "recorded_at": "2026-11-20T03:10:00Z",
    ///     "facts": {"head.birth_year": 1990}, "from_a_later_version": [1.50]}"#;
    /// let event = Event::read(json.as_bytes()).unwrap();
    /// assert!(event.canonical().contains(r#""from_a_later_version":[1.50]"#));
    /// assert_eq!(Event::read(event.canonical().as_bytes()).unwrap(), event);
    /// ```
    pub fn read(json: &[u8]) -> Result<Self, Unreadable> {
        read::event(json)
    }

    /// The event as JSON in its one canonical form: what is stored, compared, hashed and passed on.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(512);
        self.write(&mut out);
        out
    }

    /// A field that its kind asks for, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.more.get(name).and_then(Value::as_text)
    }

    /// The site of `offered`, `accepted`, `declined` and `moved`.
    pub fn site(&self) -> Option<&str> {
        self.text("site")
    }

    /// Where a record goes on (`merged`), or the household that members go to (`split`).
    pub fn to_household(&self) -> Option<HouseholdId> {
        match self.kind {
            Kind::Merged | Kind::Split => self.text("to")?.parse().ok(),
            _ => None,
        }
    }

    /// The members that `split` gives to the other household, in order, each once.
    pub fn split_members(&self) -> Vec<MemberId> {
        if self.kind != Kind::Split {
            return Vec::new();
        }
        let list = self
            .more
            .get("members")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let mut members: Vec<MemberId> = list.iter().filter_map(|id| id.as_text()?.parse().ok()).collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    /// A day that its kind asks for.
    pub fn day(&self, name: &str) -> Option<Date> {
        self.text(name).and_then(read::day)
    }
}

impl serde::Serialize for Event {
    /// With `serde_json` only: the canonical form.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        value::raw(self.canonical())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Event {
    /// With `serde_json` only. Where a batch is read, take each event as a `RawValue` and give it to [`Event::read`], so that one bad
    /// event does not stop the others.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Self::read(raw.get().as_bytes()).map_err(|unreadable| {
            let faults: Vec<&str> = unreadable
                .faults
                .iter()
                .map(|fault| fault.message.as_str())
                .collect();
            serde::de::Error::custom(faults.join(" "))
        })
    }
}
