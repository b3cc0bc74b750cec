//! A matrix of pairwise judgements: how many times more important each criterion is than each other.

use serde::Serialize;

use crate::mistake::Mistake;
use crate::problem::Problem;

/// Judgements beyond this (or under its inverse) are taken for slips of the pen; Saaty's scale ends at 9.
const LARGEST_JUDGEMENT: f64 = 1000.0;

/// How far the smaller of two mirrored judgements may lie from the inverse of the larger: 1/3 may be written 0.33.
const ROUNDING: f64 = 0.005 + 1e-9;

/// A positive reciprocal matrix. It can only be made of judgements that were checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pairwise {
    ids: Vec<String>,
    cells: Vec<f64>,
}

impl Pairwise {
    /// A matrix from judgements by row; an absent one is the inverse of its mirror, and 1 on the diagonal.
    ///
    /// # Errors
    /// Every missing row, every judgement that is not positive, every pair that is judged twice in contradiction or
    /// not at all: all at once.
    pub fn new(ids: Vec<String>, judgements: &[Vec<Option<f64>>]) -> Result<Self, Vec<Problem>> {
        let n = ids.len();
        let mut problems = Vec::new();
        if n == 0 {
            problems.push(Problem::new("matrix", Mistake::NothingToJudge));
        }
        for (row, cells) in judgements
            .iter()
            .enumerate()
            .filter(|(_, cells)| cells.len() != n)
        {
            let name = ids.get(row).map_or("?", String::as_str);
            problems.push(Problem::new(
                format!("row {name}"),
                format!("has {} judgements where {n} are needed", cells.len()),
            ));
        }
        if judgements.len() != n {
            problems.push(Problem::new(
                "matrix",
                format!("has {} rows where {n} are needed", judgements.len()),
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut cells = vec![1.0; n * n];
        for (row, id) in ids.iter().enumerate() {
            if judgements[row][row].is_some_and(|own| own != 1.0) {
                problems.push(Problem::new(
                    place(id, id),
                    "must be 1: a criterion is as important as itself",
                ));
            }
            for (column, other) in ids.iter().enumerate().skip(row + 1) {
                match reconcile(judgements[row][column], judgements[column][row]) {
                    Ok(judgement) => {
                        cells[row * n + column] = judgement;
                        cells[column * n + row] = 1.0 / judgement;
                    }
                    Err(message) => problems.push(Problem::new(place(id, other), message)),
                }
            }
        }
        if problems.is_empty() {
            Ok(Self { ids, cells })
        } else {
            Err(problems)
        }
    }

    /// Reads the matrix from CSV: a header `id,` and the criteria, a row for each in any order, cells decimal or
    /// fractions (`1/3`), an empty cell meaning the inverse of its mirror.
    ///
    /// # Errors
    /// Every problem at once, with row and column.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let table = crate::model::table::Table::parse(text, &mut problems);
        let Some(table) = table else { return Err(problems) };
        let ids = table.columns.clone();
        let mut judgements: Vec<Option<Vec<Option<f64>>>> = vec![None; ids.len()];
        for row in &table.rows {
            let Some(index) = ids.iter().position(|id| *id == row.id) else {
                let message = format!("{:?} is not a criterion of the header", row.id);
                problems.push(Problem::new(format!("line {}", row.line), message));
                continue;
            };
            let mut cells = Vec::with_capacity(ids.len());
            for (cell, column) in row.cells.iter().zip(&ids) {
                cells.push(judgement(cell).unwrap_or_else(|message| {
                    problems.push(Problem::new(
                        format!("line {}, column {column}", row.line),
                        message,
                    ));
                    None
                }));
            }
            judgements[index] = Some(cells);
        }
        for (id, _) in ids.iter().zip(&judgements).filter(|(_, row)| row.is_none()) {
            problems.push(Problem::new(
                format!("row {id}"),
                "is missing: give a row for each criterion",
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Self::new(ids, &judgements.into_iter().flatten().collect::<Vec<_>>())
    }

    /// A matrix of judgements that are reciprocal by construction.
    pub(super) fn trusted(ids: Vec<String>, cells: Vec<f64>) -> Self {
        Self { ids, cells }
    }

    /// The same judgements with the criteria in another order; `None` if these are not the same criteria.
    pub fn in_order_of(&self, ids: &[String]) -> Option<Self> {
        if ids.len() != self.ids.len() {
            return None;
        }
        let at: Vec<usize> = ids
            .iter()
            .map(|id| self.ids.iter().position(|own| own == id))
            .collect::<Option<_>>()?;
        let cells = at
            .iter()
            .flat_map(|row| at.iter().map(|column| self.get(*row, *column)))
            .collect();
        Some(Self::trusted(ids.to_vec(), cells))
    }

    /// The criteria.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// How many criteria there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none; never true of a checked matrix.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many times more important `row` is than `column`.
    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.ids.len() + column]
    }

    /// The same judgements with one pair judged anew.
    #[must_use]
    pub fn with(&self, row: usize, column: usize, judgement: f64) -> Self {
        let mut other = self.clone();
        let n = self.ids.len();
        other.cells[row * n + column] = judgement;
        other.cells[column * n + row] = 1.0 / judgement;
        other
    }
}

fn place(row: &str, column: &str) -> String {
    format!("{row} / {column}")
}

/// One judgement for a pair out of the one or two that were given. Of two that agree up to rounding, the one above
/// 1 is taken: it has more digits.
fn reconcile(upper: Option<f64>, lower: Option<f64>) -> Result<f64, Mistake> {
    let given = [upper, lower];
    for judgement in given.into_iter().flatten() {
        if !(judgement > 0.0 && judgement.is_finite()) {
            return Err(Mistake::JudgementNotAbove0 { found: judgement });
        }
        if !(1.0 / LARGEST_JUDGEMENT..=LARGEST_JUDGEMENT).contains(&judgement) {
            return Err(Mistake::NoJudgement { found: judgement });
        }
    }
    match given {
        [None, None] => Err(Mistake::NotJudged),
        [Some(upper), None] => Ok(upper),
        [None, Some(lower)] => Ok(1.0 / lower),
        [Some(upper), Some(lower)] => {
            let (larger, smaller) = if upper >= lower {
                (upper, lower)
            } else {
                (lower, upper)
            };
            if (smaller - 1.0 / larger).abs() > ROUNDING {
                return Err(Mistake::NotInverse { upper, lower });
            }
            Ok(if upper >= lower { upper } else { 1.0 / lower })
        }
    }
}

/// One cell: empty, decimal, or a fraction.
fn judgement(cell: &str) -> Result<Option<f64>, String> {
    let wrong = || format!("{cell:?} is not a judgement: write a number such as 3, 0.5 or 1/3");
    if cell.is_empty() {
        return Ok(None);
    }
    let number = match cell.split_once('/') {
        None => cell.parse::<f64>().map_err(|_| wrong())?,
        Some((above, below)) => {
            let above: f64 = above.trim().parse().map_err(|_| wrong())?;
            let below: f64 = below.trim().parse().map_err(|_| wrong())?;
            above / below
        }
    };
    if number.is_finite() && number > 0.0 {
        Ok(Some(number))
    } else {
        Err(wrong())
    }
}
