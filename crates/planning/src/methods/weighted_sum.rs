//! Weighted sum: `score = Σ share × value`.
//!
//! With value functions fixed beforehand, an alternative's score depends on nothing but itself: adding or removing
//! another never reorders the rest.

use rayon::prelude::*;

/// Rows summed at a time: a chunk of scores stays in the first-level cache while the columns stream past.
const CHUNK: usize = 1024;

/// Scores of all rows. `values[criterion][row]` in 0..1 (or on any scale), `shares[criterion]`.
///
/// Each row is summed in the order of the criteria, whatever the number of threads.
///
/// # Panics
/// If a column is shorter than the first.
pub fn scores(values: &[&[f64]], shares: &[f64]) -> Vec<f64> {
    let rows = values.first().map_or(0, |column| column.len());
    let mut scores = vec![0.0; rows];
    scores
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, sums)| {
            let rows = chunk * CHUNK..chunk * CHUNK + sums.len();
            for (column, share) in values.iter().zip(shares) {
                for (sum, value) in sums.iter_mut().zip(&column[rows.clone()]) {
                    *sum += share * value;
                }
            }
        });
    scores
}
