//! The scenario: the default parses and goes round, and every mistake is reported with its place, all at once.

use phteah_planning::problem::Problem;
use phteah_planning::scenario::Scenario;

const DEFAULT: &str = include_str!("../../../geodata/scenarios/default.toml");

fn default() -> Scenario {
    Scenario::parse(DEFAULT).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn problems(text: &str) -> Vec<Problem> {
    Scenario::parse(text).expect_err("this scenario has mistakes")
}

fn places(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.place.as_str()).collect()
}

#[test]
fn the_default_scenario_parses() {
    let scenario = default();
    assert_eq!(scenario.criteria.len(), 13);
    assert_eq!(scenario.exclusions.len(), 4);
    assert_eq!(
        scenario.measures().len(),
        14,
        "two exclusions share a criterion's measure or bring their own"
    );
    let total: f64 = scenario.shares().iter().sum();
    assert!((total - 1.0).abs() < 1e-12);
}

#[test]
fn a_scenario_survives_toml_and_json() {
    let scenario = default();
    let toml = scenario.to_toml().expect("serialises");
    assert_eq!(Scenario::parse(&toml).expect("parses again"), scenario);
    let json = serde_json::to_value(&scenario).expect("serialises");
    assert_eq!(Scenario::from_value(&json).expect("reads again"), scenario);
    let text = json.to_string();
    assert_eq!(
        serde_json::from_str::<Scenario>(&text).expect("deserialises"),
        scenario
    );
}

#[test]
fn sections_left_out_take_the_values_the_default_scenario_shows() {
    let short = r#"
        title = { en = "t", km = "t" }
        [[criterion]]
        id = "area"
        measure = { kind = "area" }
        weight = 1
        value = { kind = "linear", worst = 0, best = 1000 }
    "#;
    let (short, full) = (Scenario::parse(short).expect("is whole"), default());
    assert_eq!(
        (short.sites, short.travel, short.moving),
        (full.sites, full.travel, full.moving)
    );
    assert_eq!(short.criteria[0].label.en, "net area");
}

const FIVE: &str = r#"
    title = { en = "t", km = "t" }
    [[criterion]]
    id = "a"
    measure = { kind = "flood_depth", return_period = 0, statistic = "mean" }
    weight = -1
    value = { kind = "linear", worst = 1, best = 1 }
    [[criterion]]
    id = "b"
    measure = { kind = "slopes" }
    weight = "heavy"
    value = { kind = "linear", worst = 30, best = 0 }
    [[exclusion]]
    criterion = "c"
    at_most = 1
    reason = { en = "r", km = "r" }
"#;

#[test]
fn every_mistake_is_reported_at_once_even_beside_a_type_error() {
    let problems = problems(FIVE);
    let mut places = places(&problems);
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "criterion[0].measure.return_period",
            "criterion[0].value",
            "criterion[0].weight",
            "criterion[1].measure.kind",
            "criterion[1].weight",
            "exclusion[0].criterion",
        ],
        "{problems:#?}"
    );
}

#[test]
fn json_is_held_to_the_same_rules() {
    let toml: toml::Table = FIVE.parse().expect("is TOML");
    let json = serde_json::to_value(toml).expect("is JSON");
    assert_eq!(
        Scenario::from_value(&json).expect_err("has mistakes"),
        problems(FIVE)
    );
}

fn with(line: &str, replacement: &str) -> Vec<Problem> {
    assert!(DEFAULT.contains(line), "{line}");
    problems(&DEFAULT.replacen(line, replacement, 1))
}

