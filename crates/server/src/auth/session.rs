//! The cookie of a session.

use axum::http::{HeaderMap, HeaderValue, header};
use phteah_store::SessionToken;

use crate::api::error::ApiError;
use crate::partner::state::PartnerState;

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

/// Whether a request comes with a session that is not over.
pub fn is_open(state: &PartnerState, headers: &HeaderMap) -> Result<bool, ApiError> {
    match token(headers) {
        Some(token) => Ok(state.store().session(token, state.now())?.is_some()),
        None => Ok(false),
    }
}

/// Hands a session to its browser: no script reads it, no other site's page has it sent, and where the address outside is `https` it goes over
/// nothing else.
pub fn begun(token: &SessionToken, public_url: Option<&str>) -> Result<HeaderValue, ApiError> {
    cookie(token.expose(), MAX_AGE_S, public_url)
}

/// Has the browser forget its session.
pub fn ended(public_url: Option<&str>) -> Result<HeaderValue, ApiError> {
    cookie("", 0, public_url)
}

fn cookie(value: &str, max_age: u32, public_url: Option<&str>) -> Result<HeaderValue, ApiError> {
    let secure = match public_url {
        Some(url) if url.starts_with("https://") => "; Secure",
        _ => "",
    };
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
