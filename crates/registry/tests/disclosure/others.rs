//! Areas that overlap, sums of few, medians of few, and noise: what an attacker makes of them.

use std::collections::{BTreeMap, BTreeSet};

use phteah_registry::disclosure::fact::Fact;
use phteah_registry::disclosure::history::History;
use phteah_registry::disclosure::perturb::{MOST_NOISE, Perturbed};
use phteah_registry::disclosure::protect::protect;
use phteah_registry::disclosure::read::breakdowns;
use phteah_registry::disclosure::records::RecordsFile;
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::disclosure::sums::{MOST_OF_TWO, PROTECTION, median, sum_tells};
use phteah_registry::disclosure::table::Table;
use phteah_registry::table::Named;

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome};

use crate::made::{Random, flat, spread};

/// The interval of a finest cell for an attacker who has the published counts of a table of two breakdowns, and sums over sets of its cells.
fn interval(table: &Table, hidden: &[bool], facts: &[Fact], cell: usize) -> (f64, f64) {
    let leaves: Vec<usize> = (0..table.len()).filter(|&one| table.is_leaf(one)).collect();
    let solve = |direction| {
        let mut problem = Problem::new(direction);
        let variables: Vec<_> = leaves
            .iter()
            .map(|&leaf| problem.add_var(if leaf == cell { 1.0 } else { 0.0 }, (0.0, 100_000.0)))
            .collect();
        let mut known: Vec<Vec<usize>> = (0..table.len())
            .filter(|&one| !hidden[one])
            .map(|one| table.leaves_of(one))
            .collect();
        known.extend(facts.iter().map(|fact| fact.cells(table)));
        for cells in known {
            let sum: u64 = cells.iter().map(|&one| table.values()[one]).sum();
            let terms: Vec<_> = leaves
                .iter()
                .zip(&variables)
                .filter(|(leaf, _)| cells.contains(leaf))
                .map(|(_, variable)| (*variable, 1.0))
                .collect();
            problem.add_constraint(&terms[..], ComparisonOp::Eq, sum as f64);
        }
        match problem.solve().expect("the truth fits") {
            SolveOutcome::Solution(solution) => solution.objective(),
            SolveOutcome::Interrupted(_) => panic!("nothing interrupts it"),
        }
    };
    (
        solve(OptimizationDirection::Minimize),
        solve(OptimizationDirection::Maximize),
    )
}

/// A settlement that lies across two sangkats was counted by itself, and its number is known: with it, what is hidden must still be wide.
#[test]
fn a_settlement_across_sangkats_tells_nothing_more() {
    let (mut tables, mut refused) = (0, 0);
    for number in 0..60 {
        let mut random = Random(40 + number);
        let table = spread(
            vec![flat("sangkat", 6), flat("kind", 3)],
            120 + 40 * (number % 7),
            2.0,
            &mut random,
        );
        // Two neighbours, all kinds; and one kind in three of the sangkats.
        let mut history = History::none(&table);
        let first = random.below(5) as usize;
        history.facts = vec![
            Fact {
                leaves: vec![vec![first, first + 1], vec![0, 1, 2]],
            },
            Fact {
                leaves: vec![vec![0, 2, 4], vec![random.below(3) as usize]],
            },
        ];
        let Ok(protected) = protect(&table, Rules::default(), &history) else {
            refused += 1;
            continue;
        };
        tables += 1;
        let hidden: Vec<bool> = protected.reasons.iter().map(Option::is_some).collect();
        for cell in (0..table.len()).filter(|&cell| hidden[cell] && table.is_leaf(cell)) {
            let (lowest, highest) = interval(&table, &hidden, &history.facts, cell);
            assert!(
                highest - lowest >= 10.0 - 1e-6,
                "table {number}, {}: {lowest} to {highest}",
                table.name(cell)
            );
        }
    }
    assert!(tables > refused, "{tables} tables, {refused} refused");
}

