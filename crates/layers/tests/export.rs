//! Files for others: every format gives back what the layer holds, and says whose data they are.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, geojson, request, square};
use gdal::Metadata;
use gdal::vector::LayerAccess;
use geo::{Area, Geometry};
use phteah_layers::{
    Crs, Field, FieldType, GeometryKind, ImportRequest, OpenOptions, Role, TableMeta, TableShape,
    TableWriter, Value, export_layer, read_vector,
};

fn loaded() -> Bench {
    let bench = Bench::new();
    let file = bench.file("lots.geojson", geojson(&[
        (r#"{"parcel_id":"A","tenure":"hard title","price":12.5,"land_use":"ស្រែ, \"x\""}"#, &square(0.0, 0.0)),
        (r#"{"parcel_id":"B","available":"yes"}"#, r#"{"type":"MultiPolygon","coordinates":[[[[104.95,11.55],[104.95,11.56],[104.96,11.56],[104.96,11.55],[104.95,11.55]],[[104.952,11.552],[104.954,11.552],[104.954,11.554],[104.952,11.552]]],[[[104.97,11.55],[104.98,11.55],[104.98,11.56],[104.97,11.55]]]]}"#),
    ]));
    let request = ImportRequest {
        licence: Some("CC-BY-4.0".into()),
        attribution: Some("Ministry <of> \"Land\"".into()),
        title: Some("Lots & plots".into()),
        illustrative: true,
        ..request(Role::Parcels, &file)
    };
    bench.run(&request).unwrap();
    bench
}

#[test]
fn every_format_gives_the_same_layer_back() {
    let bench = loaded();
    let utm = bench.catalogue().crs().unwrap();
    let expected = bench.features("parcels");
    for extension in ["geojson", "gpkg", "fgb", "csv"] {
        let out = bench.files.join(format!("out.{extension}"));
        assert_eq!(
            export_layer(&bench.catalogue(), "parcels", &out, None).unwrap(),
            2
        );
        let options = OpenOptions {
            crs: (extension == "csv").then(|| "EPSG:32648".into()),
            ..OpenOptions::default()
        };
        let mut got = read_vector(&out, &options, &utm).unwrap();
        got.sort_by(|a, b| a.id.cmp(&b.id));
        for (got, expected) in got.iter().zip(&expected) {
            assert_eq!(got.id, expected.id, "{extension}");
            let (a, b) = (
                got.geometry.as_ref().unwrap().unsigned_area(),
                expected.geometry.as_ref().unwrap().unsigned_area(),
            );
            assert!((a - b).abs() < b * 1e-4, "{extension}: {a} is not {b}");
            for field in ["tenure", "land_use", "available"] {
                assert_eq!(got.text(field), expected.text(field), "{extension} {field}");
            }
            let price = got.get("price_usd_m2").map(ToString::to_string);
            assert_eq!(
                price,
                expected.get("price_usd_m2").map(ToString::to_string),
                "{extension}"
            );
        }
        assert_eq!(got.len(), 2);
    }
    let left: Vec<_> = std::fs::read_dir(&bench.files)
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert_eq!(left.len(), 5, "{left:?}");
}

#[test]
fn licence_attribution_and_the_word_illustrative_travel_along() {
    let bench = loaded();
    let out = |extension: &str| bench.files.join(format!("out.{extension}"));
    for extension in ["geojson", "gpkg", "fgb", "csv"] {
        export_layer(&bench.catalogue(), "parcels", &out(extension), None).unwrap();
    }
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(out("geojson")).unwrap()).unwrap();
    assert_eq!(json["licence"], "CC-BY-4.0");
    assert_eq!(json["attribution"], "Ministry <of> \"Land\"");
    assert_eq!(json["illustrative"], true);
    assert_eq!(json["source"], "lots.geojson");
    assert_eq!(json["units"]["price_usd_m2"], "USD/m²");

    let gpkg = gdal::Dataset::open(out("gpkg")).unwrap();
    let layer = gpkg.layer(0).unwrap();
    assert_eq!(layer.metadata_item("licence", "").as_deref(), Some("CC-BY-4.0"));
    assert_eq!(
        layer.metadata_item("attribution", "").as_deref(),
        Some("Ministry <of> \"Land\"")
    );
    assert_eq!(
        layer.metadata_item("IDENTIFIER", "").as_deref(),
        Some("Lots & plots")
    );
    assert!(
        layer
            .metadata_item("DESCRIPTION", "")
            .unwrap()
            .contains("Illustrative data, not real.")
    );

    let fgb = std::fs::read(out("fgb")).unwrap();
    let has = |text: &str| fgb.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("CC-BY-4.0") && has("Lots & plots") && has("Illustrative data, not real."));

    let csv = std::fs::read_to_string(out("csv")).unwrap();
    let header = csv.trim_start_matches('\u{feff}').lines().next().unwrap();
    assert!(
        header.starts_with("id,tenure,")
            && header.contains(",wkt,crs,illustrative,title,source,licence,attribution"),
        "{header}"
    );
}

