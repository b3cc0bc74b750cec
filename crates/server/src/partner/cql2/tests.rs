//! The standard's own examples, types, and what strangers may send.

use std::time::{Duration, Instant};

use phteah_layers::FieldType;

use super::ast::Expr;
use super::compile::{Compiled, compile};
use super::*;

const FIELDS: [(&str, FieldType); 7] = [
    ("id", FieldType::Text),
    ("name", FieldType::Text),
    ("price", FieldType::Number),
    ("floors", FieldType::Integer),
    ("available", FieldType::Boolean),
    ("surveyed_on", FieldType::Date),
    ("odd \"name\"", FieldType::Text),
];

fn compiled(filter: &str, language: Language) -> Result<Compiled> {
    compile(&parse(filter, language)?, &FIELDS, 2)
}

fn text(filter: &str) -> Result<Compiled> {
    compiled(filter, Language::Text)
}

fn refused(filter: &str) -> String {
    let error = text(filter).expect_err(filter).to_string();
    assert!(
        error.ends_with('.') || error.contains('\''),
        "no sentence: {error}"
    );
    error
}

/// OGC 21-065r2, clauses 6 to 8 and Annex A of its abstract tests: each is read, whatever fields it speaks of.
const STANDARD: [&str; 60] = [
    "avg(windSpeed) < 4",
    "city='Toronto'",
    "avg(windSpeed) > 5.0",
    "balance - 150.0 > 0",
    "updated >= date('1999-11-05')",
    "updated = TIMESTAMP('2012-08-10T05:30:00Z')",
    "geophys:SURVEY_NAME IS NULL",
    "geophys:SURVEY_NAME IS NOT NULL",
    "floors>5",
    "swimming_pool=true AND (floors > 5 OR material LIKE 'brick%')",
    "NOT (floors < 5) OR swimming_pool = true",
    "name LIKE 'Smith.'",
    "name NOT LIKE 'Mc%'",
    "depth BETWEEN 100.0 AND 150.0",
    "depth NOT BETWEEN 100.0 and 150.0",
    "cityName IN ('Toronto', 'Frankfurt', 'Tokyo', 'New York')",
    "category NOT IN (1,2,3,4)",
    "CASEI(road_class) IN (CASEI('Οδος'),CASEI('Straße'))",
    "ACCENTI(etat_vol) = ACCENTI('débárquér')",
    "CASEI(name) LIKE casei('FOO%')",
    "S_INTERSECTS(geom,POINT(36.319836 32.288087))",
    "S_INTERSECTS(geometry,POLYGON((-10.0 -10.0,10.0 -10.0,10.0 10.0,-10.0 -10.0)))",
    "S_CROSSES(road,POLYGON((43.7286 -79.2986, 43.7311 -79.2996, 43.7323 -79.2972, 43.7326 -79.2971, 43.7350 -79.2981, 43.7286 -79.2986)))",
    "S_CONTAINS(geom, BBOX(-180,-90,180,90))",
    "S_DISJOINT(geom, MULTIPOINT((1 2),(3 4)))",
    "S_EQUALS(geom, LINESTRING(1 2, 3 4.5))",
    "S_OVERLAPS(geom, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((2 2,3 2,3 3,2 2))))",
    "S_TOUCHES(geom, MULTILINESTRING((0 0,1 1),(2 2,3 3)))",
    "S_WITHIN(road,Polygon((43.7286 -79.2986, 43.7311 -79.2996, 43.7286 -79.2986)))",
    "S_WITHIN(geom, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 1 1)))",
    "S_INTERSECTS(geom, POINT Z (1 2 3))",
    "T_AFTER(built, DATE('2012-06-05'))",
    "T_AFTER(updated,TIMESTAMP('2010-02-10T05:29:20.073225Z'))",
    "T_BEFORE(built, DATE('2015-01-01'))",
    "T_CONTAINS(INTERVAL('2000-01-01', '2005-01-10'), INTERVAL(starts_at, ends_at))",
    "T_DISJOINT(event_time, INTERVAL('1969-07-16T05:32:00Z', '..'))",
    "T_DURING(INTERVAL(starts_at, ends_at), INTERVAL('2005-01-10', '2010-02-10'))",
    "T_EQUALS(updated_at, DATE('1851-04-29'))",
    "T_FINISHEDBY(INTERVAL(starts_at, ends_at), INTERVAL('1991-10-07', '2010-02-10'))",
    "T_INTERSECTS(event_time, INTERVAL('1969-07-16', '1969-07-24'))",
    "T_MEETS(INTERVAL(starts_at, ends_at), INTERVAL('1991-10-07', '2010-02-10'))",
    "T_METBY(INTERVAL('2010-02-10', '2020-02-10'), INTERVAL(starts_at, ends_at))",
    "T_OVERLAPPEDBY(INTERVAL('1991-10-09', '2020-02-10'), INTERVAL(starts_at, ends_at))",
    "T_STARTS(INTERVAL(starts_at, ends_at), INTERVAL('1991-10-07', '..'))",
    "Foo(geom) = TRUE",
    "FALSE <> Bar(geom, 100, 'a', 'b', false)",
    "owner NOT LIKE '%Mike%'",
    "value=field^2",
    "value=2^field",
    "vehicle_height > (bridge_clearance-1)",
    "value > (foo + bar) * 2 / 3 % 5 DIV 2",
    "\"vehicle height\" < 3",
    "\"date\" >= DATE('2020-01-01')",
    "eo:instrument LIKE 'OLI%'",
    "eo:cloud_cover<=0.2 AND eo:cloud_cover>=-0.1",
    "(a = 1 AND b = 2) OR NOT (c = 3)",
    "value = -1.5e-3",
    "name = 'it''s'",
    "landsat:scene_id = 'LC82030282019133LGN00'",
    "NOT NOT (a = 1)",
];

