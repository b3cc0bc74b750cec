//! The list of households: filters that combine, a search in both scripts, pages by key.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::event::HouseholdId;
use phteah_registry::schedule::{Schedule, Standing};
use phteah_registry::status::Status;

use super::super::directory::Entry;
use super::super::facts::{Identifier, blind_of};
use super::super::search::card_code;
use super::super::store::Registry;
use super::build::{Progress, today};
use super::row::{Need, Row};
use super::today::{is_open, names, seen};
use super::words::Sought;
use super::{MAX_PAGE, MAX_SEARCH};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What happened last comes first.
    #[default]
    Recent,
    /// By name, in letters' order of the Latin name, or of the Khmer one where there is none.
    Name,
    /// The visit that is due the longest comes first; those without one last.
    Due,
}

/// Which households.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a filter of its own")]
pub struct Question {
    /// A name with mistakes in either script, a telephone number, a card or a code; empty for all.
    pub text: String,
    /// In one of these statuses; empty for all but records that go on in another one. A search finds those as well.
    pub statuses: Vec<Status>,
    /// In one of these sangkats, by code.
    pub areas: Vec<String>,
    /// Offered, accepted or moved to one of these sites.
    pub sites: Vec<String>,
    /// With all of these needs.
    pub needs: Vec<Need>,
    /// With a visit due or overdue.
    pub due: bool,
    /// With a visit that is overdue.
    pub overdue: bool,
    /// Whose events do not agree.
    pub conflicts: bool,
    /// With a referral that nobody has answered.
    pub referrals: bool,
    /// With a referral that nobody has answered for too long.
    pub silent: bool,
    /// In the actor's own hands.
    pub mine: bool,
    /// In nobody's hands in particular.
    pub unassigned: bool,
    /// In which order.
    pub order: Order,
    /// The last household of the page before.
    pub after: Option<HouseholdId>,
    /// How many, at most [`MAX_PAGE`].
    pub limit: usize,
}

/// A household in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub id: HouseholdId,
    /// The head's name in Khmer, as it was written; empty where nobody wrote it.
    pub name: String,
    /// The same in Latin letters.
    pub name_latin: String,
    /// The code on its card.
    pub code: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// The site that it was offered, accepted or moved to.
    pub site: Option<String>,
    /// Sangkats where it lives.
    pub sangkats: Vec<String>,
    /// How many people; `None` where nobody said.
    pub size: Option<u16>,
    /// What is known of its needs.
    pub needs: Vec<Need>,
    /// The visit that is due, with its last day.
    pub due: Option<(i32, Date, Standing)>,
    /// Facts in conflict.
    pub conflicts: u8,
    /// Referrals that nobody has answered.
    pub referrals: usize,
    /// The day on which something happened last.
    pub last_on: Date,
    /// Degrees.
    pub at: Option<[f64; 2]>,
    /// Accounts of the people in whose hands it is.
    pub given: Vec<String>,
    /// Nobody but these people may know of it.
    pub hidden: bool,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its households.
    pub households: Vec<Listed>,
    /// Whether more come after them.
    pub more: bool,
    /// All that the question finds.
    pub total: usize,
}

/// What a question finds.
#[derive(Clone, Debug)]
pub enum Found {
    /// A page of it.
    Page(Page),
    /// Nothing yet: the households are being read.
    Reading(Progress),
}

/// Where a household stands in the order: less comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'r>(u32, i64, &'r str, i64);

