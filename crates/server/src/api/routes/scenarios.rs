//! Scenarios that come with the program or the deployment.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::api::error::{ApiError, Detail, ErrorBody};
use crate::api::json::PathParts;
use crate::api::types::{ScenarioList, ScenarioName};
use crate::scenarios::{self, ScenarioError};
use crate::state::AppState;

/// The scenarios by name. A file with mistakes is left out here; asking for it says what they are.
#[utoipa::path(get, path = "/api/scenarios", operation_id = "scenarios", responses((status = 200, body = ScenarioList), (status = "default", body = ErrorBody)))]
pub async fn list(State(state): State<Arc<AppState>>) -> Result<Json<ScenarioList>, ApiError> {
    let reader = Arc::clone(&state);
    let sound = state.work(move || {
        let dir = reader.dir();
        let title = |name: String| match scenarios::named(dir, &name)? {
            Ok(scenario) => Some(ScenarioName {
                title: (&scenario.title).into(),
                name,
            }),
            Err(error) => {
                tracing::warn!(%error, "a scenario is left out");
                None
            }
        };
        Ok(scenarios::names(dir).into_iter().filter_map(title).collect())
    });
    Ok(Json(ScenarioList {
        scenarios: sound.await?,
    }))
}

/// One scenario: the same fields as its TOML file.
#[utoipa::path(get, path = "/api/scenarios/{name}", operation_id = "scenario", params(("name" = String, Path, description = "Its name")),
    responses((status = 200, body = Object), (status = "default", body = ErrorBody)))]
pub async fn one(
    State(state): State<Arc<AppState>>,
    PathParts(name): PathParts<String>,
) -> Result<Json<Value>, ApiError> {
    let reader = Arc::clone(&state);
    let found = state
        .work(move || Ok(scenarios::named(reader.dir(), &name)))
        .await?;
    match found {
        None => Err(ApiError::not_found(
            "no_such_scenario",
            "There is no scenario of this name. /api/scenarios lists them.",
        )),
        Some(Ok(scenario)) => serde_json::to_value(scenario)
            .map(Json)
            .map_err(ApiError::internal),
        Some(Err(ScenarioError::Mistakes { problems, .. })) => Err(ApiError::bad_scenario(
            problems.into_iter().map(Detail::from).collect(),
        )),
        Some(Err(error)) => Err(ApiError::internal(error)),
    }
}