#[test]
fn the_standards_examples_are_read() {
    for filter in STANDARD {
        parse(filter, Language::Text).unwrap_or_else(|e| panic!("{filter}: {e}"));
    }
}

#[test]
fn json_means_the_same_as_text() {
    let pairs = [
        ("price > 4.5", r#"{"op":">","args":[{"property":"price"},4.5]}"#),
        (
            "name LIKE 'a%' AND floors IN (1, 2)",
            r#"{"op":"and","args":[{"op":"like","args":[{"property":"name"},"a%"]},{"op":"in","args":[{"property":"floors"},[1,2]]}]}"#,
        ),
        (
            "floors BETWEEN 1 AND 3",
            r#"{"op":"between","args":[{"property":"floors"},1,3]}"#,
        ),
        (
            "NOT (name IS NULL)",
            r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"name"}]}]}"#,
        ),
        (
            "surveyed_on >= DATE('2020-01-02')",
            r#"{"op":">=","args":[{"property":"surveyed_on"},{"date":"2020-01-02"}]}"#,
        ),
        (
            "S_INTERSECTS(geometry, BBOX(1,2,3,4))",
            r#"{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2,3,4]}]}"#,
        ),
        (
            "S_WITHIN(geometry, POLYGON((0 0,4 0,4 4,0 0)))",
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]]]}]}"#,
        ),
        (
            "T_DURING(surveyed_on, INTERVAL('2020-01-01', '..'))",
            r#"{"op":"t_during","args":[{"property":"surveyed_on"},{"interval":["2020-01-01",".."]}]}"#,
        ),
        (
            "CASEI(name) = CASEI('X')",
            r#"{"op":"=","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["X"]}]}"#,
        ),
        (
            "price * 2 + 1 = 7",
            r#"{"op":"=","args":[{"op":"+","args":[{"op":"*","args":[{"property":"price"},2]},1]},7]}"#,
        ),
        (
            "available = TRUE",
            r#"{"op":"=","args":[{"property":"available"},true]}"#,
        ),
    ];
    for (from_text, from_json) in pairs {
        let json = compiled(from_json, Language::Json).unwrap_or_else(|e| panic!("{from_json}: {e}"));
        assert_eq!(text(from_text).unwrap(), json, "{from_text}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    let expr = parse("a = 1 OR NOT b = 2 AND c = 3", Language::Text).unwrap();
    let Expr::Or(parts) = expr else { panic!("{expr:?}") };
    assert!(matches!(&parts[1], Expr::And(inner) if matches!(inner[0], Expr::Not(_))));
}

#[test]
fn values_never_become_sql() {
    let hostile = "x'); DROP TABLE parcels; --";
    let compiled = text(&format!("name = '{}'", hostile.replace('\'', "''"))).unwrap();
    assert_eq!(compiled.sql, "(t.\"name\" = ?2)");
    assert_eq!(
        compiled.parameters,
        [compile::Parameter::Text(hostile.to_owned())]
    );
    assert_eq!(
        text("\"odd \"\"name\"\"\" = 'x'").unwrap().sql,
        "(t.\"odd \"\"name\"\"\" = ?2)"
    );
    refused("\"name\"\" OR 1=1 --\" = 'x'");
    refused("sqlite_version() = '3'");
    refused("load_extension('x') = 'y'");
}

#[test]
fn a_field_that_cannot_be_seen_does_not_exist() {
    let absent = refused("no_such_field = 1");
    let hidden = refused("fid = 1");
    assert_eq!(absent.replace("no_such_field", "fid"), hidden);
    refused("geom IS NULL");
    refused("rowid = 1");
    refused("NAME = 'x'");
}

#[test]
fn types_that_clash_are_named() {
    assert!(refused("price = 'high'").contains("A number cannot be compared with a text"));
    assert!(refused("surveyed_on = 'spring'").contains("DATE("));
    assert!(refused("name > TIMESTAMP('2020-01-01T00:00:00Z')").contains("DATE("));
    for filter in [
        "ACCENTI(price) = 'x'",
        "CASEI(name)",
        "CASEI(name, name) = 'x'",
        "surveyed_on = price",
        "surveyed_on IN ('2020-01-01', 'spring')",
        "T_AFTER(surveyed_on, available)",
        "TIMESTAMP('+002020-01-01T00:00:00Z') = surveyed_on",
        "name + 1 = 2",
        "price LIKE 'a%'",
        "name IN ('a', 1)",
        "price BETWEEN 1 AND 'b'",
        "price",
        "'x'",
        "5",
        "geometry = 1",
        "S_INTERSECTS(name, POINT(1 1))",
        "S_INTERSECTS(geometry)",
        "S_NEAR(geometry, POINT(1 1))",
        "T_AFTER(price, DATE('2020-01-01'))",
        "T_LATER(surveyed_on, DATE('2020-01-01'))",
        "CASEI(price) = 'x'",
        "floors = POINT(1 1)",
        "DATE('2020-02-30') = surveyed_on",
        "(price > 1) + 2 = 3",
        "T_DURING(surveyed_on, INTERVAL('x', '..'))",
        "S_INTERSECTS(geometry, BBOX(1,2,3))",
    ] {
        refused(filter);
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    for filter in [
        "",
        "   ",
        "(",
        ")",
        "a =",
        "= 1",
        "a = 1 b = 2",
        "a = 'x",
        "\"a = 1",
        "a LIKE",
        "a BETWEEN 1",
        "a BETWEEN 1 OR 2",
        "a IN ()",
        "a IN (1",
        "a IS 5",
        "NOT",
        "a NOT 1",
        "a = 1;",
        "a = #",
        "1 = 1e999",
        "a = .",
        "POINT(1)",
        "POINT(a b)",
        "and",
        "a and",
        "\u{0}",
        "a = 1 -- x",
        "ភាសា",
    ] {
        refused(filter);
    }
    for filter in [
        "",
        "null",
        "[]",
        "[1]",
        "{}",
        r#"{"op":"="}"#,
        r#"{"op":"=","args":[1]}"#,
        r#"{"op":1,"args":[]}"#,
        r#"{"property":1}"#,
        r#"{"op":"in","args":[{"property":"name"},"x"]}"#,
        r#"{"op":"and","args":[true]}"#,
        r#"{"date":"2020-13-01"}"#,
        r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[]}]}"#,
        r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Circle","coordinates":[1,2]}]}"#,
        r#"{"op":"=","args":[{"property":"price"},1e999]}"#,
        "{\"op\":\"=\",\"args\":[",
    ] {
        let error = compiled(filter, Language::Json).expect_err(filter);
        assert!(!error.to_string().is_empty());
    }
}

