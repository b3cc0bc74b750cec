//! The methods that compare everything with everything, over any matrix.

use super::outcome::{Alternative, Outcome};
use super::{Model, ModelCriterion};
use crate::decision::RowStatus;
use crate::matrix::{Cell, Column};
use crate::methods::promethee::Preference;
use crate::methods::{Method, promethee, spotis, topsis, vikor};
use crate::problem::Warning;
use crate::rank;
use crate::scenario::Rule;
use crate::value::{Goal, ValueFunction};
use crate::weights::shares;

/// Fills in scores and ranks of the alternatives that have every figure.
pub(super) fn outranked(model: &Model, columns: &[&Column], outcome: &mut Outcome) {
    let counted: Vec<(&ModelCriterion, &Column)> = model
        .criteria
        .iter()
        .zip(columns.iter().copied())
        .filter(|(_, column)| column.cells().any(|cell| !matches!(cell, Cell::Unknown(_))))
        .collect();
    let figures: Vec<Vec<Option<f64>>> = counted
        .iter()
        .map(|(criterion, column)| figures(criterion, column, model.order.rule, &mut outcome.warnings))
        .collect();
    let rows: Vec<usize> = (0..outcome.alternatives.len())
        .filter(|row| outcome.alternatives[*row].status != Some(RowStatus::Excluded))
        .filter(|row| !counted.is_empty() && complete(*row, &counted, &figures))
        .collect();
    let excluded = |one: &Alternative| one.status == Some(RowStatus::Excluded);
    let left_out = outcome.alternatives.iter().filter(|one| !excluded(one)).count() - rows.len();
    if left_out > 0 {
        let message = format!(
            "{left_out} alternatives lack a figure that {} needs and are not ranked; the weighted sum can rank them.",
            model.method
        );
        outcome
            .warnings
            .push(Warning::general("incomplete_alternatives", message));
    }
    let values: Vec<Vec<f64>> = figures
        .iter()
        .map(|column| rows.iter().map(|row| column[*row].unwrap_or_default()).collect())
        .collect();
    let values: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    let criteria: Vec<&ModelCriterion> = counted.iter().map(|(criterion, _)| *criterion).collect();
    apply(model.method, &criteria, &values, &rows, outcome);
}

/// Whether a row has every figure that weighs.
fn complete(row: usize, counted: &[(&ModelCriterion, &Column)], figures: &[Vec<Option<f64>>]) -> bool {
    counted
        .iter()
        .zip(figures)
        .all(|((criterion, _), column)| criterion.weight == 0.0 || column[row].is_some())
}

/// The numbers of a column; categories by their table. Of a number known between bounds counts what the rule of order takes
/// between its worse and its better end.
fn figures(
    criterion: &ModelCriterion,
    column: &Column,
    rule: Rule,
    warnings: &mut Vec<Warning>,
) -> Vec<Option<f64>> {
    let mut between = 0;
    let figures = column
        .cells()
        .map(|cell| match cell {
            Cell::Known(number) => Some(number),
            Cell::Interval(low, high) => {
                between += 1;
                Some(match criterion.goal {
                    Goal::Max => rule.between(low, high),
                    Goal::Min => -rule.between(-high, -low),
                })
            }
            Cell::Category(name) => criterion.value.as_ref().and_then(|value| value.of_category(name)),
            Cell::Unknown(_) => None,
        })
        .collect();
    if between > 0 {
        let message = format!(
            "{}: {between} numbers known between bounds count with {}.",
            criterion.id,
            match rule {
                Rule::Lowest => "their worse end".to_owned(),
                Rule::Middle => "their middle".to_owned(),
                Rule::Hurwicz { alpha } => format!("their worse end and {alpha} of the way to the better"),
            }
        );
        warnings.push(Warning::criterion("between_bounds", &criterion.id, message));
    }
    figures
}

