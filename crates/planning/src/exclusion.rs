//! Exclusions: hard limits with three answers, each with its reason in words.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::matrix::{Cell, Unknown};
use crate::measure::Measure;
use crate::mistake::Mistake;
use crate::text::Text;
use crate::tolerance::{at_least, at_most};
use crate::tree::Table;

/// What an exclusion limits.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// The measure of the criterion with this id.
    Criterion(String),
    /// A measure of its own.
    Measure(Measure),
}

/// A hard limit on a raw number or category.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// Passes up to and including this number.
    AtMost(f64),
    /// Passes from this number on.
    AtLeast(f64),
    /// Passes with one of these categories.
    OneOf(Vec<String>),
    /// Passes unless the site is too far from every road. A service that no road leads to is another matter: the site
    /// lies on the network all the same.
    OnNetwork,
}

/// The answer of an exclusion for one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Within the limit.
    Pass,
    /// Beyond the limit: excluded.
    Fail,
    /// What is known does not decide it.
    Unknown,
}

/// One hard limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Exclusion {
    /// Unique within the scenario.
    pub id: String,
    /// What is limited.
    pub subject: Subject,
    /// The limit.
    pub limit: Limit,
    /// Why a site beyond it is excluded.
    pub reason: Text,
    /// Switched off: kept with the scenario, but without a part in its decision.
    pub off: bool,
}

impl Limit {
    /// The answer for one cell. A number that only rounding puts beyond the limit is at the limit. An interval passes or fails only where all of it does.
    #[allow(clippy::match_same_arms, reason = "a rule a line")]
    pub fn answer(&self, cell: &Cell<'_>) -> Answer {
        match (self, cell) {
            (Self::OnNetwork, Cell::Unknown(Unknown::OffNetwork)) => Answer::Fail,
            (Self::OnNetwork, Cell::Unknown(Unknown::NoData)) => Answer::Unknown,
            (Self::OnNetwork, _) => Answer::Pass,
            // No way at all takes longer than any limit.
            (Self::AtMost(_), Cell::Unknown(Unknown::Unreachable)) => Answer::Fail,
            (Self::AtLeast(_), Cell::Unknown(Unknown::Unreachable)) => Answer::Pass,
            (Self::AtMost(limit), Cell::Known(raw)) => pass(at_most(*raw, *limit)),
            (Self::AtLeast(limit), Cell::Known(raw)) => pass(at_least(*raw, *limit)),
            (Self::AtMost(limit), Cell::Interval(low, high)) => {
                between(at_most(*high, *limit), !at_most(*low, *limit))
            }
            (Self::AtLeast(limit), Cell::Interval(low, high)) => {
                between(at_least(*low, *limit), !at_least(*high, *limit))
            }
            (Self::OneOf(allowed), Cell::Category(category)) => {
                pass(allowed.iter().any(|one| one.as_str() == *category))
            }
            (Self::OneOf(_) | Self::AtMost(_) | Self::AtLeast(_), _) => Answer::Unknown,
        }
    }
}

fn pass(within: bool) -> Answer {
    if within { Answer::Pass } else { Answer::Fail }
}

fn between(all_within: bool, all_beyond: bool) -> Answer {
    match (all_within, all_beyond) {
        (true, _) => Answer::Pass,
        (_, true) => Answer::Fail,
        _ => Answer::Unknown,
    }
}

impl Exclusion {
    /// The reason in words for an answer that is not a pass; `what` names the measure.
    pub fn explain(&self, answer: Answer, what: &Text) -> Option<Text> {
        match answer {
            Answer::Pass => None,
            Answer::Fail => Some(self.reason.clone()),
            Answer::Unknown => Some(Text::new(
                format!("Not known: without the {} this limit cannot be checked", what.en),
                format!("មិនទាន់ដឹង៖ ខ្វះទិន្នន័យអំពី{} ដូច្នេះមិនអាចពិនិត្យលក្ខខណ្ឌនេះបានទេ", what.km),
            )),
        }
    }

    /// Reads an exclusion; problems go to the table's list.
    pub(crate) fn read(mut table: Table<'_, '_>) -> Option<Self> {
        let subject = subject(&mut table);
        let limit = read_limit(&mut table);
        if let Some((subject, limit)) = subject.as_ref().zip(limit.as_ref()) {
            suits(&mut table, subject, limit);
        }
        let reason = table.table("reason").and_then(crate::scenario::read_text);
        let given = table.optional_text("id").map(String::from);
        let wrong_id = given.is_none() && table.has("id");
        let off = table.optional_bool("off").unwrap_or(false);
        table.close();
        let (subject, limit) = subject.zip(limit)?;
        let id = given.unwrap_or_else(|| default_id(&subject, &limit));
        if wrong_id {
            None
        } else {
            Some(Self {
                id,
                subject,
                limit,
                reason: reason?,
                off,
            })
        }
    }
}

