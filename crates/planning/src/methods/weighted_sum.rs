//! Weighted sum: `score = Σ share × value`.
//!
//! With value functions fixed beforehand, an alternative's score depends on nothing but itself: adding or removing
//! another never reorders the rest.

use rayon::prelude::*;

use super::spread::CHUNK;

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
        .for_each(|(chunk, scores)| {
            scores_of(values, shares, chunk * CHUNK, scores);
        });
    scores
}

/// Scores of at most [`CHUNK`] rows from `first` on.
fn scores_of(values: &[&[f64]], shares: &[f64], first: usize, scores: &mut [f64]) {
    // Summed here and written once: see [`CHUNK`].
    let mut sums = [0.0; CHUNK];
    let sums = &mut sums[..scores.len()];
    let rows = first..first + sums.len();
    // Four columns at a time: each sum is loaded and stored a quarter as often, and still added up in order.
    for (columns, shares) in values.chunks(4).zip(shares.chunks(4)) {
        if let ([a, b, c, d], [of_a, of_b, of_c, of_d]) = (columns, shares) {
            let (a, b) = (&a[rows.clone()], &b[rows.clone()]);
            let (c, d) = (&c[rows.clone()], &d[rows.clone()]);
            for ((((sum, a), b), c), d) in sums.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *sum = (((*sum + of_a * a) + of_b * b) + of_c * c) + of_d * d;
            }
            continue;
        }
        for (column, share) in columns.iter().zip(shares) {
            for (sum, value) in sums.iter_mut().zip(&column[rows.clone()]) {
                *sum += share * value;
            }
        }
    }
    scores.copy_from_slice(sums);
}
