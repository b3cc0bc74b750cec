//! A table of counts over several breakdowns, with every total.

use super::dimension::Dimension;

/// The most cells that a table may have, totals included.
pub const MAX_CELLS: usize = 4_000_000;

/// A cell's number: each breakdown's node in turn, the last one running fastest.
pub type Cell = usize;

/// A table that is too big.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the table would have {cells} cells, more than {MAX_CELLS}: leave out a breakdown or use coarser categories"
)]
pub struct TooManyCells {
    /// How many cells it would have.
    pub cells: u128,
}

/// Counts for every combination of categories and totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    dimensions: Vec<Dimension>,
    strides: Vec<usize>,
    values: Vec<u64>,
}

impl Table {
    /// A table from the counts of its finest combinations: the leaf of each breakdown, and the count. A combination that is not
    /// there counts 0; one that is there twice counts the sum.
    pub fn new(
        dimensions: Vec<Dimension>,
        counts: impl IntoIterator<Item = (Vec<usize>, u64)>,
    ) -> Result<Self, TooManyCells> {
        let cells = dimensions.iter().map(|one| one.nodes().len() as u128).product();
        if cells > MAX_CELLS as u128 {
            return Err(TooManyCells { cells });
        }
        let mut strides = vec![1; dimensions.len()];
        for dimension in (1..dimensions.len()).rev() {
            strides[dimension - 1] = strides[dimension] * dimensions[dimension].nodes().len();
        }
        let mut table = Self {
            values: vec![0; cells as usize],
            dimensions,
            strides,
        };
        for (leaves, count) in counts {
            let cell = table.leaf_cell(&leaves);
            table.values[cell] += count;
        }
        let mut values = std::mem::take(&mut table.values);
        table.add_up(&mut values);
        table.values = values;
        Ok(table)
    }

    /// Fills every total from the finest cells; what stood in the totals must be zero.
    pub fn add_up<T: Copy + std::ops::AddAssign>(&self, values: &mut [T]) {
        for (dimension, &stride) in self.dimensions.iter().zip(&self.strides) {
            let nodes = dimension.nodes();
            let block = stride * nodes.len();
            for start in (0..values.len()).step_by(block) {
                for (node, parent) in nodes
                    .iter()
                    .enumerate()
                    .rev()
                    .filter_map(|(node, one)| one.parent.map(|parent| (node, parent)))
                {
                    for inner in 0..stride {
                        let value = values[start + node * stride + inner];
                        values[start + parent * stride + inner] += value;
                    }
                }
            }
        }
    }

    /// The breakdowns.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The true counts of all cells, in the order of their numbers.
    pub fn values(&self) -> &[u64] {
        &self.values
    }

    /// How far apart two neighbouring nodes of a breakdown are in the numbering.
    pub fn stride(&self, dimension: usize) -> usize {
        self.strides[dimension]
    }

    /// How many cells it has, totals included.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has no cell; it never has none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A cell's node in one breakdown.
    pub fn node(&self, cell: Cell, dimension: usize) -> usize {
        cell / self.strides[dimension] % self.dimensions[dimension].nodes().len()
    }

    /// A cell's nodes in every breakdown.
    pub fn nodes(&self, cell: Cell) -> Vec<usize> {
        (0..self.dimensions.len())
            .map(|dimension| self.node(cell, dimension))
            .collect()
    }

    /// The cell of these nodes.
    pub fn cell(&self, nodes: &[usize]) -> Cell {
        nodes
            .iter()
            .zip(&self.strides)
            .map(|(node, stride)| node * stride)
            .sum()
    }

    /// The cells of these nodes, every combination of some for each breakdown.
    pub fn cells(&self, nodes: &[Vec<usize>]) -> Vec<Cell> {
        let mut found = vec![0];
        for (nodes, stride) in nodes.iter().zip(&self.strides) {
            found = found
                .iter()
                .flat_map(|&start| nodes.iter().map(move |node| start + node * stride))
                .collect();
        }
        found
    }

    /// The cell of these leaves (numbers of leaves, not of nodes).
    pub fn leaf_cell(&self, leaves: &[usize]) -> Cell {
        leaves
            .iter()
            .enumerate()
            .map(|(dimension, &leaf)| self.dimensions[dimension].leaves()[leaf] * self.strides[dimension])
            .sum()
    }

    /// Whether it is one of the finest cells, without any total.
    pub fn is_leaf(&self, cell: Cell) -> bool {
        (0..self.dimensions.len())
            .all(|dimension| self.dimensions[dimension].nodes()[self.node(cell, dimension)].is_leaf())
    }

    /// In how many steps of all breakdowns a cell is coarser than the finest.
    pub fn levels_above_leaf(&self, cell: Cell) -> usize {
        self.dimensions
            .iter()
            .enumerate()
            .map(|(number, dimension)| {
                dimension.columns().len() - dimension.nodes()[self.node(cell, number)].path.len()
            })
            .sum()
    }

    /// The cells that make up a cell along one breakdown; none if it is at that breakdown's finest level.
    pub fn children(&self, cell: Cell, dimension: usize) -> impl Iterator<Item = Cell> + '_ {
        let node = self.node(cell, dimension);
        let stride = self.strides[dimension];
        self.dimensions[dimension].nodes()[node]
            .children
            .iter()
            .map(move |child| cell - node * stride + child * stride)
    }

    /// The cell that this one adds to along one breakdown.
    pub fn parent(&self, cell: Cell, dimension: usize) -> Option<Cell> {
        let node = self.node(cell, dimension);
        let stride = self.strides[dimension];
        self.dimensions[dimension].nodes()[node]
            .parent
            .map(|parent| cell - node * stride + parent * stride)
    }

    /// All cells inside a cell, itself among them.
    pub fn inside(&self, cell: Cell) -> Vec<Cell> {
        let inside = |(number, dimension): (usize, &Dimension)| {
            let own = self.node(cell, number);
            let nodes = 0..dimension.nodes().len();
            nodes.filter(|&node| dimension.contains(own, node)).collect()
        };
        let nodes: Vec<Vec<usize>> = self.dimensions.iter().enumerate().map(inside).collect();
        self.cells(&nodes)
    }

    /// The finest cells inside a cell.
    pub fn leaves_of(&self, cell: Cell) -> Vec<Cell> {
        let leaves = |(number, dimension): (usize, &Dimension)| {
            let node = &dimension.nodes()[self.node(cell, number)];
            dimension.leaves()[node.first_leaf..node.end_leaf].to_vec()
        };
        let nodes: Vec<Vec<usize>> = self.dimensions.iter().enumerate().map(leaves).collect();
        self.cells(&nodes)
    }

    /// What a cell is called, for people: `khan A, sex total` as `A, total`.
    pub fn name(&self, cell: Cell) -> String {
        self.dimensions
            .iter()
            .enumerate()
            .map(|(number, dimension)| {
                let node = &dimension.nodes()[self.node(cell, number)];
                if node.path.is_empty() {
                    super::TOTAL.to_owned()
                } else {
                    node.path.join(" > ")
                }
            })
            .collect::<Vec<_>>()
            .join(", ")
    }
}
