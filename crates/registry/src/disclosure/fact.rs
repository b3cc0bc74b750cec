//! A sum over finest cells that need not be a cell of the table.

use super::dimension::Dimension;
use super::table::{Cell, Table};

/// A sum of finest cells that the attacker knows although it may be no cell of this table: an area of former boundaries, a settlement
/// that lies across several sangkats, what a group hid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// For each breakdown, the leaves over which the sum goes, ascending.
    pub leaves: Vec<Vec<usize>>,
}

impl Fact {
    /// The sum of cells that are parts of one group along one breakdown.
    pub(super) fn of(table: &Table, parts: &[Cell]) -> Self {
        let dimensions = table.dimensions().iter().enumerate();
        let leaves = dimensions.map(|(number, dimension)| {
            let nodes = parts
                .iter()
                .map(|&part| &dimension.nodes()[table.node(part, number)]);
            let mut leaves: Vec<usize> = nodes.flat_map(|node| node.first_leaf..node.end_leaf).collect();
            leaves.sort_unstable();
            leaves.dedup();
            leaves
        });
        Self {
            leaves: leaves.collect(),
        }
    }

    /// The finest cells that are added up.
    pub fn cells(&self, table: &Table) -> Vec<Cell> {
        let both = self.leaves.iter().zip(table.dimensions());
        let nodes: Vec<Vec<usize>> = both
            .map(|(leaves, dimension)| leaves.iter().map(|&leaf| dimension.leaves()[leaf]).collect())
            .collect();
        table.cells(&nodes)
    }

    /// Whether a finest cell is in it.
    pub fn has(&self, table: &Table, cell: Cell) -> bool {
        self.leaves.iter().enumerate().all(|(dimension, leaves)| {
            let node = &table.dimensions()[dimension].nodes()[table.node(cell, dimension)];
            leaves.binary_search(&node.first_leaf).is_ok()
        })
    }

    /// The coarsest cells that come to it together.
    pub fn parts(&self, table: &Table) -> Vec<Cell> {
        let both = self.leaves.iter().zip(table.dimensions());
        let nodes: Vec<Vec<usize>> = both.map(|(leaves, dimension)| cover(dimension, leaves)).collect();
        table.cells(&nodes)
    }

    /// The cells of just this sum: several where a category has one part only, none for most.
    pub fn same(&self, table: &Table) -> Vec<Cell> {
        let both = self.leaves.iter().zip(table.dimensions());
        let nodes: Vec<Vec<usize>> = both
            .map(|(leaves, dimension)| {
                let [mut node] = cover(dimension, leaves)[..] else {
                    return Vec::new();
                };
                let mut same = vec![node];
                while let [only] = dimension.nodes()[node].children[..] {
                    node = only;
                    same.push(only);
                }
                same
            })
            .collect();
        table.cells(&nodes)
    }

    /// The true sum.
    pub fn sum(&self, table: &Table) -> u64 {
        let parts = self.parts(table).into_iter();
        parts.map(|cell| table.values()[cell]).sum()
    }

    /// The smallest cell that contains all of it.
    pub fn around(&self, table: &Table) -> Cell {
        let both = self.leaves.iter().zip(table.dimensions());
        let nodes: Vec<usize> = both
            .map(|(leaves, dimension)| {
                let (Some(&first), Some(&last)) = (leaves.first(), leaves.last()) else {
                    return 0;
                };
                let nodes = dimension.nodes();
                let holds = |node: usize| nodes[node].first_leaf <= first && last < nodes[node].end_leaf;
                let mut node = 0;
                while let Some(&inner) = nodes[node].children.iter().find(|&&child| holds(child)) {
                    node = inner;
                }
                node
            })
            .collect();
        table.cell(&nodes)
    }
}

/// The coarsest categories that have these leaves together and no other.
fn cover(dimension: &Dimension, leaves: &[usize]) -> Vec<usize> {
    let nodes = dimension.nodes();
    let mut found = Vec::new();
    let mut open = vec![0];
    while let Some(node) = open.pop() {
        let (first, end) = (nodes[node].first_leaf, nodes[node].end_leaf);
        let inside =
            leaves.partition_point(|&leaf| leaf < end) - leaves.partition_point(|&leaf| leaf < first);
        if inside == end - first {
            found.push(node);
        } else if inside > 0 {
            open.extend(nodes[node].children.iter().rev());
        }
    }
    found
}
