//! The plain way to hide more, to compare with: in every row where too little is hidden, hide the smallest that is left. It is what people do by
//! hand, and what `sdcTable` calls its simple heuristic. An attacker often gets through, so that it goes on until he does not.

use phteah_registry::disclosure::history::History;
use phteah_registry::disclosure::protect::audit;
use phteah_registry::disclosure::rules::{Rules, alike, small, zeros_that_tell};
use phteah_registry::disclosure::table::{Cell, Table};

/// What the plain way hides, and how many hidden cells an attacker would have got at after its first end.
pub fn hide(table: &Table, rules: Rules) -> (Vec<bool>, usize) {
    let mut hidden = vec![false; table.len()];
    for cell in small(table, rules).collect::<Vec<_>>() {
        hidden[cell] = true;
    }
    let parts = |cell, dimension| table.children(cell, dimension).collect();
    let groups = alike(table, 0..table.len(), parts);
    for group in &groups {
        hidden[group.all_in] = true;
    }
    for zero in zeros_that_tell(&groups, |cell| hidden[cell], |_| false) {
        hidden[zero] = true;
    }
    rows(table, rules, &mut hidden);
    let mut open = None;
    loop {
        let found = audit(table, &hidden, rules, &History::none(table)).expect("small enough");
        let Err(cells) = found else {
            return (hidden, open.unwrap_or(0));
        };
        open.get_or_insert(cells.len());
        let mut more = false;
        for cell in cells {
            for dimension in 0..table.dimensions().len() {
                let Some(parent) = table.parent(cell, dimension) else {
                    continue;
                };
                more |= smallest(table, &mut hidden, table.children(parent, dimension).collect());
            }
        }
        if !more {
            // The rows have nothing left: a total.
            let total = (0..table.len()).rev().find(|&cell| !hidden[cell]);
            hidden[total.expect("not all can be hidden")] = true;
        }
        rows(table, rules, &mut hidden);
    }
}

/// Until what is hidden in every row is several cells that together are as many as the threshold.
fn rows(table: &Table, rules: Rules, hidden: &mut [bool]) {
    loop {
        let mut more = false;
        for group in 0..table.len() {
            for dimension in 0..table.dimensions().len() {
                let mut row: Vec<Cell> = table.children(group, dimension).collect();
                if row.is_empty() {
                    continue;
                }
                row.push(group);
                let some: Vec<Cell> = row.iter().copied().filter(|&cell| hidden[cell]).collect();
                let sum: u64 = some.iter().map(|&cell| table.values()[cell]).sum();
                if some.len() == 1 || (!some.is_empty() && sum < rules.threshold()) {
                    more |= smallest(table, hidden, row);
                }
            }
        }
        if !more {
            return;
        }
    }
}

/// Hides the smallest of these that is not hidden; zeros last, because they protect nothing.
fn smallest(table: &Table, hidden: &mut [bool], cells: Vec<Cell>) -> bool {
    let found = cells
        .into_iter()
        .filter(|&cell| !hidden[cell])
        .min_by_key(|&cell| (table.values()[cell] == 0, table.values()[cell], cell));
    if let Some(cell) = found {
        hidden[cell] = true;
    }
    found.is_some()
}
