//! The rim to GDAL: reads, checks, repairs, reprojects and writes layers, and keeps their catalogue.
//!
//! ```text
//! files ──► import ──► catalogue (one directory) ──► read ──► measures, tiles, API
//!           (checks,    layers/*.gpkg, *.tif      └─► export ──► partners' files
//!            repairs)
//! ```
//!
//! * [`Catalogue`] is the data directory of a deployment; [`LayerEntry`] says all that is known of a layer.
//! * [`import()`] takes files of any format GDAL opens, [`import_records`] and [`import_grid`] take generated data.
//! * [`VectorLayer`] and [`RasterFile`] read layers back; [`open_vector`] and [`RasterFile::open`] read any file the same way.
//! * Files that this program has not written are opened in a process apart: [`reading_process`].
//! * [`measures::measure`] makes the candidate sites of a scenario and measures them.
//! * [`export_layer`] and [`write_table`] write files for others.

pub mod catalogue;
pub mod crs;
mod curve;
pub mod deployment;
pub mod error;
pub mod export;
pub mod gazetteer;
mod gdal_rim;
pub mod gpkg;
pub mod import;
mod join;
pub mod measures;
pub mod names;
pub mod open;
pub mod personal;
pub mod raster;
pub mod reading_process;
pub mod roads;
pub mod schema;
pub mod sources;
pub mod streets;
pub mod text;
mod unfinished;
pub mod value;
pub mod wkb;

pub use catalogue::{
    Batch, Catalogue, Coverage, CoverageSource, FileSeal, LayerEntry, LayerKind, RepairReport, ServeLock,
    UNFINISHED, repair, replace_file,
};
pub use crs::{Crs, Reprojector};
pub use deployment::{Deployment, LocalText};
pub use error::{LayersError, Result};
pub use export::{TableMeta, TableShape, TableWriter, export_layer, export_layer_with, write_table};
pub use gpkg::{Query, VectorLayer};
pub use import::map::{FieldMap, parse_map};
pub use import::report::ImportReport;
pub use import::{
    CoverageRequest, GridRequest, ImportError, ImportRequest, NoProgress, Progress, Record, RecordsRequest,
    ReleasedRow, check_layer_names, import, import_grid, import_preset, import_records, import_released,
    sound_polygon,
};
pub use open::OpenOptions;
pub use raster::{Block, DepthTally, Grid, RasterFile, Window};
pub use reading_process::{VectorFile, open_vector, read_vector};
pub use schema::{GeometryKind, Role, is_working};
pub use sources::{Source, SourceLayer, sources};
pub use unfinished::Unfinished;
pub use value::{Feature, Field, FieldType, Value};
