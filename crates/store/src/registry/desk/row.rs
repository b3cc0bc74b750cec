//! What a list shows of a household and sorts by: made of its state, kept in memory alone.

use jiff::civil::Date;
use phteah_registry::check::Mark;
use phteah_registry::event::{EventId, Kind, Location};
use phteah_registry::people::{self, SCHOOL_AGE, people};
use phteah_registry::referral::SILENT_AFTER_DAYS;
use phteah_registry::schedule::{DueVisit, Schedule, Standing, days_between, due_visits};
use phteah_registry::state::{Effect, State};
use phteah_registry::status::Status;
use phteah_registry::vocabulary::path;

use super::super::read::StoredEvent;
use super::outcomes::{Stay, stay_of};

/// Something that a site or a visit has to be fit for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The head is a woman.
    WomanHead,
    /// A child under six.
    UnderSix,
    /// A child of [school age](SCHOOL_AGE).
    SchoolAge,
    /// Somebody has [great difficulty](phteah_registry::people::Person::has_great_difficulty) in seeing, hearing, walking …
    Difficulty,
    /// Somebody is sixty or older.
    Older,
    /// The family holds a card for poor households.
    PoorCard,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::WomanHead,
        Self::UnderSix,
        Self::SchoolAge,
        Self::Difficulty,
        Self::Older,
        Self::PoorCard,
    ];

    /// The word in answers and questions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WomanHead => "woman_head",
            Self::UnderSix => "under_six",
            Self::SchoolAge => "school_age",
            Self::Difficulty => "difficulty",
            Self::Older => "older",
            Self::PoorCard => "poor_card",
        }
    }

    /// The need of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|need| need.as_str() == word)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Those of a set.
    pub(super) fn of(bits: u8) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|need| bits & need.bit() != 0)
            .collect()
    }

    pub(super) fn bits(needs: &[Self]) -> u8 {
        needs.iter().fold(0, |bits, need| bits | need.bit())
    }

    /// What is known of a family's needs on a day; of answers in conflict one is enough. What nobody has asked is no need here; the household's
    /// page says what is not known.
    pub fn known(state: &State, today: Date) -> Vec<Self> {
        let mut needs = std::collections::BTreeSet::new();
        for person in people(state) {
            let is_woman = person
                .values(path::SEX)
                .any(|sex| sex.as_text() == Some("female"));
            if person.is_head() && is_woman {
                needs.insert(Self::WomanHead);
            }
            needs.extend(person.ages(today).filter_map(|age| match age {
                0..=5 => Some(Self::UnderSix),
                age if SCHOOL_AGE.contains(&age) => Some(Self::SchoolAge),
                60.. => Some(Self::Older),
                _ => None,
            }));
            if person.has_great_difficulty() == Some(true) {
                needs.insert(Self::Difficulty);
            }
        }
        let card = state.facts.get(path::ID_POOR);
        let mut cards = card.iter().flat_map(|fact| &fact.values);
        if cards.any(|held| matches!(held.value.as_text(), Some("poor_1" | "poor_2"))) {
            needs.insert(Self::PoorCard);
        }
        needs.into_iter().collect()
    }
}

/// A visit of the schedule that nobody has made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenVisit {
    /// Months after the move.
    pub months: i32,
    /// The first day of its window.
    pub from: Date,
    /// The last day of its window.
    pub until: Date,
    /// The first day of the next one's window.
    pub next_opens: Option<Date>,
}

impl OpenVisit {
    /// Where it stands on a day.
    pub fn standing(&self, schedule: &Schedule, today: Date) -> Standing {
        schedule.open_standing(self.from, self.until, self.next_opens, today)
    }
}

/// A referral that nobody has answered.
#[derive(Clone, Debug)]
pub(super) struct OpenReferral {
    pub event: EventId,
    pub service: Box<str>,
    pub on: Date,
}

/// The survey by which a household came to be known.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    pub by: Box<str>,
    pub on: Date,
    /// Seconds since 1970 by the device's clock.
    pub recorded: i64,
    pub at: Option<[f64; 2]>,
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub name: Box<str>,
    pub name_latin: Box<str>,
    /// The name as it is put in order.
    pub order: Box<str>,
    pub words: Box<[u32]>,
    pub status: Status,
    pub conflicts: u8,
    pub site: Option<Box<str>>,
    pub size: Option<u16>,
    pub needs: u8,
    pub visits: Box<[OpenVisit]>,
    pub referrals: Box<[OpenReferral]>,
    pub asked_twice: bool,
    pub last_on: Date,
    /// Where it lives now, as far as anybody has recorded it: degrees.
    pub at: Option<[f64; 2]>,
    pub survey: Option<Survey>,
    pub outside: bool,
    pub stay: Option<Stay>,
}

