//! What partners get: a page of layers, downloads, OGC API – Features, tiles and changes. Every one of them reads layers through
//! [`data::source::VisibleLayer`], which only a grant of the store can make.
//!
//! ```text
//! request ─► viewer (key, limits) ─► store.grant ─► VisibleLayer ─► selection ─► scan ─► encode ─► stream + log
//! ```

pub mod cql2;
pub mod data;
pub mod encode;
pub mod limits;
pub mod spool;
pub mod state;
pub mod versions;
pub mod viewer;