#[test]
fn geojson_follows_rfc_7946() {
    let bench = loaded();
    let out = bench.files.join("out.geojson");
    export_layer(&bench.catalogue(), "parcels", &out, None).unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(!text.contains("NaN") && !text.contains("\"crs\""));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let shape = &json["features"][1]["geometry"];
    assert_eq!(shape["type"], "MultiPolygon");
    let signed = |ring: &serde_json::Value| {
        let c: Vec<(f64, f64)> = ring
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap()))
            .collect();
        assert_eq!(c.first(), c.last());
        c.windows(2)
            .map(|w| w[0].0 * w[1].1 - w[1].0 * w[0].1)
            .sum::<f64>()
    };
    // The source had its first outer ring clockwise.
    assert!(
        signed(&shape["coordinates"][0][0]) > 0.0,
        "an outer ring runs clockwise"
    );
    assert!(
        signed(&shape["coordinates"][0][1]) < 0.0,
        "a hole runs anticlockwise"
    );
    let lon = shape["coordinates"][0][0][0][0].to_string();
    assert!(
        lon.split_once('.')
            .is_none_or(|(_, decimals)| decimals.len() <= 7),
        "{lon}"
    );
    assert_eq!(
        json["features"][0]["properties"]["available"],
        serde_json::Value::Null
    );
    let error = export_layer(&bench.catalogue(), "parcels", &out, Some("EPSG:32648")).unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("always WGS 84"));
}

#[test]
fn other_crs_and_other_names() {
    let bench = loaded();
    let out = bench.files.join("out.gpkg");
    export_layer(&bench.catalogue(), "parcels", &out, Some("EPSG:4326")).unwrap();
    let features = read_vector(&out, &OpenOptions::default(), &Crs::wgs84()).unwrap();
    let rect = geo::BoundingRect::bounding_rect(features[0].geometry.as_ref().unwrap()).unwrap();
    assert!((rect.min().x - 104.92).abs() < 1e-8 && (rect.min().y - 11.55).abs() < 1e-8);
    for (layer, name) in [("parcels", "out.docx"), ("nothing", "out.csv")] {
        assert!(export_layer(&bench.catalogue(), layer, &bench.files.join(name), None).is_err());
    }
    assert!(
        export_layer(
            &bench.catalogue(),
            "parcels",
            &bench.files.join("no/such/dir.csv"),
            None
        )
        .is_err()
    );
}

