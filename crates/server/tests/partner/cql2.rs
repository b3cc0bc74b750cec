//! The abstract test suite of CQL2 (OGC 21-065r2, Annex A), each test by its name and in our own words, over layers of our own; and filters
//! made at random from the grammar, which must all run.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use phteah_server::api::app;
use phteah_server::http::limits::Limits as Rates;
use phteah_server::partner::state::{Open, PartnerOptions};
use phteah_server::state::{AppState, Limits};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{self, Answer, ask, phteah};

/// Fields of every type, each with values and without, names in several scripts and forms, polygons and points.
const TOWNS: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"survey_id":"a","name":"Straße","name_km":"បឹងកក់","households":12,"flood_depth_m":0.4,"eviction_threat":"yes","surveyed_on":"2021-04-16","tenure":"hard_title"},"geometry":{"type":"Polygon","coordinates":[[[104.90,11.55],[104.92,11.55],[104.92,11.57],[104.90,11.57],[104.90,11.55]]]}},
{"type":"Feature","properties":{"survey_id":"b","name":"D'Angkor","name_km":"បឹង\u200eកក់","households":40,"flood_depth_m":1.5,"eviction_threat":"no","surveyed_on":"2022-04-16","tenure":"soft_title"},"geometry":{"type":"Polygon","coordinates":[[[104.92,11.55],[104.94,11.55],[104.94,11.57],[104.92,11.57],[104.92,11.55]]]}},
{"type":"Feature","properties":{"survey_id":"c","name":"Chișinău","households":0,"surveyed_on":"2023-04-16"},"geometry":{"type":"Point","coordinates":[104.95,11.56]}},
{"type":"Feature","properties":{"survey_id":"d","name":"STRASSE","name_km":"ភ្នំ","households":7,"flood_depth_m":0,"eviction_threat":"no"},"geometry":{"type":"Point","coordinates":[104.90,11.50]}},
{"type":"Feature","properties":{"survey_id":"e","name_km":"បឹងក\u200bក់","flood_depth_m":2.25,"eviction_threat":"yes","surveyed_on":"2022-12-31"},"geometry":{"type":"Polygon","coordinates":[[[104.80,11.40],[104.85,11.40],[104.85,11.45],[104.80,11.45],[104.80,11.40]]]}},
{"type":"Feature","properties":{"survey_id":"f","name":"=1+2","households":12},"geometry":{"type":"Point","coordinates":[105.00,11.60]}}
]}"#;

const LINES: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"road_id":"r1","class":"primary","name":"One"},"geometry":{"type":"LineString","coordinates":[[104.89,11.56],[104.95,11.56]]}},
{"type":"Feature","properties":{"road_id":"r2","class":"residential"},"geometry":{"type":"LineString","coordinates":[[104.70,11.30],[104.71,11.31]]}}
]}"#;

/// The data and a server over them, made once.
pub fn towns() -> &'static Router {
    static TOWN: OnceLock<(TempDir, Router)> = OnceLock::new();
    &TOWN
        .get_or_init(|| {
            let dir = tempfile::tempdir().unwrap();
            let data = dir.path().join("data");
            let data = data.to_str().unwrap();
            for (role, text) in [("settlements", TOWNS), ("roads", LINES)] {
                let file = dir.path().join(format!("{role}.geojson"));
                std::fs::write(&file, text).unwrap();
                phteah(&["import", role, file.to_str().unwrap(), "--data", data]);
                phteah(&["publish", role, "public", "--data", data]);
            }
            let options = PartnerOptions {
                limits: Rates::per_second(1e6),
                open: Open::All,
                ..PartnerOptions::default()
            };
            let state = AppState::open_for(
                Path::new(data).to_owned(),
                Limits::default(),
                7,
                common::sites,
                options,
            );
            (dir, app(Arc::new(state.unwrap())))
        })
        .1
}

