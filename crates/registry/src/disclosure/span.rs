//! What can be worked out of told counts by adding and taking away, all of them together.
//!
//! A sum over finest cells can be worked out if every change that no told count shows leaves it as it is. A change that looks random shows it for all
//! others: random numbers less what told counts see of them (projected onto what the equations leave free, by conjugate gradients; Hestenes and
//! Stiefel 1952).

use super::attack::sums;
use super::fact::Fact;
use super::table::{Cell, Table};

/// What can be worked out of a release.
#[derive(Clone, Debug)]
pub struct Span {
    /// How each cell changes by changes that no told count shows.
    unseen: [Vec<f64>; 2],
    /// Numbers that give every told count its value.
    fitting: Vec<f64>,
    /// Whether there are such numbers.
    pub fits: bool,
}

/// Below this a change is none.
const NOTHING: f64 = 1e-5;

impl Span {
    /// Nothing can be.
    pub fn nothing(table: &Table) -> Self {
        Self {
            unseen: [vec![1.0; table.len()], vec![1.0; table.len()]],
            fitting: vec![0.0; table.len()],
            fits: true,
        }
    }

    /// From the counts that it tells, and sums that it tells besides. Where nobody is, nobody is in any part.
    pub fn new(table: &Table, told: &[Option<u64>], besides: &[(Fact, u64)]) -> Self {
        let mut told = told.to_vec();
        for cell in 0..table.len() {
            let mut above =
                (0..table.dimensions().len()).filter_map(|dimension| table.parent(cell, dimension));
            if above.any(|above| told[above] == Some(0)) {
                told[cell] = Some(0);
            }
        }
        let mut variable: Vec<Option<u32>> = vec![None; table.len()];
        let mut hidden_inside = vec![0_u32; table.len()];
        let mut hidden = Vec::new();
        for cell in (0..table.len()).filter(|&cell| table.is_leaf(cell) && told[cell].is_none()) {
            variable[cell] = Some(hidden.len() as u32);
            hidden_inside[cell] = 1;
            hidden.push(cell);
        }
        table.add_up(&mut hidden_inside);
        let known: Vec<bool> = told.iter().map(Option::is_some).collect();
        let value = |cell: Cell| told[cell].unwrap_or_default() as f64;
        let mut equations = Equations {
            variables: hidden.len(),
            rows: Vec::new(),
            sums: Vec::new(),
        };
        for sum in sums(table, &known, &hidden_inside) {
            let parts = sum.hidden.iter().flat_map(|&part| table.leaves_of(part));
            let left = value(sum.whole) - sum.known.iter().map(|&part| value(part)).sum::<f64>();
            equations.add(parts, left, &variable, value);
        }
        for (fact, sum) in besides {
            equations.add(fact.cells(table).into_iter(), *sum as f64, &variable, value);
        }
        let everywhere = |finest: Vec<f64>, is_count: bool| {
            let mut all = vec![0.0; table.len()];
            if is_count {
                for cell in (0..table.len()).filter(|&cell| table.is_leaf(cell)) {
                    all[cell] = value(cell);
                }
            }
            for (&cell, value) in hidden.iter().zip(finest) {
                all[cell] = value;
            }
            table.add_up(&mut all);
            all
        };
        let unseen = |seed: u64| {
            let random =
                (0..hidden.len() as u64).map(|number| super::mix(number, seed) as f64 / u64::MAX as f64);
            let random: Vec<f64> = random.map(|number| 2.0 * number - 1.0).collect();
            let seen = equations.least(&equations.come_to(&random));
            let both = random.iter().zip(seen);
            everywhere(both.map(|(random, seen)| random - seen).collect(), false)
        };
        let least = equations.least(&equations.sums);
        Self {
            unseen: [unseen(1), unseen(2)],
            fits: equations.hold(&least),
            fitting: everywhere(least, true),
        }
    }

    /// What these cells, which have nothing in common, come to together; none if that cannot be worked out.
    pub fn sum_of(&self, cells: &[Cell]) -> Option<u64> {
        let of = |values: &Vec<f64>| -> f64 { cells.iter().map(|&cell| values[cell]).sum() };
        let is_seen = self.unseen.iter().all(|change| of(change).abs() < NOTHING);
        is_seen.then(|| of(&self.fitting).round().max(0.0) as u64)
    }
}

/// Sums of variables that are known. Each is scaled to length 1.
struct Equations {
    /// How many variables there are.
    variables: usize,
    rows: Vec<Vec<u32>>,
    sums: Vec<f64>,
}

impl Equations {
    fn add(
        &mut self,
        leaves: impl Iterator<Item = Cell>,
        sum: f64,
        variable: &[Option<u32>],
        value: impl Fn(Cell) -> f64,
    ) {
        let (mut left, mut row) = (sum, Vec::new());
        for leaf in leaves {
            match variable[leaf] {
                Some(variable) => row.push(variable),
                None => left -= value(leaf),
            }
        }
        if !row.is_empty() {
            self.sums.push(left / (row.len() as f64).sqrt());
            self.rows.push(row);
        }
    }

    /// What each comes to with these numbers.
    fn come_to(&self, numbers: &[f64]) -> Vec<f64> {
        let sum = |row: &Vec<u32>| -> f64 { row.iter().map(|&variable| numbers[variable as usize]).sum() };
        let rows = self.rows.iter();
        rows.map(|row| sum(row) / (row.len() as f64).sqrt()).collect()
    }

    /// Whether these numbers come to what they have to.
    fn hold(&self, numbers: &[f64]) -> bool {
        let both = self.come_to(numbers).into_iter().zip(&self.sums).zip(&self.rows);
        both.into_iter()
            .all(|((comes_to, sum), row)| (comes_to - sum).abs() * (row.len() as f64).sqrt() < 0.25)
    }

    /// Each variable's sum of the factors of the equations that it is in.
    fn spread(&self, factors: &[f64]) -> Vec<f64> {
        let mut spread = vec![0.0; self.variables];
        for (row, factor) in self.rows.iter().zip(factors) {
            let each = factor / (row.len() as f64).sqrt();
            for &variable in row {
                spread[variable as usize] += each;
            }
        }
        spread
    }

    /// The smallest numbers with which the equations come to these sums.
    fn least(&self, sums: &[f64]) -> Vec<f64> {
        let mut factors = vec![0.0; sums.len()];
        let mut left = sums.to_vec();
        let mut way = left.clone();
        let mut square = product(&left, &left);
        let enough = square * 1e-24;
        for _ in 0..4 * sums.len() + 50 {
            if square <= enough {
                break;
            }
            let ahead = self.come_to(&self.spread(&way));
            let curve = product(&way, &ahead);
            if curve <= 0.0 {
                break;
            }
            let step = square / curve;
            for (number, factor) in factors.iter_mut().enumerate() {
                *factor += step * way[number];
                left[number] -= step * ahead[number];
            }
            let next = product(&left, &left);
            for (way, left) in way.iter_mut().zip(&left) {
                *way = left + next / square * *way;
            }
            square = next;
        }
        self.spread(&factors)
    }
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
