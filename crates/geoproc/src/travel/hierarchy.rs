//! Contraction of a whole network along an order of its nodes.
//!
//! A node is taken out by joining its neighbours with shortcuts as long as the ways through it; distances between the
//! nodes that remain stay what they were. Along an order by nested dissection few shortcuts arise, whatever the times on
//! the arcs are (Dibbelt, Strasser and Wagner 2016, *customizable contraction hierarchies*). A quickest way then goes up
//! through nodes contracted ever later, and down again.

use std::ops::Range;

use geo::Coord;

use super::Arcs;
use super::dissection::{Part, dissect};

/// No parent: the last node contracted of its component.
const NONE: u32 = u32::MAX;

/// Parts of more ranks than this are contracted by several threads.
const LARGE: usize = 16_384;

/// A contracted network. Nodes are known by their rank, the place in the order of contraction.
#[derive(Debug)]
pub(crate) struct Hierarchy {
    ranks: Vec<u32>,
    /// The first of the nodes above each node: all the others lie above that one too.
    parents: Vec<u32>,
    upward: Upward,
    /// Seconds up and down each link, infinite where there is no way.
    up: Vec<f64>,
    down: Vec<f64>,
}

/// Links of each rank to higher ones: `heads[starts[r]..starts[r + 1]]`, ascending.
#[derive(Debug)]
struct Upward {
    starts: Vec<usize>,
    heads: Vec<u32>,
}

impl Upward {
    fn of(&self, rank: usize) -> Range<usize> {
        self.starts[rank]..self.starts[rank + 1]
    }
}

impl Hierarchy {
    /// Contracts a network, given by the positions of its nodes and its arcs both ways.
    pub(crate) fn new(positions: &[Coord<f64>], forward: &Arcs, backward: &Arcs) -> Self {
        let (order, part) = dissect(positions, forward, backward);
        let mut ranks = vec![0; order.len()];
        for (rank, &node) in order.iter().enumerate() {
            ranks[node as usize] = rank as u32;
        }
        let (upward, parents) = shortcuts(&order, &ranks, forward, backward);
        let mut up = vec![f64::INFINITY; upward.heads.len()];
        let mut down = up.clone();
        for node in 0..order.len() as u32 {
            for arc in forward.of(node).iter().filter(|arc| arc.head != node) {
                let (tail, head) = (ranks[node as usize], ranks[arc.head as usize]);
                let links = upward.of(tail.min(head) as usize);
                let place =
                    links.start + upward.heads[links].partition_point(|&other| other < tail.max(head));
                let seconds = if tail < head {
                    &mut up[place]
                } else {
                    &mut down[place]
                };
                *seconds = seconds.min(arc.seconds);
            }
        }
        let below = Below::new(&upward);
        Contraction {
            upward: &upward,
            below: &below,
        }
        .run(&part, 0, &mut up, &mut down);
        Self {
            ranks,
            parents,
            upward,
            up,
            down,
        }
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.ranks.len()
    }

    /// The rank of a node of the network.
    pub(crate) fn rank(&self, node: u32) -> u32 {
        self.ranks[node as usize]
    }

    /// The first node above, `None` at the top.
    pub(crate) fn parent(&self, rank: u32) -> Option<u32> {
        let parent = self.parents[rank as usize];
        (parent != NONE).then_some(parent)
    }

    /// The nodes above with the seconds up to each.
    pub(crate) fn ways_up(&self, rank: u32) -> impl Iterator<Item = (u32, f64)> {
        let links = self.upward.of(rank as usize);
        self.upward.heads[links.clone()]
            .iter()
            .copied()
            .zip(self.up[links].iter().copied())
    }

    /// The nodes above with the seconds down from each.
    pub(crate) fn ways_down(&self, rank: u32) -> impl Iterator<Item = (u32, f64)> {
        let links = self.upward.of(rank as usize);
        self.upward.heads[links.clone()]
            .iter()
            .copied()
            .zip(self.down[links].iter().copied())
    }
}

