//! A deployment of which some is hidden: parcels are public but for their price; services are for partners; settlements and the ground are
//! internal.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use jiff::{Timestamp, ToSpan};
use phteah_server::api::{app, partner_app};
use phteah_server::http::limits::Limits as Rates;
use phteah_server::partner::state::{Open, PartnerOptions};
use phteah_server::state::{AppState, Limits};
use phteah_store::{ENTROPY_BYTES, KeyScope, NewKey, Store};
use tempfile::TempDir;

use crate::common::{self, Answer, ask, city, phteah};

/// The deployment, its server and the partners' own door.
pub struct House {
    pub dir: TempDir,
    pub store: Store,
    pub router: Router,
    pub partners: Router,
}

impl House {
    /// As it stands on the team's own machine.
    pub fn new() -> Self {
        Self::with(PartnerOptions {
            open: Open::All,
            ..PartnerOptions::default()
        })
    }

    /// As strangers find it: the team's part asks for a key. Nobody runs into limits.
    pub fn walled() -> Self {
        Self::with(PartnerOptions {
            limits: Rates::per_second(1e6),
            ..PartnerOptions::default()
        })
    }

    /// With other settings. Nobody runs into limits of requests.
    pub fn with(options: PartnerOptions) -> Self {
        let dir = city();
        let path = dir.path().to_str().unwrap();
        let shown = "tenure,land_use,available";
        phteah(&["publish", "parcels", "public", "--data", path, "--fields", shown]);
        phteah(&["publish", "services", "partner", "--data", path]);
        phteah(&["publish", "settlements", "internal", "--data", path]);
        phteah(&["publish", "elevation", "internal", "--data", path]);
        let data = dir.path().to_owned();
        let state = AppState::open_for(data, Limits::default(), 7, common::sites, options).unwrap();
        let state = Arc::new(state);
        Self {
            store: Store::open(dir.path()).unwrap(),
            router: app(Arc::clone(&state)),
            partners: partner_app(state),
            dir,
        }
    }

    /// A new key.
    pub fn key(&self, name: &str, scope: KeyScope) -> String {
        let seed = name.bytes().map(u32::from).sum::<u32>() as u8;
        let entropy: [u8; ENTROPY_BYTES] =
            std::array::from_fn(|i| seed.wrapping_mul(17).wrapping_add(i as u8));
        let now = Timestamp::now();
        let new = NewKey {
            name,
            scope,
            expires_at: now + 24.hours(),
        };
        self.store
            .add_key(&self.store.command_line(), &new, &entropy, "", now)
            .unwrap()
            .expose()
            .to_owned()
    }

    /// A key that names a layer which is internal all the same.
    pub fn narrow_key(&self) -> String {
        let layers = vec!["parcels".into(), "settlements".into()];
        self.key("narrow", KeyScope::Layers(layers))
    }

    /// The id of the default scenario's ranking, made with a key of the team.
    pub async fn ranking(&self, bearer: &str) -> String {
        let body = serde_json::json!({"scenario": common::scenario()}).to_string();
        let mut request = common::json_post("/api/rankings", body);
        let bearer = bearer.parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let answer = ask(self.router.clone(), request).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[]).await
    }

    pub async fn get_as(&self, path: &str, key: &str) -> Answer {
        let bearer = format!("Bearer {key}");
        self.ask(Method::GET, path, &[("authorization", &bearer)]).await
    }

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, Body::empty()).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", "data.example.org");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ask(self.router.clone(), request.body(body.into()).unwrap()).await
    }
}

/// An answer without what differs from request to request, and with the layer's name taken out.
pub fn shape(answer: &Answer, name: &str) -> (u16, String, Vec<String>) {
    let id = answer.header("x-request-id");
    let plain = |text: &str| {
        if id.is_empty() {
            text.to_owned()
        } else {
            text.replace(id, "ID")
        }
    };
    let body = plain(&String::from_utf8_lossy(&answer.body)).replace(name, "LAYER");
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(key, _)| *key != "x-request-id")
        .map(|(key, value)| format!("{key}: {}", value.to_str().unwrap().replace(name, "LAYER")))
        .collect();
    headers.sort();
    (answer.status.as_u16(), body, headers)
}
