//! What is known about a household: what the [fold](crate::fold) of its events gives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::check::Mark;
use crate::event::{EventId, FactPath, HouseholdId, Kind, MemberId, Number, Value};
use crate::status::Status;
use crate::vocabulary::path;

/// The purpose that a consent is for when it names none: that the family's data are kept and used for what this registry does.
pub const REGISTRATION: &str = "registration";

/// What is known about a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// The record that this is the state of.
    pub household: HouseholdId,
    /// All records whose histories are in this state: its own, and those that go on in it.
    pub records: Vec<HouseholdId>,
    /// The record that this one goes on in. Its own history stays readable here.
    pub merged_into: Option<HouseholdId>,
    /// Where its members came from, if it was made by a split: the household and the event.
    pub split_from: Vec<Origin>,
    /// Where it stands: one status, or several that exclude each other (then `conflicts` has one of the path `status`).
    pub statuses: Vec<Status>,
    /// Every fact with all its values that nothing came after.
    pub facts: BTreeMap<FactPath, Fact>,
    /// The sites that it accepted or moved to and that nothing took the place of; more than one is a conflict of the path
    /// `placement.site`. Empty where it has none.
    pub sites: Vec<Box<str>>,
    /// Where the house is, as far as anybody measured it. None after a move until it was measured there: then only its site is known.
    pub place: Option<Place>,
    /// Moves that are not undone, the newest of each line of events.
    pub moves: Vec<Move>,
    /// All visits, attempts and departures, in the order of the trace.
    pub contacts: Vec<Contact>,
    /// What stands in conflict, in order of path.
    pub conflicts: Vec<Conflict>,
    /// Its referrals, in the order of the trace.
    pub referrals: Vec<Referral>,
    /// Members who went to another household by a split, and where to.
    pub given_away: BTreeMap<MemberId, Vec<HouseholdId>>,
    /// The events that no other one comes after: what a new event has to name in `after`.
    pub heads: Vec<EventId>,
    /// What is strange about the order of the events.
    pub troubles: Vec<Trouble>,
    /// Every event of this history, each exactly once, after those it comes after.
    pub trace: Vec<Trace>,
}

/// Where members came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Origin {
    /// The household that they left.
    pub household: HouseholdId,
    /// The event of the kind `split`.
    pub event: EventId,
}

/// A fact with all its values that nothing came after. More than one is a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The values, each once, in order.
    pub values: Vec<Held>,
}

impl Fact {
    /// The value, if there is exactly one.
    pub fn value(&self) -> Option<&Value> {
        match self.values.as_slice() {
            [held] => Some(&held.value),
            _ => None,
        }
    }
}

/// A value, and the events that say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The value.
    pub value: Value,
    /// The events that say it, in order.
    pub by: Vec<EventId>,
}

/// Two or more things that cannot be right together, and that nobody has settled.
///
/// A `corrected` event that comes after all of them and sets `path` ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The fact: as in `facts`, or `status`, or `placement.site`.
    pub path: FactPath,
    /// What is said, with who said it and when.
    pub sides: Vec<Side>,
}

/// One side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What it says.
    pub value: Value,
    /// Who says it.
    pub said: Vec<Said>,
}

/// Who said something, and when. No time decides anything: it is for people to judge by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Said {
    /// The event.
    pub event: EventId,
    /// Its author, if the caller knew them.
    pub author: Option<Box<str>>,
    /// The day on which it happened.
    pub happened_on: Date,
    /// When it was written down, by the device's clock.
    pub recorded_at: Timestamp,
    /// When the server received it.
    pub received_at: Option<Timestamp>,
}

/// Where the house is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The event that says so.
    pub event: EventId,
    /// Degrees east.
    pub lon: Number,
    /// Degrees north.
    pub lat: Number,
    /// Radius in metres within which it lies, as the device said.
    pub accuracy_m: Option<Number>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Somebody has said that the house is there, and did not only record something there.
    pub confirmed: bool,
    /// Events that say another place and do not count for it, in the order of the trace: less sure, or far away and not confirmed.
    pub elsewhere: Vec<EventId>,
}

/// How sure a location is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It lies in the sea or outside the country: [`Mark::OutsideCountry`].
    OutsideCountry,
    /// It is known no better than to a hundred metres, or its accuracy is not known: [`Mark::Imprecise`].
    Imprecise,
    /// It is known well enough to find the house by.
    Precise,
}

/// A move to a site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Move {
    /// The event.
    pub event: EventId,
    /// The site.
    pub site: Box<str>,
    /// The plot, if one is known.
    pub plot: Option<Box<str>>,
    /// The day.
    pub on: Date,
}

