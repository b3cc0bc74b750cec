//! Which cells to hide so that a given one cannot be worked out: households that might as well be elsewhere.
//!
//! A **move** takes households from some finest cells to others so that almost every total stays the same: one category against another in
//! each breakdown at once (the corners of a box, as in the hypercube method of Giessing and Repsilber 2002), or all the way up to the total in
//! a breakdown whose totals are hidden. A cell is protected if a move that changes it changes hidden cells only, and if there are
//! households enough to be moved. Every such move is a proof in whole numbers.

use std::cell::Cell as Counter;

use super::attack::Joint;
use super::dimension::Dimension;
use super::fact::Fact;
use super::table::{Cell, Table};

/// The most moves that are looked at for one cell.
const MAX_MOVES: usize = 60_000;

/// To look at one cell of a move takes as long as so many multiplications.
const WORK_OF_A_CELL: u64 = 8;

/// Without bound, where nothing limits how many households can be added.
pub const NO_LIMIT: u64 = 1_000_000;

/// What may be hidden, and what it costs.
#[derive(Clone, Copy)]
pub struct Costs<'a> {
    /// Which cells are hidden already: they cost nothing.
    pub hidden: &'a [bool],
    /// Which cells are known already: they cannot be hidden.
    pub told: &'a [bool],
    /// What hiding a cell costs.
    pub weights: &'a [u32],
    /// Sums that are known besides.
    pub facts: &'a [Fact],
    /// A sum that has to change, too.
    pub changes: Option<&'a Fact>,
    /// What can change in other tables of the same families at the same time.
    pub joint: Option<&'a Joint>,
    /// How much work the search has done: about as many multiplications, the same on every machine.
    pub work: &'a Counter<u64>,
}

/// Households that might as well be elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// All cells that change, and whether they go up or down as the cell asked about goes up.
    pub cells: Vec<(Cell, bool)>,
    /// By how many the cell asked about can go up.
    pub up: u64,
    /// By how many it can go down.
    pub down: u64,
    /// What it costs to hide the cells that are not hidden yet.
    pub cost: u64,
}

impl Move {
    fn width(&self) -> u64 {
        self.up.saturating_add(self.down)
    }
}

/// One breakdown's part in a move.
struct Shift {
    /// To this leaf (a node), with its sign, and from this one …
    ends: [(usize, bool); 2],
    /// … if there is one; if not, every total of the breakdown changes.
    is_across: bool,
    /// The nodes that change, with their sign.
    path: Vec<(usize, bool)>,
}

impl Shift {
    /// The finest categories between which households go, with their sign.
    fn ends(&self) -> &[(usize, bool)] {
        &self.ends[..=usize::from(self.is_across)]
    }
}

/// The cheapest move that lets a cell vary by at least `need`; if there is none, one that lets it vary by something and hides at least one
/// more cell.
pub fn cheapest(table: &Table, costs: &Costs<'_>, target: Cell, need: u64) -> Option<Move> {
    let nodes = table.nodes(target);
    cheapest_of(table, costs, (&shifts(table, target), &nodes), need, Width::Both)
}

/// The same for a sum: the cheapest move of one of its parts that changes it.
pub fn cheapest_of_sum(table: &Table, costs: &Costs<'_>, sum: &Fact, need: u64) -> Option<Move> {
    let costs = Costs {
        changes: Some(sum),
        ..*costs
    };
    let parts = sum.parts(table).into_iter();
    let moves = parts.filter_map(|part| cheapest(table, &costs, part, need));
    moves.min_by_key(|found| (found.width() < need, found.cost))
}

/// What of a move counts as its width.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    /// How far the cell can go up and down.
    Both,
    /// How far it can go up.
    Up,
}

/// The cheapest move that takes households from one category of a breakdown to another (none: away from the table, so that its totals
/// change) without changing how they are spread over the other breakdowns: what two tables of the same households can do together. It lets the
/// first one go up by `need`, or by something.
pub fn cheapest_between(
    table: &Table,
    costs: &Costs<'_>,
    (dimension, plus, minus): (usize, usize, Option<usize>),
    need: u64,
) -> Option<Move> {
    let shifts: Vec<Vec<Shift>> = (0..table.dimensions().len())
        .map(|other| {
            if other == dimension {
                between(table, dimension, plus, minus)
            } else {
                let tree = &table.dimensions()[other];
                tree.leaves().iter().map(|&leaf| upwards(tree, leaf)).collect()
            }
        })
        .collect();
    let mut target = vec![0; shifts.len()];
    target[dimension] = plus;
    cheapest_of(table, costs, (&shifts, &target), need, Width::Up)
}

