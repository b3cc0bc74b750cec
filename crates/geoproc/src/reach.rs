//! How many services of a kind lie within a time.

use rayon::prelude::*;

use crate::access::Travel;
use crate::network::Snap;
use crate::travel::{Entry, Labels, Search, Source, walking_seconds};

/// Features by what leads to them: by the nodes where they come onto the network, or by their edge. Sorted.
struct Directory(Vec<(u32, u32)>);

impl Directory {
    fn new(mut entries: Vec<(u32, u32)>) -> Self {
        entries.sort_unstable();
        Self(entries)
    }

    fn of(&self, key: u32) -> impl Iterator<Item = u32> {
        let start = self.0.partition_point(|entry| entry.0 < key);
        self.0[start..]
            .iter()
            .take_while(move |entry| entry.0 == key)
            .map(|entry| entry.1)
    }
}

impl Travel<'_> {
    /// How many of `services` each feature reaches within `minutes`, both ends included; `None` for a feature that is on
    /// no road. One bounded search per service, against the traffic.
    pub fn within(
        &self,
        features: &[Option<Snap>],
        services: &[Option<Snap>],
        minutes: f64,
    ) -> Vec<Option<u32>> {
        let snapped = || {
            features
                .iter()
                .enumerate()
                .filter_map(|(i, snap)| Some((i as u32, (*snap)?)))
        };
        let by_edge = Directory::new(snapped().map(|(i, snap)| (snap.edge, i)).collect());
        let nodes = |(i, snap)| {
            self.departures(&snap)
                .into_iter()
                .flatten()
                .map(move |entry| (entry.node, i))
        };
        let by_node = Directory::new(snapped().flat_map(nodes).collect());

        let search = Search {
            network: self.network,
            arcs: &self.backward,
            limit: minutes * 60.0,
        };
        let reached: Vec<Vec<u32>> = services
            .par_iter()
            .flatten()
            .map_init(Labels::default, |labels, service| {
                self.search_from(service, &search, labels);
                let over_nodes = labels.touched().iter().flat_map(|&node| by_node.of(node));
                let mut near: Vec<u32> = over_nodes.chain(by_edge.of(service.edge)).collect();
                near.sort_unstable();
                near.dedup();
                near.retain(|&feature| {
                    features[feature as usize]
                        .is_some_and(|from| self.seconds(&from, service, labels) <= search.limit)
                });
                near
            })
            .collect();

        let mut counts: Vec<Option<u32>> = features.iter().map(|snap| snap.map(|_| 0)).collect();
        for feature in reached.into_iter().flatten() {
            if let Some(count) = &mut counts[feature as usize] {
                *count += 1;
            }
        }
        counts
    }

    /// Searches against the traffic from one service.
    fn search_from(&self, service: &Snap, search: &Search, labels: &mut Labels) {
        labels.reset(self.network.nodes().len());
        let last = walking_seconds(service.distance);
        for Entry {
            node,
            seconds,
            metres,
        } in self.arrivals(service).into_iter().flatten()
        {
            labels.add(Source {
                node,
                seconds: seconds + last,
                metres,
                id: 0,
            });
        }
        labels.run(search, |_| false);
    }

    /// Seconds from a feature to the service that was searched from; infinite where it was not reached.
    fn seconds(&self, from: &Snap, service: &Snap, labels: &Labels) -> f64 {
        let entries = self.departures(from).into_iter().flatten();
        let over_nodes = entries.filter_map(|e| labels.get(e.node).map(|label| e.seconds + label.seconds));
        let along = self
            .along_edge(from, service)
            .map(|(seconds, _)| seconds + walking_seconds(service.distance));
        over_nodes.chain(along).fold(f64::INFINITY, f64::min) + walking_seconds(from.distance)
    }
}
