//! The addresses of the partners' part.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::get;
use tower_http::cors::{Any, CorsLayer};

use super::download::Manner;
use super::formats::Format;
use super::state::PartnerState;
use super::web::{Base, Parameters};
use super::{changes, compress, download, ogc, page, tiles};
use crate::api::error::ApiError;
use crate::api::json::PathParts;
use crate::auth::Caller;

/// Everything under `/data` and `/ogc`.
pub fn routes(state: Arc<PartnerState>) -> Router {
    let routes = Router::new()
        .route("/data", get(page::index))
        .route("/data/", get(page::index))
        .route("/data/style.css", get(page::style))
        .route("/data/khmer-400.woff2", get(async || page::font("400")))
        .route("/data/khmer-600.woff2", get(async || page::font("600")))
        .route("/data/{name}", get(file_or_page))
        .route("/data/{name}/tiles.json", get(tilejson))
        .route("/data/{name}/tiles/{z}/{x}/{y}", get(tile))
        .route("/data/{name}/map.svg", get(page::picture))
        .route("/data/{name}/changes", get(changed))
        .merge(ogc::routes())
        .with_state(state);
    compress::compressed(routes).layer(cors())
}

/// Headers of an answer that a page of another site may read.
const READABLE: [HeaderName; 5] = [
    header::CONTENT_RANGE,
    header::ETAG,
    header::ACCEPT_RANGES,
    header::RETRY_AFTER,
    HeaderName::from_static("content-crs"),
];

/// Maps of other sites may show what is public, and what their user's key opens: the key is sent on purpose, never by the browser itself.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([
            header::AUTHORIZATION,
            header::RANGE,
            header::IF_NONE_MATCH,
            header::IF_RANGE,
        ])
        .expose_headers(READABLE)
}

/// Whether an address is one that pages of other sites may read.
pub fn is_across_origins(path: &str) -> bool {
    ["/data", "/ogc"].iter().any(|root| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// What a page of another site needs to read an answer, whichever part of the server has given it: refusals too.
pub fn allow_any_origin(headers: &mut HeaderMap) {
    if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(readable) = HeaderValue::from_str(&READABLE.map(|name| name.to_string()).join(",")) {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, readable);
    }
}

/// `/data/parcels` is a page, `/data/parcels.gpkg` a file: layers' names hold no dot.
async fn file_or_page(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    base: Base,
    PathParts(name): PathParts<String>,
    Parameters(asked): Parameters,
    manner: Manner,
) -> Result<Response, ApiError> {
    let Some((layer, extension)) = name.split_once('.') else {
        return page::one(state, caller, base, name, asked, manner.headers).await;
    };
    let format = Format::from_extension(extension).ok_or_else(|| {
        let known: Vec<&str> = Format::VECTOR.iter().map(|format| format.extension()).collect();
        ApiError::not_found(
            "no_such_format",
            format!(
                "There is no format of this name. There are: {}.",
                known.join(", ")
            ),
        )
    })?;
    download::serve(state, caller, layer.to_owned(), format, asked, manner).await
}

async fn tilejson(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    base: Base,
    PathParts(name): PathParts<String>,
) -> Result<Response, ApiError> {
    tiles::tilejson(state, caller, base, name).await
}

async fn tile(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    PathParts((name, z, x, y)): PathParts<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let y = y
        .trim_end_matches(".mvt")
        .trim_end_matches(".pbf")
        .trim_end_matches(".png");
    tiles::tile(state, caller, name, [&z, &x, y], headers).await
}

async fn changed(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    PathParts(name): PathParts<String>,
    Parameters(asked): Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    changes::serve(state, caller, name, asked, headers).await
}
