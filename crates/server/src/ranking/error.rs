//! Why there is no ranking.

use phteah_layers::LayersError;
use phteah_planning::problem::{self, Problem};

/// Why the candidate sites cannot be ranked.
#[derive(Debug, thiserror::Error)]
pub enum RankError {
    /// The scenario does not fit what was measured; every mistake at once.
    #[error("{}", problem::told(.0))]
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
}
