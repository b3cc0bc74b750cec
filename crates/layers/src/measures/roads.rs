//! The road network of the catalogue, and which of its roads a flood closes.

use std::sync::Arc;

use geo::{Geometry, LineString};
use phteah_geoproc::flooded::{deeper_than, edge_depths};
use phteah_geoproc::network::{EdgeSet, Network};
use phteah_planning::notice::Notice;
use phteah_planning::said::Percent;
use phteah_planning::scenario::Scenario;

use super::input::Inputs;
use super::rasters::crs_of;
use crate::crs::Reprojector;
use crate::error::{LayersError, Result};
use crate::roads::{RoadClass, RoadColumns, RoadUse};
use crate::schema::Role;
use crate::value::Field;

/// The network, and which of its roads are bridges.
#[derive(Debug)]
pub(super) struct Roads {
    pub(super) network: Network,
    bridges: Vec<bool>,
}

pub(super) fn load(inputs: &mut Inputs<'_>, scenario: &Scenario) -> Result<Roads> {
    let (mut roads, mut bridges) = (Vec::new(), Vec::new());
    let (mut unknown_class, mut no_class) = (0_usize, 0_usize);
    let mut columns: Option<(Arc<[Field]>, RoadColumns)> = None;
    let layers = inputs.features(Role::Roads, |feature| {
        if columns
            .as_ref()
            .is_none_or(|(of, _)| !Arc::ptr_eq(of, &feature.fields))
        {
            let found = RoadColumns::find(&feature.fields, None);
            columns = Some((Arc::clone(&feature.fields), found));
        }
        let Some((_, columns)) = &columns else { return };
        let found = columns.road(&feature.values);
        let RoadUse {
            class,
            speeds,
            bridge,
            ..
        } = &found;
        unknown_class += usize::from(matches!(class, RoadClass::Strange(_)));
        no_class += usize::from(matches!(class, RoadClass::NotStated));
        if speeds.walk.is_none() && speeds.motorbike.is_none() {
            return;
        }
        let mut parts = lines(feature.geometry);
        let whole = parts.len() == 1;
        roads.extend(parts.drain(..).flat_map(|line| found.roads(line, whole)));
        bridges.resize(roads.len(), *bridge);
    })?;
    if layers == 0 || roads.is_empty() {
        inputs.warn(Notice::NoRoads);
    }
    if unknown_class > 0 {
        inputs.warn(Notice::RoadClassUnknown { roads: unknown_class });
    }
    if no_class > 0 {
        inputs.warn(Notice::RoadClassMissing { roads: no_class });
    }
    let network = Network::new(&roads, scenario.travel.join_tolerance_m)
        .map_err(|e| LayersError::refused(e.to_string()))?;
    let report = network.report();
    if report.components > 1 {
        inputs.warn(Notice::RoadsInPieces {
            pieces: report.components,
            share: Percent(report.largest_share),
        });
    }
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

fn lines(geometry: Option<Geometry<f64>>) -> Vec<LineString<f64>> {
    match geometry {
        Some(Geometry::LineString(line)) => vec![line],
        Some(Geometry::MultiLineString(parts)) => parts.0,
        _ => Vec::new(),
    }
}
