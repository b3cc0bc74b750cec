//! What stands on the port of plain HTTP beside one with TLS: it sends whoever comes there on to `https`.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::partner::web::host_of;

/// Where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To this address, without a slash at the end.
    Url(String),
    /// To the name that was asked for, at this port.
    Port(u16),
}

/// The application.
pub fn app(target: Target) -> Router {
    Router::new().fallback(lead).with_state(target)
}

async fn lead(State(target): State<Target>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        let told = "What you have sent was not taken: this port speaks plain HTTP, and anybody on the way could have read it. Use https.\n";
        return (StatusCode::FORBIDDEN, told).into_response();
    }
    let place = uri.path_and_query().map_or("/", |place| place.as_str());
    let Some(base) = base(&target, &headers, &uri) else {
        return (StatusCode::BAD_REQUEST, "Use https.\n").into_response();
    };
    let Ok(location) = HeaderValue::from_str(&format!("{base}{place}")) else {
        return (StatusCode::BAD_REQUEST, "Use https.\n").into_response();
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::PERMANENT_REDIRECT, headers).into_response()
}

fn base(target: &Target, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    match target {
        Target::Url(url) => Some(url.trim_end_matches('/').to_owned()),
        Target::Port(port) => {
            let host = host_of(headers, uri)?;
            // Without the port that was asked: an address of IPv6 has colons of its own.
            let bare = match host.rsplit_once(':') {
                Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
                    name
                }
                _ => host,
            };
            match port {
                443 => Some(format!("https://{bare}")),
                port => Some(format!("https://{bare}:{port}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_asked_for_at_the_port_that_speaks_tls() {
        let asked = |host: &str, port| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            base(&Target::Port(port), &headers, &Uri::from_static("/x"))
        };
        for (host, port, expected) in [
            ("data.example.org", 443, Some("https://data.example.org")),
            ("data.example.org:80", 443, Some("https://data.example.org")),
            (
                "data.example.org:8080",
                8443,
                Some("https://data.example.org:8443"),
            ),
            ("[::1]:8080", 8443, Some("https://[::1]:8443")),
            ("[::1]", 443, Some("https://[::1]")),
            ("evil.example/path", 443, None),
            ("me@evil.example", 443, None),
        ] {
            assert_eq!(asked(host, port).as_deref(), expected, "{host}");
        }
    }
}
