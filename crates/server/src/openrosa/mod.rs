//! ODK Collect and other clients of OpenRosa: under `/odk/key/{token}`, where the token is one worker's.
//!
//! ```text
//! formList ─► manifest ─► form, files, lists (households, sites, services)     the worker's own, hidden households left out
//! HEAD submission, POST submission ─► multipart ─► answers understood ─► events ─► the same door as our own app's
//! ```
//!
//! What the protocol asks for exactly: <https://docs.getodk.org/openrosa/>. A bad key is 403, never 401, because Collect would ask for a name and
//! a password; the same filled form again is taken quietly, another under its id is 409.

#![allow(clippy::result_large_err, reason = "a refusal is an answer, and moves once")]

mod answer;
mod caller;
mod forms;
mod lists;
pub mod settings;
mod submission;
mod take;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;

use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::api::private;
use crate::http::client;
use crate::http::limits::RateLimitKey;
use crate::http::places::on_behalf_of;
use crate::state::AppState;

pub(crate) use lists::{header_only, open_tasks_of, places_csv};
pub use submission::{MAX_PARTS, MAX_SUBMISSION_BODY_BYTES};
pub(crate) use take::{Door, Sent, Taken};

/// Everything under `/odk`.
pub fn routes(state: &Arc<AppState>) -> Router {
    Router::new()
        .route("/odk/key/{token}/formList", get(forms::list))
        .route("/odk/key/{token}/forms/{id}/{version}/form.xml", get(forms::form))
        .route(
            "/odk/key/{token}/forms/{id}/{version}/manifest",
            get(forms::manifest),
        )
        .route(
            "/odk/key/{token}/forms/{id}/{version}/media/{name}",
            get(forms::media),
        )
        .route("/odk/key/{token}/lists/{name}", get(lists::list))
        .route("/odk/key/{token}/integrity/{list}", get(lists::integrity))
        .route(
            "/odk/key/{token}/submission",
            get(submission::not_to_be_got)
                .head(submission::head)
                .post(submission::post)
                .layer(DefaultBodyLimit::max(MAX_SUBMISSION_BODY_BYTES)),
        )
        .layer(from_fn_with_state(Arc::clone(state), admit))
        .with_state(Arc::clone(state))
}

/// A place and a limit of time for each request, by the address that it comes from.
async fn admit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let partner = &state.partner;
    let ip = client::address(
        request.extensions(),
        request.headers(),
        &partner.options.trusted_proxies,
    );
    let key = RateLimitKey::address(ip);
    let mut response = match partner.places.take(&key) {
        Ok(_place) => {
            let answer = in_time(state.limits.request_time, request, |request| next.run(request));
            on_behalf_of(key, answer).await
        }
        Err(no_place) => answer::refusal(ApiError::no_place(no_place)),
    };
    answer::openrosa(response.headers_mut());
    private::for_its_owner_alone(response.headers_mut());
    response
}
