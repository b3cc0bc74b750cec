//! What is wrong with an input, and where: every problem is collected, none hides another.

use serde::Serialize;
use thiserror::Error;

/// One thing wrong with an input, in a sentence that says what to do, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Error)]
#[error("{place}: {message}")]
pub struct Problem {
    /// Where: a path such as `criterion[2].value.worst` (counted from 0, as in JSON), or `row 3, column cost`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

/// Something that a planner should know about a result that is still an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Warning {
    /// Stable, for programs: `constant_criterion`, `zero_weight`, `all_unknown`, …
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The criterion it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub criterion: Option<String>,
}

impl Warning {
    /// A warning about one criterion.
    pub fn criterion(code: &str, criterion: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            criterion: Some(criterion.into()),
        }
    }

    /// A warning about the whole.
    pub fn general(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            criterion: None,
        }
    }
}
