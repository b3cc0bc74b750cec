//! Answers that are kept compressed: packing a large one again for every client would take longer than all the rest of the answer.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::http::prefer;
use crate::tiles::vector::gunzip;

/// Sends bytes of HTTP's `gzip` coding, unpacked for a client that does not take it.
pub fn response(gzipped: Bytes, media_type: &'static str, request: &HeaderMap) -> Result<Response, ApiError> {
    let mut response = if prefer::takes_coding(request, "gzip") {
        let mut response = gzipped.into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        gunzip(&gzipped).map_err(ApiError::internal)?.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}
