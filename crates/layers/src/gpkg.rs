//! GeoPackage, the format in which vector layers are stored: written and read here without a detour, because it is what tiles, pages and
//! measures run on, and because SQLite says when a disk is full while GDAL (before 3.7) does not.

mod blob;
mod read;
mod rtree;
mod tables;
mod write;

pub(crate) use blob::{decode, single};
pub(crate) use read::read_only;
pub use read::{Query, VectorLayer};
pub(crate) use write::{TableSpec, Writer, escaped, sync};

/// Column that holds the geometry.
pub(crate) const GEOMETRY: &str = "geom";
/// Column that holds the row number.
pub(crate) const FID: &str = "fid";
/// Column that holds the stable id.
pub(crate) const ID: &str = "id";

/// An SQL identifier, quoted.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
