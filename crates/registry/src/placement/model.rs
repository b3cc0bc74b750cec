//! The problem in whole numbers: every unit takes exactly one of its choices, and "unplaced" is a site of its own.
//!
//! Whole numbers make sums exact, so that "proven" means proven. Neighbours who stay together are one unit. That as many as possible are
//! placed comes first, and is decided first: with `counting` scores. Afterwards the capacity of "unplaced" is what then has to remain,
//! and the greatest sum of scores is the same kind of problem again.

use super::problem::Problem;

/// Scores in whole steps take so many bits at the most, in sum.
const SCORE_BITS: i32 = 50;

/// Scores and the finer steps of multipliers together.
const TOTAL_BITS: u32 = 56;

/// The finest that multipliers need to be.
const MAX_FINE_BITS: u32 = 20;

/// Loads in whole steps take so many bits at the most.
const LOAD_BITS: i32 = 38;

/// Units, their choices, and what the choices take.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// The families of each unit.
    pub(super) units: Vec<Vec<usize>>,
    /// Choices of unit `i` are `start[i]..start[i + 1]`; the last one is always to stay unplaced.
    pub(super) start: Vec<usize>,
    /// The site of each choice; `unplaced()` for none.
    pub(super) site: Vec<u32>,
    /// What each choice is worth.
    pub(super) profit: Vec<i64>,
    /// What each choice takes of its site.
    pub(super) load: Vec<i64>,
    /// What each choice takes of services: row and amount.
    pub(super) uses: Vec<Vec<(u32, i64)>>,
    /// Capacity of each site, then of "unplaced".
    pub(super) capacity: Vec<i64>,
    /// Places of each service.
    pub(super) places: Vec<i64>,
    /// Every sum of profits is a multiple of this.
    pub(super) step: i64,
    /// Profit for a score of 1.
    pub(super) per_score: f64,
}

/// The power of ten, up to 10⁹, in which all numbers are whole.
#[expect(
    clippy::needless_pass_by_value,
    reason = "read again for each power, from a clone of its beginning"
)]
fn decimals(numbers: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    (0..=9).map(|places| 10_f64.powi(places)).find(|scale| {
        let whole = |number: f64| (number * scale).round() / scale == number && number.abs() * scale < 9e15;
        numbers.clone().all(whole)
    })
}

/// The power of two that brings a number just below so many bits.
fn binary(largest: f64, bits: i32) -> f64 {
    if largest <= 0.0 {
        return 1.0;
    }
    2_f64.powi((bits - largest.log2().ceil() as i32).clamp(-1000, 1000))
}

/// Steps per unit of a measure: how loads and capacities become whole.
struct Whole {
    scale: f64,
    exact: bool,
}

impl Whole {
    fn of(loads: impl Iterator<Item = f64> + Clone) -> Self {
        let largest = loads.clone().fold(0.0, f64::max);
        match decimals(loads).filter(|scale| largest * scale < 2_f64.powi(LOAD_BITS)) {
            Some(scale) => Self { scale, exact: true },
            None => Self {
                scale: binary(largest, LOAD_BITS),
                exact: false,
            },
        }
    }

    fn load(&self, load: f64) -> i64 {
        (load * self.scale).round() as i64
    }

    /// The whole steps that fit; `all` is what would be asked for at the most.
    fn capacity(&self, capacity: f64, all: i64) -> i64 {
        // Loads that are no decimal numbers are compared to nine digits: three thirds fill one.
        let slack = if self.exact { 1.0 } else { 1.0 + 1e-9 };
        let steps = (capacity * self.scale * slack).min(9e18).floor();
        // 0.3 · 10 is below 3 in binary.
        let steps = if self.exact && (steps + 1.0) / self.scale <= capacity {
            steps + 1.0
        } else {
            steps
        };
        (steps as i64).min(all)
    }
}

