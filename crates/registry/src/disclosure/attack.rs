//! The attacker: between what least and greatest value each hidden cell must lie, given all that is known.
//!
//! What is known: the published cells, that counts are whole and not negative, and facts from elsewhere (earlier releases, other areas).
//! An interval is **proved wide** by two tables of whole numbers that both fit everything known and differ in the cell: each is found by
//! [linear programming](super::programme) and then checked in whole numbers, so no rounding error can make a hidden cell look safer than it is.
//! It is **proved narrow** by linear programming over real numbers.

use std::cell::Cell as Counter;

use super::fact::Fact;
use super::moves::{Costs, cheapest, cheapest_of_sum};
use super::programme::{ALL_WORK, AttackError, Each, Programme, Proved, Target, WHOLE_UP_TO};
use super::table::{Cell, Table};

/// All that an attacker knows about a table.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    /// The table; only the values of known cells and facts are known.
    pub table: &'a Table,
    /// Which cells he knows.
    pub known: &'a [bool],
    /// What he knows besides.
    pub facts: &'a [Fact],
    /// Sums that must not be known closer than a hidden cell: they follow the cells as targets, in this order.
    pub watched: &'a [Fact],
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

/// The width of the narrowest interval, its cell, and whether the width is exact; if it is not, no interval is narrower. None if nothing
/// is hidden.
pub fn narrowest(knowledge: &Knowledge<'_>, proved: &mut Proved) -> Option<(f64, Cell, bool)> {
    let of_cells = Knowledge {
        watched: &[],
        ..*knowledge
    };
    match programme(&of_cells) {
        Ok(mut programme) => programme.narrowest(proved),
        Err(_) => proved
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

/// Tries to prove that the interval of every hidden cell and every watched sum is at least as wide as `width`, and answers with those for which it
/// cannot be proved (sums have the numbers after the last cell), and with the work done.
///
/// First in parts of a large table, all else as it is: small programmes that prove most cells; and by single moves. Then in the whole table.
pub fn narrow(
    knowledge: &Knowledge<'_>,
    width: u64,
    proved: &mut Proved,
    effort: Effort,
) -> Result<(Vec<usize>, u64), AttackError> {
    let (table, known) = (knowledge.table, knowledge.known);
    let width = width as f64;
    let hidden_leaves = (0..table.len())
        .filter(|&cell| !known[cell] && table.is_leaf(cell))
        .count();
    proved.ask_for_whole(hidden_leaves <= WHOLE_UP_TO);
    let sums = table.len()..table.len() + knowledge.watched.len();
    let mut open: Vec<usize> = (0..table.len())
        .filter(|&cell| knowledge.protects(cell))
        .chain(sums)
        .filter(|&target| proved.width(target) < width)
        .collect();
    let mut work = 0;
    if knowledge.joint.is_some() {
        // What changes in several tables at once is proved by moves first of all.
        work += prove_by_moves(knowledge, &mut open, width, proved);
    }
    if hidden_leaves > BLOCK {
        for block in blocks(table, hidden_leaves) {
            if open.is_empty() {
                break;
            }
            let mut attack = within(knowledge, |cell| block.contains(table, cell))?;
            attack.widen(&mut open, width, Each::All, proved);
            work += attack.work();
        }
    }
    if hidden_leaves > BLOCK {
        work += prove_by_moves(knowledge, &mut open, width, proved);
        if effort == Effort::Quick {
            return Ok((open, work));
        }
    }
    if open.is_empty() {
        return Ok((open, work));
    }
    let mut attack = programme(knowledge)?;
    let each = match (hidden_leaves > BLOCK, effort) {
        (_, Effort::FirstOnly) => Each::UntilNarrow,
        (true, _) => Each::Only,
        (false, _) => Each::All,
    };
    attack.widen(&mut open, width, each, proved);
    Ok((open, work + attack.work()))
}

/// Proves cells by single moves among hidden cells. Answers with the work done.
fn prove_by_moves(knowledge: &Knowledge<'_>, open: &mut Vec<usize>, width: f64, proved: &mut Proved) -> u64 {
    let work = Counter::new(0);
    let hidden: Vec<bool> = knowledge.known.iter().map(|known| !known).collect();
    let costs = Costs {
        hidden: &hidden,
        told: knowledge.known,
        weights: &[],
        facts: knowledge.facts,
        changes: None,
        joint: knowledge.joint,
        work: &work,
    };
    let (table, need) = (knowledge.table, width.ceil() as u64);
    for &target in open.iter() {
        if proved.width(target) >= width {
            continue;
        }
        if work.get() > ALL_WORK {
            // What has not been proved by now counts as narrow.
            break;
        }
        let found = match target.checked_sub(table.len()) {
            Some(sum) => cheapest_of_sum(table, &costs, &knowledge.watched[sum], need),
            None => cheapest(table, &costs, target, need),
        };
        if let Some(found) = found {
            proved.note_move(table, knowledge.watched, &found);
        }
    }
    open.retain(|&cell| proved.width(cell) < width);
    work.get()
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

/// Sets up what is known as equations over the hidden finest cells.
pub fn programme(knowledge: &Knowledge<'_>) -> Result<Programme, AttackError> {
    within(knowledge, |_| true)
}

/// The same with some of the finest cells only, all others as they are: what is proved wide so is wide.
fn within(knowledge: &Knowledge<'_>, active: impl Fn(Cell) -> bool) -> Result<Programme, AttackError> {
    let (table, known) = (knowledge.table, knowledge.known);
    let mut variables: Vec<Option<u32>> = vec![None; table.len()];
    let mut start = Vec::new();
    let mut hidden_inside = vec![0_u32; table.len()];
    for cell in (0..table.len()).filter(|&cell| !known[cell] && table.is_leaf(cell) && active(cell)) {
        variables[cell] = Some(start.len() as u32);
        start.push(table.values()[cell] as f64);
        hidden_inside[cell] = 1;
    }
    table.add_up(&mut hidden_inside);
    let together = Together::new(knowledge.joint, &hidden_inside, &mut start);
    let rows = equations(knowledge, &variables, &hidden_inside, &together);
    let target = |number: usize, start: u64, leaves: Vec<Cell>| Target {
        number,
        start: start as f64,
        members: leaves.into_iter().filter_map(|leaf| variables[leaf]).collect(),
    };
    let cells = (0..table.len())
        .filter(|&cell| knowledge.protects(cell) && hidden_inside[cell] > 0)
        .map(|cell| target(cell, table.values()[cell], table.leaves_of(cell)));
    let sums = knowledge.watched.iter().enumerate();
    let sums = sums.map(|(number, sum)| target(table.len() + number, sum.sum(table), sum.cells(table)));
    let targets = cells.chain(sums.filter(|sum| !sum.members.is_empty())).collect();
    Programme::new(&start, rows, targets)
}

/// A known sum over hidden finest cells: a known cell without those of its parts that are known as well.
pub(super) struct Sum {
    /// The known cell.
    pub whole: Cell,
    /// Its known parts along one breakdown.
    pub known: Vec<Cell>,
    /// The others.
    pub hidden: Vec<Cell>,
}

/// The sums that are known of the hidden finest cells, the shortest that each known cell gives; one that follows from others is left out.
/// `hidden_inside`: how many hidden finest cells are in each.
pub(super) fn sums<'a>(
    table: &'a Table,
    known: &'a [bool],
    hidden_inside: &'a [u32],
) -> impl Iterator<Item = Sum> + 'a {
    let wholes = (0..table.len()).filter(|&cell| known[cell] && hidden_inside[cell] > 0);
    wholes.filter_map(|whole| {
        // Along one breakdown the known children are taken out of the sum: the fewer terms the better.
        let mut best: Option<(u32, usize)> = None;
        for dimension in 0..table.dimensions().len() {
            let left: u32 = table
                .children(whole, dimension)
                .filter(|&child| !known[child])
                .map(|child| hidden_inside[child])
                .sum();
            if table.children(whole, dimension).next().is_some() && best.is_none_or(|(least, _)| left < least)
            {
                best = Some((left, dimension));
            }
        }
        // Where all children along a breakdown are known, this sum follows from theirs.
        let (1.., dimension) = best? else { return None };
        let (known, hidden) = table.children(whole, dimension).partition(|&child| known[child]);
        Some(Sum { whole, known, hidden })
    })
}

/// The equations that hold between hidden finest cells, as lists of variables whose sum is known.
fn equations(
    knowledge: &Knowledge<'_>,
    variables: &[Option<u32>],
    hidden_inside: &[u32],
    together: &Together,
) -> Vec<Vec<u32>> {
    let Knowledge {
        table, known, facts, ..
    } = knowledge;
    let mut rows: Vec<Vec<u32>> = sums(table, known, hidden_inside)
        .map(|sum| {
            let parts = sum.hidden.iter().filter(|&&child| hidden_inside[child] > 0);
            let mut row: Vec<u32> = parts
                .flat_map(|&child| table.leaves_of(child))
                .filter_map(|leaf| variables[leaf])
                .collect();
            row.extend(together.of.get(&sum.whole).into_iter().flatten());
            row.sort_unstable();
            row
        })
        .collect();
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
pub(super) struct Together {
    /// The variables that each cell over the anchor has in its equation.
    pub of: std::collections::HashMap<Cell, Vec<u32>>,
    /// The equations between them.
    pub rows: Vec<Vec<u32>>,
}

impl Together {
    pub fn new(joint: Option<&Joint>, hidden_inside: &[u32], start: &mut Vec<f64>) -> Self {
        let mut made = Self::default();
        let Some(joint) = joint.filter(|joint| hidden_inside[joint.pivot] > 0) else {
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
