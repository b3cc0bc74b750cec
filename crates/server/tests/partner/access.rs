//! Keys, rules and the log.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::Method;
use jiff::Timestamp;
use phteah_layers::Catalogue;
use phteah_store::{KeyScope, LayerRule, Outcome, Visibility};

use crate::common::phteah;
use crate::house::House;

/// Every address at which a layer could show itself.
fn addresses(layer: &str) -> Vec<String> {
    let mut all: Vec<String> = ["gpkg", "geojson", "geojsonl", "csv", "fgb", "parquet", "tif"]
        .iter()
        .map(|extension| format!("/data/{layer}.{extension}"))
        .collect();
    let more = [
        "/data/LAYER",
        "/data/LAYER?f=json",
        "/data/LAYER?lang=xx&no=1",
        "/data/LAYER/map.svg",
        "/data/LAYER/tiles.json",
        "/data/LAYER/tiles/12/3241/1916",
        "/data/LAYER/tiles/99/0/0",
        "/data/LAYER/changes",
        "/data/LAYER/changes?since=x",
        "/data/LAYER.geojson?bbox=x",
        "/data/LAYER.csv?filter=name%20%3D%201",
        "/ogc/collections/LAYER",
        "/ogc/collections/LAYER?f=html",
        "/ogc/collections/LAYER/queryables",
        "/ogc/collections/LAYER/items",
        "/ogc/collections/LAYER/items?limit=0",
        "/ogc/collections/LAYER/items?filter=households%20%3E%203",
        "/ogc/collections/LAYER/items?sortby=households",
        "/ogc/collections/LAYER/items?after=1",
        "/ogc/collections/LAYER/items/settlement-001",
        "/ogc/collections/LAYER/items/1?f=html",
    ];
    all.extend(more.iter().map(|path| path.replace("LAYER", layer)));
    all
}

#[tokio::test]
async fn a_key_for_all_partner_layers_opens_no_internal_one() {
    let house = House::new();
    let every = house.key("every", KeyScope::EveryPartnerLayer);
    let seen = String::from_utf8(house.get_as("/ogc/collections", &every).await.body).unwrap();
    assert!(seen.contains("\"services\"") && !seen.contains("settlements"));
    let team = house.key("team", KeyScope::Team);
    let seen = house.get_as("/data/parcels.csv", &team).await;
    assert!(String::from_utf8_lossy(&seen.body).contains("price_usd_m2"));
}

#[tokio::test]
async fn keys_open_what_they_say() {
    let house = House::new();
    let named = house.key("named", KeyScope::Layers(vec!["services".into()]));
    assert_eq!(house.get("/data/services.csv").await.status, 404);
    assert_eq!(house.get_as("/data/services.csv", &named).await.status, 200);
    assert_eq!(house.get_as("/data/settlements.csv", &named).await.status, 404);
    let basic = base64(&format!("anyone:{named}"));
    let answer = house
        .ask(
            Method::GET,
            "/data/services.csv",
            &[("authorization", &format!("Basic {basic}"))],
        )
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("cache-control").starts_with("private"));
    assert!(
        house
            .get("/data/parcels.csv")
            .await
            .header("cache-control")
            .starts_with("public")
    );

    house
        .store
        .revoke_key(&house.store.command_line(), "named", "", Timestamp::now())
        .unwrap();
    let refused = house.get_as("/data/services.csv", &named).await;
    refused.is_error(401, "bad_key");
    assert!(refused.header("www-authenticate").starts_with("Basic"));
    // A key that opens nothing is an error even where none is needed: its owner should know.
    house
        .get_as("/data", "phteah_wrong")
        .await
        .is_error(401, "bad_key");
}

#[tokio::test]
async fn wrong_keys_run_into_a_limit_and_keep_nobody_else_out() {
    let house = House::new();
    let good = house.key("good", KeyScope::EveryPartnerLayer);
    let mut statuses = Vec::new();
    for i in 0..14 {
        statuses.push(house.get_as("/data", &format!("wrong{i}")).await.status.as_u16());
    }
    assert_eq!((statuses[0], statuses[13]), (401, 429), "{statuses:?}");
    let answer = house.get_as("/data", "wrong").await;
    answer.is_error(429, "too_often");
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    // Without a key the same address is still served, and with a right one.
    assert_eq!(house.get("/data").await.status, 200);
    assert_eq!(house.get_as("/data", &good).await.status, 200);
    // Guesses at one key shut out that key alone, from the address that they come from.
    let other = house.key("other", KeyScope::EveryPartnerLayer);
    let (id, _) = good.rsplit_once('_').unwrap();
    for i in 0..14 {
        house.get_as("/data", &format!("{id}_{i:064x}")).await;
    }
    house.get_as("/data", &good).await.is_error(429, "too_often");
    assert_eq!(house.get_as("/data", &other).await.status, 200);
}

#[tokio::test]
async fn tiles_are_logged_as_downloads_many_to_a_row() {
    let house = House::new();
    let key = house.key("city hall", KeyScope::Layers(vec!["services".into()]));
    let mut bytes = 0;
    for y in 1914..1919 {
        for x in 3240..3244 {
            let tile = house
                .get_as(&format!("/data/services/tiles/12/{x}/{y}"), &key)
                .await;
            assert!([200, 204].contains(&tile.status.as_u16()));
            bytes += tile.body.len();
        }
    }
    assert!(bytes > 0);
    let log = house.store.downloads(None, 10).unwrap();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(
        (log[0].who.as_str(), log[0].layer.as_str(), log[0].format.as_str()),
        ("key city hall", "services", "tiles")
    );
    assert!(
        log[0].selection.contains("kind") && log[0].bytes.unwrap() > 0,
        "{log:?}"
    );
}

