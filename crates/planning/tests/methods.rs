//! Published figures for every method, held here so that they always run.
// Exact figures are meant where they are compared exactly.
#![allow(clippy::float_cmp)]

use phteah_planning::methods::promethee::{Preference, flows};
use phteah_planning::methods::topsis::closeness;
use phteah_planning::methods::vikor::vikor;
use phteah_planning::methods::{Normalisation, spotis};
use phteah_planning::rank;
use phteah_planning::value::Goal::{self, Max, Min};

fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found_one, expected_one) in found.iter().zip(expected) {
        assert!(
            (found_one - expected_one).abs() <= tolerance,
            "{found:?} is not {expected:?}"
        );
    }
}

/// Rows to columns.
fn columns(rows: &[&[f64]]) -> Vec<Vec<f64>> {
    (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column]).collect())
        .collect()
}

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// Tzeng & Huang 2011.
const TZENG: [&[f64]; 4] = [
    &[5.0, 8.0, 4.0],
    &[7.0, 6.0, 8.0],
    &[8.0, 8.0, 6.0],
    &[7.0, 4.0, 6.0],
];
const TZENG_SHARES: [f64; 3] = [0.3, 0.4, 0.3];

#[test]
fn topsis_tzeng_huang() {
    let columns = columns(&TZENG);
    let scores = closeness(&slices(&columns), &[Max; 3], &TZENG_SHARES, Normalisation::Vector);
    near(&scores, &[0.5037, 0.6581, 0.7482, 0.334], 5e-4);
    assert_eq!(rank::descending(&scores).ranks, [3, 2, 1, 4]);
}

#[test]
fn vikor_tzeng_huang() {
    let columns = columns(&TZENG);
    let result = vikor(&slices(&columns), &[Max; 3], &TZENG_SHARES, 0.5);
    near(&result.s, &[0.6, 0.3, 0.15, 0.65], 1e-9);
    near(&result.r, &[0.3, 0.2, 0.15, 0.4], 1e-9);
    near(&result.q, &[0.75, 0.25, 0.0, 1.0], 1e-9);
    assert!(!result.acceptable_advantage);
    assert!(result.acceptable_stability);
    assert_eq!(result.compromise, [1, 2]);
}

#[test]
fn the_winner_changes_with_the_normalisation_opricovic_tzeng() {
    let columns = columns(&[&[1.0, 3000.0], &[2.0, 3750.0], &[5.0, 4500.0]]);
    let (columns, goals, shares) = (slices(&columns), [Min, Max], [0.5, 0.5]);
    near(
        &closeness(&columns, &goals, &shares, Normalisation::MinMax),
        &[0.5, 0.617, 0.5],
        5e-3,
    );
    near(
        &closeness(&columns, &goals, &shares, Normalisation::Vector),
        &[0.7621, 0.7222, 0.2379],
        5e-4,
    );
    let result = vikor(&columns, &goals, &shares, 0.5);
    near(&result.q, &[1.0, 0.0, 1.0], 1e-12);
    assert!(result.acceptable_advantage);
    assert_eq!(result.compromise, [1]);
}

#[test]
fn promethee_zhao() {
    let columns = columns(&[&[4.0, 3.0, 2.0], &[3.0, 2.0, 4.0], &[5.0, 1.0, 3.0]]);
    let flows = flows(
        &slices(&columns),
        &[Max; 3],
        &[0.5, 0.3, 0.2],
        &[Preference::Usual; 3],
    );
    near(&flows.phi, &[0.1, -0.3, 0.2], 1e-12);
    near(&flows.phi_plus, &[0.55, 0.35, 0.6], 1e-12);
    near(&flows.phi_minus, &[0.45, 0.65, 0.4], 1e-12);
}

/// Dezert, Tchamova, Han & Tacnet 2020, first example.
#[test]
fn spotis_dezert() {
    let rows: [&[f64]; 4] = [
        &[10.5, -3.1, 1.7],
        &[-4.7, 0.0, 3.4],
        &[8.1, 0.3, 1.3],
        &[3.2, 7.3, -5.3],
    ];
    let columns = columns(&rows);
    let bounds = [[-5.0, 12.0], [-6.0, 10.0], [-8.0, 5.0]];
    let distances = spotis::distances(&slices(&columns), &[Max, Min, Max], &[0.2, 0.3, 0.5], &bounds);
    near(&distances, &[0.1989, 0.3705, 0.3063, 0.7491], 5e-4);
    assert_eq!(rank::ascending(&distances).ranks, [1, 3, 2, 4]);
}

