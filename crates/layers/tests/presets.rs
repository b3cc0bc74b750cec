//! Each known source, on a small file of its true form.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may fail loudly, and exact values are meant"
)]

mod common;

use std::io::Write;
use std::path::PathBuf;

use common::{Bench, now, preset, ran, square};
use phteah_layers::{ImportRequest, NoProgress, Role, import_preset, sources};

/// A GeoTIFF as hazard maps come: degrees, no unit tag.
fn tif(bench: &Bench, name: &str, west: f64, cell: f64, columns: usize, value: f32) -> PathBuf {
    let path = bench.files.join(name);
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver
        .create_with_band_type::<f32, _>(&path, columns, columns, 1)
        .unwrap();
    dataset
        .set_geo_transform(&[west, cell, 0.0, 11.7, 0.0, -cell])
        .unwrap();
    dataset
        .set_spatial_ref(&gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap())
        .unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.set_no_data_value(Some(-9999.0)).unwrap();
    let mut cells = vec![value; columns * columns];
    cells[0] = -9999.0;
    band.write(
        (0, 0),
        (columns, columns),
        &mut gdal::raster::Buffer::new((columns, columns), cells),
    )
    .unwrap();
    dataset.close().unwrap();
    path
}

#[test]
fn jrc_tiles_are_told_apart_by_return_period_and_joined_by_place() {
    let bench = Bench::new();
    let files = [
        tif(&bench, "ID83_N20_E100_RP10_depth.tif", 104.8, 0.01, 10, 0.5),
        tif(&bench, "ID84_N20_E110_RP10_depth.tif", 104.9, 0.01, 10, 0.7),
        tif(&bench, "ID83_N20_E100_RP500_depth.tif", 104.8, 0.01, 10, 2.0),
    ];
    let reports = preset(&bench, "jrc-flood", &files).unwrap();
    assert_eq!(
        reports.iter().map(|r| r.layer.as_str()).collect::<Vec<_>>(),
        ["flood_river_rp10", "flood_river_rp500"]
    );
    assert!(reports[0].warnings.iter().any(|w| w.contains("Rivers only")));
    let catalogue = bench.catalogue();
    let raster = catalogue.raster("flood_river_rp10").unwrap();
    assert_eq!((raster.grid().columns, raster.grid().rows), (20, 10));
    let block = raster.read(raster.grid().window()).unwrap();
    assert_eq!(
        (block.valid[0], block.values[1], block.values[19]),
        (false, 0.5, 0.7)
    );
    assert_eq!(
        catalogue.layer("flood_river_rp500").unwrap().return_period,
        Some(500)
    );
    bench.assert_tidy();
}

#[test]
fn aqueduct_warns_against_its_use_for_sites() {
    let bench = Bench::new();
    let file = tif(
        &bench,
        "inunriver_historical_000000000WATCH_1980_rp00100.tif",
        104.8,
        0.01,
        10,
        0.5,
    );
    let reports = ran(&bench, "wri-aqueduct", &file);
    assert_eq!(reports[0].layer, "flood_aqueduct_rp100");
    assert!(
        reports[0]
            .warnings
            .iter()
            .any(|w| w.contains("warn against using it for single sites"))
    );
}

#[test]
fn copernicus_is_a_surface_model() {
    let bench = Bench::new();
    let file = tif(
        &bench,
        "Copernicus_DSM_COG_10_N11_00_E104_00_DEM.tif",
        104.8,
        0.01,
        10,
        -2.0,
    );
    let reports = ran(&bench, "copernicus-dem", &file);
    assert_eq!(
        (reports[0].layer.as_str(), reports[0].role),
        ("elevation", Role::Elevation)
    );
    assert!(reports[0].warnings.iter().any(|w| w.contains("roofs and trees")));
}

#[test]
fn unosat_not_seen_is_unknown() {
    let bench = Bench::new();
    let feature = |class: &str, at: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"Water_Clas":"{class}","EventCode":"FL20201014KHM","Sensor_Dat":"2020-10-18"}},"geometry":{}}}"#,
            square(at, 0.0)
        )
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{},{},{}]}}"#,
        feature("Flood Water", 0.0),
        feature("Cloud", 2.0),
        feature("Permanent water", 4.0)
    );
    ran(&bench, "unosat", &bench.file("flood.geojson", text));
    let zones = bench.features("flood_event");
    assert_eq!(
        zones.iter().map(|z| z.text("class")).collect::<Vec<_>>(),
        [Some("flooded"), Some("unknown"), None]
    );
    assert_eq!(zones[0].get("observed_on").unwrap().to_string(), "2020-10-18");
    assert_eq!(zones[0].text("event"), Some("FL20201014KHM"));
}

