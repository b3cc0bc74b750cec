//! What the server is doing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;
use crate::work::Step;

/// Long work under way, in the order in which it began; empty where there is none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkList {
    /// The work.
    pub work: Vec<WorkStep>,
}

/// The step at which some work is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkStep {
    /// What is being done.
    pub step: Text,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do; null where that is not known.
    pub total: Option<u64>,
}

impl From<Step> for WorkStep {
    fn from(step: Step) -> Self {
        Self {
            step: (&step.what).into(),
            done: step.done,
            total: step.total,
        }
    }
}
