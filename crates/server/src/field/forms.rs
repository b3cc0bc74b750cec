//! The forms that phones ask their questions by. Every version stays where it was: an answer belongs to the version that it was given to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_forms::library::sha256;
use phteah_forms::xform::{LISTS, served_list};
use phteah_forms::{FormsError, Version};
use phteah_store::Actor;
use serde_json::{Value, json};

use super::caller::DeviceCaller;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::PathParts;
use crate::openrosa::{header_only, places_csv};
use crate::state::AppState;

impl From<FormsError> for ApiError {
    fn from(error: FormsError) -> Self {
        Self::internal(error)
    }
}

fn no_such_form() -> ApiError {
    ApiError::not_found(
        "not_found",
        "There is no such version of a form. Ask for the setup again.",
    )
}

/// The newest version of each form, as a phone is told of it.
pub(super) fn items(state: &Arc<AppState>, actor: &Actor) -> Result<Vec<Value>, ApiError> {
    let listing = state.forms.listing()?;
    let mut lists: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for list in LISTS {
        lists.insert(list, list_bytes(state, list, actor)?);
    }
    for damaged in &listing.damaged {
        tracing::warn!(%damaged, "a form cannot be handed out");
    }
    Ok(listing.newest().map(|version| item(version, &lists)).collect())
}

fn item(version: &Version, lists: &BTreeMap<&str, Vec<u8>>) -> Value {
    let mapping = &version.mapping;
    let base = format!("/api/field/forms/{}/{}", version.id(), version.version());
    let title = |said: &Option<String>| said.clone().unwrap_or_else(|| version.form.title.clone());
    let mut media: Vec<Value> = version
        .media
        .iter()
        .map(|media| {
            json!({"name": media.name, "url": format!("{base}/media/{}", encoded(&media.name)), "sha256": media.sha256, "bytes": media.bytes})
        })
        .collect();
    for name in &version.form.files {
        if let Some((list, bytes)) = served_list(name).and_then(|list| Some((list, lists.get(list)?))) {
            media.push(json!({
                "name": name, "url": format!("/api/field/lists/{name}"), "sha256": sha256(bytes), "bytes": bytes.len(), "list": list,
            }));
        }
    }
    let types: serde_json::Map<String, Value> = version
        .form
        .questions
        .iter()
        .filter(|question| mapping.facts.contains_key(&question.path))
        .map(|question| (question.path.clone(), json!(mapping.value_type(question))))
        .collect();
    let mut item = json!({
        "id": version.id(), "version": version.version(), "title": {"en": title(&mapping.title.en), "km": title(&mapping.title.km)},
        "purpose": mapping.purpose, "event": mapping.event,
        "form": {"url": format!("{base}/form.xml"), "sha256": version.sha256, "bytes": version.xml.len()},
        "media": media, "facts": mapping.facts, "types": types, "values": mapping.values, "repeat_ids": mapping.repeat_ids, "fields": mapping.fields,
    });
    for (name, value) in [
        ("consent", &mapping.consent),
        ("location", &mapping.location),
        ("happened_on", &mapping.happened_on),
        ("household", &mapping.household),
        ("preset", &mapping.preset),
    ] {
        if let Some(value) = value {
            item[name] = json!(value);
        }
    }
    if let Some(by) = &mapping.event_by {
        item["event_by"] = json!(by);
    }
    item
}

/// A name as a part of an address.
pub(crate) fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Gives one version of a form.
#[utoipa::path(get, path = "/api/field/forms/{id}/{version}/form.xml", operation_id = "fieldForm", params(("id" = String, Path, description = "The form's id"), ("version" = String, Path, description = "Its version")), responses((status = 200, description = "The XForm", content_type = "application/xml", body = String), (status = 304, description = "It is the one with this ETag"), (status = "default", body = ErrorBody)))]
pub async fn form(
    State(state): State<Arc<AppState>>,
    DeviceCaller(..): DeviceCaller,
    PathParts((id, version)): PathParts<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = find(&state, id, version).await?;
    let etag = format!("\"{}\"", found.sha256);
    if is_known(&headers, &etag) {
        return Ok(not_modified(etag));
    }
    let kind = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
    Ok((kept(etag), kind, found.xml.to_string()).into_response())
}

/// Gives a file that comes with a form.
#[utoipa::path(get, path = "/api/field/forms/{id}/{version}/media/{name}", operation_id = "fieldFormMedia", params(("id" = String, Path, description = "The form's id"), ("version" = String, Path, description = "Its version"), ("name" = String, Path, description = "The file's name")), responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>), (status = 304, description = "It is the one with this ETag"), (status = "default", body = ErrorBody)))]
pub async fn media(
    State(state): State<Arc<AppState>>,
    DeviceCaller(..): DeviceCaller,
    PathParts((id, version, name)): PathParts<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = find(&state, id, version).await?;
    let hash = found
        .media
        .iter()
        .find(|media| media.name == name)
        .map(|media| media.sha256.clone());
    let etag = format!("\"{}\"", hash.ok_or_else(no_such_file)?);
    if is_known(&headers, &etag) {
        return Ok(not_modified(etag));
    }
    let kind = [(header::CONTENT_TYPE, media_type(&name))];
    let bytes = state
        .work(move || Ok(found.media_bytes(&name)?))
        .await?
        .ok_or_else(no_such_file)?;
    Ok((kept(etag), kind, bytes).into_response())
}

/// Gives a list that forms choose from: the worker's sites and services. Of households and tasks only the columns: the phone knows its own.
#[utoipa::path(get, path = "/api/field/lists/{name}", operation_id = "fieldList", params(("name" = String, Path, description = "sites.csv, services.csv, households.csv or tasks.csv")), responses((status = 200, description = "The list", content_type = "text/csv", body = String), (status = 304, description = "It is the one with this ETag"), (status = "default", body = ErrorBody)))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
    PathParts(name): PathParts<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let list =
        served_list(&name).ok_or_else(|| ApiError::not_found("not_found", "There is no such list."))?;
    let asked = Arc::clone(&state);
    let bytes = state
        .work(move || list_bytes(&asked, list, &contact.actor))
        .await?;
    let etag = format!("\"{}\"", sha256(&bytes));
    let tags = [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if is_known(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, tags).into_response());
    }
    Ok((tags, [(header::CONTENT_TYPE, "text/csv; charset=utf-8")], bytes).into_response())
}

fn list_bytes(state: &Arc<AppState>, list: &'static str, actor: &Actor) -> Result<Vec<u8>, ApiError> {
    if matches!(list, "households" | "tasks") {
        Ok(header_only(list))
    } else {
        places_csv(state, list, actor)
    }
}

fn no_such_file() -> ApiError {
    ApiError::not_found("not_found", "No file of this name comes with the form.")
}

async fn find(state: &Arc<AppState>, id: String, version: String) -> Result<Arc<Version>, ApiError> {
    let forms = Arc::clone(&state.forms);
    state
        .work(move || {
            forms
                .listing()?
                .version(&id, &version)
                .cloned()
                .ok_or_else(no_such_form)
        })
        .await
}

/// The media type that a name's ending tells.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase()
        .as_str()
    {
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "amr" => "audio/amr",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "geojson" => "application/geo+json",
        _ => "application/octet-stream",
    }
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|seen| seen.as_bytes() == etag.as_bytes())
}

fn kept(etag: String) -> [(header::HeaderName, String); 2] {
    // A version never changes.
    [
        (header::ETAG, etag),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable".to_owned(),
        ),
    ]
}

fn not_modified(etag: String) -> Response {
    (StatusCode::NOT_MODIFIED, kept(etag)).into_response()
}