fn apply(
    method: Method,
    criteria: &[&ModelCriterion],
    values: &[&[f64]],
    rows: &[usize],
    outcome: &mut Outcome,
) {
    let weights: Vec<f64> = criteria.iter().map(|criterion| criterion.weight).collect();
    let shares = shares(&weights);
    // A table of values is better upwards, whatever the column's goal.
    let goal = |criterion: &&ModelCriterion| match criterion.value {
        Some(ValueFunction::Table { .. }) => Goal::Max,
        _ => criterion.goal,
    };
    let goals: Vec<Goal> = criteria.iter().map(goal).collect();
    let (scores, lower_is_better) = match method {
        Method::WeightedSum => return,
        Method::Topsis { normalisation } => {
            (topsis::closeness(values, &goals, &shares, normalisation), false)
        }
        Method::Vikor { v } => {
            let result = vikor::vikor(values, &goals, &shares, v);
            for (index, row) in rows.iter().enumerate() {
                let alternative = &mut outcome.alternatives[*row];
                (alternative.s, alternative.r) = (Some(result.s[index]), Some(result.r[index]));
                alternative.q = Some(result.q[index]);
            }
            let id = |index: &u32| outcome.alternatives[rows[*index as usize]].id.clone();
            outcome.compromise = Some(result.compromise.iter().map(id).collect());
            outcome.acceptable_advantage = Some(result.acceptable_advantage);
            outcome.acceptable_stability = Some(result.acceptable_stability);
            (result.q, true)
        }
        Method::PrometheeII => (flows(criteria, values, &goals, &shares, rows, outcome), false),
        Method::Spotis => (
            distances(criteria, values, &goals, &shares, &mut outcome.warnings),
            true,
        ),
    };
    let by = outcome.order;
    let is_behind =
        |one: &Alternative| by.undecided_behind() && one.status == Some(RowStatus::ExclusionUnknown);
    let mut before = 0;
    for group in [false, true] {
        let (rows, scores): (Vec<usize>, Vec<f64>) = rows
            .iter()
            .zip(&scores)
            .filter(|(row, _)| is_behind(&outcome.alternatives[**row]) == group)
            .map(|(row, score)| (*row, rank::settle(*score)))
            .unzip();
        let order = if lower_is_better {
            rank::ascending(&scores)
        } else {
            rank::descending(&scores)
        };
        for (index, row) in rows.iter().enumerate() {
            outcome.alternatives[*row].score = Some(scores[index]);
            outcome.alternatives[*row].rank = Some(before + order.ranks[index]);
        }
        before += rows.len() as u32;
    }
}

fn flows(
    criteria: &[&ModelCriterion],
    values: &[&[f64]],
    goals: &[Goal],
    shares: &[f64],
    rows: &[usize],
    outcome: &mut Outcome,
) -> Vec<f64> {
    for criterion in criteria.iter().filter(|criterion| criterion.preference.is_none()) {
        let message = format!(
            "{}: no preference function was given; the usual one is taken.",
            criterion.id
        );
        outcome
            .warnings
            .push(Warning::criterion("usual_preference", &criterion.id, message));
    }
    let preferences: Vec<Preference> = criteria
        .iter()
        .map(|criterion| criterion.preference.unwrap_or(Preference::Usual))
        .collect();
    let flows = promethee::flows(values, goals, shares, &preferences);
    for (index, row) in rows.iter().enumerate() {
        let alternative = &mut outcome.alternatives[*row];
        alternative.phi = Some(rank::settle(flows.phi[index]));
        alternative.phi_plus = Some(rank::settle(flows.phi_plus[index]));
        alternative.phi_minus = Some(rank::settle(flows.phi_minus[index]));
    }
    flows.phi
}

fn distances(
    criteria: &[&ModelCriterion],
    values: &[&[f64]],
    goals: &[Goal],
    shares: &[f64],
    warnings: &mut Vec<Warning>,
) -> Vec<f64> {
    // The model's parser saw to it that there are bounds.
    let bounds: Vec<[f64; 2]> = criteria
        .iter()
        .map(|criterion| criterion.bounds.unwrap_or([0.0, 1.0]))
        .collect();
    for ((criterion, column), [lower, upper]) in criteria.iter().zip(values).zip(&bounds) {
        let beyond = column
            .iter()
            .filter(|number| *number < lower || *number > upper)
            .count();
        if beyond > 0 {
            let message = format!(
                "{}: {beyond} numbers lie beyond the bounds and count as the bound.",
                criterion.id
            );
            warnings.push(Warning::criterion("beyond_bounds", &criterion.id, message));
        }
    }
    spotis::distances(values, goals, shares, &bounds)
}
