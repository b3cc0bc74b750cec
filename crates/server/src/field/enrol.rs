//! Enrolling a phone: a code that works once is exchanged for a token of the phone's own.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use phteah_store::{ENROL_ENTROPY_BYTES, Enrolment, StoreError, device_code_name};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::JsonBody;
use crate::auth::sign_in::entropy;
use crate::auth::throttle::Attempts;
use crate::field::packs;
use crate::http::background;
use crate::state::AppState;

/// A phone that wants to be enrolled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The code, as the worker was given it. Neither case nor hyphens matter.
    pub code: String,
    /// What the worker calls the phone, at most 100 bytes.
    pub device_name: String,
}

/// Somebody or something by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A phone that was enrolled.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolAnswer {
    /// What proves the phone from now on, sent as `Authorization: Bearer TOKEN`. Shown this once.
    pub token: String,
    /// Id of the phone.
    pub device: String,
    /// Its worker.
    pub worker: Named,
    /// The team that it works for.
    pub team: Named,
    /// Until when the phone may show what it has without contact, as RFC 3339; each contact renews it.
    pub lease_until: String,
    /// The server's time, as RFC 3339.
    pub server_time: String,
}

/// Exchanges a code for a phone's token.
#[utoipa::path(post, path = "/api/field/enrol", operation_id = "enrol", request_body = EnrolRequest, responses((status = 200, body = EnrolAnswer), (status = "default", body = ErrorBody)))]
pub async fn enrol(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<EnrolAnswer>, ApiError> {
    let attempts = Attempts::of(&state.partner, &request);
    let JsonBody(sent) = JsonBody::<EnrolRequest>::from_request(request, &state).await?;
    // Wrong tries count against the code that they name: whoever guesses keeps no colleague behind the same address from enrolling.
    let bucket = match device_code_name(&sent.code) {
        Some(name) => format!("a device's code {name}"),
        None => "what is no device's code".to_owned(),
    };
    attempts.begin(&state.partner, &bucket)?;
    let entropy = entropy::<ENROL_ENTROPY_BYTES>()?;
    let (partner, now) = (Arc::clone(&state.partner), state.partner.now());
    let done = state
        .work(move || {
            Ok(partner
                .store()
                .enrol(&sent.code, &sent.device_name, &entropy, now))
        })
        .await?;
    match done {
        Ok(enrolled) => {
            begin_map(&state, enrolled.token.expose(), now);
            Ok(Json(answer(enrolled, now)))
        }
        Err(error) => {
            if matches!(error, StoreError::BadCode) {
                attempts.was_wrong(&state.partner, &bucket);
            }
            Err(error.into())
        }
    }
}

/// Has the map of the phone's area drawn while its worker chooses a PIN, so that it is there when the phone asks for it. What goes wrong here is
/// told when the phone asks.
fn begin_map(state: &Arc<AppState>, token: &str, now: jiff::Timestamp) {
    let (state, token) = (Arc::clone(state), token.to_owned());
    let begun = background::spawn(move || {
        if let Ok(contact) = state.partner.store().device_contact(&token, now) {
            let _ = packs::offer(&state, &contact.actor);
        }
    });
    if let Err(cause) = begun {
        tracing::warn!(%cause, "the map for a new phone was not begun");
    }
}

fn answer(enrolled: Enrolment, now: jiff::Timestamp) -> EnrolAnswer {
    EnrolAnswer {
        token: enrolled.token.expose().to_owned(),
        device: enrolled.device.to_string(),
        worker: Named {
            id: enrolled.worker.to_string(),
            name: enrolled.worker_name,
        },
        team: Named {
            id: enrolled.team.to_string(),
            name: enrolled.team_name,
        },
        lease_until: format!("{:.0}", enrolled.lease_until),
        server_time: now.to_string(),
    }
}
