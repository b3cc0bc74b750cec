//! Tiles as map clients get them, read by GDAL's own reader of vector tiles and by a reader of PNG.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::{Answer, SITES, get, get_with, post, scenario};
use gdal::vector::LayerAccess;
use serde_json::json;

/// A feature as GDAL reads it: its id and its attributes as text.
#[derive(Debug)]
struct Seen {
    attributes: BTreeMap<String, String>,
    /// In tile units, y upwards.
    wkt: String,
}

/// The features of a tile's layer.
fn read(tile: &[u8], layer: &str) -> Vec<Seen> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tile.mvt");
    fs::write(&file, tile).unwrap();
    let dataset = gdal::Dataset::open(format!("MVT:{}", file.display())).unwrap();
    let mut layer = dataset.layer_by_name(layer).unwrap();
    let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    let seen = layer.features().map(|feature| {
        // What a tile leaves out, GDAL gives as an empty text.
        let value = |(at, name): (usize, &String)| {
            feature
                .field_as_string(at)
                .unwrap()
                .filter(|text| !text.is_empty())
                .map(|text| (name.clone(), text))
        };
        Seen {
            attributes: names.iter().enumerate().filter_map(value).collect(),
            wkt: feature
                .geometry()
                .map_or(String::new(), |geometry| geometry.wkt().unwrap()),
        }
    });
    seen.collect()
}

