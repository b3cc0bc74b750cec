//! Weights by levels: groups of criteria weighed against each other, criteria weighed within their group, and the
//! members of a group judged in pairs by one person or several.
//!
//! Levels multiply (AHP, Saaty 1980). What comes out is one overall weight for each criterion; the groups and the
//! judgements stay in the scenario as the reason for it.

mod derive;
mod notes;
mod read;
mod weigh;

use serde::Serialize;

use super::pairwise::Pairwise;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::text::Text;

use derive::overall;
pub(crate) use notes::notes;
pub(crate) use read::{Given, levels, weight};
pub(crate) use weigh::{Weighable, weigh};

/// What a criterion's `weight` means in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// Its weight among all criteria.
    #[default]
    Overall,
    /// Its weight within its group; the groups' weights multiply.
    Levels,
}

/// A group of criteria, or of groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Unique among groups and criteria.
    pub id: String,
    /// What people read, if it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// Weight among its siblings on any positive scale; absent where they are judged in pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// The group that it belongs to; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// One judgement: how many times more important the first is than the second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair(pub String, pub String, pub f64);

/// One person's judgements of the members of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgements {
    /// The group whose members are judged; absent for the top level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Who judged, by role: needed where several people judge the same group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Every pair once, either way round.
    pub pairs: Vec<Pair>,
}

/// Where the weights come from, beyond a number for each criterion.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Levels {
    /// Always `overall` here: the weights have been multiplied out. Absent where there are no levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<Weighting>,
    /// The groups.
    #[serde(rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The judgements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judgements: Vec<Judgements>,
}

/// A criterion as its weight is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighed<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// The group that it belongs to.
    pub(crate) group: Option<&'a str>,
    /// Its weight as given.
    pub(crate) weight: Option<f64>,
}

impl Levels {
    /// Whether there are none: every criterion has its overall weight and that is all.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.judgements.is_empty()
    }

    /// The groups whose members were judged, each once; `None` is the top level.
    fn judged(&self) -> Vec<Option<&str>> {
        let mut groups = Vec::new();
        for judgements in &self.judgements {
            if !groups.contains(&judgements.of.as_deref()) {
                groups.push(judgements.of.as_deref());
            }
        }
        groups
    }

    /// Ids of the members of a group, or of the top level: its groups, then its criteria.
    fn members<'a>(&'a self, of: Option<&str>, criteria: &[Weighed<'a>]) -> Vec<&'a str> {
        let groups = self
            .groups
            .iter()
            .filter(|group| group.within.as_deref() == of)
            .map(|group| group.id.as_str());
        let leaves = criteria
            .iter()
            .filter(|criterion| criterion.group == of)
            .map(|criterion| criterion.id);
        groups.chain(leaves).collect()
    }

    /// The judgements of a group's members by each person, as matrices over `members`.
    fn matrices(
        &self,
        of: Option<&str>,
        members: &[&str],
    ) -> Vec<(&Judgements, Result<Pairwise, Vec<Problem>>)> {
        self.judgements
            .iter()
            .filter(|judgements| judgements.of.as_deref() == of)
            .map(|judgements| (judgements, judgements.matrix(members)))
            .collect()
    }
}

impl Judgements {
    fn matrix(&self, members: &[&str]) -> Result<Pairwise, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut cells = vec![vec![None; members.len()]; members.len()];
        for (index, Pair(first, second, times)) in self.pairs.iter().enumerate() {
            let place = format!("pairs[{index}]");
            let find = |id: &String| members.iter().position(|member| member == id);
            match (find(first), find(second)) {
                (Some(row), Some(column)) if row == column => {
                    problems.push(Problem::new(
                        place,
                        Mistake::JudgesItself {
                            member: first.clone(),
                        },
                    ));
                }
                (Some(row), Some(column)) if cells[row][column].is_some() || cells[column][row].is_some() => {
                    problems.push(Problem::new(
                        place,
                        Mistake::PairTwice {
                            first: first.clone(),
                            second: second.clone(),
                        },
                    ));
                }
                (Some(row), Some(column)) => cells[row][column] = Some(*times),
                (found, _) => {
                    let stranger = if found.is_none() { first } else { second };
                    let mistake = Mistake::NotAMember {
                        member: stranger.clone(),
                        known: members.iter().map(|id| (*id).to_owned()).collect(),
                    };
                    problems.push(Problem::new(place, mistake));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Pairwise::new(members.iter().map(|id| (*id).to_owned()).collect(), &cells)
    }
}
