//! One criterion's values over all rows, with their bounds.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::matrix::{Cell, Column, Matrix};
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::scenario::Criterion;
use crate::value::ValueFunction;

/// The lowest and highest value of each row; equal where the raw number is exactly known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Valued {
    low: Vec<f64>,
    /// Absent where every value is exact.
    high: Option<Vec<f64>>,
    /// Absent where something is known of every row.
    known: Option<Vec<bool>>,
    /// Categories in the column to which the table gives no value.
    pub(crate) strangers: BTreeSet<String>,
    /// The column as measured: raw numbers for people.
    pub(crate) raw: Column,
}

impl Valued {
    /// Values a scenario's criterion.
    pub(crate) fn new(criterion: &Criterion, matrix: &Matrix) -> Result<Self, Vec<Problem>> {
        let id = criterion.measure.id();
        let column = matrix
            .column(&id)
            .ok_or_else(|| vec![Problem::new(id, Mistake::NotMeasured)])?;
        Ok(Self::of(&criterion.value, column))
    }

    /// Values a column.
    pub(crate) fn of(function: &ValueFunction, column: &Column) -> Self {
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
                raw,
            };
        }
        let (least, most) = function.whole_range();
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
                Cell::Known(_) | Cell::Interval(..) | Cell::Unknown(_) => None,
            };
            // To those who cannot get there it is worth nothing: that is known, not open.
            let reached = column.reached_share(row);
            let bounds = bounds.map(|(from, to)| (reached * from, reached * to));
            known.push(bounds.is_some());
            let (from, to) = bounds.unwrap_or((least, most));
            low.push(from);
            high.push(to);
        }
        let high = (low != high).then_some(high);
        let known = known.contains(&false).then_some(known);
        Self {
            low,
            high,
            known,
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

    /// Whether anything is known of a row: its number, bounds of its number, or its category.
    pub(crate) fn is_known(&self, row: usize) -> bool {
        self.known.as_ref().is_none_or(|known| known[row])
    }

    /// The middle of a row's lowest and highest value: the value itself where it is exact.
    pub(crate) fn middle(&self, row: usize) -> f64 {
        match &self.high {
            Some(high) if high[row] > self.low[row] => f64::midpoint(self.low[row], high[row]),
            _ => self.low[row],
        }
    }
}