/// The tile at a zoom that holds a place.
fn tile(z: u8, lon: f64, lat: f64) -> String {
    let n = f64::from(1_u32 << z);
    let x = ((lon + 180.0) / 360.0 * n) as u32;
    let y = ((1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * n) as u32;
    format!("{z}/{x}/{y}")
}

const CENTRE: (f64, f64) = (104.92, 11.55);

async fn layer_tile(layer: &str, z: u8) -> Answer {
    get(&format!("/tiles/{layer}/{}", tile(z, CENTRE.0, CENTRE.1))).await
}

#[tokio::test]
async fn a_layer_arrives_with_its_attributes_and_nothing_else() {
    let layers = get("/api/layers").await.json();
    for layer in layers["layers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|layer| layer["kind"] == "vector")
    {
        let name = layer["name"].as_str().unwrap();
        let answer = layer_tile(name, 9).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(
            answer.header("content-type"),
            "application/vnd.mapbox-vector-tile"
        );
        let allowed: BTreeSet<&str> = layer["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .chain(["id", "mvt_id"])
            .collect();
        let features = read(&answer.body, name);
        assert!(!features.is_empty(), "{name}");
        for feature in &features {
            assert!(
                !feature.wkt.is_empty() && !feature.attributes["id"].is_empty(),
                "{feature:?}"
            );
            assert!(
                feature
                    .attributes
                    .keys()
                    .all(|key| allowed.contains(key.as_str())),
                "{feature:?}"
            );
        }
    }
}

/// Whoever waits for a tile has an answer in time, and the next one at once.
#[test]
fn a_layer_that_takes_too_long_to_prepare_is_told() {
    use phteah_server::tiles::prepared::Preparations;
    let catalogue = phteah_layers::Catalogue::open(common::data()).unwrap();
    let entry = catalogue.layer("parcels").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let get = |prepared: &Preparations| {
        let (path, crs) = (catalogue.path(entry), catalogue.crs().unwrap());
        prepared
            .get(&path, &entry.name, &entry.published_fields(), &crs)
            .map(drop)
    };
    let hasty = Preparations::with_limit(dir.path(), std::time::Duration::ZERO);
    for _ in 0..2 {
        let told = get(&hasty).unwrap_err().to_string();
        assert!(
            told.contains("parcels") && told.contains("took more than 0 seconds"),
            "{told}"
        );
    }
    get(&Preparations::new(dir.path())).unwrap();
}

#[tokio::test]
async fn what_is_drawn_lies_in_the_tile_or_its_buffer() {
    for z in [8, 11, 13, 15] {
        let answer = layer_tile("roads", z).await;
        if answer.status == 204 {
            continue;
        }
        for feature in read(&answer.body, "roads") {
            let numbers = feature
                .wkt
                .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
            for number in numbers.filter_map(|text| text.parse::<f64>().ok()) {
                assert!((-64.0..=4160.0).contains(&number), "zoom {z}: {}", feature.wkt);
            }
        }
    }
}

#[tokio::test]
async fn tiles_travel_compressed_and_only_once() {
    let path = format!("/tiles/water/{}", tile(10, CENTRE.0, CENTRE.1));
    let packed = get_with(&path, "accept-encoding", "gzip, br").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.body[..2], [0x1f, 0x8b]);
    let plain = get(&path).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.len() > packed.body.len());
    assert_eq!(plain.header("cache-control"), "private, no-cache");
    let again = get_with(&path, "if-none-match", plain.header("etag")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));

    let layers = get("/api/layers").await.json();
    let water = layers["layers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|layer| layer["name"] == "water")
        .unwrap()
        .clone();
    let versioned = get(&format!("{path}?v={}", water["hash"].as_str().unwrap())).await;
    assert!(versioned.header("cache-control").contains("immutable"));
    assert_eq!(
        get(&format!("{path}?v=old")).await.header("cache-control"),
        "private, no-cache"
    );
}

#[tokio::test]
async fn places_outside_the_world_and_layers_that_do_not_exist() {
    let outside = [
        "/tiles/parcels/2/4/0",
        "/tiles/parcels/2/0/4",
        "/tiles/parcels/0/1/0",
        "/tiles/parcels/23/0/0",
        "/tiles/parcels/300/0/0",
        "/tiles/parcels/3/-1/0",
        "/tiles/parcels/3/99999999999999999999999/0",
        "/tiles/sites/2/4/0?ranking=a",
    ];
    for path in outside {
        get(path).await.is_error(400, "outside_the_world");
    }
    for path in [
        "/tiles/parcels/a/0/0",
        "/tiles/parcels/1/0/0.mvt",
        "/tiles/parcels/1/1.5/0",
    ] {
        get(path).await.is_error(400, "bad_parameter");
    }
    get("/tiles/nothing/3/1/1").await.is_error(404, "no_such_layer");
    get("/tiles/sites/3/1/1").await.is_error(400, "bad_parameter");
    get("/tiles/sites/3/1/1?ranking=none")
        .await
        .is_error(404, "no_such_ranking");
    let empty = get("/tiles/parcels/10/0/0").await;
    assert_eq!((empty.status.as_u16(), empty.body.len()), (204, 0));
}

#[tokio::test]
async fn depth_is_a_picture_with_dry_places_left_clear() {
    let answer = layer_tile("flood_depth_rp500", 11).await;
    assert_eq!(answer.header("content-type"), "image/png");
    let mut reader = png::Decoder::new(std::io::Cursor::new(&answer.body))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(
        (frame.width, frame.height, frame.color_type),
        (256, 256, png::ColorType::Rgba)
    );
    // What no map covers is hatched, in a colour of its own.
    let hatch = [0x6b, 0x62, 0x55, 110];
    let wet = pixels
        .chunks(4)
        .filter(|pixel| pixel[3] > 0 && *pixel != hatch)
        .count();
    assert!(wet > 500 && wet < 256 * 256, "{wet} wet pixels");
    assert!(
        pixels
            .chunks(4)
            .filter(|pixel| pixel[3] > 0 && *pixel != hatch)
            .all(|pixel| pixel[2] >= pixel[0]),
        "blue"
    );
    let elsewhere = get("/tiles/flood_depth_rp500/10/0/0").await;
    assert_eq!(elsewhere.status, 200);
    assert!(
        elsewhere.body.len() < 4000,
        "{} bytes for nothing",
        elsewhere.body.len()
    );
}

#[tokio::test]
async fn ranked_sites_carry_what_the_map_adds_up() {
    let ranking = post("/api/rankings", json!({"scenario": scenario()}).to_string())
        .await
        .json();
    let id = ranking["id"].as_str().unwrap();
    let matrix = get(&format!("/api/rankings/{id}/matrix")).await.json();
    let answer = get(&format!("/tiles/sites/{}?ranking={id}", tile(9, 104.9, 11.55))).await;
    assert!(answer.header("cache-control").contains("immutable"));
    let features = read(&answer.body, "sites");
    assert_eq!(features.len(), SITES, "a site smaller than a pixel is still seen");
    for feature in &features {
        let row: usize = feature.attributes["i"].parse().unwrap();
        assert_eq!(
            feature.attributes["id"],
            matrix["sites"]["id"][row].as_str().unwrap()
        );
        // A site of which too little is known has no rank although no limit excludes it.
        let apart = matrix["rank"][row].is_null() && matrix["excluded"][row] != 1;
        let standing = if apart {
            "3".to_owned()
        } else {
            matrix["excluded"][row].to_string()
        };
        assert_eq!(feature.attributes["x"], standing);
        assert_eq!(
            feature.attributes.contains_key("s"),
            matrix["score"][row].is_number()
        );
        assert_eq!(
            feature.attributes.get("r").cloned(),
            matrix["rank"][row].as_u64().map(|rank| rank.to_string())
        );
        for criterion in 0..matrix["criteria"].as_array().unwrap().len() {
            let drawn = feature
                .attributes
                .get(&format!("v{criterion}"))
                .map(|value| value.parse::<f64>().unwrap());
            let exact = matrix["value"][criterion][row].as_f64();
            match (drawn, exact) {
                (Some(drawn), Some(exact)) => assert!((drawn - exact).abs() < 0.00051),
                (None, None) => {}
                other => panic!("row {row}, criterion {criterion}: {other:?}"),
            }
        }
    }
}

/// All vertices of a shape, in tile units, y downwards.
fn vertices(wkt: &str) -> Vec<(i64, i64)> {
    let numbers: Vec<f64> = wkt
        .split(|c: char| !(c.is_ascii_digit() || c == '-' || c == '.'))
        .filter_map(|word| word.parse().ok())
        .collect();
    numbers
        .chunks_exact(2)
        .map(|pair| (pair[0].round() as i64, 4096 - pair[1].round() as i64))
        .collect()
}

#[tokio::test]
async fn shapes_meet_across_the_edge_of_neighbouring_tiles() {
    let mut compared = 0;
    for (layer, zooms) in [("parcels", 9..=14), ("roads", 10..=14), ("water", 8..=14)] {
        for z in zooms {
            let place = tile(z, CENTRE.0, CENTRE.1);
            let [_, x, y] = *place
                .split('/')
                .map(|n| n.parse::<u32>().unwrap())
                .collect::<Vec<_>>()
            else {
                panic!("{place}")
            };
            let (west, east) = (
                get(&format!("/tiles/{layer}/{z}/{x}/{y}")).await,
                get(&format!("/tiles/{layer}/{z}/{}/{y}", x + 1)).await,
            );
            let places = |answer: &Answer, shift: i64| -> BTreeMap<String, BTreeSet<(i64, i64)>> {
                if answer.body.is_empty() {
                    return BTreeMap::new();
                }
                // The reader cuts at the edge itself: there the two halves of a shape must have their ends in common.
                let inner = |&(x, _): &(i64, i64)| x == 4096;
                read(&answer.body, layer)
                    .iter()
                    .map(|seen| {
                        let shifted = vertices(&seen.wkt).into_iter().map(|(x, y)| (x + shift, y));
                        (seen.attributes["id"].clone(), shifted.filter(inner).collect())
                    })
                    .collect()
            };
            let (west, east) = (places(&west, 0), places(&east, 4096));
            for (id, there) in &west {
                if let Some(here) = east.get(id) {
                    // Each tile cuts at its own rim and rounds there, so the ends may be a unit apart.
                    let near = |y: i64| here.iter().any(|(_, other)| (y - other).abs() <= 1);
                    assert!(
                        there.iter().all(|&(_, y)| near(y)),
                        "{layer} {id} at zoom {z}: {there:?} and {here:?}"
                    );
                    compared += there.len();
                }
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

#[tokio::test]
async fn a_shape_lies_where_the_layer_has_it() {
    let z = 16;
    let page = get("/ogc/collections/parcels/items?limit=300").await.json();
    let mut compared = 0;
    for feature in page["features"].as_array().unwrap().iter().step_by(30) {
        let corner = &feature["geometry"]["coordinates"][0][0][0];
        let (lon, lat) = (corner[0].as_f64().unwrap(), corner[1].as_f64().unwrap());
        let answer = get(&format!("/tiles/parcels/{}", tile(z, lon, lat))).await;
        let n = f64::from(1_u32 << z) * 4096.0;
        let units = |world: f64| (world * n).rem_euclid(4096.0);
        let x = units(lon / 360.0 + 0.5);
        let y = units(0.5 - lat.to_radians().tan().asinh() / std::f64::consts::TAU);
        let seen = read(&answer.body, "parcels");
        let id = feature["id"].as_str().unwrap();
        let found = seen.iter().find(|seen| seen.attributes["id"] == id).unwrap();
        // A unit is 15 cm here; the page writes a centimetre.
        let nearest = vertices(&found.wkt)
            .iter()
            .map(|&(vx, vy)| (vx as f64 - x).hypot(vy as f64 - y))
            .fold(f64::MAX, f64::min);
        assert!(nearest < 1.0, "{id} is {nearest} units off");
        compared += 1;
    }
    assert!(compared >= 5);
}

#[tokio::test]
async fn the_partners_tile_is_the_map_s_where_all_is_public() {
    for z in [9, 12, 15] {
        let place = tile(z, CENTRE.0, CENTRE.1);
        let map = get(&format!("/tiles/parcels/{place}")).await;
        let partners = get(&format!("/data/parcels/tiles/{place}")).await;
        assert_eq!(map.status, partners.status);
        assert!(map.body == partners.body, "zoom {z}");
    }
}
