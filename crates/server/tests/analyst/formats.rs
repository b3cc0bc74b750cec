//! The table in every format, read back by somebody else's reader.

use gdal::Dataset;
use gdal::vector::LayerAccess;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

use crate::files::{Files, NORTH, WEST, rect};

fn measured(out: &str) -> Files {
    let files = Files::new();
    files.raster("rp100.tif", 6, &[0.7; 36]);
    files.features(
        "plots.geojson",
        &[
            ("Polygon", &rect(0.0, 0.0, 10.0, 10.0), r#""plot":"ក,1""#),
            ("Polygon", &rect(900.0, 0.0, 10.0, 10.0), r#""plot":"b""#),
        ],
    );
    files
        .phteah(&format!(
            "exposure plots.geojson --hazard 100=rp100.tif --id plot --out {out}"
        ))
        .done();
    files
}

#[test]
fn csv_quotes_what_needs_it() {
    let files = measured("out.csv");
    let text = std::fs::read_to_string(files.path("out.csv")).unwrap();
    assert!(
        text.starts_with(
            "plot,rp100_mean,rp100_max,rp100_deeper_share,rp100_known_share,annual_depth,annual_share,"
        ),
        "{text}"
    );
    assert!(text.contains("\"ក,1\",0.7,"), "{text}");
}

#[test]
fn geojson_is_in_degrees() {
    let files = measured("out.geojson");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(files.path("out.geojson")).unwrap()).unwrap();
    let feature = &json["features"][0];
    assert_eq!(feature["properties"]["plot"], "ក,1");
    assert!((feature["properties"]["rp100_mean"].as_f64().unwrap() - 0.7).abs() < 1e-6);
    let longitude = feature["geometry"]["coordinates"][0][0][0].as_f64().unwrap();
    assert!((104.90..104.92).contains(&longitude), "{longitude}");
    assert!(json["features"][1]["properties"]["rp100_mean"].is_null());
}

#[test]
fn geopackage_opens_in_gdal() {
    let files = measured("out.gpkg");
    let dataset = Dataset::open(files.path("out.gpkg")).unwrap();
    let mut layer = dataset.layer(0).unwrap();
    assert_eq!(layer.spatial_ref().unwrap().auth_code().unwrap(), 32648);
    let found: Vec<(Option<String>, Option<f64>)> = layer
        .features()
        .map(|feature| {
            let (plot, mean) = (
                feature.field_index("plot").unwrap(),
                feature.field_index("rp100_mean").unwrap(),
            );
            (
                feature.field_as_string(plot).unwrap(),
                feature.field_as_double(mean).unwrap(),
            )
        })
        .collect();
    assert_eq!(found[0].0.as_deref(), Some("ក,1"));
    assert!((found[0].1.unwrap() - 0.7).abs() < 1e-6);
    assert_eq!(found[1].1, None);
}

#[test]
fn parquet_is_geoparquet_1_1() {
    let files = measured("out.parquet");
    let reader = SerializedFileReader::new(std::fs::File::open(files.path("out.parquet")).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let geo = metadata
        .iter()
        .find(|entry| entry.key == "geo")
        .unwrap()
        .value
        .as_deref()
        .unwrap();
    let geo: serde_json::Value = serde_json::from_str(geo).unwrap();
    assert_eq!(geo["version"], "1.1.0");
    let column = &geo["columns"][geo["primary_column"].as_str().unwrap()];
    assert_eq!(column["encoding"], "WKB");
    assert_eq!(column["geometry_types"], serde_json::json!(["Polygon"]));
    assert_eq!(column["crs"]["id"]["code"], 32648);
    assert_eq!(
        column["bbox"],
        serde_json::json!([WEST, NORTH - 10.0, WEST + 910.0, NORTH])
    );
    assert!(metadata.iter().any(|entry| entry.key == "annual"));

    let rows: Vec<parquet::record::Row> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].get_string(0).unwrap(), "ក,1");
    assert!((rows[0].get_double(1).unwrap() - 0.7).abs() < 1e-6);
    assert!(rows[1].get_double(1).is_err(), "unknown is null");
    let last = rows[0].len() - 1;
    let shape = gdal::vector::Geometry::from_wkb(rows[0].get_bytes(last).unwrap().data()).unwrap();
    assert!((shape.area() - 100.0).abs() < 1e-6);
}

#[test]
fn a_directory_that_is_not_there_is_told_and_nothing_is_left() {
    let files = measured("out.csv");
    let ended = files.phteah("exposure plots.geojson --hazard 100=rp100.tif --out no/such/place.csv");
    ended.refused(1, &["no/such"]);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let files = measured("one.gpkg");
    files
        .phteah("exposure plots.geojson --hazard 100=rp100.tif --id plot --out two.gpkg")
        .done();
    let bytes = |name: &str| std::fs::read(files.path(name)).unwrap();
    assert!(bytes("one.gpkg") == bytes("two.gpkg"));
}
