//! Features as text, straight from what lies in the file: no geometry is built, no value is copied twice.

pub mod csv;
pub mod geojson;
pub mod number;
pub mod parquet;
pub mod shape;
pub mod wkb;
