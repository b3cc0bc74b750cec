//! Reading layers for others: only through a grant, only the visible fields, in memory that does not grow with the layer.

pub mod boxes;
mod conditions;
pub mod crs;
pub mod pool;
pub mod scan;
pub mod selection;
pub mod source;
mod token;
