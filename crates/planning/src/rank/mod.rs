//! From scores to ranks.
//!
//! Scores are compared at twelve decimals: sums that are equal on paper but differ in their last bits tie, and
//! whether two alternatives tie depends on nothing but their own scores.

mod radix;

use rayon::prelude::*;

use crate::methods::spread::ends;

/// Decimals to which scores are stated and compared, as a factor.
const GRID: f64 = 1e12;

/// 1.5 × 2^52: adding it rounds to a whole number (ties to even) and leaves that number in the low bits, without a
/// call into the maths library. Holds for scores between −1000 and 1000, beyond any that a method here gives.
const MAGIC: f64 = 6_755_399_441_055_744.0;

/// A score at twelve decimals.
#[inline]
pub fn settle(score: f64) -> f64 {
    ((score * GRID) + MAGIC - MAGIC) / GRID
}

/// A whole number that sorts as the settled score does, and is equal where that is.
#[inline]
fn key(score: f64) -> u64 {
    (score * GRID + MAGIC).to_bits()
}

/// Which end of the scores is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Higher scores are better.
    Higher,
    /// Lower scores are better.
    Lower,
}

/// Row indices from best to worst, with the ranks of all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Rows from best to worst; tied rows in row order.
    pub rows: Vec<u32>,
    /// Rank of each row, from 1; ties share the better rank (1, 2, 2, 4).
    pub ranks: Vec<u32>,
}

/// Orders rows by falling score and ranks them. Scores must be finite, within −1000..1000.
pub fn descending(scores: &[f64]) -> Order {
    ranked(scores, Better::Higher)
}

/// Orders rows by rising score and ranks them. Scores must be finite, within −1000..1000.
pub fn ascending(scores: &[f64]) -> Order {
    ranked(scores, Better::Lower)
}

/// Rows from best to worst, tied rows in row order: exact, in time that grows as the number of rows.
pub fn order(scores: &[f64], better: Better) -> Vec<u32> {
    match Sorted::new(scores, better) {
        Sorted::Packed { words, row_bits } => rows(&words, row_bits),
        Sorted::Pairs(pairs) => pairs.into_iter().map(|(_, row)| row).collect(),
    }
}

fn ranked(scores: &[f64], better: Better) -> Order {
    match Sorted::new(scores, better) {
        Sorted::Packed { words, row_bits } => {
            let keys = words
                .iter()
                .map(|word| (word >> row_bits, row_of(*word, row_bits)));
            let (ranks, rows) = rayon::join(|| ranks(keys, words.len()), || rows(&words, row_bits));
            Order { rows, ranks }
        }
        Sorted::Pairs(pairs) => Order {
            ranks: ranks(pairs.iter().copied(), pairs.len()),
            rows: pairs.into_iter().map(|(_, row)| row).collect(),
        },
    }
}

fn rows(words: &[u64], row_bits: u32) -> Vec<u32> {
    words
        .par_iter()
        .with_min_len(1 << 14)
        .map(|word| row_of(*word, row_bits))
        .collect()
}

/// Ranks of all rows out of keys with their rows, best first. By one thread: several would take each other's ranks out of
/// their caches.
fn ranks(sorted: impl Iterator<Item = (u64, u32)>, rows: usize) -> Vec<u32> {
    let mut ranks = vec![0; rows];
    let (mut current, mut last) = (0, None);
    for (position, (key, row)) in sorted.enumerate() {
        if last != Some(key) {
            current = position as u32 + 1;
            last = Some(key);
        }
        ranks[row as usize] = current;
    }
    ranks
}

fn row_of(word: u64, row_bits: u32) -> u32 {
    (word & ((1 << row_bits) - 1)) as u32
}

/// Keys (0 for the best) with their rows, sorted.
enum Sorted {
    /// Key and row in one word, the row in the low bits.
    Packed { words: Vec<u64>, row_bits: u32 },
    /// Keys too long to share a word with a row: sorted by comparison.
    Pairs(Vec<(u64, u32)>),
}

