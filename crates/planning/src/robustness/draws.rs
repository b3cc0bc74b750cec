//! Draws of weights: seeded, each from its own stream, so that the number of threads changes nothing.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::RobustnessError;
use crate::weights::shares;

/// The most draws of one analysis: a share is then exact to a tenth of a per cent, and memory stays bounded.
pub const MOST_DRAWS: u32 = 1_000_000;

/// What is held to be known about the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Knowledge {
    /// Nothing: every set of weights is as likely (uniform on the simplex).
    Nothing,
    /// Roughly these: each weight is multiplied by a factor drawn evenly from `1 − spread ..= 1 + spread`, and the
    /// whole scaled back to 1.
    Around {
        /// The weights, on any positive scale.
        weights: Vec<f64>,
        /// How far each may move, as a share of itself, 0..1.
        spread: f64,
    },
    /// Their order of importance alone: every set of weights in that order is as likely.
    Order {
        /// Place of each criterion, 1 for the most important; equal places leave the order between them open.
        places: Vec<u32>,
    },
}

/// Weights drawn, `criteria` numbers each, one draw after the other, each adding up to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draws {
    weights: Vec<f64>,
    criteria: usize,
}

impl Draws {
    pub(super) fn new(
        knowledge: &Knowledge,
        criteria: usize,
        draws: u32,
        seed: u64,
    ) -> Result<Self, RobustnessError> {
        if draws == 0 || draws > MOST_DRAWS {
            return Err(RobustnessError::Draws(draws));
        }
        check(knowledge, criteria)?;
        let mut weights = vec![0.0; draws as usize * criteria];
        weights
            .par_chunks_mut(criteria)
            .enumerate()
            .with_min_len(64)
            .for_each(|(draw, weights)| {
                fill(knowledge, weights, &mut stream(seed, 2 * draw as u64));
            });
        Ok(Self { weights, criteria })
    }

    /// Weightings that were not drawn here, one after the other; each is scaled to add up to 1.
    pub(super) fn given(weightings: &[f64], criteria: usize) -> Result<Self, RobustnessError> {
        let draws = weightings.len().checked_div(criteria).unwrap_or_default();
        if criteria == 0 || draws * criteria != weightings.len() {
            let message = format!("{} weights for {criteria} criteria", weightings.len());
            return Err(RobustnessError::Shape(message));
        }
        let count = u32::try_from(draws).unwrap_or(u32::MAX);
        if count == 0 || count > MOST_DRAWS {
            return Err(RobustnessError::Draws(count));
        }
        let mut weights = Vec::with_capacity(weightings.len());
        for weighting in weightings.chunks_exact(criteria) {
            check(
                &Knowledge::Around {
                    weights: weighting.to_vec(),
                    spread: 0.0,
                },
                criteria,
            )?;
            weights.extend(shares(weighting));
        }
        Ok(Self { weights, criteria })
    }

    pub(super) fn get(&self, draw: usize) -> &[f64] {
        &self.weights[draw * self.criteria..(draw + 1) * self.criteria]
    }

    /// The mean of each criterion's weight, added up in the order of the draws.
    pub(super) fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.criteria];
        for draw in self.weights.chunks_exact(self.criteria) {
            for (mean, weight) in mean.iter_mut().zip(draw) {
                *mean += weight;
            }
        }
        for sum in &mut mean {
            *sum /= self.len() as f64;
        }
        mean
    }

    pub(super) fn criteria(&self) -> usize {
        self.criteria
    }

    pub(super) fn len(&self) -> usize {
        self.weights.len() / self.criteria
    }
}

/// A generator of its own for each number: even ones for weights, odd ones for measures.
pub(super) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(number);
    generator
}

/// An even number in 0..1, with 53 random bits.
pub(super) fn unit(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn check(knowledge: &Knowledge, criteria: usize) -> Result<(), RobustnessError> {
    let same = |found: usize| {
        let message = format!("{found} weights for {criteria} criteria");
        if found == criteria && criteria > 0 {
            Ok(())
        } else {
            Err(RobustnessError::Shape(message))
        }
    };
    match knowledge {
        Knowledge::Nothing => same(criteria),
        Knowledge::Order { places } => same(places.len()),
        Knowledge::Around { weights, spread } => {
            same(weights.len())?;
            if !(0.0..=1.0).contains(spread) {
                return Err(RobustnessError::Spread);
            }
            let valid = weights.iter().all(|weight| *weight >= 0.0)
                && shares(weights).iter().any(|share| *share > 0.0);
            if valid {
                Ok(())
            } else {
                Err(RobustnessError::Weights)
            }
        }
    }
}

fn fill(knowledge: &Knowledge, weights: &mut [f64], generator: &mut ChaCha8Rng) {
    match knowledge {
        Knowledge::Nothing => simplex(weights, generator),
        Knowledge::Around {
            weights: given,
            spread,
        } => {
            let moved: Vec<f64> = given
                .iter()
                .map(|weight| weight * (1.0 + spread * (2.0 * unit(generator) - 1.0)))
                .collect();
            let moved = shares(&moved);
            // Only a spread of 1 can take every weight to nothing, and then by a chance of one in 2^53.
            weights.copy_from_slice(if moved.iter().any(|share| *share > 0.0) {
                &moved
            } else {
                given
            });
        }
        Knowledge::Order { places } => ordered(places, weights, generator),
    }
}

/// Uniform on the simplex: the gaps between sorted even numbers. Unlike normalised exponentials they need no
/// logarithm, whose last bit differs between machines.
fn simplex(weights: &mut [f64], generator: &mut ChaCha8Rng) {
    let mut cuts: Vec<f64> = (1..weights.len()).map(|_| unit(generator)).collect();
    cuts.sort_unstable_by(f64::total_cmp);
    let mut last = 0.0;
    for (weight, cut) in weights.iter_mut().zip(cuts.into_iter().chain([1.0])) {
        *weight = cut - last;
        last = cut;
    }
}

/// Uniform on the part of the simplex that respects the order: a uniform draw, sorted, handed out by place; within
/// one place by lot.
fn ordered(places: &[u32], weights: &mut [f64], generator: &mut ChaCha8Rng) {
    let mut sorted = vec![0.0; weights.len()];
    simplex(&mut sorted, generator);
    sorted.sort_unstable_by(|left, right| right.total_cmp(left));
    let mut lots: Vec<(u32, u64, usize)> = places
        .iter()
        .enumerate()
        .map(|(index, place)| (*place, generator.next_u64(), index))
        .collect();
    lots.sort_unstable();
    for ((.., index), weight) in lots.into_iter().zip(sorted) {
        weights[index] = weight;
    }
}
