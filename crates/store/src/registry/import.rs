//! Taking in surveys that exist already: what is there of a record, which families may be the same, and holding those for a person to judge.

use std::collections::BTreeSet;

use jiff::Timestamp;
use phteah_planning::text::search_form;
use phteah_registry::event::{Event, HouseholdId};
use phteah_registry::fold::{Known, fold};
use phteah_registry::likeness::{Index, LIKELY, Likeness, Person, Profile, likeness};
use phteah_registry::vocabulary::path::SOURCE;

use super::conflicts::state_of;
use super::directory::Entry;
use super::push::{Clocks, Incoming, Receipt, Sender, take};
use super::quarantine::{self, Reason};
use super::read::events_of;
use super::seal::DataKey;
use super::store::Registry;
use super::{MAX_BATCH, facts};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::TeamId;
use crate::rights::Right;
use crate::trail;

/// The least likeness by names and places alone at which two records are looked at closely.
const WORTH_A_LOOK: f64 = 0.35;
/// Records that are looked at closely for one, at most: the most alike by names and places.
const MAX_LOOKS: usize = 20;

/// What makes the ids of imported records: the same record always has the same, and nobody else can tell which record an id belongs to.
#[derive(Debug)]
pub struct ImportKey(DataKey);

impl ImportKey {
    /// A keyed hash of some parts.
    pub fn derive(&self, parts: &[&[u8]]) -> [u8; 32] {
        let all: Vec<&[u8]> = std::iter::once(&b"import"[..])
            .chain(parts.iter().copied())
            .collect();
        self.0.blind(&all)
    }
}

/// What is there of a record that is to be taken in.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nothing.
    New,
    /// These events were made of it before, and nothing that was made of it since came after them.
    Known(Vec<Event>),
    /// It was erased.
    Erased,
}

/// A record that is to be taken in.
#[derive(Debug, Clone)]
pub struct ImportedEvent {
    /// The event.
    pub event: Incoming,
    /// Households that may be the same family: then it is held, in quarantine, until a person has judged.
    pub may_be: Vec<HouseholdId>,
}

impl Registry {
    /// The key for the ids of imported records.
    pub fn import_key(&self, actor: &Actor) -> Result<ImportKey> {
        actor.require(Right::DecideCases)?;
        Ok(ImportKey(self.inner().blind.clone()))
    }

    /// What is there of a record of the survey `source` whose household this is.
    pub fn imported(&self, actor: &Actor, household: HouseholdId, source: &str) -> Result<Standing> {
        actor.require(Right::DecideCases)?;
        let entry = self.directory().find(household).cloned();
        let Some(entry) = entry else {
            return Ok(Standing::New);
        };
        if entry.key.is_none() {
            return Ok(Standing::Erased);
        }
        if !entry.is_visible(actor, Right::DecideCases) {
            return Err(super::read::no_such_household());
        }
        let events = self.read(|conn| events_of(conn, &entry))?;
        let mut own: Vec<Event> = events
            .into_iter()
            .map(|stored| stored.event)
            .filter(|event| {
                let said = event.facts.get(SOURCE);
                said.is_some_and(|value| value.as_text() == Some(source))
            })
            .collect();
        let followed: BTreeSet<_> = own.iter().flat_map(|event| event.after.clone()).collect();
        own.retain(|event| !followed.contains(&event.id));
        Ok(Standing::Known(own))
    }

