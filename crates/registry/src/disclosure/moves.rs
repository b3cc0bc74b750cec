//! Which cells to hide so that a given one cannot be worked out: households that might as well be elsewhere.
//!
//! A **move** takes households from some finest cells to others so that almost every total stays the same: one category against another in
//! each breakdown at once (the corners of a box, as in the hypercube method of Giessing and Repsilber 2002), or all the way up to the total in
//! a breakdown whose totals are hidden. A cell is protected if a move that changes it changes hidden cells only, and if there are
//! households enough to be moved. Every such move is a proof in whole numbers.

use super::attack::{Fact, Joint};
use super::dimension::Dimension;
use super::table::{Cell, Table};

/// The most moves that are looked at for one cell.
const MAX_MOVES: usize = 60_000;

/// Without bound, where nothing limits how many households can be added.
pub const NO_LIMIT: u64 = 1_000_000;

/// What may be hidden, and what it costs.
pub struct Costs<'a> {
    /// Which cells are hidden already: they cost nothing.
    pub hidden: &'a [bool],
    /// Which cells are known already: they cannot be hidden.
    pub told: &'a [bool],
    /// What hiding a cell costs.
    pub weights: &'a [u32],
    /// Sums that are known besides.
    pub facts: &'a [Fact],
    /// What can change in other tables of the same families at the same time.
    pub joint: Option<&'a Joint>,
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
    /// From this leaf (a node) …
    plus: usize,
    /// … to this one; none: every total of the breakdown changes.
    minus: Option<usize>,
    /// The nodes that change, with their sign.
    path: Vec<(usize, bool)>,
}

impl Shift {
    /// The finest categories between which households go, with their sign.
    fn ends(&self) -> impl Iterator<Item = (usize, bool)> + Clone + use<> {
        std::iter::once((self.plus, true)).chain(self.minus.map(|minus| (minus, false)))
    }
}

/// The cheapest move that lets a cell vary by at least `need`; if there is none, one that lets it vary by something and hides at least one
/// more cell.
pub fn cheapest(table: &Table, costs: &Costs<'_>, target: Cell, need: u64) -> Option<Move> {
    cheapest_of(table, costs, &shifts(table, target), need, Width::Both)
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
    cheapest_of(table, costs, &shifts, need, Width::Up)
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
    shifts: &[Vec<Shift>],
    need: u64,
    counts: Width,
) -> Option<Move> {
    let mut search = Search {
        counts,
        table,
        costs,
        need,
        shifts,
        chosen: vec![0; shifts.len()],
        best: None,
        partial: None,
    };
    search.descend(0, &[(0, true)], &[(0, true)]);
    let found = search.best.or(search.partial.map(|(_, chosen)| chosen))?;
    Some(search_move(table, costs, shifts, &found))
}

struct Search<'a> {
    table: &'a Table,
    costs: &'a Costs<'a>,
    counts: Width,
    need: u64,
    shifts: &'a [Vec<Shift>],
    chosen: Vec<usize>,
    best: Option<Best>,
    partial: Option<(u64, Best)>,
}

#[derive(Clone)]
struct Best {
    cost: u64,
    width: u64,
    chosen: Vec<usize>,
}

impl Search<'_> {
    /// Chooses the shift of one breakdown after the other; `cells` and `corners` are what the ones before make. There is one breakdown at least.
    fn descend(&mut self, dimension: usize, cells: &[(Cell, bool)], corners: &[(Cell, bool)]) {
        let stride = self.table.stride(dimension);
        let all = self.shifts;
        let is_last = dimension + 1 == all.len();
        for (number, shift) in all[dimension].iter().enumerate() {
            self.chosen[dimension] = number;
            let more = times(cells, shift.path.iter().copied(), stride);
            let further = times(corners, shift.ends(), stride);
            if !is_last {
                let (more, further): (Vec<_>, Vec<_>) = (more.collect(), further.collect());
                self.descend(dimension + 1, &more, &further);
            } else if let Some((room, cost)) = self.price(more.clone(), further.clone()) {
                let (more, further): (Vec<_>, Vec<_>) = (more.collect(), further.collect());
                self.weigh(&more, &further, room, cost);
            }
        }
    }

    fn width(&self, (up, down): (u64, u64)) -> u64 {
        match self.counts {
            Width::Both => up.saturating_add(down),
            Width::Up => up,
        }
    }

    /// The room of a move and its cost; none if it has no room, costs more than the best, or changes what is known. Nearly all moves fail here,
    /// so that nothing is set up for it.
    fn price(
        &self,
        cells: impl Iterator<Item = (Cell, bool)>,
        corners: impl Iterator<Item = (Cell, bool)>,
    ) -> Option<((u64, u64), u64)> {
        let room = room(self.table, corners);
        let width = self.width(room);
        if width == 0 {
            return None;
        }
        let limit = match &self.best {
            Some(best) if width >= self.need => best.cost,
            Some(_) => return None,
            None => u64::MAX,
        };
        let mut cost = 0;
        for (cell, _) in cells.filter(|(cell, _)| !self.costs.hidden[*cell]) {
            if !self.costs.told[cell] {
                cost += u64::from(self.costs.weights[cell]);
                if cost > limit {
                    return None;
                }
            } else if self.costs.joint.is_none() {
                return None;
            }
        }
        Some((room, cost))
    }

    /// Keeps a move if it is better than what was found.
    fn weigh(&mut self, cells: &[(Cell, bool)], corners: &[(Cell, bool)], room: (u64, u64), cost: u64) {
        if !self.costs.facts.is_empty() && tells(self.table, self.costs.facts, corners) {
            return;
        }
        let Some(room) = within(self.costs, cells, room) else {
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
        cells = times(&cells, shift.path.iter().copied(), stride).collect();
        corners = times(&corners, shift.ends(), stride).collect();
    }
    let (up, down) = within(costs, &cells, room(table, corners.into_iter())).unwrap_or((0, 0));
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
    nodes: impl Iterator<Item = (usize, bool)> + Clone + 'a,
    stride: usize,
) -> impl Iterator<Item = (Cell, bool)> + Clone + 'a {
    cells.iter().flat_map(move |&(cell, sign)| {
        let nodes = nodes.clone();
        nodes.map(move |(node, other)| (cell + node * stride, sign == other))
    })
}

/// By how many the corners that go up with the cell can go up and down.
fn room(table: &Table, corners: impl Iterator<Item = (Cell, bool)>) -> (u64, u64) {
    corners.fold((NO_LIMIT, NO_LIMIT), |(up, down), (cell, goes_up)| {
        let value = table.values()[cell];
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
        plus,
        minus: None,
        path: tree.upwards(plus).map(|node| (node, true)).collect(),
    }
}

/// A shift from one finest category to another: what contains both stays.
fn across(tree: &Dimension, plus: usize, minus: usize) -> Shift {
    let up = tree.upwards(plus).take_while(|&node| !tree.contains(node, minus));
    let down = tree.upwards(minus).take_while(|&node| !tree.contains(node, plus));
    Shift {
        plus,
        minus: Some(minus),
        path: up
            .map(|node| (node, true))
            .chain(down.map(|node| (node, false)))
            .collect(),
    }
}
