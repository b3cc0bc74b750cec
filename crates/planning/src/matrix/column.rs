//! One column: numbers with their bounds, or categories.

use super::{Cell, LARGEST, MatrixError, Unknown};

/// One measure over all alternatives. A column whose cells are all exact keeps nothing but its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    data: Data,
    /// Share of those for whom each number holds; absent where every number holds for all.
    reached: Option<Vec<f64>>,
    coarse: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Data {
    /// `high` is absent where every number is exact, `unknown` where every number is known. Where a number is
    /// unknown, `low` and `high` hold a filler that nothing reads.
    Numbers {
        low: Vec<f64>,
        high: Option<Vec<f64>>,
        unknown: Option<Vec<Option<Unknown>>>,
    },
    /// Codes into `names`.
    Categories {
        names: Vec<String>,
        codes: Vec<Result<u32, Unknown>>,
    },
}

/// False for NaN, too.
fn usable(number: f64) -> bool {
    number.abs() <= LARGEST
}

impl Column {
    /// A column of exact numbers.
    ///
    /// # Errors
    /// If one of them is infinite, NaN or beyond [`LARGEST`].
    pub fn numbers(values: Vec<f64>) -> Result<Self, MatrixError> {
        match values.iter().position(|value| !usable(*value)) {
            Some(row) => Err(MatrixError::NotFinite { row }),
            None => Ok(Self {
                data: Data::Numbers {
                    low: values,
                    high: None,
                    unknown: None,
                },
                reached: None,
                coarse: false,
            }),
        }
    }

    /// A column of cells: numbers, intervals and unknowns, or categories and unknowns.
    ///
    /// # Errors
    /// If a number is not finite or beyond [`LARGEST`], an interval is backwards, or numbers and categories are mixed.
    pub fn from_cells<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> Result<Self, MatrixError> {
        let cells: Vec<Cell<'a>> = cells.into_iter().collect();
        if cells.iter().any(|cell| matches!(cell, Cell::Category(_))) {
            return Self::of_categories(&cells);
        }
        let (mut low, mut high) = (Vec::with_capacity(cells.len()), Vec::with_capacity(cells.len()));
        let mut unknown = Vec::with_capacity(cells.len());
        for (row, cell) in cells.iter().enumerate() {
            let (from, to, why) = match *cell {
                Cell::Known(number) => (number, number, None),
                Cell::Interval(from, to) => (from, to, None),
                Cell::Unknown(why) => (0.0, 0.0, Some(why)),
                Cell::Category(_) => return Err(MatrixError::Mixed { row }),
            };
            if !usable(from) || !usable(to) {
                return Err(MatrixError::NotFinite { row });
            }
            if from > to {
                return Err(MatrixError::Backwards { row });
            }
            low.push(from);
            high.push(to);
            unknown.push(why);
        }
        let high = (low != high).then_some(high);
        let unknown = unknown.iter().any(Option::is_some).then_some(unknown);
        Ok(Self {
            data: Data::Numbers { low, high, unknown },
            reached: None,
            coarse: false,
        })
    }

    fn of_categories(cells: &[Cell<'_>]) -> Result<Self, MatrixError> {
        let mut names: Vec<String> = Vec::new();
        let mut codes = Vec::with_capacity(cells.len());
        for (row, cell) in cells.iter().enumerate() {
            codes.push(match *cell {
                Cell::Category(name) => {
                    let code = names.iter().position(|known| known == name).unwrap_or_else(|| {
                        names.push(name.to_owned());
                        names.len() - 1
                    });
                    // As many names as rows at the most, which the matrix holds below u32::MAX.
                    Ok(code as u32)
                }
                Cell::Unknown(why) => Err(why),
                Cell::Known(_) | Cell::Interval(..) => return Err(MatrixError::Mixed { row }),
            });
        }
        Ok(Self {
            data: Data::Categories { names, codes },
            reached: None,
            coarse: false,
        })
    }

    /// The same column, whose numbers hold for a share of the households alone, 0 to 1 for each row: the rest cannot get there, which
    /// is known and the worst that can be, see [`Column::reached_share`].
    ///
    /// # Errors
    /// If a share is none, or there are not as many as rows.
    pub fn with_reached_share(self, shares: Vec<f64>) -> Result<Self, MatrixError> {
        if shares.len() != self.len() {
            return Err(MatrixError::Length {
                column: "reached_share".into(),
                found: shares.len(),
                expected: self.len(),
            });
        }
        if let Some(row) = shares.iter().position(|share| !(0.0..=1.0).contains(share)) {
            return Err(MatrixError::NotAShare { row });
        }
        let reached = shares.iter().any(|share| *share < 1.0).then_some(shares);
        Ok(Self { reached, ..self })
    }

    /// The same column, marked as taken from a coarser source than its measure asks for.
    #[must_use]
    pub fn coarser(self) -> Self {
        Self { coarse: true, ..self }
    }

    /// Whether it is taken from a coarser source than its measure asks for.
    pub fn is_coarse(&self) -> bool {
        self.coarse
    }

    /// The share of the households for which a row's number holds; 1 but for a measure of people of whom some cannot get there.
    pub fn reached_share(&self, row: usize) -> f64 {
        self.reached.as_ref().map_or(1.0, |reached| reached[row])
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Numbers { low, .. } => low.len(),
            Data::Categories { codes, .. } => codes.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the column holds categories. A column of nothing but unknowns holds numbers as well as categories.
    pub fn is_category(&self) -> bool {
        matches!(self.data, Data::Categories { .. })
    }

    /// One cell.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match &self.data {
            Data::Numbers { low, high, unknown } => {
                if let Some(why) = unknown.as_ref().and_then(|unknown| unknown[row]) {
                    return Cell::Unknown(why);
                }
                match high.as_ref().map(|high| high[row]) {
                    Some(high) if high > low[row] => Cell::Interval(low[row], high),
                    _ => Cell::Known(low[row]),
                }
            }
            Data::Categories { names, codes } => match codes[row] {
                Ok(code) => Cell::Category(&names[code as usize]),
                Err(why) => Cell::Unknown(why),
            },
        }
    }

    /// Every cell in row order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|row| self.cell(row))
    }

    /// The numbers, where every one of them is exactly known and holds for all.
    pub fn exact(&self) -> Option<&[f64]> {
        if self.reached.is_some() {
            return None;
        }
        match &self.data {
            Data::Numbers {
                low,
                high: None,
                unknown: None,
            } => Some(low),
            _ => None,
        }
    }
}
