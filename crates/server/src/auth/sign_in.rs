//! How a person gives a key of the team in a browser. Small on purpose: accounts will take its place.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use phteah_store::{SESSION_ENTROPY_BYTES, StoreError};
use serde::Deserialize;

use super::{Caller, Keyless, caller, session};
use crate::api::context::{Rendered, in_time};
use crate::api::error::ApiError;
use crate::http::client;
use crate::http::origin::{check_origin, is_write};
use crate::http::places::on_behalf_of;
use crate::partner::web::escaped;
use crate::state::AppState;

/// Where the page is.
const ADDRESS: &str = "/sign-in";

/// Leads back to where one was. Browsers send the part of an address after `#` to no server, and carry it along when they are led elsewhere: so
/// it may be as long as the work that it holds, and a wrong key does not lose it.
const SCRIPT: &str = "document.forms[0].addEventListener('submit', ({ target }) => {
  if (location.pathname !== '/sign-in') target.elements.at.value = location.pathname + location.search;
  target.action = '/sign-in' + location.hash;
});
";

/// What the page says, in both languages at once: nobody has chosen one yet.
struct Words {
    heading: &'static str,
    explanation: &'static str,
    key: &'static str,
    enter: &'static str,
    wrong: &'static str,
    often: &'static str,
    is_in: &'static str,
    leave: &'static str,
    map: &'static str,
    data: &'static str,
}

const EN: Words = Words {
    heading: "Sign in",
    explanation: "This map is for the team. Enter a key of the team: your administrator has one.",
    key: "Key",
    enter: "Sign in",
    wrong: "This key is not valid, or has been revoked.",
    often: "Too many attempts. Wait a minute, then try again.",
    is_in: "You are signed in.",
    leave: "Sign out",
    map: "Map",
    data: "Data that everybody may see",
};

const KM: Words = Words {
    heading: "ចូល",
    explanation: "ផែនទីនេះសម្រាប់ក្រុម។ សូមបញ្ចូលសោ (key) របស់ក្រុម ដែលអ្នកគ្រប់គ្រងមាន។",
    key: "សោ (key)",
    enter: "ចូល",
    wrong: "សោ (key) នេះមិនត្រឹមត្រូវ ឬត្រូវបានដកចេញហើយ។",
    often: "ព្យាយាមច្រើនដងពេក។ សូមរង់ចាំបន្តិច រួចសាកម្ដងទៀត។",
    is_in: "អ្នកបានចូលហើយ។",
    leave: "ចេញ",
    map: "ផែនទី",
    data: "ទិន្នន័យជាសាធារណៈ",
};

/// What came of the last attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    None,
    Wrong,
    TooOften,
}

/// Limits and places of the page's own addresses, which anybody may ask for.
pub async fn admit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let admitted = Caller::of(&mut parts, &state.partner, Keyless::Stranger).and_then(|caller| {
        if is_write(&parts.method) {
            check_origin(
                &parts.headers,
                &parts.uri,
                state.partner.options.public_url.as_deref(),
            )?;
        }
        Ok(caller)
    });
    let key = match admitted {
        Ok(Caller(_, key)) => key,
        Err(refusal) => return refusal.into_response(),
    };
    match state.partner.places.take(&key) {
        Ok(_place) => {
            let request = Request::from_parts(parts, body);
            let answer = in_time(state.limits.request_time, request, |request| next.run(request));
            on_behalf_of(key, answer).await
        }
        Err(no_place) => ApiError::no_place(no_place).into_response(),
    }
}

/// The page in place of one that asks for a key. `elsewhere`: a link on another site led here, so that the browser has kept a session to
/// itself; asked again from this page it sends it.
pub fn instead(elsewhere: bool) -> Response {
    let again = if elsewhere {
        "<meta http-equiv=\"refresh\" content=\"0\">"
    } else {
        ""
    };
    page(StatusCode::UNAUTHORIZED, &form(Attempt::None, "/"), again)
}

/// `GET /sign-in`
pub async fn show(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let body = if session::is_open(&state.partner, &headers)? {
        let both = |word: fn(&Words) -> &'static str| both(word(&KM), word(&EN));
        format!(
            "<p>{}</p><p><a class=\"button\" href=\"/\">{}</a></p>\
             <form method=\"post\" action=\"/sign-out\"><button class=\"button\">{}</button></form>",
            both(|words| words.is_in),
            both(|words| words.map),
            both(|words| words.leave),
        )
    } else {
        form(Attempt::None, "/")
    };
    Ok(page(StatusCode::OK, &body, ""))
}

/// `GET /sign-in.js`
pub async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, SCRIPT).into_response()
}

