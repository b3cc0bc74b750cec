//! The result of a decision, by column, and one row of it in full.

use serde::{Deserialize, Serialize};

use super::{Valued, contest};
use crate::exclusion::{Answer, Exclusion};
use crate::matrix::{Cell, Unknown};
use crate::measure::Measure;
use crate::methods::Method;
use crate::problem::Warning;
use crate::scenario::{Criterion, Order};
use crate::text::Text;
use crate::unknowns::facts::{self, Fact};
use crate::value::{Goal, ValueFunction};

/// Where a row stands before its score is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// Fails no exclusion, and is undecided in none that is known of any row.
    Ranked,
    /// Fails at least one exclusion.
    Excluded,
    /// Fails none, but the answer of at least one is unknown. Takes part all the same: under the rule `lowest` behind all
    /// rows that pass for certain.
    ExclusionUnknown,
}

/// The best and the worst rank that the missing facts leave open, exactly. Of a row that stands behind because it may yet
/// be excluded, the worst is no better than the rank that it has until that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Best possible rank.
    pub best: u32,
    /// Worst possible rank.
    pub worst: u32,
}

/// One exclusion with its answer for every row.
#[derive(Clone, Debug, PartialEq)]
pub struct ExclusionResult {
    /// The exclusion.
    pub exclusion: Exclusion,
    /// What it limits, in words.
    pub what: Text,
    /// The answer for each row.
    pub answers: Vec<Answer>,
    /// Whether it is known of no row at all, so that it tells none from another.
    pub parts_nobody: bool,
}

impl ExclusionResult {
    /// How many rows have this answer.
    pub fn count(&self, answer: Answer) -> usize {
        self.answers.iter().filter(|one| **one == answer).count()
    }
}

/// One criterion with the values of every row.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedCriterion {
    /// Id in the scenario.
    pub id: String,
    /// What people read.
    pub label: Text,
    /// What is measured.
    pub measure: Measure,
    /// Which way raw numbers are better.
    pub goal: Goal,
    /// Weight as a share of the total, 0..1.
    pub weight: f64,
    /// What raw numbers are worth.
    pub function: ValueFunction,
    /// The value function in words.
    pub in_words: Text,
    /// The value that stands in the score for a row of which nothing is known: what the rule of order takes of all that it
    /// can be.
    pub unknown_value: f64,
    /// Whether no layer is loaded for it: what it would tell is missing everywhere.
    pub without_layer: bool,
    valued: Valued,
}

impl RankedCriterion {
    pub(super) fn new(criterion: &Criterion, weight: f64, valued: Valued, without_layer: bool) -> Self {
        Self {
            id: criterion.id.clone(),
            label: criterion.label.clone(),
            measure: criterion.measure.clone(),
            goal: criterion.goal,
            weight,
            function: criterion.value.clone(),
            in_words: criterion.value.in_words(&criterion.measure),
            unknown_value: valued.counted_unknown(),
            without_layer,
            valued,
        }
    }

    /// The raw cell as measured.
    pub fn raw(&self, row: usize) -> Cell<'_> {
        self.valued.raw.cell(row)
    }

    /// Whether it was taken from a coarser source than its measure asks for.
    pub fn is_coarse(&self) -> bool {
        self.valued.raw.is_coarse()
    }

    /// The share of the households for which a row's number holds; the rest cannot get there.
    pub fn reached_share(&self, row: usize) -> f64 {
        self.valued.raw.reached_share(row)
    }

    /// The value of a row, 0..1: what counts of its bounds where it is known between bounds, `None` where nothing is
    /// known of it.
    pub fn value(&self, row: usize) -> Option<f64> {
        self.valued.is_known(row).then(|| self.valued.counted(row))
    }

    /// The value that stands in the score for a row, known or not.
    pub fn counted(&self, row: usize) -> f64 {
        self.valued.counted(row)
    }

    /// The lowest and highest value that a row of which nothing is known may have.
    pub fn open(&self) -> (f64, f64) {
        self.valued.open()
    }

    /// The lowest and highest value of a row; for an unknown one, all that the function can give.
    pub fn value_bounds(&self, row: usize) -> (f64, f64) {
        (self.valued.low()[row], self.valued.high()[row])
    }
}

