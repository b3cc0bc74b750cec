//! Weights by levels: groups multiply, people judge in pairs, and every mistake is named with its place.

use phteah_planning::decision::decide;
use phteah_planning::matrix::{Column, Matrix};
use phteah_planning::model::{Model, decide_texts};
use phteah_planning::scenario::Scenario;

/// Four criteria in two groups; `top` holds what weighs the groups, `safety` what weighs flood against slope.
fn scenario_text(top: &str, flood: &str, slope: &str) -> String {
    format!(
        r#"
        title = {{ en = "By levels", km = "តាមថ្នាក់" }}
        method = "weighted-sum"
        {top}
        [[criterion]]
        id = "flood"
        group = "safety"
        measure = {{ kind = "flood_depth", return_period = 100, statistic = "mean" }}
        {flood}
        value = {{ kind = "linear", worst = 1.0, best = 0.0 }}
        [[criterion]]
        id = "slope"
        group = "safety"
        measure = {{ kind = "slope" }}
        {slope}
        value = {{ kind = "linear", worst = 20, best = 0 }}
        [[criterion]]
        id = "school"
        group = "reach"
        measure = {{ kind = "travel_time", service = "primary_school", mode = "walk" }}
        weight = 1
        value = {{ kind = "linear", worst = 60, best = 15 }}
        [[criterion]]
        id = "area"
        measure = {{ kind = "area" }}
        weight = 1
        value = {{ kind = "linear", worst = 0, best = 10000 }}
        "#
    )
}

const GROUPS: &str = "[[group]]\nid = \"safety\"\nweight = 2\n[[group]]\nid = \"reach\"\nweight = 1\n";

fn weights(scenario: &Scenario) -> Vec<f64> {
    scenario
        .criteria
        .iter()
        .map(|criterion| criterion.weight)
        .collect()
}

fn near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found_one, expected_one) in found.iter().zip(expected) {
        assert!(
            (found_one - expected_one).abs() < 1e-9,
            "{found:?} is not {expected:?}"
        );
    }
}