impl Registry {
    /// A page of the households that an actor may know of and that a question finds.
    pub fn list(&self, actor: &Actor, question: &Question, now: Timestamp) -> Result<Found> {
        actor.require(Right::ReadHouseholds)?;
        if !(1..=MAX_PAGE).contains(&question.limit) {
            return Err(StoreError::Usage(format!("limit must be 1 to {MAX_PAGE}.")));
        }
        let rows = match self.rows(now)? {
            Ok(rows) => rows,
            Err(progress) => return Ok(Found::Reading(progress)),
        };
        let text: String = question.text.chars().take(MAX_SEARCH).collect();
        let search = Search {
            sought: rows.words.search(&text),
            hashes: [Identifier::Phone, Identifier::Card]
                .into_iter()
                .filter_map(|kind| blind_of(kind, &text, &self.inner().blind))
                .collect(),
            code: card_code(&text).filter(|code| code.len() > 3),
        };
        let asks = Asks {
            actor,
            question,
            needs: Need::bits(&question.needs),
            schedule: Schedule::default(),
            today: today(now),
        };
        let directory = self.directory();
        let key_of = |n: i64, row| {
            let entry = directory.get(n)?;
            let fit = search.fit(entry, row)?;
            (asks.fit(entry, row) && entry.is_visible(actor, Right::ReadHouseholds))
                .then(|| asks.key(n, row, fit))
        };
        // A household that the actor may not know of begins no page, as one that is not there.
        let start = question.after.and_then(|id| {
            let n = directory.find(id)?.n;
            key_of(n, rows.by_number.get(&n)?)
        });
        let mut total = 0;
        let mut first: BinaryHeap<Key<'_>> = BinaryHeap::with_capacity(question.limit + 2);
        for (n, row) in &rows.by_number {
            let Some(key) = key_of(*n, row) else { continue };
            total += 1;
            if start.is_some_and(|start| key <= start) {
                continue;
            }
            first.push(key);
            if first.len() > question.limit + 1 {
                first.pop();
            }
        }
        let mut keys = first.into_sorted_vec();
        let more = keys.len() > question.limit;
        keys.truncate(question.limit);
        let households = keys
            .iter()
            .filter_map(|key| Some(asks.listed(directory.get(key.3)?, rows.by_number.get(&key.3)?)))
            .collect();
        Ok(Found::Page(Page {
            households,
            more,
            total,
        }))
    }
}

impl Registry {
    /// The sites that households of which the actor may know were offered, have accepted or moved to, with how many; or how far the reading of
    /// the households has come.
    pub fn sites_of_families(
        &self,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<std::result::Result<BTreeMap<String, usize>, Progress>> {
        actor.require(Right::ReadHouseholds)?;
        let rows = match self.rows(now)? {
            Ok(rows) => rows,
            Err(progress) => return Ok(Err(progress)),
        };
        let mut sites: BTreeMap<String, usize> = BTreeMap::new();
        for (_, row) in seen(&self.directory(), &rows, actor)
            .iter()
            .filter(|(_, row)| is_open(row))
        {
            if let Some(site) = &row.site {
                *sites.entry(site.to_string()).or_default() += 1;
            }
        }
        Ok(Ok(sites))
    }

    /// The heads' names, in Khmer and in Latin letters, of those of the households that the actor may know of; none while they are being read.
    pub fn names_of(
        &self,
        actor: &Actor,
        ids: &[HouseholdId],
        now: Timestamp,
    ) -> Result<HashMap<HouseholdId, [String; 2]>> {
        actor.require(Right::ReadHouseholds)?;
        let Ok(rows) = self.rows(now)? else {
            return Ok(HashMap::new());
        };
        let directory = self.directory();
        let known = ids.iter().filter_map(|id| {
            let entry = directory.find(*id)?;
            let row = rows.by_number.get(&entry.n)?;
            entry
                .is_visible(actor, Right::ReadHouseholds)
                .then(|| (*id, names(row)))
        });
        Ok(known.collect())
    }

    /// Where a household was recorded last, in degrees east and north; `None` where nobody recorded it, and where there is no household that
    /// the actor may know of.
    pub fn whereabouts(&self, actor: &Actor, id: HouseholdId, now: Timestamp) -> Result<Option<[f64; 2]>> {
        actor.require(Right::ReadHouseholds)?;
        let Ok(rows) = self.rows(now)? else {
            return Ok(None);
        };
        let directory = self.directory();
        let entry = directory
            .find(id)
            .filter(|entry| entry.is_visible(actor, Right::ReadHouseholds));
        Ok(entry.and_then(|entry| rows.by_number.get(&entry.n)?.at))
    }
}

struct Search {
    sought: Sought,
    hashes: Vec<u64>,
    code: Option<String>,
}

impl Search {
    /// How badly it fits: 0 is a code or a number, exactly. `None` where it does not.
    fn fit(&self, entry: &Entry, row: &Row) -> Option<u32> {
        let exact = entry.summary.blind.iter().any(|hash| self.hashes.contains(hash))
            || (entry.summary.code.is_some() && entry.summary.code == self.code);
        if exact || self.sought.is_empty() {
            return Some(0);
        }
        self.sought.fit(&row.words).map(|fit| 1_000 - fit.min(999))
    }
}

struct Asks<'a> {
    actor: &'a Actor,
    question: &'a Question,
    needs: u8,
    schedule: Schedule,
    today: Date,
}

