//! PROMETHEE II (Brans & Vincke 1985): net outranking flow.
//!
//! Each row's positive flow is how much it is preferred to the others on average, its negative flow how much they
//! are preferred to it; the net flow ranks. Five of the six preference functions are piecewise linear and are
//! summed in n log n by sorting; the gaussian has no such shortcut and takes n².

mod gaussian;
mod preference;
mod sorted;

use rayon::prelude::*;

pub use preference::Preference;

use crate::value::Goal;

/// Flows of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    /// Net flow, −1..1, higher is better.
    pub phi: Vec<f64>,
    /// Positive flow, 0..1.
    pub phi_plus: Vec<f64>,
    /// Negative flow, 0..1.
    pub phi_minus: Vec<f64>,
}

/// Flows over `columns[criterion][row]`: finite numbers up to 1e150. A single row has no one to be compared with:
/// its flows are 0.
///
/// # Panics
/// If columns differ in length, or there are fewer goals, shares or preferences than columns.
pub fn flows(columns: &[&[f64]], goals: &[Goal], shares: &[f64], preferences: &[Preference]) -> Flows {
    let rows = columns.first().map_or(0, |column| column.len());
    let each: Vec<(Vec<f64>, Vec<f64>)> = columns
        .par_iter()
        .enumerate()
        .map(|(index, column)| {
            // Turned so that more is better.
            let turned: Vec<f64> = match goals[index] {
                Goal::Max => column.to_vec(),
                Goal::Min => column.iter().map(|number| -number).collect(),
            };
            match preferences[index].straight() {
                Some(straight) => sorted::sums(&turned, straight),
                None => gaussian::sums(&turned, preferences[index]),
            }
        })
        .collect();
    // Criteria are added up in their order, whatever thread finished first.
    let others = rows.saturating_sub(1).max(1) as f64;
    let (mut phi_plus, mut phi_minus) = (vec![0.0; rows], vec![0.0; rows]);
    for ((plus, minus), share) in each.iter().zip(shares) {
        for row in 0..rows {
            phi_plus[row] += share * (plus[row] / others);
            phi_minus[row] += share * (minus[row] / others);
        }
    }
    let phi = phi_plus
        .iter()
        .zip(&phi_minus)
        .map(|(plus, minus)| plus - minus)
        .collect();
    Flows {
        phi,
        phi_plus,
        phi_minus,
    }
}
