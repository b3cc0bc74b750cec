//! The description of the API as `OpenAPI` 3.0, which Part 1 of the standard asks for (the rest of the program describes itself as 3.1).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{GEOJSON, JSON, OPENAPI, SCHEMA, html};
use crate::api::error::ApiError;
use crate::auth::Caller;
use crate::partner::data::selection::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::partner::data::source::VisibleLayer;
use crate::partner::state::PartnerState;
use crate::partner::web::{self, Base, Language, Parameters};

/// `/ogc/api`
pub async fn serve(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    Parameters(asked): Parameters,
) -> Result<Response, ApiError> {
    asked.only(&["f", "lang"])?;
    Language::check(&asked)?;
    if asked.get("f").is_some_and(|f| f != "json") {
        return Err(ApiError::bad_parameter(
            "f",
            "The description is JSON; /ogc/api.html is a page about it.",
        ));
    }
    let layers = state
        .work(move |state| VisibleLayer::all(state, &caller.0))
        .await?;
    Ok(web::json(&document(&layers, &base), OPENAPI))
}

/// `/ogc/api.html`
pub async fn page(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    Parameters(asked): Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    asked.only(&["f", "lang"])?;
    Language::check(&asked)?;
    let language = Language::of(&asked, &headers);
    let layers = state
        .work(move |state| VisibleLayer::all(state, &caller.0))
        .await?;
    let document = document(&layers, &base);
    let links: Vec<Value> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, item)| {
            let summary = item["get"]["summary"].as_str().unwrap_or_default();
            json!({ "href": format!("{base}/ogc/api"), "title": format!("{path}: {summary}") })
        })
        .collect();
    Ok(html::links(
        "The API in words",
        &json!({ "description": document["info"]["description"], "links": links }),
        language,
    ))
}

fn document(layers: &[VisibleLayer], base: &str) -> Value {
    let names: Vec<&str> = layers
        .iter()
        .filter(|layer| layer.is_vector())
        .map(VisibleLayer::name)
        .collect();
    let mut collection = json!({ "type": "string" });
    if !names.is_empty() {
        collection["enum"] = json!(names);
    }
    let reference = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    let form = reference("f");
    let language = reference("lang");
    let of_collection = |more: &[&str]| -> Value {
        let all: Vec<Value> = ["collectionId", "f", "lang"]
            .iter()
            .chain(more)
            .map(|name| reference(name))
            .collect();
        all.into()
    };
    let paths = json!({
        "/": { "get": operation("Landing page", "landing", &json!([form, language]), JSON, "Landing", false) },
        "/conformance": { "get": operation("Conformance classes", "conformance", &json!([form, language]), JSON, "Conformance", false) },
        "/collections": { "get": operation("Layers", "collections", &json!([form, language]), JSON, "Collections", false) },
        "/collections/{collectionId}": { "get": operation("One layer", "collection", &of_collection(&[]), JSON, "Collection", true) },
        "/collections/{collectionId}/queryables": {
            "get": operation("What can be filtered and sorted by", "queryables", &of_collection(&[]), SCHEMA, "Queryables", true) },
        "/collections/{collectionId}/items": {
            "get": operation("Features", "items", &of_collection(&["limit", "bbox", "bbox-crs", "datetime", "crs", "filter", "filter-lang",
                "filter-crs", "sortby", "properties", "after", "before"]), GEOJSON, "FeatureCollection", true) },
        "/collections/{collectionId}/items/{featureId}": {
            "get": operation("One feature", "item", &of_collection(&["featureId", "crs", "properties"]), GEOJSON, "Feature", true) },
    });
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Phteah: layers as OGC API - Features",
            "description": "Layers that the sender of the key may see; without a key, those that are public. Lists are paged by key: follow the link \
                whose rel is next. Each collection names the licence of its data.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": format!("{base}/ogc") }],
        "security": [{}, { "bearer": [] }, { "basic": [] }],
        "paths": paths,
        "components": { "parameters": parameters(&collection), "schemas": schemas(), "securitySchemes": {
            "bearer": { "type": "http", "scheme": "bearer", "description": "A partner's key" },
            "basic": { "type": "http", "scheme": "basic", "description": "Any user name, the key as password" },
        } },
    })
}

fn operation(
    summary: &str,
    id: &str,
    parameters: &Value,
    media: &str,
    schema: &str,
    may_miss: bool,
) -> Value {
    let mut content = Map::new();
    content.insert(
        media.into(),
        json!({ "schema": { "$ref": format!("#/components/schemas/{schema}") } }),
    );
    content.insert("text/html".into(), json!({ "schema": { "type": "string" } }));
    // Whoever asked for a page gets one of what went wrong.
    let error = |text: &str| {
        json!({ "description": text, "content": {
            JSON: { "schema": { "$ref": "#/components/schemas/Error" } }, "text/html": { "schema": { "type": "string" } },
        } })
    };
    let mut responses = json!({
        "200": { "description": summary, "content": content },
        "400": error("A parameter cannot be understood"),
        "401": error("The key opens nothing"),
        "406": error("Neither JSON nor HTML is accepted"),
        "429": error("Asked too often"),
        "503": error("Too much to do, or a search that takes too long"),
    });
    if may_miss {
        responses["404"] = error("There is no such layer or feature, or none that this viewer may see");
    }
    json!({ "summary": summary, "operationId": id, "tags": ["Features"], "parameters": parameters, "responses": responses })
}

