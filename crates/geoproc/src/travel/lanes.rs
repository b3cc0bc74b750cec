//! Times from several origins at once to selected nodes of a hierarchy.

use super::Entry;
use super::hierarchy::Hierarchy;

/// Origins per run: their times lie side by side, so that one instruction serves several.
pub(crate) const LANES: usize = 16;

/// The nodes that a search has to pass to reach the wanted ones: these, and whatever lies above them.
#[derive(Debug)]
pub(crate) struct Selection {
    /// Place of each rank, `u32::MAX` if it is not selected.
    places: Vec<u32>,
    /// Ways down to the node at place `p`: those in `starts[p]..starts[p + 1]`, from which place and how long. Places
    /// descend in rank, so that whatever leads to a node comes before it.
    starts: Vec<usize>,
    from: Vec<u32>,
    seconds: Vec<f64>,
}

impl Selection {
    /// Selects what is needed for `wanted` nodes of the network.
    pub(crate) fn new(hierarchy: &Hierarchy, wanted: impl Iterator<Item = u32>) -> Self {
        let mut places = vec![u32::MAX; hierarchy.nodes()];
        let mut ranks: Vec<u32> = Vec::new();
        for node in wanted {
            let mut next = Some(hierarchy.rank(node));
            while let Some(rank) = next.filter(|&rank| places[rank as usize] == u32::MAX) {
                places[rank as usize] = 0;
                ranks.push(rank);
                next = hierarchy.parent(rank);
            }
        }
        ranks.sort_unstable_by(|a, b| b.cmp(a));
        let mut selection = Self {
            places,
            starts: vec![0],
            from: Vec::new(),
            seconds: Vec::new(),
        };
        for (place, &rank) in ranks.iter().enumerate() {
            selection.places[rank as usize] = place as u32;
            for (above, seconds) in hierarchy
                .ways_down(rank)
                .filter(|(_, seconds)| seconds.is_finite())
            {
                selection.from.push(selection.places[above as usize]);
                selection.seconds.push(seconds);
            }
            selection.starts.push(selection.from.len());
        }
        selection
    }

    /// Number of nodes selected.
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where the times of a rank are found; `None` if it is not selected.
    fn place(&self, rank: u32) -> Option<usize> {
        let place = self.places[rank as usize];
        (place != u32::MAX).then_some(place as usize)
    }
}

/// Working memory for runs of up to [`LANES`] origins.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    /// By place of the selection.
    seconds: Vec<[f64; LANES]>,
    /// By rank, for one origin; infinite between searches.
    reached: Vec<f64>,
}

impl Lanes {
    /// Seconds to a node of the network from the origin of `lane`, infinite where there is no way or it was not selected.
    pub(crate) fn seconds(
        &self,
        hierarchy: &Hierarchy,
        selection: &Selection,
        node: u32,
        lane: usize,
    ) -> f64 {
        selection
            .place(hierarchy.rank(node))
            .map_or(f64::INFINITY, |place| self.seconds[place][lane])
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
        self.seconds.resize(selection.len(), [f64::INFINITY; LANES]);
        for (lane, entries) in origins.iter().enumerate().take(LANES) {
            self.climb(hierarchy, selection, entries, lane);
        }
        for place in 0..selection.len() {
            let (above, below) = self.seconds.split_at_mut(place);
            let seconds = &mut below[0];
            let ways = selection.starts[place]..selection.starts[place + 1];
            for (&from, &way) in selection.from[ways.clone()].iter().zip(&selection.seconds[ways]) {
                for (time, start) in seconds.iter_mut().zip(&above[from as usize]) {
                    let over = start + way;
                    *time = if over < *time { over } else { *time };
                }
            }
        }
    }

    /// Goes from an origin's entries upwards through the hierarchy, and notes the times of selected nodes.
    fn climb(
        &mut self,
        hierarchy: &Hierarchy,
        selection: &Selection,
        entries: &[Option<Entry>; 2],
        lane: usize,
    ) {
        for entry in entries.iter().flatten() {
            let reached = &mut self.reached[hierarchy.rank(entry.node) as usize];
            *reached = reached.min(entry.seconds);
        }
        let mut next = entries.map(|entry| entry.map(|entry| hierarchy.rank(entry.node)));
        // The two ways to the top, always going on from the lower one; where they meet they are one.
        while let Some(rank) = next.into_iter().flatten().min() {
            let seconds = std::mem::replace(&mut self.reached[rank as usize], f64::INFINITY);
            if seconds.is_finite() {
                for (above, way) in hierarchy.ways_up(rank) {
                    let reached = &mut self.reached[above as usize];
                    *reached = reached.min(seconds + way);
                }
                if let Some(place) = selection.place(rank) {
                    self.seconds[place][lane] = seconds;
                }
            }
            for way in next.iter_mut().filter(|way| **way == Some(rank)) {
                *way = hierarchy.parent(rank);
            }
        }
    }
}
