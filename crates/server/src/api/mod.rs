//! The HTTP interface: JSON under `/api`, tiles under `/tiles`, the web map everywhere else.

pub(crate) mod context;
pub mod error;
mod geojson;
pub(crate) mod json;
mod openapi;
pub(crate) mod packed;
pub mod private;
pub(crate) mod routes;
pub mod types;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use self::error::ApiError;
use crate::auth::{account, password, phones, planner, sign_in, welcome};
use crate::desk;
use crate::field;
use crate::openrosa;
use crate::partner;
use crate::state::AppState;

pub use json::MAX_BODY_BYTES;
pub use openapi::document as openapi_document;
pub use routes::rankings::MAX_PAGE;

/// How long a client may pause within the body of a request.
const BODY_PAUSE: Duration = Duration::from_secs(20);

/// The whole application, ready to be served or to be called in process.
pub fn app(state: Arc<AppState>) -> Router {
    let map = Router::new()
        .route("/api/openapi.json", get(openapi::serve))
        .route("/api/deployment", get(routes::deployment::deployment))
        .route("/api/layers", get(routes::deployment::layers))
        .route("/api/work", get(routes::deployment::work))
        .route("/api/scenarios", get(routes::scenarios::list))
        .route(
            "/api/scenarios/{name}",
            get(routes::scenarios::one)
                .put(routes::scenarios::save)
                .delete(routes::scenarios::delete),
        )
        .route(
            "/api/scenarios/{name}/plots",
            get(routes::scenarios::plots).put(routes::scenarios::save_plots),
        )
        .route("/api/rankings", post(routes::rankings::create))
        .route("/api/rankings/{id}", get(routes::rankings::one))
        .route("/api/rankings/{id}/sites", get(routes::rankings::sites))
        .route("/api/rankings/{id}/sites/{site}", get(routes::rankings::site))
        .route("/api/rankings/{id}/matrix", get(routes::rankings::matrix))
        .route(
            "/api/rankings/{id}/sites/{site}/routes",
            get(routes::ground::routes),
        )
        .route(
            "/api/rankings/{id}/sites/{site}/flood",
            get(routes::ground::flood),
        )
        .route("/api/rankings/{id}/drawn", post(routes::ground::drawn))
        .route("/api/rankings/{id}/download", get(routes::take_away::download))
        .route("/api/rankings/{id}/record", post(routes::take_away::record))
        .route("/api/here", get(routes::here::here))
        .route("/api/streets", get(routes::streets::streets))
        .route("/api/settlements", get(routes::ground::settlements))
        .route("/api/rankings/{id}/robustness", get(routes::insight::robustness))
        .route("/api/rankings/{id}/compare", get(routes::insight::compare))
        .route("/api/rankings/{id}/methods", get(routes::doubt::methods))
        .route("/api/rankings/{id}/unknowns", get(routes::doubt::unknowns))
        .route("/tiles/sites/{z}/{x}/{y}", get(routes::tiles::sites))
        .route("/tiles/{layer}/{z}/{x}/{y}", get(routes::tiles::layer))
        .fallback(routes::assets::serve)
        .layer(from_fn_with_state(Arc::clone(&state), planner::require_team))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(Arc::clone(&state));
    let sign_in = Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::begin))
        .route("/sign-in.js", get(sign_in::script))
        .route("/sign-out", post(sign_in::end))
        .route("/welcome/{link}", get(welcome::show).post(welcome::choose))
        .route("/account", get(account::show))
        .route("/account/password", get(password::show).post(password::change))
        .route("/account/sessions/{id}/end", post(account::end_one))
        .route("/account/sign-out-everywhere", post(account::everywhere))
        .route("/api/me", get(account::me))
        .route("/devices", get(phones::show))
        .route("/devices/code", post(phones::make_code))
        .route("/devices/{id}/revoke", post(phones::revoke))
        .layer(from_fn_with_state(Arc::clone(&state), sign_in::admit))
        .with_state(Arc::clone(&state));
    with_middleware(
        map.merge(sign_in)
            .merge(field::routes(&state))
            .merge(field::page::routes(&state))
            .merge(desk::routes(&state))
            .merge(openrosa::routes(&state))
            .merge(partners(&state)),
        state,
    )
}

/// What partners reach and nothing else, for a listener of its own.
pub fn partner_app(state: Arc<AppState>) -> Router {
    with_middleware(
        partners(&state).fallback(async || ApiError::no_such_address()),
        state,
    )
}

fn partners(state: &Arc<AppState>) -> Router {
    partner::routes(Arc::clone(&state.partner))
        .layer(from_fn_with_state(Arc::clone(state), partner::admit))
        .route("/health", get(routes::deployment::health))
}

/// What every request goes through, whatever it asks for.
fn with_middleware(routes: Router, state: Arc<AppState>) -> Router {
    routes
        .layer(CatchPanicLayer::custom(context::panicked))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(from_fn_with_state(state, context::accompany))
}
