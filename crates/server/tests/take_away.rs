//! What leaves the screen: files and the decision record, as the commands write and check them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};
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

/// Rows of a workbook's sheets.
fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let rows = |range: &calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
    book.worksheets()
        .iter()
        .map(|(name, range)| (name.clone(), rows(range)))
        .collect()
}

#[tokio::test]
async fn a_spreadsheet_begins_with_what_people_look_for() {
    let (_, ranking) = surveyed().await;
    let answer = download("format=xlsx").await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    assert!(answer.header("content-disposition").contains(".xlsx\""));
    let bytes = answer.body;
    assert_eq!(
        download("format=xlsx").await.body,
        bytes,
        "the same ranking, the same bytes"
    );
    let book = sheets(bytes);
    let names: Vec<&str> = book.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Sites", "Weights", "About"]);
    let (sites, weights, about) = (&book[0].1, &book[1].1, &book[2].1);
    let header: Vec<String> = sites[0].iter().map(ToString::to_string).collect();
    assert_eq!(header[..5], ["Rank", "Site", "Khan", "Sangkat", "Score (0–100)"]);
    assert!(
        header.iter().any(|title| title.ends_with("(minutes)")) && header.contains(&"Area (m²)".to_owned())
    );
    assert_eq!(
        sites.len() as u64,
        ranking["totals"]["sites"].as_u64().unwrap() + 1
    );
    assert_eq!(sites[1][0], Data::Float(1.0));
    assert!(matches!(sites[1][4], Data::Float(score) if (1.0..=100.0).contains(&score)));
    assert!(matches!(sites[1][7], Data::Float(latitude) if (11.0..12.5).contains(&latitude)));
    assert!(
        matches!(&sites[1][2], Data::String(khan) if !khan.starts_with("12")),
        "{:?}",
        sites[1]
    );
    let total: f64 = weights[1..].iter().map(|row| row[1].as_f64().unwrap()).sum();
    assert!((total - 100.0).abs() < 1e-6);
    assert!(format!("{about:?}").contains("Illustrative data"));

    let csv = String::from_utf8(download("format=csv").await.body).unwrap();
    assert!(csv.starts_with("\u{feff}Rank,Site,Khan,Sangkat,Score (0–100),"));
    assert_eq!(csv.lines().count(), sites.len());
    let khmer = String::from_utf8(download("format=csv&lang=km&best=1").await.body).unwrap();
    assert!(khmer.starts_with("\u{feff}ចំណាត់ថ្នាក់,") && khmer.lines().count() == 2);
    let km_book = sheets_named(&download("format=xlsx&lang=km&best=2").await.body);
    assert_eq!(km_book[..2], ["ទីតាំង", "ទម្ងន់"]);
    // Every column by its name in files stays to be had.
    let all = String::from_utf8(download("format=csv&all").await.body).unwrap();
    assert!(all.starts_with("\u{feff}id,rank,score,lowest,highest,status,"));
    download("format=csv&lang=fr")
        .await
        .is_error(400, "bad_parameter");
}

fn sheets_named(bytes: &[u8]) -> Vec<String> {
    sheets(bytes.to_vec()).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_command_writes_a_workbook() {
    let dir = tempfile::tempdir().unwrap();
    let data = data().to_str().unwrap();
    let written = |name: &str, flags: &[&str]| {
        let out = dir.path().join(name);
        let mut command = vec!["rank", "--scenario", "default", "--data", data];
        command.extend(["--out", out.to_str().unwrap()]);
        command.extend(flags);
        phteah(&command);
        std::fs::read(&out).unwrap()
    };
    let book = sheets(written("sites.xlsx", &[]));
    assert!(book[0].1.len() > 2);
    // The other file for people has the same columns; one flag gives those for programs.
    let csv = String::from_utf8(written("sites.csv", &[])).unwrap();
    let header: Vec<String> = book[0].1[0].iter().map(ToString::to_string).collect();
    assert!(csv.starts_with(&format!("\u{feff}{},", header[..5].join(","))));
    assert_eq!(csv.lines().count(), book[0].1.len());
    let all = String::from_utf8(written("all.csv", &["--all"])).unwrap();
    assert!(all.starts_with("\u{feff}id,rank,score,lowest,highest,status,"));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 3, "nothing half written stays behind: {left:?}");
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
