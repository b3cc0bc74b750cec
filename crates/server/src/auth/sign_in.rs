//! How a person comes in with a browser: by name and password, and a code where the role asks for it; or with a key of the team.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use phteah_store::{SESSION_ENTROPY_BYTES, SIGN_IN_ENTROPY_BYTES, SessionToken, StoreError};
use serde::Deserialize;

use super::page::{field, page};
use super::throttle::{self, Attempts};
use super::{Caller, Keyless, caller, session, words};
use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::http::client;
use crate::http::origin::{check_origin, is_write};
use crate::http::places::on_behalf_of;
use crate::state::AppState;

/// Where the page is.
pub const ADDRESS: &str = "/sign-in";

/// Leads back to where one was. Browsers send the part of an address after `#` to no server, and carry it along when they are led elsewhere: so
/// it may be as long as the work that it holds, and a wrong key does not lose it.
const SCRIPT: &str = "for (const form of document.forms) form.addEventListener('submit', ({ target }) => {
  if (location.pathname !== '/sign-in') target.elements.at.value = location.pathname + location.search;
  target.action = '/sign-in' + location.hash;
});
";

/// What came of the last attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    None,
    Wrong,
    WrongKey,
    CodeNeeded,
    CodesMissing,
    TooOften,
}

impl Attempt {
    fn told(self) -> Markup {
        match self {
            Self::None => html! {},
            Self::Wrong => words::WRONG.alert(),
            Self::WrongKey => words::WRONG_KEY.alert(),
            Self::CodeNeeded => words::CODE_NEEDED.alert(),
            Self::CodesMissing => words::CODES_MISSING.alert(),
            Self::TooOften => words::OFTEN.alert(),
        }
    }
}

/// Limits and places of the pages' own addresses, which anybody may ask for.
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

/// The page in place of one that asks for somebody who is signed in. `elsewhere`: a link on another site led here, so that the browser has kept
/// a session to itself; asked again from this page it sends it.
pub fn instead(elsewhere: bool) -> Response {
    let again = html! { @if elsewhere { meta http-equiv="refresh" content="0"; } };
    page(
        StatusCode::UNAUTHORIZED,
        words::SIGN_IN,
        &forms(Attempt::None, "", "/"),
        &again,
    )
}

/// The page in place of the map, for somebody who is signed in and may not see it.
pub fn no_right() -> Response {
    let body = html! {
        (words::NO_RIGHT.paragraphs())
        p { a.button href="/account" { (words::ACCOUNT.label()) } }
        p { a href="/data" { (words::PUBLIC_DATA.label()) } }
    };
    page(StatusCode::FORBIDDEN, words::ACCOUNT, &body, &html! {})
}

/// `GET /sign-in`
pub async fn show(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let body = if session::is_open(&state.partner, &headers)? {
        html! {
            (words::IS_IN.paragraphs())
            p { a.button href="/" { (words::MAP.label()) } " " a.button href="/account" { (words::ACCOUNT.label()) } }
            (sign_out())
        }
    } else {
        forms(Attempt::None, "", "/")
    };
    Ok(page(StatusCode::OK, words::SIGN_IN, &body, &html! {}))
}

/// The button that ends a session.
pub fn sign_out() -> Markup {
    html! { form method="post" action="/sign-out" { button.button { (words::SIGN_OUT.label()) } } }
}

/// `GET /sign-in.js`
pub async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, SCRIPT).into_response()
}

/// What the forms send: a key, or a name and a password.
#[derive(Deserialize)]
pub struct SignIn {
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    at: String,
}

/// `POST /sign-in`
pub async fn begin(State(state): State<Arc<AppState>>, request: Request) -> Result<Response, ApiError> {
    let attempts = Attempts::of(&state.partner, &request);
    let client = browser(request.headers());
    let ip = client::address(
        request.extensions(),
        request.headers(),
        &state.partner.options.trusted_proxies,
    );
    let sent: Result<Form<SignIn>, FormRejection> = Form::from_request(request, &state).await;
    let Form(sent) = sent.map_err(|error| ApiError::bad_parameter("form", error.body_text()))?;
    let at = within(&sent.at).to_owned();
    let name = sent.name.clone();
    let done = match &sent.key {
        Some(key) => with_key(&state, key, ip),
        None => with_password(&state, attempts, sent, client).await,
    };
    let (status, attempt) = match done {
        Ok(token) => {
            let cookie = session::begun(&token, &state.partner.options)?;
            return Ok(with_cookie(Redirect::to(&at).into_response(), cookie));
        }
        Err(Refused::Because(attempt)) => match attempt {
            Attempt::TooOften => (StatusCode::TOO_MANY_REQUESTS, attempt),
            attempt => (StatusCode::UNAUTHORIZED, attempt),
        },
        Err(Refused::Error(error)) => return Err(error),
    };
    Ok(page(
        status,
        words::SIGN_IN,
        &forms(attempt, &name, &at),
        &html! {},
    ))
}

