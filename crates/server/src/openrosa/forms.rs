//! The list of forms, their manifests, the forms and their files.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_forms::Version;
use phteah_forms::xform::served_list;
use phteah_forms::xml::escape;

use super::answer;
use super::caller::OdkCaller;
use super::lists;
use crate::api::error::ApiError;
use crate::api::routes::caching;
use crate::field::forms::{encoded, media_type};
use crate::state::AppState;

/// The forms that this worker may fill; with `formID` that one alone.
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    caller: OdkCaller,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let forms = Arc::clone(&state.forms);
    let listing = state
        .work(move || Ok(forms.listing()?))
        .await
        .map_err(answer::refusal)?;
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xforms xmlns=\"http://openrosa.org/xforms/xformsList\">\n",
    );
    let wanted = asked
        .iter()
        .find(|(name, _)| name == "formID")
        .map(|(_, id)| id.as_str())
        .filter(|id| !id.is_empty());
    for version in listing
        .newest()
        .filter(|version| wanted.is_none_or(|id| id == version.id()))
    {
        let at = address(&caller.base, version);
        let title = version.mapping.title.km.as_deref().unwrap_or(&version.form.title);
        body.push_str(&format!(
            "<xform><formID>{}</formID><name>{}</name><version>{}</version><hash>md5:{}</hash><downloadUrl>{}/form.xml</downloadUrl>",
            escape(version.id()),
            escape(title),
            escape(version.version()),
            version.md5,
            escape(&at),
        ));
        if !version.form.files.is_empty() || !version.media.is_empty() {
            body.push_str(&format!("<manifestUrl>{}/manifest</manifestUrl>", escape(&at)));
        }
        body.push_str("</xform>\n");
    }
    body.push_str("</xforms>\n");
    Ok(answer::xml(StatusCode::OK, body))
}

fn address(base: &str, version: &Version) -> String {
    format!(
        "{base}/forms/{}/{}",
        encoded(version.id()),
        encoded(version.version())
    )
}

/// The files that a form needs: those that came with it, and the lists that the server makes for this worker.
pub(super) async fn manifest(
    State(state): State<Arc<AppState>>,
    caller: OdkCaller,
    Path((_, id, version)): Path<(String, String, String)>,
) -> Result<Response, Response> {
    let version = find(&state, id, version).await?;
    let at = address(&caller.base, &version);
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest xmlns=\"http://openrosa.org/xforms/xformsManifest\">\n",
    );
    for media in &version.media {
        body.push_str(&format!(
            "<mediaFile><filename>{}</filename><hash>md5:{}</hash><downloadUrl>{}/media/{}</downloadUrl></mediaFile>\n",
            escape(&media.name),
            media.md5,
            escape(&at),
            encoded(&media.name),
        ));
    }
    for name in &version.form.files {
        let Some(list) = served_list(name) else { continue };
        let made = lists::made(&state, &caller.contact.actor, list)
            .await
            .map_err(answer::refusal)?;
        // Only what can be changed by a form is a list of entities: Collect then asks whether entries that are gone were deleted.
        let (kind, integrity) = if lists::is_of_entities(list) {
            let base = escape(&caller.base);
            (
                " type=\"entityList\"",
                format!("<integrityUrl>{base}/integrity/{list}</integrityUrl>"),
            )
        } else {
            ("", String::new())
        };
        body.push_str(&format!(
            "<mediaFile{kind}><filename>{}</filename><hash>md5:{}</hash><downloadUrl>{}/lists/{}</downloadUrl>{integrity}</mediaFile>\n",
            escape(name),
            phteah_forms::library::md5(&made),
            escape(&caller.base),
            encoded(name),
        ));
    }
    body.push_str("</manifest>\n");
    Ok(answer::xml(StatusCode::OK, body))
}

/// One version of a form, byte for byte as its hash says.
pub(super) async fn form(
    State(state): State<Arc<AppState>>,
    _: OdkCaller,
    Path((_, id, version)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let version = find(&state, id, version).await?;
    Ok(kept(&headers, &version.md5, "text/xml; charset=utf-8", || {
        version.xml.as_bytes().to_vec()
    }))
}

/// A file that comes with a form.
pub(super) async fn media(
    State(state): State<Arc<AppState>>,
    _: OdkCaller,
    Path((_, id, version, name)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let version = find(&state, id, version).await?;
    let Some(md5) = version
        .media
        .iter()
        .find(|media| media.name == name)
        .map(|media| media.md5.clone())
    else {
        return Err(nothing("No file of this name comes with the form."));
    };
    let kind = media_type(&name);
    let bytes = state
        .work(move || Ok(version.media_bytes(&name)?.unwrap_or_default()))
        .await
        .map_err(answer::refusal)?;
    Ok(kept(&headers, &md5, kind, || bytes))
}

pub(super) fn nothing(text: &str) -> Response {
    answer::refused(StatusCode::NOT_FOUND, text)
}

async fn find(state: &Arc<AppState>, id: String, version: String) -> Result<Arc<Version>, Response> {
    let forms = Arc::clone(&state.forms);
    let found: Result<_, ApiError> = state
        .work(move || Ok(forms.listing()?.version(&id, &version).cloned()))
        .await;
    found
        .map_err(answer::refusal)?
        .ok_or_else(|| nothing("There is no such version of a form. Get the list of forms again."))
}

/// An answer that is given once for each content.
pub(super) fn kept(
    headers: &HeaderMap,
    md5: &str,
    kind: &'static str,
    body: impl FnOnce() -> Vec<u8>,
) -> Response {
    let etag = format!("\"{md5}\"");
    let tags = [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if caching::has(headers, &etag) {
        (StatusCode::NOT_MODIFIED, tags).into_response()
    } else {
        (tags, [(header::CONTENT_TYPE, kind)], body()).into_response()
    }
}
