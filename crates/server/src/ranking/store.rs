//! Rankings and measured sites made since the start.

use std::sync::Arc;

use moka::sync::Cache;
use phteah_layers::measures::{Ground, Measured};
use phteah_layers::{Catalogue, Progress};
use phteah_planning::scenario::Scenario;

use super::measure::{self, Survey};
use super::sites::{measures_key, ranking_id};
use super::{RankError, RankedSites};
use crate::tiles::plane::Plane;
use crate::work::Board;

/// Measured sites kept: a few sets of layers and of measures. They are the large part, rankings share them.
const MEASURED_KEPT: u64 = 4;

/// Makes and measures candidate sites: the slow part, handed in so that the rest can be tried with sites of any kind.
pub type MeasureSites = fn(&Catalogue, &Scenario, &mut dyn Progress) -> Result<Survey, RankError>;

/// Keeps rankings by id, and measured sites and their ground by what they are made of; the least recently used go first.
#[derive(Debug)]
pub struct RankingStore {
    measure: MeasureSites,
    board: Arc<Board>,
    rankings: Cache<String, Arc<RankedSites>>,
    measured: Cache<String, Arc<Measured>>,
    grounds: Cache<String, Arc<Ground>>,
}

impl RankingStore {
    /// A store of so many rankings, which tells on `board` how far its measuring has come.
    pub fn new(rankings: u64, measure: MeasureSites, board: Arc<Board>) -> Self {
        Self {
            measure,
            board,
            rankings: Cache::new(rankings),
            measured: Cache::new(MEASURED_KEPT),
            grounds: Cache::new(MEASURED_KEPT),
        }
    }

    /// The ranking of this id, if it is still kept.
    pub fn get(&self, id: &str) -> Option<Arc<RankedSites>> {
        self.rankings.get(id)
    }

    /// Ranks, or finds the same ranking made before. Who asks for the same meanwhile waits for it instead of doing it again.
    pub fn rank(
        &self,
        catalogue: &Catalogue,
        scenario: Scenario,
    ) -> Result<Arc<RankedSites>, Arc<RankError>> {
        let id = ranking_id(&scenario, catalogue);
        self.rankings.try_get_with(id.clone(), || {
            let key = measures_key(&scenario, catalogue);
            let survey = || {
                let survey = (self.measure)(catalogue, &scenario, &mut self.board.begin())?;
                if let Some(ground) = survey.ground {
                    self.grounds.insert(key.clone(), Arc::new(ground));
                }
                Ok(Arc::new(survey.measured))
            };
            let measured = self.measured.try_get_with_by_ref(&key, survey);
            let measured = measured.map_err(RankError::shared)?;
            let plane = Plane::of(&catalogue.crs()?)?;
            RankedSites::decide(id, scenario, measured, catalogue, &plane).map(Arc::new)
        })
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
