//! Why a family is offered what it is, and what its first wish would cost the others.

use super::flow::{self, Flow};
use super::model::Model;
use super::problem::Problem;
use super::{Proposal, propose};

/// Why a family is offered this site, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its first wish.
    First,
    /// The site of its so-manieth wish, counted from 1: the wishes before went to families who lose more without them, or they are too
    /// small for it.
    Later {
        /// Which wish.
        wish: usize,
    },
    /// No site is possible for it: a need, or no score.
    NoPossibleSite,
    /// Sites are possible, but each is smaller than the family's load, or has too few places.
    TooLargeEverywhere,
    /// Its possible sites are full.
    Full,
}

/// Why each family is offered what it is, in the order of the families.
pub fn reasons(problem: &Problem, proposal: &Proposal) -> Vec<Reason> {
    (0..problem.families())
        .map(|family| {
            let wishes = problem.wishes(family);
            match proposal.sites[family] {
                Some(site) => match wishes.iter().position(|wish| *wish == site) {
                    Some(0) | None => Reason::First,
                    Some(wish) => Reason::Later { wish: wish + 1 },
                },
                None if wishes.is_empty() => Reason::NoPossibleSite,
                None if wishes.iter().all(|site| !fits_alone(problem, family, *site)) => {
                    Reason::TooLargeEverywhere
                }
                None => Reason::Full,
            }
        })
        .collect()
}

fn fits_alone(problem: &Problem, family: usize, site: usize) -> bool {
    problem.load(family, site) <= problem.capacity(site)
        && problem
            .services()
            .iter()
            .filter(|service| service.sites.contains(&site))
            .all(|service| service.needs[family] <= service.places)
}

/// What it would cost to give a family its first wish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirstWish {
    /// The site.
    pub site: usize,
    /// So many families fewer would be placed.
    pub families: usize,
    /// The sum of scores would fall by so much at least: the family's own gain is counted in. With fewer families placed it says
    /// nothing.
    pub at_least: f64,
    /// … and by so much at the most.
    pub at_most: f64,
}

/// Answers what first wishes would cost.
pub struct FirstWishes<'a> {
    problem: &'a Problem,
    proposal: &'a Proposal,
    flow: Option<Flow>,
}

impl<'a> FirstWishes<'a> {
    /// For a proposal made for this problem.
    pub fn new(problem: &'a Problem, proposal: &'a Proposal) -> Self {
        let model = Model::new(problem);
        Self {
            problem,
            proposal,
            flow: flow::applies(&model).then(|| Flow::solve(model)),
        }
    }

    /// Whether answers are exact and at once; otherwise each solves the problem again.
    pub fn is_quick(&self) -> bool {
        self.flow.is_some()
    }

    /// What it would cost to give a family, and the neighbours who stay with it, the site that is best for it among those that are not too
    /// small; `None` if there is none. `elapsed` counts as in [`propose`].
    pub fn of(&mut self, family: usize, elapsed: &dyn Fn() -> f64) -> Option<FirstWish> {
        let (problem, proposal) = (self.problem, self.proposal);
        let wishes = problem.wishes(family);
        if let Some(flow) = &mut self.flow {
            // Units of a flow are single families, in their order.
            let site = wishes
                .into_iter()
                .find(|site| flow.choice(family, *site).is_some())?;
            let (profit, families) = flow.cost(family, site)?;
            let cost = profit as f64 / flow.model.per_score;
            return Some(FirstWish {
                site,
                families: families.unsigned_abs() as usize,
                at_least: cost,
                at_most: cost,
            });
        }
        let (site, granted) = wishes
            .into_iter()
            .find_map(|site| Some((site, problem.granting(family, site)?)))?;
        let nothing = FirstWish {
            site,
            families: 0,
            at_least: 0.0,
            at_most: 0.0,
        };
        if proposal.sites[family] == Some(site) {
            return Some(nothing);
        }
        let neighbours = problem.neighbours(family);
        let own: f64 = neighbours
            .iter()
            .filter_map(|family| problem.score(*family, site))
            .sum();
        let then = propose(&granted, elapsed);
        let low = proposal.value - (then.bound + own);
        Some(FirstWish {
            families: proposal.placed.saturating_sub(then.placed + neighbours.len()),
            at_least: low.max(0.0),
            at_most: (proposal.bound - (then.value + own)).max(0.0),
            ..nothing
        })
    }
}
