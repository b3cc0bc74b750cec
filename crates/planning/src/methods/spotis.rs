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
    let scale: Vec<(f64, f64, [f64; 2])> = (0..columns.len())
        .map(|index| {
            let [lower, upper] = bounds[index];
            let ideal = match goals[index] {
                Goal::Max => upper,
                Goal::Min => lower,
            };
            (per_unit(shares[index], upper - lower), ideal, [lower, upper])
        })
        .collect();
    let mut distances = vec![0.0; rows];
    distances
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, distances)| {
            distances_of(columns, &scale, chunk * CHUNK, distances);
        });
    distances
}

/// Distances of at most [`CHUNK`] rows from `first` on, by the factor, the ideal and the bounds of each column.
fn distances_of(columns: &[&[f64]], scale: &[(f64, f64, [f64; 2])], first: usize, distances: &mut [f64]) {
    // Summed here and written once: see [`CHUNK`].
    let mut sums = [0.0; CHUNK];
    let sums = &mut sums[..distances.len()];
    for (column, (factor, ideal, [lower, upper])) in columns.iter().zip(scale) {
        for (sum, number) in sums.iter_mut().zip(&column[first..first + distances.len()]) {
            *sum += factor * (number.clamp(*lower, *upper) - ideal).abs();
        }
    }
    distances.copy_from_slice(sums);
}
