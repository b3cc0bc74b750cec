//! Rasters on their own grid and CRS; nothing is ever resampled for measuring.

mod engine;
mod file;
mod grid;
pub(crate) mod import;
mod judge;
pub(crate) mod write;

pub use file::{Block, RasterFile};
pub use grid::{Grid, Window};
