//! The extent of one flood as a satellite would have reported it.

use geo::{BooleanOps, Coord, LineString, MultiPolygon, Polygon};

use crate::contour::above;
use crate::draw::{Draw, Part};
use crate::model::{FloodZone, FloodZoneClass};
use crate::raster::Frame;
use crate::shape::{blob, cm, polygon, ring_area};
use crate::terrain::Terrain;

/// Level of the Mekong at Chaktomuk on the day, in metres above sea level.
const STAGE_M: f64 = 9.1;
/// Pixel of the satellite, in metres.
const PIXEL_M: f64 = 120.0;
/// Smallest patch reported, in m².
const LEAST_M2: f64 = 40_000.0;

/// Generates the zones. What was flooded and what probably was do not overlap; both end, to a pixel, where the usual
/// waters and the unseen town begin.
pub(crate) fn generate(terrain: &Terrain<'_>, centre: Coord<f64>, seed: u64) -> Vec<FloodZone> {
    let frame = Frame::new(terrain.window(), PIXEL_M);
    let half = Coord {
        x: 2_300.0,
        y: 2_600.0,
    };
    let hidden = polygon(&blob(
        centre,
        half,
        14,
        0.3,
        &mut Draw::new(seed, Part::Terrain, 1),
    ));
    let mut depth = terrain.event(&frame, STAGE_M);
    for (depth, unseen) in depth.iter_mut().zip(frame.mask([&hidden])) {
        if unseen {
            *depth = 0.0;
        }
    }
    let deep = MultiPolygon(above(&frame, &depth, 0.6, LEAST_M2));
    let wet = MultiPolygon(above(&frame, &depth, 0.12, LEAST_M2));
    let shallow = wet.difference(&deep);
    let mut draw = Draw::new(seed, Part::Terrain, 2);
    let mut zones = vec![zone(FloodZoneClass::NotSeen, None, hidden)];
    for (class, extent, sure) in [
        (FloodZoneClass::Flooded, deep, [0.75, 0.95]),
        (FloodZoneClass::ProbablyFlooded, shallow, [0.4, 0.7]),
    ] {
        for part in extent.0.into_iter().filter_map(tidy) {
            let confidence = (draw.between(sure[0], sure[1]) * 100.0).round() / 100.0;
            zones.push(zone(class, Some(confidence), part));
        }
    }
    zones
}

fn zone(class: FloodZoneClass, confidence: Option<f64>, geometry: Polygon<f64>) -> FloodZone {
    FloodZone {
        class,
        event: "Flood of October 2020 (illustrative)".into(),
        source: "Generated in the manner of a satellite's report (illustrative)".into(),
        confidence,
        geometry,
    }
}

/// Rounds to 1 cm and drops what is smaller than a patch.
fn tidy(part: Polygon<f64>) -> Option<Polygon<f64>> {
    let rounded = |ring: &LineString<f64>| {
        let mut ring: Vec<_> = ring.0.iter().map(|&c| cm(c)).collect();
        ring.dedup();
        ring
    };
    let (exterior, interiors) = part.into_inner();
    let shell = rounded(&exterior);
    let holes = interiors
        .iter()
        .map(rounded)
        .filter(|hole| ring_area(hole).abs() > 100.0)
        .map(LineString);
    (ring_area(&shell).abs() > LEAST_M2 / 4.0).then(|| Polygon::new(LineString(shell), holes.collect()))
}
