//! The contest itself: scores, bounds, ranks and rank intervals out of values, shares and exclusions.

use rayon::prelude::*;

use super::{RowStatus, Standing, Valued};
use crate::methods::{self, Ends, Method, weighted_sum};
use crate::rank;
use crate::scenario::Order;
use crate::tolerance::at_most;
use crate::unknowns::facts::Open;
use crate::unknowns::rank_interval::{Candidate, rank_intervals};

/// The lowest and highest possible weighted sum of each row.
pub(crate) fn bounds(valued: &[&Valued], shares: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let lows: Vec<&[f64]> = valued.iter().map(|valued| valued.low()).collect();
    let highs: Vec<&[f64]> = valued.iter().map(|valued| valued.high()).collect();
    let settle = |scores: Vec<f64>| -> Vec<f64> { scores.into_iter().map(rank::settle).collect() };
    (
        settle(weighted_sum::scores(&lows, shares)),
        settle(weighted_sum::scores(&highs, shares)),
    )
}

/// Rows that get a score: not excluded, and enough that weighs is known of them. `unknown` is the share of the weight of
/// which nothing is known, by row.
pub(crate) fn contenders(
    valued: &[&Valued],
    shares: &[f64],
    status: &[RowStatus],
    (unknown, apart_above): (&[f64], f64),
) -> Vec<u32> {
    let known = known_at_all(valued, shares, status.len());
    let takes_part = |row: &u32| {
        let row = *row as usize;
        status[row] != RowStatus::Excluded && known[row] && at_most(unknown[row], apart_above)
    };
    (0..status.len() as u32).filter(takes_part).collect()
}

/// The share of the weight of which nothing is known, by row. A criterion for which no layer is loaded (`without_layer`)
/// is left out of the account: that is no fault of a row, and no visit to it would make it known.
pub(crate) fn unknown_shares(
    valued: &[&Valued],
    shares: &[f64],
    without_layer: &[bool],
    rows: usize,
) -> Vec<f64> {
    let asked = || {
        let with_layer = |index: &usize| !without_layer[*index] && shares[*index] > 0.0;
        (0..valued.len()).filter(with_layer)
    };
    let whole: f64 = asked().map(|index| shares[index]).sum();
    let of = |row: usize| {
        let unknown = |index: &usize| !valued[*index].is_known(row);
        let sum: f64 = asked().filter(unknown).map(|index| shares[index]).sum();
        if whole > 0.0 {
            rank::settle(sum / whole)
        } else {
            1.0
        }
    };
    (0..rows).map(of).collect()
}

/// Scores of the contenders under a method, by row; `None` for everyone else.
pub(crate) fn scores(
    method: Method,
    valued: &[&Valued],
    shares: &[f64],
    contenders: &[u32],
    rows: usize,
    ends: Ends,
) -> Vec<Option<f64>> {
    let mut scores = vec![None; rows];
    for (row, score) in contenders
        .iter()
        .zip(score_contenders(method, valued, shares, contenders, ends))
    {
        scores[*row as usize] = Some(rank::settle(score));
    }
    scores
}

/// Whether anything that weighs is known of each row.
fn known_at_all(valued: &[&Valued], shares: &[f64], rows: usize) -> Vec<bool> {
    let mut known = vec![false; rows];
    for (valued, _) in valued.iter().zip(shares).filter(|(_, share)| **share > 0.0) {
        (0..rows).for_each(|row| known[row] |= valued.is_known(row));
    }
    known
}

fn score_contenders(
    method: Method,
    valued: &[&Valued],
    shares: &[f64],
    contenders: &[u32],
    ends: Ends,
) -> Vec<f64> {
    let columns: Vec<Vec<f64>> = valued
        .par_iter()
        .map(|valued| {
            contenders
                .iter()
                .map(|row| valued.counted(*row as usize))
                .collect()
        })
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    methods::scores_of_values(method, &columns, shares, ends)
}

