//! A decision over any matrix under a model.

use super::outcome::{Alternative, Outcome};
use super::outranking::outranked;
use super::weighted::weighted_sum;
use super::{Model, ModelCriterion, ModelExclusion, parse_matrix};
use crate::decision::RowStatus;
use crate::exclusion::{Answer, Limit};
use crate::matrix::{Cell, Column, Matrix};
use crate::measure;
use crate::methods::Method;
use crate::problem::{Problem, Warning};
use crate::rank::settle;
use crate::value::ValueFunction;
use crate::weights::levels::notes;
use crate::weights::shares;

/// Decides over a matrix's CSV under a model's TOML.
///
/// # Errors
/// Every problem of both texts at once, their places beginning with `matrix` or `model`.
pub fn decide_texts(matrix: &str, model: &str) -> Result<Outcome, Vec<Problem>> {
    let (matrix, model) = parse_texts(matrix, model)?;
    decide(&model, &matrix)
}

/// Reads a matrix's CSV and a model's TOML.
///
/// # Errors
/// Every problem of both texts at once, their places beginning with `matrix` or `model`.
pub fn parse_texts(matrix: &str, model: &str) -> Result<(Matrix, Model), Vec<Problem>> {
    let named = |name: &str, problems: Vec<Problem>| -> Vec<Problem> {
        let place = |problem: Problem| problem.within(|place| format!("{name}: {place}"));
        problems.into_iter().map(place).collect()
    };
    match (parse_matrix(matrix), Model::parse(model)) {
        (Ok(matrix), Ok(model)) => Ok((matrix, model)),
        (Err(problems), Ok(_)) => Err(named("matrix", problems)),
        (Ok(_), Err(problems)) => Err(named("model", problems)),
        (Err(of_matrix), Err(of_model)) => {
            Err([named("matrix", of_matrix), named("model", of_model)].concat())
        }
    }
}

/// Decides over a matrix.
///
/// Alternatives that fail a limit take no part. The weighted sum gives those with unknown cells a lowest and highest
/// score and ranks them by the model's rule of order, unless too much of their weight is unknown. A criterion without a
/// value function is worth what its place between the least and the greatest figure is: an alternative that lacks the
/// figure has no such place and no rank. The other methods compare everything with everything and need every figure: an
/// alternative that lacks one is left unranked and named in a warning, and a criterion that is unknown throughout is left
/// out.
///
/// # Errors
/// If a criterion has no column, a column of categories has no table of values, or a limit does not fit its column:
/// all at once.
pub fn decide(model: &Model, matrix: &Matrix) -> Result<Outcome, Vec<Problem>> {
    let columns = columns(model, matrix)?;
    let mut outcome = Outcome {
        method: model.method,
        order: model.order,
        alternatives: alternatives(model, matrix),
        compromise: None,
        acceptable_advantage: None,
        acceptable_stability: None,
        collect: Vec::new(),
        warnings: general_warnings(model, matrix, &columns),
    };
    if model.method == Method::WeightedSum {
        weighted_sum(model, &columns, &mut outcome);
    } else {
        outranked(model, &columns, &mut outcome);
    }
    for alternative in &mut outcome.alternatives {
        alternative.too_little_known =
            alternative.rank.is_none() && alternative.status != Some(RowStatus::Excluded);
    }
    let behind = |one: &&Alternative| one.rank.is_some() && one.status == Some(RowStatus::ExclusionUnknown);
    let behind = outcome.alternatives.iter().filter(behind).count();
    if behind > 0 && model.order.undecided_behind() {
        let message = format!(
            "Of {behind} alternatives it is not known whether a limit excludes them. They stand behind all that pass for \
             certain, because at worst it does."
        );
        outcome
            .warnings
            .push(Warning::general("exclusion_undecided", message));
    }
    Ok(outcome)
}