/// A ranking. Vectors are by row of the matrix, in its order; [`Ranking::order`] lists rows from best to worst.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The method.
    pub method: Method,
    /// How it is ordered where facts are missing.
    pub by: Order,
    /// Ids of the rows.
    pub ids: Vec<String>,
    /// The criteria with their values.
    pub criteria: Vec<RankedCriterion>,
    /// The exclusions with their answers.
    pub exclusions: Vec<ExclusionResult>,
    /// Whether each row is excluded.
    pub status: Vec<RowStatus>,
    /// Score 0..1, higher is better, settled at twelve decimals; `None` where excluded or too little is known.
    pub score: Vec<Option<f64>>,
    /// Lowest and highest cost of a household's place, US dollars, by row; `None` where it is not known. Without unit costs
    /// in the scenario there are none.
    pub cost: Option<Vec<Option<(f64, f64)>>>,
    /// Share of the weight of which nothing is known, 0..1, criteria without any layer left out.
    pub unknown_share: Vec<f64>,
    /// Lowest possible weighted sum.
    pub lowest: Vec<f64>,
    /// Highest possible weighted sum.
    pub highest: Vec<f64>,
    /// Rank from 1; ties share the better rank.
    pub rank: Vec<Option<u32>>,
    /// Best and worst possible rank, under the weighted sum.
    pub standing: Vec<Option<Standing>>,
    /// Rows from best to worst (under the rule `lowest` those that may yet be excluded after all that pass for certain), then
    /// those of which too little is known, then the excluded; equals by id.
    pub order: Vec<u32>,
    /// What a planner should know about this result.
    pub warnings: Vec<Warning>,
}

/// How many rows there are of each sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// All rows.
    pub sites: usize,
    /// Rows with a rank.
    pub ranked: usize,
    /// Rows excluded.
    pub excluded: usize,
    /// Rows not excluded of which too little is known for a rank.
    pub too_little_known: usize,
    /// Rows, excluded or not, of which at least one criterion or exclusion is not exactly known.
    pub with_unknowns: usize,
}

/// Why a row is excluded, or may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Excluded {
    /// The exclusion's id.
    pub exclusion: String,
    /// The reason in words.
    pub text: Text,
    /// `fail` or `unknown`.
    pub answer: Answer,
}

/// One criterion of one row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowCriterion {
    /// The criterion's id.
    pub id: String,
    /// The raw number, where it is exactly known.
    pub raw: Option<f64>,
    /// The category, where the measure is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The unit of the raw number.
    pub unit: crate::measure::Unit,
    /// Why it is unknown, where it is.
    pub unknown: Option<Unknown>,
    /// Low end of the raw number, where it is known between bounds.
    pub low: Option<f64>,
    /// High end.
    pub high: Option<f64>,
    /// The share of the households for whom the number holds, where the others cannot get there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_share: Option<f64>,
    /// Whether it was taken from a coarser source than its measure asks for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub coarse: bool,
    /// The value, 0..1.
    pub value: Option<f64>,
    /// Share × value.
    pub contribution: Option<f64>,
}

/// One row in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Row of the matrix.
    pub index: u32,
    /// Its id.
    pub id: String,
    /// Rank.
    pub rank: Option<u32>,
    /// Score.
    pub score: Option<f64>,
    /// Share of the weight of which nothing is known.
    pub unknown_share: f64,
    /// Whether it has no rank because too little is known of it.
    pub too_little_known: bool,
    /// What to find out: criteria of which nothing is known, by falling weight.
    pub find_out: Vec<String>,
    /// Lowest possible score.
    pub lowest: f64,
    /// Highest possible score.
    pub highest: f64,
    /// Best and worst possible rank.
    pub standing: Option<Standing>,
    /// Whether it is excluded.
    pub status: RowStatus,
    /// Exclusions that fail or are unknown.
    pub excluded: Vec<Excluded>,
    /// The criteria in the scenario's order.
    pub criteria: Vec<RowCriterion>,
}

