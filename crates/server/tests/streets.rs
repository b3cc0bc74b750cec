//! Streets by name, asked of the server: bounded answers, sentences for mistakes, and a new layer without a restart.

mod common;

use std::sync::Arc;

use common::{address, ask, phteah, state};
use phteah_server::api::app;
use phteah_server::state::Limits;

/// A street of this name, some way north of the middle of the city.
fn street(name: &str, km: &str, north: f64) -> String {
    let lat = 11.55 + north;
    format!(
        r#"{{"type":"Feature","properties":{{"class":"residential","name":"{name}","name_km":"{km}"}},"geometry":{{"type":"LineString","coordinates":[[104.91,{lat}],[104.915,{lat}]]}}}}"#
    )
}

fn imports(data: &std::path::Path, layer: &str, features: &[String]) {
    let file = data.join(format!("{layer}.geojson"));
    let json = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    std::fs::write(&file, json).expect("made here");
    let (file, data) = (
        file.to_str().expect("made here"),
        data.to_str().expect("made here"),
    );
    phteah(&[
        "import",
        "roads",
        file,
        "--layer",
        layer,
        "--data",
        data,
        "--illustrative",
    ]);
    phteah(&["publish", layer, "public", "--data", data]);
}

#[tokio::test]
async fn streets_are_found_and_new_ones_without_a_restart() {
    let dir = common::city();
    let router = app(Arc::new(state(dir.path(), Limits::default())));
    let get = async |query: &str| {
        let answer = ask(router.clone(), address(&format!("/api/streets?{query}"))).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.json());
        answer.json()["streets"].as_array().unwrap().clone()
    };
    assert!(get("q=Street%209271").await.is_empty());
    imports(
        dir.path(),
        "lanes",
        &[
            street("Street 9271", "ផ្លូវ ៩២៧១", 0.0),
            street("Preah Borana Blvd", "មហាវិថីព្រះបុរាណ", 0.01),
        ],
    );
    // St. 9271, ផ្លូវ ៩២៧១, borana
    for query in [
        "q=St.%209271",
        "q=%E1%9E%95%E1%9F%92%E1%9E%9B%E1%9E%BC%E1%9E%9C%20%E1%9F%A9%E1%9F%A2%E1%9F%A7%E1%9F%A1",
    ] {
        let found = get(query).await;
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(found[0]["name"]["km"], "ផ្លូវ ៩២៧១");
        let (lon, lat) = (
            found[0]["lon"].as_f64().unwrap(),
            found[0]["lat"].as_f64().unwrap(),
        );
        assert!((104.91..=104.915).contains(&lon) && (lat - 11.55).abs() < 1e-5);
        assert_eq!(found[0]["bounds"].as_array().unwrap().len(), 4);
    }
    assert_eq!(
        get("q=borana&limit=1").await[0]["name"]["en"],
        "Preah Borana Blvd"
    );
    assert!(get("q=").await.is_empty());
}

#[tokio::test]
async fn mistakes_are_told() {
    let router = common::router();
    for query in [
        "",
        "q=a&limit=0",
        "q=a&limit=21",
        "q=a&layer=roads",
        &format!("q={}", "a".repeat(101)),
    ] {
        let answer = ask(router.clone(), address(&format!("/api/streets?{query}"))).await;
        assert_eq!(answer.status, 400, "{query}");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.ends_with('.'), "{message}");
    }
}
