//! The attacker: between what least and greatest value each hidden cell must lie, given all that is known.
//!
//! What is known: the published cells, that counts are whole and not negative, and facts from elsewhere (earlier releases, other areas).
//! An interval is **proved wide** by two tables of whole numbers that both fit everything known and differ in the cell: each is found by
//! [the simplex method](super::simplex) and then checked in whole numbers, so no rounding error can make a hidden cell look safer than it is.
//! It is **proved narrow** by linear programming over real numbers.

use super::moves::{Costs, Move, NO_LIMIT, cheapest};
use super::simplex::{End, Polytope, Row};
use super::table::{Cell, Table};

/// A sum of finest cells that the attacker knows although it may be no cell of this table: an area of former boundaries, a settlement
/// that lies across several sangkats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// For each breakdown, the leaves over which the sum goes, ascending.
    pub leaves: Vec<Vec<usize>>,
}

/// All that an attacker knows about a table.
pub struct Knowledge<'a> {
    /// The table; only the values of known cells and facts are known.
    pub table: &'a Table,
    /// Which cells he knows.
    pub known: &'a [bool],
    /// What he knows besides.
    pub facts: &'a [Fact],
    /// Cells that need no protection, although they are not published: finer ones that are counted for the audit only. Empty: none.
    pub exempt: &'a [bool],
    /// What can change in this and in other tables of the same families at once.
    pub joint: Option<&'a Joint>,
}

/// Families who might as well be counted elsewhere, in all tables of the same families at once: as many as the capacity from the pivot to **one**
/// of the other cells over the anchor. For an attacker who is given all counts over the anchor these are the only ones that may differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint {
    /// The cell over the anchor that they are taken from.
    pub pivot: Cell,
    /// The hidden cells over the anchor that they can be added to.
    pub others: Vec<Cell>,
    /// Whether they can be added to the pivot and to the total instead.
    pub total: bool,
    /// How many.
    pub capacity: u64,
}

impl Joint {
    /// Whether it is one of the cells that can change in all tables at once.
    pub fn has(&self, cell: Cell) -> bool {
        cell == self.pivot || (cell == 0 && self.total) || self.others.contains(&cell)
    }

    /// Whether all tables can follow a move that changes these cells over the anchor (with the direction of each): by how many the cell that the
    /// move is about can then go up and down at most.
    pub fn allows(&self, changes: &[(Cell, bool)]) -> Option<(u64, u64)> {
        let sign = |cell: Cell| {
            let mut found = changes.iter().filter(|(changed, _)| *changed == cell);
            found.next().map(|(_, up)| *up)
        };
        let pivot = sign(self.pivot)?;
        let up = match changes.len() {
            2 if sign(0).is_some() => (self.total && sign(0) == Some(pivot)).then_some(pivot),
            2 => {
                let other = self.others.iter().find_map(|&cell| sign(cell));
                other.filter(|other| *other != pivot)
            }
            _ => None,
        }?;
        Some(if up {
            (self.capacity, 0)
        } else {
            (0, self.capacity)
        })
    }
}

impl Knowledge<'_> {
    fn protects(&self, cell: Cell) -> bool {
        !self.known[cell] && !self.exempt.get(cell).copied().unwrap_or_default()
    }
}

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
}

/// Beyond this a value counts as without bound.
const NO_BOUND: i64 = 1_000_000;

