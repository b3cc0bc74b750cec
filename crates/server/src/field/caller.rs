//! Which device asks: by the token that it was given when it was enrolled.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use phteah_store::{DeviceContact, StoreError};

use crate::api::error::ApiError;
use crate::auth::throttle::Attempts;
use crate::http::limits::RateLimitKey;
use crate::state::AppState;

/// A device that has made contact, within its limits. Its lease is renewed by it.
#[derive(Debug, Clone)]
pub struct DeviceCaller(pub DeviceContact);

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
        let looked = Arc::clone(&partner);
        let found = state
            .work(move || Ok(looked.store().device_contact(&token, now)))
            .await?;
        match found {
            Ok(contact) => {
                let device = RateLimitKey::Key(format!("device {}", contact.device));
                partner
                    .limiter
                    .draw(device, Instant::now())
                    .map_err(ApiError::too_often)?;
                Ok(Self(contact))
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
