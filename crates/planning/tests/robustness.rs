//! Robustness: shares that add up, the same result on any number of threads, swaps that are exact and smallest.
// Exact figures are meant where they are compared exactly.
#![allow(clippy::float_cmp)]

use phteah_planning::robustness::draws::Knowledge;
use phteah_planning::robustness::pairwise::winning_shares;
use phteah_planning::robustness::pareto::{front, is_on_front};
use phteah_planning::robustness::smaa::{Request, Smaa, smaa, smaa_of};
use phteah_planning::robustness::swap::smallest_swap;
use phteah_planning::robustness::{RobustnessError, Values};
use proptest::prelude::*;

fn request(knowledge: Knowledge, draws: u32, ranks: usize) -> Request {
    Request {
        knowledge,
        draws,
        seed: 7,
        ranks,
    }
}

fn exact(columns: &[&[f64]]) -> Values {
    Values::exact(columns.iter().map(|column| column.to_vec()).collect()).expect("equally long")
}

fn run(values: &Values, request: &Request) -> Smaa {
    smaa(values, request).expect("fits")
}

/// Two criteria: A wins while the first weighs more than a half, B otherwise, C never.
#[test]
fn acceptability_of_a_case_that_can_be_worked_out_by_hand() {
    let values = exact(&[&[1.0, 0.0, 0.2], &[0.0, 1.0, 0.2]]);
    let result = run(&values, &request(Knowledge::Nothing, 20_000, 3));
    assert!((result.acceptability[0][0] - 0.5).abs() < 0.01);
    assert!((result.acceptability[1][0] - 0.5).abs() < 0.01);
    assert_eq!(result.acceptability[2][0], 0.0);
    assert!(
        (result.acceptability[2][1] - 0.4).abs() < 0.01,
        "second while one of the two weighs under 0.2"
    );
    let central = result.central[0].as_ref().expect("comes first");
    assert!((central[0] - 0.75).abs() < 0.01, "the mean of 0.5..1");
    assert_eq!(result.central[2], None);
    assert_eq!(result.confidence, [Some(1.0), Some(1.0), None]);
}

#[test]
fn order_alone_keeps_the_order() {
    let values = exact(&[&[1.0, 0.0], &[0.0, 1.0]]);
    let result = run(
        &values,
        &request(Knowledge::Order { places: vec![1, 2] }, 1000, 1),
    );
    assert_eq!(result.acceptability, [[1.0], [0.0]]);
    let central = result.central[0].as_ref().expect("comes first");
    assert!((central[0] - 0.75).abs() < 0.02);
    let open = run(
        &values,
        &request(Knowledge::Order { places: vec![1, 1] }, 20_000, 1),
    );
    assert!((open.acceptability[0][0] - 0.5).abs() < 0.02);
}

#[test]
fn around_given_weights_stays_around_them() {
    let values = exact(&[&[1.0, 0.0], &[0.0, 1.0]]);
    let weights = vec![60.0, 40.0];
    let near = Knowledge::Around {
        weights: weights.clone(),
        spread: 0.1,
    };
    assert_eq!(run(&values, &request(near, 1000, 1)).acceptability[0], [1.0]);
    let far = Knowledge::Around { weights, spread: 0.9 };
    let share = run(&values, &request(far, 1000, 1)).acceptability[0][0];
    assert!(share > 0.5 && share < 1.0, "{share}");
}

#[test]
fn doubt_about_measures_shows_in_the_confidence() {
    let low = vec![vec![0.4, 0.5, 0.0], vec![0.4, 0.5, 0.0]];
    let high = vec![vec![0.8, 0.5, 0.0], vec![0.8, 0.5, 0.0]];
    let values = Values::between(low, &high).expect("equally long");
    let result = run(&values, &request(Knowledge::Nothing, 5000, 3));
    let (first, second) = (result.acceptability[0][0], result.acceptability[1][0]);
    assert!(
        first > 0.7 && second > 0.1 && (first + second - 1.0).abs() < 1e-9,
        "{first} {second}"
    );
    assert!(result.confidence[0].expect("comes first") < 1.0);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let columns: Vec<Vec<f64>> = (0..5)
        .map(|c| {
            (0..301)
                .map(|r| f64::from((r * 37 + c * 101) % 97) / 96.0)
                .collect()
        })
        .collect();
    let mut high = columns.clone();
    for row in (0..301).step_by(7) {
        high[2][row] = 1.0;
    }
    for values in [
        Values::exact(columns.clone()).expect("fits"),
        Values::between(columns, &high).expect("fits"),
    ] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("starts");
            pool.install(|| run(&values, &request(Knowledge::Nothing, 999, 20)))
        };
        let (one, many) = (on(1), on(5));
        assert_eq!(one, many);
    }
}

