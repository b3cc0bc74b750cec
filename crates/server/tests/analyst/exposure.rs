//! `phteah exposure`.

use crate::files::{Files, rect};

/// Six by six cells of one depth.
fn flat(depth: f32) -> Vec<f32> {
    vec![depth; 36]
}

const HAZARDS: &str = "--hazard 10=rp10.tif --hazard 50=rp50.tif --hazard 100=rp100.tif";

fn three_floods() -> Files {
    let files = Files::new();
    files
        .raster("rp10.tif", 6, &flat(0.2))
        .raster("rp50.tif", 6, &flat(0.6))
        .raster("rp100.tif", 6, &flat(1.0));
    files
}

#[test]
fn the_annual_depth_is_the_integral_over_probability() {
    let files = three_floods();
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(3.0, 4.0, 21.0, 17.0), r#""plot":"a""#)],
    );
    let ended = files
        .phteah(&format!(
            "exposure plots.geojson {HAZARDS} --id plot --out out.csv"
        ))
        .done();
    let row = &files.table("out.csv")["a"];
    row.is("rp10_mean", 0.2);
    row.is("rp50_max", 0.6);
    row.is("rp10_deeper_share", 0.0);
    row.is("rp100_deeper_share", 1.0);
    row.is("rp100_known_share", 1.0);
    row.is("annual_depth", 0.050); // 0.032 + 0.008 + 0.010
    row.is("annual_share", 0.04 + 0.01 + 0.01); // deeper at 50 and 100 years
    row.unknown(&["rp10_mean_lowest", "annual_depth_highest"]); // nothing is unknown, so there are no bounds
    assert!(
        ended.out.contains("rarer than the rarest") && ended.out.contains("more frequent"),
        "{}",
        ended.out
    );
}

#[test]
fn cells_count_by_the_exact_fraction_that_is_covered() {
    let files = Files::new();
    // Two columns: dry and 1 m deep. Three quarters of a cell lie in the first, half a cell in the second.
    files.raster("rp100.tif", 2, &[0.0, 1.0, 0.0, 1.0]);
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(2.5, 0.0, 12.5, 10.0), r#""id":7"#)],
    );
    files
        .phteah("exposure plots.geojson --hazard 100=rp100.tif --deeper-than 0.5 --out out.csv")
        .done();
    let row = &files.table("out.csv")["7"];
    row.is("rp100_mean", 0.4);
    row.is("rp100_max", 1.0);
    row.is("rp100_deeper_share", 0.4);
}

