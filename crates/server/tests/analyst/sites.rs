//! `phteah sites`.

use crate::files::Files;

const SCENARIO: &str = include_str!("../../../../geodata/scenarios/default.toml");

#[test]
fn available_parcels_become_sites_with_area_and_capacity() {
    let files = Files::new();
    files.phteah("demo --data data --parcels 2000 --cell 300").done();
    files.text("scenario.toml", SCENARIO);
    let ended = files
        .phteah("sites --data data --scenario scenario.toml --out sites.csv")
        .done();
    assert!(ended.out.contains("Illustrative data"), "{}", ended.out);
    let text = std::fs::read_to_string(files.path("sites.csv")).unwrap();
    assert!(text.starts_with("id,net_area_m2,capacity,compactness,"), "{text}");
    let table = files.table("sites.csv");
    assert!(!table.is_empty());
    for row in table.values() {
        let number = |column: &str| row.text(column).parse::<f64>().unwrap();
        // 35 % for circulation, plots of 4 × 12 m; a billionth of a plot forgives rounding.
        let capacity = (number("net_area_m2") * 0.65 / 48.0 + 1e-9).floor();
        assert!((number("capacity") - capacity).abs() < 0.5, "{row:?}");
        assert!((0.0..=1.0).contains(&number("compactness")), "{row:?}");
        assert!(!row.text("parcels").is_empty());
    }
    files
        .phteah("sites --data data --scenario scenario.toml --out again.csv")
        .done();
    assert_eq!(text, std::fs::read_to_string(files.path("again.csv")).unwrap());
}

#[test]
fn bad_scenarios_and_missing_data_are_refused() {
    let files = Files::new();
    files.text(
        "scenario.toml",
        "method = \"guess\"\n[sites]\nplot_width_m = -4\n",
    );
    files
        .phteah("sites --data data --scenario scenario.toml --out sites.csv")
        .refused(1, &["holds no Phteah data"]);
    files.phteah("demo --data data --parcels 50 --cell 300").done();
    files
        .phteah("sites --data data --scenario scenario.toml --out sites.csv")
        .refused(1, &["method", "plot_width_m"]);
    files
        .phteah("sites --data data --scenario none.toml --out sites.csv")
        .refused(1, &["none.toml"]);
}

#[test]
fn polygons_drawn_by_hand_get_every_measure_that_the_scenario_names() {
    let files = Files::new();
    files.phteah("demo --data data --parcels 2000 --cell 300").done();
    files.text("scenario.toml", SCENARIO);
    // Lon/lat as a map draws it: a block in the city, one far from every layer, one that crosses itself, and a point.
    files.text(
        "drawn.geojson",
        r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"name":"town"},"geometry":{"type":"Polygon","coordinates":[[[104.915,11.555],[104.917,11.555],[104.917,11.557],[104.915,11.557],[104.915,11.555]]]}},
            {"type":"Feature","properties":{"name":"far"},"geometry":{"type":"Polygon","coordinates":[[[103,13],[103.001,13],[103.001,13.001],[103,13.001],[103,13]]]}},
            {"type":"Feature","properties":{"name":"bow"},"geometry":{"type":"Polygon","coordinates":[[[104.92,11.555],[104.922,11.557],[104.922,11.555],[104.92,11.557],[104.92,11.555]]]}},
            {"type":"Feature","properties":{"name":"point"},"geometry":{"type":"Point","coordinates":[104.915,11.555]}}]}"#,
    );
    let ended = files
        .phteah("sites --data data --scenario scenario.toml --drawn drawn.geojson --id name --out drawn.csv")
        .done();
    assert!(
        ended
            .out
            .contains("4 polygons: 3 measured as sites, 2 with something wrong"),
        "{}",
        ended.out
    );
    assert!(ended.err.contains("record 3 (bow): repaired"), "{}", ended.err);
    let table = files.table("drawn.csv");
    let town = &table["town"];
    let area: f64 = town.text("net_area_m2").parse().unwrap();
    assert!((20_000.0..=48_300.0).contains(&area), "{area}");
    assert!(
        town.text("travel_time_walk_primary_school")
            .parse::<f64>()
            .unwrap()
            > 0.0
    );
    assert_eq!(town.text("travel_time_walk_primary_school_status"), "known");
    // The same as the library gives for a site of that shape, known or not; far from everything, where no layer says that it is
    // complete, nothing is known, not even that no road comes near.
    let far = &table["far"];
    assert_eq!(far.text("travel_time_walk_primary_school_status"), "unknown");
    far.unknown(&["travel_time_walk_primary_school", "price_usd_m2", "khan"]);
    assert_eq!(far.text("tenure"), "unknown");
    let point = &table["point"];
    assert_eq!(point.text("travel_time_walk_primary_school_status"), "no_site");
    point.unknown(&["net_area_m2", "capacity", "tenure"]);
    // The shape that is left comes back as lon/lat.
    files
        .phteah("sites --data data --scenario scenario.toml --drawn drawn.geojson --id name --out drawn.geojson.gpkg")
        .done();
}
