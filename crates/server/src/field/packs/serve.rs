//! `GET /api/field/packs/{id}/{file}`: a pack, or the parts of it that a phone on a slow line asks for.

use std::fs::File;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::ID;
use super::inputs::Inputs;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::PathParts;
use crate::api::routes::caching;
use crate::field::DeviceCaller;
use crate::http::limits::RateLimitKey;
use crate::partner::ranges::{Wanted, wanted};
use crate::partner::stream::{self, Packing};
use crate::state::AppState;

/// The media type of `PMTiles`.
const MEDIA_TYPE: &str = "application/vnd.pmtiles";

/// A map pack of the phone's own area, whole or in ranges. That of another area is as one that does not exist.
#[utoipa::path(get, path = "/api/field/packs/{id}/{file}", operation_id = "fieldPack",
    params(
        ("id" = String, Path, description = "The pack's id, as setup gives it"),
        ("file" = String, Path, description = "Its version and .pmtiles"),
    ),
    responses(
        (status = 200, content_type = "application/vnd.pmtiles", body = Vec<u8>),
        (status = 206, content_type = "application/vnd.pmtiles", body = Vec<u8>),
        (status = 304, description = "The client has it already"),
        (status = "default", body = ErrorBody)
    ))]
pub async fn pack(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
    PathParts((id, file)): PathParts<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let gone = || {
        ApiError::not_found(
            "not_found",
            "There is no such map. Ask /api/field/setup for the one of today.",
        )
    };
    let version = file
        .strip_suffix(".pmtiles")
        .filter(|version| version.len() == 16 && version.bytes().all(|b| b.is_ascii_hexdigit()))
        .ok_or_else(gone)?
        .to_owned();
    let reading = Arc::clone(&state);
    let (actor, asked) = (contact.actor, version.clone());
    let found = state
        .work(move || {
            let catalogue = reading.catalogue()?;
            let inputs = Inputs::of(&catalogue, reading.partner.store(), &actor)?;
            let Some(inputs) = inputs.filter(|_| id == ID) else {
                return Ok(None);
            };
            // The scope is a part of the file's name: only whoever has the same area and layers names the same file.
            if reading.packs.about(&inputs.scope, &asked).is_none() {
                return Ok(None);
            }
            let file = File::open(reading.packs.path(&inputs.scope, &asked)).ok();
            Ok(file.and_then(|file| Some((file.metadata().ok()?.len(), file))))
        })
        .await?;
    let (length, file) = found.ok_or_else(gone)?;
    let etag = format!("\"{version}\"");
    if caching::has(&headers, &etag) {
        return Ok(caching::not_modified(&etag, caching::IMMUTABLE));
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let same = text(header::IF_RANGE).is_none_or(|tag| tag == etag);
    let range = wanted(text(header::RANGE).filter(|_| same), length)?;
    let (start, size) = match range {
        Wanted::All => (0, length),
        Wanted::Part { start, end } => (start, end - start + 1),
    };
    let place = state
        .partner
        .downloads
        .take(&RateLimitKey::Key(format!("device {}", contact.device)))
        .map_err(ApiError::no_place_to_download)?;
    let mut response = stream::part(file, start, size, None, place, Packing::None)?;
    let kept = response.headers_mut();
    kept.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    kept.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    kept.insert(header::CONTENT_LENGTH, size.into());
    if let Wanted::Part { start, end } = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        if let Ok(value) = HeaderValue::from_str(&format!("bytes {start}-{end}/{length}")) {
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
    }
    Ok(caching::tagged(
        response.into_response(),
        &etag,
        caching::IMMUTABLE,
    ))
}
