//! The main roads as a plane graph: joined where they meet or cross, and the faces of land between them.

use std::collections::BTreeMap;

use geo::Coord;

use crate::facts::{Facts, metres};
use crate::model::CityError;
use crate::shape::{along, cm, cross, crossing, distance, nearest_share, ring_area, segment_distance};

/// Ends nearer than this to another road, in metres, are meant to meet it.
const MEET_M: f64 = 160.0;
/// Longest stretch of a main road without a vertex, in metres, so that a bridge is not much longer than its river.
const STRETCH_M: f64 = 140.0;

/// Coordinate in whole centimetres: an exact key.
pub(crate) type Key = (i64, i64);

/// The key of a coordinate.
pub(crate) fn key(c: Coord<f64>) -> Key {
    ((c.x * 100.0).round() as i64, (c.y * 100.0).round() as i64)
}

/// A corner of a face, and the line (if any) that runs along the side that starts there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub at: Coord<f64>,
    pub line: Option<usize>,
}

/// Main roads with all their junctions, and the faces between them, counter-clockwise.
pub(crate) struct Plane {
    /// In the order of the skeleton.
    pub courses: Vec<Vec<Coord<f64>>>,
    pub faces: Vec<Vec<Side>>,
}

/// Joins the main roads and the window's edge and finds the faces.
pub(crate) fn plane(facts: &Facts) -> Result<Plane, CityError> {
    let [west, south, east, north] = facts.skeleton.window;
    let mut courses = main_courses(facts)?;
    let frame = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
    ]
    .map(metres)
    .to_vec();
    courses.push(frame);
    join(&mut courses);
    let faces = faces(&courses)?;
    courses.pop();
    Ok(Plane { courses, faces })
}

/// The courses with loose ends tied to the road they point at, corners cut and long stretches divided.
fn main_courses(facts: &Facts) -> Result<Vec<Vec<Coord<f64>>>, CityError> {
    let mut courses: Vec<Vec<Coord<f64>>> = Vec::new();
    for road in &facts.skeleton.road {
        if road.course.len() < 2 {
            return Err(CityError::Facts(format!(
                "skeleton.toml: {} needs two points",
                road.name
            )));
        }
        courses.push(road.course.iter().map(|&km| metres(km)).collect());
    }
    for index in 0..courses.len() {
        for end in [0, courses[index].len() - 1] {
            tie(&mut courses, index, end);
        }
    }
    let mut uses: BTreeMap<Key, usize> = BTreeMap::new();
    for c in courses.iter().flatten() {
        *uses.entry(key(*c)).or_default() += 1;
    }
    Ok(courses
        .iter()
        .map(|course| divide(&cut_corners(course, &uses)))
        .collect())
}

/// Moves an end onto the nearest other road, which gets a vertex there.
fn tie(courses: &mut [Vec<Coord<f64>>], index: usize, end: usize) {
    let p = courses[index][end];
    let closed = courses[index].first() == courses[index].last();
    let met = |(other, course): (usize, &Vec<Coord<f64>>)| other != index && course.contains(&p);
    if closed || courses.iter().enumerate().any(met) {
        return;
    }
    let mut best: Option<(f64, usize, usize)> = None;
    for (other, course) in courses.iter().enumerate().filter(|&(other, _)| other != index) {
        for (k, w) in course.windows(2).enumerate() {
            let d = segment_distance(w[0], w[1], p);
            if d < best.map_or(MEET_M, |(d, ..)| d) {
                best = Some((d, other, k));
            }
        }
    }
    if let Some((_, other, k)) = best {
        let (a, b) = (courses[other][k], courses[other][k + 1]);
        let q = cm(along(a, b, nearest_share(a, b, p)));
        if q != a && q != b {
            courses[other].insert(k + 1, q);
        }
        courses[index][end] = q;
    }
}

/// Replaces corners that no other road shares by three points, so that roads bend instead of break.
fn cut_corners(course: &[Coord<f64>], uses: &BTreeMap<Key, usize>) -> Vec<Coord<f64>> {
    let last = course.len() - 1;
    let mut out = vec![course[0]];
    for k in 1..last {
        let (a, b, c) = (course[k - 1], course[k], course[k + 1]);
        if uses.get(&key(b)).is_some_and(|&count| count > 1) {
            out.push(b);
            continue;
        }
        let reach = (0.3 * distance(a, b)).min(0.3 * distance(b, c)).min(250.0);
        let before = along(b, a, reach / distance(a, b));
        let after = along(b, c, reach / distance(b, c));
        let middle = along(along(before, after, 0.5), b, 0.5);
        out.extend([before, middle, after].map(cm));
    }
    out.push(course[last]);
    out
}

fn divide(course: &[Coord<f64>]) -> Vec<Coord<f64>> {
    let mut out = vec![course[0]];
    for w in course.windows(2) {
        let parts = (distance(w[0], w[1]) / STRETCH_M).ceil().max(1.0) as usize;
        out.extend((1..=parts).map(|k| {
            if k == parts {
                w[1]
            } else {
                cm(along(w[0], w[1], k as f64 / parts as f64))
            }
        }));
    }
    out
}

