//! Every real file, and what the report must say of it. Skipped, visibly, where the files are absent.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, first, real};
use phteah_layers::import::report::Effect;
use phteah_layers::{ImportReport, Role};

/// Read, kept, repaired, refused, left out.
fn counts(report: &ImportReport) -> [u64; 5] {
    [
        report.read,
        report.kept,
        report.repaired,
        report.refused,
        report.left_out,
    ]
}

#[test]
fn the_one_invalid_water_polygon_is_named_and_repaired() {
    let Some(file) = real("data/osm_water_central.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.import(Role::Water, &file).unwrap();
    assert_eq!(counts(&report), [109, 109, 1, 0, 0], "{report}");
    assert_eq!(report.count("invalid_polygon"), 1);
    let invalid = first(&report, "invalid_polygon");
    assert_eq!(
        (invalid.record, invalid.place.as_deref()),
        (2, Some("outer ring"))
    );
    assert!(
        invalid
            .message
            .starts_with("Self-intersection at or near point 104.9500003 11.5478027"),
        "{}",
        invalid.message
    );
    assert!(
        invalid.message.contains("area 4263952.76 → 4263952.66 m²"),
        "{}",
        invalid.message
    );
}

#[test]
fn the_lost_zeros_of_health_centres_are_restored() {
    let Some(file) = real("data/health_centres_2010.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench
        .mapped(
            Role::Services,
            &file,
            "kind='health_centre',id=FACILITCOD,name=FACILITNAM",
        )
        .unwrap();
    assert_eq!(counts(&report), [62, 62, 45, 0, 0], "{report}");
    // Three codes each of 45 records of provinces whose number begins with a zero.
    assert_eq!(report.count("code_zeros_restored"), 135);
    let first_found = first(&report, "code_zeros_restored");
    assert_eq!(
        (first_found.record, first_found.message.as_str()),
        (1, "503 → 0503")
    );
    assert_eq!(report.count("code_not_in_gazetteer"), 7);
    let services = bench.features("services");
    assert_eq!(services[0].id, "050211");
    let codes = [
        services[0].text("khan"),
        services[0].text("sangkat"),
        services[0].text("village"),
    ];
    assert_eq!(codes, [Some("0503"), Some("050305"), Some("05030526")]);
}

#[test]
fn referral_hospitals_too() {
    let Some(file) = real("data/referral_hospitals_2010.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench
        .mapped(
            Role::Services,
            &file,
            "kind='hospital',id=FACILITCOD,name=FACILITNAM",
        )
        .unwrap();
    assert_eq!(counts(&report), [9, 9, 4, 0, 0], "{report}");
    assert_eq!(
        (
            report.count("code_zeros_restored"),
            report.count("code_not_in_gazetteer")
        ),
        (12, 2)
    );
}

#[test]
fn sangkats_of_an_earlier_division_are_compared_with_today_s() {
    let Some(file) = real("data/sangkats_geoboundaries.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.import(Role::Boundaries, &file).unwrap();
    assert_eq!(counts(&report), [96, 96, 0, 0, 0], "{report}");
    assert_eq!(report.count("code_not_in_gazetteer"), 23);
    assert_eq!(
        first(&report, "code_not_in_gazetteer").message,
        "120913 is not in today's gazetteer"
    );
    // Found by name where their code was another's: an earlier division numbered them otherwise.
    assert_eq!(report.count("code_of_another_place"), 16, "{report}");
    let missing = "Of today's 105 sangkats 18 have no boundary here: 120608 Stueng Mean Chey Ti Muoy";
    assert!(report.warnings.iter().any(|w| w.starts_with(missing)), "{report}");
    let boundaries = bench.features("boundaries");
    let one = &boundaries[0];
    assert_eq!(
        (one.id.as_str(), one.text("code"), one.text("level")),
        ("121005", Some("121005"), Some("sangkat"))
    );
}

#[test]
fn roads_by_their_two_classes() {
    let Some(file) = real("data/osm_roads_central.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench
        .mapped(Role::Roads, &file, "class=class[0:residential|1:primary]")
        .unwrap();
    assert_eq!(counts(&report), [4670, 4670, 0, 0, 0], "{report}");
    let length: f64 = bench
        .features("roads")
        .iter()
        .filter_map(|road| match &road.geometry {
            Some(geo::Geometry::LineString(line)) => Some(geo::Length::length(&geo::Euclidean, line)),
            _ => None,
        })
        .sum();
    assert!((length / 1000.0 - 985.0).abs() < 2.0, "{} km", length / 1000.0);
}

#[test]
fn buildings_stand_in_for_parcels() {
    let Some(file) = real("data/osm_buildings_central.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.mapped(Role::Parcels, &file, "available='yes'").unwrap();
    assert_eq!(counts(&report), [22_081, 22_080, 1, 1, 0], "{report}");
    assert_eq!(first(&report, "invalid_polygon").record, 10);
    assert_eq!(
        first(&report, "duplicate_record").message,
        "the same place and attributes as record 6627"
    );
    assert!(
        report
            .findings
            .iter()
            .filter(|f| f.effect == Effect::Refused)
            .all(|f| f.count == 1)
    );
}
