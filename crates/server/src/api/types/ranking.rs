//! A ranking as a whole.

use phteah_planning::decision::RankedCriterion;
use phteah_planning::exclusion::Answer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Room, Said, Text};
use crate::api::error::ApiError;
use crate::ranking::RankedSites;

/// What to rank by.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RankingRequest {
    /// A scenario: the same fields as the TOML file.
    #[schema(value_type = Object)]
    pub scenario: Value,
}

/// A ranking. Its sites, its matrix and its tiles have addresses of their own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ranking {
    /// Names it: the same layers and the same scenario give the same id.
    pub id: String,
    /// The scenario it was made by.
    #[schema(value_type = Object)]
    pub scenario: Value,
    /// `weighted-sum`, …
    pub method: String,
    /// How sites are ordered where facts are missing.
    pub order: Order,
    /// In the scenario's order.
    pub criteria: Vec<Criterion>,
    /// In the scenario's order.
    pub exclusions: Vec<ExclusionTotal>,
    /// Numbers of sites.
    pub totals: Totals,
    /// The layers that were measured.
    pub inputs: Vec<Input>,
    /// What a planner should know about this result.
    pub warnings: Vec<Warning>,
    /// The room of the ranked sites against those who would move; null where no settlement says how many these are.
    pub room: Option<Room>,
    /// Whether any input is generated, not real.
    pub illustrative: bool,
}

/// How sites are ordered where facts are missing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Order {
    /// What an unknown value counts: `lowest` that it can be, `middle`, or `hurwicz`.
    pub by: String,
    /// How much the highest counts beside the lowest, 0 to 1: 0 for `lowest`, 0.5 for `middle`.
    pub alpha: f64,
    /// A site of whose weight more than this share is unknown has no rank and is listed apart.
    pub apart_above: f64,
}

/// A criterion.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Criterion {
    /// Its id.
    pub id: String,
    /// For people.
    pub label: Text,
    /// Unit of its raw numbers.
    pub unit: String,
    /// `max` where more is better, else `min`.
    pub goal: String,
    /// Share of the whole, 0 to 1.
    pub weight: f64,
    /// What is measured.
    #[schema(value_type = Object)]
    pub measure: Value,
    /// The value function.
    #[schema(value_type = Object)]
    pub value: Value,
    /// The value function in words.
    pub in_words: Text,
}

/// An exclusion and how many sites it touches.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ExclusionTotal {
    /// Its id.
    pub id: String,
    /// Its reason.
    pub text: Text,
    /// Sites excluded by it.
    pub fails: usize,
    /// Sites of which it is not known.
    pub unknown: usize,
}

/// Numbers of sites.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// All.
    pub sites: usize,
    /// With a rank.
    pub ranked: usize,
    /// Excluded.
    pub excluded: usize,
    /// Not excluded, but without a rank because too little is known.
    pub too_little_known: usize,
    /// With at least one fact missing.
    pub with_unknowns: usize,
}

/// A layer that was measured.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Input {
    /// Its name.
    pub layer: String,
    /// Its role.
    pub role: String,
    /// Hash of its version.
    pub hash: String,
    /// Whether it is generated.
    pub illustrative: bool,
    /// Its licence.
    pub licence: String,
    /// Its attribution.
    pub attribution: String,
}

/// What a planner should know.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// Stable, for programs.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// The criterion it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The sentence for other languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}

impl Ranking {
    /// A ranking as JSON.
    pub fn of(ranked: &RankedSites) -> Result<Self, ApiError> {
        let ranking = &ranked.ranking;
        let totals = ranking.totals();
        let exclusions = ranking.exclusions.iter().map(|result| ExclusionTotal {
            id: result.exclusion.id.clone(),
            text: (&result.exclusion.reason).into(),
            fails: result.count(Answer::Fail),
            unknown: result.count(Answer::Unknown),
        });
        let inputs = ranked.measured.inputs.iter().map(|input| Input {
            layer: input.name.clone(),
            role: input.role.to_string(),
            hash: input.hash.clone(),
            illustrative: input.illustrative,
            licence: input.licence.clone(),
            attribution: input.attribution.clone(),
        });
        let warnings = ranked.warnings().map(Warning::from);
        Ok(Self {
            id: ranked.id.clone(),
            scenario: to_value(&ranked.scenario)?,
            method: ranking.method.name().to_owned(),
            order: Order {
                by: ranking.by.rule.name().to_owned(),
                alpha: ranking.by.rule.alpha(),
                apart_above: ranking.by.apart_above,
            },
            criteria: ranking
                .criteria
                .iter()
                .map(|criterion| Criterion::of(ranked, criterion))
                .collect::<Result<_, _>>()?,
            exclusions: exclusions.collect(),
            totals: Totals {
                sites: totals.sites,
                ranked: totals.ranked,
                excluded: totals.excluded,
                too_little_known: totals.too_little_known,
                with_unknowns: totals.with_unknowns,
            },
            inputs: inputs.collect(),
            warnings: warnings.collect(),
            room: ranked.room().map(|room| Room::of(ranked, room)),
            illustrative: ranked.illustrative(),
        })
    }
}

impl From<&phteah_planning::problem::Warning> for Warning {
    fn from(warning: &phteah_planning::problem::Warning) -> Self {
        Self {
            code: warning.code.clone(),
            message: warning.message.clone(),
            criterion: warning.criterion.clone(),
            said: warning.said.clone().map(Said::from),
        }
    }
}

impl Criterion {
    fn of(ranked: &RankedSites, criterion: &RankedCriterion) -> Result<Self, ApiError> {
        Ok(Self {
            id: criterion.id.clone(),
            label: (&criterion.label).into(),
            unit: ranked.unit(&criterion.measure).to_owned(),
            goal: to_value(&criterion.goal)?.as_str().unwrap_or_default().to_owned(),
            weight: criterion.weight,
            measure: to_value(&criterion.measure)?,
            value: to_value(&criterion.function)?,
            in_words: (&criterion.in_words).into(),
        })
    }
}

/// A type of the domain as JSON; the forms are those of the scenario file.
pub(crate) fn to_value(domain: &impl Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(domain).map_err(ApiError::internal)
}
