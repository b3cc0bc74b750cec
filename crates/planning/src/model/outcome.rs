//! What `phteah decide --json` prints.

use serde::Serialize;

use crate::methods::Method;
use crate::problem::Warning;
use crate::scenario::Order;
use crate::unknowns::facts::Fact;

/// One alternative.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Alternative {
    /// Its id.
    pub id: String,
    /// Rank from 1, ties sharing the better rank; absent where excluded or not scored.
    pub rank: Option<u32>,
    /// The method's own score: weighted sum, closeness, Q, net flow, distance.
    pub score: Option<f64>,
    /// Weighted sum: lowest possible score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest: Option<f64>,
    /// Weighted sum: highest possible score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highest: Option<f64>,
    /// Weighted sum: best possible rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_rank: Option<u32>,
    /// Weighted sum: worst possible rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_rank: Option<u32>,
    /// VIKOR: group utility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s: Option<f64>,
    /// VIKOR: individual regret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r: Option<f64>,
    /// VIKOR: compromise measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<f64>,
    /// PROMETHEE: net flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phi: Option<f64>,
    /// PROMETHEE: positive flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phi_plus: Option<f64>,
    /// PROMETHEE: negative flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phi_minus: Option<f64>,
    /// Whether it fails a limit, or may: `ranked`, `excluded`, `exclusion_unknown`.
    pub status: Option<crate::decision::RowStatus>,
    /// Share of the weight of which nothing is known, criteria left out that are known of no alternative.
    pub unknown_share: f64,
    /// Whether it has no rank because too little is known of it.
    pub too_little_known: bool,
    /// What to find out: criteria whose figure is missing, by falling weight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub find_out: Vec<String>,
    /// Why, one sentence for each limit that fails or is unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
}

/// The decision over a matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The method with its parameters.
    #[serde(flatten)]
    pub method: Method,
    /// How they are ordered where figures are missing: `by`, `alpha`, `apart_above`.
    pub order: Order,
    /// The alternatives in input order.
    pub alternatives: Vec<Alternative>,
    /// VIKOR: ids of the compromise set, in input order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compromise: Option<Vec<String>>,
    /// VIKOR: condition C1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptable_advantage: Option<bool>,
    /// VIKOR: condition C2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptable_stability: Option<bool>,
    /// Weighted sum: missing facts that would most narrow the top of the list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collect: Vec<Fact>,
    /// What should be known about this result.
    pub warnings: Vec<Warning>,
}
