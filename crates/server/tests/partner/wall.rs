//! The team's part and the partners' own door.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use phteah_server::api::app;
use phteah_server::partner::state::{Open, PartnerOptions};
use phteah_server::state::{AppState, Limits};

use crate::common::{self, ask, city, phteah};
use crate::house::{House, shape};
use crate::review::{REVIEWED, Walled, filled};

#[tokio::test]
async fn strangers_find_the_teams_part_shut_on_every_address_alike() {
    let house = House::walled();
    let bearer = format!("Bearer {}", house.narrow_key());
    let mut refusals = Vec::new();
    for (route, silence, _) in REVIEWED {
        if !matches!(silence, Walled) {
            continue;
        }
        for name in ["settlements", "nettlements", "parcels"] {
            for headers in [vec![], vec![("authorization", bearer.as_str())]] {
                for method in [Method::GET, Method::POST, Method::DELETE] {
                    let answer = house.ask(method.clone(), &filled(route, name), &headers).await;
                    assert_eq!(answer.status, 401, "{method} {route}");
                    refusals.push(shape(&answer, name));
                }
            }
        }
    }
    for nowhere in ["/", "/index.html", "/no/such/address"] {
        refusals.push(shape(&house.ask(Method::GET, nowhere, &[]).await, "no-such-name"));
    }
    // Which methods an address knows stands in the description of the API; it depends on nothing that is stored.
    for (_, _, headers) in &mut refusals {
        headers.retain(|header| !header.starts_with("allow:"));
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    // The partners' own door does not even have the addresses.
    for (route, silence, _) in REVIEWED {
        if matches!(silence, Walled) {
            let request = Request::get(filled(route, "settlements"))
                .body(Body::empty())
                .unwrap();
            let answer = ask(house.partners.clone(), request).await;
            answer.is_error(404, "not_found");
        }
    }
}

#[tokio::test]
async fn one_real_layer_shuts_the_wall_whatever_is_public() {
    let dir = city();
    let said = |open: Open| PartnerOptions {
        open,
        ..PartnerOptions::default()
    };
    let open = |dir: &Path| {
        let options = said(Open::Illustrative);
        app(Arc::new(
            AppState::open_for(dir.to_owned(), Limits::default(), 7, common::sites, options).unwrap(),
        ))
    };
    let get = async |router: Router| {
        let request = Request::get("/api/layers").body(Body::empty()).unwrap();
        ask(router, request).await.status.as_u16()
    };
    // Nothing in the illustrative city is anybody's secret.
    assert_eq!(get(open(dir.path())).await, 200);
    // What a proxy brings comes from elsewhere.
    let forwarded = Request::get("/api/layers")
        .header("x-forwarded-for", "192.0.2.7")
        .body(Body::empty())
        .unwrap();
    assert_eq!(ask(open(dir.path()), forwarded).await.status, 401);
    for outside in [
        // Nobody has said that it is open.
        said(Open::Never),
        PartnerOptions {
            reached_from_outside: true,
            ..said(Open::Illustrative)
        },
        PartnerOptions {
            public_url: Some("https://map.example.org".to_owned()),
            ..said(Open::Illustrative)
        },
    ] {
        let state = AppState::open_for(
            dir.path().to_owned(),
            Limits::default(),
            7,
            common::sites,
            outside,
        );
        assert_eq!(get(app(Arc::new(state.unwrap()))).await, 401);
    }
    let file = dir.path().join("clinics.geojson");
    let point = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"s1","kind":"market"},"geometry":{"type":"Point","coordinates":[104.92,11.56]}}]}"#;
    std::fs::write(&file, point).unwrap();
    let (data, file) = (dir.path().to_str().unwrap(), file.to_str().unwrap());
    phteah(&["import", "services", file, "--layer", "clinics", "--data", data]);
    assert_eq!(get(open(dir.path())).await, 401);
    // Were the wall to open for public layers, it would tell by shutting that an internal one has come.
    phteah(&["publish", "clinics", "public", "--data", data]);
    assert_eq!(get(open(dir.path())).await, 401);
}
