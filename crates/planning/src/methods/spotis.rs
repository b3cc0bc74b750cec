//! SPOTIS (Dezert et al. 2020): weighted distance to the ideal within bounds fixed beforehand, so that adding or
//! removing an alternative never reorders the others.

use rayon::prelude::*;

use super::spread::{CHUNK, per_unit};
use crate::value::Goal;

/// Distance of each row to the ideal, 0..1, lower is better: `Σ share × |x − ideal| ÷ (upper − lower)`, where the
/// ideal is the upper bound for `max` and the lower for `min`.
///
/// A number beyond its bounds counts as the bound: farther than ideal is no fault.
///
/// # Panics
/// If columns differ in length, or there are fewer goals, shares or bounds than columns.
pub fn distances(columns: &[&[f64]], goals: &[Goal], shares: &[f64], bounds: &[[f64; 2]]) -> Vec<f64> {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut distances = vec![0.0; rows];
    distances
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, sums)| {
            let range = chunk * CHUNK..chunk * CHUNK + sums.len();
            for (index, column) in columns.iter().enumerate() {
                let [lower, upper] = bounds[index];
                let factor = per_unit(shares[index], upper - lower);
                let ideal = match goals[index] {
                    Goal::Max => upper,
                    Goal::Min => lower,
                };
                for (sum, number) in sums.iter_mut().zip(&column[range.clone()]) {
                    *sum += factor * (number.clamp(lower, upper) - ideal).abs();
                }
            }
        });
    distances
}