/// Every shift from a finest category inside `minus` to one inside `plus`.
fn between(table: &Table, dimension: usize, plus: usize, minus: Option<usize>) -> Vec<Shift> {
    let tree = &table.dimensions()[dimension];
    let inside = |node: usize| {
        let node = &tree.nodes()[node];
        &tree.leaves()[node.first_leaf..node.end_leaf]
    };
    let mut found = Vec::new();
    for &to in inside(plus) {
        match minus {
            None => found.push(upwards(tree, to)),
            Some(minus) => found.extend(inside(minus).iter().map(|&from| across(tree, to, from))),
        }
    }
    found
}

fn cheapest_of(
    table: &Table,
    costs: &Costs<'_>,
    (shifts, target): (&[Vec<Shift>], &[usize]),
    need: u64,
    counts: Width,
) -> Option<Move> {
    let mut after = vec![0; target.len() + 1];
    for dimension in (0..target.len()).rev() {
        after[dimension] = after[dimension + 1] + target[dimension] * table.stride(dimension);
    }
    let mut search = Search {
        counts,
        table,
        costs,
        need,
        shifts,
        target,
        after,
        chosen: vec![0; shifts.len()],
        partly: vec![Partly::default(); shifts.len() + 1],
        best: None,
        partial: None,
    };
    search.partly[0] = Partly {
        cells: vec![(0, true)],
        corners: vec![(0, true)],
    };
    let price = search.price(Price::default(), search.after[0])?;
    search.descend(0, price);
    let found = search.best.or(search.partial.map(|(_, chosen)| chosen))?;
    Some(search_move(table, costs, shifts, &found))
}

struct Search<'a> {
    table: &'a Table,
    costs: &'a Costs<'a>,
    counts: Width,
    need: u64,
    shifts: &'a [Vec<Shift>],
    /// The node in each breakdown that every shift changes.
    target: &'a [usize],
    /// What these nodes add to a cell's number, from each breakdown on.
    after: Vec<usize>,
    chosen: Vec<usize>,
    /// What the shifts of the breakdowns before each one make.
    partly: Vec<Partly>,
    best: Option<Best>,
    partial: Option<(u64, Best)>,
}

#[derive(Clone)]
struct Best {
    cost: u64,
    width: u64,
    chosen: Vec<usize>,
}

/// A move as far as it is chosen: its cells and its corners in the first breakdowns.
#[derive(Clone, Default)]
struct Partly {
    cells: Vec<(Cell, bool)>,
    corners: Vec<(Cell, bool)>,
}

/// What the cells cost that a move changes for certain.
#[derive(Clone, Copy, Default)]
struct Price {
    cost: u64,
    /// How many of them are known.
    known: usize,
}