fn columns<'m>(model: &Model, matrix: &'m Matrix) -> Result<Vec<&'m Column>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut columns = Vec::with_capacity(model.criteria.len());
    for (index, criterion) in model.criteria.iter().enumerate() {
        let place = |key: &str| format!("model: criterion[{index}].{key}");
        let Some(column) = matrix.column(&criterion.id) else {
            let known: Vec<&str> = matrix.columns().map(|(name, _)| name).collect();
            let message = format!(
                "the matrix has no column {:?}; it has {}",
                criterion.id,
                known.join(", ")
            );
            problems.push(Problem::new(place("id"), message));
            continue;
        };
        let table = criterion.value.as_ref().is_some_and(ValueFunction::is_table);
        if column.is_category() && !table {
            problems.push(Problem::new(
                place("value"),
                format!(
                    "{} holds categories: give value = {{ kind = \"table\", values = {{ … }} }}",
                    criterion.id
                ),
            ));
        } else if table
            && column
                .cells()
                .any(|cell| matches!(cell, Cell::Known(_) | Cell::Interval(..)))
        {
            let message = format!(
                "{} holds numbers: a table of categories does not fit it",
                criterion.id
            );
            problems.push(Problem::new(place("value"), message));
        }
        columns.push(column);
    }
    for (index, exclusion) in model.exclusions.iter().enumerate() {
        let Some(column) = matrix.column(&exclusion.criterion) else {
            continue;
        };
        let of_categories = matches!(exclusion.limit, Limit::OneOf(_));
        let fits = |cell: Cell<'_>| match cell {
            Cell::Category(_) => of_categories,
            Cell::Known(_) | Cell::Interval(..) => !of_categories,
            Cell::Unknown(_) => true,
        };
        if !column.cells().all(fits) {
            let message = format!(
                "the limit does not fit the column {}: one_of is for categories, \
                                   at_most and at_least are for numbers",
                exclusion.criterion
            );
            problems.push(Problem::new(format!("model: exclusion[{index}]"), message));
        }
    }
    if problems.is_empty() {
        Ok(columns)
    } else {
        Err(problems)
    }
}

fn alternatives(model: &Model, matrix: &Matrix) -> Vec<Alternative> {
    let start = |id: &String| Alternative {
        id: id.clone(),
        ..Alternative::default()
    };
    let mut all: Vec<Alternative> = matrix.ids().iter().map(start).collect();
    let missing = missing_figures(model, matrix);
    let known_nowhere: Vec<bool> = model
        .exclusions
        .iter()
        .map(|exclusion| is_known_nowhere(exclusion, matrix))
        .collect();
    for (row, alternative) in all.iter_mut().enumerate() {
        (alternative.unknown_share, alternative.find_out) = missing(row);
        let mut status = RowStatus::Ranked;
        for (exclusion, known_nowhere) in model.exclusions.iter().zip(&known_nowhere) {
            let Some(column) = matrix.column(&exclusion.criterion) else {
                continue;
            };
            let answer = exclusion.limit.answer(&column.cell(row));
            match answer {
                Answer::Pass => continue,
                Answer::Fail => status = RowStatus::Excluded,
                Answer::Unknown if status == RowStatus::Ranked && !known_nowhere => {
                    status = RowStatus::ExclusionUnknown;
                }
                Answer::Unknown => {}
            }
            alternative
                .excluded
                .push(reason(&exclusion.criterion, &exclusion.limit, answer));
        }
        alternative.status = Some(status);
    }
    all
}

/// Whether of no alternative it is known whether it keeps a limit: then the limit parts nobody.
fn is_known_nowhere(exclusion: &ModelExclusion, matrix: &Matrix) -> bool {
    matrix.column(&exclusion.criterion).is_some_and(|column| {
        column
            .cells()
            .all(|cell| exclusion.limit.answer(&cell) == Answer::Unknown)
    })
}