#[test]
fn the_stored_geopackage_is_one_that_others_read_and_edit() {
    let bench = loaded();
    let catalogue = bench.catalogue();
    let copy = bench.files.join("copy.gpkg");
    std::fs::copy(catalogue.path(catalogue.layer("parcels").unwrap()), &copy).unwrap();
    {
        let dataset = gdal::Dataset::open_ex(
            &copy,
            gdal::DatasetOptions {
                open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE | gdal::GdalOpenFlags::GDAL_OF_VECTOR,
                ..Default::default()
            },
        )
        .unwrap();
        let mut layer = dataset.layer_by_name("parcels").unwrap();
        assert_eq!(layer.feature_count(), 2);
        assert_eq!(layer.spatial_ref().unwrap().auth_code().unwrap(), 32648);
        assert_eq!(
            gdal::vector::geometry_type_to_name(layer.defn().geometry_type()),
            "Multi Polygon"
        );
        // An edit keeps the spatial index right by the file's own triggers.
        let defn = layer.defn();
        let mut feature = gdal::vector::Feature::new(defn).unwrap();
        feature
            .set_field_string(feature.field_index("id").unwrap(), "new")
            .unwrap();
        let mut shape =
            gdal::vector::Geometry::empty(gdal::vector::OGRwkbGeometryType::wkbMultiPolygon).unwrap();
        shape
            .add_geometry(
                gdal::vector::Geometry::bbox(400_000.0, 1_200_000.0, 400_010.0, 1_200_010.0).unwrap(),
            )
            .unwrap();
        feature.set_geometry(shape).unwrap();
        feature.create(&layer).unwrap();
        drop(feature);
        layer.set_spatial_filter_rect(399_999.0, 1_199_999.0, 400_020.0, 1_200_020.0);
        assert_eq!(layer.feature_count(), 1);
        dataset.close().unwrap();
    }
    let conn = rusqlite::Connection::open(&copy).unwrap();
    let check: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    let orphan: i64 = conn
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(orphan, 0);
}

#[test]
fn the_same_import_makes_the_same_bytes() {
    let bytes = || {
        let bench = loaded();
        let catalogue = bench.catalogue();
        std::fs::read(catalogue.path(catalogue.layer("parcels").unwrap())).unwrap()
    };
    assert!(
        bytes() == bytes(),
        "two imports of the same file at the same time differ"
    );
}

#[test]
fn results_of_a_program_are_written_by_extension() {
    let bench = Bench::new();
    let utm = bench.catalogue().crs().unwrap();
    let fields = [
        Field::new("score", FieldType::Number),
        Field::new("n", FieldType::Integer),
        Field::new("ok", FieldType::Boolean),
        Field::new("day", FieldType::Date),
    ];
    let meta = TableMeta {
        name: "ranking".into(),
        illustrative: true,
        more: vec![("convention".into(), "tail constant".into())],
        ..TableMeta::default()
    };
    for extension in ["geojson", "gpkg", "fgb", "csv"] {
        let out = bench.files.join(format!("r.{extension}"));
        let shape = TableShape {
            fields: &fields,
            geometry: GeometryKind::Point,
            from: &utm,
            crs: None,
        };
        let mut writer = TableWriter::create(&out, &shape, &meta).unwrap();
        let at: Geometry<f64> = geo::Point::new(491_604.985, 1_279_703.552).into();
        let values = [
            Some(Value::Number(0.25)),
            Some(Value::Integer(3)),
            Some(Value::Boolean(true)),
            Some(Value::Date("2026-01-02".parse().unwrap())),
        ];
        writer.push("a", Some(at.clone()), &values).unwrap();
        writer.push("b", Some(at), &[None, None, None, None]).unwrap();
        assert!(!out.exists(), "a half-written file has its name already");
        assert_eq!(writer.finish().unwrap(), 2);
        let got = read_vector(
            &out,
            &OpenOptions {
                crs: (extension == "csv").then(|| "EPSG:32648".into()),
                ..OpenOptions::default()
            },
            &Crs::wgs84(),
        );
        if extension == "csv" {
            let text = std::fs::read_to_string(&out).unwrap();
            assert!(
                text.contains("a,0.25,3,true,2026-01-02,491604.985,1279703.552,EPSG:32648"),
                "{text}"
            );
            continue;
        }
        let got = got.unwrap();
        assert_eq!(got[0].number("score"), Some(0.25), "{extension}");
        assert_eq!(got[0].number("n"), Some(3.0));
        assert!(
            got[0]
                .get("day")
                .unwrap()
                .to_string()
                .replace('/', "-")
                .starts_with("2026-01-02"),
            "{extension}"
        );
        assert!(
            got[1]
                .values
                .iter()
                .skip(usize::from(extension != "geojson"))
                .filter(|v| v.is_some())
                .count()
                <= 1
        );
        let Some(Geometry::Point(p)) = &got[0].geometry else {
            panic!("{extension}")
        };
        assert!((p.x() - 104.923).abs() < 1e-6 && (p.y() - 11.5763).abs() < 1e-6);
    }
}
