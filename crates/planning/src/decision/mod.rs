//! The decision: a scenario and a measured matrix give a ranking that can be explained.

pub(crate) mod contest;
mod ranking;
mod valued;
mod warn;

pub use ranking::{
    Excluded, ExclusionResult, RankedCriterion, Ranking, Row, RowCriterion, RowStatus, Standing, Totals,
};
pub(crate) use valued::{Reading, Valued};

use std::collections::BTreeSet;

use crate::cost;
use crate::exclusion::{Answer, Limit};
use crate::matrix::{Cell, Matrix, Unknown};
use crate::measure::Measure;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::scenario::{Edition, Scenario};

/// Ranks the matrix's alternatives under a scenario.
///
/// *Score*: the weighted sum of values. Where a value is only known to lie between bounds, or not at all, the scenario's
/// rule of order says what counts: the lowest that it can be, unless the planner chose otherwise. `lowest` and `highest`
/// say what the missing facts could make of the sum. A service that cannot be reached is a fact and worth nothing. Under
/// the other methods the same values count, between fixed ends (full value and none); lowest and highest are those of the
/// weighted sum.
///
/// *Too little known*: an alternative of whose weight more than a stated share is unknown, or of which nothing that weighs
/// is known, has no score and no rank and is listed apart.
///
/// *Exclusions*: an alternative that fails one has no score and no rank. One of which it is not known whether it fails is
/// ranked: under the rule `lowest` behind all that pass for certain, because at worst it is excluded; under the other rules
/// by its score alone.
///
/// # Errors
/// If the matrix lacks the column of a measure, or a column holds categories where numbers are needed or the other
/// way round: every such column at once.
pub fn decide(scenario: &Scenario, matrix: &Matrix) -> Result<Ranking, Vec<Problem>> {
    decide_without(scenario, matrix, &Missing::default())
}

/// Measures, by id, that tell nothing of any alternative: that is no fault of a single one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// For these no layer is loaded: they make no alternative too little known.
    pub without_layer: BTreeSet<String>,
    /// These are known of no alternative at all, whether a layer is loaded or not: an exclusion on one of them parts nobody.
    pub unknown_everywhere: BTreeSet<String>,
}

impl Missing {
    /// What is missing of a matrix; for the measures `without_layer` no layer is loaded.
    pub fn of(matrix: &Matrix, without_layer: BTreeSet<String>) -> Self {
        let nobody_knows = |column: &crate::matrix::Column| {
            column
                .cells()
                .all(|cell| matches!(cell, Cell::Unknown(Unknown::NoData)))
        };
        let unknown_everywhere = matrix
            .columns()
            .filter(|(_, column)| !column.is_empty() && nobody_knows(column))
            .map(|(id, _)| id.to_owned())
            .collect();
        Self {
            without_layer,
            unknown_everywhere,
        }
    }
}

/// The same, knowing what is missing everywhere.
///
/// # Errors
/// As [`decide`].
pub fn decide_without(
    scenario: &Scenario,
    matrix: &Matrix,
    missing: &Missing,
) -> Result<Ranking, Vec<Problem>> {
    check_columns(scenario, matrix)?;
    let matrix = &*cost::with_costs(scenario, matrix)?;
    let shares = scenario.shares();
    let valued: Vec<Valued> = scenario
        .criteria
        .iter()
        .map(|criterion| Valued::new(criterion, matrix, &scenario.order))
        .collect::<Result<_, _>>()?;
    let exclusions = exclusion_results(scenario, matrix, missing);
    let status = statuses(&exclusions, matrix.len());
    let sure = passing(&exclusions, matrix.len());

    let values: Vec<&Valued> = valued.iter().collect();
    let (lowest, highest) = contest::bounds(&values, &shares);
    let without_layer: Vec<bool> = scenario
        .criteria
        .iter()
        .map(|criterion| missing.without_layer.contains(&criterion.measure.id()))
        .collect();
    let unknown_share = contest::unknown_shares(&values, &shares, &without_layer, matrix.len());
    let enough = (unknown_share.as_slice(), scenario.order.apart_above);
    let contenders = contest::contenders(&values, &shares, &status, enough);
    let ends = scenario.order.ends();
    let score = contest::scores(scenario.method, &values, &shares, &contenders, matrix.len(), ends);
    let mut standing = contest::standings(scenario.method, &lowest, &highest, &status, &sure);
    let behind = contest::behind(&scenario.order, &status);
    let (rank, order) = contest::order(&score, &behind, &status, matrix.ids());
    contest::hold_ranks(&mut standing, &rank, &behind);
    let mut ranking = Ranking {
        method: scenario.method,
        by: scenario.order,
        ids: matrix.ids().to_vec(),
        criteria: Vec::with_capacity(valued.len()),
        exclusions,
        status,
        score,
        cost: cost_cells(matrix),
        unknown_share,
        lowest,
        highest,
        rank,
        standing,
        order,
        warnings: Vec::new(),
    };
    ranking.warnings = warn::warnings(scenario, &valued, &without_layer, &ranking);
    let all = scenario.criteria.iter().zip(shares).zip(valued);
    for (((criterion, share), valued), without_layer) in all.zip(without_layer) {
        ranking
            .criteria
            .push(RankedCriterion::new(criterion, share, valued, without_layer));
    }
    Ok(ranking)
}