#[test]
fn google_buildings_with_newlines_in_their_shapes_and_doubtful_ones() {
    let bench = Bench::new();
    let csv = "latitude,longitude,area_in_meters,confidence,geometry,full_plus_code\n\
        11.55,104.92,80.1,0.91,\"POLYGON((104.92 11.55,\n 104.9201 11.55,\n104.9201 11.5501, 104.92 11.55))\",7P55HW2C+2X\n\
        11.56,104.93,20.5,0.64,\"POLYGON((104.93 11.56,104.9301 11.56,104.9301 11.5601,104.93 11.56))\",7P55HW2C+3X\n";
    let reports = ran(&bench, "google-buildings", &bench.file("373_buildings.csv", csv));
    assert_eq!(
        (reports[0].kept, reports[0].left_out, reports[0].refused),
        (1, 1, 0),
        "{}",
        reports[0]
    );
    let building = &bench.features("buildings")[0];
    assert_eq!(
        (building.id.as_str(), building.number("confidence")),
        ("7P55HW2C+2X", Some(0.91))
    );
}

#[test]
fn microsoft_buildings_are_geojson_whatever_their_name_and_minus_one_is_unknown() {
    let bench = Bench::new();
    let line = |at: f64, height: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"height":{height},"confidence":-1.0}},"geometry":{}}}"#,
            square(at, 0.0)
        )
    };
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    write!(gz, "{}\n{}\n", line(0.0, -1.0), line(2.0, 7.5)).unwrap();
    let reports = ran(
        &bench,
        "microsoft-buildings",
        &bench.file("part-00041.csv.gz", gz.finish().unwrap()),
    );
    assert_eq!(
        (reports[0].kept, reports[0].count("value_unknown")),
        (2, 0),
        "{}",
        reports[0]
    );
    let heights: Vec<_> = bench
        .features("buildings")
        .iter()
        .map(|f| f.number("height_m"))
        .collect();
    assert_eq!(heights, [None, Some(7.5)]);
    bench.assert_tidy();
}

