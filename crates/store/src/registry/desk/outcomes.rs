//! How long families stayed after their move, as far as visits tell.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::event::{EventId, Kind, Value};
use phteah_registry::people::{Person, people};
use phteah_registry::state::{Held, State};
use phteah_registry::status::Status;
use phteah_registry::vocabulary::{Answers, Fact, UNKNOWN, outcomes, path};

use super::super::store::Registry;
use super::build::Progress;
use crate::actor::Actor;
use crate::error::Result;
use crate::rights::Right;

/// One family's stay at the site that it moved to.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// The site.
    pub site: Box<str>,
    /// The day of the move.
    pub moved_on: Date,
    /// Days after the move on which it was last known to be there.
    pub last_there: i32,
    /// Days after the move on which it was first known to be gone; `None` where it was there when last seen.
    pub first_gone: Option<i32>,
    /// Why it left, in the words of whoever recorded it.
    pub reason: Option<Box<str>>,
    /// What was told since the move, for each of the [outcomes] in their order: as the newest answer has it.
    pub told: Box<[Told]>,
    /// What was told of children and school.
    pub school: School,
}

/// What was told in answer to a question since the move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// Nobody was asked.
    NotAsked,
    /// Asked, and nobody knows, or two answers do not agree.
    Unknown,
    /// One of the answers, by its place among them; of yes and no, yes is the first.
    Answer(u8),
    /// A number.
    Number(f64),
}

/// Children of school age, as told since the move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct School {
    /// Whether anybody asked.
    pub asked: bool,
    /// Children of whom it is known whether they go to school.
    pub known: u16,
    /// Those who do.
    pub attend: u16,
}

pub(super) fn stay_of(state: &State) -> Option<Stay> {
    if state.merged_into.is_some() {
        return None;
    }
    let here = |at: &&phteah_registry::state::Move| state.sites.is_empty() || state.sites.contains(&at.site);
    let moved = state
        .moves
        .iter()
        .filter(here)
        .min_by_key(|at| (at.on, at.event))?;
    let days = |on: Date| moved.on.until(on).map_or(0, |span| span.get_days()).max(0);
    let gone = state
        .contacts
        .iter()
        .filter(|contact| contact.kind == Kind::Left && !contact.is_replaced && contact.on >= moved.on)
        .min_by_key(|contact| contact.first_gone.unwrap_or(contact.on))
        .filter(|_| state.statuses.contains(&Status::Left));
    let first_gone = gone.map(|contact| contact.first_gone.unwrap_or(contact.on));
    let met = state
        .contacts
        .iter()
        .filter(|contact| contact.kind == Kind::Visited && contact.on >= moved.on)
        .filter(|contact| first_gone.is_none_or(|gone| contact.on <= gone))
        .map(|contact| contact.on)
        .max();
    let last = met
        .max(gone.and_then(|contact| contact.last_there))
        .unwrap_or(moved.on);
    let first_gone = first_gone.map(days);
    let since = Since::of(state, moved.on);
    Some(Stay {
        site: moved.site.clone(),
        moved_on: moved.on,
        // Who wrote down days that cannot both be right is believed about the earlier one.
        last_there: first_gone.map_or(days(last), |gone| days(last).min(gone)),
        first_gone,
        reason: gone.and_then(|contact| contact.reason.clone()),
        told: since.outcomes(),
        school: since.school(),
    })
}

/// What was told from the day of the move on. What a survey had told before is no outcome.
struct Since<'a> {
    state: &'a State,
    events: HashSet<EventId>,
}

impl<'a> Since<'a> {
    fn of(state: &'a State, moved: Date) -> Self {
        let since = state.trace.iter().filter(|one| one.said.happened_on >= moved);
        Self {
            state,
            events: since.map(|one| one.said.event).collect(),
        }
    }

    /// `None` where nobody was asked; else the one value, where there is one.
    fn value(&self, path: &str) -> Option<Option<&'a Value>> {
        let fact = self.state.facts.get(path)?;
        let is_since = |held: &Held| held.by.iter().any(|event| self.events.contains(event));
        let value = fact.value().filter(|value| **value != Value::Null);
        fact.values.iter().any(is_since).then_some(value)
    }

    fn outcomes(&self) -> Box<[Told]> {
        let told = |fact: &&Fact| match self.value(&fact.path) {
            None => Told::NotAsked,
            Some(value) => value.map_or(Told::Unknown, |value| answer(fact, value)),
        };
        outcomes().iter().map(told).collect()
    }

    /// Each child as it was asked about; where no child was, what the family said of all of them.
    fn school(&self) -> School {
        let mut school = School::default();
        for member in people(self.state).iter().filter_map(Person::member) {
            let path = format!("members/{member}/{}", path::SCHOOL_ATTENDS);
            if let Some(value) = self.value(&path) {
                school.asked = true;
                if let Some(attends) = value.and_then(Value::as_bool) {
                    school.known += 1;
                    school.attend += u16::from(attends);
                }
            }
        }
        let number = |path| {
            let value = self.value(path)?.and_then(Value::as_i64);
            Some(value.and_then(|count| u16::try_from(count).ok()))
        };
        if !school.asked
            && let Some(children) = number(path::CHILDREN_OF_SCHOOL_AGE)
        {
            school.asked = true;
            if let (Some(known), Some(Some(attend))) = (children, number(path::CHILDREN_AT_SCHOOL)) {
                (school.known, school.attend) = (known, attend.min(known));
            }
        }
        school
    }
}

fn answer(fact: &Fact, value: &Value) -> Told {
    match (fact.answers, value) {
        (Answers::YesNo { .. }, Value::Bool(yes)) => Told::Answer(u8::from(!yes)),
        (Answers::OneOf(choices), Value::Text(word)) if **word != *UNKNOWN => choices
            .iter()
            .position(|choice| *choice.is == **word)
            .and_then(|at| u8::try_from(at).ok())
            .map_or(Told::Unknown, Told::Answer),
        (Answers::Number(_), Value::Number(number)) => number.as_f64().map_or(Told::Unknown, Told::Number),
        _ => Told::Unknown,
    }
}

impl Registry {
    /// The stays of all families that moved, for whoever may read them. Who is hidden is in no count.
    pub fn stays(&self, actor: &Actor, now: Timestamp) -> Result<std::result::Result<Vec<Stay>, Progress>> {
        let right = Right::SeeCaseDecisions;
        actor.require(right)?;
        let rows = match self.rows(now)? {
            Ok(rows) => rows,
            Err(progress) => return Ok(Err(progress)),
        };
        let directory = self.directory();
        let mut stays: Vec<(i64, Stay)> = rows
            .by_number
            .iter()
            .filter_map(|(n, row)| Some((*n, row.stay.as_ref()?)))
            .filter(|(n, _)| {
                directory
                    .get(*n)
                    .is_some_and(|entry| !entry.summary.hidden && entry.is_visible(actor, right))
            })
            .map(|(n, stay)| (n, stay.clone()))
            .collect();
        stays.sort_unstable_by_key(|(n, _)| *n);
        Ok(Ok(stays.into_iter().map(|(_, stay)| stay).collect()))
    }
}
