//! What a place costs: unit costs of the scenario over measured land, and what is not known of it.

use phteah_planning::decision::{Ranking, RowStatus, decide};
use phteah_planning::matrix::{Cell, Column, Matrix, Unknown};
use phteah_planning::scenario::Scenario;

fn scenario(cost: &str) -> Scenario {
    let text = format!(
        r#"
        title = {{ en = "t", km = "t" }}
        [cost]
        {cost}
        [[criterion]]
        id = "cost"
        measure = {{ kind = "cost_per_household" }}
        weight = 1
        value = {{ kind = "linear", worst = 20000, best = 0 }}
        [[criterion]]
        id = "room"
        measure = {{ kind = "capacity" }}
        weight = 2
        value = {{ kind = "linear", worst = 0, best = 100 }}
        [[exclusion]]
        measure = {{ kind = "cost_per_household" }}
        at_most = 9000
        reason = {{ en = "Too dear", km = "ថ្លៃពេក" }}
    "#
    );
    Scenario::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

const NO_DATA: Cell<'static> = Cell::Unknown(Unknown::NoData);

fn ranked(cost: &str) -> Ranking {
    let scenario = scenario(cost);
    let ids = ["priced", "open", "between", "given"].map(String::from);
    let mut matrix = Matrix::new(ids.to_vec()).expect("ids differ");
    let known = |numbers: [f64; 4]| numbers.map(Cell::Known);
    let columns: [(&str, [Cell<'_>; 4]); 4] = [
        ("area", known([1000.0, 1000.0, 1000.0, 1000.0])),
        ("capacity", known([20.0, 20.0, 20.0, 20.0])),
        (
            "land_price",
            [Cell::Known(50.0), NO_DATA, Cell::Interval(50.0, 90.0), NO_DATA],
        ),
        (
            "tenure",
            ["hard_title", "hard_title", "soft_title", "social_land_concession"].map(Cell::Category),
        ),
    ];
    for (name, cells) in columns {
        matrix
            .push(name, Column::from_cells(cells).expect("fits"))
            .expect("fits");
    }
    decide(&scenario, &matrix).expect("decides")
}

#[test]
fn land_preparation_and_house_make_the_cost() {
    let ranking = ranked(
        "preparation_per_m2 = 10\nhouse_per_household = 4000\nbudget_per_household = 6000\n\
         [cost.tenure.social_land_concession]\nland_per_m2 = 0\npreparation_per_m2 = 15\n",
    );
    assert_eq!(
        ranking.cost.as_deref(),
        Some(
            &[
                Some((7000.0, 7000.0)),
                None,
                Some((7000.0, 9000.0)),
                Some((4750.0, 4750.0))
            ][..]
        )
    );
    assert_eq!(
        ranking.status,
        [
            RowStatus::Ranked,
            RowStatus::ExclusionUnknown,
            RowStatus::Ranked,
            RowStatus::Ranked
        ],
        "9,000 is within the limit, an unknown price leaves it open"
    );
    assert_eq!(ranking.row(1).find_out, ["cost"]);
    let codes: Vec<&str> = ranking
        .warnings
        .iter()
        .map(|warning| warning.code.as_str())
        .collect();
    assert!(
        codes.contains(&"over_budget") && codes.contains(&"cost_unknown"),
        "{codes:?}"
    );
}

#[test]
fn what_costs_nothing_is_written_and_not_left_out() {
    let places = |text: &str| {
        let problems = Scenario::parse(text).expect_err("is wrong");
        problems
            .into_iter()
            .map(|problem| problem.place)
            .collect::<Vec<_>>()
    };
    let with = |cost: &str, kind: &str| {
        places(&format!(
            "title = {{ en = \"t\", km = \"t\" }}\n{cost}\n[[criterion]]\nid = \"a\"\nmeasure = {{ kind = \"{kind}\" }}\n\
             weight = 1\nvalue = {{ kind = \"linear\", worst = 1, best = 0 }}\n"
        ))
    };
    assert_eq!(with("", "cost_per_household"), ["criterion[0].measure.kind"]);
    assert_eq!(
        with("[cost]", "area"),
        ["cost.preparation_per_m2", "cost.house_per_household"]
    );
    assert_eq!(
        with(
            "[cost]\npreparation_per_m2 = -1\nhouse_per_household = 0\n[cost.tenure.squatting]\nland_per_m2 = 0",
            "area"
        ),
        ["cost.preparation_per_m2", "cost.tenure.squatting"]
    );
}

#[test]
fn new_unit_costs_need_no_new_measuring() {
    let key = |house: &str| {
        scenario(&format!(
            "preparation_per_m2 = 1\nhouse_per_household = {house}\n"
        ))
        .measure_key()
    };
    assert_eq!(key("4000"), key("5000"));
    let text = scenario(
        "preparation_per_m2 = 1\nhouse_per_household = 2\n[cost.tenure.monastery]\nland_per_m2 = 0\n",
    );
    assert_eq!(
        Scenario::parse(&text.to_toml().expect("serialises")).expect("parses"),
        text
    );
}
