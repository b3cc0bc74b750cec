//! The page on which somebody who is signed in chooses another password.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use phteah_store::{PASSWORD_ENTROPY_BYTES, StoreError};
use serde::Deserialize;

use super::account::Person;
use super::page::{field, page};
use super::sign_in::{self, entropy};
use super::throttle::{self, Attempts};
use super::welcome::said;
use super::words::{self, Text};
use crate::api::error::ApiError;
use crate::state::AppState;

/// Where the page is.
pub const ADDRESS: &str = "/account/password";

/// What its form sends.
#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

/// `GET /account/password`
pub async fn show(person: Person) -> Response {
    match person {
        Some(person) => form(StatusCode::OK, &person.name, None),
        None => sign_in::instead(false),
    }
}

/// `POST /account/password`
pub async fn change(
    State(state): State<Arc<AppState>>,
    person: Person,
    request: Request,
) -> Result<Response, ApiError> {
    let axum::Extension(person) = person.ok_or_else(ApiError::sign_in)?;
    let attempts = Attempts::of(&state.partner, &request);
    let sent: Result<Form<Choice>, FormRejection> = Form::from_request(request, &state).await;
    let Form(sent) = sent.map_err(|error| ApiError::bad_parameter("form", error.body_text()))?;
    let name = person.name.clone();
    let refuse = |status, text| Ok(form(status, &name, Some(text)));
    if sent.password != sent.again {
        return refuse(StatusCode::BAD_REQUEST, words::DIFFERENT);
    }
    // Counted with the attempts to sign in: a screen that was left open is no way to guess a password.
    if attempts.begin(&state.partner, &name).is_err() {
        return refuse(StatusCode::TOO_MANY_REQUESTS, words::OFTEN);
    }
    let entropy = entropy::<PASSWORD_ENTROPY_BYTES>()?;
    let (partner, now) = (Arc::clone(&state.partner), state.partner.now());
    let done = throttle::slowly(&state, move || {
        let passwords = (sent.current.as_str(), sent.password.as_str());
        let store = partner.store();
        Ok(store.change_own_password(&person.actor, &person.session, passwords, &entropy, now))
    })
    .await?;
    match done {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        Err(StoreError::BadSignIn) => {
            attempts.was_wrong(&state.partner, &name);
            refuse(StatusCode::BAD_REQUEST, words::WRONG_CURRENT)
        }
        Err(StoreError::Password(fault)) => refuse(StatusCode::BAD_REQUEST, said(fault)),
        Err(error) => Err(error.into()),
    }
}

fn form(status: StatusCode, name: &str, told: Option<Text>) -> Response {
    let body = html! {
        p { strong { (name) } }
        (words::CHANGING.paragraphs())
        @if let Some(text) = told { (text.alert()) }
        form method="post" action=(ADDRESS) {
            // The name goes along for the browser, which keeps passwords by it.
            input type="hidden" name="name" value=(name) autocomplete="username";
            (field(words::CURRENT_PASSWORD, &html! { input name="current" type="password" autocomplete="current-password" size="40" required autofocus; }))
            (field(words::NEW_PASSWORD, &html! { input name="password" type="password" autocomplete="new-password" size="40" required; }))
            (field(words::AGAIN, &html! { input name="again" type="password" autocomplete="new-password" size="40" required; }))
            p { button.button { (words::CHANGE_PASSWORD.label()) } }
        }
        p { a href="/account" { (words::ACCOUNT.label()) } }
    };
    page(status, words::CHANGE_PASSWORD, &body, &html! {})
}
