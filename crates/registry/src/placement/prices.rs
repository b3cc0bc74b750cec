//! Prices of capacity: the Lagrangian relaxation of all capacities.
//!
//! With a price u ≥ 0 on every capacity, each unit takes what is best for it after paying. The sum of that and of all prices is never below the
//! best placement, whatever the prices are; the lowest such sum is the bound of the linear relaxation (Geoffrion 1974). It is sought by
//! Polyak's subgradient steps.

use super::model::Model;

/// What the arithmetic of floating point may have added or lost, as a share.
const ROUNDING: f64 = 1e-9;

/// Prices, and what they prove.
#[derive(Debug, Clone)]
pub(super) struct Prices {
    /// The price of one whole capacity, for each site, "unplaced" and each service.
    rows: Vec<f64>,
    /// No placement is worth more.
    pub(super) bound: f64,
}

/// Shares of capacities, one after the other, for speed.
struct Shares {
    /// Of each choice: share of its site's capacity.
    site: Vec<f64>,
    profit: Vec<f64>,
}

impl Prices {
    /// Prices for this model, better the more steps; `value` is that of a placement known, or guessed.
    pub(super) fn seek(model: &Model, value: f64, steps: usize, stop: &dyn Fn() -> bool) -> Self {
        let shares = Shares {
            site: (0..model.site.len()).map(|choice| share(model, choice)).collect(),
            profit: model.profit.iter().map(|profit| *profit as f64).collect(),
        };
        let rows = model.capacity.len() + model.places.len();
        let mut best = Self {
            rows: vec![0.0; rows],
            bound: f64::INFINITY,
        };
        let mut slack = vec![0.0; rows];
        let mut prices = even_prices(model, &shares);
        let (mut pace, mut idle) = (1.0_f64, 0);
        for step in 0..steps {
            if step % 64 == 63 && stop() {
                break;
            }
            let bound = relaxed(model, &shares, &prices, &mut slack);
            if bound < best.bound - ROUNDING * bound.abs() {
                if bound < best.bound - 1e-4 * (best.bound - value).abs() {
                    idle = 0;
                }
                best.bound = bound;
                best.rows.copy_from_slice(&prices);
            } else {
                idle += 1;
            }
            if idle > 15 {
                (idle, pace) = (0, pace * 0.6);
                prices.copy_from_slice(&best.rows);
                relaxed(model, &shares, &prices, &mut slack);
            }
            // What is cheaper than free stays free.
            let square: f64 = (0..rows)
                .filter(|row| prices[*row] > 0.0 || slack[*row] < 0.0)
                .map(|row| slack[row] * slack[row])
                .sum();
            if square < 1e-18 || pace < 1e-5 {
                break;
            }
            let length = pace * (bound - value).abs().max(bound.abs() * 1e-12) / square;
            for row in 0..rows {
                prices[row] = (prices[row] - length * slack[row]).max(0.0);
            }
        }
        best.bound += ROUNDING * best.bound.abs();
        best
    }

    /// What a choice is worth after paying.
    pub(super) fn reduced(&self, model: &Model, choice: usize) -> f64 {
        let site = model.site[choice] as usize;
        if model.load[choice] > model.capacity[site] {
            // Nobody may stay unplaced.
            return f64::NEG_INFINITY;
        }
        let paid = self.rows[site] * share(model, choice);
        let services: f64 = model.uses[choice]
            .iter()
            .map(|(row, amount)| {
                self.rows[model.capacity.len() + *row as usize] * *amount as f64
                    / model.places[*row as usize].max(1) as f64
            })
            .sum();
        model.profit[choice] as f64 - paid - services
    }

    /// The price of one place of each service, in whole steps, rounded down.
    pub(super) fn of_places(&self, model: &Model) -> Vec<i64> {
        let rows = self.rows[model.capacity.len()..].iter().zip(&model.places);
        rows.map(|(price, places)| (price / (*places).max(1) as f64).floor() as i64)
            .collect()
    }
}

fn share(model: &Model, choice: usize) -> f64 {
    // A choice that takes something of nothing is none; the models hold no such choice but the last one.
    let capacity = model.capacity[model.site[choice] as usize].max(1);
    model.load[choice] as f64 / capacity as f64
}

/// One price for each unit of load, the same at all sites: the best such price, for a beginning.
fn even_prices(model: &Model, shares: &Shares) -> Vec<f64> {
    let rows = model.capacity.len() + model.places.len();
    let sites = model.unplaced() as usize;
    let mut slack = vec![0.0; rows];
    let capacities: Vec<f64> = (0..rows)
        .map(|row| {
            if row < sites {
                model.capacity[row].max(0) as f64
            } else {
                0.0
            }
        })
        .collect();
    let mut at = |price: f64| {
        let prices: Vec<f64> = capacities.iter().map(|capacity| capacity * price).collect();
        (relaxed(model, shares, &prices, &mut slack), prices)
    };
    let load = model
        .load
        .iter()
        .copied()
        .filter(|load| *load > 0)
        .min()
        .unwrap_or(1) as f64;
    let profit = model.profit.iter().copied().max().unwrap_or(0).max(0) as f64;
    // The bound is convex in the price: thirds that cannot hold the lowest are left out.
    let (mut low, mut high) = (0.0, profit / load);
    for _ in 0..40 {
        let (first, second) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(first).0 <= at(second).0 {
            high = second;
        } else {
            low = first;
        }
    }
    let free = at(0.0);
    let priced = at(low);
    if priced.0 < free.0 { priced.1 } else { free.1 }
}

/// The value of the relaxation; `slack` becomes how much of each capacity remains.
fn relaxed(model: &Model, shares: &Shares, prices: &[f64], slack: &mut [f64]) -> f64 {
    slack.fill(1.0);
    let sites = model.capacity.len();
    let mut sum: f64 = prices.iter().sum();
    for unit in 0..model.len() {
        let (mut best, mut at) = (f64::NEG_INFINITY, model.start[unit]);
        for choice in model.choices(unit) {
            let site = model.site[choice] as usize;
            if model.load[choice] > model.capacity[site] {
                continue;
            }
            let mut reduced = shares.profit[choice] - prices[site] * shares.site[choice];
            for (row, amount) in &model.uses[choice] {
                let row = *row as usize;
                reduced -= prices[sites + row] * *amount as f64 / model.places[row].max(1) as f64;
            }
            if reduced > best {
                (best, at) = (reduced, choice);
            }
        }
        if best == f64::NEG_INFINITY {
            // Nothing is possible for it: no placement of everybody exists.
            return f64::NEG_INFINITY;
        }
        sum += best;
        slack[model.site[at] as usize] -= shares.site[at];
        for (row, amount) in &model.uses[at] {
            slack[sites + *row as usize] -= *amount as f64 / model.places[*row as usize].max(1) as f64;
        }
    }
    sum
}