impl Row {
    /// The oldest referral that nobody has answered for too long.
    pub fn silent_referral(&self, today: Date) -> Option<&OpenReferral> {
        let silent = self
            .referrals
            .iter()
            .filter(|referral| days_between(referral.on, today) > SILENT_AFTER_DAYS);
        silent.min_by_key(|referral| referral.on)
    }

    /// The row of a household that is `state`, told by `events`. Its words are numbered by the caller.
    pub fn of(state: &State, events: &[StoredEvent], today: Date) -> Self {
        let text = |path: &str| {
            let fact = state.facts.get(path);
            let value = fact.and_then(|fact| fact.values.iter().find_map(|held| held.value.as_text()));
            value
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .unwrap_or_default()
        };
        let name = text(path::HEAD_NAME);
        let latin = text(path::HEAD_NAME_LATIN);
        let schedule = Schedule::default();
        let visits = due_visits(state, &schedule, today);
        let opens: Vec<Date> = visits.iter().skip(1).map(|visit| visit.from).collect();
        let is_open =
            |visit: &DueVisit| !matches!(visit.standing, Standing::Done { .. } | Standing::NotNeeded);
        let open = visits
            .iter()
            .enumerate()
            .filter(|(_, visit)| is_open(visit))
            .map(|(i, visit)| OpenVisit {
                months: visit.months,
                from: visit.from,
                until: visit.until,
                next_opens: opens.get(i).copied(),
            });
        let referrals = state
            .referrals
            .iter()
            .filter(|referral| referral.answers.is_empty());
        let status = state.statuses.iter().copied().max().unwrap_or(Status::Recorded);
        let days: std::collections::BTreeSet<Date> = state
            .contacts
            .iter()
            .filter(|contact| contact.kind == Kind::NotFound && !contact.is_replaced)
            .map(|contact| contact.on)
            .collect();
        let survey = events.iter().find(|stored| stored.event.kind == Kind::Surveyed);
        let size = people::size(state).and_then(|size| u16::try_from(size).ok());
        Self {
            order: phteah_planning::text::search_form(if latin.is_empty() { name } else { latin }).into(),
            name: name.into(),
            name_latin: latin.into(),
            words: Box::default(),
            status,
            conflicts: u8::try_from(state.conflicts.len()).unwrap_or(u8::MAX),
            site: site_of(state, events),
            size,
            needs: Need::bits(&Need::known(state, today)),
            visits: open.collect(),
            referrals: referrals
                .map(|referral| OpenReferral {
                    event: referral.event,
                    service: referral.service.clone(),
                    on: referral.on,
                })
                .collect(),
            asked_twice: days.len() > 1 && state.merged_into.is_none(),
            last_on: events
                .iter()
                .map(|stored| stored.event.happened_on)
                .max()
                .unwrap_or(Date::MIN),
            at: place_of(state),
            survey: survey.map(|stored| Survey {
                by: stored.by.as_str().into(),
                on: stored.event.happened_on,
                recorded: stored.event.recorded_at.at.as_second(),
                at: stored.event.location.as_ref().and_then(degrees),
            }),
            outside: events.iter().any(|stored| {
                stored
                    .marks
                    .iter()
                    .any(|mark| mark == Mark::OutsideCountry.as_str())
            }),
            stay: stay_of(state),
        }
    }
}

/// The site that it has accepted or moved to; the one that it was offered last, while it has not answered and holds no other.
pub(super) fn site_of(state: &State, events: &[StoredEvent]) -> Option<Box<str>> {
    let held = || state.sites.first().cloned();
    let offered = || offered_site(state, events);
    match state.statuses.iter().max() {
        // Who has left holds its old site no more: it is shown where nothing was offered since.
        Some(Status::Offered | Status::Left) => offered().or_else(held),
        _ => held(),
    }
}

/// The site of the offer that it has not answered yet: the last one where there are several.
pub(super) fn offered_site(state: &State, events: &[StoredEvent]) -> Option<Box<str>> {
    let stands = |stored: &&StoredEvent| {
        stored.event.kind == Kind::Offered
            && state
                .trace
                .iter()
                .any(|trace| trace.said.event == stored.event.id && trace.effect == Effect::Holds)
    };
    let offers = events.iter().filter(stands);
    offers
        .max_by_key(|stored| (stored.event.happened_on, stored.seq))?
        .event
        .site()
        .map(Into::into)
}

/// Where its house is: at its site after a move, as far as somebody measured it there.
pub(super) fn place_of(state: &State) -> Option<[f64; 2]> {
    let place = state.place.as_ref()?;
    Some([place.lon.as_f64()?, place.lat.as_f64()?])
}

fn degrees(at: &Location) -> Option<[f64; 2]> {
    Some([at.lon.as_f64()?, at.lat.as_f64()?])
}
