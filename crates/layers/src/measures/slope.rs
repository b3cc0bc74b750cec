//! Mean slope of a site from an elevation model.

use geo::MultiPolygon;
use phteah_geoproc::exposure::exposure;
use phteah_geoproc::grid::Raster;
use phteah_geoproc::slope::Slope;
use phteah_planning::matrix::{Cell, Column, Unknown};
use phteah_planning::measure::Measure;
use phteah_planning::notice::Notice;

use super::input::Inputs;
use super::rasters::crs_of;
use super::sites::Site;
use super::{column, of_measures, unknown};
use crate::error::{LayersError, Result};
use crate::schema::Role;

pub(super) fn columns(
    inputs: &mut Inputs<'_>,
    measures: &[Measure],
    sites: &[Site],
) -> Result<Vec<(usize, Column)>> {
    if !measures.iter().any(|m| matches!(m, Measure::Slope)) {
        return Ok(Vec::new());
    }
    let shapes: Vec<&MultiPolygon<f64>> = sites.iter().map(|site| &site.shape).collect();
    let crs = inputs.catalogue().crs()?;
    // Where several models cover a site, the first by name that knows all of it counts.
    let mut known: Vec<Option<(f64, f64)>> = vec![None; sites.len()];
    let rasters = inputs.rasters(Role::Elevation)?;
    if rasters.is_empty() {
        inputs.warn(Notice::NoElevation);
    }
    for (entry, raster) in &rasters {
        if crs_of(raster)?.name() != crs.name() {
            inputs.warn(Notice::ElevationCrs {
                layer: entry.name.clone(),
                crs: crs.name().to_string(),
            });
            continue;
        }
        let slope = Slope::new(raster);
        let found = exposure(&shapes, &[&slope as &dyn Raster], 0.0)
            .map_err(|e| LayersError::refused(e.to_string()))?;
        for (known, exposure) in known.iter_mut().zip(found.into_iter().flatten()) {
            if let (true, Some(depths)) = (
                known.is_none_or(|(share, _)| share < exposure.known_share),
                exposure.known,
            ) {
                *known = Some((exposure.known_share, depths.mean));
            }
        }
    }
    of_measures(measures, |measure| match measure {
        Measure::Slope if rasters.is_empty() => Some(unknown(sites.len())),
        Measure::Slope => Some(column(known.iter().map(|known| match *known {
            // Slope has no upper end to bound an unknown part with.
            Some((share, mean)) if share >= 1.0 => Cell::Known(mean),
            _ => Cell::Unknown(Unknown::NoData),
        }))),
        _ => None,
    })
}
