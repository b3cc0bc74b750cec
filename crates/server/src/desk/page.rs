//! The page `/desk`. It holds no data, and is shown to whoever may come to the desk.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use phteah_store::SignedIn;

use super::may_come;
use crate::api::error::ApiError;
use crate::api::private;
use crate::api::routes::assets;
use crate::auth::{Caller, Keyless, sign_in};
use crate::http::places::on_behalf_of;
use crate::state::AppState;

/// Where the page is.
pub const ADDRESS: &str = "/desk";
/// The page in the bundle.
const FILE: &str = "desk.html";

/// The page. The files that it is made of lie beside those of the other pages, for everybody.
pub fn routes(state: &Arc<AppState>) -> Router {
    Router::new()
        .route("/desk", get(page))
        .layer(from_fn_with_state(Arc::clone(state), admit))
        .with_state(Arc::clone(state))
}

async fn page(state: State<Arc<AppState>>, method: Method, headers: HeaderMap) -> Result<Response, ApiError> {
    // Where the web was not built, the page in its place says how.
    let uri = match state.bundle.get(FILE) {
        Some(_) => Uri::from_static("/desk.html"),
        None => Uri::from_static("/"),
    };
    assets::serve(state, method, uri, headers).await
}

/// Who has not signed in is led to where one does; who has no right to the desk is told so.
async fn admit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let elsewhere = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site.as_bytes() == b"cross-site");
    let as_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let (mut parts, body) = request.into_parts();
    let admitted = Caller::of(&mut parts, &state.partner, Keyless::Stranger).and_then(|caller| {
        let person = parts.extensions.get::<SignedIn>().ok_or_else(ApiError::sign_in)?;
        if may_come(&person.actor) {
            Ok(caller)
        } else {
            Err(ApiError::no_right())
        }
    });
    let mut response = match admitted {
        Ok(Caller(_, key)) => match state.partner.places.take(&key) {
            Ok(_place) => on_behalf_of(key, next.run(Request::from_parts(parts, body))).await,
            Err(no_place) => ApiError::no_place(no_place).into_response(),
        },
        Err(refusal) if refusal.is_for_sign_in() && as_page => sign_in::instead(elsewhere),
        Err(refusal) if refusal.is_no_right() && as_page => sign_in::no_right(),
        Err(refusal) => refusal.into_response(),
    };
    private::for_its_owner_alone(response.headers_mut());
    response
}
