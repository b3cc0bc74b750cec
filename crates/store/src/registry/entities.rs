//! Households as a list for forms: what somebody who visits must know to find the right one and to ask about what was said last time.
//!
//! The list lies open on a phone (ODK Collect seals nothing). So it has no telephone number, no number of a card and no note, and hidden
//! households are not on it, whoever asks.

use std::collections::BTreeMap;

use phteah_registry::event::{HouseholdId, Value};
use phteah_registry::state::State;
use phteah_registry::vocabulary;

use super::conflicts::state_of;
use super::directory::Entry;
use super::read::events_of;
use super::store::Registry;
use super::submissions::counts;
use crate::actor::Actor;
use crate::error::Result;
use crate::rights::Right;

/// Facts that the list carries: what was said last time, by their paths, in order.
pub fn listed_facts() -> impl Iterator<Item = &'static str> {
    let listed = vocabulary::facts().iter().filter(|fact| fact.listed);
    listed.map(|fact| fact.path.as_str())
}

/// A household in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedHousehold {
    /// Its id.
    pub id: HouseholdId,
    /// Its version: the number of its events, consent and notes aside.
    pub version: u64,
    /// The code on its card.
    pub code: Option<String>,
    /// Where it stands.
    pub status: Option<String>,
    /// The site that it accepted or moved to.
    pub site: Option<String>,
    /// Some of its facts, where they are not in conflict.
    pub facts: BTreeMap<&'static str, String>,
}

impl Registry {
    /// The number that the registry has come to: while it stays the same, so does every list made of it for one actor.
    pub fn list_version(&self) -> Result<i64> {
        self.refresh()?;
        Ok(self.directory().seen)
    }

    /// The households of an actor as a list for forms, in order of their ids. Hidden ones are left out.
    pub fn listed_households(&self, actor: &Actor) -> Result<Vec<ListedHousehold>> {
        actor.require(Right::ReadHouseholds)?;
        self.refresh()?;
        let mut entries: Vec<Entry> = {
            let directory = self.directory();
            let visible = directory.iter().filter(|entry| is_listed(entry, actor));
            visible.cloned().collect()
        };
        entries.sort_unstable_by_key(|entry| entry.id);
        self.read(|conn| {
            let mut listed = Vec::with_capacity(entries.len());
            for entry in &entries {
                let find = |id| self.directory().find(id).cloned();
                let Some(state) = state_of(conn, entry, find)? else {
                    continue;
                };
                // A record that goes on in another one is that one's.
                if state.merged_into.is_some() {
                    continue;
                }
                let version = events_of(conn, entry)?
                    .iter()
                    .filter(|stored| counts(&stored.event.kind))
                    .count() as u64;
                listed.push(in_list(entry, version, &state));
            }
            Ok(listed)
        })
    }

    /// Of these households, those that are on the actor's list.
    pub fn are_listed(&self, actor: &Actor, ids: &[HouseholdId]) -> Result<Vec<bool>> {
        actor.require(Right::ReadHouseholds)?;
        self.refresh()?;
        let directory = self.directory();
        Ok(ids
            .iter()
            .map(|id| directory.find(*id).is_some_and(|entry| is_listed(entry, actor)))
            .collect())
    }
}

fn is_listed(entry: &Entry, actor: &Actor) -> bool {
    !entry.summary.hidden && entry.is_visible(actor, Right::ReadHouseholds)
}

fn in_list(entry: &Entry, version: u64, state: &State) -> ListedHousehold {
    let text = |value: &Value| match value {
        Value::Text(text) => text.to_string(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    };
    ListedHousehold {
        id: entry.id,
        version,
        code: entry.summary.code.clone(),
        status: state.status().map(|status| status.as_str().to_owned()),
        site: match state.sites.as_slice() {
            [one] => Some(one.to_string()),
            _ => None,
        },
        facts: listed_facts()
            .filter_map(|path| {
                let value = state
                    .facts
                    .get(path)?
                    .value()
                    .filter(|value| **value != Value::Null)?;
                Some((path, text(value)))
            })
            .collect(),
    }
}
