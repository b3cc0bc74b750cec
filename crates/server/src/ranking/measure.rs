//! The one place where candidate sites are made and measured.

use phteah_layers::Catalogue;
use phteah_planning::scenario::Scenario;

use super::{MeasuredSites, RankError};

/// Makes the candidate sites of a scenario out of the catalogue's layers and takes every measure that it names.
pub fn measure(_catalogue: &Catalogue, _scenario: &Scenario) -> Result<MeasuredSites, RankError> {
    Err(RankError::Layers("not connected".into()))
}
