//! `phteah disruption`.

use crate::files::Files;

/// A street of one kilometre with a lane, an island, two sites and four settlements.
fn town() -> Files {
    let files = Files::new();
    let class = r#""class":"residential""#;
    files.features(
        "roads.geojson",
        &[
            ("LineString", "[[0,500],[500,500],[1000,500]]", class),
            ("LineString", "[[500,500],[500,800]]", class),
            ("LineString", "[[5000,500],[5200,500]]", class),
        ],
    );
    files.features(
        "sites.geojson",
        &[
            ("Point", "[900,540]", r#""id":"street""#),
            ("Point", "[5100,510]", r#""id":"island""#),
            ("Point", "[0,9000]", r#""id":"nowhere""#),
        ],
    );
    files.features(
        "settlements.geojson",
        &[
            ("Point", "[100,470]", r#""id":"S1","households":30"#),
            ("Point", "[500,700]", r#""id":"S2","households":10"#),
            ("Point", "[1000,9000]", r#""id":"S3","households":5"#),
            ("Point", "[200,500]", r#""id":"S4","households":null"#),
        ],
    );
    files
}

const ASK: &str = "disruption sites.geojson --settlements settlements.geojson --roads roads.geojson --mode walk --out out.csv";

#[test]
fn every_household_counts_once_and_those_that_get_nowhere_are_told() {
    let files = town();
    let ended = files.phteah(&format!("{ASK} --times times.csv")).done();
    let table = files.table("out.csv");
    // 4.5 km/h is 75 m a minute; S1 walks 870 m, S2 640 m.
    let street = &table["street"];
    street.is("disruption_minutes", (30.0 * 870.0 + 10.0 * 640.0) / 40.0 / 75.0);
    street.is("reached_share", 40.0 / 45.0);
    assert_eq!(street.text("status"), "reached_in_part");
    table["island"].unknown(&["disruption_minutes"]);
    table["island"].is("reached_share", 0.0);
    assert_eq!(table["island"].text("status"), "unreachable");
    table["nowhere"].unknown(&["disruption_minutes", "reached_share"]);
    assert_eq!(table["nowhere"].text("status"), "off_network");
    for said in ["(S3): it lies on no road", "(S4): its households is no number"] {
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
    for said in [
        "45 households of 3 settlements",
        "3 sites, 1 on no road",
        "6 nodes, 4 edges, 2 components",
    ] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    let times = std::fs::read_to_string(files.path("times.csv")).unwrap();
    assert_eq!(times.lines().count(), 1 + 4 * 3);
    assert!(
        times.starts_with("settlement,site,minutes\nS1,street,11.6"),
        "{times}"
    );
    assert!(times.contains("\nS1,island,\n"), "{times}");
}

#[test]
fn a_flood_that_cuts_the_street_takes_households_away() {
    let files = town();
    // Deep between 200 m and 300 m: S1 is cut off, S2 is not.
    let depth: Vec<f32> = (0..100 * 100)
        .map(|cell| f32::from(u8::from((20..30).contains(&(cell % 100)))))
        .collect();
    files.raster("rp100.tif", 100, &depth);
    files.phteah(&format!("{ASK} --cut 100=rp100.tif")).done();
    let table = files.table("out.csv");
    table["street"].is("dry_reached_share", 40.0 / 45.0);
    table["street"].is("rp100_reached_share", 10.0 / 45.0);
    table["street"].is("rp100_disruption_minutes", 640.0 / 75.0);
}

#[test]
fn settlements_without_numbers_of_households_are_refused() {
    let files = town();
    files
        .phteah(&format!("{ASK} --households families"))
        .refused(2, &["no column 'families'", "households"]);
    files.features(
        "settlements.geojson",
        &[("Point", "[100,470]", r#""id":"S1","households":0"#)],
    );
    files
        .phteah(ASK)
        .refused(1, &["nobody whose way could be measured"]);
    files
        .phteah(&format!("{ASK} --times times.gpkg"))
        .refused(2, &["use .csv"]);
}
