//! An attacker of another make than the gate's own: every cell, totals too, is a variable, every sum an equation of its own, and the solver is
//! another one. For small tables he counts through all tables there are.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome};
use phteah_registry::disclosure::table::{Cell, Table};

/// The least and greatest value of a cell over all tables of real numbers (greatest none: without bound).
pub fn interval(table: &Table, told: &[Option<u64>], cell: Cell) -> (f64, Option<f64>) {
    let solve = |direction| {
        let mut problem = Problem::new(direction);
        let variables: Vec<_> = (0..table.len())
            .map(|other| {
                let factor = if other == cell { 1.0 } else { 0.0 };
                match told[other] {
                    Some(value) => problem.add_var(factor, (value as f64, value as f64)),
                    None => problem.add_var(factor, (0.0, 100_000.0)),
                }
            })
            .collect();
        for whole in 0..table.len() {
            for dimension in 0..table.dimensions().len() {
                let parts: Vec<Cell> = table.children(whole, dimension).collect();
                if !parts.is_empty() {
                    let terms: Vec<_> = parts
                        .iter()
                        .map(|&part| (variables[part], 1.0))
                        .chain([(variables[whole], -1.0)])
                        .collect();
                    problem.add_constraint(&terms[..], ComparisonOp::Eq, 0.0);
                }
            }
        }
        match problem.solve().expect("the true table fits") {
            SolveOutcome::Solution(solution) => solution.objective(),
            SolveOutcome::Interrupted(_) => panic!("nothing interrupts it"),
        }
    };
    let greatest = solve(OptimizationDirection::Maximize);
    (
        solve(OptimizationDirection::Minimize),
        (greatest < 50_000.0).then_some(greatest),
    )
}

/// The least and greatest value of every cell over all tables of whole numbers whose finest cells are at most `most`, found by trying all of
/// them. None if there are more than can be tried.
pub fn try_all(table: &Table, told: &[Option<u64>], most: u64) -> Option<Vec<(u64, u64)>> {
    let leaves: Vec<Cell> = (0..table.len()).filter(|&cell| table.is_leaf(cell)).collect();
    let sums: Vec<(u64, Vec<usize>)> = (0..table.len())
        .filter_map(|cell| told[cell].map(|value| (value, cell)))
        .map(|(value, cell)| {
            let inside = table.leaves_of(cell);
            let places = (0..leaves.len())
                .filter(|&place| inside.contains(&leaves[place]))
                .collect();
            (value, places)
        })
        .collect();
    let mut search = Search {
        table,
        leaves: &leaves,
        ends: (0..leaves.len())
            .map(|place| {
                (0..sums.len())
                    .filter(|&sum| sums[sum].1.last() == Some(&place))
                    .collect()
            })
            .collect(),
        of: (0..leaves.len())
            .map(|place| {
                (0..sums.len())
                    .filter(|&sum| sums[sum].1.contains(&place))
                    .collect()
            })
            .collect(),
        left: sums.iter().map(|(value, _)| *value).collect(),
        values: vec![0; leaves.len()],
        found: vec![(u64::MAX, 0); table.len()],
        steps: 0,
        most,
    };
    search.place(0)?;
    Some(search.found)
}

struct Search<'a> {
    table: &'a Table,
    leaves: &'a [Cell],
    ends: Vec<Vec<usize>>,
    of: Vec<Vec<usize>>,
    left: Vec<u64>,
    values: Vec<u64>,
    found: Vec<(u64, u64)>,
    steps: u64,
    most: u64,
}

impl Search<'_> {
    fn place(&mut self, place: usize) -> Option<()> {
        self.steps += 1;
        if self.steps > 150_000 {
            return None;
        }
        if place == self.leaves.len() {
            let mut all = vec![0; self.table.len()];
            for (leaf, value) in self.leaves.iter().zip(&self.values) {
                all[*leaf] = *value;
            }
            self.table.add_up(&mut all);
            for (found, value) in self.found.iter_mut().zip(all) {
                *found = (found.0.min(value), found.1.max(value));
            }
            return Some(());
        }
        let room = self.of[place]
            .iter()
            .map(|&sum| self.left[sum])
            .min()
            .unwrap_or(self.most)
            .min(self.most);
        // Where this is the last of a sum, it is what is left.
        let (first, last) = match self.ends[place].first() {
            Some(&sum) => (self.left[sum], self.left[sum].min(room)),
            None => (0, room),
        };
        for value in first..=last {
            for number in 0..self.of[place].len() {
                let sum = self.of[place][number];
                self.left[sum] -= value;
            }
            let fits = self.ends[place].iter().all(|&sum| self.left[sum] == 0);
            self.values[place] = value;
            let went = if fits { self.place(place + 1) } else { Some(()) };
            for number in 0..self.of[place].len() {
                let sum = self.of[place][number];
                self.left[sum] += value;
            }
            went?;
        }
        Some(())
    }
}
