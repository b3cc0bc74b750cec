//! Where a client begins: links to all else, and which parts of the standards hold.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::{JSON, OPENAPI, html, link};
use crate::api::error::ApiError;
use crate::auth::Caller;
use crate::partner::state::PartnerState;
use crate::partner::web::{self, Base, Form};

const CONFORMANCE: [&str; 21] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
];

/// `/ogc`
pub async fn landing(
    State(state): State<Arc<PartnerState>>,
    _: Caller,
    Base(base): Base,
    form: Form,
) -> Result<Response, ApiError> {
    let title = state.catalogue()?.deployment().title.en.clone();
    let root = format!("{base}/ogc");
    let links = vec![
        link(format!("{root}?f=json"), "self", JSON, "This document"),
        link(
            format!("{root}?f=html"),
            "alternate",
            "text/html",
            "This document as a page",
        ),
        link(
            format!("{root}/api"),
            "service-desc",
            OPENAPI,
            "Description of the API (OpenAPI 3.0)",
        ),
        link(
            format!("{root}/api.html"),
            "service-doc",
            "text/html",
            "The API in words",
        ),
        link(
            format!("{root}/conformance"),
            "conformance",
            JSON,
            "Which parts of the standards hold",
        ),
        link(format!("{root}/collections"), "data", JSON, "The layers"),
        link(
            format!("{base}/data"),
            "related",
            "text/html",
            "The layers with downloads and how to connect",
        ),
    ];
    let document = json!({
        "title": title,
        "description": "Layers of this deployment, as OGC API - Features. What is shown depends on the key that is sent.",
        "links": links,
    });
    Ok(match form {
        Form::Json => web::json(&document, JSON),
        Form::Html(language) => html::links(&title, &document, language),
    })
}

/// `/ogc/conformance`
pub async fn conformance(_: Caller, form: Form) -> Result<Response, ApiError> {
    let document = json!({ "conformsTo": CONFORMANCE });
    Ok(match form {
        Form::Json => web::json(&document, JSON),
        Form::Html(language) => {
            let links: Vec<Value> = CONFORMANCE
                .iter()
                .map(|uri| link((*uri).to_owned(), "related", "text/html", uri))
                .collect();
            html::links("Conformance", &json!({ "links": links }), language)
        }
    })
}
