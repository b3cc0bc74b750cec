//! A scenario: what a planner asks for. Which sites, which criteria with which weights, which hard limits.

mod check;
mod key;
mod order;
mod read;
mod sections;

use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use order::Edition;
pub use order::{Order, Rule};
pub use sections::{Flooded, Move, Place, Settlements, Sites, Travel};

pub(crate) use check::{goal as check_goal, references as check_references};
pub(crate) use read::text as read_text;

use crate::cost::Costs;
use crate::day::Day;
use crate::exclusion::{Exclusion, Subject};
use crate::measure::{Measure, Mode};
use crate::methods::Method;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::text::Text;
use crate::value::{Goal, ValueFunction};
use crate::weights::levels::{Levels, Weighable, Weighed};
use crate::{tree, weights};

/// One criterion: a measure, what its raw numbers are worth, and how much that weighs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Criterion {
    /// Unique within the scenario.
    pub id: String,
    /// What people read.
    pub label: Text,
    /// What is measured.
    pub measure: Measure,
    /// Which way a raw number is better; agrees with the value function's direction where it has one.
    pub goal: Goal,
    /// Weight among all criteria on any positive scale; zero switches the criterion off.
    pub weight: f64,
    /// The group that it belongs to, see [`Scenario::levels`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What raw numbers are worth.
    pub value: ValueFunction,
}

impl Weighable for Criterion {
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

/// A scenario that has been checked: whoever holds one need not check again.
///
/// It comes from TOML ([`Scenario::parse`]) or JSON ([`Scenario::from_value`]) under the same rules and goes back
/// to either.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// What people read.
    pub title: Text,
    /// How values become a ranking.
    #[serde(flatten)]
    pub method: Method,
    /// The day for which services are counted: what opens later or has closed by then does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Day>,
    /// How candidate sites are made of parcels.
    pub sites: Sites,
    /// How travel is measured.
    pub travel: Travel,
    /// Who moves, or to which places a family is tied.
    #[serde(rename = "move")]
    pub moving: Move,
    /// How sites are ordered where facts are missing.
    pub order: Order,
    /// Unit costs and budgets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Costs>,
    /// The criteria, at least one with a weight.
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
    /// The hard limits.
    #[serde(rename = "exclusion")]
    pub exclusions: Vec<Exclusion>,
    /// Groups of criteria and people's judgements, from which the weights came.
    #[serde(flatten)]
    pub levels: Levels,
}

/// The most values (numbers, words, tables, lists) of a scenario: far more than any has, and few enough that their mistakes fit into memory.
pub const MAX_VALUES: usize = 20_000;

/// Values of a tree, itself included.
fn count(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(list) => 1 + list.iter().map(count).sum::<usize>(),
        serde_json::Value::Object(table) => 1 + table.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

impl Scenario {
    /// Parses a scenario's TOML.
    ///
    /// # Errors
    /// Every problem in it at once, each with its place; for text that is not TOML at all, the line.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        Self::from_value(&tree::from_toml(text)?)
    }

    /// Reads a scenario that came as JSON.
    ///
    /// # Errors
    /// Every problem in it at once, each with its place.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, Vec<Problem>> {
        let values = count(value);
        if values > MAX_VALUES {
            let mistake = Mistake::TooManyValues {
                found: values,
                most: MAX_VALUES,
            };
            return Err(vec![Problem::new("the whole", mistake)]);
        }
        let mut problems = Vec::new();
        let scenario = read::scenario(value, &mut problems);
        match scenario {
            Some(scenario) if problems.is_empty() => Ok(scenario),
            _ => Err(problems),
        }
    }

    /// The scenario as TOML.
    ///
    /// # Errors
    /// Only if the TOML writer fails, which no checked scenario makes it do.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Every measure that criteria, exclusions and costs need, each once, in order of first use: the columns of the
    /// matrix to be measured, named by [`Measure::id`]. Costs are not measured but made of what is.
    pub fn measures(&self) -> Vec<Measure> {
        let of_exclusions = self.limits().filter_map(|exclusion| match &exclusion.subject {
            Subject::Measure(measure) => Some(measure),
            Subject::Criterion(_) => None,
        });
        let mut all: Vec<Measure> = Vec::new();
        for measure in self
            .criteria
            .iter()
            .map(|criterion| &criterion.measure)
            .chain(of_exclusions)
        {
            if !all.contains(measure) && *measure != Measure::CostPerHousehold {
                all.push(measure.clone());
            }
        }
        for measure in self.cost.iter().flat_map(Costs::measures) {
            if !all.contains(&measure) {
                all.push(measure);
            }
        }
        all
    }

    /// The exclusions that are not switched off.
    pub fn limits(&self) -> impl Iterator<Item = &Exclusion> {
        self.exclusions.iter().filter(|exclusion| !exclusion.off)
    }

    /// The measure that an exclusion limits.
    pub fn measure_of<'a>(&'a self, exclusion: &'a Exclusion) -> Option<&'a Measure> {
        match &exclusion.subject {
            Subject::Measure(measure) => Some(measure),
            Subject::Criterion(id) => self
                .criteria
                .iter()
                .find(|criterion| criterion.id == *id)
                .map(|criterion| &criterion.measure),
        }
    }

    /// The criteria's weights as shares of the total, in their order.
    pub fn shares(&self) -> Vec<f64> {
        let raw: Vec<f64> = self.criteria.iter().map(|criterion| criterion.weight).collect();
        weights::shares(&raw)
    }

    /// How the families of a disruption measure travel: its own mode, or that of `[move]`.
    pub fn mode_of(&self, measure: &Measure) -> Mode {
        match measure {
            Measure::Disruption { mode: Some(mode) }
            | Measure::TravelTime { mode, .. }
            | Measure::ServicesWithin { mode, .. } => *mode,
            _ => self.moving.mode,
        }
    }
}

impl<'de> Deserialize<'de> for Scenario {
    /// Through the same checks as [`Scenario::from_value`]: an unchecked scenario cannot exist.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::from_value(&value).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(Problem::to_string).collect();
            serde::de::Error::custom(all.join("; "))
        })
    }
}
