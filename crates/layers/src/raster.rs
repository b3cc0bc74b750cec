//! Rasters on their own grid and CRS; nothing is ever resampled for measuring.

mod engine;
mod file;
pub(crate) mod import;
mod judge;
mod local;
mod tiles;
mod unit;
pub(crate) mod write;

pub use file::{Block, RasterFile};
pub use judge::DepthTally;
pub(crate) use local::OpenedRaster;
// One grid for reading, storing and measuring: the engine's.
pub use phteah_geoproc::grid::{Grid, Window};
