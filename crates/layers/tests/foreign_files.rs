//! Files as other people's programs write them: surveys, spreadsheets, archives, ids and shapes in unusual places.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use std::io::Write;
use std::path::PathBuf;

use common::{Bench, first, geojson, point, ran, refused, request, square};
use geo::Geometry;
use phteah_layers::import::notes::Notes;
use phteah_layers::{
    Crs, ImportRequest, LayersError, OpenOptions, Role, export_layer, open_vector, parse_map, read_vector,
};

fn crs_given(role: Role, file: &std::path::Path, crs: &str) -> ImportRequest {
    ImportRequest {
        crs: Some(crs.into()),
        ..request(role, file)
    }
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        out.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

// Surveys.

#[test]
fn what_a_survey_says_of_persons_is_never_taken() {
    let bench = Bench::new();
    for (i, column) in [
        "interviewer_name",
        "meta/username",
        "hh/name",
        "household_head/name",
        "EnumeratorName",
        "contact/name",
        "school_name",
        "ឈ្មោះមេគ្រួសារ",
    ]
    .into_iter()
    .enumerate()
    {
        let csv = format!(
            "today,place,{column},group/households,_uuid\n2026-01-05,11.55 104.92 0 0,Somebody,12,u{i}\n"
        );
        ran(&bench, "odk", &bench.file("s.csv", csv));
        let settlement = &bench.features("settlements")[0];
        let names = (settlement.text("name"), settlement.text("name_km"));
        assert_eq!(names, (None, None), "{column}");
        assert_eq!(settlement.number("households"), Some(12.0));
        let search = settlement.get("name_search");
        assert!(search.is_none(), "{column}");
    }
}

#[test]
fn a_column_about_a_person_cannot_be_asked_for_either() {
    let bench = Bench::new();
    let file = bench.file(
        "s.csv",
        "id,lat,lon,respondent_name,phone\n1,11.55,104.92,Somebody,012\n",
    );
    for map in ["name=respondent_name", "id=phone", "name_km=phone"] {
        let error = bench.mapped(Role::Settlements, &file, map).unwrap_err();
        assert!(
            error.is_usage() && error.to_string().contains("about a person"),
            "{error}"
        );
    }
}

#[test]
fn choices_of_a_question_are_answers_and_no_questions() {
    let bench = Bench::new();
    let csv = "today,place,why_move/flooding,why_move/eviction,water_source/well,water_source/river,light/electricity,risk/eviction_threat,_uuid\n\
        2026-01-05,11.55 104.92 0 0,0,0,1,1,1,1,a\n\
        2026-01-05,11.56 104.92 0 0,1,1,0,1,0,0,b\n\
        2026-01-05,11.57 104.92 0 0,1,1,0,0,0,,c\n";
    let reports = ran(&bench, "odk", &bench.file("s.csv", csv));
    let all = bench.features("settlements");
    assert!(
        all.iter()
            .all(|s| s.text("flooding").is_none() && s.text("electricity").is_none())
    );
    let water: Vec<_> = all.iter().map(|s| s.text("water")).collect();
    assert_eq!(water, [Some("well; river"), Some("river"), None]);
    let threat: Vec<_> = all
        .iter()
        .map(|s| s.get("eviction_threat").and_then(phteah_layers::Value::as_bool))
        .collect();
    assert_eq!(threat, [Some(true), Some(false), None]);
    assert!(reports[0].suggestions.is_empty(), "{}", reports[0]);
    assert!(
        reports[0]
            .warnings
            .iter()
            .any(|w| w.contains("why_move, water_source")),
        "{}",
        reports[0]
    );
}

#[test]
fn the_interviewers_place_is_not_the_settlements() {
    let bench = Bench::new();
    let csv = "start,start-geopoint,_start-geopoint_latitude,_start-geopoint_longitude,site_place,_site_place_latitude,_site_place_longitude,settlement_name,_uuid\n\
        2026-01-05T08:00:00Z,11.50 104.90 0 0,11.50,104.90,11.56 104.93 0 4,11.56,104.93,A,1\n";
    let reports = ran(&bench, "odk", &bench.file("s.csv", csv));
    assert!(
        reports[0]
            .fields
            .iter()
            .any(|f| f.starts_with("place ← ") && f.contains("site_place")),
        "{}",
        reports[0]
    );
    let bounds = bench.catalogue().layer("settlements").unwrap().bounds;
    assert!((bounds[0] - 104.93).abs() < 1e-6 && (bounds[1] - 11.56).abs() < 1e-6);

    // Nothing else says where it is: then a person has to.
    let only = bench.file(
        "o.csv",
        "start-geopoint,settlement_name,_uuid\n11.50 104.90 0 0,A,1\n",
    );
    let error = common::preset(&bench, "odk", std::slice::from_ref(&only)).unwrap_err();
    assert!(error.to_string().contains("--place start-geopoint"), "{error}");
    let two = bench.file(
        "t.csv",
        "gate,middle,settlement_name,_uuid\n11.50 104.90,11.51 104.91,A,1\n",
    );
    let error = common::preset(&bench, "odk", std::slice::from_ref(&two)).unwrap_err();
    assert!(error.to_string().contains("gate; middle"), "{error}");
    let asked = ImportRequest {
        place: Some("middle".into()),
        ..request(Role::Settlements, &two)
    };
    bench.run(&asked).unwrap();
    let bounds = bench.catalogue().layer("settlements").unwrap().bounds;
    assert!((bounds[0] - 104.91).abs() < 1e-6);
}

#[test]
fn drawn_outlines_are_outlines_and_points_stand_where_none_was_drawn() {
    let bench = Bench::new();
    let csv = "settlement_name,middle,outline,_uuid\n\
        A,11.55 104.92 0 0,11.55 104.92 0 0;11.55 104.93 0 0;11.56 104.93 0 0;11.55 104.92 0 0,1\n\
        B,11.57 104.92 0 0,,2\n";
    ran(&bench, "odk", &bench.file("s.csv", csv));
    let all = bench.features("settlements");
    assert!(
        matches!(all[0].geometry, Some(Geometry::Polygon(_))),
        "{:?}",
        all[0].geometry
    );
    assert!(matches!(all[1].geometry, Some(Geometry::Point(_))));
    let parcels = bench.file(
        "p.csv",
        "parcel_no,shape_drawn\nP,11.55 104.92 0 0;11.55 104.93 0 0;11.56 104.93 0 0;11.55 104.92 0 0\n",
    );
    assert_eq!(bench.import(Role::Parcels, &parcels).unwrap().kept, 1);
}

// Tables.

#[test]
fn the_first_row_is_the_header_whatever_stands_in_it() {
    let bench = Bench::new();
    let file = bench.file(
        "p.csv",
        "parcel_no,wkt,2018,2019\nP1,\"POLYGON((104.92 11.55,104.921 11.55,104.921 11.551,104.92 11.55))\",5,6\n",
    );
    let report = bench.run(&crs_given(Role::Parcels, &file, "EPSG:4326")).unwrap();
    assert_eq!(
        (report.read, report.not_taken.clone()),
        (1, vec!["2018".into(), "2019".into()])
    );
    // A spreadsheet of nothing but text.
    let path = bench.files.join("t.xlsx");
    {
        use gdal::vector::{LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
        let driver = gdal::DriverManager::get_driver_by_name("XLSX").unwrap();
        let mut dataset = driver.create_vector_only(&path).unwrap();
        let layer = dataset
            .create_layer(LayerOptions {
                name: "Sheet1",
                srs: None,
                ty: OGRwkbGeometryType::wkbNone,
                options: None,
            })
            .unwrap();
        for field in ["code", "wkt", "name"] {
            layer
                .create_defn_fields(&[(field, OGRFieldType::OFTString)])
                .unwrap();
        }
        for n in ["one", "two"] {
            let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
            let at = if n == "one" {
                "POINT(104.92 11.55)"
            } else {
                "POINT(104.93 11.55)"
            };
            for (i, text) in [n, at, "Market"].into_iter().enumerate() {
                feature.set_field_string(i, text).unwrap();
            }
            feature.create(&layer).unwrap();
        }
        dataset.close().unwrap();
    }
    let report = bench
        .run(&ImportRequest {
            map: parse_map("kind='market',id=code").unwrap(),
            ..crs_given(Role::Services, &path, "EPSG:4326")
        })
        .unwrap();
    assert_eq!((report.read, report.kept), (2, 2), "{report}");
}

#[test]
fn what_was_exported_is_read_back() {
    let bench = Bench::new();
    let file = bench.file(
        "s.geojson",
        geojson(&[(r#"{"kind":"market","id":"m"}"#, &point(104.92, 11.55))]),
    );
    bench.import(Role::Services, &file).unwrap();
    let plots = bench.file("p.geojson", geojson(&[(r#"{"id":"p"}"#, &square(0.0, 0.0))]));
    bench.import(Role::Parcels, &plots).unwrap();
    for (layer, role, crs) in [
        ("services", Role::Services, None),
        ("services", Role::Services, Some("EPSG:3148")),
        ("parcels", Role::Parcels, None),
    ] {
        let out = bench.files.join("out.csv");
        export_layer(&bench.catalogue(), layer, &out, crs).unwrap();
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(!text.contains("name_search"), "{text}");
        let again = ImportRequest {
            layer: Some("again".into()),
            ..request(role, &out)
        };
        let report = bench.run(&again).unwrap();
        assert_eq!(report.source_crs, crs.unwrap_or("EPSG:32648"));
        let (a, b) = (bench.features(layer), bench.features("again"));
        assert_eq!(a[0].id, b[0].id);
        let far = |f: &phteah_layers::Feature| {
            use geo::Centroid;
            f.geometry.as_ref().unwrap().centroid().unwrap()
        };
        let (a, b) = (far(&a[0]), far(&b[0]));
        assert!((a.x() - b.x()).hypot(a.y() - b.y()) < 0.01, "{a:?} {b:?}");
    }
    // Two systems in one table cannot be told apart by the eye.
    let mixed = bench.file(
        "m.csv",
        "id,kind,easting,northing,crs\n1,market,491000,1278000,EPSG:32648\n2,market,491000,1278000,EPSG:3148\n",
    );
    let error = bench.import(Role::Services, &mixed).unwrap_err();
    assert!(error.to_string().contains("several CRS"), "{error}");
}

#[test]
fn shapes_in_the_words_of_postgis_are_read() {
    let bench = Bench::new();
    // A point at 491000, 1278000, as hexadecimal EWKB with SRID 32648 and as EWKT.
    let mut ewkb = vec![1];
    ewkb.extend(0x2000_0001_u32.to_le_bytes());
    ewkb.extend(32648_u32.to_le_bytes());
    ewkb.extend(491_000_f64.to_le_bytes());
    ewkb.extend(1_278_000_f64.to_le_bytes());
    let hex: String = ewkb.iter().map(|b| format!("{b:02X}")).collect();
    let csv = format!(
        "id,kind,geom\na,market,{hex}\nb,market,SRID=32648;POINT(491100 1278000)\nc,market,SRID=4326;POINT(104.9 11.5)\n"
    );
    let report = bench.import(Role::Services, &bench.file("s.csv", csv)).unwrap();
    assert_eq!((report.kept, report.refused), (2, 1), "{report}");
    assert_eq!(report.source_crs, "EPSG:32648");
    assert!(
        first(&report, "unreadable_geometry")
            .message
            .contains("split the file by CRS")
    );
}

#[test]
fn a_column_that_repeats_its_values_is_no_id() {
    let bench = Bench::new();
    let rows: String = (0..20)
        .map(|n| format!("{},market,104.9{n:02},11.55,S{n}\n", if n < 2 { n } else { 0 }))
        .collect();
    let file = bench.file("s.csv", format!("id,kind,lon,lat,facility_id\n{rows}"));
    let report = bench.import(Role::Services, &file).unwrap();
    assert_eq!((report.kept, report.refused), (20, 0), "{report}");
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.contains("'id' repeats its values")),
        "{report}"
    );
    assert_eq!(bench.features("services")[3].id, "S3");
    // Where a person insists, most records would be lost: all is refused.
    let (message, _) = refused(bench.mapped(Role::Services, &file, "id=id"));
    assert!(message.contains("--map id=''"), "{message}");
    bench.mapped(Role::Services, &file, "id=''").unwrap();
}

#[test]
fn a_sentence_about_every_record_is_true_of_every_record() {
    let bench = Bench::new();
    let file = bench.file(
        "p.geojson",
        geojson(&[
            (r#"{"id":"1"}"#, "null"),
            (r#"{"id":"2"}"#, &point(104.92, 11.55)),
            (r#"{"id":"3"}"#, &square(9000.0, 0.0)),
        ]),
    );
    let (message, _) = refused(bench.import(Role::Parcels, &file));
    assert!(!message.contains("Every record"), "{message}");
    assert!(
        message.contains("2 were refused") && message.contains("The other 1 lie outside"),
        "{message}"
    );
}

#[test]
fn every_note_is_in_the_csv_however_many_there_are() {
    let bench = Bench::new();
    let features: Vec<(String, String)> = (0..60)
        .map(|n| {
            (
                format!(r#"{{"id":"=x{n}","tenure":"?"}}"#),
                square(f64::from(n) * 2.0, 0.0),
            )
        })
        .collect();
    let pairs: Vec<(&str, &str)> = features.iter().map(|(p, g)| (p.as_str(), g.as_str())).collect();
    let file = bench.file("p.geojson", geojson(&pairs));
    let out = bench.files.join("notes.csv");
    let notes = Notes::create(&out).unwrap();
    let report = bench
        .run(&ImportRequest {
            notes: Some(notes.clone()),
            ..request(Role::Parcels, &file)
        })
        .unwrap();
    notes.finish().unwrap();
    assert_eq!(report.findings[0].first.len(), 20);
    let text = std::fs::read_to_string(&out).unwrap();
    assert_eq!(text.lines().count(), 61, "{text}");
    assert!(text.contains("'=x59"), "no formula for a spreadsheet");
}

// Archives.

fn file_geodatabase(bench: &Bench) -> PathBuf {
    use gdal::vector::{LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
    let path = bench.files.join("plots.gdb");
    let driver = gdal::DriverManager::get_driver_by_name("OpenFileGDB").unwrap();
    let mut dataset = driver.create_vector_only(&path).unwrap();
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(32648).unwrap();
    let layer = dataset
        .create_layer(LayerOptions {
            name: "plots",
            srs: Some(&srs),
            ty: OGRwkbGeometryType::wkbMultiPolygon,
            options: None,
        })
        .unwrap();
    layer
        .create_defn_fields(&[("PARCEL_NO", OGRFieldType::OFTString)])
        .unwrap();
    let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
    let shape = gdal::vector::Geometry::from_wkt(
        "MULTIPOLYGON(((491000 1278000,491100 1278000,491100 1278100,491000 1278000)))",
    );
    feature.set_geometry(shape.unwrap()).unwrap();
    feature.set_field_string(0, "P1").unwrap();
    feature.create(&layer).unwrap();
    drop(feature);
    dataset.close().unwrap();
    path
}

#[test]
fn archives_as_macs_and_portals_pack_them() {
    let bench = Bench::new();
    let data = geojson(&[(r#"{"id":"p"}"#, &square(0.0, 0.0))]);
    let clutter: &[u8] = &[0, 5, 22, 7, 0, 2, 0, 0];
    let mac = zip(&[
        ("plots/plots.geojson", data.as_bytes()),
        ("__MACOSX/plots/._plots.geojson", clutter),
        ("plots/._plots.geojson", clutter),
        ("plots/.DS_Store", clutter),
    ]);
    let report = bench.import(Role::Parcels, &bench.file("mac.zip", &mac)).unwrap();
    assert_eq!(report.kept, 1);
    let nested = zip(&[("readme.txt", b"see plots.zip"), ("plots.zip", &mac)]);
    bench
        .import(Role::Parcels, &bench.file("nested.zip", nested))
        .unwrap();
    let several = zip(&[("north.zip", &mac), ("south.zip", &mac)]);
    let error = bench
        .import(Role::Parcels, &bench.file("two.zip", several))
        .unwrap_err();
    assert!(error.to_string().contains("north.zip, south.zip"), "{error}");

    let gdb = file_geodatabase(&bench);
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&gdb)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = format!("data/plots.gdb/{}", entry.file_name().to_str().unwrap());
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect();
    files.push(("data/codes.txt".into(), b"codes".to_vec()));
    let members: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), &b[..])).collect();
    let report = bench
        .import(Role::Parcels, &bench.file("gdb.zip", zip(&members)))
        .unwrap();
    assert_eq!(report.kept, 1, "{report}");
    assert_eq!(bench.features("parcels")[0].id, "P1");
}

/// A portal packs the files of a geodatabase without their folder, or renames it.
#[test]
fn a_geodatabase_without_its_folder_is_read() {
    let bench = Bench::new();
    let gdb = file_geodatabase(&bench);
    let files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&gdb)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    for (archive, folder) in [
        ("loose.zip", ""),
        ("renamed.zip", "Plots 2024/"),
        ("deep.zip", "a/b/"),
    ] {
        let named: Vec<(String, &[u8])> = files
            .iter()
            .map(|(name, bytes)| (format!("{folder}{name}"), &bytes[..]))
            .collect();
        let mut members: Vec<(&str, &[u8])> = named
            .iter()
            .map(|(name, bytes)| (name.as_str(), *bytes))
            .collect();
        members.push(("readme.txt", b"plots"));
        let report = bench
            .import(Role::Parcels, &bench.file(archive, zip(&members)))
            .unwrap();
        assert_eq!(report.kept, 1, "{archive}: {report}");
        assert_eq!(bench.features("parcels")[0].id, "P1");
    }
    bench.assert_tidy();
}

#[test]
fn a_raster_where_features_belong_is_told_what_to_do() {
    let bench = Bench::new();
    // By its name, and by its first bytes whatever the name.
    for (name, bytes) in [
        ("zones.tif", &b"no matter"[..]),
        ("zones.geojson", b"II*\0\x08\0\0\0"),
    ] {
        let error = bench
            .import(Role::FloodZones, &bench.file(name, bytes))
            .unwrap_err();
        assert!(error.is_usage());
        let told = error.to_string();
        assert!(
            told.contains("is a raster") && told.contains("flood_depth") && told.contains("gdal_polygonize"),
            "{told}"
        );
    }
    bench.assert_tidy();
}

// Shapes and ids.

#[test]
fn all_lines_of_a_collection_are_kept_and_what_is_none_is_said() {
    let bench = Bench::new();
    let line = |at: f64| format!(r#"{{"type":"LineString","coordinates":[[104.92,{at}],[104.93,{at}]]}}"#);
    let lines = r#"{"type":"MultiLineString","coordinates":[[[104.93,11.55],[104.94,11.55]],[[104.94,11.55],[104.95,11.55]]]}"#;
    let collection = |parts: &[&str]| {
        format!(
            r#"{{"type":"GeometryCollection","geometries":[{}]}}"#,
            parts.join(",")
        )
    };
    let a = collection(&[&line(11.55), lines]);
    let b = collection(&[&collection(&[&line(11.56)])]);
    let c = collection(&[&line(11.57), &point(104.92, 11.57)]);
    let file = bench.file(
        "r.geojson",
        geojson(&[
            (r#"{"id":"a","highway":"primary"}"#, &a),
            (r#"{"id":"b","highway":"primary"}"#, &b),
            (r#"{"id":"c","highway":"primary"}"#, &c),
            (
                r#"{"id":"d","highway":"primary"}"#,
                &collection(&[&point(104.92, 11.57)]),
            ),
        ]),
    );
    let report = bench.import(Role::Roads, &file).unwrap();
    assert_eq!(
        (report.kept, report.repaired, report.refused),
        (3, 1, 1),
        "{report}"
    );
    assert_eq!(first(&report, "collection_reduced").record, 3);
    assert_eq!(first(&report, "wrong_geometry").record, 4);
    let parts: Vec<usize> = bench
        .features("roads")
        .iter()
        .map(|f| match f.geometry.as_ref().unwrap() {
            Geometry::MultiLineString(lines) => lines.0.len(),
            _ => 1,
        })
        .collect();
    assert_eq!(parts, [3, 1, 1]);
}

fn ids(file: &std::path::Path) -> Vec<String> {
    let all = read_vector(file, &OpenOptions::default(), &Crs::wgs84()).unwrap();
    all.into_iter().map(|feature| feature.id).collect()
}

#[test]
fn ids_of_geojson_are_what_is_written() {
    let bench = Bench::new();
    let feature = |id: &str, property: &str| {
        format!(
            r#"{{"type":"Feature",{id}"properties":{{{property}}},"geometry":{}}}"#,
            point(104.92, 11.55)
        )
    };
    let collection =
        |all: &[String]| format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, all.join(","));
    let own = collection(&[
        feature(r#""id":7,"#, r#""a":1"#),
        feature(r#""id":"x-9","#, ""),
        feature("", ""),
    ]);
    assert_eq!(ids(&bench.file("own.geojson", own)), ["7", "x-9", "3"]);
    let long = collection(&[
        feature("", r#""id":17509995351216488448"#),
        feature("", r#""id":98765432109876543210987"#),
        feature("", r#""id":12"#),
    ]);
    let long = bench.file("long.geojson", long);
    assert_eq!(
        ids(&long),
        ["17509995351216488448", "98765432109876543210987", "12"]
    );
    let lines = format!("{}\n{}\n", feature(r#""id":41,"#, ""), feature(r#""id":43,"#, ""));
    assert_eq!(ids(&bench.file("l.geojsonl", lines)), ["41", "43"]);
    // Shapes alone, as measures read them, have the same ids.
    let open = open_vector(&long, &OpenOptions::default()).unwrap();
    let shapes = open.shapes(|shape| shape.is_some()).unwrap().concat();
    assert_eq!(shapes[0], (Some("17509995351216488448".to_owned()), true));
}

#[test]
fn a_column_called_rowid_hides_no_rows() {
    use gdal::vector::{LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
    let bench = Bench::new();
    let path = bench.files.join("plots.gpkg");
    let driver = gdal::DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut dataset = driver.create_vector_only(&path).unwrap();
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(32648).unwrap();
    let layer = dataset
        .create_layer(LayerOptions {
            name: "plots",
            srs: Some(&srs),
            ty: OGRwkbGeometryType::wkbPoint,
            options: None,
        })
        .unwrap();
    layer
        .create_defn_fields(&[("rowid", OGRFieldType::OFTInteger)])
        .unwrap();
    for n in 0..3 {
        let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
        feature
            .set_geometry(gdal::vector::Geometry::from_wkt("POINT(491000 1278000)").unwrap())
            .unwrap();
        if n != 1 {
            feature.set_field_integer(0, 100 - n).unwrap();
        }
        feature.create(&layer).unwrap();
    }
    dataset.close().unwrap();
    let open = open_vector(&path, &OpenOptions::default()).unwrap();
    assert_eq!(open.shapes(|shape| shape.is_some()).unwrap().concat().len(), 3);
}

#[test]
fn topojson_in_degrees_is_taken_for_longitude_and_latitude() {
    let bench = Bench::new();
    let topology = |scale: f64| {
        let (a, b) = (104.92 * scale, 11.55 * scale);
        format!(
            r#"{{"type":"Topology","objects":{{"zones":{{"type":"GeometryCollection","geometries":[{{"type":"Polygon","properties":{{"id":"z"}},"arcs":[[0]]}}]}}}},"arcs":[[[{a},{b}],[{},{b}],[{},{}],[{a},{b}]]]}}"#,
            a + 0.01,
            a + 0.01,
            b + 0.01
        )
    };
    let report = bench
        .import(Role::Parcels, &bench.file("t.json", topology(1.0)))
        .unwrap();
    assert_eq!(
        (report.kept, report.source_crs.as_str()),
        (1, "EPSG:4326"),
        "{report}"
    );
    let error = bench
        .import(Role::Parcels, &bench.file("m.json", topology(5000.0)))
        .unwrap_err();
    assert!(error.to_string().contains("EPSG:32648"), "{error}");
}

// Fields.

#[test]
fn a_field_that_the_role_does_not_know_is_refused_with_the_one_that_is_meant() {
    let bench = Bench::new();
    let file = bench.file("s.csv", "id,lat,lon,N,note\n1,11.55,104.92,12,x\n");
    let run = |map: &str, extra: bool| {
        bench.run(&ImportRequest {
            map: parse_map(map).unwrap(),
            extra,
            ..request(Role::Settlements, &file)
        })
    };
    for (map, meant) in [
        ("families=N", "'households'"),
        ("housholds=N", "'households'"),
        ("tenur=N", "'tenure'"),
    ] {
        let error = run(map, false).unwrap_err();
        let said = error.to_string();
        assert!(
            error.is_usage() && said.contains(meant) && said.contains("--extra"),
            "{said}"
        );
    }
    let said = run("zzz=N", false).unwrap_err().to_string();
    assert!(!said.contains("Did you mean"), "{said}");
    run("remark=note", true).unwrap();
    assert_eq!(bench.features("settlements")[0].text("remark"), Some("x"));
}

#[test]
fn columns_that_may_be_meant_are_suggested() {
    let bench = Bench::new();
    let file = bench.file(
        "s.csv",
        "id,lat,lon,TOT_FAMILY,head_families,DATE_OF_SU\n1,11.55,104.92,12,Somebody,2026-01-05\n",
    );
    let report = bench.import(Role::Settlements, &file).unwrap();
    assert_eq!(
        report.suggestions,
        ["households: TOT_FAMILY (--map households=TOT_FAMILY)"],
        "{report}"
    );
    let file = bench.file(
        "f.csv",
        "FACILITCOD,FACILITNAM,FACILITTYP,lat,lon\n7,Clinic A,Health Center,11.55,104.92\n",
    );
    bench.import(Role::Services, &file).unwrap();
    let service = &bench.features("services")[0];
    assert_eq!(
        (service.id.as_str(), service.text("name"), service.text("kind")),
        ("7", Some("Clinic A"), Some("health_centre"))
    );
}

#[test]
fn zones_without_class_or_depth_are_no_zones() {
    let bench = Bench::new();
    let file = bench.file(
        "z.geojson",
        geojson(&[(r#"{"id":"z","KIND":"?"}"#, &square(0.0, 0.0))]),
    );
    let error = bench.import(Role::FloodZones, &file).unwrap_err();
    assert!(
        error.is_usage() && error.to_string().contains("class='flooded'"),
        "{error}"
    );
    bench.mapped(Role::FloodZones, &file, "class='flooded'").unwrap();
    let depth = bench.file(
        "d.geojson",
        geojson(&[(r#"{"id":"z","depth_min":0.5}"#, &square(0.0, 0.0))]),
    );
    bench.import(Role::FloodZones, &depth).unwrap();
}

#[test]
fn a_preset_with_a_field_that_nobody_knows_is_refused() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.data.join("sources")).unwrap();
    let own = |field: &str, extra: &str| {
        format!(
            "name = \"own\"\ntitle = \"o\"\npublisher = \"o\"\nurl = \"https://example.org\"\nform = \"CSV\"\nlicence = \"\"\nattribution = \"\"\n[[layer]]\nrole = \"settlements\"\n{extra}\nfields = {{ {field} = \"n\" }}\n"
        )
    };
    let write = |text: String| std::fs::write(bench.data.join("sources/own.toml"), text).unwrap();
    let file = bench.file("s.csv", "id,lat,lon,n\n1,11.55,104.92,12\n");
    write(own("families", ""));
    let error = common::preset(&bench, "own", std::slice::from_ref(&file)).unwrap_err();
    assert!(
        matches!(&error, LayersError::Usage(said) if said.contains("'households'")),
        "{error}"
    );
    write(own("number", "extra = true"));
    common::preset(&bench, "own", &[file]).unwrap();
    assert!(bench.features("settlements")[0].get("number").is_some());
}

// OpenStreetMap.

#[test]
fn osm_names_kinds_and_ids_are_taken_object_by_object() {
    let bench = Bench::new();
    let osm = r#"<osm version="0.6">
 <node id="1" lat="11.55" lon="104.92"/><node id="2" lat="11.55" lon="104.93"/><node id="3" lat="11.56" lon="104.93"/><node id="4" lat="11.56" lon="104.92"/>
 <node id="9" lat="11.57" lon="104.92"><tag k="amenity" v="clinic"/><tag k="name" v="Clinic"/></node>
 <node id="10" lat="11.57" lon="104.93"><tag k="amenity" v="school"/><tag k="isced:level" v="2-3"/></node>
 <node id="11" lat="11.57" lon="104.94"><tag k="amenity" v="school"/><tag k="isced:level" v="2,3"/></node>
 <node id="12" lat="11.57" lon="104.95"><tag k="amenity" v="school"/><tag k="isced:level" v="1-3"/><tag k="name:en" v="Both"/></node>
 <node id="13" lat="11.57" lon="104.96"><tag k="amenity" v="school"/><tag k="school" v="secondary"/></node>
 <way id="20"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="Lane"/></way>
 <way id="21"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="ផ្លូវ"/><tag k="name:en" v="Street"/></way>
 <way id="22"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="natural" v="water"/><tag k="name" v="Lake"/></way>
 <way id="23"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
 <relation id="9"><member type="way" ref="23" role="outer"/><tag k="type" v="multipolygon"/><tag k="amenity" v="hospital"/></relation>
</osm>"#;
    ran(&bench, "osm", &bench.file("a.osm", osm));
    let names = |layer: &str| {
        let mut all: Vec<(String, Option<String>)> = bench
            .features(layer)
            .into_iter()
            .map(|f| (f.id.clone(), f.text("name").map(str::to_owned)))
            .collect();
        all.sort();
        all
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        names("roads"),
        [("20".into(), some("Lane")), ("21".into(), some("Street"))]
    );
    assert_eq!(
        names("services"),
        [
            ("node/12".into(), some("Both")),
            ("node/9".into(), some("Clinic")),
            ("relation/9".into(), None)
        ]
    );
    assert_eq!(names("water"), [("way/22".into(), some("Lake"))]);
    assert_eq!(bench.features("water")[0].text("kind"), Some("water"));
}