#[test]
fn ties_share_the_better_rank_in_every_draw() {
    let values = exact(&[&[0.5, 0.5, 0.1], &[0.5, 0.5, 0.1]]);
    let result = run(&values, &request(Knowledge::Nothing, 100, 3));
    assert_eq!(
        result.acceptability,
        [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    );
    assert_eq!(
        run(&values, &request(Knowledge::Nothing, 100, 1)).acceptability,
        [[1.0], [1.0], [0.0]]
    );
}

#[test]
fn winning_shares_of_a_pair_and_its_mirror_add_up() {
    let values = exact(&[&[1.0, 0.0, 1.0], &[0.0, 1.0, 0.0]]);
    let shares = winning_shares(&values, &[0, 1, 2], &Knowledge::Nothing, 4000, 3).expect("fits");
    assert!((shares[0][1] + shares[1][0] - 1.0).abs() < 1e-12);
    assert_eq!((shares[0][2], shares[2][0], shares[0][0]), (0.0, 0.0, 0.0));
}

#[test]
fn bad_requests_are_refused() {
    let values = exact(&[&[1.0], &[0.0]]);
    let refused = |knowledge, draws| smaa(&values, &request(knowledge, draws, 1)).expect_err("is wrong");
    assert_eq!(refused(Knowledge::Nothing, 0), RobustnessError::Draws(0));
    assert_eq!(
        refused(Knowledge::Nothing, u32::MAX),
        RobustnessError::Draws(u32::MAX)
    );
    assert!(matches!(
        refused(Knowledge::Order { places: vec![1] }, 1),
        RobustnessError::Shape(_)
    ));
    let around = |weights: Vec<f64>, spread| Knowledge::Around { weights, spread };
    assert_eq!(refused(around(vec![0.0, 0.0], 0.1), 1), RobustnessError::Weights);
    assert_eq!(refused(around(vec![1.0, -1.0], 0.1), 1), RobustnessError::Weights);
    assert_eq!(refused(around(vec![1.0, 1.0], 1.5), 1), RobustnessError::Spread);
    assert!(Values::exact(vec![vec![1.0], vec![]]).is_err());
}

#[test]
fn nothing_to_rank_gives_nothing() {
    let result = run(&exact(&[&[], &[]]), &request(Knowledge::Nothing, 10, 5));
    assert!(result.acceptability.is_empty() && result.central.is_empty());
}

#[test]
fn a_swap_worked_out_by_hand() {
    let swap = smallest_swap(&[0.7, 0.3], &[1.0, 0.0], &[0.0, 1.0]).expect("can swap");
    assert!((swap.weights[0] - 0.5).abs() < 1e-12 && (swap.distance - 0.08_f64.sqrt()).abs() < 1e-12);
    assert!((swap.one_weight[0].to - 0.5).abs() < 1e-12 && swap.can_overtake);
}

#[test]
fn who_is_better_throughout_cannot_be_swapped() {
    assert_eq!(smallest_swap(&[1.0, 1.0], &[0.9, 0.9], &[0.1, 0.2]), None);
    let level = smallest_swap(&[1.0, 1.0], &[0.9, 0.5], &[0.1, 0.5]).expect("can draw level");
    assert!(!level.can_overtake);
    assert!(level.weights[0].abs() < 1e-9 && (level.weights[1] - 1.0).abs() < 1e-9);
    assert_eq!(smallest_swap(&[0.0, 0.0], &[0.9, 0.9], &[0.1, 0.2]), None);
}

#[test]
fn the_front_leaves_out_who_is_beaten() {
    let columns: [&[f64]; 2] = [&[1.0, 0.0, 0.5, 0.4, 0.5], &[0.0, 1.0, 0.5, 0.4, 0.5]];
    assert_eq!(front(&columns), [0, 1, 2, 4], "equals do not beat each other");
    assert!(front(&[]).is_empty());
}

fn values_of(rows: usize, criteria: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    // A coarse grid, so that ties happen.
    let value = (0_u8..=8).prop_map(|eighth| f64::from(eighth) / 8.0);
    prop::collection::vec(prop::collection::vec(value, rows), criteria)
}

proptest! {
    #[test]
    fn shares_of_all_ranks_add_up_to_one(columns in values_of(6, 3), seed: u64) {
        let values = Values::exact(columns).expect("equally long");
        let result = smaa(&values, &Request { knowledge: Knowledge::Nothing, draws: 200, seed, ranks: 6 }).expect("fits");
        for row in &result.acceptability {
            prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        let first: f64 = result.acceptability.iter().map(|row| row[0]).sum();
        prop_assert!(first >= 1.0 - 1e-9, "somebody is first in every draw");
    }

    #[test]
    fn counting_the_top_alone_counts_the_same(columns in values_of(9, 3), ranks in 1_usize..9) {
        let values = Values::exact(columns).expect("equally long");
        let of = |ranks| run(&values, &request(Knowledge::Nothing, 50, ranks)).acceptability;
        for (few, all) in of(ranks).iter().zip(of(9)) {
            prop_assert_eq!(&few[..], &all[..ranks]);
        }
    }

    #[test]
    fn a_swap_ties_the_two_and_none_nearer_does(columns in values_of(2, 4), weights in prop::collection::vec(1_u8..10, 4), seed: u64) {
        let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
        let row = |row: usize| -> Vec<f64> { columns.iter().map(|column| column[row]).collect() };
        let (first, second) = (row(0), row(1));
        let shares = phteah_planning::weights::shares(&weights);
        let gain = |weights: &[f64]| -> f64 {
            weights.iter().zip(first.iter().zip(&second)).map(|(weight, (first, second))| weight * (first - second)).sum()
        };
        let Some(swap) = smallest_swap(&weights, &first, &second) else {
            prop_assert!(first.iter().zip(&second).all(|(first, second)| first > second)
                || first.iter().zip(&second).all(|(first, second)| first < second));
            return Ok(());
        };
        prop_assert!(gain(&swap.weights).abs() < 1e-9, "{:?}", swap);
        prop_assert!((swap.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(swap.weights.iter().all(|weight| *weight >= 0.0));
        for one in &swap.one_weight {
            let scale = (1.0 - one.to) / (1.0 - one.from);
            let moved: Vec<f64> = shares.iter().enumerate()
                .map(|(index, share)| if index == one.criterion { one.to } else { share * scale }).collect();
            prop_assert!(gain(&moved).abs() < 1e-9, "{one:?}");
        }
        // Other weights that tie: between any two points on either side of the tie lies one.
        let others = run(&exact(&[&[1.0], &[1.0], &[1.0], &[1.0]]), &Request { knowledge: Knowledge::Nothing, draws: 1, seed, ranks: 1 });
        let other = others.central[0].clone().expect("the only row is first");
        let (here, there) = (gain(&shares), gain(&other));
        if here * there < 0.0 {
            let along = here / (here - there);
            let tie: Vec<f64> = shares.iter().zip(&other).map(|(from, to)| from + along * (to - from)).collect();
            let distance = tie.iter().zip(&shares).map(|(tie, share)| (tie - share).powi(2)).sum::<f64>().sqrt();
            prop_assert!(swap.distance <= distance + 1e-9);
        }
    }

    #[test]
    fn the_front_is_what_its_definition_says(columns in values_of(12, 3)) {
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let at = |row: usize| -> Vec<f64> { columns.iter().map(|column| column[row]).collect() };
        let beaten = |row: usize| (0..12).any(|other| {
            at(other) != at(row) && at(other).iter().zip(at(row)).all(|(other, own)| *other >= own)
        });
        let expected: Vec<u32> = (0..12).filter(|row| !beaten(*row)).map(|row| row as u32).collect();
        prop_assert_eq!(front(&slices), expected);
        for row in 0..12 {
            prop_assert_eq!(is_on_front(&slices, row), !beaten(row));
        }
    }
}

#[test]
fn weightings_that_people_gave_count_like_drawn_ones() {
    let values = Values::exact(vec![vec![1.0, 0.0], vec![0.0, 1.0]]).expect("equally long");
    // Three people for the first criterion, one for the second, on scales of their own.
    let given = [3.0, 1.0, 60.0, 40.0, 1.0, 0.0, 0.2, 0.8];
    let found = smaa_of(&values, &given, 1, 2).expect("fits");
    assert_eq!(found.draws, 4);
    assert_eq!(found.acceptability, [[0.75, 0.25], [0.25, 0.75]]);
    assert!(smaa_of(&values, &given[..3], 1, 2).is_err());
    assert!(smaa_of(&values, &[], 1, 2).is_err());
    assert!(smaa_of(&values, &[0.0, 0.0], 1, 2).is_err());
    assert!(smaa_of(&values, &[1.0, f64::NAN], 1, 2).is_err());
}
