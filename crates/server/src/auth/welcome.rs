//! The page behind a sign-in link: its owner chooses a password and, where the role asks for it, sets up one-time codes.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use phteah_store::{Chosen, PasswordFault, StoreError, USE_LINK_ENTROPY_BYTES, Welcome};
use serde::Deserialize;

use super::page::{field, page};
use super::qr;
use super::session;
use super::sign_in::{browser, entropy, with_cookie};
use super::throttle::{self, Attempts};
use super::words::{self, Text};
use crate::api::error::ApiError;
use crate::api::json::PathParts;
use crate::state::AppState;

/// The address of the page behind a link, below the server's.
pub fn address(link: &str) -> String {
    format!("/welcome/{link}")
}

/// What the page's form sends.
#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    code: String,
}

/// `GET /welcome/{link}`
pub async fn show(
    State(state): State<Arc<AppState>>,
    PathParts(link): PathParts<String>,
) -> Result<Response, ApiError> {
    match state.partner.store().welcome(&link, state.partner.now()) {
        Ok(welcome) => Ok(form(StatusCode::OK, &link, &welcome, None)),
        Err(StoreError::BadLink) => Ok(bad_link()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /welcome/{link}`
pub async fn choose(
    State(state): State<Arc<AppState>>,
    PathParts(link): PathParts<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let attempts = Attempts::of(&state.partner, &request);
    let client = browser(request.headers());
    let sent: Result<Form<Choice>, FormRejection> = Form::from_request(request, &state).await;
    let Form(sent) = sent.map_err(|error| ApiError::bad_parameter("form", error.body_text()))?;
    let welcome = match state.partner.store().welcome(&link, state.partner.now()) {
        Ok(welcome) => welcome,
        Err(StoreError::BadLink) => return Ok(bad_link()),
        Err(error) => return Err(error.into()),
    };
    let refuse = |status, text| Ok(form(status, &link, &welcome, Some(text)));
    if attempts.begin(&state.partner, &link).is_err() {
        return refuse(StatusCode::TOO_MANY_REQUESTS, words::OFTEN);
    }
    if sent.password != sent.again {
        return refuse(StatusCode::BAD_REQUEST, words::DIFFERENT);
    }
    let entropy = entropy::<USE_LINK_ENTROPY_BYTES>()?;
    let (partner, at, used) = (Arc::clone(&state.partner), state.partner.now(), link.clone());
    let done = throttle::slowly(&state, move || {
        let chosen = Chosen {
            password: &sent.password,
            code: Some(&sent.code),
            client: &client,
        };
        Ok(partner.store().use_link(&used, &chosen, &entropy, at))
    })
    .await?;
    match done {
        Ok(token) => {
            let cookie = session::begun(&token, &state.partner.options)?;
            Ok(with_cookie(Redirect::to("/account").into_response(), cookie))
        }
        Err(StoreError::BadLink) => Ok(bad_link()),
        Err(StoreError::Password(fault)) => refuse(StatusCode::BAD_REQUEST, said(fault)),
        Err(StoreError::CodeNeeded) => {
            attempts.was_wrong(&state.partner, &link);
            refuse(StatusCode::BAD_REQUEST, words::WRONG_CODE)
        }
        Err(error) => Err(error.into()),
    }
}

/// What is said of a password that cannot be taken.
pub(super) fn said(fault: PasswordFault) -> Text {
    match fault {
        PasswordFault::Short => words::SHORT,
        PasswordFault::Long => words::LONG,
        PasswordFault::Common => words::COMMON,
        PasswordFault::NearName => words::NEAR_NAME,
    }
}

fn bad_link() -> Response {
    let body = html! {
        (words::BAD_LINK.paragraphs())
        p { a.button href="/sign-in" { (words::SIGN_IN.label()) } }
    };
    page(StatusCode::NOT_FOUND, words::WELCOME, &body, &html! {})
}

fn form(status: StatusCode, link: &str, welcome: &Welcome, told: Option<Text>) -> Response {
    let body = html! {
        p { strong { (welcome.name) } }
        (words::CHOOSE.paragraphs())
        @if let Some(text) = told { (text.alert()) }
        form method="post" action=(address(link)) {
            // The name goes along for the browser, which keeps passwords by it.
            input type="hidden" name="name" value=(welcome.name) autocomplete="username";
            (field(words::NEW_PASSWORD, &html! { input name="password" type="password" autocomplete="new-password" size="40" required autofocus; }))
            (field(words::AGAIN, &html! { input name="again" type="password" autocomplete="new-password" size="40" required; }))
            @if let Some(secret) = &welcome.code_secret {
                (words::SCAN.paragraphs())
                (picture(&welcome.name, secret))
                p { code { (grouped(secret)) } }
                (field(words::CODE_NOW, &html! { input name="code" inputmode="numeric" autocomplete="one-time-code" size="10" maxlength="10" required; }))
            }
            p { button.button { (words::CONTINUE.label()) } }
        }
    };
    page(status, words::WELCOME, &body, &html! {})
}

/// What authenticator apps read: the address that <https://github.com/google/google-authenticator/wiki/Key-Uri-Format> describes.
fn picture(name: &str, secret: &str) -> Markup {
    let label: String = name
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let uri = format!("otpauth://totp/Phteah:{label}?secret={secret}&issuer=Phteah");
    // A name may be too long for a picture: the letters below do as well.
    qr::picture(&uri)
}

fn grouped(secret: &str) -> String {
    let signs: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
