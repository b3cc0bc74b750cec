//! The layers as collections, and what can be asked of each.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use phteah_layers::{FieldType, GeometryKind};
use serde_json::{Map, Value, json};

use super::{GEOJSON, JSON, QUERYABLES_REL, SCHEMA, html, link};
use crate::api::error::ApiError;
use crate::api::json::PathParts;
use crate::auth::Caller;
use crate::partner::cql2::compile::GEOMETRY;
use crate::partner::data::crs::OutCrs;
use crate::partner::data::source::VisibleLayer;
use crate::partner::page::sentence;
use crate::partner::state::PartnerState;
use crate::partner::web::{self, Base, Form};

/// `/ogc/collections`
pub async fn list(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    form: Form,
) -> Result<Response, ApiError> {
    let layers = state
        .work(move |state| VisibleLayer::all(state, &caller.0))
        .await?;
    let collections: Vec<Value> = layers
        .iter()
        .filter(|layer| layer.is_vector())
        .map(|layer| describe(layer, &base))
        .collect();
    let all = format!("{base}/ogc/collections");
    let document = json!({
        "links": [
            link(format!("{all}?f=json"), "self", JSON, "This document"),
            link(format!("{all}?f=html"), "alternate", "text/html", "This document as a page"),
        ],
        "crs": OutCrs::offered(None).into_iter().map(OutCrs::uri).collect::<Vec<_>>(),
        "collections": collections,
    });
    Ok(match form {
        Form::Json => web::json(&document, JSON),
        Form::Html(language) => html::collections(&document, &layers, language),
    })
}

/// `/ogc/collections/{id}`
pub async fn one(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    PathParts(name): PathParts<String>,
    form: Form,
) -> Result<Response, ApiError> {
    let layer = open(&state, caller, name).await?;
    let document = describe(&layer, &base);
    Ok(match form {
        Form::Json => web::json(&document, JSON),
        Form::Html(language) => html::collection(&layer, &document, language),
    })
}

/// `/ogc/collections/{id}/queryables`
pub async fn queryables(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    PathParts(name): PathParts<String>,
    form: Form,
) -> Result<Response, ApiError> {
    let layer = open(&state, caller, name).await?;
    let document = schema(&layer, &base);
    Ok(match form {
        Form::Json => web::json(&document, SCHEMA),
        Form::Html(language) => html::queryables(&layer, &document, language),
    })
}

async fn open(state: &Arc<PartnerState>, caller: Caller, name: String) -> Result<VisibleLayer, ApiError> {
    state
        .work(move |state| VisibleLayer::find(state, &caller.0, &name))
        .await?
        .with_features()
}

/// A collection's description.
fn describe(layer: &VisibleLayer, base: &str) -> Value {
    let about = layer.about();
    let home = format!("{base}/ogc/collections/{}", about.name);
    let file = format!("{base}/data/{}", about.name);
    let mut links = vec![
        link(format!("{home}?f=json"), "self", JSON, "This document"),
        link(
            format!("{home}?f=html"),
            "alternate",
            "text/html",
            "This document as a page",
        ),
        link(format!("{home}/items"), "items", GEOJSON, "The features"),
        link(
            format!("{home}/items?f=html"),
            "items",
            "text/html",
            "The features as a page",
        ),
        link(
            format!("{home}/queryables"),
            QUERYABLES_REL,
            SCHEMA,
            "What can be filtered and sorted by",
        ),
        link(file.clone(), "describedby", "text/html", "About the layer"),
        link(
            format!("{file}/tiles.json"),
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            JSON,
            "Tiles",
        ),
    ];
    for format in layer.formats() {
        links.push(link(
            format!("{file}.{}", format.extension()),
            "enclosure",
            format.media_type(),
            format.name(),
        ));
    }
    let mut description = if about.source.is_empty() {
        "Source: not stated.".to_owned()
    } else {
        format!("Source: {}", sentence(&about.source))
    };
    if !about.licence.is_empty() {
        description.push_str(&format!(" Licence: {}.", about.licence));
    }
    if about.illustrative {
        description.push_str(" Illustrative data: generated, not a survey of real places.");
    }
    if !layer.is_usable() {
        description.push_str(" Not available just now: its stored data are damaged or no longer fit the deployment's settings.");
    }
    let crs: Vec<String> = OutCrs::offered(layer.crs().code)
        .into_iter()
        .map(OutCrs::uri)
        .collect();
    let mut document = json!({
        "id": about.name,
        "title": about.title,
        "description": description,
        "attribution": about.attribution,
        "license": about.licence,
        "itemType": "feature",
        "extent": { "spatial": { "bbox": [about.bounds], "crs": OutCrs::Crs84.uri() } },
        "crs": crs,
        "numberOfFeatures": about.features,
        "version": about.hash,
        "updated": about.imported_at.to_string(),
        "illustrative": about.illustrative,
        "links": links,
    });
    if let Some(record) = &about.record {
        document["decisionRecord"] = record.clone().into();
    }
    if let Some(code) = layer.crs().code {
        document["storageCrs"] = OutCrs::Layer(code).uri().into();
    }
    document
}

/// What can be filtered and sorted by, as a JSON schema.
fn schema(layer: &VisibleLayer, base: &str) -> Value {
    let shape = match layer.geometry() {
        GeometryKind::Point => "geometry-point",
        GeometryKind::Line => "geometry-multilinestring",
        GeometryKind::Polygon => "geometry-multipolygon",
        GeometryKind::PolygonOrPoint | GeometryKind::Any => "geometry-any",
    };
    let mut properties = Map::new();
    properties.insert(
        "id".into(),
        json!({ "type": "string", "title": "id", "x-ogc-role": "id" }),
    );
    properties.insert(
        GEOMETRY.into(),
        json!({ "format": shape, "title": GEOMETRY, "x-ogc-role": "primary-geometry" }),
    );
    for field in layer.fields() {
        let mut about = match field.kind {
            FieldType::Text => json!({ "type": "string" }),
            FieldType::Number => json!({ "type": "number" }),
            FieldType::Integer => json!({ "type": "integer" }),
            FieldType::Boolean => json!({ "type": "boolean" }),
            FieldType::Date => json!({ "type": "string", "format": "date" }),
        };
        about["title"] = field.name.clone().into();
        if let Some(meaning) = &field.meaning {
            about["description"] = meaning.clone().into();
        }
        if let Some(unit) = &field.unit {
            about["x-ogc-unit"] = unit.clone().into();
        }
        properties.insert(field.name.clone(), about);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{base}/ogc/collections/{}/queryables", layer.name()),
        "type": "object",
        "title": layer.about().title,
        "properties": properties,
        "additionalProperties": false,
    })
}