impl Search<'_> {
    /// Chooses the shift of one breakdown after the other. There is one breakdown at least.
    ///
    /// Every shift changes the target's own node. So whatever is chosen for the later breakdowns, the cells over the target's nodes there are among
    /// those that change, and the corners are no greater than those cells: what costs too much or has no room is left as soon as that shows.
    fn descend(&mut self, dimension: usize, before: Price) {
        let all = self.shifts;
        for (number, shift) in all[dimension].iter().enumerate() {
            let Some(price) = self.prospect(dimension, shift, before) else {
                continue;
            };
            self.chosen[dimension] = number;
            let stride = self.table.stride(dimension);
            let mut next = std::mem::take(&mut self.partly[dimension + 1]);
            let partly = &self.partly[dimension];
            next.cells.clear();
            next.cells.extend(times(&partly.cells, &shift.path, stride));
            next.corners.clear();
            next.corners.extend(times(&partly.corners, shift.ends(), stride));
            let looked_at = (next.cells.len() + next.corners.len()) as u64;
            let work = self.costs.work;
            work.set(work.get() + WORK_OF_A_CELL * looked_at);
            let is_last = dimension + 1 == all.len();
            if is_last {
                self.weigh(&next, price.cost);
            }
            self.partly[dimension + 1] = next;
            if !is_last {
                self.descend(dimension + 1, price);
            }
        }
    }

    fn width(&self, (up, down): (u64, u64)) -> u64 {
        match self.counts {
            Width::Both => up.saturating_add(down),
            Width::Up => up,
        }
    }

    /// What a move costs at least with this shift added; none if it can have no room, costs more than the best, or changes what is known.
    fn prospect(&self, dimension: usize, shift: &Shift, before: Price) -> Option<Price> {
        let (stride, after) = (self.table.stride(dimension), self.after[dimension + 1]);
        let partly = &self.partly[dimension];
        let room = room(self.table, times(&partly.corners, shift.ends(), stride), after);
        let width = self.width(room);
        if width == 0 {
            return None;
        }
        let limit = match &self.best {
            Some(best) if width >= self.need => best.cost,
            Some(_) => return None,
            None => u64::MAX,
        };
        let own = self.target[dimension];
        let mut price = before;
        for &(node, _) in shift.path.iter().filter(|(node, _)| *node != own) {
            for &(cell, _) in &partly.cells {
                price = self.price(price, cell + node * stride + after)?;
            }
            if price.cost > limit {
                return None;
            }
        }
        (price.cost <= limit).then_some(price)
    }

    /// The price with one more cell; none if that cell must not change.
    fn price(&self, before: Price, cell: Cell) -> Option<Price> {
        let costs = self.costs;
        if costs.hidden[cell] {
            Some(before)
        } else if costs.told[cell] {
            // Other tables can follow one change over the anchor: of two cells.
            let follow = costs.joint.is_some_and(|joint| joint.has(cell)) && before.known < 2;
            follow.then_some(Price {
                known: before.known + 1,
                ..before
            })
        } else {
            Some(Price {
                cost: before.cost + u64::from(costs.weights[cell]),
                ..before
            })
        }
    }

    /// Keeps a move if it is better than what was found.
    fn weigh(&mut self, made: &Partly, cost: u64) {
        if !self.costs.facts.is_empty() && tells(self.table, self.costs.facts, &made.corners) {
            return;
        }
        let stays = |sum: &Fact| !tells(self.table, std::slice::from_ref(sum), &made.corners);
        if self.costs.changes.is_some_and(stays) {
            return;
        }
        let room = room(self.table, made.corners.iter().copied(), 0);
        let Some(room) = within(self.costs, &made.cells, room) else {
            return;
        };
        let width = self.width(room);
        if width == 0 {
            return;
        }
        let made = Best {
            cost,
            width,
            chosen: self.chosen.clone(),
        };
        if width >= self.need {
            if self.best.as_ref().is_none_or(|best| {
                (cost, std::cmp::Reverse(width)) < (best.cost, std::cmp::Reverse(best.width))
            }) {
                self.best = Some(made);
            }
        } else if let Some(worth) =
            (width * 1_000_000).checked_div(cost.max(u64::from(self.counts == Width::Up)))
            && self.partial.as_ref().is_none_or(|(best, _)| worth > *best)
        {
            self.partial = Some((worth, made));
        }
    }
}

fn search_move(table: &Table, costs: &Costs<'_>, shifts: &[Vec<Shift>], found: &Best) -> Move {
    let (mut cells, mut corners) = (vec![(0, true)], vec![(0, true)]);
    for (dimension, &number) in found.chosen.iter().enumerate() {
        let (shift, stride) = (&shifts[dimension][number], table.stride(dimension));
        cells = times(&cells, &shift.path, stride).collect();
        corners = times(&corners, shift.ends(), stride).collect();
    }
    let room = room(table, corners.into_iter(), 0);
    let (up, down) = within(costs, &cells, room).unwrap_or((0, 0));
    let made = Move {
        cost: cells
            .iter()
            .filter(|(cell, _)| !costs.hidden[*cell] && !costs.told[*cell])
            .map(|(cell, _)| u64::from(costs.weights[*cell]))
            .sum(),
        cells,
        up,
        down,
    };
    debug_assert!(found.width == made.width() || found.width == made.up);
    made
}

/// How far a move can go if it changes cells that are known: not at all, unless all tables can follow. None: not at all.
fn within(costs: &Costs<'_>, cells: &[(Cell, bool)], (up, down): (u64, u64)) -> Option<(u64, u64)> {
    let known = |cell: Cell| costs.told[cell] && !costs.hidden[cell];
    if !cells.iter().any(|&(cell, _)| known(cell)) {
        return Some((up, down));
    }
    let changes: Vec<(Cell, bool)> = cells.iter().copied().filter(|&(cell, _)| known(cell)).collect();
    let (most_up, most_down) = costs.joint?.allows(&changes)?;
    Some((up.min(most_up), down.min(most_down)))
}

