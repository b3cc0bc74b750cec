//! The one place where candidate sites are made and measured.

use phteah_layers::measures::{Measured, measure as measure_layers};
use phteah_layers::{Catalogue, LayersError, Progress};
use phteah_planning::scenario::Scenario;

use super::RankError;

/// Makes the candidate sites of a scenario out of the catalogue's layers and takes every measure that it names, telling
/// how far it has come.
pub fn measure(
    catalogue: &Catalogue,
    scenario: &Scenario,
    progress: &mut dyn Progress,
) -> Result<Measured, RankError> {
    measure_layers(catalogue, scenario, progress).map_err(|error| match error {
        // What people can mend, by importing another layer or asking for something else.
        LayersError::Refused { message, .. } | LayersError::Usage(message) => RankError::Layers(message),
        other => RankError::Read(other),
    })
}