impl Model {
    /// The model of a problem, with the scores as profits and no limit on who stays unplaced.
    pub(super) fn new(problem: &Problem) -> Self {
        let units = units(problem);
        let sites = problem.sites();
        let score = |unit: &[usize], site| unit.iter().map(|family| problem.score(*family, site)).sum();
        let load =
            |unit: &[usize], site| -> f64 { unit.iter().map(|family| problem.load(*family, site)).sum() };
        let need = |unit: &[usize], service: usize| -> f64 {
            let needs = &problem.services()[service].needs;
            unit.iter().map(|family| needs[*family]).sum()
        };
        // What is plainly too large is no choice, and must not make the steps of the others coarse.
        let within = |amount: f64, of: f64| amount <= of * (1.0 + 1e-9);
        // (site, score, load) of what is possible at all.
        let mut possible: Vec<Vec<(usize, f64, f64)>> = Vec::with_capacity(units.len());
        for unit in &units {
            let at = |site| {
                let score: Option<f64> = score(unit, site);
                let load = load(unit, site);
                let served = problem
                    .services()
                    .iter()
                    .enumerate()
                    .filter(|(_, service)| service.sites.contains(&site))
                    .all(|(at, service)| within(need(unit, at), service.places));
                (served && within(load, problem.capacity(site))).then_some((site, score?, load))
            };
            possible.push((0..sites).filter_map(at).collect());
        }
        let mut loads: Vec<Vec<f64>> = vec![Vec::new(); sites];
        for (site, _, load) in possible.iter().flatten() {
            loads[*site].push(*load);
        }
        let whole: Vec<Whole> = loads
            .iter()
            .map(|loads| Whole::of(loads.iter().copied()))
            .collect();
        let rows: Vec<Whole> = problem
            .services()
            .iter()
            .enumerate()
            .map(|(at, service)| {
                let needs = units.iter().map(|unit| need(unit, at));
                let needs: Vec<f64> = needs.filter(|need| within(*need, service.places)).collect();
                Whole::of(needs.iter().copied())
            })
            .collect();
        let (scale, fine) = profit_scale(&possible);
        let mut model = Self {
            start: vec![0],
            site: Vec::new(),
            profit: Vec::new(),
            load: Vec::new(),
            uses: Vec::new(),
            capacity: vec![0; sites + 1],
            places: vec![0; rows.len()],
            step: fine,
            per_score: scale * fine as f64,
            units,
        };
        let mut asked = vec![0_i64; sites];
        let mut asked_rows = vec![0_i64; rows.len()];
        for (unit, possible) in model.units.iter().zip(&possible) {
            for &(site, score, load) in possible {
                let load = whole[site].load(load);
                let uses: Vec<(u32, i64)> = (0..rows.len())
                    .filter(|service| problem.services()[*service].sites.contains(&site))
                    .map(|service| (service as u32, rows[service].load(need(unit, service))))
                    .filter(|(_, amount)| *amount > 0)
                    .collect();
                asked[site] += load;
                for &(row, amount) in &uses {
                    asked_rows[row as usize] += amount;
                }
                model.site.push(site as u32);
                model.profit.push((score * scale).round() as i64 * fine);
                model.load.push(load);
                model.uses.push(uses);
            }
            model.site.push(sites as u32);
            model.profit.push(0);
            model.load.push(unit.len() as i64);
            model.uses.push(Vec::new());
            model.start.push(model.site.len());
        }
        for site in 0..sites {
            model.capacity[site] = whole[site].capacity(problem.capacity(site), asked[site]);
        }
        for (row, service) in problem.services().iter().enumerate() {
            model.places[row] = rows[row].capacity(service.places, asked_rows[row]);
        }
        model.capacity[sites] = model.families();
        model.keep(Model::fits_alone);
        model
    }

    /// The same choices, each worth the number of families that it places.
    pub(super) fn counting(&self) -> Self {
        let mut model = self.clone();
        let families = self.families().max(1).unsigned_abs();
        model.step = 1 << (TOTAL_BITS - families.ilog2() - 1).min(MAX_FINE_BITS);
        for unit in 0..model.len() {
            let size = model.units[unit].len() as i64;
            for choice in model.choices(unit) {
                model.profit[choice] = if model.site[choice] == model.unplaced() {
                    0
                } else {
                    size * model.step
                };
            }
        }
        model.capacity[self.unplaced() as usize] = self.families();
        model
    }

    /// The same with other profits, rounded.
    pub(super) fn priced(&self, profit: impl Fn(usize) -> f64) -> Self {
        let mut model = self.clone();
        for choice in 0..model.profit.len() {
            model.profit[choice] = profit(choice).round() as i64;
        }
        model
    }

    /// The same with so many families unplaced at the most.
    pub(super) fn leaving(&self, families: i64) -> Self {
        let mut model = self.clone();
        let unplaced = model.unplaced() as usize;
        model.capacity[unplaced] = families;
        model
    }

    /// The number of "unplaced" among the sites.
    pub(super) fn unplaced(&self) -> u32 {
        (self.capacity.len() - 1) as u32
    }

    /// How many units there are.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// How many families there are in all units.
    pub(super) fn families(&self) -> i64 {
        self.units.iter().map(|unit| unit.len() as i64).sum()
    }

    /// The choices of a unit.
    pub(super) fn choices(&self, unit: usize) -> std::ops::Range<usize> {
        self.start[unit]..self.start[unit + 1]
    }

    /// The unit of every choice.
    pub(super) fn owners(&self) -> Vec<u32> {
        let mut owners = vec![0; self.site.len()];
        for unit in 0..self.len() {
            owners[self.choices(unit)].fill(unit as u32);
        }
        owners
    }

    /// The families that a choice of this unit places.
    pub(super) fn placed(&self, unit: usize, choice: usize) -> i64 {
        if self.site[choice] == self.unplaced() {
            0
        } else {
            self.units[unit].len() as i64
        }
    }

    fn fits_alone(&self, choice: usize) -> bool {
        self.load[choice] <= self.capacity[self.site[choice] as usize]
            && self.uses[choice]
                .iter()
                .all(|(row, amount)| *amount <= self.places[*row as usize])
    }

