//! What people get: files for spreadsheets, globes and older programs, read back by other people's code; pages in both languages; and nothing in
//! any of them that is the program's own business, or a formula.

use std::io::{Cursor, Read};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use calamine::{Data, Reader, Xlsx};
use gdal::Dataset;
use gdal::vector::{FieldValue, LayerAccess};
use phteah_layers::Catalogue;
use phteah_server::api::app;
use phteah_server::state::Limits;

use crate::common::{self, Answer, ask, city, get_with, phteah, state};
use crate::cql2::{get, towns};

const EVERY_FORMAT: [&str; 9] = [
    "gpkg", "geojson", "csv", "xlsx", "shp.zip", "kml", "fgb", "parquet", "geojsonl",
];

async fn file(path: &str) -> Vec<u8> {
    let answer = get(path).await;
    assert_eq!(
        answer.status,
        200,
        "{path}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.body
}

fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheets = book.worksheets();
    let rows = |range: &calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
    sheets
        .iter()
        .map(|(name, range)| (name.clone(), rows(range)))
        .collect()
}

#[tokio::test]
async fn a_workbook_holds_the_features_their_fields_and_their_source() {
    let answer = get("/data/settlements.xlsx").await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    let sheets = sheets(answer.body);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["settlements", "Fields", "About"]);
    let rows = &sheets[0].1;
    assert_eq!(rows.len(), 7);
    let header: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert!(
        header.contains(&"flood_depth_m (m)".to_owned()) && header.contains(&"latitude (°)".to_owned()),
        "{header:?}"
    );
    let cell = |row: usize, name: &str| {
        rows[row][header.iter().position(|title| title.starts_with(name)).unwrap()].clone()
    };
    assert_eq!(cell(1, "id"), Data::String("a".into()));
    assert_eq!(cell(1, "households"), Data::Float(12.0));
    assert_eq!(cell(1, "eviction_threat"), Data::Bool(true));
    assert_eq!(cell(1, "name_km"), Data::String("បឹងកក់".into()));
    assert!(matches!(cell(1, "surveyed_on"), Data::DateTime(_)));
    assert_eq!(cell(5, "name"), Data::Empty);
    assert!(matches!(cell(3, "latitude"), Data::Float(y) if (y - 11.56).abs() < 1e-6));
    // A text stays a text, whatever it begins with.
    assert_eq!(cell(6, "name"), Data::String("=1+2".into()));
    let metres = self::sheets(file("/data/settlements.xlsx?crs=EPSG:32648&fields=name").await);
    assert_eq!(metres[0].1[0].last().unwrap().to_string(), "northing (m)");
}

#[tokio::test]
async fn a_shapefile_brings_its_crs_its_encoding_and_the_names_it_cuts() {
    for (crs, east) in [("", 104.0), ("?crs=EPSG:32648", 400_000.0)] {
        let bytes = file(&format!("/data/settlements.shp.zip{crs}")).await;
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes.clone())).unwrap();
        let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        for extension in ["shp", "shx", "dbf", "prj", "cpg"] {
            for kind in ["polygons", "points"] {
                assert!(
                    names.contains(&format!("settlements_{kind}.{extension}")),
                    "{names:?}"
                );
            }
        }
        let mut text = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(text("settlements_points.cpg").trim(), "UTF-8");
        assert!(text("settlements_points.prj").contains(if crs.is_empty() { "WGS" } else { "UTM" }));
        let readme = text("README.txt");
        assert!(readme.contains("flood_dept = flood_depth_m (m)"), "{readme}");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settlements.shp.zip");
        std::fs::write(&path, bytes).unwrap();
        let dataset = Dataset::open(format!("/vsizip/{}", path.display())).unwrap();
        let mut found = 0;
        for mut layer in dataset.layers() {
            let fields: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
            for feature in layer.features() {
                found += 1;
                assert!(feature.geometry().unwrap().envelope().MinX > east);
                let value = |name: &str| {
                    let at = fields.iter().position(|field| field == name).unwrap();
                    feature.field(at).unwrap()
                };
                if matches!(value("id"), Some(FieldValue::StringValue(id)) if id == "a") {
                    assert!(
                        matches!(value("name_km"), Some(FieldValue::StringValue(name)) if name == "បឹងកក់")
                    );
                    assert!(
                        matches!(value("flood_dept"), Some(FieldValue::RealValue(depth)) if (depth - 0.4).abs() < 1e-9)
                    );
                }
            }
        }
        assert_eq!(found, 6);
    }
    for alias in ["shp", "zip"] {
        assert_eq!(
            get(&format!("/data/roads.{alias}")).await.header("content-type"),
            "application/zip"
        );
    }
}

