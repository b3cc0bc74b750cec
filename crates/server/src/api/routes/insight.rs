//! What a ranking says beyond its order: how sure it is, how a few sites compare.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use phteah_planning::robustness::{Plausible, acceptability};
use serde::Deserialize;
use utoipa::IntoParams;

use super::caching;
use super::rankings::kept;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{PathParts, QueryParts};
use crate::api::types::{Comparison, Robustness};
use crate::ranking::RankedSites;
use crate::state::AppState;

/// The seed of all draws: whoever asks again sees the same shares.
const SEED: u64 = 2026;

/// The most ranks that are counted.
pub const MOST_RANKS: usize = 100;

/// The most sites side by side.
pub const MOST_COMPARED: usize = 4;

/// Which weightings, and how much of the answer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RobustnessQuery {
    /// `given` (each weight up to half more or less), `uniform` (any) or `order` (any in the same order of importance);
    /// `given` if absent.
    weights: Option<String>,
    /// How many places count as the first, 1 to 100; 10 if absent.
    first: Option<usize>,
    /// How many of the best sites are told in full, 1 to 100, and how many ranks of each; 30 if absent.
    sites: Option<usize>,
}

/// How far the ranking depends on its weights: shares of plausible weightings that put a site at each rank, by the weighted sum.
#[utoipa::path(get, path = "/api/rankings/{id}/robustness", operation_id = "robustness",
    params(("id" = String, Path, description = "The ranking's id"), RobustnessQuery),
    responses((status = 200, body = Robustness), (status = "default", body = ErrorBody)))]
pub async fn robustness(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    QueryParts(query): QueryParts<RobustnessQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let (name, plausible) = match query.weights.as_deref() {
        None | Some("given") => ("given", Plausible::Given),
        Some("uniform") => ("uniform", Plausible::Uniform),
        Some("order") => ("order", Plausible::Order),
        Some(_) => {
            return Err(ApiError::bad_parameter(
                "weights",
                "weights must be given, uniform or order.",
            ));
        }
    };
    let first = within("first", query.first.unwrap_or(10), MOST_RANKS)?;
    let sites = within("sites", query.sites.unwrap_or(30), MOST_RANKS)?;
    let key = format!("{id}-robustness-{name}-{first}-{sites}");
    let make = move || {
        if ranked.ranking.rank.iter().all(Option::is_none) {
            return Err(ApiError::nothing_ranked());
        }
        let found =
            acceptability(&ranked.ranking, plausible, first.max(sites), SEED).map_err(ApiError::internal)?;
        Ok(Robustness::of(&ranked, &found, first, sites))
    };
    caching::derived(&state, &headers, key, make).await
}

/// Which sites.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CompareQuery {
    /// Two to four ids, separated by commas.
    sites: String,
}

/// Two to four sites side by side: who leads in what, and which weights would swap them.
#[utoipa::path(get, path = "/api/rankings/{id}/compare", operation_id = "compare",
    params(("id" = String, Path, description = "The ranking's id"), CompareQuery),
    responses((status = 200, body = Comparison), (status = "default", body = ErrorBody)))]
pub async fn compare(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    QueryParts(query): QueryParts<CompareQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let ids: Vec<&str> = query
        .sites
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect();
    if !(2..=MOST_COMPARED).contains(&ids.len()) || ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(ApiError::bad_parameter(
            "sites",
            format!("sites must be two to {MOST_COMPARED} different ids, separated by commas."),
        ));
    }
    let rows = ids
        .iter()
        .map(|site| row(&ranked, site))
        .collect::<Result<Vec<_>, _>>()?;
    let key = format!("{id}-compare-{}", ids.join("+"));
    let make = move || Ok(Comparison::of(&ranked, &rows));
    caching::derived(&state, &headers, key, make).await
}

/// The row of a site.
pub fn row(ranked: &RankedSites, site: &str) -> Result<usize, ApiError> {
    ranked
        .row(site)
        .ok_or_else(|| ApiError::not_found("no_such_site", "This ranking has no site of this id."))
}

/// A number of the query within 1 and `most`.
pub fn within(field: &str, number: usize, most: usize) -> Result<usize, ApiError> {
    if (1..=most).contains(&number) {
        Ok(number)
    } else {
        Err(ApiError::bad_parameter(
            field,
            format!("{field} must be 1 to {most}."),
        ))
    }
}
