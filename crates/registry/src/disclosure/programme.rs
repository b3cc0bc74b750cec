//! The linear programmes of the attacker: over all numbers that fit some sums, how small and how great a part of them can be.
//!
//! The numbers are **variables**; a **row** is a set of variables whose sum is known, every factor 1; a **target** is a set of variables whose
//! sum is asked for. One set of numbers that fits is known from the start.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fact::Fact;
use super::moves::{Move, NO_LIMIT};
use super::simplex::{End, Polytope, Row};
use super::table::{Cell, Table};

/// Between what values a cell must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least value.
    pub lowest: f64,
    /// The greatest value; none if there is no bound.
    pub highest: Option<f64>,
}

impl Interval {
    /// How far apart the ends are; infinite if there is no bound.
    pub fn width(&self) -> f64 {
        self.highest
            .map_or(f64::INFINITY, |highest| highest - self.lowest)
    }
}

/// The attack cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttackError {
    /// The linear programme does not fit into the memory that is allowed.
    #[error(
        "{hidden} of the finest cells would be hidden and hang together, too many to be audited: leave out a breakdown or use coarser categories"
    )]
    TooBig {
        /// How many finest cells hang together.
        hidden: usize,
    },
    /// All the work that is allowed was done, and the table is not safe yet.
    #[error(
        "this table is too large to be made safe: leave out a breakdown, use coarser categories, or make several tables of it"
    )]
    TooMuchWork,
    /// An earlier release contradicts itself.
    #[error(
        "{release}: its counts do not add up with the categories of this table, so it cannot be set against it"
    )]
    DoesNotAddUp {
        /// The release.
        release: String,
    },
}

/// Beyond this a value counts as without bound.
const NO_BOUND: i64 = 1_000_000;

/// What has been proved by tables of whole numbers: every target (of one table alone: every cell, by its number) can be as low as `low` and as high as `high`.
///
/// It stays true when more cells are hidden, and when less is known.
#[derive(Clone, Debug)]
pub struct Proved {
    low: Vec<i64>,
    high: Vec<i64>,
    /// What is true.
    start: Vec<i64>,
    /// The same by tables of numbers that need not be whole: what linear programming finds.
    real: Vec<(f64, f64)>,
    /// Whether tables of whole numbers are asked for.
    whole_only: bool,
}

/// Up to so many hidden finest cells, an interval counts as wide only if it is for an attacker who uses that counts are whole, too; with
/// more of them, for him of linear programming.
pub const WHOLE_UP_TO: usize = 300;

impl Proved {
    /// Nothing but the true table.
    pub fn nothing(table: &Table, watched: &[Fact]) -> Self {
        let sums = watched.iter().map(|sum| sum.sum(table));
        Self::at(
            table
                .values()
                .iter()
                .copied()
                .chain(sums)
                .map(|value| value as f64)
                .collect(),
        )
    }

    /// Nothing but that the targets can be these, in the order of their numbers.
    pub fn at(values: Vec<f64>) -> Self {
        let whole: Vec<i64> = values.iter().map(|value| value.round() as i64).collect();
        Self {
            low: whole.clone(),
            high: whole.clone(),
            start: whole,
            real: values.into_iter().map(|value| (value, value)).collect(),
            whole_only: true,
        }
    }

    /// Says whether only whole numbers count.
    pub fn ask_for_whole(&mut self, whole_only: bool) {
        self.whole_only = whole_only;
    }

    /// The proved width of a cell's interval.
    pub fn width(&self, cell: Cell) -> f64 {
        let whole = (self.high[cell] - self.low[cell]) as f64;
        if self.whole_only {
            whole
        } else {
            // A little less than was found: rounding must not make a cell safe.
            whole.max(self.real[cell].1 - self.real[cell].0 - 1e-6)
        }
    }

    /// Notes that a table fits in which the cell has this value.
    pub fn note(&mut self, cell: Cell, value: i64) {
        self.low[cell] = self.low[cell].min(value);
        self.high[cell] = self.high[cell].max(value);
    }

