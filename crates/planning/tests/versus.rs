//! Two sites head to head, worked out by hand, and how sure a ranking is, in words.

use phteah_planning::decision::{Ranking, decide};
use phteah_planning::matrix::{Cell, Column, Matrix, Unknown};
use phteah_planning::robustness::{Plausible, acceptability};
use phteah_planning::scenario::Scenario;
use phteah_planning::text::Text;
use phteah_planning::versus::Versus;

const SCENARIO: &str = r#"
    title = { en = "t", km = "t" }
    [[criterion]]
    id = "flood"
    label = { en = "Flood", km = "ទឹកជំនន់" }
    measure = { kind = "flood_depth", return_period = 100, statistic = "mean" }
    weight = 3
    value = { kind = "linear", worst = 1, best = 0 }
    [[criterion]]
    id = "school"
    label = { en = "School", km = "សាលា" }
    measure = { kind = "travel_time", service = "primary_school", mode = "walk" }
    weight = 1
    value = { kind = "linear", worst = 60, best = 0 }
    [[criterion]]
    id = "price"
    label = { en = "Price", km = "តម្លៃ" }
    measure = { kind = "land_price" }
    weight = 0
    value = { kind = "linear", worst = 100, best = 0 }
    [[exclusion]]
    criterion = "flood"
    at_most = 0.9
    reason = { en = "Too deep", km = "ជ្រៅពេក" }
"#;

fn ranked(sites: &[(&str, Cell<'static>, f64, f64)]) -> Ranking {
    let scenario = Scenario::parse(SCENARIO).expect("parses");
    let mut matrix = Matrix::new(sites.iter().map(|site| site.0.to_owned()).collect()).expect("ids differ");
    let columns = [
        Column::from_cells(sites.iter().map(|site| site.1)),
        Column::numbers(sites.iter().map(|site| site.2).collect()),
        Column::numbers(sites.iter().map(|site| site.3).collect()),
    ];
    for (measure, column) in scenario.measures().iter().zip(columns) {
        matrix.push(measure.id(), column.expect("fits")).expect("fits");
    }
    decide(&scenario, &matrix).expect("decides")
}

fn words(ranking: &Ranking, versus: &Versus) -> Text {
    let name = |row: usize| Text::new(ranking.ids[row].to_uppercase(), ranking.ids[row].clone());
    versus.in_words(ranking, (&name(versus.ahead), &name(versus.behind)))
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
}

#[test]
fn leads_add_up_and_the_swap_is_where_they_tie() {
    // Values: a 0.8 and 0.5, b 0.6 and 1.0; scores 0.725 and 0.7. They tie where flood weighs 5/7.
    let ranking = ranked(&[
        ("b", Cell::Known(0.4), 0.0, 0.0),
        ("a", Cell::Known(0.2), 30.0, 100.0),
    ]);
    let versus = Versus::of(&ranking, 0, 1);
    assert_eq!((versus.ahead, versus.behind), (1, 0));
    near(versus.difference.expect("both ranked"), 0.025);
    assert_eq!(
        (versus.ahead_by[0].criterion, versus.behind_by[0].criterion),
        (0, 1)
    );
    near(versus.ahead_by[0].difference, 0.15);
    near(versus.behind_by[0].difference, 0.125);
    let swap = versus.swap.as_ref().expect("can be swapped");
    near(swap.weights[0], 5.0 / 7.0);
    near(swap.weights[1], 2.0 / 7.0);
    // Price is switched off and stays so, although b would win by it.
    near(swap.weights[2], 0.0);
    let text = words(&ranking, &versus);
    assert_eq!(
        text.en,
        "A is ahead by Flood, B by School. Lowering Flood from 75 to 71.4% of the weight swaps them."
    );
    assert!(
        text.km.contains("ទឹកជំនន់") && text.km.contains("71.4%"),
        "{}",
        text.km
    );
    assert_eq!(Versus::of(&ranking, 1, 0), versus);
}

#[test]
fn who_is_better_throughout_is_never_overtaken() {
    let ranking = ranked(&[
        ("a", Cell::Known(0.1), 10.0, 0.0),
        ("b", Cell::Known(0.2), 20.0, 0.0),
    ]);
    let versus = Versus::of(&ranking, 0, 1);
    assert_eq!(versus.swap, None);
    assert_eq!(
        words(&ranking, &versus).en,
        "A is at least as good in everything, and ahead by Flood and School. No other weights would change that."
    );
}

#[test]
fn a_site_without_a_rank_is_compared_by_its_reason() {
    let ranking = ranked(&[
        ("deep", Cell::Known(1.0), 0.0, 0.0),
        ("far", Cell::Known(0.5), 60.0, 0.0),
    ]);
    let versus = Versus::of(&ranking, 0, 1);
    assert_eq!((versus.ahead, versus.difference, &versus.swap), (1, None, &None));
    assert!(
        words(&ranking, &versus)
            .en
            .starts_with("DEEP has no rank: Too deep")
    );
}

#[test]
fn equals_are_level() {
    let ranking = ranked(&[
        ("a", Cell::Known(0.5), 6.0, 0.0),
        ("b", Cell::Known(0.5), 6.0, 9.0),
    ]);
    assert_eq!(
        words(&ranking, &Versus::of(&ranking, 0, 1)).en,
        "A and B are level."
    );
}

#[test]
fn plausible_weightings_say_who_stays_first() {
    let unknown = Cell::Unknown(Unknown::NoData);
    let ranking = ranked(&[
        ("a", Cell::Known(0.0), 30.0, 0.0),
        ("b", Cell::Known(0.5), 0.0, 0.0),
        ("c", unknown, 60.0, 0.0),
        ("deep", Cell::Known(1.0), 0.0, 0.0),
    ]);
    let found = |plausible| acceptability(&ranking, plausible, 2, 7).expect("runs");
    // Of all weights a wins where flood weighs more than half: half of them; with flood before school it always does.
    let share = |plausible| found(plausible).among_first(0, 1).expect("ranked");
    assert!((share(Plausible::Uniform) - 0.5).abs() < 0.03);
    near(share(Plausible::Order), 1.0);
    near(share(Plausible::Given), 1.0);
    let given = found(Plausible::Given);
    assert_eq!((given.smaa.draws, given.among_first(3, 1)), (10_000, None));
    let text = given.in_words(&ranking, 2, &Text::new("A", "ក"));
    assert!(
        text.en
            .contains("A comes first in 100% of cases, and 2 of today's first 2"),
        "{}",
        text.en
    );
    assert!(text.km.contains("ក ឈរលំដាប់ទី 1 ក្នុង 100%"), "{}", text.km);
}
