//! What leaves the screen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person adds to a ranking to make it a decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRequest {
    /// Who decided.
    pub decided_by: String,
    /// Notes that belong to the decision.
    #[serde(default)]
    pub notes: String,
    /// The sites that were chosen, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<RecordChoice>,
    /// Where the decision departs from the ranking.
    #[serde(default)]
    pub overrides: Vec<RecordOverride>,
}

/// A site that was chosen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordChoice {
    /// Id of the site.
    pub site: String,
    /// Why it was chosen.
    pub reason: String,
}

/// A departure from the ranking.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordOverride {
    /// Id of the site.
    pub site: String,
    /// Why the ranking was not followed.
    pub reason: String,
    /// What was decided of it; "chosen against the order" if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
}
