//! Sites that together have room for everybody who would move: the cheapest such set, the best, and the best within a
//! budget.

mod budget;

use serde::{Deserialize, Serialize};

use crate::tolerance::at_most;

pub use budget::best_within;

/// One site that could be taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// Row of the ranking.
    pub row: u32,
    /// Households that it holds.
    pub room: u32,
    /// What all of it costs, US dollars; `None` where that is not known.
    pub cost: Option<f64>,
    /// Its score.
    pub score: f64,
}

/// Sites that together hold at least as many households as would move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Together {
    /// Rows of the ranking, in its order.
    pub rows: Vec<u32>,
    /// Households that they hold.
    pub room: u64,
    /// What they cost together, as far as that is known, US dollars.
    pub cost: f64,
    /// How many of them have a cost that is not known; it is in no sum.
    pub costs_unknown: usize,
    /// Mean score over the households that would move, the better sites filled first.
    pub score: f64,
    /// By how much a better answer may differ, as a share of this one: 0 where this one is proved to be the best there is.
    pub gap: f64,
}

/// Table cells that a person can wait for: sites × households.
const MOST_CELLS: u64 = 100_000_000;

/// The set of the greatest mean score over `need` households: the best-scored sites until there is room. Exact, because the
/// last of them need not be filled. `None` where all together hold fewer.
///
/// `offers` must come in the order of the ranking, best first.
pub fn best(offers: &[Offer], need: u64) -> Option<Together> {
    let mut taken = Vec::new();
    let mut room = 0;
    for offer in offers.iter().filter(|offer| offer.room > 0) {
        if room >= need {
            break;
        }
        room += u64::from(offer.room);
        taken.push(*offer);
    }
    (need > 0 && room >= need).then(|| of(&taken, need, 0.0))
}

/// The cheapest set that holds `need` households, among sites of known cost. `None` where these together hold fewer.
///
/// A minimum knapsack: solved exactly by dynamic programming over the households where sites × households are no more than
/// a hundred million; beyond that by filling up the cheapest room first, with the distance from the relaxed problem's bound
/// as the gap.
///
/// `offers` must come in the order of the ranking, best first; of equally cheap sets the choice depends on nothing else.
pub fn cheapest(offers: &[Offer], need: u64) -> Option<Together> {
    let known: Vec<(Offer, f64)> = offers
        .iter()
        .filter(|offer| offer.room > 0)
        .filter_map(|offer| Some((*offer, offer.cost?)))
        .collect();
    let room: u64 = known.iter().map(|(offer, _)| u64::from(offer.room)).sum();
    if need == 0 || room < need {
        return None;
    }
    let (taken, gap) = if (known.len() as u64).saturating_mul(need) <= MOST_CELLS {
        (by_table(&known, need as usize), 0.0)
    } else {
        by_cheapest_room(&known, need)
    };
    let taken: Vec<Offer> = taken.into_iter().map(|index| known[index].0).collect();
    Some(of(&taken, need, gap))
}

/// The least cost of each number of households, site by site. Beside it one bit for each site and number: whether the least
/// cost takes that site.
fn by_table(known: &[(Offer, f64)], need: usize) -> Vec<usize> {
    let mut least = vec![f64::INFINITY; need + 1];
    least[0] = 0.0;
    let words = (need + 1).div_ceil(64);
    let mut takes = vec![0_u64; words * known.len()];
    for (index, (offer, cost)) in known.iter().enumerate() {
        let takes = &mut takes[index * words..(index + 1) * words];
        let room = offer.room as usize;
        // Downwards, so that each site is taken once.
        for households in (1..=need).rev() {
            let with = least[households.saturating_sub(room)] + cost;
            if with < least[households] {
                least[households] = with;
                takes[households / 64] |= 1 << (households % 64);
            }
        }
    }
    let (mut taken, mut left) = (Vec::new(), need);
    for index in (0..known.len()).rev() {
        if left > 0 && takes[index * words + left / 64] >> (left % 64) & 1 == 1 {
            taken.push(index);
            left = left.saturating_sub(known[index].0.room as usize);
        }
    }
    taken.reverse();
    taken
}

