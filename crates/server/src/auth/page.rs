//! The shape of the pages for signing in: no script is needed, and nobody keeps them.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::words::Text;
use crate::api::context::Rendered;

/// A page. `head` goes into its head.
pub fn page(status: StatusCode, heading: Text, body: &Markup, head: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="km" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                (head)
                title { (heading.km) " · " (heading.en) }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/data/style.css";
            }
            body { main { article { h1 { (heading.label()) } (body) } } }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (status, headers, page.into_string()).into_response();
    response.extensions_mut().insert(Rendered);
    response
}

/// A field of a form with its label.
pub fn field(label: Text, input: &Markup) -> Markup {
    html! { p { label { (label.label()) br; (input) } } }
}
