//! `phteah decide`.

use crate::files::{Ended, Files};

fn json(ended: &Ended) -> serde_json::Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

const MATRIX: &str = "id,cost,minutes\nfar,5000,60\nsame,10000,30\ntwin,10000,30\nnear,20000,0\n";

#[test]
fn a_weighted_sum_with_value_functions_and_ties() {
    let files = Files::new();
    files.text("matrix.csv", MATRIX).text(
        "model.toml",
        r#"
        method = "weighted-sum"
        [[criterion]]
        id = "cost"
        goal = "min"
        weight = 30
        value = { kind = "linear", worst = 20000, best = 0 }
        [[criterion]]
        id = "minutes"
        goal = "min"
        weight = 10
        value = { kind = "linear", worst = 60, best = 0 }
        "#,
    );
    let ended = files.phteah("decide matrix.csv --model model.toml --json").done();
    let json = json(&ended);
    assert_eq!(json["method"], "weighted-sum");
    let of = |key: &str| -> Vec<serde_json::Value> {
        json["alternatives"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alternative| alternative[key].clone())
            .collect()
    };
    assert_eq!(of("id"), ["far", "same", "twin", "near"]); // input order
    // 0.75 × 0.75; 0.75 × 0.5 + 0.25 × 0.5; 0.25 × 1
    let scores: Vec<f64> = of("score").iter().map(|score| score.as_f64().unwrap()).collect();
    for (found, expected) in scores.iter().zip([0.5625, 0.5, 0.5, 0.25]) {
        assert!((found - expected).abs() < 1e-12, "{scores:?}");
    }
    assert_eq!(of("rank"), [1, 2, 2, 4]);
    assert!(json["warnings"].as_array().is_some());
}

#[test]
fn vikor_tells_its_compromise() {
    let files = Files::new();
    files.text("matrix.csv", MATRIX).text(
        "model.toml",
        "method = \"vikor\"\nv = 0.5\n[[criterion]]\nid = \"cost\"\ngoal = \"min\"\nweight = 1\n[[criterion]]\nid = \"minutes\"\ngoal = \"min\"\nweight = 1\n",
    );
    let json = json(&files.phteah("decide matrix.csv --model model.toml --json").done());
    for key in ["compromise", "acceptable_advantage", "acceptable_stability"] {
        assert!(!json[key].is_null(), "{key}: {json}");
    }
    for key in ["s", "r", "q"] {
        assert!(json["alternatives"][0][key].is_number(), "{key}");
    }
}

#[test]
fn an_empty_cell_is_unknown_and_gives_bounds() {
    let files = Files::new();
    files
        .text("matrix.csv", "id,cost,minutes\na,0,\nb,20000,30\n")
        .text(
            "model.toml",
            r#"
        method = "weighted-sum"
        [[criterion]]
        id = "cost"
        goal = "min"
        weight = 1
        value = { kind = "linear", worst = 20000, best = 0 }
        [[criterion]]
        id = "minutes"
        goal = "min"
        weight = 1
        value = { kind = "linear", worst = 60, best = 0 }
        [[exclusion]]
        criterion = "cost"
        at_most = 15000
        "#,
        );
    let json = json(&files.phteah("decide matrix.csv --model model.toml --json").done());
    let a = &json["alternatives"][0];
    assert!((a["lowest"].as_f64().unwrap() - 0.5).abs() < 1e-12, "{a}");
    assert!((a["highest"].as_f64().unwrap() - 1.0).abs() < 1e-12, "{a}");
    let b = &json["alternatives"][1];
    assert!(b["rank"].is_null() && b["status"] == "excluded", "{b}");
}

