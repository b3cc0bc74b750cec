//! One breakdown of a table: a tree of categories, from "total" at its root to the finest categories.

use std::collections::BTreeMap;

use super::TOTAL;

/// One category at one level of a breakdown, or the total of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The category that contains this one; none for the total.
    pub parent: Option<usize>,
    /// The categories directly inside it, in the order of their names.
    pub children: Vec<usize>,
    /// The names from the coarsest level down to this one; empty for the total.
    pub path: Vec<String>,
    /// The finest categories inside it are those from this one …
    pub first_leaf: usize,
    /// … to before this one.
    pub end_leaf: usize,
}

impl Node {
    /// Whether it is one of the finest categories.
    pub fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }
}

/// One breakdown: its columns, coarse first, and its categories as a tree.
///
/// Categories are ordered by name, so that the same table gives the same answer whatever the order of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    columns: Vec<String>,
    nodes: Vec<Node>,
    leaves: Vec<usize>,
    across: Vec<Across>,
}

/// A further column of which each finest category lies in one category, and that is no level of the tree: zones beside khans. Earlier releases count
/// by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Across {
    /// The column.
    pub column: String,
    /// For each leaf, in which category it lies now; none: in none that is known.
    pub of: Vec<Option<String>>,
}

/// A breakdown that is no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DimensionError {
    /// A category of a finer level stands in two categories of the coarser one.
    #[error("{column} '{name}' stands under {coarser} '{first}' and under '{second}': it can be in one only")]
    TwoParents {
        /// The column of the category.
        column: String,
        /// The category.
        name: String,
        /// The column of the level above.
        coarser: String,
        /// One category above it.
        first: String,
        /// The other.
        second: String,
    },
    /// A category has a name that the published table needs for itself.
    #[error(
        "a category of {column} is called '{name}', which is how the published table names the sum of all: call it something else"
    )]
    CalledTotal {
        /// The column.
        column: String,
        /// The name as it was written.
        name: String,
    },
    /// There is no category at all.
    #[error("{column} has no category: there is nothing to count by")]
    Empty {
        /// The finest column.
        column: String,
    },
}

impl Dimension {
    /// A breakdown from the paths of its finest categories, each with one name for every column.
    pub fn new(
        columns: Vec<String>,
        paths: impl IntoIterator<Item = Vec<String>>,
    ) -> Result<Self, DimensionError> {
        let mut paths: Vec<Vec<String>> = paths.into_iter().collect();
        paths.sort();
        paths.dedup();
        if paths.is_empty() {
            return Err(DimensionError::Empty {
                column: columns.last().cloned().unwrap_or_default(),
            });
        }
        for level in 0..columns.len() {
            let mut above: BTreeMap<&str, &str> = BTreeMap::new();
            for path in &paths {
                let name = path[level].as_str();
                if is_total(name) {
                    return Err(DimensionError::CalledTotal {
                        column: columns[level].clone(),
                        name: name.into(),
                    });
                }
                if level == 0 {
                    continue;
                }
                let parent = path[level - 1].as_str();
                if let Some(first) = above.insert(name, parent).filter(|first| *first != parent) {
                    return Err(DimensionError::TwoParents {
                        column: columns[level].clone(),
                        name: name.into(),
                        coarser: columns[level - 1].clone(),
                        first: first.into(),
                        second: parent.into(),
                    });
                }
            }
        }
        let mut made = Self {
            nodes: vec![Node {
                parent: None,
                children: Vec::new(),
                path: Vec::new(),
                first_leaf: 0,
                end_leaf: paths.len(),
            }],
            leaves: Vec::with_capacity(paths.len()),
            columns,
            across: Vec::new(),
        };
        let depth = made.columns.len();
        // The nodes on the way down to the path that was added last.
        let mut open = vec![0];
        for (leaf, path) in paths.iter().enumerate() {
            let shared = made.nodes[open[open.len() - 1]]
                .path
                .iter()
                .zip(path)
                .take_while(|(one, other)| one == other)
                .count();
            open.truncate(shared + 1);
            for level in shared..depth {
                let parent = open[level];
                let node = made.nodes.len();
                made.nodes[parent].children.push(node);
                made.nodes.push(Node {
                    parent: Some(parent),
                    children: Vec::new(),
                    path: path[..=level].to_vec(),
                    first_leaf: leaf,
                    end_leaf: leaf + 1,
                });
                open.push(node);
            }
            for &node in &open {
                made.nodes[node].end_leaf = leaf + 1;
            }
            made.leaves.push(open[depth]);
        }
        Ok(made)
    }

    /// The columns, coarse first.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Adds a column across the levels: in which category each finest category lies, by its name.
    pub(super) fn lies_across(&mut self, column: &str, category_of: impl Fn(&str) -> Option<String>) {
        let leaves = self.leaves.iter();
        let of = leaves.map(|&leaf| self.nodes[leaf].path.last().and_then(|name| category_of(name)));
        self.across.push(Across {
            column: column.to_owned(),
            of: of.collect(),
        });
    }

    /// The columns across the levels.
    pub fn across(&self) -> &[Across] {
        &self.across
    }

    /// All columns that say something about a category, those of the levels first.
    pub fn all_columns(&self) -> impl Iterator<Item = &String> {
        self.columns
            .iter()
            .chain(self.across.iter().map(|across| &across.column))
    }

    /// All categories and the total, which is the first; a category comes after the one that contains it.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The nodes of the finest categories, in the order of their names.
    pub fn leaves(&self) -> &[usize] {
        &self.leaves
    }

    /// What stands in each column for a node: its names, and "total" below them.
    pub fn labels(&self, node: usize) -> impl Iterator<Item = (&str, &str)> {
        let path = &self.nodes[node].path;
        self.columns
            .iter()
            .enumerate()
            .map(|(level, column)| (column.as_str(), path.get(level).map_or(TOTAL, String::as_str)))
    }

    /// A finest category by its name in the last column.
    pub fn leaf_named(&self, name: &str) -> Option<usize> {
        self.leaves
            .iter()
            .position(|&node| self.nodes[node].path.last().is_some_and(|last| last == name))
    }

    /// The nodes from this one up to the total, both included.
    pub fn upwards(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(node), |&node| self.nodes[node].parent)
    }

    /// Whether one node contains another or is the same.
    pub fn contains(&self, outer: usize, inner: usize) -> bool {
        let (outer, inner) = (&self.nodes[outer], &self.nodes[inner]);
        outer.path.len() <= inner.path.len() && outer.path == inner.path[..outer.path.len()]
    }
}

/// Whether a name is the one that the published table uses for the sum of all, in whatever case.
pub fn is_total(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case(TOTAL)
}