#[test]
fn each_mistake_has_its_place_and_says_what_to_do() {
    let cases = [
        (r#"id = "flood_yearly""#, r#"id = "flood_100""#, "criterion[1].id"),
        ("weight = 18", "weight = nan", "criterion[0].weight"),
        ("weight = 18", "", "criterion[0].weight"),
        ("weight = 18", "wieght = 18\nweight = 18", "criterion[0].wieght"),
        (r#"goal = "min""#, r#"goal = "max""#, "criterion[0].goal"),
        ("at_most = 0.5", "at_most = 0.5\nat_least = 1", "exclusion[0]"),
        ("at_most = 0.5", r#"one_of = ["a"]"#, "exclusion[0].one_of"),
        (
            "state_public = 0.0",
            "unknown = 0.0",
            "criterion[10].value.values.unknown",
        ),
        (
            "state_public = 0.0",
            "state_pubic = 0.0",
            "criterion[10].value.values.state_pubic",
        ),
        (
            "state_public = 0.0",
            "state_public = 1.5",
            "criterion[10].value.values.state_public",
        ),
        (r#"method = "weighted-sum""#, r#"method = "electre""#, "method"),
        (
            r#"settlements = "all""#,
            r#"settlements = "some""#,
            "move.settlements",
        ),
        (
            "circulation_share = 0.35",
            "circulation_share = 1.0",
            "sites.circulation_share",
        ),
        (
            r#"["hard_title"]"#,
            r#"["hard_title", "soft_title"]"#,
            "sites.tenures",
        ),
        (r#"["water", "protected"]"#, r#"["lava"]"#, "sites.without[0]"),
        (
            r"points = [[10, 1.0], [30, 0.6], [60, 0.0]]",
            r"points = [[30, 1.0], [10, 0.6], [60, 0.0]]",
            "criterion[5].value.points[1]",
        ),
    ];
    for (line, replacement, place) in cases {
        let problems = with(line, replacement);
        assert_eq!(places(&problems), [place], "{replacement}: {problems:#?}");
    }
}

#[test]
fn weights_that_are_all_zero_are_refused() {
    let zero: String = DEFAULT
        .lines()
        .map(|line| {
            if line.starts_with("weight = ") {
                "weight = 0\n".into()
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    assert_eq!(places(&problems(&zero)), ["criterion"]);
}

#[test]
fn text_that_is_not_toml_names_its_line() {
    assert_eq!(places(&problems("title = 1\nmethod = = 2")), ["line 2"]);
    assert_eq!(places(&problems("")), ["title", "criterion"]);
}

#[test]
fn a_new_weight_needs_no_new_measuring() {
    let (before, mut after) = (default(), default());
    after.criteria[0].weight = 99.0;
    after.title.en = "Another".into();
    after.exclusions.truncate(1);
    after.exclusions.push(before.exclusions[1].clone());
    assert_eq!(before.measure_key(), after.measure_key());
    after.sites.plot_width_m = 5.0;
    assert_ne!(before.measure_key(), after.measure_key());
}

#[test]
fn an_exclusion_that_is_switched_off_is_kept_and_decides_nothing() {
    let text = include_str!("../../../geodata/scenarios/default.toml");
    let off = text.replacen("\n[[exclusion]]\n", "\n[[exclusion]]\noff = true\n", 1);
    let scenario = Scenario::parse(&off).expect("parses");
    assert_eq!(scenario.exclusions.len(), 4);
    assert_eq!(scenario.limits().count(), 3);
    assert!(scenario.exclusions[0].off);
    let again = Scenario::parse(&scenario.to_toml().expect("serialises")).expect("parses again");
    assert_eq!(again, scenario);
    // One that is on says nothing about it: what was sealed before there were switches reads the same.
    let json = serde_json::to_value(default()).expect("serialises");
    assert!(json["exclusion"][0].get("off").is_none());
}

#[test]
fn every_mistake_of_a_scenario_can_be_said_in_other_languages() {
    let text = include_str!("../../../geodata/scenarios/default.toml");
    let broken = [
        FIVE.to_owned(),
        "title = 3".to_owned(),
        "not = [toml".to_owned(),
        text.replacen("\nweight = ", "\nweight = -", 1),
        text.replacen("\n[[criterion]]", "\n[[criterion]]\nfoo = 1\ngoal = \"up\"", 1),
        text.replacen("\nat_most = ", "\nat_most = \"x\" # ", 1),
        text.replacen(
            "\n[[exclusion]]",
            "\n[[exclusion]]\nmeasure = { kind = \"area\" }",
            1,
        ),
        format!(
            "{text}\n[[group]]\nid = \"g\"\nwithin = \"g\"\n[[judgements]]\nof = \"h\"\npairs = [[\"a\", \"a\", 3], 4]\n"
        ),
    ];
    for text in broken {
        for problem in Scenario::parse(&text).expect_err("has mistakes") {
            let said = problem.said.as_ref();
            assert!(said.is_some(), "{problem} has no code");
        }
    }
}
