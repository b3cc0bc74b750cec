//! Tables about families: from the registry through the gate to a partner, and no other way. All people here are illustrative.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use phteah_layers::{Catalogue, Query, Role};
use phteah_registry::event::{EventId, HouseholdId};
use phteah_server::field::registry::entropy;
use phteah_store::KeyScope;
use phteah_store::registry::{Clocks, Incoming, Registry};
use tempfile::TempDir;

use crate::common::{Answer, phteah};
use crate::house::{House, shape};

/// A deployment with families in some of its sangkats, and two planners.
struct Recorded {
    house: House,
    /// Where the key lies: not in the data directory.
    keys: TempDir,
    sangkats: Vec<String>,
}

impl Recorded {
    fn new() -> Self {
        let house = House::walled();
        let keys = tempfile::tempdir().unwrap();
        let sangkats = sangkats(house.dir.path());
        let made = Self {
            house,
            keys,
            sangkats,
        };
        made.run(&["key", "make"]);
        for name in ["Sok Illustrative", "Chan Illustrative"] {
            phteah(&[
                "account",
                "add",
                name,
                "--role",
                "planner",
                "--data",
                &made.data(),
            ]);
        }
        made
    }

    fn data(&self) -> String {
        self.house.dir.path().to_str().unwrap().to_owned()
    }

    fn key_file(&self) -> PathBuf {
        self.keys.path().join("deployment.key")
    }

    /// A command that needs the deployment's key.
    fn run(&self, arguments: &[&str]) {
        self.try_run(arguments).unwrap();
    }

    fn try_run(&self, arguments: &[&str]) -> Result<(), String> {
        use clap::Parser;
        let (data, key) = (self.data(), self.key_file());
        let more = ["--data", &data, "--key-file", key.to_str().unwrap()];
        let all = ["phteah"].iter().chain(arguments).chain(&more);
        let cli = phteah_server::cli::Cli::try_parse_from(all).map_err(|error| error.to_string())?;
        phteah_server::commands::run(cli).map_err(|error| error.to_string())
    }

    fn registry(&self) -> Registry {
        Registry::open(self.house.dir.path(), &self.key_file(), entropy()).unwrap()
    }

    /// Surveys so many families in the sangkat of this number.
    fn survey(&self, sangkat: usize, count: u8, from: u8) -> Vec<HouseholdId> {
        let mut ids = Vec::new();
        let mut events = Vec::new();
        for number in from..from + count {
            let id = HouseholdId::new([number, sangkat as u8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]);
            let event = EventId::new(Timestamp::now(), [0, 1, 2, 3, 4, 5, 6, 7, sangkat as u8, number]);
            let sex = ["female", "male"][usize::from(number % 2)];
            events.push(format!(
                r#"{{"id":"{event}","household":"{id}","kind":"surveyed","after":[],"happened_on":"2026-01-20",
                    "recorded_at":"2026-01-20T03:10:00Z","facts":{{"dwelling.sangkat":"{}","head.sex":"{sex}","head.name":"Illustrative",
                    "record.illustrative":true}}}}"#,
                self.sangkats[sangkat]
            ));
            ids.push(id);
        }
        let clocks = Clocks {
            now: Timestamp::now(),
            offset: None,
        };
        let batch = events.iter().map(|event| Incoming::read(event)).collect();
        let receipts = self
            .registry()
            .push(&self.house.store.command_line(), batch, clocks)
            .unwrap();
        assert!(
            receipts.iter().all(|receipt| receipt.seq.is_some()),
            "{receipts:?}"
        );
        ids
    }

    fn release(&self) {
        let number = self
            .registry()
            .releases(&self.house.store.command_line())
            .unwrap()
            .len()
            + 1;
        let number = number.to_string();
        self.run(&[
            "release",
            "prepare",
            "--by",
            "Sok Illustrative",
            "--tables",
            "families_by_area,disability_by_khan",
        ]);
        self.run(&["release", "confirm", &number, "--by", "Chan Illustrative"]);
    }
}

