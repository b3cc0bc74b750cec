//! What has changed in a layer, for people: the versions that are kept, and a table of what one of them lacks.

use axum::response::Response;

use super::words::Words;
use super::{bar, layer};
use crate::partner::data::source::VisibleLayer;
use crate::partner::web::{self, Language, escaped, in_url};

/// The most changes that the page names; the file has all of them.
pub const MOST_SHOWN: usize = 500;

/// Changes of a layer since a version.
#[derive(Debug, Default)]
pub struct Changes {
    /// Features by what happened to them: added, changed, removed.
    pub counts: [u64; 3],
    /// The first of them: what happened, and the id.
    pub first: Vec<(usize, String)>,
}

/// The names of what can happen to a feature, in the order of [`Changes::counts`].
pub const KINDS: [&str; 3] = ["added", "changed", "removed"];

/// Which versions there are, newest first.
pub fn versions(layer: &VisibleLayer, kept: &[String], language: Language) -> Response {
    let words = Words::of(language);
    let now = &layer.about().hash;
    let rows: String = kept
        .iter()
        .map(|version| {
            let short = escaped(version.get(..12).unwrap_or(version));
            if version == now {
                format!("<li><code>{short}</code> {}</li>", words.this_version)
            } else {
                format!(
                    "<li><a href=\"/data/{}/changes?since={}&amp;f=html&amp;lang={}\"><code>{short}</code></a></li>",
                    layer.name(),
                    in_url(version),
                    language.code(),
                )
            }
        })
        .collect();
    let hint = if kept.len() > 1 {
        words.pick_version
    } else {
        words.one_version
    };
    frame(layer, language, &format!("<p>{hint}</p><ul>{rows}</ul>"))
}

/// What has changed since a version.
pub fn since(layer: &VisibleLayer, version: &str, changes: &Changes, language: Language) -> Response {
    let words = Words::of(language);
    let name = layer.name();
    let total: u64 = changes.counts.iter().sum();
    let counts: String = words
        .change_kinds
        .iter()
        .zip(changes.counts)
        .map(|(kind, count)| format!("<dt>{kind}</dt><dd>{}</dd>", layer::grouped(count)))
        .collect();
    let rows: String = changes
        .first
        .iter()
        .map(|(kind, id)| {
            let there = escaped(id);
            let shown = if KINDS.get(*kind) == Some(&"removed") {
                there
            } else {
                format!(
                    "<a href=\"/ogc/collections/{name}/items/{}?f=html\">{there}</a>",
                    in_url(id)
                )
            };
            let kind = words.change_kinds.get(*kind).copied().unwrap_or_default();
            format!("<tr><td>{kind}</td><td>{shown}</td></tr>")
        })
        .collect();
    let table = if total == 0 {
        format!("<p>{}</p>", words.nothing_changed)
    } else {
        format!(
            "<div class=\"wide\"><table><tr><th>{}</th><th><code>id</code></th></tr>{rows}</table></div>",
            words.change
        )
    };
    let rest = if total > changes.first.len() as u64 {
        format!("<p>{}</p>", words.more_changes)
    } else {
        String::new()
    };
    let body = format!(
        "<dl><dt>{}</dt><dd><code>{}</code></dd>{counts}</dl>{table}{rest}\
         <p><a class=\"button\" href=\"/data/{name}/changes?since={}&amp;f=json\">GeoJSON</a></p>",
        words.since,
        escaped(version.get(..12).unwrap_or(version)),
        in_url(version),
    );
    frame(layer, language, &body)
}

fn frame(layer: &VisibleLayer, language: Language, body: &str) -> Response {
    let words = Words::of(language);
    let name = layer.name();
    let body = format!(
        "{}<main><article><h1><a href=\"/data/{name}?lang={}\">{}</a></h1><h2>{}</h2>{body}</article></main>",
        bar(language, &format!("/data/{name}/changes"), false),
        language.code(),
        layer::heading(layer, words),
        words.changes,
    );
    web::page(
        &format!("{}: {}", layer.about().title, words.changes),
        language,
        &body,
    )
}
