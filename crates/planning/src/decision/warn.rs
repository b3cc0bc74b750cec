//! What a planner should know about a result, each warning naming its criterion.

use super::{Ranking, RowStatus, Valued};
use crate::notice::Notice;
use crate::problem::Warning;
use crate::scenario::{Criterion, Scenario};
use crate::weights::levels::notes;

pub(super) fn warnings(scenario: &Scenario, valued: &[Valued], ranking: &Ranking) -> Vec<Warning> {
    let rows = ranking.ids.len();
    let mut all = Vec::new();
    if rows == 0 {
        all.push(Notice::NoAlternatives.into());
    } else if ranking.status.iter().all(|status| *status == RowStatus::Excluded) {
        all.push(Notice::AllExcluded.into());
    } else if rows == 1 {
        all.push(Notice::OneAlternative.into());
    }
    all.extend(notes(&scenario.levels, &scenario.criteria));
    for (criterion, valued) in scenario.criteria.iter().zip(valued) {
        all.extend(of_criterion(criterion, valued, rows));
    }
    all
}

fn of_criterion(criterion: &Criterion, valued: &Valued, rows: usize) -> Vec<Warning> {
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
        tell(Notice::AllUnknown { criterion: label() });
    } else if rows > 1 && is_constant(valued) {
        tell(Notice::ConstantCriterion { criterion: label() });
    }
    all
}

fn is_constant(valued: &Valued) -> bool {
    let (low, high) = (valued.low(), valued.high());
    low.iter().chain(high).all(|value| *value == low[0])
}
