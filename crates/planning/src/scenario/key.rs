//! The part of a scenario that decides what has to be measured.

use serde::Serialize;

use super::{Move, Scenario, Sites, Travel};
use crate::canonical;
use crate::day::Day;
use crate::measure::Measure;

#[derive(Serialize)]
struct MeasureRelevant<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Day>,
    sites: &'a Sites,
    travel: &'a Travel,
    moving: &'a Move,
    measures: Vec<String>,
}

impl Scenario {
    /// A digest of everything that decides the measured matrix (sites, travel, move and the set of measures) and
    /// of nothing else: scenarios that differ in title, weights, value functions, limits or method share it, so
    /// that a new weight needs no new measuring. Together with the layers' hashes it is a cache key.
    pub fn measure_key(&self) -> String {
        let mut measures: Vec<String> = self.measures().iter().map(Measure::id).collect();
        measures.sort_unstable();
        let part = MeasureRelevant {
            as_of: self.as_of,
            sites: &self.sites,
            travel: &self.travel,
            moving: &self.moving,
            measures,
        };
        canonical::digest(&part)
    }
}
