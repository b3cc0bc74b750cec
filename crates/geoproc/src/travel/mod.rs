//! A network as one mode of travel finds it: which way each edge can be passed, and how long that takes.

mod dijkstra;

pub(crate) use dijkstra::{Labels, Search, Source};

use crate::network::{EdgeSet, Mode, Network, Snap, WALKING_PACE};

/// One passable direction of an edge, seen from the node that it leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arc {
    pub(crate) seconds: f64,
    pub(crate) head: u32,
    pub(crate) edge: u32,
}

/// Arcs by node: those of node `n` are `arcs[starts[n]..starts[n + 1]]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arcs {
    starts: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Arcs {
    fn new(nodes: usize, arcs: impl Iterator<Item = (u32, Arc)> + Clone) -> Self {
        let mut starts = vec![0_u32; nodes + 1];
        for (tail, _) in arcs.clone() {
            starts[tail as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut sorted = vec![
            Arc {
                seconds: 0.0,
                head: 0,
                edge: 0
            };
            starts[nodes] as usize
        ];
        for (tail, arc) in arcs {
            let slot = &mut next[tail as usize];
            sorted[*slot as usize] = arc;
            *slot += 1;
        }
        Self { starts, arcs: sorted }
    }

    /// The arcs of a node.
    pub(crate) fn of(&self, node: u32) -> &[Arc] {
        &self.arcs[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

/// A network made passable for one mode, without the edges that are closed.
///
/// Times are in seconds inside and minutes outside. A place is where it snaps to; a snap in the middle of an edge enters
/// and leaves at both its ends, as far as the direction allows, and two places on one edge also meet along it.
#[derive(Debug, Clone)]
pub struct Travel<'a> {
    pub(crate) network: &'a Network,
    pub(crate) mode: Mode,
    closed: EdgeSet,
    /// Arcs as they are driven.
    pub(crate) forward: Arcs,
    /// Arcs against the way they are driven, for searches from the destination.
    pub(crate) backward: Arcs,
}

/// A node next to a snap, with what lies between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    pub(crate) node: u32,
    pub(crate) seconds: f64,
    pub(crate) metres: f64,
}

impl<'a> Travel<'a> {
    /// Makes `network` passable for `mode`; `closed` edges cannot be used at all, nor reached or left from their middle.
    pub fn new(network: &'a Network, mode: Mode, closed: &EdgeSet) -> Self {
        let open = |&edge: &u32| !closed.contains(edge);
        let arcs = (0..network.edges().len() as u32).filter(open).flat_map(|edge| {
            let ends = &network.edges()[edge as usize];
            let (with, against) = network.pace(edge, mode);
            let arc = |tail, head, pace: f64| {
                (
                    tail,
                    Arc {
                        seconds: ends.length * pace,
                        head,
                        edge,
                    },
                )
            };
            [
                with.map(|pace| arc(ends.from, ends.to, pace)),
                against.map(|pace| arc(ends.to, ends.from, pace)),
            ]
        });
        let nodes = network.nodes().len();
        let reverse = |(tail, arc): (u32, Arc)| (arc.head, Arc { head: tail, ..arc });
        Self {
            network,
            mode,
            closed: closed.clone(),
            forward: Arcs::new(nodes, arcs.clone().flatten()),
            backward: Arcs::new(nodes, arcs.flatten().map(reverse)),
        }
    }

    /// The network.
    pub fn network(&self) -> &'a Network {
        self.network
    }

    /// The mode of travel.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The nodes at which a traveller who starts at `snap` comes onto the network.
    pub(crate) fn departures(&self, snap: &Snap) -> [Option<Entry>; 2] {
        let (with, against) = self.pace(snap.edge);
        self.entries(snap, against, with)
    }

    /// The nodes from which a traveller reaches `snap`.
    pub(crate) fn arrivals(&self, snap: &Snap) -> [Option<Entry>; 2] {
        let (with, against) = self.pace(snap.edge);
        self.entries(snap, with, against)
    }

    /// Entries at the edge's `from` and `to` node, given the pace between each and the snap. A snap that is at a node
    /// is there at no cost, even if its edge is closed or one-way.
    fn entries(&self, snap: &Snap, from: Option<f64>, to: Option<f64>) -> [Option<Entry>; 2] {
        let edge = &self.network.edges()[snap.edge as usize];
        let entry = |node, metres: f64, pace: Option<f64>| {
            let pace = if metres <= 0.0 { Some(0.0) } else { pace };
            pace.map(|pace| Entry {
                node,
                seconds: metres * pace,
                metres,
            })
        };
        [
            entry(edge.from, snap.along, from),
            entry(edge.to, edge.length - snap.along, to),
        ]
    }

    /// Seconds and metres from one snap to another along the edge that both lie on; `None` on different edges, or
    /// where the way is closed or one-way.
    pub(crate) fn along_edge(&self, from: &Snap, to: &Snap) -> Option<(f64, f64)> {
        if from.edge != to.edge {
            return None;
        }
        let (with, against) = self.pace(from.edge);
        let metres = to.along - from.along;
        let pace = if metres > 0.0 { with } else { against };
        if metres.abs() <= 0.0 {
            Some((0.0, 0.0))
        } else {
            pace.map(|pace| (metres.abs() * pace, metres.abs()))
        }
    }

    fn pace(&self, edge: u32) -> (Option<f64>, Option<f64>) {
        if self.closed.contains(edge) {
            (None, None)
        } else {
            self.network.pace(edge, self.mode)
        }
    }
}

/// Seconds for a straight way off the roads at walking pace.
pub(crate) fn walking_seconds(metres: f64) -> f64 {
    metres * 3.6 / WALKING_PACE
}
