//! Downloads: formats, parts, conditions, ranges, compression, changes; and the page that offers them.

use std::path::Path;
use std::sync::Arc;

use crate::common::{Answer, ask, city, get, get_with, phteah, router, state};
use axum::body::Body;
use axum::http::Request;
use gdal::Dataset;
use gdal::vector::LayerAccess;
use phteah_server::api::app;
use phteah_server::state::Limits;
use serde_json::Value;

/// Reads a file with GDAL: features, whether a field is there, and the box.
fn read(bytes: &[u8], extension: &str) -> (u64, bool, [f64; 4]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("file.{extension}"));
    std::fs::write(&path, bytes).unwrap();
    let file = Dataset::open(&path).unwrap();
    let mut layer = file.layer(0).unwrap();
    let has_field = layer.defn().fields().any(|field| field.name() == "tenure");
    let mut bounds = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    for feature in layer.features() {
        if let Some(shape) = feature.geometry() {
            let e = shape.envelope();
            bounds = [
                bounds[0].min(e.MinX),
                bounds[1].min(e.MinY),
                bounds[2].max(e.MaxX),
                bounds[3].max(e.MaxY),
            ];
        }
    }
    (layer.feature_count(), has_field, bounds)
}

#[tokio::test]
async fn every_format_holds_the_whole_layer() {
    let mut boxes = Vec::new();
    for extension in ["gpkg", "geojson", "fgb"] {
        let answer = get(&format!("/data/parcels.{extension}")).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header("content-disposition")
                .contains(&format!("parcels.{extension}"))
        );
        let (features, has_field, bounds) = read(&answer.body, extension);
        assert_eq!((features, has_field), (400, true), "{extension}");
        boxes.push(bounds);
    }
    for other in &boxes[1..] {
        assert!(
            boxes[0].iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-6),
            "{boxes:?}"
        );
    }
    let lines = get("/data/parcels.geojsonl").await;
    let lines: Vec<Value> = String::from_utf8(lines.body)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 400);
    let csv = String::from_utf8(get("/data/parcels.csv").await.body).unwrap();
    assert!(csv.starts_with("\u{feff}id,tenure,") && csv.trim_end().lines().count() == 401);
    let parquet = get("/data/parcels.parquet").await.body;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    assert!(parquet.windows(16).any(|window| window == b"\"primary_column\""));
    let raster = get("/data/elevation.tif").await;
    assert!(raster.body.starts_with(b"II"));
    get("/data/elevation.csv").await.is_error(404, "no_such_format");
    get("/data/parcels.dxf").await.is_error(404, "no_such_format");
}