#[test]
fn who_gave_the_second_most_cannot_tell_who_gave_the_most() {
    let rules = Rules::default();
    let mut told = 0;
    for number in 0..2_000 {
        let mut random = Random(number);
        let count = 5 + random.below(30);
        let mut amounts: Vec<f64> = (0..count)
            .map(|_| (6.0 * random.share()).exp() * (1.0 + random.share()))
            .collect();
        if sum_tells(&amounts, rules).is_some() {
            continue;
        }
        told += 1;
        amounts.sort_by(|one, other| other.total_cmp(one));
        let sum: f64 = amounts.iter().sum();
        // He takes his own away from the sum: what is left is at most so near to the largest.
        let guess = sum - amounts[1];
        assert!(guess - amounts[0] >= PROTECTION * amounts[0] - 1e-9);
        assert!(amounts[0] + amounts[1] <= MOST_OF_TWO * sum + 1e-9);
        assert!(amounts.len() >= 10);
    }
    assert!(told > 100, "{told}");
}

#[test]
fn a_median_is_told_of_many_and_moves_little_with_one() {
    let rules = Rules::default();
    for number in 0..500 {
        let mut random = Random(77 + number);
        let count = 10 + random.below(60) as usize;
        let answers: Vec<f64> = (0..count).map(|_| random.below(120) as f64).collect();
        let Some(told) = median(&answers, rules) else {
            assert!(count < 20 || answers.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq()));
            continue;
        };
        assert!(count >= 20);
        // Whatever one family says instead: it moves by a tenth of the answers' width at most.
        for other in [0.0, 119.0] {
            let mut changed = answers.clone();
            changed[0] = other;
            let then = median(&changed, rules).expect("as many as before");
            assert!((then - told).abs() <= 120.0 / 10.0, "{told} and {then}");
        }
    }
}

/// A table of families with their keys, by two columns.
fn perturbed_table(families: &[(u32, u64, u64)]) -> BTreeMap<Vec<String>, u64> {
    let mut text = String::from("id,khan,sangkat,kind\n");
    for (key, place, kind) in families {
        text.push_str(&format!("{key},khan {},sangkat {place},kind {kind}\n", place / 3));
    }
    let file = Named {
        name: "families.csv",
        text: &text,
    };
    let records =
        RecordsFile::read(file, breakdowns("khan>sangkat,kind").expect("breakdowns"), "id").expect("a file");
    let table = Perturbed::of(&records, |id| {
        id.parse::<u32>().expect("a number").wrapping_mul(2_654_435_769)
    })
    .expect("a table");
    let cells = table.cells().map(|(labels, count)| {
        let names = labels.into_iter().map(|(_, name)| name.to_owned());
        (names.collect(), count)
    });
    cells.collect()
}

#[test]
fn noise_is_the_same_for_the_same_families_and_hides_who_came() {
    let mut differences = BTreeSet::new();
    for number in 0..200 {
        let mut random = Random(5 + number);
        let mut families: Vec<(u32, u64, u64)> = (0..300)
            .map(|_| (random.next() as u32, random.below(9), random.below(4)))
            .collect();
        let all = perturbed_table(&families);
        families.reverse();
        assert_eq!(all, perturbed_table(&families));
        let mut exact: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for (_, place, kind) in &families {
            let khan = format!("khan {}", place / 3);
            let places = [
                ["total", "total"],
                [&khan, "total"],
                [&khan, &format!("sangkat {place}")],
            ];
            for place in places.map(|two| two.map(str::to_owned)) {
                for kind in ["total".to_owned(), format!("kind {kind}")] {
                    *exact.entry([&place[..], &[kind]].concat()).or_default() += 1;
                }
            }
        }
        for (names, &count) in &all {
            let exact = exact.get(names).copied().unwrap_or_default();
            assert!(count == 0 || count >= 10, "{names:?} is told as {count}");
            assert!(
                count.abs_diff(exact) <= MOST_NOISE || exact < 10 + MOST_NOISE,
                "{names:?}"
            );
        }
        let total = vec!["total".to_owned(); 3];
        let (last, others) = families.split_last().expect("families");
        let without = perturbed_table(others);
        differences.insert(all[&total] as i64 - without[&total] as i64);
        // Where the family was not, nothing has changed.
        let untouched = |names: &&Vec<String>| names[2] != "total" && names[2] != format!("kind {}", last.2);
        for names in all.keys().filter(untouched) {
            assert_eq!(all.get(names), without.get(names));
        }
    }
    // That one family more was there is hidden in differences from far below zero to far above.
    assert!(differences.first().is_some_and(|least| *least <= -8));
    assert!(differences.last().is_some_and(|most| *most >= 8));
}