impl Asks<'_> {
    fn fit(&self, entry: &Entry, row: &Row) -> bool {
        let question = self.question;
        let due = || self.due(row).map(|(.., standing)| standing);
        let is_asked = if question.statuses.is_empty() {
            is_open(row) || !question.text.trim().is_empty()
        } else {
            question.statuses.contains(&row.status)
        };
        is_asked
            && row.needs & self.needs == self.needs
            && (!question.conflicts || row.conflicts > 0)
            && (!question.referrals || !row.referrals.is_empty())
            && (!question.silent || row.silent_referral(self.today).is_some())
            && (question.sites.is_empty()
                || row
                    .site
                    .as_deref()
                    .is_some_and(|site| question.sites.iter().any(|asked| asked == site)))
            && (question.areas.is_empty()
                || entry
                    .summary
                    .sangkats
                    .iter()
                    .any(|code| question.areas.contains(code)))
            && (!question.mine || self.is_own(entry))
            && (!question.unassigned || entry.given.is_empty())
            && (!question.due || due().is_some())
            && (!question.overdue || due().is_some_and(|standing| standing != Standing::Due))
    }

    fn is_own(&self, entry: &Entry) -> bool {
        self.actor
            .account()
            .is_some_and(|account| entry.given.iter().any(|given| given == account.as_str()))
    }

    /// The visit that is to be made now: months, its last day, where it stands.
    fn due(&self, row: &Row) -> Option<(i32, Date, Standing)> {
        row.visits.iter().find_map(|visit| {
            let standing = visit.standing(&self.schedule, self.today);
            matches!(standing, Standing::Due | Standing::Overdue | Standing::Escalated).then_some((
                visit.months,
                visit.until,
                standing,
            ))
        })
    }

    fn key<'r>(&self, n: i64, row: &'r Row, fit: u32) -> Key<'r> {
        let days = |on: Date| Date::ZERO.until(on).map_or(0, |span| i64::from(span.get_days()));
        match self.question.order {
            Order::Recent => Key(fit, -days(row.last_on), "", n),
            Order::Name => Key(fit, i64::from(row.order.is_empty()), &row.order, n),
            Order::Due => Key(
                fit,
                self.due(row).map_or(i64::MAX, |(_, until, _)| days(until)),
                "",
                n,
            ),
        }
    }

    fn listed(&self, entry: &Entry, row: &Row) -> Listed {
        Listed {
            id: entry.id,
            name: row.name.to_string(),
            name_latin: row.name_latin.to_string(),
            code: entry.summary.code.clone(),
            status: row.status,
            site: row.site.as_deref().map(str::to_owned),
            sangkats: entry.summary.sangkats.clone(),
            size: row.size,
            needs: Need::of(row.needs),
            due: self.due(row),
            conflicts: row.conflicts,
            referrals: row.referrals.len(),
            last_on: row.last_on,
            at: row.at,
            given: entry.given.clone(),
            hidden: entry.summary.hidden,
        }
    }
}
