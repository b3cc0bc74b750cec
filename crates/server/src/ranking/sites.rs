//! Candidate sites in order, as the rest of the server sees them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use geo::BoundingRect;
use phteah_layers::Catalogue;
use phteah_layers::measures::{Measured, Site};
use phteah_planning::canonical;
use phteah_planning::decision::{Missing, Ranking, decide_without};
use phteah_planning::measure::Measure;
use phteah_planning::problem::Warning;
use phteah_planning::scenario::Scenario;
use phteah_planning::text::Text;

use super::RankError;
use super::layers::{self, Moving};
use super::room::Room;
use crate::build_id::BUILD;
use crate::tiles::plane::Plane;

/// Candidate sites in order, with everything that explains the order.
#[derive(Debug)]
pub struct RankedSites {
    /// Names this result: the same inputs, scenario and program version give the same id.
    pub id: String,
    /// What was asked.
    pub scenario: Scenario,
    /// What was measured.
    pub measured: Arc<Measured>,
    /// The decision, by row.
    pub ranking: Ranking,
    /// Who would move; `None` where nobody knows, or where the scenario is for one family.
    pub moving: Option<Moving>,
    notices: Vec<Warning>,
    room: OnceLock<Option<Room>>,
    rows: HashMap<String, u32>,
    places: Vec<u32>,
    positions: Vec<(f64, f64)>,
    bounds: Vec<[f64; 4]>,
}

/// Identifies what a ranking is made of: the scenario, every loaded layer's version, the program's build.
pub fn ranking_id(scenario: &Scenario, catalogue: &Catalogue) -> String {
    digest(&[&canonical::digest(scenario), &layers_key(catalogue), BUILD])
}

/// Identifies what measures are made of.
pub fn measures_key(scenario: &Scenario, catalogue: &Catalogue) -> String {
    digest(&[&scenario.measure_key(), &layers_key(catalogue), BUILD])
}

fn layers_key(catalogue: &Catalogue) -> String {
    // What a decision made is no input of the next one, nor is what was told about people.
    let versions: Vec<_> = catalogue
        .layers()
        .iter()
        .filter(|l| !l.role.is_result())
        .map(|l| (&l.name, l.role.as_str(), &l.hash))
        .collect();
    canonical::digest(&(versions, catalogue.deployment()))
}

/// 32 hexadecimal digits: short enough for an address, long enough to be unique.
fn digest(parts: &[&str]) -> String {
    let mut digest = canonical::digest(&parts);
    digest.truncate(32);
    digest
}

impl RankedSites {
    /// Decides between sites that were measured on the layers of a catalogue. `plane` is that of the deployment's CRS.
    pub fn decide(
        id: String,
        scenario: Scenario,
        measured: Arc<Measured>,
        catalogue: &Catalogue,
        plane: &Plane,
    ) -> Result<Self, RankError> {
        let without = layers::without_layer(&scenario, &measured);
        let missing = Missing::of(&measured.matrix, without);
        let notices = layers::idle(catalogue, &measured);
        let ranking = decide_without(&scenario, &measured.matrix, &missing).map_err(RankError::Scenario)?;
        let moving = layers::moving(catalogue, &scenario)?;
        let rows = ranking
            .ids
            .iter()
            .enumerate()
            .map(|(row, id)| (id.clone(), row as u32))
            .collect();
        let mut places = vec![0; ranking.order.len()];
        for (place, &row) in ranking.order.iter().enumerate() {
            places[row as usize] = place as u32;
        }
        let (mut positions, mut bounds) = (Vec::new(), Vec::new());
        for site in &measured.sites {
            let (position, rect) = plane
                .to_degrees(site.centre.x, site.centre.y)
                .zip(site.shape.bounding_rect())
                .ok_or_else(|| RankError::Nowhere(site.id.clone()))?;
            positions.push(position);
            bounds.push([rect.min().x, rect.min().y, rect.max().x, rect.max().y]);
        }
        Ok(Self {
            id,
            scenario,
            measured,
            ranking,
            moving,
            notices,
            room: OnceLock::new(),
            rows,
            places,
            positions,
            bounds,
        })
    }

