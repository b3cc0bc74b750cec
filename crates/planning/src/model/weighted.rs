//! The weighted sum over any matrix, with bounds, rank intervals and the facts worth collecting.

use super::outcome::Outcome;
use super::{Model, ModelCriterion};
use crate::decision::{Reading, RowStatus, Valued, contest};
use crate::exclusion::Answer;
use crate::matrix::{Cell, Column};
use crate::methods::{Ends, spread};
use crate::problem::Warning;
use crate::unknowns::facts::facts;
use crate::value::{Goal, ValueFunction};
use crate::weights::shares;

/// How many alternatives count as the top of the list, and how many missing facts are named.
const TOP: usize = 10;

/// Fills in scores, bounds and ranks.
pub(super) fn weighted_sum(model: &Model, columns: &[&Column], outcome: &mut Outcome) {
    let weights: Vec<f64> = model.criteria.iter().map(|criterion| criterion.weight).collect();
    let shares = shares(&weights);
    let status: Vec<RowStatus> = outcome
        .alternatives
        .iter()
        .map(|one| one.status.unwrap_or(RowStatus::Ranked))
        .collect();
    let mut valued = Vec::with_capacity(columns.len());
    for (criterion, column) in model.criteria.iter().zip(columns) {
        let function = criterion.value.clone().unwrap_or_else(|| {
            let message = format!(
                "{}: no value function was given, so the least and greatest number among the alternatives are its \
                 ends: adding or removing an alternative may reorder the others.",
                criterion.id
            );
            outcome.warnings.push(Warning::criterion("min_max", &criterion.id, message));
            min_max(column, criterion.goal, &status)
        });
        let reading = Reading {
            open: function.whole_range(),
            unreachable: None,
            rule: model.order.rule,
        };
        let values = Valued::of(&function, column, reading);
        if !values.strangers.is_empty() {
            let names: Vec<&str> = values.strangers.iter().map(String::as_str).collect();
            let message = format!(
                "{}: no value for {}; treated as unknown.",
                criterion.id,
                names.join(", ")
            );
            outcome.warnings.push(Warning::criterion(
                "category_without_value",
                &criterion.id,
                message,
            ));
        }
        valued.push(values);
    }
    let valued: Vec<&Valued> = valued.iter().collect();
    let (lowest, highest) = contest::bounds(&valued, &shares);
    let unknown: Vec<f64> = outcome.alternatives.iter().map(|one| one.unknown_share).collect();
    let enough = (unknown.as_slice(), model.order.apart_above);
    let mut contenders = contest::contenders(&valued, &shares, &status, enough);
    let placed = contenders.len();
    contenders.retain(|row| has_its_place(*row as usize, model, &valued));
    if contenders.len() < placed {
        let message = format!(
            "{} alternatives lack a figure of a criterion without a value function and are not ranked: \
             give it a value function, or find the figure.",
            placed - contenders.len()
        );
        outcome
            .warnings
            .push(Warning::general("incomplete_alternatives", message));
    }
    let rows = status.len();
    let score = contest::scores(model.method, &valued, &shares, &contenders, rows, Ends::Fixed);
    let sure: Vec<bool> = outcome
        .alternatives
        .iter()
        .map(|one| one.excluded.is_empty())
        .collect();
    let mut standing = contest::standings(model.method, &lowest, &highest, &status, &sure);
    let ids: Vec<String> = outcome.alternatives.iter().map(|one| one.id.clone()).collect();
    let behind = contest::behind(&model.order, &status);
    let (ranks, order) = contest::order(&score, &behind, &status, &ids);
    contest::hold_ranks(&mut standing, &ranks, &behind);
    for (row, alternative) in outcome.alternatives.iter_mut().enumerate() {
        alternative.rank = ranks[row];
        alternative.score = score[row];
        alternative.lowest = Some(lowest[row]);
        alternative.highest = Some(highest[row]);
        alternative.best_rank = standing[row].map(|standing| standing.best);
        alternative.worst_rank = standing[row].map(|standing| standing.worst);
    }
    let names: Vec<&str> = model
        .criteria
        .iter()
        .map(|criterion| criterion.id.as_str())
        .collect();
    let scored = ranks.iter().flatten().count();
    let top = &order[..scored.min(TOP)];
    let unsure = |row: usize| -> Vec<&str> {
        let unknown = |name: &str| {
            model
                .exclusions
                .iter()
                .filter(move |one| one.criterion == name)
                .any(|one| {
                    let column = names.iter().position(|id| *id == name).map(|at| columns[at]);
                    column.is_some_and(|column| one.limit.answer(&column.cell(row)) == Answer::Unknown)
                })
        };
        names.iter().copied().filter(|name| unknown(name)).collect()
    };
    let bounds = (lowest.as_slice(), highest.as_slice());
    let open = contest::open(&ids, &names, &valued, &shares, bounds, &status, unsure, top);
    outcome.collect = facts(&open, TOP);
}

/// Whether a row has a figure in every criterion whose ends are those of the figures at hand: without it, it could move
/// the ends, and rise by what is not known.
fn has_its_place(row: usize, model: &Model, valued: &[&Valued]) -> bool {
    let place = |(criterion, valued): (&ModelCriterion, &&Valued)| {
        criterion.weight == 0.0 || criterion.value.is_some() || valued.is_known(row) || nobody_knows(valued)
    };
    model.criteria.iter().zip(valued).all(place)
}

/// Where nobody has a figure, nobody has an advantage.
fn nobody_knows(valued: &Valued) -> bool {
    (0..valued.low().len()).all(|row| !valued.is_known(row))
}

/// A value function from the least to the greatest number among the alternatives that take part. Where they are all
/// the same, that number is worth full marks, and an unknown one may still be worth anything.
fn min_max(column: &Column, goal: Goal, status: &[RowStatus]) -> ValueFunction {
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for (cell, _) in column
        .cells()
        .zip(status)
        .filter(|(_, status)| **status != RowStatus::Excluded)
    {
        let (low, high) = match cell {
            Cell::Known(number) => (number, number),
            Cell::Interval(low, high) => (low, high),
            Cell::Category(_) | Cell::Unknown(_) => continue,
        };
        (least, most) = (least.min(low), most.max(high));
    }
    if least < most {
        let (best, worst) = spread::best_and_worst((least, most), goal);
        return ValueFunction::Linear { worst, best };
    }
    let only = if least.is_finite() { least } else { 0.0 };
    ValueFunction::Trapezoid {
        a: only - 1.0,
        b: only,
        c: only,
        d: only + 1.0,
    }
}
