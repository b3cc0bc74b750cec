//! Who comes in through which door: signing in, foreign names, foreign pages, proxies, what refusals say.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use phteah_server::api::app;
use phteah_server::http::client::Connection;
use phteah_server::http::limits::{Limits as Rates, Rate};
use phteah_server::partner::state::{Open, PartnerOptions};
use phteah_server::state::{AppState, Limits};
use phteah_store::KeyScope;

use crate::common::{self, Answer, ask, city, scenario};
use crate::house::House;

const PAGE: [(&str, &str); 2] = [
    ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("sec-fetch-mode", "navigate"),
];

fn form(key: &str, at: &str) -> String {
    format!("key={key}&at={}", at.replace('#', "%23").replace('&', "%26"))
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn sign_in(house: &House, key: &str, at: &str) -> Answer {
    house.send(Method::POST, "/sign-in", &[FORM], form(key, at)).await
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_signs_in_with_a_key_of_the_team() {
    let house = House::walled();
    let team = house.key("team", KeyScope::Team);
    // A browser is shown the page wherever it goes, a program is told in JSON.
    for path in ["/", "/index.html", "/api/layers", "/no/such/address"] {
        let page = house.ask(Method::GET, path, &PAGE).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.header("content-type").starts_with("text/html"));
        assert_eq!(page.header("cache-control"), "no-store");
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(
            text.contains("<form") && text.contains("Sign in") && text.contains("ចូល"),
            "{text}"
        );
        assert!(
            page.header("www-authenticate").is_empty(),
            "a browser would ask by itself"
        );
    }
    let refused = house.get("/api/layers").await;
    refused.is_error(401, "sign_in");
    assert!(refused.header("www-authenticate").starts_with("Bearer"));

    let welcome = sign_in(&house, &team, "/#s=1&x").await;
    assert_eq!(
        (welcome.status.as_u16(), welcome.header("location")),
        (303, "/#s=1&x")
    );
    let set = welcome.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(word), "{set}");
    }
    assert!(!set.contains(&team[20..]));
    let session = cookie(&welcome);
    let with = [("cookie", session.as_str())];
    assert_eq!(house.ask(Method::GET, "/api/layers", &with).await.status, 200);
    // Who came by a session can end it; who sends a key with every request cannot.
    let bearer = format!("Bearer {team}");
    for (header, expected) in [(with[0], true), (("authorization", bearer.as_str()), false)] {
        let told = house.ask(Method::GET, "/api/deployment", &[header]).await.json();
        assert_eq!(told["signed_in"], expected, "{header:?}");
    }
    assert_eq!(
        house.ask(Method::GET, "/data/settlements", &with).await.status,
        200
    );

    let goodbye = house.send(Method::POST, "/sign-out", &with, "").await;
    assert_eq!(goodbye.status, 303);
    assert!(goodbye.header("set-cookie").contains("Max-Age=0"));
    house
        .ask(Method::GET, "/api/layers", &with)
        .await
        .is_error(401, "sign_in");
    // On the data page it is no wrong key: there one merely sees what everybody sees.
    assert_eq!(house.ask(Method::GET, "/data", &with).await.status, 200);
}

#[tokio::test]
async fn wrong_keys_do_not_sign_in_and_nobody_is_led_elsewhere() {
    let house = House::walled();
    let team = house.key("team", KeyScope::Team);
    let partner = house.key("partner", KeyScope::EveryPartnerLayer);
    for wrong in [partner.as_str(), "phteah_x", ""] {
        let answer = sign_in(&house, wrong, "/").await;
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(answer.header("set-cookie").is_empty());
        assert!(String::from_utf8_lossy(&answer.body).contains("not valid"));
    }
    let welcome = sign_in(&house, &team, "//evil.example/x").await;
    assert_eq!(welcome.header("location"), "/");
    // Nor does another site's page sign anybody in.
    let evil = [FORM, ("origin", "https://evil.example")];
    let refused = house
        .send(Method::POST, "/sign-in", &evil, form(&team, "/"))
        .await;
    refused.is_error(403, "wrong_origin");
    // A link on another site: the browser keeps the session to itself until it is asked from here.
    let mut elsewhere = PAGE.to_vec();
    elsewhere.push(("sec-fetch-site", "cross-site"));
    let page = house.ask(Method::GET, "/", &elsewhere).await;
    assert!(String::from_utf8_lossy(&page.body).contains("http-equiv=\"refresh\""));
}

