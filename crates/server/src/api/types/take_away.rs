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
    /// Where the decision departs from the ranking.
    #[serde(default)]
    pub overrides: Vec<RecordOverride>,
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
