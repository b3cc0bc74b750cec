//! Counting families into tables, state by state.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::breakdown::{Source, is_impossible, moved_on};
use super::{Indicator, Places, Population};
use crate::disclosure::read::TableFile;
use crate::event::Value;
use crate::state::{Consent, REGISTRATION, State};
use crate::vocabulary::path;

/// Whether a household is counted at all: not one that goes on in another record, has taken its consent back (or is in conflict over that), or is
/// hidden.
pub fn counts(state: &State) -> bool {
    let agreed = !matches!(
        state.consent(REGISTRATION),
        Consent::Withdrawn | Consent::InConflict
    );
    state.merged_into.is_none() && !state.is_hidden() && agreed
}

/// A table in the making.
#[derive(Clone, Debug)]
pub struct Count<'a> {
    indicator: &'a Indicator,
    places: &'a Places,
    day: Date,
    rows: BTreeMap<Vec<String>, Cell>,
    illustrative: bool,
}

#[derive(Clone, Debug, Default)]
struct Cell {
    families: u64,
    /// Their answers to the question of the median.
    answers: Vec<f64>,
}

/// A counted table.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The indicator's id.
    pub id: String,
    /// The counts of its finest categories.
    pub file: TableFile,
    /// The answers behind the median, by the finest categories.
    pub answers: BTreeMap<Vec<String>, Vec<f64>>,
    /// The day on which it was counted.
    pub day: Date,
    /// Whether a family among them was made up.
    pub illustrative: bool,
}

impl<'a> Count<'a> {
    /// An empty table; `day` is the day on which ages and times are looked at.
    pub fn new(indicator: &'a Indicator, places: &'a Places, day: Date) -> Self {
        Self {
            indicator,
            places,
            day,
            rows: BTreeMap::new(),
            illustrative: false,
        }
    }

    /// Counts one household, if it belongs into the table. Each household is to be given once.
    pub fn add(&mut self, state: &State) {
        let Some(Place { path, answer }) = self.indicator.place(state, self.places, self.day) else {
            return;
        };
        self.illustrative |= state.value(path::ILLUSTRATIVE) == Some(&Value::Bool(true));
        let cell = self.rows.entry(path).or_default();
        cell.families += 1;
        cell.answers.extend(answer);
    }

    /// The table, with every fixed category, also those in which nobody is. None if nobody was counted.
    pub fn finish(self) -> Option<Counted> {
        let first = self.rows.keys().next()?.clone();
        let mut rows: Vec<(Vec<String>, u64)> = self
            .rows
            .iter()
            .map(|(path, cell)| (path.clone(), cell.families))
            .collect();
        let mut at = 0;
        for breakdown in &self.indicator.by {
            let end = at + breakdown.columns.len();
            for category in breakdown.categories(self.places, self.day) {
                let mut path = first.clone();
                path[at..end].clone_from_slice(&category);
                rows.push((path, 0));
            }
            at = end;
        }
        let answers = self.rows.into_iter().map(|(path, cell)| (path, cell.answers));
        Some(Counted {
            id: self.indicator.id.clone(),
            file: TableFile::from_rows(self.indicator.columns(), rows),
            answers: answers.collect(),
            day: self.day,
            illustrative: self.illustrative,
        })
    }
}

/// Where a household stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The finest category of each column.
    pub path: Vec<String>,
    /// Its answer to the question of the median.
    pub answer: Option<f64>,
}

impl Indicator {
    /// Where a household stands in the table on a day; none if it is not counted in it. Two states in the same place are the same to every reader.
    pub fn place(&self, state: &State, places: &Places, day: Date) -> Option<Place> {
        if !counts(state) || !self.is_over(state) {
            return None;
        }
        let median = self.median.as_ref();
        Some(Place {
            path: self
                .by
                .iter()
                .flat_map(|breakdown| breakdown.of(state, places, day))
                .collect(),
            answer: median
                .and_then(|median| state.value(&median.fact))
                .and_then(Value::as_f64),
        })
    }

    fn is_over(&self, state: &State) -> bool {
        let since = match self.population {
            Population::Recorded => state.trace.iter().map(|trace| trace.said.happened_on).min(),
            Population::Moved => match moved_on(state) {
                None => return false,
                on => on,
            },
        };
        let period = self.period;
        since.is_some_and(|on| {
            period.from.is_none_or(|from| from <= on) && period.to.is_none_or(|to| on <= to)
        })
    }

    /// Whether nobody can be in a cell on a day: its labels are the columns and categories that are no totals.
    pub fn is_impossible(&self, labels: &[(&str, &str)], day: Date) -> bool {
        let of = |source: &Source| {
            let column = &self.by.iter().find(|one| one.source == *source)?.columns[0];
            let (_, name) = labels.iter().find(|(label, _)| label == column)?;
            Some(*name)
        };
        match (of(&Source::MovedYear), of(&Source::Stay)) {
            (Some(year), Some(stay)) => is_impossible(year, stay, day),
            _ => false,
        }
    }
}
