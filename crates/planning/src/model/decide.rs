//! A decision over any matrix under a model.

use super::outcome::{Alternative, Outcome};
use super::{Model, ModelCriterion, parse_matrix};
use crate::decision::{RowStatus, Valued, contest};
use crate::exclusion::{Answer, Limit};
use crate::matrix::{Cell, Column, Matrix};
use crate::methods::promethee::Preference;
use crate::methods::{Method, promethee, spotis, spread, topsis, vikor};
use crate::problem::{Problem, Warning};
use crate::unknowns::facts::facts;
use crate::value::{Goal, ValueFunction};
use crate::weights::shares;
use crate::{measure, rank};

/// How many alternatives count as the top of the list, and how many missing facts are named.
const TOP: usize = 10;

/// Decides over a matrix's CSV under a model's TOML.
///
/// # Errors
/// Every problem of both texts at once, their places beginning with `matrix` or `model`.
pub fn decide_texts(matrix: &str, model: &str) -> Result<Outcome, Vec<Problem>> {
    let named = |name: &str, problems: Vec<Problem>| -> Vec<Problem> {
        let place = |problem: Problem| Problem::new(format!("{name}: {}", problem.place), problem.message);
        problems.into_iter().map(place).collect()
    };
    match (parse_matrix(matrix), Model::parse(model)) {
        (Ok(matrix), Ok(model)) => decide(&model, &matrix),
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
/// score. The other methods compare everything with everything and need every figure: an alternative that lacks one
/// is left unranked and named in a warning, and a criterion that is unknown throughout is left out.
///
/// # Errors
/// If a criterion has no column, a column of categories has no table of values, or a limit does not fit its column:
/// all at once.
pub fn decide(model: &Model, matrix: &Matrix) -> Result<Outcome, Vec<Problem>> {
    let columns = columns(model, matrix)?;
    let mut outcome = Outcome {
        method: model.method,
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
    for (row, alternative) in all.iter_mut().enumerate() {
        let mut status = RowStatus::Ranked;
        for exclusion in &model.exclusions {
            let Some(column) = matrix.column(&exclusion.criterion) else {
                continue;
            };
            let answer = exclusion.limit.answer(&column.cell(row));
            match answer {
                Answer::Pass => continue,
                Answer::Fail => status = RowStatus::Excluded,
                Answer::Unknown if status == RowStatus::Ranked => status = RowStatus::ExclusionUnknown,
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

fn weighted_sum(model: &Model, columns: &[&Column], outcome: &mut Outcome) {
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
        let values = Valued::of(&function, column);
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
    let (lowest, highest) = contest::bounds(&valued, &shares);
    let contenders = contest::contenders(&valued, &shares, &status);
    let score = contest::scores(model.method, &valued, &shares, &contenders, status.len());
    let standing = contest::standings(model.method, &lowest, &highest, &status);
    let ids: Vec<String> = outcome.alternatives.iter().map(|one| one.id.clone()).collect();
    let (ranks, order) = contest::order(&score, &status, &ids);
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
    let valued: Vec<&Valued> = valued.iter().collect();
    let open = contest::open(&ids, &names, &valued, &shares, (&lowest, &highest), &status, top);
    outcome.collect = facts(&open, TOP);
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

/// The methods that compare everything with everything.
fn outranked(model: &Model, columns: &[&Column], outcome: &mut Outcome) {
    let counted: Vec<(&ModelCriterion, &Column)> = model
        .criteria
        .iter()
        .zip(columns.iter().copied())
        .filter(|(_, column)| column.cells().any(|cell| !matches!(cell, Cell::Unknown(_))))
        .collect();
    let figures: Vec<Vec<Option<f64>>> = counted
        .iter()
        .map(|(criterion, column)| figures(criterion, column, &mut outcome.warnings))
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

/// The numbers of a column; categories by their table, the middle for a number known between bounds.
fn figures(criterion: &ModelCriterion, column: &Column, warnings: &mut Vec<Warning>) -> Vec<Option<f64>> {
    let mut between = 0;
    let figures = column
        .cells()
        .map(|cell| match cell {
            Cell::Known(number) => Some(number),
            Cell::Interval(low, high) => {
                between += 1;
                Some(f64::midpoint(low, high))
            }
            Cell::Category(name) => criterion.value.as_ref().and_then(|value| value.of_category(name)),
            Cell::Unknown(_) => None,
        })
        .collect();
    if between > 0 {
        let message = format!(
            "{}: {between} numbers known between bounds count with their middle.",
            criterion.id
        );
        warnings.push(Warning::criterion("middle_of_bounds", &criterion.id, message));
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
    let settled = |scores: &[f64]| -> Vec<f64> { scores.iter().map(|score| rank::settle(*score)).collect() };
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
    let scores = settled(&scores);
    let order = if lower_is_better {
        rank::ascending(&scores)
    } else {
        rank::descending(&scores)
    };
    for (index, row) in rows.iter().enumerate() {
        outcome.alternatives[*row].score = Some(scores[index]);
        outcome.alternatives[*row].rank = Some(order.ranks[index]);
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
