//! Rankings: made, looked at whole, page by page, site by site, as a matrix.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use phteah_planning::scenario::Scenario;
use serde::Deserialize;
use utoipa::IntoParams;

use super::caching;
use crate::api::error::{ApiError, Detail, ErrorBody};
use crate::api::json::{JsonBody, PathParts, QueryParts};
use crate::api::types::{Matrix, Ranking, RankingRequest, SiteDetail, SitePage, SiteSummary};
use crate::ranking::{RankError, RankedSites};
use crate::state::AppState;
use crate::tiles::plane::Plane;

/// The most sites of a page.
pub const MAX_PAGE: usize = 1000;

/// Sites of a page where nothing else is asked.
const PAGE: usize = 100;

/// Ranks the candidate sites by a scenario. The same layers and scenario give the same ranking, at once if it was made before.
#[utoipa::path(post, path = "/api/rankings", operation_id = "rank", request_body = RankingRequest,
    responses((status = 200, body = Ranking), (status = 400, description = "All mistakes at once", body = ErrorBody), (status = "default", body = ErrorBody)))]
pub async fn create(
    State(state): State<Arc<AppState>>,
    JsonBody(request): JsonBody<RankingRequest>,
) -> Result<Json<Ranking>, ApiError> {
    let scenario = Scenario::from_value(&request.scenario)
        .map_err(|problems| ApiError::bad_scenario(problems.into_iter().map(Detail::from).collect()))?;
    let ranker = Arc::clone(&state);
    let answer = state.work(move || {
        let ranked = ranker
            .rankings
            .rank(&*ranker.catalogue()?, scenario)
            .map_err(|error| refusal(&error))?;
        Ranking::of(&ranked)
    });
    Ok(Json(answer.await?))
}

/// A ranking made before.
#[utoipa::path(get, path = "/api/rankings/{id}", operation_id = "ranking", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = Ranking), (status = "default", body = ErrorBody)))]
pub async fn one(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Ranking>, ApiError> {
    let ranked = kept(&state, &id).await?;
    Ok(Json(state.work(move || Ranking::of(&ranked)).await?))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// The `next` of the page before; absent for the first.
    after: Option<String>,
    /// Sites of the page, 1 to 1000; 100 if absent.
    limit: Option<usize>,
}

/// The sites by rank, then those of which too little is known, then the excluded, page by page.
#[utoipa::path(get, path = "/api/rankings/{id}/sites", operation_id = "sites", params(("id" = String, Path, description = "The ranking's id"), PageQuery),
    responses((status = 200, body = SitePage), (status = "default", body = ErrorBody)))]
pub async fn sites(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    QueryParts(page): QueryParts<PageQuery>,
) -> Result<Json<SitePage>, ApiError> {
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::bad_parameter(
            "limit",
            format!("limit must be 1 to {MAX_PAGE}."),
        ));
    }
    let ranked = kept(&state, &id).await?;
    let (rows, next) = ranked.page(page.after.as_deref(), limit).ok_or_else(|| {
        ApiError::bad_parameter("after", "after must be the `next` of a page of this ranking.")
    })?;
    Ok(Json(SitePage {
        sites: rows
            .iter()
            .map(|&row| SiteSummary::of(&ranked, row as usize))
            .collect(),
        next: next.map(str::to_owned),
    }))
}

/// One site: every criterion with its raw number, its value and its contribution.
#[utoipa::path(get, path = "/api/rankings/{id}/sites/{site}", operation_id = "site",
    params(("id" = String, Path, description = "The ranking's id"), ("site" = String, Path, description = "The site's id")),
    responses((status = 200, body = SiteDetail), (status = "default", body = ErrorBody)))]
pub async fn site(
    State(state): State<Arc<AppState>>,
    PathParts((id, site)): PathParts<(String, String)>,
) -> Result<Json<SiteDetail>, ApiError> {
    let ranked = kept(&state, &id).await?;
    let row = ranked
        .row(&site)
        .ok_or_else(|| ApiError::not_found("no_such_site", "This ranking has no site of this id."))?;
    let reader = Arc::clone(&state);
    let answer = state.work(move || {
        let plane = Plane::of(&reader.catalogue()?.crs()?)?;
        SiteDetail::of(&ranked, row, &plane)
    });
    Ok(Json(answer.await?))
}

/// All sites with all values, by column: what the map needs to add up weights by itself.
#[utoipa::path(get, path = "/api/rankings/{id}/matrix", operation_id = "matrix", params(("id" = String, Path, description = "The ranking's id")),
    responses((status = 200, body = Matrix), (status = "default", body = ErrorBody)))]
pub async fn matrix(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let make = move || Ok(Matrix::from(&*ranked));
    caching::derived(&state, &headers, format!("{id}-matrix"), make).await
}

/// A ranking that was made before. One that is not kept any more is made again.
pub async fn kept(state: &Arc<AppState>, id: &str) -> Result<Arc<RankedSites>, ApiError> {
    if let Some(ranked) = state.rankings.get(id) {
        return Ok(ranked);
    }
    let (maker, name) = (Arc::clone(state), id.to_owned());
    let made = state.work(move || {
        let made = maker.rankings.again(&*maker.catalogue()?, &name);
        made.map_err(|error| refusal(&error))
    });
    made.await?.ok_or_else(|| {
        ApiError::not_found(
            "no_such_ranking",
            "The server does not have this ranking any more. Post its scenario again.",
        )
    })
}

/// What a client is told when there is no ranking.
pub fn refusal(error: &RankError) -> ApiError {
    match error {
        RankError::Scenario(problems) => {
            ApiError::bad_scenario(problems.iter().cloned().map(Detail::from).collect())
        }
        RankError::Layers(message) => ApiError::cannot_rank(message),
        RankError::Read(read) => ApiError::internal(read.private_cause().unwrap_or(&read.to_string())),
        RankError::Nowhere(_) => ApiError::internal(error),
    }
}