/// Which links arise: a node is linked to the neighbours above it, and to those of every node whose parent it is.
fn shortcuts(order: &[u32], ranks: &[u32], forward: &Arcs, backward: &Arcs) -> (Upward, Vec<u32>) {
    let count = order.len();
    let mut upward = Upward {
        starts: vec![0],
        heads: Vec::new(),
    };
    let mut parents = vec![NONE; count];
    // Children as chains: the last found, and from each to the one before.
    let (mut last_child, mut sibling) = (vec![NONE; count], vec![NONE; count]);
    let mut seen = vec![NONE; count];
    let mut heads: Vec<u32> = Vec::new();
    for (rank, &node) in order.iter().enumerate() {
        heads.clear();
        let mut add = |head: u32| {
            if head as usize > rank && seen[head as usize] != rank as u32 {
                seen[head as usize] = rank as u32;
                heads.push(head);
            }
        };
        for arc in forward.of(node).iter().chain(backward.of(node)) {
            add(ranks[arc.head as usize]);
        }
        let mut child = last_child[rank];
        while child != NONE {
            upward.heads[upward.of(child as usize)]
                .iter()
                .copied()
                .for_each(&mut add);
            child = sibling[child as usize];
        }
        heads.sort_unstable();
        if let Some(&parent) = heads.first() {
            parents[rank] = parent;
            sibling[rank] = std::mem::replace(&mut last_child[parent as usize], rank as u32);
        }
        upward.heads.extend_from_slice(&heads);
        upward.starts.push(upward.heads.len());
    }
    (upward, parents)
}

/// Links seen from above: the nodes below each rank, ascending, with the place of the link.
struct Below {
    starts: Vec<usize>,
    links: Vec<(u32, u32)>,
}

impl Below {
    fn new(upward: &Upward) -> Self {
        let count = upward.starts.len() - 1;
        let mut starts = vec![0; count + 1];
        for &head in &upward.heads {
            starts[head as usize + 1] += 1;
        }
        for rank in 0..count {
            starts[rank + 1] += starts[rank];
        }
        let mut next = starts.clone();
        let mut links = vec![(0, 0); upward.heads.len()];
        for rank in 0..count {
            for place in upward.of(rank) {
                let slot = &mut next[upward.heads[place] as usize];
                links[*slot] = (rank as u32, (place - upward.starts[rank]) as u32);
                *slot += 1;
            }
        }
        Self { starts, links }
    }
}

/// The contraction proper: shortens every link to the quickest way over nodes below both its ends.
struct Contraction<'a> {
    upward: &'a Upward,
    below: &'a Below,
}

impl Contraction<'_> {
    /// Contracts a part, whose links start at `base`. Halves do not touch each other's links, so threads may share them.
    fn run(&self, part: &Part, base: usize, up: &mut [f64], down: &mut [f64]) {
        let mut places = vec![0; self.upward.starts.len() - 1];
        self.run_with(part, base, up, down, &mut places);
    }

    fn run_with(&self, part: &Part, base: usize, up: &mut [f64], down: &mut [f64], places: &mut [u32]) {
        let rows = match part {
            Part::Leaf(ranks) => ranks,
            Part::Split(halves, separator) => {
                let [left, right] = &**halves;
                let middle = self.upward.starts[right.ranks().start];
                let (up_left, up_right) = up.split_at_mut(middle - base);
                let (down_left, down_right) = down.split_at_mut(middle - base);
                if right.ranks().len() > LARGE {
                    rayon::join(
                        || self.run_with(left, base, up_left, down_left, places),
                        || self.run(right, middle, up_right, down_right),
                    );
                } else {
                    self.run_with(left, base, up_left, down_left, places);
                    self.run_with(right, middle, up_right, down_right, places);
                }
                separator
            }
        };
        for rank in rows.clone() {
            self.contract_below(rank, base, up, down, places);
        }
    }

    /// Shortens the links of one rank by the ways over each node below it.
    fn contract_below(&self, rank: usize, base: usize, up: &mut [f64], down: &mut [f64], places: &mut [u32]) {
        let links = self.upward.of(rank);
        for (place, &head) in self.upward.heads[links.clone()].iter().enumerate() {
            places[head as usize] = place as u32;
        }
        let (up_below, up_here) = up.split_at_mut(links.start - base);
        let (down_below, down_here) = down.split_at_mut(links.start - base);
        for &(below, place) in &self.below.links[self.below.starts[rank]..self.below.starts[rank + 1]] {
            let links = self.upward.of(below as usize);
            let link = links.start + place as usize;
            let (to_below, from_below) = (down_below[link - base], up_below[link - base]);
            if to_below.is_infinite() && from_below.is_infinite() {
                continue;
            }
            let others = link + 1..links.end;
            let ways = up_below[others.start - base..others.end - base]
                .iter()
                .zip(&down_below[others.start - base..others.end - base]);
            for (&head, (&up_on, &down_on)) in self.upward.heads[others].iter().zip(ways) {
                let place = places[head as usize] as usize;
                up_here[place] = up_here[place].min(to_below + up_on);
                down_here[place] = down_here[place].min(down_on + from_below);
            }
        }
    }
}
