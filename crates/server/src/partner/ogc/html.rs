//! The same answers as pages: plain tables and links, no script.

use axum::response::Response;
use serde_json::Value;

use crate::api::error::ApiError;
use crate::partner::data::source::VisibleLayer;
use crate::partner::page::{Words, heading, in_language};
use crate::partner::web::{Language, escaped, page};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// An address of a page, in the language of the page that leads there.
fn stay(address: &str, language: Language) -> String {
    let lang = if address.ends_with("f=html") {
        format!("&lang={}", language.code())
    } else {
        String::new()
    };
    escaped(&format!("{address}{lang}"))
}

fn list_of_links(document: &Value, language: Language) -> String {
    let items: String = document["links"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|link| {
            format!(
                "<li><a href=\"{}\">{}</a></li>",
                stay(text(link, "href"), language),
                escaped(text(link, "title"))
            )
        })
        .collect();
    format!("<ul>{items}</ul>")
}

/// A whole page; `heading` is written as it is, `title` is plain text.
fn frame(title: &str, heading: &str, body: &str, language: Language) -> Response {
    let words = Words::of(language);
    let body = format!(
        "<nav><a href=\"/data?lang={}\">{}</a> · <a href=\"{}\">OGC API</a> · <a href=\"{}\">{}</a></nav>\
         <main><h1>{heading}</h1>{body}</main>",
        language.code(),
        words.data,
        stay("/ogc?f=html", language),
        stay("/ogc/collections?f=html", language),
        words.all_layers,
    );
    page(title, language, &body)
}

/// A title and links.
pub fn links(title: &str, document: &Value, language: Language) -> Response {
    let body = format!(
        "<p>{}</p>{}",
        escaped(text(document, "description")),
        list_of_links(document, language)
    );
    frame(title, &escaped(title), &body, language)
}

/// All collections.
pub fn collections(document: &Value, layers: &[VisibleLayer], language: Language) -> Response {
    let words = Words::of(language);
    let rows: String = document["collections"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| {
            let id = text(c, "id");
            let layer = layers.iter().find(|layer| layer.name() == id);
            format!(
                "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td></tr>",
                stay(&format!("/ogc/collections/{id}?f=html"), language),
                escaped(id),
                layer.map(|layer| heading(layer, words)).unwrap_or_default(),
                escaped(text(c, "description")),
            )
        })
        .collect();
    let table = format!(
        "<div class=\"wide\"><table><tr><th>{}</th><th>{}</th><th>{}</th></tr>{rows}</table></div>",
        words.name, words.title, words.description,
    );
    frame(words.all_layers, words.all_layers, &table, language)
}

/// One collection.
pub fn collection(layer: &VisibleLayer, document: &Value, language: Language) -> Response {
    let body = format!(
        "<p>{}</p>{}",
        escaped(text(document, "description")),
        list_of_links(document, language)
    );
    let title = &layer.about().title;
    frame(title, &heading(layer, Words::of(language)), &body, language)
}

/// What can be filtered by.
pub fn queryables(layer: &VisibleLayer, document: &Value, language: Language) -> Response {
    let words = Words::of(language);
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
                escaped(in_language(words, text(about, "x-ogc-unit"))),
                escaped(in_language(words, text(about, "description"))),
            )
        })
        .collect();
    let table = format!(
        "<div class=\"wide\"><table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>{rows}</table></div>",
        words.field, words.kind, words.unit, words.meaning,
    );
    frame(&layer.about().title, &heading(layer, words), &table, language)
}

/// A page of features; they come as GeoJSON separated by commas.
pub fn items(
    layer: &VisibleLayer,
    features: &[u8],
    links: &[Value],
    matched: Option<u64>,
    language: Language,
) -> Result<Response, ApiError> {
    let words = Words::of(language);
    let mut json = vec![b'['];
    json.extend_from_slice(features);
    json.push(b']');
    let features: Vec<Value> = serde_json::from_slice(&json).map_err(ApiError::internal)?;
    let mut body = String::new();
    if let Some(n) = matched {
        body.push_str(&format!("<p>{}{} {n}</p>", words.features, words.colon));
    }
    let way: Vec<String> = links
        .iter()
        .filter(|link| ["prev", "next"].contains(&text(link, "rel")))
        .map(|link| {
            format!(
                "<a rel=\"{}\" href=\"{}\">{}</a>",
                text(link, "rel"),
                escaped(text(link, "href")),
                if text(link, "rel") == "next" {
                    words.next
                } else {
                    words.previous
                }
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
            stay(&address, language),
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
    Ok(frame(
        &layer.about().title,
        &heading(layer, words),
        &format!("{way}{body}{way}"),
        language,
    ))
}
