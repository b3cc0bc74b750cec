//! Placing families: which family is offered which site, so that as many as possible are placed, and among all such proposals the sum of each
//! family's own scores is the greatest.
//!
//! Where every family takes one plot, a flow gives the optimum at once ([`flow`]). With loads, services and neighbours it is the generalised
//! assignment problem: prices of capacity bound the value ([`prices`]), shifts and chains make good proposals ([`improve`]), and a
//! search proves the optimum or says how far from it one may be ([`search`]).
//!
//! People decide. A proposal is an offer, not an order: whoever declines is placed again, with that site taken from its possible ones.

mod flow;
mod greedy;
mod improve;
mod knapsack;
mod model;
mod plan;
mod prices;
mod problem;
mod reasons;
mod search;
pub mod table;

pub use greedy::greedy;
pub use problem::{LARGEST, MAX_CELLS, MAX_SITES, PlacementError, Problem, Service};
pub use reasons::{FirstWish, FirstWishes, Reason, reasons};

use improve::Candidates;
use model::Model;
use plan::Plan;
use prices::Prices;

/// Share of the time for which it is tried to place one family more, before the scores have their turn.
const SHARE_FOR_COUNT: f64 = 0.4;

/// Rounds of exchange by load, before it is searched for one family more.
const PACKING_ROUNDS: usize = 8;

/// Steps in which prices are sought.
const PRICE_STEPS: usize = 2500;

/// How a proposal was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As a flow of lowest cost: always exact.
    Flow,
    /// By prices, exchange and search: exact if the time suffices.
    Search,
}

/// Who is offered which site.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The site of each family; `None` if it stays unplaced.
    pub sites: Vec<Option<usize>>,
    /// How many families are placed.
    pub placed: usize,
    /// No proposal places more.
    pub placed_bound: usize,
    /// The sum of the scores.
    pub value: f64,
    /// No proposal that places as many families has a greater sum.
    pub bound: f64,
    /// How it was found.
    pub method: Method,
    /// Whether the time was over before everything was proven. With more time the proposal may become better.
    pub stopped: bool,
}

impl Proposal {
    /// Whether it is proven that no proposal places more families, and none of those that place as many has a greater sum.
    pub fn is_proven(&self) -> bool {
        self.placed == self.placed_bound && self.value == self.bound
    }

    /// How far the value may be from the greatest, as a share of the value (of the bound, if the value is 0): 0 is proven, 0.01 is 1 %.
    pub fn gap(&self) -> f64 {
        let difference = self.bound - self.value;
        if difference <= 0.0 {
            return 0.0;
        }
        difference
            / if self.value == 0.0 {
                self.bound.abs()
            } else {
                self.value.abs()
            }
    }
}

/// The sum of the scores of what is placed where.
pub fn value(problem: &Problem, sites: &[Option<usize>]) -> f64 {
    let scores = sites
        .iter()
        .enumerate()
        .filter_map(|(family, site)| problem.score(family, (*site)?));
    // Compensated (Neumaier 1974): a thousand tenths are a hundred.
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for score in scores {
        let next = sum + score;
        lost += if sum.abs() >= score.abs() {
            (sum - next) + score
        } else {
            (score - next) + sum
        };
        sum = next;
    }
    sum + lost
}

