//! The page of an account: who one is, where one is signed in, and the buttons that end it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use jiff::Timestamp;
use maud::html;
use phteah_store::{Right, Role, SessionId, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

use super::page::page;
use super::planner::{Entrance, entrance};
use super::sign_in::{self, sign_out, with_cookie};
use super::{Caller, password, phones, session, words};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::PathParts;
use crate::desk;
use crate::state::AppState;

/// Who is signed in, where somebody is.
pub type Person = Option<Extension<SignedIn>>;

/// `GET /account`
pub async fn show(State(state): State<Arc<AppState>>, person: Person) -> Result<Response, ApiError> {
    let Some(Extension(person)) = person else {
        return Ok(sign_in::instead(false));
    };
    let (store, now) = (state.partner.store(), state.partner.now());
    let sessions = store.own_sessions(&person.actor, now)?;
    let account = store.account(&person.actor, &person.name)?;
    let roles: Vec<&str> = account.roles.iter().map(|role| role.as_str()).collect();
    let body = html! {
        p { strong { (person.name) } }
        dl {
            dt { (words::ROLES.label()) } dd { (roles.join(", ")) }
            @if !account.teams.is_empty() { dt { (words::TEAMS.label()) } dd { (account.teams.join(", ")) } }
        }
        p { @if person.actor.reach(Right::SeePlans).is_some() { a.button href="/" { (words::MAP.label()) } " " }
            @if desk::may_come(&person.actor) { a.button href=(desk::page::ADDRESS) { (words::DESK.label()) } " " }
            @if person.actor.reach(Right::ManageDevices).is_some() { a.button href=(phones::ADDRESS) { (words::PHONES.label()) } " " }
            a href="/data" { (words::PUBLIC_DATA.label()) } }
        p { a href=(password::ADDRESS) { (words::CHANGE_PASSWORD.label()) } }
        h2 { (words::SIGNED_IN_AT.label()) }
        div.wide { table {
            thead { tr { th { (words::BROWSER.label()) } th { (words::SINCE.label()) } th { (words::LAST_USED.label()) } th {} } }
            tbody { @for one in &sessions { tr {
                td { (one.client) }
                td { (shown(one.begun_at)) }
                td { (shown(one.seen_at)) }
                td { @if one.id == person.session { (words::THIS_ONE.label()) } @else {
                    form method="post" action=(format!("/account/sessions/{}/end", one.id)) { button.button { (words::SIGN_OUT.label()) } }
                } }
            } } }
        } }
        (sign_out())
        form method="post" action="/account/sign-out-everywhere" { p { button.button { (words::EVERYWHERE.label()) } } }
    };
    Ok(page(StatusCode::OK, words::ACCOUNT, &body, &html! {}))
}

/// `POST /account/sessions/{id}/end`
pub async fn end_one(
    State(state): State<Arc<AppState>>,
    person: Person,
    PathParts(id): PathParts<String>,
) -> Result<Response, ApiError> {
    let Extension(person) = person.ok_or_else(ApiError::sign_in)?;
    let gone = || ApiError::not_found("not_found", "This session has ended already.");
    let id: SessionId = id.parse().map_err(|_| gone())?;
    state
        .partner
        .store()
        .end_own_session(&person.actor, &id, state.partner.now())?;
    Ok(Redirect::to("/account").into_response())
}

/// `POST /account/sign-out-everywhere`
pub async fn everywhere(State(state): State<Arc<AppState>>, person: Person) -> Result<Response, ApiError> {
    let Extension(person) = person.ok_or_else(ApiError::sign_in)?;
    let account = person.actor.account().ok_or_else(ApiError::sign_in)?;
    let store = state.partner.store();
    store.sign_out_everywhere(&person.actor, account, "", state.partner.now())?;
    let cookie = session::ended(&state.partner.options)?;
    Ok(with_cookie(
        Redirect::to(sign_in::ADDRESS).into_response(),
        cookie,
    ))
}

/// Who asks, and what the page may offer them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Whether a person is signed in with an account, so that signing out means something.
    pub signed_in: bool,
    /// The person's name; null where nobody is signed in.
    pub name: Option<String>,
    /// The person's roles: administrator, coordinator, caseworker, field-worker, planner, partner.
    pub roles: Vec<String>,
    /// Names of the person's teams.
    pub teams: Vec<String>,
    /// Whether layers, rankings, scenarios and decision records may be seen.
    pub may_see_plans: bool,
    /// Whether scenarios may be saved and decision records made.
    pub may_change_plans: bool,
}

/// Who asks. Answers strangers too: that they are nobody.
#[utoipa::path(get, path = "/api/me", operation_id = "me", responses((status = 200, body = Me), (status = "default", body = ErrorBody)))]
pub async fn me(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    Extension(caller): Extension<Caller>,
    person: Person,
) -> Result<([(HeaderName, &'static str); 1], Json<Me>), ApiError> {
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    let Some(Extension(person)) = person else {
        let open = entrance(&state.partner, &headers)? != Entrance::SignIn;
        let may = open || caller.0.is_team();
        let nobody = Me {
            signed_in: false,
            name: None,
            roles: Vec::new(),
            teams: Vec::new(),
            may_see_plans: may,
            may_change_plans: may,
        };
        return Ok((unkept, Json(nobody)));
    };
    let account = state.partner.store().account(&person.actor, &person.name)?;
    let me = Me {
        signed_in: true,
        roles: account
            .roles
            .into_iter()
            .map(|role: Role| role.to_string())
            .collect(),
        teams: account.teams,
        may_see_plans: person.actor.reach(Right::SeePlans).is_some(),
        may_change_plans: person.actor.reach(Right::ChangePlans).is_some(),
        name: Some(person.name),
    };
    Ok((unkept, Json(me)))
}

/// The clock that the deployment's people have: UTC+7 all over Cambodia.
pub(super) fn shown(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}
