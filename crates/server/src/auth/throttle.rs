//! How often somebody may try to come in. Wrong attempts are counted by the address that they come from together with the account that they name:
//! whoever guesses at one account keeps neither its owner, who comes from elsewhere, nor the colleagues behind the same address from signing in.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::api::error::ApiError;
use crate::bundle::hex;
use crate::http::client;
use crate::http::limits::RateLimitKey;
use crate::partner::state::PartnerState;
use crate::state::AppState;

/// Passwords that are stretched at a time. Each takes 19 MiB and a core: more of them would keep the map waiting.
const AT_A_TIME: usize = 2;

static SLOW: Semaphore = Semaphore::const_new(AT_A_TIME);

/// Attempts from one address.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    ip: IpAddr,
}

impl Attempts {
    /// Those of a request's address.
    pub fn of(state: &PartnerState, request: &Request) -> Self {
        Self::at(state, request.extensions(), request.headers())
    }

    /// The same, of a request that has been taken apart.
    pub fn at(state: &PartnerState, extensions: &Extensions, headers: &HeaderMap) -> Self {
        Self {
            ip: client::address(extensions, headers, &state.options.trusted_proxies),
        }
    }

    /// Whether another attempt at this account, code or link may be made now.
    pub fn begin(self, state: &PartnerState, name: &str) -> Result<(), ApiError> {
        let now = Instant::now();
        state
            .limiter
            .draw(RateLimitKey::attempts(self.ip), now)
            .map_err(ApiError::too_often)?;
        state
            .limiter
            .is_open(self.key(name), now)
            .map_err(ApiError::too_often)
    }

    /// Counts an attempt that was wrong.
    pub fn was_wrong(self, state: &PartnerState, name: &str) {
        // The next attempt is told how long to wait.
        let _ = state.limiter.draw(self.key(name), Instant::now());
    }

    /// Names are kept hashed: they may be long, or passwords that went into the wrong field.
    fn key(self, name: &str) -> RateLimitKey {
        // The same key by which the account is found: no other way of writing a name gets round the count.
        let hash = Sha256::digest(phteah_store::name_key(name).as_bytes());
        RateLimitKey::wrong_keys(self.ip, Some(&format!("account {}", hex(&hash[..8]))))
    }
}

/// Runs work that stretches a password: a few at a time, the others wait.
pub async fn slowly<T: Send + 'static>(
    state: &Arc<AppState>,
    job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let turn = SLOW.acquire().await.map_err(ApiError::internal)?;
    state
        .work(move || {
            let _turn = turn;
            job()
        })
        .await
}
