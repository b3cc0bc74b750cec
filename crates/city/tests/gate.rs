//! The gate with the tables that come with the program, over illustrative families.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "common/tables.rs"]
mod tables;

use std::collections::BTreeSet;

use phteah_registry::disclosure::dimension::is_total;
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::indicators::IndicatorSet;
use phteah_registry::releases::{ReleasedTable, prepare};

/// With few families nearly every count is small: the work of protecting them must end all the same, and with many families little may be hidden.
#[test]
fn the_built_in_tables_can_be_told_of_few_and_of_many_families() {
    for (families, most_hidden) in [(300, [0.80, 0.85]), (3000, [0.40, 0.50]), (10_000, [0.35, 0.30])] {
        let (set, counted) = tables::count(IndicatorSet::built_in().unwrap(), families, 1);
        for ((population, some), most_hidden) in tables::by_population(&set).into_iter().zip(most_hidden) {
            let made = prepare(&some, &counted[0], tables::day(), Rules::default(), &[]).unwrap();
            let (cells, hidden) = made.cost();
            let share = hidden as f64 / cells as f64;
            assert!(
                share < most_hidden,
                "{families} {}: {share:.3} of the cells are hidden",
                population.word()
            );
            made.tables.iter().for_each(hides_nothing_where_nobody_is);
        }
    }
}

/// Where it is told that nobody is, a hidden part would be known all the same, and no other number could be hidden behind it.
fn hides_nothing_where_nobody_is(table: &ReleasedTable) {
    let empty: BTreeSet<&String> = table
        .cells
        .iter()
        .filter(|cell| cell.families == Some(0) && cell.names[1..].iter().all(|name| is_total(name)))
        .map(|cell| &cell.names[0])
        .collect();
    for cell in &table.cells {
        assert!(
            cell.families.is_some() || !empty.contains(&cell.names[0]),
            "{}: {:?}",
            table.id,
            cell.names
        );
    }
}
