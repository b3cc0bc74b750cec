//! In which CRS areas and lengths are measured: one projected in metres that are metres where the features lie.

use geo::{BoundingRect, Distance, Geodesic, Point, coord};
use phteah_layers::{Crs, LayersError, Reprojector};

use super::features::{Features, settings};
use crate::commands::CommandError;

/// By how much a metre of a projection may differ from one on the ground. A zone of UTM keeps within 0.001; Web Mercator is off by 0.02 in
/// Phnom Penh, which makes areas 4 % too large.
const DISTORTION: f64 = 0.005;

/// The first of the files' CRS whose metres are metres where the features lie; where none is, the zone of UTM in which they lie.
pub fn metric(features: &Features, others: &[&Crs]) -> Result<Crs, CommandError> {
    let (longitude, latitude) = middle(features)?;
    for crs in std::iter::once(&features.crs).chain(others.iter().copied()) {
        if crs.is_metric() && keeps_lengths(crs, longitude, latitude)? {
            return Ok(crs.clone());
        }
    }
    let zone = ((longitude + 180.0) / 6.0).floor().rem_euclid(60.0) as u32 + 1;
    let code = if latitude < 0.0 { 32_700 } else { 32_600 } + zone;
    Ok(Crs::parse(&format!("EPSG:{code}"), &settings())?)
}

/// Longitude and latitude of the middle of the features; of Phnom Penh where no feature has a place.
fn middle(features: &Features) -> Result<(f64, f64), LayersError> {
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
    match around.map(geo::Rect::center) {
        Some(center) => Reprojector::new(&features.crs, &Crs::wgs84())?.point(center.x, center.y),
        None => Ok((104.9, 11.55)),
    }
}

/// Whether a kilometre of the projection is a kilometre on the ground there, both eastwards and northwards.
fn keeps_lengths(crs: &Crs, longitude: f64, latitude: f64) -> Result<bool, LayersError> {
    let to_ground = Reprojector::new(crs, &Crs::wgs84())?;
    // A place that the projection cannot show has no lengths in it.
    let Ok((x, y)) = Reprojector::new(&Crs::wgs84(), crs)?.point(longitude, latitude) else {
        return Ok(false);
    };
    for (dx, dy) in [(500.0, 0.0), (0.0, 500.0)] {
        let ends = [coord! { x: x - dx, y: y - dy }, coord! { x: x + dx, y: y + dy }];
        let [Ok(from), Ok(to)] = ends.map(|end| to_ground.point(end.x, end.y)) else {
            return Ok(false);
        };
        let metres = Geodesic.distance(Point::from(from), Point::from(to));
        if (metres / 1000.0 - 1.0).abs() > DISTORTION {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metres_on_the_ground_are_metres() {
        for (code, expected) in [
            (32_648, true),  // the zone of UTM that Phnom Penh lies in
            (3148, true),    // the old cadastre's
            (3857, false),   // Web Mercator: 2 % off
            (32_631, false), // a zone of UTM in Europe
            (6933, false),   // equal areas, but lengths are not kept
        ] {
            let crs = Crs::parse(&format!("EPSG:{code}"), &settings()).unwrap();
            assert!(crs.is_metric(), "EPSG:{code}");
            assert_eq!(
                keeps_lengths(&crs, 104.9, 11.55).unwrap(),
                expected,
                "EPSG:{code}"
            );
        }
    }
}