/// What has been proved by tables of whole numbers: every cell can be as low as `low` and as high as `high`.
///
/// It stays true when more cells are hidden, and when less is known.
#[derive(Clone, Debug)]
pub struct Proved {
    low: Vec<i64>,
    high: Vec<i64>,
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
    pub fn nothing(table: &Table) -> Self {
        let values: Vec<i64> = table.values().iter().map(|&value| value as i64).collect();
        Self {
            low: values.clone(),
            real: values.iter().map(|&value| (value as f64, value as f64)).collect(),
            high: values,
            whole_only: true,
        }
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
    pub fn note_move(&mut self, table: &Table, found: &Move) {
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
    }

    /// The cell of these with the narrowest proved interval.
    fn narrowest_of(&self, cells: impl Iterator<Item = Cell>) -> Option<(f64, Cell)> {
        cells
            .map(|cell| (self.width(cell), cell))
            .min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
    }

    fn note_real(&mut self, cell: Cell, low: f64, high: f64) {
        let real = &mut self.real[cell];
        *real = (real.0.min(low), real.1.max(high));
    }
}

/// A set of hidden finest cells that hang together by what is known, apart from all others.
struct Component {
    /// The finest cell of each variable; [`NO_CELL`] for those that say how much the tables change together.
    leaves: Vec<Cell>,
    /// The equations in whole numbers: every factor is 1.
    rows: Vec<Vec<u32>>,
    polytope: Polytope,
    /// The hidden cells that have some of these leaves inside.
    parts: Vec<Part>,
}

/// A variable that is no cell.
const NO_CELL: Cell = Cell::MAX;

/// The share of one hidden cell in a component.
struct Part {
    members: Vec<u32>,
    /// How far it can go up and down from the truth, proved.
    up: i64,
    down: i64,
    /// The same by tables of numbers that need not be whole.
    up_real: f64,
    down_real: f64,
}

/// Whether cells are looked at one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Each {
    /// Only so.
    Only,
    /// After many at once.
    All,
    /// After many at once, until the first that is narrow.
    UntilNarrow,
}

/// The width of the narrowest interval, its cell, and whether the width is exact; if it is not, no interval is narrower. None if nothing
/// is hidden.
pub fn narrowest(knowledge: &Knowledge<'_>, proved: &mut Proved) -> Option<(f64, Cell, bool)> {
    match Attack::new(knowledge) {
        Ok(mut attack) => attack.narrowest(proved),
        Err(AttackError::TooBig { .. }) => proved
            .narrowest_of((0..knowledge.table.len()).filter(|&cell| knowledge.protects(cell)))
            .map(|(width, cell)| (width, cell, false)),
    }
}

/// How far it goes to prove a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// In large tables, by parts and moves alone: what is left may be wide all the same.
    Quick,
    /// Until it is certain.
    Thorough,
    /// Until the first is found that is narrow.
    FirstOnly,
}

/// Tries to prove that every hidden cell's interval is at least as wide as `width`, and answers with those for which it cannot be
/// proved, and with the work done.
///
/// First in parts of a large table, all else as it is: small programmes that prove most cells; and by single moves. Then in the whole table.
pub fn narrow(
    knowledge: &Knowledge<'_>,
    width: u64,
    proved: &mut Proved,
    effort: Effort,
) -> Result<(Vec<Cell>, u64), AttackError> {
    let (table, known) = (knowledge.table, knowledge.known);
    let width = width as f64;
    let hidden_leaves = (0..table.len())
        .filter(|&cell| !known[cell] && table.is_leaf(cell))
        .count();
    proved.whole_only = hidden_leaves <= WHOLE_UP_TO;
    let mut open: Vec<Cell> = (0..table.len())
        .filter(|&cell| knowledge.protects(cell) && proved.width(cell) < width)
        .collect();
    let mut work = 0;
    if knowledge.joint.is_some() {
        // What changes in several tables at once is proved by moves first of all.
        prove_by_moves(knowledge, &mut open, width, proved);
    }
    if hidden_leaves > BLOCK {
        for block in blocks(table, hidden_leaves) {
            if open.is_empty() {
                break;
            }
            let mut attack = Attack::within(knowledge, |cell| block.contains(table, cell))?;
            attack.widen(&mut open, width, Each::All, proved);
            work += attack.work();
        }
    }
    if hidden_leaves > BLOCK {
        prove_by_moves(knowledge, &mut open, width, proved);
        if effort == Effort::Quick {
            return Ok((open, work));
        }
    }
    if open.is_empty() {
        return Ok((open, work));
    }
    let mut attack = Attack::new(knowledge)?;
    let each = match (hidden_leaves > BLOCK, effort) {
        (_, Effort::FirstOnly) => Each::UntilNarrow,
        (true, _) => Each::Only,
        (false, _) => Each::All,
    };
    attack.widen(&mut open, width, each, proved);
    Ok((open, work + attack.work()))
}

