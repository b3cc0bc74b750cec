//! How long families stayed after their move, as far as visits tell.

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::event::Kind;
use phteah_registry::state::State;
use phteah_registry::status::Status;

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
    /// What visits told, newest first: whether work was kept, children are in school, the home was flooded; `None` where nobody said.
    pub answers: Answers,
}

/// What the last visit that said so told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Whether somebody kept or found work.
    pub work: Option<bool>,
    /// Children of whom it is known whether they go to school, and those who do.
    pub school: (u16, u16),
    /// Whether the home was flooded since.
    pub flooded: Option<bool>,
    /// Whether there is debt.
    pub debt: Option<bool>,
    /// Whether there is water.
    pub water: Option<bool>,
    /// Whether there is electricity.
    pub electricity: Option<bool>,
    /// Whether there is a toilet.
    pub toilet: Option<bool>,
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
    Some(Stay {
        site: moved.site.clone(),
        moved_on: moved.on,
        // Who wrote down days that cannot both be right is believed about the earlier one.
        last_there: first_gone.map_or(days(last), |gone| days(last).min(gone)),
        first_gone,
        reason: gone.and_then(|contact| contact.reason.clone()),
        answers: answers(state),
    })
}

fn answers(state: &State) -> Answers {
    let said = |names: &[&str]| names.iter().find_map(|name| state.value(name)?.as_bool());
    let mut school = (0, 0);
    for (path, fact) in &state.facts {
        if path.member().is_some()
            && path.field() == "school_attends"
            && let Some(attends) = fact.value().and_then(phteah_registry::event::Value::as_bool)
        {
            school.0 += 1;
            school.1 += u16::from(attends);
        }
    }
    Answers {
        work: said(&["outcome.work_kept", "visit.work"]),
        school,
        flooded: said(&["outcome.flooded", "visit.flooded"]),
        debt: said(&["outcome.debt", "visit.debt"]),
        water: said(&["outcome.water", "visit.water"]),
        electricity: said(&["outcome.electricity", "visit.electricity"]),
        toilet: said(&["outcome.toilet", "visit.toilet"]),
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
