//! What was published before, as an attacker uses it against a table of now.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::attack::Fact;
use super::dimension::{Dimension, is_total};
use super::protect::{History, Rest};
use super::read::TableFile;
use super::rules::{Reason, Rules};
use super::table::{Cell, Table};

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

/// Looks whether earlier releases have a cell for every combination of their categories.
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
    present: &[BTreeSet<Vec<String>>],
    earlier: &[Earlier],
) -> Vec<Vec<Vec<String>>> {
    let mut vanished = Vec::new();
    for (columns, present) in by.iter().zip(present) {
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
        vanished.push(found.into_values().collect());
    }
    vanished
}

/// What an earlier release says, in the cells of the table of now.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its name, for messages.
    pub name: String,
    /// How many families that it may have counted were erased since.
    pub erased_since: u64,
    /// Of each cell: nothing, that it is hidden, or its count.
    pub said: Vec<Option<Option<u64>>>,
    /// What it tells over former boundaries.
    pub sums: Vec<(Fact, u64)>,
    /// What it hides over former boundaries.
    pub hidden_sums: Vec<Fact>,
    /// Counts of hidden cells that whoever prepares the next release knows still.
    pub counts: BTreeMap<Cell, u64>,
    /// Hidden cells of which that is not known any more, but that it was not what it is now.
    pub changed: Vec<Cell>,
}

impl Past {
    /// What these parts of a group came to together, as far as it was told: part by part, or the group and all its other parts.
    pub fn sum_of(&self, table: &Table, (group, dimension): (Cell, usize), parts: &[Cell]) -> Option<u64> {
        let told = |cell: Cell| self.said[cell].flatten();
        let each: Option<u64> = parts.iter().map(|&part| told(part)).sum();
        each.or_else(|| {
            let others = table
                .children(group, dimension)
                .filter(|child| !parts.contains(child));
            told(group)?.checked_sub(others.map(told).sum::<Option<u64>>()?)
        })
    }

    /// A told cell that is not the sum of its parts, which are all told.
    fn that_does_not_add_up(&self, table: &Table) -> Option<Cell> {
        (0..table.len()).find(|&cell| {
            let Some(all) = self.said[cell].flatten() else {
                return false;
            };
            (0..table.dimensions().len()).any(|dimension| {
                let mut parts = table.children(cell, dimension).peekable();
                parts.peek().is_some()
                    && parts
                        .map(|part| self.said[part].flatten())
                        .sum::<Option<u64>>()
                        .is_some_and(|sum| sum != all)
            })
        })
    }

    fn nothing(release: &Earlier, table: &Table) -> Self {
        Self {
            name: release.name.clone(),
            erased_since: release.erased_since,
            said: vec![None; table.len()],
            sums: Vec::new(),
            hidden_sums: Vec::new(),
            counts: BTreeMap::new(),
            changed: Vec::new(),
        }
    }

    /// Keeps what is known of a hidden cell.
    fn keep(&mut self, cell: Cell, was: Option<Hidden>, now: u64) {
        let Some(was) = was else { return };
        if let Some(count) = was.count {
            self.counts.insert(cell, count);
        } else if !(1..was.threshold).contains(&now) {
            self.changed.push(cell);
        }
    }
}

impl History {
    /// Looks whether the parts of each earlier release come to its sums.
    pub fn look_at_sums(&self, table: &Table) -> Result<(), EarlierError> {
        for past in &self.past {
            if let Some(cell) = past.that_does_not_add_up(table) {
                return Err(EarlierError::DoesNotAddUp {
                    release: past.name.clone(),
                    cell: table.name(cell),
                });
            }
        }
        Ok(())
    }

    /// What earlier releases, the oldest first, tell about a table of now.
    ///
    /// - A published count that is the same now is **known**: an attacker may believe that nothing changed there. So is the sum of what a group
    ///   hid, where that can be worked out of what was told beside it and is the same now.
    /// - A published count that differs by fewer than the threshold, from any of the releases, **must be hidden**: the difference is that
    ///   small group. The same holds for the sums of what groups hid: see [`Rest`].
    /// - A hidden cell **stays hidden** while it may be what it was: to publish it would tell that to whoever believes that nothing changed,
    ///   and with it what it hid.
    pub fn of(table: &Table, rules: Rules, earlier: &[Earlier]) -> Self {
        let mut history = Self::none(table);
        let mut rests = BTreeMap::new();
        for release in earlier {
            history.add(table, rules, &with_absent(table, release), &mut rests);
        }
        for cell in 0..table.len() {
            let unchanged = history.latest[cell] == Some(Some(table.values()[cell]));
            history.told[cell] = unchanged && !history.changed_little[cell];
            history.stay_hidden[cell] &= !history.told[cell];
        }
        history.look_at(table, rests);
        history
    }