/// Proposes a site for every family.
///
/// `elapsed` says which share of the allowed time is over; from 1 on the best proposal so far is given with its bound. It is asked often.
/// Unless it stops the search, the same problem always has the same answer.
pub fn propose(problem: &Problem, elapsed: &dyn Fn() -> f64) -> Proposal {
    let model = Model::new(problem);
    if flow::applies(&model) {
        let flow = flow::Flow::solve(model);
        return proposal(problem, &flow.model, &flow.plan, None, Method::Flow, false);
    }
    let families = model.families();
    let possible: i64 = (0..model.len())
        .filter(|unit| model.choices(*unit).len() > 1)
        .map(|unit| model.units[unit].len() as i64)
        .sum();
    let counting = model.counting();
    let over = || elapsed() >= 1.0;
    let greedy = plan_of(&model, &greedy(problem));

    // As many as possible.
    let mut most = possible;
    let mut count_prices = None;
    if greedy.worth.placed < possible {
        let prices = Prices::seek(
            &counting,
            (greedy.worth.placed * counting.step) as f64,
            PRICE_STEPS,
            &over,
        );
        most = most.min(((prices.bound / counting.step as f64).floor() as i64).max(greedy.worth.placed));
        count_prices = Some(prices);
    }
    let leaving = model.leaving(families - most);
    let mut prices = Prices::seek(&leaving, greedy.worth.profit as f64, PRICE_STEPS, &over);
    let mut candidates = Candidates::new(&leaving, &prices);
    let mut plan = improve::first(&leaving, &prices);
    improve::improve(&model, &mut plan, &candidates, 0..model.len());
    let mut other = greedy;
    improve::improve(&model, &mut other, &candidates, 0..model.len());
    if other.worth > plan.worth {
        plan = other;
    }
    let shakes = (2_000_000 / model.len().max(1)).clamp(200, 4000);
    improve::shake(&model, &mut plan, &candidates, shakes, &over);
    if let Some(count_prices) = count_prices.as_ref().filter(|_| plan.worth.placed < most) {
        // Small families for large ones, and every site filled to the brim, until one more fits.
        let packing = counting.priced(|choice| count_prices.reduced(&counting, choice));
        let by_load = Candidates::new(&counting, count_prices);
        let mut packed = Plan::of(&packing, &plan.choice);
        improve::improve(&packing, &mut packed, &by_load, 0..model.len());
        for _ in 0..PACKING_ROUNDS {
            if packed.worth.placed >= most || elapsed() >= SHARE_FOR_COUNT {
                break;
            }
            improve::shake(&packing, &mut packed, &by_load, shakes / 4, &over);
        }
        if packed.worth.placed > plan.worth.placed {
            plan = Plan::of(&model, &packed.choice);
            improve::improve(&model, &mut plan, &candidates, 0..model.len());
            improve::shake(&model, &mut plan, &candidates, shakes, &over);
        }
    }
    if let Some(count_prices) = count_prices.filter(|_| plan.worth.placed < most) {
        let stop = || elapsed() >= SHARE_FOR_COUNT;
        let known = plan.worth.placed * counting.step;
        let outcome = search::search(&counting, &count_prices, &candidates, known, &stop);
        most = most.min(outcome.bound / counting.step);
        if let Some(found) = outcome.plan {
            plan = Plan::of(&model, &found.choice);
            improve::improve(&model, &mut plan, &candidates, 0..model.len());
            improve::shake(&model, &mut plan, &candidates, shakes, &over);
        }
        most = most.max(plan.worth.placed);
    }

    // Then the greatest sum.
    let rest = model.leaving(families - plan.worth.placed);
    let again = Prices::seek(&rest, plan.worth.profit as f64, PRICE_STEPS, &over);
    if rest.capacity != leaving.capacity || again.bound < prices.bound {
        prices = again;
        candidates = Candidates::new(&rest, &prices);
    }
    let outcome = search::search(&rest, &prices, &candidates, plan.worth.profit, &over);
    let bound = outcome.bound.min(prices.bound.min(i64::MAX as f64 / 2.0) as i64);
    if let Some(found) = outcome.plan {
        plan = Plan::of(&model, &found.choice);
    }
    let open = bound >= plan.worth.profit + model.step;
    let bounds = Some((most, bound));
    proposal(
        problem,
        &model,
        &plan,
        bounds,
        Method::Search,
        open || most > plan.worth.placed,
    )
}

/// The plan of given sites, which must be within the capacities.
fn plan_of(model: &Model, sites: &[Option<usize>]) -> Plan {
    let mut plan = Plan::empty(model);
    for (unit, families) in model.units.iter().enumerate() {
        let site = families.first().and_then(|family| sites[*family]);
        let choice = site.and_then(|site| {
            model
                .choices(unit)
                .find(|choice| model.site[*choice] as usize == site)
        });
        if let Some(choice) = choice.filter(|choice| plan.fits(model, *choice)) {
            plan.take(model, unit, choice);
        }
    }
    plan
}

/// The proposal of a plan; without bounds the plan is optimal.
fn proposal(
    problem: &Problem,
    model: &Model,
    plan: &Plan,
    bounds: Option<(i64, i64)>,
    method: Method,
    stopped: bool,
) -> Proposal {
    let mut sites = vec![None; problem.families()];
    for (unit, choice) in plan.choice.iter().enumerate() {
        if model.placed(unit, *choice) > 0 {
            for &family in &model.units[unit] {
                sites[family] = Some(model.site[*choice] as usize);
            }
        }
    }
    let value = value(problem, &sites);
    let (most, bound) = bounds.unwrap_or((plan.worth.placed, plan.worth.profit));
    let bound = if bound < plan.worth.profit + model.step {
        value
    } else {
        value + (bound - plan.worth.profit) as f64 / model.per_score
    };
    Proposal {
        placed: plan.worth.placed as usize,
        placed_bound: most as usize,
        value,
        bound,
        method,
        stopped,
        sites,
    }
}

#[cfg(test)]
mod tests;
