//! The one place where candidate sites are made and measured.

use phteah_layers::measures::{Ground, Measured};
use phteah_layers::{Catalogue, LayersError, Progress};
use phteah_planning::scenario::Scenario;

use super::RankError;

/// Measured sites, and the ground that they were measured against, for sites that are drawn later.
#[derive(Debug)]
pub struct Survey {
    /// The sites.
    pub measured: Measured,
    /// The ground; read when it is needed where it is not here.
    pub ground: Option<Ground>,
}

impl From<Measured> for Survey {
    fn from(measured: Measured) -> Self {
        Self {
            measured,
            ground: None,
        }
    }
}

/// Makes the candidate sites of a scenario out of the catalogue's layers and takes every measure that it names, telling
/// how far it has come.
pub fn measure(
    catalogue: &Catalogue,
    scenario: &Scenario,
    progress: &mut dyn Progress,
) -> Result<Measured, RankError> {
    survey(catalogue, scenario, progress).map(|survey| survey.measured)
}

/// The same, keeping the ground.
pub fn survey(
    catalogue: &Catalogue,
    scenario: &Scenario,
    progress: &mut dyn Progress,
) -> Result<Survey, RankError> {
    let ground = ground(catalogue, scenario, progress)?;
    let measured = ground
        .sites(catalogue, scenario, progress)
        .map_err(RankError::from_layers)?;
    Ok(Survey {
        measured,
        ground: Some(ground),
    })
}

/// What sites of a scenario are measured against.
pub fn ground(
    catalogue: &Catalogue,
    scenario: &Scenario,
    progress: &mut dyn Progress,
) -> Result<Ground, RankError> {
    Ground::load(catalogue, scenario, progress).map_err(RankError::from_layers)
}

impl RankError {
    /// What people can mend, by importing another layer or asking for something else, apart from what they cannot.
    pub(super) fn from_layers(error: LayersError) -> Self {
        match error {
            LayersError::Scenario(problems) => Self::Scenario(problems),
            LayersError::Refused { message, .. } => Self::Layers(message),
            other => Self::Read(other),
        }
    }
}