/// The share of the weight that is missing of a row (a criterion that nobody has a figure of left out), and the criteria that lack it, by falling weight.
fn missing_figures<'a>(model: &'a Model, matrix: &'a Matrix) -> impl Fn(usize) -> (f64, Vec<String>) + 'a {
    let weights: Vec<f64> = model.criteria.iter().map(|criterion| criterion.weight).collect();
    let shares = shares(&weights);
    let unknown = |criterion: &ModelCriterion, cell: Cell<'_>| match cell {
        Cell::Unknown(_) => true,
        Cell::Category(name) => {
            let value = criterion.value.as_ref();
            value.is_some_and(|value| value.of_category(name).is_none())
        }
        Cell::Known(_) | Cell::Interval(..) => false,
    };
    // What nobody knows is no fault of one alternative.
    let asked: Vec<(&ModelCriterion, &Column, f64)> = model
        .criteria
        .iter()
        .zip(shares)
        .filter(|(_, share)| *share > 0.0)
        .filter_map(|(criterion, share)| Some((criterion, matrix.column(&criterion.id)?, share)))
        .filter(|(criterion, column, _)| column.cells().any(|cell| !unknown(criterion, cell)))
        .collect();
    let whole: f64 = asked.iter().map(|(_, _, share)| share).sum();
    move |row| {
        let mut missing: Vec<(f64, &str)> = asked
            .iter()
            .filter(|(criterion, column, _)| unknown(criterion, column.cell(row)))
            .map(|(criterion, _, share)| (*share, criterion.id.as_str()))
            .collect();
        missing.sort_by(|left, right| right.0.total_cmp(&left.0));
        let sum: f64 = missing.iter().map(|(share, _)| share).sum();
        let share = if whole > 0.0 { settle(sum / whole) } else { 1.0 };
        (share, missing.into_iter().map(|(_, id)| id.to_owned()).collect())
    }
}

fn reason(criterion: &str, limit: &Limit, answer: Answer) -> String {
    let limit = match limit {
        Limit::AtMost(number) => format!("at most {}", measure::plain_number(*number)),
        Limit::AtLeast(number) => format!("at least {}", measure::plain_number(*number)),
        Limit::OneOf(categories) => format!("one of {}", categories.join(", ")),
        Limit::OnNetwork => "on the network".into(),
    };
    match answer {
        Answer::Unknown => format!("not known whether {criterion} is {limit}"),
        Answer::Pass | Answer::Fail => format!("{criterion} is not {limit}"),
    }
}

fn general_warnings(model: &Model, matrix: &Matrix, columns: &[&Column]) -> Vec<Warning> {
    let mut all = Vec::new();
    if matrix.len() == 1 {
        all.push(Warning::general(
            "one_alternative",
            "There is only one alternative: its rank says nothing.",
        ));
    }
    all.extend(notes(&model.levels, &model.criteria));
    let some = !matrix.is_empty();
    for exclusion in model
        .exclusions
        .iter()
        .filter(|one| some && is_known_nowhere(one, matrix))
    {
        let id = &exclusion.criterion;
        let message = format!(
            "A limit on {id} cannot be checked: it is not known for any alternative, and so it excludes none and moves none."
        );
        all.push(Warning::criterion("limit_known_nowhere", id, message));
    }
    for (criterion, column) in model.criteria.iter().zip(columns) {
        let id = &criterion.id;
        let unknown = column
            .cells()
            .filter(|cell| matches!(cell, Cell::Unknown(_)))
            .count();
        let first = (!column.is_empty()).then(|| column.cell(0));
        if criterion.weight == 0.0 {
            let message = format!("{id} has the weight 0 and does not count.");
            all.push(Warning::criterion("zero_weight", id, message));
        }
        if unknown == column.len() && unknown > 0 {
            let message = format!("{id} is not known for any alternative and cannot tell them apart.");
            all.push(Warning::criterion("all_unknown", id, message));
        } else if column.len() > 1 && unknown == 0 && column.cells().all(|cell| Some(cell) == first) {
            let message = format!("{id} is the same for every alternative and cannot tell them apart.");
            all.push(Warning::criterion("constant_criterion", id, message));
        }
    }
    all
}