/// Proves cells by single moves among hidden cells.
fn prove_by_moves(knowledge: &Knowledge<'_>, open: &mut Vec<Cell>, width: f64, proved: &mut Proved) {
    let hidden: Vec<bool> = knowledge.known.iter().map(|known| !known).collect();
    let costs = Costs {
        hidden: &hidden,
        told: knowledge.known,
        weights: &[],
        facts: knowledge.facts,
        joint: knowledge.joint,
    };
    for &cell in open.iter() {
        if proved.width(cell) < width
            && let Some(found) = cheapest(knowledge.table, &costs, cell, width.ceil() as u64)
        {
            proved.note_move(knowledge.table, &found);
        }
    }
    open.retain(|&cell| proved.width(cell) < width);
}

/// About so many hidden finest cells are looked at together at first.
pub const BLOCK: usize = 320;

/// The parts of a table in which the longest breakdown has some of its categories only.
struct Block {
    dimension: usize,
    leaves: Vec<bool>,
}

impl Block {
    fn contains(&self, table: &Table, cell: Cell) -> bool {
        let node = &table.dimensions()[self.dimension].nodes()[table.node(cell, self.dimension)];
        self.leaves[node.first_leaf]
    }
}

/// Neighbours first, then mixtures of categories that look random.
fn blocks(table: &Table, hidden_leaves: usize) -> Vec<Block> {
    let Some((dimension, leaves)) = table
        .dimensions()
        .iter()
        .enumerate()
        .map(|(number, dimension)| (number, dimension.leaves().len()))
        .max_by_key(|&(number, leaves)| (leaves, std::cmp::Reverse(number)))
    else {
        return Vec::new();
    };
    let each = (leaves * BLOCK).div_ceil(hidden_leaves).clamp(2, leaves);
    let mut made = Vec::new();
    for round in 0..ROUNDS {
        let mut order: Vec<usize> = (0..leaves).collect();
        if round > 0 {
            order.sort_by_key(|&leaf| super::mix(leaf as u64, round));
        }
        for some in order.chunks(each) {
            let mut chosen = vec![false; leaves];
            for &leaf in some {
                chosen[leaf] = true;
            }
            made.push(Block {
                dimension,
                leaves: chosen,
            });
        }
    }
    made
}

/// How often the table is cut into parts.
const ROUNDS: u64 = 6;

/// The attacker at work on one table.
pub struct Attack<'a> {
    table: &'a Table,
    components: Vec<Component>,
    /// For every hidden cell: its component and its place there, as often as it has leaves in several.
    places: std::collections::HashMap<Cell, Vec<(usize, usize)>>,
    hidden: Vec<Cell>,
    budget: u64,
}

impl<'a> Attack<'a> {
    /// Sets up what is known as equations over the hidden finest cells.
    pub fn new(knowledge: &Knowledge<'a>) -> Result<Self, AttackError> {
        Self::within(knowledge, |_| true)
    }