fn parameters(collection: &Value) -> Value {
    let query = |name: &str, text: &str, schema: Value| json!({ "name": name, "in": "query", "required": false, "description": text, "schema": schema, "style": "form", "explode": false });
    let words = || json!({ "type": "string" });
    json!({
        "collectionId": { "name": "collectionId", "in": "path", "required": true, "description": "The layer's name", "schema": collection },
        "featureId": { "name": "featureId", "in": "path", "required": true, "description": "The feature's id", "schema": { "type": "string" } },
        "f": query("f", "Form of the answer; without it the Accept header decides", json!({ "type": "string", "enum": ["json", "html"] })),
        "lang": query("lang", "Language of a page; without it the Accept-Language header decides", json!({ "type": "string", "enum": ["en", "km"] })),
        "limit": query("limit", "Features on a page", json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT })),
        "bbox": query("bbox", "Only features that meet this box: west, south, east, north",
            json!({ "type": "array", "items": { "type": "number" }, "oneOf": [{ "minItems": 4, "maxItems": 4 }, { "minItems": 6, "maxItems": 6 }] })),
        "bbox-crs": query("bbox-crs", "CRS of the box", json!({ "type": "string", "format": "uri" })),
        "datetime": query("datetime", "A day, a moment, or two with / between; .. is an open end", words()),
        "crs": query("crs", "CRS of the answer, one of the collection's", json!({ "type": "string", "format": "uri" })),
        "filter": query("filter", "A condition in CQL2", words()),
        "filter-lang": query("filter-lang", "Language of the filter", json!({ "type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text" })),
        "filter-crs": query("filter-crs", "CRS of the filter's shapes", json!({ "type": "string", "format": "uri" })),
        "sortby": query("sortby", "Fields to sort by, - before one for falling order", json!({ "type": "array", "minItems": 1, "items": { "type": "string" } })),
        "properties": query("properties", "Fields to hand over", json!({ "type": "array", "items": { "type": "string" } })),
        "after": query("after", "Where the page begins; taken from the link to it", words()),
        "before": query("before", "Where the page ends; taken from the link to it", words()),
    })
}

fn schemas() -> Value {
    let links = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Link" } });
    json!({
        "Link": { "type": "object", "required": ["href", "rel"], "properties": {
            "href": { "type": "string" }, "rel": { "type": "string" }, "type": { "type": "string" }, "title": { "type": "string" } } },
        "Landing": { "type": "object", "required": ["links"], "properties": {
            "title": { "type": "string" }, "description": { "type": "string" }, "links": links } },
        "Conformance": { "type": "object", "required": ["conformsTo"], "properties": {
            "conformsTo": { "type": "array", "items": { "type": "string" } } } },
        "Collections": { "type": "object", "required": ["links", "collections"], "properties": {
            "links": links, "collections": { "type": "array", "items": { "$ref": "#/components/schemas/Collection" } } } },
        "Collection": { "type": "object", "required": ["id", "links"], "properties": {
            "id": { "type": "string" }, "title": { "type": "string" }, "description": { "type": "string" }, "links": links,
            "itemType": { "type": "string", "enum": ["feature"] }, "storageCrs": { "type": "string" },
            "crs": { "type": "array", "items": { "type": "string" } }, "numberOfFeatures": { "type": "integer", "minimum": 0 } } },
        "Queryables": { "type": "object", "required": ["type", "properties"], "properties": {
            "type": { "type": "string", "enum": ["object"] }, "properties": { "type": "object" } } },
        "Feature": { "type": "object", "required": ["type", "geometry", "properties"], "properties": {
            "type": { "type": "string", "enum": ["Feature"] }, "id": { "type": "string" },
            "geometry": { "type": "object", "nullable": true, "required": ["type", "coordinates"], "properties": {
                "type": { "type": "string", "enum": ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"] },
                "coordinates": { "type": "array", "items": {} } } },
            "properties": { "type": "object", "nullable": true }, "links": links } },
        "FeatureCollection": { "type": "object", "required": ["type", "features", "links", "numberReturned"], "properties": {
            "type": { "type": "string", "enum": ["FeatureCollection"] },
            "features": { "type": "array", "items": { "$ref": "#/components/schemas/Feature" } },
            "numberReturned": { "type": "integer", "minimum": 0 }, "numberMatched": { "type": "integer", "minimum": 0 },
            "timeStamp": { "type": "string", "format": "date-time" }, "links": links } },
        "Error": { "type": "object", "required": ["error"], "properties": { "error": {
            "type": "object", "required": ["code", "message", "details", "request_id"], "properties": {
                "code": { "type": "string" }, "message": { "type": "string" }, "request_id": { "type": "string" },
                "details": { "type": "array", "items": { "type": "object" } } } } } },
    })
}
