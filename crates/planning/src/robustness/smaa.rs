//! SMAA-2 (Lahdelma & Salminen 2001): what share of all weights, and of all possible measures, gives an alternative
//! a rank; which weights favour it; and how sure its first place would be under those.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::draws::{Draws, Knowledge, stream, unit};
use super::tiles::{TOGETHER, Tiles};
use super::top::Top;
use super::{RobustnessError, Values};

/// Draws that one task takes.
const TASK: usize = 64;
/// Draws of the measures for one confidence factor.
const CONFIDENCE_DRAWS: usize = 1000;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is known about the weights.
    pub knowledge: Knowledge,
    /// How many draws.
    pub draws: u32,
    /// Seed: the same seed gives the same result on any number of threads.
    pub seed: u64,
    /// How many ranks from the top are counted.
    pub ranks: usize,
}

/// The answer, by row of the values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Smaa {
    /// How many draws were made.
    pub draws: u32,
    /// The seed.
    pub seed: u64,
    /// How many ranks from the top were counted.
    pub ranks: usize,
    /// Rank acceptability: `acceptability[row][rank − 1]` is the share of draws that give the row this rank.
    pub acceptability: Vec<Vec<f64>>,
    /// Central weights: the mean of the weights under which the row comes first; `None` where it never does.
    pub central: Vec<Option<Vec<f64>>>,
    /// The mean of all weights that were drawn: what central weights are held against, to see which of them tell a row apart.
    pub mean: Vec<f64>,
    /// Confidence factor: the share of possible measures under which the row comes first with its central weights;
    /// `None` where it has none.
    pub confidence: Vec<Option<f64>>,
}

impl Smaa {
    /// The share of draws that put a row beyond the counted ranks.
    pub fn beyond(&self, row: usize) -> f64 {
        (1.0 - self.acceptability[row].iter().sum::<f64>()).max(0.0)
    }
}

/// Counts of one task.
struct Tally {
    counts: Vec<u32>,
    /// Draw and row of every first place.
    firsts: Vec<(u32, u32)>,
}

/// Runs SMAA. A value known between bounds is drawn evenly between them, independently of all others.
///
/// Time: draws × rows × criteria, in blocks over all threads. A rank is one more than the rows that score strictly
/// more.
///
/// # Errors
/// If the request does not fit the values or asks for no draws or too many.
pub fn smaa(values: &Values, request: &Request) -> Result<Smaa, RobustnessError> {
    let draws = Draws::new(&request.knowledge, values.criteria(), request.draws, request.seed)?;
    Ok(over(values, &draws, request.seed, request.ranks))
}

/// The same over weightings that were not drawn here: those that people gave in a survey, say. One after the other, a weight
/// for each criterion; `seed` is for the measures known between bounds.
///
/// # Errors
/// If the weights do not fit the values, are negative or all zero, or there are none or too many.
pub fn smaa_of(
    values: &Values,
    weightings: &[f64],
    seed: u64,
    ranks: usize,
) -> Result<Smaa, RobustnessError> {
    Ok(over(
        values,
        &Draws::given(weightings, values.criteria())?,
        seed,
        ranks,
    ))
}

fn over(values: &Values, draws: &Draws, seed: u64, ranks: usize) -> Smaa {
    let ranks = ranks.clamp(1, values.rows().max(1));
    let mean = draws.mean();
    let tiles = Tiles::best_first(values, &mean);
    let tasks = draws.len().div_ceil(TASK);
    let empty = || Tally {
        counts: vec![0; values.rows() * ranks],
        firsts: Vec::new(),
    };
    let mut tally = (0..tasks)
        .into_par_iter()
        .fold(empty, |mut tally, task| {
            let range = task * TASK..((task + 1) * TASK).min(draws.len());
            if values.uncertain().is_empty() {
                certain_task(&tiles, draws, range, ranks, &mut tally);
            } else {
                uncertain_task(values, &tiles, draws, seed, range, ranks, &mut tally);
            }
            tally
        })
        .reduce(empty, |mut left, right| {
            // Whole numbers: their sum does not depend on who adds first.
            left.counts
                .iter_mut()
                .zip(&right.counts)
                .for_each(|(left, right)| *left += right);
            left.firsts.extend(right.firsts);
            left
        });
    tally.firsts.sort_unstable();
    let central = central_weights(values, draws, &tally.firsts);
    let confidence = confidence(values, &tiles, &central, seed);
    let share = |count: &u32| f64::from(*count) / draws.len() as f64;
    let acceptability = tally
        .counts
        .chunks(ranks)
        .map(|row| row.iter().map(share).collect())
        .collect();
    Smaa {
        draws: draws.len() as u32,
        seed,
        ranks,
        acceptability,
        central,
        mean,
        confidence,
    }
}

fn certain_task(
    tiles: &Tiles,
    draws: &Draws,
    range: std::ops::Range<usize>,
    ranks: usize,
    tally: &mut Tally,
) {
    let mut tops: [Top; TOGETHER] = std::array::from_fn(|_| Top::new(ranks));
    let mut weights = vec![[0.0; TOGETHER]; draws.criteria()];
    for first in range.clone().step_by(TOGETHER) {
        let together = TOGETHER.min(range.end - first);
        for slot in 0..together {
            for (weights, weight) in weights.iter_mut().zip(draws.get(first + slot)) {
                weights[slot] = *weight;
            }
        }
        tops.iter_mut().for_each(Top::clear);
        tiles.offer(&weights, &mut tops);
        for (slot, top) in tops.iter_mut().take(together).enumerate() {
            count(top, first + slot, ranks, tally);
        }
    }
}