    /// The same with some of the finest cells only, all others as they are: what is proved wide so is wide.
    fn within(knowledge: &Knowledge<'a>, active: impl Fn(Cell) -> bool) -> Result<Self, AttackError> {
        let table = knowledge.table;
        let known = knowledge.known;
        let mut variables: Vec<Option<u32>> = vec![None; table.len()];
        let mut leaves = Vec::new();
        let mut hidden_inside = vec![0_u32; table.len()];
        for cell in (0..table.len()).filter(|&cell| !known[cell] && table.is_leaf(cell) && active(cell)) {
            variables[cell] = Some(leaves.len() as u32);
            leaves.push(cell);
            hidden_inside[cell] = 1;
        }
        table.add_up(&mut hidden_inside);
        let mut start: Vec<f64> = leaves.iter().map(|&leaf| table.values()[leaf] as f64).collect();
        let together = Together::new(knowledge, &hidden_inside, &mut start);
        let rows = equations(knowledge, &variables, &hidden_inside, &together);
        let mut group = Groups::new(start.len());
        for row in &rows {
            for pair in row.windows(2) {
                group.join(pair[0], pair[1]);
            }
        }
        let (component_of, count) = group.numbers();
        let mut local = vec![0_u32; start.len()];
        let mut members: Vec<(Vec<Cell>, Vec<f64>)> = vec![<_>::default(); count];
        for (variable, &begins) in start.iter().enumerate() {
            let (cells, starts) = &mut members[component_of[variable]];
            local[variable] = cells.len() as u32;
            cells.push(leaves.get(variable).copied().unwrap_or(NO_CELL));
            starts.push(begins);
        }
        let mut own_rows: Vec<Vec<Vec<u32>>> = vec![Vec::new(); count];
        for row in rows {
            own_rows[component_of[row[0] as usize]]
                .push(row.iter().map(|&variable| local[variable as usize]).collect());
        }
        let mut components = Vec::with_capacity(count);
        for ((leaves, start), rows) in members.into_iter().zip(own_rows) {
            let equations: Vec<Row> = rows
                .iter()
                .map(|row| row.iter().map(|&variable| (variable, 1.0)).collect())
                .collect();
            let polytope =
                Polytope::new(equations, start).map_err(|_| AttackError::TooBig { hidden: leaves.len() })?;
            components.push(Component {
                leaves,
                rows,
                polytope,
                parts: Vec::new(),
            });
        }
        let mut attack = Self {
            table,
            components,
            places: std::collections::HashMap::new(),
            hidden: (0..table.len())
                .filter(|&cell| knowledge.protects(cell) && hidden_inside[cell] > 0)
                .collect(),
            budget: BUDGET,
        };
        for &cell in &attack.hidden {
            let mut parts: std::collections::BTreeMap<usize, Vec<u32>> = std::collections::BTreeMap::new();
            if hidden_inside[cell] > 0 {
                for leaf in table.leaves_of(cell) {
                    if let Some(variable) = variables[leaf] {
                        let variable = variable as usize;
                        parts
                            .entry(component_of[variable])
                            .or_default()
                            .push(local[variable]);
                    }
                }
            }
            let places = parts
                .into_iter()
                .map(|(component, members)| {
                    let own = &mut attack.components[component].parts;
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
            attack.places.insert(cell, places);
        }
        Ok(attack)
    }

    /// The hidden cells, in the order of their numbers.
    pub fn hidden(&self) -> &[Cell] {
        &self.hidden
    }

    /// How much work was done: multiplications, the same on every machine.
    pub fn work(&self) -> u64 {
        self.components
            .iter()
            .map(|component| component.polytope.work)
            .sum()
    }

    /// Takes over into `proved` what the parts of these cells have reached.
    fn take_over(&self, cells: &[Cell], proved: &mut Proved) {
        for cell in cells {
            let truth = self.table.values()[*cell] as i64;
            let (mut up, mut down) = (0, 0);
            let (mut up_real, mut down_real) = (0.0, 0.0);
            for &(component, part) in &self.places[cell] {
                let part = &self.components[component].parts[part];
                up += part.up;
                down += part.down;
                up_real += part.up_real;
                down_real += part.down_real;
            }
            proved.note(*cell, truth + up);
            proved.note(*cell, truth - down);
            proved.note_real(*cell, truth as f64 - down_real, truth as f64 + up_real);
        }
    }

    /// Tries to prove these cells' intervals to be at least as wide as `width`: many at once, and then one after the other if asked to.
    /// What is left of `open` could not be proved.
    fn widen(&mut self, open: &mut Vec<Cell>, width: f64, each: Each, proved: &mut Proved) {
        open.retain(|&cell| proved.width(cell) < width);
        let own: std::collections::HashSet<Cell> = self.hidden.iter().copied().collect();
        let mut mine: Vec<Cell> = open.iter().copied().filter(|cell| own.contains(cell)).collect();
        if each != Each::Only {
            // The corners that sums of many cells lead to prove most of them.
            let mut fruitless = 0;
            for round in 0..12_u64 {
                if mine.is_empty() || fruitless > 1 {
                    break;
                }
                let before = mine.len();
                for component in 0..self.components.len() {
                    self.push_many(component, &mine, round);
                }
                self.take_over(&mine, proved);
                mine.retain(|&cell| proved.width(cell) < width);
                fruitless = if mine.len() < before { 0 } else { fruitless + 1 };
            }
        }
        let mut narrow = 0;
        for cell in mine.clone() {
            if proved.width(cell) >= width {
                continue;
            }
            if self.work() > ALL_WORK {
                // What has not been proved by now counts as narrow.
                break;
            }
            for direction in [1.0, -1.0] {
                self.push(cell, direction);
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

    fn push_many(&mut self, component: usize, open: &[Cell], round: u64) {
        let one = &mut self.components[component];
        let mut objective = vec![0.0; one.leaves.len()];
        let mut any = false;
        for cell in open {
            for &(place, part) in &self.places[cell] {
                if place == component {
                    any = true;
                    let members = &one.parts[part].members;
                    let sign = match round {
                        0 => 1.0,
                        1 => -1.0,
                        _ if super::mix(*cell as u64, round) & 1 == 0 => 1.0,
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
    fn push(&mut self, cell: Cell, direction: f64) -> (Option<f64>, bool) {
        let (mut reached, mut certain) = (Some(0.0), true);
        for (component, part) in self.places[&cell].clone() {
            let one = &mut self.components[component];
            let mut objective = vec![0.0; one.leaves.len()];
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
                .map(|&member| {
                    one.polytope.point()[member as usize]
                        - self.table.values()[one.leaves[member as usize]] as f64
                })
                .sum();
            reached = reached.map(|sum| sum + far);
        }
        (reached, certain)
    }

    /// The interval of one hidden cell by linear programming over real numbers, and whether the programme came to its end (if not, the
    /// interval is at least that wide).
    pub fn interval(&mut self, cell: Cell) -> (Interval, bool) {
        let truth = self.table.values()[cell] as f64;
        let (up, up_certain) = self.push(cell, 1.0);
        let (down, down_certain) = self.push(cell, -1.0);
        let lowest = tidy(truth + down.unwrap_or(-truth)).max(0.0);
        (
            Interval {
                lowest,
                highest: up.map(|up| tidy(truth + up)),
            },
            up_certain && down_certain,
        )
    }

    /// The width of the narrowest interval of all hidden cells by linear programming, the cell, and whether that is exact; if it is
    /// not, no interval is narrower than that. None if nothing is hidden.
    pub fn narrowest(&mut self, proved: &mut Proved) -> Option<(f64, Cell, bool)> {
        let mut order = self.hidden.clone();
        order.sort_by(|&one, &other| {
            proved
                .width(one)
                .total_cmp(&proved.width(other))
                .then(one.cmp(&other))
        });
        let mut found: Option<(f64, Cell)> = None;
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
const ALL_WORK: u64 = 40_000_000_000;

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
            leaves: _,
            rows,
            polytope,
            parts,
        } = self;
        let start: Vec<i64> = polytope.start_rounded();
        polytope.maximise(objective, budget, &mut |point| {
            note_point(rows, parts, point, &start);
        })
    }
}

/// Notes how far a table goes, if it fits: in whole numbers where it is whole.
fn note_point(rows: &[Vec<u32>], parts: &mut [Part], point: &[f64], start: &[i64]) {
    let change: Vec<f64> = point
        .iter()
        .zip(start)
        .map(|(value, &start)| value - start as f64)
        .collect();
    let sum = |members: &[u32]| -> f64 { members.iter().map(|&member| change[member as usize]).sum() };
    if rows.iter().any(|row| sum(row).abs() > 1e-7) || point.iter().any(|&value| value < -1e-7) {
        return;
    }
    let whole = change.iter().all(|change| (change - change.round()).abs() < 1e-6)
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

/// The equations that hold between hidden finest cells, as lists of variables whose sum is known. One that follows from others may
/// be left out.
fn equations(
    knowledge: &Knowledge<'_>,
    variables: &[Option<u32>],
    hidden_inside: &[u32],
    together: &Together,
) -> Vec<Vec<u32>> {
    let Knowledge {
        table, known, facts, ..
    } = knowledge;
    let mut rows = Vec::new();
    for cell in (0..table.len()).filter(|&cell| known[cell] && hidden_inside[cell] > 0) {
        // Along one breakdown the known children are taken out of the sum: the fewer terms the better.
        let mut best: Option<(u32, usize)> = None;
        for dimension in 0..table.dimensions().len() {
            let left: u32 = table
                .children(cell, dimension)
                .filter(|&child| !known[child])
                .map(|child| hidden_inside[child])
                .sum();
            if table.children(cell, dimension).next().is_some() && best.is_none_or(|(least, _)| left < least)
            {
                best = Some((left, dimension));
            }
        }
        let Some((1.., dimension)) = best else {
            // All children along a breakdown are known: this sum follows from theirs.
            continue;
        };
        let mut row: Vec<u32> = table
            .children(cell, dimension)
            .filter(|&child| !known[child] && hidden_inside[child] > 0)
            .flat_map(|child| table.leaves_of(child))
            .filter_map(|leaf| variables[leaf])
            .collect();
        row.extend(together.of.get(&cell).into_iter().flatten());
        row.sort_unstable();
        rows.push(row);
    }
    rows.extend(together.rows.iter().cloned());
    for fact in *facts {
        let mut row: Vec<u32> = fact
            .cells(table)
            .into_iter()
            .filter_map(|leaf| variables[leaf])
            .collect();
        row.sort_unstable();
        if !row.is_empty() {
            rows.push(row);
        }
    }
    // Short ones first: the elimination then fills in less.
    rows.sort_by_key(Vec::len);
    rows.dedup();
    rows
}

/// What can change in all tables at once, as variables: for each hidden cell over the anchor how many families are there and not at the pivot,
/// and how many of the capacity are not; their sum is the capacity. So that every factor of every equation is 1, a cell that goes up has the
/// second one in its equation, and the pivot, which goes down, the first ones.
///
/// Every other table can follow such changes, several at once and in whole numbers, too. For each cell over the anchor it can take as many families as
/// the capacity from its finest cells at the pivot; to take some for one and some for another, together no more than the capacity, is to share out
/// what these finest cells have. In parts of a family that goes (the shares of the capacity), so in whole families as well: sharing out goods between
/// whole stocks and whole demands has a whole solution if it has any (Hitchcock's transport problem).
#[derive(Default)]
struct Together {
    of: std::collections::HashMap<Cell, Vec<u32>>,
    rows: Vec<Vec<u32>>,
}

impl Together {
    fn new(knowledge: &Knowledge<'_>, hidden_inside: &[u32], start: &mut Vec<f64>) -> Self {
        let mut made = Self::default();
        let Some(joint) = knowledge.joint.filter(|joint| hidden_inside[joint.pivot] > 0) else {
            return made;
        };
        let capacity = joint.capacity as f64;
        let mut variable = |begins: f64| {
            start.push(begins);
            start.len() as u32 - 1
        };
        let mut all = Vec::new();
        let others = joint.others.iter().filter(|&&cell| hidden_inside[cell] > 0);
        for (cell, up) in others
            .map(|&cell| (cell, false))
            .chain(joint.total.then_some((0, true)))
        {
            let (moved, rest) = (variable(0.0), variable(capacity));
            made.rows.push(vec![moved, rest]);
            made.of.entry(cell).or_default().push(rest);
            made.of
                .entry(joint.pivot)
                .or_default()
                .push(if up { rest } else { moved });
            all.push(moved);
        }
        if !all.is_empty() {
            all.push(variable(capacity));
            made.rows.push(all);
        }
        made
    }
}

/// Which variables hang together.
struct Groups {
    above: Vec<u32>,
}

impl Groups {
    fn new(size: usize) -> Self {
        Self {
            above: (0..size as u32).collect(),
        }
    }

    fn top(&mut self, mut one: u32) -> u32 {
        while self.above[one as usize] != one {
            let next = self.above[self.above[one as usize] as usize];
            self.above[one as usize] = next;
            one = next;
        }
        one
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.top(one), self.top(other));
        self.above[one.max(other) as usize] = one.min(other);
    }

    /// The number of each variable's group, and how many groups there are.
    fn numbers(&mut self) -> (Vec<usize>, usize) {
        let mut number_of = std::collections::HashMap::new();
        let numbers = (0..self.above.len() as u32)
            .map(|variable| {
                let next = number_of.len();
                *number_of.entry(self.top(variable)).or_insert(next)
            })
            .collect();
        (numbers, number_of.len())
    }
}
