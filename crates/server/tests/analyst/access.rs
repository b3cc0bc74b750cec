//! `phteah access`.

use crate::files::{Files, Row, rect};

/// A street of one kilometre with a school at its end, a lane that leads nowhere, and an island with a clinic.
fn street() -> Files {
    let files = Files::new();
    files.features(
        "roads.geojson",
        &[
            (
                "LineString",
                "[[0,500],[500,500],[1000,500]]",
                r#""class":"residential","one_way":"forward""#,
            ),
            (
                "LineString",
                "[[500,500],[500,800]]",
                r#""class":"residential","one_way":null"#,
            ),
            (
                "LineString",
                "[[5000,500],[5200,500]]",
                r#""class":"residential""#,
            ),
            ("LineString", "[[0,0],[10,0]]", r#""class":"proposed""#),
        ],
    );
    files.features(
        "services.geojson",
        &[
            ("Point", "[900,540]", r#""id":"school-1","kind":"primary_school""#),
            ("Point", "[5100,510]", r#""id":"clinic-1","kind":"health_centre""#),
            ("Point", "[1,1]", r#""id":"nameless","kind":null"#),
        ],
    );
    files.features(
        "places.geojson",
        &[
            ("Point", "[100,470]", r#""id":"near""#),
            ("Polygon", &rect(480.0, 700.0, 40.0, 40.0), r#""id":"lane""#),
            ("Point", "[1000,9000]", r#""id":"far""#),
            ("Point", "[950,500]", r#""id":"beyond""#),
        ],
    );
    files
}

const ASK: &str = "access places.geojson --roads roads.geojson --services services.geojson --out out.csv";

#[test]
fn minutes_and_metres_count_the_way_to_the_road_and_from_it() {
    let files = street();
    let ended = files.phteah(&format!("{ASK} --mode walk")).done();
    let table = files.table("out.csv");
    let near = &table["near"];
    near.is("primary_school_metres", 30.0 + 800.0 + 40.0);
    near.is("primary_school_minutes", 870.0 / 75.0); // 4.5 km/h is 75 m a minute
    assert_eq!(near.text("primary_school_id"), "school-1");
    assert_eq!(near.text("primary_school_status"), "reached");
    assert_eq!(near.text("health_centre_status"), "unreachable");
    near.unknown(&[
        "health_centre_minutes",
        "health_centre_metres",
        "health_centre_id",
    ]);
    // A point on the polygon's surface lies at the lane's height, somewhere between its edges.
    let lane: f64 = table["lane"].text("primary_school_metres").parse().unwrap();
    assert!(
        (200.0 + 400.0 + 40.0..=260.0 + 400.0 + 40.0).contains(&lane),
        "{lane}"
    );
    assert_eq!(table["far"].text("primary_school_status"), "off_network");
    // On foot a one-way street is walked against its direction.
    table["beyond"].is("primary_school_metres", 50.0 + 40.0);
    for said in ["6 nodes", "4 edges", "2 components", "proposed: 1"] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    // Of 1,500 m, 1,300 m hang together.
    assert!(ended.out.contains("86.7 % of the length"), "{}", ended.out);
    assert!(
        ended.err.contains("service nameless: its kind is empty"),
        "{}",
        ended.err
    );
}

#[test]
fn one_way_streets_bind_motorbikes() {
    let files = street();
    files.phteah(&format!("{ASK} --mode motorbike")).done();
    let table = files.table("out.csv");
    table["near"].is(
        "primary_school_minutes",
        (30.0 + 40.0) / 75.0 + 800.0 / (20_000.0 / 60.0),
    );
    assert_eq!(table["beyond"].text("primary_school_status"), "unreachable");
}

#[test]
fn a_flood_cuts_roads_and_every_column_appears_twice() {
    let files = street();
    // Deep water over the street between 600 m and 700 m.
    let depth: Vec<f32> = (0..100 * 100)
        .map(|cell| {
            if (60..70).contains(&(cell % 100)) {
                1.5
            } else {
                0.1
            }
        })
        .collect();
    files.raster("rp100.tif", 100, &depth);
    let ended = files
        .phteah(&format!("{ASK} --mode walk --cut 100=rp100.tif --cut-depth 0.3"))
        .done();
    let table = files.table("out.csv");
    table["near"].is("dry_primary_school_metres", 870.0);
    assert_eq!(table["near"].text("dry_primary_school_status"), "reached");
    assert_eq!(table["near"].text("rp100_primary_school_status"), "unreachable");
    table["near"].unknown(&["rp100_primary_school_minutes"]);
    assert!(ended.out.contains("1 edges cut"), "{}", ended.out);

    files
        .phteah(&format!("{ASK} --mode walk --cut 100=rp100.tif --cut-depth 2"))
        .done();
    files.table("out.csv")["near"].is("rp100_primary_school_metres", 870.0);
}

#[test]
fn services_within_a_time_are_counted() {
    let files = street();
    files.phteah(&format!("{ASK} --mode walk --within 12")).done();
    let table = files.table("out.csv");
    let count = |row: &Row, kind: &str| row.text(&format!("{kind}_within_12_min")).to_owned();
    assert_eq!(count(&table["near"], "primary_school"), "1");
    assert_eq!(count(&table["near"], "health_centre"), "0");
    assert_eq!(count(&table["far"], "primary_school"), ""); // on no road: unknown
    files.phteah(&format!("{ASK} --mode walk --within 11")).done();
    assert_eq!(
        files.table("out.csv")["near"].text("primary_school_within_11_min"),
        "0"
    );
}

#[test]
fn a_snap_limit_puts_places_off_the_network() {
    let files = street();
    files.phteah(&format!("{ASK} --mode walk --max-snap 29")).done();
    assert_eq!(
        files.table("out.csv")["near"].text("primary_school_status"),
        "off_network"
    );
    // The school itself, 40 m away, is then on no road.
    assert_eq!(
        files.table("out.csv")["beyond"].text("primary_school_status"),
        "unreachable"
    );
}

#[test]
fn an_empty_network_and_no_services_are_answers_too() {
    let files = street();
    files.features(
        "roads.geojson",
        &[("LineString", "[[0,0],[0,0]]", r#""class":"residential""#)],
    );
    files.phteah(&format!("{ASK} --mode walk")).done();
    assert_eq!(
        files.table("out.csv")["near"].text("primary_school_status"),
        "off_network"
    );
}

#[test]
fn bad_numbers_and_missing_columns_are_told() {
    let files = street();
    let bad = files.phteah(&format!("{ASK} --mode walk --max-snap=-5 --join=nan --within=-1"));
    bad.refused(2, &["--max-snap", "--join", "--within"]);
    files.phteah(&format!("{ASK} --mode boat")).refused(2, &["boat"]);
    files.features("services.geojson", &[("Point", "[1,1]", r#""what":"school""#)]);
    files
        .phteah(&format!("{ASK} --mode walk"))
        .refused(1, &["no column 'kind'"]);
    files.features(
        "roads.geojson",
        &[("LineString", "[[0,0],[9,0]]", r#""what":"road""#)],
    );
    files
        .phteah(&format!("{ASK} --mode walk"))
        .refused(1, &["no column 'class'"]);
}
