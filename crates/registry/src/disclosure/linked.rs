//! Several tables that count the same families: what is hidden in one must not stand in another, and what all of them say together must not
//! tell more than each of them.
//!
//! The tables have one column in common, the **anchor** (the khan where families live, the site to which they moved), and no other. Then two
//! tables can be true together exactly if they agree over the anchor: how the families of a khan are split by one question says nothing of how
//! they are split by another. So the counts over the anchor are decided first, once for all tables. Where some of them are hidden, one of them
//! is the **pivot**, and every other is protected by one and the same story in every table: these families might as well be counted at the
//! pivot. What a table needs hidden for that is hidden. Then each table is protected by itself against somebody who knows every count over the
//! anchor, hidden or not: what he cannot find out then, he cannot find out from all tables together.

use std::cell::Cell as Counter;
use std::collections::{BTreeMap, BTreeSet};

use super::attack::Joint;
use super::earlier::{Earlier, EarlierCell};
use super::history::History;
use super::moves::{Costs, cheapest_between};
use super::protect::weights;
use super::read::TableFile;
use super::release::{Draft, Release, ReleaseError};
use super::rules::{Reason, Rules};
use super::table::{Cell, Table};

/// A table that is published together with others.
pub struct Linked<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its counts; the first level of its first breakdown is the anchor.
    pub file: &'a TableFile,
    /// Its earlier releases, the oldest first.
    pub earlier: &'a [Earlier],
    /// Whether nobody can be in a cell with these categories (column and category, totals left out).
    pub impossible: &'a dyn Fn(&[(&str, &str)]) -> bool,
}

/// A table that is refused, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{table}: {error}")]
pub struct LinkedError {
    /// The table.
    pub table: String,
    /// Why.
    #[source]
    pub error: ReleaseError,
}

/// Prepares tables of the same families, all or none.
///
/// # Errors
/// The first table that cannot be made safe.
#[expect(
    clippy::result_large_err,
    reason = "made once a release: its size costs nothing"
)]
pub fn prepare(tables: &[Linked<'_>], rules: Rules) -> Result<Vec<Release>, LinkedError> {
    let drafts = tables
        .iter()
        .map(|table| draft(table, rules))
        .collect::<Result<Vec<Draft>, LinkedError>>()?;
    // What cannot be protected while the counts over its place are told may be with these hidden.
    let mut hidden: BTreeSet<Option<String>> = BTreeSet::new();
    loop {
        let error = match prepare_with(tables, drafts.clone(), &hidden, rules) {
            Ok(releases) => return Ok(releases),
            Err(error) => error,
        };
        let before = hidden.len();
        if let ReleaseError::Telling { places, .. } = &error.error {
            hidden.extend(places.iter().cloned());
        }
        if hidden.len() == before || drafts.len() == 1 {
            return Err(error);
        }
    }
}

/// The same with some of the counts over the anchor hidden, whatever they are.
#[expect(
    clippy::result_large_err,
    reason = "made once a release: its size costs nothing"
)]
fn prepare_with(
    tables: &[Linked<'_>],
    mut drafts: Vec<Draft>,
    hidden: &BTreeSet<Option<String>>,
    rules: Rules,
) -> Result<Vec<Release>, LinkedError> {
    if drafts.len() > 1 {
        settle(tables, &mut drafts, hidden, rules)?;
    }
    tables
        .iter()
        .zip(drafts)
        .map(|(table, draft)| {
            draft.finish(rules).map_err(|error| LinkedError {
                table: table.name.to_owned(),
                error,
            })
        })
        .collect()
}

#[expect(
    clippy::result_large_err,
    reason = "made once a release: its size costs nothing"
)]
fn draft(table: &Linked<'_>, rules: Rules) -> Result<Draft, LinkedError> {
    let mut draft = Draft::new(table.file, rules, table.earlier).map_err(|error| LinkedError {
        table: table.name.to_owned(),
        error,
    })?;
    for cell in (0..draft.table.len()).filter(|&cell| draft.table.values()[cell] == 0) {
        let labels: Vec<(&str, &str)> = (0..draft.table.dimensions().len())
            .flat_map(|dimension| {
                let tree = &draft.table.dimensions()[dimension];
                tree.labels(draft.table.node(cell, dimension))
            })
            .filter(|(_, name)| !super::dimension::is_total(name))
            .collect();
        draft.history.impossible[cell] = (table.impossible)(&labels);
    }
    Ok(draft)
}

