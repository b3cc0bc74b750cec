//! One release: hundreds of random tables, none of which tells.

use phteah_registry::disclosure::dimension::Dimension;
use phteah_registry::disclosure::history::History;
use phteah_registry::disclosure::protect::{Protected, protect};
use phteah_registry::disclosure::rules::{Reason, Rules};
use phteah_registry::disclosure::table::Table;

use crate::attacker::{interval, try_all};
use crate::made::{Random, flat, levels, spread};

pub fn told(table: &Table, protected: &Protected) -> Vec<Option<u64>> {
    table
        .values()
        .iter()
        .zip(&protected.reasons)
        .map(|(&value, reason)| reason.is_none().then_some(value))
        .collect()
}

fn some_table(number: u64) -> Table {
    let mut random = Random(number);
    let dimensions: Vec<Dimension> = match number % 5 {
        0 => vec![flat("site", 3), flat("kind", 3)],
        1 => vec![levels("khan", "sangkat", &[2, 3]), flat("sex", 2)],
        2 => vec![flat("site", 3), flat("kind", 2), flat("sex", 2)],
        3 => vec![flat("site", 6)],
        _ => vec![
            levels("khan", "sangkat", &[3, 2, 4]),
            flat("kind", 3),
            flat("sex", 2),
        ],
    };
    let households = 10 + random.below(400);
    spread(dimensions, households, 1.0 + 3.0 * random.share(), &mut random)
}

#[test]
fn no_hidden_cell_is_known_closer_than_the_rule() {
    let mut nothing_told = 0;
    for number in 0..200 {
        let table = some_table(number);
        let protected = protect(&table, Rules::default(), &History::none(&table)).unwrap();
        let told = told(&table, &protected);
        if told.iter().all(Option::is_none) {
            nothing_told += 1;
            continue;
        }
        let hidden: Vec<usize> = (0..table.len()).filter(|&cell| told[cell].is_none()).collect();
        // In larger tables some of them: each is two linear programmes.
        let step = hidden.len().div_ceil(16).max(1);
        let mut narrowest = f64::INFINITY;
        for &cell in hidden.iter().skip(number as usize % step).step_by(step) {
            let (lowest, highest) = interval(&table, &told, cell);
            let width = highest.map_or(f64::INFINITY, |highest| highest - lowest);
            assert!(
                width >= 10.0 - 1e-6,
                "table {number}: {} = {} is from {lowest} to {highest:?}",
                table.name(cell),
                table.values()[cell]
            );
            narrowest = narrowest.min(width);
        }
        for value in told.iter().flatten() {
            assert!(*value == 0 || *value >= 10, "table {number} tells {value}");
        }
        let audit = &protected.audit;
        assert!(audit.exact, "table {number}: {audit:?}");
        if let Some(found) = audit.narrowest {
            assert!(found <= narrowest + 1e-4, "table {number}: {found} {narrowest}");
            assert!(step > 1 || found.is_infinite() || found >= narrowest - 1e-4);
        } else {
            assert!(hidden.is_empty());
        }
    }
    assert!(nothing_told < 100, "{nothing_told} of 200 tell nothing at all");
}

#[test]
fn whole_numbers_tell_no_more() {
    let mut tried = 0;
    for number in 0..200 {
        let mut random = Random(1000 + number);
        let dimensions = match number % 3 {
            0 => vec![flat("site", 3), flat("kind", 2)],
            1 => vec![flat("site", 2), flat("kind", 2), flat("sex", 2)],
            _ => vec![levels("khan", "sangkat", &[2, 2]), flat("sex", 2)],
        };
        let table = spread(
            dimensions,
            15 + random.below(60),
            2.5 * random.share(),
            &mut random,
        );
        let protected = protect(&table, Rules::default(), &History::none(&table)).unwrap();
        let told = told(&table, &protected);
        if told.iter().all(Option::is_none) {
            continue;
        }
        let Some(found) = try_all(&table, &told, 80) else {
            continue;
        };
        tried += 1;
        for cell in 0..table.len() {
            if told[cell].is_none() {
                let (least, most) = found[cell];
                assert!(
                    most - least >= 10,
                    "table {number}: {} from {least} to {most}",
                    table.name(cell)
                );
            }
        }
    }
    assert!(tried > 20, "only {tried} were small enough to be tried");
}

#[test]
fn nothing_is_hidden_where_nothing_tells() {
    let table = Table::new(
        vec![flat("site", 2), flat("sex", 2)],
        (0..4).map(|number| (vec![number / 2, number % 2], 20 + number as u64)),
    )
    .unwrap();
    let protected = protect(&table, Rules::default(), &History::none(&table)).unwrap();
    assert_eq!(protected.hidden(), 0);
    assert_eq!(protected.audit.narrowest, None);
}

#[test]
fn a_group_all_of_one_answer_is_not_told() {
    // All 40 of site 0 are of kind 0.
    let table = Table::new(
        vec![flat("site", 3), flat("kind", 3)],
        [[40, 0, 0], [30, 31, 32], [50, 60, 70]]
            .iter()
            .enumerate()
            .flat_map(|(site, row)| {
                row.iter()
                    .enumerate()
                    .map(move |(kind, &count)| (vec![site, kind], count))
            }),
    )
    .unwrap();
    let protected = protect(&table, Rules::default(), &History::none(&table)).unwrap();
    let all_in = table.leaf_cell(&[0, 0]);
    assert_eq!(protected.reasons[all_in], Some(Reason::Group));
    let told = told(&table, &protected);
    for kind in 1..3 {
        let cell = table.leaf_cell(&[0, kind]);
        if told[cell].is_none() {
            assert!(
                interval(&table, &told, cell)
                    .1
                    .is_none_or(|highest| highest >= 10.0)
            );
        }
    }
    assert!((1..3).any(|kind| told[table.leaf_cell(&[0, kind])].is_none()));
    assert!(protected.hidden() < 8, "{}", protected.hidden());
}