#[tokio::test]
async fn a_globe_reads_kml() {
    let answer = get("/data/settlements.kml").await;
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.google-earth.kml+xml"
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settlements.kml");
    std::fs::write(&path, &answer.body).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let mut names = Vec::new();
    for mut layer in dataset.layers() {
        let at = layer.defn().field_index("Name").unwrap();
        for feature in layer.features() {
            let middle = feature.geometry().unwrap().envelope();
            assert!((104.0..106.0).contains(&middle.MinX) && (11.0..12.0).contains(&middle.MinY));
            if let Some(FieldValue::StringValue(name)) = feature.field(at).unwrap() {
                names.push(name);
            }
        }
    }
    names.sort();
    assert_eq!(
        names,
        [
            "=1+2",
            "Chișinău",
            "D'Angkor",
            "STRASSE",
            "Straße",
            "បឹងក\u{200b}ក់"
        ]
    );
    get("/data/settlements.kml?crs=EPSG:32648")
        .await
        .is_error(400, "bad_parameter");
}

#[tokio::test]
async fn every_format_holds_the_same_part() {
    for query in ["?households=12", "?filter=households%3D12", "?limit=2"] {
        let read = async |format: &str| file(&format!("/data/settlements.{format}{query}")).await;
        assert_eq!(sheets(read("xlsx").await)[0].1.len(), 3, "{query}");
        assert_eq!(
            String::from_utf8(read("kml").await)
                .unwrap()
                .matches("<Placemark id=\"")
                .count(),
            2
        );
        assert_eq!(String::from_utf8(read("csv").await).unwrap().lines().count(), 3);
    }
    // The same data give the same bytes.
    for format in ["xlsx", "shp.zip", "kml"] {
        let path = format!("/data/roads.{format}");
        assert_eq!(file(&path).await, file(&path).await, "{format}");
    }
}

#[tokio::test]
async fn no_cell_of_a_csv_is_a_formula_unless_raw_text_is_asked_for() {
    let safe = String::from_utf8(file("/data/settlements.csv").await).unwrap();
    assert!(safe.contains(",'=1+2,") && !safe.contains(",=1+2"), "{safe}");
    assert!(
        safe.contains(",-") || safe.contains(",0.4,"),
        "numbers stay numbers"
    );
    let raw = get("/data/settlements.csv?cells=raw").await;
    assert!(String::from_utf8(raw.body.clone()).unwrap().contains(",=1+2,"));
    assert_ne!(
        raw.header("etag"),
        get("/data/settlements.csv").await.header("etag")
    );
    get("/data/settlements.csv?cells=all")
        .await
        .is_error(400, "bad_parameter");
    get("/data/settlements.gpkg?cells=raw")
        .await
        .is_error(400, "bad_parameter");
}

