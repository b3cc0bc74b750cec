//! Pairwise winning share (Leskinen et al. 2006): in what share of the draws one alternative beats another.

use rayon::prelude::*;

use super::draws::{Draws, Knowledge};
use super::smaa::drawn_scores;
use super::tiles::Tiles;
use super::{RobustnessError, Values};

/// `result[i][j]`: the share of draws in which `rows[i]` scores strictly more than `rows[j]`.
///
/// Time: draws × (all rows × criteria + chosen rows²): choose the few at the top.
///
/// # Errors
/// If what is known of the weights does not fit the values, or there are no draws or too many.
pub fn winning_shares(
    values: &Values,
    rows: &[u32],
    knowledge: &Knowledge,
    draws: u32,
    seed: u64,
) -> Result<Vec<Vec<f64>>, RobustnessError> {
    let drawn = Draws::new(knowledge, values.criteria(), draws, seed)?;
    if rows.iter().any(|row| *row as usize >= values.rows()) {
        return Err(RobustnessError::Shape(format!(
            "a row beyond the {} there are",
            values.rows()
        )));
    }
    let tiles = Tiles::new(values);
    let chosen = rows.len();
    let empty = || vec![0_u32; chosen * chosen];
    let counts = (0..drawn.len())
        .into_par_iter()
        .with_min_len(64)
        .fold(empty, |mut counts, draw| {
            let mut scores = Vec::new();
            drawn_scores(values, &tiles, drawn.get(draw), (seed, draw), &mut scores);
            for (i, left) in rows.iter().enumerate() {
                for (j, right) in rows.iter().enumerate() {
                    counts[i * chosen + j] += u32::from(scores[*left as usize] > scores[*right as usize]);
                }
            }
            counts
        })
        .reduce(empty, |mut left, right| {
            left.iter_mut()
                .zip(right)
                .for_each(|(left, right)| *left += right);
            left
        });
    let share = |count: &u32| f64::from(*count) / f64::from(draws);
    Ok((0..chosen)
        .map(|i| counts[i * chosen..(i + 1) * chosen].iter().map(share).collect())
        .collect())
}
