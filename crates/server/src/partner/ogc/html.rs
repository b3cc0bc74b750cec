//! The same answers as pages: plain tables and links, no script.

use axum::response::Response;
use serde_json::Value;

use crate::api::error::ApiError;
use crate::partner::data::source::VisibleLayer;
use crate::partner::web::{Language, escaped, page};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list_of_links(document: &Value) -> String {
    let items: String = document["links"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|link| {
            format!(
                "<li><a href=\"{}\">{}</a></li>",
                escaped(text(link, "href")),
                escaped(text(link, "title"))
            )
        })
        .collect();
    format!("<ul>{items}</ul>")
}

fn frame(title: &str, body: &str) -> Response {
    let body = format!(
        "<nav><a href=\"/data\">Data</a> · <a href=\"/ogc?f=html\">OGC API</a> · <a href=\"/ogc/collections?f=html\">Collections</a></nav>\
         <main><h1>{}</h1>{body}</main>",
        escaped(title)
    );
    page(title, Language::En, &body)
}

/// A title and links.
pub fn links(title: &str, document: &Value) -> Response {
    frame(
        title,
        &format!(
            "<p>{}</p>{}",
            escaped(text(document, "description")),
            list_of_links(document)
        ),
    )
}

/// All collections.
pub fn collections(document: &Value) -> Response {
    let rows: String = document["collections"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| {
            format!(
                "<tr><td><a href=\"/ogc/collections/{id}?f=html\">{id}</a></td><td>{}</td><td>{}</td></tr>",
                escaped(text(c, "title")),
                escaped(text(c, "description")),
                id = escaped(text(c, "id")),
            )
        })
        .collect();
    frame(
        "Collections",
        &format!(
            "<div class=\"wide\"><table><tr><th>Name</th><th>Title</th><th>About</th></tr>{rows}</table></div>"
        ),
    )
}

/// One collection.
pub fn collection(document: &Value) -> Response {
    links(text(document, "title"), document)
}

/// What can be filtered by.
pub fn queryables(document: &Value) -> Response {
    let rows: String = document["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, about)| {
            let kind = if about["type"].is_string() {
                text(about, "type")
            } else {
                text(about, "format")
            };
            format!(
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(name),
                escaped(kind),
                escaped(text(about, "x-ogc-unit")),
                escaped(text(about, "description")),
            )
        })
        .collect();
    let table = format!(
        "<div class=\"wide\"><table><tr><th>Field</th><th>Type</th><th>Unit</th><th>Meaning</th></tr>{rows}</table></div>"
    );
    frame(text(document, "title"), &table)
}

/// A page of features; they come as GeoJSON separated by commas.
pub fn items(
    layer: &VisibleLayer,
    features: &[u8],
    links: &[Value],
    matched: Option<u64>,
) -> Result<Response, ApiError> {
    let mut json = vec![b'['];
    json.extend_from_slice(features);
    json.push(b']');
    let features: Vec<Value> = serde_json::from_slice(&json).map_err(ApiError::internal)?;
    let mut body = String::new();
    if let Some(n) = matched {
        body.push_str(&format!("<p>{n} features match.</p>"));
    }
    let way: Vec<String> = links
        .iter()
        .filter(|link| ["prev", "next"].contains(&text(link, "rel")))
        .map(|link| {
            format!(
                "<a rel=\"{}\" href=\"{}\">{}</a>",
                text(link, "rel"),
                escaped(text(link, "href")),
                escaped(text(link, "title"))
            )
        })
        .collect();
    let way = format!("<p>{}</p>", way.join(" · "));
    let names: Vec<&String> = features
        .first()
        .and_then(|f| f["properties"].as_object())
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    body.push_str("<div class=\"wide\"><table><tr><th>id</th>");
    for name in &names {
        body.push_str(&format!("<th>{}</th>", escaped(name)));
    }
    body.push_str("</tr>");
    for feature in &features {
        let id = text(feature, "id");
        let address = format!(
            "/ogc/collections/{}/items/{}?f=html",
            layer.name(),
            crate::partner::web::in_url(id)
        );
        body.push_str(&format!(
            "<tr><td><a href=\"{}\">{}</a></td>",
            escaped(&address),
            escaped(id)
        ));
        for name in &names {
            let cell = match &feature["properties"][name.as_str()] {
                Value::Null => String::new(),
                Value::String(text) => escaped(text),
                other => other.to_string(),
            };
            body.push_str(&format!("<td>{cell}</td>"));
        }
        body.push_str("</tr>");
    }
    body.push_str("</table></div>");
    Ok(frame(&layer.about().title, &format!("{way}{body}{way}")))
}
