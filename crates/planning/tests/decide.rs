//! A decision over any matrix: figures as published, warnings that name the criterion, every error at once.

use phteah_planning::decision::RowStatus;
use phteah_planning::model::{Outcome, decide_texts};

fn decide(matrix: &str, model: &str) -> Outcome {
    decide_texts(matrix, model).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn ranks(outcome: &Outcome) -> Vec<Option<u32>> {
    outcome.alternatives.iter().map(|one| one.rank).collect()
}

fn criteria(names: &[&str], rest: &str) -> String {
    names.iter().fold(String::new(), |all, name| {
        format!("{all}[[criterion]]\nid = \"{name}\"\nweight = 1\n{rest}\n")
    })
}

#[test]
fn the_json_has_the_shape_that_was_promised() {
    let matrix = "id,a,b,c\nA1,5,8,4\nA2,7,6,8\nA3,8,8,6\nA4,7,4,6\n";
    let model = "method = \"vikor\"\n\
        [[criterion]]\nid = \"a\"\ngoal = \"max\"\nweight = 30\n\
        [[criterion]]\nid = \"b\"\ngoal = \"max\"\nweight = 40\n\
        [[criterion]]\nid = \"c\"\ngoal = \"max\"\nweight = 30\n";
    let json = serde_json::to_value(decide(matrix, model)).expect("serialises");
    assert_eq!(json["method"], "vikor");
    assert_eq!(json["compromise"], serde_json::json!(["A2", "A3"]));
    assert_eq!(json["acceptable_advantage"], false);
    assert_eq!(json["acceptable_stability"], true);
    let third = &json["alternatives"][2];
    assert_eq!(
        (third["id"].as_str(), third["rank"].as_u64()),
        (Some("A3"), Some(1))
    );
    assert_eq!(
        (third["q"].as_f64(), third["score"].as_f64()),
        (Some(0.0), Some(0.0))
    );
    assert_eq!(third["s"].as_f64(), Some(0.15));
}

#[test]
fn a_constant_criterion_is_named_and_breaks_no_method() {
    let matrix = "id,x,y\nA1,5,1\nA2,5,2\nA3,5,3\n";
    for method in ["weighted-sum", "topsis", "vikor", "promethee-ii", "spotis"] {
        let rest = "goal = \"max\"\nbounds = [0, 10]";
        let outcome = decide(
            matrix,
            &format!("method = \"{method}\"\n{}", criteria(&["x", "y"], rest)),
        );
        assert_eq!(ranks(&outcome), [Some(3), Some(2), Some(1)], "{method}");
        let warned = outcome
            .warnings
            .iter()
            .any(|warning| warning.code == "constant_criterion" && warning.criterion.as_deref() == Some("x"));
        assert!(warned, "{method}: {:?}", outcome.warnings);
    }
}

#[test]
fn degenerate_matrices_give_answers_without_null_where_a_number_belongs() {
    let matrices = [
        "id,x,y\nA,1,2\n",
        "id,x,y\nA,1,2\nB,1,2\n",
        "id,x,y\nA,0,0\nB,0,0\n",
    ];
    for matrix in matrices {
        for method in ["weighted-sum", "topsis", "vikor", "promethee-ii", "spotis"] {
            let rest = "goal = \"max\"\nbounds = [0, 10]";
            let outcome = decide(
                matrix,
                &format!("method = \"{method}\"\n{}", criteria(&["x", "y"], rest)),
            );
            for alternative in &outcome.alternatives {
                assert_eq!(alternative.rank, Some(1), "{method} {matrix}");
                assert!(alternative.score.is_some_and(f64::is_finite), "{method} {matrix}");
            }
            assert!(!outcome.warnings.is_empty(), "{method} {matrix}");
        }
    }
}

#[test]
fn unknowns_everywhere_rank_nobody_and_say_so() {
    let matrix = "id,x,y\nA,,\nB,,\n";
    for method in ["weighted-sum", "topsis", "vikor", "promethee-ii", "spotis"] {
        let rest = "goal = \"max\"\nbounds = [0, 10]";
        let outcome = decide(
            matrix,
            &format!("method = \"{method}\"\n{}", criteria(&["x", "y"], rest)),
        );
        assert_eq!(ranks(&outcome), [None, None], "{method}");
        let named = outcome
            .warnings
            .iter()
            .filter(|warning| warning.code == "all_unknown")
            .count();
        assert_eq!(named, 2, "{method}");
    }
}

#[test]
fn a_missing_figure_gives_bounds_a_rank_interval_and_a_task() {
    let matrix = "id,x,y,z\nA,1,1,1\nB,0.9,,0.9\nC,0,0,0\n";
    let value = "value = { kind = \"linear\", worst = 0, best = 1 }";
    let model = criteria(&["x", "y", "z"], value);
    let outcome = decide(matrix, &model);
    let b = &outcome.alternatives[1];
    assert_eq!(
        (b.lowest, b.score, b.highest),
        (Some(0.6), Some(0.6), Some(0.933_333_333_333))
    );
    assert_eq!(
        (b.rank, b.too_little_known),
        (Some(2), false),
        "not more than a third"
    );
    assert_eq!(
        (b.best_rank, b.worst_rank),
        (Some(2), Some(2)),
        "0.93 never beats 1"
    );
    let middle = decide(matrix, &format!("[order]\nby = \"middle\"\n{model}"));
    assert_eq!(middle.alternatives[1].score, Some(0.766_666_666_667));
    let matrix = "id,x,y\nA,0.8,0.8\nB,0.9,\nC,0,0\n";
    let outcome = decide(matrix, &criteria(&["x", "y"], value));
    let b = &outcome.alternatives[1];
    assert_eq!((b.best_rank, b.worst_rank), (Some(1), Some(2)));
    assert_eq!(
        (b.rank, b.too_little_known),
        (None, true),
        "half of it is unknown"
    );
    assert_eq!(
        (b.unknown_share, b.find_out.as_slice()),
        (0.5, &["y".to_owned()][..])
    );
    assert_eq!(outcome.collect.len(), 1);
    assert_eq!(
        (
            outcome.collect[0].alternative.as_str(),
            outcome.collect[0].criterion.as_deref().unwrap_or_default()
        ),
        ("B", "y")
    );
    assert!((outcome.collect[0].width - 0.5).abs() < 1e-12);
}

#[test]
fn limits_exclude_with_three_answers() {
    let matrix = "id,x\nA,1\nB,9\nC,\nD,4..6\n";
    let model = format!(
        "{}[[exclusion]]\ncriterion = \"x\"\nat_most = 5\n",
        criteria(&["x"], "value = { kind = \"linear\", worst = 0, best = 10 }")
    );
    let outcome = decide(matrix, &model);
    assert_eq!(
        ranks(&outcome),
        [Some(1), None, None, Some(2)],
        "C has no figure at all, so no score; D may yet be excluded"
    );
    assert_eq!(outcome.alternatives[1].excluded, ["x is not at most 5"]);
    assert_eq!(
        outcome.alternatives[3].excluded,
        ["not known whether x is at most 5"]
    );
    assert_eq!(
        outcome.alternatives[3].score,
        Some(0.4),
        "the lowest of 0.4 to 0.6"
    );
}

#[test]
fn categories_take_their_value_from_a_table() {
    let matrix = "id,tenure\nA,soft\nB,hard\nC,none\n";
    let model = criteria(
        &["tenure"],
        "value = { kind = \"table\", values = { hard = 1, soft = 0.5 } }",
    );
    let outcome = decide(matrix, &model);
    assert_eq!(ranks(&outcome), [Some(2), Some(1), None]);
    assert!(
        outcome
            .warnings
            .iter()
            .any(|warning| warning.code == "category_without_value")
    );
}

#[test]
fn without_a_figure_there_is_no_place_between_the_least_and_the_greatest() {
    // Were A ranked with the lowest value, hiding its figure would also take the foundation from D's.
    let matrix = "id,x,y,z\nA,,9,1\nD,5,6,1\nE,10,0,1\n";
    let outcome = decide(matrix, &criteria(&["x", "y", "z"], "goal = \"max\""));
    assert_eq!(ranks(&outcome), [None, Some(2), Some(1)]);
    assert!(outcome.alternatives[0].too_little_known);
    assert!(
        outcome
            .warnings
            .iter()
            .any(|warning| warning.code == "incomplete_alternatives")
    );
}

/// The same table in units and in tenths of units.
#[test]
fn a_threshold_is_the_same_in_every_unit() {
    let in_units = "id,x,y\nA,0.8,0.3\nB,0.7,0.5\nC,0.1,0.9\nD,0.6,0.4\n";
    let in_tenths = "id,x,y\nA,8,3\nB,7,5\nC,1,9\nD,6,4\n";
    for preference in [
        "kind = \"u-shape\", q = 0.1",
        "kind = \"level\", q = 0.1, p = 0.2",
        "kind = \"linear\", q = 0.1, p = 0.3",
        "kind = \"v-shape\", p = 0.2",
    ] {
        let tenths = preference
            .replace("0.1", "1")
            .replace("0.2", "2")
            .replace("0.3", "3");
        let outcome = |matrix: &str, preference: &str| {
            let rest = format!("goal = \"max\"\npreference = {{ {preference} }}");
            decide(
                matrix,
                &format!("method = \"promethee-ii\"\n{}", criteria(&["x", "y"], &rest)),
            )
        };
        let (fine, coarse) = (outcome(in_units, preference), outcome(in_tenths, &tenths));
        assert_eq!(ranks(&fine), ranks(&coarse), "{preference}");
        let flows = |outcome: &Outcome| -> Vec<Option<f64>> {
            outcome.alternatives.iter().map(|one| one.phi).collect()
        };
        for (fine, coarse) in flows(&fine).into_iter().zip(flows(&coarse)) {
            assert!(
                (fine.expect("has a flow") - coarse.expect("has a flow")).abs() < 1e-9,
                "{preference}"
            );
        }
    }
    let limited = |matrix: &str, limit: &str| {
        let model = criteria(&["x", "y"], "goal = \"max\"");
        let outcome = decide(
            matrix,
            &format!("{model}[[exclusion]]\ncriterion = \"x\"\nat_most = {limit}\n"),
        );
        outcome
            .alternatives
            .iter()
            .filter(|one| one.rank.is_some())
            .count()
    };
    assert_eq!(limited(in_units, "0.7"), limited(in_tenths, "7"));
}

fn places(matrix: &str, model: &str) -> Vec<String> {
    let problems = decide_texts(matrix, model).expect_err("there are mistakes");
    problems.into_iter().map(|problem| problem.place).collect()
}

#[test]
fn every_error_of_both_files_comes_at_once_with_its_place() {
    let matrix = "id,a,a\nA,1,2,3\nA,x,2\n,1,2\nC,nan,3\n";
    let model = "method = \"best\"\n\
        [[criterion]]\nid = \"a\"\nweight = -1\ngoal = \"up\"\n\
        [[criterion]]\nid = \"b\"\nweight = 0\npreference = { kind = \"level\", q = 3, p = 1 }\n";
    let mut found = places(matrix, model);
    found.sort_unstable();
    let expected = [
        "matrix: line 1",
        "matrix: line 2",
        "matrix: line 3",
        "matrix: line 3, column a",
        "matrix: line 4",
        "matrix: line 5, column a",
        "model: criterion[0].goal",
        "model: criterion[0].weight",
        "model: criterion[1].goal",
        "model: criterion[1].preference.p",
        "model: method",
    ];
    assert_eq!(found, expected);
}

#[test]
fn mistakes_that_only_show_together_have_their_place_too() {
    let matrix = "id,a,t\nA,1,x\nB,2,y\n";
    let model = format!(
        "{}[[exclusion]]\ncriterion = \"t\"\nat_most = 1\n",
        criteria(&["a", "t", "z"], "goal = \"max\"")
    );
    assert_eq!(
        places(matrix, &model),
        [
            "model: criterion[1].value",
            "model: criterion[2].id",
            "model: exclusion[0]"
        ]
    );
}

#[test]
fn spotis_without_bounds_is_refused_and_beyond_them_is_said() {
    let matrix = "id,a\nA,1\nB,20\n";
    assert_eq!(
        places(
            matrix,
            &format!("method = \"spotis\"\n{}", criteria(&["a"], "goal = \"max\""))
        ),
        ["model: criterion[0].bounds"]
    );
    let outcome = decide(
        matrix,
        &format!(
            "method = \"spotis\"\n{}",
            criteria(&["a"], "goal = \"max\"\nbounds = [0, 10]")
        ),
    );
    assert_eq!(
        outcome.alternatives[1].score,
        Some(0.0),
        "beyond the ideal is no fault"
    );
    assert_eq!(outcome.warnings[0].code, "beyond_bounds");
}

#[test]
fn what_a_limit_may_yet_exclude_stands_behind_under_every_method() {
    let matrix = "id,x,y,wet\nA,1,1,0\nB,9,9,\nC,8,8,\nD,10,10,5\n";
    for method in ["weighted-sum", "topsis", "vikor", "promethee-ii", "spotis"] {
        let rest = "goal = \"max\"\nbounds = [0, 10]";
        let limit = "[[criterion]]\nid = \"wet\"\nweight = 0\ngoal = \"min\"\nbounds = [0, 10]\n\
            [[exclusion]]\ncriterion = \"wet\"\nat_most = 1\n";
        let model = |order: &str| {
            let head = format!("method = \"{method}\"\n{order}");
            decide(matrix, &format!("{head}{}{limit}", criteria(&["x", "y"], rest)))
        };
        let outcome = model("");
        assert_eq!(ranks(&outcome), [Some(1), Some(2), Some(3), None], "{method}");
        let told = outcome
            .warnings
            .iter()
            .find(|warning| warning.code == "exclusion_undecided");
        assert!(
            told.is_some_and(|told| told.message.starts_with("Of 2 alternatives")),
            "{method}"
        );
        assert_eq!(
            outcome.alternatives[1].excluded,
            ["not known whether wet is at most 1"]
        );
        let by_score = model("[order]\nby = \"middle\"\n");
        assert_eq!(ranks(&by_score), [Some(3), Some(1), Some(2), None], "{method}");
    }
}

#[test]
fn a_limit_that_nobody_can_check_moves_nobody() {
    let matrix = "id,x,wet\nA,1,\nB,9,\n";
    let rest = "goal = \"max\"\nvalue = { kind = \"linear\", worst = 0, best = 10 }";
    let limit = "[[criterion]]\nid = \"wet\"\nweight = 0\ngoal = \"min\"\n[[exclusion]]\ncriterion = \"wet\"\nat_most = 1\n";
    let outcome = decide(matrix, &format!("{}{limit}", criteria(&["x"], rest)));
    assert_eq!(ranks(&outcome), [Some(2), Some(1)]);
    assert_eq!(outcome.alternatives[0].status, Some(RowStatus::Ranked));
    assert!(
        outcome
            .warnings
            .iter()
            .any(|warning| warning.code == "limit_known_nowhere")
    );
    assert!(
        outcome
            .warnings
            .iter()
            .all(|warning| warning.code != "exclusion_undecided")
    );
}