/// Decides about the counts over the anchor, for all tables.
#[allow(
    clippy::too_many_lines,
    reason = "one decision from its counts to its laying down"
)]
#[expect(
    clippy::result_large_err,
    reason = "made once a release: its size costs nothing"
)]
fn settle(
    tables: &[Linked<'_>],
    drafts: &mut [Draft],
    hidden: &BTreeSet<Option<String>>,
    rules: Rules,
) -> Result<(), LinkedError> {
    let refuse = |table: &str, error: ReleaseError| {
        Err(LinkedError {
            table: table.to_owned(),
            error,
        })
    };
    let column = tables[0].file.by()[0][0].clone();
    let counts = anchors(&drafts[0].table);
    for (table, draft) in tables.iter().zip(drafts.iter()) {
        let others: BTreeSet<&str> = table
            .file
            .by()
            .iter()
            .flatten()
            .map(String::as_str)
            .skip(1)
            .collect();
        let shared = tables
            .iter()
            .filter(|other| other.name != table.name)
            .any(|other| {
                let mut columns = other.file.by().iter().flatten().skip(1);
                columns.any(|column| others.contains(column.as_str()))
            });
        if table.file.by()[0][0] != column || draft.table.dimensions()[0].columns()[0] != column || shared {
            let why = format!(
                "tables of the same families have their first column in common and no other: {column} here"
            );
            return refuse(table.name, ReleaseError::NoAudit(why));
        }
        if !agrees(&anchors(&draft.table), &counts) {
            let why = format!(
                "it does not count the same families by {column} as {}",
                tables[0].name
            );
            return refuse(table.name, ReleaseError::NoAudit(why));
        }
    }
    let names = BTreeSet::from([column.as_str()]);
    let file = TableFile::from_rows(
        vec![vec![column.clone()]],
        counts
            .iter()
            .map(|(name, count)| (vec![name.clone()], *count))
            .collect(),
    );
    let earlier = earlier_anchors(tables, &names);
    let over = format!("the counts by {column}");
    let mut anchor = match Draft::new(&file, rules, &earlier) {
        Ok(draft) => draft,
        Err(error) => return refuse(&over, error),
    };
    for cell in 0..anchor.table.len() {
        let node = &anchor.table.dimensions()[0].nodes()[cell];
        if hidden.contains(&node.path.first().cloned()) && !anchor.history.told[cell] {
            anchor.history.needed[cell] = true;
        }
    }
    // A pivot that has to be hidden for it may show that more has to be hidden, which may make another one the better pivot.
    loop {
        let decided = match anchor.clone().finish(rules) {
            Ok(release) => release,
            Err(error) => return refuse(&over, error),
        };
        let reasons: BTreeMap<String, Option<Reason>> = decided
            .cells()
            .map(|cell| (cell.labels[0].1.to_owned(), cell.reason))
            .collect();
        let hidden: Vec<usize> = (0..anchor.table.len())
            .filter(|&cell| reasons[&anchor.table.name(cell)].is_some())
            .collect();
        if hidden.is_empty() {
            lay_down(drafts, &reasons, None);
            return Ok(());
        }
        let mut candidates: Vec<Cell> = (1..anchor.table.len())
            .filter(|&cell| hidden.contains(&cell) || !anchor.history.told[cell])
            .collect();
        candidates.sort_by_key(|&cell| {
            (
                !hidden.contains(&cell),
                std::cmp::Reverse(anchor.table.values()[cell]),
                cell,
            )
        });
        let found = candidates.iter().find_map(|&pivot| {
            let needed = stories(&anchor.table, &hidden, pivot, drafts, rules)?;
            Some((pivot, needed))
        });
        let Some((pivot, needed)) = found else {
            let cells = hidden
                .iter()
                .map(|&cell| anchor.table.name(cell))
                .collect::<Vec<_>>();
            return refuse(
                &over,
                ReleaseError::Telling {
                    why: format!(
                        "there is no {column} with enough families alike to hide these behind. Use fewer breakdowns, or leave one of the tables out"
                    ),
                    names: cells.join(", "),
                    places: BTreeSet::new(),
                },
            );
        };
        if hidden.contains(&pivot) {
            let pivot = anchor.table.name(pivot);
            lay_down(
                drafts,
                &reasons,
                Some((pivot.as_str(), needed.as_slice(), rules.threshold())),
            );
            return Ok(());
        }
        anchor.history.needed[pivot] = true;
    }
}

/// The counts of each category of the anchor.
fn anchors(table: &Table) -> BTreeMap<String, u64> {
    let tree = &table.dimensions()[0];
    tree.nodes()
        .iter()
        .enumerate()
        .filter(|(_, node)| node.path.len() == 1)
        .map(|(number, node)| (node.path[0].clone(), table.values()[number * table.stride(0)]))
        .collect()
}

/// Whether two tables count the same; what only one of them has counts 0.
fn agrees(one: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>) -> bool {
    let count = |counts: &BTreeMap<String, u64>, name| counts.get(name).copied().unwrap_or_default();
    one.keys()
        .chain(other.keys())
        .all(|name| count(one, name) == count(other, name))
}

/// What earlier releases of any of the tables said over the anchor alone, the oldest first.
fn earlier_anchors(tables: &[Linked<'_>], anchor: &BTreeSet<&str>) -> Vec<Earlier> {
    let mut found: Vec<Earlier> = Vec::new();
    let longest = tables.iter().map(|table| table.earlier.len()).max().unwrap_or(0);
    for back in (0..longest).rev() {
        for table in tables {
            let Some(at) = table.earlier.len().checked_sub(back + 1) else {
                continue;
            };
            let release = &table.earlier[at];
            let cells: Vec<EarlierCell> = release
                .cells
                .iter()
                .filter(|cell| {
                    let mut others = cell
                        .labels
                        .iter()
                        .filter(|(column, _)| !anchor.contains(column.as_str()));
                    others.all(|(_, name)| super::dimension::is_total(name))
                })
                .map(|cell| EarlierCell {
                    labels: cell
                        .labels
                        .iter()
                        .filter(|(column, _)| anchor.contains(column.as_str()))
                        .map(|(column, name)| (column.clone(), name.clone()))
                        .collect(),
                    value: cell.value,
                    was: cell.was,
                })
                .filter(|cell| !cell.labels.is_empty())
                .collect();
            if !cells.is_empty() {
                found.push(Earlier {
                    name: release.name.clone(),
                    cells,
                    erased_since: release.erased_since,
                });
            }
        }
    }
    found
}

/// What every table needs hidden so that each hidden anchor might as well be counted at the pivot; none if some table cannot.
fn stories(
    anchor: &Table,
    hidden: &[Cell],
    pivot: Cell,
    drafts: &[Draft],
    rules: Rules,
) -> Option<Vec<BTreeSet<Cell>>> {
    let name = |cell: Cell| anchor.dimensions()[0].nodes()[cell].path.first().cloned();
    let pivot_name = name(pivot)?;
    drafts
        .iter()
        .map(|draft| {
            let (table, history) = (&draft.table, &draft.history);
            let node = |name: &str| {
                let mut nodes = table.dimensions()[0].nodes().iter();
                nodes.position(|node| node.path.len() == 1 && node.path[0] == name)
            };
            let pivot_node = node(&pivot_name)?;
            let mut needed: BTreeSet<Cell> = BTreeSet::new();
            for &cell in hidden.iter().filter(|&&cell| cell != pivot) {
                let between = match name(cell) {
                    // The total: families who might as well not be there at all.
                    None => (0, pivot_node, None),
                    Some(name) => (0, node(&name)?, Some(pivot_node)),
                };
                needed.extend(story(table, history, between, rules.threshold(), &needed)?);
            }
            Some(needed)
        })
        .collect()
}

/// The cells of a table that have to be hidden so that as many families as the threshold might be counted elsewhere.
fn story(
    table: &Table,
    history: &History,
    between: (usize, usize, Option<usize>),
    threshold: u64,
    hidden_before: &BTreeSet<Cell>,
) -> Option<BTreeSet<Cell>> {
    let is_anchor = |cell: Cell| anchor_name(table, cell).is_some();
    let mut hidden: Vec<bool> = (0..table.len())
        .map(|cell| is_anchor(cell) || hidden_before.contains(&cell) || history.unpublished[cell])
        .collect();
    let mut told: Vec<bool> = (0..table.len())
        .map(|cell| (history.told[cell] || history.impossible[cell]) && !is_anchor(cell))
        .collect();
    let weights = weights(table);
    let mut needed = BTreeSet::new();
    let mut left = threshold;
    let work = Counter::new(0);
    while left > 0 {
        let costs = Costs {
            hidden: &hidden,
            told: &told,
            weights: &weights,
            facts: &history.facts,
            changes: None,
            joint: None,
            work: &work,
        };
        let found = cheapest_between(table, &costs, between, left).filter(|found| found.up > 0)?;
        // As many as can be taken away there. Where they are taken from nowhere there is no bound.
        left -= found.up.min(left);
        for &(cell, _) in found.cells.iter().filter(|(cell, _)| !is_anchor(*cell)) {
            hidden[cell] = true;
            needed.insert(cell);
            // Families can be moved once only.
            if table.is_leaf(cell) {
                told[cell] = true;
                hidden[cell] = false;
            }
        }
    }
    Some(needed)
}

/// The name of a cell over the anchor alone.
fn anchor_name(table: &Table, cell: Cell) -> Option<String> {
    let node = &table.dimensions()[0].nodes()[table.node(cell, 0)];
    let is_anchor = node.path.len() <= 1
        && (1..table.dimensions().len()).all(|dimension| table.node(cell, dimension) == 0);
    is_anchor.then(|| {
        node.path
            .first()
            .cloned()
            .unwrap_or_else(|| super::TOTAL.to_owned())
    })
}

/// Tells every table what was decided over the anchor, what it needs hidden for that, and what can change in all tables at once.
fn lay_down(
    drafts: &mut [Draft],
    reasons: &BTreeMap<String, Option<Reason>>,
    pivot: Option<(&str, &[BTreeSet<Cell>], u64)>,
) {
    for (number, draft) in drafts.iter_mut().enumerate() {
        let mut hidden: BTreeMap<String, Cell> = BTreeMap::new();
        for cell in 0..draft.table.len() {
            if let Some(name) = anchor_name(&draft.table, cell) {
                let reason = reasons.get(&name).copied().flatten();
                draft.history.settled[cell] = Some(reason);
                draft.history.told[cell] &= reason.is_none();
                if reason.is_some() {
                    hidden.insert(name, cell);
                } else if draft.table.values()[cell] == 0 {
                    // It is told that nobody is there: to hide a part of it would hide nothing.
                    for inside in draft.table.inside(cell) {
                        draft.history.impossible[inside] |= inside != cell;
                    }
                }
            }
        }
        // What is a sum of those is decided with them.
        let Draft { table, history, .. } = draft;
        let settled = &history.settled;
        history.watched.retain(|sum| {
            let mut parts = sum.parts(table).into_iter();
            !parts.all(|cell| settled[cell].is_some())
        });
        let Some((pivot, needed, capacity)) = pivot else {
            continue;
        };
        for &cell in &needed[number] {
            draft.history.needed[cell] = true;
        }
        let total = hidden.remove(super::TOTAL).is_some();
        draft.history.joint = hidden.remove(pivot).map(|pivot| Joint {
            pivot,
            others: hidden.into_values().collect(),
            total,
            capacity,
        });
    }
}