fn problems(text: &str) -> Vec<String> {
    Scenario::parse(text)
        .expect_err("has mistakes")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn weights_of_the_levels_multiply() {
    let scenario = Scenario::parse(&scenario_text(GROUPS, "weight = 3", "weight = 1")).expect("parses");
    // At the top: safety 2, reach 1, area 1.
    near(&weights(&scenario), &[0.5 * 0.75, 0.5 * 0.25, 0.25, 0.25]);
}

#[test]
fn a_group_within_a_group_multiplies_once_more() {
    let groups = "[[group]]\nid = \"place\"\nweight = 3\n[[group]]\nid = \"safety\"\nweight = 1\nwithin = \"place\"\n\
                  [[group]]\nid = \"reach\"\nweight = 1\nwithin = \"place\"\n";
    let scenario = Scenario::parse(&scenario_text(groups, "weight = 1", "weight = 1")).expect("parses");
    near(&weights(&scenario), &[0.1875, 0.1875, 0.375, 0.25]);
}

#[test]
fn a_scenario_by_levels_comes_back_from_toml_and_json_the_same() {
    let scenario = Scenario::parse(&scenario_text(GROUPS, "weight = 3", "weight = 1")).expect("parses");
    let toml = scenario.to_toml().expect("is TOML");
    assert_eq!(Scenario::parse(&toml).expect("parses again"), scenario, "{toml}");
    let json = serde_json::to_value(&scenario).expect("is JSON");
    assert_eq!(Scenario::from_value(&json).expect("reads again"), scenario);
}

#[test]
fn without_levels_nothing_is_said_about_them() {
    let text = scenario_text("", "weight = 3", "weight = 1")
        .replace("group = \"safety\"", "")
        .replace("group = \"reach\"", "");
    let scenario = Scenario::parse(&text).expect("parses");
    near(&weights(&scenario), &[3.0, 1.0, 1.0, 1.0]);
    let json = serde_json::to_value(&scenario).expect("is JSON");
    for key in ["weights", "group", "judgements"] {
        assert!(json.get(key).is_none(), "{key} is there");
    }
}

/// Two people on safety: 4 and 1 give the geometric mean 2, so two thirds and one third.
const JUDGED: &str = "[[judgements]]\nof = \"safety\"\nby = \"planner\"\npairs = [[\"flood\", \"slope\", 4]]\n\
                      [[judgements]]\nof = \"safety\"\nby = \"engineer\"\npairs = [[\"slope\", \"flood\", \"1/1\"]]\n";

fn matrix() -> Matrix {
    let mut matrix = Matrix::new(["s1", "s2"].map(String::from).to_vec()).expect("ids differ");
    let scenario = Scenario::parse(&scenario_text(GROUPS, "weight = 1", "weight = 1")).expect("parses");
    for (measure, numbers) in
        scenario
            .measures()
            .iter()
            .zip([[0.2, 0.4], [1.0, 2.0], [20.0, 30.0], [5e3, 6e3]])
    {
        matrix
            .push(measure.id(), Column::numbers(numbers.to_vec()).expect("finite"))
            .expect("fits");
    }
    matrix
}

fn codes(scenario: &Scenario) -> Vec<(String, String)> {
    let ranking = decide(scenario, &matrix()).expect("decides");
    ranking
        .warnings
        .into_iter()
        .map(|warning| (warning.code, warning.message))
        .collect()
}

#[test]
fn several_people_are_joined_by_geometric_mean_and_their_consensus_is_told() {
    let scenario = Scenario::parse(&scenario_text(&format!("{GROUPS}{JUDGED}"), "", "")).expect("parses");
    near(&weights(&scenario), &[0.5 * 2.0 / 3.0, 0.5 / 3.0, 0.25, 0.25]);
    let told = codes(&scenario);
    let (_, message) = told
        .iter()
        .find(|(code, _)| code == "judged_weights")
        .expect("is told");
    assert!(
        message.contains("people 2") && message.contains("consensus"),
        "{message}"
    );
}

#[test]
fn people_who_differ_are_named_as_such() {
    let apart = JUDGED.replace("\"slope\", 4", "\"slope\", 9").replace("1/1", "9");
    let scenario = Scenario::parse(&scenario_text(&format!("{GROUPS}{apart}"), "", "")).expect("parses");
    near(&weights(&scenario)[..2], &[0.25, 0.25]);
    assert!(codes(&scenario).iter().any(|(code, _)| code == "low_consensus"));
}

#[test]
fn weights_changed_by_hand_are_no_longer_the_judges() {
    let scenario = Scenario::parse(&scenario_text(&format!("{GROUPS}{JUDGED}"), "", "")).expect("parses");
    let mut json = serde_json::to_value(&scenario).expect("is JSON");
    let same = Scenario::from_value(&json).expect("reads");
    assert!(codes(&same).iter().any(|(code, _)| code == "judged_weights"));
    json["criterion"][0]["weight"] = 0.01.into();
    let changed = Scenario::from_value(&json).expect("reads");
    assert!(
        codes(&changed)
            .iter()
            .any(|(code, _)| code == "weights_not_as_judged")
    );
}

#[test]
fn a_person_who_contradicts_themselves_is_told_where() {
    let judged = "[[judgements]]\nby = \"planner\"\npairs = [[\"safety\", \"reach\", 5], [\"reach\", \"area\", 5], [\"safety\", \"area\", \"1/5\"]]\n";
    let groups = GROUPS.replace("weight = 2\n", "").replace("weight = 1\n", "");
    let text = scenario_text(&format!("{groups}{judged}"), "weight = 1", "weight = 1");
    let text = text.replacen("kind = \"area\" }\n        weight = 1", "kind = \"area\" }", 1);
    let scenario = Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let (_, message) = codes(&scenario)
        .into_iter()
        .find(|(code, _)| code == "inconsistent")
        .expect("is told");
    assert!(message.starts_with("planner, on the top level:"), "{message}");
}

#[test]
fn every_mistake_is_named_at_once_with_its_place() {
    let groups = "[[group]]\nid = \"safety\"\nweight = 1\nwithin = \"reach\"\n\
                  [[group]]\nid = \"reach\"\nweight = 1\nwithin = \"safety\"\n\
                  [[group]]\nid = \"area\"\nwithin = \"nowhere\"\n";
    let found = problems(&scenario_text(groups, "weight = 1", "weight = 1"));
    for expected in [
        "group[0].within: the group lies within itself",
        "group[1].within: the group lies within itself",
        "group[2].id: \"area\" is the id of a criterion",
        "group[2].within: there is no group \"nowhere\"; there are safety, reach, area",
    ] {
        assert!(
            found.iter().any(|one| one.starts_with(expected)),
            "{expected} is not in {found:#?}"
        );
    }
}

#[test]
fn judgements_that_do_not_fit_are_named() {
    let judged = "[[judgements]]\nof = \"safety\"\npairs = [[\"flood\", \"school\", 3]]\n\
                  [[judgements]]\nof = \"safety\"\npairs = [[\"flood\", \"slope\", 3]]\n\
                  [[judgements]]\nof = \"cost\"\npairs = []\n";
    let found = problems(&scenario_text(&format!("{GROUPS}{judged}"), "", ""));
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("judgements[1].by: this group was judged before")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("judgements[2].of: there is no group \"cost\"")),
        "{found:#?}"
    );
    let judged = "[[judgements]]\nof = \"safety\"\npairs = [[\"flood\", \"school\", 3]]\n";
    let found = problems(&scenario_text(&format!("{GROUPS}{judged}"), "weight = 2", ""));
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("judgements[0].pairs[0]: school is not a member here")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("criterion[0].weight: comes from the judgements")),
        "{found:#?}"
    );
}

#[test]
fn a_member_without_weight_or_judgement_is_named() {
    let found = problems(&scenario_text(GROUPS, "", "weight = 1"));
    assert_eq!(
        found,
        ["criterion[0].weight: is missing: give a number, or [[judgements]] of its group"]
    );
}

#[test]
fn a_model_for_any_matrix_knows_levels_too() {
    let model = r#"
        method = "weighted-sum"
        [[group]]
        id = "money"
        weight = 1
        [[criterion]]
        id = "price"
        group = "money"
        goal = "min"
        [[criterion]]
        id = "upkeep"
        group = "money"
        goal = "min"
        [[criterion]]
        id = "comfort"
        goal = "max"
        weight = 1
        [[judgements]]
        of = "money"
        pairs = [["price", "upkeep", 3]]
    "#;
    let parsed = Model::parse(model).expect("parses");
    let weights: Vec<f64> = parsed.criteria.iter().map(|criterion| criterion.weight).collect();
    near(&weights, &[0.375, 0.125, 0.5]);
    let outcome =
        decide_texts("id,price,upkeep,comfort\na,1,5,3\nb,2,4,9\nc,3,3,6\n", model).expect("decides");
    assert!(
        outcome
            .warnings
            .iter()
            .any(|warning| warning.code == "judged_weights")
    );
}
