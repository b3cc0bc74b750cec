//! Measuring sites on rasters of any CRS: sites go to the raster, never the raster to the sites.

use geo::{Geometry, MultiPolygon};
use phteah_geoproc::exposure::{Exposure, exposure};
use phteah_geoproc::grid::Raster;

use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result};
use crate::raster::RasterFile;

/// The exposure of every shape (in `crs`) in every raster: `result[raster][shape]`.
pub(super) fn exposures(
    shapes: &[MultiPolygon<f64>],
    crs: &Crs,
    rasters: &[&RasterFile],
    deeper_than: f64,
) -> Result<Vec<Vec<Exposure>>> {
    let mut result: Vec<Vec<Exposure>> = vec![Vec::new(); rasters.len()];
    for (crs_of_group, members) in by_crs(rasters)? {
        let moved = reprojected(shapes, crs, crs_of_group)?;
        let group: Vec<&dyn Raster> = members
            .iter()
            .map(|&index| rasters[index] as &dyn Raster)
            .collect();
        let found = exposure(&moved, &group, deeper_than).map_err(|e| LayersError::refused(e.to_string()))?;
        for (index, exposures) in members.into_iter().zip(found) {
            result[index] = exposures;
        }
    }
    Ok(result)
}

/// Rasters of one CRS together, so that shapes are reprojected once for all of them.
fn by_crs<'a>(rasters: &[&'a RasterFile]) -> Result<Vec<(&'a Crs, Vec<usize>)>> {
    let mut groups: Vec<(&Crs, Vec<usize>)> = Vec::new();
    for (index, raster) in rasters.iter().enumerate() {
        let crs = crs_of(raster)?;
        match groups.iter_mut().find(|(known, _)| known.name() == crs.name()) {
            Some((_, members)) => members.push(index),
            None => groups.push((crs, vec![index])),
        }
    }
    Ok(groups)
}

/// The CRS of a stored raster, which import has made sure of.
pub(super) fn crs_of(raster: &RasterFile) -> Result<&Crs> {
    raster.crs().ok_or_else(|| LayersError::Damaged {
        file: raster.file().into(),
        cause: "its CRS is missing".into(),
    })
}

pub(super) fn reprojected(
    shapes: &[MultiPolygon<f64>],
    from: &Crs,
    to: &Crs,
) -> Result<Vec<MultiPolygon<f64>>> {
    let mut reprojector = Reprojector::new(from, to)?;
    if reprojector.is_identity() {
        return Ok(shapes.to_vec());
    }
    let mut moved = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let mut geometry = Geometry::MultiPolygon(shape.clone());
        reprojector.geometry(&mut geometry)?;
        if let Geometry::MultiPolygon(shape) = geometry {
            moved.push(shape);
        }
    }
    Ok(moved)
}
