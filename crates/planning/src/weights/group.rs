//! Several people's judgements as one: geometric mean of each judgement, which alone keeps a group's matrix
//! reciprocal (Aczél & Saaty 1983), and how far the people agree.

use super::ahp::principal;
use super::pairwise::Pairwise;
use super::shares;
use crate::problem::Problem;

/// The largest judgement of Saaty's scale, on which the bounds of the consensus rest.
const SCALE: f64 = 9.0;

/// The group's matrix: the weighted geometric mean of each judgement. `voices` weigh the people; equal ones for a
/// group of peers.
///
/// # Errors
/// If nobody judged, if the people judged different criteria, or if a voice is negative or all are zero.
pub fn join(matrices: &[Pairwise], voices: &[f64]) -> Result<Pairwise, Vec<Problem>> {
    let Some(first) = matrices.first() else {
        return Err(vec![Problem::new(
            "judgements",
            "nobody has judged yet: give at least one matrix",
        )]);
    };
    let mut problems = Vec::new();
    for (person, matrix) in matrices
        .iter()
        .enumerate()
        .filter(|(_, matrix)| matrix.ids() != first.ids())
    {
        let message = format!(
            "judges {} where the first judges {}",
            matrix.ids().join(", "),
            first.ids().join(", ")
        );
        problems.push(Problem::new(format!("judgements[{person}]"), message));
    }
    let valid =
        voices.len() == matrices.len() && voices.iter().all(|voice| *voice >= 0.0 && voice.is_finite());
    if !valid || voices.iter().sum::<f64>() <= 0.0 {
        problems.push(Problem::new(
            "voices",
            "give each person a voice, none negative and not all 0",
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (n, shares) = (first.len(), shares(voices));
    let mut cells = vec![1.0; n * n];
    for row in 0..n {
        for column in row + 1..n {
            let logarithm: f64 = matrices
                .iter()
                .zip(&shares)
                .map(|(matrix, share)| share * matrix.get(row, column).ln())
                .sum();
            cells[row * n + column] = logarithm.exp();
            cells[column * n + row] = (-logarithm).exp();
        }
    }
    Ok(Pairwise::trusted(first.ids().to_vec(), cells))
}

/// How far the people agree: 1 where all have the same priorities, 0 where they differ as far as the scale
/// allows.
///
/// The consensus indicator of Goepel (2013, as revised 2022), from Shannon entropies of the priorities of K people over N
/// criteria: `S* = (1 ÷ exp Hβ − m) ÷ (1 − m)`, where Hβ = Hγ − Hα, Hα is the mean of the people's entropies, Hγ the
/// entropy of their mean priorities, and `m = exp(Hα min) ÷ N` its least value on Saaty's scale.
/// `None` where there are not at least two people and two criteria.
pub fn consensus(matrices: &[Pairwise]) -> Option<f64> {
    let priorities: Vec<Vec<f64>> = matrices.iter().map(|matrix| principal(matrix).0).collect();
    consensus_of_priorities(&priorities)
}

/// [`consensus`] of priorities, each person's adding up to 1.
pub fn consensus_of_priorities(priorities: &[Vec<f64>]) -> Option<f64> {
    let people = priorities.len();
    let n = priorities.first()?.len();
    if people < 2 || n < 2 || priorities.iter().any(|own| own.len() != n) {
        return None;
    }
    let mean: Vec<f64> = (0..n)
        .map(|index| priorities.iter().map(|own| own[index]).sum::<f64>() / people as f64)
        .collect();
    let alpha = priorities.iter().map(|own| entropy(own)).sum::<f64>() / people as f64;
    let beta = entropy(&mean) - alpha;
    // The most that people can differ: each gives the scale's largest judgement to criteria of their own, and
    // together they value all alike.
    let n = n as f64;
    let whole = n + SCALE - 1.0;
    let least_alpha = part(SCALE / whole) + (n - 1.0) * part(1.0 / whole);
    let least = least_alpha.exp() / n;
    Some((((-beta).exp() - least) / (1.0 - least)).clamp(0.0, 1.0))
}

fn entropy(priorities: &[f64]) -> f64 {
    priorities.iter().map(|share| part(*share)).sum()
}

/// One term of an entropy; nothing contributes nothing.
fn part(share: f64) -> f64 {
    if share > 0.0 { -share * share.ln() } else { 0.0 }
}
