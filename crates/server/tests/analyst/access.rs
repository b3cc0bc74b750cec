//! `phteah access`.

use phteah_layers::{Crs, Deployment, Reprojector};

use crate::files::{Files, NORTH, Row, WEST, rect};

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
fn roads_of_an_unknown_class_are_no_streets_and_those_of_none_are_walked() {
    let files = street();
    files.features(
        "roads.geojson",
        &[("LineString", "[[0,500],[1000,500]]", r#""class":"0""#)],
    );
    for mode in ["walk", "motorbike"] {
        let ended = files.phteah(&format!("{ASK} --mode {mode}")).done();
        assert_eq!(
            files.table("out.csv")["near"].text("primary_school_status"),
            "off_network"
        );
        assert!(
            ended.out.contains("Roads of class 0: 1")
                && ended.out.contains("left out")
                && ended.out.contains("--other-class"),
            "{}",
            ended.out
        );
    }
    files.features(
        "roads.geojson",
        &[("LineString", "[[0,500],[1000,500]]", r#""class":"""#)],
    );
    let ended = files.phteah(&format!("{ASK} --mode walk")).done();
    files.table("out.csv")["near"].is("primary_school_metres", 30.0 + 800.0 + 40.0);
    assert!(
        ended.out.contains("Roads of class (none): 1") && ended.out.contains("walked"),
        "{}",
        ended.out
    );
    files.phteah(&format!("{ASK} --mode motorbike")).done();
    assert_eq!(
        files.table("out.csv")["near"].text("primary_school_status"),
        "off_network"
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
fn a_flood_in_degrees_cuts_roads_in_metres_on_its_own_grid() {
    let files = street();
    // One cell of about 100 m by 1 km over the street, deep; dry cells around it, and nothing known east of 900 m.
    let crs = |name: &str| Crs::parse(name, &Deployment::default()).unwrap();
    let to_degrees = Reprojector::new(&crs("EPSG:32648"), &crs("EPSG:4326")).unwrap();
    let (west, north) = to_degrees.point(WEST - 100.0, NORTH).unwrap();
    let (east, _) = to_degrees.point(WEST + 900.0, NORTH).unwrap();
    let depth = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0];
    files.raster_at(
        "rp50.tif",
        4326,
        (west, north),
        (east - west) / 10.0,
        10,
        &depth.repeat(10),
    );
    let ended = files
        .phteah(&format!("{ASK} --mode walk --cut 50=rp50.tif"))
        .done();
    let table = files.table("out.csv");
    assert_eq!(table["near"].text("dry_primary_school_status"), "reached");
    assert_eq!(table["near"].text("rp50_primary_school_status"), "unreachable");
    for said in ["1 edges cut", "not known along the whole of 2 of 4 edges"] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
}

#[test]
fn routes_are_lines_from_door_to_door() {
    let files = street();
    let ended = files
        .phteah(&format!("{ASK} --mode walk --routes routes.geojson"))
        .done();
    assert!(
        ended.out.contains("The routes are in routes.geojson"),
        "{}",
        ended.out
    );
    let text = std::fs::read_to_string(files.path("routes.geojson")).unwrap();
    let routes: serde_json::Value = serde_json::from_str(&text).unwrap();
    let routes = routes["features"].as_array().unwrap();
    let of = |feature: &str| {
        routes
            .iter()
            .find(|route| route["properties"]["feature"] == feature)
            .unwrap()
    };
    // From the door to the street, past its middle vertex, and from the street to the school's door.
    let near = of("near");
    assert_eq!(near["geometry"]["coordinates"].as_array().unwrap().len(), 5);
    assert_eq!(near["properties"]["service"], "school-1");
    assert_eq!(near["properties"]["roads"], "dry");
    assert!((near["properties"]["metres"].as_f64().unwrap() - 870.0).abs() < 1e-6);
    let table = files.table("out.csv");
    for route in routes {
        let minutes = route["properties"]["minutes"].as_f64().unwrap();
        table[route["properties"]["feature"].as_str().unwrap()].is("primary_school_minutes", minutes);
    }
    assert_eq!(
        routes.len(),
        3,
        "one for every feature that reaches a school, none for the rest"
    );
    files
        .phteah(&format!("{ASK} --mode walk --routes routes.csv"))
        .refused(2, &["a route is a line"]);
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
        .refused(1, &["no column 'class'", "--class-field", "--other-class"]);
}

#[test]
fn files_without_the_usual_columns_are_understood_when_told_how() {
    let files = street();
    files.phteah(&format!("{ASK} --mode walk")).done();
    let usual = files.table("out.csv")["near"]
        .text("primary_school_metres")
        .to_owned();
    files.features(
        "services.geojson",
        &[("Point", "[900,540]", r#""what":"primary_school""#)],
    );
    files.features(
        "roads.geojson",
        &[("LineString", "[[0,500],[1000,500]]", r#""art":7"#)],
    );
    let ended = files
        .phteah(&format!(
            "{ASK} --mode walk --kind-field what --class-field art --other-class residential"
        ))
        .done();
    assert!(
        ended
            .out
            .contains("Roads of class 7: 1, travelled like residential"),
        "{}",
        ended.out
    );
    assert_eq!(
        files.table("out.csv")["near"].text("primary_school_metres"),
        usual
    );
    files
        .phteah(&format!(
            "{ASK} --mode walk --kind school --other-class residential"
        ))
        .done();
    assert_eq!(files.table("out.csv")["near"].text("school_metres"), usual);
    files
        .phteah(&format!("{ASK} --mode walk --kind school --other-class canal"))
        .refused(2, &["--other-class canal"]);
    files
        .phteah(&format!(
            "{ASK} --mode walk --kind-field none --other-class residential"
        ))
        .refused(2, &["no column 'none'", "what"]);
}