const PREFERENCES: [Preference; 5] = [
    Preference::Usual,
    Preference::UShape { q: 0.13 },
    Preference::VShape { p: 0.4 },
    Preference::Level { q: 0.1, p: 0.3 },
    Preference::Linear { q: 0.05, p: 0.45 },
];

/// The definition, pair by pair.
fn flows_by_pairs(column: &[f64], goal: Goal, preference: Preference) -> (Vec<f64>, Vec<f64>) {
    let others = (column.len() - 1) as f64;
    let turned: Vec<f64> = column
        .iter()
        .map(|number| if goal == Max { *number } else { -number })
        .collect();
    let toward = |own: f64, sign: f64| {
        turned
            .iter()
            .map(|other| preference.over(sign * own, sign * other))
            .sum::<f64>()
            / others
    };
    turned
        .iter()
        .map(|own| (toward(*own, 1.0), toward(*own, -1.0)))
        .unzip()
}

/// A sequence without pattern, with repeats.
fn scattered(rows: usize, grain: u64) -> Vec<f64> {
    let mut state = 0x9e37_79b9_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % grain) as f64 / grain as f64
    };
    (0..rows).map(|_| next()).collect()
}

#[test]
fn sorting_gives_the_flows_of_the_definition() {
    for grain in [7, 1000, 1 << 30] {
        let column = scattered(257, grain);
        for goal in [Max, Min] {
            for preference in PREFERENCES.into_iter().chain([Preference::Gaussian { s: 0.2 }]) {
                let (plus, minus) = flows_by_pairs(&column, goal, preference);
                let found = flows(&[&column], &[goal], &[1.0], &[preference]);
                near(&found.phi_plus, &plus, 1e-12);
                near(&found.phi_minus, &minus, 1e-12);
            }
        }
    }
}

#[test]
fn sorting_keeps_its_precision_far_from_zero() {
    let column: Vec<f64> = scattered(1000, 1 << 20)
        .iter()
        .map(|number| 1e9 + number)
        .collect();
    let preference = Preference::Linear { q: 0.0625, p: 0.5 };
    let (plus, _) = flows_by_pairs(&column, Max, preference);
    near(
        &flows(&[&column], &[Max], &[1.0], &[preference]).phi_plus,
        &plus,
        1e-9,
    );
}

/// Every method over columns that are hard to take.
fn every_method(columns: &[&[f64]], shares: &[f64]) -> Vec<Vec<f64>> {
    let goals = vec![Max; columns.len()];
    let vikor = vikor(columns, &goals, shares, 0.5);
    let mut all = vec![
        closeness(columns, &goals, shares, Normalisation::Vector),
        closeness(columns, &goals, shares, Normalisation::MinMax),
        spotis::distances(columns, &goals, shares, &vec![[0.0, 10.0]; columns.len()]),
        vikor.s,
        vikor.r,
        vikor.q,
    ];
    for preference in PREFERENCES.into_iter().chain([Preference::Gaussian { s: 0.2 }]) {
        all.push(flows(columns, &goals, shares, &vec![preference; columns.len()]).phi);
    }
    all
}

#[test]
fn nothing_degenerate_gives_nan() {
    let cases: [&[&[f64]]; 7] = [
        &[&[5.0, 5.0, 5.0], &[1.0, 2.0, 3.0]],
        &[&[5.0, 5.0, 5.0], &[5.0, 5.0, 5.0]],
        &[&[0.0, 0.0], &[0.0, 0.0]],
        &[&[3.0]],
        &[&[]],
        &[&[1e150, -1e150, 0.0], &[1e-300, 2e-300, 5e-324]],
        &[],
    ];
    for columns in cases {
        for weight in [0.0, 1.0] {
            let shares = vec![weight / columns.len().max(1) as f64; columns.len()];
            for scores in every_method(columns, &shares) {
                assert!(
                    scores.iter().all(|score| score.is_finite()),
                    "{columns:?} {weight}: {scores:?}"
                );
            }
        }
    }
}

#[test]
fn ties_share_the_better_rank() {
    let order = rank::descending(&[0.3, 0.1 + 0.2, 0.9, 0.1]);
    assert_eq!(order.ranks, [2, 2, 1, 4], "0.1 + 0.2 ties with 0.3");
    assert_eq!(order.rows, [2, 0, 1, 3]);
    assert_eq!(rank::ascending(&[0.0, -0.0, -1.0]).ranks, [2, 2, 1]);
}