/// What the form sends.
#[derive(Deserialize)]
pub struct SignIn {
    key: String,
    #[serde(default)]
    at: String,
}

/// `POST /sign-in`
pub async fn begin(State(state): State<Arc<AppState>>, request: Request) -> Result<Response, ApiError> {
    let partner = &state.partner;
    let ip = client::address(
        request.extensions(),
        request.headers(),
        &partner.options.trusted_proxies,
    );
    let sent: Result<Form<SignIn>, FormRejection> = Form::from_request(request, &state).await;
    let Form(sent) = sent.map_err(|error| ApiError::bad_parameter("key", error.body_text()))?;
    let at = within(&sent.at);
    match caller::viewer_of(partner, sent.key.trim(), ip) {
        Ok(viewer) if viewer.is_team() => {}
        // A partner's key is right elsewhere and opens nothing here.
        Ok(_) => return Ok(page(StatusCode::UNAUTHORIZED, &form(Attempt::Wrong, at), "")),
        Err(refusal) if refusal.status() == StatusCode::UNAUTHORIZED => {
            return Ok(page(refusal.status(), &form(Attempt::Wrong, at), ""));
        }
        Err(refusal) if refusal.status() == StatusCode::TOO_MANY_REQUESTS => {
            return Ok(page(refusal.status(), &form(Attempt::TooOften, at), ""));
        }
        Err(error) => return Err(error),
    }
    let mut entropy = [0; SESSION_ENTROPY_BYTES];
    getrandom::fill(&mut entropy).map_err(ApiError::internal)?;
    let token = match partner.store().begin_session(&sent.key, &entropy, partner.now()) {
        Ok(token) => token,
        Err(StoreError::BadKey) => {
            return Ok(page(StatusCode::UNAUTHORIZED, &form(Attempt::Wrong, at), ""));
        }
        Err(error) => return Err(error.into()),
    };
    let cookie = session::begun(&token, partner.options.public_url.as_deref())?;
    Ok(with_cookie(Redirect::to(at).into_response(), cookie))
}

/// `POST /sign-out`
pub async fn end(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = session::token(&headers) {
        state.partner.store().end_session(token)?;
    }
    let cookie = session::ended(state.partner.options.public_url.as_deref())?;
    Ok(with_cookie(Redirect::to(ADDRESS).into_response(), cookie))
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::SET_COOKIE, cookie);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An address of this server and of no other; else the map.
fn within(at: &str) -> &str {
    let own = at.starts_with('/')
        && !at.starts_with("//")
        && at.len() <= 8_000
        && at.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own { at } else { "/" }
}

fn both(km: &str, en: &str) -> String {
    format!("<span lang=\"km\">{km}</span> <span lang=\"en\">{en}</span>")
}

fn form(attempt: Attempt, at: &str) -> String {
    let say = |word: fn(&Words) -> &'static str| both(word(&KM), word(&EN));
    let paragraphs = |word: fn(&Words) -> &'static str, role: &str| {
        format!(
            "<p lang=\"km\"{role}>{}</p><p lang=\"en\"{role}>{}</p>",
            word(&KM),
            word(&EN)
        )
    };
    let alert = " class=\"note\" role=\"alert\"";
    let told = match attempt {
        Attempt::None => String::new(),
        Attempt::Wrong => paragraphs(|words| words.wrong, alert),
        Attempt::TooOften => paragraphs(|words| words.often, alert),
    };
    format!(
        "{}{told}<form method=\"post\" action=\"{ADDRESS}\"><p><label>{}<br>\
         <input name=\"key\" type=\"password\" autocomplete=\"current-password\" size=\"40\" required autofocus></label></p>\
         <input type=\"hidden\" name=\"at\" value=\"{}\"><p><button class=\"button\">{}</button></p></form>\
         <p><a href=\"/data\">{}</a></p><script src=\"/sign-in.js\"></script>",
        paragraphs(|words| words.explanation, ""),
        say(|words| words.key),
        escaped(at),
        say(|words| words.enter),
        say(|words| words.data),
    )
}

fn page(status: StatusCode, body: &str, head: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"km\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         {head}<title>{} · {}</title><link rel=\"stylesheet\" href=\"/data/style.css\"></head>\n<body><main><article><h1>{}</h1>{body}</article></main></body></html>\n",
        KM.heading,
        EN.heading,
        both(KM.heading, EN.heading),
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (status, headers, html).into_response();
    response.extensions_mut().insert(Rendered);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for own in ["/", "/#s=1", "/index.html?x=1#y", "/data/%E1%9E%80"] {
            assert_eq!(within(own), own);
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\r\nx: y",
            "javascript:0",
        ] {
            assert_eq!(within(other), "/", "{other}");
        }
    }
}
