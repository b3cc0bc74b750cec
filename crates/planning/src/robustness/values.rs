//! Values of the alternatives that take part, with their bounds.

use super::RobustnessError;

/// Values 0..1 by criterion and row, each known exactly or between bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    low: Vec<Vec<f64>>,
    /// Cells not exactly known, by row: criterion and width of the bounds.
    uncertain: Vec<(u32, u32, f64)>,
    rows: usize,
}

impl Values {
    /// Exact values, `columns[criterion][row]`.
    ///
    /// # Errors
    /// If the columns differ in length.
    pub fn exact(columns: Vec<Vec<f64>>) -> Result<Self, RobustnessError> {
        let high = columns.clone();
        Self::between(columns, &high)
    }

    /// Values between bounds, `low[criterion][row]` to `high[criterion][row]`.
    ///
    /// # Errors
    /// If the columns differ in length or number.
    pub fn between(low: Vec<Vec<f64>>, high: &[Vec<f64>]) -> Result<Self, RobustnessError> {
        let rows = low.first().map_or(0, Vec::len);
        if low.len() != high.len() || low.iter().chain(high).any(|column| column.len() != rows) {
            let lengths: Vec<usize> = low.iter().chain(high).map(Vec::len).collect();
            return Err(RobustnessError::Shape(format!("lengths {lengths:?}")));
        }
        Ok(Self::of_equal_columns(low, high))
    }

    /// Values from columns that are known to be equally long.
    pub(super) fn of_equal_columns(low: Vec<Vec<f64>>, high: &[Vec<f64>]) -> Self {
        let rows = low.first().map_or(0, Vec::len);
        let mut uncertain = Vec::new();
        for row in 0..rows {
            for criterion in 0..low.len() {
                let width = high[criterion][row] - low[criterion][row];
                if width > 0.0 {
                    uncertain.push((row as u32, criterion as u32, width));
                }
            }
        }
        Self { low, uncertain, rows }
    }

    /// Lowest values by criterion.
    pub(super) fn low(&self) -> &[Vec<f64>] {
        &self.low
    }

    /// Cells not exactly known: row, criterion, width; in the order of rows.
    pub(super) fn uncertain(&self) -> &[(u32, u32, f64)] {
        &self.uncertain
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many criteria there are.
    pub fn criteria(&self) -> usize {
        self.low.len()
    }
}
