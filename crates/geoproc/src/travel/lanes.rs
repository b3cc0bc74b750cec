//! Times from several origins at once to selected nodes of a hierarchy.

use std::collections::BTreeSet;

use super::Entry;
use super::buckets::Buckets;
use super::hierarchy::{CORE, Hierarchy};

/// Origins per run: their times lie side by side, so that one instruction serves several.
pub(crate) const LANES: usize = 8;

/// The nodes that a search has to pass to reach the wanted ones: these, and whatever lies above them.
#[derive(Debug)]
pub(crate) struct Selection {
    /// Place of each node, `u32::MAX` if it is not selected.
    places: Vec<u32>,
    /// Selected nodes by place: those of the core first, then the others from the last contracted down.
    nodes: Vec<u32>,
    core: usize,
    /// Ways down to the node at place `core + i`: `downs[starts[i]..starts[i + 1]]`, from where and how long.
    starts: Vec<u32>,
    downs: Vec<(u32, f64)>,
}

impl Selection {
    /// Selects what is needed for `wanted` nodes.
    pub(crate) fn new(hierarchy: &Hierarchy, wanted: impl Iterator<Item = u32>) -> Self {
        let mut places = vec![u32::MAX; hierarchy.nodes()];
        let mut nodes = Vec::new();
        let mut open: Vec<u32> = wanted.collect();
        while let Some(node) = open.pop() {
            if places[node as usize] == u32::MAX {
                places[node as usize] = 0;
                nodes.push(node);
                if hierarchy.rank(node) != CORE {
                    open.extend(hierarchy.links(node).iter().map(|link| link.head));
                }
            }
        }
        nodes.sort_unstable_by_key(|&node| (std::cmp::Reverse(hierarchy.rank(node)), node));
        for (place, &node) in nodes.iter().enumerate() {
            places[node as usize] = place as u32;
        }
        let core = nodes.partition_point(|&node| hierarchy.rank(node) == CORE);
        let mut starts = vec![0];
        let mut downs = Vec::new();
        for &node in &nodes[core..] {
            let ways = hierarchy.links(node).iter().filter(|link| link.back.is_finite());
            downs.extend(ways.map(|link| (places[link.head as usize], link.back)));
            starts.push(downs.len() as u32);
        }
        Self {
            places,
            nodes,
            core,
            starts,
            downs,
        }
    }

    /// Where the times of a node are found; `None` if it is not selected.
    pub(crate) fn place(&self, node: u32) -> Option<usize> {
        let place = self.places[node as usize];
        (place != u32::MAX).then_some(place as usize)
    }
}

/// Working memory for runs of up to [`LANES`] origins.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    /// By place of the selection.
    seconds: Vec<[f64; LANES]>,
    /// By node, for one origin; infinite between searches except where `touched`.
    reached: Vec<f64>,
    touched: Vec<u32>,
    queue: Buckets,
}

impl Lanes {
    /// Seconds to the node at `place` from the origin of `lane`, infinite where there is no way.
    pub(crate) fn seconds(&self, place: usize, lane: usize) -> f64 {
        self.seconds[place][lane]
    }

    /// Computes the times from each origin, given by its entries onto the network.
    pub(crate) fn run(
        &mut self,
        hierarchy: &Hierarchy,
        selection: &Selection,
        origins: &[[Option<Entry>; 2]],
    ) {
        self.reached.resize(hierarchy.nodes(), f64::INFINITY);
        self.seconds.clear();
        self.seconds.resize(selection.nodes.len(), [f64::INFINITY; LANES]);
        for (lane, entries) in origins.iter().enumerate().take(LANES) {
            self.climb(hierarchy, entries);
            self.cross_core(hierarchy);
            for node in self.touched.drain(..) {
                if let Some(place) = selection.place(node) {
                    self.seconds[place][lane] = self.reached[node as usize];
                }
                self.reached[node as usize] = f64::INFINITY;
            }
        }
        // Downwards: whatever leads to a node comes before it.
        for at in 0..selection.nodes.len() - selection.core {
            let (above, below) = self.seconds.split_at_mut(selection.core + at);
            let seconds = &mut below[0];
            for &(from, way) in
                &selection.downs[selection.starts[at] as usize..selection.starts[at + 1] as usize]
            {
                for (time, start) in seconds.iter_mut().zip(&above[from as usize]) {
                    let over = start + way;
                    *time = if over < *time { over } else { *time };
                }
            }
        }
    }

    /// Upwards from the entries through contracted nodes, in the order of their contraction, into the core.
    fn climb(&mut self, hierarchy: &Hierarchy, entries: &[Option<Entry>; 2]) {
        let mut open = BTreeSet::new();
        for entry in entries.iter().flatten() {
            self.reach(entry.node, entry.seconds);
            open.insert((hierarchy.rank(entry.node), entry.node));
        }
        while let Some((rank, node)) = open.pop_first() {
            if rank == CORE {
                break;
            }
            let seconds = self.reached[node as usize];
            for link in hierarchy.links(node).iter().filter(|link| link.out.is_finite()) {
                self.reach(link.head, seconds + link.out);
                open.insert((hierarchy.rank(link.head), link.head));
            }
        }
    }

    /// From where the core was entered to all of it.
    fn cross_core(&mut self, hierarchy: &Hierarchy) {
        let entered = || self.touched.iter().filter(|&&node| hierarchy.rank(node) == CORE);
        let times = || entered().map(|&node| self.reached[node as usize]);
        let (least, most) = (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max));
        let (mean, longest) = hierarchy.core_seconds();
        self.queue.reset(mean / 2.0, longest + (most - least).max(0.0));
        for &node in entered() {
            self.queue.push(self.reached[node as usize], node);
        }
        self.queue.start(least);
        while self.queue.advance().is_some() {
            while let Some((seconds, node)) = self.queue.pop() {
                if seconds > self.reached[node as usize] {
                    continue;
                }
                for link in hierarchy.links(node) {
                    let over = seconds + link.out;
                    if over < self.reached[link.head as usize] {
                        self.reach(link.head, over);
                        self.queue.push(over, link.head);
                    }
                }
            }
        }
    }

    fn reach(&mut self, node: u32, seconds: f64) {
        let reached = &mut self.reached[node as usize];
        if reached.is_infinite() && seconds.is_finite() {
            self.touched.push(node);
        }
        *reached = reached.min(seconds);
    }
}
