//! An order of nodes by nested dissection: halve the network by a line across the map, put the few nodes that hold the
//! halves together last, and do the same to each half (George 1973).
//!
//! Nothing but those few nodes joins the halves, so contracting one half never touches the other.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use geo::Coord;

use super::Arcs;

/// Parts of at most this many nodes are not halved.
const LEAF: usize = 8;

/// Parts of more nodes than this try slanted lines too, and are halved by several threads.
const LARGE: usize = 2048;

/// A part of the order, as ranges of ranks.
#[derive(Debug)]
pub(crate) enum Part {
    /// Too small to be divided.
    Leaf(Range<usize>),
    /// Two halves with nothing between them but the separator.
    Split(Box<[Part; 2]>, Range<usize>),
}

impl Part {
    /// All ranks of the part.
    pub(crate) fn ranks(&self) -> Range<usize> {
        match self {
            Self::Leaf(ranks) => ranks.clone(),
            Self::Split(halves, separator) => halves[0].ranks().start..separator.end,
        }
    }
}

/// What the recursion works on.
struct Dissector<'a> {
    positions: &'a [Coord<f64>],
    forward: &'a Arcs,
    backward: &'a Arcs,
    /// Which half of which part a node is in. Halves have numbers of their own, so that a part that another thread works
    /// on is never taken for this one.
    halves: Vec<AtomicU32>,
}

/// Nodes from the first to be contracted to the last, and how the order came about.
pub(crate) fn dissect(positions: &[Coord<f64>], forward: &Arcs, backward: &Arcs) -> (Vec<u32>, Part) {
    let mut nodes: Vec<u32> = (0..positions.len() as u32).collect();
    let halves = nodes.iter().map(|_| AtomicU32::new(0)).collect();
    let part = Dissector {
        positions,
        forward,
        backward,
        halves,
    }
    .divide(&mut nodes, 0, 1);
    (nodes, part)
}

impl Dissector<'_> {
    /// Orders `nodes`, whose ranks start at `first`; `number` tells this part from all others.
    fn divide(&self, nodes: &mut [u32], first: usize, number: u32) -> Part {
        if nodes.len() <= LEAF {
            return Part::Leaf(first..first + nodes.len());
        }
        let directions: &[(f64, f64)] = if nodes.len() > LARGE {
            &[(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0)]
        } else {
            &[(1.0, 0.0), (0.0, 1.0)]
        };
        let least = directions.iter().min_by_key(|&&direction| {
            self.halve(nodes, direction, number);
            let [left, right] = self.borders(nodes, number);
            left.min(right)
        });
        self.halve(nodes, *least.unwrap_or(&directions[0]), number);
        let [left, right] = self.borders(nodes, number);
        let (from, to) = if left <= right {
            (2 * number, 2 * number + 1)
        } else {
            (2 * number + 1, 2 * number)
        };
        let group = |&node: &u32| {
            let half = self.half(node);
            if half == from && self.touches(node, to) {
                2
            } else {
                half - 2 * number
            }
        };
        let mut keyed: Vec<(u32, u32)> = nodes.iter().map(|node| (group(node), *node)).collect();
        keyed.sort_by_key(|&(group, _)| group);
        for (slot, &(group, node)) in nodes.iter_mut().zip(&keyed) {
            *slot = node;
            if group == 2 {
                self.halves[node as usize].store(0, Ordering::Relaxed);
            }
        }
        let end_of = |limit: u32| keyed.partition_point(|&(group, _)| group <= limit);
        let (middle, end) = (end_of(0), end_of(1));
        let separator = first + end..first + nodes.len();
        let (halves, _) = nodes.split_at_mut(end);
        let (left, right) = halves.split_at_mut(middle);
        let divide_left = |nodes| self.divide(nodes, first, 2 * number);
        let divide_right = |nodes| self.divide(nodes, first + middle, 2 * number + 1);
        let (left, right) = if end > LARGE {
            rayon::join(|| divide_left(left), || divide_right(right))
        } else {
            (divide_left(left), divide_right(right))
        };
        Part::Split(Box::new([left, right]), separator)
    }

    /// Halves nodes by a line across a direction, and notes who is where.
    fn halve(&self, nodes: &mut [u32], (x, y): (f64, f64), number: u32) {
        let key = |node: u32| self.positions[node as usize].x * x + self.positions[node as usize].y * y;
        let middle = nodes.len() / 2;
        nodes.select_nth_unstable_by(middle, |&a, &b| key(a).total_cmp(&key(b)).then(a.cmp(&b)));
        for (at, &node) in nodes.iter().enumerate() {
            let half = 2 * number + u32::from(at >= middle);
            self.halves[node as usize].store(half, Ordering::Relaxed);
        }
    }

    /// How many nodes of each half have a neighbour in the other.
    fn borders(&self, nodes: &[u32], number: u32) -> [usize; 2] {
        let mut count = [0; 2];
        for &node in nodes {
            let half = self.half(node);
            if self.touches(node, half ^ 1) {
                count[(half - 2 * number) as usize] += 1;
            }
        }
        count
    }

    fn half(&self, node: u32) -> u32 {
        self.halves[node as usize].load(Ordering::Relaxed)
    }

    fn touches(&self, node: u32, half: u32) -> bool {
        let both = self.forward.of(node).iter().chain(self.backward.of(node));
        both.into_iter().any(|arc| self.half(arc.head) == half)
    }
}
