//! Answers as OpenRosa has them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_forms::xml::escape;

use super::submission::MAX_SUBMISSION_BODY_BYTES;
use crate::api::context::Rendered;
use crate::api::error::ApiError;

pub(super) static VERSION: HeaderName = HeaderName::from_static("x-openrosa-version");
static ACCEPT_LENGTH: HeaderName = HeaderName::from_static("x-openrosa-accept-content-length");

/// The length by which a client cuts a filled form in parts: much smaller than what is taken, so that one large photo still fits.
const PART_BYTES: usize = 8 << 20;

/// The headers that every answer has.
pub(super) fn openrosa(headers: &mut HeaderMap) {
    headers.insert(VERSION.clone(), HeaderValue::from_static("1.0"));
    headers.insert(
        ACCEPT_LENGTH.clone(),
        HeaderValue::from(PART_BYTES.min(MAX_SUBMISSION_BODY_BYTES)),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A document.
pub(super) fn xml(status: StatusCode, body: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
    (status, kind, body).into_response()
}

/// A sentence about a filled form.
pub(super) fn message(status: StatusCode, nature: &str, text: &str) -> Response {
    let body = format!(
        "<OpenRosaResponse xmlns=\"http://openrosa.org/http/response\" items=\"0\"><message nature=\"{nature}\">{}</message></OpenRosaResponse>",
        escape(text)
    );
    let mut response = xml(status, body);
    response.extensions_mut().insert(Rendered);
    response
}

/// A refusal with a sentence that Collect shows.
pub(super) fn refused(status: StatusCode, text: &str) -> Response {
    message(status, "error", text)
}

/// An error of ours in OpenRosa's form. What it says is for people; its cause goes into the log.
#[allow(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub(super) fn refusal(error: ApiError) -> Response {
    let status = match error.status() {
        // Collect takes 401 for the question after a name and a password.
        StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
        status => status,
    };
    if let Some(cause) = error.cause() {
        tracing::error!(%cause, "a request of a client of OpenRosa failed");
    }
    let mut response = refused(status, error.message());
    if let Some(seconds) = error.retry_after_s() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
