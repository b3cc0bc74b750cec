//! The decision: a scenario and a measured matrix give a ranking that can be explained.

mod ranking;
mod valued;
mod warn;

use rayon::prelude::*;

pub use ranking::{
    Excluded, ExclusionResult, RankedCriterion, Ranking, Row, RowCriterion, RowStatus, Standing, Totals,
};
pub(crate) use valued::Valued;

use crate::exclusion::Answer;
use crate::matrix::Matrix;
use crate::methods::{self, Method, weighted_sum};
use crate::problem::Problem;
use crate::rank;
use crate::scenario::Scenario;
use crate::unknowns::rank_interval::{Candidate, rank_intervals};

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

    let lows: Vec<&[f64]> = valued.iter().map(Valued::low).collect();
    let highs: Vec<&[f64]> = valued.iter().map(Valued::high).collect();
    let settle = |scores: Vec<f64>| -> Vec<f64> { scores.into_iter().map(rank::settle).collect() };
    let lowest = settle(weighted_sum::scores(&lows, &shares));
    let highest = settle(weighted_sum::scores(&highs, &shares));
    let anything_known = known_at_all(&valued, &shares, matrix.len());

    let contenders: Vec<u32> = (0..matrix.len() as u32)
        .filter(|row| status[*row as usize] != RowStatus::Excluded && anything_known[*row as usize])
        .collect();
    let mut score = vec![None; matrix.len()];
    for (row, value) in
        contenders
            .iter()
            .zip(score_contenders(scenario.method, &valued, &shares, &contenders))
    {
        score[*row as usize] = Some(rank::settle(value));
    }
    let standing = standings(scenario.method, &lowest, &highest, &status);
    let (rank, order) = order(&score, &status, matrix.ids());
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
            problems.push(Problem::new(
                id,
                "was not measured: the matrix has no such column",
            ));
            continue;
        };
        let wrong_kind = column.cells().any(|cell| match cell {
            crate::matrix::Cell::Category(_) => !measure.is_category(),
            crate::matrix::Cell::Known(_) | crate::matrix::Cell::Interval(..) => measure.is_category(),
            crate::matrix::Cell::Unknown(_) => false,
        });
        if wrong_kind {
            let wanted = if measure.is_category() {
                "categories"
            } else {
                "numbers"
            };
            problems.push(Problem::new(id, format!("must hold {wanted}")));
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
    for exclusion in &scenario.exclusions {
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

/// Whether anything that weighs is known of each row.
fn known_at_all(valued: &[Valued], shares: &[f64], rows: usize) -> Vec<bool> {
    let mut known = vec![false; rows];
    for (valued, _) in valued.iter().zip(shares).filter(|(_, share)| **share > 0.0) {
        (0..rows).for_each(|row| known[row] |= valued.is_known(row));
    }
    known
}

fn score_contenders(method: Method, valued: &[Valued], shares: &[f64], contenders: &[u32]) -> Vec<f64> {
    let columns: Vec<Vec<f64>> = valued
        .par_iter()
        .map(|valued| {
            contenders
                .iter()
                .map(|row| valued.middle(*row as usize))
                .collect()
        })
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    methods::scores_of_values(method, &columns, shares)
}

/// Rank intervals, for the weighted sum alone: only there do bounds of values bound the score.
fn standings(method: Method, lowest: &[f64], highest: &[f64], status: &[RowStatus]) -> Vec<Option<Standing>> {
    if method != Method::WeightedSum {
        return vec![None; status.len()];
    }
    let candidates: Vec<Candidate> = (0..status.len())
        .filter(|row| status[*row] != RowStatus::Excluded)
        .map(|row| Candidate {
            low: lowest[row],
            high: highest[row],
            certain: status[row] == RowStatus::Ranked,
        })
        .collect();
    let mut intervals = rank_intervals(&candidates).into_iter();
    status
        .iter()
        .map(|status| {
            if *status == RowStatus::Excluded {
                None
            } else {
                intervals.next()
            }
        })
        .map(|interval| interval.map(|(best, worst)| Standing { best, worst }))
        .collect()
}

/// Ranks, and all rows in order: ranked ones, then those without a score, then the excluded; equals by id.
fn order(score: &[Option<f64>], status: &[RowStatus], ids: &[String]) -> (Vec<Option<u32>>, Vec<u32>) {
    let scored: Vec<u32> = (0..score.len() as u32)
        .filter(|row| score[*row as usize].is_some())
        .collect();
    let scores: Vec<f64> = scored.iter().filter_map(|row| score[*row as usize]).collect();
    let by_score = rank::descending(&scores);
    let mut ranks = vec![None; score.len()];
    for (row, rank) in scored.iter().zip(&by_score.ranks) {
        ranks[*row as usize] = Some(*rank);
    }
    let mut order: Vec<u32> = by_score
        .rows
        .iter()
        .map(|position| scored[*position as usize])
        .collect();
    for ties in order.chunk_by_mut(|left, right| ranks[*left as usize] == ranks[*right as usize]) {
        ties.sort_unstable_by(|left, right| ids[*left as usize].cmp(&ids[*right as usize]));
    }
    let mut rest: Vec<u32> = (0..score.len() as u32)
        .filter(|row| score[*row as usize].is_none())
        .collect();
    rest.sort_unstable_by_key(|row| (status[*row as usize] == RowStatus::Excluded, &ids[*row as usize]));
    order.extend(rest);
    (ranks, order)
}
