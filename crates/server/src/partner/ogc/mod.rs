//! OGC API – Features under `/ogc`: Part 1 (core, GeoJSON, HTML, `OpenAPI` 3.0), Part 2 (CRS), Part 3 (filtering with CQL2).

mod collections;
mod html;
mod items;
mod landing;
mod openapi;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use super::state::PartnerState;

const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
const SCHEMA: &str = "application/schema+json";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";
const QUERYABLES_REL: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

/// The routes.
pub fn routes() -> Router<Arc<PartnerState>> {
    Router::new()
        .route("/ogc", get(landing::landing))
        .route("/ogc/", get(landing::landing))
        .route("/ogc/conformance", get(landing::conformance))
        .route("/ogc/api", get(openapi::serve))
        .route("/ogc/api.html", get(openapi::page))
        .route("/ogc/collections", get(collections::list))
        .route("/ogc/collections/{id}", get(collections::one))
        .route("/ogc/collections/{id}/queryables", get(collections::queryables))
        .route("/ogc/collections/{id}/items", get(items::list))
        .route("/ogc/collections/{id}/items/{feature}", get(items::one))
}

fn link(href: impl Into<String>, rel: &str, media_type: &str, title: &str) -> Value {
    let href: String = href.into();
    json!({ "href": href, "rel": rel, "type": media_type, "title": title })
}