    /// Takes away the choices that are not worth keeping; never the last of a unit.
    fn keep(&mut self, keep: impl Fn(&Self, usize) -> bool) {
        let kept: Vec<bool> = (0..self.site.len())
            .map(|choice| self.site[choice] == self.unplaced() || keep(self, choice))
            .collect();
        let mut start = vec![0];
        for unit in 0..self.len() {
            let count = kept[self.choices(unit)].iter().filter(|kept| **kept).count();
            start.push(start[unit] + count);
        }
        self.start = start;
        let retain = |choice: &mut usize| {
            let now = kept[*choice];
            *choice += 1;
            now
        };
        let (mut a, mut b, mut c, mut d) = (0, 0, 0, 0);
        self.site.retain(|_| retain(&mut a));
        self.profit.retain(|_| retain(&mut b));
        self.load.retain(|_| retain(&mut c));
        self.uses.retain(|_| retain(&mut d));
    }
}

/// Groups of neighbours, then every family that is in none, in the order of each one's first family.
fn units(problem: &Problem) -> Vec<Vec<usize>> {
    let mut grouped = vec![None; problem.families()];
    for (group, families) in problem.together().iter().enumerate() {
        for &family in families {
            grouped[family] = Some(group);
        }
    }
    let mut units = Vec::new();
    let mut done = vec![false; problem.together().len()];
    for (family, group) in grouped.iter().enumerate() {
        match group {
            None => units.push(vec![family]),
            Some(group) if !done[*group] => {
                done[*group] = true;
                units.push(problem.together()[*group].clone());
            }
            Some(_) => {}
        }
    }
    units
}

/// Steps per unit of score, and finer steps for multipliers.
fn profit_scale(possible: &[Vec<(usize, f64, f64)>]) -> (f64, i64) {
    let scores = possible.iter().flatten().map(|(_, score, _)| *score);
    let largest = scores
        .clone()
        .fold(0.0, |largest: f64, score| largest.max(score.abs()));
    let sum = largest * possible.len() as f64;
    let scale = decimals(scores)
        .filter(|scale| sum * scale < 2_f64.powi(SCORE_BITS))
        .unwrap_or_else(|| binary(sum, SCORE_BITS));
    let bits = (sum * scale).max(1.0).log2().ceil() as u32;
    (scale, 1 << TOTAL_BITS.saturating_sub(bits).min(MAX_FINE_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_loads_fill_a_capacity_exactly() {
        let problem = Problem::new(3, vec![Some(1.0); 3], vec![0.3]).unwrap();
        let model = Model::new(&problem.with_loads(vec![0.1; 3]).unwrap());
        assert_eq!((model.load[0], model.capacity[0]), (1, 3));
        let problem = Problem::new(3, vec![Some(1.0); 3], vec![1.0]).unwrap();
        let model = Model::new(&problem.with_loads(vec![1.0 / 3.0; 3]).unwrap());
        assert!(3 * model.load[0] <= model.capacity[0]);
        assert!(4 * model.load[0] > model.capacity[0]);
    }

    #[test]
    fn extreme_numbers_do_not_hurt_the_others() {
        let scores = vec![Some(1e15), Some(1e-300), Some(0.5), Some(5e-324)];
        let problem = Problem::new(2, scores, vec![1.0, 1e15]).unwrap();
        let model = Model::new(&problem.with_loads(vec![1e15, 1e15, 0.5, 0.25]).unwrap());
        // The first family is too large for the first site, whose half stays a half.
        assert_eq!(model.choices(0).len(), 2);
        assert_eq!(model.load[2], 5);
        assert_eq!(model.capacity[0], 5);
        assert!(model.profit.iter().all(|profit| profit.abs() < 1 << 57));
    }

    #[test]
    fn what_fits_nowhere_is_no_choice() {
        let problem = Problem::new(2, vec![Some(1.0), None, Some(2.0), Some(3.0)], vec![1.0, 5.0]).unwrap();
        let model = Model::new(&problem.with_loads(vec![2.0, 1.0, 1.0, 1.0]).unwrap());
        assert_eq!(model.choices(0).len(), 1);
        assert_eq!(model.choices(1).len(), 3);
        assert_eq!(model.families(), 2);
    }

    #[test]
    fn neighbours_are_one_unit_with_the_sum_of_scores_and_loads() {
        let scores = vec![Some(1.0), Some(2.0), Some(1.5), None, Some(0.5), Some(4.0)];
        let problem = Problem::new(3, scores, vec![9.0, 9.0]).unwrap();
        let model = Model::new(&problem.with_together(vec![0, 2]).unwrap());
        assert_eq!(model.units, [vec![0, 2], vec![1]]);
        let per = model.step * 10;
        assert_eq!(model.profit, [15 * per / 10, 60 * per / 10, 0, 15 * per / 10, 0]);
        assert_eq!(model.load, [2, 2, 2, 1, 1]);
    }
}
