//! What is known of each household without opening its events: kept in memory, read from sealed summaries when a registry is opened.
//!
//! It answers the two questions that every request asks: may this actor know of this household, and what are its heads.

use std::collections::HashMap;

use phteah_registry::event::{EventId, HouseholdId};
use serde::{Deserialize, Serialize};

use super::seal::DataKey;
use super::search::forms;
use crate::actor::{Actor, Area};
use crate::rights::{Reach, Right};

/// A household's number in the file.
pub(crate) type Number = i64;

/// What the server works with of a household without opening its events. Sealed in the file like the events themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// Events that no other event known here comes after.
    pub heads: Vec<EventId>,
    /// Sangkats where it lives, as far as they are known: several where two events say so and neither came after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sangkats: Vec<String>,
    /// Names of its people, in every way that any event has written them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The code on its card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Keyed hashes of its telephone numbers and cards: equal where the number is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blind: Vec<u64>,
    /// Somebody is in danger: only the caseworker in whose hands it is may know of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Sites of which it holds a place: offered and not declined, accepted, or moved to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// How many events.
    pub events: u32,
}

/// One household.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub n: Number,
    pub id: HouseholdId,
    /// The team that recorded it first.
    pub team: Option<String>,
    /// `None` once it is erased.
    pub key: Option<DataKey>,
    pub summary: Summary,
    /// Accounts of the people in whose hands it is; of nobody in particular where there are none.
    pub given: Vec<String>,
    /// The names as they are searched, one a line. Made of the summary when the household is put into the directory.
    pub forms: Box<str>,
}

impl Entry {
    /// Whether an actor with `right` over households may know that this one exists. The one place where that is decided.
    pub fn is_visible(&self, actor: &Actor, right: Right) -> bool {
        let Some(reach) = actor.reach(right) else {
            return false;
        };
        if self.key.is_none() {
            return false;
        }
        let own = actor
            .account()
            .is_some_and(|account| self.given.iter().any(|given| given == account.as_str()));
        if self.summary.hidden {
            // The command line runs on the machine that has the key; the table of rights gives hidden places to own cases alone. One in nobody's
            // hands is in those of the area's caseworkers: a family in danger must not be lost to all.
            let orphaned = self.given.is_empty() && self.is_within(actor);
            return actor.is_command_line()
                || ((own || orphaned) && actor.reach(Right::ReadProtected).is_some());
        }
        match reach {
            Reach::All => true,
            Reach::OwnTeams => own || self.is_within(actor),
            Reach::OwnCases => own,
            // What is in nobody's hands is in those of the whole team.
            Reach::Assigned => own || (self.given.is_empty() && self.is_within(actor)),
        }
    }

    /// Whether it lives in the actor's area. One whose sangkat nobody has written down belongs to the team that recorded it.
    fn is_within(&self, actor: &Actor) -> bool {
        let scope = actor.scope();
        if self.summary.sangkats.is_empty() {
            let own = self
                .team
                .as_deref()
                .is_some_and(|team| scope.teams.iter().any(|own| own.as_str() == team));
            return own || scope.area == Area::Everywhere;
        }
        self.summary
            .sangkats
            .iter()
            .any(|sangkat| scope.area.has(Some(sangkat)))
    }
}

/// All households.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    entries: HashMap<Number, Entry>,
    by_id: HashMap<HouseholdId, Number>,
    /// The last number of the counter that is known here; what the file has beyond it was written by another process.
    pub seen: i64,
}

impl Directory {
    pub fn get(&self, n: Number) -> Option<&Entry> {
        self.entries.get(&n)
    }

    pub fn find(&self, id: HouseholdId) -> Option<&Entry> {
        self.entries.get(self.by_id.get(&id)?)
    }

    pub fn put(&mut self, mut entry: Entry) {
        entry.forms = forms(&entry.summary.names);
        self.by_id.insert(entry.id, entry.n);
        self.entries.insert(entry.n, entry);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}
