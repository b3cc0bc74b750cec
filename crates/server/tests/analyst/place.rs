//! `phteah place`.

use serde_json::{Value, json};

use crate::files::Files;

fn answer(files: &Files, line: &str) -> Value {
    serde_json::from_str(&files.phteah(&format!("{line} --json")).done().out).unwrap()
}

#[test]
fn one_plot_each_is_placed_to_the_optimum() {
    let files = Files::new();
    // Greedy gives F1 the only plot of A for 0.9; the others then lose more.
    files.text(
        "scores.csv",
        "\u{feff}family,A,ទួលគោក\r\nF1,0.9,0.8\r\nសុខ,0.85,0.1\r\nF3,,0.3\r\nF4,,\r\n",
    );
    files.text("cap.csv", "site,capacity\r\nទួលគោក,2\r\nA,1.9\r\nZ,7\r\n");
    let answer = answer(&files, "place scores.csv --capacities cap.csv");
    assert_eq!(answer["value"], 1.95);
    assert_eq!((&answer["bound"], &answer["gap"]), (&json!(1.95), &json!(0.0)));
    assert_eq!(
        (&answer["placed"], &answer["placed_bound"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        (&answer["proven"], &answer["method"]),
        (&json!(true), &json!("flow"))
    );
    assert_eq!(
        answer["assignments"],
        json!([
            {"family": "F1", "site": "ទួលគោក"},
            {"family": "សុខ", "site": "A"},
            {"family": "F3", "site": "ទួលគោក"},
        ])
    );
    assert_eq!(answer["unplaced"], json!(["F4"]));
    assert_eq!(answer["greedy"]["placed"], 3);
    let words = files.phteah("place scores.csv --capacities cap.csv").done();
    for said in [
        "F1\tទួលគោក\t0.8\twish 2; the others would lose more\t0.65",
        "F4\t–\t\tno site is possible for it",
        "3 of 4 families are placed (no proposal places more).",
        "the greatest for so many families, proven",
        "Plain greedy",
    ] {
        assert!(words.out.contains(said), "{said:?} is not in:\n{}", words.out);
    }
    assert!(
        words.err.contains("the site Z is not in scores.csv"),
        "{}",
        words.err
    );
}

#[test]
fn placing_more_families_comes_before_their_scores() {
    let files = Files::new();
    files.text("scores.csv", "family,A,B\nF1,9,\nF2,1,\nF3,1,0\n");
    files.text("cap.csv", "site,capacity\nA,4\nB,0\n");
    files.text("loads.csv", "family,A,B\nF1,4,1\nF2,2,1\nF3,2,1\n");
    let answer = answer(&files, "place scores.csv --capacities cap.csv --loads loads.csv");
    assert_eq!((&answer["placed"], &answer["value"]), (&json!(2), &json!(2.0)));
    assert_eq!(
        (&answer["unplaced"], &answer["proven"]),
        (&json!(["F1"]), &json!(true))
    );
    assert_eq!(
        (&answer["greedy"]["placed"], &answer["greedy"]["value"]),
        (&json!(1), &json!(9.0))
    );
}

#[test]
fn what_is_wrong_is_said_with_file_row_and_column() {
    let files = Files::new();
    files.text("scores.csv", "family,A,B\nF1,1,inf\nF1,x,2\n");
    files.text("cap.csv", "site,capacity\nA,-1\n");
    files
        .phteah("place scores.csv --capacities cap.csv --json")
        .refused(
            1,
            &[
                "scores.csv: line 2, column B: inf is no finite number",
                "scores.csv: line 3, column family: the family F1 stands in line 2 already",
                "scores.csv: line 3, column A: x is no number",
                "cap.csv: line 2, column capacity: -1 is no capacity",
                "cap.csv: the site B of scores.csv has no row",
            ],
        );
    files
        .phteah("place none.csv --capacities cap.csv")
        .refused(1, &["none.csv"]);
    files.phteah("place scores.csv").refused(2, &["--capacities"]);
    files
        .phteah("place scores.csv --capacities cap.csv --seconds nan")
        .refused(2, &["seconds"]);
    let help = files.phteah("place --help").done();
    assert!(
        help.out.contains("an empty cell, that it cannot live there"),
        "{}",
        help.out
    );
}

#[test]
fn names_that_steer_a_terminal_leave_the_json_whole() {
    let files = Files::new();
    files.text("scores.csv", "family,A\n\"F\u{202e}\u{1b}[31m\",1\n");
    files.text("cap.csv", "site,capacity\nA,1\n");
    let ended = files
        .phteah("place scores.csv --capacities cap.csv --json")
        .done();
    assert!(!ended.out.contains('\u{202e}') && !ended.out.contains('\u{1b}'));
    let answer: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(answer["assignments"][0]["family"], "F\u{202e}\u{1b}[31m");
}

#[test]
fn nobody_to_place_is_an_answer() {
    let files = Files::new();
    files.text("scores.csv", "family,A\n");
    files.text("cap.csv", "site,capacity\nA,1\n");
    let answer = answer(&files, "place scores.csv --capacities cap.csv");
    assert_eq!((&answer["value"], &answer["gap"]), (&json!(0.0), &json!(0.0)));
    assert_eq!(
        (&answer["assignments"], &answer["unplaced"]),
        (&json!([]), &json!([]))
    );
}
