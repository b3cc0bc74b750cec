//! What is recorded at the desk: events like any others, checked by the same rules, but refused where they cannot be taken, because a person is
//! there to be told; and offers, of which no site gives more than it has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phteah_registry::event::{Event, EventId, HouseholdId, Kind};
use phteah_registry::fold::fold;
use phteah_registry::state::Effect;

use super::super::change::Change;
use super::super::conflicts::{histories, tell};
use super::super::directory::Entry;
use super::super::push::{Clocks, Incoming, MAX_BATCH, Note, Placed, Receipt, ReceiptStatus, Sender, place};
use super::super::read::{no_such_household, reads_notes};
use super::super::store::Registry;
use super::build::known;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// Why an event was not taken. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The household that it was about, where that could be read.
    pub household: Option<HouseholdId>,
    /// What is against it: codes and sentences.
    pub notes: Vec<Note>,
}

/// What became of an event that was recorded at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is stored, or was stored before.
    Taken(Receipt),
    /// It was not taken.
    Refused(Refusal),
}

/// How many households sites take.
#[derive(Debug, Clone, Default)]
pub struct Room {
    /// Each site of the decision that an offer names. An offer of any other site is refused.
    pub offered: BTreeMap<String, u32>,
    /// Each site of any decision. An acceptance names no decision, and a site of none is accepted as it is told.
    pub accepted: BTreeMap<String, u32>,
}

impl Registry {
    /// Records events, each by itself: one that is refused stops no other. Of no site are more places given than `room` says. Each event that
    /// is taken is written down in the audit.
    pub fn record(
        &self,
        actor: &Actor,
        events: Vec<Incoming>,
        room: &Room,
        why: &str,
        now: Timestamp,
    ) -> Result<Vec<Recorded>> {
        actor.require(Right::RecordEvents)?;
        if events.len() > MAX_BATCH {
            return Err(StoreError::Usage(format!(
                "At most {MAX_BATCH} events are recorded at once. Record them in parts; none of them was taken."
            )));
        }
        self.refresh()?;
        let sender = Sender::new(actor, Clocks { now, offset: None });
        let (room, why) = (room.clone(), why.to_owned());
        self.write(move |change| {
            let mut recorded = Vec::with_capacity(events.len());
            for incoming in &events {
                recorded.push(record(change, &sender, incoming, &room, &why)?);
            }
            Ok(recorded)
        })
    }

    /// How many places of a site are taken by offers that stand, acceptances and moves, of all households.
    pub fn places_taken(&self, actor: &Actor) -> Result<BTreeMap<String, u32>> {
        actor.require(Right::SeeCaseDecisions)?;
        self.refresh()?;
        let mut taken = BTreeMap::new();
        for entry in self.directory().iter().filter(|entry| entry.key.is_some()) {
            for site in &entry.summary.holds {
                *taken.entry(site.clone()).or_default() += 1;
            }
        }
        Ok(taken)
    }
}

fn record(
    change: &mut Change<'_>,
    sender: &Sender,
    incoming: &Incoming,
    room: &Room,
    why: &str,
) -> Result<Recorded> {
    let event = match &incoming.event {
        Ok(event) => event,
        Err(unreadable) => {
            let notes = unreadable.faults.iter().map(|fault| Note {
                code: fault.code.as_str().to_owned(),
                message: fault.message.clone(),
            });
            return Ok(Recorded::Refused(Refusal {
                household: unreadable.household,
                notes: notes.collect(),
            }));
        }
    };
    let refused = |code: &str, message: String| {
        Ok(Recorded::Refused(Refusal {
            household: Some(event.household),
            notes: vec![Note {
                code: code.to_owned(),
                message,
            }],
        }))
    };
    let right = needed(&event.kind);
    if sender.actor.reach(right).is_none() {
        return refused("no_right", StoreError::no_right().to_string());
    }
    let entry = change.find(event.household);
    let begins = matches!(event.kind, Kind::Surveyed | Kind::ConsentGiven);
    match &entry {
        Some(entry) if entry.is_visible(&sender.actor, right) => {
            if event.kind == Kind::Noted && !reads_notes(&sender.actor, entry) {
                let message =
                    "Protected notes are written by the caseworker in whose hands the household is.";
                return refused("no_right", message.to_owned());
            }
        }
        None if begins => {}
        _ => return refused("not_found", no_such_household().to_string()),
    }
    if let Some(message) = lacks_room(change, event, entry.as_ref(), room) {
        return refused("site_full", message);
    }
    let placed = place(change, sender, event)?;
    let receipt = |status, seq, notes| Receipt {
        id: Some(event.id.to_string()),
        status,
        seq: Some(seq),
        notes,
        conflicts: Vec::new(),
    };
    match placed {
        Placed::Stored { seq, notes, beside } => {
            let mut receipts = [receipt(ReceiptStatus::Stored, seq, notes)];
            if let Some(n) = beside {
                tell(change, &sender.actor, &[(0, n)], &mut receipts)?;
            }
            let row = trail::Entry {
                what: "event_recorded",
                subject: &event.household.to_string(),
                why,
                detail: event.kind.as_str(),
            };
            trail::append(change.transaction(), &sender.actor, &row, sender.clocks.now)?;
            let [receipt] = receipts;
            Ok(Recorded::Taken(receipt))
        }
        Placed::Duplicate(seq) => Ok(Recorded::Taken(receipt(
            ReceiptStatus::Duplicate,
            seq,
            Vec::new(),
        ))),
        Placed::Refused(why) => Ok(Recorded::Refused(Refusal {
            household: Some(event.household),
            notes: why.not_kept(),
        })),
    }
}

