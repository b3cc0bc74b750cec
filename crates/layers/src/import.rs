//! Import: from files or generators into the catalogue, record by record checked, repaired or refused; all of it or nothing.

use std::borrow::Cow;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::catalogue::Catalogue;
use crate::error::{LayersError, Result};
use crate::raster::Grid;
use crate::schema::Role;
use crate::value::{Field, Value};

pub(crate) mod about;
mod answers;
pub(crate) mod attributes;
mod coerce;
pub(crate) mod coverage;
mod divisions;
pub(crate) mod hash;
mod ids;
mod indicators;
mod intake;
pub mod map;
pub mod notes;
mod place;
mod preset;
mod records;
mod released;
pub mod report;
mod shape;
mod sound;
pub(crate) mod suggest;
pub(crate) mod unpack;
pub(crate) mod vector;

use map::FieldMap;
use report::ImportReport;

pub use coverage::CoverageRequest;
pub use preset::{check_layer_names, import_preset};
pub use records::{import_grid, import_records};
pub use released::{ReleasedRow, import_released};
pub(crate) use shape::{made_valid, said_against};
pub use sound::sound_polygon;

/// What can go wrong with an import: one error type serves the whole crate.
pub type ImportError = LayersError;

/// Hears how far a long piece of work has come.
pub trait Progress {
    /// A new piece of work begins; `total` steps where that is known.
    fn start(&mut self, what: &str, total: Option<u64>);
    /// So many steps are done.
    fn at(&mut self, done: u64);
    /// The piece of work has ended.
    fn finish(&mut self) {}
}

/// Tells nobody.
pub struct NoProgress;

impl Progress for NoProgress {
    fn start(&mut self, _what: &str, _total: Option<u64>) {}
    fn at(&mut self, _done: u64) {}
}

/// What to import, and how.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// What the layer is used for. Needed, except with a preset, which knows it.
    pub role: Option<Role>,
    /// The files: several vector files make one layer, several rasters one layer each.
    pub files: Vec<PathBuf>,
    /// Name of the layer; by default the role's (and the return period's).
    pub layer: Option<String>,
    /// Layer or table within the file, where it holds several.
    pub source_layer: Option<String>,
    /// Which column fills which field, beyond what their names say.
    pub map: Vec<FieldMap>,
    /// Whether the map may name fields that the role does not have.
    pub extra: bool,
    /// Column that says where a record is, or two with a comma between, x first; by default found by name and content.
    pub place: Option<String>,
    /// Where every note is written, however many there are; the report tells the first of each kind.
    pub notes: Option<notes::Notes>,
    /// CRS of the file, overriding what it states.
    pub crs: Option<String>,
    /// Encoding of a Shapefile's or CSV's text, such as `CP1252`, overriding what it states.
    pub encoding: Option<String>,
    /// For people.
    pub title: Option<String>,
    /// Licence of the data.
    pub licence: Option<String>,
    /// Attribution that the licence asks for.
    pub attribution: Option<String>,
    /// Refuse the whole file if any record is refused.
    pub strict: bool,
    /// Generated data, to be labelled so everywhere.
    pub illustrative: bool,
    /// Name of a preset.
    pub preset: Option<String>,
    /// Annual return period of a flood depth raster, where its name does not say it.
    pub return_period: Option<u32>,
    /// Where the layer is complete; by default its own extent, or the hull of its features.
    pub coverage: Option<CoverageRequest>,
}

/// A layer made by a program, not read from a file.
#[derive(Clone, Debug)]
pub struct RecordsRequest {
    /// What it is used for.
    pub role: Role,
    /// Name of the layer.
    pub layer: String,
    /// For people.
    pub title: String,
    /// CRS of the records' coordinates.
    pub crs: String,
    /// What made it.
    pub source: String,
    /// Licence.
    pub licence: String,
    /// Attribution.
    pub attribution: String,
    /// Whether it is illustrative.
    pub illustrative: bool,
    /// Seal of the decision record that it was made from.
    pub record: Option<String>,
    /// Fields beyond the role's.
    pub extra: Vec<Field>,
    /// Refuse all if any record is refused.
    pub strict: bool,
    /// Where it is complete; by default the hull of its features.
    pub coverage: Option<CoverageRequest>,
}

/// A raster made by a program.
#[derive(Clone, Debug)]
pub struct GridRequest {
    /// `flood_depth` or `elevation`.
    pub role: Role,
    /// Name of the layer.
    pub layer: String,
    /// For people.
    pub title: String,
    /// CRS of the grid.
    pub crs: String,
    /// What made it.
    pub source: String,
    /// Licence.
    pub licence: String,
    /// Attribution.
    pub attribution: String,
    /// Whether it is illustrative.
    pub illustrative: bool,
    /// Annual return period in years, for a flood depth.
    pub return_period: Option<u32>,
}

/// A record handed over by a program.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its shape, in the request's CRS.
    pub geometry: geo::Geometry<f64>,
    /// Its known attributes by field name; `id` among them. What is missing is unknown.
    pub attributes: Vec<(Cow<'static, str>, Value)>,
}

/// Imports files into one layer (several rasters: one layer each). With a preset that fills several roles use [`import_preset`].
///
/// The report says what became of every record; a refusal carries it too. `now` is the time that the catalogue will show.
pub fn import(
    catalogue: &Catalogue,
    request: &ImportRequest,
    now: Timestamp,
    progress: &mut dyn Progress,
) -> Result<ImportReport> {
    if request.preset.is_some() {
        let reports = import_preset(catalogue, request, now, progress)?;
        return reports
            .into_iter()
            .next()
            .ok_or_else(|| LayersError::refused("The preset filled no layer."));
    }
    let role = request
        .role
        .ok_or_else(|| LayersError::Usage("Say which role the file fills, or a preset.".into()))?;
    if request.files.is_empty() {
        return Err(LayersError::Usage("Name at least one file.".into()));
    }
    let job = Job {
        role,
        request,
        preset: None,
        traps: Vec::new(),
    };
    if role == Role::Indicators {
        return indicators::import(catalogue, &job, now, progress);
    }
    if role.is_raster() {
        if request.files.len() > 1 {
            return Err(LayersError::Usage(
                "Several rasters make several layers: import them one by one, or with a preset.".into(),
            ));
        }
        crate::raster::import::import(catalogue, &job, now, progress)
    } else {
        vector::import(catalogue, &job, now, progress)
    }
}

/// One layer to be made out of files.
pub(crate) struct Job<'a> {
    pub role: Role,
    pub request: &'a ImportRequest,
    pub preset: Option<&'a crate::sources::SourceLayer>,
    /// What a preset warns of.
    pub traps: Vec<String>,
}

/// Checks a layer's name: it becomes a file name, a table name and a part of addresses.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let fine = name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    // "sites" are the ranked candidate sites, whose tiles have that address.
    if fine && name != "sites" {
        return Ok(());
    }
    Err(LayersError::Usage(format!(
        "'{name}' cannot be a layer's name: use lower-case letters, digits, _ and -, begin with a letter, at most 60; 'sites' is taken."
    )))
}

pub(crate) fn check_grid(grid: &Grid) -> Result<()> {
    grid.check()
        .map_err(|error| LayersError::Usage(format!("The raster cannot be stored: {error}.")))?;
    if grid.window().cells() == 0 {
        return Err(LayersError::Usage(format!(
            "The raster cannot be stored: it has {} × {} cells; give it at least one.",
            grid.columns, grid.rows
        )));
    }
    Ok(())
}