pub async fn get(path: &str) -> Answer {
    ask(towns().clone(), Request::get(path).body(Body::empty()).unwrap()).await
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

async fn items(layer: &str, filter: &str) -> Answer {
    get(&format!(
        "/ogc/collections/{layer}/items?limit=10000&filter={}",
        encoded(filter)
    ))
    .await
}

/// The ids that a filter selects; it must be understood.
async fn ids(layer: &str, filter: &str) -> BTreeSet<String> {
    let answer = items(layer, filter).await;
    assert_eq!(
        answer.status,
        200,
        "{filter}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    let features = answer.json()["features"].as_array().unwrap().clone();
    features
        .iter()
        .map(|f| f["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn towns_of(filter: &str) -> String {
    ids("settlements", filter).await.into_iter().collect()
}

/// The queryables of a layer by kind: text, number, true or false, day, shape.
async fn queryables(layer: &str) -> Vec<(String, &'static str)> {
    let schema = get(&format!("/ogc/collections/{layer}/queryables")).await.json();
    let properties = schema["properties"].as_object().unwrap();
    let kind = |about: &Value| match (about["type"].as_str(), about["format"].as_str()) {
        (Some("string"), Some("date")) => "day",
        (Some("string"), _) => "text",
        (Some("number" | "integer"), _) => "number",
        (Some("boolean"), _) => "boolean",
        (None, Some(format)) if format.starts_with("geometry-") => "shape",
        other => panic!("a queryable of no type: {other:?}"),
    };
    properties
        .iter()
        .map(|(name, about)| (name.clone(), kind(about)))
        .collect()
}

fn value_of(kind: &str) -> &'static str {
    match kind {
        "text" => "'foo'",
        "number" => "3.14",
        "boolean" => "true",
        "day" => "DATE('2022-04-14')",
        other => panic!("{other}"),
    }
}

const COMPARISONS: [&str; 6] = ["=", "<>", ">", "<", ">=", "<="];

/// Of a comparison and its opposite nothing is selected by both.
async fn opposites_have_nothing_in_common(filters: [String; 6]) {
    let mut found = Vec::new();
    for filter in &filters {
        found.push(ids("settlements", filter).await);
    }
    for (a, b) in [(0, 1), (2, 5), (3, 4)] {
        assert!(
            found[a].is_disjoint(&found[b]),
            "{} and {}",
            filters[a],
            filters[b]
        );
    }
}

/// basic-cql2: basic-test, comparison, is-null, boolean.
#[tokio::test]
async fn basic_cql2() {
    for layer in ["settlements", "roads"] {
        assert!(queryables(layer).await.iter().any(|(_, kind)| *kind != "shape"));
    }
    for (name, kind) in queryables("settlements").await {
        let unknown = ids("settlements", &format!("{name} IS NULL")).await;
        let known = ids("settlements", &format!("{name} is not null")).await;
        assert!(
            unknown.is_disjoint(&known) && unknown.len() + known.len() == 6,
            "{name}"
        );
        if kind != "shape" {
            let value = value_of(kind);
            opposites_have_nothing_in_common(COMPARISONS.map(|op| format!("{name} {op} {value}"))).await;
        }
    }
    assert_eq!(towns_of("true").await, "abcdef");
    assert_eq!(towns_of("false").await, "");
    assert_eq!(towns_of("households > 7").await, "abf");
    assert_eq!(towns_of("households <> 12").await, "bcd");
    assert_eq!(towns_of("eviction_threat >= true").await, "ae");
    assert_eq!(towns_of("eviction_threat < true").await, "bd");
    assert_eq!(towns_of("surveyed_on <= DATE('2022-04-16')").await, "ab");
    assert_eq!(towns_of("surveyed_on = '2022-04-16'").await, "b");
}

/// basic-cql2 and all others: logical. Predicates that run alone run in every combination.
#[tokio::test]
async fn predicates_combine() {
    let some = [
        "households > 7",
        "name LIKE 'S%'",
        "S_INTERSECTS(geometry, BBOX(104.9,11.5,104.93,11.6))",
        "T_AFTER(surveyed_on, DATE('2022-01-01'))",
        "eviction_threat = false",
        "CASEI(name) = casei('strasse')",
        "flood_depth_m * 2 BETWEEN 1 AND 3",
        "name_km IS NULL",
    ];
    for i in 0..some.len() {
        let [a, b, c, d] = [0, 1, 3, 6].map(|step| some[(i + step) % some.len()]);
        let filter = format!("((NOT ({a}) AND ({b})) OR (({c}) and NOT ({d})) or not (({a}) AND ({d})))");
        items("settlements", &filter).await.json()["features"]
            .as_array()
            .expect(&filter);
        assert_eq!(items("settlements", &filter).await.status, 200, "{filter}");
    }
}

/// advanced-comparison-operators: like, between, in.
#[tokio::test]
async fn advanced_comparison_operators() {
    for (name, kind) in queryables("settlements").await {
        match kind {
            "text" => {
                let every = ids("settlements", &format!("{name} LIKE '%'")).await;
                assert_eq!(every, ids("settlements", &format!("{name} like '%%'")).await);
                let some = ids("settlements", &format!("{name} like '_%'")).await;
                assert!(some.is_disjoint(&ids("settlements", &format!("{name} like ''")).await));
                ids("settlements", &format!(r"{name} like '\%\_'")).await;
                ids("settlements", &format!(r"{name} like '\\%\\_'")).await;
                ids("settlements", &format!("{name} in ('foo', 'bar')")).await;
            }
            "number" => {
                ids("settlements", &format!("{name} BETWEEN 0 AND 100")).await;
                assert!(
                    ids("settlements", &format!("{name} between 100.0 and 1.0"))
                        .await
                        .is_empty()
                );
                ids("settlements", &format!("{name} IN (1, 2, 3)")).await;
            }
            "boolean" => {
                ids("settlements", &format!("{name} in (true)")).await;
            }
            "day" => {
                ids("settlements", &format!("{name} in ('2022-04-14', '2022-04-15')")).await;
            }
            _ => {}
        }
    }
    assert_eq!(towns_of("name LIKE 'STR_SSE'").await, "d");
    assert_eq!(towns_of("name NOT LIKE 'S%'").await, "bcf");
    assert_eq!(towns_of("households IN (0, 12)").await, "acf");
    assert_eq!(towns_of("households NOT IN (0, 12)").await, "bd");
    assert_eq!(
        towns_of("surveyed_on IN (DATE('2021-04-16'), '2023-04-16')").await,
        "ac"
    );
}

/// case-insensitive-comparison and accent-insensitive-comparison.
#[tokio::test]
async fn case_and_accents() {
    for (name, _) in queryables("settlements")
        .await
        .into_iter()
        .filter(|(_, kind)| *kind == "text")
    {
        let is = ids("settlements", &format!("CASEI({name}) = casei('foo')")).await;
        assert!(is.is_disjoint(&ids("settlements", &format!("CASEI({name}) <> casei('FOO')")).await));
        for (a, b) in [
            (
                format!("CASEI({name}) LIKE casei('foo%')"),
                format!("CASEI({name}) LIKE casei('FOO%')"),
            ),
            (
                format!("ACCENTI({name}) LIKE accenti('Ä%')"),
                format!("ACCENTI({name}) LIKE accenti('A%')"),
            ),
            (
                format!("ACCENTI(CASEI({name})) = accenti(casei('ÄÉ'))"),
                format!("ACCENTI(CASEI({name})) = accenti(casei('ae'))"),
            ),
            (
                format!("ACCENTI(CASEI({name})) LIKE accenti(casei('Ä%'))"),
                format!("ACCENTI(CASEI({name})) LIKE accenti(casei('a%'))"),
            ),
        ] {
            assert_eq!(ids("settlements", &a).await, ids("settlements", &b).await);
        }
        let is = ids("settlements", &format!("ACCENTI({name}) = accenti('äöü')")).await;
        assert!(is.is_disjoint(&ids("settlements", &format!("ACCENTI({name}) <> accenti('aou')")).await));
    }
    assert_eq!(towns_of("CASEI(name) = CASEI('strasse')").await, "ad");
    assert_eq!(towns_of("CASEI('Straße') = CASEI('STRASSE')").await, "abcdef");
    assert_eq!(
        towns_of("ACCENTI(CASEI(name)) IN (accenti(casei('CHISINAU')), 'x')").await,
        "c"
    );
    assert_eq!(towns_of("ACCENTI(name) = accenti('Chișinău')").await, "c");
}

/// A name is found whatever is typed between its letters that nobody sees.
#[tokio::test]
async fn what_nobody_sees_hides_no_name() {
    for pattern in ["%បឹងកក់%", "%បឹង\u{200b}កក់%", "%បឹង\u{200e}កក់%", "%បឹង\u{17b5}កក់%"]
    {
        assert_eq!(
            towns_of(&format!("name_km LIKE '{pattern}'")).await,
            "abe",
            "{pattern:?}"
        );
        assert_eq!(
            towns_of(&format!("CASEI(name_km) LIKE CASEI('{pattern}')")).await,
            "abe",
            "{pattern:?}"
        );
        assert_eq!(
            towns_of(&format!("name_search LIKE '{pattern}'")).await,
            "abe",
            "{pattern:?}"
        );
    }
    assert_eq!(towns_of("name LIKE 'Chis\u{326}ina\u{306}u'").await, "c");
    assert_eq!(towns_of("name_search LIKE '%CHIȘINĂU%'").await, "c");
}

/// basic-spatial-functions, basic-spatial-functions-plus, spatial-functions.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table of functions and what each finds")]
async fn spatial_functions() {
    for layer in ["settlements", "roads"] {
        let all = ids(layer, "true").await;
        let world = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))";
        for (a, b) in [("BBOX(-180,-90,180,90)", world)] {
            assert_eq!(ids(layer, &format!("S_INTERSECTS(geometry,{a})")).await, all);
            assert_eq!(ids(layer, &format!("S_INTERSECTS(geometry,{b})")).await, all);
            for shape in [a, b] {
                assert!(
                    ids(layer, &format!("S_DISJOINT(geometry,{shape})"))
                        .await
                        .is_empty()
                );
                assert_eq!(ids(layer, &format!("S_WITHIN(geometry,{shape})")).await, all);
                assert!(
                    ids(layer, &format!("S_CONTAINS(geometry,{shape})"))
                        .await
                        .is_empty()
                );
            }
        }
        for literal in [
            "POINT(104.91 11.56)",
            "LINESTRING(104.8 11.56,105 11.56)",
            "MULTIPOINT(104.91 11.56,104.95 11.56)",
            "MULTILINESTRING((104.8 11.56,105 11.56),(-180 -45, 0 -45))",
            "POLYGON((-180 -90,-90 -90,-90 90,-180 90,-180 -90),(-120 -50,-100 -50,-100 -40,-120 -40,-120 -50))",
            "MULTIPOLYGON(((104.8 11.3,105 11.3,105 11.7,104.8 11.7,104.8 11.3)),((0 0,10 0,10 10,0 10,0 0)))",
            "GEOMETRYCOLLECTION(POINT(104.91 11.56),POLYGON((0 0,10 0,10 10,0 10,0 0)))",
            "BBOX(150,-90,-150,90)",
        ] {
            let meets = ids(layer, &format!("S_INTERSECTS(geometry,{literal})")).await;
            let apart = ids(layer, &format!("S_DISJOINT(geometry,{literal})")).await;
            assert!(
                meets.is_disjoint(&apart) && meets.len() + apart.len() == all.len(),
                "{literal}"
            );
            assert_eq!(
                meets,
                ids(layer, &format!("S_INTERSECTS({literal},geometry)")).await,
                "{literal}"
            );
            for op in ["EQUALS", "TOUCHES", "CROSSES", "WITHIN", "CONTAINS", "OVERLAPS"] {
                let related = ids(layer, &format!("S_{op}(geometry,{literal})")).await;
                assert!(related.is_subset(&meets), "S_{op} {literal}");
            }
        }
        for wrong in [
            "POINT(90 180)",
            "POINT(-181 0)",
            "MULTIPOINT(104.9 11.5, 90 180)",
            "LINESTRING(0 0, 0 90.5)",
            "BBOX(-190,0,10,10)",
            "GEOMETRYCOLLECTION(POINT(1 1), POINT(90 180))",
        ] {
            for op in ["INTERSECTS", "DISJOINT"] {
                let answer = items(layer, &format!("S_{op}(geometry,{wrong})")).await;
                answer.is_error(400, "bad_parameter");
            }
        }
    }
    assert_eq!(towns_of("S_EQUALS(geometry, geometry)").await, "abcdef");
    assert_eq!(towns_of("S_TOUCHES(geometry, geometry)").await, "");
    // What was got here in degrees is known again by them.
    let square =
        |w: f64, s: f64, e: f64, n: f64| format!("POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s}))");
    for (shape, itself, neighbours) in [
        (square(104.90, 11.55, 104.92, 11.57), "a", "b"),
        (square(104.92, 11.55, 104.94, 11.57), "b", "a"),
        (square(104.80, 11.40, 104.85, 11.45), "e", ""),
        ("POINT(104.95 11.56)".to_owned(), "c", ""),
        ("POINT(104.92 11.55)".to_owned(), "", "ab"),
        ("LINESTRING(104.94 11.57,104.96 11.57)".to_owned(), "", "b"),
        (square(104.9199, 11.55, 104.94, 11.57), "", ""),
    ] {
        assert_eq!(
            towns_of(&format!("S_EQUALS(geometry, {shape})")).await,
            itself,
            "{shape}"
        );
        assert_eq!(
            towns_of(&format!("S_TOUCHES({shape}, geometry)")).await,
            neighbours,
            "{shape}"
        );
    }
    let road = "S_EQUALS(geometry, LINESTRING(104.95 11.56,104.89 11.56))";
    assert_eq!(
        ids("roads", road).await.len(),
        1,
        "a line is the same from either end"
    );
    // Only degrees come around to where they began.
    let turned = encoded("S_INTERSECTS(geometry,BBOX(500000,1200000,400000,1300000))");
    let metres = "filter-crs=http://www.opengis.net/def/crs/EPSG/0/32648";
    let answer = get(&format!(
        "/ogc/collections/settlements/items?{metres}&filter={turned}"
    ))
    .await;
    answer.is_error(400, "bad_parameter");
    assert_eq!(
        towns_of("S_INTERSECTS(geometry, BBOX(170,-80,105,80))").await,
        "abcdef"
    );
    assert_eq!(towns_of("S_CONTAINS(geometry, POINT(104.91 11.56))").await, "a");
    // A part of the second shape lies far from everything: nothing contains it.
    assert_eq!(
        towns_of("S_CONTAINS(geometry, MULTIPOINT(104.91 11.56, 1 1))").await,
        ""
    );
    assert_eq!(
        towns_of("S_EQUALS(geometry, MULTIPOINT(104.95 11.56, 1 1))").await,
        ""
    );
    assert_eq!(
        towns_of("S_OVERLAPS(geometry, MULTIPOLYGON(((104.905 11.555,104.91 11.555,104.91 11.56,104.905 11.555)),((0 0,1 0,1 1,0 0))))").await,
        "a"
    );
    assert_eq!(
        ids("roads", "S_CROSSES(geometry, BBOX(104.9,11.5,104.92,11.6))")
            .await
            .len(),
        1
    );
    // Literals with each other, wherever they lie.
    assert_eq!(
        towns_of("S_INTERSECTS(POINT(0 0), BBOX(-1,-1,1,1))").await,
        "abcdef"
    );
    assert_eq!(towns_of("S_DISJOINT(POINT(0 0), BBOX(-1,-1,1,1))").await, "");
    assert_eq!(towns_of("S_INTERSECTS(geometry, geometry)").await, "abcdef");
}

const TEMPORAL: [&str; 15] = [
    "T_AFTER",
    "T_BEFORE",
    "T_CONTAINS",
    "T_DISJOINT",
    "T_DURING",
    "T_EQUALS",
    "T_FINISHEDBY",
    "T_FINISHES",
    "T_INTERSECTS",
    "T_MEETS",
    "T_METBY",
    "T_OVERLAPPEDBY",
    "T_OVERLAPS",
    "T_STARTEDBY",
    "T_STARTS",
];

/// temporal-functions: temporal-functions-1, temporal-functions-2, and what they select.
#[tokio::test]
async fn temporal_functions() {
    let times = [
        "surveyed_on",
        "DATE('2022-04-24')",
        "TIMESTAMP('2022-04-24T07:59:57Z')",
        "INTERVAL('2021-01-01','2021-12-31')",
        "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')",
        "INTERVAL('..','2021-12-31')",
        "INTERVAL('2021-01-01','..')",
        "INTERVAL('..','..')",
        "INTERVAL(surveyed_on,'..')",
        "INTERVAL(surveyed_on,surveyed_on)",
    ];
    for function in TEMPORAL {
        for a in times {
            for b in times {
                ids("settlements", &format!("{function}({a},{b})")).await;
            }
        }
    }
    for (filter, expected) in [
        ("T_AFTER(surveyed_on, DATE('2022-04-16'))", "ce"),
        ("T_BEFORE(surveyed_on, INTERVAL('2022-01-01','2022-12-31'))", "a"),
        ("T_DISJOINT(surveyed_on, DATE('2022-04-16'))", "ace"),
        ("T_EQUALS(surveyed_on, INTERVAL('2022-04-16','2022-04-16'))", "b"),
        (
            "T_INTERSECTS(surveyed_on, INTERVAL('2022-01-01','2022-12-31'))",
            "be",
        ),
        ("T_DURING(surveyed_on, INTERVAL('2022-01-01','2022-12-31'))", "b"),
        (
            "T_FINISHES(surveyed_on, INTERVAL('2022-01-01','2022-12-31'))",
            "e",
        ),
        ("T_STARTS(surveyed_on, INTERVAL('2022-04-16','2022-12-31'))", "b"),
        (
            "T_MEETS(INTERVAL('2020-01-01',surveyed_on), INTERVAL('2022-04-16','..'))",
            "b",
        ),
        (
            "T_METBY(INTERVAL(surveyed_on,'..'), INTERVAL('..','2022-12-31'))",
            "e",
        ),
        (
            "T_CONTAINS(INTERVAL(surveyed_on,'..'), INTERVAL('2022-05-01','2022-06-01'))",
            "ab",
        ),
        (
            "T_OVERLAPS(INTERVAL('2020-01-01',surveyed_on), INTERVAL('2022-01-01','2022-06-01'))",
            "b",
        ),
        (
            "T_OVERLAPPEDBY(INTERVAL(surveyed_on,'2024-01-01'), INTERVAL('2022-01-01','2023-01-01'))",
            "be",
        ),
        (
            "T_STARTEDBY(INTERVAL(surveyed_on,'2024-01-01'), INTERVAL('2022-04-16','2023-01-01'))",
            "b",
        ),
        (
            "T_FINISHEDBY(INTERVAL('2020-01-01',surveyed_on), INTERVAL('2022-01-01','2022-12-31'))",
            "e",
        ),
        (
            "TIMESTAMP('2022-04-14T14:48:46Z') = TIMESTAMP('2022-04-14T14:48:46Z')",
            "abcdef",
        ),
        (
            "TIMESTAMP('2022-04-14T14:48:46.5Z') < TIMESTAMP('2022-04-14T14:48:46Z')",
            "",
        ),
        ("surveyed_on >= TIMESTAMP('2022-04-16T10:00:00Z')", "bce"),
    ] {
        assert_eq!(towns_of(filter).await, expected, "{filter}");
    }
}

/// property-property: values first, properties on both sides, values on both sides. arithmetic.
#[tokio::test]
async fn properties_values_and_arithmetic() {
    for (name, kind) in queryables("settlements")
        .await
        .into_iter()
        .filter(|(_, kind)| *kind != "shape")
    {
        let value = value_of(kind);
        opposites_have_nothing_in_common(COMPARISONS.map(|op| format!("{value} {op} {name}"))).await;
        let same = ids("settlements", &format!("{name} = {name}")).await;
        for op in [">=", "<="] {
            assert_eq!(same, ids("settlements", &format!("{name} {op} {name}")).await);
        }
        for op in ["<>", "<", ">"] {
            assert!(
                ids("settlements", &format!("{name} {op} {name}"))
                    .await
                    .is_empty()
            );
        }
    }
    for value in [
        "'foo'",
        "true",
        "3.14",
        "1",
        "TIMESTAMP('2022-04-14T14:48:46Z')",
        "DATE('2022-04-14')",
    ] {
        for (op, expected) in COMPARISONS
            .into_iter()
            .zip([true, false, false, false, true, true])
        {
            let all = if expected { "abcdef" } else { "" };
            assert_eq!(
                towns_of(&format!("{value} {op} {value}")).await,
                all,
                "{value} {op}"
            );
        }
    }
    for (filter, expected) in [
        ("households = 10 + 2", "af"),
        ("households = 2 * 2 ^ 2 - 1", "d"),
        ("households = 25 div 2", "af"),
        ("households % 5 = 2", "adf"),
        ("households / 5 = 2.4", "af"),
        ("-households < -20", "b"),
        ("flood_depth_m < households / 100", "d"),
        ("households / flood_depth_m > 20", "ab"),
        ("households between 14/2 and (3*4)", "adf"),
        ("households in (5+2, 6*2)", "adf"),
        ("8 - 1 = households", "d"),
    ] {
        assert_eq!(towns_of(filter).await, expected, "{filter}");
    }
}

/// cql2-text: escaping. cql2-json: the same filters mean the same.
#[tokio::test]
async fn both_encodings() {
    for filter in [r"name = 'D\'Angkor'", "name = 'D''Angkor'"] {
        assert_eq!(towns_of(filter).await, "b");
    }
    for (json, expected) in [
        (r#"{"op":"=","args":[{"property":"name"},"D'Angkor"]}"#, "b"),
        (
            r#"{"op":">=","args":[{"property":"eviction_threat"},true]}"#,
            "ae",
        ),
        (
            r#"{"op":"=","args":[{"timestamp":"2022-04-14T14:48:46Z"},{"timestamp":"2022-04-14T14:48:46Z"}]}"#,
            "abcdef",
        ),
        (
            r#"{"op":"t_before","args":[{"property":"surveyed_on"},{"interval":["2022-01-01","2022-12-31"]}]}"#,
            "a",
        ),
        (
            r#"{"op":"in","args":[{"op":"casei","args":[{"property":"name"}]},[{"op":"casei","args":["STRASSE"]}]]}"#,
            "ad",
        ),
        (
            r#"{"op":"=","args":[{"op":"accenti","args":[{"property":"name"}]},"Chisinau"]}"#,
            "c",
        ),
        (
            r#"{"op":"isNull","args":[{"op":">","args":[{"property":"households"},3]}]}"#,
            "e",
        ),
        (
            r#"{"op":"s_contains","args":[{"property":"geometry"},{"type":"Point","coordinates":[104.91,11.56]}]}"#,
            "a",
        ),
        ("true", "abcdef"),
    ] {
        let path = format!(
            "/ogc/collections/settlements/items?limit=100&filter-lang=cql2-json&filter={}",
            encoded(json)
        );
        let answer = get(&path).await;
        assert_eq!(
            answer.status,
            200,
            "{json}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        let found: String = answer.json()["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, expected, "{json}");
    }
    let far = encoded(
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[90,180]}]}"#,
    );
    get(&format!("/ogc/collections/settlements/items?filter={far}"))
        .await
        .is_error(400, "bad_parameter");
}

