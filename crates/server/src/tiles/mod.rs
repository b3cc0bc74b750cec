//! Map tiles: vector and raster, cut from layers and rankings.

pub mod clip;
pub mod generalise;
pub mod grid;
pub mod mvt;
pub mod projection;
pub mod vector;
