//! Room against need.

use phteah_planning::together::Together;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rounded;
use crate::ranking::RankedSites;
use crate::ranking::room::Room as Found;

/// The room of the ranked sites against those who would move.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Room {
    /// Households that would move, of the settlements that say how many they have.
    pub households: u64,
    /// Settlements that would move and do not say.
    pub settlements_silent: usize,
    /// Households that the first site holds.
    pub first: u32,
    /// Households that all ranked sites hold together, those left out that may yet be excluded and stand behind.
    pub all: u64,
    /// Ranked sites that stand behind because they may yet be excluded. They are in no set.
    pub undecided: usize,
    /// Households that these hold together.
    pub undecided_room: u64,
    /// Ranked sites whose cost is not known. They are in no cheapest set.
    pub costs_unknown: usize,
    /// What all may cost together, US dollars; null without a budget.
    pub budget: Option<f64>,
    /// The cheapest set of sites that holds them all; null without unit costs, or where the sites of known cost hold fewer.
    pub cheapest: Option<SiteSet>,
    /// The set of the greatest mean score over the households; null where all sites together hold fewer.
    pub best: Option<SiteSet>,
    /// The set of the greatest mean score that costs no more than the budget; null without a budget, or where no set was found
    /// that keeps it.
    pub within: Option<SiteSet>,
}

/// Sites that together hold everybody who would move.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SiteSet {
    /// Their ids, by rank.
    pub sites: Vec<String>,
    /// Households that they hold.
    pub room: u64,
    /// What they cost, built out, US dollars; null where no cost of theirs is known. A cost between bounds counts with its higher
    /// end.
    pub cost: Option<f64>,
    /// How many of them have an unknown cost, which is in no sum.
    pub costs_unknown: usize,
    /// Whether the cost keeps the budget; null without one, or where an unknown cost leaves it open.
    pub within_budget: Option<bool>,
    /// Mean score over the households, the better sites filled first.
    pub score: f64,
    /// By how much the best answer may differ (in cost, or in score within a budget), as a share of this one: 0 where this is
    /// proved to be it.
    pub gap: f64,
}

impl Room {
    /// The room of a ranking as JSON.
    pub fn of(ranked: &RankedSites, found: &Found) -> Self {
        let set = |set: &Together| SiteSet {
            sites: set
                .rows
                .iter()
                .map(|&row| ranked.ranking.ids[row as usize].clone())
                .collect(),
            room: set.room,
            cost: (set.costs_unknown < set.rows.len()).then(|| rounded(set.cost, 2)),
            costs_unknown: set.costs_unknown,
            within_budget: found.within_budget(set),
            score: rounded(set.score, 6),
            gap: rounded(set.gap, 6),
        };
        Self {
            households: found.moving.households,
            settlements_silent: found.moving.silent,
            first: found.first,
            all: found.all,
            costs_unknown: found.costs_unknown,
            budget: found.budget,
            cheapest: found.cheapest.as_ref().map(set),
            best: found.best.as_ref().map(set),
            within: found.within.as_ref().map(set),
            undecided: found.undecided,
            undecided_room: found.undecided_room,
        }
    }
}
