//! The best set of sites within a budget.
//!
//! Maximise Σ score × households moved, so that everybody moves, nobody beyond a site's room, and the sites taken cost no
//! more than the budget; a site that is taken costs all of it, however many move there.
//!
//! Dynamic programming over the households: sites come in the order of their scores, so that only the last one taken may be
//! filled in part; of the sets that hold as many households those are kept that no other beats in cost and in score. A set
//! that cannot become better than the best so far is dropped: with a price on each dollar and each household the rest is
//! bounded from above (Lagrange, as Fisher 1981 uses it).

use std::collections::BTreeMap;

use super::{Offer, of};
use crate::together::Together;

/// Sets looked at, over all sites, that a person can wait for.
const MOST_LOOKED_AT: usize = 60_000_000;

/// Sets held at a time: few at first, for a good set to compare with; then as many as fit into memory.
const WIDTHS: [usize; 2] = [1_000, 200_000];

/// Sets remembered with what they are made of.
const MOST_REMEMBERED: usize = 16_000_000;

/// Steps of the search for the price of a dollar: each halves what is left of it.
const STEPS: usize = 64;

/// Differences of scores below this are rounding.
const ROUNDING: f64 = 1e-11;

/// The set of the greatest mean score over `need` households that costs no more than `budget`, among sites of known cost.
/// `None` where no set was found that does.
///
/// Exact where sites and households are no more than a person can wait for: `gap` is then 0. Otherwise it says by how much
/// the score of a better set may exceed that of this one, as a share of it.
///
/// `offers` must come in the order of the ranking, best first; of equal sets the choice depends on nothing else. `cheapest` is
/// the set that [`super::cheapest`] gives of the same offers, if it was asked: where even it costs too much, nothing has to be
/// searched.
pub fn best_within(
    offers: &[Offer],
    need: u64,
    budget: f64,
    cheapest: Option<&Together>,
) -> Option<Together> {
    let too_dear = |set: &Together| set.gap <= 0.0 && set.cost > with_slack(budget);
    if need == 0 || cheapest.is_some_and(too_dear) {
        return None;
    }
    let sites: Vec<Site> = offers
        .iter()
        .enumerate()
        .filter(|(_, offer)| offer.room > 0)
        .filter_map(|(index, offer)| {
            Some(Site {
                index,
                room: f64::from(offer.room),
                score: offer.score,
                cost: offer.cost?,
            })
        })
        .collect();
    let mut search = Search {
        need,
        budget: with_slack(budget),
        best: None,
        open: f64::NEG_INFINITY,
        looked_at: 0,
    };
    if let Some(set) = cheapest {
        let taken = sites
            .iter()
            .copied()
            .filter(|site| set.rows.contains(&offers[site.index].row));
        search.offer(&taken.collect::<Vec<_>>());
    }
    search.run(&sites);
    let (value, chosen) = search.best?;
    let taken: Vec<Offer> = chosen.into_iter().map(|index| offers[index]).collect();
    let is_open = search.open - value > ROUNDING * need as f64;
    let gap = if is_open {
        (search.open - value) / value
    } else {
        0.0
    };
    // Beside a set that is worth nothing any other is better without measure.
    Some(of(&taken, need, if gap.is_finite() { gap } else { 1.0 }))
}

/// A budget that rounding alone does not exceed.
fn with_slack(budget: f64) -> f64 {
    budget * (1.0 + 4.0 * f64::EPSILON)
}

/// A site that may be taken.
#[derive(Clone, Copy, Debug)]
struct Site {
    /// Its place among the offers.
    index: usize,
    room: f64,
    score: f64,
    /// What all of it costs.
    cost: f64,
}

/// What the relaxed problem says, in which a site may be paid for in part.
struct Prices {
    dollar: f64,
    household: f64,
    /// No set has a greater value.
    bound: f64,
    /// Households that move to each site.
    moved: Vec<f64>,
}

impl Prices {
    /// What taking a site adds to the bound, at most.
    fn worth(&self, site: &Site) -> f64 {
        site.room * (site.score - self.household).max(0.0) - self.dollar * site.cost
    }
}

/// A set that does not hold everybody yet.
#[derive(Clone, Copy, Debug)]
struct Part {
    cost: f64,
    /// Score × households so far.
    value: f64,
    /// Where it is remembered what it is made of.
    made_of: u32,
}

/// The last site of a set, and the set without it.
#[derive(Clone, Copy)]
struct Step {
    before: u32,
    site: u32,
}

const NOTHING: u32 = u32::MAX;

struct Search {
    need: u64,
    budget: f64,
    /// The best set so far: its value (score × households), and its sites.
    best: Option<(f64, Vec<usize>)>,
    /// The greatest bound of what was not looked at.
    open: f64,
    looked_at: usize,
}

