//! What partners get: a page of layers, downloads, OGC API – Features, tiles and changes. Every one of them reads layers through
//! [`data::source::VisibleLayer`], which only a grant of the store can make.
//!
//! ```text
//! request ─► viewer (key, limits) ─► store.grant ─► VisibleLayer ─► selection ─► scan ─► encode ─► stream + log
//! ```

mod changes;
mod compress;
pub mod cql2;
pub mod data;
mod download;
pub mod encode;
mod formats;
pub mod limits;
mod make;
mod ogc;
mod page;
mod places;
mod ranges;
mod routes;
mod spool;
pub mod state;
mod stream;
mod tiles;
mod versions;
mod viewer;
mod wall;
mod web;

pub use page::meaning_in_both;
pub(crate) use page::failure::page as error_page;
pub use routes::routes;
pub use wall::wall;
pub(crate) use web::{Language, wants_page};
