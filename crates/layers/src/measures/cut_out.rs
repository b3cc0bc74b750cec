//! What must not be built on and is cut out of sites: water and protected land, road reserve, deep flood.

use geo::{Geometry, LineString, MultiPolygon};
use phteah_geoproc::sites::{Exclusions, deeper_land, road_reserve};
use phteah_geoproc::surface;
use phteah_planning::measure::CutOut;
use phteah_planning::notice::Notice;
use phteah_planning::scenario::{Flooded, Scenario};

use super::covered::Covered;
use super::input::Inputs;
use super::rasters::{crs_of, reprojected};
use super::sites::{Site, polygons};
use super::zones::LEAST_UNKNOWN;
use crate::crs::Reprojector;
use crate::error::{LayersError, Result};
use crate::schema::Role;

/// Everything to be cut out of `shapes`, which are in the deployment's CRS.
pub(super) fn exclusions(
    inputs: &mut Inputs<'_>,
    scenario: &Scenario,
    shapes: &[MultiPolygon<f64>],
) -> Result<Exclusions> {
    let rules = &scenario.sites;
    let Some(near) = around(shapes, rules.road_reserve_m) else {
        return Ok(Exclusions::default());
    };
    let mut cut: Vec<MultiPolygon<f64>> = Vec::new();
    for cut_out in &rules.without {
        let role = role_of(*cut_out);
        let layers = inputs.features_in(role, near, |feature| {
            cut.extend(feature.geometry.and_then(polygons));
        })?;
        if layers == 0 {
            inputs.warn(Notice::NothingToCut {
                role: role.to_string(),
            });
        }
    }
    if rules.road_reserve_m > 0.0 {
        let mut roads: Vec<LineString<f64>> = Vec::new();
        let layers = inputs.features_in(Role::Roads, near, |feature| match feature.geometry {
            Some(Geometry::LineString(line)) => roads.push(line),
            Some(Geometry::MultiLineString(lines)) => roads.extend(lines.0),
            _ => {}
        })?;
        if layers == 0 {
            inputs.warn(Notice::NoReserveToCut);
        }
        cut.extend(road_reserve(&roads, rules.road_reserve_m, shapes));
    }
    if let Some(flooded) = rules.flooded {
        cut.extend(under_water(inputs, flooded, shapes)?);
    }
    Ok(Exclusions::new(&cut))
}

/// Warns of sites under which a layer that is cut out of them is not complete: what is missing there was not cut out.
pub(super) fn tell_incomplete(inputs: &mut Inputs<'_>, scenario: &Scenario, sites: &[Site]) -> Result<()> {
    for cut_out in &scenario.sites.without {
        let role = role_of(*cut_out);
        let covered = Covered::load(inputs, role)?;
        if !covered.is_loaded() {
            continue;
        }
        let incomplete = |site: &&Site| covered.share(&site.shape) < 1.0 - LEAST_UNKNOWN;
        let incomplete = sites.iter().filter(incomplete).count();
        if incomplete > 0 {
            inputs.warn(Notice::CutOutIncomplete {
                role: role.to_string(),
                sites: incomplete,
                all: sites.len(),
            });
        }
    }
    Ok(())
}

fn role_of(cut_out: CutOut) -> Role {
    match cut_out {
        CutOut::Water => Role::Water,
        CutOut::Protected => Role::Protected,
        CutOut::FloodZones => Role::FloodZones,
    }
}

/// Land under deeper water than the limit in any flood of the return period: the river's, the rain's.
fn under_water(
    inputs: &mut Inputs<'_>,
    flooded: Flooded,
    shapes: &[MultiPolygon<f64>],
) -> Result<Vec<MultiPolygon<f64>>> {
    let crs = inputs.catalogue().crs()?;
    let mut deep = Vec::new();
    let mut none = true;
    for (entry, raster) in inputs.rasters(Role::FloodDepth)? {
        if entry.return_period != Some(flooded.return_period) {
            continue;
        }
        none = false;
        let of_raster = crs_of(&raster)?;
        let moved = reprojected(shapes, &crs, of_raster)?;
        let found = deeper_land(&moved, &raster, flooded.deeper_than_m)
            .map_err(|error| LayersError::refused(error.to_string()))?;
        let mut back = Reprojector::new(of_raster, &crs)?;
        for polygon in found {
            let mut geometry = Geometry::Polygon(polygon);
            back.geometry(&mut geometry)?;
            deep.extend(polygons(geometry));
        }
    }
    if none {
        let years = flooded.return_period;
        inputs.warn(Notice::NoFloodToCut {
            years: years as usize,
        });
    }
    Ok(deep)
}

/// The box around all shapes, `by` metres larger on every side.
fn around(shapes: &[MultiPolygon<f64>], by: f64) -> Option<[f64; 4]> {
    let boxes = shapes.iter().filter_map(surface::bounds);
    boxes
        .map(|rect| {
            [
                rect.min().x - by,
                rect.min().y - by,
                rect.max().x + by,
                rect.max().y + by,
            ]
        })
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}
