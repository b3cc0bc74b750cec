//! Rankings: candidate sites measured (the slow part, kept while the layers stay the same), decided (instant), kept by id.
//!
//! ```text
//! catalogue + scenario ──► measure ──► MeasuredSites ──► planning::decision ──► RankedSites ──► pages, matrix, tiles, files
//!                          (cached on the scenario's measure key and the layers' hashes)
//! ```

mod error;
pub mod files;
pub mod measure;
pub mod sites;
mod store;
pub mod tile;

pub use error::RankError;
pub use sites::{Division, Input, MeasuredSites, RankedSites, Site};
pub use store::{MeasureSites, RankingStore};
