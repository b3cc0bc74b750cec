//! The field app, and what the phones of field workers ask for: under `/api/field`, each with a token of its own.

pub mod caller;
pub mod enrol;
pub mod files;
pub mod forms;
pub(crate) mod media;
pub mod packs;
pub mod page;
pub mod registry;
pub mod setup;
pub mod sync;
pub mod tus;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::api::private;
use crate::desk::tasks;
use crate::http::client;
use crate::http::limits::RateLimitKey;
use crate::http::origin::{check_origin, is_write};
use crate::http::places::on_behalf_of;
use crate::state::AppState;

pub use caller::DeviceCaller;
pub(crate) use files::{is_of_files, say_protocol};

/// Everything under `/api/field`.
pub fn routes(state: &Arc<AppState>) -> Router {
    Router::new()
        .route("/api/field/enrol", post(enrol::enrol))
        .route("/api/field/setup", get(setup::setup))
        .route("/api/field/packs/{id}/{file}", get(packs::serve::pack))
        .route("/api/field/forms/{id}/{version}/form.xml", get(forms::form))
        .route("/api/field/lists/{name}", get(forms::list))
        .route("/api/field/forms/{id}/{version}/media/{name}", get(forms::media))
        .route(
            "/api/field/events",
            post(sync::push).layer(DefaultBodyLimit::max(sync::MAX_EVENTS_BYTES)),
        )
        .route("/api/field/changes", get(sync::changes))
        .route("/api/field/tasks", get(tasks::of_phone))
        .route(
            "/api/field/files/{sha256}",
            post(files::begin)
                .head(files::state)
                .patch(files::append)
                .options(files::options)
                .layer(DefaultBodyLimit::max(files::MAX_PIECE_BYTES)),
        )
        .layer(from_fn_with_state(Arc::clone(state), admit))
        .with_state(Arc::clone(state))
}

/// A place and a limit of time for each request, by the address that it comes from; which device it is, its handler finds out through
/// [`DeviceCaller`]. Pages of other sites may not write here.
async fn admit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let partner = &state.partner;
    let ip = client::address(
        request.extensions(),
        request.headers(),
        &partner.options.trusted_proxies,
    );
    let key = RateLimitKey::address(ip);
    if is_write(request.method())
        && let Err(refusal) = check_origin(
            request.headers(),
            request.uri(),
            partner.options.public_url.as_deref(),
        )
    {
        return refusal.into_response();
    }
    let mut response = match partner.places.take(&key) {
        Ok(_place) => {
            let answer = in_time(state.limits.request_time, request, |request| next.run(request));
            on_behalf_of(key, answer).await
        }
        Err(no_place) => ApiError::no_place(no_place).into_response(),
    };
    private::for_its_owner_alone(response.headers_mut());
    response
}