fn sangkats(dir: &Path) -> Vec<String> {
    let catalogue = Catalogue::open(dir).unwrap();
    let mut codes = Vec::new();
    for entry in catalogue.of_role(Role::Boundaries) {
        catalogue
            .vector(&entry.name)
            .unwrap()
            .for_each(&Query::default(), |feature| {
                let code = feature.text("code").unwrap_or_default().to_owned();
                if code.len() == 6 {
                    codes.push(code);
                }
                Ok::<(), phteah_layers::LayersError>(())
            })
            .unwrap();
    }
    codes.sort();
    codes.dedup();
    codes
}

/// The rows of a CSV as maps from column to text.
fn rows(csv: &[u8]) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv));
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            header
                .iter()
                .cloned()
                .zip(record.iter().map(str::to_owned))
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn a_release_reaches_a_partner_like_any_other_layer() {
    let recorded = Recorded::new();
    recorded.survey(0, 40, 0);
    recorded.survey(1, 30, 0);
    recorded.survey(2, 3, 0);
    recorded.release();
    let house = &recorded.house;
    let partner = house.key("partner", KeyScope::EveryPartnerLayer);
    // Until somebody says so, the team alone sees it.
    for path in [
        "/data/families_by_area.csv",
        "/data/families_by_area",
        "/ogc/collections/families_by_area",
    ] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
        assert_eq!(house.get_as(path, &partner).await.status, 404, "{path}");
    }
    phteah(&[
        "publish",
        "families_by_area",
        "partner",
        "--data",
        &recorded.data(),
    ]);
    assert_eq!(house.get("/data/families_by_area.csv").await.status, 404);
    let csv = house.get_as("/data/families_by_area.csv", &partner).await;
    assert_eq!(csv.status, 200);
    let text = String::from_utf8_lossy(&csv.body).into_owned();
    for betrays in ["small", "complementary", "difference", "group"] {
        assert!(!text.contains(betrays), "{betrays}");
    }
    let rows = rows(&csv.body);
    let find = |column: &str, name: &str| rows.iter().find(|row| row[column] == name).unwrap();
    let all = find("khan", "total");
    assert_eq!(all["families"], "73");
    // Three families in one sangkat: neither their number nor what would give it away.
    let few = find("sangkat", &recorded.sangkats[2]);
    assert_eq!((few["families"].as_str(), few["hidden"].as_str()), ("", "true"));
    for row in &rows {
        if let Ok(count) = row["families"].parse::<u64>() {
            assert!(count == 0 || count >= 10, "{row:?}");
            assert_eq!(row["hidden"], "false");
        }
    }
    // As features, on the page and in a workbook.
    let items = house
        .get_as(
            "/ogc/collections/families_by_area/items?limit=1000&filter=khan%20%3C%3E%20%27none%27",
            &partner,
        )
        .await
        .json();
    let features = items["features"].as_array().unwrap();
    assert!(
        features
            .iter()
            .any(|feature| feature["geometry"]["type"].as_str().is_some())
    );
    assert!(features.iter().any(|feature| feature["geometry"].is_null()));
    let page = house.get_as("/data/families_by_area", &partner).await;
    let page = String::from_utf8_lossy(&page.body).into_owned();
    for told in [
        "Families by area",
        "Each family counts once",
        "Numbers from 1 to 9 are hidden",
        "SHA-256",
    ] {
        assert!(page.contains(told), "{told}");
    }
    for format in ["xlsx", "gpkg", "geojson", "parquet", "kml"] {
        let answer = house
            .get_as(&format!("/data/families_by_area.{format}"), &partner)
            .await;
        assert_eq!(answer.status, 200, "{format}");
    }
    // FlatGeobuf holds nothing without a shape, as totals are: it is not offered, and says so to whoever asks.
    assert!(!page.contains("families_by_area.fgb"));
    let refused = house.get_as("/data/families_by_area.fgb", &partner).await;
    assert_eq!(refused.status, 404);
    assert_eq!(refused.json()["error"]["code"], "no_such_format");
    let tiles = house.get_as("/data/families_by_area/tiles.json", &partner).await;
    assert_eq!(tiles.status, 200);
}

