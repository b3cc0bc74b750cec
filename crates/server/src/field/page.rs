//! The field app's own files: under `/field`, and what all pages of the program share under `/assets`. They are code and hold no data, so that
//! a phone gets them before it is enrolled.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;

use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::api::packed;
use crate::api::routes::caching;
use crate::auth::page::page;
use crate::auth::words;
use crate::bundle::Asset;
use crate::http::client;
use crate::http::limits::RateLimitKey;
use crate::http::places::on_behalf_of;
use crate::state::AppState;

/// The page of the app within the bundle.
const PAGE: &str = "field.html";

/// A year: the name carries a hash of the contents.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Kept, but asked for again before each use: the page and the service worker lead to all the rest.
const REVALIDATE: &str = "no-cache";

/// As for every page, and the engine of the forms is WebAssembly; photos and recordings are shown from memory.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; \
     media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self' blob:; style-src 'self'; style-src-attr 'unsafe-inline'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The app asks for the camera, the microphone and the position, each when it is needed.
const PERMISSIONS: &str = "camera=(self), microphone=(self), geolocation=(self), payment=()";

/// Where the service worker may stand: `/field` itself lies outside of the folder that its file is in.
const SCOPE: &str = "/field";

static SERVICE_WORKER_ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");
static PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// `/field`, everything below it, `/assets`, and the icon of all pages.
pub fn routes(state: &Arc<AppState>) -> Router {
    Router::new()
        .route("/field", get(app))
        .route("/field/", get(app))
        .route("/field/{*path}", get(file))
        .route("/assets/{*path}", get(shared))
        .route("/favicon.svg", get(shared))
        .route("/favicon.ico", get(icon))
        .layer(from_fn_with_state(Arc::clone(state), admit))
        .layer(map_response(guard))
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
    match partner.places.take(&key) {
        Ok(_place) => {
            let answer = in_time(state.limits.request_time, request, |request| next.run(request));
            on_behalf_of(key, answer).await
        }
        Err(no_place) => ApiError::no_place(no_place).into_response(),
    }
}

/// `GET /field`
async fn app(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, ApiError> {
    match state.bundle.get(PAGE) {
        Some(page) => answer(page, &headers),
        None => Ok(not_built()),
    }
}

/// `GET /field/{path}`: a file of the app; an address within the app, which has no dot, is the app itself.
async fn file(
    State(state): State<Arc<AppState>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default();
    if let Some(asset) = state.bundle.get(path) {
        let mut response = answer(asset, &headers)?;
        if asset.media_type.starts_with("text/javascript") {
            let scope = HeaderValue::from_static(SCOPE);
            response
                .headers_mut()
                .insert(SERVICE_WORKER_ALLOWED.clone(), scope);
        }
        return Ok(response);
    }
    if name.contains('.') {
        return Err(ApiError::no_such_address());
    }
    app(State(state), headers).await
}

/// `GET /assets/{path}` and `GET /favicon.svg`
async fn shared(
    State(state): State<Arc<AppState>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let asset = state.bundle.get(path).ok_or_else(ApiError::no_such_address)?;
    answer(asset, &headers)
}

/// `GET /favicon.ico`: what a browser asks for on its own, also on pages that no bundle has.
async fn icon(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let asset = state
        .bundle
        .get("favicon.svg")
        .ok_or_else(ApiError::no_such_address)?;
    answer(asset, &headers)
}

fn answer(asset: &Asset, headers: &HeaderMap) -> Result<Response, ApiError> {
    let kept = if asset.immutable { FOR_EVER } else { REVALIDATE };
    if caching::has(headers, &asset.etag) {
        return Ok(caching::not_modified(&asset.etag, kept));
    }
    let response = match asset.packed().map_err(ApiError::internal)? {
        Some(gzipped) => packed::response(Bytes::copy_from_slice(gzipped), asset.media_type, headers)?,
        None => ([(header::CONTENT_TYPE, asset.media_type)], asset.bytes).into_response(),
    };
    Ok(caching::tagged(response, &asset.etag, kept))
}

/// Gives every answer the app's own policy. A worker takes its policy from its own script, so that scripts bear it as pages do; a
/// browser takes the headers of "not modified" over into what it keeps, so that this answer bears it too.
async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert(PERMISSIONS_POLICY.clone(), HeaderValue::from_static(PERMISSIONS));
    response
}

/// What stands here where the program was built without the app.
fn not_built() -> Response {
    let body = html! { (words::NOT_BUILT.paragraphs()) };
    page(StatusCode::NOT_FOUND, words::FIELD_APP, &body, &html! {})
}
