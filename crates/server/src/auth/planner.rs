//! The map and its API show every layer: they are the team's and ask who one is on every address alike. Persons see and change what their roles
//! say; a key of the team, for scripts, does what a planner does.
//! Only an illustrative city of
//! which everything is public stands open, and only on the machine itself: with real layers an opening and shutting wall would tell when an internal
//! one has come, and whoever reaches the map from outside could change its scenarios.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use phteah_layers::Catalogue;
use phteah_layers::schema::is_working;
use phteah_store::{Right, SignedIn, Store, Visibility};

use super::{Caller, Keyless, sign_in};
use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::api::private;
use crate::http::origin::{Names, check_host, check_origin, is_write};
use crate::http::places::on_behalf_of;
use crate::http::{client, prefer};
use crate::partner::state::{Open, PartnerState};
use crate::state::AppState;

/// Whom the map asks who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// Nobody: all there is to see is an illustrative city.
    Illustrative,
    /// Nobody, because the operator has said so.
    Open,
    /// Everybody.
    SignIn,
}

/// Whether nothing in a deployment is real. One without any layer is not illustrative: its scenarios may be real.
pub fn is_illustrative(catalogue: &Catalogue) -> bool {
    let layers = catalogue.layers();
    !layers.is_empty() && layers.iter().all(|entry| entry.illustrative)
}

/// Whether all of a deployment is illustrative and public.
pub fn is_for_everybody(catalogue: &Catalogue, store: &Store) -> Result<bool, ApiError> {
    if !is_illustrative(catalogue) {
        return Ok(false);
    }
    for entry in catalogue.layers() {
        let rule = store.rule(&entry.name)?;
        // Columns that only the program works with are published nowhere.
        let hidden = |name: &str| rule.field(name) < Visibility::Public && !is_working(name);
        if rule.layer < Visibility::Public || entry.fields.iter().any(|field| hidden(&field.name)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whom the map asks who they are, of requests with these headers. What the operator has opened is open to nobody who comes through a proxy or by
/// a public address: such doors were opened for one machine or one room.
pub fn entrance(state: &PartnerState, headers: &HeaderMap) -> Result<Entrance, ApiError> {
    let options = &state.options;
    if options.open == Open::Never || options.public_url.is_some() || client::is_forwarded(headers) {
        return Ok(Entrance::SignIn);
    }
    if options.is_for_this_machine() && is_for_everybody(&*state.catalogue()?, state.store())? {
        return Ok(Entrance::Illustrative);
    }
    Ok(match options.open {
        Open::All => Entrance::Open,
        Open::Illustrative | Open::Never => Entrance::SignIn,
    })
}

/// Lets a request pass that may see everything, within its limits, and has nobody but its owner keep the answer.
pub async fn require_team(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let asks_for_page = asks_for_page(&request);
    let elsewhere = comes_from_elsewhere(request.headers());
    let (mut parts, body) = request.into_parts();
    let admitted = admit(&state.partner, &mut parts);
    let mut response = match admitted {
        Ok(Caller(_, key)) => match state.places.take(&key) {
            Ok(_place) => {
                let request = Request::from_parts(parts, body);
                let answer = in_time(state.limits.request_time, request, |request| next.run(request));
                on_behalf_of(key, answer).await
            }
            Err(no_place) => ApiError::no_place(no_place).into_response(),
        },
        Err(refusal) if refusal.is_for_sign_in() && asks_for_page => sign_in::instead(elsewhere),
        Err(refusal) if refusal.is_no_right() && asks_for_page => sign_in::no_right(),
        Err(refusal) => refusal.into_response(),
    };
    private::for_its_owner_alone(response.headers_mut());
    response
}

fn admit(state: &PartnerState, parts: &mut axum::http::request::Parts) -> Result<Caller, ApiError> {
    let entrance = entrance(state, &parts.headers)?;
    let keyless = match entrance {
        Entrance::SignIn => Keyless::Stranger,
        Entrance::Illustrative | Entrance::Open => Keyless::Planner,
    };
    let caller = Caller::of(parts, state, keyless)?;
    match parts.extensions.get::<SignedIn>() {
        // Whoever has signed in acts as that person, through an open door too.
        Some(person) => {
            let needed = needed(
                &parts.method,
                parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str),
            );
            if person.actor.reach(needed).is_none() {
                return Err(ApiError::no_right());
            }
        }
        None if entrance == Entrance::SignIn && !caller.0.is_team() => return Err(ApiError::sign_in()),
        None => {}
    }
    let public_url = state.options.public_url.as_deref();
    let writes = is_write(&parts.method);
    // Without a key it is only the name that tells a stranger's page from ours.
    if !caller.0.is_team() && (entrance == Entrance::Open || writes) {
        check_names(&parts.headers, &parts.uri, public_url)?;
    }
    if writes {
        check_origin(&parts.headers, &parts.uri, public_url)?;
    }
    Ok(caller)
}

/// The right that a request of the map needs. A ranking is worked out and kept by no one, so that asking for one changes nothing; every other
/// write changes a scenario or makes a record.
pub fn needed(method: &Method, route: Option<&str>) -> Right {
    let only_computes = matches!(route, Some("/api/rankings" | "/api/rankings/{id}/drawn"));
    if is_write(method) && !(only_computes && *method == Method::POST) {
        Right::ChangePlans
    } else {
        Right::SeePlans
    }
}

fn check_names(headers: &HeaderMap, uri: &Uri, public_url: Option<&str>) -> Result<(), ApiError> {
    // No name at all is no browser.
    if headers.contains_key(header::HOST) || uri.authority().is_some() {
        check_host(Names::NoStrangers, headers, uri, public_url)
    } else {
        Ok(())
    }
}

/// Whether a person opens an address in a browser, as opposed to a page that asks for data.
fn asks_for_page(request: &Request) -> bool {
    let headers = request.headers();
    let navigates = headers
        .get("sec-fetch-mode")
        .is_none_or(|mode| mode.as_bytes() == b"navigate");
    let named = headers.contains_key(header::ACCEPT);
    navigates
        && named
        && !is_write(request.method())
        && prefer::media_type(headers, &[&["application/json"], &["text/html"]]) == Some(1)
}

/// Whether a link on another site led here: the browser then keeps the session to itself, once.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site.as_bytes() == b"cross-site")
}
