//! Reading requests: bodies, paths and queries, every failure in our own words.

use axum::RequestPartsExt;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::{StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// The most bytes of a JSON body.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A JSON body.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        // A page of another origin can send forms and plain text without asking, JSON it cannot.
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .and_then(|kind| kind.split(';').next())
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if kind != "application/json" && !kind.ends_with("+json") {
            return Err(ApiError::not_json());
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection: BytesRejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    ApiError::too_large(MAX_BODY_BYTES)
                } else {
                    ApiError::bad_json("The body ended before all of it had come.")
                }
            })?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) if error.is_data() => Err(ApiError::bad_json(format!(
                "The body has not the right form: {error}."
            ))),
            Err(error) => Err(ApiError::bad_json(format!("The body is no JSON: {error}."))),
        }
    }
}

/// The variable parts of the path.
#[derive(Debug)]
pub struct PathParts<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequestParts<S> for PathParts<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Path(value) = parts
            .extract::<Path<T>>()
            .await
            .map_err(|error| not_understood("path", &error.body_text()))?;
        Ok(Self(value))
    }
}

/// The parameters after the question mark.
#[derive(Debug)]
pub struct QueryParts<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequestParts<S> for QueryParts<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Query(value) = parts
            .extract::<Query<T>>()
            .await
            .map_err(|error| not_understood("query", &error.body_text()))?;
        Ok(Self(value))
    }
}

/// The framework's reason, which speaks of the request alone, as a sentence.
fn not_understood(part: &str, reason: &str) -> ApiError {
    let reason = reason
        .rsplit_once("string: ")
        .map_or(reason, |(_, reason)| reason);
    ApiError::bad_parameter(
        part,
        format!(
            "The {part} cannot be understood: {}.",
            reason.trim_end_matches('.')
        ),
    )
}
