//! What leaves the screen: files and the decision record, as the commands write and check them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use common::{address, ask, data, json_post, phteah, surveyed};
use serde_json::{Value, json};

async fn download(query: &str) -> common::Answer {
    let (router, ranking) = surveyed().await;
    let path = format!(
        "/api/rankings/{}/download?{query}",
        ranking["id"].as_str().unwrap()
    );
    ask(router, address(&path)).await
}

#[tokio::test]
async fn every_format_holds_the_best_first() {
    let (_, ranking) = surveyed().await;
    let sites = usize::try_from(ranking["totals"]["sites"].as_u64().unwrap()).unwrap();
    let csv = download("format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains(".csv\""));
    let text = String::from_utf8(csv.body).unwrap();
    assert!(text.to_lowercase().contains("illustrative"));
    let geojson = download("format=geojson&best=3").await;
    assert_eq!(geojson.header("content-type"), "application/geo+json");
    let features = geojson.json()["features"].as_array().unwrap().clone();
    let ranks: Vec<_> = features
        .iter()
        .map(|feature| feature["properties"]["rank"].as_u64())
        .collect();
    assert_eq!((ranks.len(), ranks[0]), (3, Some(1)));
    let json = download("format=json").await.json();
    assert_eq!(json["sites"].as_array().unwrap().len(), sites);
    assert_eq!(json["ranking"]["id"], ranking["id"]);
    let gpkg = download("format=gpkg&best=2").await;
    assert_eq!(gpkg.header("content-type"), "application/geopackage+sqlite3");
    assert!(gpkg.body.starts_with(b"SQLite format 3\0"));
    for query in ["", "format=doc", "format=csv&best=0", "format=csv&best=some"] {
        download(query).await.is_error(400, "bad_parameter");
    }
}

async fn record(body: Value) -> common::Answer {
    let (router, ranking) = surveyed().await;
    let path = format!("/api/rankings/{}/record", ranking["id"].as_str().unwrap());
    ask(router, json_post(&path, body.to_string())).await
}

#[tokio::test]
async fn a_record_is_sealed_and_verifies() {
    let (_, ranking) = surveyed().await;
    let best = download("format=json&best=2").await.json();
    let site = &best["sites"][1]["id"];
    let answer = record(json!({
        "decided_by": "Housing board", "notes": "After a visit.",
        "overrides": [{"site": site, "reason": "The best one is promised to a school."}],
    }))
    .await;
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"decision-record-")
    );
    let sealed = answer.json();
    assert_eq!(
        (&sealed["who"], &sealed["overrides"][0]["alternative"]),
        (&json!("Housing board"), site)
    );
    assert_eq!(
        sealed["inputs"].as_array().unwrap().len(),
        ranking["inputs"].as_array().unwrap().len()
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &answer.body).unwrap();
    let (file, dir) = (file.path().to_str().unwrap(), data().to_str().unwrap());
    // Recomputed from the layers, without the server: identical, or this panics.
    phteah(&["record", "verify", file, "--data", dir]);
}

#[tokio::test]
async fn a_record_without_a_name_or_a_reason_is_refused_with_every_mistake() {
    let error = record(json!({
        "decided_by": " ", "overrides": [{"site": "nobody", "reason": ""}],
    }))
    .await
    .is_error(400, "bad_record");
    let fields: Vec<&str> = error["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["decided_by", "overrides[0].site", "overrides[0].reason"]);
    record(json!({"notes": "nobody decided"}))
        .await
        .is_error(400, "bad_json");
}
