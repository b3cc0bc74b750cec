//! Which device asks: by the token that it was given when it was enrolled.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use phteah_store::{DeviceContact, StoreError};

use crate::api::error::ApiError;
use crate::auth::throttle::Attempts;
use crate::http::limits::RateLimitKey;
use crate::http::places::Place;
use crate::state::AppState;

/// A device that has made contact, within its limits. Its lease is renewed by it.
#[derive(Debug, Clone)]
pub struct DeviceCaller(pub DeviceContact, pub Presence);

/// What a device's request holds while it is answered: one of the few places that one device has, from wherever it asks.
#[derive(Debug, Clone)]
pub struct Presence {
    token: Arc<str>,
    _place: Arc<Place>,
}

impl Presence {
    /// Asks again, after a body that took its time: the device may have been revoked meanwhile.
    pub async fn is_still_let_in(&self, state: &Arc<AppState>) -> Result<(), ApiError> {
        let (partner, token) = (Arc::clone(&state.partner), Arc::clone(&self.token));
        state
            .work(move || {
                partner.store().device_contact(&token, partner.now())?;
                Ok(())
            })
            .await
    }
}

impl FromRequestParts<Arc<AppState>> for DeviceCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let partner = Arc::clone(&state.partner);
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .ok_or_else(ApiError::bad_key)?;
        let attempts = Attempts::at(&partner, &parts.extensions, &parts.headers);
        let now = partner.now();
        let (looked, asked) = (Arc::clone(&partner), token.clone());
        let found = state
            .work(move || Ok(looked.store().device_contact(&asked, now)))
            .await?;
        match found {
            Ok(contact) => {
                let device = RateLimitKey::Key(format!("device {}", contact.device));
                partner
                    .limiter
                    .draw(device.clone(), Instant::now())
                    .map_err(ApiError::too_often)?;
                let place = state.phones.take(&device).map_err(ApiError::no_place)?;
                let presence = Presence {
                    token: token.into(),
                    _place: Arc::new(place),
                };
                Ok(Self(contact, presence))
            }
            Err(error) => {
                if matches!(error, StoreError::BadKey) {
                    attempts.begin(&partner, "a device's token")?;
                    attempts.was_wrong(&partner, "a device's token");
                }
                Err(error.into())
            }
        }
    }
}
