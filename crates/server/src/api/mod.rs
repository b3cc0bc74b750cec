//! The HTTP interface: JSON under `/api`, tiles under `/tiles`, the web map everywhere else.

mod context;
pub mod error;
mod geojson;
pub(crate) mod json;
mod openapi;
mod routes;
pub mod types;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::partner;
use crate::state::AppState;

pub use json::MAX_BODY_BYTES;
pub use openapi::document as openapi_document;
pub use routes::rankings::MAX_PAGE;

/// The whole application, ready to be served or to be called in process.
pub fn app(state: Arc<AppState>) -> Router {
    Router::new()
        .route("/health", get(routes::deployment::health))
        .route("/api/openapi.json", get(openapi::serve))
        .route("/api/deployment", get(routes::deployment::deployment))
        .route("/api/layers", get(routes::deployment::layers))
        .route("/api/scenarios", get(routes::scenarios::list))
        .route("/api/scenarios/{name}", get(routes::scenarios::one))
        .route("/api/rankings", post(routes::rankings::create))
        .route("/api/rankings/{id}", get(routes::rankings::one))
        .route("/api/rankings/{id}/sites", get(routes::rankings::sites))
        .route("/api/rankings/{id}/sites/{site}", get(routes::rankings::site))
        .route("/api/rankings/{id}/matrix", get(routes::rankings::matrix))
        .route("/tiles/sites/{z}/{x}/{y}", get(routes::tiles::sites))
        .route("/tiles/{layer}/{z}/{x}/{y}", get(routes::tiles::layer))
        .fallback(routes::assets::serve)
        .with_state(Arc::clone(&state))
        .merge(partner::routes(Arc::clone(&state.partner)))
        .layer(CatchPanicLayer::custom(context::panicked))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(state, context::accompany))
        .layer(CompressionLayer::new())
}
