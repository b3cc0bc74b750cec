//! What a planner should know about a result, each warning naming its criterion.

use super::{Ranking, RowStatus, Valued};
use crate::problem::Warning;
use crate::scenario::{Criterion, Scenario};
use crate::weights::levels::notes;

pub(super) fn warnings(scenario: &Scenario, valued: &[Valued], ranking: &Ranking) -> Vec<Warning> {
    let rows = ranking.ids.len();
    let mut all = Vec::new();
    if rows == 0 {
        all.push(Warning::general(
            "no_alternatives",
            "There is no candidate site to rank.",
        ));
    } else if ranking.status.iter().all(|status| *status == RowStatus::Excluded) {
        all.push(Warning::general(
            "all_excluded",
            "Every candidate site is excluded.",
        ));
    } else if rows == 1 {
        all.push(Warning::general(
            "one_alternative",
            "There is only one candidate site: its rank says nothing.",
        ));
    }
    all.extend(notes(&scenario.levels, &scenario.criteria));
    for (criterion, valued) in scenario.criteria.iter().zip(valued) {
        all.extend(of_criterion(criterion, valued, rows));
    }
    all
}

fn of_criterion(criterion: &Criterion, valued: &Valued, rows: usize) -> Vec<Warning> {
    let (id, label) = (criterion.id.as_str(), criterion.label.en.as_str());
    let mut all = Vec::new();
    if criterion.weight == 0.0 {
        let message = format!("{label} has the weight 0 and does not count.");
        all.push(Warning::criterion("zero_weight", id, message));
    }
    if !valued.strangers.is_empty() {
        let names: Vec<&str> = valued.strangers.iter().map(String::as_str).collect();
        let message = format!(
            "{label}: no value is given for {}; treated as unknown.",
            names.join(", ")
        );
        all.push(Warning::criterion("category_without_value", id, message));
    }
    if rows > 0 && (0..rows).all(|row| !valued.is_known(row)) {
        let message = format!("{label} is not known for any site and cannot tell them apart.");
        all.push(Warning::criterion("all_unknown", id, message));
    } else if rows > 1 && is_constant(valued) {
        let message = format!("{label} is worth the same at every site and cannot tell them apart.");
        all.push(Warning::criterion("constant_criterion", id, message));
    }
    all
}

fn is_constant(valued: &Valued) -> bool {
    let (low, high) = (valued.low(), valued.high());
    low.iter().chain(high).all(|value| *value == low[0])
}
