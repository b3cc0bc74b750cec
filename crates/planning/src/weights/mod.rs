//! Weights: direct shares, pairwise judgements (AHP), hierarchies of criteria, the judgements of a group.

pub mod ahp;
pub mod group;
pub mod hierarchy;
pub mod levels;
pub mod pairwise;
pub mod random_index;

/// Weights on any positive scale as shares of their total. Where nothing weighs anything, or the total is not a
/// finite number above zero, every share is 0.
///
/// Example: `shares(&[30.0, 10.0])` is `[0.75, 0.25]`.
pub fn shares(weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    if total > 0.0 && total.is_finite() {
        weights.iter().map(|weight| weight / total).collect()
    } else {
        vec![0.0; weights.len()]
    }
}
