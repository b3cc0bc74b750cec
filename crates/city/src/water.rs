//! Rivers, lakes and canals: known courses and places with wavering banks; and protected land.

use geo::{BooleanOps, Coord, LineString, MultiPolygon, Polygon};

use crate::draw::{Draw, Part, noise};
use crate::facts::{Facts, metres};
use crate::model::{Protected, Rail, Water, WaterKind};
use crate::shape::{blob, cm, polygon, ribbon, ring_area, smooth};

/// Slivers below this area, in square metres, are what is left of a water that another one swallowed.
const SLIVER_M2: f64 = 400.0;

/// Generates the waters; each keeps clear of those before it.
pub(crate) fn generate(facts: &Facts, seed: u64) -> Vec<Water> {
    let mut waters: Vec<Water> = Vec::new();
    for river in &facts.skeleton.river {
        let control: Vec<[f64; 3]> = river
            .course
            .iter()
            .map(|&[x, y, width]| [x * 1000.0, y * 1000.0, width])
            .collect();
        let mut course = smooth(&control, 90.0);
        for point in &mut course {
            point[2] *= 1.0 + 0.07 * noise(seed, point[0], point[1], 700.0);
        }
        add(
            &mut waters,
            WaterKind::River,
            &river.name,
            &polygon(&ribbon(&course)),
        );
    }
    for (index, lake) in facts.skeleton.lake.iter().enumerate() {
        let mut draw = Draw::new(seed, Part::Water, index as u64);
        let outline = blob(metres(lake.centre), metres(lake.half), 16, 0.35, &mut draw);
        add(&mut waters, WaterKind::Lake, &lake.name, &polygon(&outline));
    }
    for canal in &facts.skeleton.canal {
        let control: Vec<[f64; 3]> = canal
            .course
            .iter()
            .map(|&[x, y]| [x * 1000.0, y * 1000.0, canal.width_m])
            .collect();
        add(
            &mut waters,
            WaterKind::Canal,
            &canal.name,
            &polygon(&ribbon(&smooth(&control, 80.0))),
        );
    }
    waters
}

fn add(waters: &mut Vec<Water>, kind: WaterKind, name: &str, surface: &Polygon<f64>) {
    let taken = MultiPolygon(waters.iter().map(|water| water.geometry.clone()).collect());
    let free = surface.difference(&taken);
    for part in free.0 {
        let (exterior, interiors) = part.into_inner();
        let shell = rounded(&exterior);
        if ring_area(&shell).abs() < SLIVER_M2 {
            continue;
        }
        let holes = interiors
            .iter()
            .map(rounded)
            .filter(|hole| ring_area(hole).abs() > SLIVER_M2);
        let geometry = Polygon::new(LineString(shell), holes.map(LineString).collect());
        waters.push(Water {
            kind,
            name_en: name.to_owned(),
            geometry,
        });
    }
}

fn rounded(ring: &LineString<f64>) -> Vec<Coord<f64>> {
    let mut ring: Vec<_> = ring.0.iter().map(|&c| cm(c)).collect();
    ring.dedup();
    ring
}

/// The outline of a lake of old that is land now.
pub(crate) fn filled_lake(facts: &Facts, seed: u64) -> Polygon<f64> {
    let lake = &facts.skeleton.filled_lake;
    // Above the items of the lakes that are still there.
    let mut draw = Draw::new(seed, Part::Water, 1 << 32);
    polygon(&blob(metres(lake.centre), metres(lake.half), 16, 0.3, &mut draw))
}

/// The railways: known courses, smoothed.
pub(crate) fn rail(facts: &Facts) -> Vec<Rail> {
    let lines = facts.skeleton.rail.iter();
    lines
        .map(|line| {
            let control: Vec<[f64; 3]> = line
                .course
                .iter()
                .map(|&[x, y]| [x * 1000.0, y * 1000.0, 0.0])
                .collect();
            let course = smooth(&control, 120.0)
                .into_iter()
                .map(|[x, y, _]| cm(Coord { x, y }));
            Rail {
                name_en: line.name.clone(),
                geometry: LineString(course.collect()),
            }
        })
        .collect()
}

/// Generates the protected land.
pub(crate) fn protected(facts: &Facts, seed: u64) -> Vec<Protected> {
    let reserves = facts.skeleton.protected.iter().enumerate();
    reserves
        .map(|(index, reserve)| {
            let mut draw = Draw::new(seed, Part::Protected, index as u64);
            let outline = blob(metres(reserve.centre), metres(reserve.half), 12, 0.1, &mut draw);
            Protected {
                name_en: format!("{} (illustrative)", reserve.name),
                reason: reserve.reason.clone(),
                geometry: polygon(&outline),
            }
        })
        .collect()
}
