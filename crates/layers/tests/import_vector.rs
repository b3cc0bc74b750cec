//! Vector files: what is kept, what is repaired and how, what is refused and why.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, first, geojson, point, refused, request, square};
use geo::{Area, Geometry};
use phteah_layers::import::report::Outcome;
use phteah_layers::{ImportRequest, Role};

#[test]
fn a_bow_tie_is_repaired_and_both_areas_are_told() {
    let bench = Bench::new();
    let bow = r#"{"type":"Polygon","coordinates":[[[104.92,11.55],[104.921,11.551],[104.921,11.55],[104.92,11.5508],[104.92,11.55]]]}"#;
    let file = bench.file(
        "p.geojson",
        geojson(&[
            (r#"{"parcel_id":"A"}"#, bow),
            (r#"{"parcel_id":"B"}"#, &square(3.0, 0.0)),
        ]),
    );
    let report = bench.import(Role::Parcels, &file).unwrap();
    assert_eq!((report.kept, report.repaired, report.refused), (2, 1, 0));
    let detail = first(&report, "invalid_polygon");
    assert_eq!(
        (detail.record, detail.id.as_deref(), detail.place.as_deref()),
        (1, Some("A"), Some("outer ring"))
    );
    assert!(
        detail.message.contains("Self-intersection") && detail.message.contains(" → "),
        "{}",
        detail.message
    );
    let features = bench.features("parcels");
    assert!(
        features
            .iter()
            .all(|f| f.geometry.as_ref().unwrap().unsigned_area() > 1000.0)
    );
}

#[test]
fn one_bad_record_never_stops_the_others() {
    let bench = Bench::new();
    let (a, b) = (square(0.0, 0.0), square(2.0, 0.0));
    let file = bench.file(
        "p.geojson",
        geojson(&[
            (r#"{"parcel_id":"1"}"#, &a),
            (r#"{"parcel_id":"2"}"#, "null"),
            (r#"{"parcel_id":"3"}"#, r#"{"type":"GeometryCollection","geometries":[]}"#),
            (r#"{"parcel_id":"4"}"#, r#"{"type":"Polygon","coordinates":[[[104.92,11.55],[104.93,11.55],[104.94,11.55],[104.92,11.55]]]}"#),
            (r#"{"parcel_id":"5"}"#, &point(104.92, 11.55)),
            (r#"{"parcel_id":"1"}"#, &b),
            (r#"{"parcel_id":"7"}"#, &b),
        ]),
    );
    let report = bench.import(Role::Parcels, &file).unwrap();
    assert_eq!((report.read, report.kept, report.refused), (7, 2, 5), "{report}");
    assert_eq!(first(&report, "no_geometry").record, 2);
    assert_eq!(first(&report, "empty_geometry").record, 3);
    assert_eq!(first(&report, "no_area").place.as_deref(), Some("outer ring"));
    assert_eq!(first(&report, "wrong_geometry").record, 5);
    assert_eq!(
        first(&report, "duplicate_id").message,
        "record 1 already has this id"
    );
    let ids: Vec<String> = bench.features("parcels").into_iter().map(|f| f.id).collect();
    assert_eq!(ids, ["1", "7"]);

    // The same file, all or nothing: the former version stays.
    let strict = ImportRequest {
        strict: true,
        ..request(Role::Parcels, &file)
    };
    let (message, told) = refused(bench.run(&strict));
    assert!(message.contains("--strict"), "{message}");
    assert_eq!(told.unwrap().refused, 5);
    assert_eq!(bench.features("parcels").len(), 2);
    bench.assert_tidy();
}

#[test]
fn heights_arcs_open_rings_and_collections_are_made_flat_and_straight() {
    let bench = Bench::new();
    let csv = "id,wkt\n\
        a,\"POLYGON Z ((491000 1278000 5,491100 1278000 5,491100 1278100 5,491000 1278100 5,491000 1278000 5))\"\n\
        b,\"CURVEPOLYGON (CIRCULARSTRING (492000 1278000,492050 1278050,492100 1278000,492050 1277950,492000 1278000))\"\n\
        c,\"POLYGON ((493000 1278000,493100 1278000,493100 1278100,493000 1278100))\"\n\
        d,\"GEOMETRYCOLLECTION (POINT (1 1),POLYGON ((494000 1278000,494100 1278000,494100 1278100,494000 1278000)))\"\n\
        e,\"MULTIPOLYGON (((495000 1278000,495100 1278000,495100 1278100,495000 1278000)),((496000 1278000,496100 1278000,496100 1278100,496000 1278000)))\"\n\
        f,\"LINESTRING (497000 1278000,497100 1278000,497100 1278100,497000 1278000)\"\n\
        g,\"POLYGON ((498000 1278000,498100 1278000,498100 1278100,498000 1278100,498000 1278000),(498010 1278010,498010 1278010,498010 1278010,498010 1278010))\"\n";
    let file = bench.file("p.csv", csv);
    let report = bench
        .run(&ImportRequest {
            crs: Some("EPSG:32648".into()),
            ..request(Role::Parcels, &file)
        })
        .unwrap();
    assert_eq!((report.read, report.kept), (7, 7), "{report}");
    for (code, record) in [
        ("heights_dropped", 1),
        ("curves_straightened", 2),
        ("ring_closed", 3),
        ("collection_reduced", 4),
        ("line_made_polygon", 6),
        ("ring_without_area", 7),
    ] {
        assert_eq!(first(&report, code).record, record, "{code}");
    }
    assert_eq!(
        first(&report, "ring_without_area").place.as_deref(),
        Some("hole 1")
    );
    let features = bench.features("parcels");
    let area = |i: usize| features[i].geometry.as_ref().unwrap().unsigned_area();
    let circle = std::f64::consts::PI * 50.0 * 50.0;
    assert!(
        (area(1) - circle).abs() < circle * 0.001,
        "{} is not {circle}",
        area(1)
    );
    assert!((area(2) - 10_000.0).abs() < 1e-6);
    assert!(matches!(features[4].geometry, Some(Geometry::MultiPolygon(_))));
    assert!(matches!(features[0].geometry, Some(Geometry::Polygon(_))));
}

#[test]
fn records_without_an_id_get_one_that_stays() {
    let bench = Bench::new();
    let text = geojson(&[
        ("{}", &square(0.0, 0.0)),
        ("{}", &square(2.0, 0.0)),
        ("{}", &square(0.0, 0.0)),
    ]);
    let report = bench
        .import(Role::Buildings, &bench.file("b.geojson", &text))
        .unwrap();
    assert_eq!((report.kept, report.refused), (2, 1));
    assert_eq!(
        first(&report, "duplicate_record").message,
        "the same place and attributes as record 1"
    );
    let ids = |bench: &Bench| {
        bench
            .features("buildings")
            .into_iter()
            .map(|f| f.id)
            .collect::<Vec<_>>()
    };
    let before = ids(&bench);
    let turned = geojson(&[("{}", &square(2.0, 0.0)), ("{}", &square(0.0, 0.0))]);
    bench
        .import(Role::Buildings, &bench.file("b2.geojson", &turned))
        .unwrap();
    let mut after = ids(&bench);
    after.reverse();
    assert_eq!(before, after);
    assert!(before[0].starts_with("g-") && before[0] != before[1]);
}

#[test]
fn importing_the_same_bytes_again_writes_nothing() {
    let bench = Bench::new();
    let file = bench.file(
        "p.geojson",
        geojson(&[(r#"{"parcel_id":"1"}"#, &square(0.0, 0.0))]),
    );
    assert_eq!(
        bench.import(Role::Parcels, &file).unwrap().outcome,
        Outcome::Imported
    );
    let stamp = |bench: &Bench| {
        let catalogue = bench.catalogue();
        let path = catalogue.path(catalogue.layer("parcels").unwrap());
        let of = |p: &std::path::Path| std::fs::metadata(p).unwrap().modified().unwrap();
        (of(&path), of(&bench.data.join("catalogue.json")), path)
    };
    let before = stamp(&bench);
    assert_eq!(
        bench.import(Role::Parcels, &file).unwrap().outcome,
        Outcome::Unchanged
    );
    assert_eq!(stamp(&bench), before);
    // A layer whose file is gone is made anew.
    std::fs::remove_file(&before.2).unwrap();
    assert_eq!(
        bench.import(Role::Parcels, &file).unwrap().outcome,
        Outcome::Imported
    );
    let before = stamp(&bench);
    // Other options make another layer of the same bytes.
    assert_eq!(
        bench
            .mapped(Role::Parcels, &file, "available='yes'")
            .unwrap()
            .outcome,
        Outcome::Imported
    );
    assert_ne!(stamp(&bench), before);
    bench.assert_tidy();
}

#[test]
fn attributes_are_fitted_to_the_role() {
    let bench = Bench::new();
    let file = bench.file(
        "p.geojson",
        geojson(&[
            (
                r#"{"PARCEL_NO":1201,"TENURE":"State Public Land","Price":"250","available":"Yes","sangkat":120101.0,"OWNER":"x"}"#,
                &square(0.0, 0.0),
            ),
            (r#"{"PARCEL_NO":1202,"TENURE":"moon lease","Price":"-3","available":null,"sangkat":"KH120799"}"#, &square(2.0, 0.0)),
            (r#"{"PARCEL_NO":1203}"#, &square(4.0, 0.0)),
        ]),
    );
    let report = bench.import(Role::Parcels, &file).unwrap();
    assert_eq!(report.kept, 3, "{report}");
    assert_eq!(report.not_taken, ["OWNER"]);
    assert_eq!(report.count("value_unknown"), 2);
    assert_eq!(report.count("code_not_in_gazetteer"), 1);
    let features = bench.features("parcels");
    assert_eq!(features[0].id, "1201");
    assert_eq!(features[0].text("tenure"), Some("state_public"));
    assert_eq!(features[0].number("price_usd_m2"), Some(250.0));
    assert_eq!(features[0].text("available"), Some("yes"));
    assert_eq!(features[0].text("sangkat"), Some("120101"));
    assert_eq!(features[1].get("tenure"), None);
    // What a record lacks is unknown, never zero.
    assert!(
        features[2].values.iter().all(Option::is_none),
        "{:?}",
        features[2].values
    );
}

#[test]
fn mapping_renames_translates_and_fills() {
    let bench = Bench::new();
    let file = bench.file(
        "r.geojson",
        geojson(&[
            (
                r#"{"cls":0,"nr":"x1","lanes":2}"#,
                r#"{"type":"LineString","coordinates":[[104.92,11.55],[104.93,11.55]]}"#,
            ),
            (
                r#"{"cls":1,"nr":"x2"}"#,
                r#"{"type":"LineString","coordinates":[[104.92,11.56],[104.93,11.56]]}"#,
            ),
        ]),
    );
    let report = bench
        .run(&ImportRequest {
            map: phteah_layers::parse_map(
                "id=nr,class=cls[0:residential|1:primary],surface='paved',lanes=lanes",
            )
            .unwrap(),
            extra: true,
            ..request(Role::Roads, &file)
        })
        .unwrap();
    assert_eq!(report.kept, 2);
    let features = bench.features("roads");
    assert_eq!(
        (features[0].id.as_str(), features[0].text("class")),
        ("x1", Some("residential"))
    );
    assert_eq!(
        (features[1].text("class"), features[1].text("surface")),
        (Some("primary"), Some("paved"))
    );
    assert_eq!(
        (features[0].number("lanes"), features[1].get("lanes")),
        (Some(2.0), None)
    );

    for (map, says) in [
        ("id=NOPE", "no column 'NOPE'"),
        ("owner_name=nr", "about a person"),
        ("Bad Name=nr", "field's name"),
    ] {
        let error = bench.mapped(Role::Roads, &file, map).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(says), "{error}");
    }
    let error = bench.import(Role::Services, &file).unwrap_err();
    assert!(
        error.is_usage() && error.to_string().contains("--map kind="),
        "{error}"
    );
    bench.assert_tidy();
}

#[test]
fn khmer_is_stored_as_it_came_and_found_without_invisible_spaces() {
    let bench = Bench::new();
    let name = "មណ្ឌល\u{200b}សុខភាព";
    let properties = format!(r#"{{"kind":"health_centre","name":"Chak  Angrae","name:km":"{name}"}}"#);
    let file = bench.file("s.geojson", geojson(&[(&properties, &point(104.92, 11.55))]));
    bench.import(Role::Services, &file).unwrap();
    let features = bench.features("services");
    assert_eq!(features[0].text("name_km"), Some(name));
    assert_eq!(features[0].text("name_search"), Some("chak angrae មណ្ឌលសុខភាព"));
}

#[test]
fn outlines_of_services_become_points_inside() {
    let bench = Bench::new();
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"Marketplace","id":"m"}"#, &square(0.0, 0.0))]),
    );
    let report = bench.import(Role::Services, &file).unwrap();
    assert_eq!(report.count("outline_made_point"), 1);
    let features = bench.features("services");
    assert!(matches!(features[0].geometry, Some(Geometry::Point(_))));
    assert_eq!(features[0].text("kind"), Some("market"));
}

#[test]
fn what_lies_outside_is_left_out_and_nothing_inside_is_refused_with_the_likely_cause() {
    let bench = Bench::new();
    let far = bench.file(
        "far.geojson",
        geojson(&[
            (r#"{"id":"here"}"#, &square(0.0, 0.0)),
            (
                r#"{"id":"bangkok"}"#,
                r#"{"type":"Polygon","coordinates":[[[100.5,13.7],[100.6,13.7],[100.6,13.8],[100.5,13.7]]]}"#,
            ),
        ]),
    );
    let report = bench.import(Role::Water, &far).unwrap();
    assert_eq!((report.kept, report.left_out), (1, 1));

    let polygon = |x: f64, y: f64, d: f64| {
        format!(
            "id,wkt\n1,\"POLYGON (({x} {y},{0} {y},{0} {1},{x} {y}))\"\n",
            x + d,
            y + d
        )
    };
    let cases = [
        (
            "swapped",
            polygon(11.55, 104.92, 0.001),
            "EPSG:4326",
            "Latitude and longitude are swapped",
        ),
        (
            "metres",
            polygon(491_600.0, 1_279_700.0, 50.0),
            "EPSG:4326",
            "metres read as degrees: give --crs EPSG:32648",
        ),
        (
            "degrees",
            polygon(104.92, 11.55, 0.001),
            "EPSG:32648",
            "give --crs EPSG:4326",
        ),
        (
            "zone",
            polygon(491_600.0, 1_279_700.0, 50.0),
            "EPSG:32647",
            "give --crs EPSG:32648",
        ),
        (
            "mercator",
            polygon(11_680_000.0, 1_295_000.0, 50.0),
            "EPSG:32648",
            "Web Mercator",
        ),
        (
            "northing",
            polygon(1_279_700.0, 491_600.0, 50.0),
            "EPSG:32648",
            "northing before easting",
        ),
        (
            "elsewhere",
            polygon(2.35, 48.85, 0.001),
            "EPSG:4326",
            "longitude 2.3500, latitude 48.8500",
        ),
    ];
    for (name, text, crs, says) in cases {
        let file = bench.file(&format!("{name}.csv"), text);
        let (message, _) = refused(bench.run(&ImportRequest {
            crs: Some(crs.into()),
            ..request(Role::Water, &file)
        }));
        assert!(message.contains(says), "{name}: {message}");
    }
    assert_eq!(bench.features("water").len(), 1);
    bench.assert_tidy();
}

#[test]
fn no_crs_is_refused_unless_it_is_given() {
    let bench = Bench::new();
    let file = bench.file(
        "p.csv",
        "id,wkt\n1,\"POLYGON ((491000 1278000,491100 1278000,491100 1278100,491000 1278000))\"\n",
    );
    let (message, _) = refused(bench.import(Role::Parcels, &file));
    assert!(message.contains("--crs"), "{message}");
    let request = ImportRequest {
        crs: Some("EPSG:32648".into()),
        ..request(Role::Parcels, &file)
    };
    assert_eq!(bench.run(&request).unwrap().crs_from, "as given");
}