    fn add(&mut self, table: &Table, rules: Rules, release: &Earlier, rests: &mut BTreeMap<Rest, u64>) {
        let areas: Vec<Areas> = table
            .dimensions()
            .iter()
            .map(|dimension| Areas::new(dimension, release))
            .collect();
        let mut hidden: Vec<(Cell, Option<Hidden>)> = Vec::new();
        let mut past = Past::nothing(release, table);
        for earlier in &release.cells {
            let Some(sets) = areas
                .iter()
                .map(|areas| areas.leaves(&earlier.labels))
                .collect::<Option<Vec<Vec<usize>>>>()
            else {
                continue;
            };
            let nodes: Option<Vec<Vec<usize>>> = sets
                .iter()
                .zip(table.dimensions())
                .zip(&areas)
                .map(|((set, dimension), areas)| areas.nodes(dimension, set, &earlier.labels))
                .collect();
            if let Some(nodes) = nodes {
                for cell in table.cells(&nodes) {
                    let now = table.values()[cell];
                    if let Some(value) = earlier.value {
                        let gone = if now < value { release.erased_since } else { 0 };
                        let far = rules.threshold() + gone;
                        self.changed_little[cell] |= (1..far).contains(&now.abs_diff(value));
                    } else {
                        hidden.push((cell, earlier.was));
                        past.keep(cell, earlier.was, now);
                    }
                    past.said[cell] = Some(earlier.value);
                    self.latest[cell] = Some(earlier.value);
                }
            } else if let Some(value) = earlier.value {
                // Other boundaries than now: a sum that is known if nothing has changed, and nearly so if little has.
                let fact = Fact { leaves: sets };
                past.sums.push((fact.clone(), value));
                let now = fact.sum(table);
                let gone = if now < value { release.erased_since } else { 0 };
                if now.abs_diff(value) < rules.threshold() + gone && !self.facts.contains(&fact) {
                    self.facts.push(fact);
                }
            } else {
                past.hidden_sums.push(Fact { leaves: sets });
            }
        }
        for (cell, was) in hidden {
            let may_be_told = match was {
                Some(was) => has_changed(table.values()[cell], was, rules, release.erased_since),
                None => self.is_far_above(table, rules, cell),
            };
            self.stay_hidden[cell] |= !may_be_told;
        }
        for rest in rests_of(table, &past.said) {
            let gone = rests.entry(rest).or_insert(0);
            *gone = release.erased_since.max(*gone);
        }
        self.past.push(past);
    }

    /// Whether a cell of which nobody knows any more how it was hidden is now far above all that it can have been: at most what the smallest
    /// published cell that contains it says.
    fn is_far_above(&self, table: &Table, rules: Rules, cell: Cell) -> bool {
        let most = containing(table, cell)
            .into_iter()
            .filter_map(|above| self.latest[above].flatten())
            .min();
        most.is_some_and(|most| table.values()[cell] >= most.saturating_add(rules.threshold()))
    }

    /// What the sums of hidden parts come to now: known where they are the same, to be kept from being worked out where they differ by few.
    fn look_at(&mut self, table: &Table, rests: BTreeMap<Rest, u64>) {
        let mut known: BTreeSet<Vec<Vec<usize>>> = BTreeSet::new();
        for (rest, gone) in rests {
            let now: u64 = rest.parts.iter().map(|&part| table.values()[part]).sum();
            if now != rest.sum {
                self.rests.push((rest, gone));
                continue;
            }
            // Where all that it was worked out of is the same, the table of now says it as well.
            let mut from = std::iter::once(rest.group).chain(
                table
                    .children(rest.group, rest.dimension)
                    .filter(|child| !rest.parts.contains(child)),
            );
            if !from.all(|cell| self.told[cell]) {
                known.insert(rest.leaves(table));
            }
        }
        self.facts.extend(known.into_iter().map(|leaves| Fact { leaves }));
    }
}

