//! Who asks: the key of a request or the session of a browser, and whether its owner has asked too often.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use phteah_store::{PlanChange, Planner, SignedIn, StoreError, Viewer, key_id};

use crate::api::error::ApiError;
use crate::http::client;
use crate::http::limits::RateLimitKey;
use crate::partner::state::PartnerState;
use crate::state::AppState;

use super::session;

/// The longest key that is looked at, in bytes.
const MAX_KEY_BYTES: usize = 512;

/// The viewer of a request, within their limits, and whose limits these are.
#[derive(Debug, Clone)]
pub struct Caller(pub Viewer, pub RateLimitKey);

/// For whom a request without a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyless {
    /// A stranger, among the partners.
    Stranger,
    /// Somebody who looks at a map that asks for no key.
    Planner,
}

impl Caller {
    /// Finds out who asks and draws from their limit, once for each request. Of a person who is signed in, a
    /// [`SignedIn`](phteah_store::SignedIn) lies in the request's extensions afterwards.
    pub fn of(parts: &mut Parts, state: &PartnerState, keyless: Keyless) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let ip = client::address(&parts.extensions, &parts.headers, &state.options.trusted_proxies);
        let viewer = match key_of(&parts.headers)? {
            Some(key) => viewer_of(state, &key, ip)?,
            None => match session::token(&parts.headers) {
                // A session that has ended is no wrong key: its owner sees what everybody sees.
                Some(token) => match state.store().signed_in(token, state.now())? {
                    Some(person) => {
                        let viewer = person.actor.viewer();
                        parts.extensions.insert(person);
                        viewer
                    }
                    None => state
                        .store()
                        .session(token, state.now())?
                        .unwrap_or_else(Viewer::anyone),
                },
                None => Viewer::anyone(),
            },
        };
        let account = parts
            .extensions
            .get::<SignedIn>()
            .and_then(|person| person.actor.account())
            .map(ToString::to_string);
        let limited = match account.as_deref().or_else(|| viewer.key_id()) {
            Some(account) if keyless == Keyless::Planner || viewer.is_team() => {
                RateLimitKey::Team(account.to_owned())
            }
            Some(id) => RateLimitKey::Key(id.to_owned()),
            None if keyless == Keyless::Planner => RateLimitKey::planner(ip),
            None => RateLimitKey::address(ip),
        };
        state
            .limiter
            .draw(limited.clone(), Instant::now())
            .map_err(ApiError::too_often)?;
        let caller = Self(viewer, limited);
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// Whose key it is. Wrong ones are counted by the address that they come from and the key that they name: they keep nobody from another.
pub(super) fn viewer_of(state: &PartnerState, key: &str, ip: IpAddr) -> Result<Viewer, ApiError> {
    let now = Instant::now();
    let wrong = RateLimitKey::wrong_keys(ip, key_id(key).as_deref());
    // Who has sent many wrong keys of one name waits even with the right one; else the wait would tell which is right.
    state
        .limiter
        .is_open(wrong.clone(), now)
        .map_err(ApiError::too_often)?;
    match state.store().viewer(key, state.now()) {
        Ok(viewer) => Ok(viewer),
        Err(error @ StoreError::BadKey) => {
            for bucket in [wrong, RateLimitKey::address(ip)] {
                state.limiter.draw(bucket, now).map_err(ApiError::too_often)?;
            }
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

impl FromRequestParts<Arc<PartnerState>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<PartnerState>) -> Result<Self, ApiError> {
        Self::of(parts, state, Keyless::Stranger)
    }
}

/// The key in a request: a bearer token, or the password of basic authentication, whatever its user name.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .ok()
        .filter(|text| text.len() <= MAX_KEY_BYTES)
        .ok_or_else(ApiError::bad_key)?;
    let (scheme, rest) = text.split_once(' ').ok_or_else(ApiError::bad_key)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(rest.trim().to_owned()));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = decode_base64(rest.trim()).and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.ok_or_else(ApiError::bad_key)?;
        let (_, password) = pair.split_once(':').ok_or_else(ApiError::bad_key)?;
        return Ok(Some(password.to_owned()));
    }
    Err(ApiError::bad_key())
}

/// Base64 as RFC 4648 has it, padded or not.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for sign in text.trim_end_matches('=').bytes() {
        let six = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// Who changes a plan of the team, as the wall found out; for the audit.
#[derive(Debug, Clone)]
pub struct Writer {
    person: Option<SignedIn>,
    key: Option<String>,
}

impl Writer {
    /// Writes the change into the audit.
    pub fn note(
        &self,
        state: &AppState,
        what: PlanChange,
        subject: &str,
        detail: &str,
    ) -> Result<(), ApiError> {
        let who = match (&self.person, &self.key) {
            (Some(person), _) => Planner::Person(&person.actor),
            (None, Some(key)) => Planner::Key(key),
            (None, None) => Planner::Anyone,
        };
        let partner = &state.partner;
        Ok(partner
            .store()
            .note_plan(who, what, subject, detail, partner.now())?)
    }
}

impl<S: Sync> FromRequestParts<S> for Writer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let caller = parts.extensions.get::<Caller>();
        Ok(Self {
            person: parts.extensions.get::<SignedIn>().cloned(),
            key: caller.and_then(|Caller(viewer, _)| viewer.key_id().map(str::to_owned)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_headers() {
        let key = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, text.parse().unwrap());
            key_of(&headers)
        };
        assert_eq!(key("Bearer phteah_x").unwrap().as_deref(), Some("phteah_x"));
        assert_eq!(
            key("Basic YW55OnBodGVhaF94").unwrap().as_deref(),
            Some("phteah_x")
        );
        assert_eq!(key("basic OnA=").unwrap().as_deref(), Some("p"));
        for wrong in ["Bearer", "Basic !!!", "Basic eA==", "Digest a=b"] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
        assert_eq!(key_of(&HeaderMap::new()).unwrap(), None);
    }
}
