//! Entity tags: what a client has need not be sent again.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::api::error::ApiError;
use crate::api::packed;
use crate::state::AppState;
use crate::tiles::vector::gzip;

/// A year: as good as for ever. By the one who asked alone: what the map shows is the team's.
pub const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// Kept, but asked for again before each use.
pub const REVALIDATE: &str = "private, no-cache";

/// Whether the client already has what this quoted tag names.
pub fn has(request: &HeaderMap, etag: &str) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value
                .split(',')
                .map(|tag| tag.trim().trim_start_matches("W/"))
                .any(|tag| tag == "*" || tag == etag)
        })
}

/// "You have it already."
pub fn not_modified(etag: &str, cache_control: &'static str) -> Response {
    tagged(StatusCode::NOT_MODIFIED.into_response(), etag, cache_control)
}

/// Adds the tag and how long the answer may be kept.
pub fn tagged(mut response: Response<Body>, etag: &str, cache_control: &'static str) -> Response {
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    response
}

/// An answer that follows from a ranking and a question alone: worked out once, kept by the client for ever. `key` holds the
/// ranking's id and all of the question, without commas.
pub async fn derived<T: Serialize>(
    state: &Arc<AppState>,
    headers: &HeaderMap,
    key: String,
    make: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    let etag = format!("\"{key}\"");
    if has(headers, &etag) {
        return Ok(not_modified(&etag, IMMUTABLE));
    }
    let keeper = Arc::clone(state);
    let encode = move || {
        let json = serde_json::to_vec(&make()?).map_err(ApiError::internal)?;
        gzip(&json).map_err(ApiError::internal)
    };
    let bytes = state
        .work(move || keeper.answers.get_or_make(key, encode))
        .await?;
    let json = packed::response(Bytes::from_owner(bytes), "application/json", headers)?;
    Ok(tagged(json, &etag, IMMUTABLE))
}