/// The best scores first, equals by their place.
fn best_first(sites: &[Site]) -> Vec<Site> {
    let mut sorted = sites.to_vec();
    sorted.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then(left.index.cmp(&right.index))
    });
    sorted
}

impl Search {
    fn run(&mut self, sites: &[Site]) {
        let Some(prices) = self.prices(sites) else { return };
        self.round(sites, &prices);
        let by_score = best_first(sites);
        for width in WIDTHS {
            self.open = f64::NEG_INFINITY;
            self.pass(&by_score, &prices, width);
            if !self.may_beat(self.open) {
                return;
            }
        }
    }

    /// Looks at the sets of all sites, no more than `width` of them at a time, and takes note of what it leaves out.
    fn pass(&mut self, sites: &[Site], prices: &Prices, width: usize) {
        // A site that no better set takes is left out.
        let sites: Vec<Site> = sites
            .iter()
            .copied()
            .filter(|site| self.may_beat(prices.bound + prices.worth(site).min(0.0)))
            .collect();
        // The most that the sites from one on can add.
        let mut rest = vec![0.0; sites.len() + 1];
        for (at, site) in sites.iter().enumerate().rev() {
            rest[at] = rest[at + 1] + prices.worth(site).max(0.0);
        }
        let need = self.need as f64;
        let bound = |part: &Part, held: u64, rest: f64, budget: f64| {
            part.value + prices.dollar * (budget - part.cost) + prices.household * (need - held as f64) + rest
        };
        let mut steps: Vec<Step> = Vec::new();
        let nothing = Part {
            cost: 0.0,
            value: 0.0,
            made_of: NOTHING,
        };
        let mut held: BTreeMap<u64, Vec<Part>> = BTreeMap::from([(0, vec![nothing])]);
        for (at, site) in sites.iter().enumerate() {
            let numbers: Vec<u64> = held.keys().rev().copied().collect();
            // Downwards, so that each site is taken once.
            for number in numbers {
                let Some(mut parts) = held.remove(&number) else {
                    continue;
                };
                self.looked_at += parts.len();
                parts.retain(|part| self.may_beat(bound(part, number, rest[at], self.budget)));
                let moved = site.room.min(need - number as f64);
                let together = number + site.room as u64;
                let mut grown = Vec::with_capacity(parts.len());
                for part in &parts {
                    let larger = Part {
                        cost: part.cost + site.cost,
                        value: part.value + site.score * moved,
                        made_of: steps.len() as u32,
                    };
                    if larger.cost > self.budget {
                        // The parts are sorted by cost.
                        break;
                    }
                    if together >= self.need {
                        if self.may_beat(larger.value) {
                            let mut chosen = made_of(&steps, part.made_of, &sites);
                            chosen.push(site.index);
                            chosen.sort_unstable();
                            self.best = Some((larger.value, chosen));
                        }
                    } else if self.may_beat(bound(&larger, together, rest[at + 1], self.budget)) {
                        steps.push(Step {
                            before: part.made_of,
                            site: at as u32,
                        });
                        grown.push(larger);
                    }
                }
                if !grown.is_empty() {
                    let others = held.remove(&together).unwrap_or_default();
                    held.insert(together, unbeaten(others, grown));
                }
                if !parts.is_empty() {
                    held.insert(number, parts);
                }
            }
            let count: usize = held.values().map(Vec::len).sum();
            let spent = self.looked_at > MOST_LOOKED_AT || steps.len() > MOST_REMEMBERED;
            if count > width || spent {
                let keep = if spent { 0 } else { width / 2 };
                let mut bounds: Vec<f64> = held
                    .iter()
                    .flat_map(|(number, parts)| parts.iter().map(|part| (*number, part)))
                    .map(|(number, part)| bound(part, number, rest[at + 1], self.budget))
                    .collect();
                bounds.sort_unstable_by(|left, right| right.total_cmp(left));
                let Some(&first_out) = bounds.get(keep) else {
                    continue;
                };
                self.open = self.open.max(first_out);
                for (number, parts) in &mut held {
                    parts.retain(|part| bound(part, *number, rest[at + 1], self.budget) > first_out);
                }
                held.retain(|_, parts| !parts.is_empty());
            }
        }
    }

    /// Whether something of this bound may be better than the best set so far.
    fn may_beat(&self, bound: f64) -> bool {
        self.best
            .as_ref()
            .is_none_or(|(value, _)| bound > value + ROUNDING * self.need as f64)
    }