impl Rest {
    /// For each breakdown, the leaves over which the sum goes.
    fn leaves(&self, table: &Table) -> Vec<Vec<usize>> {
        let inside = |cell: Cell, dimension: usize| {
            let node = &table.dimensions()[dimension].nodes()[table.node(cell, dimension)];
            node.first_leaf..node.end_leaf
        };
        (0..table.dimensions().len())
            .map(|dimension| {
                if dimension != self.dimension {
                    return inside(self.group, dimension).collect();
                }
                let mut leaves: Vec<usize> = self
                    .parts
                    .iter()
                    .flat_map(|&part| inside(part, dimension))
                    .collect();
                leaves.sort_unstable();
                leaves
            })
            .collect()
    }
}

/// The sums that a release let be worked out: of each group that it told, the parts that it hid.
fn rests_of(table: &Table, said: &[Option<Option<u64>>]) -> Vec<Rest> {
    let mut found = Vec::new();
    for group in 0..table.len() {
        let Some(Some(all)) = said[group] else { continue };
        for dimension in 0..table.dimensions().len() {
            let mut parts = Vec::new();
            let mut told: Option<u64> = None;
            let mut is_whole = true;
            for child in table.children(group, dimension) {
                match said[child] {
                    None => is_whole = false,
                    Some(None) => parts.push(child),
                    Some(Some(value)) => *told.get_or_insert(0) += value,
                }
            }
            // Where none is told beside them, their sum is the group itself.
            let Some(told) = told.filter(|told| is_whole && !parts.is_empty() && *told <= all) else {
                continue;
            };
            found.push(Rest {
                group,
                dimension,
                parts,
                sum: all - told,
            });
        }
    }
    found
}

/// Whether a hidden cell is another one than it was, so that to publish it does not tell what it was: by the threshold at least. One that was
/// hidden for its small change alone is another one with any change; that it differs from all that was told of it is looked at besides.
fn has_changed(now: u64, was: Hidden, rules: Rules, erased: u64) -> bool {
    let (least, most) = match was.count {
        Some(count) => (count, count),
        None => (1, was.threshold.saturating_sub(1)),
    };
    let (apart, gone) = if now < least {
        (least - now, erased)
    } else {
        (now.saturating_sub(most), 0)
    };
    let needed = if was.reason == Reason::Difference {
        1
    } else {
        rules.threshold()
    };
    apart >= needed + gone
}

/// All cells that contain a cell, itself left out.
fn containing(table: &Table, cell: Cell) -> Vec<Cell> {
    let up = |(number, dimension): (usize, &Dimension)| dimension.upwards(table.node(cell, number)).collect();
    let nodes: Vec<Vec<usize>> = table.dimensions().iter().enumerate().map(up).collect();
    let mut found = table.cells(&nodes);
    found.retain(|&other| other != cell);
    found
}

impl Fact {
    /// The finest cells that are added up.
    pub fn cells(&self, table: &Table) -> Vec<Cell> {
        let both = self.leaves.iter().zip(table.dimensions());
        let nodes: Vec<Vec<usize>> = both
            .map(|(leaves, dimension)| leaves.iter().map(|&leaf| dimension.leaves()[leaf]).collect())
            .collect();
        table.cells(&nodes)
    }

    /// The true sum.
    pub fn sum(&self, table: &Table) -> u64 {
        self.cells(table)
            .into_iter()
            .map(|cell| table.values()[cell])
            .sum()
    }
}

/// A release with the categories of now that it did not list, though it counted by that breakdown: what is absent counts 0, so it told so.
fn with_absent<'a>(table: &Table, release: &'a Earlier) -> Cow<'a, Earlier> {
    let mut whole = Cow::Borrowed(release);
    for dimension in table.dimensions() {
        let columns = dimension.columns();
        let counts_by = |column: &String| {
            let first = whole.cells.first();
            first.is_some_and(|cell| cell.labels.contains_key(column))
        };
        let levels: Vec<bool> = columns.iter().map(counts_by).collect();
        let names = |column: &String| -> BTreeSet<String> {
            whole
                .cells
                .iter()
                .filter_map(|cell| cell.labels.get(column).cloned())
                .collect()
        };
        let listed: Vec<BTreeSet<String>> = columns.iter().map(names).collect();
        let absent: Vec<&Vec<String>> = dimension
            .nodes()
            .iter()
            .map(|node| &node.path)
            .filter(|path| {
                path.last()
                    .is_some_and(|name| levels[path.len() - 1] && !listed[path.len() - 1].contains(name))
            })
            .collect();
        if absent.is_empty() {
            continue;
        }
        // Every combination of the other breakdowns that it has.
        let others: BTreeSet<BTreeMap<String, String>> = whole
            .cells
            .iter()
            .map(|cell| {
                let mut labels = cell.labels.clone();
                labels.retain(|column, _| !columns.contains(column));
                labels
            })
            .collect();
        for (path, labels) in absent
            .iter()
            .flat_map(|path| others.iter().map(move |labels| (path, labels)))
        {
            let mut labels = labels.clone();
            for (level, column) in columns.iter().enumerate().filter(|(level, _)| levels[*level]) {
                let name = path.get(level).map_or(super::TOTAL, String::as_str);
                labels.insert(column.clone(), name.to_owned());
            }
            whole.to_mut().cells.push(EarlierCell {
                labels,
                value: Some(0),
                was: None,
            });
        }
    }
    whole
}

