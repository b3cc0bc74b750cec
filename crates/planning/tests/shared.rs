//! The rule of order against vectors that the browser's weighted sum is held to as well.

use std::collections::BTreeSet;

use phteah_planning::decision::{Missing, decide_without};
use phteah_planning::matrix::{Cell, Column, Matrix, Unknown};
use phteah_planning::scenario::Scenario;
use serde_json::Value;

fn cell(value: &Value) -> Cell<'static> {
    match value {
        Value::Null => Cell::Unknown(Unknown::NoData),
        Value::String(_) => Cell::Unknown(Unknown::Unreachable),
        Value::Array(ends) => Cell::Interval(number(&ends[0]), number(&ends[1])),
        exact => Cell::Known(number(exact)),
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("is a number")
}

/// The room that stands for "passes", "is excluded" and "not known whether" under a limit of one household.
fn room(standing: &Value) -> Cell<'static> {
    match standing.as_u64() {
        Some(1) => Cell::Known(0.0),
        Some(2) => Cell::Unknown(Unknown::NoData),
        _ => Cell::Known(1.0),
    }
}

const LIMIT: &str =
    "[[exclusion]]\nmeasure = { kind = \"capacity\" }\nat_least = 1\nreason = { en = \"r\", km = \"r\" }\n";

/// Value functions that give back what they are given, so that the vectors hold values and not raw numbers.
const CRITERIA: [&str; 4] = [
    "measure = { kind = \"area\" }\nvalue = { kind = \"linear\", worst = 0, best = 1 }",
    "measure = { kind = \"travel_time\", service = \"market\", mode = \"walk\" }\n\
     value = { kind = \"piecewise\", points = [[0.2, 0.2], [1, 1]] }",
    "measure = { kind = \"slope\" }\nvalue = { kind = \"linear\", worst = 0, best = 1 }",
    "measure = { kind = \"compactness\" }\nvalue = { kind = \"linear\", worst = 0, best = 1 }",
];

#[test]
fn both_sides_order_alike() {
    let vectors: Value = serde_json::from_str(include_str!("shared/order.json")).expect("is JSON");
    let list = |value: &Value| value.as_array().expect("is a list").clone();
    let ids: Vec<String> = list(&vectors["ids"])
        .iter()
        .map(|id| id.as_str().expect("is text").to_owned())
        .collect();
    for case in list(&vectors["cases"]) {
        let mut text = "title = { en = \"t\", km = \"t\" }\n[order]\n".to_owned();
        for (key, value) in case["order"].as_object().expect("is a table") {
            text += &format!("{key} = {value}\n");
        }
        for (index, criterion) in CRITERIA.iter().enumerate() {
            let weight = &vectors["weights"][index];
            text += &format!("[[criterion]]\nid = \"c{index}\"\nweight = {weight}\n{criterion}\n");
        }
        text += LIMIT;
        let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let mut matrix = Matrix::new(ids.clone()).expect("ids differ");
        let mut without = BTreeSet::new();
        let standings: Vec<Value> = match case.get("excluded") {
            Some(standings) => list(standings),
            None => vec![0.into(); ids.len()],
        };
        let rooms = Column::from_cells(standings.iter().map(room)).expect("fits");
        matrix.push("capacity", rooms).expect("fits");
        for (index, measure) in scenario.measures().iter().take(CRITERIA.len()).enumerate() {
            let column = list(&vectors["value"][index]);
            let column = Column::from_cells(column.iter().map(cell)).expect("fits");
            matrix.push(measure.id(), column).expect("fits");
            if vectors["without_layer"][index] == true {
                without.insert(measure.id());
            }
        }
        let missing = Missing {
            without_layer: without,
            ..Missing::default()
        };
        let ranking = decide_without(&scenario, &matrix, &missing).expect("decides");
        let order: Vec<&str> = ranking
            .order
            .iter()
            .map(|row| ranking.ids[*row as usize].as_str())
            .collect();
        let rule = &case["order"];
        assert_eq!(
            serde_json::json!(ranking.unknown_share),
            serde_json::json!(numbers(&case["unknown_share"])),
            "{rule}"
        );
        assert_eq!(serde_json::json!(ranking.rank), case["rank"], "{rule}");
        assert_eq!(serde_json::json!(order), case["order_of_ids"], "{rule}");
        for (found, expected) in ranking.score.iter().zip(list(&case["score"])) {
            let near = |found: &f64| (found - number(&expected)).abs() < 2e-12;
            assert!(
                found.as_ref().map_or(expected.is_null(), near),
                "{rule}: {found:?}, not {expected}"
            );
        }
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("is a list").iter().map(number).collect()
}