/// Names are searched by a column of the program's own. It stands in no answer, whatever the format.
#[tokio::test]
async fn working_columns_are_published_nowhere() {
    let word = b"name_search";
    let clean =
        |path: &str, bytes: &[u8]| assert!(!bytes.windows(word.len()).any(|window| window == word), "{path}");
    let mut paths: Vec<String> = EVERY_FORMAT
        .iter()
        .map(|format| format!("/data/settlements.{format}"))
        .collect();
    let more = [
        "/data",
        "/data?lang=km",
        "/data?f=json",
        "/data/settlements",
        "/data/settlements/tiles.json",
        "/data/settlements/changes",
        "/ogc/api",
        "/ogc/collections/settlements",
        "/ogc/collections/settlements/queryables",
        "/ogc/collections/settlements/queryables?f=html",
        "/ogc/collections/settlements/items",
        "/ogc/collections/settlements/items?f=html",
        "/ogc/collections/settlements/items/a",
    ];
    paths.extend(more.map(str::to_owned));
    let team = ask(common::router(), common::address("/api/layers")).await;
    assert_eq!(team.status, 200);
    clean("/api/layers", &team.body);
    for path in paths {
        let bytes = file(&path).await;
        if path.contains(".xlsx") {
            assert!(
                sheets(bytes)
                    .iter()
                    .all(|(_, rows)| !format!("{rows:?}").contains("name_search"))
            );
        } else if path.contains(".shp.zip") {
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            for i in 0..zip.len() {
                let mut inside = Vec::new();
                zip.by_index(i).unwrap().read_to_end(&mut inside).unwrap();
                assert!(!inside.windows(9).any(|window| window == b"name_sear"), "{path}");
            }
        } else {
            clean(&path, &bytes);
        }
    }
    let mut drawn = false;
    for (x, y) in (1619..1625).flat_map(|x| (955..961).map(move |y| (x, y))) {
        for part in ["/data/settlements/tiles", "/tiles/settlements"] {
            let path = format!("{part}/11/{x}/{y}");
            let tile = get(&path).await;
            assert!(tile.status.is_success(), "{path}");
            clean(&path, &tile.body);
            drawn |= !tile.body.is_empty();
        }
    }
    assert!(drawn);
    for part in ["sortby=name_search", "fields=name_search", "name_search=x"] {
        get(&format!("/ogc/collections/settlements/items?{part}"))
            .await
            .is_error(400, "bad_parameter");
    }
}

