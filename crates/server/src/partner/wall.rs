//! The map and its API show every layer: they are the team's. Where strangers can reach them, they ask for a key of the team, on every address
//! alike. Only an illustrative city of which everything is public stands open: with real layers an opening and shutting wall would tell
//! when an internal one has come.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use phteah_store::{Viewer, Visibility};

use super::state::PartnerState;
use super::viewer::Caller;
use crate::api::error::ApiError;

/// Lets a request pass that may see everything.
pub async fn wall(State(state): State<Arc<PartnerState>>, request: Request, next: Next) -> Response {
    if !state.options.team_only {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let passes = match Caller::from_request_parts(&mut parts, &state).await {
        Ok(Caller(viewer, _)) => may_pass(&state, &viewer),
        Err(error) => Err(error),
    };
    match passes {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    }
}

fn may_pass(state: &PartnerState, viewer: &Viewer) -> Result<(), ApiError> {
    if viewer.is_team() || is_for_show(state)? {
        Ok(())
    } else {
        Err(ApiError::bad_key())
    }
}

fn is_for_show(state: &PartnerState) -> Result<bool, ApiError> {
    let catalogue = state.catalogue()?;
    if !catalogue.layers().iter().all(|entry| entry.illustrative) {
        return Ok(false);
    }
    for entry in catalogue.layers() {
        let rule = state.store().rule(&entry.name)?;
        let hidden = |name: &str| rule.field(name) < Visibility::Public;
        if rule.layer < Visibility::Public || entry.fields.iter().any(|field| hidden(&field.name)) {
            return Ok(false);
        }
    }
    Ok(true)
}
