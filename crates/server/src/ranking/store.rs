//! Rankings and measured sites made since the start.

use std::sync::Arc;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use phteah_layers::measures::{Ground, Measured};
use phteah_layers::{Catalogue, Progress};
use phteah_planning::scenario::Scenario;

use super::measure::{self, Survey};
use super::sites::{measures_key, ranking_id};
use super::{RankError, RankedSites};
use crate::kept::Kept;
use crate::tiles::plane::Plane;
use crate::work::Board;

/// Measured sites kept: a few sets of layers and of measures. They are the large part, rankings share them.
const MEASURED_KEPT: u64 = 4;

/// Bytes of scenarios kept, by the ids of their rankings: those of some ten thousand.
const SCENARIO_BYTES: u64 = 64 << 20;

/// Makes and measures candidate sites: the slow part, handed in so that the rest can be tried with sites of any kind.
pub type MeasureSites = fn(&Catalogue, &Scenario, &mut dyn Progress) -> Result<Survey, RankError>;

/// Keeps rankings by id, and measured sites and their ground by what they are made of; the least recently used go first.
#[derive(Debug)]
pub struct RankingStore {
    measure: MeasureSites,
    board: Arc<Board>,
    rankings: Kept<RankedSites>,
    /// A ranking that is not kept any more is made again of its scenario, which takes a thousandth of its room.
    scenarios: Kept<Scenario>,
    measured: Cache<String, Arc<Measured>>,
    grounds: Cache<String, Arc<Ground>>,
}

impl RankingStore {
    /// A store of so many bytes of rankings, which tells on `board` how far its measuring has come.
    pub fn new(ranking_bytes: u64, measure: MeasureSites, board: Arc<Board>) -> Self {
        Self {
            measure,
            board,
            rankings: Kept::new(ranking_bytes),
            scenarios: Kept::new(SCENARIO_BYTES),
            measured: latest(MEASURED_KEPT),
            grounds: latest(MEASURED_KEPT),
        }
    }

    /// The ranking of this id, if it is still kept.
    pub fn get(&self, id: &str) -> Option<Arc<RankedSites>> {
        self.rankings.get(id)
    }

    /// The ranking of this id, made again where it is not kept. `None` where no such ranking was ever made, or the layers have changed since.
    pub fn again(&self, catalogue: &Catalogue, id: &str) -> Result<Option<Arc<RankedSites>>, Arc<RankError>> {
        if let Some(ranked) = self.get(id) {
            return Ok(Some(ranked));
        }
        match self.scenarios.get(id) {
            Some(scenario) if ranking_id(&scenario, catalogue) == id => {
                self.rank(catalogue, Scenario::clone(&scenario)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Ranks, or finds the same ranking made before. Who asks for the same meanwhile waits for it instead of doing it again.
    pub fn rank(
        &self,
        catalogue: &Catalogue,
        scenario: Scenario,
    ) -> Result<Arc<RankedSites>, Arc<RankError>> {
        let id = ranking_id(&scenario, catalogue);
        let make = || {
            let key = measures_key(&scenario, catalogue);
            let survey = || {
                let survey = (self.measure)(catalogue, &scenario, &mut self.board.begin())?;
                if let Some(ground) = survey.ground {
                    self.grounds.insert(key.clone(), Arc::new(ground));
                }
                Ok(Arc::new(survey.measured))
            };
            let measured = self.measured.try_get_with_by_ref(&key, survey)?;
            let crs = catalogue.crs().map_err(RankError::from)?;
            let plane = Plane::of(&crs).map_err(RankError::from)?;
            let ranked = RankedSites::decide(id.clone(), scenario.clone(), measured, catalogue, &plane)?;
            Ok::<_, Arc<RankError>>(Arc::new(ranked))
        };
        let ranked = self.rankings.get_or_make(&id, make, RankedSites::bytes)?;
        let bytes = serde_json::to_vec(&scenario).map_or(0, |json| json.len() as u64);
        self.scenarios.put(&id, Arc::new(scenario), 4 * bytes);
        Ok(ranked)
    }

    /// What the sites of a ranking were measured against, read again if it is not kept. `None` where the layers have changed
    /// since: the ranking's sites and this ground would not belong together.
    pub fn ground(
        &self,
        catalogue: &Catalogue,
        ranked: &RankedSites,
    ) -> Result<Option<Arc<Ground>>, Arc<RankError>> {
        if !ranked.is_of(catalogue) {
            return Ok(None);
        }
        let key = measures_key(&ranked.scenario, catalogue);
        let read = || measure::ground(catalogue, &ranked.scenario, &mut self.board.begin()).map(Arc::new);
        self.grounds.try_get_with(key, read).map(Some)
    }
}

/// A cache of so many, of which the least recently used goes first, and which turns no newcomer away.
fn latest<V: Send + Sync + 'static>(many: u64) -> Cache<String, Arc<V>> {
    Cache::builder()
        .max_capacity(many)
        .eviction_policy(EvictionPolicy::lru())
        .build()
}
