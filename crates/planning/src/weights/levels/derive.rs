//! Overall weights out of levels.

use std::collections::BTreeSet;

use super::{Levels, Weighed, Weighting};
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::weights::ahp::{Prioritisation, ahp};
use crate::weights::group::join;
use crate::weights::hierarchy::{Node, leaf_weights};
use crate::weights::random_index::RandomIndex;

/// The overall weight of each criterion, in their order: as given, or multiplied out and adding up to 1. `None` if there
/// are problems, all of which have been reported.
pub(crate) fn overall(
    levels: &Levels,
    weighting: Weighting,
    criteria: &[Weighed<'_>],
    problems: &mut Vec<Problem>,
) -> Option<Vec<f64>> {
    let before = problems.len();
    structure(levels, criteria, problems);
    people(levels, problems);
    if problems.len() > before {
        return None;
    }
    if weighting == Weighting::Overall {
        for of in levels.judged() {
            judged(levels, of, &levels.members(of, criteria), problems);
        }
        return (problems.len() == before).then(|| {
            criteria
                .iter()
                .map(|one| one.weight.unwrap_or_default())
                .collect()
        });
    }
    let root = node(levels, criteria, None, problems);
    if problems.len() > before {
        return None;
    }
    match leaf_weights(&root) {
        Ok(leaves) => criteria
            .iter()
            .map(|criterion| {
                leaves
                    .iter()
                    .find(|(id, _)| id == criterion.id)
                    .map(|(_, weight)| *weight)
            })
            .collect(),
        Err(wrong) => {
            problems.extend(
                wrong
                    .into_iter()
                    .map(|one| one.within(|place| format!("group {place}"))),
            );
            None
        }
    }
}

/// Ids that are unique, parents that exist, no group within itself.
fn structure(levels: &Levels, criteria: &[Weighed<'_>], problems: &mut Vec<Problem>) {
    let known = |id: &str| levels.groups.iter().any(|group| group.id == id);
    let names: Vec<String> = levels.groups.iter().map(|group| group.id.clone()).collect();
    let stranger = |id: &str| match names.as_slice() {
        [] => Mistake::NoGroups { id: id.to_owned() },
        names => Mistake::StrangeGroup {
            id: id.to_owned(),
            known: names.to_vec(),
        },
    };
    let mut seen: BTreeSet<&str> = criteria.iter().map(|criterion| criterion.id).collect();
    for (index, group) in levels.groups.iter().enumerate() {
        if !seen.insert(&group.id) {
            let mistake = Mistake::SameGroupId { id: group.id.clone() };
            problems.push(Problem::new(format!("group[{index}].id"), mistake));
        }
        if let Some(parent) = group.within.as_deref().filter(|parent| !known(parent)) {
            problems.push(Problem::new(format!("group[{index}].within"), stranger(parent)));
        }
        if is_within_itself(levels, index) {
            problems.push(Problem::new(
                format!("group[{index}].within"),
                Mistake::GroupInItself,
            ));
        }
    }
    for (index, criterion) in criteria.iter().enumerate() {
        if let Some(group) = criterion.group.filter(|group| !known(group)) {
            problems.push(Problem::new(format!("criterion[{index}].group"), stranger(group)));
        }
    }
    for (index, judgements) in levels.judgements.iter().enumerate() {
        if let Some(of) = judgements.of.as_deref().filter(|of| !known(of)) {
            problems.push(Problem::new(format!("judgements[{index}].of"), stranger(of)));
        }
    }
}

fn is_within_itself(levels: &Levels, start: usize) -> bool {
    let mut at = start;
    for _ in 0..levels.groups.len() {
        let Some(parent) = &levels.groups[at].within else {
            return false;
        };
        let Some(next) = place_of(levels, parent) else {
            return false;
        };
        if next == start {
            return true;
        }
        at = next;
    }
    false
}

/// Several people who judge the same group must be told apart.
fn people(levels: &Levels, problems: &mut Vec<Problem>) {
    for (index, judgements) in levels.judgements.iter().enumerate() {
        let twin = |other: &&super::Judgements| other.of == judgements.of && other.by == judgements.by;
        if levels.judgements[..index].iter().any(|other| twin(&other)) {
            let mistake = match &judgements.by {
                Some(by) => Mistake::JudgedTwiceBy { by: by.clone() },
                None => Mistake::JudgedTwice,
            };
            problems.push(Problem::new(format!("judgements[{index}].by"), mistake));
        }
    }
}

/// The tree below a group, or the whole.
fn node(levels: &Levels, criteria: &[Weighed<'_>], of: Option<&str>, problems: &mut Vec<Problem>) -> Node {
    let members = levels.members(of, criteria);
    let weights = judged(levels, of, &members, problems);
    let mut nodes = Vec::with_capacity(members.len());
    for (index, id) in members.iter().enumerate() {
        let (place, given, child) = match place_of(levels, id) {
            Some(at) => (
                format!("group[{at}].weight"),
                levels.groups[at].weight,
                node(levels, criteria, Some(id), problems),
            ),
            None => leaf(criteria, id),
        };
        let weight = match (&weights, given) {
            (Some(weights), None) => weights[index],
            (None, Some(given)) => given,
            (Some(weights), Some(_)) => {
                problems.push(Problem::new(place, Mistake::WeightIsJudged));
                weights[index]
            }
            (None, None) => {
                problems.push(Problem::new(place, Mistake::WeightNeither));
                0.0
            }
        };
        nodes.push((weight, child));
    }
    Node::Group {
        id: of.unwrap_or("of the top").to_owned(),
        members: nodes,
    }
}

fn place_of(levels: &Levels, group: &str) -> Option<usize> {
    levels.groups.iter().position(|one| one.id == group)
}

/// Where a criterion's weight stands, what it is, and the criterion as a node.
fn leaf(criteria: &[Weighed<'_>], id: &str) -> (String, Option<f64>, Node) {
    let found = criteria
        .iter()
        .enumerate()
        .find(|(_, criterion)| criterion.id == id);
    let (at, weight) = found.map_or((0, None), |(at, criterion)| (at, criterion.weight));
    (
        format!("criterion[{at}].weight"),
        weight,
        Node::Leaf { id: id.to_owned() },
    )
}

/// Weights of the members by their judgements; `None` where nobody judged them.
fn judged(
    levels: &Levels,
    of: Option<&str>,
    members: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<Vec<f64>> {
    let mut matrices = Vec::new();
    let all = levels.matrices(of, members);
    if all.is_empty() {
        return None;
    }
    for (judgements, matrix) in all {
        match matrix {
            Ok(matrix) => matrices.push(matrix),
            Err(wrong) => {
                let at = levels
                    .judgements
                    .iter()
                    .position(|one| std::ptr::eq(one, judgements))
                    .unwrap_or_default();
                problems.extend(
                    wrong
                        .into_iter()
                        .map(|one| one.within(|place| format!("judgements[{at}].{place}"))),
                );
            }
        }
    }
    let even = vec![1.0; members.len()];
    // Without every person's judgements the weights mean nothing; their problems have been reported.
    Some(
        join(&matrices, &vec![1.0; matrices.len()]).map_or(even, |joined| {
            ahp(&joined, Prioritisation::Eigenvector, RandomIndex::Saaty).weights
        }),
    )
}