fn uncertain_task(
    values: &Values,
    tiles: &Tiles,
    draws: &Draws,
    seed: u64,
    range: std::ops::Range<usize>,
    ranks: usize,
    tally: &mut Tally,
) {
    let (mut top, mut scores) = (Top::new(ranks), Vec::new());
    for draw in range {
        let weights = draws.get(draw);
        drawn_scores(values, tiles, weights, (seed, draw), &mut scores);
        top.clear();
        for row in tiles.rows() {
            let score = scores[*row as usize];
            if score >= top.bar() {
                top.offer(score, *row);
            }
        }
        count(&mut top, draw, ranks, tally);
    }
}

/// Scores under one set of weights and one draw of everything not exactly known.
pub(super) fn drawn_scores(
    values: &Values,
    tiles: &Tiles,
    weights: &[f64],
    (seed, draw): (u64, usize),
    scores: &mut Vec<f64>,
) {
    tiles.scores(weights, scores);
    if values.uncertain().is_empty() {
        return;
    }
    let mut generator = stream(seed, 2 * draw as u64 + 1);
    for (row, criterion, width) in values.uncertain() {
        scores[*row as usize] += weights[*criterion as usize] * (width * unit(&mut generator));
    }
}

fn count(top: &mut Top, draw: usize, ranks: usize, tally: &mut Tally) {
    top.ranked(|row, rank| {
        tally.counts[row as usize * ranks + rank - 1] += 1;
        if rank == 1 {
            tally.firsts.push((draw as u32, row));
        }
    });
}

fn central_weights(values: &Values, draws: &Draws, firsts: &[(u32, u32)]) -> Vec<Option<Vec<f64>>> {
    let mut sums: Vec<Option<(Vec<f64>, u32)>> = vec![None; values.rows()];
    for (draw, row) in firsts {
        let (sum, times) = sums[*row as usize].get_or_insert_with(|| (vec![0.0; values.criteria()], 0));
        sum.iter_mut()
            .zip(draws.get(*draw as usize))
            .for_each(|(sum, weight)| *sum += weight);
        *times += 1;
    }
    let mean = |(sum, times): (Vec<f64>, u32)| sum.into_iter().map(|sum| sum / f64::from(times)).collect();
    sums.into_iter().map(|sum| sum.map(mean)).collect()
}

/// Streams of the confidence factors lie far above those of the draws.
const CONFIDENCE_STREAM: u64 = 1 << 40;

fn confidence(values: &Values, tiles: &Tiles, central: &[Option<Vec<f64>>], seed: u64) -> Vec<Option<f64>> {
    central
        .par_iter()
        .enumerate()
        .map(|(row, central)| {
            let central = central.as_ref()?;
            // Without doubt about the measures the first place is sure: the weights under which a row is not beaten
            // are a convex set, and their mean lies in it.
            if values.uncertain().is_empty() {
                return Some(1.0);
            }
            let field = Field::new(values, tiles, central, row);
            let mut generator = stream(seed, CONFIDENCE_STREAM + row as u64);
            let firsts = (0..CONFIDENCE_DRAWS)
                .filter(|_| field.stays_first(&mut generator))
                .count();
            Some(firsts as f64 / CONFIDENCE_DRAWS as f64)
        })
        .collect()
}

/// One row and those who could beat it under one set of weights.
struct Field {
    own: Runner,
    /// The likeliest to win first, so that most draws are settled early.
    rivals: Vec<Runner>,
}

/// Lowest score and what each uncertain cell could add to it.
#[derive(Default)]
struct Runner {
    lowest: f64,
    adds: Vec<f64>,
}

impl Runner {
    fn highest(&self) -> f64 {
        self.lowest + self.adds.iter().sum::<f64>()
    }

    fn run(&self, generator: &mut ChaCha8Rng) -> f64 {
        self.lowest + self.adds.iter().map(|add| add * unit(generator)).sum::<f64>()
    }
}

impl Field {
    fn new(values: &Values, tiles: &Tiles, weights: &[f64], own: usize) -> Self {
        let mut lowest = Vec::new();
        tiles.scores(weights, &mut lowest);
        let mut runners: Vec<Runner> = lowest
            .into_iter()
            .map(|lowest| Runner {
                lowest,
                adds: Vec::new(),
            })
            .collect();
        for (row, criterion, width) in values.uncertain() {
            runners[*row as usize]
                .adds
                .push(weights[*criterion as usize] * width);
        }
        let own = std::mem::take(&mut runners[own]);
        // The emptied place of the row itself has the highest score 0 and beats nobody.
        let mut rivals: Vec<Runner> = runners
            .into_iter()
            .filter(|rival| rival.highest() > own.lowest)
            .collect();
        rivals.sort_by(|left, right| {
            let middle = |runner: &Runner| runner.lowest + runner.highest();
            middle(right).total_cmp(&middle(left))
        });
        Self { own, rivals }
    }

    fn stays_first(&self, generator: &mut ChaCha8Rng) -> bool {
        let own = self.own.run(generator);
        // The mean of weights that agree on a first place may lose it by a last bit.
        self.rivals
            .iter()
            .all(|rival| rival.run(generator) <= own + 1e-12)
    }
}