impl Ranking {
    /// One row in full.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> Row {
        Row {
            index: index as u32,
            id: self.ids[index].clone(),
            rank: self.rank[index],
            score: self.score[index],
            unknown_share: self.unknown_share[index],
            too_little_known: self.too_little_known(index),
            find_out: self
                .find_out(index)
                .into_iter()
                .map(|one| one.id.clone())
                .collect(),
            lowest: self.lowest[index],
            highest: self.highest[index],
            standing: self.standing[index],
            status: self.status[index],
            excluded: self.excluded(index),
            criteria: self
                .criteria
                .iter()
                .map(|criterion| row_criterion(criterion, index))
                .collect(),
        }
    }

    /// Whether a row stands behind all that pass for certain, because it is not known whether it is excluded.
    pub fn is_behind(&self, index: usize) -> bool {
        self.by.undecided_behind() && self.status[index] == RowStatus::ExclusionUnknown
    }

    /// Whether a row has no rank because too little is known of it.
    pub fn too_little_known(&self, index: usize) -> bool {
        self.rank[index].is_none() && self.status[index] != RowStatus::Excluded
    }

    /// The criteria that weigh and of which nothing is known of a row, by falling weight; those without any layer left out.
    pub fn find_out(&self, index: usize) -> Vec<&RankedCriterion> {
        let missing =
            |one: &&RankedCriterion| one.weight > 0.0 && !one.without_layer && one.value(index).is_none();
        let mut all: Vec<&RankedCriterion> = self.criteria.iter().filter(missing).collect();
        all.sort_by(|left, right| right.weight.total_cmp(&left.weight));
        all
    }

    /// Why a row is excluded, or may be.
    pub fn excluded(&self, index: usize) -> Vec<Excluded> {
        let reason = |result: &ExclusionResult| {
            let answer = result.answers[index];
            let text = result.exclusion.explain(answer, &result.what)?;
            Some(Excluded {
                exclusion: result.exclusion.id.clone(),
                text,
                answer,
            })
        };
        self.exclusions.iter().filter_map(reason).collect()
    }

    /// The missing facts that would most narrow the first `top` places, best first, at most `limit`; meaningful under
    /// the weighted sum, the only method whose scores they bound.
    pub fn facts(&self, top: usize, limit: usize) -> Vec<Fact> {
        let names: Vec<&str> = self
            .criteria
            .iter()
            .map(|criterion| criterion.id.as_str())
            .collect();
        let shares: Vec<f64> = self.criteria.iter().map(|criterion| criterion.weight).collect();
        let valued = self.valued();
        let bounds = (self.lowest.as_slice(), self.highest.as_slice());
        let scored = self.rank.iter().flatten().count();
        let top = &self.order[..top.min(scored)];
        let unsure = |row: usize| -> Vec<&str> {
            self.exclusions
                .iter()
                .filter(|result| result.answers[row] == Answer::Unknown)
                .map(|result| result.exclusion.id.as_str())
                .collect()
        };
        let open = contest::open(
            &self.ids,
            &names,
            &valued,
            &shares,
            bounds,
            &self.status,
            unsure,
            top,
        );
        facts::facts(&open, limit)
    }

    /// The criteria's values.
    pub(crate) fn valued(&self) -> Vec<&Valued> {
        self.criteria.iter().map(|criterion| &criterion.valued).collect()
    }

    /// How many rows there are of each sort.
    pub fn totals(&self) -> Totals {
        let uncertain = |row: &usize| {
            let between = self.criteria.iter().any(|criterion| {
                matches!(criterion.raw(*row), Cell::Interval(..)) || criterion.value(*row).is_none()
            });
            between
                || self
                    .exclusions
                    .iter()
                    .any(|result| result.answers[*row] == Answer::Unknown)
        };
        Totals {
            sites: self.ids.len(),
            ranked: self.rank.iter().flatten().count(),
            excluded: self
                .status
                .iter()
                .filter(|status| **status == RowStatus::Excluded)
                .count(),
            too_little_known: (0..self.ids.len())
                .filter(|row| self.too_little_known(*row))
                .count(),
            with_unknowns: (0..self.ids.len()).filter(uncertain).count(),
        }
    }
}

fn row_criterion(criterion: &RankedCriterion, row: usize) -> RowCriterion {
    let mut result = RowCriterion {
        id: criterion.id.clone(),
        raw: None,
        category: None,
        unit: criterion.measure.unit(),
        unknown: None,
        low: None,
        high: None,
        reached_share: Some(criterion.reached_share(row)).filter(|share| *share < 1.0),
        coarse: criterion.is_coarse(),
        value: criterion.value(row),
        contribution: criterion.value(row).map(|value| criterion.weight * value),
    };
    match criterion.raw(row) {
        Cell::Known(number) => result.raw = Some(number),
        Cell::Interval(low, high) => (result.low, result.high) = (Some(low), Some(high)),
        Cell::Category(category) => result.category = Some(category.to_owned()),
        Cell::Unknown(why) => result.unknown = Some(why),
    }
    result
}
