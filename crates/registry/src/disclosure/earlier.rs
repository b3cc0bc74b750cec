//! Releases of before, as they are given.

use std::collections::{BTreeMap, BTreeSet};

use super::dimension::is_total;
use super::read::{TableFile, of_vanished};
use super::rules::Reason;

/// One cell of an earlier release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierCell {
    /// What stands in each column that the release counts by.
    pub labels: BTreeMap<String, String>,
    /// The count; none: hidden.
    pub value: Option<u64>,
    /// How it was hidden, where whoever prepares the next release knows it still.
    pub was: Option<Hidden>,
}

/// How a cell was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Why.
    pub reason: Reason,
    /// Its count then; none where it was from 1 to before the threshold, which nobody keeps.
    pub count: Option<u64>,
    /// The threshold of then.
    pub threshold: u64,
}

/// An earlier release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its file or id, for messages.
    pub name: String,
    /// All its cells.
    pub cells: Vec<EarlierCell>,
    /// How many families that it may have counted were erased since. Nobody knows where they were, so that a count that fell is looked at
    /// both as if they had been in it and as if they had not.
    pub erased_since: u64,
}

/// An earlier release that cannot be set against the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EarlierError {
    /// It counts by something that the table does not have.
    #[error(
        "{release} counts by {column} as well, which the table has no column for: both can only be audited together. Give the table with that column, it need not be in --by"
    )]
    UnknownColumn {
        /// The release.
        release: String,
        /// The column.
        column: String,
    },
    /// Its cells do not all have the same columns.
    #[error("{release}: its cells do not all have the same columns, so it is no release")]
    Uneven {
        /// The release.
        release: String,
    },
    /// It says two things about one cell.
    #[error("{release}: it has two cells for {cell}, so it is no release")]
    Twice {
        /// The release.
        release: String,
        /// The cell.
        cell: String,
    },
    /// Its parts do not come to its sums.
    #[error(
        "{release}: the parts of {cell} do not add up to it, so it is no release. Give it as it was published"
    )]
    DoesNotAddUp {
        /// The release.
        release: String,
        /// The cell.
        cell: String,
    },
    /// Two columns are levels of one breakdown in it, and two breakdowns now.
    #[error(
        "{release} counts by {coarse}>{fine}, one inside the other: join the two with '>' in --by as well"
    )]
    TakenApart {
        /// The release.
        release: String,
        /// The coarser column.
        coarse: String,
        /// The finer one.
        fine: String,
    },
    /// It counts somebody where nobody can be now.
    #[error(
        "{release} tells families for {cell} although it lies elsewhere now, and tells both columns for every combination. Give the two as breakdowns of their own, with ',' between them instead of '>'"
    )]
    Crossed {
        /// The release.
        release: String,
        /// The cell.
        cell: String,
    },
    /// Some of its cells are not there.
    #[error(
        "{release}: it has no cell for {cell}, so it is not the whole release. Give it as it was published, with its hidden cells: whoever has the rest could use it"
    )]
    Incomplete {
        /// The release.
        release: String,
        /// The first cell that is missing.
        cell: String,
    },
}

impl Earlier {
    /// Whether it tells two columns for every combination, so that none is a level of the other: each is named where the other is "total".
    pub(super) fn crosses(&self, one: &str, other: &str) -> bool {
        let is_alone = |named: &str, whole: &str| {
            let is_total = |cell: &EarlierCell, column| cell.labels.get(column).map(|name| is_total(name));
            self.cells
                .iter()
                .any(|cell| is_total(cell, named) == Some(false) && is_total(cell, whole) == Some(true))
        };
        is_alone(one, other) && is_alone(other, one)
    }

    /// Whether one column is a level inside another: where the finer one has a category, so has the coarser one, and not the other way round.
    pub(super) fn has_inside(&self, fine: &str, coarse: &str) -> bool {
        let is_named = |cell: &EarlierCell, column| cell.labels.get(column).map(|name| !is_total(name));
        let (mut inside, mut apart) = (false, false);
        for cell in &self.cells {
            match (is_named(cell, fine), is_named(cell, coarse)) {
                (Some(true), Some(true)) => inside = true,
                (Some(false), Some(true)) => apart = true,
                (Some(true), Some(false)) | (None, _) | (_, None) => return false,
                (Some(false), Some(false)) => {}
            }
        }
        inside && apart
    }

