//! The road network of the catalogue, and which of its roads a flood closes.

use geo::{Geometry, LineString};
use phteah_geoproc::flooded::{deeper_than, edge_depths};
use phteah_geoproc::network::{Direction, EdgeSet, ModeSpeeds, Network, Road, default_speeds};
use phteah_planning::notice::Notice;
use phteah_planning::scenario::Scenario;

use super::input::Inputs;
use super::rasters::crs_of;
use crate::crs::Reprojector;
use crate::error::{LayersError, Result};
use crate::schema::Role;
use crate::value::Value;

/// The class whose speeds a road of unknown class gets: an ordinary street.
const UNKNOWN_CLASS: &str = "road";

/// The network, and which of its roads are bridges.
#[derive(Debug)]
pub(super) struct Roads {
    pub(super) network: Network,
    bridges: Vec<bool>,
}

pub(super) fn load(inputs: &mut Inputs<'_>, scenario: &Scenario) -> Result<Roads> {
    let (mut roads, mut bridges, mut unknown_class) = (Vec::new(), Vec::new(), 0_usize);
    let layers = inputs.features(Role::Roads, |feature| {
        let class = feature.text("class").and_then(default_speeds);
        unknown_class += usize::from(class.is_none());
        let Some(speeds) = class.or_else(|| default_speeds(UNKNOWN_CLASS)) else {
            return;
        };
        let direction = match feature.text("one_way") {
            Some("forward") => Direction::Forward,
            Some("backward") => Direction::Backward,
            _ => Direction::Both,
        };
        let bridge = feature.get("bridge").and_then(Value::as_bool).unwrap_or(false);
        roads.extend(
            lines(feature.geometry)
                .into_iter()
                .map(|line| road(line, speeds, direction)),
        );
        bridges.resize(roads.len(), bridge);
    })?;
    if layers == 0 || roads.is_empty() {
        inputs.warn(Notice::NoRoads);
    }
    if unknown_class > 0 {
        inputs.warn(Notice::RoadClassUnknown { roads: unknown_class });
    }
    let network = Network::new(&roads, scenario.travel.join_tolerance_m)
        .map_err(|e| LayersError::refused(e.to_string()))?;
    Ok(Roads { network, bridges })
}

/// The roads that the flood of a return period closes, bridges excepted: the depth of the river below is not the water
/// on them. `None` (with a warning) where none is loaded. Of several rasters
/// of one period, each closes its own.
pub(super) fn closed_by(
    inputs: &mut Inputs<'_>,
    roads: &Roads,
    years: u32,
    cut_depth: f64,
) -> Result<Option<EdgeSet>> {
    let network = &roads.network;
    let plane = inputs.catalogue().crs()?;
    let rasters = inputs.rasters(Role::FloodDepth)?;
    let mut closed: Vec<u32> = Vec::new();
    let mut found = false;
    let is_bridge = |edge: u32| roads.bridges[network.edges()[edge as usize].road as usize];
    for (_, raster) in rasters
        .iter()
        .filter(|(entry, _)| entry.return_period == Some(years))
    {
        found = true;
        let to_raster = Reprojector::new(&plane, crs_of(raster)?)?;
        let depths = if to_raster.is_identity() {
            edge_depths(network, raster)
        } else {
            edge_depths(&network.map_coords(|x, y| to_raster.coords(x, y))?, raster)
        };
        let depths = depths.map_err(|e| LayersError::refused(e.to_string()))?;
        let unknown = depths.iter().filter(|depth| depth.known_share < 1.0).count();
        if unknown > 0 {
            inputs.warn(Notice::FloodUnknownOnRoads {
                years: years as usize,
                unknown,
                stretches: depths.len(),
            });
        }
        let cut = deeper_than(&depths, cut_depth);
        closed
            .extend((0..network.edges().len() as u32).filter(|&edge| cut.contains(edge) && !is_bridge(edge)));
    }
    if !found {
        inputs.warn(Notice::NoFloodOnRoads {
            years: years as usize,
        });
        return Ok(None);
    }
    Ok(Some(closed.into_iter().collect()))
}

fn road(line: LineString<f64>, speeds: ModeSpeeds, direction: Direction) -> Road {
    Road {
        line,
        speeds,
        direction,
    }
}

fn lines(geometry: Option<Geometry<f64>>) -> Vec<LineString<f64>> {
    match geometry {
        Some(Geometry::LineString(line)) => vec![line],
        Some(Geometry::MultiLineString(parts)) => parts.0,
        _ => Vec::new(),
    }
}