#[tokio::test]
async fn a_part_is_a_part_in_every_format() {
    let part = "bbox=104.80,11.40,104.95,11.70&filter=tenure%20%3D%20'hard_title'&fields=tenure";
    let page = get(&format!("/ogc/collections/parcels/items?limit=10000&{part}"))
        .await
        .json();
    let expected = page["numberReturned"].as_u64().unwrap();
    assert!(expected > 0 && expected < 400);
    for extension in ["gpkg", "geojson", "fgb"] {
        assert_eq!(
            read(
                &get(&format!("/data/parcels.{extension}?{part}")).await.body,
                extension
            )
            .0,
            expected
        );
    }
    let csv = String::from_utf8(get(&format!("/data/parcels.csv?{part}")).await.body).unwrap();
    assert_eq!(csv.lines().next(), Some("\u{feff}id,tenure,wkt"));
    let (_, _, bounds) = read(&get("/data/parcels.gpkg?crs=EPSG:32648").await.body, "gpkg");
    assert!(bounds[0] > 100_000.0);
    get("/data/parcels.geojson?crs=EPSG:32648")
        .await
        .is_error(400, "bad_parameter");
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    for path in [
        "/data/parcels.gpkg",
        "/data/parcels.geojson",
        "/data/elevation.tif",
    ] {
        let first = get(path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!(get_with(path, "if-none-match", &tag).await.status, 304, "{path}");
        let zipped = get_with(path, "accept-encoding", "gzip").await;
        if zipped.header("content-encoding") == "gzip" {
            assert_ne!(zipped.header("etag"), tag);
            assert_eq!(
                get_with(path, "if-none-match", zipped.header("etag"))
                    .await
                    .status,
                304
            );
        }
        assert_ne!(get(&format!("{path}?lang=x")).await.status, 304);
    }
    let tile = "/data/boundaries/tiles/11/1620/957";
    let tag = get(tile).await.header("etag").to_owned();
    assert_eq!(get_with(tile, "if-none-match", &tag).await.status, 304);
    assert_eq!(get_with(tile, "if-none-match", "\"another\"").await.status, 200);
    let tag = get("/data/parcels.csv").await.header("etag").to_owned();
    assert_ne!(get("/data/parcels.csv?fields=tenure").await.header("etag"), tag);
}

#[tokio::test]
async fn a_broken_download_is_taken_up_again() {
    for path in [
        "/data/parcels.geojson",
        "/data/parcels.gpkg",
        "/data/parcels.csv?limit=50",
    ] {
        let whole = get(path).await;
        let length = whole.body.len();
        let start = get_with(path, "range", "bytes=0-999").await;
        assert_eq!((start.status.as_u16(), start.body.len()), (206, 1000), "{path}");
        assert_eq!(start.header("content-range"), format!("bytes 0-999/{length}"));
        let rest = get_with(path, "range", "bytes=1000-").await;
        assert_eq!([start.body, rest.body].concat(), whole.body, "{path}");
        let suffix = get_with(path, "range", "bytes=-10").await;
        assert_eq!(suffix.body, whole.body[length - 10..]);
        get_with(path, "range", &format!("bytes={length}-"))
            .await
            .is_error(416, "no_such_range");
        let request = Request::get(path)
            .header("range", "bytes=0-9")
            .header("if-range", "\"another version\"");
        let answer = ask(router(), request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, length));
    }
}

#[tokio::test]
async fn it_is_compressed_on_the_wire() {
    // Downloads are packed where they are made, and in one coding: others would be packed by the threads that answer planners.
    let (file, page) = (
        "/data/parcels.geojson",
        "/ogc/collections/parcels/items?f=json&limit=400",
    );
    for (path, coding) in [(file, "gzip"), (page, "gzip"), (page, "br"), (page, "zstd")] {
        let plain = get(path).await.body;
        let answer = get_with(path, "accept-encoding", coding).await;
        assert_eq!(answer.header("content-encoding"), coding, "{path}");
        assert!(
            answer.body.len() * 2 < plain.len(),
            "{path} {coding}: {} of {}",
            answer.body.len(),
            plain.len()
        );
    }
    let plain = get(file).await;
    let other = get_with(file, "accept-encoding", "br, zstd").await;
    assert_eq!((other.header("content-encoding"), &other.body), ("", &plain.body));
    let mut unpacked = Vec::new();
    let packed = get_with(file, "accept-encoding", "gzip").await.body;
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(packed.as_slice()),
        &mut unpacked,
    )
    .unwrap();
    assert_eq!(unpacked, plain.body);
    assert_eq!(
        get_with("/data/parcels.parquet", "accept-encoding", "gzip")
            .await
            .header("content-encoding"),
        ""
    );
}

#[tokio::test]
async fn asking_for_the_head_makes_nothing() {
    // A part that no other story asks for: it is not made yet.
    let path = "/data/roads.fgb?fields=class&limit=7";
    let head = async || ask(router(), Request::head(path).body(Body::empty()).unwrap()).await;
    let answer: Answer = head().await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("accept-ranges"), "bytes");
    // How long the file would be nobody knows: programs that ask first take one of length 0 for empty.
    assert_eq!(answer.header("content-length"), "");
    let made = get(path).await;
    assert!(!made.body.is_empty());
    assert_eq!(head().await.header("content-length"), made.body.len().to_string());
}

