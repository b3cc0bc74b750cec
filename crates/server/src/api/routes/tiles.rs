//! Tiles of layers and of rankings.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_layers::{LayerKind, LayersError};
use serde::Deserialize;
use utoipa::IntoParams;

use super::caching::{self, IMMUTABLE, REVALIDATE};
use super::rankings::kept;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{PathParts, QueryParts};
use crate::api::packed;
use crate::build_id::{BUILD, encoded};
use crate::ranking;
use crate::state::AppState;
use crate::tiles;
use crate::tiles::cache::TileKey;
use crate::tiles::grid::TileId;

const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Which version of a layer.
#[derive(Debug, Deserialize, IntoParams)]
pub struct VersionQuery {
    /// The `hash` that `/api/layers` gives: an answer to it may be kept for ever.
    v: Option<String>,
}

/// A tile of a layer: MVT with one layer of the same name, or PNG 256 × 256 of a raster.
#[utoipa::path(get, path = "/tiles/{layer}/{z}/{x}/{y}", operation_id = "layer_tile",
    params(("layer" = String, Path, description = "The layer's name"), ("z" = u8, Path, description = "Zoom"),
        ("x" = u32, Path, description = "Column"), ("y" = u32, Path, description = "Row from the north"), VersionQuery),
    responses((status = 200, description = "The tile", content((Vec<u8> = "application/vnd.mapbox-vector-tile"), (Vec<u8> = "image/png"))),
        (status = 204, description = "Nothing of a vector layer is there"),
        (status = 400, description = "Outside the world", body = ErrorBody), (status = "default", body = ErrorBody)))]
pub async fn layer(
    State(state): State<Arc<AppState>>,
    PathParts((name, z, x, y)): PathParts<(String, String, String, String)>,
    QueryParts(version): QueryParts<VersionQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tile = tile_id(&z, &x, &y)?;
    let catalogue = state.catalogue()?;
    let entry = catalogue.layer(&name)?.clone();
    let cache_control = if version.v.as_deref() == Some(encoded(&entry.hash).as_str()) {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    let etag = etag(&entry.hash, tile);
    if caching::has(&headers, &etag) {
        return Ok(caching::not_modified(&etag, cache_control));
    }
    let kind = entry.kind;
    let key = TileKey {
        source: entry.hash.clone(),
        tile,
    };
    let partner = Arc::clone(&state.partner);
    let make = move || tiles::layer::make(&partner.prepared, &catalogue, &entry, tile);
    let bytes = cached(&state, key, make).await?;
    let response = match kind {
        LayerKind::Vector => vector_response(bytes, &headers)?,
        LayerKind::Raster => ([(header::CONTENT_TYPE, "image/png")], bytes.to_vec()).into_response(),
    };
    Ok(caching::tagged(response, &etag, cache_control))
}

/// Which ranking.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SitesQuery {
    /// The ranking's id.
    ranking: Option<String>,
}

/// A tile of ranked sites: MVT layer `sites`; feature id `i`, properties `i`, `id`, `s` score, `r` rank, `x` 0 ranked, 1 excluded,
/// 2 exclusion unknown, `v0`… value of each criterion. What is unknown is absent.
#[utoipa::path(get, path = "/tiles/sites/{z}/{x}/{y}", operation_id = "sites_tile",
    params(("z" = u8, Path, description = "Zoom"), ("x" = u32, Path, description = "Column"),
        ("y" = u32, Path, description = "Row from the north"), SitesQuery),
    responses((status = 200, description = "The tile", content((Vec<u8> = "application/vnd.mapbox-vector-tile"))),
        (status = 204, description = "No site is there"),
        (status = 400, description = "Outside the world", body = ErrorBody), (status = "default", body = ErrorBody)))]
pub async fn sites(
    State(state): State<Arc<AppState>>,
    PathParts((z, x, y)): PathParts<(String, String, String)>,
    QueryParts(query): QueryParts<SitesQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tile = tile_id(&z, &x, &y)?;
    let id = query
        .ranking
        .ok_or_else(|| ApiError::bad_parameter("ranking", "Say which ranking: ?ranking={id}."))?;
    let ranked = kept(&state, &id).await?;
    let etag = etag(&id, tile);
    if caching::has(&headers, &etag) {
        return Ok(caching::not_modified(&etag, IMMUTABLE));
    }
    let catalogue = state.catalogue()?;
    let make = move || ranking::tile::make(&ranked, &catalogue, tile);
    let bytes = cached(&state, TileKey { source: id, tile }, make).await?;
    Ok(caching::tagged(
        vector_response(bytes, &headers)?,
        &etag,
        IMMUTABLE,
    ))
}

/// Numbers of any size are numbers: a tile outside the world is told apart from an address that is none.
fn tile_id(z: &str, x: &str, y: &str) -> Result<TileId, ApiError> {
    let number = |field: &str, text: &str| match text.parse::<u64>() {
        Ok(number) => Ok(number),
        Err(_) if !text.is_empty() && text.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()) => {
            Err(ApiError::outside_the_world())
        }
        Err(_) => Err(ApiError::bad_parameter(
            field,
            format!("{field} must be a whole number."),
        )),
    };
    let (z, x, y) = (number("z", z)?, number("x", x)?, number("y", y)?);
    let tile = u8::try_from(z)
        .ok()
        .zip(u32::try_from(x).ok())
        .zip(u32::try_from(y).ok());
    tile.and_then(|((z, x), y)| TileId::new(z, x, y))
        .ok_or_else(ApiError::outside_the_world)
}

fn etag(source: &str, tile: TileId) -> String {
    format!("\"{BUILD}-{source}-{tile}\"")
}

async fn cached(
    state: &Arc<AppState>,
    key: TileKey,
    make: impl FnOnce() -> Result<Vec<u8>, LayersError> + Send + 'static,
) -> Result<Arc<[u8]>, ApiError> {
    if let Some(bytes) = state.tiles.get(&key) {
        return Ok(bytes);
    }
    let keeper = Arc::clone(state);
    state
        .work(move || keeper.tiles.get_or_make(key, || make().map_err(ApiError::from)))
        .await
}

fn vector_response(gzipped: Arc<[u8]>, request: &HeaderMap) -> Result<Response, ApiError> {
    if gzipped.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    packed::response(Bytes::from_owner(gzipped), MVT, request)
}
