//! By what families are counted: where they live, where they moved to, who they are, what they answered.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::event::{Kind, Value};
use crate::people::{Person, SCHOOL_AGE, is_everybody_known, people};
use crate::state::State;
use crate::vocabulary::{is_sangkat, path};

/// The category of those of whom it is not known, in every breakdown.
pub const UNKNOWN: &str = "unknown";
/// The category of those who moved to a site that the deployment does not have.
pub const ELSEWHERE: &str = "elsewhere";
/// The category of moves before the first year that is told apart.
pub const EARLIER: &str = "earlier";
/// That year.
const FIRST_YEAR: i16 = 2015;

/// One breakdown of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// Its columns, coarse first.
    pub columns: Vec<String>,
    /// What it is made of.
    pub source: Source,
}

/// What a breakdown is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The home's khan, and with two columns its sangkat.
    Area,
    /// The site that the family moved to.
    Site,
    /// The year of the move.
    MovedYear,
    /// Whether somebody has great difficulty in seeing, hearing, walking …
    Disability,
    /// Whether a child under six lives there, by the year of birth.
    UnderSix,
    /// Whether the children of 6 to 14 go to school.
    School,
    /// How long the family is known to have stayed at the site, or when it left.
    Stay,
    /// The latest answer to a referral to this service.
    Referral(String),
    /// A fact with some answers; others are "other".
    Fact {
        /// Its path.
        path: String,
        /// The answers that are told apart; yes and no for a question of that kind.
        values: Vec<String>,
    },
    /// A fact that is a number, in bands that begin at these.
    Bands {
        /// Its path.
        path: String,
        /// Where bands begin, ascending.
        from: Vec<u32>,
    },
}

impl Source {
    /// What it asks: two breakdowns that ask the same divide the same families, though they may do so in other groups.
    pub fn question(&self) -> &str {
        match self {
            Self::Area => "area",
            Self::Site => "site",
            Self::MovedYear => "moved_year",
            Self::Disability => "disability",
            Self::UnderSix => "under_six",
            Self::School => "school",
            Self::Stay => "stay",
            Self::Referral(service) => service,
            Self::Fact { path, .. } | Self::Bands { path, .. } => path,
        }
    }

    /// The groups into which it divides the families, where its file says them: answers, or where bands begin. Kept with counts, so that its form stays.
    pub fn groups(&self) -> String {
        match self {
            Self::Fact { values, .. } => values.join(","),
            Self::Bands { from, .. } => from.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
            _ => String::new(),
        }
    }

    /// Whether only families who moved have it.
    pub(super) fn is_of_movers(&self) -> bool {
        match self {
            Self::Site | Self::MovedYear | Self::Stay => true,
            Self::Fact { path, .. } | Self::Bands { path, .. } => is_of_movers(path),
            Self::Area | Self::Disability | Self::UnderSix | Self::School | Self::Referral(_) => false,
        }
    }
}

/// Whether a fact is told at visits after a move.
pub(super) fn is_of_movers(path: &str) -> bool {
    path.starts_with("outcome.") || path.starts_with("visit.")
}

/// How long a family stayed: ends of bands, in months after the move.
pub const STAY: [i32; 3] = [12, 36, 60];
/// The categories of those who are known to have left, by the band.
pub const GONE: [&str; 4] = [
    "gone_before_12_months",
    "gone_12_to_36_months",
    "gone_36_to_60_months",
    "gone_after_60_months",
];
/// The categories of those who are not known to have left, by the last end of a band at which they were met.
pub const THERE: [&str; 4] = [
    "there_not_yet_12_months",
    "there_at_12_months",
    "there_at_36_months",
    "there_at_60_months",
];
/// A visit some days before the month counts for it, as in the schedule of visits.
const EARLY_DAYS: i32 = 45;
const SCHOOL: [&str; 4] = [
    "all_attend",
    "some_attend",
    "none_attends",
    "no_child_of_school_age",
];
const REFERRAL: [&str; 6] = [
    "not_referred",
    "no_answer_yet",
    "accepted",
    "done",
    "refused",
    "no_show",
];

/// The places of a deployment, whoever lives in them. A table has all of them: else, that a place stands in it would tell that somebody is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Sangkats by their codes of six digits. A home elsewhere is unknown. None: not known, so that they follow from the families.
    pub sangkats: Option<BTreeSet<String>>,
    /// Sites by their ids. A family that moved to another one is [`ELSEWHERE`]. None: not known, so that they follow from the families.
    pub sites: Option<BTreeSet<String>>,
}