#[tokio::test]
async fn errors_and_changes_are_pages_for_whoever_comes_with_a_browser() {
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = async |path: &str| -> Answer {
        let request = Request::get(path)
            .header("accept", browser)
            .body(Body::empty())
            .unwrap();
        ask(towns().clone(), request).await
    };
    for (path, status, code) in [
        ("/data/no_such", 404, "no_such_layer"),
        ("/data/settlements.dxf", 404, "no_such_format"),
        ("/data/settlements.csv?filter=(", 400, "bad_parameter"),
        ("/data/settlements/changes?since=x", 404, "no_such_version"),
        ("/ogc/collections/no_such", 404, "no_such_layer"),
    ] {
        let english = page(path).await;
        let text = String::from_utf8(english.body.clone()).unwrap();
        assert_eq!(
            (english.status.as_u16(), english.header("content-type")),
            (status, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(
            text.contains(code)
                && text.contains(english.header("x-request-id"))
                && text.contains("<html lang=\"en\">")
        );
        let joint = if path.contains('?') { '&' } else { '?' };
        let khmer = page(&format!("{path}{joint}lang=km")).await;
        if path.starts_with("/data") {
            assert_eq!(khmer.status.as_u16(), status, "{path}");
            let text = String::from_utf8(khmer.body).unwrap();
            assert!(
                text.contains("<html lang=\"km\">") && text.contains("មិនបានជោគជ័យ"),
                "{path}"
            );
        }
        // A program gets what it can read.
        get(path).await.is_error(status, code);
    }
    let versions = page("/data/settlements/changes").await;
    let text = String::from_utf8(versions.body).unwrap();
    assert!(
        text.contains("the present version") && text.contains("<!doctype html>"),
        "{text}"
    );
    assert_eq!(
        get("/data/settlements/changes").await.header("content-type"),
        "application/json"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_filter_is_told_in_khmer() {
    for (filter, said) in [
        ("(", "តម្រងនេះមិនអាចយល់បានទេ។"),
        ("nom='x'", "គ្មានវាល nom ទេ។ វាលដែលមាន៖ id, "),
        ("name>3", "ប្រភេទតម្លៃក្នុងតម្រងមិនត្រូវគ្នាទេ។"),
        ("surveyed_on>DATE('2026-02-30')", "ថ្ងៃក្នុងតម្រងមិនត្រឹមត្រូវ"),
        ("S_INTERSECTS(geometry,BBOX(1,2,3))", "រូបក្នុងតម្រងមិនត្រឹមត្រូវ"),
    ] {
        let request = Request::get(format!(
            "/data/settlements.csv?lang=km&filter={}",
            filter.replace('>', "%3E").replace('\'', "%27")
        ))
        .header("accept", "text/html")
        .body(Body::empty())
        .unwrap();
        let page = ask(towns().clone(), request).await;
        assert_eq!(page.status.as_u16(), 400, "{filter}");
        let text = String::from_utf8(page.body).unwrap();
        // The words of the filter's own language stand below, folded.
        let (seen, folded) = text.split_once("<details>").unwrap();
        assert!(
            seen.contains("<code>filter</code>") && seen.contains(said),
            "{filter}: {seen}"
        );
        assert!(folded.contains("lang=\"en\""), "{filter}");
    }
}

#[tokio::test]
async fn a_page_names_what_has_changed() {
    let dir = city();
    let data = dir.path().to_str().unwrap();
    let import = |kinds: &[(&str, &str)]| {
        let features: Vec<String> = kinds
            .iter()
            .map(|(id, kind)| {
                format!(
                    "{{\"type\":\"Feature\",\"properties\":{{\"id\":\"{id}\",\"kind\":\"{kind}\"}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[104.9,11.56]}}}}"
                )
            })
            .collect();
        let path = dir.path().join("places.geojson");
        std::fs::write(
            &path,
            format!(
                "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
                features.join(",")
            ),
        )
        .unwrap();
        phteah(&[
            "import",
            "services",
            path.to_str().unwrap(),
            "--layer",
            "places",
            "--data",
            data,
        ]);
    };
    import(&[("<a>", "market"), ("b", "hospital")]);
    phteah(&["publish", "places", "public", "--data", data]);
    let router = app(Arc::new(state(dir.path(), Limits::default())));
    let get = async |path: &str| ask(router.clone(), Request::get(path).body(Body::empty()).unwrap()).await;
    let before = get("/data/places/changes").await.json()["version"]
        .as_str()
        .unwrap()
        .to_owned();
    import(&[("b", "market"), ("c", "market")]);
    get("/data/places/changes").await;
    for (lang, words) in [
        ("en", ["added", "changed", "removed"]),
        ("km", ["បានបន្ថែម", "បានផ្លាស់ប្ដូរ", "បានលុប"]),
    ] {
        let page = get(&format!("/data/places/changes?since={before}&f=html&lang={lang}")).await;
        assert_eq!(page.status, 200);
        let text = String::from_utf8(page.body).unwrap();
        for word in words {
            assert!(
                text.contains(&format!("<dt>{word}</dt><dd>1</dd>")),
                "{word}: {text}"
            );
        }
        assert!(text.contains("&lt;a&gt;") && !text.contains("<a>"));
    }
}

#[tokio::test]
async fn the_page_in_both_languages() {
    let page = async |path: &str| String::from_utf8(common::get(path).await.body).unwrap();
    let english = page("/data").await;
    let places: Vec<usize> = ["flood_depth_rp10\"", "flood_depth_rp25\"", "flood_depth_rp100\""]
        .iter()
        .filter_map(|name| english.find(&format!("id=\"{name}")))
        .collect();
    assert!(places.len() >= 2 && places.is_sorted(), "{places:?}");
    let curls: Vec<&str> = english
        .lines()
        .filter(|line| line.contains("curl -") || line.contains("curl --"))
        .collect();
    assert!(
        !curls.is_empty()
            && curls
                .iter()
                .all(|line| !line.replace("curl --fail", "").contains("curl -"))
    );
    for (lang, words) in [
        ("en", ["What the codes mean", "state private land"]),
        ("km", ["អត្ថន័យនៃលេខកូដ", "ដីឯកជនរបស់រដ្ឋ"]),
    ] {
        let text = page(&format!("/data/parcels?lang={lang}")).await;
        for word in words {
            assert!(text.contains(word), "{word}");
        }
        assert!(text.contains("price_usd_") && text.contains("cells=raw"));
    }
    for path in [
        "/data",
        "/data/parcels",
        "/data/parcels.csv",
        "/data/parcels.gpkg",
        "/data/elevation.tif",
        "/data/parcels/changes",
    ] {
        assert_eq!(
            common::get(&format!("{path}?lang=km")).await.status,
            200,
            "{path}"
        );
    }
    let khmer = get_with("/data/parcels/changes?lang=km", "accept", "text/html").await;
    assert!(
        String::from_utf8(khmer.body)
            .unwrap()
            .contains("<html lang=\"km\">")
    );
}

/// A title comes from whoever made the data. It must not end a script or begin one.
#[tokio::test]
async fn a_title_stays_a_text_on_every_page() {
    let dir = city();
    let data = dir.path().to_str().unwrap();
    let evil = "x</script><!--<script>alert(1)</script><i>&\"'";
    let file = dir.path().join("w.geojson");
    std::fs::write(
        &file,
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"<!--<script>"},"geometry":{"type":"Polygon","coordinates":[[[104.9,11.5],[104.92,11.5],[104.92,11.52],[104.9,11.5]]]}}]}"#,
    )
    .unwrap();
    phteah(&[
        "import",
        "water",
        file.to_str().unwrap(),
        "--layer",
        "evil",
        "--title",
        evil,
        "--data",
        data,
    ]);
    phteah(&["publish", "evil", "public", "--data", data]);
    assert_eq!(
        Catalogue::open(dir.path()).unwrap().layer("evil").unwrap().title,
        evil
    );
    let router = app(Arc::new(state(dir.path(), Limits::default())));
    for path in [
        "/data",
        "/data/evil",
        "/data/evil/changes?f=html",
        "/ogc?f=html",
        "/ogc/collections?f=html",
        "/ogc/collections/evil?f=html",
        "/ogc/collections/evil/queryables?f=html",
        "/ogc/collections/evil/items?f=html",
        "/data/evil.dxf?f=html",
    ] {
        let answer = ask(router.clone(), Request::get(path).body(Body::empty()).unwrap()).await;
        let text = String::from_utf8(answer.body).unwrap();
        let scripts = text.matches("<script").count();
        let embedded = text.matches("<script type=\"application/ld+json\">").count();
        assert_eq!(
            (scripts, text.matches("</script>").count()),
            (embedded, embedded),
            "{path}"
        );
        assert!(!text.contains("<!--") && !text.contains("<i>"), "{path}");
        if let Some((_, rest)) = text.split_once("<script type=\"application/ld+json\">") {
            let json = rest.split_once("</script>").unwrap().0;
            serde_json::from_str::<serde_json::Value>(json).unwrap();
        }
    }
}

