//! `/data`: every layer its reader may see, with downloads and how to connect. Rendered here, in English and Khmer; no script is needed.

pub mod changes;
mod codes;
mod connect;
pub mod failure;
mod jsonld;
mod layer;
mod meanings;
mod picture;
mod sizes;
mod words;

pub use jsonld::sentence;
pub use layer::heading;
pub use meanings::in_language;
pub use words::Words;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use phteah_store::SignedIn;

use super::data::selection::Asked;
use super::data::source::VisibleLayer;
use super::state::PartnerState;
use super::web::{self, Base, Language, Parameters, escaped};
use crate::api::error::ApiError;
use crate::api::json::PathParts;
use crate::auth::Caller;
use crate::bundle;
use crate::http::prefer;
pub use codes::in_both as code_in_both;
pub use meanings::in_both as meaning_in_both;

const JSON_LD: &str = "application/ld+json";

/// `/data`
pub async fn index(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    person: Option<Extension<SignedIn>>,
    Base(base): Base,
    Parameters(asked): Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    asked.only(&["f", "lang"])?;
    let is_in = person.is_some() || caller.0.is_team();
    let key = match person {
        Some(Extension(person)) => Some(person.name),
        None => caller.0.key_name().map(str::to_owned),
    };
    let (layers, title, articles) = state
        .work(move |state| {
            let mut layers = VisibleLayer::all(state, &caller.0)?;
            let sizes: Vec<_> = layers.iter_mut().map(|layer| sizes_of(state, layer)).collect();
            let title = state.catalogue()?.deployment().title.clone();
            Ok((layers, title, sizes))
        })
        .await?;
    if is_for_programs(&asked, &headers) {
        return Ok(web::json(&jsonld::catalogue(&title.en, &layers, &base), JSON_LD));
    }
    let language = Language::of(&asked, &headers);
    let words = Words::of(language);
    let place = if language == Language::Km {
        &title.km
    } else {
        &title.en
    };
    let heading = format!("{place}: {}", words.data);
    let list: String = layers
        .iter()
        .zip(&articles)
        .map(|(layer, sizes)| layer::article(layer, sizes, words, false))
        .collect();
    let greeting = match &key {
        Some(name) => format!(
            "<p class=\"key\">{} <strong>{}</strong></p>",
            words.with_key,
            escaped(name)
        ),
        None => format!("<p class=\"key\">{}</p>", words.without_key),
    };
    let contents: String = layers
        .iter()
        .map(|layer| {
            format!(
                "<li><a href=\"#{}\">{}</a></li>",
                layer.name(),
                layer::heading(layer, words)
            )
        })
        .collect();
    let contents = if layers.is_empty() {
        String::new()
    } else {
        format!(
            "<nav class=\"contents\" aria-label=\"{}\"><ul>{contents}</ul><a class=\"button\" href=\"#connect\">{}</a></nav>",
            words.contents, words.connect
        )
    };
    let body = format!(
        "{}<main><h1>{}</h1><p>{}</p>{greeting}{contents}{list}{}</main>{}",
        bar(language, "/data", is_in),
        escaped(&heading),
        words.intro,
        if layers.is_empty() {
            format!("<p><em>{}</em></p>", words.nothing)
        } else {
            connect::section(words, &base, layers.iter().find(|layer| layer.is_vector()))
        },
        jsonld::embedded(&jsonld::catalogue(&title.en, &layers, &base)),
    );
    Ok(web::page(&heading, language, &body))
}

/// `/data/{layer}`
pub async fn one(
    state: Arc<PartnerState>,
    caller: Caller,
    Base(base): Base,
    name: String,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let is_in = caller.0.is_team();
    let (layer, sizes) = state
        .work(move |state| {
            let mut layer = VisibleLayer::find(state, &caller.0, &name)?;
            let sizes = sizes_of(state, &mut layer);
            Ok((layer, sizes))
        })
        .await?;
    asked.only(&["f", "lang"])?;
    let data = jsonld::dataset(&layer, &base);
    if is_for_programs(&asked, &headers) {
        return Ok(web::json(&data, JSON_LD));
    }
    let language = Language::of(&asked, &headers);
    let words = Words::of(language);
    let body = format!(
        "{}<main>{}{}</main>{}",
        bar(language, &format!("/data/{}", layer.name()), is_in),
        layer::article(&layer, &sizes, words, true),
        connect::section(words, &base, Some(&layer).filter(|layer| layer.is_vector())),
        jsonld::embedded(&data),
    );
    Ok(web::page(&layer.about().title, language, &body))
}

/// The sizes of a layer's downloads. A layer that cannot be read says so in its place; the others are shown as ever.
fn sizes_of(state: &PartnerState, layer: &mut VisibleLayer) -> sizes::Sizes {
    if !layer.is_usable() {
        return Vec::new();
    }
    sizes::of(state, layer).unwrap_or_else(|error| {
        tracing::error!(layer = layer.name(), %error, "this layer cannot be shown");
        layer.set_unusable(error);
        Vec::new()
    })
}

/// `/data/{layer}/map.svg`
pub async fn picture(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    PathParts(name): PathParts<String>,
) -> Result<Response, ApiError> {
    let svg = state
        .work(move |state| {
            let layer = VisibleLayer::open(state, &caller.0, &name)?.with_features()?;
            let key = format!("{}\n{}", layer.name(), layer.about().hash);
            if let Some(svg) = state.pictures.get(&key) {
                return Ok(svg);
            }
            let svg: Arc<str> = picture::draw(&layer)?.into();
            state.pictures.insert(key, Arc::clone(&svg));
            Ok(svg)
        })
        .await?;
    let mut response = ([(header::CONTENT_TYPE, "image/svg+xml")], svg.to_string()).into_response();
    web::answer_headers(response.headers_mut());
    Ok(response)
}

/// `/data/style.css`
pub async fn style() -> Response {
    let mut response = (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("style.css"),
    )
        .into_response();
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    response
}

/// `/data/khmer-400.woff2` and `/data/khmer-600.woff2`: the map's own Khmer letters, for systems that have none.
pub fn font(weight: &str) -> Result<Response, ApiError> {
    let (prefix, end) = (format!("assets/noto-sans-khmer-khmer-{weight}-normal"), ".woff2");
    let bytes = bundle::find(&prefix, end).ok_or_else(ApiError::no_such_address)?;
    Ok((
        [
            (header::CONTENT_TYPE, "font/woff2"),
            (header::CACHE_CONTROL, "public, max-age=86400"),
        ],
        bytes,
    )
        .into_response())
}

/// The page is for people unless a program says that it is one.
fn is_for_programs(asked: &Asked, headers: &HeaderMap) -> bool {
    // Whoever says nothing looks at it in a browser.
    asked.get("f") == Some("json") || prefer::media_type(headers, &[web::HTML, web::JSON]) == Some(1)
}

/// The links above every page. `is_in`: whoever is signed in finds the page that signs out.
fn bar(language: Language, here: &str, is_in: bool) -> String {
    let (other, name) = match language {
        Language::En => ("km", "ភាសាខ្មែរ"),
        Language::Km => ("en", "English"),
    };
    let words = Words::of(language);
    let sign_out = if is_in {
        format!("<a href=\"/sign-in\">{}</a>", words.sign_out)
    } else {
        String::new()
    };
    format!(
        "<nav><a href=\"/data?lang={code}\">{}</a><a href=\"/ogc?f=html&amp;lang={code}\">OGC API</a>{sign_out}<a href=\"{here}?lang={other}\" lang=\"{other}\">{name}</a></nav>",
        words.all_layers,
        code = language.code(),
    )
}
