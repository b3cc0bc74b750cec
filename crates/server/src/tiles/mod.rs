//! Map tiles: vector and raster, cut from layers and rankings.
//!
//! ```text
//! layer or ranking ──► plane (UTM → Web Mercator) ──► generalise (one grid for all) ──► clip ──► mvt, gzip ──► cache
//! raster           ──► picture (colours) ──► PNG ─────────────────────────────────────────────────────────────► cache
//! ```

pub mod cache;
pub mod clip;
pub mod generalise;
pub mod grid;
pub mod layer;
pub mod mvt;
pub mod picture;
pub mod plane;
pub mod projection;
pub mod vector;