#[tokio::test]
async fn what_was_never_published_is_in_no_list_of_changes() {
    let house = House::new();
    let data = house.dir.path().to_str().unwrap().to_owned();
    let import = |ids: &[&str]| {
        let points: Vec<String> = ids
            .iter()
            .map(|id| format!(r#"{{"type":"Feature","properties":{{"id":"{id}","kind":"market"}},"geometry":{{"type":"Point","coordinates":[104.92,11.56]}}}}"#))
            .collect();
        let file = house.dir.path().join("wells.geojson");
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{}]}}"#,
            points.join(",")
        );
        std::fs::write(&file, text).unwrap();
        phteah(&[
            "import",
            "services",
            file.to_str().unwrap(),
            "--layer",
            "wells",
            "--data",
            &data,
        ]);
        let catalogue = Catalogue::open(Path::new(&data)).unwrap();
        catalogue.layer("wells").unwrap().hash.clone()
    };
    let team = house.key("team", KeyScope::Team);
    let secret = import(&["a", "secret"]);
    assert_eq!(house.get("/data/wells").await.status, 404);
    assert_eq!(house.get_as("/data/wells", &team).await.status, 200);
    let first = import(&["a", "b"]);
    phteah(&["publish", "wells", "public", "--data", &data]);
    assert_eq!(house.get("/data/wells").await.status, 200);
    let second = import(&["a", "c"]);
    let listed = house.get("/data/wells/changes").await.json();
    assert_eq!(listed["version"], second);
    let versions = listed["versions"].to_string();
    assert!(
        versions.contains(&first) && !versions.contains(&secret),
        "{versions}"
    );
    let refused = house.get(&format!("/data/wells/changes?since={secret}")).await;
    refused.is_error(404, "no_such_version");
    assert!(!String::from_utf8_lossy(&refused.body).contains("\"secret\""));
    let changes = house
        .get(&format!("/data/wells/changes?since={first}"))
        .await
        .json()
        .to_string();
    assert!(changes.contains("removed") && changes.contains("added") && !changes.contains("secret"));
    // The team sees all there was.
    let all = house
        .get_as(&format!("/data/wells/changes?since={secret}"), &team)
        .await;
    assert!(String::from_utf8_lossy(&all.body).contains("secret"));
}

#[tokio::test]
async fn every_download_is_logged() {
    let house = House::new();
    let named = house.key("city hall", KeyScope::Layers(vec!["services".into()]));
    house
        .get_as("/data/services.csv?filter=kind%20%3D%20'market'", &named)
        .await;
    house.get("/data/parcels.gpkg").await;
    house.get("/ogc/collections/parcels/items?limit=7").await;
    house.get("/data/settlements.csv").await;
    // The end of a download is noted after its last byte has left.
    let mut log = house.store.downloads(None, 10).unwrap();
    for _ in 0..200 {
        if log.iter().all(|line| line.outcome != Outcome::Begun) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        log = house.store.downloads(None, 10).unwrap();
    }
    assert_eq!(log.len(), 3, "a download that was not allowed is none: {log:?}");
    let [page, file, part] = [&log[0], &log[1], &log[2]];
    assert_eq!(
        (page.who.as_str(), page.format.as_str(), page.features),
        ("anyone", "page", Some(7))
    );
    assert_eq!((file.format.as_str(), file.outcome), ("gpkg", Outcome::Complete));
    assert!(file.bytes.unwrap() > 10_000);
    assert_eq!(
        (part.who.as_str(), part.selection.as_str()),
        ("key city hall", "filter=kind = 'market'")
    );
    assert!(part.features.unwrap() > 0 && part.bytes.unwrap() > 0 && part.outcome == Outcome::Complete);
    assert!(!part.version.is_empty());
}

#[tokio::test]
async fn a_rule_holds_at_once() {
    let house = House::new();
    assert_eq!(house.get("/data/parcels").await.status, 200);
    house
        .store
        .publish(
            &house.store.command_line(),
            "parcels",
            &LayerRule::default(),
            "",
            Timestamp::now(),
        )
        .unwrap();
    for path in addresses("parcels") {
        assert_eq!(house.get(&path).await.status, 404, "{path}");
    }
    let fields = BTreeMap::from([("price_usd_m2".to_owned(), Visibility::Public)]);
    house
        .store
        .publish(
            &house.store.command_line(),
            "parcels",
            &LayerRule {
                layer: Visibility::Public,
                fields,
            },
            "",
            Timestamp::now(),
        )
        .unwrap();
    let answer = house.get("/ogc/collections/parcels/items?limit=1").await.json();
    let properties = answer["features"][0]["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["price_usd_m2"]);
}

#[tokio::test]
async fn an_imported_layer_is_internal_until_somebody_says_otherwise() {
    let house = House::new();
    let file = house.dir.path().join("new.geojson");
    let point = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"s1","kind":"market"},"geometry":{"type":"Point","coordinates":[104.92,11.56]}}]}"#;
    std::fs::write(&file, point).unwrap();
    let (data, file) = (house.dir.path().to_str().unwrap(), file.to_str().unwrap());
    phteah(&["import", "services", file, "--layer", "clinics", "--data", data]);
    assert!(Catalogue::open(Path::new(data)).unwrap().layer("clinics").is_ok());
    assert_eq!(house.get("/data/clinics.csv").await.status, 404);
    phteah(&["publish", "clinics", "public", "--data", data]);
    assert_eq!(house.get("/data/clinics.csv").await.status, 200);
}

fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sign = |n: u32| char::from(SIGNS[(n & 63) as usize]);
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let n = chunk.iter().fold(0, |n, b| (n << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
            (0..=chunk.len())
                .map(move |i| sign(n >> (18 - 6 * i)))
                .chain(std::iter::repeat_n('=', 3 - chunk.len()))
        })
        .collect()
}