impl Breakdown {
    /// The categories that there are on a day whatever is counted, a name for each column.
    pub fn categories(&self, places: &Places, day: Date) -> Vec<Vec<String>> {
        let levels = self.columns.len();
        let one = |names: Vec<String>| names.into_iter().map(|name| vec![name]).collect();
        match &self.source {
            Source::Area => places.sangkats.as_ref().map_or_else(Vec::new, |known| {
                let known = known.iter().map(|code| area_of(code, levels));
                let known: BTreeSet<Vec<String>> = known.collect();
                known
                    .into_iter()
                    .chain([vec![UNKNOWN.to_owned(); levels]])
                    .collect()
            }),
            Source::Site => places.sites.as_ref().map_or_else(Vec::new, |known| {
                let others = [ELSEWHERE, UNKNOWN].map(str::to_owned);
                one(known.iter().cloned().chain(others).collect())
            }),
            Source::MovedYear => {
                let years = (FIRST_YEAR..=day.year()).map(|year| format!("{year:04}"));
                let others = [EARLIER, UNKNOWN].map(str::to_owned);
                one(years.chain(others).collect())
            }
            _ => one(self.answers()),
        }
    }

    /// The answers that there are to what is asked of everybody.
    pub(super) fn answers(&self) -> Vec<String> {
        let with_unknown = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned());
            names.chain([UNKNOWN.to_owned()]).collect()
        };
        match &self.source {
            Source::Area | Source::Site | Source::MovedYear => Vec::new(),
            Source::Disability => with_unknown(&["recorded", "none_recorded"]),
            Source::UnderSix => with_unknown(&["yes", "no"]),
            Source::School => with_unknown(&SCHOOL),
            Source::Stay => with_unknown(&[&GONE[..], &THERE[..]].concat()),
            Source::Referral(_) => with_unknown(&REFERRAL),
            Source::Fact { values, .. } => {
                let mut all = values.clone();
                if !is_yes_no(values) {
                    all.push("other".to_owned());
                }
                all.push(UNKNOWN.to_owned());
                all
            }
            Source::Bands { from, .. } => {
                let mut all: Vec<String> = (0..=from.len()).map(|band| band_name(from, band)).collect();
                all.push(UNKNOWN.to_owned());
                all
            }
        }
    }

    /// The category that a household is in, a name for each column.
    pub fn of(&self, state: &State, places: &Places, day: Date) -> Vec<String> {
        let one = |name: &str| vec![name.to_owned()];
        match &self.source {
            Source::Area => area(state, places, self.columns.len()),
            Source::Site => match state.site() {
                None => one(UNKNOWN),
                Some(site) if is_known(places.sites.as_ref(), site) => one(site),
                Some(_) => one(ELSEWHERE),
            },
            Source::MovedYear => match moved_on(state).map(Date::year) {
                Some(year) if year < FIRST_YEAR => one(EARLIER),
                Some(year) if year <= day.year() => one(&format!("{year:04}")),
                _ => one(UNKNOWN),
            },
            Source::Disability => one(disability(state)),
            Source::UnderSix => one(under_six(state, day)),
            Source::School => one(school(state, day)),
            Source::Stay => one(stay(state)),
            Source::Referral(service) => one(referral(state, service)),
            Source::Fact { path, values } => one(fact(state, path, values)),
            Source::Bands { path, from } => {
                let value = state.value(path).and_then(Value::as_f64);
                let Some(value) = value.filter(|value| *value >= 0.0) else {
                    return one(UNKNOWN);
                };
                let band = from.iter().filter(|start| value >= f64::from(**start)).count();
                vec![band_name(from, band)]
            }
        }
    }
}

/// Whether nobody can be in a cell: moved in one year, and there after more months than have gone by since.
pub(super) fn is_impossible(year: &str, stay: &str, day: Date) -> bool {
    let at_least = match stay {
        "gone_12_to_36_months" | "there_at_12_months" => 12,
        "gone_36_to_60_months" | "there_at_36_months" => 36,
        "gone_after_60_months" | "there_at_60_months" => 60,
        _ => return false,
    };
    let Some(first) = year
        .parse()
        .ok()
        .and_then(|year| Date::new(year, 1, 1).ok())
        .and_then(|first| first.checked_add(at_least.months()).ok())
    else {
        return false;
    };
    // A visit may be some days early; that a family has gone is told by the day.
    let early = if stay.starts_with("gone") { 0 } else { EARLY_DAYS };
    first > day.saturating_add(early.days())
}

/// Whether these are the answers to a question of yes or no.
pub(super) fn is_yes_no(values: &[String]) -> bool {
    values == ["yes", "no"]
}

fn band_name(from: &[u32], band: usize) -> String {
    match (band.checked_sub(1).map(|at| from[at]), from.get(band)) {
        (None, Some(end)) => format!("under_{end}"),
        (Some(start), Some(end)) => format!("{start}_to_under_{end}"),
        (Some(start), None) => format!("{start}_and_more"),
        (None, None) => "all".to_owned(),
    }
}

/// Whether a place is one of the deployment's, as far as these are known.
fn is_known(places: Option<&BTreeSet<String>>, place: &str) -> bool {
    places.is_none_or(|known| known.contains(place))
}