/// What the categories of one breakdown meant in an earlier release, in the finest categories of now.
struct Areas {
    columns: Vec<String>,
    /// For each level and name, the leaves.
    of: Vec<BTreeMap<String, BTreeSet<usize>>>,
    all: usize,
}

impl Areas {
    fn new(dimension: &Dimension, release: &Earlier) -> Self {
        let columns = dimension.columns().to_vec();
        let mut of: Vec<BTreeMap<String, BTreeSet<usize>>> = vec![BTreeMap::new(); columns.len()];
        let mut listed = vec![false; dimension.leaves().len()];
        let by_name: BTreeMap<&str, usize> = dimension
            .leaves()
            .iter()
            .enumerate()
            .filter_map(|(leaf, &node)| {
                dimension.nodes()[node]
                    .path
                    .last()
                    .map(|name| (name.as_str(), leaf))
            })
            .collect();
        // Areas as the release itself lists them.
        for cell in &release.cells {
            let Some(leaf) = columns
                .last()
                .and_then(|column| cell.labels.get(column))
                .and_then(|name| by_name.get(name.as_str()).copied())
            else {
                continue;
            };
            listed[leaf] = true;
            for (level, column) in columns.iter().enumerate() {
                if let Some(name) = cell.labels.get(column).filter(|name| !is_total(name)) {
                    of[level].entry(name.clone()).or_default().insert(leaf);
                }
            }
        }
        // What it does not list lies where it lies now.
        for (leaf, &node) in dimension.leaves().iter().enumerate() {
            if !listed[leaf] {
                for (level, name) in dimension.nodes()[node].path.iter().enumerate() {
                    of[level].entry(name.clone()).or_default().insert(leaf);
                }
            }
        }
        Self {
            columns,
            of,
            all: dimension.leaves().len(),
        }
    }

    /// The name at the finest level that is not "total", and that level.
    fn deepest<'a>(&self, labels: &'a BTreeMap<String, String>) -> Option<(usize, &'a String)> {
        self.columns.iter().enumerate().rev().find_map(|(level, column)| {
            labels
                .get(column)
                .filter(|name| !is_total(name))
                .map(|name| (level, name))
        })
    }

    /// The leaves of what a cell says; none if it is nowhere now.
    fn leaves(&self, labels: &BTreeMap<String, String>) -> Option<Vec<usize>> {
        match self.deepest(labels) {
            None => Some((0..self.all).collect()),
            Some((level, name)) => self.of[level]
                .get(name)
                .map(|leaves| leaves.iter().copied().collect()),
        }
    }

    /// The categories of now that have just these leaves: at the level that the cell speaks of and, where a khan has one sangkat only, at the levels
    /// that the release does not count by. None if there is none at its own level.
    fn nodes(
        &self,
        dimension: &Dimension,
        leaves: &[usize],
        labels: &BTreeMap<String, String>,
    ) -> Option<Vec<usize>> {
        let own = self.deepest(labels).map_or(0, |(level, _)| level + 1);
        let is_same = |level: usize| {
            dimension.nodes().iter().position(|node| {
                node.path.len() == level
                    && node.end_leaf - node.first_leaf == leaves.len()
                    && leaves.first() == Some(&node.first_leaf)
                    && leaves.last() == Some(&(node.end_leaf - 1))
            })
        };
        let further = (0..self.columns.len())
            .filter(|&level| !labels.contains_key(&self.columns[level]))
            .filter_map(|level| is_same(level + 1));
        Some(std::iter::once(is_same(own)?).chain(further).collect())
    }
}