/// Each would take a parser that tries alternatives longer than the age of the world, or all of the stack.
#[test]
fn hostile_filters_are_refused_at_once() {
    let deep = |open: &str, close: &str, n: usize| format!("{}price = 1{}", open.repeat(n), close.repeat(n));
    let mut hostile = vec![
        deep("(", ")", 5_000),
        "(".repeat(60_000),
        deep("NOT ", "", 15_000),
        format!("price = {}1", "-".repeat(60_000)),
        format!("price = 1{}", "+1".repeat(30_000)),
        format!("price = 1{}", "^2".repeat(30_000)),
        format!("price = 1{}", " OR price = 1".repeat(4_900)),
        format!("name IN ('a'{})", ",'a'".repeat(15_000)),
        deep("CASEI(", ")", 5_000),
        format!("S_INTERSECTS(geometry, {})", "GEOMETRYCOLLECTION(".repeat(3_000)),
        "x".repeat(10_000_000),
        format!("name = '{}'", "a".repeat(5_000_000)),
    ];
    hostile.push(format!(
        "S_INTERSECTS(geometry, POLYGON(({})))",
        "1 1,".repeat(16_000)
    ));
    for filter in hostile {
        let begun = Instant::now();
        assert!(text(&filter).is_err(), "{}…", &filter[..40]);
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{}… took {:?}",
            &filter[..40],
            begun.elapsed()
        );
    }
    let nested = |n: usize| format!("{}true{}", r#"{"op":"not","args":["#.repeat(n), "]}".repeat(n));
    for filter in [
        nested(100),
        nested(3_000),
        "[".repeat(60_000),
        format!("[{}1]", "1,".repeat(30_000)),
    ] {
        assert!(compiled(&filter, Language::Json).is_err());
    }
}

