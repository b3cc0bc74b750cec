//! Under which names the server answers, and from which pages it takes writes.
//!
//! A page of a stranger can have its own name resolved to this machine (DNS rebinding): the browser then takes this server for the page's own.
//! The name that it sends gives it away.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri, header};

use super::client::Connection;
use crate::api::error::ApiError;

/// A name and a port, as `Host` has them; the port is absent where it is the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority {
    host: String,
    port: Option<u16>,
}

impl Authority {
    fn parse(text: &str) -> Option<Self> {
        let authority: axum::http::uri::Authority = text.parse().ok()?;
        if text.contains('@') || authority.host().is_empty() {
            return None;
        }
        let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
        Some(Self {
            host,
            port: authority.port_u16(),
        })
    }

    fn of_url(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let usual = match uri.scheme_str()? {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let mut found = Self::parse(uri.authority()?.as_str())?;
        found.port = found.port.filter(|port| *port != usual);
        Some(found)
    }

    fn ip(&self) -> Option<IpAddr> {
        let bare = self
            .host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        bare.unwrap_or(&self.host).parse().ok()
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }
}

/// The name under which a request reached the server.
fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let mut named = headers.get_all(header::HOST).iter();
    match (named.next(), named.next()) {
        (Some(host), None) => Authority::parse(host.to_str().ok()?),
        (None, _) => Authority::parse(uri.authority()?.as_str()),
        // Two names are none.
        (Some(_), Some(_)) => None,
    }
}

/// Which names are the server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// `localhost`, addresses of this machine's loopback, and the public URL's.
    Loopback,
    /// These and every literal address: no name that somebody else could have resolved to it.
    NoStrangers,
}

/// Refuses a request whose `Host` is none of the server's names.
pub fn check_host(
    names: Names,
    headers: &HeaderMap,
    uri: &Uri,
    public_url: Option<&str>,
) -> Result<(), ApiError> {
    let Some(asked) = host(headers, uri) else {
        return Err(ApiError::wrong_host());
    };
    let public = public_url.and_then(Authority::of_url);
    let own = asked.is_loopback()
        || (names == Names::NoStrangers && asked.ip().is_some())
        || public.is_some_and(|public| public.host == asked.host);
    if own { Ok(()) } else { Err(ApiError::wrong_host()) }
}

/// On the loopback only its own names are answered. Where it is not known how a request came, it did not come over a network.
pub fn check_loopback(request: &Request, public_url: Option<&str>) -> Result<(), ApiError> {
    let on_loopback = request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.local.ip().to_canonical().is_loopback());
    if on_loopback {
        check_host(Names::Loopback, request.headers(), request.uri(), public_url)
    } else {
        Ok(())
    }
}

/// Whether a request may change something by its method.
pub fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Refuses a write that a page of another origin has sent. Programs that are no browser send neither header.
pub fn check_origin(headers: &HeaderMap, uri: &Uri, public_url: Option<&str>) -> Result<(), ApiError> {
    if let Some(site) = headers.get("sec-fetch-site")
        && !matches!(site.as_bytes(), b"same-origin" | b"none")
    {
        return Err(ApiError::wrong_origin());
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return Ok(());
    };
    if origins.next().is_some() {
        return Err(ApiError::wrong_origin());
    }
    let text = origin.to_str().unwrap_or_default();
    let Some(origin) = Authority::of_url(text) else {
        return Err(ApiError::wrong_origin());
    };
    let usual = if text.starts_with("https:") { 443 } else { 80 };
    let here = host(headers, uri).map(|mut here| {
        here.port = here.port.filter(|port| *port != usual);
        here
    });
    let public = public_url.and_then(Authority::of_url);
    if here.as_ref() == Some(&origin) || public.as_ref() == Some(&origin) {
        Ok(())
    } else {
        Err(ApiError::wrong_origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn strangers_names_are_none_of_ours() {
        let public = Some("https://map.example.org/");
        let asked = |names, host: &str| {
            check_host(names, &headers(&[("host", host)]), &Uri::from_static("/"), public).is_ok()
        };
        for ours in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost.",
            "map.example.org",
        ] {
            assert!(asked(Names::Loopback, ours), "{ours}");
        }
        for theirs in [
            "evil.example",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example",
            "me@localhost",
            "",
        ] {
            assert!(
                !asked(Names::Loopback, theirs) && !asked(Names::NoStrangers, theirs),
                "{theirs}"
            );
        }
        assert!(!asked(Names::Loopback, "192.0.2.1") && asked(Names::NoStrangers, "192.0.2.1:8080"));
        let none = check_host(Names::Loopback, &HeaderMap::new(), &Uri::from_static("/"), None);
        assert!(none.is_err());
        let two = headers(&[("host", "localhost"), ("host", "evil.example")]);
        assert!(check_host(Names::Loopback, &two, &Uri::from_static("/"), None).is_err());
    }

    #[test]
    fn writes_come_from_our_own_pages_or_from_no_page() {
        let sent = |pairs: &[(&'static str, &str)]| {
            check_origin(
                &headers(pairs),
                &Uri::from_static("/"),
                Some("https://map.example.org"),
            )
            .is_ok()
        };
        let host = ("host", "127.0.0.1:8080");
        assert!(sent(&[host]));
        assert!(sent(&[
            host,
            ("origin", "http://127.0.0.1:8080"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(sent(&[host, ("origin", "https://map.example.org")]));
        assert!(sent(&[
            ("host", "phteah.local"),
            ("origin", "http://phteah.local:80")
        ]));
        for wrong in [
            "null",
            "http://evil.example",
            "http://127.0.0.1:8081",
            "http://localhost:8080",
            "",
            "x",
        ] {
            assert!(!sent(&[host, ("origin", wrong)]), "{wrong}");
        }
        assert!(!sent(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!sent(&[host, ("sec-fetch-site", "same-site")]));
    }
}
