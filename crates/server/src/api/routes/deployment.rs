//! The deployment and its layers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::api::error::{ApiError, ErrorBody};
use crate::api::types::{Deployment, Health, LayerList, WorkList};
use crate::auth::session;
use crate::state::AppState;

/// Whether the server answers.
#[utoipa::path(get, path = "/health", operation_id = "health", responses((status = 200, body = Health)))]
pub async fn health() -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// What this deployment is about.
#[utoipa::path(get, path = "/api/deployment", operation_id = "deployment", responses((status = 200, body = Deployment), (status = "default", body = ErrorBody)))]
pub async fn deployment(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Deployment>, ApiError> {
    let signed_in = session::is_open(&state.partner, &headers)?;
    let catalogue = read(state).await?;
    Ok(Json(Deployment::of(&catalogue, signed_in)))
}

/// Every layer with its source, licence and fields.
#[utoipa::path(get, path = "/api/layers", operation_id = "layers", responses((status = 200, body = LayerList), (status = "default", body = ErrorBody)))]
pub async fn layers(State(state): State<Arc<AppState>>) -> Result<Json<LayerList>, ApiError> {
    let catalogue = read(state).await?;
    Ok(Json(LayerList {
        layers: catalogue.layers().iter().map(Into::into).collect(),
    }))
}

/// What long work, such as measuring for a first ranking, is doing now.
#[utoipa::path(get, path = "/api/work", operation_id = "work", responses((status = 200, body = WorkList), (status = "default", body = ErrorBody)))]
pub async fn work(State(state): State<Arc<AppState>>) -> Json<WorkList> {
    Json(WorkList {
        work: state.board.now().into_iter().map(Into::into).collect(),
    })
}

async fn read(state: Arc<AppState>) -> Result<Arc<phteah_layers::Catalogue>, ApiError> {
    let reader = Arc::clone(&state);
    state.work(move || reader.catalogue()).await
}
