//! What needs somebody today.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::event::{EventId, HouseholdId};
use phteah_registry::schedule::{Schedule, Standing, days_between};
use phteah_registry::status::Status;

use super::super::directory::Directory;
use super::super::store::Registry;
use super::MAX_TODAY;
use super::build::{Progress, Rows, today};
use super::row::{Row, Survey};
use super::twins::{self, Seen, Twins};
use crate::actor::Actor;
use crate::error::Result;
use crate::rights::Right;

/// Surveys of one worker on one day at one spot from which on somebody should look: a family a door, not ten at one.
const CROWD: usize = 5;
/// A spot: a ten-thousandth of a degree, some 11 m.
const SPOT: f64 = 1e4;
/// Surveys of one worker on one day that came faster than anybody asks questions.
const HURRIED: usize = 3;
/// Seconds that a survey takes at the very least.
const QUICKEST_S: i64 = 120;
/// Days of surveys that are looked at.
const LOOK_BACK_DAYS: i32 = 365;

/// A household with a visit to be made.
#[derive(Clone, Debug)]
pub struct DueHousehold {
    /// The household.
    pub id: HouseholdId,
    /// Its name in Khmer and in Latin letters.
    pub names: [String; 2],
    /// The site.
    pub site: Option<String>,
    /// Months after the move.
    pub months: i32,
    /// The last day of the window.
    pub until: Date,
    /// Due, overdue or escalated.
    pub standing: Standing,
    /// Looked for on two days and not met since.
    pub not_found_twice: bool,
}

/// A household whose oldest referral nobody has answered for too long.
#[derive(Clone, Debug)]
pub struct Silent {
    /// The household.
    pub id: HouseholdId,
    /// Its name in Khmer and in Latin letters.
    pub names: [String; 2],
    /// The referral.
    pub event: EventId,
    /// The service.
    pub service: String,
    /// The day.
    pub on: Date,
    /// Days without an answer.
    pub days: i32,
}

/// Many surveys of one worker at one spot on one day.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Who sent them, as the audit has it.
    pub by: String,
    /// The day.
    pub on: Date,
    /// How many.
    pub surveys: usize,
    /// Some of them.
    pub households: Vec<HouseholdId>,
}

/// Surveys of one worker that came faster than anybody asks questions.
pub type Hurry = Crowd;

/// What needs somebody today. Of each part at most [`MAX_TODAY`], the most urgent first, with the number of all.
#[derive(Clone, Debug, Default)]
pub struct Today {
    /// Visits that are overdue, or due.
    pub visits: Vec<DueHousehold>,
    /// How many are overdue, and how many due.
    pub overdue: usize,
    /// How many are due and not late.
    pub due: usize,
    /// Households with a referral that has been silent for too long.
    pub silent: Vec<Silent>,
    /// How many.
    pub silent_all: usize,
    /// Households whose events do not agree, with their names.
    pub conflicts: Vec<(HouseholdId, [String; 2], u8)>,
    /// How many.
    pub conflicts_all: usize,
    /// Households that were looked for on two days and not met since.
    pub not_found: Vec<(HouseholdId, [String; 2])>,
    /// How many.
    pub not_found_all: usize,
    /// Records that may be of one family.
    pub twins: Vec<Twins>,
    /// How many such groups.
    pub twins_all: usize,
    /// Surveys at one spot.
    pub crowds: Vec<Crowd>,
    /// Surveys that came too fast.
    pub hurries: Vec<Hurry>,
    /// Households recorded in the sea or abroad.
    pub outside: Vec<(HouseholdId, [String; 2])>,
    /// All households that the actor may know of; records that go on in another one are not counted.
    pub households: usize,
}

impl Registry {
    /// What needs an actor today.
    pub fn today(&self, actor: &Actor, now: Timestamp) -> Result<std::result::Result<Today, Progress>> {
        actor.require(Right::SeeCaseDecisions)?;
        let rows = match self.rows(now)? {
            Ok(rows) => rows,
            Err(progress) => return Ok(Err(progress)),
        };
        let directory = self.directory();
        Ok(Ok(gather(&seen(&directory, &rows, actor), today(now))))
    }
}

/// The households that an actor may know of with their rows, in order of their numbers.
pub(super) fn seen<'a>(directory: &'a Directory, rows: &'a Rows, actor: &Actor) -> Vec<Seen<'a>> {
    let mut seen: Vec<Seen<'a>> = rows
        .by_number
        .iter()
        .filter_map(|(n, row)| Some((directory.get(*n)?, row)))
        .filter(|(entry, _)| entry.is_visible(actor, Right::ReadHouseholds))
        .collect();
    seen.sort_unstable_by_key(|(entry, _)| entry.n);
    seen
}

