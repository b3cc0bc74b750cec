//! What the loaded layers give a ranking, and what they do not: layers that nothing uses, criteria that have no layer,
//! households that would move.

use std::collections::BTreeSet;

use phteah_layers::measures::Measured;
use phteah_layers::{Catalogue, LayersError, Query, Role};
use phteah_planning::matrix::Cell;
use phteah_planning::measure::Measure;
use phteah_planning::notice::Notice;
use phteah_planning::problem::Warning;
use phteah_planning::scenario::{Scenario, Settlements};

/// Ids of the measures that are unknown everywhere because a layer is missing, as the notices of the measuring say.
pub fn without_layer(scenario: &Scenario, measured: &Measured) -> BTreeSet<String> {
    let unknown = |id: &str| {
        let column = measured.matrix.column(id);
        column.is_some_and(|column| column.cells().all(|cell| matches!(cell, Cell::Unknown(_))))
    };
    let mut ids: BTreeSet<String> = scenario
        .measures()
        .iter()
        .filter(|measure| measured.warnings.iter().any(|warning| names(warning, measure)))
        .map(Measure::id)
        .filter(|id| unknown(id))
        .collect();
    if ids.contains(&Measure::LandPrice.id()) {
        ids.insert(Measure::CostPerHousehold.id());
    }
    ids
}

/// Whether a notice says that the layer of a measure is missing.
fn names(warning: &Warning, measure: &Measure) -> bool {
    let service = || match measure {
        Measure::TravelTime { service, .. } | Measure::ServicesWithin { service, .. } => {
            let said = warning.said.as_ref();
            let label = service.label().en;
            said.is_some_and(|said| said.values.iter().any(|(_, value)| value["en"] == label.as_str()))
        }
        _ => false,
    };
    let years = || {
        let said = warning.said.as_ref();
        let years = measure.return_period();
        said.is_some_and(|said| {
            said.values
                .iter()
                .any(|(_, value)| value.as_u64() == years.map(u64::from))
        })
    };
    let indicator = || match measure {
        Measure::Indicator { field, .. } => {
            let said = warning.said.as_ref();
            said.is_some_and(|said| said.values.iter().any(|(_, value)| value == field.as_str()))
        }
        _ => false,
    };
    match warning.code.as_str() {
        "no_flood_raster" => matches!(measure, Measure::FloodDepth { .. }) && years(),
        "no_flood_depths" => matches!(measure, Measure::AnnualFlood { .. }),
        "no_flood_on_roads" => measure.is_along_roads() && measure.return_period().is_some() && years(),
        "no_settlements" => matches!(measure, Measure::Disruption { .. }),
        "no_parcels_under" => matches!(measure, Measure::Tenure | Measure::LandPrice),
        "no_elevation" | "elevation_crs" => matches!(measure, Measure::Slope),
        "no_flood_zones" => matches!(measure, Measure::ZoneShare { .. }),
        "no_indicator" | "no_indicator_year" => indicator(),
        "no_service" => service(),
        "no_roads" => measure.is_along_roads(),
        _ => false,
    }
}

/// What a planner should know of layers that lie idle.
pub fn idle(catalogue: &Catalogue, measured: &Measured) -> Vec<Warning> {
    let mut all = Vec::new();
    let used = |name: &str| measured.inputs.iter().any(|input| input.name == name);
    let idle: Vec<String> = catalogue
        .layers()
        .iter()
        .filter(|layer| !layer.role.is_result() && !used(&layer.name))
        .map(|layer| layer.name.clone())
        .collect();
    if !idle.is_empty() {
        all.push(Notice::LayersUnused { layers: idle }.into());
    }
    all
}

/// How many households would move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moving {
    /// Households of the settlements that say how many they have.
    pub households: u64,
    /// Settlements that do not say.
    pub silent: usize,
}

/// The households of the settlements that a scenario would move. `None` where nobody's settlements are loaded, or where the
/// scenario is for one family and its places.
pub fn moving(catalogue: &Catalogue, scenario: &Scenario) -> Result<Option<Moving>, LayersError> {
    if !scenario.moving.places.is_empty() {
        return Ok(None);
    }
    let (mut households, mut silent, mut found) = (0.0, 0, false);
    for layer in catalogue.of_role(Role::Settlements) {
        catalogue
            .vector(&layer.name)?
            .for_each(&Query::default(), |feature| {
                let wanted = match &scenario.moving.settlements {
                    Settlements::All => true,
                    Settlements::Ids(ids) => ids.contains(&feature.id),
                };
                if wanted {
                    found = true;
                    match feature.number("households") {
                        Some(number) => households += number.max(0.0),
                        None => silent += 1,
                    }
                }
                Ok::<(), LayersError>(())
            })?;
    }
    // `as` saturates; nobody counts part of a household.
    let households = households.ceil() as u64;
    Ok(found.then_some(Moving { households, silent }))
}