#[test]
fn a_point_has_the_depth_of_its_cell() {
    let files = Files::new();
    files.raster_with("rp100.tif", 2, &[0.0, 1.5, 0.25, -9999.0], Some(-9999.0), None);
    files.features(
        "places.geojson",
        &[
            ("Point", "[15,5]", r#""id":"deep""#),
            ("Point", "[3,12]", r#""id":"shallow""#),
            ("Point", "[10,10]", r#""id":"nodata""#), // a corner of four cells: the one east and south of it counts
            ("Point", "[20.5,5]", r#""id":"beyond""#),
        ],
    );
    let ended = files
        .phteah("exposure places.geojson --hazard 100=rp100.tif --out out.csv")
        .done();
    let table = files.table("out.csv");
    table["deep"].is("rp100_mean", 1.5);
    table["deep"].is("rp100_max", 1.5);
    table["deep"].is("rp100_deeper_share", 1.0);
    table["deep"].is("rp100_known_share", 1.0);
    table["shallow"].is("rp100_mean", 0.25);
    table["shallow"].is("rp100_deeper_share", 0.0);
    for outside in ["nodata", "beyond"] {
        table[outside].is("rp100_known_share", 0.0);
        table[outside].unknown(&["rp100_mean", "annual_depth"]);
    }
    assert!(
        ended.out.contains("2 unknown") && ended.out.contains("0 with something wrong"),
        "{}",
        ended.out
    );
}

#[test]
fn what_is_unknown_gives_bounds_and_stops_nothing() {
    let files = Files::new();
    files.raster_with(
        "rp20.tif",
        6,
        &[&[-9999.0; 6][..], &[0.5; 30]].concat(),
        Some(-9999.0),
        Some("m"),
    );
    files.features(
        "plots.geojson",
        &[
            ("Polygon", &rect(0.0, 0.0, 10.0, 40.0), r#""id":"nodata""#),
            ("Polygon", &rect(50.0, 20.0, 20.0, 10.0), r#""id":"edge""#),
            ("Polygon", &rect(500.0, 500.0, 10.0, 10.0), r#""id":"outside""#),
            (
                "Polygon",
                "[[[0,20],[20,40],[20,20],[0,40],[0,20]]]",
                r#""id":"bow tie""#,
            ),
            ("LineString", "[[5,25],[9,25]]", r#""id":"line""#),
            ("Polygon", &rect(10.0, 20.0, 10.0, 10.0), r#""id":"whole""#),
        ],
    );
    let ended = files
        .phteah("exposure plots.geojson --hazard 20=rp20.tif --out out.csv")
        .done();
    let table = files.table("out.csv");
    assert_eq!(table.len(), 6);
    table["nodata"].is("rp20_known_share", 0.75);
    table["nodata"].is("rp20_mean", 0.5);
    table["nodata"].is("rp20_mean_lowest", 0.375);
    table["nodata"].is("rp20_mean_highest", 0.5);
    table["nodata"].is("rp20_deeper_share_lowest", 0.75);
    table["nodata"].is("annual_depth_lowest", 0.375 / 20.0);
    table["edge"].is("rp20_known_share", 0.5);
    table["outside"].is("rp20_known_share", 0.0);
    table["outside"].unknown(&[
        "rp20_mean",
        "rp20_max",
        "rp20_deeper_share",
        "annual_depth",
        "annual_depth_lowest",
    ]);
    table["line"].unknown(&["rp20_mean", "annual_depth"]);
    table["bow tie"].is("rp20_mean", 0.5);
    table["whole"].is("rp20_mean", 0.5);
    for said in [
        "record 4 (bow tie): repaired",
        "record 5 (line)",
        "a polygon is needed",
    ] {
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
    assert!(
        !std::fs::read_to_string(files.path("out.csv"))
            .unwrap()
            .contains("NaN")
    );
}

#[test]
fn units_are_honoured_and_noise_below_zero_is_dry() {
    let files = Files::new();
    files.raster_with("rp10.tif", 6, &flat(45.0), None, Some("cm"));
    let noise = &[&[-0.005; 6][..], &[0.5; 30]].concat();
    files.raster_with("rp20.tif", 6, noise, None, Some("m"));
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 20.0, 20.0), r#""id":1"#)],
    );
    let ended = files
        .phteah("exposure plots.geojson --hazard 10=rp10.tif --hazard 20=rp20.tif --out out.csv")
        .done();
    let row = &files.table("out.csv")["1"];
    row.is("rp10_mean", 0.45);
    row.is("rp10_deeper_share", 1.0);
    row.is("rp20_mean", 0.25);
    row.is("rp20_known_share", 1.0);
    assert!(ended.err.contains("unit is cm"), "{}", ended.err);
}

/// What an import refuses no measure takes either.
#[test]
fn values_that_cannot_be_depths_are_refused() {
    let files = Files::new();
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 20.0, 20.0), r#""id":1"#)],
    );
    for (first, said) in [
        (-1.0, "negative depths (down to -1 m)"),
        (6677.0, "deeper than 100 m"),
    ] {
        let cells = &[&[first; 6][..], &[0.5; 30]].concat();
        files.raster_with("rp20.tif", 6, cells, None, Some("m"));
        let ended = files.phteah("exposure plots.geojson --hazard 20=rp20.tif --out out.csv");
        assert_eq!(ended.code, 1, "{}", ended.err);
        assert!(
            ended.err.contains("rp20.tif") && ended.err.contains(said),
            "{}",
            ended.err
        );
    }
}

/// 700 mm, 70 cm and 0.7 m are one depth, and none is deeper than 0.7 m.
#[test]
fn converting_a_unit_moves_no_value_across_a_limit() {
    let files = Files::new();
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 20.0, 20.0), r#""id":1"#)],
    );
    for limit in [0.1_f32, 0.3, 0.7, 0.9, 1.1, 2.3] {
        for (unit, times) in [("m", 1.0), ("dm", 10.0), ("cm", 100.0), ("mm", 1000.0)] {
            files.raster_with(
                "rp20.tif",
                6,
                &flat(if times > 1.0 {
                    (limit * times).round()
                } else {
                    limit
                }),
                None,
                Some(unit),
            );
            let command =
                format!("exposure plots.geojson --hazard 20=rp20.tif --deeper-than {limit} --out out.csv");
            files.phteah(&command).done();
            files.table("out.csv")["1"].is("rp20_deeper_share", 0.0);
        }
    }
}

#[test]
fn features_in_another_crs_go_to_the_raster() {
    let files = Files::new();
    files.raster("rp100.tif", 100, &vec![0.7; 10_000]);
    // The middle of the little world in degrees, as GeoJSON has it by its standard.
    files.text(
        "plots.geojson",
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"x"},"geometry":{"type":"Polygon",
           "coordinates":[[[104.9125,11.5745],[104.9130,11.5745],[104.9130,11.5750],[104.9125,11.5750],[104.9125,11.5745]]]}}]}"#,
    );
    files
        .phteah("exposure plots.geojson --hazard 100=rp100.tif --out out.csv")
        .done();
    let row = &files.table("out.csv")["x"];
    row.is("rp100_mean", 0.7);
    row.is("rp100_known_share", 1.0);
}

