//! Whether an event can be accepted, and what is strange about one that is.
//!
//! An event that cannot be accepted goes into quarantine, whole, and its receipt tells the [`Fault`]s. An event that is only strange (a
//! location in the sea, a phone with a wrong clock) is accepted and carries [`Mark`]s: it may be all that is known about a family.
//!
//! The order of work at the door:
//!
//! 1. [`Event::read`] — `Err` means quarantine;
//! 2. [`faults`] — any means quarantine;
//! 3. what only the store knows: scope, forms, ids that are taken ([`Fault::of`] has the sentence for each code);
//! 4. [`marks`] — kept beside the event.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::event::{Event, Location, MAX_TEXT, Number, Value};

mod fields;
mod place;

pub use place::{CAMBODIA, is_in_country};

/// How far ahead of now the time in an event's id may lie. Further ahead, the device's clock is not wrong but unset, and the id would stand
/// last in every list for months.
pub const MAX_ID_AHEAD: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How wrong a device's clock may be before its events are marked (CHT tells its users from ten minutes on).
pub const MAX_CLOCK_OFFSET: SignedDuration = SignedDuration::from_mins(10);
/// The radius from which on a location is marked as imprecise, in metres.
pub const IMPRECISE_M: f64 = 100.0;
/// The first year in which somebody alive can have been born, and the first of any day in an event.
pub const FIRST_YEAR: i16 = 1900;

/// What is wrong with an event. The names are stable: screens and scripts depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// No valid JSON, or no object.
    JsonInvalid,
    /// Lists and objects stand too deep in one another.
    JsonTooDeep,
    /// One name stands twice in an object.
    FieldRepeated,
    /// More bytes than an event may have.
    EventTooLarge,
    /// A field that must be there is not.
    FieldMissing,
    /// A field holds something else than its kind asks for.
    FieldInvalid,
    /// A field that belongs to another kind.
    FieldForeign,
    /// A list or an object holds more than it may.
    TooMany,
    /// The id is no UUID of version 7.
    IdInvalid,
    /// The id's time lies too far ahead.
    IdAhead,
    /// The household's id is no UUID of version 4.
    HouseholdInvalid,
    /// The kind is no name.
    KindInvalid,
    /// `after` is no list of ids.
    AfterInvalid,
    /// `after` names the event itself.
    AfterItself,
    /// A day or time that cannot be read or be meant.
    DateInvalid,
    /// Two days stand in the wrong order.
    DateOrder,
    /// The form is not named as it must be.
    FormInvalid,
    /// Facts are no object.
    FactsInvalid,
    /// A fact's path cannot be read.
    FactPathInvalid,
    /// A fact that only corrections may set.
    FactReserved,
    /// A fact's value cannot be meant.
    FactInvalid,
    /// Somebody is said to be born in the future.
    BirthInFuture,
    /// One member's id is used twice.
    MemberRepeated,
    /// The location cannot be read.
    LocationInvalid,
    /// A file is not named by its SHA-256.
    FileHashInvalid,
    /// A text is too long.
    TextTooLong,
    /// A record goes on in itself, or gives members to itself.
    HouseholdItself,
    /// The store's: the household is outside what the sender may write.
    OutOfScope,
    /// The store's: the same id was stored with other bytes.
    IdReused,
    /// The store's: the form or its version is not known.
    FormUnknown,
    /// The store's: the household has as many events as it may.
    HouseholdFull,
}

impl Code {
    /// All codes, for documentation and for the screens' words.
    pub const ALL: [Self; 31] = [
        Self::JsonInvalid,
        Self::JsonTooDeep,
        Self::FieldRepeated,
        Self::EventTooLarge,
        Self::FieldMissing,
        Self::FieldInvalid,
        Self::FieldForeign,
        Self::TooMany,
        Self::IdInvalid,
        Self::IdAhead,
        Self::HouseholdInvalid,
        Self::KindInvalid,
        Self::AfterInvalid,
        Self::AfterItself,
        Self::DateInvalid,
        Self::DateOrder,
        Self::FormInvalid,
        Self::FactsInvalid,
        Self::FactPathInvalid,
        Self::FactReserved,
        Self::FactInvalid,
        Self::BirthInFuture,
        Self::MemberRepeated,
        Self::LocationInvalid,
        Self::FileHashInvalid,
        Self::TextTooLong,
        Self::HouseholdItself,
        Self::OutOfScope,
        Self::IdReused,
        Self::FormUnknown,
        Self::HouseholdFull,
    ];