    /// About how much memory it takes, besides the measures that it shares with others.
    pub fn bytes(&self) -> u64 {
        const ALL: usize = 4096;
        const OF_ROW: usize = 320;
        const OF_CRITERION: usize = 64;
        const OF_EXCLUSION: usize = 8;
        let of_row = OF_ROW
            + self.ranking.criteria.len() * OF_CRITERION
            + self.ranking.exclusions.len() * OF_EXCLUSION;
        (ALL + self.ranking.ids.len() * of_row) as u64
    }

    /// Whether the layers are still those that it was made of.
    pub fn is_of(&self, catalogue: &Catalogue) -> bool {
        ranking_id(&self.scenario, catalogue) == self.id
    }

    /// The row of a site.
    pub fn row(&self, site: &str) -> Option<usize> {
        self.rows.get(site).map(|&row| row as usize)
    }

    /// Rows in list order (by rank, then those of which too little is known, then the excluded), from just after a site, so many at the most.
    /// The second answer is the site after which the next page begins.
    ///
    /// `None` if there is no such site.
    pub fn page(&self, after: Option<&str>, limit: usize) -> Option<(&[u32], Option<&str>)> {
        let start = match after {
            None => 0,
            Some(site) => self.places[self.row(site)?] as usize + 1,
        };
        let order = &self.ranking.order;
        let end = start.saturating_add(limit).min(order.len());
        let rows = &order[start.min(end)..end];
        let next =
            (end < order.len()).then(|| rows.last().map(|&row| self.ranking.ids[row as usize].as_str()));
        Some((rows, next.flatten()))
    }

    /// The site of a row.
    pub fn site(&self, row: usize) -> &Site {
        &self.measured.sites[row]
    }

    /// The unit of a criterion's raw numbers; empty where they are categories or have none.
    pub fn unit(&self, measure: &Measure) -> &str {
        self.measured.unit(measure)
    }

    /// What people call the site of a row.
    pub fn name(&self, row: usize) -> Text {
        let name = self.site(row).place.label();
        Text::new(name.en, name.km)
    }

    /// Longitude and latitude in degrees of a point on the site of a row.
    pub fn position(&self, row: usize) -> (f64, f64) {
        self.positions[row]
    }

    /// West, south, east, north of the site of a row, in the deployment's CRS.
    pub fn bounds(&self, row: usize) -> [f64; 4] {
        self.bounds[row]
    }

    /// Whether anything in it is illustrative.
    pub fn illustrative(&self) -> bool {
        self.measured.inputs.iter().any(|input| input.illustrative)
    }

    /// What a planner should know: about the layers and measures, then about the decision.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        let decided = self.notices.iter().chain(&self.ranking.warnings);
        self.measured.warnings.iter().chain(decided)
    }

    /// The room of its sites against those who would move; worked out when it is first asked for.
    pub fn room(&self) -> Option<&Room> {
        let make = || {
            let moving = self.moving.filter(|moving| moving.households > 0)?;
            let budget = self.scenario.cost.as_ref().and_then(|cost| cost.budget_total);
            let capacity = |row: usize| self.measured.sites[row].capacity;
            Some(Room::new(&self.ranking, capacity, budget, moving))
        };
        self.room.get_or_init(make).as_ref()
    }

    /// The licences of the inputs, each once.
    pub fn licences(&self) -> String {
        each_once(self.measured.inputs.iter().map(|input| input.licence.as_str()))
    }

    /// The attributions that these licences ask for, each once.
    pub fn attributions(&self) -> String {
        each_once(
            self.measured
                .inputs
                .iter()
                .map(|input| input.attribution.as_str()),
        )
    }
}

fn each_once<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen.join("; ")
}
