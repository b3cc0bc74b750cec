//! What an attacker sees of each release of a table, and of which cells he believes that nothing happened in them between two releases.
//!
//! He believes it of a group that both tell with the same count, and of what they do not tell in a row of which the rest comes to the same sum; also
//! where one counts in other boundaries or by other columns than the other.
//! A belief that is wrong leads him astray only: none is counted that we know to be wrong, where a part of the group has changed, as far as what was is
//! known still.

use std::collections::HashMap;

use super::fact::Fact;
use super::history::History;
use super::table::{Cell, Table};

/// What the release of now says, and what is known of it besides.
pub struct Now<'a> {
    /// The cells that it tells.
    pub told: &'a [bool],
    /// The cells that an attacker knows, told or not.
    pub known: &'a [bool],
    /// Cells that need no protection.
    pub exempt: &'a [bool],
}

/// What a release says, as the attacker sees it.
#[derive(Clone)]
pub struct Layer<'a> {
    /// Whether it is the release of now.
    pub is_now: bool,
    /// What it tells to everybody.
    pub told: Vec<Option<u64>>,
    /// What he knows of it.
    pub known: Vec<Option<u64>>,
    /// What we know of it.
    true_counts: Vec<Option<u64>>,
    /// What is not what it was, whatever it was.
    changed_since: &'a [Cell],
    /// Sums that he knows besides.
    pub facts: Vec<(&'a Fact, u64)>,
    /// What it says of sums that are no cell: told over former boundaries, or left of a group without the parts that it tells.
    sums: HashMap<Fact, u64>,
}

impl Layer<'_> {
    /// All that is true now.
    pub fn truth(table: &Table) -> Self {
        let all: Vec<Option<u64>> = table.values().iter().copied().map(Some).collect();
        Self {
            is_now: false,
            told: all.clone(),
            known: all.clone(),
            true_counts: all,
            changed_since: &[],
            facts: Vec::new(),
            sums: HashMap::new(),
        }
    }

    /// What it says of a sum.
    fn says(&self, table: &Table, sum: &Fact) -> Option<u64> {
        let as_cell = || sum.same(table).into_iter().find_map(|cell| self.told[cell]);
        self.sums.get(sum).copied().or_else(as_cell)
    }
}

/// What the release of now leaves untold in each group that it tells.
fn rests(table: &Table, history: &History, told: &[bool]) -> HashMap<Fact, u64> {
    let mut found = HashMap::new();
    for group in (0..table.len()).filter(|&cell| told[cell]) {
        for dimension in 0..table.dimensions().len() {
            let parts = history.published_parts(table, group, dimension);
            let (shown, rest): (Vec<Cell>, Vec<Cell>) = parts.into_iter().partition(|&part| told[part]);
            if shown.is_empty() || rest.is_empty() {
                continue;
            }
            let sum = rest.iter().map(|&part| table.values()[part]).sum();
            found.insert(Fact::of(table, &rest), sum);
        }
    }
    found
}

/// All releases as he sees them, the one of now last.
pub fn layers<'a>(table: &Table, history: &'a History, now: Option<&Now<'_>>) -> Vec<Layer<'a>> {
    let mut layers: Vec<Layer<'a>> = history
        .past
        .iter()
        .map(|past| {
            let told: Vec<Option<u64>> = past.said.iter().map(|said| said.flatten()).collect();
            let mut true_counts = told.clone();
            for (&cell, &count) in &past.counts {
                true_counts[cell] = Some(count);
            }
            Layer {
                is_now: false,
                known: told.clone(),
                told,
                true_counts,
                changed_since: &past.changed,
                facts: past.sums.iter().map(|(fact, sum)| (fact, *sum)).collect(),
                sums: past.sums.iter().chain(&past.rests).cloned().collect(),
            }
        })
        .collect();
    if let Some(now) = now {
        let of = |mask: &[bool]| -> Vec<Option<u64>> {
            let values = table.values().iter().zip(mask);
            values.map(|(&value, &is)| is.then_some(value)).collect()
        };
        layers.push(Layer {
            is_now: true,
            told: of(now.told),
            known: of(now.known),
            true_counts: table.values().iter().copied().map(Some).collect(),
            changed_since: &[],
            facts: history.facts.iter().map(|fact| (fact, fact.sum(table))).collect(),
            sums: if history.past.is_empty() {
                HashMap::new()
            } else {
                rests(table, history, now.told)
            },
        });
    }
    for layer in &mut layers {
        // Where nobody is, nobody is in any part.
        for cell in 0..table.len() {
            let empty = |above: Cell| layer.known[above] == Some(0);
            let mut above =
                (0..table.dimensions().len()).filter_map(|dimension| table.parent(cell, dimension));
            if above.any(empty) {
                layer.known[cell] = Some(0);
            }
        }
    }
    layers
}

/// The groups that somebody takes for unchanged who sees these two releases, the later one last: each as cells, the coarsest groups first.
pub fn unchanged(table: &Table, one: &Layer<'_>, other: &Layer<'_>) -> Vec<Vec<Cell>> {
    let both = |cell: Cell| one.told[cell].zip(other.told[cell]);
    // To believe it of what has changed leads him astray only.
    let mut has_changed: Vec<bool> = (0..table.len())
        .map(|cell| {
            let counts = one.true_counts[cell].zip(other.true_counts[cell]);
            counts.is_some_and(|(one, other)| one != other)
        })
        .collect();
    if other.is_now {
        for &cell in one.changed_since {
            has_changed[cell] = true;
        }
    }
    let mut part_has_changed = vec![false; table.len()];
    for cell in (0..table.len()).rev() {
        has_changed[cell] |= part_has_changed[cell];
        if has_changed[cell] {
            for dimension in 0..table.dimensions().len() {
                if let Some(above) = table.parent(cell, dimension) {
                    part_has_changed[above] = true;
                }
            }
        }
    }
    let mut unchanged = Vec::new();
    for cell in 0..table.len() {
        let Some((first, second)) = both(cell) else {
            continue;
        };
        if first == second && !has_changed[cell] {
            unchanged.push(vec![cell]);
        }
        for dimension in 0..table.dimensions().len() {
            // What is left of a group without the parts that both tell.
            let (mut left, mut left_other) = (first as i64, second as i64);
            let mut rest = Vec::new();
            let mut parts = 0;
            for child in table.children(cell, dimension) {
                parts += 1;
                match both(child) {
                    Some((one, other)) => {
                        left -= one as i64;
                        left_other -= other as i64;
                    }
                    None => rest.push(child),
                }
            }
            let is_same = left == left_other && rest.len() < parts;
            if is_same && !rest.is_empty() && !rest.iter().any(|&child| has_changed[child]) {
                unchanged.push(rest);
            }
        }
    }
    let mut sums: Vec<&Fact> = one.sums.keys().chain(other.sums.keys()).collect();
    sums.sort_unstable();
    sums.dedup();
    for sum in sums {
        let said = one.says(table, sum).zip(other.says(table, sum));
        if said.is_some_and(|(one, other)| one == other) {
            let parts = sum.parts(table);
            if !parts.iter().any(|&part| has_changed[part]) {
                unchanged.push(parts);
            }
        }
    }
    unchanged
}
