//! What the categories of an earlier release meant: areas may have moved since.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::dimension::{Dimension, is_total};
use super::earlier::{Earlier, EarlierCell};
use super::table::Table;

/// A release with the categories of now that it did not list, though it counted by that breakdown: what is absent counts 0, so it told so.
pub fn with_absent<'a>(table: &Table, release: &'a Earlier) -> Cow<'a, Earlier> {
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
pub struct Areas {
    columns: Vec<String>,
    /// For each level and name, the leaves.
    of: Vec<BTreeMap<String, BTreeSet<usize>>>,
    all: usize,
}

impl Areas {
    /// As the release lists them; what it does not list lies where it lies now.
    pub fn new(dimension: &Dimension, release: &Earlier) -> Self {
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
    pub fn leaves(&self, labels: &BTreeMap<String, String>) -> Option<Vec<usize>> {
        match self.deepest(labels) {
            None => Some((0..self.all).collect()),
            Some((level, name)) => self.of[level]
                .get(name)
                .map(|leaves| leaves.iter().copied().collect()),
        }
    }

    /// The categories of now that have just these leaves: at the level that the cell speaks of and, where a khan has one sangkat only, at the levels
    /// that the release does not count by. None if there is none at its own level.
    pub fn nodes(
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
