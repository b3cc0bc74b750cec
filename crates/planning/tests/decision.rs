//! Decisions under a scenario: what a ranking says of each site, and the properties that make it trustworthy.
// Exact figures are meant where they are compared exactly.
#![allow(clippy::float_cmp)]

use std::collections::BTreeSet;

use phteah_planning::compare::compare;
use phteah_planning::decision::{Missing, Ranking, RowStatus, decide, decide_without};
use phteah_planning::exclusion::Answer;
use phteah_planning::matrix::{Cell, Column, Matrix, MatrixError, Unknown};
use phteah_planning::methods::Method;
use phteah_planning::robustness::{Contest, Plausible, acceptability};
use phteah_planning::scenario::{Rule, Scenario};
use phteah_planning::text::Text;
use phteah_planning::unknowns::facts::Fact;
use phteah_planning::versus::Versus;
use proptest::prelude::*;

const SCENARIO: &str = r#"
    title = { en = "t", km = "t" }
    [[criterion]]
    id = "flood"
    measure = { kind = "flood_depth", return_period = 100, statistic = "mean" }
    weight = 2
    value = { kind = "linear", worst = 1, best = 0 }
    [[criterion]]
    id = "school"
    measure = { kind = "travel_time", service = "primary_school", mode = "walk" }
    weight = 1
    value = { kind = "piecewise", points = [[10, 1.0], [30, 0.6], [60, 0.0]] }
    [[criterion]]
    id = "tenure"
    measure = { kind = "tenure" }
    weight = 1
    value = { kind = "table", values = { hard_title = 1.0, soft_title = 0.5, monastery = 0.25 } }
    [[exclusion]]
    criterion = "flood"
    at_most = 0.5
    reason = { en = "Too deep", km = "ជ្រៅពេក" }
    [[exclusion]]
    criterion = "school"
    on_network = true
    reason = { en = "No road", km = "គ្មានផ្លូវ" }
"#;

fn scenario() -> Scenario {
    Scenario::parse(SCENARIO).expect("parses")
}

type Site = (&'static str, Cell<'static>, Cell<'static>, Cell<'static>);

fn matrix(scenario: &Scenario, sites: &[Site]) -> Matrix {
    let mut matrix = Matrix::new(sites.iter().map(|site| site.0.to_owned()).collect()).expect("ids differ");
    let columns: [Vec<Cell<'static>>; 3] = [
        sites.iter().map(|site| site.1).collect(),
        sites.iter().map(|site| site.2).collect(),
        sites.iter().map(|site| site.3).collect(),
    ];
    for (measure, cells) in scenario.measures().iter().zip(columns) {
        matrix
            .push(measure.id(), Column::from_cells(cells).expect("fits"))
            .expect("fits");
    }
    matrix
}

const NO_DATA: Cell<'static> = Cell::Unknown(Unknown::NoData);

fn ranked(sites: &[Site]) -> Ranking {
    let scenario = scenario();
    decide(&scenario, &matrix(&scenario, sites)).expect("decides")
}

