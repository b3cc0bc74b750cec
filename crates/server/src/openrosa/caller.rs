//! Whose phone asks: by the token in the address.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::Response;
use phteah_store::{DeviceContact, StoreError};

use super::answer;
use crate::api::error::ApiError;
use crate::auth::throttle::Attempts;
use crate::http::limits::RateLimitKey;
use crate::http::places::Place;
use crate::state::AppState;

/// A phone with ODK Collect, and the address that it asks at.
#[derive(Debug, Clone)]
pub(super) struct OdkCaller {
    pub contact: DeviceContact,
    /// `https://HOST/odk/key/TOKEN`.
    pub base: String,
    token: String,
    /// One of the few places that one phone has, from wherever it asks.
    _place: Arc<Place>,
}

impl OdkCaller {
    /// Asks again, after a body that took its time: the token may have been revoked meanwhile.
    pub async fn is_still_let_in(&self, state: &Arc<AppState>) -> Result<(), Response> {
        let (partner, token) = (Arc::clone(&state.partner), self.token.clone());
        let found = state
            .work(move || Ok(partner.store().odk_contact(&token, partner.now())))
            .await
            .map_err(answer::refusal)?;
        match found {
            Ok(_) => Ok(()),
            Err(StoreError::BadKey | StoreError::DeviceRevoked) => Err(not_valid()),
            Err(error) => Err(answer::refusal(error.into())),
        }
    }
}

fn not_valid() -> Response {
    answer::refused(
        StatusCode::FORBIDDEN,
        "This project's address is not valid any more. Ask your coordinator for a new QR code. What you have filled in stays on the phone.",
    )
}

impl FromRequestParts<Arc<AppState>> for OdkCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Response> {
        let token = RawPathParams::from_request_parts(parts, state)
            .await
            .ok()
            .and_then(|parts| {
                parts
                    .iter()
                    .find(|(name, _)| *name == "token")
                    .map(|(_, token)| token.to_owned())
            })
            .unwrap_or_default();
        let partner = Arc::clone(&state.partner);
        let attempts = Attempts::at(&partner, &parts.extensions, &parts.headers);
        let now = partner.now();
        let (looked, asked) = (Arc::clone(&partner), token.clone());
        let found = state
            .work(move || Ok(looked.store().odk_contact(&asked, now)))
            .await
            .map_err(answer::refusal)?;
        let contact = match found {
            Ok(contact) => contact,
            Err(error @ (StoreError::BadKey | StoreError::DeviceRevoked)) => {
                if matches!(error, StoreError::BadKey) {
                    attempts
                        .begin(&partner, "a token of ODK Collect")
                        .map_err(answer::refusal)?;
                    attempts.was_wrong(&partner, "a token of ODK Collect");
                }
                return Err(not_valid());
            }
            Err(error) => return Err(answer::refusal(error.into())),
        };
        let device = RateLimitKey::Key(format!("device {}", contact.device));
        partner
            .limiter
            .draw(device.clone(), Instant::now())
            .map_err(|wait| answer::refusal(ApiError::too_often(wait)))?;
        let place = state
            .phones
            .take(&device)
            .map_err(|why| answer::refusal(ApiError::no_place(why)))?;
        if !parts.headers.contains_key(&answer::VERSION) && parts.uri.path().ends_with("/submission") {
            return Err(answer::refused(
                StatusCode::BAD_REQUEST,
                "The header X-OpenRosa-Version: 1.0 is missing: this address is for ODK Collect and other clients of OpenRosa.",
            ));
        }
        let origin = match partner.options.public_url.as_deref() {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!(
                "http://{}",
                parts
                    .headers
                    .get(header::HOST)
                    .and_then(|host| host.to_str().ok())
                    .unwrap_or("localhost")
            ),
        };
        Ok(Self {
            contact,
            base: format!("{origin}/odk/key/{token}"),
            token,
            _place: Arc::new(place),
        })
    }
}
