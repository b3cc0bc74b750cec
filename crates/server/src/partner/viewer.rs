//! Who asks: the key of a request, and whether its owner has asked too often.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, header, request::Parts};
use phteah_store::{StoreError, Viewer};

use super::limits::Asker;
use super::state::PartnerState;
use crate::api::error::ApiError;

/// The longest key that is looked at, in bytes.
const MAX_KEY_BYTES: usize = 512;

/// The viewer of a request, within their limits, and whose limits these are.
#[derive(Debug, Clone)]
pub struct Caller(pub Viewer, pub Asker);

impl FromRequestParts<Arc<PartnerState>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<PartnerState>) -> Result<Self, ApiError> {
        // Addresses that proxies claim are not believed: anyone can write such a header. Behind a proxy, limits by address belong there.
        let ip = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        let now = Instant::now();
        let Some(key) = key_of(&parts.headers)? else {
            let asker = Asker::address(ip);
            state
                .limiter
                .draw(asker.clone(), now)
                .map_err(ApiError::too_often)?;
            return Ok(Self(Viewer::anyone(), asker));
        };
        // Who has sent many wrong keys waits even with a right one; else the wait would tell which is right.
        state
            .limiter
            .is_open(Asker::wrong_keys(ip), now)
            .map_err(ApiError::too_often)?;
        match state.store().viewer(&key, state.now()) {
            Ok(viewer) => {
                let asker = Asker::Key(viewer.key_name().unwrap_or("").to_owned());
                state
                    .limiter
                    .draw(asker.clone(), now)
                    .map_err(ApiError::too_often)?;
                Ok(Self(viewer, asker))
            }
            Err(error @ StoreError::BadKey) => {
                state
                    .limiter
                    .draw(Asker::wrong_keys(ip), now)
                    .map_err(ApiError::too_often)?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
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
