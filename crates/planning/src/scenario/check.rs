//! Checks across the keys and tables of a scenario. They look at the tree, not at what could be built from it, so
//! that a mistake in one table does not cause false complaints elsewhere.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::exclusion::Exclusion;
use crate::measure::{Measure, Tenure};
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::text::Text;
use crate::tree::Table;
use crate::value::{Goal, ValueFunction};

/// Ids unique, exclusions about criteria that exist and limits of the right sort, some weight above zero.
pub(crate) fn references(value: &Value, table: &mut Table<'_, '_>) {
    let list = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
    };
    let criteria = list("criterion");
    if criteria.is_empty() {
        table.problem("criterion", Mistake::NoCriterion);
        return;
    }
    unique("criterion", criteria, table.problems);
    unique("exclusion", list("exclusion"), table.problems);
    weights(criteria, table.problems);
    for (index, exclusion) in list("exclusion").iter().enumerate() {
        let Some(id) = exclusion.get("criterion").and_then(Value::as_str) else {
            continue;
        };
        let place = |key: &str| format!("exclusion[{index}].{key}");
        let Some(criterion) = criteria.iter().find(|criterion| criterion["id"] == id) else {
            let known = criteria
                .iter()
                .filter_map(|criterion| criterion["id"].as_str().map(str::to_owned))
                .collect();
            let mistake = Mistake::StrangeCriterion {
                id: id.to_owned(),
                known,
            };
            table.problems.push(Problem::new(place("criterion"), mistake));
            continue;
        };
        if let Some(kind) = criterion["measure"]["kind"].as_str() {
            limit_suits(exclusion, (id, kind), &place, table.problems);
        }
    }
}

/// Refuses a numeric limit on a category, a list of categories for a number, a network for what does not travel.
fn limit_suits(
    exclusion: &Value,
    (criterion, kind): (&str, &str),
    place: &dyn Fn(&str) -> String,
    problems: &mut Vec<Problem>,
) {
    // What it measures may be wrong itself: the criterion is called by its id.
    let measure = || Text::new(criterion, criterion);
    let category = kind == "tenure";
    for key in ["at_most", "at_least"] {
        if category && exclusion.get(key).is_some() {
            problems.push(Problem::new(
                place(key),
                Mistake::CategoryTakesOneOf { measure: measure() },
            ));
        }
    }
    if !category && exclusion.get("one_of").is_some() {
        problems.push(Problem::new(
            place("one_of"),
            Mistake::NumberTakesNoOneOf { measure: measure() },
        ));
    }
    if exclusion.get("on_network").is_some() && !["travel_time", "disruption"].contains(&kind) {
        problems.push(Problem::new(
            place("on_network"),
            Mistake::NotATravelTime { measure: measure() },
        ));
    }
}

fn unique(key: &str, list: &[Value], problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, item) in list.iter().enumerate() {
        let Some(id) = item.get("id").and_then(Value::as_str) else {
            continue;
        };
        if let Some(first) = seen.get(id) {
            let mistake = Mistake::SameId {
                id: id.to_owned(),
                first: format!("{key}[{first}]"),
            };
            problems.push(Problem::new(format!("{key}[{index}].id"), mistake));
        } else {
            seen.insert(id, index);
        }
    }
}

/// A cost as a measure needs the unit costs that it is made of.
pub(super) fn costs(value: &Value, table: &mut Table<'_, '_>) {
    if table.has("cost") {
        return;
    }
    for key in ["criterion", "exclusion"] {
        let list = value.get(key).and_then(Value::as_array);
        for (index, one) in list.into_iter().flatten().enumerate() {
            if one["measure"]["kind"] == "cost_per_household" {
                table.problem(&format!("{key}[{index}].measure.kind"), Mistake::CostsNeedUnits);
            }
        }
    }
}

/// Two exclusions without an id of their own may come out under one name.
pub(super) fn implied_ids(value: &Value, exclusions: &[Option<Exclusion>], table: &mut Table<'_, '_>) {
    for (index, exclusion) in exclusions.iter().enumerate() {
        let Some(exclusion) = exclusion else { continue };
        let given = value["exclusion"][index].get("id").is_some();
        let twin = |other: &Option<Exclusion>| other.as_ref().is_some_and(|other| other.id == exclusion.id);
        if !given && exclusions[..index].iter().any(twin) {
            let mistake = Mistake::SameImpliedId {
                id: exclusion.id.clone(),
            };
            table
                .problems
                .push(Problem::new(format!("exclusion[{index}]"), mistake));
        }
    }
}

fn weights(criteria: &[Value], problems: &mut Vec<Problem>) {
    // A weight that is missing or no number has its own problem; whether the rest is all zero is then unknown.
    let all_zero = criteria
        .iter()
        .all(|criterion| criterion["weight"].as_f64() == Some(0.0));
    if all_zero {
        problems.push(Problem::new("criterion", Mistake::AllWeightsZero));
    }
    let sum: f64 = criteria
        .iter()
        .filter_map(|criterion| criterion["weight"].as_f64())
        .sum();
    if !sum.is_finite() {
        problems.push(Problem::new("criterion", Mistake::WeightsTooLarge));
    }
}

/// The goal, as given or as the value function implies; a contradiction between the two is a problem.
pub(crate) fn goal(table: &mut Table<'_, '_>, value: Option<&ValueFunction>) -> Option<Goal> {
    let given: Option<Goal> = table.optional_choice("goal");
    let implied = value.and_then(ValueFunction::direction);
    // A constant function goes both ways, so it contradicts neither goal.
    let constant = value.is_some_and(|value| value.whole_range().0 >= value.whole_range().1);
    if let Some((given, implied)) = given.zip(implied)
        && given != implied
        && !constant
    {
        let mistake = match given {
            Goal::Max => Mistake::GoalFalls,
            Goal::Min => Mistake::GoalRises,
        };
        table.problem("goal", mistake);
    }
    match given {
        Some(given) => Some(given),
        None if table.has("goal") => None,
        None => Some(implied.unwrap_or(Goal::Max)),
    }
}

/// Refuses a table of categories for a number and a curve for a category.
pub(super) fn value_suits(table: &mut Table<'_, '_>, measure: &Measure, value: &ValueFunction) {
    match (measure.is_category(), value) {
        (true, ValueFunction::Table { values }) => {
            for category in values.keys() {
                match Tenure::from_name(category) {
                    Some(Tenure::Unknown) => {
                        table.problem("value.values.unknown", Mistake::UnknownTenureValued);
                    }
                    Some(_) => {}
                    None => {
                        let known: Vec<String> = Tenure::ALL
                            .iter()
                            .filter(|tenure| **tenure != Tenure::Unknown)
                            .map(|tenure| tenure.name().to_owned())
                            .collect();
                        let place = format!("value.values.{category}");
                        table.problem(&place, Mistake::NotATenure { known });
                    }
                }
            }
        }
        (true, _) => table.problem(
            "value",
            Mistake::CategoryNeedsTable {
                measure: measure.label(),
            },
        ),
        (false, ValueFunction::Table { .. }) => {
            table.problem(
                "value",
                Mistake::NumberTakesNoTable {
                    measure: measure.label(),
                },
            );
        }
        (false, _) => {}
    }
}