    /// Takes note of a set if it holds everybody, keeps the budget and is better than the best so far.
    fn offer(&mut self, sites: &[Site]) {
        let by_score = best_first(sites);
        let (mut left, mut value, mut cost) = (self.need as f64, 0.0, 0.0);
        let mut chosen = Vec::new();
        for site in &by_score {
            if left <= 0.0 {
                break;
            }
            let moved = site.room.min(left);
            value += site.score * moved;
            cost += site.cost;
            left -= moved;
            chosen.push(site.index);
        }
        if left <= 0.0 && cost <= self.budget && self.may_beat(value) {
            chosen.sort_unstable();
            self.best = Some((value, chosen));
        }
    }

    /// Sets near the answer of the relaxed problem: all that it takes, and what of it can be paid for, the most first.
    fn round(&mut self, sites: &[Site], prices: &Prices) {
        let mut moved: Vec<(f64, Site)> = sites
            .iter()
            .zip(&prices.moved)
            .filter(|(_, moved)| **moved > 0.0)
            .map(|(site, moved)| (moved / site.room, *site))
            .collect();
        let of = |some: &[(f64, Site)]| -> Vec<Site> { some.iter().map(|(_, site)| *site).collect() };
        self.offer(&of(&moved));
        moved.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.index.cmp(&right.1.index)));
        let mut cost = 0.0;
        moved.retain(|(_, site)| {
            let fits = cost + site.cost <= self.budget;
            cost += if fits { site.cost } else { 0.0 };
            fits
        });
        self.offer(&of(&moved));
    }

    /// Solves the relaxed problem. `None` where even so not everybody has room within the budget.
    fn prices(&self, sites: &[Site]) -> Option<Prices> {
        let rich = self.fill(sites, 0.0)?;
        if rich.cost <= self.budget {
            return Some(rich.prices(0.0, self.budget));
        }
        // A price at which the cheapest sites are taken: raised until the budget is kept.
        let (mut low, mut high) = (0.0, 1e-6);
        let mut kept = loop {
            let filled = self.fill(sites, high)?;
            if filled.cost <= self.budget {
                break filled;
            }
            if high > 1e30 {
                return None;
            }
            (low, high) = (high, high * 16.0);
        };
        for _ in 0..STEPS {
            let price = f64::midpoint(low, high);
            let filled = self.fill(sites, price)?;
            if filled.cost <= self.budget {
                (high, kept) = (price, filled);
            } else {
                low = price;
            }
        }
        Some(kept.prices(high, self.budget))
    }

    /// Fills the sites in the order of score − price × cost of a household. `None` where not everybody has room.
    fn fill(&self, sites: &[Site], price: f64) -> Option<Filled> {
        let worth = |index: &usize| sites[*index].score - price * sites[*index].cost / sites[*index].room;
        let mut order: Vec<usize> = (0..sites.len()).collect();
        order.sort_by(|left, right| worth(right).total_cmp(&worth(left)).then(left.cmp(right)));
        let mut filled = Filled {
            moved: vec![0.0; sites.len()],
            value: 0.0,
            cost: 0.0,
            household: 0.0,
        };
        let mut left = self.need as f64;
        for index in order {
            if left <= 0.0 {
                break;
            }
            let site = &sites[index];
            let moved = site.room.min(left);
            filled.moved[index] = moved;
            filled.value += site.score * moved;
            filled.cost += site.cost * moved / site.room;
            filled.household = worth(&index);
            left -= moved;
        }
        (left <= 0.0).then_some(filled)
    }
}

/// An answer of the relaxed problem at one price of a dollar.
struct Filled {
    moved: Vec<f64>,
    value: f64,
    cost: f64,
    /// The worth at which the last household moved.
    household: f64,
}

impl Filled {
    fn prices(self, dollar: f64, budget: f64) -> Prices {
        Prices {
            dollar,
            household: self.household,
            bound: self.value + dollar * (budget - self.cost),
            moved: self.moved,
        }
    }
}

/// The sites of a set.
fn made_of(steps: &[Step], mut last: u32, sites: &[Site]) -> Vec<usize> {
    let mut all = Vec::new();
    while let Some(step) = steps.get(last as usize) {
        all.push(sites[step.site as usize].index);
        last = step.before;
    }
    all
}

/// Those of two lists, each sorted by cost, than which no other is both cheaper and better.
fn unbeaten(one: Vec<Part>, other: Vec<Part>) -> Vec<Part> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    let mut best = f64::NEG_INFINITY;
    loop {
        let from_one = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) => a.cost <= b.cost,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return all,
        };
        let next = if from_one { one.next() } else { other.next() };
        if let Some(part) = next.filter(|part| part.value > best) {
            best = part.value;
            all.push(part);
        }
    }
}
