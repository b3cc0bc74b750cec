//! What all of the partners' answers share: the server's address, languages, and pages without a script.

use axum::extract::{FromRequestParts, Query};
use axum::http::{HeaderMap, HeaderValue, Uri, header, request::Parts};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use super::data::selection::Asked;
use super::state::PartnerState;
use crate::api::error::ApiError;
use crate::http::prefer;

/// The address of the server as its client knows it, without a slash at the end.
#[derive(Debug, Clone)]
pub struct Base(pub String);

impl FromRequestParts<Arc<PartnerState>> for Base {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<PartnerState>) -> Result<Self, ApiError> {
        Ok(Self(base_of(state, &parts.headers, &parts.uri)))
    }
}

/// The same, of a request that has been taken apart.
pub fn base_of(state: &PartnerState, headers: &HeaderMap, uri: &Uri) -> String {
    if let Some(url) = &state.options.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let scheme = if state.options.is_https() { "https" } else { "http" };
    format!("{scheme}://{}", host_of(headers, uri).unwrap_or("localhost"))
}

/// The name and port that a request is addressed to, where they are such as can stand in an address.
pub fn host_of<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let sound = |host: &&str| {
        !host.is_empty()
            && host.len() <= 255
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    named
        .or_else(|| uri.authority().map(axum::http::uri::Authority::as_str))
        .filter(sound)
}

/// The parameters of an address, in order.
#[derive(Debug)]
pub struct Parameters(pub Asked);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::<Vec<(String, String)>>::from_request_parts(parts, state).await {
            Ok(Query(pairs)) => Ok(Self(Asked::new(pairs))),
            Err(error) => Err(ApiError::bad_parameter("query", error.body_text())),
        }
    }
}

/// Media types of the form for programs.
pub const JSON: &[&str] = &[
    "application/json",
    "application/geo+json",
    "application/schema+json",
    "application/ld+json",
    "application/vnd.oai.openapi+json",
];

/// Media types of the form for people.
pub const HTML: &[&str] = &["text/html"];

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For programs.
    Json,
    /// For people, in their language.
    Html(Language),
}

/// Which form is wanted: by `f`, else by the `Accept` header, else JSON.
pub fn form(asked: &Asked, headers: &HeaderMap) -> Result<Form, ApiError> {
    Language::check(asked)?;
    let page = || Form::Html(Language::of(asked, headers));
    match asked.get("f") {
        Some("json" | "geojson") => return Ok(Form::Json),
        Some("html") => return Ok(page()),
        Some(_) => return Err(ApiError::bad_parameter("f", "The form is json or html.")),
        None => {}
    }
    match prefer::media_type(headers, &[JSON, HTML]) {
        Some(0) => return Ok(Form::Json),
        Some(_) => return Ok(page()),
        None => {}
    }
    Err(ApiError::not_acceptable(
        "This is to be had as JSON or HTML: ask with Accept: application/json or ?f=json.",
    ))
}

/// At an address that takes no other parameter, the form can stand among a handler's arguments.
impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Parameters(asked) = Parameters::from_request_parts(parts, state).await?;
        asked.only(&["f", "lang"])?;
        form(&asked, &parts.headers)
    }
}

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Khmer.
    Km,
}

impl Language {
    /// By `lang`, else by the first of the two that the browser prefers.
    pub fn of(asked: &Asked, headers: &HeaderMap) -> Self {
        let wanted = asked
            .get("lang")
            .or_else(|| prefer::language(headers, &["en", "km"]))
            .unwrap_or_default();
        match wanted.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("km") => Self::Km,
            _ => Self::En,
        }
    }

    /// Refuses a `lang` that is none of the pages' languages.
    pub fn check(asked: &Asked) -> Result<(), ApiError> {
        match asked.get("lang") {
            None | Some("en" | "km") => Ok(()),
            Some(_) => Err(ApiError::bad_parameter("lang", "The language is en or km.")),
        }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Km => "km",
        }
    }
}

/// In which language an error is to be a page: where somebody came to the partners' part with a browser.
pub fn wants_page(request: &axum::extract::Request) -> Option<Language> {
    let path = request.uri().path();
    let part = path.starts_with("/data") || path.starts_with("/ogc");
    if !part || request.method() != axum::http::Method::GET {
        return None;
    }
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) else {
        return None;
    };
    let asked = Asked::new(pairs);
    let html = match asked.get("f") {
        Some(form) => form == "html",
        None => form(&asked, request.headers()).is_ok_and(|form| form != Form::Json),
    };
    html.then(|| Language::of(&asked, request.headers()))
}

/// Text as it stands between tags and within quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A value within an address.
pub fn in_url(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A whole page as text.
pub fn whole_page(title: &str, language: Language, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><link rel=\"stylesheet\" href=\"/data/style.css\"></head>\n<body>{body}</body></html>\n",
        language.code(),
        escaped(title)
    )
}

/// A whole page.
pub fn page(title: &str, language: Language, body: &str) -> Response {
    let html = whole_page(title, language, body);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    answer_headers(response.headers_mut());
    response
}

/// JSON of a given kind.
pub fn json(value: &serde_json::Value, media_type: &'static str) -> Response {
    let mut response = ([(header::CONTENT_TYPE, media_type)], value.to_string()).into_response();
    answer_headers(response.headers_mut());
    response
}

/// Answers depend on who asks, in which language and for which form.
pub fn answer_headers(headers: &mut HeaderMap) {
    headers.insert(
        header::VARY,
        HeaderValue::from_static("authorization, cookie, accept, accept-language, accept-encoding"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
}