/// Deep nesting ends as an answer that says so, or as features, on pages and in files alike.
#[tokio::test]
async fn deep_filters_are_refused_before_anything_is_sent() {
    let nested = |open: &str, core: &str, close: &str, n: usize| {
        format!("{}{core}{}", open.repeat(n), close.repeat(n))
    };
    for n in [5, 10, 15, 18, 20, 25, 30, 40, 45, 60] {
        for filter in [
            format!("households = {}", nested("1+(", "1", ")", n)),
            format!("households = {}", nested("2^(", "1", ")", n)),
            nested("NOT (true AND ", "false", ")", n),
            format!("name = {}", nested("CASEI(", "name", ")", n)),
            format!("households BETWEEN 1 AND {}", nested("1 % (", "1", ")", n)),
            nested("(", "households > 1", ")", n),
        ] {
            let page = items("settlements", &filter).await.status.as_u16();
            assert!([200, 400].contains(&page), "{page} {filter}");
            for format in ["csv", "gpkg", "fgb"] {
                let file = get(&format!("/data/settlements.{format}?filter={}", encoded(&filter))).await;
                assert_eq!(file.status.as_u16(), page, "{format} {filter}");
            }
        }
    }
    let mut chain = "households <> 0".to_owned();
    for n in 1..40 {
        chain = format!("({chain}) OR households = {n}");
    }
    assert_eq!(items("settlements", &chain).await.status, 200);
}