/// The id of an exclusion that was given none: what it limits and how.
fn default_id(subject: &Subject, limit: &Limit) -> String {
    let subject = match subject {
        Subject::Criterion(id) => id.clone(),
        Subject::Measure(measure) => measure.id(),
    };
    format!("{subject}_{}", limit.key())
}

impl Limit {
    fn key(&self) -> &'static str {
        match self {
            Self::AtMost(_) => "at_most",
            Self::AtLeast(_) => "at_least",
            Self::OneOf(_) => "one_of",
            Self::OnNetwork => "on_network",
        }
    }
}

fn subject(table: &mut Table<'_, '_>) -> Option<Subject> {
    let (criterion, measure) = (table.has("criterion"), table.has("measure"));
    match (criterion, measure) {
        (true, true) => {
            table.problem("", Mistake::LimitsTwo);
            let _ = (table.get("criterion"), table.get("measure"));
            None
        }
        (false, false) => {
            table.problem("", Mistake::LimitsNothing);
            let _ = (table.get("criterion"), table.get("measure"));
            None
        }
        (true, false) => table
            .text("criterion")
            .map(|id| Subject::Criterion(id.to_owned())),
        (false, true) => table
            .table("measure")
            .and_then(Measure::read)
            .map(Subject::Measure),
    }
}

/// Reads the one limit of an exclusion.
pub(crate) fn read_limit(table: &mut Table<'_, '_>) -> Option<Limit> {
    let keys = ["at_most", "at_least", "one_of", "on_network"];
    let given = keys.into_iter().filter(|key| table.has(key)).count();
    if given != 1 {
        let _ = keys.map(|key| table.get(key));
        table.problem("", Mistake::NotOneLimit);
        return None;
    }
    if table.has("at_most") {
        table.number("at_most").map(Limit::AtMost)
    } else if table.has("at_least") {
        table.number("at_least").map(Limit::AtLeast)
    } else if table.has("on_network") {
        if table.get("on_network") == Some(&Value::Bool(true)) {
            return Some(Limit::OnNetwork);
        }
        table.problem("on_network", Mistake::OnNetworkFalse);
        None
    } else {
        categories(table).map(Limit::OneOf)
    }
}

fn categories(table: &mut Table<'_, '_>) -> Option<Vec<String>> {
    let list = table.list("one_of")?;
    if list.is_empty() {
        table.problem("one_of", Mistake::ExcludesAll);
        return None;
    }
    let mut all = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        match item.as_str() {
            Some(category) => all.push(category.to_owned()),
            None => table.problem(&format!("one_of[{index}]"), Mistake::NotACategory),
        }
    }
    (all.len() == list.len()).then_some(all)
}

fn suits(table: &mut Table<'_, '_>, subject: &Subject, limit: &Limit) {
    let Subject::Measure(measure) = subject else {
        return;
    };
    match (measure.is_category(), limit) {
        (true, Limit::AtMost(_) | Limit::AtLeast(_)) => {
            table.problem(
                limit.key(),
                Mistake::CategoryTakesOneOf {
                    measure: measure.label(),
                },
            );
        }
        (false, Limit::OneOf(_)) => {
            table.problem(
                "one_of",
                Mistake::NumberTakesNoOneOf {
                    measure: measure.label(),
                },
            );
        }
        (_, Limit::OnNetwork) if !measure.is_travel() => {
            table.problem(
                "on_network",
                Mistake::NotATravelTime {
                    measure: measure.label(),
                },
            );
        }
        _ => {}
    }
}

impl Serialize for Exclusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &self.id)?;
        match &self.subject {
            Subject::Criterion(id) => map.serialize_entry("criterion", id)?,
            Subject::Measure(measure) => map.serialize_entry("measure", measure)?,
        }
        match &self.limit {
            Limit::AtMost(number) | Limit::AtLeast(number) => {
                map.serialize_entry(self.limit.key(), number)?;
            }
            Limit::OneOf(categories) => map.serialize_entry("one_of", categories)?,
            Limit::OnNetwork => map.serialize_entry("on_network", &true)?,
        }
        map.serialize_entry("reason", &self.reason)?;
        // Only where it is: what was written before there were switches stays the same.
        if self.off {
            map.serialize_entry("off", &true)?;
        }
        map.end()
    }
}
