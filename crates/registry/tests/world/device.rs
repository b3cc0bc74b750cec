//! A phone: a queue, a replica, receipts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use phteah_registry::event::{Event, EventId, HouseholdId};
use phteah_registry::fold::fold;
use serde_json::json;

use super::server::{Changes, Receipt};

/// An event as it lies on the phone and goes through the network.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Its id.
    pub id: EventId,
    /// Its bytes.
    pub json: String,
}

/// A phone. All of it is on its disk, and survives a restart.
#[derive(Debug, Default)]
pub struct Device {
    /// What has no receipt yet, in order of recording. Nothing but a receipt takes anything out.
    pub outbox: Vec<Sealed>,
    /// What came from the server.
    pub replica: BTreeMap<EventId, String>,
    /// Events that have a receipt.
    pub receipts: BTreeSet<EventId>,
    /// How far it has asked.
    pub after: u64,
    /// The version of what it may see, as it was told last.
    pub scope: u64,
    /// Its clock less the true time.
    pub offset: SignedDuration,
}

impl Device {
    /// What it shows of a household: what came, and what it has not sent yet.
    fn heads(&self, household: HouseholdId) -> Vec<EventId> {
        let queued = self.outbox.iter().map(|sealed| &sealed.json);
        let known: Vec<Event> = self
            .replica
            .values()
            .chain(queued)
            .filter_map(|json| Event::read(json.as_bytes()).ok())
            .filter(|event| event.household == household)
            .collect();
        fold(household, &known).map_or_else(Vec::new, |state| state.heads)
    }

    /// Records something about a household.
    pub fn record(&mut self, household: HouseholdId, id: EventId, clock: Timestamp, choice: u64) -> EventId {
        let (kind, more) = match choice {
            0..=3 => ("surveyed", json!({"facts": {"dwelling.rooms": choice}})),
            4 => ("accepted", json!({"site": "A"})),
            5 => ("accepted", json!({"site": "B"})),
            6 => ("visited", json!({"facts": {"dwelling.rooms": 9}})),
            7 => ("corrected", json!({"facts": {"dwelling.rooms": 5}})),
            8 => ("of_a_later_version", json!({"extra": [1.50, "ក"]})),
            // Cannot be accepted: the site is missing.
            9 => ("moved", json!({})),
            10 => ("surveyed", json!({"facts": {"protection.hidden": true}})),
            _ => ("left", json!({})),
        };
        let mut json = json!({
            "id": id,
            "household": household,
            "kind": kind,
            "after": self.heads(household),
            "happened_on": clock.to_string()[..10],
            "recorded_at": clock.to_string(),
        });
        for (name, value) in more.as_object().expect("fields") {
            json[name] = value.clone();
        }
        self.outbox.push(Sealed {
            id,
            json: json.to_string(),
        });
        id
    }

    /// Takes receipts: the only thing that takes an event out of the queue.
    pub fn take_receipts(&mut self, receipts: &[Receipt]) {
        for receipt in receipts {
            self.receipts.insert(receipt.id);
            self.outbox.retain(|sealed| sealed.id != receipt.id);
        }
    }

    /// Takes what is new; how many households were forgotten.
    pub fn take_changes(&mut self, changes: Changes) -> usize {
        let is_forgotten = |json: &str| {
            let event = Event::read(json.as_bytes()).expect("came from the server");
            changes.forget.contains(&event.household)
        };
        let before = self.replica.len();
        self.replica.retain(|_, json| !is_forgotten(json));
        let forgotten = usize::from(self.replica.len() < before);
        for (id, json) in changes.events {
            self.replica.insert(id, json);
        }
        self.after = changes.next;
        self.scope = changes.scope;
        forgotten
    }

    /// Starts anew from what is on its disk, which is everything: the queue is read back from its bytes.
    pub fn restart(&mut self) {
        for sealed in &mut self.outbox {
            let event = Event::read(sealed.json.as_bytes()).expect("what was recorded can be read");
            assert_eq!(event.id, sealed.id);
            sealed.json = event.canonical();
        }
    }
}
