//! Proof by search: branch and bound, depth first.
//!
//! The bound is the Lagrangian relaxation of "every unit exactly once": each site fills itself as it likes best (a knapsack), and a multiplier on
//! each unit makes it dearer where several sites want it, cheaper where none does. It is never weaker than the linear relaxation. What the
//! fillings would lose by forcing one unit in or out rules out choices at every node, and shows where to branch (Fisher, Jaikumar and Van
//! Wassenhove 1986; Posta, Ferland and Michelon 2012). All sums are whole numbers: nothing is ruled out by rounding.

use super::improve::{Candidates, improve};
use super::knapsack::{Item, Knapsack};
use super::model::Model;
use super::plan::Plan;
use super::prices::Prices;

/// Steps of the multipliers at the root, at a new node, and after a choice was ruled out.
const STEPS: [usize; 3] = [400, 40, 20];

/// Nodes at which a placement is made of the fillings each time; later at every eighth.
const EAGER_NODES: u64 = 400;

/// What a search came to.
#[derive(Debug)]
pub(super) struct Outcome {
    /// A placement that is better than the one known before.
    pub(super) plan: Option<Plan>,
    /// No placement is worth more, in the model's steps.
    pub(super) bound: i64,
}

/// Looks for placements worth more than `known`, until there is none or `stop` says so.
pub(super) fn search(
    model: &Model,
    prices: &Prices,
    candidates: &Candidates,
    known: i64,
    stop: &dyn Fn() -> bool,
) -> Outcome {
    let mut search = Search::new(model, prices, candidates, known, stop);
    let bound = search.run();
    Outcome {
        plan: search.found,
        bound: bound.max(search.best),
    }
}

/// A choice that is being tried, and how to go back to before it.
struct Frame {
    choice: usize,
    /// Length of the trail before it.
    mark: usize,
    /// Multipliers before it.
    pi: Vec<i64>,
    /// No placement without this choice is worth more.
    rest: i64,
}

/// Nothing better lies here.
struct Pruned;

struct Search<'a> {
    model: &'a Model,
    candidates: &'a Candidates,
    stop: &'a dyn Fn() -> bool,
    /// Profit after the prices of services.
    profit: Vec<i64>,
    /// What the services' prices add to the bound.
    paid: i64,
    owner: Vec<u32>,
    at_site: Vec<Vec<u32>>,
    alive: Vec<bool>,
    /// Choices left to each unit.
    left: Vec<u32>,
    pi: Vec<i64>,
    /// Multipliers stay within this.
    largest_pi: i64,
    /// The worth of each site's filling, with the units that have no other choice.
    filling: Vec<i64>,
    taken: Vec<Vec<usize>>,
    is_taken: Vec<bool>,
    /// How many sites want each unit.
    wanted: Vec<u32>,
    changed: Vec<bool>,
    trail: Vec<usize>,
    /// The bound with each choice made.
    child: Vec<i64>,
    best: i64,
    found: Option<Plan>,
    nodes: u64,
    knapsack: Knapsack,
    items: Vec<Item>,
    changes: Vec<i64>,
}

impl<'a> Search<'a> {
    fn new(
        model: &'a Model,
        prices: &Prices,
        candidates: &'a Candidates,
        known: i64,
        stop: &'a dyn Fn() -> bool,
    ) -> Self {
        let of_places = prices.of_places(model);
        let choices = model.site.len();
        let mut profit = model.profit.clone();
        for (profit, uses) in profit.iter_mut().zip(&model.uses) {
            for (row, amount) in uses {
                *profit -= of_places[*row as usize] * amount;
            }
        }
        let largest = model.profit.iter().map(|profit| profit.abs()).max().unwrap_or(0);
        let mut search = Self {
            model,
            candidates,
            stop,
            paid: of_places
                .iter()
                .zip(&model.places)
                .map(|(price, places)| price * places)
                .sum(),
            owner: model.owners(),
            at_site: vec![Vec::new(); model.capacity.len()],
            alive: vec![true; choices],
            left: (0..model.len())
                .map(|unit| model.choices(unit).len() as u32)
                .collect(),
            pi: vec![0; model.len()],
            largest_pi: 4 * largest + 1,
            filling: vec![0; model.capacity.len()],
            taken: vec![Vec::new(); model.capacity.len()],
            is_taken: vec![false; choices],
            wanted: vec![0; model.len()],
            changed: vec![true; model.capacity.len()],
            trail: Vec::new(),
            child: vec![0; choices],
            best: known,
            found: None,
            nodes: 0,
            knapsack: Knapsack::default(),
            items: Vec::new(),
            changes: Vec::new(),
            profit,
        };
        search.begin(prices);
        search
    }

