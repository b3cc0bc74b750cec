//! The least and the greatest value of a sum over all tables that fit what is known: linear programming by the simplex method.
//!
//! The attacker asks thousands of questions about one and the same set of tables, and one table of the set is known from the start: the true
//! one. So the method starts there, needs no search for a first solution, and goes on from where the last question ended. It moves
//! through tables that fit only: **wherever it stops, what it has reached is a table that fits**, so to stop early makes an interval
//! look narrower than it is and never wider.

/// One equation: the variables (by number, ascending) with their coefficients; its right side is what the start gives.
pub type Row = Vec<(u32, f64)>;

/// The most numbers that a tableau may hold: 400 MB.
pub const MAX_TABLEAU: usize = 50_000_000;

/// Below this a number of the tableau counts as zero. Its entries are small fractions of whole numbers.
const ZERO: f64 = 1e-9;

/// A change smaller than this ends no step: to pivot on it would multiply rounding errors.
const PIVOT: f64 = 1e-7;

/// So many steps, and it is looked whether rounding errors have added up.
const LOOK: u32 = 100;

/// So many steps without progress, and the choice changes to the one that cannot go round in circles (Bland 1977).
const PATIENCE: u32 = 40;

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// No table that fits has a greater sum.
    Optimal,
    /// The sum can grow without end.
    Unbounded,
    /// It was stopped after too much work: the greatest may be greater.
    Stopped,
}

/// How a stretch of the way ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Climb {
    Done(End),
    /// Rounding errors have added up.
    Drifted,
}

/// All x ≥ 0 that give every equation the same right side as the start.
pub struct Polytope {
    rows: Vec<Row>,
    start: Vec<f64>,
    /// The variable of each row of the tableau.
    basic: Vec<usize>,
    /// The variable of each column.
    nonbasic: Vec<usize>,
    /// basic + tableau · nonbasic = constant, row after row.
    tableau: Vec<f64>,
    x: Vec<f64>,
    /// Multiplications done so far: the measure of work, the same on every machine.
    pub work: u64,
}

/// The equations are too many for the memory that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooBig;

impl Polytope {
    /// The set around a start.
    pub fn new(rows: Vec<Row>, start: Vec<f64>) -> Result<Self, TooBig> {
        let mut made = Self {
            x: start.clone(),
            rows,
            start,
            basic: Vec::new(),
            nonbasic: Vec::new(),
            tableau: Vec::new(),
            work: 0,
        };
        made.rebuild(None)?;
        Ok(made)
    }

    /// The table where the last question ended.
    pub fn point(&self) -> &[f64] {
        &self.x
    }

    /// Gauss–Jordan elimination: rows that others imply fall away. Anew from the start, or at the corner that has been reached, with these
    /// variables in the basis; what the others are then follows without the rounding errors of the way.
    fn rebuild(&mut self, corner: Option<&[bool]>) -> Result<(), TooBig> {
        let size = self.start.len();
        if corner.is_none() {
            self.x.clone_from(&self.start);
        }
        let mut reduced: Vec<Vec<f64>> = Vec::new();
        let mut row_of: Vec<Option<usize>> = vec![None; size];
        self.basic.clear();
        for row in &self.rows {
            if reduced.len() >= size {
                break;
            }
            // The last number is the right side.
            let mut dense = vec![0.0; size + 1];
            for &(variable, factor) in row {
                dense[variable as usize] = factor;
                dense[size] += factor * self.start[variable as usize];
            }
            for &(variable, _) in row {
                let factor = dense[variable as usize];
                if let Some(above) = row_of[variable as usize]
                    && factor != 0.0
                {
                    subtract(&mut dense, &reduced[above], factor);
                    dense[variable as usize] = 0.0;
                    self.work += size as u64;
                }
            }
            let wanted = |variable: usize| corner.is_none_or(|basis| basis[variable]);
            let greatest = (0..size)
                .filter(|&variable| wanted(variable))
                .fold(0.0_f64, |most, variable| most.max(dense[variable].abs()));
            if greatest < PIVOT {
                continue;
            }
            // A variable with room below it: the first steps are then long ones.
            let Some(pivot) = (0..size)
                .filter(|&variable| wanted(variable) && dense[variable].abs() > 0.5 * greatest)
                .max_by(|&one, &other| self.x[one].total_cmp(&self.x[other]).then(other.cmp(&one)))
            else {
                continue;
            };
            let factor = dense[pivot];
            for value in &mut dense {
                *value /= factor;
            }
            dense[pivot] = 1.0;
            for above in &mut reduced {
                let factor = above[pivot];
                if factor != 0.0 {
                    subtract(above, &dense, factor);
                    above[pivot] = 0.0;
                    self.work += size as u64;
                }
            }
            row_of[pivot] = Some(reduced.len());
            self.basic.push(pivot);
            reduced.push(dense);
            if reduced.len() * size > 2 * MAX_TABLEAU {
                return Err(TooBig);
            }
        }
        self.nonbasic = (0..size).filter(|&variable| row_of[variable].is_none()).collect();
        if self.basic.len() * self.nonbasic.len() > MAX_TABLEAU {
            return Err(TooBig);
        }
        self.tableau = reduced
            .iter()
            .flat_map(|row| self.nonbasic.iter().map(|&variable| row[variable]))
            .collect();
        for (row, &variable) in reduced.iter().zip(&self.basic) {
            let others: f64 = self
                .nonbasic
                .iter()
                .map(|&other| row[other] * self.x[other])
                .sum();
            self.x[variable] = row[size] - others;
        }
        Ok(())
    }