/// One site of each kind: measured, excluded, partly known, not known at all.
fn one_of_each() -> Ranking {
    ranked(&[
        (
            "good",
            Cell::Known(0.0),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
        (
            "deep",
            Cell::Known(0.75),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
        ("half", Cell::Known(0.5), NO_DATA, Cell::Category("soft_title")),
        (
            "far",
            Cell::Known(0.25),
            Cell::Unknown(Unknown::OffNetwork),
            Cell::Category("monastery"),
        ),
        (
            "maybe",
            Cell::Interval(0.25, 0.75),
            Cell::Unknown(Unknown::Unreachable),
            NO_DATA,
        ),
        ("blank", NO_DATA, NO_DATA, NO_DATA),
    ])
}

#[test]
fn a_ranking_explains_itself() {
    let ranking = one_of_each();
    assert_eq!(
        ranking.score,
        [Some(1.0), None, Some(0.375), None, Some(0.1875), None],
        "what is not known counts with the lowest that it can be"
    );
    assert_eq!(ranking.rank, [Some(1), None, Some(2), None, Some(3), None]);
    let order: Vec<&str> = ranking
        .order
        .iter()
        .map(|row| ranking.ids[*row as usize].as_str())
        .collect();
    assert_eq!(order, ["good", "half", "maybe", "blank", "deep", "far"]);
    let totals = ranking.totals();
    assert_eq!(
        (totals.sites, totals.ranked, totals.excluded, totals.with_unknowns),
        (6, 3, 2, 4)
    );

    assert_eq!(totals.too_little_known, 1);
    let blank = ranking.row(5);
    assert_eq!(
        (blank.too_little_known, blank.unknown_share, blank.find_out),
        (
            true,
            1.0,
            ["flood", "school", "tenure"].map(String::from).to_vec()
        )
    );

    let half = ranking.row(2);
    assert_eq!(
        (half.too_little_known, half.unknown_share, half.find_out),
        (false, 0.25, vec!["school".to_owned()])
    );
    assert_eq!(
        (half.lowest, half.highest, half.status),
        (0.375, 0.625, RowStatus::ExclusionUnknown)
    );
    assert_eq!(half.criteria[1].unknown, Some(Unknown::NoData));
    assert_eq!(
        (half.criteria[1].value, half.criteria[1].contribution),
        (None, None)
    );
    assert_eq!(
        (half.criteria[0].raw, half.criteria[0].contribution),
        (Some(0.5), Some(0.25))
    );
    assert_eq!(half.criteria[2].category.as_deref(), Some("soft_title"));
}

#[test]
fn what_is_known_within_bounds_and_what_excludes_is_explained() {
    let ranking = one_of_each();
    let maybe = ranking.row(4);
    assert_eq!(
        (
            maybe.criteria[0].low,
            maybe.criteria[0].high,
            maybe.criteria[0].value
        ),
        (Some(0.25), Some(0.75), Some(0.25))
    );
    assert_eq!(
        (maybe.criteria[1].unknown, maybe.criteria[1].value),
        (Some(Unknown::Unreachable), Some(0.0)),
        "that no school is reached is known, and worst"
    );
    assert_eq!((maybe.lowest, maybe.highest), (0.1875, 0.625));
    let answers: Vec<(&str, Answer)> = maybe
        .excluded
        .iter()
        .map(|one| (one.exclusion.as_str(), one.answer))
        .collect();
    assert_eq!(
        answers,
        [("flood_at_most", Answer::Unknown)],
        "unreachable is on the network"
    );
    assert!(maybe.excluded[0].text.en.starts_with("Not known"));

    assert_eq!(ranking.row(1).excluded[0].text.km, "ជ្រៅពេក");
    assert_eq!(ranking.row(3).excluded[0].text.en, "No road");
    assert_eq!(ranking.exclusions[0].count(Answer::Fail), 1);
    assert_eq!(
        ranking.criteria[2].unknown_value, 0.25,
        "the least that the table can give"
    );
}

#[test]
fn rank_intervals_say_what_missing_facts_can_still_change() {
    let ranking = ranked(&[
        (
            "sure",
            Cell::Known(0.25),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
        ("open", Cell::Known(0.0), NO_DATA, Cell::Category("hard_title")),
        (
            "low",
            Cell::Known(0.5),
            Cell::Known(60.0),
            Cell::Category("monastery"),
        ),
    ]);
    let interval = |row: usize| ranking.standing[row].map(|standing| (standing.best, standing.worst));
    assert_eq!(interval(0), Some((1, 2)));
    assert_eq!(
        interval(1),
        Some((1, 3)),
        "third until a road is found, though worth more"
    );
    assert_eq!(
        interval(2),
        Some((2, 3)),
        "nobody knows yet whether a road leads to the open one"
    );
    let facts = ranking.facts(10, 10);
    let asked = |fact: &Fact| {
        (
            fact.alternative.clone(),
            fact.criterion.clone(),
            fact.exclusion.clone(),
        )
    };
    let open = |criterion: Option<&str>, exclusion: Option<&str>| {
        (
            "open".to_owned(),
            criterion.map(String::from),
            exclusion.map(String::from),
        )
    };
    assert_eq!(
        facts.iter().map(asked).collect::<Vec<_>>(),
        [open(None, Some("school_on_network")), open(Some("school"), None)],
        "whether a road leads there at all settles more than how long the walk is"
    );
}

#[test]
fn an_open_exclusion_far_from_the_top_is_not_worth_a_visit() {
    let ranking = ranked(&[
        (
            "first",
            Cell::Known(0.0),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
        ("last", Cell::Known(0.45), NO_DATA, Cell::Category("monastery")),
    ]);
    assert_eq!(ranking.facts(1, 10), []);
    assert!(!ranking.facts(2, 10).is_empty());
}

#[test]
fn warnings_name_their_criterion() {
    let ranking = ranked(&[
        ("a", Cell::Known(0.1), NO_DATA, Cell::Category("freehold")),
        ("b", Cell::Known(0.1), NO_DATA, Cell::Category("hard_title")),
    ]);
    let mut warned: Vec<(&str, Option<&str>)> = ranking
        .warnings
        .iter()
        .map(|warning| (warning.code.as_str(), warning.criterion.as_deref()))
        .collect();
    warned.sort_unstable();
    assert_eq!(
        warned,
        [
            ("all_unknown", Some("school")),
            ("category_without_value", Some("tenure")),
            ("constant_criterion", Some("flood")),
            ("limit_known_nowhere", None),
            ("too_little_known", None),
        ]
    );
    assert_eq!(ranked(&[]).warnings[0].code, "no_alternatives");
}

#[test]
fn every_method_runs_on_a_scenario() {
    let sites: [Site; 4] = [
        (
            "a",
            Cell::Known(0.0),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
        ("b", Cell::Known(0.1), NO_DATA, Cell::Category("soft_title")),
        (
            "c",
            Cell::Known(0.4),
            Cell::Known(60.0),
            Cell::Category("monastery"),
        ),
        (
            "d",
            Cell::Known(0.9),
            Cell::Known(5.0),
            Cell::Category("hard_title"),
        ),
    ];
    for method in Method::ALL {
        let mut scenario = scenario();
        scenario.method = *method;
        let ranking = decide(&scenario, &matrix(&scenario, &sites)).expect("decides");
        assert_eq!(
            ranking.rank,
            [Some(1), Some(3), Some(2), None],
            "{method}: b is on no known road"
        );
        assert!(
            ranking
                .score
                .iter()
                .flatten()
                .all(|score| (0.0..=1.0).contains(score)),
            "{method}"
        );
        let again = Scenario::parse(&scenario.to_toml().expect("serialises")).expect("parses");
        assert_eq!(again.method, *method);
    }
    let comparison = compare(&ranked(&sites), Method::ALL, 1);
    assert_eq!(comparison.lead_everywhere, [0]);
    assert!(comparison.parting.is_empty());
}

#[test]
fn the_planner_chooses_what_an_unknown_fact_counts() {
    let sites: [Site; 2] = [
        (
            "known",
            Cell::Known(0.3),
            Cell::Known(30.0),
            Cell::Category("soft_title"),
        ),
        ("open", Cell::Known(0.2), NO_DATA, Cell::Category("hard_title")),
    ];
    let under = |order: &str| {
        let text = SCENARIO.replacen("[[criterion]]", &format!("[order]\n{order}\n[[criterion]]"), 1);
        let scenario = Scenario::parse(&text).expect("parses");
        assert_eq!(
            Scenario::parse(&scenario.to_toml().expect("serialises")).expect("parses"),
            scenario
        );
        decide(&scenario, &matrix(&scenario, &sites)).expect("decides")
    };
    // known: 0.35 + 0.15 + 0.125; open: 0.4 + 0..0.25 + 0.25.
    assert_eq!(under("by = \"lowest\"").score, [Some(0.625), Some(0.65)]);
    assert_eq!(under("by = \"middle\"").score, [Some(0.625), Some(0.775)]);
    assert_eq!(
        under("by = \"hurwicz\"\nalpha = 0.2").score,
        [Some(0.625), Some(0.7)]
    );
    assert_eq!(
        under("apart_above = 0.2").score,
        [Some(0.625), None],
        "a quarter of its weight is unknown"
    );
    assert_eq!(
        under("apart_above = 0.25").score,
        [Some(0.625), Some(0.65)],
        "not more than the share"
    );
    let places = |order: &str| {
        let text = SCENARIO.replacen("[[criterion]]", &format!("[order]\n{order}\n[[criterion]]"), 1);
        let problems = Scenario::parse(&text).expect_err("is wrong");
        problems
            .into_iter()
            .map(|problem| problem.place)
            .collect::<Vec<_>>()
    };
    assert_eq!(places("by = \"hurwicz\""), ["order.alpha"]);
    assert_eq!(places("by = \"lowest\"\nalpha = 0.5"), ["order.alpha"]);
    assert_eq!(
        places("by = \"best\"\napart_above = 2"),
        ["order.by", "order.apart_above"]
    );
}

#[test]
fn a_layer_that_is_missing_makes_no_site_too_little_known() {
    let sites: [Site; 2] = [
        ("a", NO_DATA, Cell::Known(10.0), Cell::Category("hard_title")),
        ("b", NO_DATA, Cell::Known(20.0), NO_DATA),
    ];
    let scenario = scenario();
    let matrix = matrix(&scenario, &sites);
    let without = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let missing = Missing {
            without_layer: names,
            ..Missing::default()
        };
        decide_without(&scenario, &matrix, &missing).expect("decides")
    };
    assert_eq!(without(&[]).rank, [None, None], "half of the weight is unknown");
    let ranking = without(&["flood_depth_rp100_mean"]);
    assert_eq!(ranking.unknown_share, [0.0, 0.5], "of what is left");
    assert_eq!(ranking.rank, [Some(1), None]);
    assert_eq!(
        ranking.highest,
        [1.0, 1.0 - 0.25 * 0.2],
        "the bounds still tell of it"
    );
}

/// Of two sites with the same cells but one, the one of which it is not known whether it floods too deep stands behind.
fn undecided(rule: Rule, ids_of_best_first: [&str; 4]) -> Ranking {
    let mut scenario = scenario();
    scenario.order.rule = rule;
    let titled = Cell::Category("hard_title");
    let sites: [Site; 4] = [
        ("plain", Cell::Known(0.4), Cell::Known(60.0), titled),
        ("shiny", Cell::Interval(0.1, 0.6), Cell::Known(0.0), titled),
        ("dull", Cell::Interval(0.1, 0.6), Cell::Known(35.0), titled),
        ("deep", Cell::Known(0.7), Cell::Known(0.0), titled),
    ];
    let ranking = decide(&scenario, &matrix(&scenario, &sites)).expect("decides");
    let order: Vec<&str> = ranking
        .order
        .iter()
        .map(|row| ranking.ids[*row as usize].as_str())
        .collect();
    assert_eq!(order, ids_of_best_first);
    ranking
}

#[test]
fn what_may_yet_be_excluded_stands_behind_what_passes_for_certain() {
    let ranking = undecided(Rule::Lowest, ["plain", "shiny", "dull", "deep"]);
    assert_eq!(ranking.rank, [Some(1), Some(2), Some(3), None]);
    assert!(ranking.score[1] > ranking.score[0], "although it is worth more");
    assert!(ranking.is_behind(1) && !ranking.is_behind(0));
    let told = ranking
        .warnings
        .iter()
        .find(|warning| warning.code == "exclusion_undecided");
    assert!(told.expect("is told").message.contains("Of 2 sites"));
    let row = ranking.row(1);
    assert_eq!((row.excluded.len(), row.excluded[0].answer), (1, Answer::Unknown));
    let standing = ranking.standing[1].expect("is ranked");
    assert_eq!(
        (standing.best, standing.worst),
        (1, 2),
        "found to pass, it comes first"
    );

    // What decides most is worth finding out first, although the site does not stand at the top.
    let facts = ranking.facts(1, 3);
    let first: Vec<_> = facts
        .iter()
        .map(|fact| (fact.alternative.as_str(), fact.exclusion.as_deref(), fact.settles))
        .collect();
    assert_eq!(
        first,
        [
            ("dull", Some("flood_at_most"), 1.0),
            ("shiny", Some("flood_at_most"), 1.0)
        ]
    );

    let versus = Versus::of(&ranking, 1, 0);
    assert_eq!((versus.ahead, versus.behind, versus.undecided), (0, 1, true));
    assert_eq!(versus.swap, None, "no weights bring it before");
    assert_eq!(Contest::of(&ranking).swap(0, 1), None);
    let names = (Text::new("plain", "ក"), Text::new("shiny", "ខ"));
    let words = versus.in_words(&ranking, (&names.0, &names.1));
    assert!(
        words
            .en
            .starts_with("plain stands before shiny, which a limit may yet exclude"),
        "{}",
        words.en
    );

    let drawn = acceptability(&ranking, Plausible::Uniform, 3, 7).expect("is ranked");
    assert_eq!(drawn.among_first(0, 1), Some(1.0), "under any weights");
    let methods = compare(&ranking, &[Method::WeightedSum, Method::Spotis], 1);
    assert_eq!(methods.lead_everywhere, [0]);
}

#[test]
fn by_another_rule_the_score_alone_orders() {
    for rule in [Rule::Middle, Rule::Hurwicz { alpha: 0.0 }] {
        let ranking = undecided(rule, ["shiny", "dull", "plain", "deep"]);
        assert!(
            ranking
                .warnings
                .iter()
                .all(|warning| warning.code != "exclusion_undecided")
        );
        assert_eq!(ranking.status[1], RowStatus::ExclusionUnknown);
    }
}

/// A limit that nobody can check moves nobody, and another one does all the same.
#[test]
fn a_limit_that_is_known_nowhere_parts_nobody() {
    let titled = Cell::Category("hard_title");
    let sites: [Site; 3] = [
        ("near", NO_DATA, Cell::Known(40.0), titled),
        ("nearest", NO_DATA, Cell::Known(0.0), titled),
        ("unclear", NO_DATA, NO_DATA, titled),
    ];
    let mut scenario = scenario();
    scenario.order.apart_above = 1.0;
    let matrix = matrix(&scenario, &sites);
    let missing = Missing::of(&matrix, BTreeSet::new());
    assert_eq!(
        missing.unknown_everywhere.iter().collect::<Vec<_>>(),
        ["flood_depth_rp100_mean"]
    );
    let ranking = decide_without(&scenario, &matrix, &missing).expect("decides");
    assert_eq!(
        ranking.status,
        [RowStatus::Ranked, RowStatus::Ranked, RowStatus::ExclusionUnknown]
    );
    assert_eq!(ranking.rank, [Some(2), Some(1), Some(3)]);
    let told = ranking
        .warnings
        .iter()
        .find(|warning| warning.code == "limit_known_nowhere");
    assert!(told.expect("is told").message.contains("not known for any site"));
    assert_eq!(ranking.row(0).excluded.len(), 1, "the row still says so");
    assert_eq!(
        ranking.standing[0].map(|standing| standing.best),
        Some(1),
        "each may yet drop out"
    );
}

#[test]
fn no_way_at_all_keeps_no_limit_on_time() {
    let text = SCENARIO.replace("on_network = true", "at_most = 45");
    let scenario = Scenario::parse(&text).expect("parses");
    let sites: [Site; 3] = [
        (
            "cut_off",
            Cell::Known(0.0),
            Cell::Unknown(Unknown::Unreachable),
            Cell::Category("hard_title"),
        ),
        ("open", Cell::Known(0.0), NO_DATA, Cell::Category("hard_title")),
        (
            "near",
            Cell::Known(0.0),
            Cell::Known(15.0 + 30.0),
            Cell::Category("hard_title"),
        ),
    ];
    let ranking = decide(&scenario, &matrix(&scenario, &sites)).expect("decides");
    assert_eq!(
        ranking.status,
        [
            RowStatus::Excluded,
            RowStatus::ExclusionUnknown,
            RowStatus::Ranked
        ]
    );
}

#[test]
fn rounding_moves_no_site_across_a_limit() {
    let text = SCENARIO.replace("at_most = 0.5", "at_most = 0.3");
    let scenario = Scenario::parse(&text).expect("parses");
    let sites: [Site; 2] = [
        (
            "sum",
            Cell::Known(0.1 + 0.2),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
        (
            "above",
            Cell::Known(0.301),
            Cell::Known(10.0),
            Cell::Category("hard_title"),
        ),
    ];
    let ranking = decide(&scenario, &matrix(&scenario, &sites)).expect("decides");
    assert_eq!(ranking.status, [RowStatus::Ranked, RowStatus::Excluded]);
}

#[test]
fn methods_part_over_a_site_with_one_very_weak_point() {
    let text = r#"
        title = { en = "t", km = "t" }
        [[criterion]]
        id = "x"
        measure = { kind = "area" }
        weight = 1
        value = { kind = "linear", worst = 0, best = 1 }
        [[criterion]]
        id = "y"
        measure = { kind = "slope" }
        weight = 1
        value = { kind = "linear", worst = 0, best = 1 }
    "#;
    let scenario = Scenario::parse(text).expect("parses");
    let mut matrix = Matrix::new(["uneven", "even", "other"].map(String::from).to_vec()).expect("ids differ");
    matrix
        .push("area", Column::numbers(vec![1.0, 0.5, 0.0]).expect("finite"))
        .expect("fits");
    matrix
        .push("slope", Column::numbers(vec![0.05, 0.5, 1.0]).expect("finite"))
        .expect("fits");
    let ranking = decide(&scenario, &matrix).expect("decides");
    let comparison = compare(&ranking, &[Method::WeightedSum, Method::Vikor { v: 0.0 }], 1);
    assert!(comparison.lead_everywhere.is_empty());
    let uneven = comparison
        .parting
        .iter()
        .find(|parting| parting.id == "uneven")
        .expect("the methods part over it");
    assert_eq!(
        (uneven.best.0.as_str(), uneven.worst.0.as_str()),
        ("weighted-sum", "vikor")
    );
    assert_eq!((uneven.weakest.as_str(), uneven.strongest.as_str()), ("y", "x"));
    assert!(uneven.why.en.contains("veto") && !uneven.why.km.is_empty());

    let contest = Contest::of(&ranking);
    let swap = contest.swap(0, 2).expect("can swap");
    assert!((swap.weights[0] * 0.95 - swap.weights[1] * 0.95 + swap.weights[1] * 0.0).abs() < 0.05);
    assert_eq!(contest.front(), [0, 1, 2]);
}

#[test]
fn a_matrix_that_does_not_fit_is_refused_column_by_column() {
    let scenario = scenario();
    let mut matrix = Matrix::new(vec!["a".into()]).expect("ids differ");
    matrix
        .push("tenure", Column::numbers(vec![1.0]).expect("finite"))
        .expect("fits");
    let problems = decide(&scenario, &matrix).expect_err("does not fit");
    let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(
        places,
        [
            "flood_depth_rp100_mean",
            "travel_time_walk_primary_school",
            "tenure"
        ]
    );
}

#[test]
fn no_matrix_holds_what_is_no_number() {
    assert_eq!(
        Column::numbers(vec![1.0, f64::NAN]),
        Err(MatrixError::NotFinite { row: 1 })
    );
    assert_eq!(
        Column::from_cells([Cell::Known(f64::INFINITY)]),
        Err(MatrixError::NotFinite { row: 0 })
    );
    assert_eq!(
        Column::from_cells([Cell::Interval(2.0, 1.0)]),
        Err(MatrixError::Backwards { row: 0 })
    );
    let mixed = Column::from_cells([Cell::Known(1.0), Cell::Category("a")]);
    assert_eq!(mixed, Err(MatrixError::Mixed { row: 0 }));
    let twice = Matrix::new(vec!["a".into(), "a".into()]);
    assert_eq!(
        twice,
        Err(MatrixError::DuplicateId {
            row: 1,
            id: "a".into()
        })
    );
    let mut matrix = Matrix::new(vec!["a".into()]).expect("ids differ");
    let long = matrix.push("x", Column::numbers(vec![1.0, 2.0]).expect("finite"));
    assert!(matches!(long, Err(MatrixError::Length { .. })));
}

fn any_site() -> impl Strategy<Value = (Cell<'static>, Cell<'static>, Cell<'static>)> {
    let unknown = prop_oneof![
        Just(Unknown::NoData),
        Just(Unknown::Unreachable),
        Just(Unknown::OffNetwork)
    ];
    let number = |most: f64| {
        prop_oneof![
            4 => (0.0..most).prop_map(Cell::Known),
            1 => (0.0..most, 0.0..most).prop_map(|(a, b)| Cell::Interval(a.min(b), a.max(b))),
            1 => unknown.clone().prop_map(Cell::Unknown),
        ]
    };
    let tenure = prop_oneof![
        3 => prop::sample::select(vec!["hard_title", "soft_title", "monastery"]).prop_map(Cell::Category),
        1 => Just(NO_DATA),
    ];
    (number(0.8), number(90.0), tenure)
}

const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

fn any_sites() -> impl Strategy<Value = Vec<Site>> {
    prop::collection::vec(any_site(), 1..=NAMES.len()).prop_map(|sites| {
        sites
            .into_iter()
            .zip(NAMES)
            .map(|((a, b, c), name)| (name, a, b, c))
            .collect()
    })
}

/// Id, score and rank of every site, by id.
fn by_id(ranking: &Ranking) -> Vec<(String, Option<f64>, Option<u32>)> {
    let mut all: Vec<_> = (0..ranking.ids.len())
        .map(|row| (ranking.ids[row].clone(), ranking.score[row], ranking.rank[row]))
        .collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    all
}

proptest! {
    #[test]
    fn removing_a_site_never_reorders_the_others(sites in any_sites(), index: prop::sample::Index) {
        let whole = ranked(&sites);
        let gone = index.index(sites.len());
        let mut fewer = sites.clone();
        fewer.remove(gone);
        let fewer = ranked(&fewer);
        let name = |ranking: &Ranking, row: u32| ranking.ids[row as usize].clone();
        let before: Vec<String> = whole.order.iter().map(|row| name(&whole, *row)).filter(|id| id != sites[gone].0).collect();
        let after: Vec<String> = fewer.order.iter().map(|row| name(&fewer, *row)).collect();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_score_lies_between_its_bounds_and_a_rank_in_its_interval(sites in any_sites()) {
        let ranking = ranked(&sites);
        for row in 0..sites.len() {
            prop_assert!(0.0 <= ranking.lowest[row] && ranking.lowest[row] <= ranking.highest[row] && ranking.highest[row] <= 1.0);
            if let Some(score) = ranking.score[row] {
                prop_assert!(ranking.lowest[row] - 1e-12 <= score && score <= ranking.highest[row] + 1e-12);
            }
            prop_assert_eq!(ranking.score[row].is_some(), ranking.rank[row].is_some());
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(sites in any_sites().prop_shuffle()) {
        let mut sorted = sites.clone();
        sorted.sort_by_key(|site| site.0);
        prop_assert_eq!(by_id(&ranked(&sites)), by_id(&ranked(&sorted)));
    }

    #[test]
    fn ranks_share_the_better_place(sites in any_sites()) {
        let ranking = ranked(&sites);
        for (row, (score, rank)) in ranking.score.iter().zip(&ranking.rank).enumerate() {
            let before = |other: &usize| {
                let own_group = ranking.is_behind(*other) == ranking.is_behind(row);
                let scored = ranking.score[*other].is_some();
                scored && if own_group { ranking.score[*other] > *score } else { ranking.is_behind(row) }
            };
            let better = (0..sites.len()).filter(before).count();
            prop_assert_eq!(*rank, score.map(|_| better as u32 + 1));
        }
    }

    #[test]
    fn filling_in_a_missing_fact_never_widens_anything(sites in any_sites(), found in 0.0..90.0_f64, index: prop::sample::Index) {
        let at = index.index(sites.len());
        let mut sites = sites;
        sites[at].2 = NO_DATA;
        let before = ranked(&sites);
        let mut filled = sites.clone();
        filled[at].2 = Cell::Known(found);
        let after = ranked(&filled);
        prop_assert!(after.lowest[at] >= before.lowest[at] && after.highest[at] <= before.highest[at]);
    }

    /// Whatever the method and the fact, also one on which an exclusion rests: who loses it comes before nobody who passes
    /// for certain and stood before it.
    #[test]
    fn losing_a_fact_lifts_no_site_above_one_that_passes_for_certain(sites in any_sites(), index: prop::sample::Index, cell in 0..3_usize) {
        let at = index.index(sites.len());
        let mut fewer = sites.clone();
        match cell {
            0 => fewer[at].1 = NO_DATA,
            1 => fewer[at].2 = NO_DATA,
            _ => fewer[at].3 = NO_DATA,
        }
        for method in Method::ALL {
            let mut scenario = scenario();
            scenario.method = *method;
            let ranking = |sites: &[Site]| decide(&scenario, &matrix(&scenario, sites)).expect("decides");
            let (before, after) = (ranking(&sites), ranking(&fewer));
            let rank = |ranking: &Ranking, row: usize| ranking.rank[row].unwrap_or(u32::MAX);
            for other in (0..sites.len()).filter(|other| *other != at && after.status[*other] == RowStatus::Ranked) {
                let stood_before = rank(&before, at) >= rank(&before, other);
                let Some(place) = after.rank[other] else { continue };
                prop_assert!(!stood_before || rank(&after, at) >= place, "{}: {} before {}", method, sites[at].0, sites[other].0);
            }
        }
    }

    /// Whatever the method: who loses a fact gains no place. (An excluded site has none to begin with.)
    #[test]
    fn losing_a_fact_never_lifts_a_site(sites in any_sites(), index: prop::sample::Index, cell in 0..3_usize) {
        let at = index.index(sites.len());
        let mut fewer = sites.clone();
        match cell {
            0 => fewer[at].1 = NO_DATA,
            1 => fewer[at].2 = NO_DATA,
            _ => fewer[at].3 = NO_DATA,
        }
        for method in Method::ALL {
            let mut scenario = scenario();
            scenario.method = *method;
            let place = |sites: &[Site]| {
                let ranking = decide(&scenario, &matrix(&scenario, sites)).expect("decides");
                (ranking.status[at], ranking.rank[at].unwrap_or(u32::MAX))
            };
            let ((status, before), (_, after)) = (place(&sites), place(&fewer));
            if status != RowStatus::Excluded {
                prop_assert!(after >= before, "{}: from {} to {}", method, before, after);
            }
        }
    }

    #[test]
    fn where_everything_is_known_every_rule_gives_the_same(sites in any_sites(), alpha in 0.0..=1.0_f64) {
        let known: Vec<Site> = sites
            .into_iter()
            .filter(|site| {
                let exact = |cell: &Cell<'_>| matches!(cell, Cell::Known(_) | Cell::Category(_));
                exact(&site.1) && exact(&site.2) && exact(&site.3)
            })
            .collect();
        for method in Method::ALL {
            let by = |rule: Rule| {
                let mut scenario = scenario();
                (scenario.method, scenario.order.rule) = (*method, rule);
                decide(&scenario, &matrix(&scenario, &known)).expect("decides").rank
            };
            prop_assert_eq!(by(Rule::Lowest), by(Rule::Middle));
            prop_assert_eq!(by(Rule::Lowest), by(Rule::Hurwicz { alpha }));
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits(sites in any_sites()) {
        let on = |threads: usize| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("starts").install(|| ranked(&sites))
        };
        prop_assert_eq!(on(1), on(4));
    }

    #[test]
    fn every_method_gives_finite_scores_on_anything(sites in any_sites()) {
        for method in Method::ALL {
            let mut scenario = scenario();
            scenario.method = *method;
            let ranking = decide(&scenario, &matrix(&scenario, &sites)).expect("decides");
            prop_assert!(ranking.score.iter().flatten().all(|score| (-1e-9..=1.0 + 1e-9).contains(score)), "{}", method);
        }
    }
}
