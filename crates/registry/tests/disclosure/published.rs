//! The published cases, to the digit.

use phteah_registry::disclosure::attack::{Knowledge, programme};
use phteah_registry::disclosure::dimension::Dimension;
use phteah_registry::disclosure::table::{Cell, Table};

fn letters(column: &str, letters: &str) -> Dimension {
    Dimension::new(
        vec![column.into()],
        letters.chars().map(|one| vec![one.to_string()]),
    )
    .expect("a dimension")
}

/// Construction of the sdcTable package's tests (sdcTools/sdcTable, test-simpleheuristic): at least two hidden in every row and column that has
/// one, and yet one follows exactly.
#[test]
fn two_in_every_row_and_column_are_not_enough() {
    let counts = [
        [30, 47, 64, 89],
        [90, 124, 5, 31],
        [92, 100, 59, 85],
        [800, 991, 651, 685],
    ];
    let table = Table::new(
        vec![letters("row", "wxyz"), letters("column", "abcd")],
        (0..16).map(|number| (vec![number / 4, number % 4], counts[number / 4][number % 4])),
    )
    .unwrap();
    assert_eq!(table.values()[0], 3943);
    let at = |row: char, column: char| -> Cell {
        let find = |dimension: usize, name: char| {
            table.dimensions()[dimension]
                .leaf_named(&name.to_string())
                .unwrap()
        };
        table.leaf_cell(&[find(0, row), find(1, column)])
    };
    let mut known = vec![true; table.len()];
    for name in ["wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd"] {
        let mut name = name.chars();
        known[at(name.next().unwrap(), name.next().unwrap())] = false;
    }
    let interval = |known: &[bool]| {
        let knowledge = Knowledge {
            watched: &[],
            table: &table,
            known,
            facts: &[],
            exempt: &[],
            joint: None,
        };
        let (interval, certain) = programme(&knowledge).unwrap().interval(at('w', 'b'));
        assert!(certain);
        (interval.lowest, interval.highest)
    };
    assert_eq!(interval(&known), (47.0, Some(47.0)));
    known[at('x', 'b')] = false;
    assert_eq!(interval(&known), (0.0, Some(141.0)));
}
