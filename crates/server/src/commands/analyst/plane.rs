//! In which CRS areas and lengths are measured: one projected in metres.

use geo::BoundingRect;
use phteah_layers::{Crs, Reprojector};

use super::features::{Features, settings};
use crate::commands::CommandError;

/// The first of the files' CRS that is projected in metres; where none is, the zone of UTM in which the features lie.
pub fn metric(features: &Features, others: &[&Crs]) -> Result<Crs, CommandError> {
    let given = std::iter::once(&features.crs).chain(others.iter().copied());
    if let Some(crs) = given.into_iter().find(|crs| crs.is_metric()) {
        return Ok(crs.clone());
    }
    let boxes = features
        .shapes
        .iter()
        .flatten()
        .filter_map(BoundingRect::bounding_rect);
    let around = boxes.reduce(|a, b| {
        let (west, south) = (a.min().x.min(b.min().x), a.min().y.min(b.min().y));
        let (east, north) = (a.max().x.max(b.max().x), a.max().y.max(b.max().y));
        geo::Rect::new((west, south), (east, north))
    });
    let middle = around.map_or(geo::coord! { x: 105.0, y: 11.5 }, geo::Rect::center);
    let (longitude, latitude) = Reprojector::new(&features.crs, &Crs::wgs84())?.point(middle.x, middle.y)?;
    let zone = ((longitude + 180.0) / 6.0).floor().rem_euclid(60.0) as u32 + 1;
    let code = if latitude < 0.0 { 32_700 } else { 32_600 } + zone;
    Ok(Crs::parse(&format!("EPSG:{code}"), &settings())?)
}
