//! Second opinions on a ranking: other methods, and what is worth finding out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use phteah_planning::compare::compare;
use phteah_planning::methods::Method;
use serde::Deserialize;
use utoipa::IntoParams;

use super::caching;
use super::insight::within;
use super::rankings::kept;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{PathParts, QueryParts};
use crate::api::types::{Methods, Unknowns};
use crate::state::AppState;

/// Places that count as the top of the list.
const TOP: usize = 10;

/// The most sites or facts of an answer.
const MOST: usize = 100;

/// How many sites.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MethodsQuery {
    /// Sites that are among so many best under any method are told, 1 to 100; 30 if absent.
    sites: Option<usize>,
}

/// The same values and weights under every method: who leads everywhere, where the methods part, and why.
#[utoipa::path(get, path = "/api/rankings/{id}/methods", operation_id = "methods",
    params(("id" = String, Path, description = "The ranking's id"), MethodsQuery),
    responses((status = 200, body = Methods), (status = "default", body = ErrorBody)))]
pub async fn methods(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    QueryParts(query): QueryParts<MethodsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let sites = within("sites", query.sites.unwrap_or(30), MOST)?;
    let make = move || {
        // The ranking's own method keeps its parameters.
        let own = ranked.ranking.method;
        let methods: Vec<Method> = Method::ALL
            .iter()
            .map(|method| if method.name() == own.name() { own } else { *method })
            .collect();
        Ok(Methods::of(
            &ranked,
            &compare(&ranked.ranking, &methods, TOP),
            sites,
        ))
    };
    caching::derived(&state, &headers, format!("{id}-methods-{sites}"), make).await
}

/// How many facts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UnknownsQuery {
    /// The most facts of the answer, 1 to 100; 20 if absent.
    limit: Option<usize>,
}

/// The missing facts that would most narrow the first ten places, open exclusions among them.
#[utoipa::path(get, path = "/api/rankings/{id}/unknowns", operation_id = "unknowns",
    params(("id" = String, Path, description = "The ranking's id"), UnknownsQuery),
    responses((status = 200, body = Unknowns), (status = "default", body = ErrorBody)))]
pub async fn unknowns(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    QueryParts(query): QueryParts<UnknownsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    let limit = within("limit", query.limit.unwrap_or(20), MOST)?;
    let make = move || Ok(Unknowns::of(&ranked, &ranked.ranking.facts(TOP, limit), TOP));
    caching::derived(&state, &headers, format!("{id}-unknowns-{limit}"), make).await
}
