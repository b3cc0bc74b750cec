//! The criterion matrix: alternatives × columns, stored by column, never with NaN.

mod cell;
mod column;

use std::collections::BTreeMap;

use thiserror::Error;

pub use cell::{Cell, Unknown};
pub use column::Column;

/// The largest size of a number that a column takes: the square of it, summed over any matrix, is still finite, so
/// that no method can overflow into an undefined result.
pub const LARGEST: f64 = 1e150;

/// Why a matrix or a column cannot be built. Rows are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MatrixError {
    /// A number that is infinite, not a number, or beyond [`LARGEST`].
    #[error("row {row}: the number is not finite or beyond 1e150; store what is not known as unknown")]
    NotFinite {
        /// Which row.
        row: usize,
    },
    /// An interval whose ends are the wrong way round.
    #[error("row {row}: the interval's low end lies above its high end; swap them")]
    Backwards {
        /// Which row.
        row: usize,
    },
    /// Numbers and categories in one column.
    #[error("row {row}: a column holds numbers or categories, not both")]
    Mixed {
        /// Which row.
        row: usize,
    },
    /// A share that is not between 0 and 1.
    #[error("row {row}: a share lies between 0 and 1")]
    NotAShare {
        /// Which row.
        row: usize,
    },
    /// A column of another length than the list of ids.
    #[error("column {column}: has {found} rows where the matrix has {expected}")]
    Length {
        /// Which column.
        column: String,
        /// Its rows.
        found: usize,
        /// The matrix's rows.
        expected: usize,
    },
    /// Two columns of one name.
    #[error("column {column}: is there twice; names must differ")]
    DuplicateColumn {
        /// Which column.
        column: String,
    },
    /// Two alternatives of one id.
    #[error("row {row}: the id {id:?} is there twice; ids must differ")]
    DuplicateId {
        /// The second row.
        row: usize,
        /// The id.
        id: String,
    },
    /// More alternatives than a rank can count.
    #[error("{rows} alternatives are more than {} can be ranked at once", u32::MAX)]
    TooMany {
        /// How many there are.
        rows: usize,
    },
}

/// Alternatives (candidate sites) by columns. For a scenario, columns are named by
/// [`Measure::id`](crate::measure::Measure::id).
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    ids: Vec<String>,
    columns: Vec<(String, Column)>,
}

impl Matrix {
    /// A matrix of these alternatives, without columns yet.
    ///
    /// # Errors
    /// If two ids are equal, or there are more than `u32::MAX`.
    pub fn new(ids: Vec<String>) -> Result<Self, MatrixError> {
        if u32::try_from(ids.len()).is_err() {
            return Err(MatrixError::TooMany { rows: ids.len() });
        }
        let mut seen = BTreeMap::new();
        for (row, id) in ids.iter().enumerate() {
            if seen.insert(id.as_str(), row).is_some() {
                return Err(MatrixError::DuplicateId { row, id: id.clone() });
            }
        }
        Ok(Self {
            ids,
            columns: Vec::new(),
        })
    }

    /// Adds a column.
    ///
    /// # Errors
    /// If its length is not the matrix's or its name is taken.
    pub fn push(&mut self, name: impl Into<String>, column: Column) -> Result<(), MatrixError> {
        let name = name.into();
        if column.len() != self.ids.len() {
            return Err(MatrixError::Length {
                column: name,
                found: column.len(),
                expected: self.ids.len(),
            });
        }
        if self.column(&name).is_some() {
            return Err(MatrixError::DuplicateColumn { column: name });
        }
        self.columns.push((name, column));
        Ok(())
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, column)| column)
    }

    /// Every column with its name, in the order added.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.columns.iter().map(|(name, column)| (name.as_str(), column))
    }

    /// Ids of the alternatives, in row order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// How many alternatives there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no alternative.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}
