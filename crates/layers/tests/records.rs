//! Records made by a program, and reading them back.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, geojson, now, square};
use phteah_layers::import::report::Outcome;
use phteah_layers::{
    Catalogue, Field, FieldType, NoProgress, Query, Record, RecordsRequest, Role, Value, import_records,
};

#[test]
fn records_of_a_program_go_through_the_same_checks() {
    let bench = Bench::new();
    let request = RecordsRequest {
        role: Role::Services,
        layer: "services".into(),
        title: "Services".into(),
        crs: "EPSG:32648".into(),
        source: "generator".into(),
        licence: "CC0-1.0".into(),
        attribution: String::new(),
        illustrative: true,
        record: None,
        extra: vec![Field::new("flood_proof", FieldType::Boolean)],
        strict: false,
        coverage: None,
    };
    let record = |id: &str, x: f64| Record {
        geometry: geo::Point::new(x, 1_278_000.0).into(),
        attributes: vec![
            ("id".into(), Value::from(id)),
            ("kind".into(), "market".into()),
            ("flood_proof".into(), true.into()),
        ],
    };
    let make = |records: Vec<Record>| {
        import_records(
            &bench.catalogue(),
            &request,
            records,
            None,
            now(),
            &mut NoProgress,
        )
    };
    let report = make(vec![
        record("a", 491_000.0),
        record("b", 492_000.0),
        record("a", 493_000.0),
        record("far", 0.0),
    ])
    .unwrap();
    assert_eq!((report.kept, report.refused, report.left_out), (2, 1, 1));
    let features = bench.features("services");
    assert_eq!(features[0].get("flood_proof"), Some(&Value::Boolean(true)));
    assert!(bench.catalogue().is_illustrative());
    let again = make(vec![
        record("a", 491_000.0),
        record("b", 492_000.0),
        record("a", 493_000.0),
        record("far", 0.0),
    ])
    .unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged);
    let mut wrong = record("c", 491_000.0);
    wrong.attributes.push(("nonsense".into(), 1.0.into()));
    assert!(make(vec![wrong]).unwrap_err().is_usage());
    bench.assert_tidy();
}

#[test]
fn a_page_costs_the_same_wherever_it_is_and_a_box_gives_what_meets_it() {
    let bench = Bench::new();
    let shapes: Vec<(String, String)> = (0..50)
        .map(|i| (format!(r#"{{"id":"{i}"}}"#), square(f64::from(i) * 2.0, 0.0)))
        .collect();
    let pairs: Vec<(&str, &str)> = shapes.iter().map(|(p, g)| (p.as_str(), g.as_str())).collect();
    bench
        .import(Role::Parcels, &bench.file("p.geojson", geojson(&pairs)))
        .unwrap();
    let layer = bench.catalogue().vector("parcels").unwrap();
    assert_eq!(layer.count().unwrap(), 50);
    let page = layer
        .features(&Query {
            after: Some(10),
            limit: Some(3),
            ..Query::default()
        })
        .unwrap();
    assert_eq!(
        page.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(),
        ["10", "11", "12"]
    );
    let third = layer.by_id("3").unwrap().unwrap();
    let rect = geo::BoundingRect::bounding_rect(third.geometry.as_ref().unwrap()).unwrap();
    let bbox = Some([
        rect.min().x + 1.0,
        rect.min().y + 1.0,
        rect.max().x - 1.0,
        rect.max().y - 1.0,
    ]);
    let met = layer
        .features(&Query {
            bbox,
            ..Query::default()
        })
        .unwrap();
    assert_eq!(met.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["3"]);
    assert!(layer.by_id("nobody").unwrap().is_none());
    assert!(Catalogue::open(&bench.data).unwrap().vector("nothing").is_err());
}