#[test]
fn mistakes_on_the_command_line_are_told_all_at_once() {
    let files = three_floods();
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 10.0, 10.0), r#""id":1"#)],
    );
    let bad = files.phteah(
        "exposure plots.geojson --hazard rp10.tif --hazard 0=rp10.tif --hazard x=rp50.tif --out out.csv",
    );
    bad.refused(
        2,
        &["--hazard rp10.tif", "--hazard 0=rp10.tif", "--hazard x=rp50.tif"],
    );
    files
        .phteah("exposure plots.geojson --hazard 10=rp10.tif --hazard 10=rp50.tif --out out.csv")
        .refused(2, &["10 years twice"]);
    files
        .phteah(&format!("exposure plots.geojson {HAZARDS} --out out.xyz"))
        .refused(2, &["no extension that says a format"]);
    files
        .phteah(&format!(
            "exposure plots.geojson {HAZARDS} --id nothing --out out.csv"
        ))
        .refused(2, &["no column 'nothing'"]);
    files
        .phteah(&format!(
            "exposure plots.geojson {HAZARDS} --deeper-than=-1 --out out.csv"
        ))
        .refused(2, &["--deeper-than"]);
    assert!(!files.path("out.csv").exists());
}

#[test]
fn unreadable_files_are_refused_by_name() {
    let files = three_floods();
    files.text(
        "broken.geojson",
        r#"{"type":"FeatureCollection","features":[{"type":"Fea"#,
    );
    files.text("noise.tif", "this is no raster");
    files.features(
        "plots.geojson",
        &[("Polygon", &rect(0.0, 0.0, 10.0, 10.0), r#""id":1"#)],
    );
    files
        .phteah("exposure broken.geojson --hazard 10=rp10.tif --out out.csv")
        .refused(1, &["broken.geojson"]);
    files
        .phteah("exposure plots.geojson --hazard 10=noise.tif --hazard 20=none.tif --out out.csv")
        .refused(1, &["noise.tif", "none.tif"]);
    files.raster_with("odd.tif", 6, &flat(1.0), None, Some("furlong"));
    files
        .phteah("exposure plots.geojson --hazard 10=odd.tif --out out.csv")
        .refused(1, &["furlong"]);
}

#[test]
fn a_file_without_features_gives_a_table_without_rows() {
    let files = three_floods();
    files.features("plots.geojson", &[]);
    files
        .phteah("exposure plots.geojson --hazard 10=rp10.tif --out out.csv")
        .done();
    assert!(files.table("out.csv").is_empty());
}