#[test]
fn the_box_outside_of_which_nothing_matches_is_found() {
    let within = |filter: &str| text(filter).unwrap().within;
    assert_eq!(
        within("S_INTERSECTS(geometry, BBOX(1,2,3,4))"),
        Some([1.0, 2.0, 3.0, 4.0])
    );
    assert_eq!(
        within("price = 1 AND S_WITHIN(geometry, BBOX(1,2,3,4))"),
        Some([1.0, 2.0, 3.0, 4.0])
    );
    let both = "S_INTERSECTS(geometry, BBOX(0,0,2,2)) AND S_INTERSECTS(BBOX(1,1,3,3), geometry)";
    assert_eq!(within(both), Some([1.0, 1.0, 2.0, 2.0]));
    assert_eq!(within("price = 1 OR S_WITHIN(geometry, BBOX(1,2,3,4))"), None);
    assert_eq!(within("NOT S_WITHIN(geometry, BBOX(1,2,3,4))"), None);
    assert_eq!(within("S_DISJOINT(geometry, BBOX(1,2,3,4))"), None);
}

proptest::proptest! {
    /// Whatever is sent is read or refused; nothing panics.
    #[test]
    fn anything_may_be_sent(filter in ".{0,200}") {
        let _ = text(&filter);
        let _ = compiled(&filter, Language::Json);
    }

    /// The same with the words of the language, which get further.
    #[test]
    fn any_words_may_be_sent(words in proptest::collection::vec(proptest::sample::select(vec![
        "(", ")", "price", "name", "=", "<", "'x'", "1", "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL", ",", "-", "*", "^",
        "DATE('2020-01-01')", "S_INTERSECTS", "POINT(1 1)", "geometry", "BBOX(0,0,1,1)", "T_AFTER", "surveyed_on", "INTERVAL", "true",
    ]), 0..30)) {
        let _ = text(&words.join(" "));
    }
}