#[test]
fn the_command_writes_them_too() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let source = dir.path().join("s.csv");
    std::fs::write(
        &source,
        "id,name,kind,longitude,latitude\n1,=cmd|x,market,104.9,11.5\n2,-5,market,104.91,11.5\n",
    )
    .unwrap();
    phteah(&[
        "import",
        "services",
        source.to_str().unwrap(),
        "--crs",
        "EPSG:4326",
        "--data",
        data,
    ]);
    let out = |name: &str| dir.path().join(name);
    let export = |name: &str, more: &[&str]| {
        let path = out(name);
        let mut arguments = vec![
            "export",
            "services",
            "--out",
            path.to_str().unwrap(),
            "--data",
            data,
        ];
        arguments.extend(more);
        phteah(&arguments);
    };
    export("safe.csv", &[]);
    export("raw.csv", &["--raw-text"]);
    let text = |name: &str| std::fs::read_to_string(out(name)).unwrap();
    assert!(text("safe.csv").contains("'=cmd|x") && text("safe.csv").contains(",-5,"));
    assert!(text("raw.csv").contains(",=cmd|x,") && !text("raw.csv").contains("name_search"));
    for name in ["s.xlsx", "s.kml", "s.shp.zip"] {
        export(name, &[]);
        assert!(std::fs::metadata(out(name)).unwrap().len() > 500, "{name}");
    }
    assert_eq!(sheets(std::fs::read(out("s.xlsx")).unwrap())[0].1.len(), 3);
    // Nothing half made is left behind.
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().starts_with('.')),
        "{left:?}"
    );
}