/// The cheapest room first; then what turns out not to be needed is left out again, the dearest first.
fn by_cheapest_room(known: &[(Offer, f64)], need: u64) -> (Vec<usize>, f64) {
    let each = |index: &usize| known[*index].1 / f64::from(known[*index].0.room);
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.sort_by(|left, right| each(left).total_cmp(&each(right)).then(left.cmp(right)));
    let (mut taken, mut room, mut bound) = (Vec::new(), 0_u64, 0.0);
    for index in order {
        let (offer, cost) = known[index];
        let wanted = need - room;
        // The relaxed problem may take a part of the last site.
        bound += cost * (wanted as f64 / f64::from(offer.room)).min(1.0);
        room += u64::from(offer.room);
        taken.push(index);
        if room >= need {
            break;
        }
    }
    taken.sort_by(|left, right| known[*right].1.total_cmp(&known[*left].1).then(left.cmp(right)));
    taken.retain(|index| {
        let own = u64::from(known[*index].0.room);
        let spare = room - own >= need;
        if spare {
            room -= own;
        }
        !spare
    });
    taken.sort_unstable();
    let cost: f64 = taken.iter().map(|index| known[*index].1).sum();
    let gap = if at_most(cost, bound) {
        0.0
    } else {
        (cost - bound) / cost
    };
    (taken, gap)
}

fn of(taken: &[Offer], need: u64, gap: f64) -> Together {
    let mut left = need;
    let mut sum = 0.0;
    for offer in taken {
        let moved = left.min(u64::from(offer.room));
        sum += offer.score * moved as f64;
        left -= moved;
    }
    Together {
        rows: taken.iter().map(|offer| offer.row).collect(),
        room: taken.iter().map(|offer| u64::from(offer.room)).sum(),
        cost: taken.iter().filter_map(|offer| offer.cost).sum(),
        costs_unknown: taken.iter().filter(|offer| offer.cost.is_none()).count(),
        score: sum / need as f64,
        gap,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer(row: u32, room: u32, cost: Option<f64>, score: f64) -> Offer {
        Offer {
            row,
            room,
            cost,
            score,
        }
    }

    #[test]
    fn several_sites_together_hold_what_none_holds_alone() {
        let offers = [
            offer(3, 45, Some(90.0), 0.9),
            offer(1, 60, None, 0.8),
            offer(0, 100, Some(150.0), 0.5),
            offer(2, 40, Some(40.0), 0.4),
        ];
        let best = best(&offers, 100).expect("there is room");
        assert_eq!((best.rows.as_slice(), best.room), (&[3, 1][..], 105));
        assert_eq!(
            (best.cost, best.costs_unknown),
            (90.0, 1),
            "an unknown cost is no 0"
        );
        assert!((best.score - (45.0 * 0.9 + 55.0 * 0.8) / 100.0).abs() < 1e-12);
        let cheapest = cheapest(&offers, 100).expect("there is room");
        assert_eq!(
            (cheapest.rows.as_slice(), cheapest.cost, cheapest.gap),
            (&[0][..], 150.0, 0.0)
        );
        assert_eq!(
            super::cheapest(&offers, 186),
            None,
            "no room among those of known cost"
        );
        assert_eq!(super::best(&offers, 246), None);
        assert_eq!(super::best(&offers, 0), None);
    }

    proptest! {
        #[test]
        fn the_cheapest_set_is_that_of_all_subsets(sites in prop::collection::vec((1_u32..40, 0_u32..200), 1..11), need in 1_u64..200) {
            let offers: Vec<Offer> = sites.iter().zip(0..).map(|((room, cost), row)| offer(row, *room, Some(f64::from(*cost)), 0.5)).collect();
            let by_trying: Option<u32> = (0_u32..1 << sites.len())
                .filter_map(|set| {
                    let chosen = || sites.iter().enumerate().filter(move |(index, _)| set >> index & 1 == 1).map(|(_, site)| site);
                    let room: u64 = chosen().map(|(room, _)| u64::from(*room)).sum();
                    (room >= need).then(|| chosen().map(|(_, cost)| cost).sum())
                })
                .min();
            let found = cheapest(&offers, need);
            prop_assert_eq!(found.as_ref().map(|found| found.cost), by_trying.map(f64::from));
            if let Some(found) = found {
                prop_assert!(found.room >= need);
                let known: Vec<(Offer, f64)> = offers.iter().map(|offer| (*offer, offer.cost.unwrap_or_default())).collect();
                let (taken, gap) = by_cheapest_room(&known, need);
                let cost: f64 = taken.iter().map(|index| known[*index].1).sum();
                prop_assert!(taken.iter().map(|index| u64::from(known[*index].0.room)).sum::<u64>() >= need);
                prop_assert!(cost * (1.0 - gap) <= found.cost + 1e-9, "the gap holds the best there is");
            }
        }
    }
}