fn gather(seen: &[Seen<'_>], day: Date) -> Today {
    let schedule = Schedule::default();
    let mut list = Today {
        households: seen.iter().filter(|(_, row)| is_open(row)).count(),
        ..Today::default()
    };
    for (entry, row) in seen.iter().filter(|(_, row)| is_open(row)) {
        let due = row.visits.iter().find_map(|visit| {
            let standing = visit.standing(&schedule, day);
            matches!(standing, Standing::Due | Standing::Overdue | Standing::Escalated)
                .then_some((visit, standing))
        });
        if let Some((visit, standing)) = due {
            *(if standing == Standing::Due {
                &mut list.due
            } else {
                &mut list.overdue
            }) += 1;
            list.visits.push(DueHousehold {
                id: entry.id,
                names: names(row),
                site: row.site.as_deref().map(str::to_owned),
                months: visit.months,
                until: visit.until,
                standing,
                not_found_twice: row.asked_twice,
            });
        }
        if let Some(referral) = row.silent_referral(day) {
            list.silent.push(Silent {
                id: entry.id,
                names: names(row),
                event: referral.event,
                service: referral.service.to_string(),
                on: referral.on,
                days: days_between(referral.on, day),
            });
        }
        if row.conflicts > 0 {
            list.conflicts.push((entry.id, names(row), row.conflicts));
        }
        if row.asked_twice {
            list.not_found.push((entry.id, names(row)));
        }
        if row.outside {
            list.outside.push((entry.id, names(row)));
        }
    }
    list.visits
        .sort_by_key(|due| (due.standing == Standing::Due, due.until, due.id));
    list.silent.sort_by_key(|silent| (silent.on, silent.id));
    (list.silent_all, list.conflicts_all, list.not_found_all) =
        (list.silent.len(), list.conflicts.len(), list.not_found.len());
    (list.crowds, list.hurries) = strange(seen, day);
    list.twins = twins::groups(seen);
    list.twins_all = list.twins.len();
    list.twins.truncate(MAX_TODAY);
    list.visits.truncate(MAX_TODAY);
    list.silent.truncate(MAX_TODAY);
    list.conflicts.truncate(MAX_TODAY);
    list.not_found.truncate(MAX_TODAY);
    list.outside.truncate(MAX_TODAY);
    list
}

/// Whether a record is a household of its own: not one that goes on in another.
pub(super) fn is_open(row: &Row) -> bool {
    row.status != Status::Merged
}

pub(super) fn names(row: &Row) -> [String; 2] {
    [row.name.to_string(), row.name_latin.to_string()]
}

/// Surveys at one spot, and surveys that came too fast, of one worker on one day.
fn strange(seen: &[Seen<'_>], day: Date) -> (Vec<Crowd>, Vec<Hurry>) {
    let mut spots: HashMap<(&str, Date, [i64; 2]), Vec<HouseholdId>> = HashMap::new();
    let mut times: HashMap<(&str, Date), Vec<(i64, HouseholdId)>> = HashMap::new();
    for (entry, row) in seen {
        let Some(Survey { by, on, recorded, at }) = &row.survey else {
            continue;
        };
        if days_between(*on, day) > LOOK_BACK_DAYS {
            continue;
        }
        if let Some(at) = at {
            let spot = at.map(|degrees| (degrees * SPOT).round() as i64);
            spots.entry((by, *on, spot)).or_default().push(entry.id);
        }
        times.entry((by, *on)).or_default().push((*recorded, entry.id));
    }
    let crowd = |by: &str, on, households: Vec<HouseholdId>| Crowd {
        by: by.to_owned(),
        on,
        surveys: households.len(),
        households: households.into_iter().take(20).collect(),
    };
    let mut crowds: Vec<Crowd> = spots
        .into_iter()
        .filter(|(_, households)| households.len() >= CROWD)
        .map(|((by, on, _), households)| crowd(by, on, households))
        .collect();
    let mut hurries: Vec<Hurry> = times
        .into_iter()
        .filter_map(|((by, on), mut surveys)| {
            surveys.sort_unstable();
            let quick: Vec<HouseholdId> = surveys
                .windows(2)
                .filter(|pair| pair[1].0 - pair[0].0 < QUICKEST_S)
                .map(|pair| pair[1].1)
                .collect();
            (quick.len() >= HURRIED).then(|| crowd(by, on, quick))
        })
        .collect();
    for list in [&mut crowds, &mut hurries] {
        list.sort_by(|a, b| {
            b.on.cmp(&a.on)
                .then(a.by.cmp(&b.by))
                .then(a.households.cmp(&b.households))
        });
        list.truncate(MAX_TODAY);
    }
    (crowds, hurries)
}
