//! TOPSIS (Hwang & Yoon 1981): closeness to the ideal, `D⁻ ÷ (D⁺ + D⁻)`, where D⁺ and D⁻ are the Euclidean
//! distances from the weighted, normalised ideal and anti-ideal of the alternatives at hand.
//!
//! The winner can change with the normalisation (Opricovic & Tzeng 2004), so it has to be chosen.

use rayon::prelude::*;

use super::Normalisation;
use super::spread::{CHUNK, best_and_worst, ends, per_unit};
use crate::value::Goal;

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
        .iter()
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
            let range = chunk * CHUNK..chunk * CHUNK + near.len();
            let mut far = [0.0; CHUNK];
            let far = &mut far[..near.len()];
            // `near` holds the squared distance from the ideal until the last step.
            for (column, [factor, best, worst]) in columns.iter().zip(scale) {
                for ((near, far), number) in near.iter_mut().zip(far.iter_mut()).zip(&column[range.clone()]) {
                    let (to_best, to_worst) = (factor * (number - best), factor * (number - worst));
                    *near += to_best * to_best;
                    *far += to_worst * to_worst;
                }
            }
            for (near, far) in near.iter_mut().zip(far) {
                let (to_best, to_worst) = (near.sqrt(), far.sqrt());
                let both = to_best + to_worst;
                *near = if both > 0.0 { to_worst / both } else { 0.5 };
            }
        });
    result
}

/// Euclidean length of a column. Scaled by its largest number, so that nothing over- or underflows.
fn length(column: &[f64], (least, most): (f64, f64)) -> f64 {
    let largest = least.abs().max(most.abs());
    let inverse = 1.0 / largest;
    if !inverse.is_finite() {
        return 0.0;
    }
    let partial: Vec<f64> = column
        .par_chunks(CHUNK)
        .map(|chunk| {
            chunk
                .iter()
                .map(|number| (number * inverse) * (number * inverse))
                .sum::<f64>()
        })
        .collect();
    largest * partial.iter().sum::<f64>().sqrt()
}
