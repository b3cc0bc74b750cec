//! What a planner should know about a result, each warning naming its criterion.

use super::{ExclusionResult, Ranking, RowStatus, Valued};
use crate::exclusion::Answer;
use crate::notice::Notice;
use crate::problem::Warning;
use crate::rank::settle;
use crate::said::Percent;
use crate::scenario::{Criterion, Scenario};
use crate::tolerance::at_most;
use crate::weights::levels::notes;

pub(super) fn warnings(
    scenario: &Scenario,
    valued: &[Valued],
    without_layer: &[bool],
    ranking: &Ranking,
) -> Vec<Warning> {
    let rows = ranking.ids.len();
    let mut all = Vec::new();
    if rows == 0 {
        all.push(Notice::NoAlternatives.into());
    } else if ranking.status.iter().all(|status| *status == RowStatus::Excluded) {
        all.push(Notice::AllExcluded.into());
    } else if rows == 1 {
        all.push(Notice::OneAlternative.into());
    }
    if scenario.order.rule.alpha() > 0.0 {
        let rule = scenario.order.rule.to_string();
        all.push(Notice::OrderedOtherwise { rule }.into());
    }
    let apart = (0..rows).filter(|row| ranking.too_little_known(*row)).count();
    if apart > 0 {
        let share = Percent(scenario.order.apart_above);
        all.push(Notice::TooLittleKnown { sites: apart, share }.into());
    }
    let ranked = (0..rows).filter(|row| ranking.rank[*row].is_some());
    let (behind, before): (Vec<usize>, Vec<usize>) = ranked.partition(|row| ranking.is_behind(*row));
    if !behind.is_empty() && !before.is_empty() {
        let sites = behind.len();
        all.push(Notice::ExclusionUndecided { sites }.into());
    }
    let nowhere = |result: &&ExclusionResult| rows > 0 && result.count(Answer::Unknown) == rows;
    for result in ranking.exclusions.iter().filter(nowhere) {
        let measure = result.what.clone();
        all.push(Notice::LimitKnownNowhere { measure }.into());
    }
    all.extend(notes(&scenario.levels, &scenario.criteria));
    let shares = scenario.shares();
    for (index, (criterion, valued)) in scenario.criteria.iter().zip(valued).enumerate() {
        let missing = without_layer[index].then(|| Percent(shares[index]));
        all.extend(of_criterion(criterion, valued, rows, missing));
        all.extend(same_for_many(criterion, valued, ranking));
    }
    all.extend(of_costs(scenario, ranking));
    all
}

/// The fewest sites of which a common value says something.
const FEW: usize = 4;

/// Whether at least half of the sites that are not excluded, and whose value is known, are worth the same. It is said whatever the weight is: who
/// thinks of giving it one should know, and a sentence that came and went with the weight would move the page under their hand.
fn same_for_many(criterion: &Criterion, valued: &Valued, ranking: &Ranking) -> Option<Warning> {
    let exact = |row: &usize| {
        ranking.status[*row] != RowStatus::Excluded
            && valued.is_known(*row)
            && valued.low()[*row] == valued.high()[*row]
    };
    let mut values: Vec<f64> = (0..ranking.ids.len())
        .filter(exact)
        .map(|row| settle(valued.low()[row]))
        .collect();
    if values.len() < FEW {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let most = values
        .chunk_by(|left, right| left == right)
        .max_by_key(|same| same.len())?;
    // Where all are the same, that is said in other words.
    let (same, sites) = (most.len(), values.len());
    (same * 2 >= sites && !is_constant(valued)).then(|| {
        let notice = Notice::SameForMany {
            criterion: criterion.label.clone(),
            same,
            sites,
            value: Percent(most[0]),
        };
        Warning::about(&criterion.id, notice)
    })
}

fn of_costs(scenario: &Scenario, ranking: &Ranking) -> Vec<Warning> {
    let mut all = Vec::new();
    let Some((costs, cost)) = scenario.cost.as_ref().zip(ranking.cost.as_ref()) else {
        return all;
    };
    let asked: Vec<Option<(f64, f64)>> = (0..cost.len())
        .filter(|row| ranking.status[*row] != RowStatus::Excluded)
        .map(|row| cost[row])
        .collect();
    let known = asked.iter().flatten().count();
    if known < asked.len() {
        let (sites, all_sites) = (asked.len() - known, asked.len());
        let notice = Notice::CostUnknown {
            sites,
            all: all_sites,
        };
        all.push(notice.into());
    }
    if let Some(budget) = costs.budget_per_household {
        let over = asked
            .iter()
            .flatten()
            .filter(|(low, _)| !at_most(*low, budget))
            .count();
        if over > 0 {
            let notice = Notice::OverBudget {
                sites: over,
                known,
                budget,
            };
            all.push(notice.into());
        }
    }
    all
}

/// `missing` is the share of a criterion that has no layer.
fn of_criterion(
    criterion: &Criterion,
    valued: &Valued,
    rows: usize,
    missing: Option<Percent>,
) -> Vec<Warning> {
    let label = || criterion.label.clone();
    let mut all = Vec::new();
    let mut tell = |notice| all.push(Warning::about(&criterion.id, notice));
    if criterion.weight == 0.0 {
        tell(Notice::ZeroWeight { criterion: label() });
    }
    if !valued.strangers.is_empty() {
        tell(Notice::CategoryWithoutValue {
            criterion: label(),
            categories: valued.strangers.iter().cloned().collect(),
        });
    }
    if rows > 0 && (0..rows).all(|row| !valued.is_known(row)) {
        tell(match missing {
            Some(share) => Notice::CriterionWithoutLayer {
                criterion: label(),
                share,
            },
            None => Notice::AllUnknown { criterion: label() },
        });
    } else if rows > 1 && is_constant(valued) {
        tell(Notice::ConstantCriterion { criterion: label() });
    }
    all
}

fn is_constant(valued: &Valued) -> bool {
    let (low, high) = (valued.low(), valued.high());
    low.iter().chain(high).all(|value| *value == low[0])
}
