//! Vector files: what is kept, what is repaired and how, what is refused and why.

mod common;

use common::{Bench, geojson, now, point, request, square};
use gdal::vector::{LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use geo::{Area, Geometry};
use phteah_layers::import::report::{Detail, Outcome};
use phteah_layers::{
    Catalogue, Field, FieldType, ImportReport, ImportRequest, LayersError, NoProgress, Query, Record,
    RecordsRequest, Role, Value, import_records,
};

fn first<'a>(report: &'a ImportReport, code: &str) -> &'a Detail {
    let finding = report.findings.iter().find(|f| f.code == code);
    &finding
        .unwrap_or_else(|| panic!("no finding {code} in\n{report}"))
        .first[0]
}

fn refused(result: Result<ImportReport, LayersError>) -> (String, Option<ImportReport>) {
    let error = result.expect_err("the import should have been refused");
    assert!(!error.is_usage(), "a usage error: {error}");
    (error.to_string(), error.report().cloned())
}

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
        .mapped(
            Role::Roads,
            &file,
            "id=nr,class=cls[0:residential|1:primary],surface='paved',lanes=lanes",
        )
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

#[test]
fn tables_with_longitude_and_latitude() {
    let bench = Bench::new();
    let csv = "code,Lon,Lat,kind\n001,104.92,11.55,market\n002,,,market\n003,abc,11.5,market\n";
    let report = bench
        .mapped(Role::Services, &bench.file("s.csv", csv), "id=code")
        .unwrap();
    assert_eq!((report.kept, report.refused), (1, 2), "{report}");
    assert!(
        first(&report, "unreadable_geometry")
            .message
            .contains("longitude 'abc'")
    );
    // Codes of a CSV keep their zeros.
    assert_eq!(bench.features("services")[0].id, "001");
    let (message, _) = refused(bench.import(Role::Services, &bench.file("t.csv", "a,kind\n1,market\n")));
    assert!(message.contains("no column says where"), "{message}");
}

/// Writes a Shapefile with the given encoding; `.cpg` and `.prj` may be missing, as in life.
fn shapefile(
    bench: &Bench,
    name: &str,
    encoding: &str,
    owner: &str,
    prj: bool,
    cpg: bool,
) -> std::path::PathBuf {
    let path = bench.files.join(format!("{name}.shp"));
    let driver = gdal::DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
    let mut dataset = driver.create_vector_only(&path).unwrap();
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(32648).unwrap();
    let option = format!("ENCODING={encoding}");
    let layer = dataset
        .create_layer(LayerOptions {
            name,
            srs: prj.then_some(&srs),
            ty: OGRwkbGeometryType::wkbPolygon,
            options: Some(&[&option]),
        })
        .unwrap();
    layer
        .create_defn_fields(&[
            ("PARCEL_NO", OGRFieldType::OFTString),
            ("LANDUSE", OGRFieldType::OFTString),
        ])
        .unwrap();
    let defn = layer.defn();
    let mut feature = gdal::vector::Feature::new(defn).unwrap();
    feature
        .set_geometry(gdal::vector::Geometry::bbox(491_000.0, 1_278_000.0, 491_100.0, 1_278_100.0).unwrap())
        .unwrap();
    feature.set_field_string(0, "P-1").unwrap();
    feature.set_field_string(1, owner).unwrap();
    feature.create(&layer).unwrap();
    drop(feature);
    drop(layer);
    dataset.close().unwrap();
    if !cpg {
        std::fs::remove_file(path.with_extension("cpg")).unwrap();
        // "Whatever this machine uses", as most programs write.
        let dbf = path.with_extension("dbf");
        let mut bytes = std::fs::read(&dbf).unwrap();
        bytes[29] = 0x57;
        std::fs::write(&dbf, bytes).unwrap();
    }
    path
}

#[test]
fn shapefiles_in_any_encoding() {
    let bench = Bench::new();
    let use_of = |bench: &Bench| bench.features("parcels")[0].text("land_use").map(str::to_owned);
    for (name, encoding, text, cpg) in [
        ("stated", "CP1252", "café", true),
        ("utf8", "UTF-8", "ផ្ទះ", false),
        ("local", "CP1252", "marché à côté", false),
    ] {
        let file = shapefile(&bench, name, encoding, text, true, cpg);
        let report = bench.import(Role::Parcels, &file).unwrap();
        assert_eq!(use_of(&bench).as_deref(), Some(text), "{name}");
        assert_eq!(
            report.warnings.iter().any(|w| w.contains("encoded")),
            !cpg,
            "{name}: {report}"
        );
    }
    let cyrillic = shapefile(&bench, "cp1251", "CP1251", "рынок", true, false);
    let request = ImportRequest {
        encoding: Some("windows-1251".into()),
        ..request(Role::Parcels, &cyrillic)
    };
    bench.run(&request).unwrap();
    assert_eq!(use_of(&bench).as_deref(), Some("рынок"));
    let csv = bench.file(
        "latin.csv",
        b"id,lon,lat,kind,name\n1,104.92,11.55,market,caf\xe9\n",
    );
    bench.import(Role::Services, &csv).unwrap();
    assert_eq!(bench.features("services")[0].text("name"), Some("café"));
}

