//! The route itself, as a line for the map.

use geo::{Coord, LineString};

use crate::access::Travel;
use crate::network::{Network, Snap};
use crate::travel::{Labels, Search, Source, walking_seconds};

/// A way from door to door.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its course: from the place to the road, along it, and to the other place.
    pub line: LineString<f64>,
    /// Minutes on the way, both ends included.
    pub minutes: f64,
    /// Its length in metres.
    pub metres: f64,
}

impl Travel<'_> {
    /// The quickest route from one place to another; `None` where there is none.
    pub fn route(&self, from: &Snap, to: &Snap) -> Option<Route> {
        let mut labels = Labels::default();
        labels.reset(self.network.nodes().len());
        // The source tells at which end of its edge the traveller came onto the network.
        for (end, entry) in self.departures(from).into_iter().enumerate() {
            if let Some(entry) = entry {
                let (seconds, metres) = (entry.seconds, entry.metres);
                labels.add(Source {
                    node: entry.node,
                    seconds,
                    metres,
                    id: end as u32,
                });
            }
        }
        let arrivals = self.arrivals(to);
        let mut awaited = arrivals.iter().flatten().count();
        let search = Search {
            network: self.network,
            arcs: &self.forward,
            limit: f64::INFINITY,
        };
        labels.run(&search, |node| {
            awaited -= arrivals
                .iter()
                .flatten()
                .filter(|entry| entry.node == node)
                .count();
            awaited == 0
        });
        let over_nodes = arrivals.into_iter().enumerate().filter_map(|(end, entry)| {
            let entry = entry?;
            let label = labels.get(entry.node)?;
            Some((
                label.seconds + entry.seconds,
                label.metres + entry.metres,
                Some(end),
            ))
        });
        let along = self
            .along_edge(from, to)
            .map(|(seconds, metres)| (seconds, metres, None));
        let (seconds, metres, end) = along
            .into_iter()
            .chain(over_nodes)
            .min_by(|a, b| a.0.total_cmp(&b.0))?;

        let mut line = vec![from.place];
        match end.and_then(|end| Some((end, arrivals[end]?.node))) {
            None => walk(self.network, from.edge, (from.along, to.along), &mut line),
            Some((end, last)) => {
                let (steps, start) = self.trace(last, &labels);
                let offset = |edge: u32, end: usize| [0.0, self.network.edges()[edge as usize].length][end];
                walk(
                    self.network,
                    from.edge,
                    (from.along, offset(from.edge, start)),
                    &mut line,
                );
                for (edge, with) in steps {
                    let (first, last) = (offset(edge, usize::from(!with)), offset(edge, usize::from(with)));
                    walk(self.network, edge, (first, last), &mut line);
                }
                walk(self.network, to.edge, (offset(to.edge, end), to.along), &mut line);
            }
        }
        line.push(to.place);
        line.dedup();
        Some(Route {
            line: LineString(line),
            minutes: (seconds + walking_seconds(from.distance + to.distance)) / 60.0,
            metres: metres + from.distance + to.distance,
        })
    }

    /// The edges that lead to a labelled node, in the order of travel, each with whether it is passed as drawn; and
    /// the end of its edge at which the traveller started.
    fn trace(&self, mut node: u32, labels: &Labels) -> (Vec<(u32, bool)>, usize) {
        let mut steps = Vec::new();
        let mut start = 0;
        while let Some(label) = labels.get(node) {
            start = label.source as usize;
            let Some(edge) = self.network.edges().get(label.edge as usize) else {
                break;
            };
            // A loop is never on a quickest way, so the other end is another node.
            let with = edge.to == node;
            steps.push((label.edge, with));
            node = if with { edge.from } else { edge.to };
        }
        steps.reverse();
        (steps, start)
    }
}

/// Appends the course of an edge between two distances along it, in either direction.
fn walk(network: &Network, edge: u32, (first, last): (f64, f64), line: &mut Vec<Coord<f64>>) {
    let (shape, along) = (network.shape(edge), network.distances_along(edge));
    let (low, high) = (first.min(last), first.max(last));
    let between = (0..shape.len())
        .filter(|&i| low < along[i] && along[i] < high)
        .map(|i| shape[i]);
    line.push(point_at(shape, along, first));
    let start = line.len();
    line.extend(between);
    if last < first {
        line[start..].reverse();
    }
    line.push(point_at(shape, along, last));
}

/// The point of an edge at a distance along it.
fn point_at(shape: &[Coord<f64>], along: &[f64], distance: f64) -> Coord<f64> {
    let after = along.partition_point(|&a| a < distance).clamp(1, shape.len() - 1);
    let (a, b) = (along[after - 1], along[after]);
    if distance >= b {
        return shape[after];
    }
    shape[after - 1] + (shape[after] - shape[after - 1]) * ((distance - a) / (b - a)).clamp(0.0, 1.0)
}
