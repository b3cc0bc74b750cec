//! From scores to ranks.
//!
//! Scores are compared at twelve decimals: sums that are equal on paper but differ in their last bits tie, and
//! whether two alternatives tie depends on nothing but their own scores.

mod radix;

use rayon::prelude::*;

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
    let rows = order(scores, Better::Higher);
    Order {
        ranks: ranks(&rows, scores),
        rows,
    }
}

/// Orders rows by rising score and ranks them. Scores must be finite, within −1000..1000.
pub fn ascending(scores: &[f64]) -> Order {
    let rows = order(scores, Better::Lower);
    Order {
        ranks: ranks(&rows, scores),
        rows,
    }
}

/// Rows from best to worst, tied rows in row order: exact, in time that grows as the number of rows.
///
/// Key and row are packed into one word and radix-sorted; where they do not fit into one, they are compared.
pub fn order(scores: &[f64], better: Better) -> Vec<u32> {
    let (least, most) = scores
        .par_chunks(1 << 14)
        .map(|chunk| {
            chunk.iter().fold((u64::MAX, 0), |(least, most), score| {
                let key = key(*score);
                (least.min(key), most.max(key))
            })
        })
        .reduce(
            || (u64::MAX, 0),
            |left, right| (left.0.min(right.0), left.1.max(right.1)),
        );
    if scores.len() < 2 {
        return (0..scores.len() as u32).collect();
    }
    // From the best key on, so that the best is 0.
    let from_best = |score: f64| match better {
        Better::Higher => most - key(score),
        Better::Lower => key(score) - least,
    };
    let row_bits = usize::BITS - (scores.len() - 1).leading_zeros();
    let key_bits = u64::BITS - (most - least).leading_zeros();
    if row_bits + key_bits > u64::BITS {
        let mut keyed: Vec<(u64, u32)> = scores
            .par_iter()
            .enumerate()
            .map(|(row, score)| (from_best(*score), row as u32))
            .collect();
        keyed.par_sort_unstable();
        return keyed.into_iter().map(|(_, row)| row).collect();
    }
    let packed: Vec<u64> = scores
        .par_iter()
        .with_min_len(1 << 14)
        .enumerate()
        .map(|(row, score)| (from_best(*score) << row_bits) | row as u64)
        .collect();
    let mask = (1_u64 << row_bits) - 1;
    radix::sort(&packed, row_bits, row_bits + key_bits)
        .par_iter()
        .map(|word| (word & mask) as u32)
        .collect()
}

fn ranks(rows: &[u32], scores: &[f64]) -> Vec<u32> {
    let mut ranks = vec![0; rows.len()];
    let mut current = 0;
    let mut last = None;
    for (position, row) in rows.iter().enumerate() {
        let key = key(scores[*row as usize]);
        if last != Some(key) {
            current = position as u32 + 1;
            last = Some(key);
        }
        ranks[*row as usize] = current;
    }
    ranks
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
        let one_far_away: Vec<f64> = scores.iter().map(|score| score * 1e-6).chain([1.0]).collect();
        assert_eq!(
            order(&one_far_away, Better::Lower),
            by_definition(&one_far_away, Better::Lower)
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
