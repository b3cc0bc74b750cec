//! Room against need: sites that together hold everybody who would move.

use phteah_planning::decision::Ranking;
use phteah_planning::measure::plain_number;
use phteah_planning::together::{Offer, Together, best, best_within, cheapest};

use super::RankedSites;
use super::layers::Moving;

/// What the ranked sites hold of those who would move.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// Who would move.
    pub moving: Moving,
    /// Households that the first site holds.
    pub first: u32,
    /// Households that all ranked sites hold together, those left out that stand behind because they may yet be excluded.
    pub all: u64,
    /// Ranked sites that stand behind because they may yet be excluded: they are in no set.
    pub undecided: usize,
    /// Households that these hold together.
    pub undecided_room: u64,
    /// Ranked sites whose cost is not known. They are in no cheapest set.
    pub costs_unknown: usize,
    /// The cheapest set; none without unit costs, or where the sites of known cost hold fewer.
    pub cheapest: Option<Together>,
    /// The set of the greatest score; none where all sites together hold fewer.
    pub best: Option<Together>,
    /// The set of the greatest score that costs no more than the budget; none without a budget, or where none does.
    pub within: Option<Together>,
    /// What all together may cost, US dollars.
    pub budget: Option<f64>,
}

impl Room {
    /// The room of a ranking, by the capacities of its sites in row order.
    pub fn new(
        ranking: &Ranking,
        capacity: impl Fn(usize) -> u32,
        budget: Option<f64>,
        moving: Moving,
    ) -> Self {
        let (behind, certain): (Vec<u32>, Vec<u32>) = ranking
            .order
            .iter()
            .copied()
            .filter(|row| ranking.rank[*row as usize].is_some())
            .partition(|row| ranking.is_behind(*row as usize));
        let offers: Vec<Offer> = certain
            .iter()
            .filter_map(|&row| {
                let index = row as usize;
                let room = capacity(index);
                // A cost between bounds counts with its higher end: what is certain to be enough.
                let each = ranking
                    .cost
                    .as_ref()
                    .and_then(|cost| cost[index])
                    .map(|(_, high)| high);
                Some(Offer {
                    row,
                    room,
                    cost: each.map(|each| each * f64::from(room)),
                    score: ranking.score[index]?,
                })
            })
            .collect();
        let cheapest = cheapest(&offers, moving.households);
        Self {
            moving,
            undecided: behind.len(),
            undecided_room: behind.iter().map(|row| u64::from(capacity(*row as usize))).sum(),
            within: budget
                .and_then(|budget| best_within(&offers, moving.households, budget, cheapest.as_ref())),
            first: offers.first().map_or(0, |offer| offer.room),
            all: offers.iter().map(|offer| u64::from(offer.room)).sum(),
            costs_unknown: offers.iter().filter(|offer| offer.cost.is_none()).count(),
            cheapest,
            best: best(&offers, moving.households),
            budget,
        }
    }

    /// In sentences, for a terminal.
    pub fn in_words(&self, ranked: &RankedSites) -> Vec<String> {
        let mut said = vec![format!(
            "{} households would move; rank 1 holds {}, all ranked sites together {}.",
            plain(self.moving.households),
            self.first,
            plain(self.all)
        )];
        if self.moving.silent > 0 {
            said.push(format!(
                "{} settlements state no number of households: more room is needed than this.",
                self.moving.silent
            ));
        }
        if self.all < self.moving.households {
            said.push("Not even all ranked sites together have room for them.".to_owned());
        }
        if self.undecided > 0 {
            said.push(format!(
                "{} ranked sites with room for {} may yet be excluded and are in no set: find out what is open of them.",
                self.undecided,
                plain(self.undecided_room)
            ));
        }
        if let Some(set) = &self.best {
            said.push(format!("Best set: {}.", self.set(set, ranked)));
        }
        match (&self.within, &self.cheapest, self.budget) {
            (Some(set), _, Some(_)) => {
                let more = match set.gap {
                    gap if gap > 0.0 => format!(
                        "; not solved to the end: another may score up to {:.1} % more",
                        gap * 100.0
                    ),
                    _ => String::new(),
                };
                said.push(format!(
                    "Best set within the budget: {}{more}.",
                    self.set(set, ranked)
                ));
            }
            (None, Some(cheapest), Some(budget)) => said.push(if cheapest.gap > 0.0 {
                format!(
                    "No set within the budget of US${} was found; whether there is one is not proved.",
                    plain_number(budget)
                )
            } else {
                format!(
                    "No set keeps the budget of US${}: the cheapest costs more.",
                    plain_number(budget)
                )
            }),
            _ => {}
        }
        match &self.cheapest {
            Some(set) => {
                let above = match set.gap {
                    gap if gap > 0.0 => {
                        format!("; at most {:.1} % above the least", gap / (1.0 - gap).max(1e-9) * 100.0)
                    }
                    _ => String::new(),
                };
                said.push(format!("Cheapest set: {}{above}.", self.set(set, ranked)));
            }
            None if ranked.scenario.cost.is_none() => {
                said.push("What they cost is not known: the scenario has no [cost].".to_owned());
            }
            None if self.all >= self.moving.households => said.push(format!(
                "No cheapest set: the cost of {} ranked sites is not known, and the others have too little room.",
                self.costs_unknown
            )),
            None => {}
        }
        said
    }

    fn set(&self, set: &Together, ranked: &RankedSites) -> String {
        const NAMED: usize = 10;
        let named: Vec<String> = set
            .rows
            .iter()
            .take(NAMED)
            .map(|&row| ranked.name(row as usize).en)
            .collect();
        let more = match set.rows.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let cost = match (ranked.scenario.cost.is_some(), set.costs_unknown) {
            (false, _) => String::new(),
            (true, 0) => format!(", US${}", plain_number(set.cost)),
            (true, unknown) if unknown == set.rows.len() => ", cost not known".to_owned(),
            (true, unknown) => format!(
                ", US${} and the unknown cost of {unknown} of them",
                plain_number(set.cost)
            ),
        };
        let budget = match self.within_budget(set) {
            None => "",
            Some(true) => ", within the budget",
            Some(false) => ", over the budget",
        };
        format!(
            "{} sites ({}{more}) for {} households{cost}{budget}, mean score {:.3}",
            set.rows.len(),
            named.join(", "),
            plain(set.room),
            set.score
        )
    }

    /// Whether a set keeps the budget: `None` without one, or where an unknown cost leaves it open.
    pub fn within_budget(&self, set: &Together) -> Option<bool> {
        let budget = self.budget?;
        let keeps = phteah_planning::tolerance::at_most(set.cost, budget);
        (!keeps || set.costs_unknown == 0).then_some(keeps)
    }
}

fn plain(number: u64) -> String {
    plain_number(number as f64)
}
