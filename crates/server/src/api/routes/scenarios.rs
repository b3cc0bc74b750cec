//! Scenarios that come with the program, and those that planners keep.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_planning::scenario::Scenario;
use phteah_store::PlanChange;

use super::caching::{self, REVALIDATE};
use crate::api::error::{ApiError, Detail, ErrorBody};
use crate::api::json::{JsonBody, PathParts};
use crate::api::types::{PlotList, PlotsRequest, RankingRequest, ScenarioList, ScenarioName};
use crate::auth::Writer;
use crate::scenarios::keep::{self, Kept, Over};
use crate::scenarios::{self, ScenarioError, plots};
use crate::state::AppState;

/// The scenarios by name. A file with mistakes is left out here; asking for it says what they are.
#[utoipa::path(get, path = "/api/scenarios", operation_id = "scenarios", responses((status = 200, body = ScenarioList), (status = "default", body = ErrorBody)))]
pub async fn list(State(state): State<Arc<AppState>>) -> Result<Json<ScenarioList>, ApiError> {
    let scenarios = reads(&state, |dir| {
        let sound = |name: String| match keep::kept(dir, &name)? {
            Ok(kept) => Some(ScenarioName::from(kept)),
            Err(error) => {
                tracing::warn!(%error, "a scenario is left out");
                None
            }
        };
        Ok(scenarios::names(dir).into_iter().filter_map(sound).collect())
    });
    let scenarios = scenarios.await?;
    Ok(Json(ScenarioList { scenarios }))
}

/// One scenario: the same fields as its TOML file. The entity tag is its version.
#[utoipa::path(get, path = "/api/scenarios/{name}", operation_id = "scenario", params(("name" = String, Path, description = "Its name")),
    responses((status = 200, body = Object), (status = "default", body = ErrorBody)))]
pub async fn one(
    State(state): State<Arc<AppState>>,
    PathParts(name): PathParts<String>,
) -> Result<Response, ApiError> {
    let found = reads(&state, move |dir| Ok(keep::kept(dir, &name)));
    match found.await? {
        None => Err(ApiError::not_found(
            "no_such_scenario",
            "There is no scenario of this name. /api/scenarios lists them.",
        )),
        Some(Ok(Kept {
            scenario, version, ..
        })) => {
            let json = serde_json::to_value(scenario).map_err(ApiError::internal)?;
            let etag = format!("\"{version}\"");
            Ok(caching::tagged(Json(json).into_response(), &etag, REVALIDATE))
        }
        Some(Err(ScenarioError::Mistakes { problems, .. })) => Err(ApiError::bad_scenario(
            problems.into_iter().map(Detail::from).collect(),
        )),
        Some(Err(error)) => Err(ApiError::internal(error)),
    }
}

/// Keeps a scenario: a new one (If-None-Match: *), or over the version that was seen (If-Match).
#[utoipa::path(put, path = "/api/scenarios/{name}", operation_id = "save_scenario", request_body = RankingRequest,
    params(("name" = String, Path, description = "Its name: 1 to 64 letters, digits, - and _"),
        ("If-Match" = Option<String>, Header, description = "The version that is overwritten"),
        ("If-None-Match" = Option<String>, Header, description = "* for a new name")),
    responses((status = 200, body = ScenarioName), (status = 400, description = "All mistakes at once", body = ErrorBody),
        (status = 409, description = "It comes with the program", body = ErrorBody),
        (status = 412, description = "Somebody has changed it meanwhile, or the name is taken", body = ErrorBody),
        (status = "default", body = ErrorBody)))]
pub async fn save(
    State(state): State<Arc<AppState>>,
    PathParts(name): PathParts<String>,
    headers: HeaderMap,
    writer: Writer,
    JsonBody(request): JsonBody<RankingRequest>,
) -> Result<Json<ScenarioName>, ApiError> {
    let over = over(&headers)?;
    let scenario = Scenario::from_value(&request.scenario)
        .map_err(|problems| ApiError::bad_scenario(problems.into_iter().map(Detail::from).collect()))?;
    let kept = writes(&state, move |state| {
        let kept = keep::save(state.dir(), &name, scenario, &over)?;
        writer.note(state, PlanChange::ScenarioSaved, &subject(&name), &kept.version)?;
        Ok(kept)
    });
    Ok(Json(kept.await?.into()))
}

