//! One criterion's values over all rows, with their bounds.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::matrix::{Cell, Column, Matrix, Unknown};
use crate::measure::Measure;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::scenario::{Criterion, Edition, Order, Rule};
use crate::value::ValueFunction;

/// How cells that hold no exact number are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// What a cell of which nothing is known may be worth.
    pub(crate) open: (f64, f64),
    /// What a service that cannot be reached is worth; `None` where that counts as not known.
    pub(crate) unreachable: Option<f64>,
    /// What counts of a value between bounds.
    pub(crate) rule: Rule,
}

impl Reading {
    /// How the cells of a criterion are read.
    ///
    /// That nothing can be reached is known and worth nothing, whatever the function's lowest value. So an unknown time
    /// may turn out to be worth nothing too.
    pub(crate) fn new(function: &ValueFunction, measure: &Measure, order: &Order) -> Self {
        let (low, high) = function.whole_range();
        let facts = order.edition != Edition::BeforeRules;
        Self {
            open: if facts && measure.is_along_roads() {
                (0.0, high)
            } else {
                (low, high)
            },
            unreachable: facts.then_some(0.0),
            rule: order.rule,
        }
    }
}

/// The lowest and highest value of each row; equal where the raw number is exactly known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Valued {
    low: Vec<f64>,
    /// Absent where every value is exact.
    high: Option<Vec<f64>>,
    /// Absent where something is known of every row.
    known: Option<Vec<bool>>,
    reading: Reading,
    /// Categories in the column to which the table gives no value.
    pub(crate) strangers: BTreeSet<String>,
    /// The column as measured: raw numbers for people.
    pub(crate) raw: Column,
}

impl Valued {
    /// Values a scenario's criterion.
    pub(crate) fn new(criterion: &Criterion, matrix: &Matrix, order: &Order) -> Result<Self, Vec<Problem>> {
        let id = criterion.measure.id();
        let column = matrix
            .column(&id)
            .ok_or_else(|| vec![Problem::new(id, Mistake::NotMeasured)])?;
        let reading = Reading::new(&criterion.value, &criterion.measure, order);
        Ok(Self::of(&criterion.value, column, reading))
    }

    /// Values a column.
    pub(crate) fn of(function: &ValueFunction, column: &Column, reading: Reading) -> Self {
        let raw = column.clone();
        if let Some(exact) = column.exact().filter(|_| !function.is_table()) {
            let low = exact
                .par_iter()
                .with_min_len(4096)
                .map(|number| function.of(*number))
                .collect();
            return Self {
                low,
                high: None,
                known: None,
                strangers: BTreeSet::new(),
                reading,
                raw,
            };
        }
        let mut strangers = BTreeSet::new();
        let (mut low, mut high) = (Vec::with_capacity(column.len()), Vec::with_capacity(column.len()));
        let mut known = Vec::with_capacity(column.len());
        for (row, cell) in column.cells().enumerate() {
            let bounds = match cell {
                Cell::Known(number) if !function.is_table() => {
                    let value = function.of(number);
                    Some((value, value))
                }
                Cell::Interval(from, to) if !function.is_table() => Some(function.bounds(from, to)),
                Cell::Category(category) => {
                    let value = function.of_category(category);
                    if value.is_none() {
                        strangers.insert(category.to_owned());
                    }
                    value.map(|value| (value, value))
                }
                Cell::Unknown(Unknown::Unreachable) => reading.unreachable.map(|value| (value, value)),
                Cell::Known(_) | Cell::Interval(..) | Cell::Unknown(_) => None,
            };
            // To those who cannot get there it is worth nothing: that is known, not open.
            let reached = column.reached_share(row);
            let bounds = bounds.map(|(from, to)| (reached * from, reached * to));
            known.push(bounds.is_some());
            let (from, to) = bounds.unwrap_or(reading.open);
            low.push(from);
            high.push(to);
        }
        let high = (low != high).then_some(high);
        let known = known.contains(&false).then_some(known);
        Self {
            low,
            high,
            known,
            reading,
            strangers,
            raw,
        }
    }

    /// Lowest values.
    pub(crate) fn low(&self) -> &[f64] {
        &self.low
    }

    /// Highest values.
    pub(crate) fn high(&self) -> &[f64] {
        self.high.as_ref().unwrap_or(&self.low)
    }

    /// What a cell of which nothing is known may be worth.
    pub(crate) fn open(&self) -> (f64, f64) {
        self.reading.open
    }

    /// Whether anything is known of a row: its number, bounds of its number, its category, or that nothing is reached.
    pub(crate) fn is_known(&self, row: usize) -> bool {
        self.known.as_ref().is_none_or(|known| known[row])
    }

    /// What counts of a row in the score: the value itself where it is exact, else what the rule takes of its bounds.
    pub(crate) fn counted(&self, row: usize) -> f64 {
        match &self.high {
            Some(high) => self.reading.rule.between(self.low[row], high[row]),
            None => self.low[row],
        }
    }

    /// What counts of a row of which nothing is known.
    pub(crate) fn counted_unknown(&self) -> f64 {
        self.reading
            .rule
            .between(self.reading.open.0, self.reading.open.1)
    }
}
