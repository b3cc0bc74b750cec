//! A few sites side by side.

use std::collections::BTreeMap;

use phteah_planning::robustness::Contest;
use phteah_planning::versus::{Lead, Versus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Text, rounded};
use crate::ranking::RankedSites;

/// Decimals of scores, contributions and weights.
const DECIMALS: i32 = 6;

/// A few sites side by side.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// Their ids, as asked for.
    pub sites: Vec<String>,
    /// Every criterion, in the scenario's order.
    pub criteria: Vec<ComparedCriterion>,
    /// Every two of them.
    pub pairs: Vec<Pair>,
    /// Per site: true where no ranked site is at least as good in everything and better in something; null where it has no rank.
    pub pareto: BTreeMap<String, Option<bool>>,
}

/// One criterion over the compared sites.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ComparedCriterion {
    /// Its id.
    pub id: String,
    /// Ids of the sites with the greatest value; all of them where they are equal, none where nothing is known.
    pub best: Vec<String>,
    /// How much of the score lies between the best and the worst of them; null where fewer than two are known.
    pub spread: Option<f64>,
}

/// Two sites head to head.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Pair {
    /// Id of the one that stands before the other.
    pub ahead: String,
    /// Id of the other.
    pub behind: String,
    /// Difference of their scores; null where one has none.
    pub difference: Option<f64>,
    /// Criteria in which the one ahead leads, widest first.
    pub ahead_by: Vec<LeadBy>,
    /// Criteria in which the one behind leads, widest first.
    pub behind_by: Vec<LeadBy>,
    /// The smallest change of weights that makes them tie; null where none does.
    pub swap: Option<SmallestSwap>,
    /// The smallest change of one weight that makes them tie, the others giving way in proportion; null where none does.
    pub single: Option<WeightChange>,
    /// Every change of one weight alone that makes them tie, the smallest first, the others giving way in proportion.
    pub singles: Vec<WeightChange>,
    /// The comparison in words.
    pub sentence: Text,
}

/// A criterion in which one site leads.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LeadBy {
    /// The criterion's id.
    pub criterion: String,
    /// By how much of the score.
    pub difference: f64,
}

/// Weights at which two sites tie.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SmallestSwap {
    /// Shares by criterion, in the scenario's order.
    pub weights: Vec<f64>,
    /// What changes, most first.
    pub changes: Vec<WeightChange>,
    /// Whether going any further swaps them; false where the one behind can draw level but never overtake.
    pub can_overtake: bool,
}

/// A change of one weight.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WeightChange {
    /// The criterion's id.
    pub criterion: String,
    /// Its share now.
    pub from: f64,
    /// Its share then.
    pub to: f64,
}

impl Comparison {
    /// Rows of a ranking side by side.
    pub fn of(ranked: &RankedSites, rows: &[usize]) -> Self {
        let ranking = &ranked.ranking;
        let contest = Contest::of(ranking);
        let pairs = rows
            .iter()
            .enumerate()
            .flat_map(|(index, &one)| rows[index + 1..].iter().map(move |&other| (one, other)));
        Self {
            sites: rows.iter().map(|&row| ranking.ids[row].clone()).collect(),
            criteria: (0..ranking.criteria.len())
                .map(|criterion| ComparedCriterion::of(ranked, criterion, rows))
                .collect(),
            pairs: pairs.map(|(one, other)| Pair::of(ranked, one, other)).collect(),
            pareto: rows
                .iter()
                .map(|&row| (ranking.ids[row].clone(), contest.is_on_front(row as u32)))
                .collect(),
        }
    }
}

impl ComparedCriterion {
    fn of(ranked: &RankedSites, criterion: usize, rows: &[usize]) -> Self {
        let criterion = &ranked.ranking.criteria[criterion];
        let known: Vec<(usize, f64)> = rows
            .iter()
            .filter_map(|&row| Some((row, criterion.value(row)?)))
            .collect();
        let greatest = known
            .iter()
            .map(|(_, value)| *value)
            .fold(f64::NEG_INFINITY, f64::max);
        let least = known
            .iter()
            .map(|(_, value)| *value)
            .fold(f64::INFINITY, f64::min);
        Self {
            id: criterion.id.clone(),
            best: known
                .iter()
                .filter(|(_, value)| *value >= greatest)
                .map(|(row, _)| ranked.ranking.ids[*row].clone())
                .collect(),
            spread: (known.len() > 1).then(|| rounded(criterion.weight * (greatest - least), DECIMALS)),
        }
    }
}

impl Pair {
    fn of(ranked: &RankedSites, one: usize, other: usize) -> Self {
        let ranking = &ranked.ranking;
        let found = Versus::of(ranking, one, other);
        let id = |criterion: usize| ranking.criteria[criterion].id.clone();
        let leads = |leads: &[Lead]| {
            leads
                .iter()
                .map(|lead| LeadBy {
                    criterion: id(lead.criterion),
                    difference: rounded(lead.difference, DECIMALS),
                })
                .filter(|lead| lead.difference > 0.0)
                .collect()
        };
        let change = |criterion: usize, from: f64, to: f64| WeightChange {
            criterion: id(criterion),
            from: rounded(from, DECIMALS),
            to: rounded(to, DECIMALS),
        };
        let swap = found.swap.as_ref().map(|swap| {
            let mut changes: Vec<WeightChange> = ranking
                .criteria
                .iter()
                .enumerate()
                .map(|(criterion, now)| change(criterion, now.weight, swap.weights[criterion]))
                .filter(|change| (change.to - change.from).abs() > 0.0)
                .collect();
            changes.sort_by(|a, b| (b.to - b.from).abs().total_cmp(&(a.to - a.from).abs()));
            SmallestSwap {
                weights: swap
                    .weights
                    .iter()
                    .map(|&weight| rounded(weight, DECIMALS))
                    .collect(),
                changes,
                can_overtake: swap.can_overtake,
            }
        });
        let singles: Vec<WeightChange> = found
            .swap
            .iter()
            .flat_map(|swap| &swap.one_weight)
            .map(|one| change(one.criterion, one.from, one.to))
            .collect();
        let names = (ranked.name(found.ahead), ranked.name(found.behind));
        Self {
            ahead: ranking.ids[found.ahead].clone(),
            behind: ranking.ids[found.behind].clone(),
            difference: found.difference.map(|difference| rounded(difference, DECIMALS)),
            ahead_by: leads(&found.ahead_by),
            behind_by: leads(&found.behind_by),
            swap,
            single: singles.first().cloned(),
            singles,
            sentence: (&found.in_words(ranking, (&names.0, &names.1))).into(),
        }
    }
}