/// A visit, an attempt without success, or word of a departure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// The event.
    pub event: EventId,
    /// `visited`, `not_found` or `left`.
    pub kind: Kind,
    /// The day.
    pub on: Date,
    /// Why nobody was met, or why the family left.
    pub reason: Option<Box<str>>,
    /// Whether later events made it old: somebody met the family after an attempt, or a departure was undone or followed by a new
    /// beginning.
    pub is_replaced: bool,
    /// Of `left`: the last day on which the family is known to have been there.
    pub last_there: Option<Date>,
    /// Of `left`: the first day on which the family is known to have been gone.
    pub first_gone: Option<Date>,
}

/// A referral to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Referral {
    /// The event of the kind `referred`.
    pub event: EventId,
    /// The service.
    pub service: Box<str>,
    /// Whom the family was sent to.
    pub to: Option<Box<str>>,
    /// The day.
    pub on: Date,
    /// The answers that nothing came after; more than one is a conflict of the path `referrals/<event>/answer`.
    pub answers: Vec<Box<str>>,
}

/// What is strange about the order of events. Nothing is lost by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "trouble", rename_all = "snake_case")]
pub enum Trouble {
    /// An event comes after others that are not known here. It counts; its place in the order waits for them.
    Waiting {
        /// The event.
        event: EventId,
        /// What it waits for.
        missing: Vec<EventId>,
    },
    /// Events that each come after the other. They count, as if none had known of the others.
    Circle {
        /// The events.
        events: Vec<EventId>,
    },
    /// Two events with one id say different things. The one whose canonical form is first in order of bytes counts.
    SameId {
        /// The id.
        event: EventId,
    },
    /// Records that each go on in the other. The one with the first id stands for all.
    MergeCircle {
        /// The records.
        records: Vec<HouseholdId>,
    },
}

/// One event's trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Who, what, when.
    #[serde(flatten)]
    pub said: Said,
    /// The record it was written to.
    pub household: HouseholdId,
    /// Its kind's name.
    pub kind: Kind,
    /// What came of it.
    pub effect: Effect,
    /// How many of its facts hold.
    pub holding: usize,
    /// What is strange about it.
    pub marks: Vec<Mark>,
}

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Something of it holds.
    Holds,
    /// All that it said was replaced by later events.
    Replaced,
    /// It is kept and passed on: it says nothing that this version makes a state of (a note, an unknown kind).
    Kept,
    /// It belongs to another household's history, of which members came to this one.
    Inherited,
}

/// A consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody asked, or nobody wrote it down.
    Unknown,
    /// Given.
    Given,
    /// Taken back.
    Withdrawn,
    /// One says given, another says taken back, and neither knew of the other: to be treated as taken back.
    InConflict,
}

impl State {
    /// The status, if there is exactly one.
    pub fn status(&self) -> Option<Status> {
        match self.statuses.as_slice() {
            [status] => Some(*status),
            _ => None,
        }
    }

    /// The site, if there is exactly one.
    pub fn site(&self) -> Option<&str> {
        match self.sites.as_slice() {
            [site] => Some(site),
            _ => None,
        }
    }

    /// The value of a fact, if there is exactly one. None where nobody knows and where it is in conflict.
    pub fn value(&self, path: &str) -> Option<&Value> {
        self.facts.get(path)?.value()
    }

    /// Whether somebody is in danger, and this household is on no device but its caseworker's and in no list, map or count.
    ///
    /// One value that says so is enough, even in conflict: the fact `protection.hidden`.
    pub fn is_hidden(&self) -> bool {
        self.facts
            .get(path::HIDDEN)
            .is_some_and(|fact| fact.values.iter().any(|held| held.value == Value::Bool(true)))
    }

    /// The consent for a purpose.
    pub fn consent(&self, purpose: &str) -> Consent {
        let Some(fact) = self.facts.get(format!("consent.{purpose}").as_str()) else {
            return Consent::Unknown;
        };
        match fact.value().map(Value::as_bool) {
            Some(Some(true)) => Consent::Given,
            Some(Some(false)) => Consent::Withdrawn,
            Some(None) => Consent::Unknown,
            None => Consent::InConflict,
        }
    }

    /// The members who belong to it, as far as facts tell of them.
    pub fn members(&self) -> BTreeSet<MemberId> {
        self.facts
            .keys()
            .filter(|path| path.field() != "household")
            .filter_map(FactPath::member)
            .collect()
    }

    /// The conflict over a path, if there is one.
    pub fn conflict(&self, path: &str) -> Option<&Conflict> {
        self.conflicts
            .iter()
            .find(|conflict| conflict.path.as_str() == path)
    }
}