fn shapefile(
    bench: &Bench,
    name: &str,
    fields: &[&str],
    values: &[&str],
    encoding: &str,
    epsg: Option<u32>,
) -> PathBuf {
    use gdal::vector::{LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
    let path = bench.files.join(name);
    let mut dataset = gdal::DriverManager::get_driver_by_name("ESRI Shapefile")
        .unwrap()
        .create_vector_only(&path)
        .unwrap();
    let srs = epsg.map(|code| gdal::spatial_ref::SpatialRef::from_epsg(code).unwrap());
    let option = format!("ENCODING={encoding}");
    let layer = dataset
        .create_layer(LayerOptions {
            name,
            srs: srs.as_ref(),
            ty: OGRwkbGeometryType::wkbPolygon,
            options: Some(&[&option]),
        })
        .unwrap();
    for field in fields {
        layer
            .create_defn_fields(&[(field, OGRFieldType::OFTString)])
            .unwrap();
    }
    let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
    let shape = if epsg == Some(4326) {
        gdal::vector::Geometry::bbox(104.92, 11.55, 104.93, 11.56).unwrap()
    } else {
        gdal::vector::Geometry::bbox(492_024.098, 1_279_380.223, 492_124.098, 1_279_480.223).unwrap()
    };
    feature.set_geometry(shape).unwrap();
    for (i, value) in values.iter().enumerate() {
        feature.set_field_string(i, value).unwrap();
    }
    feature.create(&layer).unwrap();
    drop(feature);
    dataset.close().unwrap();
    path
}

#[test]
fn cod_ab_boundaries_by_their_pcodes() {
    let bench = Bench::new();
    let fields = [
        "ADM3_EN",
        "ADM3_PCODE",
        "ADM2_EN",
        "ADM2_PCODE",
        "ADM1_EN",
        "ADM1_PCODE",
    ];
    let values = [
        "Tonle Basak",
        "KH120101",
        "Chamkar Mon",
        "KH1201",
        "Phnom Penh",
        "KH12",
    ];
    let file = shapefile(
        &bench,
        "khm_admbnda_adm3.shp",
        &fields,
        &values,
        "UTF-8",
        Some(4326),
    );
    let reports = ran(&bench, "cod-ab", &file);
    let division = &bench.features("boundaries")[0];
    assert_eq!(
        (division.id.as_str(), division.text("code"), division.text("name")),
        ("120101", Some("120101"), Some("Tonle Basak"))
    );
    assert!(
        reports[0]
            .warnings
            .iter()
            .any(|w| w.starts_with("Of today's 105 sangkats 104 have no boundary here")),
        "{}",
        reports[0]
    );
}

#[test]
fn cadastre_without_prj_in_the_old_datum_and_a_local_encoding() {
    let bench = Bench::new();
    let fields = ["PARCEL_NO", "TENURE", "LANDUSE", "OWNER_NAME", "SANGKAT_CO"];
    let values = ["12-001", "SPL", "rizière", "somebody", "120101"];
    let file = shapefile(&bench, "parcels.shp", &fields, &values, "CP1252", None);
    std::fs::remove_file(file.with_extension("cpg")).unwrap();
    let error = preset(&bench, "cadastre", std::slice::from_ref(&file)).unwrap_err();
    assert!(error.to_string().contains("--crs EPSG:3148"), "{error}");
    let request = ImportRequest {
        preset: Some("cadastre".into()),
        files: vec![file],
        crs: Some("EPSG:3148".into()),
        encoding: Some("CP1252".into()),
        ..ImportRequest::default()
    };
    let report = import_preset(&bench.catalogue(), &request, now(), &mut NoProgress)
        .unwrap()
        .remove(0);
    assert!(report.datum_shift.is_some());
    assert_eq!(report.not_taken, ["OWNER_NAME"]);
    let parcel = &bench.features("parcels")[0];
    assert_eq!(
        (parcel.id.as_str(), parcel.text("tenure"), parcel.text("land_use")),
        ("12-001", Some("state_public"), Some("rizière"))
    );
    assert!(parcel.fields.iter().all(|f| !f.name.contains("owner")));
}

#[test]
fn odk_groups_and_positions() {
    let bench = Bench::new();
    let csv = "SubmissionDate,community/name,community/num_hh,community/location,land/tenure,land/eviction,respondent/phone,KEY\n\
        2026-01-03T10:00:00Z,Boeng Trabaek,120,11.5336 104.9133 12.0 4.5,soft title,no,012,uuid:1\n\
        2026-01-03T11:00:00Z,Chbar Ampov,,11.5236 104.9433 0 0,,yes,012,uuid:2\n";
    let reports = ran(&bench, "odk", &bench.file("survey.csv", csv));
    assert_eq!(reports[0].kept, 2, "{}", reports[0]);
    let settlements = bench.features("settlements");
    assert_eq!(
        (
            settlements[0].id.as_str(),
            settlements[0].text("name"),
            settlements[0].number("households")
        ),
        ("uuid:1", Some("Boeng Trabaek"), Some(120.0))
    );
    assert_eq!(settlements[1].number("households"), None);
    assert_eq!(settlements[0].text("tenure"), Some("soft_title"));
    assert_eq!(
        settlements[1]
            .get("eviction_threat")
            .and_then(phteah_layers::Value::as_bool),
        Some(true)
    );
    assert_eq!(
        settlements[0].get("surveyed_on").unwrap().to_string(),
        "2026-01-03"
    );
    assert!(matches!(settlements[0].geometry, Some(geo::Geometry::Point(_))));
    assert!(reports[0].not_taken.contains(&"respondent/phone".to_owned()));
}

#[test]
fn a_survey_that_the_office_rejected_is_no_fact() {
    for (column, rejected, others) in [
        ("ReviewState", "rejected", ["approved", "hasIssues", ""]),
        ("__system/reviewState", "rejected", ["edited", "received", ""]),
        ("_validation_status", "Not Approved", ["Approved", "On Hold", ""]),
        (
            "_validation_status/uid",
            "validation_status_not_approved",
            ["validation_status_approved", "validation_status_on_hold", ""],
        ),
    ] {
        let bench = Bench::new();
        let mut csv = format!("today,settlement_name,num_hh,location,_uuid,{column}\n");
        for (n, state) in [rejected].iter().chain(&others).enumerate() {
            csv += &format!("2024-05-02,S{n},{n},11.6{n} 104.85 0 0,u{n},{state}\n");
        }
        let reports = ran(&bench, "odk", &bench.file("s.csv", &csv));
        assert_eq!(
            (reports[0].kept, reports[0].left_out),
            (3, 1),
            "{column}: {}",
            reports[0]
        );
        let ids: Vec<String> = bench.features("settlements").into_iter().map(|f| f.id).collect();
        assert_eq!(ids, ["u1", "u2", "u3"], "{column}");
        let told = reports[0].to_string();
        assert!(told.contains(&format!("is {rejected}")), "{told}");
    }
}

#[test]
fn a_deployment_s_own_presets_go_before() {
    let bench = Bench::new();
    let all = sources(Some(&bench.data)).unwrap();
    assert_eq!(all.len(), 10);
    assert!(
        all.iter()
            .all(|s| !s.title.is_empty() && s.url.starts_with("https://") && !s.traps.is_empty())
    );
    std::fs::create_dir(bench.data.join("sources")).unwrap();
    let own = "name = \"ngo\"\ntitle = \"Ours\"\npublisher = \"us\"\nurl = \"https://example.org\"\nform = \"CSV\"\nlicence = \"CC0-1.0\"\nattribution = \"us\"\n\n[[layer]]\nrole = \"services\"\nfields = { kind = \"'nursery'\", id = \"nr\" }\n";
    std::fs::write(bench.data.join("sources/ngo.toml"), own).unwrap();
    assert_eq!(sources(Some(&bench.data)).unwrap().len(), 11);
    ran(
        &bench,
        "ngo",
        &bench.file("n.csv", "nr,lon,lat\n7,104.92,11.55\n"),
    );
    assert_eq!(bench.features("services")[0].text("kind"), Some("nursery"));
    std::fs::write(bench.data.join("sources/ngo.toml"), own.replace("role", "rolle")).unwrap();
    let error = sources(Some(&bench.data)).unwrap_err();
    assert!(
        error.is_usage() && error.to_string().contains("ngo.toml"),
        "{error}"
    );
    std::fs::remove_file(bench.data.join("sources/ngo.toml")).unwrap();
    assert!(
        preset(&bench, "nothing", &[])
            .unwrap_err()
            .to_string()
            .contains("The presets are")
    );
}