    /// Notes all that a move proves.
    pub fn note_move(&mut self, table: &Table, watched: &[Fact], found: &Move) {
        for &(cell, with) in &found.cells {
            let truth = table.values()[cell] as i64;
            let (up, down) = if with {
                (found.up, found.down)
            } else {
                (found.down, found.up)
            };
            self.note(cell, truth + up.min(NO_LIMIT) as i64);
            self.note(cell, truth - (down.min(NO_LIMIT) as i64).min(truth));
        }
        for (number, sum) in watched.iter().enumerate() {
            let moved = found
                .cells
                .iter()
                .filter(|(cell, _)| table.is_leaf(*cell) && sum.has(table, *cell));
            let net: i64 = moved.map(|(_, with)| if *with { 1 } else { -1 }).sum();
            let cell = table.len() + number;
            let (up, down) = (found.up.min(NO_LIMIT) as i64, found.down.min(NO_LIMIT) as i64);
            let truth = self.start[cell];
            self.note(cell, truth + net * up);
            self.note(cell, truth - net * down);
        }
    }

    /// The cell of these with the narrowest proved interval.
    pub fn narrowest_of(&self, cells: impl Iterator<Item = Cell>) -> Option<(f64, Cell)> {
        cells
            .map(|cell| (self.width(cell), cell))
            .min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
    }

    fn note_real(&mut self, cell: Cell, low: f64, high: f64) {
        let real = &mut self.real[cell];
        *real = (real.0.min(low), real.1.max(high));
    }
}

/// Variables that hang together by the rows, apart from all others.
struct Component {
    /// What they begin with.
    start: Vec<f64>,
    /// Whether that is whole.
    is_whole: bool,
    rows: Vec<Vec<u32>>,
    polytope: Polytope,
    /// The targets that have some of these variables.
    parts: Vec<Part>,
    /// The work of noting how far the tables on the way go.
    noted: u64,
}

/// The share of one target in a component.
struct Part {
    members: Vec<u32>,
    /// How far it can go up and down from the truth, proved.
    up: i64,
    down: i64,
    /// The same by tables of numbers that need not be whole.
    up_real: f64,
    down_real: f64,
}

/// Whether targets are looked at one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Only so.
    Only,
    /// After many at once.
    All,
    /// After many at once, until the first that is narrow.
    UntilNarrow,
}

/// A sum of variables that is asked for.
pub struct Target {
    /// Its number, by which it is spoken of.
    pub number: usize,
    /// What it is at the start, with all that is known of it.
    pub start: f64,
    /// Its variables.
    pub members: Vec<u32>,
}

/// Where a target is to be found.
struct Places {
    number: usize,
    start: f64,
    /// The components that have some of it, and the part there.
    parts: Vec<(usize, usize)>,
}

/// All programmes of one set of variables.
pub struct Programme {
    components: Vec<Component>,
    /// The targets, in the order they were given in.
    places: Vec<Places>,
    /// Where each target is among them, by its number.
    place_of: HashMap<usize, usize>,
    budget: u64,
    /// The work of taking over what was found.
    taken_over: u64,
}

impl Programme {
    /// Sets them up from what the variables begin with, which fits, and the rows.
    pub fn new(start: &[f64], rows: Vec<Vec<u32>>, targets: Vec<Target>) -> Result<Self, AttackError> {
        let (component_of, count) = hang_together(start.len(), rows.iter().map(Vec::as_slice));
        let mut local = vec![0_u32; start.len()];
        let mut starts: Vec<Vec<f64>> = vec![Vec::new(); count];
        for (variable, &begins) in start.iter().enumerate() {
            let own = &mut starts[component_of[variable]];
            local[variable] = own.len() as u32;
            own.push(begins);
        }
        let mut own_rows: Vec<Vec<Vec<u32>>> = vec![Vec::new(); count];
        for row in rows {
            own_rows[component_of[row[0] as usize]]
                .push(row.iter().map(|&variable| local[variable as usize]).collect());
        }
        let mut components = Vec::with_capacity(count);
        for (start, rows) in starts.into_iter().zip(own_rows) {
            let equations: Vec<Row> = rows
                .iter()
                .map(|row| row.iter().map(|&variable| (variable, 1.0)).collect())
                .collect();
            let polytope = Polytope::new(equations, start.clone())
                .map_err(|_| AttackError::TooBig { hidden: start.len() })?;
            components.push(Component {
                is_whole: start.iter().all(|value| (value - value.round()).abs() < 1e-6),
                start,
                rows,
                polytope,
                parts: Vec::new(),
                noted: 0,
            });
        }
        let mut made = Self {
            components,
            place_of: (0..)
                .zip(&targets)
                .map(|(at, target)| (target.number, at))
                .collect(),
            places: Vec::with_capacity(targets.len()),
            budget: BUDGET,
            taken_over: 0,
        };
        for target in targets {
            let mut parts: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
            for variable in target.members {
                let variable = variable as usize;
                parts
                    .entry(component_of[variable])
                    .or_default()
                    .push(local[variable]);
            }
            let parts = parts
                .into_iter()
                .map(|(component, members)| {
                    let own = &mut made.components[component].parts;
                    own.push(Part {
                        members,
                        up: 0,
                        down: 0,
                        up_real: 0.0,
                        down_real: 0.0,
                    });
                    (component, own.len() - 1)
                })
                .collect();
            made.places.push(Places {
                number: target.number,
                start: target.start,
                parts,
            });
        }
        Ok(made)
    }