/// What the shifts of the breakdowns so far make, times the nodes of one more.
fn times<'a>(
    cells: &'a [(Cell, bool)],
    nodes: &'a [(usize, bool)],
    stride: usize,
) -> impl Iterator<Item = (Cell, bool)> + 'a {
    cells.iter().flat_map(move |&(cell, sign)| {
        let nodes = nodes.iter();
        nodes.map(move |&(node, other)| (cell + node * stride, sign == other))
    })
}

/// By how many the corners that go up with the cell can go up and down; `after` is added to each corner's number.
fn room(table: &Table, corners: impl Iterator<Item = (Cell, bool)>, after: usize) -> (u64, u64) {
    corners.fold((NO_LIMIT, NO_LIMIT), |(up, down), (cell, goes_up)| {
        let value = table.values()[cell + after];
        if goes_up {
            (up, down.min(value))
        } else {
            (up.min(value), down)
        }
    })
}

/// Whether a move changes a sum that is known.
fn tells(table: &Table, facts: &[Fact], corners: &[(Cell, bool)]) -> bool {
    facts.iter().any(|fact| {
        let change: i64 = corners
            .iter()
            .filter(|(cell, _)| {
                fact.leaves.iter().enumerate().all(|(dimension, leaves)| {
                    let node = &table.dimensions()[dimension].nodes()[table.node(*cell, dimension)];
                    leaves.binary_search(&node.first_leaf).is_ok()
                })
            })
            .map(|(_, up)| if *up { 1 } else { -1 })
            .sum();
        change != 0
    })
}

/// For each breakdown, the shifts that change the target; the likely ones first and not more than can be looked at.
fn shifts(table: &Table, target: Cell) -> Vec<Vec<Shift>> {
    let mut all: Vec<Vec<Shift>> = (0..table.dimensions().len())
        .map(|dimension| shifts_along(table, target, dimension))
        .collect();
    loop {
        let moves: f64 = all.iter().map(|shifts| shifts.len() as f64).product();
        if moves <= MAX_MOVES as f64 {
            return all;
        }
        if let Some(longest) = all.iter_mut().max_by_key(|shifts| shifts.len()) {
            let fewer = (longest.len() as f64 * (MAX_MOVES as f64 / moves).max(0.5)).ceil() as usize;
            longest.truncate(fewer.clamp(2, longest.len().saturating_sub(1).max(2)));
            if longest.len() <= 2 {
                return all;
            }
        }
    }
}

fn shifts_along(table: &Table, target: Cell, dimension: usize) -> Vec<Shift> {
    let tree = &table.dimensions()[dimension];
    let at = table.node(target, dimension);
    let node = &tree.nodes()[at];
    let value_at = |other: usize| {
        table.values()[target - at * table.stride(dimension) + other * table.stride(dimension)]
    };
    let inside = &tree.leaves()[node.first_leaf..node.end_leaf];
    let mut found: Vec<(usize, u64, Shift)> = Vec::new();
    for &plus in inside {
        found.push((
            // Totals are dear: this one is looked at, whatever else is left out.
            0,
            value_at(plus),
            upwards(tree, plus),
        ));
        let outside = tree.leaves()[..node.first_leaf]
            .iter()
            .chain(&tree.leaves()[node.end_leaf..]);
        for &minus in outside {
            let shift = across(tree, plus, minus);
            found.push((
                shift.path.len(),
                value_at(plus).min(NO_LIMIT) + value_at(minus).min(NO_LIMIT),
                shift,
            ));
        }
    }
    found.sort_by_key(|(length, value, _)| (*length, std::cmp::Reverse(*value)));
    // One way to the totals is enough where many lead there and there is no room for all.
    found.into_iter().map(|(_, _, shift)| shift).collect()
}

/// A shift that changes every total above a finest category.
fn upwards(tree: &Dimension, plus: usize) -> Shift {
    Shift {
        ends: [(plus, true); 2],
        is_across: false,
        path: tree.upwards(plus).map(|node| (node, true)).collect(),
    }
}

/// A shift from one finest category to another: what contains both stays.
fn across(tree: &Dimension, plus: usize, minus: usize) -> Shift {
    let up = tree.upwards(plus).take_while(|&node| !tree.contains(node, minus));
    let down = tree.upwards(minus).take_while(|&node| !tree.contains(node, plus));
    Shift {
        ends: [(plus, true), (minus, false)],
        is_across: true,
        path: up
            .map(|node| (node, true))
            .chain(down.map(|node| (node, false)))
            .collect(),
    }
}
