//! The web map's own files.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Response};

use super::caching::{self, IMMUTABLE, REVALIDATE};
use crate::api::error::ApiError;
use crate::api::packed;
use crate::state::AppState;

/// Everything that is no other route.
pub async fn serve(
    State(state): State<Arc<AppState>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let asset = state.bundle.get(path).ok_or_else(ApiError::no_such_address)?;
    if method != Method::GET && method != Method::HEAD {
        return Err(ApiError::method_not_allowed());
    }
    let cache_control = if asset.immutable { IMMUTABLE } else { REVALIDATE };
    if caching::has(&headers, &asset.etag) {
        return Ok(caching::not_modified(&asset.etag, cache_control));
    }
    let response = match asset.packed().map_err(ApiError::internal)? {
        Some(gzipped) => packed::response(Bytes::copy_from_slice(gzipped), asset.media_type, &headers)?,
        None => ([(header::CONTENT_TYPE, asset.media_type)], asset.bytes).into_response(),
    };
    Ok(caching::tagged(response, &asset.etag, cache_control))
}
