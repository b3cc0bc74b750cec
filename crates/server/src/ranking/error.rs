//! Why there is no ranking.

use phteah_layers::LayersError;
use phteah_planning::problem::Problem;

/// Why the candidate sites cannot be ranked.
#[derive(Debug, thiserror::Error)]
pub enum RankError {
    /// The scenario does not fit what was measured; every mistake at once.
    #[error("{}", sentence(.0))]
    Scenario(Vec<Problem>),
    /// The loaded layers do not allow it; says what to import.
    #[error("{0}")]
    Layers(String),
    /// A layer cannot be read.
    #[error(transparent)]
    Read(#[from] LayersError),
    /// A site has no place on the map: a defect.
    #[error("the site {0} lies nowhere")]
    Nowhere(String),
    /// Another request ran into it first; both waited for the same work.
    #[error("{0}")]
    Shared(std::sync::Arc<RankError>),
}

impl RankError {
    pub(super) fn shared(error: std::sync::Arc<Self>) -> Self {
        Self::Shared(error)
    }

    /// The error itself, whoever ran into it first.
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(error) => error.root(),
            other => other,
        }
    }
}

fn sentence(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(Problem::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
