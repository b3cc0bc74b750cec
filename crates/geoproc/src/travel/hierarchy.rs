//! Contraction of all but the busiest nodes of a network.
//!
//! A node is taken out by joining its neighbours with shortcuts as long as the ways through it; distances between the
//! nodes that remain stay what they were. Nodes with few neighbours go first, and the contraction stops at those with
//! many, where shortcuts would outgrow what they save: what is left is the core (Geisberger, Sanders, Schultes and Delling
//! 2008, without their search for witnesses, so that a road's closing changes costs and not the order).

use std::collections::VecDeque;

use super::Arcs;

/// Nodes with more neighbours than this stay in the core.
const MOST_NEIGHBOURS: usize = 10;

/// What joins a node with a neighbour: seconds to it and back, infinite where there is no way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) head: u32,
    pub(crate) out: f64,
    pub(crate) back: f64,
}

/// A network with most of its nodes contracted.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// When a node was contracted; `CORE` for one that was not.
    rank: Vec<u32>,
    /// Per contracted node its neighbours at that moment, all of them contracted later or never; of a node of the core its
    /// neighbours in the core.
    links: Vec<Vec<Link>>,
    mean: f64,
    longest: f64,
}

/// The rank of nodes in the core.
pub(crate) const CORE: u32 = u32::MAX;

impl Hierarchy {
    /// Contracts the nodes of `arcs`, as they are driven.
    pub(crate) fn new(arcs: &Arcs) -> Self {
        let nodes = arcs.nodes();
        let mut links: Vec<Vec<Link>> = vec![Vec::new(); nodes];
        for node in 0..nodes as u32 {
            for arc in arcs.of(node) {
                if arc.head != node {
                    join(&mut links[node as usize], arc.head, arc.seconds, f64::INFINITY);
                    join(&mut links[arc.head as usize], node, f64::INFINITY, arc.seconds);
                }
            }
        }
        let mut rank = vec![CORE; nodes];
        // First come, first served among nodes of one degree: contraction then spreads evenly over the network.
        let mut queues: Vec<VecDeque<u32>> = vec![VecDeque::new(); MOST_NEIGHBOURS + 1];
        let enqueue = |queues: &mut Vec<VecDeque<u32>>, node: u32, degree: usize| {
            if degree <= MOST_NEIGHBOURS {
                queues[degree].push_back(node);
            }
        };
        for (node, links) in links.iter().enumerate() {
            enqueue(&mut queues, node as u32, links.len());
        }
        let mut next = 0;
        let mut degree = 0;
        while degree <= MOST_NEIGHBOURS {
            let Some(node) = queues[degree].pop_front() else {
                degree += 1;
                continue;
            };
            if rank[node as usize] != CORE || links[node as usize].len() != degree {
                continue;
            }
            rank[node as usize] = next;
            next += 1;
            let around = std::mem::take(&mut links[node as usize]);
            for (at, a) in around.iter().enumerate() {
                let of_a = &mut links[a.head as usize];
                of_a.retain(|link| link.head != node);
                for (other, b) in around.iter().enumerate() {
                    let (out, back) = (a.back + b.out, b.back + a.out);
                    if other != at && (out.is_finite() || back.is_finite()) {
                        join(of_a, b.head, out, back);
                    }
                }
                enqueue(&mut queues, a.head, of_a.len());
                degree = degree.min(of_a.len());
            }
            links[node as usize] = around;
        }
        let core = || {
            (0..nodes)
                .filter(|&node| rank[node] == CORE)
                .flat_map(|node| &links[node])
        };
        let finite = || core().map(|link| link.out).filter(|seconds| seconds.is_finite());
        let (total, count) =
            finite().fold((0.0, 0_usize), |(sum, count), seconds| (sum + seconds, count + 1));
        let (mean, longest) = (total / count.max(1) as f64, finite().fold(0.0, f64::max));
        Self {
            rank,
            links,
            mean,
            longest,
        }
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.rank.len()
    }

    /// When a node was contracted, [`CORE`] if it was not.
    pub(crate) fn rank(&self, node: u32) -> u32 {
        self.rank[node as usize]
    }

    /// The links of a node to nodes of higher rank, or within the core.
    pub(crate) fn links(&self, node: u32) -> &[Link] {
        &self.links[node as usize]
    }

    /// Seconds on the average and on the longest link of the core.
    pub(crate) fn core_seconds(&self) -> (f64, f64) {
        (self.mean, self.longest)
    }
}

/// Adds a link or shortens the one that is there.
fn join(links: &mut Vec<Link>, head: u32, out: f64, back: f64) {
    match links.iter_mut().find(|link| link.head == head) {
        Some(link) => {
            link.out = link.out.min(out);
            link.back = link.back.min(back);
        }
        None => links.push(Link { head, out, back }),
    }
}
