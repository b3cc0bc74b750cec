//! Coordinate reference systems, the old datum above all.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, real, request};
use phteah_layers::{Crs, Deployment, ImportRequest, Reprojector, Role};

#[test]
fn indian_1960_agrees_with_the_conformance_figures() {
    let deployment = Deployment::default();
    let figures = [
        (104.923, 11.5763),
        (491_604.985, 1_279_703.552),
        (492_024.098, 1_279_380.223),
    ];
    if let Some(path) = real("conformance/crs-indian-1960.json") {
        let text = std::fs::read_to_string(path).unwrap();
        for number in ["491604.985", "1279703.552", "492024.098", "1279380.223"] {
            assert!(text.contains(number), "the figures have changed: {number}");
        }
    }
    let old = Crs::parse("EPSG:3148", &deployment).unwrap();
    assert_eq!(old.shift(), Some([198.0, 881.0, 317.0]));
    assert_eq!(old.name(), "EPSG:3148");
    let utm = Crs::parse("EPSG:32648", &deployment).unwrap();
    let near = |got: (f64, f64), expected: (f64, f64), tolerance: f64| {
        assert!(
            (got.0 - expected.0).hypot(got.1 - expected.1) < tolerance,
            "{got:?} is not {expected:?}"
        );
    };
    near(
        Reprojector::new(&old, &utm)
            .unwrap()
            .point(figures[2].0, figures[2].1)
            .unwrap(),
        figures[1],
        0.01,
    );
    near(
        Reprojector::new(&utm, &old)
            .unwrap()
            .point(figures[1].0, figures[1].1)
            .unwrap(),
        figures[2],
        0.01,
    );
    near(
        Reprojector::new(&old, &Crs::wgs84())
            .unwrap()
            .point(figures[2].0, figures[2].1)
            .unwrap(),
        figures[0],
        1e-7,
    );
    // By its WKT, as a .prj has it, and by its geographic form too.
    let esri = r#"PROJCS["Indian_1960_UTM_Zone_48N",GEOGCS["GCS_Indian_1960",DATUM["D_Indian_1960",SPHEROID["Everest_Adjustment_1937",6377276.345,300.8017]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    let from_prj = Crs::parse(esri, &deployment).unwrap();
    near(
        Reprojector::new(&from_prj, &utm)
            .unwrap()
            .point(figures[2].0, figures[2].1)
            .unwrap(),
        figures[1],
        0.01,
    );
    assert!(Crs::parse("EPSG:4131", &deployment).unwrap().shift().is_some());
    // Another shift, pinned by a deployment, is used instead.
    let other = Deployment {
        indian_1960_shift: [199.0, 931.0, 318.9],
        ..Deployment::default()
    };
    let moved = Reprojector::new(&Crs::parse("EPSG:3148", &other).unwrap(), &utm).unwrap();
    let (x, y) = moved.point(figures[2].0, figures[2].1).unwrap();
    let off = (x - figures[1].0).hypot(y - figures[1].1);
    assert!(off > 5.0 && off < 100.0, "{off}");
    for nonsense in ["EPSG:999999", "hello", "/etc/passwd", "EPSG:", ""] {
        assert!(
            Crs::parse(nonsense, &deployment).unwrap_err().is_usage(),
            "{nonsense}"
        );
    }
}

#[test]
fn the_shift_is_named_in_the_report() {
    let bench = Bench::new();
    let csv = "id,wkt\n1,\"POLYGON ((492024.098 1279380.223,492124.098 1279380.223,492124.098 1279480.223,492024.098 1279380.223))\"\n";
    let file = bench.file("old.csv", csv);
    let report = bench
        .run(&ImportRequest {
            crs: Some("EPSG:3148".into()),
            ..request(Role::Parcels, &file)
        })
        .unwrap();
    assert!(
        report.datum_shift.as_deref().unwrap().contains("198, 881, 317 m"),
        "{report}"
    );
    assert!(report.to_string().contains("198, 881, 317 m"));
    let features = bench.features("parcels");
    let rect = geo::BoundingRect::bounding_rect(features[0].geometry.as_ref().unwrap()).unwrap();
    assert!(
        (rect.min().x - 491_604.985).abs() < 0.2 && (rect.min().y - 1_279_703.552).abs() < 0.2,
        "{rect:?}"
    );
}