    /// For each of some records, in turn, the households that are likely the same family: among those of the registry and among the records
    /// before it. Hidden households are compared with none. The comparing is written down.
    pub fn likely(
        &self,
        actor: &Actor,
        records: &[Event],
        why: &str,
        now: Timestamp,
    ) -> Result<Vec<Vec<Likeness>>> {
        actor.require(Right::DecideCases)?;
        self.refresh()?;
        let (log, reason) = (actor.clone(), why.to_owned());
        let detail = format!("{} records", records.len());
        self.write(move |change| {
            let row = trail::Entry {
                what: "households_compared",
                subject: "households",
                why: &reason,
                detail: &detail,
            };
            trail::append(change.transaction(), &log, &row, now)
        })?;
        let entries: Vec<Entry> = {
            let directory = self.directory();
            let seen = directory
                .iter()
                .filter(|entry| !entry.summary.hidden && entry.is_visible(actor, Right::DecideCases));
            seen.cloned().collect()
        };
        let by_name = Index::new(entries.iter().map(roughly));
        let mut before = Index::default();
        let mut found = Vec::with_capacity(records.len());
        for event in records {
            let own = self.profile(event)?;
            let mut likely = before.likely(&own, LIKELY);
            for near in by_name.likely(&own, WORTH_A_LOOK).into_iter().take(MAX_LOOKS) {
                let close = self.look(&own, near.household)?;
                likely.extend(close.filter(|likeness| likeness.score >= LIKELY));
            }
            likely.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.household.cmp(&b.household)));
            before.add(own);
            found.push(likely);
        }
        Ok(found)
    }

    fn look(&self, own: &Profile, other: HouseholdId) -> Result<Option<Likeness>> {
        let Some(entry) = self.directory().find(other).cloned() else {
            return Ok(None);
        };
        let state = self.read(|conn| {
            state_of(conn, &entry, |id| {
                self.directory()
                    .find(id)
                    .filter(|entry| !entry.summary.hidden)
                    .cloned()
            })
        })?;
        let tags = entry.summary.blind.iter().map(u64::to_string);
        let place = entry.summary.sangkats.first().map(String::as_str);
        Ok(state.map(|state| {
            let mut alike = likeness(own, &Profile::of(&state, place, tags, &search_form));
            alike.household = other;
            alike
        }))
    }

    fn profile(&self, event: &Event) -> Result<Profile> {
        let known = Known {
            event,
            author: None,
            received_at: None,
            clock_offset: None,
        };
        let state = fold(event.household, [known])
            .ok_or_else(|| StoreError::DamagedRegistry("a record that is to be taken in".into()))?;
        let sangkats = facts::sangkats(event).unwrap_or_default();
        let tags = facts::blind(event, &self.inner().blind).map(|hash| hash.to_string());
        Ok(Profile::of(
            &state,
            sangkats.first().map(String::as_str),
            tags,
            &search_form,
        ))
    }

    /// Takes in a batch of imported records, as a team's where one is named. Those that may be a family which is there already are held.
    pub fn take_imported(
        &self,
        actor: &Actor,
        team: Option<&TeamId>,
        batch: Vec<ImportedEvent>,
        clocks: Clocks,
    ) -> Result<Vec<Receipt>> {
        actor.require(Right::DecideCases)?;
        actor.require(Right::RecordEvents)?;
        if batch.len() > MAX_BATCH {
            return Err(StoreError::Usage(format!(
                "A batch holds at most {MAX_BATCH} records."
            )));
        }
        let mut sender = Sender::new(actor, clocks);
        if let Some(team) = team {
            sender.team = Some(team.to_string());
        }
        self.write(move |change| {
            let mut receipts = Vec::with_capacity(batch.len());
            for imported in &batch {
                let household = imported.event.event.as_ref().ok().map(|event| event.household);
                let receipt = if imported.may_be.is_empty() {
                    take(change, &sender, &imported.event)?.0
                } else {
                    let ids: Vec<String> = imported.may_be.iter().take(5).map(ToString::to_string).collect();
                    let message = format!(
                        "It may be a family that is there already: {}. Release it if it is another family; dismiss it if it is the same.",
                        ids.join(", ")
                    );
                    let reason = Reason::Store("likely_duplicate", &message);
                    quarantine::keep(change, &sender, &imported.event, household, &reason)?
                };
                receipts.push(receipt);
            }
            Ok(receipts)
        })
    }

    /// Writes down that a survey was taken in.
    pub fn note_import(
        &self,
        actor: &Actor,
        source: &str,
        detail: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::DecideCases)?;
        let (actor, source) = (actor.clone(), source.to_owned());
        let (detail, why) = (detail.to_owned(), why.to_owned());
        self.write(move |change| {
            let row = trail::Entry {
                what: "survey_imported",
                subject: &source,
                why: &why,
                detail: &detail,
            };
            trail::append(change.transaction(), &actor, &row, now)
        })
    }
}

/// What is known of a household without opening it: names without ages.
fn roughly(entry: &Entry) -> Profile {
    Profile {
        household: entry.id,
        people: entry
            .summary
            .names
            .iter()
            .map(|name| Person::new(None, [name.as_str()], None, &search_form))
            .collect(),
        place: entry
            .summary
            .sangkats
            .first()
            .map(|sangkat| search_form(sangkat).into()),
        tags: entry
            .summary
            .blind
            .iter()
            .map(|hash| hash.to_string().into())
            .collect(),
    }
}