#[test]
fn both_ways_of_escaping_a_quote_mean_the_same() {
    let value = |filter: &str| match text(filter).unwrap().parameters.as_slice() {
        [compile::Parameter::Text(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(value(r"name = 'D\'Angkor'"), "D'Angkor");
    assert_eq!(value("name = 'D''Angkor'"), "D'Angkor");
    assert_eq!(value(r"name = 'a\tb\nc\\'"), "a\tb\nc\\");
    assert_eq!(value(r"name = '\a\b\v\f\r'"), "\u{7}\u{8}\u{b}\u{c}\r");
    assert_eq!(value(r"name LIKE '100\%\_'"), r"100\%\_");
    refused(r"name = 'open\'");
}

#[test]
fn days_moments_and_their_texts_are_compared() {
    let days = |filter: &str| {
        let parameters = text(filter)
            .unwrap_or_else(|e| panic!("{filter}: {e}"))
            .parameters;
        parameters
            .into_iter()
            .map(|parameter| match parameter {
                compile::Parameter::Text(text) => text,
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(days("surveyed_on = '2024-03-01'"), ["2024-03-01"]);
    assert_eq!(
        days("surveyed_on IN ('2024-03-01', DATE('2024-03-02'))"),
        ["2024-03-01", "2024-03-02"]
    );
    assert_eq!(
        days("surveyed_on >= TIMESTAMP('2024-03-01T23:59:59Z')"),
        ["2024-03-01"]
    );
    assert_eq!(
        days("TIMESTAMP('2024-03-01T23:59:59Z') < TIMESTAMP('2024-03-02T06:59:59.5+07:00')"),
        ["2024-03-01T23:59:59.000000000Z", "2024-03-01T23:59:59.500000000Z"]
    );
    // What decides nothing is no parameter.
    assert_eq!(
        days("T_BEFORE(surveyed_on, INTERVAL('2021-01-01', '2021-12-31'))"),
        ["2021-01-01"]
    );
    assert_eq!(
        days("T_AFTER(surveyed_on, INTERVAL('2021-01-01T00:00:00Z', '2021-12-31T23:59:59Z'))"),
        ["2021-12-31"]
    );
    assert!(days("T_INTERSECTS(surveyed_on, INTERVAL('..', '..'))").is_empty());
}

#[test]
fn everything_can_be_unknown_and_conditions_are_values() {
    for filter in [
        "'x' IS NULL",
        "3 IS NOT NULL",
        "true IS NULL",
        "DATE('2020-01-01') IS NULL",
        "POINT(1 1) IS NULL",
        "INTERVAL(surveyed_on, '..') IS NULL",
        "(price > 3) IS NULL",
        "price + 1 IS NULL",
        "CASEI(name) IS NOT NULL",
        "(price > 3) = (floors > 2)",
        "available > true",
        "available BETWEEN false AND true",
        "geometry IS NOT NULL",
    ] {
        text(filter).unwrap_or_else(|e| panic!("{filter}: {e}"));
    }
}

#[test]
fn chains_that_programs_nest_are_one_chain() {
    let mut filter = "price = 0".to_owned();
    for n in 1..40 {
        filter = format!("({filter}) AND price <> {n}");
    }
    let sql = text(&filter).unwrap().sql;
    let deepest = sql.chars().fold((0_i32, 0), |(depth, deepest), c| {
        let depth = depth + i32::from(c == '(') - i32::from(c == ')');
        (depth, deepest.max(depth))
    });
    assert!(deepest.1 < 10, "{deepest:?}");
}
