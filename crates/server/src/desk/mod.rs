//! The desk: where coordinators and caseworkers work. Its API lies under `/api/desk`, its page at `/desk`.
//!
//! Everything here is for persons who have signed in; those roles sign in with a code from an app as well. What they type to search goes in
//! bodies, never in addresses, and no answer is kept by any cache.

mod answers;
pub mod cases;
pub mod decisions;
mod family;
pub mod households;
pub mod map;
pub mod outcomes;
mod outcomes_counted;
pub mod page;
pub mod placement;
pub mod quarantine;
pub mod release_types;
pub mod releases;
pub mod setup;
pub mod sheet;
pub mod tasks;
pub mod today;
pub mod types;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use phteah_store::{Actor, Right, SignedIn};

use crate::api::context::in_time;
use crate::api::error::ApiError;
use crate::api::private;
use crate::auth::{Caller, Keyless};
use crate::http::origin::{check_origin, is_write};
use crate::http::places::on_behalf_of;
use crate::state::AppState;

/// The person who asks.
pub type Person = Extension<SignedIn>;

/// Everything under `/api/desk`, and the page.
pub fn routes(state: &Arc<AppState>) -> Router {
    Router::new()
        .route("/api/desk/setup", get(setup::setup))
        .route("/api/desk/today", get(today::today))
        .route("/api/desk/households", post(households::list))
        .route("/api/desk/households/sites", get(households::sites))
        .route("/api/desk/households/{household}", get(cases::one))
        .route("/api/desk/households/{household}/given", put(cases::give))
        .route("/api/desk/households/{household}/hidden", put(cases::hide))
        .route("/api/desk/households/{household}/audit", get(cases::audit))
        .route("/api/desk/households/{household}/map.svg", get(map::household))
        .route("/api/desk/events", post(cases::record))
        .route("/api/desk/quarantine", get(quarantine::list))
        .route("/api/desk/quarantine/{entry}", post(quarantine::decide))
        .route("/api/desk/decisions", get(decisions::list))
        .route("/api/desk/placements", post(placement::propose))
        .route("/api/desk/sheets", post(sheet::sheets))
        .route("/api/desk/outcomes", get(outcomes::outcomes))
        .route("/api/desk/releases", get(releases::list).post(releases::prepare))
        .route("/api/desk/releases/{release}", get(releases::one))
        .route(
            "/api/desk/releases/{release}/tables/{table}",
            get(releases::table),
        )
        .route("/api/desk/releases/{release}/audit", post(releases::audit))
        .route("/api/desk/releases/{release}/confirm", post(releases::confirm))
        .route("/api/desk/releases/{release}/audience", put(releases::audience))
        .route("/api/desk/releases/{release}/withdraw", post(releases::withdraw))
        .route("/api/desk/counts", post(releases::count))
        .route("/api/desk/tasks", get(tasks::list).post(tasks::ask))
        .route("/api/desk/tasks/{task}", put(tasks::change))
        .route("/api/desk/tasks/{task}/files/{hash}", get(tasks::file))
        .layer(from_fn_with_state(Arc::clone(state), admit))
        .with_state(Arc::clone(state))
        .merge(page::routes(state))
}

/// The rights of which one is needed for a request.
pub fn needed(method: &Method, route: &str) -> &'static [Right] {
    const SEE: &[Right] = &[Right::SeeCaseDecisions];
    const DECIDE: &[Right] = &[Right::DecideCases];
    const COUNT: &[Right] = &[Right::SeeCaseDecisions, Right::PrepareReleases];
    const TASKS: &[Right] = &[Right::SeeCaseDecisions, Right::ProposePlacements];
    const ASK: &[Right] = &[Right::DecideCases, Right::ProposePlacements];
    const RELEASE: &[Right] = &[Right::PrepareReleases];
    match route {
        "/api/desk/counts" => RELEASE,
        route if route.starts_with("/api/desk/releases") => RELEASE,
        "/api/desk/tasks" if is_write(method) => ASK,
        "/api/desk/tasks" | "/api/desk/tasks/{task}" | "/api/desk/tasks/{task}/files/{hash}" => TASKS,
        "/api/desk/setup" | "/api/desk/outcomes" => COUNT,
        "/api/desk/households/{household}/hidden" => &[Right::ReadProtected],
        "/api/desk/households/{household}/given"
        | "/api/desk/households/{household}/audit"
        | "/api/desk/quarantine/{entry}"
        | "/api/desk/placements" => DECIDE,
        _ => SEE,
    }
}

/// Whether somebody may come to the desk at all.
pub fn may_come(actor: &Actor) -> bool {
    [
        Right::SeeCaseDecisions,
        Right::PrepareReleases,
        Right::ProposePlacements,
    ]
    .iter()
    .any(|right| actor.reach(*right).is_some())
}

/// Who asks, whether they may, a place and a limit of time. Nobody keeps an answer.
async fn admit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let admitted = Caller::of(&mut parts, &state.partner, Keyless::Stranger).and_then(|caller| {
        if is_write(&parts.method) {
            check_origin(
                &parts.headers,
                &parts.uri,
                state.partner.options.public_url.as_deref(),
            )?;
        }
        let person = parts.extensions.get::<SignedIn>().ok_or_else(ApiError::sign_in)?;
        let route = parts
            .extensions
            .get::<MatchedPath>()
            .map_or("", MatchedPath::as_str);
        if needed(&parts.method, route)
            .iter()
            .all(|right| person.actor.reach(*right).is_none())
        {
            return Err(ApiError::no_right());
        }
        Ok(caller)
    });
    let mut response = match admitted {
        Ok(Caller(_, key)) => match state.partner.places.take(&key) {
            Ok(_place) => {
                let request = Request::from_parts(parts, body);
                let answer = in_time(state.limits.request_time, request, |request| next.run(request));
                on_behalf_of(key, answer).await
            }
            Err(no_place) => ApiError::no_place(no_place).into_response(),
        },
        Err(refusal) => refusal.into_response(),
    };
    private::for_its_owner_alone(response.headers_mut());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
