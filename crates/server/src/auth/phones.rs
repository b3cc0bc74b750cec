//! The page of the phones: which there are, a code for a new one, and the button that refuses one from now on. For administrators, and for
//! coordinators those of their own teams.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use phteah_store::{CODE_ENTROPY_BYTES, DeviceCode, DeviceId, DeviceRecord, Reach, Right, Role, SignedIn};
use serde::Deserialize;

use super::account::{Person, shown};
use super::page::{field, page};
use super::qr;
use super::sign_in::{self, entropy};
use super::words;
use crate::api::error::ApiError;
use crate::api::json::PathParts;
use crate::partner::web::base_of;
use crate::state::AppState;

/// Where the page is.
pub const ADDRESS: &str = "/devices";

/// The address that a phone is enrolled at: it opens the field app and hands it the code. What stands behind `#` is sent to no server.
pub fn enrolment(base: &str, code: &str) -> String {
    format!("{}/field#enrol={code}", base.trim_end_matches('/'))
}

/// Whether a browser gives a page of this address the camera, the position and a place to work in without network.
pub fn is_trusted_by_browsers(base: &str) -> bool {
    let host = base.strip_prefix("http://").unwrap_or_default();
    base.starts_with("https://")
        || ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|own| host.starts_with(own))
}

/// `GET /devices`
pub async fn show(State(state): State<Arc<AppState>>, person: Person) -> Result<Response, ApiError> {
    let Some(person) = person else {
        return Ok(sign_in::instead(false));
    };
    let person = allowed(Some(person))?;
    overview(&state, &person, &html! {})
}

/// What the form for a code sends.
#[derive(Deserialize)]
pub struct Wanted {
    /// An account's id and the name of one of its teams.
    worker: String,
}

/// `POST /devices/code`: shows a code, this once.
pub async fn make_code(
    State(state): State<Arc<AppState>>,
    person: Person,
    request: Request,
) -> Result<Response, ApiError> {
    let person = allowed(person)?;
    let base = base_of(&state.partner, request.headers(), request.uri());
    let wanted: Wanted = form(&state, request).await?;
    let store = state.partner.store();
    let gone = || ApiError::not_found("not_found", "There is no such worker.");
    let (id, team) = wanted.worker.split_once('/').ok_or_else(gone)?;
    let accounts = store.accounts(&person.actor)?;
    let worker = accounts
        .iter()
        .find(|account| account.id.as_str() == id)
        .ok_or_else(gone)?;
    let entropy = entropy::<CODE_ENTROPY_BYTES>()?;
    let code = store.make_device_code(
        &person.actor,
        &worker.name,
        Some(team),
        &entropy,
        "",
        state.partner.now(),
    )?;
    overview(&state, &person, &new_code(&worker.name, team, &base, &code))
}

fn new_code(worker: &str, team: &str, base: &str, code: &DeviceCode) -> Markup {
    let address = enrolment(base, code.expose());
    html! {
        h2 { (worker) " · " (team) }
        (words::SCAN_TO_ENROL.paragraphs())
        p { (words::VALID_UNTIL.label()) " " strong { (shown(code.expires_at)) } }
        (qr::picture(&address))
        (words::OR_TYPE.paragraphs())
        p { code { (base) "/field" } " " strong { code { (code.expose()) } } }
        @if !is_trusted_by_browsers(base) { (words::NOT_HTTPS.alert()) }
        hr;
    }
}

/// What the form that revokes sends.
#[derive(Deserialize)]
pub struct Refusal {
    #[serde(default)]
    why: String,
}

/// `POST /devices/{id}/revoke`
pub async fn revoke(
    State(state): State<Arc<AppState>>,
    person: Person,
    PathParts(id): PathParts<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let person = allowed(person)?;
    let id: DeviceId = id
        .parse()
        .map_err(|_| ApiError::not_found("not_found", "There is no such phone."))?;
    let refusal: Refusal = form(&state, request).await?;
    let store = state.partner.store();
    store.revoke_device(&person.actor, &id, refusal.why.trim(), state.partner.now())?;
    Ok(Redirect::to(ADDRESS).into_response())
}

