//! Sites that together hold everybody, within a budget: against trying every set, and for as many sites as a city has.
// Exact figures are meant where they are compared exactly.
#![allow(clippy::float_cmp)]

use phteah_planning::together::{Offer, best_within, cheapest};
use proptest::prelude::*;

fn offer(row: u32, room: u32, cost: Option<f64>, score: f64) -> Offer {
    Offer {
        row,
        room,
        cost,
        score,
    }
}

#[test]
fn within_a_budget_the_best_that_it_pays_for() {
    let offers = [
        offer(0, 50, Some(500.0), 0.9),
        offer(1, 50, Some(250.0), 0.8),
        offer(2, 50, Some(100.0), 0.3),
        offer(3, 50, None, 0.2),
    ];
    let within = |budget: f64| best_within(&offers, 100, budget, cheapest(&offers, 100).as_ref());
    let rows = |budget: f64| within(budget).map(|set| (set.rows, set.cost, set.gap));
    assert_eq!(
        rows(750.0),
        Some((vec![0, 1], 750.0, 0.0)),
        "the budget itself is kept"
    );
    assert_eq!(rows(749.0), Some((vec![0, 2], 600.0, 0.0)));
    assert_eq!(rows(599.0), Some((vec![1, 2], 350.0, 0.0)));
    assert_eq!(rows(349.0), None);
    assert_eq!(best_within(&offers, 0, 1e9, None), None);
    assert_eq!(
        best_within(&offers, 151, 1e9, None),
        None,
        "no room among those of known cost"
    );
    let score = within(749.0).map(|set| set.score);
    assert!(score.is_some_and(|score| (score - 0.6).abs() < 1e-12));
    // A site that need not be filled is paid for whole all the same.
    let part = best_within(&offers, 60, 600.0, None);
    assert_eq!(part.map(|set| (set.rows, set.cost)), Some((vec![0, 2], 600.0)));
}

/// Sites of a city whose costs follow the score, as land near the centre does.
fn city(sites: u32) -> Vec<Offer> {
    let mut state = 7_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from((state >> 40) as u32) / f64::from(1_u32 << 24)
    };
    let mut offers: Vec<Offer> = (0..sites)
        .map(|row| {
            let (score, room) = (draw(), 10 + (draw() * 150.0) as u32);
            let each = 3000.0 + 4000.0 * score + 800.0 * draw();
            offer(row, room, Some(each * f64::from(room)), score)
        })
        .collect();
    offers.sort_by(|left, right| right.score.total_cmp(&left.score));
    offers
}

#[test]
fn the_sites_of_a_city_are_solved_exactly() {
    let offers = city(300);
    for (need, each) in [(427, 4600.0), (427, 6500.0), (1500, 5200.0)] {
        let budget = each * need as f64;
        let found =
            best_within(&offers, need, budget, cheapest(&offers, need).as_ref()).expect("there is one");
        assert!(found.cost <= budget && found.room >= need);
        assert_eq!(found.gap, 0.0, "{need} households at {each}");
    }
}

#[test]
fn what_is_not_solved_to_the_end_is_told() {
    let offers = city(4000);
    let (need, budget) = (2500, 5200.0 * 2500.0);
    let found = best_within(&offers, need, budget, cheapest(&offers, need).as_ref()).expect("there is one");
    assert!(found.cost <= budget && found.room >= need);
    assert!((0.0..0.02).contains(&found.gap), "{}", found.gap);
}

proptest! {
    #[test]
    fn the_best_within_a_budget_is_that_of_all_subsets(
        sites in prop::collection::vec((1_u32..40, 0_u32..200, 0_u32..100), 1..11),
        need in 1_u64..200,
        budget in 0_u32..800,
    ) {
        let mut offers: Vec<Offer> = sites.iter().zip(0..)
            .map(|((room, cost, score), row)| offer(row, *room, Some(f64::from(*cost)), f64::from(*score) / 100.0))
            .collect();
        offers.sort_by(|left, right| right.score.total_cmp(&left.score));
        let value = |set: u32| {
            let chosen: Vec<Offer> = offers.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1).map(|(_, one)| *one).collect();
            let room: u64 = chosen.iter().map(|one| u64::from(one.room)).sum();
            let cost: f64 = chosen.iter().filter_map(|one| one.cost).sum();
            let (mut left, mut sum) = (need, 0.0);
            for one in &chosen {
                let moved = left.min(u64::from(one.room));
                sum += one.score * moved as f64;
                left -= moved;
            }
            (room >= need && cost <= f64::from(budget)).then_some(sum / need as f64)
        };
        let by_trying = (0_u32..1 << offers.len()).filter_map(value).reduce(f64::max);
        for start in [None, cheapest(&offers, need)] {
            let found = best_within(&offers, need, f64::from(budget), start.as_ref());
            prop_assert_eq!(found.is_some(), by_trying.is_some());
            if let Some((found, best)) = found.zip(by_trying) {
                prop_assert!((found.score - best).abs() < 1e-9, "{} instead of {}", found.score, best);
                prop_assert!(found.room >= need && found.cost <= f64::from(budget));
                prop_assert_eq!(found.gap, 0.0);
            }
        }
    }
}