enum Refused {
    Because(Attempt),
    Error(ApiError),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

impl From<crate::random::NoRandom> for Refused {
    fn from(error: crate::random::NoRandom) -> Self {
        Self::Error(error.into())
    }
}

fn with_key(state: &AppState, key: &str, ip: std::net::IpAddr) -> Result<SessionToken, Refused> {
    let partner = &state.partner;
    match caller::viewer_of(partner, key.trim(), ip) {
        Ok(viewer) if viewer.is_team() => {}
        // A partner's key is right elsewhere and opens nothing here.
        Ok(_) => return Err(Refused::Because(Attempt::WrongKey)),
        Err(refusal) if refusal.status() == StatusCode::UNAUTHORIZED => {
            return Err(Refused::Because(Attempt::WrongKey));
        }
        Err(refusal) if refusal.status() == StatusCode::TOO_MANY_REQUESTS => {
            return Err(Refused::Because(Attempt::TooOften));
        }
        Err(error) => return Err(error.into()),
    }
    let entropy = entropy::<SESSION_ENTROPY_BYTES>()?;
    match partner.store().begin_session(key, &entropy, partner.now()) {
        Ok(token) => Ok(token),
        Err(StoreError::BadKey) => Err(Refused::Because(Attempt::WrongKey)),
        Err(error) => Err(Refused::Error(error.into())),
    }
}

async fn with_password(
    state: &Arc<AppState>,
    attempts: Attempts,
    sent: SignIn,
    client: String,
) -> Result<SessionToken, Refused> {
    if attempts.begin(&state.partner, &sent.name).is_err() {
        return Err(Refused::Because(Attempt::TooOften));
    }
    let entropy = entropy::<SIGN_IN_ENTROPY_BYTES>()?;
    let at = state.partner.now();
    let partner = Arc::clone(&state.partner);
    let name = sent.name.clone();
    let done = throttle::slowly(state, move || {
        let sent = phteah_store::SignIn {
            name: &sent.name,
            password: &sent.password,
            code: Some(&sent.code),
            client: &client,
        };
        Ok(partner.store().sign_in(&sent, &entropy, at))
    })
    .await?;
    let attempt = match done {
        Ok(token) => return Ok(token),
        Err(StoreError::BadSignIn) => Attempt::Wrong,
        Err(StoreError::CodesMissing) => Attempt::CodesMissing,
        // No wrong attempt: the person has not been asked for a code yet.
        Err(StoreError::CodeNeeded) => return Err(Refused::Because(Attempt::CodeNeeded)),
        Err(error) => return Err(Refused::Error(error.into())),
    };
    attempts.was_wrong(&state.partner, &name);
    Err(Refused::Because(attempt))
}

/// `POST /sign-out`
pub async fn end(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = session::token(&headers) {
        state.partner.store().end_session(token)?;
        state.partner.store().sign_out(token)?;
    }
    let cookie = session::ended(&state.partner.options)?;
    Ok(with_cookie(Redirect::to(ADDRESS).into_response(), cookie))
}

/// An answer that hands over or takes back a session.
pub fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::SET_COOKIE, cookie);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub use crate::random::bytes as entropy;

/// What a browser calls itself, for the list of sessions.
pub fn browser(headers: &HeaderMap) -> String {
    let said = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    said.unwrap_or_default().to_owned()
}

/// An address of this server and of no other; else the map.
fn within(at: &str) -> &str {
    let own = at.starts_with('/')
        && !at.starts_with("//")
        && at.len() <= 8_000
        && at.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own { at } else { "/" }
}

fn forms(attempt: Attempt, name: &str, at: &str) -> Markup {
    let with_key = attempt == Attempt::WrongKey;
    html! {
        (words::EXPLANATION.paragraphs())
        (attempt.told())
        form method="post" action=(ADDRESS) {
            (field(words::NAME, &html! { input name="name" value=(name) autocomplete="username" size="40" required autofocus[!with_key]; }))
            (field(words::PASSWORD, &html! { input name="password" type="password" autocomplete="current-password" size="40" required; }))
            (field(words::CODE, &html! { input name="code" inputmode="numeric" autocomplete="one-time-code" size="10" maxlength="10"; }))
            input type="hidden" name="at" value=(at);
            p { button.button { (words::SIGN_IN.label()) } }
        }
        details open[with_key] {
            summary { (words::WITH_KEY.label()) }
            form method="post" action=(ADDRESS) {
                (field(words::KEY, &html! { input name="key" type="password" autocomplete="off" size="40" required autofocus[with_key]; }))
                input type="hidden" name="at" value=(at);
                p { button.button { (words::SIGN_IN.label()) } }
            }
        }
        p { a href="/data" { (words::PUBLIC_DATA.label()) } }
        script src="/sign-in.js" {}
    }
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