impl Sorted {
    fn new(scores: &[f64], better: Better) -> Self {
        if scores.is_empty() {
            return Self::Pairs(Vec::new());
        }
        let (least, most) = ends(scores);
        let (least, most) = (key(least), key(most));
        // Rows from worst to best are those from best to worst with every bit of the key turned.
        let (turn, first) = match better {
            Better::Higher => (u64::MAX, !most),
            Better::Lower => (0, least),
        };
        let from_best = move |score: f64| (key(score) ^ turn) - first;
        let row_bits = usize::BITS - (scores.len() - 1).leading_zeros();
        let key_bits = u64::BITS - (most - least).leading_zeros();
        if row_bits + key_bits > u64::BITS {
            let rows = scores.par_iter().with_min_len(1 << 14).enumerate();
            let mut pairs: Vec<(u64, u32)> =
                rows.map(|(row, score)| (from_best(*score), row as u32)).collect();
            pairs.par_sort_unstable();
            return Self::Pairs(pairs);
        }
        Self::Packed {
            words: radix::sort(scores, row_bits + key_bits, move |score, row| {
                (from_best(score) << row_bits) | row as u64
            }),
            row_bits,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_definition(scores: &[f64], better: Better) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..scores.len() as u32).collect();
        rows.sort_by(|left, right| {
            let (left, right) = (settle(scores[*left as usize]), settle(scores[*right as usize]));
            if better == Better::Higher {
                right.total_cmp(&left)
            } else {
                left.total_cmp(&right)
            }
        });
        rows
    }

    #[test]
    fn many_rows_in_many_tasks_are_ordered_too() {
        let scores: Vec<f64> = (0..200_000_u64)
            .map(|row| (row * 7_919 % 100_003) as f64 / 100_003.0)
            .collect();
        assert_eq!(
            order(&scores, Better::Higher),
            by_definition(&scores, Better::Higher)
        );
        // Seven crowds, whose members differ in their last decimals only.
        let crowds: Vec<f64> = (0..200_000_u64)
            .map(|row| (row % 7) as f64 / 7.0 + (row * 7_919 % 100_003) as f64 * 1e-12)
            .collect();
        assert_eq!(
            order(&crowds, Better::Higher),
            by_definition(&crowds, Better::Higher)
        );
        let one_far_away: Vec<f64> = scores.iter().map(|score| score * 1e-6).chain([1.0]).collect();
        assert_eq!(
            order(&one_far_away, Better::Lower),
            by_definition(&one_far_away, Better::Lower)
        );
    }

    #[test]
    fn ties_share_the_better_rank() {
        let scores: Vec<f64> = (0..100_000_u32).map(|row| f64::from(row % 3)).collect();
        let found = descending(&scores);
        assert_eq!(found.rows, by_definition(&scores, Better::Higher));
        let rank = |score: f64| match score {
            2.0 => 1,
            1.0 => 33_334,
            _ => 66_667,
        };
        assert!(
            scores
                .iter()
                .zip(&found.ranks)
                .all(|(score, found)| *found == rank(*score))
        );
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(scores in prop::collection::vec(0.0..1.0_f64, 0..3000), grain in 1_u32..2000) {
            // A coarse grain makes ties.
            let coarse: Vec<f64> = scores.iter().map(|score| (score * f64::from(grain)).floor() / f64::from(grain)).collect();
            for scores in [scores, coarse] {
                for better in [Better::Higher, Better::Lower] {
                    prop_assert_eq!(order(&scores, better), by_definition(&scores, better));
                }
            }
        }

        #[test]
        fn wide_scores_are_ordered_too(scores in prop::collection::vec(-999.0..999.0_f64, 0..300)) {
            prop_assert_eq!(order(&scores, Better::Higher), by_definition(&scores, Better::Higher));
        }

        #[test]
        fn settling_rounds_to_twelve_decimals(score in -1.0..1.0_f64) {
            prop_assert!((settle(score) - score).abs() <= 0.5e-12 + 1e-16);
            prop_assert_eq!(settle(settle(score)).to_bits(), settle(score).to_bits());
        }
    }
}
