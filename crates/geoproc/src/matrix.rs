//! Travel times from many places to many others, and what they mean for the people who would move.

use rayon::prelude::*;

use crate::access::Travel;
use crate::network::Snap;
use crate::travel::{Labels, Search, Source, walking_seconds};

/// Travel times from origins (rows) to destinations (columns).
#[derive(Debug, Clone, PartialEq)]
pub struct TravelTimes {
    destinations: usize,
    /// Minutes, row by row; infinite where there is no way.
    minutes: Vec<f64>,
}

/// Travel time of all households that would move, to one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disruption {
    /// Mean minutes of those households that can get there; `None` if none can.
    pub minutes: Option<f64>,
    /// Share of the households that can get there, 0 to 1.
    pub reached_share: f64,
}

impl TravelTimes {
    /// Minutes from an origin to a destination, both ends included; `None` where there is no way or one of them is on no
    /// road.
    pub fn minutes(&self, origin: usize, destination: usize) -> Option<f64> {
        let minutes = self.minutes[origin * self.destinations + destination];
        minutes.is_finite().then_some(minutes)
    }

    /// Number of origins.
    pub fn origins(&self) -> usize {
        self.minutes.len().checked_div(self.destinations).unwrap_or(0)
    }

    /// Number of destinations.
    pub fn destinations(&self) -> usize {
        self.destinations
    }

    /// Mean travel time to every destination, each origin counting as its number of households. Origins without
    /// households, or with a number of them that is negative or not finite, do not count.
    pub fn disruption(&self, households: &[f64]) -> Vec<Disruption> {
        let counts = |h: &f64| h.is_finite() && *h > 0.0;
        let total: f64 = households
            .iter()
            .take(self.origins())
            .copied()
            .filter(|h| counts(h))
            .sum();
        (0..self.destinations)
            .map(|destination| {
                let (mut reached, mut sum) = (0.0, 0.0);
                for (origin, &weight) in households.iter().enumerate().take(self.origins()) {
                    if let Some(minutes) = self.minutes(origin, destination).filter(|_| counts(&weight)) {
                        reached += weight;
                        sum += weight * minutes;
                    }
                }
                let minutes = (reached > 0.0).then(|| sum / reached);
                Disruption {
                    minutes,
                    reached_share: if total > 0.0 { reached / total } else { 0.0 },
                }
            })
            .collect()
    }
}

impl Travel<'_> {
    /// Travel times from every origin to every destination.
    pub fn times(&self, origins: &[Option<Snap>], destinations: &[Option<Snap>]) -> TravelTimes {
        let search = Search {
            network: self.network,
            arcs: &self.forward,
            limit: f64::INFINITY,
        };
        let rows: Vec<Vec<f64>> = origins
            .par_iter()
            .map_init(Labels::default, |labels, origin| {
                let Some(from) = origin else {
                    return vec![f64::INFINITY; destinations.len()];
                };
                labels.reset(self.network.nodes().len());
                for entry in self.departures(from).into_iter().flatten() {
                    labels.add(Source {
                        node: entry.node,
                        seconds: entry.seconds,
                        metres: 0.0,
                        id: 0,
                    });
                }
                labels.run(&search, |_| false);
                let seconds = |to: &Option<Snap>| {
                    let Some(to) = to else { return f64::INFINITY };
                    let entries = self.arrivals(to).into_iter().flatten();
                    let over_nodes =
                        entries.filter_map(|e| labels.get(e.node).map(|l| l.seconds + e.seconds));
                    let along = self.along_edge(from, to).map(|(seconds, _)| seconds);
                    let road = over_nodes.chain(along).fold(f64::INFINITY, f64::min);
                    (walking_seconds(from.distance) + road + walking_seconds(to.distance)) / 60.0
                };
                destinations.iter().map(seconds).collect()
            })
            .collect();
        TravelTimes {
            destinations: destinations.len(),
            minutes: rows.into_iter().flatten().collect(),
        }
    }
}