/// Rank intervals, for the weighted sum alone: only there do bounds of values bound the score. `sure` tells which rows pass
/// every exclusion for certain; the others may drop out.
pub(crate) fn standings(
    method: Method,
    lowest: &[f64],
    highest: &[f64],
    status: &[RowStatus],
    sure: &[bool],
) -> Vec<Option<Standing>> {
    if method != Method::WeightedSum {
        return vec![None; status.len()];
    }
    let candidates: Vec<Candidate> = (0..status.len())
        .filter(|row| status[*row] != RowStatus::Excluded)
        .map(|row| Candidate {
            low: lowest[row],
            high: highest[row],
            certain: sure[row],
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

/// The rank that a row has now lies within its interval: one that stands behind stays there until it is known to pass.
pub(crate) fn hold_ranks(standing: &mut [Option<Standing>], ranks: &[Option<u32>], behind: &[bool]) {
    for ((standing, rank), behind) in standing.iter_mut().zip(ranks).zip(behind) {
        if let (true, Some(standing), Some(rank)) = (behind, standing, rank) {
            standing.worst = standing.worst.max(*rank);
        }
    }
}

/// Which rows stand behind all that pass for certain: those of which it is not known whether they are excluded, where the
/// rule of order says so.
pub(crate) fn behind(by: &Order, status: &[RowStatus]) -> Vec<bool> {
    let parts = by.undecided_behind();
    status
        .iter()
        .map(|status| parts && *status == RowStatus::ExclusionUnknown)
        .collect()
}

/// Ranks, and all rows in order: those with a score, best first and the ones `behind` after all others, then those without
/// a score, then the excluded; equals by id.
pub(crate) fn order(
    score: &[Option<f64>],
    behind: &[bool],
    status: &[RowStatus],
    ids: &[String],
) -> (Vec<Option<u32>>, Vec<u32>) {
    let mut ranks = vec![None; score.len()];
    let mut order: Vec<u32> = Vec::with_capacity(score.len());
    for group in [false, true] {
        let (rows, scores): (Vec<u32>, Vec<f64>) = (0..score.len() as u32)
            .filter(|row| behind[*row as usize] == group)
            .filter_map(|row| Some((row, score[row as usize]?)))
            .unzip();
        let by_score = rank::descending(&scores);
        let before = order.len() as u32;
        for (row, rank) in rows.iter().zip(&by_score.ranks) {
            ranks[*row as usize] = Some(before + rank);
        }
        order.extend(by_score.rows.iter().map(|position| rows[*position as usize]));
    }
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

/// What is possible for each candidate and which of its cells and exclusions (`unsure`, by row) leave it open; `top` lists
/// the rows at the top now.
#[allow(clippy::too_many_arguments)] // Columns of one table, by row.
pub(crate) fn open<'a>(
    ids: &'a [String],
    criteria: &[&'a str],
    valued: &[&Valued],
    shares: &[f64],
    (lowest, highest): (&[f64], &[f64]),
    status: &[RowStatus],
    unsure: impl Fn(usize) -> Vec<&'a str>,
    top: &[u32],
) -> Vec<Open<'a>> {
    let mut at_top = vec![false; ids.len()];
    for row in top {
        at_top[*row as usize] = true;
    }
    let cells = |row: usize| {
        let of = |(index, valued): (usize, &&Valued)| {
            let (low, high) = (
                shares[index] * valued.low()[row],
                shares[index] * valued.high()[row],
            );
            (high > low).then_some((criteria[index], low, high))
        };
        valued.iter().enumerate().filter_map(of).collect()
    };
    (0..ids.len())
        .filter(|row| status[*row] != RowStatus::Excluded)
        .map(|row| Open {
            id: &ids[row],
            low: lowest[row],
            high: highest[row],
            top: at_top[row],
            cells: cells(row),
            exclusions: unsure(row),
        })
        .collect()
}
