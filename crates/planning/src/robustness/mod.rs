//! How far a ranking depends on the weights and on what is not exactly known.

mod contest;
pub mod draws;
pub mod pairwise;
pub mod pareto;
mod plausible;
pub mod smaa;
pub mod swap;
mod tiles;
mod top;
mod values;

use thiserror::Error;

pub use contest::Contest;
pub use plausible::{Acceptability, Plausible, acceptability};
pub use values::Values;

/// Why an analysis cannot run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RobustnessError {
    /// No draw, or too many.
    #[error("the number of draws must be from 1 to 1,000,000, but is {0}")]
    Draws(u32),
    /// Columns of different lengths, or another number of them than was promised.
    #[error("columns of values must be equally long and as many as the weights: {0}")]
    Shape(String),
    /// Weights that are negative, no numbers, or all zero.
    #[error("weights must not be negative and not all be zero")]
    Weights,
    /// A spread outside 0..1.
    #[error("the spread around given weights must lie between 0 and 1")]
    Spread,
}