    /// How much work was done: multiplications, the same on every machine.
    pub fn work(&self) -> u64 {
        let of_components = self.components.iter();
        let of_components = of_components.map(|component| component.polytope.work + component.noted);
        of_components.sum::<u64>() + self.taken_over
    }

    /// Takes over into `proved` what the parts of these targets have reached.
    fn take_over(&mut self, targets: &[usize], proved: &mut Proved) {
        self.taken_over += WORK_OF_A_TARGET * targets.len() as u64;
        for &target in targets {
            let Places { number, start, parts } = &self.places[target];
            let (mut up, mut down) = (0, 0);
            let (mut up_real, mut down_real) = (0.0, 0.0);
            for &(component, part) in parts {
                let part = &self.components[component].parts[part];
                up += part.up;
                down += part.down;
                up_real += part.up_real;
                down_real += part.down_real;
            }
            proved.note(*number, start.round() as i64 + up);
            proved.note(*number, start.round() as i64 - down);
            proved.note_real(*number, start - down_real, start + up_real);
        }
    }

    /// Tries to prove these targets' intervals to be at least as wide as `width`: many at once, and then one after the other if asked to.
    /// What is left of `open` could not be proved.
    pub fn widen(&mut self, open: &mut Vec<usize>, width: f64, each: Each, proved: &mut Proved) {
        open.retain(|&cell| proved.width(cell) < width);
        let mine = open.iter().filter_map(|target| self.place_of.get(target));
        let mut mine: Vec<usize> = mine.copied().collect();
        if each != Each::Only {
            // The corners that sums of many cells lead to prove most of them.
            let mut fruitless = 0;
            for round in 0..12_u64 {
                if mine.is_empty() || fruitless > 1 || self.work() > ALL_WORK {
                    break;
                }
                let before = mine.len();
                for component in 0..self.components.len() {
                    self.push_many(component, &mine, round);
                }
                self.take_over(&mine, proved);
                mine.retain(|&target| proved.width(self.places[target].number) < width);
                fruitless = if mine.len() < before { 0 } else { fruitless + 1 };
            }
        }
        let mut narrow = 0;
        for target in mine.clone() {
            let cell = self.places[target].number;
            if proved.width(cell) >= width {
                continue;
            }
            if self.work() > ALL_WORK {
                // What has not been proved by now counts as narrow.
                break;
            }
            for direction in [1.0, -1.0] {
                self.push(target, direction);
                self.take_over(&mine, proved);
                if proved.width(cell) >= width {
                    break;
                }
            }
            if proved.width(cell) < width {
                narrow += 1;
                if each == Each::UntilNarrow && narrow > 0 {
                    break;
                }
            }
        }
        open.retain(|&cell| proved.width(cell) < width);
    }

    fn push_many(&mut self, component: usize, open: &[usize], round: u64) {
        let one = &mut self.components[component];
        let mut objective = vec![0.0; one.start.len()];
        let mut any = false;
        for &target in open {
            let Places { number, parts, .. } = &self.places[target];
            for &(place, part) in parts {
                if place == component {
                    any = true;
                    let members = &one.parts[part].members;
                    let sign = match round {
                        0 => 1.0,
                        1 => -1.0,
                        _ if super::mix(*number as u64, round) & 1 == 0 => 1.0,
                        _ => -1.0,
                    };
                    for &member in members {
                        objective[member as usize] += sign / members.len() as f64;
                    }
                }
            }
        }
        if any {
            one.climb(&objective, self.budget);
        }
    }