/// Lowest and highest cost of a household's place, by row, where the scenario has unit costs.
fn cost_cells(matrix: &Matrix) -> Option<Vec<Option<(f64, f64)>>> {
    let column = matrix.column(&Measure::CostPerHousehold.id())?;
    let ends = |cell: Cell<'_>| match cell {
        Cell::Known(cost) => Some((cost, cost)),
        Cell::Interval(low, high) => Some((low, high)),
        Cell::Category(_) | Cell::Unknown(_) => None,
    };
    Some(column.cells().map(ends).collect())
}

fn check_columns(scenario: &Scenario, matrix: &Matrix) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    for measure in scenario.measures() {
        let id = measure.id();
        let Some(column) = matrix.column(&id) else {
            problems.push(Problem::new(id, Mistake::NotMeasured));
            continue;
        };
        let wrong_kind = column.cells().any(|cell| match cell {
            crate::matrix::Cell::Category(_) => !measure.is_category(),
            crate::matrix::Cell::Known(_) | crate::matrix::Cell::Interval(..) => measure.is_category(),
            crate::matrix::Cell::Unknown(_) => false,
        });
        if wrong_kind {
            let wanted = if measure.is_category() {
                Mistake::NotCategories
            } else {
                Mistake::NotNumbers
            };
            problems.push(Problem::new(id, wanted));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn exclusion_results(scenario: &Scenario, matrix: &Matrix, missing: &Missing) -> Vec<ExclusionResult> {
    let mut all = Vec::with_capacity(scenario.exclusions.len());
    for exclusion in scenario.limits() {
        // Both were checked: the measure by the scenario's parser, the column just now.
        let Some(measure) = scenario.measure_of(exclusion) else {
            continue;
        };
        let Some(column) = matrix.column(&measure.id()) else {
            continue;
        };
        let answer = |cell: Cell<'_>| match (cell, &exclusion.limit) {
            (Cell::Unknown(Unknown::Unreachable), Limit::AtMost(_) | Limit::AtLeast(_))
                if scenario.order.edition == Edition::BeforeRules =>
            {
                Answer::Unknown
            }
            (cell, limit) => limit.answer(&cell),
        };
        let answers: Vec<Answer> = column.cells().map(answer).collect();
        let nowhere_known = missing.without_layer.contains(&measure.id())
            || missing.unknown_everywhere.contains(&measure.id());
        // What was measured of some parts all others from them; a record of an earlier edition knew no such difference.
        let parts_nobody = nowhere_known
            && scenario.order.edition == Edition::Present
            && answers.iter().all(|answer| *answer == Answer::Unknown);
        all.push(ExclusionResult {
            exclusion: exclusion.clone(),
            what: measure.label(),
            answers,
            parts_nobody,
        });
    }
    all
}

/// Which rows pass every exclusion for certain.
fn passing(exclusions: &[ExclusionResult], rows: usize) -> Vec<bool> {
    let passes = |row: usize| {
        exclusions
            .iter()
            .all(|result| result.answers[row] == Answer::Pass)
    };
    (0..rows).map(passes).collect()
}

fn statuses(exclusions: &[ExclusionResult], rows: usize) -> Vec<RowStatus> {
    let mut status = vec![RowStatus::Ranked; rows];
    for result in exclusions.iter().filter(|result| !result.parts_nobody) {
        for (status, answer) in status.iter_mut().zip(&result.answers) {
            match answer {
                Answer::Fail => *status = RowStatus::Excluded,
                Answer::Unknown if *status == RowStatus::Ranked => *status = RowStatus::ExclusionUnknown,
                Answer::Pass | Answer::Unknown => {}
            }
        }
    }
    status
}
