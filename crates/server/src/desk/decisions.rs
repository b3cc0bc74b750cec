//! Decisions whose sites can be offered: sealed records that lie in the data directory, with the ranking that they froze.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use phteah_planning::decision::RowStatus;
use phteah_planning::record::{Placed, Record};
use serde::Serialize;
use utoipa::ToSchema;

use super::Person;
use super::types::SiteName;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::types::Text;
use crate::ranking::RankedSites;
use crate::state::AppState;

/// The folder of the data directory in which `phteah record publish` keeps records.
pub const FOLDER: &str = "decisions";
/// How the names of their files end.
const SUFFIX: &str = ".record.json";
/// The most sites of a decision that families are offered: the best ones, where nobody has chosen.
pub const MAX_SITES: usize = 60;

/// A decision, read and unbroken.
#[derive(Debug)]
pub struct Decision {
    /// Its seal, which offers name.
    pub id: String,
    /// The record.
    pub record: Record,
}

/// The decisions of a data directory, the newest first. One that was changed since it was sealed is left out and told in the log.
pub fn all(dir: &Path) -> Vec<Decision> {
    let mut found: BTreeMap<String, Decision> = BTreeMap::new();
    for folder in [dir.to_owned(), dir.join(FOLDER)] {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if !name.to_string_lossy().ends_with(SUFFIX) {
                continue;
            }
            let read = std::fs::read(entry.path())
                .map_err(|e| e.to_string())
                .and_then(|bytes| serde_json::from_slice::<Record>(&bytes).map_err(|e| e.to_string()));
            match read {
                Ok(record) if record.is_intact() => {
                    let id = record.seal.clone();
                    found.insert(id.clone(), Decision { id, record });
                }
                Ok(_) => {
                    tracing::error!(file = %name.to_string_lossy(), "a decision record was changed after it was sealed; it is left out");
                }
                Err(cause) => {
                    tracing::error!(file = %name.to_string_lossy(), %cause, "a decision record cannot be read; it is left out");
                }
            }
        }
    }
    let mut decisions: Vec<Decision> = found.into_values().collect();
    decisions.sort_by(|a, b| b.record.when.cmp(&a.record.when).then(a.id.cmp(&b.id)));
    decisions
}

/// The decision of this seal.
pub fn named(dir: &Path, id: &str) -> Result<Decision, ApiError> {
    all(dir)
        .into_iter()
        .find(|decision| decision.id == id)
        .ok_or_else(|| {
            ApiError::not_found(
                "not_found",
                "There is no such decision. /api/desk/decisions lists them.",
            )
        })
}

/// A decision's sites, measured on the layers as they are now.
pub fn ranked(state: &AppState, decision: &Decision) -> Result<Arc<RankedSites>, ApiError> {
    let catalogue = state.catalogue()?;
    state
        .rankings
        .rank(&catalogue, decision.record.scenario.clone())
        .map_err(|error| crate::api::routes::rankings::refusal(&error))
}

/// The sites that are offered: those that were chosen, else the best that are not excluded; the best first.
pub fn offered(decision: &Decision) -> impl Iterator<Item = &Placed> {
    let chosen: BTreeSet<&str> = decision
        .record
        .chosen
        .iter()
        .map(|choice| choice.alternative.as_str())
        .collect();
    decision
        .record
        .result
        .iter()
        .filter(move |placed| {
            if chosen.is_empty() {
                placed.status != RowStatus::Excluded && placed.rank.is_some()
            } else {
                chosen.contains(placed.id.as_str())
            }
        })
        .take(MAX_SITES)
}

/// The rows of the sites that are offered, the best first.
pub fn rows(decision: &Decision, ranked: &RankedSites) -> Vec<usize> {
    offered(decision)
        .filter_map(|placed| ranked.row(&placed.id))
        .collect()
}

/// How many households each site of these decisions takes.
pub fn room(state: &AppState, decisions: &BTreeSet<String>) -> Result<BTreeMap<String, u32>, ApiError> {
    let mut room = BTreeMap::new();
    for decision in all(state.dir())
        .iter()
        .filter(|decision| decisions.contains(&decision.id))
    {
        room.append(&mut room_of(state, decision)?);
    }
    Ok(room)
}

