//! A decision matrix from CSV: first column id, one column a criterion.

use super::table::Table;
use crate::matrix::{Cell, Column, LARGEST, Matrix, Unknown};
use crate::problem::Problem;

/// Reads a decision matrix. A cell is a number, `low..high` for a number known between bounds, empty for unknown, or
/// text for a category; a column holds numbers or categories.
///
/// # Errors
/// Every malformed row and cell at once, with line and column.
pub fn parse_matrix(text: &str) -> Result<Matrix, Vec<Problem>> {
    let mut problems = Vec::new();
    let Some(table) = Table::parse(text, &mut problems) else {
        return Err(problems);
    };
    if table.rows.is_empty() && problems.is_empty() {
        problems.push(Problem::new(
            "line 2",
            "is missing: give at least one alternative",
        ));
    }
    let columns: Vec<Vec<Cell<'_>>> = (0..table.columns.len())
        .map(|index| column(&table, index, &mut problems))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let whole = |error: crate::matrix::MatrixError| vec![Problem::new("matrix", error.to_string())];
    let mut matrix = Matrix::new(table.rows.iter().map(|row| row.id.clone()).collect()).map_err(whole)?;
    for (name, cells) in table.columns.iter().zip(columns) {
        let column = Column::from_cells(cells).map_err(whole)?;
        matrix.push(name.clone(), column).map_err(whole)?;
    }
    Ok(matrix)
}

fn column<'a>(table: &'a Table, index: usize, problems: &mut Vec<Problem>) -> Vec<Cell<'a>> {
    let parsed: Vec<Result<Cell<'a>, &'a str>> = table
        .rows
        .iter()
        .map(|row| cell(&row.cells[index]).ok_or(row.cells[index].as_str()))
        .collect();
    let numeric = parsed
        .iter()
        .any(|cell| matches!(cell, Ok(Cell::Known(_) | Cell::Interval(..))));
    let mut cells = Vec::with_capacity(parsed.len());
    for (row, cell) in table.rows.iter().zip(parsed) {
        cells.push(match cell {
            Ok(cell) => cell,
            Err(category) if !numeric && is_category(category) => Cell::Category(category),
            Err(text) => {
                let place = format!("line {}, column {}", row.line, table.columns[index]);
                let message =
                    format!("{text:?} is not a number: write 12.5, 10..15 for bounds, or leave it empty");
                problems.push(Problem::new(place, message));
                Cell::Unknown(Unknown::NoData)
            }
        });
    }
    cells
}

/// A number, an interval or nothing; `None` for other text.
fn cell(text: &str) -> Option<Cell<'_>> {
    if text.is_empty() {
        return Some(Cell::Unknown(Unknown::NoData));
    }
    if let Some((low, high)) = text.split_once("..") {
        let (low, high) = (number(low)?, number(high)?);
        return (low <= high).then_some(Cell::Interval(low, high));
    }
    number(text).map(Cell::Known)
}

fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.abs() <= LARGEST)
}

/// Text that tries to be a number and fails is a slip, not a category: `nan`, `inf`, `1e999`, `12,5`, `5..2`.
fn is_category(text: &str) -> bool {
    text.parse::<f64>().is_err()
        && !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
}
