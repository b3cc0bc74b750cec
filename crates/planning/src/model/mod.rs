//! A model for any decision matrix: which columns count, how, and by which method (`MODEL.toml`).

mod decide;
mod matrix_csv;
mod outcome;
mod outranking;
pub(crate) mod table;
mod weighted;

use serde_json::Value;

pub use decide::{decide, decide_texts, parse_texts};
pub use matrix_csv::parse_matrix;
pub use outcome::{Alternative, Outcome};

use crate::exclusion::{Limit, read_limit};
use crate::methods::Method;
use crate::methods::promethee::Preference;
use crate::problem::Problem;
use crate::scenario::Order;
use crate::tree::{self, Table};
use crate::value::{Goal, ValueFunction};
use crate::weights::levels::{Given, Levels, Weighable, Weighed, Weighting, levels, weigh, weight};

/// One criterion: a column of the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCriterion {
    /// Name of the column.
    pub id: String,
    /// Which way its numbers are better.
    pub goal: Goal,
    /// Weight on any positive scale.
    pub weight: f64,
    /// The group that it belongs to, see [`Model::levels`].
    pub group: Option<String>,
    /// Weighted sum: what numbers are worth; without it, min-max over the alternatives. For a column of categories it
    /// is a table, under every method.
    pub value: Option<ValueFunction>,
    /// PROMETHEE: the preference function; without it, the usual one.
    pub preference: Option<Preference>,
    /// SPOTIS: lower and upper bound.
    pub bounds: Option<[f64; 2]>,
}

/// One hard limit on a column.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelExclusion {
    /// Name of the column.
    pub criterion: String,
    /// The limit.
    pub limit: Limit,
}

/// A checked model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The method with its parameters.
    pub method: Method,
    /// The criteria.
    pub criteria: Vec<ModelCriterion>,
    /// The limits.
    pub exclusions: Vec<ModelExclusion>,
    /// How alternatives are ordered where figures are missing.
    pub order: Order,
    /// Groups of criteria and people's judgements, from which the weights came.
    pub levels: Levels,
}

impl Weighable for ModelCriterion {
    fn weighed(&self) -> Weighed<'_> {
        Weighed {
            id: &self.id,
            group: self.group.as_deref(),
            weight: Some(self.weight),
        }
    }

    fn weigh(&mut self, weight: f64) {
        self.weight = weight;
    }
}

impl Model {
    /// Parses a model's TOML.
    ///
    /// # Errors
    /// Every problem at once, each with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let tree = tree::from_toml(text)?;
        match read(&tree, &mut problems) {
            Some(model) if problems.is_empty() => Ok(model),
            _ => Err(problems),
        }
    }
}

fn read(value: &Value, problems: &mut Vec<Problem>) -> Option<Model> {
    let mut table = Table::open(value, String::new(), problems)?;
    let method = Method::read(&mut table);
    let order = table.optional_table("order").map(Order::read);
    let (levels, weighting) = levels(&mut table);
    let criteria = table.each("criterion", |table| criterion(table, method, weighting));
    let exclusions = table.each("exclusion", exclusion);
    crate::scenario::check_references(value, &mut table);
    let criteria = weigh(criteria, levels.as_ref(), weighting, table.problems);
    table.close();
    Some(Model {
        method: method?,
        criteria: criteria?,
        exclusions: exclusions.into_iter().collect::<Option<_>>()?,
        order: order.unwrap_or_default(),
        levels: levels?,
    })
}

fn criterion(
    mut table: Table<'_, '_>,
    method: Option<Method>,
    weighting: Weighting,
) -> Option<(ModelCriterion, Given)> {
    let id = table.text("id").map(String::from);
    let weight = weight(&mut table, weighting);
    let group = table.optional_text("group").map(String::from);
    let has_value = table.has("value");
    let value = table.optional_table("value").and_then(ValueFunction::read);
    if !has_value && !table.has("goal") {
        table.problem(
            "goal",
            "is missing: write max (more is better) or min (less is better)",
        );
    }
    let goal = crate::scenario::check_goal(&mut table, value.as_ref());
    let has_preference = table.has("preference");
    let preference = table.optional_table("preference").and_then(Preference::read);
    let bounds = bounds(&mut table);
    if method == Some(Method::Spotis) && !table.has("bounds") {
        table.problem("bounds", "is missing: spotis needs [lower, upper]");
    }
    table.close();
    if (has_value && value.is_none()) || (has_preference && preference.is_none()) {
        return None;
    }
    let criterion = ModelCriterion {
        id: id?,
        goal: goal?,
        weight: 0.0,
        group,
        value,
        preference,
        bounds,
    };
    Some((criterion, weight?))
}

fn bounds(table: &mut Table<'_, '_>) -> Option<[f64; 2]> {
    let list = table.optional_list("bounds")?;
    let numbers: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
    match numbers.as_slice() {
        [lower, upper] if list.len() == 2 && lower < upper => Some([*lower, *upper]),
        [_, _] if list.len() == 2 => {
            table.problem(
                "bounds",
                "the lower bound must come first and be less than the upper",
            );
            None
        }
        _ => {
            table.problem("bounds", "must be two numbers: [lower, upper]");
            None
        }
    }
}

fn exclusion(mut table: Table<'_, '_>) -> Option<ModelExclusion> {
    let criterion = table.text("criterion").map(String::from);
    let limit = read_limit(&mut table);
    if limit == Some(Limit::OnNetwork) {
        table.problem("on_network", "belongs to scenarios, whose measures know of roads");
    }
    table.close();
    Some(ModelExclusion {
        criterion: criterion?,
        limit: limit?,
    })
}