#[tokio::test]
async fn a_withdrawn_release_is_gone_and_its_readers_are_known() {
    let recorded = Recorded::new();
    recorded.survey(0, 40, 0);
    recorded.survey(1, 30, 0);
    recorded.release();
    let house = &recorded.house;
    let partner = house.key("partner", KeyScope::EveryPartnerLayer);
    phteah(&[
        "publish",
        "families_by_area",
        "partner",
        "--data",
        &recorded.data(),
    ]);
    assert_eq!(
        house.get_as("/data/families_by_area.csv", &partner).await.status,
        200
    );
    let withdraw = ["release", "withdraw", "1", "--by", "Sok Illustrative"];
    let error = recorded.try_run(&withdraw).unwrap_err();
    assert!(error.contains("Say why"), "{error}");
    recorded.run(&[&withdraw[..], &["--why", "wrong day"][..]].concat());
    assert_eq!(
        house.get_as("/data/families_by_area.csv", &partner).await.status,
        404
    );
    let error = recorded.try_run(&["release", "publish", "1"]).unwrap_err();
    assert!(error.contains("only a confirmed one is published"), "{error}");
    let log = house.store.downloads(None, 10).unwrap();
    assert!(log.iter().any(|row| row.layer == "families_by_area"), "{log:?}");
}

/// What somebody who may not read families can ask for must not depend on a hidden family, nor on one that was not released.
#[tokio::test]
async fn nothing_but_a_release_tells_of_families() {
    let recorded = Recorded::new();
    recorded.survey(0, 40, 0);
    recorded.survey(1, 30, 0);
    recorded.release();
    let house = &recorded.house;
    phteah(&[
        "publish",
        "families_by_area",
        "public",
        "--data",
        &recorded.data(),
    ]);
    let doors = [
        "/",
        "/data",
        "/data?lang=km",
        "/data?f=json",
        "/data/families_by_area",
        "/data/families_by_area.csv",
        "/data/families_by_area.geojson",
        "/data/families_by_area/changes",
        "/data/families_by_area/tiles.json",
        "/data/families_by_area/map.svg",
        "/ogc",
        "/ogc/collections?f=json",
        "/ogc/collections/families_by_area?f=json",
        "/ogc/collections/families_by_area/queryables",
        "/ogc/collections/families_by_area/items?limit=3",
        "/ogc/collections/families_by_area/items?sortby=-families&limit=5",
        "/ogc/collections/families_by_area/items?filter=families%20%3C%2010",
        "/ogc/collections/families_by_area/items?filter=hidden%20%3D%20true%20AND%20families%20%3E%200",
        "/api/rankings",
        "/api/layers",
        "/api/field/changes",
        "/api/desk/today",
        "/api/people",
    ];
    let planner = house.key("team", KeyScope::Team);
    let mut before = Vec::new();
    for door in doors {
        before.push((house.get(door).await, house.get_as(door, &planner).await));
    }
    // A filter finds no hidden number.
    let filter = |path: &str| doors.iter().position(|door| *door == path).unwrap();
    let found = before[filter(
        "/ogc/collections/families_by_area/items?filter=hidden%20%3D%20true%20AND%20families%20%3E%200",
    )]
    .0
    .json();
    assert_eq!(found["features"].as_array().unwrap().len(), 0);
    // Families come, and some of them are hidden; nothing of it shows anywhere.
    recorded.survey(1, 9, 100);
    recorded.survey(2, 25, 0);
    for (door, (one, other)) in doors.iter().zip(before) {
        for (before, now) in [
            (one, house.get(door).await),
            (other, house.get_as(door, &planner).await),
        ] {
            assert_eq!(timeless(&now), timeless(&before), "{door}");
        }
    }
}

/// An answer without the time at which it was made.
fn timeless(answer: &Answer) -> (u16, String, Vec<String>) {
    let (status, body, mut headers) = shape(answer, "families_by_area");
    let body = match body.split_once("\"timeStamp\":\"") {
        Some((before, after)) => {
            // A time is written with as many digits as it needs.
            headers.retain(|header| !header.starts_with("content-length"));
            format!("{before}{}", after.split_once('"').map_or("", |(_, rest)| rest))
        }
        None => body,
    };
    // Counting all that match stops after a while: how many there are is told where the machine was quick enough.
    let body = if let Some((before, after)) = body.split_once("\"numberMatched\":") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{before}{}", rest.trim_start_matches(','))
    } else {
        body
    };
    headers.retain(|header| !header.starts_with("content-length"));
    (status, body, headers)
}
