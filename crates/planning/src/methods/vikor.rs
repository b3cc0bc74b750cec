//! VIKOR (Opricovic & Tzeng 2004; Tzeng & Huang 2011): a compromise between the group's utility S and the single
//! worst regret R, and the set of alternatives that a compromise may name.

use rayon::prelude::*;

use super::spread::{CHUNK, best_and_worst, ends, per_unit};
use crate::rank::settle;
use crate::value::Goal;

/// The three measures of each row (lower is better) and the compromise.
#[derive(Clone, Debug, PartialEq)]
pub struct Vikor {
    /// Group utility: weighted sum of the distances from the best, 0..1.
    pub s: Vec<f64>,
    /// Individual regret: the largest weighted distance from the best, 0..1.
    pub r: Vec<f64>,
    /// `v (S − S*) ÷ (S⁻ − S*) + (1 − v) (R − R*) ÷ (R⁻ − R*)`, 0..1; a term without spread is 0.
    pub q: Vec<f64>,
    /// Condition C1: the second-best Q lies at least `1 ÷ (rows − 1)` above the best.
    pub acceptable_advantage: bool,
    /// Condition C2: the best by Q is also the best by S or by R.
    pub acceptable_stability: bool,
    /// Rows of the compromise set, in row order: the best alone where both conditions hold; the two best where only
    /// C2 fails; every row whose Q lies less than `1 ÷ (rows − 1)` above the best where C1 fails.
    pub compromise: Vec<u32>,
}

/// VIKOR over `columns[criterion][row]`: finite numbers up to 1e150; `v` is the weight of the group's utility.
///
/// A column without spread causes nobody regret.
///
/// # Panics
/// If columns differ in length, or there are fewer goals or shares than columns.
pub fn vikor(columns: &[&[f64]], goals: &[Goal], shares: &[f64], v: f64) -> Vikor {
    let rows = columns.first().map_or(0, |column| column.len());
    let scale: Vec<(f64, f64)> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let (best, worst) = best_and_worst(ends(column), goals[index]);
            (per_unit(shares[index], (best - worst).abs()), best)
        })
        .collect();
    let (s, r) = utility_and_regret(columns, &scale, rows);
    let q = compromise_measure(&s, &r, v);
    let (acceptable_advantage, acceptable_stability, compromise) = compromise(&s, &r, &q);
    Vikor {
        s,
        r,
        q,
        acceptable_advantage,
        acceptable_stability,
        compromise,
    }
}

/// Q of each row of values 0..1 (more is better) between fixed ends: the best is full value in everything, the worst
/// none. `v S + (1 − v) R ÷ the largest share`, 0..1, lower is better. A row's Q depends on nothing but itself.
///
/// # Panics
/// If columns differ in length, or there are fewer shares than columns.
pub fn q_to_fixed_ends(columns: &[&[f64]], shares: &[f64], v: f64) -> Vec<f64> {
    let rows = columns.first().map_or(0, |column| column.len());
    let shares = &shares[..columns.len()];
    let scale: Vec<(f64, f64)> = shares.iter().map(|share| (*share, 1.0)).collect();
    let (s, r) = utility_and_regret(columns, &scale, rows);
    let of_regret = per_unit(1.0 - v, shares.iter().copied().fold(0.0, f64::max));
    s.iter()
        .zip(&r)
        .map(|(s, r)| settle(v * s + of_regret * r))
        .collect()
}

/// S and R of each row, by the factor and the best number of each column.
fn utility_and_regret(columns: &[&[f64]], scale: &[(f64, f64)], rows: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut s, mut r) = (vec![0.0; rows], vec![0.0; rows]);
    s.par_chunks_mut(CHUNK)
        .zip(r.par_chunks_mut(CHUNK))
        .enumerate()
        .for_each(|(chunk, (s, r))| {
            let range = chunk * CHUNK..chunk * CHUNK + s.len();
            for (column, (factor, best)) in columns.iter().zip(scale) {
                for ((s, r), number) in s.iter_mut().zip(r.iter_mut()).zip(&column[range.clone()]) {
                    let regret = factor * (number - best).abs();
                    *s += regret;
                    *r = if regret > *r { regret } else { *r };
                }
            }
            for figure in s.iter_mut().chain(r) {
                *figure = settle(*figure);
            }
        });
    (s, r)
}

fn compromise_measure(s: &[f64], r: &[f64], v: f64) -> Vec<f64> {
    let ((s_best, s_worst), (r_best, r_worst)) = (ends(s), ends(r));
    let s_factor = per_unit(v, s_worst - s_best);
    let r_factor = per_unit(1.0 - v, r_worst - r_best);
    s.par_iter()
        .zip(r)
        .with_min_len(CHUNK)
        .map(|(s, r)| settle(s_factor * (s - s_best) + r_factor * (r - r_best)))
        .collect()
}

/// Conditions C1 and C2 and the rows of the compromise set.
fn compromise(s: &[f64], r: &[f64], q: &[f64]) -> (bool, bool, Vec<u32>) {
    let rows = q.len();
    let Some(first) = (0..rows).min_by(|left, right| q[*left].total_cmp(&q[*right])) else {
        return (true, true, Vec::new());
    };
    let second = (0..rows)
        .filter(|row| *row != first)
        .min_by(|left, right| q[*left].total_cmp(&q[*right]));
    let Some(second) = second else {
        return (true, true, vec![0]);
    };
    let needed = settle(1.0 / (rows - 1) as f64);
    let advantage = settle(q[second] - q[first]) >= needed;
    let ((s_best, _), (r_best, _)) = (ends(s), ends(r));
    let stability = (0..rows).any(|row| q[row] == q[first] && (s[row] == s_best || r[row] == r_best));
    let member = |row: &usize| match (advantage, stability) {
        (true, true) => *row == first,
        (true, false) => *row == first || *row == second,
        (false, _) => settle(q[*row] - q[first]) < needed,
    };
    (
        advantage,
        stability,
        (0..rows).filter(member).map(|row| row as u32).collect(),
    )
}