    /// Whether the present table fits, but for rounding.
    pub fn fits(&self) -> bool {
        self.misfit() < 1e-6 && self.x.iter().all(|&value| value > -1e-6)
    }

    /// How far the present table is from fitting; rounding errors add up over many steps.
    fn misfit(&self) -> f64 {
        self.rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|&(variable, factor)| {
                        factor * (self.x[variable as usize] - self.start[variable as usize])
                    })
                    .sum::<f64>()
                    .abs()
            })
            .fold(0.0, f64::max)
    }

    /// Goes to the table that fits with the greatest sum of `objective` (one factor a variable). `visit` sees the tables on the way.
    pub fn maximise(&mut self, objective: &[f64], budget: u64, visit: &mut impl FnMut(&[f64])) -> End {
        let stop_at = self.work.saturating_add(budget);
        let mut afresh = 0;
        loop {
            let end = self.climb(objective, stop_at, visit);
            let drifted = self.misfit() > 1e-8 || self.x.iter().any(|&value| value < -1e-8);
            if !drifted && end != Climb::Drifted {
                return match end {
                    Climb::Done(end) => end,
                    Climb::Drifted => End::Stopped,
                };
            }
            afresh += 1;
            let mut corner = vec![false; self.x.len()];
            for &variable in &self.basic {
                corner[variable] = true;
            }
            let same = afresh < 20 && self.rebuild(Some(&corner)).is_ok() && self.fits();
            if !same {
                // Back to the truth: what was reached does not fit any more.
                if self.rebuild(None).is_err() || afresh >= 20 {
                    return End::Stopped;
                }
            }
            for value in &mut self.x {
                *value = value.max(0.0);
            }
        }
    }

    fn climb(&mut self, objective: &[f64], stop_at: u64, visit: &mut impl FnMut(&[f64])) -> Climb {
        let width = self.nonbasic.len();
        let mut slope: Vec<f64> = self
            .nonbasic
            .iter()
            .map(|&variable| objective[variable])
            .collect();
        for (row, &variable) in self.basic.iter().enumerate() {
            if objective[variable] != 0.0 {
                subtract(
                    &mut slope,
                    &self.tableau[row * width..(row + 1) * width],
                    objective[variable],
                );
            }
        }
        let mut without_progress = 0;
        let mut steps = 0;
        loop {
            if self.work > stop_at {
                return Climb::Done(End::Stopped);
            }
            steps += 1;
            if steps % LOOK == 0 && self.misfit() > 1e-8 {
                return Climb::Drifted;
            }
            self.work += (width + self.basic.len()) as u64;
            let careful = without_progress > PATIENCE;
            let Some((column, direction)) = self.entering(&slope, careful) else {
                return Climb::Done(End::Optimal);
            };
            let (step, leaving) = self.longest_step(column, direction, careful);
            if step.is_infinite() {
                // So far that every sum that grows at all has grown beyond all bounds of interest.
                self.go(column, direction, FAR);
                visit(&self.x);
                return Climb::Done(End::Unbounded);
            }
            // A table of whole numbers short of the corner, where the corner itself is none.
            let whole = (step + ZERO).floor();
            if whole >= 1.0 && step - whole > 1e-7 {
                self.go(column, direction, whole);
                visit(&self.x);
                self.go(column, direction, step - whole);
            } else {
                self.go(column, direction, step);
            }
            if step > ZERO {
                without_progress = 0;
                visit(&self.x);
            } else {
                without_progress += 1;
            }
            if let Some(row) = leaving {
                self.x[self.basic[row]] = 0.0;
                self.exchange(row, column, &mut slope);
            } else {
                self.x[self.nonbasic[column]] = 0.0;
            }
        }
    }

    /// The column to change and in which direction: the steepest one, or with care the first one.
    fn entering(&self, slope: &[f64], careful: bool) -> Option<(usize, f64)> {
        let useful = |&(column, &slope): &(usize, &f64)| {
            slope > ZERO || (slope < -ZERO && self.x[self.nonbasic[column]] > ZERO)
        };
        let candidates = slope.iter().enumerate().filter(useful);
        let found = if careful {
            candidates.min_by_key(|&(column, _)| self.nonbasic[column])
        } else {
            candidates.max_by(|one, other| {
                one.1
                    .abs()
                    .total_cmp(&other.1.abs())
                    .then(self.nonbasic[other.0].cmp(&self.nonbasic[one.0]))
            })
        };
        found.map(|(column, slope)| (column, slope.signum()))
    }

    /// How far a column can go, and the row that ends it (none: the column itself reaches zero).
    fn longest_step(&self, column: usize, direction: f64, careful: bool) -> (f64, Option<usize>) {
        let width = self.nonbasic.len();
        let mut step = if direction < 0.0 {
            self.x[self.nonbasic[column]]
        } else {
            f64::INFINITY
        };
        let (mut leaving, mut strength) = (None, 0.0);
        for (row, &variable) in self.basic.iter().enumerate() {
            let fall = self.tableau[row * width + column] * direction;
            if fall <= PIVOT {
                continue;
            }
            let limit = self.x[variable].max(0.0) / fall;
            let tie = (limit - step).abs() <= ZERO;
            let better = if tie {
                match leaving {
                    None => false,
                    Some(best) if careful => variable < self.basic[best],
                    Some(_) => fall > strength,
                }
            } else {
                limit < step
            };
            if better {
                (step, leaving, strength) = (limit.min(step), Some(row), fall);
            }
        }
        (step, leaving)
    }

    fn go(&mut self, column: usize, direction: f64, step: f64) {
        if step == 0.0 {
            return;
        }
        let width = self.nonbasic.len();
        let entering = self.nonbasic[column];
        self.x[entering] = (self.x[entering] + direction * step).max(0.0);
        for (row, &variable) in self.basic.iter().enumerate() {
            let factor = self.tableau[row * width + column];
            if factor != 0.0 {
                let value = self.x[variable] - factor * direction * step;
                self.x[variable] = if value < ZERO { 0.0 } else { value };
            }
        }
    }

    /// The pivot: row and column change places.
    fn exchange(&mut self, row: usize, column: usize, slope: &mut [f64]) {
        let width = self.nonbasic.len();
        let pivot = self.tableau[row * width + column];
        let mut pivot_row: Vec<f64> = self.tableau[row * width..(row + 1) * width]
            .iter()
            .map(|value| value / pivot)
            .collect();
        pivot_row[column] = 1.0 / pivot;
        let filled: Vec<usize> = (0..width)
            .filter(|&other| other != column && pivot_row[other] != 0.0)
            .collect();
        let mut change = |values: &mut [f64]| {
            let factor = values[column];
            if factor == 0.0 {
                return;
            }
            for &other in &filled {
                let value = values[other] - factor * pivot_row[other];
                values[other] = if value.abs() < 1e-11 { 0.0 } else { value };
            }
            values[column] = -factor / pivot;
            self.work += filled.len() as u64;
        };
        for (number, values) in self.tableau.chunks_exact_mut(width).enumerate() {
            if number != row {
                change(values);
            }
        }
        change(slope);
        self.tableau[row * width..(row + 1) * width].copy_from_slice(&pivot_row);
        std::mem::swap(&mut self.basic[row], &mut self.nonbasic[column]);
    }
}