/// How many households each site of any decision takes. A decision that cannot be worked out is left out and told in the log.
pub fn room_of_all(state: &AppState) -> BTreeMap<String, u32> {
    let mut room = BTreeMap::new();
    // The newest decision says last how many find room.
    for decision in all(state.dir()).iter().rev() {
        match room_of(state, decision) {
            Ok(mut sites) => room.append(&mut sites),
            Err(error) => tracing::warn!(%error, "the sites of a decision cannot be worked out"),
        }
    }
    room
}

fn room_of(state: &AppState, decision: &Decision) -> Result<BTreeMap<String, u32>, ApiError> {
    let ranked = ranked(state, decision)?;
    let sites = rows(decision, &ranked).into_iter().map(|row| {
        let site = ranked.site(row);
        (site.id.clone(), site.capacity)
    });
    Ok(sites.collect())
}

/// The sites of all decisions, by id.
pub fn sites(state: &AppState) -> Result<Vec<SiteName>, ApiError> {
    let mut sites: BTreeMap<String, SiteName> = BTreeMap::new();
    for decision in all(state.dir()) {
        let ranked = ranked(state, &decision)?;
        for row in 0..ranked.ranking.ids.len() {
            let (lon, lat) = ranked.position(row);
            let id = ranked.site(row).id.clone();
            sites.entry(id.clone()).or_insert_with(|| SiteName {
                id,
                name: Text::from(&ranked.name(row)),
                lon,
                lat,
            });
        }
    }
    Ok(sites.into_values().collect())
}

/// A decision to place families by.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionSummary {
    /// Its seal.
    pub id: String,
    /// The scenario's title.
    pub title: Text,
    /// When it was decided.
    pub when: String,
    /// Its sites, the best first.
    pub sites: Vec<DecisionSite>,
    /// Whether the layers have changed since: measures are those of today.
    pub layers_changed: bool,
    /// Why its sites cannot be worked out now; null where they can.
    pub problem: Option<String>,
}

/// A site of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionSite {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// Its rank in the decision.
    pub rank: Option<u32>,
    /// Households that find room.
    pub capacity: u32,
    /// Places that are offered or taken.
    pub taken: u32,
}

/// The decisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionList {
    /// The newest first.
    pub decisions: Vec<DecisionSummary>,
}

/// Decisions whose sites can be offered.
#[utoipa::path(get, path = "/api/desk/decisions", operation_id = "deskDecisions",
    responses((status = 200, body = DecisionList), (status = "default", body = ErrorBody)))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<DecisionList>, ApiError> {
    let actor = person.actor;
    let taken = state
        .registry
        .ask(move |registry| registry.places_taken(&actor))
        .await?;
    let reader = Arc::clone(&state);
    let list = state.work(move || {
        let summarise = |decision: Decision| {
            let title = Text::from(&decision.record.scenario.title);
            let (id, when) = (decision.id.clone(), decision.record.when.clone());
            match ranked(&reader, &decision) {
                Err(error) => DecisionSummary {
                    id,
                    title,
                    when,
                    sites: Vec::new(),
                    layers_changed: true,
                    problem: Some(error.to_string()),
                },
                Ok(ranked) => DecisionSummary {
                    sites: rows(&decision, &ranked)
                        .into_iter()
                        .map(|row| site(&decision, &ranked, row, &taken))
                        .collect(),
                    layers_changed: changed(&decision, &ranked),
                    problem: None,
                    id,
                    title,
                    when,
                },
            }
        };
        Ok(all(reader.dir()).into_iter().map(summarise).collect())
    });
    Ok(Json(DecisionList {
        decisions: list.await?,
    }))
}

fn site(
    decision: &Decision,
    ranked: &RankedSites,
    row: usize,
    taken: &BTreeMap<String, u32>,
) -> DecisionSite {
    let site = ranked.site(row);
    let placed = decision.record.result.iter().find(|placed| placed.id == site.id);
    DecisionSite {
        id: site.id.clone(),
        name: Text::from(&ranked.name(row)),
        rank: placed.and_then(|placed| placed.rank),
        capacity: site.capacity,
        taken: taken.get(&site.id).copied().unwrap_or_default(),
    }
}

/// Whether a layer that went into the decision is another one now.
pub fn changed(decision: &Decision, ranked: &RankedSites) -> bool {
    let now: BTreeMap<&str, &str> = ranked
        .measured
        .inputs
        .iter()
        .map(|input| (input.name.as_str(), input.hash.as_str()))
        .collect();
    decision
        .record
        .inputs
        .iter()
        .any(|input| now.get(input.layer.as_str()) != Some(&input.hash.as_str()))
}
