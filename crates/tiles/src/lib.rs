//! Map tiles: vector and raster, cut from layers and rankings.
//!
//! ```text
//! layer   ──► prepared (world units, near what is near) ─────────► generalise (one grid for all) ──► clip ──► mvt, gzip ──► cache
//! ranking ──► plane (UTM → Web Mercator) ────────────────────────► generalise ──► clip ──► mvt, gzip ───────────────────► cache
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
pub mod prepared;
pub mod projection;
pub mod vector;
