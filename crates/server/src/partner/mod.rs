//! What partners get: a page of layers, downloads, OGC API – Features, tiles and changes. Every one of them reads layers through
//! [`data::source::VisibleLayer`], which only a grant of the store can make.
//!
//! ```text
//! request ─► caller (key, limits)  ─► store.grant ─► VisibleLayer ─► selection ─► scan ─► encode ─► stream + log
//! ```

mod admission;
mod changes;
mod compress;
pub mod cql2;
pub mod data;
mod download;
pub mod encode;
mod formats;
mod make;
mod ogc;
mod page;
pub(crate) mod ranges;
mod routes;
mod spool;
pub mod state;
pub(crate) mod stream;
mod tile_log;
mod tiles;
mod versions;
pub(crate) mod web;

pub use admission::admit;
pub(crate) use page::failure::page as error_page;
pub use page::{code_in_both, meaning_in_both};
pub use routes::{allow_any_origin, is_across_origins, routes};
pub(crate) use web::{Language, wants_page};
