//! Tiles and `TileJSON` of what a viewer may see. The map's own tiles carry every field of a layer; these carry the visible ones.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, json};

use super::data::source::VisibleLayer;
use super::download::{digest, holds};
use super::state::PartnerState;
use super::web::{self, Base};
use crate::api::error::ApiError;
use crate::api::packed;
use crate::auth::Caller;
use crate::build_id::BUILD;
use crate::tiles;
use crate::tiles::cache::TileKey;
use crate::tiles::grid::TileId;
use crate::tiles::layer::zooms;

const MVT: &str = "application/vnd.mapbox-vector-tile";

/// `/data/{layer}/tiles.json` (`TileJSON` 3.0)
pub async fn tilejson(
    state: Arc<PartnerState>,
    caller: Caller,
    Base(base): Base,
    name: String,
) -> Result<Response, ApiError> {
    let layer = state
        .work(move |state| VisibleLayer::open(state, &caller.0, &name))
        .await?;
    let about = layer.about();
    let zooms = zooms(about);
    let mut document = json!({
        "tilejson": "3.0.0",
        "name": about.title,
        "description": about.source,
        "attribution": about.attribution,
        "version": "1.0.0",
        "scheme": "xyz",
        "tiles": [format!("{base}/data/{}/tiles/{{z}}/{{x}}/{{y}}", about.name)],
        "minzoom": zooms.min,
        "maxzoom": zooms.max,
        "bounds": about.bounds,
    });
    if let Some(record) = &about.record {
        document["decisionRecord"] = record.clone().into();
    }
    if layer.is_vector() {
        let mut fields = Map::new();
        fields.insert("id".to_owned(), "String".into());
        for field in layer.fields() {
            let meaning = field.meaning.clone().unwrap_or_default();
            let unit = field
                .unit
                .as_ref()
                .map(|unit| format!(" ({unit})"))
                .unwrap_or_default();
            fields.insert(field.name.clone(), format!("{meaning}{unit}").into());
        }
        document["vector_layers"] =
            json!([{ "id": about.name, "fields": fields, "minzoom": zooms.min, "maxzoom": zooms.max }]);
    }
    Ok(web::json(&document, "application/json"))
}

/// `/data/{layer}/tiles/{z}/{x}/{y}`
pub async fn tile(
    state: Arc<PartnerState>,
    caller: Caller,
    name: String,
    place: [&str; 3],
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let [z, x, y] = place.map(|text| text.parse::<u32>().ok());
    let tile = match (z.and_then(|z| u8::try_from(z).ok()), x, y) {
        (Some(z), Some(x), Some(y)) => TileId::new(z, x, y),
        _ => None,
    };
    // Right here: it takes microseconds, and handing it to another thread more than that.
    let layer = VisibleLayer::open(&state, &caller.0, &name)?;
    let tile = tile.ok_or_else(ApiError::outside_the_world)?;
    let fields: Vec<&str> = layer.fields().iter().map(|field| field.name.as_str()).collect();
    // Whoever sees the same fields of the same version shares the tile.
    let source = format!("{}\n{}\n{}", layer.name(), layer.about().hash, fields.join("\n"));
    let etag = digest(&[BUILD, &source, &tile.to_string()]);
    if holds(&headers, &etag) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        tagged(&mut response, &etag);
        return Ok(response);
    }
    let key = TileKey { source, tile };
    let is_vector = layer.is_vector();
    let shown = layer.clone();
    let bytes = if let Some(bytes) = state.tiles.get(&key) {
        bytes
    } else {
        let make = move |state: &Arc<PartnerState>| {
            state.tiles.get_or_make(key, || {
                if is_vector {
                    draw(state, &layer, tile)
                } else {
                    paint(state, &layer, tile)
                }
            })
        };
        state.work(make).await?
    };
    if is_vector && !bytes.is_empty() {
        state.tile_log.note(&state, &shown, tile, bytes.len());
    }
    let mut response = if !is_vector {
        ([(header::CONTENT_TYPE, "image/png")], Bytes::from_owner(bytes)).into_response()
    } else if bytes.is_empty() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        packed::response(Bytes::from_owner(bytes), MVT, &headers)?
    };
    tagged(&mut response, &etag);
    Ok(response)
}

fn tagged(response: &mut Response, etag: &str) {
    web::answer_headers(response.headers_mut());
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
}

fn draw(state: &PartnerState, layer: &VisibleLayer, tile: TileId) -> Result<Vec<u8>, ApiError> {
    if tile.zoom() < zooms(layer.about()).min {
        return Ok(Vec::new());
    }
    let crs = layer.crs().definition();
    Ok(tiles::layer::draw(
        &state.prepared,
        layer.path(),
        layer.name(),
        layer.fields(),
        crs,
        tile,
    )?)
}

fn paint(state: &PartnerState, layer: &VisibleLayer, tile: TileId) -> Result<Vec<u8>, ApiError> {
    // A raster has no fields to hide: who may see it sees all of it.
    Ok(tiles::layer::make(
        &state.prepared,
        &*state.catalogue()?,
        layer.about(),
        tile,
    )?)
}
