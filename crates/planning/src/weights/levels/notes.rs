//! What a planner should know about judged weights: how consistent the people were, how far they agree, and whether
//! the weights are still theirs.

use super::{Levels, Weighable, Weighed};
use crate::notice::Notice;
use crate::problem::Warning;
use crate::said::{Aside, Percent, Whose};
use crate::weights::ahp::{Prioritisation, ahp, ahp_of};
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
    let mut all: Vec<Warning> = Vec::new();
    let together = ahp(&joined, Prioritisation::Eigenvector, RandomIndex::Saaty);
    let agreement = consensus(&matrices);
    let group = || name.to_owned();
    if theirs(levels, criteria, &members, &together.weights) {
        let ratio = together.cr.map(|cr| (cr, format!(", consistency ratio {cr:.2}")));
        let agreed = agreement.map(|share| (share, format!(", consensus {:.0} %", share * 100.0)));
        let notice = Notice::JudgedWeights {
            group: group(),
            people: matrices.len(),
            ratio: Aside(ratio),
            consensus: Aside(agreed),
        };
        all.push(notice.into());
    } else {
        all.push(Notice::WeightsNotAsJudged { group: group() }.into());
    }
    for (by, matrix) in &people {
        let whose = Whose(Some(((*by).to_owned(), name.to_owned())));
        all.extend(ahp_of(&whose, matrix, Prioritisation::Eigenvector, RandomIndex::Saaty).warnings);
    }
    if let Some(share) = agreement.filter(|share| *share < LOW_CONSENSUS) {
        let notice = Notice::LowConsensus {
            group: group(),
            consensus: Percent(share),
        };
        all.push(notice.into());
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