/// Gives every pair of courses that cross a common vertex there.
fn join(courses: &mut [Vec<Coord<f64>>]) {
    for one in 0..courses.len() {
        for two in one + 1..courses.len() {
            let mut found = Vec::new();
            for (i, a) in courses[one].windows(2).enumerate() {
                for (j, b) in courses[two].windows(2).enumerate() {
                    if let Some((s, _)) = crossing(a[0], a[1], b[0], b[1]) {
                        found.push((i, j, cm(along(a[0], a[1], s))));
                    }
                }
            }
            for (which, segment_of) in [(one, 0), (two, 1)] {
                let mut at: Vec<(usize, Coord<f64>)> = found
                    .iter()
                    .map(|&(i, j, c)| (if segment_of == 0 { i } else { j }, c))
                    .collect();
                insert(&mut courses[which], &mut at);
            }
        }
    }
}

/// Inserts vertices, each given with the segment it lies on.
pub(crate) fn insert(course: &mut Vec<Coord<f64>>, at: &mut [(usize, Coord<f64>)]) {
    at.sort_by(|(i, a), (j, b)| {
        i.cmp(j)
            .then(distance(course[*i], *a).total_cmp(&distance(course[*i], *b)))
    });
    let mut out = Vec::with_capacity(course.len() + at.len());
    let mut next = at.iter().peekable();
    for (index, &c) in course.iter().enumerate() {
        out.push(c);
        while let Some(&(_, inserted)) = next.next_if(|&&(segment, _)| segment == index) {
            out.push(inserted);
        }
    }
    out.dedup_by(|a, b| key(*a) == key(*b));
    *course = out;
}

/// A side in one direction: from, to, and the line along it.
type Directed = (Coord<f64>, Coord<f64>, Option<usize>);

/// Walks around every face of the plane graph; the last course is the window's edge, which is no road.
fn faces(courses: &[Vec<Coord<f64>>]) -> Result<Vec<Vec<Side>>, CityError> {
    let frame = courses.len() - 1;
    // From each vertex, the directed sides that leave it.
    let mut leaving: BTreeMap<Key, Vec<Directed>> = BTreeMap::new();
    for (index, course) in courses.iter().enumerate() {
        let line = (index != frame).then_some(index);
        for w in course.windows(2) {
            for (a, b) in [(w[0], w[1]), (w[1], w[0])] {
                let sides = leaving.entry(key(a)).or_default();
                if !sides.iter().any(|&(_, to, _)| key(to) == key(b)) {
                    sides.push((a, b, line));
                }
            }
        }
    }
    for sides in leaving.values_mut() {
        sides.sort_by(|(a, b, _), (_, c, _)| by_angle(*b - *a, *c - *a));
    }
    if let Some((&(x, y), sides)) = leaving.iter().find(|(_, sides)| sides.len() < 2) {
        let name = sides[0].2.map_or("the window", |_| "a road");
        return Err(CityError::Facts(format!(
            "skeleton.toml: {name} ends loose at {x}, {y} cm"
        )));
    }
    let mut done: BTreeMap<(Key, usize), bool> = BTreeMap::new();
    let mut faces = Vec::new();
    for (&start, sides) in &leaving {
        for first in 0..sides.len() {
            let (mut ring, mut at, mut which) = (Vec::new(), start, first);
            while done.insert((at, which), true).is_none() {
                let (from, to, line) = leaving[&at][which];
                ring.push(Side { at: from, line });
                // At the far end, the next side clockwise from the way back keeps the face to the left.
                let around = &leaving[&key(to)];
                let back = around.iter().position(|&(_, b, _)| key(b) == at).unwrap_or(0);
                (at, which) = (key(to), (back + around.len() - 1) % around.len());
            }
            let outline: Vec<_> = ring.iter().map(|side| side.at).collect();
            if ring_area(&outline) > 1.0 {
                faces.push(ring);
            }
        }
    }
    Ok(faces)
}

/// Order of two directions counter-clockwise from east, without an arc tangent.
fn by_angle(a: Coord<f64>, b: Coord<f64>) -> std::cmp::Ordering {
    let lower = |v: Coord<f64>| v.y < 0.0 || (v.y == 0.0 && v.x < 0.0);
    lower(a)
        .cmp(&lower(b))
        .then_with(|| 0.0f64.total_cmp(&cross(a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_roads_close_every_face() {
        let facts = Facts::embedded().unwrap();
        let plane = plane(&facts).unwrap();
        let outlines = plane
            .faces
            .iter()
            .map(|face| face.iter().map(|side| side.at).collect::<Vec<_>>());
        let area: f64 = outlines.map(|outline| ring_area(&outline)).sum();
        // The faces fill the window of 40 × 42 km and the ring at Oudong.
        assert!((1_680e6..1_690e6).contains(&area), "{area} m²");
        assert!(plane.faces.len() > 60, "{} faces", plane.faces.len());
    }

    #[test]
    fn directions_are_sorted_counter_clockwise_from_east() {
        let around = [
            (1.0, 0.0),
            (1.0, 1.0),
            (0.0, 1.0),
            (-1.0, 0.0),
            (-1.0, -1.0),
            (0.0, -1.0),
            (1.0, -1.0),
        ]
        .map(|(x, y)| Coord { x, y });
        assert!(
            around
                .windows(2)
                .all(|w| by_angle(w[0], w[1]) == std::cmp::Ordering::Less)
        );
    }
}
