//! What a person meets when part of a data directory is lost: the rest goes on, every message says what to do, and repair mends it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::{address, ask, city, json_post, scenario, small_city};
use phteah_layers::Catalogue;
use phteah_server::api::app;
use phteah_server::state::{AppState, Limits};

fn phteah(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phteah"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Checks the exit code and gives back what was printed.
#[track_caller]
fn ends(arguments: &[&str], code: i32) -> String {
    let output = phteah(arguments);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn file_of(dir: &Path, layer: &str) -> PathBuf {
    let catalogue = Catalogue::open(dir).unwrap();
    catalogue.path(catalogue.layer(layer).unwrap())
}

fn cut(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
}

#[tokio::test]
async fn a_broken_layer_makes_only_itself_unavailable() {
    let dir = city();
    cut(&file_of(dir.path(), "flood_zones"));
    cut(&file_of(dir.path(), "flood_depth_rp100"));
    std::fs::remove_file(file_of(dir.path(), "water")).unwrap();
    let survey = phteah_server::ranking::measure::survey;
    let state = AppState::open(dir.path().to_owned(), Limits::default(), 7, survey).unwrap();
    let router = app(Arc::new(state));
    let get = |path: &'static str| ask(router.clone(), address(path));

    let page = get("/data").await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert_eq!(page.status, 200, "{text}");
    assert_eq!(text.matches("cannot be used just now").count(), 3, "{text}");
    assert!(text.contains("/data/roads.gpkg"));
    assert!(!text.contains("/data/flood_zones.gpkg"));
    let khmer = get("/data?lang=km").await;
    assert!(String::from_utf8_lossy(&khmer.body).contains("មិនអាចប្រើបានទេ"));
    assert_eq!(get("/data/flood_zones").await.status, 200);
    assert_eq!(get("/data?f=json").await.status, 200);

    let collections = get("/ogc/collections").await;
    assert_eq!(collections.status, 200);
    assert!(collections.json().to_string().contains("Not available just now"));
    assert_eq!(get("/ogc/collections/water").await.status, 200);
    assert_eq!(get("/ogc/collections/roads/items?limit=1").await.status, 200);
    for broken in [
        "/ogc/collections/water/items",
        "/data/flood_zones.geojson",
        "/data/flood_depth_rp100.tif",
        "/data/water/map.svg",
    ] {
        let answer = get(broken).await;
        assert_eq!(answer.status, 503, "{broken}");
        answer.is_error(503, "layer_unavailable");
    }
    assert_eq!(get("/data/roads.csv").await.status, 200);

    let body = serde_json::json!({ "scenario": scenario() }).to_string();
    let ranking = ask(router.clone(), json_post("/api/rankings", body)).await;
    assert_eq!(ranking.status, 200, "{}", ranking.json());
    let json = ranking.json();
    let told: Vec<&str> = json["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|warning| warning["code"] == "layer_unavailable")
        .map(|warning| warning["message"].as_str().unwrap())
        .collect();
    assert!(told.iter().any(|message| message.contains("'water'")), "{told:?}");
}

#[tokio::test]
async fn a_server_goes_on_when_the_list_of_layers_is_hurt_beside_it() {
    let dir = city();
    let state = AppState::open(dir.path().to_owned(), Limits::default(), 7, common::sites).unwrap();
    let router = app(Arc::new(state));
    let list = dir.path().join("catalogue.json");
    let good = std::fs::read(&list).unwrap();
    for hurt in [Some(&good[..good.len() / 2]), None] {
        match hurt {
            Some(bytes) => std::fs::write(&list, bytes).unwrap(),
            None => std::fs::remove_file(&list).unwrap(),
        }
        for path in ["/api/layers", "/data", "/ogc/collections"] {
            let answer = ask(router.clone(), address(path)).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(String::from_utf8_lossy(&answer.body).contains("parcels"));
        }
    }
}

#[test]
fn a_lost_list_is_told_with_the_way_out_and_repaired() {
    let dir = city();
    let data = dir.path().to_str().unwrap();
    let list = dir.path().join("catalogue.json");
    let before = ends(&["layers", "--data", data, "--json"], 0);
    let good = std::fs::read(&list).unwrap();
    for hurt in [None, Some(&good[..good.len() - 200]), Some(&b""[..])] {
        match hurt {
            Some(bytes) => std::fs::write(&list, bytes).unwrap(),
            None => std::fs::remove_file(&list).unwrap(),
        }
        for command in [
            &["layers", "--data", data][..],
            &small_city(data),
            &["serve", "--data", data, "--listen", "127.0.0.1:0"],
        ] {
            let said = ends(command, 1);
            assert!(said.contains(&format!("phteah repair --data {data}")), "{said}");
        }
        let said = ends(&["repair", "--data", data], 0);
        assert!(said.contains("layers are listed now"), "{said}");
        assert_eq!(ends(&["layers", "--data", data, "--json"], 0), before);
        assert!(ends(&["repair", "--data", data], 0).contains("Nothing to repair"));
    }
}

#[test]
fn a_broken_layer_is_told_by_name_and_mended_by_making_it_again() {
    let dir = city();
    let data = dir.path().to_str().unwrap();
    cut(&file_of(dir.path(), "roads"));
    assert!(ends(&["layers", "--data", data], 0).contains("'roads' cannot be used"));
    let said = ends(&["repair", "--data", data], 1);
    assert!(said.contains("! roads cannot be used"), "{said}");
    let out = dir.path().join("out.csv");
    let rank = [
        "rank",
        "--data",
        data,
        "--scenario",
        "default",
        "--out",
        out.to_str().unwrap(),
    ];
    ends(&rank, 0);
    ends(&small_city(data), 0);
    assert!(ends(&["repair", "--data", data], 0).contains("Nothing to repair"));
}

#[test]
fn a_city_that_is_killed_while_it_is_made_leaves_the_one_before() {
    let dir = city();
    let data = dir.path().to_str().unwrap();
    let source = |dir: &Path| -> Vec<String> {
        let catalogue = Catalogue::open(dir).unwrap();
        let mut sources: Vec<String> = catalogue
            .layers()
            .iter()
            .filter(|layer| layer.role != phteah_layers::Role::RankedSites)
            .map(|layer| layer.source.clone())
            .collect();
        sources.dedup();
        sources
    };
    let whole = std::time::Instant::now();
    ends(&[&small_city(data)[..], &["--seed", "2"]].concat(), 0);
    let whole = whole.elapsed();
    for part in 1..12_u32 {
        let seed = (part + 2).to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_phteah"))
            .args(small_city(data))
            .args(["--seed", &seed])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::max(whole * part / 12, Duration::from_millis(10)));
        child.kill().unwrap();
        child.wait().unwrap();
        let sources = source(dir.path());
        assert_eq!(sources.len(), 1, "two cities in one: {sources:?}");
        let catalogue = Catalogue::open(dir.path()).unwrap();
        for entry in catalogue.layers() {
            catalogue.verify(entry).unwrap();
        }
        // A record that lies beside the city is this city's.
        if let Ok(record) = std::fs::read_to_string(dir.path().join("ranked_sites.record.json")) {
            let record: serde_json::Value = serde_json::from_str(&record).unwrap();
            let seal = catalogue.layer("ranked_sites").unwrap().record.clone().unwrap();
            assert_eq!(record["seal"], seal);
        }
    }
    ends(&[&small_city(data)[..], &["--seed", "99"]].concat(), 0);
    assert!(source(dir.path())[0].contains("seed 99"));
    assert!(dir.path().join("ranked_sites.record.json").exists());
    assert!(ends(&["repair", "--data", data], 0).contains("Nothing to repair"));
}