/// Khan and sangkat by the sangkat's code: six digits, of which the first four are the khan's.
fn area_of(code: &str, levels: usize) -> Vec<String> {
    vec![code[..4].to_owned(), code.to_owned()]
        .into_iter()
        .take(levels)
        .collect()
}

fn area(state: &State, places: &Places, levels: usize) -> Vec<String> {
    let code = state
        .value(path::SANGKAT)
        .map(|value| match value {
            Value::Text(text) => text.trim().trim_start_matches("KH").to_owned(),
            other => other.to_string(),
        })
        .filter(|code| is_sangkat(code))
        .filter(|code| is_known(places.sangkats.as_ref(), code));
    match code {
        Some(code) => area_of(&code, levels),
        None => vec![UNKNOWN.to_owned(); levels],
    }
}

/// The first day on which anybody says that the family moved to the site where it is.
pub(super) fn moved_on(state: &State) -> Option<Date> {
    let moves = state.moves.iter();
    let here = moves.filter(|at| state.sites.is_empty() || state.sites.contains(&at.site));
    here.map(|at| at.on).min()
}

fn disability(state: &State) -> &'static str {
    let asked = people(state)
        .iter()
        .filter_map(Person::has_great_difficulty)
        .reduce(|one, other| one || other);
    match asked {
        Some(true) => "recorded",
        Some(false) => "none_recorded",
        None => UNKNOWN,
    }
}

fn under_six(state: &State, day: Date) -> &'static str {
    let people = people(state);
    if people.iter().any(|one| one.age(day).is_some_and(|age| age < 6)) {
        "yes"
    } else if is_everybody_known(state, &people)
        && people.iter().all(|one| one.is_head() || one.age(day).is_some())
    {
        "no"
    } else {
        UNKNOWN
    }
}

fn school(state: &State, day: Date) -> &'static str {
    let people = people(state);
    // A head of whose age nobody knows is taken for no child.
    if !is_everybody_known(state, &people)
        || people.iter().any(|one| !one.is_head() && one.age(day).is_none())
    {
        return UNKNOWN;
    }
    let attends: Option<Vec<bool>> = people
        .iter()
        .filter(|one| one.age(day).is_some_and(|age| SCHOOL_AGE.contains(&age)))
        .map(Person::attends_school)
        .collect();
    match attends {
        None => UNKNOWN,
        Some(attends) if attends.is_empty() => SCHOOL[3],
        Some(attends) if attends.iter().all(|one| *one) => SCHOOL[0],
        Some(attends) if attends.iter().any(|one| *one) => SCHOOL[1],
        Some(_) => SCHOOL[2],
    }
}

/// In which band a day lies, counted from the move; visits may be some days early.
fn band(moved: Date, day: Date) -> usize {
    STAY.iter()
        .filter(|months| moved.saturating_add(months.months()) <= day)
        .count()
}

fn stay(state: &State) -> &'static str {
    let Some(moved) = moved_on(state) else {
        return UNKNOWN;
    };
    let gone = state
        .contacts
        .iter()
        .filter(|contact| contact.kind == Kind::Left && !contact.is_replaced && contact.on >= moved);
    let bands: BTreeSet<(usize, usize)> = gone
        .map(|contact| {
            let first_gone = contact.first_gone.unwrap_or(contact.on);
            let last_there = contact.last_there.unwrap_or(moved).max(moved);
            (band(moved, last_there), band(moved, first_gone))
        })
        .collect();
    match bands.iter().collect::<Vec<_>>().as_slice() {
        [] => {}
        // Known to have left within one band, or not known in which.
        [(there, gone)] if there == gone => return GONE[*gone],
        _ => return UNKNOWN,
    }
    let last_met = state
        .contacts
        .iter()
        .filter(|contact| contact.kind == Kind::Visited && contact.on >= moved)
        .map(|contact| contact.on)
        .max();
    THERE[last_met.map_or(0, |on| band(moved, on.saturating_add(EARLY_DAYS.days())))]
}

fn referral(state: &State, service: &str) -> &'static str {
    let latest = state
        .referrals
        .iter()
        .filter(|referral| &*referral.service == service)
        .max_by_key(|referral| (referral.on, referral.event));
    match latest {
        None => REFERRAL[0],
        Some(referral) => match referral.answers.as_slice() {
            [] => REFERRAL[1],
            [one] => {
                let mut known = REFERRAL[2..].iter().copied();
                known.find(|answer| *answer == &**one).unwrap_or(UNKNOWN)
            }
            _ => UNKNOWN,
        },
    }
}

fn fact<'a>(state: &State, path: &str, values: &'a [String]) -> &'a str {
    let answer = match state.value(path) {
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(Value::Bool(false)) => "no".to_owned(),
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Number(number)) => number.as_str().to_owned(),
        _ => return UNKNOWN,
    };
    match values.iter().find(|value| **value == answer) {
        Some(value) => value,
        None if answer == UNKNOWN || is_yes_no(values) => UNKNOWN,
        None => "other",
    }
}
