//! What the analyst's commands share: features of any file in, one table out, and nothing silent in between.

pub mod depth;
pub mod features;
pub mod fields;
pub mod given;
mod ids;
pub mod parquet;
pub mod plane;
pub mod problems;
pub mod roads;
pub mod table;
pub mod ways;

pub use features::Features;
pub use problems::Problems;
pub use table::{Cell, Column, Table};
