//! The map and its API show every layer: they are the team's. Where strangers can reach them, they ask for a key of the team, on every address
//! alike, unless there is nothing to hide.

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
        Ok(Caller(viewer)) => may_pass(&state, &viewer),
        Err(error) => Err(error),
    };
    match passes {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    }
}

fn may_pass(state: &PartnerState, viewer: &Viewer) -> Result<(), ApiError> {
    if viewer.is_team() || all_is_public(state)? {
        Ok(())
    } else {
        Err(ApiError::bad_key())
    }
}

fn all_is_public(state: &PartnerState) -> Result<bool, ApiError> {
    for entry in state.catalogue()?.layers() {
        let rule = state.store().rule(&entry.name)?;
        let hidden = |name: &str| rule.field(name) < Visibility::Public;
        if rule.layer < Visibility::Public || entry.fields.iter().any(|field| hidden(&field.name)) {
            return Ok(false);
        }
    }
    Ok(true)
}
