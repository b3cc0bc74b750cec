//! The decision: a scenario and a measured matrix give a ranking that can be explained.

pub(crate) mod contest;
mod ranking;
mod valued;
mod warn;

pub use ranking::{
    Excluded, ExclusionResult, RankedCriterion, Ranking, Row, RowCriterion, RowStatus, Standing, Totals,
};
pub(crate) use valued::Valued;

use crate::exclusion::Answer;
use crate::matrix::Matrix;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::scenario::Scenario;

/// Ranks the matrix's alternatives under a scenario.
///
/// *Score*: the weighted sum of values. Where a value is only known to lie between bounds, the middle of the bounds
/// counts; where nothing is known of it, the middle of all that its value function can give. `lowest` and `highest`
/// say what the missing facts could make of it. An alternative of which no weighted criterion is known at all has
/// no score and no rank. Under the other methods the same middles are used; their lowest and highest are those of
/// the weighted sum's values only and therefore left out.
///
/// *Exclusions*: an alternative that fails one has no score and no rank; one whose answer is unknown is ranked.
///
/// # Errors
/// If the matrix lacks the column of a measure, or a column holds categories where numbers are needed or the other
/// way round: every such column at once.
pub fn decide(scenario: &Scenario, matrix: &Matrix) -> Result<Ranking, Vec<Problem>> {
    check_columns(scenario, matrix)?;
    let shares = scenario.shares();
    let valued: Vec<Valued> = scenario
        .criteria
        .iter()
        .map(|criterion| Valued::new(criterion, matrix))
        .collect::<Result<_, _>>()?;
    let exclusions = exclusion_results(scenario, matrix);
    let status = statuses(&exclusions, matrix.len());

    let values: Vec<&Valued> = valued.iter().collect();
    let (lowest, highest) = contest::bounds(&values, &shares);
    let contenders = contest::contenders(&values, &shares, &status);
    let score = contest::scores(scenario.method, &values, &shares, &contenders, matrix.len());
    let standing = contest::standings(scenario.method, &lowest, &highest, &status);
    let (rank, order) = contest::order(&score, &status, matrix.ids());
    let mut ranking = Ranking {
        method: scenario.method,
        ids: matrix.ids().to_vec(),
        criteria: Vec::with_capacity(valued.len()),
        exclusions,
        status,
        score,
        lowest,
        highest,
        rank,
        standing,
        order,
        warnings: Vec::new(),
    };
    ranking.warnings = warn::warnings(scenario, &valued, &ranking);
    for ((criterion, share), valued) in scenario.criteria.iter().zip(shares).zip(valued) {
        ranking
            .criteria
            .push(RankedCriterion::new(criterion, share, valued));
    }
    Ok(ranking)
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

fn exclusion_results(scenario: &Scenario, matrix: &Matrix) -> Vec<ExclusionResult> {
    let mut all = Vec::with_capacity(scenario.exclusions.len());
    for exclusion in scenario.limits() {
        // Both were checked: the measure by the scenario's parser, the column just now.
        let Some(measure) = scenario.measure_of(exclusion) else {
            continue;
        };
        let Some(column) = matrix.column(&measure.id()) else {
            continue;
        };
        let answers = column.cells().map(|cell| exclusion.limit.answer(&cell)).collect();
        all.push(ExclusionResult {
            exclusion: exclusion.clone(),
            what: measure.label(),
            answers,
        });
    }
    all
}

fn statuses(exclusions: &[ExclusionResult], rows: usize) -> Vec<RowStatus> {
    let mut status = vec![RowStatus::Ranked; rows];
    for result in exclusions {
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
