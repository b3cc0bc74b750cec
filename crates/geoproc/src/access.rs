//! Travel time from features to the nearest service of a kind.
//!
//! From a feature's place straight to the nearest point of the nearest road at walking pace, along the roads by class
//! and mode, and from the road to the service likewise; minutes and metres count all three. Quickest is nearest.
//!
//! One search from all services at once, against the traffic, gives the nearest service of every node (Dijkstra 1959
//! with several sources); a feature then looks at the ends of its edge and at the services on that same edge.
//!
//! Where roads are closed, places still snap to the road that is nearest when all are open: a flood does not bring
//! another road nearer, and so it never shortens a journey.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::network::Snap;
use crate::travel::{Entry, Labels, Source, walking_seconds};

pub use crate::travel::Travel;

/// How a feature reaches the nearest service of a kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Access {
    /// It does.
    Reached(Journey),
    /// It has a road, but no service can be reached over it.
    Unreachable,
    /// No road lies within the largest distance allowed.
    OffNetwork,
}

/// The quickest way to a service, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Journey {
    /// Minutes on the way.
    pub minutes: f64,
    /// Length of that way in metres.
    pub metres: f64,
    /// The service, as an index into those handed in. Of several equally near, the smallest.
    pub service: usize,
}

impl Access {
    /// The journey, if there is one.
    pub fn journey(&self) -> Option<Journey> {
        match self {
            Self::Reached(journey) => Some(*journey),
            Self::Unreachable | Self::OffNetwork => None,
        }
    }

    /// The word for the status column: `reached`, `unreachable` or `off_network`.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Reached(_) => "reached",
            Self::Unreachable => "unreachable",
            Self::OffNetwork => "off_network",
        }
    }
}

/// A way under comparison.
#[derive(Debug, Clone, Copy)]
struct Way {
    seconds: f64,
    metres: f64,
    service: u32,
}

impl Way {
    /// Replaces `best` if this way is quicker, or as quick to a smaller service.
    fn compete(self, best: &mut Option<Self>) {
        if best.is_none_or(|best| (self.seconds, self.service) < (best.seconds, best.service)) {
            *best = Some(self);
        }
    }
}

impl Travel<'_> {
    /// The nearest of `services` (those of one kind) for every feature. `None` among the services is one that is on no
    /// road: it is reached by nobody. Without any service all are [`Access::Unreachable`]; whether that is so or the
    /// kind was never surveyed, the caller knows.
    pub fn nearest(&self, features: &[Option<Snap>], services: &[Option<Snap>]) -> Vec<Access> {
        let mut sources = Vec::new();
        let mut on_edge: HashMap<u32, Vec<u32>> = HashMap::new();
        for (service, snap) in services.iter().enumerate() {
            let Some(snap) = snap else { continue };
            let service = service as u32;
            on_edge.entry(snap.edge).or_default().push(service);
            let last = walking_seconds(snap.distance);
            for Entry {
                node,
                seconds,
                metres,
            } in self.arrivals(snap).into_iter().flatten()
            {
                let (seconds, metres) = (seconds + last, metres + snap.distance);
                sources.push(Source {
                    node,
                    seconds,
                    metres,
                    id: service,
                });
            }
        }
        let mut labels = Labels::default();
        labels.search(&self.backward, &sources, f64::INFINITY, |_, _| false);

        let reach = |feature: &Option<Snap>| {
            let Some(from) = feature else {
                return Access::OffNetwork;
            };
            let mut best: Option<Way> = None;
            for entry in self.departures(from).into_iter().flatten() {
                if let Some(label) = labels.get(entry.node) {
                    let seconds = entry.seconds + label.seconds;
                    Way {
                        seconds,
                        metres: entry.metres + label.metres,
                        service: label.source,
                    }
                    .compete(&mut best);
                }
            }
            for &service in on_edge.get(&from.edge).into_iter().flatten() {
                if let Some(to) = &services[service as usize]
                    && let Some((seconds, metres)) = self.along_edge(from, to)
                {
                    let seconds = seconds + walking_seconds(to.distance);
                    Way {
                        seconds,
                        metres: metres + to.distance,
                        service,
                    }
                    .compete(&mut best);
                }
            }
            best.map_or(Access::Unreachable, |way| {
                Access::Reached(Journey {
                    minutes: (way.seconds + walking_seconds(from.distance)) / 60.0,
                    metres: way.metres + from.distance,
                    service: way.service as usize,
                })
            })
        };
        features.par_iter().with_min_len(1024).map(reach).collect()
    }

    /// Minutes to every place from the origin from which it is reached soonest; infinite where none of them reaches it.
    /// `None` is a place, or an origin, that is on no road.
    pub fn soonest_from(&self, origins: &[Option<Snap>], places: &[Option<Snap>]) -> Vec<f64> {
        let mut sources = Vec::new();
        let mut on_edge: HashMap<u32, Vec<&Snap>> = HashMap::new();
        for (id, origin) in (0_u32..).zip(origins) {
            let Some(origin) = origin else { continue };
            on_edge.entry(origin.edge).or_default().push(origin);
            let first = walking_seconds(origin.distance);
            sources.extend(self.departures(origin).into_iter().flatten().map(|entry| Source {
                node: entry.node,
                seconds: first + entry.seconds,
                metres: origin.distance + entry.metres,
                id,
            }));
        }
        let mut labels = Labels::default();
        labels.search(&self.forward, &sources, f64::INFINITY, |_, _| false);
        let minutes = |place: &Option<Snap>| {
            let Some(to) = place else { return f64::INFINITY };
            let over_nodes = self.arrivals(to).into_iter().flatten().filter_map(|entry| {
                let label = labels.get(entry.node)?;
                Some(label.seconds + entry.seconds)
            });
            let along = on_edge.get(&to.edge).into_iter().flatten().filter_map(|from| {
                let (seconds, _) = self.along_edge(from, to)?;
                Some(walking_seconds(from.distance) + seconds)
            });
            let soonest = over_nodes.chain(along).fold(f64::INFINITY, f64::min);
            (soonest + walking_seconds(to.distance)) / 60.0
        };
        places.par_iter().with_min_len(1024).map(minutes).collect()
    }
}