// --- filters at random ------------------------------------------------------------------------------------------------------------------

fn pick(all: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(all).prop_map(str::to_owned).boxed()
}

fn number() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        pick(&[
            "households",
            "flood_depth_m",
            "1",
            "0",
            "2.5",
            "-3",
            "1e10",
            "0.1"
        ]),
        (-100_i32..100).prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        (inner.clone(), pick(&["+", "-", "*", "/", "%", "div", "^"]), inner)
            .prop_map(|(a, op, b)| format!("({a} {op} {b})"))
    })
    .boxed()
}

fn words() -> BoxedStrategy<String> {
    let leaf = pick(&[
        "name",
        "name_km",
        "tenure",
        "id",
        "water",
        "'x'",
        "''",
        "'O''Brien'",
        r"'O\'Brien'",
        "'បឹង'",
        "'ß'",
        "'%_'",
        "name_search",
    ]);
    leaf.prop_recursive(2, 4, 1, |inner| {
        (pick(&["CASEI", "ACCENTI", "casei"]), inner)
            .prop_map(|(function, text)| format!("{function}({text})"))
    })
    .boxed()
}

fn instant() -> BoxedStrategy<String> {
    pick(&[
        "surveyed_on",
        "DATE('2022-04-16')",
        "DATE('1999-01-01')",
        "TIMESTAMP('2022-04-14T14:48:46Z')",
        "TIMESTAMP('2022-04-14T14:48:46.123Z')",
    ])
}