    /// Pushes one cell up or down as far as it goes. Answers with how far the corner is from the truth (none: without bound), and
    /// whether that is certain.
    fn push(&mut self, target: usize, direction: f64) -> (Option<f64>, bool) {
        let (mut reached, mut certain) = (Some(0.0), true);
        for (component, part) in self.places[target].parts.clone() {
            let one = &mut self.components[component];
            let mut objective = vec![0.0; one.start.len()];
            for &member in &one.parts[part].members {
                objective[member as usize] = direction;
            }
            let end = one.climb(&objective, self.budget);
            certain &= end != End::Stopped;
            if end == End::Unbounded {
                reached = None;
            }
            let far: f64 = one.parts[part]
                .members
                .iter()
                .map(|&member| one.polytope.point()[member as usize] - one.start[member as usize])
                .sum();
            reached = reached.map(|sum| sum + far);
        }
        (reached, certain)
    }

    /// The interval of one target by linear programming over real numbers, and whether the programme came to its end (if not, the
    /// interval is at least that wide).
    pub fn interval(&mut self, target: usize) -> (Interval, bool) {
        let target = self.place_of[&target];
        let start = self.places[target].start;
        let (up, up_certain) = self.push(target, 1.0);
        let (down, down_certain) = self.push(target, -1.0);
        let lowest = tidy(start + down.unwrap_or(-start)).max(0.0);
        (
            Interval {
                lowest,
                highest: up.map(|up| tidy(start + up)),
            },
            up_certain && down_certain,
        )
    }

    /// The width of the narrowest interval of all targets by linear programming, the target, and whether that is exact; if it is
    /// not, no interval is narrower than that. None if there is no target.
    pub fn narrowest(&mut self, proved: &mut Proved) -> Option<(f64, usize, bool)> {
        let mut order: Vec<usize> = self.places.iter().map(|places| places.number).collect();
        order.sort_by(|&one, &other| {
            proved
                .width(one)
                .total_cmp(&proved.width(other))
                .then(one.cmp(&other))
        });
        let mut found: Option<(f64, usize)> = None;
        let stop_at = self.work().saturating_add(self.budget);
        for &cell in &order {
            let at_least = proved.width(cell);
            if found.is_some_and(|(least, _)| at_least >= least - 1e-5) {
                break;
            }
            if self.work() > stop_at {
                return Some((at_least, cell, false));
            }
            let (interval, certain) = self.interval(cell);
            if !certain {
                return Some((at_least, cell, false));
            }
            // Moves of several tables at once can have proved more.
            let width = interval.width().max(at_least);
            if found.is_none_or(|(least, _)| width < least - 1e-6) {
                found = Some((width, cell));
            }
        }
        found.map(|(least, cell)| (least, cell, true))
    }
}

/// The work allowed for one question or one round, in multiplications: some seconds.
const BUDGET: u64 = 3_000_000_000;

/// The work allowed for all cells of one attack, one by one.
pub const ALL_WORK: u64 = 40_000_000_000;

/// To take over what was found for one target takes as long as so many multiplications.
const WORK_OF_A_TARGET: u64 = 10;

/// Whole where it is whole but for rounding.
fn tidy(value: f64) -> f64 {
    if (value - value.round()).abs() < 1e-6 {
        value.round()
    } else {
        value
    }
}

impl Component {
    /// Climbs, and notes for every part how far the tables on the way go.
    fn climb(&mut self, objective: &[f64], budget: u64) -> End {
        let Self {
            start,
            is_whole,
            rows,
            polytope,
            parts,
            noted,
        } = self;
        let members: usize = parts.iter().map(|part| part.members.len()).sum();
        let of_rows: usize = rows.iter().map(Vec::len).sum();
        polytope.maximise(objective, budget, &mut |point| {
            *noted += (members + 2 * of_rows + start.len()) as u64;
            note_point(rows, parts, point, start, *is_whole);
        })
    }
}

/// Notes how far a table goes, if it fits: in whole numbers where it is whole.
fn note_point(rows: &[Vec<u32>], parts: &mut [Part], point: &[f64], start: &[f64], may_be_whole: bool) {
    let change: Vec<f64> = point
        .iter()
        .zip(start)
        .map(|(value, &start)| value - if may_be_whole { start.round() } else { start })
        .collect();
    let sum = |members: &[u32]| -> f64 { members.iter().map(|&member| change[member as usize]).sum() };
    if rows.iter().any(|row| sum(row).abs() > 1e-7) || point.iter().any(|&value| value < -1e-7) {
        return;
    }
    let whole = may_be_whole
        && change.iter().all(|change| (change - change.round()).abs() < 1e-6)
        && rows.iter().all(|row| {
            row.iter()
                .map(|&one| change[one as usize].round() as i64)
                .sum::<i64>()
                == 0
        });
    for part in parts {
        let far = sum(&part.members).clamp(-NO_BOUND as f64, NO_BOUND as f64);
        part.up_real = part.up_real.max(far);
        part.down_real = part.down_real.max(-far);
        if whole {
            part.up = part.up.max(far.round() as i64);
            part.down = part.down.max(-far.round() as i64);
        }
    }
}

