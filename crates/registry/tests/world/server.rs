//! The server's part: it reads, checks, stores once, and gives out what somebody may see.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use phteah_registry::check::{Code, faults};
use phteah_registry::event::{Event, EventId, HouseholdId};
use phteah_registry::fold::fold;

use super::device::Sealed;

/// A stored event.
pub struct Stored {
    /// Its number.
    pub seq: u64,
    /// Its canonical form.
    pub json: String,
    household: HouseholdId,
}

/// The answer to one event.
pub struct Receipt {
    /// The event.
    pub id: EventId,
    /// `stored`, `duplicate` or `quarantined`.
    pub status: &'static str,
}

/// The answer to a device that asks for what is new.
pub struct Changes {
    /// Events, in order of number.
    pub events: Vec<(EventId, String)>,
    /// Households that the device may no longer hold.
    pub forget: BTreeSet<HouseholdId>,
    /// Where to go on.
    pub next: u64,
    /// The version of what the device may see.
    pub scope: u64,
    /// Whether there is more.
    pub has_more: bool,
}

/// The server.
pub struct Server {
    /// What is stored.
    pub events: BTreeMap<EventId, Stored>,
    /// What lies in quarantine.
    pub quarantine: BTreeMap<EventId, Code>,
    /// For each device whether it was revoked.
    pub is_revoked: Vec<bool>,
    areas: Vec<usize>,
    area_of: BTreeMap<HouseholdId, usize>,
    /// Households in danger: seen by the first device alone.
    hidden: BTreeSet<HouseholdId>,
    /// Counts up when anybody's rights change.
    scope: u64,
    seq: u64,
}

impl Server {
    /// A server with households spread over three areas, and so many devices.
    pub fn new(households: &[HouseholdId], devices: usize) -> Self {
        Self {
            events: BTreeMap::new(),
            quarantine: BTreeMap::new(),
            is_revoked: vec![false; devices],
            areas: (0..devices).map(|device| device % 2).collect(),
            area_of: households
                .iter()
                .enumerate()
                .map(|(n, id)| (*id, n % 3))
                .collect(),
            hidden: BTreeSet::new(),
            scope: 1,
            seq: 0,
        }
    }

    /// Whether a device may see a household.
    pub fn may_see(&self, device: usize, household: HouseholdId) -> bool {
        let is_in_area = self.area_of.get(&household) == Some(&self.areas[device]);
        is_in_area && (device == 0 || !self.hidden.contains(&household))
    }

    /// Gives a device another area.
    pub fn change_area(&mut self, device: usize, area: usize) {
        self.areas[device] = area;
        self.scope += 1;
    }

    /// Takes a batch in; every event gets its own receipt, and one bad one stops none.
    pub fn take_in(&mut self, device: usize, batch: &[Sealed], now: Timestamp) -> Vec<Receipt> {
        batch
            .iter()
            .map(|sealed| Receipt {
                id: sealed.id,
                status: self.take_one(device, sealed, now),
            })
            .collect()
    }

    fn take_one(&mut self, device: usize, sealed: &Sealed, now: Timestamp) -> &'static str {
        if self.quarantine.contains_key(&sealed.id) {
            return "quarantined";
        }
        let event = match Event::read(sealed.json.as_bytes()) {
            Ok(event) => event,
            Err(unreadable) => return self.lay_aside(sealed.id, unreadable.faults[0].code),
        };
        let json = event.canonical();
        if let Some(stored) = self.events.get(&event.id) {
            assert_eq!(stored.json, json, "no device makes one id twice");
            return "duplicate";
        }
        if let Some(fault) = faults(&event, now).first() {
            return self.lay_aside(sealed.id, fault.code);
        }
        if !self.may_see(device, event.household) {
            return self.lay_aside(sealed.id, Code::OutOfScope);
        }
        self.seq += 1;
        self.events.insert(
            event.id,
            Stored {
                seq: self.seq,
                json,
                household: event.household,
            },
        );
        self.look_for_danger(event.household);
        "stored"
    }

    fn lay_aside(&mut self, id: EventId, code: Code) -> &'static str {
        self.quarantine.insert(id, code);
        "quarantined"
    }

    fn look_for_danger(&mut self, household: HouseholdId) {
        let events: Vec<Event> = self
            .events
            .values()
            .filter(|stored| stored.household == household)
            .filter_map(|stored| Event::read(stored.json.as_bytes()).ok())
            .collect();
        let is_hidden = fold(household, &events).is_some_and(|state| state.is_hidden());
        let has_changed = if is_hidden {
            self.hidden.insert(household)
        } else {
            self.hidden.remove(&household)
        };
        self.scope += u64::from(has_changed);
    }

    /// What is new for a device. Where rights changed since it asked last, it is told what to forget, and starts anew.
    pub fn changes(&self, device: usize, after: u64, scope: u64, limit: usize) -> Changes {
        let has_changed = scope != self.scope;
        let after = if has_changed { 0 } else { after };
        let mut new: Vec<(&EventId, &Stored)> = self
            .events
            .iter()
            .filter(|(_, stored)| stored.seq > after && self.may_see(device, stored.household))
            .collect();
        new.sort_by_key(|(_, stored)| stored.seq);
        let has_more = new.len() > limit;
        new.truncate(limit);
        let forget = self
            .area_of
            .keys()
            .filter(|household| !self.may_see(device, **household));
        Changes {
            next: new.last().map_or(self.seq, |(_, stored)| stored.seq),
            forget: forget.copied().collect(),
            events: new
                .into_iter()
                .map(|(id, stored)| (*id, stored.json.clone()))
                .collect(),
            scope: self.scope,
            has_more,
        }
    }
}
