//! Dijkstra's search from several sources at once, with labels that tell time, way and source.

use super::Arcs;
use crate::heap::Heap;
use crate::network::Network;

/// What a search knows of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Label {
    /// Least seconds from (or, searching backward, to) a source; infinite where none is reached.
    pub(crate) seconds: f64,
    /// Length of that way in metres.
    pub(crate) metres: f64,
    /// The edge over which the way comes; `u32::MAX` at a source.
    pub(crate) edge: u32,
    /// Which source.
    pub(crate) source: u32,
}

impl Label {
    const UNREACHED: Self = Self {
        seconds: f64::INFINITY,
        metres: 0.0,
        edge: u32::MAX,
        source: u32::MAX,
    };

    /// Of several ways of equal time, the one with the smallest source wins, so that ties have one outcome.
    fn beats(&self, other: &Self) -> bool {
        self.seconds < other.seconds || (self.seconds <= other.seconds && self.source < other.source)
    }
}

/// Labels of all nodes, kept between searches so that a short search costs what it visits.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    of_node: Vec<Label>,
    /// Nodes with a label.
    touched: Vec<u32>,
    queue: Heap<u32>,
}

/// A node where a search starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub(crate) node: u32,
    pub(crate) seconds: f64,
    pub(crate) metres: f64,
    /// The number that labels carry.
    pub(crate) id: u32,
}

/// Where and how far a search goes.
pub(crate) struct Search<'a> {
    pub(crate) network: &'a Network,
    pub(crate) arcs: &'a Arcs,
    /// Nodes farther than this are not settled.
    pub(crate) limit: f64,
}

impl Labels {
    /// Forgets the last search and adds a source for the next.
    pub(crate) fn reset(&mut self, nodes: usize) {
        for &node in &self.touched {
            self.of_node[node as usize] = Label::UNREACHED;
        }
        self.touched.clear();
        self.queue.clear();
        self.of_node.resize(nodes, Label::UNREACHED);
    }

    /// Adds a source.
    pub(crate) fn add(&mut self, source: Source) {
        let Source {
            node,
            seconds,
            metres,
            id,
        } = source;
        self.improve(
            node,
            Label {
                seconds,
                metres,
                edge: u32::MAX,
                source: id,
            },
        );
    }

    fn improve(&mut self, node: u32, label: Label) {
        let old = &mut self.of_node[node as usize];
        if !label.beats(old) {
            return;
        }
        if old.source == u32::MAX {
            self.touched.push(node);
        }
        let sooner = label.seconds < old.seconds;
        *old = label;
        // At equal time the node is in the queue already.
        if sooner {
            self.queue.push(label.seconds, node);
        }
    }

    /// Searches until every reachable node within the limit is settled, or `done` says of a settled node that it was the
    /// last one wanted.
    pub(crate) fn run(&mut self, search: &Search, mut done: impl FnMut(u32) -> bool) {
        while let Some((seconds, node)) = self.queue.pop() {
            if seconds > search.limit {
                break;
            }
            let label = self.of_node[node as usize];
            if seconds > label.seconds {
                continue;
            }
            if done(node) {
                break;
            }
            for arc in search.arcs.of(node) {
                let seconds = label.seconds + arc.seconds;
                let old = &self.of_node[arc.head as usize];
                if seconds > old.seconds {
                    continue;
                }
                let metres = label.metres + search.network.edges()[arc.edge as usize].length;
                self.improve(
                    arc.head,
                    Label {
                        seconds,
                        metres,
                        edge: arc.edge,
                        source: label.source,
                    },
                );
            }
        }
    }

    /// The label of a node, `None` where the search did not come.
    pub(crate) fn get(&self, node: u32) -> Option<&Label> {
        self.of_node
            .get(node as usize)
            .filter(|label| label.source != u32::MAX)
    }

    /// All nodes with a label.
    pub(crate) fn touched(&self) -> &[u32] {
        &self.touched
    }
}