/// The number of the group of each of so many variables that hang together by these rows, and how many groups there are.
pub fn hang_together<'a>(variables: usize, rows: impl Iterator<Item = &'a [u32]>) -> (Vec<usize>, usize) {
    let mut group = Groups::new(variables);
    for row in rows {
        for pair in row.windows(2) {
            group.join(pair[0], pair[1]);
        }
    }
    group.numbers()
}

/// Numbers that are not negative and give every row its sum, found from a guess; if there are none, the variables whose rows contradict each other.
pub fn fitting(
    rows: &[(Vec<u32>, f64)],
    guess: &[f64],
) -> Result<Result<Vec<f64>, BTreeSet<u32>>, AttackError> {
    let (group_of, count) = hang_together(guess.len(), rows.iter().map(|(row, _)| row.as_slice()));
    let mut found = guess.to_vec();
    let mut contradict = BTreeSet::new();
    let mut rows_of: Vec<Vec<&(Vec<u32>, f64)>> = vec![Vec::new(); count];
    for row in rows {
        rows_of[group_of[row.0[0] as usize]].push(row);
    }
    let mut variables_of: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut local = vec![0_u32; guess.len()];
    for (variable, &group) in group_of.iter().enumerate() {
        local[variable] = variables_of[group].len() as u32;
        variables_of[group].push(variable as u32);
    }
    for (rows, variables) in rows_of.into_iter().zip(variables_of) {
        let mut start: Vec<f64> = variables
            .iter()
            .map(|&variable| guess[variable as usize])
            .collect();
        let own = start.len();
        let equations: Vec<Row> = rows
            .into_iter()
            .map(|(row, sum)| {
                let mut equation: Row = row
                    .iter()
                    .map(|&variable| (local[variable as usize], 1.0))
                    .collect();
                let missing: f64 = sum - row.iter().map(|&variable| guess[variable as usize]).sum::<f64>();
                if missing != 0.0 {
                    // What the guess lacks, or has too much, is one more variable, to be brought to zero.
                    equation.push((start.len() as u32, missing.signum()));
                    start.push(missing.abs());
                }
                equation
            })
            .collect();
        if start.len() == own {
            continue;
        }
        let too_big = AttackError::TooBig { hidden: own };
        let objective: Vec<f64> = (0..start.len())
            .map(|one| if one < own { 0.0 } else { -1.0 })
            .collect();
        let mut polytope = Polytope::new(equations, start).map_err(|_| too_big.clone())?;
        let end = polytope.maximise(&objective, ALL_WORK, &mut |_| {});
        let left: f64 = polytope.point()[own..].iter().sum();
        if left > 1e-6 {
            if end == End::Stopped {
                return Err(too_big);
            }
            contradict.extend(variables);
            continue;
        }
        for (&variable, &value) in variables.iter().zip(polytope.point()) {
            found[variable as usize] = tidy(value);
        }
    }
    Ok(if contradict.is_empty() {
        Ok(found)
    } else {
        Err(contradict)
    })
}

/// Which variables hang together.
pub(super) struct Groups {
    above: Vec<u32>,
}

impl Groups {
    pub fn new(size: usize) -> Self {
        Self {
            above: (0..size as u32).collect(),
        }
    }

    pub fn top(&mut self, mut one: u32) -> u32 {
        while self.above[one as usize] != one {
            let next = self.above[self.above[one as usize] as usize];
            self.above[one as usize] = next;
            one = next;
        }
        one
    }

    pub fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.top(one), self.top(other));
        self.above[one.max(other) as usize] = one.min(other);
    }

    /// The number of each variable's group, and how many groups there are.
    pub fn numbers(&mut self) -> (Vec<usize>, usize) {
        let mut number_of = HashMap::new();
        let numbers = (0..self.above.len() as u32)
            .map(|variable| {
                let next = number_of.len();
                *number_of.entry(self.top(variable)).or_insert(next)
            })
            .collect();
        (numbers, number_of.len())
    }
}
