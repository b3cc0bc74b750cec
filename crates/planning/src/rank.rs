//! From scores to ranks.
//!
//! Scores are compared at twelve decimals: sums that are equal on paper but differ in their last bits tie, and
//! whether two alternatives tie depends on nothing but their own scores.

use rayon::prelude::*;

/// Decimals to which scores are stated and compared, as a factor.
const GRID: f64 = 1e12;

/// A score at twelve decimals.
///
/// Adding and taking away 1.5 × 2^52 rounds to a whole number (ties to even) without a call into the maths
/// library; it holds for scores between −1000 and 1000, beyond any that a method here gives.
#[inline]
pub fn settle(score: f64) -> f64 {
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    ((score * GRID) + MAGIC - MAGIC) / GRID
}

/// Row indices from best to worst, with the ranks of all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Rows from best to worst; tied rows in row order.
    pub rows: Vec<u32>,
    /// Rank of each row, from 1; ties share the better rank (1, 2, 2, 4).
    pub ranks: Vec<u32>,
}

/// Orders rows by falling score. Scores must be finite, within −1000..1000.
pub fn descending(scores: &[f64]) -> Order {
    let rows = order_by_key(scores, |score| !sortable(score));
    Order {
        ranks: ranks(&rows, scores),
        rows,
    }
}

/// Orders rows by rising score: lower is better.
pub fn ascending(scores: &[f64]) -> Order {
    let rows = order_by_key(scores, sortable);
    Order {
        ranks: ranks(&rows, scores),
        rows,
    }
}

/// A whole number that sorts as the settled score does.
#[inline]
fn sortable(score: f64) -> u64 {
    // Both zeros are one score.
    let bits = (settle(score) + 0.0).to_bits();
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

fn order_by_key(scores: &[f64], key: impl Fn(f64) -> u64 + Sync) -> Vec<u32> {
    let mut keyed: Vec<(u64, u32)> = scores
        .par_iter()
        .enumerate()
        .with_min_len(4096)
        .map(|(row, score)| (key(*score), row as u32))
        .collect();
    keyed.par_sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn ranks(rows: &[u32], scores: &[f64]) -> Vec<u32> {
    let mut ranks = vec![0; rows.len()];
    let mut current = 0;
    let mut last = None;
    for (position, row) in rows.iter().enumerate() {
        let key = sortable(scores[*row as usize]);
        if last != Some(key) {
            current = position as u32 + 1;
            last = Some(key);
        }
        ranks[*row as usize] = current;
    }
    ranks
}