async fn form<T: serde::de::DeserializeOwned>(
    state: &Arc<AppState>,
    request: Request,
) -> Result<T, ApiError> {
    let sent: Result<Form<T>, FormRejection> = Form::from_request(request, state).await;
    let Form(sent) = sent.map_err(|error| ApiError::bad_parameter("form", error.body_text()))?;
    Ok(sent)
}

fn allowed(person: Person) -> Result<SignedIn, ApiError> {
    let axum::Extension(person) = person.ok_or_else(ApiError::sign_in)?;
    if person.actor.reach(Right::ManageDevices).is_none() {
        return Err(ApiError::no_right());
    }
    Ok(person)
}

fn overview(state: &AppState, person: &SignedIn, above: &Markup) -> Result<Response, ApiError> {
    let now = state.partner.now();
    let devices = state.partner.store().devices(&person.actor)?;
    let workers = workers(state, person)?;
    let body = html! {
        (above)
        h2 { (words::ADD_PHONE.label()) }
        @if workers.is_empty() {
            (words::NO_WORKERS.paragraphs())
        } @else {
            form method="post" action="/devices/code" {
                (field(words::WORKER, &html! {
                    select name="worker" required {
                        @for (value, label) in &workers { option value=(value) { (label) } }
                    }
                }))
                p { button.button { (words::SHOW_QR.label()) } }
            }
        }
        h2 { (words::PHONES.label()) }
        @if devices.is_empty() {
            (words::NO_PHONES.paragraphs())
        } @else {
            (words::REVOKING.paragraphs())
            div.wide { table {
                thead { tr {
                    th { (words::NAME.label()) } th { (words::WORKER.label()) } th { (words::TEAMS.label()) }
                    th { (words::SINCE.label()) } th { (words::LAST_CONTACT.label()) } th { (words::STATE.label()) }
                } }
                tbody { @for device in &devices { (row(device, now)) } }
            } }
        }
        p { a href="/account" { (words::ACCOUNT.label()) } }
    };
    Ok(page(StatusCode::OK, words::PHONES, &body, &html! {}))
}

fn row(device: &DeviceRecord, now: Timestamp) -> Markup {
    html! { tr {
        td { (device.name) } td { (device.worker) } td { (device.team) }
        td { (shown(device.enrolled_at)) } td { (shown(device.seen_at)) }
        td { @if let Some(at) = device.revoked_at {
            (words::REVOKED.label()) " " (shown(at))
        } @else {
            @if now >= device.lease_until { p { (words::LEASE_OVER.label()) } }
            form method="post" action=(format!("/devices/{}/revoke", device.id)) {
                label { (words::WHY.label()) " " input name="why" size="16" maxlength="200"; } " "
                button.button { (words::REVOKE.label()) }
            }
        } }
    } }
}

/// Whom a phone can be enrolled for: value and label of a choice. A worker of several teams stands there once for each.
fn workers(state: &AppState, person: &SignedIn) -> Result<Vec<(String, String)>, ApiError> {
    let store = state.partner.store();
    let all = person.actor.reach(Right::ManageDevices) == Some(Reach::All);
    let own = store.account(&person.actor, &person.name)?.teams;
    let in_the_field = |role: &Role| matches!(role, Role::FieldWorker | Role::Caseworker | Role::Coordinator);
    let mut choices = Vec::new();
    for account in store.accounts(&person.actor)? {
        if account.disabled_at.is_some() || !account.roles.iter().any(in_the_field) {
            continue;
        }
        for team in account.teams.iter().filter(|team| all || own.contains(team)) {
            choices.push((
                format!("{}/{team}", account.id),
                format!("{} · {team}", account.name),
            ));
        }
    }
    Ok(choices)
}