    /// Multipliers from prices, and what the prices alone rule out.
    fn begin(&mut self, prices: &Prices) {
        let floor = (self.best + self.model.step) as f64;
        for unit in 0..self.model.len() {
            let fits = |choice: &usize| {
                self.model.load[*choice] <= self.model.capacity[self.model.site[*choice] as usize]
            };
            let best = self
                .model
                .choices(unit)
                .filter(fits)
                .map(|choice| prices.reduced(self.model, choice));
            let best = best.fold(f64::NEG_INFINITY, f64::max);
            for choice in self.model.choices(unit) {
                let loss = best - prices.reduced(self.model, choice);
                if self.alive[choice] && (!fits_alone(self.model, choice) || prices.bound - loss < floor) {
                    self.alive[choice] = false;
                    self.left[unit] -= 1;
                }
            }
            if best.is_finite() {
                self.pi[unit] = (best.round() as i64).clamp(-self.largest_pi, self.largest_pi);
            }
        }
        for choice in 0..self.alive.len() {
            if self.alive[choice] {
                self.at_site[self.model.site[choice] as usize].push(choice as u32);
            }
        }
    }

    /// The bound on everything, at the end proven or as far as it came.
    fn run(&mut self) -> i64 {
        let mut frames: Vec<Frame> = Vec::new();
        if self.left.contains(&0) {
            return self.best;
        }
        let mut node = self.process(STEPS[0]);
        loop {
            if let Ok(bound) = node {
                if (self.stop)() {
                    let open = frames.iter().map(|frame| frame.rest).max();
                    return bound.max(open.unwrap_or(bound));
                }
                let Some((choice, rest)) = self.branch() else {
                    node = Err(Pruned);
                    continue;
                };
                frames.push(Frame {
                    choice,
                    mark: self.trail.len(),
                    pi: self.pi.clone(),
                    rest: rest.min(bound),
                });
                let unit = self.owner[choice] as usize;
                for other in self.model.choices(unit).filter(|other| *other != choice) {
                    self.kill(other);
                }
                node = self.process(STEPS[1]);
            } else {
                let Some(frame) = frames.pop() else {
                    return self.best;
                };
                self.undo(frame.mark);
                self.pi = frame.pi;
                self.changed.fill(true);
                if frame.rest < self.best + self.model.step {
                    continue;
                }
                self.kill(frame.choice);
                node = self.process(STEPS[2]).map(|bound| bound.min(frame.rest));
            }
        }
    }

    fn kill(&mut self, choice: usize) {
        if self.alive[choice] {
            self.alive[choice] = false;
            let unit = self.owner[choice] as usize;
            self.left[unit] -= 1;
            self.trail.push(choice);
            self.changed[self.model.site[choice] as usize] = true;
            if self.left[unit] == 1 {
                self.touch(unit);
            }
        }
    }

    fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            if let Some(choice) = self.trail.pop() {
                self.alive[choice] = true;
                self.left[self.owner[choice] as usize] += 1;
            }
        }
    }

    /// Marks the sites that a unit may still go to.
    fn touch(&mut self, unit: usize) {
        for choice in self.model.choices(unit) {
            if self.alive[choice] {
                self.changed[self.model.site[choice] as usize] = true;
            }
        }
    }

    /// The items of a site, and the capacity that those without another choice leave, with what they are worth.
    fn items_of(&mut self, site: usize) -> (i64, i64) {
        self.items.clear();
        let (mut capacity, mut worth) = (self.model.capacity[site], 0);
        for &choice in &self.at_site[site] {
            let choice = choice as usize;
            if !self.alive[choice] {
                continue;
            }
            let unit = self.owner[choice] as usize;
            if self.left[unit] == 1 {
                capacity -= self.model.load[choice];
                worth += self.profit[choice];
            } else {
                self.items.push(Item {
                    choice,
                    value: self.profit[choice] - self.pi[unit],
                    load: self.model.load[choice],
                });
            }
        }
        (capacity, worth)
    }

    /// The bound at the present multipliers.
    fn bound(&mut self) -> Result<i64, Pruned> {
        for site in 0..self.changed.len() {
            if !self.changed[site] {
                continue;
            }
            let (capacity, worth) = self.items_of(site);
            if capacity < 0 {
                return Err(Pruned);
            }
            for choice in self.taken[site].drain(..) {
                self.is_taken[choice] = false;
                self.wanted[self.owner[choice] as usize] -= 1;
            }
            self.filling[site] = worth + self.knapsack.fill(&self.items, capacity, &mut self.taken[site]);
            for &choice in &self.taken[site] {
                self.is_taken[choice] = true;
                self.wanted[self.owner[choice] as usize] += 1;
            }
            self.changed[site] = false;
        }
        let multipliers: i64 = (0..self.pi.len())
            .filter(|unit| self.left[*unit] > 1)
            .map(|unit| self.pi[unit])
            .sum();
        Ok(multipliers + self.filling.iter().sum::<i64>() + self.paid)
    }

    /// Lowers the bound by so many steps; leaves the best multipliers behind.
    fn descend(&mut self, steps: usize) -> Result<i64, Pruned> {
        let (mut lowest, mut best_pi) = (i64::MAX, self.pi.clone());
        let (mut pace, mut idle) = (1.0_f64, 0);
        let mut direction = vec![0.0_f64; self.pi.len()];
        let at_root = self.nodes == 1;
        for step in 0..steps {
            let bound = self.bound()?;
            if bound < self.best + self.model.step {
                return Err(Pruned);
            }
            if bound < lowest {
                lowest = bound;
                best_pi.copy_from_slice(&self.pi);
                idle = 0;
            } else {
                idle += 1;
            }
            if at_root && step % 25 == 0 {
                self.repair();
            }
            if step % 4 == 3 && (self.stop)() {
                break;
            }
            let patience = if at_root { 12 } else { 5 };
            if idle > patience {
                (idle, pace) = (0, pace * 0.6);
                if pace < 0.01 {
                    break;
                }
            }
            let mut square = 0.0;
            let mut even = true;
            for (unit, direction) in direction.iter_mut().enumerate() {
                if self.left[unit] > 1 {
                    let slope = f64::from(self.wanted[unit]) - 1.0;
                    even &= slope == 0.0;
                    *direction = slope + 0.4 * *direction;
                    if direction.abs() < 0.05 {
                        *direction = 0.0;
                    }
                    square += *direction * *direction;
                }
            }
            if even {
                // Every unit exactly once: as good as the bound says, if services have the places too.
                self.accept_fillings();
                if lowest < self.best + self.model.step {
                    return Err(Pruned);
                }
                break;
            }
            let length = pace * (bound - self.best - self.model.step + 1) as f64 / square.max(1e-9);
            for (unit, &direction) in direction.iter().enumerate() {
                if self.left[unit] > 1 && direction != 0.0 {
                    let by = length * direction;
                    let by = if by.abs() < 1.0 { by.signum() } else { by.round() } as i64;
                    self.pi[unit] = (self.pi[unit] + by).clamp(-self.largest_pi, self.largest_pi);
                    self.touch(unit);
                }
            }
        }
        for (unit, &best) in best_pi.iter().enumerate() {
            if self.pi[unit] != best {
                self.pi[unit] = best;
                self.touch(unit);
            }
        }
        self.bound()
    }

    /// Rules out choices with which nothing better can be had; says how many.
    fn rule_out(&mut self, bound: i64) -> Result<usize, Pruned> {
        let floor = self.best + self.model.step;
        for site in 0..self.changed.len() {
            let (capacity, _) = self.items_of(site);
            let is_taken = &self.is_taken;
            self.knapsack.forced(
                &self.items,
                capacity,
                |choice| is_taken[choice],
                &mut self.changes,
            );
            for (item, change) in self.items.iter().zip(&self.changes) {
                self.child[item.choice] = *change;
            }
        }
        let mut killed = 0;
        for unit in 0..self.left.len() {
            if self.left[unit] == 1 {
                continue;
            }
            let choices = self.model.choices(unit);
            let out: i64 = choices
                .clone()
                .filter(|choice| self.alive[*choice] && self.is_taken[*choice])
                .map(|choice| self.child[choice])
                .sum();
            for choice in choices {
                if !self.alive[choice] {
                    continue;
                }
                let own = self.child[choice];
                let change = if self.is_taken[choice] {
                    out - own
                } else {
                    out + own
                };
                self.child[choice] = bound + change;
                if self.child[choice] < floor {
                    self.kill(choice);
                    killed += 1;
                }
            }
            if self.left[unit] == 0 {
                return Err(Pruned);
            }
        }
        Ok(killed)
    }

    /// Bounds a node and rules out choices, as long as that leads on.
    fn process(&mut self, steps: usize) -> Result<i64, Pruned> {
        self.nodes += 1;
        let mut steps = steps;
        let mut lowest = i64::MAX;
        loop {
            let bound = self.descend(steps)?;
            lowest = lowest.min(bound);
            if bound < self.best + self.model.step {
                return Err(Pruned);
            }
            if self.nodes < EAGER_NODES || self.nodes.is_multiple_of(8) {
                self.repair();
            }
            let killed = self.rule_out(bound)?;
            if self.left.iter().all(|left| *left == 1) {
                self.accept_fillings();
                return Err(Pruned);
            }
            if killed == 0 {
                return Ok(lowest);
            }
            // A few choices less change little; whoever branches sees them anyway.
            steps = STEPS[2];
            if (self.stop)() {
                return Ok(lowest);
            }
        }
    }

    /// The choice to try next, and the bound without it.
    fn branch(&self) -> Option<(usize, i64)> {
        let mut chosen: Option<(f64, usize, i64)> = None;
        for unit in (0..self.left.len()).filter(|unit| self.left[*unit] > 1) {
            let (mut first, mut second, mut at) = (i64::MIN, i64::MIN, 0);
            let mut sum = 0.0;
            for choice in self.model.choices(unit).filter(|choice| self.alive[*choice]) {
                let bound = self.child[choice];
                sum += 1.0 / (1.0 + (bound - self.best).max(0) as f64);
                if bound > first {
                    (second, first, at) = (first, bound, choice);
                } else if bound > second {
                    second = bound;
                }
            }
            let open = (second - self.best).max(1) as f64 * (first - self.best).max(1) as f64;
            let score = -open.ln() + 1e-9 * sum;
            if chosen.is_none_or(|(best, _, _)| score > best) {
                chosen = Some((score, at, second));
            }
        }
        chosen.map(|(_, choice, rest)| (choice, rest))
    }

    /// Takes the fillings as a placement, where every unit stands in exactly one and every capacity is kept.
    fn accept_fillings(&mut self) {
        let mut plan = Plan::empty(self.model);
        for unit in 0..self.left.len() {
            let forced = self.left[unit] == 1;
            let mut mine = self
                .model
                .choices(unit)
                .filter(|choice| self.alive[*choice] && (forced || self.is_taken[*choice]));
            let Some(choice) = mine.next() else { return };
            plan.take(self.model, unit, choice);
        }
        self.offer(plan);
    }

    fn offer(&mut self, plan: Plan) {
        if plan.is_within() && plan.worth.profit > self.best {
            self.best = plan.worth.profit;
            self.found = Some(plan);
        }
    }

    /// Makes a placement of the fillings: who is wanted twice stays where it is worth more, who is wanted nowhere is fitted in.
    fn repair(&mut self) {
        let mut plan = Plan::empty(self.model);
        let mut begin = Vec::new();
        for unit in 0..self.left.len() {
            let forced = self.left[unit] == 1;
            let mine = self
                .model
                .choices(unit)
                .filter(|choice| self.alive[*choice] && (forced || self.is_taken[*choice]));
            let best = mine.max_by_key(|choice| (self.profit[*choice], std::cmp::Reverse(*choice)));
            match best {
                Some(choice) if plan.fits(self.model, choice) => plan.take(self.model, unit, choice),
                _ => begin.push(unit),
            }
            if !forced && self.wanted[unit] != 1 {
                begin.push(unit);
            }
        }
        begin.dedup();
        improve(self.model, &mut plan, self.candidates, begin);
        self.offer(plan);
    }
}

fn fits_alone(model: &Model, choice: usize) -> bool {
    model.load[choice] <= model.capacity[model.site[choice] as usize]
        && model.uses[choice]
            .iter()
            .all(|(row, amount)| *amount <= model.places[*row as usize])
}
