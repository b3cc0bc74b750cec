//! Dijkstra's search from several sources at once, with labels that tell time, way and source.

use super::Arcs;
use super::buckets::Buckets;

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

/// A node where a search starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub(crate) node: u32,
    pub(crate) seconds: f64,
    pub(crate) metres: f64,
    /// The number that labels carry.
    pub(crate) id: u32,
}

/// Labels of all nodes, kept between searches so that a short search costs what it visits.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    of_node: Vec<Label>,
    /// Nodes with a label.
    touched: Vec<u32>,
    queue: Buckets,
}

impl Labels {
    /// Searches from `sources` until every node that can be reached within `limit` seconds has its final label, or `enough`
    /// says so: it is asked now and then, with the time below which labels are final.
    pub(crate) fn search(
        &mut self,
        arcs: &Arcs,
        sources: &[Source],
        limit: f64,
        mut enough: impl FnMut(&Self, f64) -> bool,
    ) {
        for &node in &self.touched {
            self.of_node[node as usize] = Label::UNREACHED;
        }
        self.touched.clear();
        self.of_node.resize(arcs.nodes(), Label::UNREACHED);

        let times = || sources.iter().map(|source| source.seconds);
        let (least, most) = (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max));
        self.queue
            .reset(arcs.mean() / 2.0, arcs.longest() + (most - least).max(0.0));
        for &Source {
            node,
            seconds,
            metres,
            id,
        } in sources
        {
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
        self.queue.start(least);
        while let Some(from) = self.queue.advance() {
            if from > limit || enough(self, from) {
                break;
            }
            while let Some((seconds, node)) = self.queue.pop() {
                let label = self.of_node[node as usize];
                // A better way was found while this one waited.
                if seconds > label.seconds {
                    continue;
                }
                for arc in arcs.of(node) {
                    let seconds = label.seconds + arc.seconds;
                    if seconds <= self.of_node[arc.head as usize].seconds {
                        let metres = label.metres + arc.metres;
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
        }
    }

    fn improve(&mut self, node: u32, label: Label) {
        let old = &mut self.of_node[node as usize];
        if !label.beats(old) {
            return;
        }
        if old.source == u32::MAX {
            self.touched.push(node);
        }
        *old = label;
        self.queue.push(label.seconds, node);
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
