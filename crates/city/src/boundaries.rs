//! Khans and sangkats: the cells of known places, joined, with wavering borders. Neighbours share every vertex, so that
//! they tile the municipality without a gap or an overlap.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::draw::{Draw, Part};
use crate::facts::{Facts, Place};
use crate::model::{Boundary, CityError, Level};
use crate::shape::{along, cm, cross, distance, dot, in_ring, left, ring_area};

/// A corner of the tiling: the three places it is equally far from, in ascending order.
type Corner = [usize; 3];

/// Generates the boundaries, khans first, each level by code.
pub(crate) fn generate(facts: &Facts, seed: u64) -> Result<Vec<Boundary>, CityError> {
    let cells = cells(&facts.places)?;
    let mut borders = BTreeMap::new();
    let mut boundaries = Vec::new();
    for level in [Level::Khan, Level::Sangkat] {
        let digits = if level == Level::Khan { 4 } else { 6 };
        for unit in facts.units.iter().filter(|unit| unit.level == level) {
            let belongs = |place: usize| {
                facts.places[place]
                    .code
                    .as_deref()
                    .is_some_and(|code| code[..digits] == unit.code)
            };
            boundaries.push(Boundary {
                code: unit.code.clone(),
                level,
                parent: unit.parent.clone(),
                name_en: unit.name_en.clone(),
                name_km: unit.name_km.clone(),
                geometry: dissolve(facts, &cells, belongs, &mut borders, seed)?,
            });
        }
    }
    Ok(boundaries)
}

/// The corners of each place's Voronoi cell, counter-clockwise, with the neighbour across the side that follows each.
fn cells(places: &[Place]) -> Result<Vec<Vec<(Corner, usize)>>, CityError> {
    const FAR: f64 = 100_000.0;
    let mut cells = Vec::with_capacity(places.len());
    for (index, place) in places.iter().enumerate() {
        if place.code.is_none() {
            cells.push(Vec::new());
            continue;
        }
        let square = [(-FAR, -FAR), (FAR, -FAR), (FAR, FAR), (-FAR, FAR)];
        // Corners relative to the place, each with the neighbour across the side that starts there.
        let mut ring: Vec<(Coord<f64>, usize)> = square
            .iter()
            .map(|&(x, y)| (Coord { x, y }, usize::MAX))
            .collect();
        for (other, neighbour) in places.iter().enumerate() {
            if other != index {
                ring = nearer_half(&ring, neighbour.at - place.at, other);
            }
        }
        let mut cell = Vec::with_capacity(ring.len());
        for (k, &(_, after)) in ring.iter().enumerate() {
            let before = ring[(k + ring.len() - 1) % ring.len()].1;
            if before == usize::MAX || after == usize::MAX {
                return Err(CityError::Facts(format!(
                    "sangkat_places.csv: the place at {}, {} is not enclosed by outside places",
                    place.at.x, place.at.y
                )));
            }
            let mut corner = [index, before, after];
            corner.sort_unstable();
            cell.push((corner, after));
        }
        cells.push(cell);
    }
    Ok(cells)
}

/// The part of a convex ring about the origin that is nearer to the origin than to `d`.
fn nearer_half(ring: &[(Coord<f64>, usize)], d: Coord<f64>, neighbour: usize) -> Vec<(Coord<f64>, usize)> {
    let beyond = |c: Coord<f64>| dot(c, d) - dot(d, d) / 2.0;
    if ring.iter().all(|&(c, _)| beyond(c) <= 0.0) {
        return ring.to_vec();
    }
    let mut out = Vec::with_capacity(ring.len() + 1);
    for (k, &(a, side)) in ring.iter().enumerate() {
        let b = ring[(k + 1) % ring.len()].0;
        let (at_a, at_b) = (beyond(a), beyond(b));
        if at_a <= 0.0 {
            out.push((a, side));
        }
        if (at_a <= 0.0) != (at_b <= 0.0) {
            let c = along(a, b, at_a / (at_a - at_b));
            out.push((c, if at_a <= 0.0 { neighbour } else { side }));
        }
    }
    out
}

/// Where a corner lies: equally far from its three places.
fn position(places: &[Place], corner: Corner) -> Coord<f64> {
    let [a, b, c] = corner.map(|index| places[index].at);
    let (u, v) = (b - a, c - a);
    let d = 2.0 * cross(u, v);
    let (uu, vv) = (dot(u, u), dot(v, v));
    cm(a + Coord {
        x: (v.y * uu - u.y * vv) / d,
        y: (u.x * vv - v.x * uu) / d,
    })
}

/// The union of the cells that belong together.
fn dissolve(
    facts: &Facts,
    cells: &[Vec<(Corner, usize)>],
    belongs: impl Fn(usize) -> bool,
    borders: &mut BTreeMap<(Corner, Corner), Vec<Coord<f64>>>,
    seed: u64,
) -> Result<MultiPolygon<f64>, CityError> {
    // Three cells meet at a corner, so that one border at most leaves it.
    let mut leaving: BTreeMap<Corner, Corner> = BTreeMap::new();
    for (_, cell) in cells.iter().enumerate().filter(|&(index, _)| belongs(index)) {
        for (k, &(from, neighbour)) in cell.iter().enumerate() {
            if !belongs(neighbour) {
                leaving.insert(from, cell[(k + 1) % cell.len()].0);
            }
        }
    }
    let (mut shells, mut holes) = (Vec::new(), Vec::new());
    while let Some((&start, _)) = leaving.first_key_value() {
        let (mut ring, mut from) = (Vec::new(), start);
        while let Some(to) = leaving.remove(&from) {
            ring.extend(border(facts, from, to, borders, seed));
            from = to;
        }
        if from != start {
            return Err(CityError::Facts(
                "sangkat_places.csv: three places lie on one line".into(),
            ));
        }
        ring.dedup();
        if ring_area(&ring) > 0.0 {
            shells.push(ring);
        } else {
            holes.push(ring);
        }
    }
    let polygons = shells.into_iter().map(|shell| {
        let own = holes
            .iter()
            .filter(|hole| in_ring(&shell, hole[0]))
            .map(|hole| LineString(hole.clone()))
            .collect();
        Polygon::new(LineString(shell), own)
    });
    Ok(MultiPolygon(polygons.collect()))
}

/// The wavering border between two corners, without the last point; the same line in both directions.
fn border(
    facts: &Facts,
    from: Corner,
    to: Corner,
    borders: &mut BTreeMap<(Corner, Corner), Vec<Coord<f64>>>,
    seed: u64,
) -> Vec<Coord<f64>> {
    let key = (from.min(to), from.max(to));
    let line = borders.entry(key).or_insert_with(|| {
        let item = key
            .0
            .iter()
            .chain(&key.1)
            .fold(0u64, |item, &index| (item * 1009 + index as u64) % (1 << 39));
        let mut draw = Draw::new(seed, Part::Boundaries, item);
        let mut line = vec![position(&facts.places, key.0), position(&facts.places, key.1)];
        // The waver halves at each step, so that borders that meet at a narrow angle do not cross.
        for waver in [0.08, 0.04, 0.02] {
            let mut finer = vec![line[0]];
            for w in line.windows(2) {
                if distance(w[0], w[1]) > 120.0 {
                    let shift = left(w[1] - w[0]) * draw.between(-waver, waver);
                    finer.push(cm(along(w[0], w[1], 0.5) + shift));
                }
                finer.push(w[1]);
            }
            line = finer;
        }
        line
    });
    let mut line = line.clone();
    if from > to {
        line.reverse();
    }
    line.pop();
    line
}
