//! What comes before each request of partners: who asks and how often, a place, a limit of time.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::auth::{Caller, Keyless};
use crate::http::places::on_behalf_of;
use crate::state::AppState;

/// Lets a request in, or says why not. The limit of requests comes first: whoever asks too often takes no place.
pub async fn admit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let key = match Caller::of(&mut parts, &state.partner, Keyless::Stranger) {
        Ok(Caller(_, key)) => key,
        Err(refusal) => return refusal.into_response(),
    };
    match state.partner.places.take(&key) {
        Ok(_place) => {
            let request = Request::from_parts(parts, body);
            let answer = in_time(state.limits.request_time, request, |request| next.run(request));
            on_behalf_of(key, answer).await
        }
        Err(no_place) => ApiError::no_place(no_place).into_response(),
    }
}
