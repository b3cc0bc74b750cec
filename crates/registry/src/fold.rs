//! The fold: what is known about households, made of the set of their events.
//!
//! Events are ordered by `after` alone; no clock decides who wins. The same set of events gives the same states, whatever the order in which
//! they came, however often, and in whatever portions.
//!
//! * A fact holds all values whose events no later event that set it came after. Different values are a conflict.
//! * Steps that exclude each other (two sites accepted, a visit after a departure) are conflicts of the paths `status` and `placement.site`.
//! * A `corrected` event ends the conflicts over the paths that it sets, as far as it came after their sides; nothing else.
//! * A record that was `merged` goes on in another: both histories are one from then on. A `merged` event is undone by a correction of the
//!   status in the same record that comes after it.
//! * A `split` gives members to another household, with all that is known about them, and that household's history points back.
//! * Where the house is, is told by [`Place`](crate::state::Place): no attempt, no bad measurement and nothing far away moves it silently.
//! * An event of an unknown kind is kept in the trace and has its place in the order; what it says has no effect.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::event::{Event, HouseholdId};
use crate::state::State;

mod facts;
mod history;
mod order;
mod place;
mod records;
mod standing;

/// An event, and what the caller knows about how it came.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The event.
    pub event: &'a Event,
    /// Who recorded it, as conflicts name them.
    pub author: Option<&'a str>,
    /// When the server received it.
    pub received_at: Option<Timestamp>,
    /// The device's clock less the server's, as last measured between them.
    pub clock_offset: Option<SignedDuration>,
}

impl<'a> From<&'a Event> for Known<'a> {
    /// An event of which no more is known.
    fn from(event: &'a Event) -> Self {
        Self {
            event,
            author: None,
            received_at: None,
            clock_offset: None,
        }
    }
}

/// The states of all households that the events are about, and of those that records go on in or members went to.
///
/// Give it all events of the households that are asked about, and of those that they are tied to by `merged` and `split` events
/// ([`Event::to_household`]), in any order.
///
/// ```
/// use phteah_registry::{event::Event, fold::fold_all, status::Status};
/// let event = |n: u8, kind: &str, after: &str| {
///     let json = format!(r#"{{"id": "019ae3a0-0000-7000-8000-00000000000{n}", "household": "00000000-0000-4000-8000-000000000001",
///         "kind": "{kind}", "after": [{after}], "happened_on": "2026-11-20", "recorded_at": "2026-11-20T03:10:00Z",
///         "facts": {{"dwelling.rooms": {n}}}}}"#);
///     Event::read(json.as_bytes()).unwrap()
/// };
/// let first = r#""019ae3a0-0000-7000-8000-000000000001""#;
/// let events = [event(3, "visited", first), event(2, "verified", first), event(1, "surveyed", "")];
/// let states = fold_all(&events);
/// let state = &states[&events[0].household];
/// assert_eq!(state.status(), Some(Status::Verified));
/// assert_eq!(state.conflict("dwelling.rooms").unwrap().sides.len(), 2);
/// ```
pub fn fold_all<'a, K: Into<Known<'a>>>(events: impl IntoIterator<Item = K>) -> BTreeMap<HouseholdId, State> {
    records::fold(events.into_iter().map(Into::into).collect())
}

/// The state of one household; None if no event is about it. See [`fold_all`] for what to give.
pub fn fold<'a, K: Into<Known<'a>>>(
    household: HouseholdId,
    events: impl IntoIterator<Item = K>,
) -> Option<State> {
    fold_all(events).remove(&household)
}