/// How far a sum without end is followed.
const FAR: f64 = 1_048_576.0;

fn subtract(from: &mut [f64], what: &[f64], factor: f64) {
    for (value, other) in from.iter_mut().zip(what) {
        if *other != 0.0 {
            *value -= factor * other;
            if value.abs() < 1e-11 {
                *value = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(polytope: &mut Polytope, objective: &[f64]) -> (End, f64) {
        let end = polytope.maximise(objective, u64::MAX, &mut |_| {});
        let sum = objective
            .iter()
            .zip(polytope.point())
            .map(|(one, other)| one * other)
            .sum();
        (end, sum)
    }

    /// Two rows, two columns, all totals known.
    #[test]
    fn finds_both_ends_of_a_square() {
        let rows = vec![
            vec![(0, 1.0), (1, 1.0)],
            vec![(2, 1.0), (3, 1.0)],
            vec![(0, 1.0), (2, 1.0)],
            vec![(1, 1.0), (3, 1.0)],
        ];
        let mut polytope = Polytope::new(rows, vec![3.0, 20.0, 15.0, 7.0]).unwrap();
        assert_eq!(
            ask(&mut polytope, &[1.0, 0.0, 0.0, 0.0]),
            (End::Optimal, 10.0 + 0.0 + 8.0)
        );
        assert_eq!(ask(&mut polytope, &[-1.0, 0.0, 0.0, 0.0]), (End::Optimal, 0.0));
        assert_eq!(ask(&mut polytope, &[0.0, -1.0, 0.0, 0.0]), (End::Optimal, -5.0));
    }

    #[test]
    fn tells_that_a_sum_has_no_bound() {
        let mut polytope = Polytope::new(vec![vec![(0, 1.0), (1, -1.0)]], vec![3.0, 4.0]).unwrap();
        assert_eq!(ask(&mut polytope, &[1.0, 0.0]).0, End::Unbounded);
    }

    #[test]
    fn stays_in_the_set_when_it_is_stopped() {
        let rows = vec![vec![(0, 1.0), (1, 1.0), (2, 1.0)]];
        let mut polytope = Polytope::new(rows, vec![1.0, 2.0, 3.0]).unwrap();
        assert_eq!(polytope.maximise(&[1.0, 0.0, 0.0], 0, &mut |_| {}), End::Stopped);
        assert!((polytope.point().iter().sum::<f64>() - 6.0).abs() < 1e-12);
    }
}
