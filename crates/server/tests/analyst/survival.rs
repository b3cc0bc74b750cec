//! `phteah survival`.

use serde_json::{Value, json};

use crate::files::Files;

fn answer(files: &Files, line: &str) -> Value {
    serde_json::from_str(&files.phteah(&format!("{line} --json")).done().out).unwrap()
}

/// The values between which the curve lies at a time within a stretch.
fn at(curve: &Value, time: f64) -> (f64, f64) {
    let holds =
        |one: &&Value| one["from"].as_f64().unwrap() <= time && one["to"].as_f64().is_none_or(|to| time < to);
    let one = curve.as_array().unwrap().iter().find(holds).unwrap();
    (
        one["survival_low"].as_f64().unwrap(),
        one["survival_high"].as_f64().unwrap(),
    )
}

/// Intervals and values as in the tests of lifelines, which took them from R's icenReg.
#[test]
fn a_published_case_has_its_published_curve() {
    let files = Files::new();
    files.text("events.csv", "left,right\n0,1\n4,6\n2,6\n0,3\n2,4\n5,7\n");
    let answer = answer(&files, "survival events.csv");
    let group = &answer["groups"][0];
    assert_eq!(
        (&group["group"], &group["n"], &group["converged"]),
        (&Value::Null, &json!(6), &json!(true))
    );
    let near = |time: f64, low: f64, high: f64| {
        let found = at(&group["curve"], time);
        assert!(
            (found.0 - low).abs() < 1e-3 && (found.1 - high).abs() < 1e-3,
            "{time}: {found:?}"
        );
    };
    near(0.5, 0.75, 1.0);
    near(2.0, 0.5, 0.75);
    near(3.9, 0.5, 0.5);
    near(4.0, 0.375, 0.375);
    near(8.0, 0.0, 0.0);
}

#[test]
fn groups_stand_side_by_side_and_known_days_give_kaplan_and_meier() {
    let files = Files::new();
    files.text(
        "events.csv",
        "\u{feff}left,right,group\r\n6,6,ទួលគោក\r\n6,6,ទួលគោក\r\n6,,ទួលគោក\r\n7,7,ទួលគោក\r\n9,,ទួលគោក\r\n3,,B\r\n",
    );
    let both = answer(&files, "survival events.csv");
    let names: Vec<&str> = both["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["group"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ទួលគោក", "B"]);
    let curve = &both["groups"][0]["curve"];
    assert_eq!(at(curve, 5.9), (1.0, 1.0));
    let (low, high) = at(curve, 6.0);
    assert!((low - 0.6).abs() < 1e-12 && (high - 0.6).abs() < 1e-12);
    let (low, high) = at(curve, 8.0);
    assert!((low - 0.3).abs() < 1e-12 && (high - 0.3).abs() < 1e-12);
    assert_eq!(at(&both["groups"][1]["curve"], 4.0), (0.0, 1.0));
    let last = curve.as_array().unwrap().last().unwrap();
    assert_eq!(last["to"], Value::Null);
    let words = files.phteah("survival events.csv --bands 50").done();
    assert!(words.out.contains("ទួលគោក: 5 families"), "{}", words.out);
    assert!(words.out.contains("95 % band"), "{}", words.out);
    let again = files.phteah("survival events.csv --bands 50").done();
    assert_eq!(words.out, again.out);
}

#[test]
fn fixed_visits_are_told_that_the_ends_matter() {
    let files = Files::new();
    files.text("events.csv", "left,right\n0,1\n1,3\n3,6\n6,\n");
    let closed = files.phteah("survival events.csv").done();
    assert!(closed.err.contains("--left-open"), "{}", closed.err);
    let open = files.phteah("survival events.csv --left-open --json").done();
    assert!(!open.err.contains("--left-open"), "{}", open.err);
    let open: Value = serde_json::from_str(&open.out).unwrap();
    let (low, high) = at(&open["groups"][0]["curve"], 2.0);
    assert!((low - 0.5).abs() < 1e-6 && (high - 0.75).abs() < 1e-6);
}

#[test]
fn what_is_wrong_is_said_with_row_and_column() {
    let files = Files::new();
    files.text("events.csv", "left,right\n3,1\n-1,2\nnan,2\n,\n");
    files.phteah("survival events.csv --json").refused(
        1,
        &[
            "events.csv: line 2, column right: the family was gone at 1 but still there at 3",
            "events.csv: line 3, column left: a time is counted from the move",
            "events.csv: line 4, column left: nan is no finite number",
        ],
    );
    files.text("other.csv", "from,to\n1,2\n");
    files
        .phteah("survival other.csv")
        .refused(1, &["has no column left"]);
    files.text("none.csv", "left,right\n");
    assert_eq!(answer(&files, "survival none.csv"), json!({"groups": []}));
    let help = files.phteah("survival --help").done();
    assert!(help.out.contains("still there when last seen"), "{}", help.out);
}
