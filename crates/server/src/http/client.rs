//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{Extensions, HeaderMap, HeaderName};

/// The two ends of the connection on which a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// The other end: a client, or a proxy.
    pub peer: SocketAddr,
    /// This end. Of a listener on every address it is the one that was reached.
    pub local: SocketAddr,
    /// Whether what travels on it is sealed by TLS of this server.
    pub secure: bool,
}

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers by which proxies say that they stand in between.
const OF_PROXIES: [&str; 3] = ["forwarded", "via", "x-real-ip"];

/// The client's address: the other end of the connection, unless that is a proxy which the operator has named. What other proxies claim is
/// not believed, since anyone can write such a header.
///
/// A named proxy adds the address that it sees at the end of `X-Forwarded-For`; the last one there that is no named proxy is the client.
pub fn address(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = extensions
        .get::<Connection>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |connection| {
            connection.peer.ip()
        })
        .to_canonical();
    let is_trusted = |ip: IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == ip);
    if !is_trusted(peer) {
        return peer;
    }
    let lines: Vec<&str> = headers
        .get_all(&FORWARDED_FOR)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    let mut client = peer;
    for text in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(ip) = parse(text.trim()) else { break };
        client = ip.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// An address with or without a port, an IPv6 one in brackets or bare.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Whether a request says that it came through a proxy.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || OF_PROXIES.contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Connection {
            peer: SocketAddr::new(peer.parse().unwrap(), 4000),
            local: "127.0.0.1:80".parse().unwrap(),
            secure: false,
        });
        let headers = forwarded
            .iter()
            .map(|line| (FORWARDED_FOR.clone(), line.parse().unwrap()))
            .collect();
        let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
        address(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn a_proxy_is_believed_where_it_is_named() {
        for (peer, forwarded, trusted, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], &[][..], "192.0.2.1"),
            ("192.0.2.1", &["203.0.113.9"], &["192.0.2.2"], "192.0.2.1"),
            ("192.0.2.1", &["203.0.113.9"], &["192.0.2.1"], "203.0.113.9"),
            // What the client claimed stands before what the proxy saw.
            (
                "192.0.2.1",
                &["10.0.0.1, 203.0.113.9"],
                &["192.0.2.1"],
                "203.0.113.9",
            ),
            (
                "192.0.2.1",
                &["10.0.0.1", "203.0.113.9:4711"],
                &["192.0.2.1"],
                "203.0.113.9",
            ),
            (
                "192.0.2.1",
                &["203.0.113.9, 192.0.2.2"],
                &["192.0.2.1", "192.0.2.2"],
                "203.0.113.9",
            ),
            ("192.0.2.1", &["[2001:db8::7]:99"], &["192.0.2.1"], "2001:db8::7"),
            ("192.0.2.1", &["nonsense"], &["192.0.2.1"], "192.0.2.1"),
            ("192.0.2.1", &[], &["192.0.2.1"], "192.0.2.1"),
            (
                "::ffff:192.0.2.1",
                &["203.0.113.9"],
                &["192.0.2.1"],
                "203.0.113.9",
            ),
        ] {
            assert_eq!(
                seen(peer, forwarded, trusted),
                expected,
                "{peer} {forwarded:?} {trusted:?}"
            );
        }
    }

    #[test]
    fn proxies_are_known_by_their_headers() {
        let with = |name: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, "x".parse().unwrap());
            is_forwarded(&headers)
        };
        for name in [
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "via",
            "x-real-ip",
        ] {
            assert!(with(name), "{name}");
        }
        assert!(!with("accept") && !is_forwarded(&HeaderMap::new()));
    }
}