/// The right that a kind of event needs at the desk: who offers and merges decides; everything else is told by whoever learned it.
fn needed(kind: &Kind) -> Right {
    match kind {
        Kind::Offered | Kind::Merged | Kind::Split => Right::DecideCases,
        _ => Right::RecordEvents,
    }
}

/// Why a site cannot be offered or accepted; `None` where it can. A move that has happened is told whatever was planned.
fn lacks_room(change: &Change<'_>, event: &Event, entry: Option<&Entry>, room: &Room) -> Option<String> {
    let site = event.site()?;
    let has_it = entry.is_some_and(|entry| entry.summary.holds.iter().any(|held| held == site));
    let places = match event.kind {
        Kind::Offered => match room.offered.get(site) {
            Some(places) => places,
            None => return Some("This site is none of the decision's. Choose one of its sites.".to_owned()),
        },
        Kind::Accepted if !has_it => room.accepted.get(site)?,
        _ => return None,
    };
    let mut taken = 0;
    change.each(|other| {
        let holds = other.summary.holds.iter().any(|held| held == site);
        if holds && other.key.is_some() && other.id != event.household {
            taken += 1;
        }
    });
    (taken >= *places).then(|| {
        format!(
            "The site is full: all of its {places} places are offered or taken. Choose another site, or wait until a family has declined."
        )
    })
}

/// Brings the sites that a household holds up to date with one more event. `beside`: the event does not come after all that there was.
pub(in super::super) fn settle(
    change: &Change<'_>,
    entry: &mut Entry,
    event: &Event,
    beside: bool,
) -> Result<()> {
    let site = event.site().map(str::to_owned);
    let holds = &mut entry.summary.holds;
    let gives = matches!(event.kind, Kind::Offered | Kind::Accepted | Kind::Moved);
    let corrects = event.kind == Kind::Corrected
        && event
            .facts
            .keys()
            .any(|path| matches!(path.as_str(), "status" | "placement.site"));
    let ends = matches!(event.kind, Kind::Declined | Kind::Left | Kind::Merged);
    if gives && let Some(site) = &site {
        if event.kind == Kind::Moved && !beside {
            holds.clear();
        }
        if !holds.contains(site) {
            holds.push(site.clone());
        }
    }
    if ends && !beside {
        match (&event.kind, &site) {
            (Kind::Declined, Some(site)) => holds.retain(|held| held != site),
            _ => holds.clear(),
        }
    }
    if corrects || (ends && beside && !holds.is_empty()) {
        let mut events = histories(change.conn(), entry, |_| None)?;
        if events.iter().all(|stored| stored.event.id != event.id) {
            return Err(StoreError::DamagedRegistry("the events of a household".into()));
        }
        events.sort_by_key(|stored| stored.seq);
        if let Some(state) = fold(entry.id, events.iter().map(known)) {
            let standing: Vec<EventId> = state
                .trace
                .iter()
                .filter(|trace| trace.kind == Kind::Offered && trace.effect == Effect::Holds)
                .map(|trace| trace.said.event)
                .collect();
            let mut sites: Vec<String> = state.sites.iter().map(ToString::to_string).collect();
            let offered = events.iter().filter(|stored| standing.contains(&stored.event.id));
            sites.extend(offered.filter_map(|stored| stored.event.site().map(str::to_owned)));
            sites.sort_unstable();
            sites.dedup();
            entry.summary.holds = sites;
        }
    }
    Ok(())
}
