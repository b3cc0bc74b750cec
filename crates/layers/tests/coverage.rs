//! A layer knows where it was complete.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Bench, geojson, point, refused, request, square};
use geo::{Area, Coord, MultiPolygon, Rect};
use phteah_layers::{Catalogue, CoverageRequest, CoverageSource, ImportRequest, Reprojector, Role};

/// Three services, about a kilometre apart.
fn services(bench: &Bench) -> std::path::PathBuf {
    let places = [(104.90, 11.55), (104.92, 11.55), (104.91, 11.57)];
    let features: Vec<(String, String)> = places
        .iter()
        .enumerate()
        .map(|(n, (lon, lat))| (format!(r#"{{"id":"s{n}","kind":"market"}}"#), point(*lon, *lat)))
        .collect();
    let features: Vec<(&str, &str)> = features.iter().map(|(p, g)| (p.as_str(), g.as_str())).collect();
    bench.file("services.geojson", geojson(&features))
}

fn metres(catalogue: &Catalogue, lon: f64, lat: f64) -> Coord<f64> {
    let way = Reprojector::new(&phteah_layers::Crs::wgs84(), &catalogue.crs().unwrap()).unwrap();
    let (x, y) = way.point(lon, lat).unwrap();
    Coord { x, y }
}

#[test]
fn nobody_said_it_so_the_hull_is_taken_with_a_warning() {
    let bench = Bench::new();
    let report = bench.import(Role::Services, &services(&bench)).unwrap();
    assert_eq!(report.coverage, Some(CoverageSource::Hull));
    assert!(
        report.warnings.iter().any(|w| w.contains("--coverage")),
        "{report}"
    );
    let catalogue = bench.catalogue();
    let coverage = catalogue.coverage(catalogue.layer("services").unwrap()).unwrap();
    assert!(coverage.covers(metres(&catalogue, 104.91, 11.555)));
    assert!(!coverage.covers(metres(&catalogue, 104.90, 11.57)));
}

#[test]
fn features_in_one_point_cover_nothing() {
    let bench = Bench::new();
    let file = bench.file(
        "one.geojson",
        geojson(&[(r#"{"kind":"market"}"#, &point(104.9, 11.55))]),
    );
    bench.import(Role::Services, &file).unwrap();
    let catalogue = bench.catalogue();
    let coverage = catalogue.coverage(&catalogue.layers()[0]).unwrap();
    assert!(coverage.polygon.0.is_empty());
    assert!(!coverage.covers(metres(&catalogue, 104.9, 11.55)));
}

#[test]
fn where_it_is_complete_can_be_said_in_four_ways() {
    let bench = Bench::new();
    let file = services(&bench);
    let area = bench.file(
        "area.geojson",
        geojson(&[("{}", &square(0.0, 0.0)), ("{}", &square(5.0, 5.0))]),
    );
    let said = [
        ("104.85,11.5,104.95,11.6", 104.86, 11.51, true),
        ("bbox", 104.901, 11.569, true),
        ("bbox", 104.86, 11.51, false),
        ("extent", 104.3, 11.1, true),
        (area.to_str().unwrap(), 104.9255, 11.5555, true),
        (area.to_str().unwrap(), 104.9235, 11.5535, false),
    ];
    for (text, lon, lat, covered) in said {
        let report = bench
            .run(&ImportRequest {
                coverage: Some(text.parse().unwrap()),
                ..request(Role::Services, &file)
            })
            .unwrap();
        assert!(
            !report.warnings.iter().any(|w| w.contains("--coverage")),
            "{report}"
        );
        let catalogue = bench.catalogue();
        let coverage = catalogue.coverage(&catalogue.layers()[0]).unwrap();
        assert_eq!(coverage.how, CoverageSource::Given);
        assert_eq!(
            coverage.covers(metres(&catalogue, lon, lat)),
            covered,
            "{text} {lon} {lat}"
        );
    }
}

#[test]
fn another_coverage_is_another_import() {
    let bench = Bench::new();
    let file = services(&bench);
    let area = bench.file("area.geojson", geojson(&[("{}", &square(0.0, 0.0))]));
    let with = |coverage: Option<CoverageRequest>| {
        let request = ImportRequest {
            coverage,
            ..request(Role::Services, &file)
        };
        bench.run(&request).unwrap().hash
    };
    let said = Some(CoverageRequest::File(area.clone()));
    let (none, first) = (with(None), with(said.clone()));
    std::fs::write(&area, geojson(&[("{}", &square(1.0, 0.0))])).unwrap();
    let second = with(said);
    assert!(none != first && first != second && none != second);
}

#[test]
fn what_is_no_area_is_refused_and_nothing_is_stored() {
    let bench = Bench::new();
    let file = services(&bench);
    let lines = bench.file(
        "line.geojson",
        geojson(&[(
            "{}",
            r#"{"type":"LineString","coordinates":[[104.9,11.5],[104.95,11.5]]}"#,
        )]),
    );
    let elsewhere = CoverageRequest::Degrees([10.0, 50.0, 11.0, 51.0]);
    for coverage in [CoverageRequest::File(lines), elsewhere] {
        let request = ImportRequest {
            coverage: Some(coverage),
            ..request(Role::Services, &file)
        };
        let (message, _) = refused(bench.run(&request));
        assert!(message.contains("complete"), "{message}");
    }
    assert!(bench.catalogue().layers().is_empty());
    for text in ["", "1,2,3", "105,11,104,12", "0,0,400,1"] {
        assert!(text.parse::<CoverageRequest>().unwrap_err().is_usage(), "{text}");
    }
}

#[test]
fn a_layer_imported_before_coverage_was_kept_is_read_from_its_features() {
    let bench = Bench::new();
    bench.import(Role::Services, &services(&bench)).unwrap();
    let kept = bench.catalogue().layers()[0].coverage.clone().unwrap();
    let path = bench.data.join("catalogue.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut old = json["layers"][0].as_object().unwrap().clone();
    old.remove("coverage");
    json = serde_json::json!({ "version": 1, "layers": [old] });
    std::fs::write(&path, json.to_string()).unwrap();
    let catalogue = bench.catalogue();
    assert!(catalogue.layers()[0].coverage.is_none());
    assert_eq!(catalogue.coverage(&catalogue.layers()[0]).unwrap(), kept);
}

#[test]
fn an_area_with_very_many_corners_is_kept_small() {
    let bench = Bench::new();
    let corners: Vec<String> = (0..5000)
        .map(|n| {
            let angle = f64::from(n) / 5000.0 * std::f64::consts::TAU;
            format!("[{},{}]", 104.9 + 0.1 * angle.cos(), 11.55 + 0.1 * angle.sin())
        })
        .collect();
    let ring = format!("{},{}", corners.join(","), corners[0]);
    let area = bench.file(
        "round.geojson",
        geojson(&[("{}", &format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#))]),
    );
    let request = ImportRequest {
        coverage: Some(CoverageRequest::File(area)),
        ..request(Role::Services, &services(&bench))
    };
    bench.run(&request).unwrap();
    let catalogue = bench.catalogue();
    let coverage = catalogue.coverage(&catalogue.layers()[0]).unwrap();
    let corners: usize = coverage.polygon.iter().map(|part| part.exterior().0.len()).sum();
    assert!(corners <= 1000, "{corners}");
    let round = std::f64::consts::PI * 10_900.0 * 11_060.0;
    assert!((coverage.polygon.unsigned_area() / round - 1.0).abs() < 0.02);
}

#[test]
fn a_shape_beyond_the_edge_is_covered_in_part() {
    let bench = Bench::new();
    let file = services(&bench);
    let request = ImportRequest {
        coverage: Some(CoverageRequest::Bbox),
        ..request(Role::Services, &file)
    };
    bench.run(&request).unwrap();
    let catalogue = bench.catalogue();
    let coverage = catalogue.coverage(&catalogue.layers()[0]).unwrap();
    let corner = metres(&catalogue, 104.90, 11.56);
    let shape: MultiPolygon<f64> = Rect::new((corner.x - 50.0, corner.y), (corner.x + 50.0, corner.y + 10.0))
        .to_polygon()
        .into();
    let share = coverage.share(&shape);
    assert!(share > 0.0 && share < 1.0, "{share}");
    assert!(!coverage.covers_all(&shape));
}
