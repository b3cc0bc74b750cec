//! What a release lets be worked out besides what it tells: of each group, what it hid in it.

use std::collections::{BTreeMap, HashMap};

use super::dimension::{Dimension, is_total};
use super::earlier::Earlier;
use super::fact::Fact;

/// A sum that is no cell which the release tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkedOut {
    /// Over what it goes.
    pub of: Fact,
    /// What it comes to.
    pub sum: u64,
    /// The told counts that it was worked out of; the group first.
    pub from: Vec<Fact>,
}

/// Goes through every group that a release tells, along every breakdown, in the boundaries of that release. What is left of the group without the
/// parts that it tells as well is the sum of those that it hides. Where it tells none of them, that is the group itself.
///
/// `over`: what each cell of the release goes over now; none if that is nowhere.
pub fn worked_out(release: &Earlier, dimensions: &[Dimension], over: &[Option<Fact>]) -> Vec<WorkedOut> {
    let Some(first) = release.cells.first() else {
        return Vec::new();
    };
    let columns: Vec<&String> = first.labels.keys().collect();
    let place = |column: &String| columns.iter().position(|own| *own == column);
    // For each breakdown, where its levels stand among the columns, coarse first.
    let levels: Vec<Vec<usize>> = dimensions
        .iter()
        .map(|dimension| dimension.columns().iter().filter_map(place).collect())
        .collect();
    let names: Vec<Vec<Option<&str>>> = release
        .cells
        .iter()
        .map(|cell| {
            let names = cell.labels.values();
            names
                .map(|name| (!is_total(name)).then_some(name.as_str()))
                .collect()
        })
        .collect();
    let number_of: HashMap<&Vec<Option<&str>>, usize> = names
        .iter()
        .enumerate()
        .map(|(number, names)| (names, number))
        .collect();
    let mut parts: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (part, names) in names.iter().enumerate() {
        for (dimension, levels) in levels.iter().enumerate() {
            let Some(&deepest) = levels.iter().rev().find(|&&level| names[level].is_some()) else {
                continue;
            };
            let mut group = names.clone();
            group[deepest] = None;
            if let Some(&group) = number_of.get(&group) {
                parts.entry((group, dimension)).or_default().push(part);
            }
        }
    }
    let mut found = Vec::new();
    for ((group, dimension), parts) in parts {
        let value = |cell: usize| release.cells[cell].value;
        let (told, hidden): (Vec<usize>, Vec<usize>) =
            parts.into_iter().partition(|&part| value(part).is_some());
        let (Some(all), Some(whole)) = (value(group), &over[group]) else {
            continue;
        };
        let left = all.checked_sub(told.iter().filter_map(|&part| value(part)).sum());
        let (Some(sum), false, false) = (left, told.is_empty(), hidden.is_empty()) else {
            continue;
        };
        let leaves = |cells: &[usize]| -> Option<Vec<usize>> {
            let each = cells.iter().map(|&cell| over[cell].as_ref());
            let each: Vec<&Fact> = each.collect::<Option<_>>()?;
            let mut all: Vec<usize> = each
                .iter()
                .flat_map(|fact| fact.leaves[dimension].iter().copied())
                .collect();
            all.sort_unstable();
            Some(all)
        };
        let (Some(shown), Some(not_shown)) = (leaves(&told), leaves(&hidden)) else {
            continue;
        };
        let mut both = [shown, not_shown.clone()].concat();
        both.sort_unstable();
        if both != whole.leaves[dimension] {
            // Some of the group is in none of its parts.
            continue;
        }
        let mut of = whole.clone();
        of.leaves[dimension] = not_shown;
        let from = std::iter::once(&group).chain(&told);
        found.push(WorkedOut {
            of,
            sum,
            from: from.filter_map(|&cell| over[cell].clone()).collect(),
        });
    }
    found
}