    /// The code as receipts carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonInvalid => "json_invalid",
            Self::JsonTooDeep => "json_too_deep",
            Self::FieldRepeated => "field_repeated",
            Self::EventTooLarge => "event_too_large",
            Self::FieldMissing => "field_missing",
            Self::FieldInvalid => "field_invalid",
            Self::FieldForeign => "field_foreign",
            Self::TooMany => "too_many",
            Self::IdInvalid => "id_invalid",
            Self::IdAhead => "id_ahead",
            Self::HouseholdInvalid => "household_invalid",
            Self::KindInvalid => "kind_invalid",
            Self::AfterInvalid => "after_invalid",
            Self::AfterItself => "after_itself",
            Self::DateInvalid => "date_invalid",
            Self::DateOrder => "date_order",
            Self::FormInvalid => "form_invalid",
            Self::FactsInvalid => "facts_invalid",
            Self::FactPathInvalid => "fact_path_invalid",
            Self::FactReserved => "fact_reserved",
            Self::FactInvalid => "fact_invalid",
            Self::BirthInFuture => "birth_in_future",
            Self::MemberRepeated => "member_repeated",
            Self::LocationInvalid => "location_invalid",
            Self::FileHashInvalid => "file_hash_invalid",
            Self::TextTooLong => "text_too_long",
            Self::HouseholdItself => "household_itself",
            Self::OutOfScope => "out_of_scope",
            Self::IdReused => "id_reused",
            Self::FormUnknown => "form_unknown",
            Self::HouseholdFull => "household_full",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing that keeps an event from being accepted.
///
/// Nothing that stands in the event is repeated here, but names of fields, paths of facts and ids: a fault may go into a log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// What is wrong.
    pub code: Code,
    /// The field or the fact's path; empty where it is the whole event.
    pub field: String,
    /// A sentence that tells a person what to do.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(code: Code, field: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            field: field.into(),
            message: message.into(),
        }
    }

    /// The fault of what only the store can find: [`Code::OutOfScope`], [`Code::IdReused`], [`Code::FormUnknown`], [`Code::HouseholdFull`].
    /// Any other code has a general sentence here.
    pub fn of(code: Code) -> Self {
        let (field, message) = match code {
            Code::OutOfScope => (
                "household",
                "This household is not one that you work with. The event is kept; ask your coordinator to release it or to give you the household.",
            ),
            Code::IdReused => (
                "id",
                "Another event with this id is stored already, and it says something else. The stored one stays as it is; this one is kept for a coordinator.",
            ),
            Code::FormUnknown => (
                "form",
                "The server does not know this version of the form. The event is kept; it can be released when the form has been added.",
            ),
            Code::HouseholdFull => (
                "household",
                "This household has as many events as one may have. The event is kept; ask your coordinator to look at the record.",
            ),
            _ => (
                "",
                "The event cannot be accepted as it is. It is kept; ask your coordinator to look at it.",
            ),
        };
        Self::new(code, field, message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// All that keeps a readable event from being accepted at `now`, the server's time; empty if it can be.
pub fn faults(event: &Event, now: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    let ahead = event
        .id
        .made_at()
        .is_none_or(|made| made.duration_since(now) > MAX_ID_AHEAD);
    if ahead {
        faults.push(Fault::new(
            Code::IdAhead,
            "id",
            "By its id the event was made more than half a year from now. Set the phone's date; the event is kept and can be released.",
        ));
    }
    if event.after.contains(&event.id) {
        faults.push(Fault::new(
            Code::AfterItself,
            "after",
            "The event names itself among those that it comes after.",
        ));
    }
    if event.happened_on.year() < FIRST_YEAR {
        faults.push(Fault::new(
            Code::DateInvalid,
            "happened_on",
            format!("The field happened_on names a day before the year {FIRST_YEAR}."),
        ));
    }
    fields::check(event, &mut faults);
    // Cambodia is ahead of UTC: on New Year's morning its year is a new one already.
    let latest = now
        .checked_add(SignedDuration::from_hours(14))
        .unwrap_or(Timestamp::MAX);
    fields::check_facts(event, latest.to_zoned(TimeZone::UTC).date(), &mut faults);
    faults
}

/// What is strange about an event that is accepted. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The location lies in the sea or outside the country, as far as a coarse outline tells.
    OutsideCountry,
    /// The location is known no better than to [`IMPRECISE_M`] metres, or its accuracy is not known.
    Imprecise,
    /// The device's clock was wrong by more than [`MAX_CLOCK_OFFSET`].
    ClockWrong,
    /// It is said to have happened after it was written down, or tells of a day after that.
    HappenedAfterRecorded,
    /// Its kind is not known to this version: it is kept and passed on, and has no effect yet.
    KindUnknown,
}

impl Mark {
    /// All marks, for documentation and for the screens' words.
    pub const ALL: [Self; 5] = [
        Self::OutsideCountry,
        Self::Imprecise,
        Self::ClockWrong,
        Self::HappenedAfterRecorded,
        Self::KindUnknown,
    ];

    /// The mark as answers carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutsideCountry => "location_outside_country",
            Self::Imprecise => "location_imprecise",
            Self::ClockWrong => "clock_wrong",
            Self::HappenedAfterRecorded => "happened_after_recorded",
            Self::KindUnknown => "kind_unknown",
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Mark {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What is strange about an event.
///
/// `received` is the server's time at receipt. `offset` is the device's clock less the server's as last measured between them; where it was
/// never measured, the clock is called wrong only if the event was recorded later than it was received.
pub fn marks(event: &Event, received: Timestamp, offset: Option<SignedDuration>) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(location) = &event.location {
        if is_outside_country(location) {
            marks.push(Mark::OutsideCountry);
        }
        if is_imprecise(location) {
            marks.push(Mark::Imprecise);
        }
    }
    let by_offset = offset.is_some_and(|offset| offset.abs() > MAX_CLOCK_OFFSET);
    if by_offset || event.recorded_at.at.duration_since(received) > MAX_CLOCK_OFFSET {
        marks.push(Mark::ClockWrong);
    }
    let days = [
        Some(event.happened_on),
        event.day("last_there"),
        event.day("first_gone"),
    ];
    let latest = latest_day(event, received, offset);
    if days.into_iter().flatten().any(|day| day > latest) {
        marks.push(Mark::HappenedAfterRecorded);
    }
    if !event.kind.is_known() {
        marks.push(Mark::KindUnknown);
    }
    marks
}

/// The last day that an event can tell of: when it was written down, by a clock that is right, and never after it was received. Cambodia is
/// ahead of UTC.
fn latest_day(event: &Event, received: Timestamp, offset: Option<SignedDuration>) -> Date {
    let by_device = event.recorded_at.at;
    let recorded = by_device
        .checked_sub(offset.unwrap_or_default())
        .unwrap_or(by_device)
        .min(received);
    recorded
        .checked_add(SignedDuration::from_hours(14))
        .unwrap_or(Timestamp::MAX)
        .to_zoned(TimeZone::UTC)
        .date()
}

pub(crate) fn is_outside_country(location: &Location) -> bool {
    let at = location.lon.as_f64().zip(location.lat.as_f64());
    !at.is_some_and(|(lon, lat)| is_in_country(lon, lat, &CAMBODIA))
}

pub(crate) fn is_imprecise(location: &Location) -> bool {
    let radius = location.accuracy_m.as_ref().and_then(Number::as_f64);
    // Somebody who pointed at a map was asked for no radius.
    let was_measured = location.method.as_deref() != Some("map");
    radius.map_or(was_measured, |metres| metres > IMPRECISE_M)
}

/// A fault for each text in a value that is longer than [`MAX_TEXT`] characters.
pub(crate) fn too_long(value: &Value, place: &str) -> Option<Fault> {
    let long = match value {
        Value::Text(text) => text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT,
        Value::List(list) => return list.iter().find_map(|value| too_long(value, place)),
        Value::Object(object) => return object.values().find_map(|value| too_long(value, place)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    };
    long.then(|| {
        Fault::new(
            Code::TextTooLong,
            place,
            format!("A text may have at most {MAX_TEXT} characters. Shorten it, or send it as a file."),
        )
    })
}