fn time() -> BoxedStrategy<String> {
    let end = prop_oneof![
        pick(&["'..'", "'2022-01-01'", "'2022-06-01T00:00:00Z'"]),
        instant()
    ];
    prop_oneof![
        instant(),
        (end.clone(), end).prop_map(|(a, b)| format!("INTERVAL({a},{b})"))
    ]
    .boxed()
}

fn shape() -> BoxedStrategy<String> {
    let near = (104.7_f64..105.1, 11.3_f64..11.7).prop_map(|(x, y)| format!("POINT({x:.3} {y:.3})"));
    let window = (104.7_f64..105.0, 11.3_f64..11.6, 0.01_f64..0.2).prop_map(|(x, y, d)| {
        let (e, n) = (x + d, y + d);
        prop_oneof![
            Just(format!("BBOX({x:.4},{y:.4},{e:.4},{n:.4})")),
            Just(format!(
                "POLYGON(({x:.4} {y:.4},{e:.4} {y:.4},{e:.4} {n:.4},{x:.4} {y:.4}))"
            )),
            Just(format!("LINESTRING({x:.4} {y:.4},{e:.4} {n:.4})")),
            Just(format!("MULTIPOINT({x:.4} {y:.4},{e:.4} {n:.4})")),
            Just(format!(
                "GEOMETRYCOLLECTION(POINT({x:.4} {y:.4}),LINESTRING({x:.4} {y:.4},{e:.4} {n:.4}))"
            )),
        ]
    });
    prop_oneof![
        Just("geometry".to_owned()),
        near,
        window.prop_flat_map(|shape| shape),
        pick(&[
            "POINT(0 0)",
            "BBOX(-180,-90,180,90)",
            "BBOX(170,-10,-170,10)",
            "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((104.9 11.5,105 11.5,105 11.6,104.9 11.5)))",
            "MULTILINESTRING((0 0,1 1),(104.9 11.5,105 11.6))",
        ]),
    ]
    .boxed()
}

