//! Every real file, and what the report must say of it. Skipped, visibly, where the files are absent.

mod common;

use common::{Bench, real};
use phteah_layers::import::report::{Effect, Outcome};
use phteah_layers::{ImportReport, Role};

fn detail<'a>(report: &'a ImportReport, code: &str) -> Vec<&'a phteah_layers::import::report::Detail> {
    report
        .findings
        .iter()
        .filter(|f| f.code == code)
        .flat_map(|f| &f.first)
        .collect()
}

#[test]
fn the_one_invalid_water_polygon_is_named_and_repaired() {
    let Some(file) = real("data/osm_water_central.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.import(Role::Water, &file).unwrap();
    println!("{report}");
    assert_eq!(
        (report.read, report.kept, report.refused, report.left_out),
        (109, 109, 0, 0)
    );
    assert_eq!(report.repaired, 1);
    let invalid = detail(&report, "invalid_polygon");
    assert_eq!(invalid.len(), 1);
    println!("{invalid:?}");
}

#[test]
fn lost_zeros_of_health_centres_are_restored() {
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
    println!("{report}");
    assert_eq!((report.read, report.kept), (62, 62));
    assert!(report.count("code_zeros_restored") > 0);
}

#[test]
fn referral_hospitals() {
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
    println!("{report}");
}

#[test]
fn sangkats() {
    let Some(file) = real("data/sangkats_geoboundaries.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.import(Role::Boundaries, &file).unwrap();
    println!("{report}");
    assert_eq!(report.kept, 96);
}

#[test]
fn roads() {
    let Some(file) = real("data/osm_roads_central.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench
        .mapped(Role::Roads, &file, "class=class[0:residential|1:primary]")
        .unwrap();
    println!("{report}");
    assert_eq!(report.kept, 4670);
    assert_eq!(report.outcome, Outcome::Imported);
    assert!(report.findings.iter().all(|f| f.effect != Effect::Refused));
}

#[test]
fn buildings_stand_in_for_parcels() {
    let Some(file) = real("data/osm_buildings_central.geojson") else {
        return;
    };
    let bench = Bench::new();
    let report = bench.mapped(Role::Parcels, &file, "available='yes'").unwrap();
    println!("{report}");
    assert_eq!(report.read, 22081);
}
