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
        .par_iter()
        .enumerate()
        .map(|(index, column)| {
            let (best, worst) = best_and_worst(ends(column), goals[index]);
            (per_unit(shares[index], (best - worst).abs()), best)
        })
        .collect();
    let (s, r) = utility_and_regret(columns, &scale, rows);
    let (s_ends, r_ends) = (ends(&s), ends(&r));
    let q = compromise_measure(&s, s_ends, &r, r_ends, v);
    let (acceptable_advantage, acceptable_stability, compromise) = compromise(&s, s_ends.0, &r, r_ends.0, &q);
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
            utility_and_regret_of(columns, scale, chunk * CHUNK, s, r);
        });
    (s, r)
}

/// S and R of at most [`CHUNK`] rows from `first` on.
fn utility_and_regret_of(
    columns: &[&[f64]],
    scale: &[(f64, f64)],
    first: usize,
    s: &mut [f64],
    r: &mut [f64],
) {
    // Summed here and written once: see [`CHUNK`].
    let (mut sums, mut worst) = ([0.0; CHUNK], [0.0; CHUNK]);
    let (sums, worst) = (&mut sums[..s.len()], &mut worst[..s.len()]);
    for (column, (factor, best)) in columns.iter().zip(scale) {
        let column = &column[first..first + s.len()];
        for ((sum, worst), number) in sums.iter_mut().zip(worst.iter_mut()).zip(column) {
            let regret = factor * (number - best).abs();
            *sum += regret;
            *worst = if regret > *worst { regret } else { *worst };
        }
    }
    for ((s, r), (sum, worst)) in s.iter_mut().zip(r).zip(sums.iter().zip(worst)) {
        (*s, *r) = (settle(*sum), settle(*worst));
    }
}

/// Q of each row, from S and R and their ends.
fn compromise_measure(s: &[f64], s_ends: (f64, f64), r: &[f64], r_ends: (f64, f64), v: f64) -> Vec<f64> {
    let s_factor = per_unit(v, s_ends.1 - s_ends.0);
    let r_factor = per_unit(1.0 - v, r_ends.1 - r_ends.0);
    let mut q = vec![0.0; s.len()];
    q.par_chunks_mut(CHUNK)
        .zip(s.par_chunks(CHUNK).zip(r.par_chunks(CHUNK)))
        .for_each(|(q, (s, r))| {
            for ((q, s), r) in q.iter_mut().zip(s).zip(r) {
                *q = settle(s_factor * (s - s_ends.0) + r_factor * (r - r_ends.0));
            }
        });
    q
}

/// Conditions C1 and C2 and the rows of the compromise set.
fn compromise(s: &[f64], s_best: f64, r: &[f64], r_best: f64, q: &[f64]) -> (bool, bool, Vec<u32>) {
    let rows = q.len();
    if rows < 2 {
        return (true, true, (0..rows as u32).collect());
    }
    let [first, second] = two_least(q);
    let needed = settle(1.0 / (rows - 1) as f64);
    let advantage = settle(q[second] - q[first]) >= needed;
    let stability = (0..rows).any(|row| q[row] == q[first] && (s[row] == s_best || r[row] == r_best));
    let mut compromise: Vec<u32> = match (advantage, stability) {
        (true, true) => vec![first as u32],
        (true, false) => vec![first as u32, second as u32],
        (false, _) => (0..rows)
            .into_par_iter()
            .with_min_len(CHUNK)
            .filter(|row| settle(q[*row] - q[first]) < needed)
            .map(|row| row as u32)
            .collect(),
    };
    compromise.sort_unstable();
    (advantage, stability, compromise)
}

/// The rows of the two least numbers; of equal ones, those that come first.
fn two_least(numbers: &[f64]) -> [usize; 2] {
    let mut least = [(f64::INFINITY, 0); 2];
    for (row, &number) in numbers.iter().enumerate() {
        if number < least[0].0 {
            least = [(number, row), least[0]];
        } else if number < least[1].0 {
            least[1] = (number, row);
        }
    }
    least.map(|(_, row)| row)
}
