//! One household, whole: its state, its story, what is due and whether it may be recorded twice.

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_planning::text::search_form;
use phteah_registry::event::{HouseholdId, Kind};
use phteah_registry::fold::fold;
use phteah_registry::likeness::{Likeness, Profile, Reason, likeness};
use phteah_registry::referral::SILENT_AFTER_DAYS;
use phteah_registry::schedule::{DueVisit, Question, Schedule, due_visits, questions};
use phteah_registry::state::State;
use phteah_registry::status::Status;

use super::super::change::Change;
use super::super::conflicts::histories;
use super::super::directory::Entry;
use super::super::read::{StoredEvent, no_such_household, read_by, reads_notes};
use super::super::store::Registry;
use super::build::{known, today};
use super::row::{Need, offered_site, place_of, site_of};
use super::today::{names, seen};
use super::twins;
use crate::actor::Actor;
use crate::error::Result;
use crate::rights::Right;

/// Records that are compared with one household at most.
const MAX_COMPARED: usize = 10;

/// A record that may be of the same family: what tells it from others, as a list shows it.
#[derive(Debug, Clone)]
pub struct Likely {
    /// The record.
    pub household: HouseholdId,
    /// How alike, from 0 to 1: a judgement for putting in order.
    pub score: f64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The head's name in Khmer and in Latin letters.
    pub names: [String; 2],
    /// The code on its card.
    pub code: Option<String>,
    /// Sangkats where it lives.
    pub sangkats: Vec<String>,
    /// How many people.
    pub size: Option<u16>,
    /// Where it stands.
    pub status: Status,
    /// The day on which something happened last.
    pub last_on: Date,
}

/// A household as the desk shows it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The household.
    pub id: HouseholdId,
    /// The team that recorded it first.
    pub team: Option<String>,
    /// Accounts of the people in whose hands it is.
    pub given: Vec<String>,
    /// Only they may know of it.
    pub hidden: bool,
    /// The code on its card.
    pub code: Option<String>,
    /// Sangkats where it lives.
    pub sangkats: Vec<String>,
    /// What is known of it.
    pub state: State,
    /// Its events and those of the records that it is read together with; protected notes only for those who may read them.
    pub events: Vec<StoredEvent>,
    /// Protected notes that the actor may not read.
    pub notes_withheld: usize,
    /// The visits that the schedule asks for.
    pub visits: Vec<DueVisit>,
    /// What to ask the coordinator.
    pub questions: Vec<Question>,
    /// What is known of its needs.
    pub needs: Vec<Need>,
    /// The site that it was offered, accepted or moved to.
    pub site: Option<String>,
    /// The site of the offer that it has not answered yet.
    pub offered: Option<String>,
    /// Where it was recorded last: degrees.
    pub at: Option<[f64; 2]>,
    /// Records that may be of the same family; none where they were not asked for, or while the households are still being read.
    pub likely: Vec<Likely>,
}

impl Registry {
    /// A household that an actor may read, whole. The reading is written down.
    pub fn case(&self, actor: &Actor, id: HouseholdId, why: &str, now: Timestamp) -> Result<Case> {
        self.refresh()?;
        let twins = self.twins_of(actor, id, now)?;
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let entry = read_by(change, &actor, id, &why, now)?;
            let mut case = case(change, &actor, &entry, now)?;
            case.likely = likely(change, &entry, &case.state, twins)?;
            Ok(case)
        })
    }

    /// Records that are worth judging beside a household, by the rule of the day's list.
    fn twins_of(&self, actor: &Actor, id: HouseholdId, now: Timestamp) -> Result<Vec<Likely>> {
        let Ok(rows) = self.rows(now)? else {
            return Ok(Vec::new());
        };
        let directory = self.directory();
        let seen = seen(&directory, &rows, actor);
        let twins = twins::of_one(&seen, id).into_iter().take(MAX_COMPARED);
        Ok(twins
            .map(|(entry, row)| Likely {
                household: entry.id,
                score: 0.0,
                reasons: Vec::new(),
                names: names(row),
                code: entry.summary.code.clone(),
                sangkats: entry.summary.sangkats.clone(),
                size: row.size,
                status: row.status,
                last_on: row.last_on,
            })
            .collect())
    }

    /// Several households for the same purpose, each reading written down. One that is not there, or that the actor may not know of, is left
    /// out.
    pub fn cases(&self, actor: &Actor, ids: &[HouseholdId], why: &str, now: Timestamp) -> Result<Vec<Case>> {
        self.refresh()?;
        let (actor, ids, why) = (actor.clone(), ids.to_vec(), why.to_owned());
        self.write(move |change| {
            let mut cases = Vec::with_capacity(ids.len());
            for id in ids {
                match read_by(change, &actor, id, &why, now) {
                    Ok(entry) => cases.push(case(change, &actor, &entry, now)?),
                    Err(crate::error::StoreError::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(cases)
        })
    }
}

fn case(change: &Change<'_>, actor: &Actor, entry: &Entry, now: Timestamp) -> Result<Case> {
    let visible = |id| {
        change
            .find(id)
            .filter(|entry: &Entry| entry.is_visible(actor, Right::ReadHouseholds))
    };
    let mut events = histories(change.conn(), entry, visible)?;
    let state = fold(entry.id, events.iter().map(known)).ok_or_else(no_such_household)?;
    let day = today(now);
    let schedule = Schedule::default();
    let all = events.len();
    if !reads_notes(actor, entry) {
        events.retain(|stored| stored.event.kind != Kind::Noted);
    }
    Ok(Case {
        id: entry.id,
        team: entry.team.clone(),
        given: entry.given.clone(),
        hidden: entry.summary.hidden,
        code: entry.summary.code.clone(),
        sangkats: entry.summary.sangkats.clone(),
        notes_withheld: all - events.len(),
        visits: due_visits(&state, &schedule, day),
        questions: questions(&state, &schedule, SILENT_AFTER_DAYS, day),
        needs: Need::known(&state, day),
        site: site_of(&state, &events).map(Into::into),
        offered: offered_site(&state, &events).map(Into::into),
        at: place_of(&state),
        likely: Vec::new(),
        state,
        events,
    })
}

/// How alike records are to this one, with the reasons; the most alike first.
fn likely(change: &Change<'_>, entry: &Entry, state: &State, twins: Vec<Likely>) -> Result<Vec<Likely>> {
    let form: &dyn Fn(&str) -> String = &|name| search_form(name);
    let tags = |entry: &Entry| -> Vec<String> {
        entry
            .summary
            .blind
            .iter()
            .map(|hash| format!("{hash:x}"))
            .collect()
    };
    let place = |entry: &Entry| entry.summary.sangkats.first().cloned();
    let own = Profile::of(state, place(entry).as_deref(), tags(entry), form);
    let mut found = Vec::new();
    for twin in twins
        .into_iter()
        .filter(|twin| !state.records.contains(&twin.household))
    {
        let Some(other) = change.find(twin.household) else {
            continue;
        };
        let events = histories(change.conn(), &other, |_| None)?;
        let Some(theirs) = fold(other.id, events.iter().map(known)) else {
            continue;
        };
        let Likeness { score, reasons, .. } = likeness(
            &own,
            &Profile::of(&theirs, place(&other).as_deref(), tags(&other), form),
        );
        found.push(Likely {
            score,
            reasons,
            ..twin
        });
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.household.cmp(&b.household)));
    Ok(found)
}