fn predicate() -> BoxedStrategy<String> {
    let op = || pick(&["=", "<>", "<", "<=", ">", ">="]);
    let boolean = || pick(&["eviction_threat", "true", "false", "TRUE"]);
    let not = || pick(&["", "NOT "]);
    let leaf = prop_oneof![
        3 => (number(), op(), number()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        2 => (words(), op(), words()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (boolean(), op(), boolean()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        2 => (instant(), op(), instant()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (words(), not(), words()).prop_map(|(a, not, b)| format!("{a} {not}LIKE {b}")),
        1 => (number(), not(), number(), number()).prop_map(|(a, not, b, c)| format!("{a} {not}BETWEEN {b} AND {c}")),
        1 => (words(), proptest::collection::vec(words(), 1..4)).prop_map(|(a, list)| format!("{a} IN ({})", list.join(","))),
        1 => (instant(), proptest::collection::vec(instant(), 1..3)).prop_map(|(a, list)| format!("{a} NOT IN ({})", list.join(","))),
        2 => (pick(&TEMPORAL), time(), time()).prop_map(|(f, a, b)| format!("{f}({a},{b})")),
        3 => (pick(&["S_INTERSECTS", "S_DISJOINT", "S_EQUALS", "S_TOUCHES", "S_CROSSES", "S_WITHIN", "S_CONTAINS", "S_OVERLAPS"]), shape(), shape())
            .prop_map(|(f, a, b)| format!("{f}({a},{b})")),
        2 => (prop_oneof![number(), words(), time(), shape(), boolean()], not()).prop_map(|(a, not)| format!("{a} IS {not}NULL")),
        1 => boolean(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), pick(&["AND", "OR", "and"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            inner.prop_map(|a| format!("({a}) IS NULL")),
        ]
    })
    .boxed()
}

/// Each filter that the grammar allows runs, selects the same on a page and in a file, and, negated, nothing of that.
#[tokio::test]
async fn filters_at_random_run_and_select_the_same_everywhere() {
    let mut runner = TestRunner::new(Config::default());
    let strategy = predicate();
    for _ in 0..400 {
        let filter = strategy.new_tree(&mut runner).unwrap().current();
        let selected = ids("settlements", &filter).await;
        let none: Vec<_> = ids("settlements", &format!("NOT ({filter})"))
            .await
            .intersection(&selected)
            .cloned()
            .collect();
        assert!(none.is_empty(), "{filter} and its negation both select {none:?}");
        let csv = get(&format!("/data/settlements.csv?filter={}", encoded(&filter))).await;
        assert_eq!(csv.status, 200, "{filter}");
        let lines = String::from_utf8(csv.body).unwrap();
        let in_file: BTreeSet<String> = lines
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap().to_owned())
            .collect();
        assert_eq!(selected, in_file, "{filter}");
    }
}
