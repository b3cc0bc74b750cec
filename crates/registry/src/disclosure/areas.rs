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
        let columns: Vec<&String> = dimension.all_columns().collect();
        let names = |column: &String| -> BTreeSet<&String> {
            let cells = release.cells.iter();
            cells.filter_map(|cell| cell.labels.get(column)).collect()
        };
        let listed: Vec<BTreeSet<&String>> = columns.iter().map(|column| names(column)).collect();
        // The categories of now, each as the names that it has in the columns from the first to its own.
        let levels = dimension.nodes().iter().map(|node| {
            let path = columns.iter().zip(&node.path);
            path.map(|(column, name)| (*column, name)).collect::<Vec<_>>()
        });
        let across = dimension.across().iter().flat_map(|across| {
            let names: BTreeSet<&String> = across.of.iter().flatten().collect();
            names.into_iter().map(|name| vec![(&across.column, name)])
        });
        let is_absent = |path: &Vec<(&String, &String)>| {
            path.last().is_some_and(|(column, name)| {
                let own = columns.iter().position(|other| other == column);
                own.is_some_and(|own| !listed[own].is_empty() && !listed[own].contains(name))
            })
        };
        let absent: Vec<Vec<(&String, &String)>> = levels.chain(across).filter(is_absent).collect();
        if absent.is_empty() {
            continue;
        }
        // Every combination of the other breakdowns that it has.
        let others: BTreeSet<BTreeMap<String, String>> = whole
            .cells
            .iter()
            .map(|cell| {
                let mut labels = cell.labels.clone();
                labels.retain(|column, _| !columns.contains(&column));
                labels
            })
            .collect();
        for (path, labels) in absent
            .iter()
            .flat_map(|path| others.iter().map(move |labels| (path, labels)))
        {
            let mut labels = labels.clone();
            for (own, column) in columns
                .iter()
                .enumerate()
                .filter(|(own, _)| !listed[*own].is_empty())
            {
                let name = path.iter().find(|(other, _)| other == &columns[own]);
                let name = name.map_or(super::TOTAL, |(_, name)| name.as_str());
                labels.insert((*column).clone(), name.to_owned());
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
pub struct Areas<'a> {
    /// The columns of the levels, coarse first.
    levels: &'a [String],
    /// For each column that the release counts by, and each name, the leaves.
    of: BTreeMap<&'a String, BTreeMap<String, BTreeSet<usize>>>,
    all: usize,
}

impl<'a> Areas<'a> {
    /// As the release lists them; what it does not list lies where it lies now.
    pub fn new(dimension: &'a Dimension, release: &Earlier) -> Self {
        let levels = dimension.columns();
        let finest = levels.last();
        let leaf_named: BTreeMap<&str, usize> = dimension
            .leaves()
            .iter()
            .enumerate()
            .filter_map(|(leaf, &node)| Some((dimension.nodes()[node].path.last()?.as_str(), leaf)))
            .collect();
        let leaf_of = |cell: &EarlierCell| {
            finest.and_then(|finest| leaf_named.get(cell.labels.get(finest)?.as_str()).copied())
        };
        let mut of = BTreeMap::new();
        for column in dimension.all_columns() {
            let mut areas: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            let mut listed = vec![false; leaf_named.len()];
            // Areas as the release itself lists them.
            if finest.is_some_and(|finest| !release.crosses(finest, column)) {
                for cell in &release.cells {
                    let name = cell.labels.get(column).filter(|name| !is_total(name));
                    if let (Some(leaf), Some(name)) = (leaf_of(cell), name) {
                        listed[leaf] = true;
                        areas.entry(name.clone()).or_default().insert(leaf);
                    }
                }
            }
            // What it does not list lies where it lies now.
            for leaf in (0..leaf_named.len()).filter(|&leaf| !listed[leaf]) {
                if let Some(name) = category_now(dimension, column, leaf) {
                    areas.entry(name.clone()).or_default().insert(leaf);
                }
            }
            of.insert(column, areas);
        }
        Self {
            levels,
            of,
            all: leaf_named.len(),
        }
    }

    /// The leaves of what a cell says: what is in all the categories that it names. None if one of them is nowhere now.
    pub fn leaves(&self, labels: &BTreeMap<String, String>) -> Option<Vec<usize>> {
        let mut leaves: BTreeSet<usize> = (0..self.all).collect();
        for (column, areas) in &self.of {
            if let Some(name) = labels.get(*column).filter(|name| !is_total(name)) {
                let area = areas.get(name)?;
                leaves.retain(|leaf| area.contains(leaf));
            }
        }
        Some(leaves.into_iter().collect())
    }

    /// The categories of now that have just these leaves: at the finest level that the cell names and, where a khan has one sangkat only, at the levels
    /// that the release does not count by. None if there is none.
    pub fn nodes(
        &self,
        dimension: &Dimension,
        leaves: &[usize],
        labels: &BTreeMap<String, String>,
    ) -> Option<Vec<usize>> {
        let names = |column: &String| labels.get(column).is_some_and(|name| !is_total(name));
        let is_same = |depth: usize| {
            dimension.nodes().iter().position(|node| {
                node.path.len() == depth
                    && node.end_leaf - node.first_leaf == leaves.len()
                    && leaves.first() == Some(&node.first_leaf)
                    && leaves.last() == Some(&(node.end_leaf - 1))
            })
        };
        let further = (0..self.levels.len())
            .filter(|&level| !labels.contains_key(&self.levels[level]))
            .filter_map(|level| is_same(level + 1));
        let own = match self.levels.iter().rposition(names) {
            Some(level) => Some(is_same(level + 1)?),
            // Of a column across the levels there need be none.
            None if self.of.keys().any(|column| names(column)) => None,
            None => Some(is_same(0)?),
        };
        let nodes: Vec<usize> = own.into_iter().chain(further).collect();
        (!nodes.is_empty()).then_some(nodes)
    }
}

/// In which category of a column a finest category lies now.
fn category_now<'a>(dimension: &'a Dimension, column: &String, leaf: usize) -> Option<&'a String> {
    let level = dimension.columns().iter().position(|level| level == column);
    if let Some(level) = level {
        return dimension.nodes()[dimension.leaves()[leaf]].path.get(level);
    }
    let mut across = dimension.across().iter();
    across.find(|across| across.column == *column)?.of[leaf].as_ref()
}