/// Deletes a scenario, over the version that was seen.
#[utoipa::path(delete, path = "/api/scenarios/{name}", operation_id = "delete_scenario",
    params(("name" = String, Path, description = "Its name"), ("If-Match" = String, Header, description = "The version that was seen")),
    responses((status = 204, description = "It is gone"), (status = 409, description = "It comes with the program", body = ErrorBody),
        (status = 412, description = "Somebody has changed it meanwhile", body = ErrorBody), (status = "default", body = ErrorBody)))]
pub async fn delete(
    State(state): State<Arc<AppState>>,
    PathParts(name): PathParts<String>,
    headers: HeaderMap,
    writer: Writer,
) -> Result<StatusCode, ApiError> {
    let over = over(&headers)?;
    if over == Over::Nothing {
        return Err(ApiError::say_over_what());
    }
    let gone = writes(&state, move |state| {
        keep::delete(state.dir(), &name, &over)?;
        let version = match &over {
            Over::Nothing => "",
            Over::Version(version) => version,
        };
        writer.note(state, PlanChange::ScenarioRemoved, &subject(&name), version)
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The plots drawn by hand that are kept with a scenario.
#[utoipa::path(get, path = "/api/scenarios/{name}/plots", operation_id = "plots", params(("name" = String, Path, description = "The scenario's name")),
    responses((status = 200, body = PlotList), (status = "default", body = ErrorBody)))]
pub async fn plots(
    State(state): State<Arc<AppState>>,
    PathParts(name): PathParts<String>,
) -> Result<Json<PlotList>, ApiError> {
    let found = reads(&state, move |dir| Ok(plots::kept(dir, &name)?));
    Ok(Json(found.await?.into()))
}

/// Keeps the plots of a scenario, the program's own included: the first (If-None-Match: *), or over the version that was seen
/// (If-Match).
#[utoipa::path(put, path = "/api/scenarios/{name}/plots", operation_id = "save_plots", request_body = PlotsRequest,
    params(("name" = String, Path, description = "The scenario's name"),
        ("If-Match" = Option<String>, Header, description = "The version that is overwritten"),
        ("If-None-Match" = Option<String>, Header, description = "* where none were kept")),
    responses((status = 200, body = PlotList), (status = 400, description = "All mistakes at once", body = ErrorBody),
        (status = 412, description = "Somebody has changed them meanwhile", body = ErrorBody), (status = "default", body = ErrorBody)))]
pub async fn save_plots(
    State(state): State<Arc<AppState>>,
    PathParts(name): PathParts<String>,
    headers: HeaderMap,
    writer: Writer,
    JsonBody(request): JsonBody<PlotsRequest>,
) -> Result<Json<PlotList>, ApiError> {
    let over = over(&headers)?;
    let kept = writes(&state, move |state| {
        let kept = plots::save(state.dir(), &name, request.plots, &over)?;
        let version = kept.version.as_deref().unwrap_or_default();
        writer.note(state, PlanChange::PlotsSaved, &subject(&name), version)?;
        Ok(kept)
    });
    Ok(Json(kept.await?.into()))
}

/// A scenario in the audit.
fn subject(name: &str) -> String {
    format!("scenario {name}")
}

/// Reads from the data directory, on the threads for long work.
async fn reads<T: Send + 'static>(
    state: &Arc<AppState>,
    read: impl FnOnce(&Path) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let reader = Arc::clone(state);
    state.work(move || read(reader.dir())).await
}

/// Writes to the data directory, one at a time: between looking at a version and writing over it nobody else writes.
async fn writes<T: Send + 'static>(
    state: &Arc<AppState>,
    write: impl FnOnce(&AppState) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let writer = Arc::clone(state);
    let one_at_a_time = move || {
        let _guard = writer
            .scenario_writes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        write(&writer)
    };
    state.work(one_at_a_time).await
}

/// What the client says it writes over.
fn over(headers: &HeaderMap) -> Result<Over, ApiError> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (None, Some("*")) => Ok(Over::Nothing),
        (Some(version), None) => Ok(Over::Version(version.trim_matches('"').to_owned())),
        _ => Err(ApiError::say_over_what()),
    }
}
