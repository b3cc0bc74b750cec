//! Rankings: candidate sites measured (the slow part, kept while the layers stay the same), decided (instant), kept by id.
//!
//! ```text
//! catalogue + scenario ──► measure ──► Measured ──► planning::decision ──► RankedSites ──► pages, matrix, tiles, files
//!                          (cached on the scenario's measure key and the layers' hashes)
//! ```

pub mod drawn;
mod error;
pub mod files;
pub mod layers;
pub mod measure;
pub mod room;
pub mod sites;
pub mod spreadsheet;
mod store;
pub mod tile;

pub use error::RankError;
pub use sites::RankedSites;
pub use store::{MeasureSites, RankingStore};