#[tokio::test]
async fn what_has_changed_is_told_between_versions() {
    let dir = city();
    let data = dir.path().to_str().unwrap();
    let write = |name: &str, features: &str| {
        let path = dir.path().join(name);
        std::fs::write(
            &path,
            format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}"),
        )
        .unwrap();
        path.to_str().unwrap().to_owned()
    };
    let place = |id: &str, kind: &str, capacity: u32, lon: f64| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"capacity\":{capacity}}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{lon},11.56]}}}}"
        )
    };
    let old = [
        place("a", "market", 1, 104.91),
        place("b", "hospital", 2, 104.92),
        place("c", "market", 3, 104.93),
        place("d", "market", 4, 104.94),
    ];
    let new = [
        place("b", "hospital", 2, 104.92),
        place("c", "market", 3, 104.935),
        place("d", "market", 99, 104.94),
        place("e", "market", 5, 104.95),
    ];
    let (old, new) = (
        write("old.geojson", &old.join(",")),
        write("new.geojson", &new.join(",")),
    );
    phteah(&["import", "services", &old, "--layer", "places", "--data", data]);
    // The capacity stays hidden: that it alone has changed must not show.
    phteah(&["publish", "places", "public", "--data", data, "--fields", "kind"]);
    let router = app(Arc::new(state(Path::new(data), Limits::default())));
    let get = async |path: &str| ask(router.clone(), Request::get(path).body(Body::empty()).unwrap()).await;
    let before = get("/data/places/changes").await.json()["version"]
        .as_str()
        .unwrap()
        .to_owned();
    phteah(&["import", "services", &new, "--layer", "places", "--data", data]);
    let now = get("/data/places/changes").await.json();
    assert_eq!(now["versions"].as_array().unwrap().len(), 2);
    let changes = get(&format!("/data/places/changes?since={before}")).await.json();
    let told: Vec<(&str, &str)> = changes["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["change"].as_str().unwrap(), f["id"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("removed", "a"), ("changed", "c"), ("added", "e")]);
    assert_eq!(changes["version"], now["version"]);
    let none = get(&format!(
        "/data/places/changes?since={}",
        now["version"].as_str().unwrap()
    ))
    .await
    .json();
    assert!(none["features"].as_array().unwrap().is_empty());
    get("/data/places/changes?since=../../catalogue")
        .await
        .is_error(404, "no_such_version");
}

#[tokio::test]
async fn the_page_says_what_a_stranger_needs() {
    let page = String::from_utf8(get("/data").await.body).unwrap();
    for word in [
        "/data/parcels.gpkg",
        "/data/parcels.csv",
        "/data/parcels/map.svg",
        "/ogc",
        "QGIS",
        "ogr2ogr",
        "geopandas",
        "curl",
        "Illustrative data",
        "CC BY 4.0",
        "price_usd_m2",
        "/data/elevation.tif",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert!(
        !page.contains("<script src")
            && !page.contains("javascript:")
            && !page.contains("http://localhost/http")
    );
    let khmer = String::from_utf8(get_with("/data", "accept-language", "km,en;q=0.5").await.body).unwrap();
    assert!(khmer.contains("lang=\"km\"") && khmer.contains("ទាញយក"));
    let json = get("/data?f=json").await.json();
    assert!(json["@type"].as_array().unwrap().contains(&"dcat:Catalog".into()));
    assert!(json["dcat:dataset"].as_array().unwrap().len() > 8);
    let picture = get("/data/parcels/map.svg").await;
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    let tilejson = get("/data/parcels/tiles.json").await.json();
    assert_eq!(
        (
            tilejson["tilejson"].as_str(),
            tilejson["vector_layers"][0]["id"].as_str()
        ),
        (Some("3.0.0"), Some("parcels"))
    );
}