#[test]
fn a_person_chooses_what_a_missing_figure_counts() {
    let files = Files::new();
    let value = "value = { kind = \"linear\", worst = 0, best = 1 }";
    let criterion = |id: &str| format!("[[criterion]]\nid = \"{id}\"\nweight = 1\n{value}\n");
    let model: String = ["x", "y", "z"].map(criterion).concat();
    files
        .text(
            "matrix.csv",
            "id,x,y,z\nwhole,0.7,0.7,0.7\nopen,1,,1\nblank,,,1\n",
        )
        .text("model.toml", &model);
    let under = |options: &str| {
        let json = json(
            &files
                .phteah(&format!("decide matrix.csv --model model.toml --json {options}"))
                .done(),
        );
        let ranks: Vec<Option<u64>> = (0..3).map(|n| json["alternatives"][n]["rank"].as_u64()).collect();
        assert_eq!(json["alternatives"][2]["too_little_known"], true);
        assert_eq!(json["alternatives"][2]["find_out"], serde_json::json!(["x", "y"]));
        (json["order"]["by"].as_str().unwrap().to_owned(), ranks)
    };
    assert_eq!(under(""), ("lowest".to_owned(), vec![Some(1), Some(2), None]));
    assert_eq!(
        under("--order middle"),
        ("middle".to_owned(), vec![Some(2), Some(1), None])
    );
    assert_eq!(
        under("--order hurwicz --alpha 0.05"),
        ("hurwicz".to_owned(), vec![Some(1), Some(2), None])
    );
    assert_eq!(under("--apart-above 0.3").1, [Some(1), None, None]);
    let told = files.phteah("decide matrix.csv --model model.toml").done();
    assert!(
        told.out
            .contains("too little known: 67 % of the weight; find out x, y"),
        "{}",
        told.out
    );
    for (options, word) in [
        ("--order hurwicz", "alpha"),
        ("--order hurwicz --alpha 2", "between 0 and 1"),
        ("--alpha 0.5", "hurwicz"),
        ("--order best", "lowest"),
    ] {
        files
            .phteah(&format!("decide matrix.csv --model model.toml {options}"))
            .refused(2, &[word]);
    }
}

#[test]
fn every_mistake_of_both_files_is_told_at_once() {
    let files = Files::new();
    files.text("matrix.csv", "id,cost,cost\na,12,x,7\na,nan,3\n").text(
        "model.toml",
        "method = \"guess\"\n[[criterion]]\nid = \"cost\"\ngoal = \"up\"\nweight = -1\nvalue = { kind = \"linear\", worst = 3, best = 3 }\n",
    );
    let bad = files.phteah("decide matrix.csv --model model.toml --json");
    bad.refused(
        1,
        &[
            "matrix: line 1",
            "matrix: line 2",
            "model: method",
            "goal",
            "weight",
        ],
    );
    assert_eq!(bad.out, "");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let files = Files::new();
    files.text("model.toml", "method = \"topsis\"\n");
    files
        .phteah("decide none.csv --model model.toml")
        .refused(1, &["none.csv"]);
    std::fs::write(files.path("latin.csv"), b"id,co\xfbt\na,1\n").unwrap();
    files
        .phteah("decide latin.csv --model model.toml")
        .refused(1, &["latin.csv", "UTF-8"]);
    files.phteah("decide latin.csv").refused(2, &["--model"]);
}

#[test]
fn people_get_a_list_from_best_to_worst() {
    let files = Files::new();
    files.text("matrix.csv", MATRIX).text(
        "model.toml",
        "method = \"topsis\"\n[[criterion]]\nid = \"cost\"\ngoal = \"min\"\nweight = 1\n[[criterion]]\nid = \"minutes\"\ngoal = \"min\"\nweight = 0\n",
    );
    let ended = files.phteah("decide matrix.csv --model model.toml").done();
    let ranks: Vec<&str> = ended
        .out
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once('\t')?.0))
        .collect();
    assert_eq!(ranks, ["1", "2", "2", "4"], "{}", ended.out);
    assert!(ended.out.lines().nth(1).unwrap().contains("far"), "{}", ended.out);
}
