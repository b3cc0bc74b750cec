//! From layers and a scenario to candidate sites and what is measured of them.
//!
//! ```text
//! parcels ──► sites ──► flood ─┐
//!                       travel ├─► planning's Matrix, a column for each measure the scenario names
//!                       land  ─┘
//! ```
//!
//! Nothing is guessed: where a layer is missing or does not cover a site, the cell is unknown, and a warning says which
//! layer would make it known. The same catalogue and scenario give the same result on any number of threads.

mod covered;
mod cut_out;
mod flood;
mod ground;
mod indicator;
mod input;
mod land;
mod moving;
mod opening;
mod place;
mod rasters;
mod roads;
mod routes;
mod sites;
mod slope;
mod travel;
mod under;
mod zone_depth;
mod zones;

use std::collections::BTreeMap;

use phteah_planning::matrix::{Cell, Column, Matrix, Unknown};
use phteah_planning::measure::Measure;
use phteah_planning::problem::Warning;
use phteah_planning::scenario::Scenario;

use crate::catalogue::Catalogue;
use crate::error::{LayersError, Result};
use crate::import::Progress;

pub use flood::{DepthAt, FloodProfile};
pub use ground::Ground;
pub use input::InputLayer;
pub use place::{DivisionName, Place, sangkats};
pub use routes::{Reached, ServiceRoute};
pub use sites::{DrawnSite, DroppedPiece, Site};
pub use travel::ServicePlace;

/// Candidate sites with everything that a ranking needs to know of them.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The sites, by id.
    pub sites: Vec<Site>,
    /// A row for each site in the same order, a column for each measure.
    pub matrix: Matrix,
    /// The layers that were read, by name; their hashes identify the result.
    pub inputs: Vec<InputLayer>,
    /// What is missing or doubtful in the layers.
    pub warnings: Vec<Warning>,
    /// Available land that became no site, and why.
    pub dropped: Vec<DroppedPiece>,
    /// Units that only a layer knows, by the measure's id: those of indicators.
    pub units: BTreeMap<String, String>,
}

impl Measured {
    /// The unit of a measure's numbers.
    pub fn unit(&self, measure: &Measure) -> &str {
        let own = self.units.get(&measure.id()).map(String::as_str);
        own.unwrap_or(measure.unit().symbol())
    }
}

/// Makes the candidate sites of a scenario and measures them.
pub fn measure(catalogue: &Catalogue, scenario: &Scenario, progress: &mut dyn Progress) -> Result<Measured> {
    Ground::load(catalogue, scenario, progress)?.sites(catalogue, scenario, progress)
}

/// Measures a site that was drawn by hand, in the deployment's CRS: the same measures as of every other site.
pub fn measure_drawn(
    catalogue: &Catalogue,
    scenario: &Scenario,
    id: &str,
    shape: &geo::MultiPolygon<f64>,
    progress: &mut dyn Progress,
) -> Result<Measured> {
    let (measured, refused) = measure_all_drawn(catalogue, scenario, &[(id, shape)], progress)?;
    match refused.into_iter().next() {
        None => Ok(measured),
        Some((_, why)) => Err(LayersError::refused(why)),
    }
}

/// Measures many sites drawn by hand, each by its own: the layers are read once for all. Beside what was measured it says which of those
/// handed in (by index) are no site, and why, as a sentence; they stop none of the others. The sites keep the order in which they came.
pub fn measure_all_drawn(
    catalogue: &Catalogue,
    scenario: &Scenario,
    drawn: &[(&str, &geo::MultiPolygon<f64>)],
    progress: &mut dyn Progress,
) -> Result<(Measured, Vec<(usize, String)>)> {
    let drawn: Vec<DrawnSite<'_>> = drawn.iter().copied().map(DrawnSite::from).collect();
    Ground::load(catalogue, scenario, progress)?.drawn(catalogue, scenario, &drawn, progress)
}

/// A contradiction between the parts of the program, which no data can cause.
fn internal(cause: impl std::fmt::Display) -> LayersError {
    LayersError::Defect {
        cause: format!("the sites could not be measured: {cause}"),
    }
}

/// A column of cells that own no text.
fn column(cells: impl IntoIterator<Item = Cell<'static>>) -> Result<Column> {
    Column::from_cells(cells).map_err(internal)
}

/// The columns of the measures for which `cells` has an answer.
fn of_measures(
    measures: &[Measure],
    mut cells: impl FnMut(&Measure) -> Option<Result<Column>>,
) -> Result<Vec<(usize, Column)>> {
    let found = measures
        .iter()
        .enumerate()
        .filter_map(|(index, measure)| Some((index, cells(measure)?)));
    found.map(|(index, column)| Ok((index, column?))).collect()
}

/// A column of which nothing is known.
fn unknown(rows: usize) -> Result<Column> {
    column(std::iter::repeat_n(Cell::Unknown(Unknown::NoData), rows))
}
