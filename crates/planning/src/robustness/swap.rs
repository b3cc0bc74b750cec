//! The smallest change of weights at which two alternatives tie: any farther and they swap.
//!
//! "Smallest" is Euclidean: of all weights that are not negative, add up to 1 and give both the same score, those
//! nearest to the present ones. Beside it, for a planner with a slider: the change of one weight alone, the others
//! keeping their proportions.

use serde::Serialize;

use crate::weights::shares;

/// A change of one criterion's weight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneWeight {
    /// Which criterion.
    pub criterion: usize,
    /// Its share now.
    pub from: f64,
    /// Its share at which the two tie, the others scaled to fill the rest.
    pub to: f64,
}

/// How two alternatives can be made to tie.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Swap {
    /// The nearest weights at which they tie, adding up to 1.
    pub weights: Vec<f64>,
    /// Euclidean distance of these from the present shares.
    pub distance: f64,
    /// Whether a change in the same direction swaps them; false where the one that is behind can draw level but never
    /// overtake.
    pub can_overtake: bool,
    /// Changes of one weight alone that make them tie, smallest first.
    pub one_weight: Vec<OneWeight>,
}

/// The smallest change of `weights` (any positive scale) at which alternatives with these values tie. `None` where no
/// weights do: one is better throughout.
///
/// The nearest point is `max(0, w + α + β d)` for the difference d of the two rows and multipliers α and β
/// (Karush–Kuhn–Tucker). α follows from β; the remaining equation is monotone and piecewise linear in β, so the
/// bracketed piece is solved exactly.
pub fn smallest_swap(weights: &[f64], first: &[f64], second: &[f64]) -> Option<Swap> {
    let shares = shares(weights);
    if shares.iter().sum::<f64>() <= 0.0 || first.len() != shares.len() || second.len() != shares.len() {
        return None;
    }
    // Turned so that the one behind has to catch up: d · w ≤ 0 now, and has to reach 0.
    let ahead = dot(&shares, first) - dot(&shares, second);
    let sign = if ahead >= 0.0 { 1.0 } else { -1.0 };
    let difference: Vec<f64> = first
        .iter()
        .zip(second)
        .map(|(first, second)| sign * (second - first))
        .collect();
    let most = difference.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most < 0.0 {
        return None;
    }
    let found = nearest(&shares, &difference);
    let squares: f64 = found
        .iter()
        .zip(&shares)
        .map(|(found, now)| (found - now) * (found - now))
        .sum();
    Some(Swap {
        weights: found,
        distance: squares.sqrt(),
        can_overtake: most > 0.0,
        one_weight: one_weight(&shares, &difference),
    })
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// The nearest point of the simplex at which `difference` is worth nothing.
fn nearest(shares: &[f64], difference: &[f64]) -> Vec<f64> {
    let at = |beta: f64| {
        let moved: Vec<f64> = shares
            .iter()
            .zip(difference)
            .map(|(share, d)| share + beta * d)
            .collect();
        onto_simplex(&moved)
    };
    let gain = |beta: f64| dot(&at(beta), difference);
    if gain(0.0) >= 0.0 {
        return shares.to_vec();
    }
    let (mut low, mut high) = (0.0, 1.0);
    // Where the one behind can only draw level, the gain reaches 0 at some finite β, because the simplex has corners.
    while gain(high) < 0.0 && high < 1e18 {
        low = high;
        high *= 2.0;
    }
    // Halve until both ends lie on one linear piece, that is, have the same weights at zero.
    for _ in 0..200 {
        let (left, right) = (at(low), at(high));
        let same_piece = left
            .iter()
            .zip(&right)
            .all(|(left, right)| (*left > 0.0) == (*right > 0.0));
        let (below, above) = (dot(&left, difference), dot(&right, difference));
        if same_piece && above > below {
            return at(low + (high - low) * (-below / (above - below)));
        }
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if gain(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(high)
}

/// The nearest point of the simplex (Held, Wolfe & Crowder 1974).
fn onto_simplex(point: &[f64]) -> Vec<f64> {
    let mut sorted = point.to_vec();
    sorted.sort_unstable_by(|left, right| right.total_cmp(left));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (index, value) in sorted.iter().enumerate() {
        sum += value;
        let candidate = (1.0 - sum) / (index + 1) as f64;
        if value + candidate > 0.0 {
            shift = candidate;
        }
    }
    point.iter().map(|value| (value + shift).max(0.0)).collect()
}

/// For each criterion, the share at which the two tie while the others keep their proportions.
fn one_weight(shares: &[f64], difference: &[f64]) -> Vec<OneWeight> {
    let total = dot(shares, difference);
    let mut all = Vec::new();
    for (criterion, (share, own)) in shares.iter().zip(difference).enumerate() {
        let rest = 1.0 - share;
        if rest <= 0.0 {
            continue;
        }
        // Mean gain of the others, which share what this one leaves.
        let others = (total - share * own) / rest;
        let to = -others / (own - others);
        if to.is_finite() && (0.0..=1.0).contains(&to) {
            all.push(OneWeight {
                criterion,
                from: *share,
                to,
            });
        }
    }
    all.sort_by(|left, right| {
        let change = |one: &OneWeight| (one.to - one.from).abs();
        change(left)
            .total_cmp(&change(right))
            .then(left.criterion.cmp(&right.criterion))
    });
    all
}
