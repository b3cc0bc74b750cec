//! The cookie of a session.

use axum::http::{HeaderMap, HeaderValue, header};
use phteah_store::SessionToken;

use crate::api::error::ApiError;
use crate::partner::state::{PartnerOptions, PartnerState};

/// Name of the cookie.
const COOKIE: &str = "phteah_session";

/// Seconds after which the browser forgets the cookie; the server ends the session then as well.
const MAX_AGE_S: u32 = 7 * 24 * 3600;

/// The session of a request, as its browser sends it.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// Whether a request comes with a session that is not over: of a person, or of somebody with a key of the team.
pub fn is_open(state: &PartnerState, headers: &HeaderMap) -> Result<bool, ApiError> {
    match token(headers) {
        Some(token) => Ok(state.store().signed_in(token, state.now())?.is_some()
            || state.store().session(token, state.now())?.is_some()),
        None => Ok(false),
    }
}

/// Hands a session to its browser: no script reads it, no other site's page has it sent, and where the address outside is `https` it goes over
/// nothing else.
pub fn begun(token: &SessionToken, options: &PartnerOptions) -> Result<HeaderValue, ApiError> {
    cookie(token.expose(), MAX_AGE_S, options)
}

/// Has the browser forget its session.
pub fn ended(options: &PartnerOptions) -> Result<HeaderValue, ApiError> {
    cookie("", 0, options)
}

fn cookie(value: &str, max_age: u32, options: &PartnerOptions) -> Result<HeaderValue, ApiError> {
    let secure = if options.is_https() { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_among_others() {
        let sent = |lines: &[&str]| {
            let headers: HeaderMap = lines
                .iter()
                .map(|line| (header::COOKIE, line.parse().unwrap()))
                .collect();
            token(&headers).map(str::to_owned)
        };
        assert_eq!(sent(&["a=b; phteah_session=xy; c=d"]).as_deref(), Some("xy"));
        assert_eq!(sent(&["a=b", "phteah_session=xy"]).as_deref(), Some("xy"));
        assert_eq!(sent(&["my_phteah_session=xy; phteah_session"]), None);
        assert_eq!(sent(&[]), None);
    }
}
