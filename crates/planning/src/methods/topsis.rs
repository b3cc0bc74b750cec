//! TOPSIS (Hwang & Yoon 1981): closeness to the ideal, `D⁻ ÷ (D⁺ + D⁻)`, where D⁺ and D⁻ are the Euclidean
//! distances from the weighted, normalised ideal and anti-ideal of the alternatives at hand.
//!
//! The winner can change with the normalisation (Opricovic & Tzeng 2004), so it has to be chosen.

use rayon::prelude::*;

use super::Normalisation;
use super::spread::{CHUNK, best_and_worst, ends, per_unit};
use crate::value::Goal;

/// Chunks whose squares are added up at once: an addition has to wait for the one before it in its own chunk only.
const ABREAST: usize = 8;

/// Closeness of each row, 0..1, higher is better. `columns[criterion][row]`: finite numbers up to 1e150.
///
/// A column without spread adds nothing to either distance. Where all rows are alike, each is as near to the ideal
/// as to the anti-ideal: 0.5.
///
/// # Panics
/// If columns differ in length, or there are fewer goals or shares than columns.
pub fn closeness(
    columns: &[&[f64]],
    goals: &[Goal],
    shares: &[f64],
    normalisation: Normalisation,
) -> Vec<f64> {
    let rows = columns.first().map_or(0, |column| column.len());
    // Per column: the factor that weights and normalises a difference, the ideal and the anti-ideal.
    let scale: Vec<[f64; 3]> = columns
        .par_iter()
        .enumerate()
        .map(|(index, column)| {
            let ends = ends(column);
            let width = match normalisation {
                Normalisation::Vector => length(column, ends),
                Normalisation::MinMax => ends.1 - ends.0,
            };
            let (best, worst) = best_and_worst(ends, goals[index]);
            [per_unit(shares[index], width), best, worst]
        })
        .collect();
    near(columns, &scale, rows)
}

/// Closeness of each row of values 0..1 (more is better) between fixed ends: the ideal is full value in everything, the
/// anti-ideal none. A row's closeness depends on nothing but itself. The values share one scale, so nothing is normalised.
///
/// # Panics
/// If columns differ in length, or there are fewer shares than columns.
pub fn closeness_to_fixed_ends(columns: &[&[f64]], shares: &[f64]) -> Vec<f64> {
    let rows = columns.first().map_or(0, |column| column.len());
    let scale: Vec<[f64; 3]> = shares[..columns.len()]
        .iter()
        .map(|share| [*share, 1.0, 0.0])
        .collect();
    near(columns, &scale, rows)
}

/// Closeness by the factor, the ideal and the anti-ideal of each column.
fn near(columns: &[&[f64]], scale: &[[f64; 3]], rows: usize) -> Vec<f64> {
    let mut result = vec![0.0; rows];
    result
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, near)| {
            near_of(columns, scale, chunk * CHUNK, near);
        });
    result
}

/// Closeness of at most [`CHUNK`] rows from `first` on.
fn near_of(columns: &[&[f64]], scale: &[[f64; 3]], first: usize, near: &mut [f64]) {
    // Squared distances from the ideal and the anti-ideal, summed here and written once: see [`CHUNK`].
    let (mut to_best, mut to_worst) = ([0.0; CHUNK], [0.0; CHUNK]);
    let (to_best, to_worst) = (&mut to_best[..near.len()], &mut to_worst[..near.len()]);
    for (column, [factor, best, worst]) in columns.iter().zip(scale) {
        let column = &column[first..first + near.len()];
        for ((to_best, to_worst), number) in to_best.iter_mut().zip(to_worst.iter_mut()).zip(column) {
            let (below, above) = (factor * (number - best), factor * (number - worst));
            *to_best += below * below;
            *to_worst += above * above;
        }
    }
    for ((near, to_best), to_worst) in near.iter_mut().zip(to_best).zip(to_worst) {
        let (to_best, to_worst) = (to_best.sqrt(), to_worst.sqrt());
        let both = to_best + to_worst;
        *near = if both > 0.0 { to_worst / both } else { 0.5 };
    }
}

/// Euclidean length of a column. Scaled by its largest number, so that nothing over- or underflows.
fn length(column: &[f64], (least, most): (f64, f64)) -> f64 {
    let largest = least.abs().max(most.abs());
    let inverse = 1.0 / largest;
    if !inverse.is_finite() {
        return 0.0;
    }
    let partial: Vec<[f64; ABREAST]> = column
        .par_chunks(ABREAST * CHUNK)
        .map(|rows| squares(rows, inverse))
        .collect();
    largest * partial.as_flattened().iter().sum::<f64>().sqrt()
}

/// Sums of the squares of at most [`ABREAST`] chunks of rows, each added up in the order of its rows.
fn squares(rows: &[f64], inverse: f64) -> [f64; ABREAST] {
    let mut sums = [0.0; ABREAST];
    let square = |number: f64| (number * inverse) * (number * inverse);
    if let Ok(chunks) = <&[[f64; CHUNK]; ABREAST]>::try_from(rows.as_chunks().0) {
        for row in 0..CHUNK {
            for (sum, chunk) in sums.iter_mut().zip(chunks) {
                *sum += square(chunk[row]);
            }
        }
    } else {
        for (sum, chunk) in sums.iter_mut().zip(rows.chunks(CHUNK)) {
            *sum = chunk.iter().copied().map(square).sum();
        }
    }
    sums
}