    /// The columns that it counts by, those together of which one is a level of another: where the finer one has a category, so has the coarser one.
    fn breakdowns(&self) -> Vec<Vec<&String>> {
        let columns: Vec<&String> = self
            .cells
            .first()
            .map(|cell| cell.labels.keys().collect())
            .unwrap_or_default();
        let is_within = |fine: &String, coarse: &String| {
            let has = |cell: &EarlierCell, column: &String| {
                cell.labels.get(column).is_some_and(|name| !is_total(name))
            };
            self.cells
                .iter()
                .all(|cell| !has(cell, fine) || has(cell, coarse))
        };
        let mut found: Vec<Vec<&String>> = Vec::new();
        for column in columns {
            let related = |other: &&String| is_within(column, other) || is_within(other, column);
            match found.iter_mut().find(|group| group.iter().any(related)) {
                Some(group) => group.push(column),
                None => found.push(vec![column]),
            }
        }
        found
    }

    /// The columns that it counts by.
    fn columns(&self) -> Result<BTreeSet<&str>, EarlierError> {
        let of = |cell: &EarlierCell| cell.labels.keys().cloned().collect::<Vec<_>>();
        let first = self.cells.first().map(of).unwrap_or_default();
        if self.cells.iter().any(|cell| !cell.labels.keys().eq(first.iter())) {
            return Err(EarlierError::Uneven {
                release: self.name.clone(),
            });
        }
        let mut seen = BTreeSet::new();
        for cell in &self.cells {
            if !seen.insert(&cell.labels) {
                return Err(EarlierError::Twice {
                    release: self.name.clone(),
                    cell: cell.labels.values().cloned().collect::<Vec<_>>().join(", "),
                });
            }
        }
        Ok(self
            .cells
            .first()
            .map(|cell| cell.labels.keys().map(String::as_str).collect())
            .unwrap_or_default())
    }
}

/// Looks whether earlier releases have two columns inside each other that are breakdowns of their own now.
pub fn look_for_taken_apart(
    by: &[Vec<String>],
    across: &[Vec<String>],
    earlier: &[Earlier],
) -> Result<(), EarlierError> {
    let breakdown_of = |column: &String| {
        let mut both = by.iter().zip(across);
        both.position(|(levels, across)| levels.contains(column) || across.contains(column))
    };
    for release in earlier {
        for inside_each_other in release.breakdowns() {
            for pair in inside_each_other.windows(2) {
                if breakdown_of(pair[0]) != breakdown_of(pair[1]) {
                    let is_fine = |column: &String| {
                        let named =
                            |cell: &&EarlierCell| cell.labels.get(column).is_some_and(|name| !is_total(name));
                        release.cells.iter().filter(named).count()
                    };
                    let (coarse, fine) = if is_fine(pair[0]) > is_fine(pair[1]) {
                        (pair[0], pair[1])
                    } else {
                        (pair[1], pair[0])
                    };
                    return Err(EarlierError::TakenApart {
                        release: release.name.clone(),
                        coarse: coarse.clone(),
                        fine: fine.clone(),
                    });
                }
            }
        }
    }
    Ok(())
}

/// Looks whether earlier releases have a cell for every combination of their categories, with sums along every breakdown.
pub fn look_for_missing(earlier: &[Earlier]) -> Result<(), EarlierError> {
    for release in earlier {
        if release.cells.is_empty() {
            continue;
        }
        let by = release.breakdowns();
        let paths = |cell: &EarlierCell| -> Vec<Vec<String>> {
            let of = |columns: &Vec<&String>| {
                columns
                    .iter()
                    .map(|column| cell.labels[*column].clone())
                    .collect()
            };
            by.iter().map(of).collect()
        };
        let cells: BTreeSet<Vec<Vec<String>>> = release.cells.iter().map(paths).collect();
        let own: Vec<BTreeSet<&Vec<String>>> = (0..by.len())
            .map(|dimension| cells.iter().map(|cell| &cell[dimension]).collect())
            .collect();
        for (dimension, paths) in own.iter().enumerate() {
            if let Some(sum) = missing_sum(paths) {
                let columns = by[dimension].iter().zip(&sum);
                let names: Vec<String> = columns.map(|(column, name)| format!("{column} {name}")).collect();
                return Err(EarlierError::Incomplete {
                    release: release.name.clone(),
                    cell: names.join(", "),
                });
            }
        }
        let own: Vec<Vec<&Vec<String>>> = own.into_iter().map(|paths| paths.into_iter().collect()).collect();
        let all: usize = own.iter().map(Vec::len).fold(1, usize::saturating_mul);
        // Of one more than there are, one is missing.
        let missing = (0..all.min(cells.len() + 1)).find_map(|number| {
            let mut left = number;
            let mut combination: Vec<Vec<String>> = Vec::new();
            for paths in own.iter().rev() {
                combination.push(paths[left % paths.len()].clone());
                left /= paths.len();
            }
            combination.reverse();
            (!cells.contains(&combination)).then_some(combination)
        });
        if let Some(missing) = missing {
            let names: BTreeMap<&String, &String> = by
                .iter()
                .flatten()
                .copied()
                .zip(missing.iter().flatten())
                .collect();
            let names: Vec<String> = names
                .iter()
                .map(|(column, name)| format!("{column} {name}"))
                .collect();
            return Err(EarlierError::Incomplete {
                release: release.name.clone(),
                cell: names.join(", "),
            });
        }
    }
    Ok(())
}

