//! The part of a ranking that robustness looks at: rows with a rank and criteria with a weight.

use super::Values;
use super::pareto::{front, is_on_front};
use super::swap::{Swap, smallest_swap};
use crate::decision::Ranking;

/// Rows that are ranked, criteria that weigh, and the values where they meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// Rows of the ranking, in its row order; a row of `values` is an index into this.
    pub rows: Vec<u32>,
    /// Criteria of the ranking with a weight above zero; a criterion of `values` is an index into this.
    pub criteria: Vec<usize>,
    /// Their weights as shares.
    pub weights: Vec<f64>,
    /// Values with their bounds: an unknown one may be anything that its value function can give. Those of a row that
    /// stands behind because it may yet be excluded are lowered so far that no weighting brings it before the others.
    pub values: Values,
    counted: Vec<Vec<f64>>,
    /// Rows that stand behind all others because they may yet be excluded, whatever their score.
    behind: Vec<bool>,
}

/// By how much the score of a row that stands behind is lowered in the draws: more than scores can differ, so that no
/// weighting lifts it above one that passes for certain.
const BEHIND: f64 = 2.0;

impl Contest {
    /// The contest of a ranking.
    pub fn of(ranking: &Ranking) -> Self {
        let rows: Vec<u32> = (0..ranking.ids.len() as u32)
            .filter(|row| ranking.rank[*row as usize].is_some())
            .collect();
        let criteria: Vec<usize> = (0..ranking.criteria.len())
            .filter(|index| ranking.criteria[*index].weight > 0.0)
            .collect();
        let behind: Vec<bool> = rows.iter().map(|row| ranking.is_behind(*row as usize)).collect();
        let column = |index: &usize, pick: fn((f64, f64)) -> f64| -> Vec<f64> {
            let criterion = &ranking.criteria[*index];
            // Weights add up to 1: what every value loses, the score loses.
            let value = |(row, behind): (&u32, &bool)| {
                let value = pick(criterion.value_bounds(*row as usize));
                if *behind { value - BEHIND } else { value }
            };
            rows.iter().zip(&behind).map(value).collect()
        };
        let columns = |pick: fn((f64, f64)) -> f64| -> Vec<Vec<f64>> {
            criteria.iter().map(|index| column(index, pick)).collect()
        };
        let (low, high) = (columns(|bounds| bounds.0), columns(|bounds| bounds.1));
        let counted = criteria
            .iter()
            .map(|index| {
                let criterion = &ranking.criteria[*index];
                rows.iter().map(|row| criterion.counted(*row as usize)).collect()
            })
            .collect();
        let weights = criteria
            .iter()
            .map(|index| ranking.criteria[*index].weight)
            .collect();
        Self {
            rows,
            criteria,
            weights,
            values: Values::of_equal_columns(low, &high),
            counted,
            behind,
        }
    }

    /// The place of a row of the ranking in this contest.
    pub fn position(&self, row: u32) -> Option<usize> {
        self.rows.binary_search(&row).ok()
    }

    /// The smallest change of weights that makes two rows of the ranking tie. `None` where one of them is not ranked
    /// or no weights do, as where one of them alone stands behind because it may yet be excluded. What is not exactly known counts by the rule of order, as in the score.
    pub fn swap(&self, first: u32, second: u32) -> Option<Swap> {
        let values =
            |position: usize| -> Vec<f64> { self.counted.iter().map(|column| column[position]).collect() };
        let (first, second) = (self.position(first)?, self.position(second)?);
        if self.behind[first] != self.behind[second] {
            return None;
        }
        smallest_swap(&self.weights, &values(first), &values(second))
    }

    /// Whether a row of the ranking is on the Pareto front, by the values that count in the score. `None` where it is not ranked.
    pub fn is_on_front(&self, row: u32) -> Option<bool> {
        Some(is_on_front(
            &self.front_columns(&self.passes()),
            self.position(row)?,
        ))
    }

    /// Rows of the ranking on the Pareto front, by the values that count in the score.
    pub fn front(&self) -> Vec<u32> {
        front(&self.front_columns(&self.passes()))
            .into_iter()
            .map(|position| self.rows[position as usize])
            .collect()
    }

    /// 1 for rows that pass for certain, 0 for those that may yet be excluded and stand behind: one more thing in which a
    /// row is better or worse.
    fn passes(&self) -> Vec<f64> {
        self.behind
            .iter()
            .map(|behind| f64::from(u8::from(!behind)))
            .collect()
    }

    fn front_columns<'a>(&'a self, passes: &'a [f64]) -> Vec<&'a [f64]> {
        self.counted.iter().map(Vec::as_slice).chain([passes]).collect()
    }
}
