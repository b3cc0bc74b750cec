//! Formats and encodings: the same layer, whatever it comes in.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use common::{Bench, first, geojson, point, refused, request};
use gdal::vector::{LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use geo::{Geometry, Point};
use phteah_layers::{ImportRequest, Role};

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

#[test]
fn numbers_are_read_as_people_write_them_and_never_guessed() {
    let bench = Bench::new();
    let csv = "id;lat;lon;households;flood_depth_m\n\
               comma;11,55;104,9;1.200;0,5\n\
               khmer;១១.៥៦;១០៤.៩១;៤៥;១.៥\n\
               degrees;\"11°33'36\"\"N\";104 54 36 E;1,250;1,250\n\
               range;11.57;104.9;40-50;\n";
    let report = bench
        .import(Role::Settlements, &bench.file("s.csv", csv))
        .unwrap();
    assert_eq!((report.kept, report.refused), (4, 0), "{report}");
    let features = bench.features("settlements");
    let of = |id: &str| {
        let feature = features.iter().find(|feature| feature.id == id).unwrap();
        (feature.number("households"), feature.number("flood_depth_m"))
    };
    // In a table with decimal commas a point stands between thousands; a household is never 1.2.
    assert_eq!(of("comma"), (Some(1200.0), Some(0.5)));
    assert_eq!(of("khmer"), (Some(45.0), Some(1.5)));
    // 1,250 m of water is no depth, and 1.25 households are none.
    assert_eq!(of("degrees"), (Some(1250.0), Some(1.25)));
    assert_eq!(of("range"), (None, None));
    assert_eq!(
        first(&report, "number_rewritten").message,
        "1.200 → 1200",
        "{report}"
    );
    let place = |id: &str| {
        let feature = features.iter().find(|feature| feature.id == id).unwrap();
        match feature.geometry.as_ref().unwrap() {
            Geometry::Point(point) => *point,
            other => panic!("{other:?}"),
        }
    };
    // 104°54'36" is 104.91, 11°33'36" is 11.56: the same place twice.
    let (a, b) = (place("khmer"), place("degrees"));
    assert!(
        (a.x() - b.x()).abs() < 1e-6 && (a.y() - b.y()).abs() < 1e-6,
        "{a:?} {b:?}"
    );
}

#[test]
fn what_a_comma_means_in_a_price_is_asked_and_not_guessed() {
    let bench = Bench::new();
    let csv = "id,price_usd_m2,wkt\n\
               a,\"1,250\",\"POLYGON((104.9 11.55,104.901 11.55,104.901 11.551,104.9 11.55))\"\n";
    let request = ImportRequest {
        crs: Some("EPSG:4326".into()),
        ..request(Role::Parcels, &bench.file("p.csv", csv))
    };
    let report = bench.run(&request).unwrap();
    assert_eq!(bench.features("parcels")[0].number("price_usd_m2"), None);
    assert_eq!(
        first(&report, "value_unknown").message,
        "'1,250' may be 1.25 or 1250: write it without the comma"
    );
}

#[test]
fn years_of_the_buddhist_era_are_no_years_of_ours() {
    let bench = Bench::new();
    let csv = "id,lat,lon,surveyed_on\na,11.55,104.9,2567-05-02\nb,11.56,104.9,០២/០៥/២០២៤\nc,11.57,104.9,2/5/2567\n";
    let report = bench
        .import(Role::Settlements, &bench.file("d.csv", csv))
        .unwrap();
    let day = |at: usize| {
        bench.features("settlements")[at]
            .get("surveyed_on")
            .map(ToString::to_string)
    };
    assert_eq!((day(0), day(1), day(2)), (None, Some("2024-05-02".into()), None));
    let told = &first(&report, "value_unknown").message;
    assert!(
        told.contains("Buddhist era") && told.contains("2567-05-02"),
        "{told}"
    );
}

#[test]
fn a_table_saved_as_unicode_text_is_read() {
    let bench = Bench::new();
    let table = "id\tlat\tlon\tname_km\na\t11.55\t104.9\tបឹងកក់ 🏠\n";
    for (name, mark, bytes) in [
        ("le.csv", [0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("be.csv", [0xfe, 0xff], u16::to_be_bytes),
    ] {
        let file = bench.files.join(name);
        let mut all = mark.to_vec();
        all.extend(table.encode_utf16().flat_map(bytes));
        std::fs::write(&file, all).unwrap();
        bench.import(Role::Settlements, &file).unwrap();
        assert_eq!(
            bench.features("settlements")[0].text("name_km"),
            Some("បឹងកក់ 🏠"),
            "{name}"
        );
    }
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
fn a_part_of_a_shapefile_that_is_missing_is_said() {
    let bench = Bench::new();
    let whole = shapefile(&bench, "whole", "UTF-8", "name", true, true);
    std::fs::remove_file(whole.with_extension("dbf")).unwrap();
    let report = bench.import(Role::Parcels, &whole).unwrap();
    let told = report
        .warnings
        .iter()
        .any(|warning| warning.contains("no .dbf beside it"));
    assert!(told, "{report}");
    std::fs::remove_file(whole.with_extension("shx")).unwrap();
    let (message, _) = refused(bench.import(Role::Parcels, &whole));
    assert!(
        message.contains("its .shx is missing") && message.contains("one ZIP"),
        "{message}"
    );
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

/// Writes the services of a file anew in another format.
fn copy(input: &gdal::Dataset, driver: &str, path: &std::path::Path) {
    let mut out = gdal::DriverManager::get_driver_by_name(driver)
        .unwrap()
        .create_vector_only(path)
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
    out.close().unwrap();
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
        copy(&input, driver, &path);
        let report = bench
            .import(Role::Services, &path)
            .unwrap_or_else(|e| panic!("{driver}: {e}"));
        assert_eq!(report.kept, 2, "{driver}: {report}");
        assert_eq!(told(&bench), expected, "{driver}");
    }
}

#[test]
fn ids_and_shapes_alone_are_those_of_the_whole_records_in_every_format() {
    let bench = Bench::new();
    // More rows than one part of a GeoPackage holds, the first without a shape, some without an id, some rows deleted.
    let rows = 20_000;
    // Twenty thousand rows of a test need not survive a power cut, each by itself.
    gdal::config::set_thread_local_config_option("OGR_SQLITE_SYNCHRONOUS", "OFF").unwrap();
    let shape = |n: usize| Point::new(490_000.0 + n as f64, 1_278_000.0);
    let names = ["a.gpkg", "a.fgb", "a.geojson"].map(|name| bench.files.join(name));
    for (path, driver) in names.iter().zip(["GPKG", "FlatGeobuf", "GeoJSON"]) {
        let mut dataset = gdal::DriverManager::get_driver_by_name(driver)
            .unwrap()
            .create_vector_only(path)
            .unwrap();
        let srs = gdal::spatial_ref::SpatialRef::from_epsg(32648).unwrap();
        let no_index = (driver == "FlatGeobuf").then_some(&["SPATIAL_INDEX=NO"][..]);
        let layer = dataset
            .create_layer(LayerOptions {
                name: "it's \"a\" layer",
                srs: Some(&srs),
                ty: OGRwkbGeometryType::wkbUnknown,
                options: no_index,
            })
            .unwrap();
        layer
            .create_defn_fields(&[
                ("other", OGRFieldType::OFTString),
                ("id", OGRFieldType::OFTString),
            ])
            .unwrap();
        for n in 0..rows {
            let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
            feature.set_field_string(0, "x").unwrap();
            if n % 7 != 3 {
                feature.set_field_string(1, &format!("p{n}")).unwrap();
            }
            if n > 0 {
                let wkt = format!("POINT ({} {})", shape(n).x(), shape(n).y());
                feature
                    .set_geometry(gdal::vector::Geometry::from_wkt(&wkt).unwrap())
                    .unwrap();
            }
            feature.create(&layer).unwrap();
        }
        drop(dataset);
    }
    let gpkg = rusqlite::Connection::open(&names[0]).unwrap();
    // Triggers of the spatial index call functions that only GDAL has.
    let sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
    let triggers: Vec<String> = gpkg
        .prepare(sql)
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for trigger in triggers {
        gpkg.execute(&format!("DROP TRIGGER \"{}\"", trigger.replace('"', "\"\"")), [])
            .unwrap();
    }
    gpkg.execute(
        "DELETE FROM \"it's \"\"a\"\" layer\" WHERE fid BETWEEN 10000 AND 12000",
        [],
    )
    .unwrap();
    drop(gpkg);
    for path in &names {
        let file = phteah_layers::open_vector(path, &phteah_layers::OpenOptions::default()).unwrap();
        let mut expected = Vec::new();
        file.for_each(&file.crs().clone(), |feature| {
            expected.push((feature.text("id").map(str::to_owned), feature.geometry));
            Ok(())
        })
        .unwrap();
        let found: Vec<_> = file
            .shapes(|shape| shape)
            .unwrap()
            .into_iter()
            .flatten()
            .collect();
        assert!(
            found == expected,
            "{}: {} of {} records",
            path.display(),
            found.len(),
            expected.len()
        );
        // GDAL's FlatGeobuf leaves records without a shape out.
        let without = found.iter().filter(|(_, shape)| shape.is_none()).count();
        assert_eq!(without, usize::from(path != &names[1]), "{}", path.display());
    }
}