/// Of a breakdown a sum that is not among its categories: the total, or that of a coarser category. The columns stand in any order: those that a level
/// names are those of the level above and one more.
fn missing_sum(paths: &BTreeSet<&Vec<String>>) -> Option<Vec<String>> {
    let names = |path: &&Vec<String>| -> Vec<Option<String>> {
        let names = path.iter();
        names
            .map(|name| (!is_total(name)).then(|| name.clone()))
            .collect()
    };
    let named = |path: &[Option<String>]| -> BTreeSet<usize> {
        (0..path.len()).filter(|&column| path[column].is_some()).collect()
    };
    let there: BTreeSet<Vec<Option<String>>> = paths.iter().map(names).collect();
    let mut levels: BTreeSet<BTreeSet<usize>> = there.iter().map(|path| named(path)).collect();
    levels.insert(BTreeSet::new());
    let missing = there.iter().find_map(|path| {
        let own = named(path);
        let above = levels
            .iter()
            .find(|level| level.len() + 1 == own.len() && level.is_subset(&own));
        let mut sum = path.clone();
        // Where there is no level above at all, its first sum is missing.
        let last = own.last().copied();
        for (column, name) in sum.iter_mut().enumerate() {
            if !above.map_or(Some(column) != last, |above| above.contains(&column)) {
                *name = None;
            }
        }
        (!own.is_empty() && !there.contains(&sum)).then_some(sum)
    });
    missing.map(|sum| {
        let names = sum.into_iter();
        names
            .map(|name| name.unwrap_or_else(|| super::TOTAL.to_owned()))
            .collect()
    })
}

/// The columns by which earlier releases count and this one does not.
pub fn further_columns(file: &TableFile, earlier: &[Earlier]) -> Result<Vec<String>, EarlierError> {
    let own: BTreeSet<&str> = file.by().iter().flatten().map(String::as_str).collect();
    let mut further = BTreeSet::new();
    for release in earlier {
        for column in release.columns()? {
            if own.contains(column) {
                continue;
            }
            if !file.other_columns().iter().any(|other| other == column) {
                return Err(EarlierError::UnknownColumn {
                    release: release.name.clone(),
                    column: column.into(),
                });
            }
            further.insert(column.to_owned());
        }
    }
    Ok(further.into_iter().collect())
}

/// The categories of earlier releases that the table does not have any more, for each of its breakdowns: they count 0 now. Where a release does not count
/// by a level, one category of it stands for what it does not tell.
pub fn vanished(
    by: &[Vec<String>],
    across: &[Vec<String>],
    present: &[BTreeSet<Vec<String>>],
    is_present: impl Fn(&str, &str) -> bool,
    earlier: &[Earlier],
) -> Vec<Vec<Vec<String>>> {
    let mut vanished = Vec::new();
    for ((columns, across), present) in by.iter().zip(across).zip(present) {
        let mut found: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
        for cell in earlier.iter().rev().flat_map(|release| &release.cells) {
            let names: Vec<Option<&String>> = columns.iter().map(|column| cell.labels.get(column)).collect();
            let Some(finest) = names.iter().rposition(Option::is_some) else {
                continue;
            };
            if names.iter().flatten().any(|name| is_total(name)) {
                continue;
            }
            let Some(name) = names[finest] else { continue };
            if !present.iter().any(|path| path[finest] == *name) {
                let path = names
                    .iter()
                    .map(|other| other.cloned().unwrap_or_else(|| format!("({name})")));
                found
                    .entry((finest, name.clone()))
                    .or_insert_with(|| path.collect());
            }
        }
        // What one release tells in finer parts needs no part of its own for another.
        let finer: Vec<Vec<String>> = found.values().cloned().collect();
        found.retain(|(level, name), _| {
            *level + 1 == columns.len()
                || !finer
                    .iter()
                    .any(|path| path[*level] == *name && path.last() != Some(&format!("({name})")))
        });
        let mut paths: BTreeSet<Vec<String>> = found.into_values().collect();
        for (column, cell) in across.iter().flat_map(|column| {
            earlier
                .iter()
                .flat_map(move |release| release.cells.iter().map(move |cell| (column, cell)))
        }) {
            let is_finer = columns
                .last()
                .is_some_and(|finest| cell.labels.contains_key(finest));
            let name = cell
                .labels
                .get(column)
                .filter(|name| !is_total(name) && !is_finer);
            if let Some(name) = name.filter(|name| !is_present(column, name)) {
                paths.insert(vec![of_vanished(column, name); columns.len()]);
            }
        }
        vanished.push(paths.into_iter().collect());
    }
    vanished
}