#[test]
fn a_zip_of_several_shapefiles_asks_which() {
    let bench = Bench::new();
    let parts: Vec<_> = ["one", "two"]
        .map(|name| shapefile(&bench, name, "UTF-8", name, true, true))
        .into();
    let zip = bench.files.join("both.zip");
    let mut out = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
    for shp in parts {
        for extension in ["shp", "shx", "dbf", "prj", "cpg"] {
            let part = shp.with_extension(extension);
            let name = format!("inner/{}", part.file_name().unwrap().to_string_lossy());
            out.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            std::io::Write::write_all(&mut out, &std::fs::read(part).unwrap()).unwrap();
        }
    }
    out.finish().unwrap();
    let error = bench.import(Role::Parcels, &zip).unwrap_err();
    assert!(error.to_string().contains("one, two"), "{error}");
    let request = ImportRequest {
        source_layer: Some("two".into()),
        ..request(Role::Parcels, &zip)
    };
    assert_eq!(bench.run(&request).unwrap().kept, 1);
    assert_eq!(bench.features("parcels")[0].text("land_use"), Some("two"));
    bench.assert_tidy();
}

#[test]
fn every_vector_format_gives_the_same_layer() {
    let bench = Bench::new();
    let text = geojson(&[
        (
            r#"{"id":"a","kind":"market","name":"ផ្សារ","capacity":12}"#,
            &point(104.92, 11.55),
        ),
        (
            r#"{"id":"b","kind":"hospital","name":"B"}"#,
            &point(104.93, 11.56),
        ),
    ]);
    let source = bench.file("s.geojson", text);
    bench.import(Role::Services, &source).unwrap();
    let told = |bench: &Bench| {
        // Some formats keep an order of their own.
        let mut rows = bench.features("services");
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.into_iter()
            .map(|f| {
                let Some(Geometry::Point(p)) = f.geometry else {
                    panic!("no point")
                };
                let near = ((p.x() * 100.0).round(), (p.y() * 100.0).round());
                (
                    f.id.clone(),
                    f.text("kind").map(str::to_owned),
                    f.text("name").map(str::to_owned),
                    f.number("capacity"),
                    near.0.to_bits(),
                    near.1.to_bits(),
                )
            })
            .collect::<Vec<_>>()
    };
    let expected = told(&bench);
    assert_eq!(expected[1].3, None, "a missing number is unknown");
    let input = gdal::Dataset::open(&source).unwrap();
    for (driver, extension) in [
        ("GPKG", "gpkg"),
        ("FlatGeobuf", "fgb"),
        ("LIBKML", "kml"),
        ("XLSX", "xlsx"),
        ("GeoJSONSeq", "geojsonl"),
        ("GML", "gml"),
    ] {
        let path = bench.files.join(format!("copy.{extension}"));
        {
            let mut out = gdal::DriverManager::get_driver_by_name(driver)
                .unwrap()
                .create_vector_only(&path)
                .unwrap();
            let mut srs = gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap();
            srs.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
            let table = driver == "XLSX";
            let layer = out
                .create_layer(LayerOptions {
                    name: "copy",
                    srs: (!table).then_some(&srs),
                    ty: if table {
                        OGRwkbGeometryType::wkbNone
                    } else {
                        OGRwkbGeometryType::wkbPoint
                    },
                    options: None,
                })
                .unwrap();
            // GML has an id of its own by that name.
            let id = if driver == "GML" { "service_id" } else { "id" };
            layer
                .create_defn_fields(&[
                    (id, OGRFieldType::OFTString),
                    ("kind", OGRFieldType::OFTString),
                    ("name", OGRFieldType::OFTString),
                    ("capacity", OGRFieldType::OFTInteger),
                    ("lon", OGRFieldType::OFTReal),
                    ("lat", OGRFieldType::OFTReal),
                ])
                .unwrap();
            let mut from = input.layer(0).unwrap();
            for feature in from.features() {
                let mut copy = gdal::vector::Feature::new(layer.defn()).unwrap();
                for (i, field) in ["id", "kind", "name"].iter().enumerate() {
                    let text = feature
                        .field_as_string(feature.field_index(field).unwrap())
                        .unwrap()
                        .unwrap();
                    copy.set_field_string(i, &text).unwrap();
                }
                if let Some(n) = feature
                    .field_as_integer(feature.field_index("capacity").unwrap())
                    .unwrap()
                    .filter(|n| *n > 0)
                {
                    copy.set_field_integer(3, n).unwrap();
                }
                let geometry = feature.geometry().unwrap();
                let (x, y, _) = geometry.get_point(0);
                copy.set_field_double(4, x).unwrap();
                copy.set_field_double(5, y).unwrap();
                if !table {
                    copy.set_geometry(geometry.clone()).unwrap();
                }
                copy.create(&layer).unwrap();
            }
            drop(layer);
            out.close().unwrap();
        }
        let report = bench
            .import(Role::Services, &path)
            .unwrap_or_else(|e| panic!("{driver}: {e}"));
        assert_eq!(report.kept, 2, "{driver}: {report}");
        assert_eq!(told(&bench), expected, "{driver}");
    }
}

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
        extra: vec![Field::new("flood_proof", FieldType::Boolean)],
        strict: false,
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