#[tokio::test]
async fn an_open_door_is_shut_to_whoever_comes_through_a_proxy() {
    let house = House::new();
    assert_eq!(
        house
            .ask(Method::GET, "/api/layers", &[("host", "127.0.0.1:8080")])
            .await
            .status,
        200
    );
    for proxy in ["x-forwarded-for", "x-forwarded-host", "forwarded", "via"] {
        let headers = [("host", "127.0.0.1:8080"), (proxy, "x")];
        house
            .ask(Method::GET, "/api/layers", &headers)
            .await
            .is_error(401, "sign_in");
    }
    // A name that anybody may have had resolved to this machine is none of its own.
    let foreign = house
        .ask(Method::GET, "/api/layers", &[("host", "evil.example")])
        .await;
    foreign.is_error(421, "wrong_host");
    let public = House::with(PartnerOptions {
        open: Open::All,
        public_url: Some("https://map.example.org".to_owned()),
        ..PartnerOptions::default()
    });
    public.get("/api/layers").await.is_error(401, "sign_in");
}

fn on_loopback(path: &str, host: &str) -> Request<Body> {
    let mut request = Request::get(path)
        .header("host", host)
        .body(Body::empty())
        .unwrap();
    let end = |port| SocketAddr::from(([127, 0, 0, 1], port));
    request.extensions_mut().insert(Connection {
        peer: end(40_000),
        local: end(8080),
        secure: false,
    });
    request
}

