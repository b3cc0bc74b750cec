//! `phteah overlay`.

use crate::files::{Files, rect};

fn zones() -> Files {
    let files = Files::new();
    files.features(
        "zones.geojson",
        &[
            ("Polygon", &rect(0.0, 0.0, 20.0, 100.0), r#""class":"wet""#),
            ("Polygon", &rect(10.0, 0.0, 20.0, 100.0), r#""class":"wet""#),
            ("Polygon", &rect(30.0, 0.0, 5.0, 100.0), r#""class":"not seen""#),
            ("Polygon", &rect(0.0, 0.0, 5.0, 5.0), r#""class":null"#),
            ("Point", "[1,1]", r#""class":"wet""#),
        ],
    );
    files
}

#[test]
fn overlapping_zones_of_a_class_count_once_and_touching_is_not_overlapping() {
    let files = zones();
    files.features(
        "plots.geojson",
        &[
            ("Polygon", &rect(0.0, 0.0, 40.0, 10.0), r#""id":"across""#),
            ("Polygon", &rect(35.0, 0.0, 10.0, 10.0), r#""id":"touching""#),
            ("Polygon", &rect(5.0, 5.0, 4.0, 5.0), r#""id":"inside""#),
        ],
    );
    let ended = files
        .phteah("overlay plots.geojson zones.geojson --by class --out out.csv")
        .done();
    let table = files.table("out.csv");
    table["across"].is("wet_m2", 300.0);
    table["across"].is("wet_share", 0.75);
    table["across"].is("not seen_m2", 50.0);
    table["across"].is("not seen_share", 0.125);
    table["touching"].is("not seen_m2", 0.0);
    table["touching"].is("wet_share", 0.0);
    table["inside"].is("wet_m2", 20.0);
    table["inside"].is("wet_share", 1.0);
    for said in [
        "zone 4: its class is empty",
        "zone 5: it is a point, a polygon is needed",
    ] {
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
}

#[test]
fn degrees_are_measured_in_metres() {
    let files = Files::new();
    let square = |id: &str, class: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"id":"{id}","class":"{class}"}},
               "geometry":{{"type":"Polygon","coordinates":[[[105,11.5],[105.001,11.5],[105.001,11.501],[105,11.501],[105,11.5]]]}}}}]}}"#
        )
    };
    files
        .text("plots.geojson", &square("a", "x"))
        .text("zones.geojson", &square("z", "all"));
    let ended = files
        .phteah("overlay plots.geojson zones.geojson --by class --out out.csv")
        .done();
    assert!(ended.out.contains("EPSG:32648"), "{}", ended.out);
    let row = &files.table("out.csv")["a"];
    row.is("all_share", 1.0);
    // 0.001° east–west at 11.5° N is 109.1 m, north–south 110.6 m; at the zone's middle UTM shows them 0.04 % smaller.
    let area: f64 = row.text("all_m2").parse().unwrap();
    assert!((area - 109.1 * 110.6 * 0.9992).abs() < 10.0, "{area}");
}

#[test]
fn a_column_that_is_not_there_is_wrong_usage() {
    let files = zones();
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 4.0, 4.0), r#""id":1"#)],
    );
    files
        .phteah("overlay plots.geojson zones.geojson --by kind --out out.csv")
        .refused(2, &["no column 'kind'", "class"]);
    files
        .phteah("overlay plots.geojson none.geojson --by class --out out.csv")
        .refused(1, &["none.geojson"]);
}

#[test]
fn a_feature_without_area_is_unknown_not_zero() {
    let files = zones();
    files.features(
        "plots.geojson",
        &[("LineString", "[[0,0],[5,5]]", r#""id":"line""#)],
    );
    files
        .phteah("overlay plots.geojson zones.geojson --by class --out out.csv")
        .done();
    files.table("out.csv")["line"].unknown(&["wet_m2", "wet_share"]);
}

#[test]
fn areas_are_metres_on_the_ground_even_where_the_files_are_in_web_mercator() {
    let files = Files::new();
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 100.0, 100.0), r#""id":"hectare""#)],
    );
    files.features(
        "zones.geojson",
        &[("Polygon", &rect(-50.0, -50.0, 100.0, 300.0), r#""class":"wet""#)],
    );
    files
        .moved("plots.geojson", "plots.gpkg", 3857)
        .moved("zones.geojson", "zones.gpkg", 3857);
    let ended = files
        .phteah("overlay plots.gpkg zones.gpkg --by class --out out.csv")
        .done();
    let row = &files.table("out.csv")["hectare"];
    let area: f64 = row.text("wet_m2").parse().unwrap();
    assert!((area - 5_000.0).abs() < 0.01, "{area}");
    assert!(ended.out.contains("EPSG:32648"), "{}", ended.out);
}
