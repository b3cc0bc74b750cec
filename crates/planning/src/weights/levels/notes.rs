//! What a planner should know about judged weights: how consistent the people were, how far they agree, and whether
//! the weights are still theirs.

use super::{Levels, Weighable, Weighed};
use crate::problem::Warning;
use crate::weights::ahp::{Prioritisation, ahp};
use crate::weights::group::{consensus, join};
use crate::weights::pairwise::Pairwise;
use crate::weights::random_index::RandomIndex;
use crate::weights::shares;

/// Under this consensus the people had better talk before their mean is used: "low" on Goepel's scale (2013).
const LOW_CONSENSUS: f64 = 0.65;

/// Weights closer than this to the judged ones are the judged ones, after a way through files and screens.
const SAME: f64 = 1e-6;

/// A note for each group that was judged.
pub(crate) fn notes<T: Weighable>(levels: &Levels, criteria: &[T]) -> Vec<Warning> {
    let criteria: Vec<Weighed<'_>> = criteria.iter().map(T::weighed).collect();
    levels
        .judged()
        .into_iter()
        .flat_map(|of| of_group(levels, &criteria, of))
        .collect()
}

fn of_group(levels: &Levels, criteria: &[Weighed<'_>], of: Option<&str>) -> Vec<Warning> {
    let members = levels.members(of, criteria);
    let people: Vec<(&str, Pairwise)> = levels
        .matrices(of, &members)
        .into_iter()
        .filter_map(|(judgements, matrix)| {
            Some((judgements.by.as_deref().unwrap_or("One person"), matrix.ok()?))
        })
        .collect();
    let matrices: Vec<Pairwise> = people.iter().map(|(_, matrix)| matrix.clone()).collect();
    let Ok(joined) = join(&matrices, &vec![1.0; matrices.len()]) else {
        return Vec::new();
    };
    let name = of.unwrap_or("the top level");
    let judge = |matrix: &Pairwise| ahp(matrix, Prioritisation::Eigenvector, RandomIndex::Saaty);
    let together = judge(&joined);
    let mut all = Vec::new();
    let ratio = together
        .cr
        .map_or_else(String::new, |cr| format!(", consistency ratio {cr:.2}"));
    let agreement = consensus(&matrices);
    let agreed = agreement.map_or_else(String::new, |share| format!(", consensus {:.0} %", share * 100.0));
    if theirs(levels, criteria, &members, &together.weights) {
        let message = format!(
            "The weights in {name} come from judgements: people {}{ratio}{agreed}.",
            matrices.len()
        );
        all.push(Warning::general("judged_weights", message));
    } else {
        let message =
            format!("The weights in {name} are no longer those that the judgements give: changed by hand.");
        all.push(Warning::general("weights_not_as_judged", message));
    }
    for (by, matrix) in &people {
        all.extend(judge(matrix).warnings.into_iter().map(|warning| Warning {
            message: format!("{by}, on {name}: {}", warning.message),
            ..warning
        }));
    }
    if let Some(share) = agreement.filter(|share| *share < LOW_CONSENSUS) {
        let message = format!(
            "The people who judged {name} agree little (consensus {:.0} %): talk before the mean decides.",
            share * 100.0
        );
        all.push(Warning::general("low_consensus", message));
    }
    all
}

/// Whether the overall weights split among the members as judged.
fn theirs(levels: &Levels, criteria: &[Weighed<'_>], members: &[&str], judged: &[f64]) -> bool {
    let weights: Vec<f64> = members
        .iter()
        .map(|member| below(levels, criteria, member))
        .collect();
    // Where the whole group weighs nothing, nothing contradicts the judgements.
    weights.iter().sum::<f64>() <= 0.0
        || shares(&weights)
            .iter()
            .zip(judged)
            .all(|(is, judged)| (is - judged).abs() < SAME)
}

/// The overall weight of a criterion, or of everything in a group.
fn below(levels: &Levels, criteria: &[Weighed<'_>], member: &str) -> f64 {
    if let Some(criterion) = criteria.iter().find(|criterion| criterion.id == member) {
        return criterion.weight.unwrap_or_default();
    }
    levels
        .members(Some(member), criteria)
        .iter()
        .map(|id| below(levels, criteria, id))
        .sum()
}