#[tokio::test]
async fn on_the_loopback_only_its_own_names_are_answered() {
    let house = House::with(PartnerOptions {
        open: Open::All,
        public_url: None,
        ..PartnerOptions::default()
    });
    for path in ["/api/layers", "/data", "/health", "/"] {
        for own in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert_eq!(
                ask(house.router.clone(), on_loopback(path, own)).await.status,
                200,
                "{path} {own}"
            );
        }
        for foreign in ["evil.example:8080", "192.168.1.5", "localhost.evil.example"] {
            let answer = ask(house.router.clone(), on_loopback(path, foreign)).await;
            answer.is_error(421, "wrong_host");
        }
    }
    let named = House::with(PartnerOptions {
        public_url: Some("https://data.example.org".to_owned()),
        ..PartnerOptions::default()
    });
    assert_eq!(
        ask(named.router.clone(), on_loopback("/data", "data.example.org"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn writes_come_from_our_own_pages_and_as_json() {
    let dir = city();
    let state = Arc::new(common::state(dir.path(), Limits::default()));
    let router = app(state);
    let put = async |headers: &[(&str, &str)]| {
        let body = serde_json::json!({"scenario": scenario()}).to_string();
        let mut request = Request::put("/api/scenarios/mine").header("host", "127.0.0.1:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ask(router.clone(), request.body(Body::from(body)).unwrap()).await
    };
    let new = ("if-none-match", "*");
    let json = ("content-type", "application/json");
    put(&[new]).await.is_error(415, "not_json");
    put(&[new, ("content-type", "text/plain")])
        .await
        .is_error(415, "not_json");
    for foreign in ["https://evil.example", "null", "http://127.0.0.1:9090"] {
        put(&[new, json, ("origin", foreign)])
            .await
            .is_error(403, "wrong_origin");
    }
    put(&[new, json, ("sec-fetch-site", "cross-site")])
        .await
        .is_error(403, "wrong_origin");
    let own = put(&[
        new,
        json,
        ("origin", "http://127.0.0.1:8080"),
        ("sec-fetch-site", "same-origin"),
    ])
    .await;
    assert_eq!(own.status, 200, "{}", own.json());
}

#[tokio::test]
async fn a_named_proxy_tells_clients_apart() {
    let rate = Rate {
        burst: 3.0,
        per_second: 0.01,
    };
    let dir = city();
    let options = PartnerOptions {
        limits: Rates {
            address: rate,
            ..Rates::default()
        },
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..PartnerOptions::default()
    };
    let state = AppState::open_for(
        dir.path().to_owned(),
        Limits::default(),
        7,
        common::sites,
        options,
    );
    let router = app(Arc::new(state.unwrap()));
    let get = async |client: &str| {
        let mut request = on_loopback("/data", "localhost");
        request
            .headers_mut()
            .insert("x-forwarded-for", client.parse().unwrap());
        ask(router.clone(), request).await.status.as_u16()
    };
    for _ in 0..3 {
        assert_eq!(get("203.0.113.1").await, 200);
    }
    assert_eq!(get("203.0.113.1").await, 429);
    // What a client claims of itself stands further left and counts for nothing.
    assert_eq!(get("198.51.100.7, 203.0.113.1").await, 429);
    assert_eq!(get("203.0.113.2").await, 200);
}

#[tokio::test]
async fn refusals_can_be_read_by_pages_of_other_sites() {
    let house = House::walled();
    for path in [
        "/data/nothing.csv",
        "/data/parcels.csv?filter=(",
        "/data/parcels/no/such/address",
        "/ogc/collections/nothing",
    ] {
        let answer = house
            .ask(Method::GET, path, &[("origin", "https://map.example.org")])
            .await;
        assert!(answer.status.is_client_error(), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("retry-after")
        );
    }
    let wrong = [
        ("origin", "https://map.example.org"),
        ("authorization", "Bearer wrong"),
    ];
    let answer = house.ask(Method::GET, "/data", &wrong).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("access-control-allow-origin")
        ),
        (401, "*")
    );
    // The team's part is nobody else's.
    let team = house
        .ask(
            Method::GET,
            "/api/layers",
            &[("origin", "https://map.example.org")],
        )
        .await;
    assert!(team.header("access-control-allow-origin").is_empty());
}

#[tokio::test]
async fn the_form_that_is_liked_best_is_sent() {
    let house = House::walled();
    for path in [
        "/ogc",
        "/ogc/collections",
        "/ogc/collections/parcels/items?limit=1",
        "/data/parcels",
    ] {
        for (accept, expected) in [
            ("text/html;q=0.1,application/json", "json"),
            ("application/json;q=0.2, text/html;q=0.9", "html"),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "html",
            ),
            ("application/*, text/html;q=0.5", "json"),
        ] {
            let answer = house.ask(Method::GET, path, &[("accept", accept)]).await;
            let kind = answer.header("content-type");
            assert!(kind.contains(expected), "{path} {accept}: {kind}");
        }
    }
    let none = house
        .ask(Method::GET, "/ogc", &[("accept", "text/html;q=0, image/png")])
        .await;
    none.is_error(406, "not_acceptable");
    let khmer = [("accept", "text/html"), ("accept-language", "en;q=0.3, km-KH")];
    let page = house.ask(Method::GET, "/data", &khmer).await;
    assert!(String::from_utf8_lossy(&page.body).contains("lang=\"km\""));
}

#[tokio::test]
async fn one_address_leaves_places_to_others() {
    let house = House::with(PartnerOptions {
        requests_each: 0,
        ..PartnerOptions::default()
    });
    let refused = house.get("/data").await;
    refused.is_error(429, "too_often");
    assert!(!refused.header("retry-after").is_empty());
    // Planners have places of their own.
    let team = house.key("team", KeyScope::Team);
    assert_eq!(house.get_as("/api/layers", &team).await.status, 200);
}
