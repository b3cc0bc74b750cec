//! Streets and blocks: the faces between main roads are cut by streets, each across the longer way, until blocks of the
//! size usual at that place remain.

use geo::Coord;

use crate::draw::{Draw, Part};
use crate::model::{RoadClass, Surface};
use crate::planar::Side;
use crate::shape::{along, cm, cross, direction, distance, dot, left, length, ring_area};

/// A line that becomes one or more roads.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub name: Option<String>,
    pub class: RoadClass,
    pub surface: Surface,
    pub oneway: bool,
    /// Width of the road reserve in metres.
    pub reserve_m: f64,
    pub points: Vec<Coord<f64>>,
    /// Points at which other lines end on this one.
    pub junctions: Vec<Coord<f64>>,
}

/// Land surrounded by streets.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub sides: Vec<Side>,
    /// What may be built on: convex, clear of the reserves of the streets around. Without closing point.
    pub inner: Vec<Coord<f64>>,
}

/// Where a line meets a ring: the side and the point.
type Hit = (usize, Coord<f64>);

/// What the street cutter asks of a place.
pub(crate) trait Place {
    /// Usual area in m² of a block where this outline of that area lies; none where no streets are laid.
    fn block_m2(&self, outline: &[Coord<f64>], area: f64) -> Option<f64>;
}

/// Cuts a face into blocks, adding the streets to `lines`.
pub(crate) fn cut(
    face: Vec<Side>,
    place: &impl Place,
    lines: &mut Vec<Line>,
    seed: u64,
    item: u64,
) -> Vec<Block> {
    let mut draw = Draw::new(seed, Part::Streets, item);
    let (mut open, mut blocks) = (vec![face], Vec::new());
    while let Some(sides) = open.pop() {
        let outline: Vec<_> = sides.iter().map(|side| side.at).collect();
        let area = ring_area(&outline);
        let Some(usual) = place.block_m2(&outline, area) else {
            continue;
        };
        let inner = inner(&sides, lines);
        let ragged = ring_area(&inner) < 0.45 * area;
        if area <= usual && (!ragged || area <= 0.2 * usual) {
            blocks.push(Block { sides, inner });
            continue;
        }
        match split(&sides, area, usual, lines, &mut draw) {
            Some(parts) => open.extend(parts),
            None => blocks.push(Block { sides, inner }),
        }
    }
    blocks
}

/// Splits a ring by a street, if that leaves two useful parts.
fn split(
    sides: &[Side],
    area: f64,
    usual: f64,
    lines: &mut Vec<Line>,
    draw: &mut Draw,
) -> Option<[Vec<Side>; 2]> {
    let (centre, axis, long, short) = frame(sides);
    // The last cut runs lengthwise: blocks are longer than wide, so that two rows of plots stand back to back.
    let lengthwise = area < 2.1 * usual && short > 64.0 && long < 3.0 * short;
    let (across, extent) = if lengthwise {
        (axis, short)
    } else {
        (left(axis), long)
    };
    let shift = draw.between(-0.09, 0.09) * extent;
    let through = centre + left(across) * shift;
    let (first, last) = chord(sides, through, across)?;
    let mut ring = sides.to_vec();
    // Insert the later point first, so that the earlier index stays true.
    let (last_at, last_new) = place_point(&mut ring, last);
    let (first_at, first_new) = place_point(&mut ring, first);
    let last_at = if first_new && last_at >= first_at {
        last_at + 1
    } else {
        last_at
    };
    let (a, b) = (first_at.min(last_at), first_at.max(last_at));
    if b - a < 2 || ring.len() - (b - a) < 2 {
        return None;
    }
    let line = lines.len();
    let mut one = ring[a..=b].to_vec();
    let mut two: Vec<Side> = ring[b..].iter().chain(&ring[..=a]).copied().collect();
    let (one_last, two_last) = (one.len() - 1, two.len() - 1);
    one[one_last].line = Some(line);
    two[two_last].line = Some(line);
    let small = |ring: &[Side]| {
        let outline: Vec<_> = ring.iter().map(|side| side.at).collect();
        ring_area(&outline) < 250.0f64.min(usual / 8.0)
    };
    if small(&one) || small(&two) {
        return None;
    }
    for (at, new, hit) in [(first_at, first_new, first), (last_at, last_new, last)] {
        if let Some(met) = sides[hit.0].line.filter(|_| new) {
            lines[met].junctions.push(ring[at].at);
        }
    }
    lines.push(street(ring[a].at, ring[b].at, area, usual, draw));
    Some([one, two])
}

/// Class, surface and width follow from how much land the street opens up.
fn street(a: Coord<f64>, b: Coord<f64>, area: f64, usual: f64, draw: &mut Draw) -> Line {
    let rural = usual > 60_000.0;
    let (class, reserve_m) = match area {
        area if area > 1_500_000.0 => (RoadClass::Tertiary, 16.0),
        area if area > 350_000.0 && !rural => (RoadClass::Tertiary, 14.0),
        _ if rural => (RoadClass::Track, 7.0),
        area if area > 6.0 * usual => (RoadClass::Residential, 11.0),
        _ => (RoadClass::Residential, 8.0),
    };
    let surface = match class {
        RoadClass::Tertiary => draw.weighted(&[
            (Surface::Asphalt, 0.7),
            (Surface::Concrete, 0.2),
            (Surface::Unpaved, 0.1),
        ]),
        RoadClass::Track => draw.weighted(&[(Surface::Unpaved, 0.6), (Surface::Earth, 0.4)]),
        _ if usual > 20_000.0 => draw.weighted(&[
            (Surface::Concrete, 0.5),
            (Surface::Unpaved, 0.35),
            (Surface::Asphalt, 0.15),
        ]),
        _ => draw.weighted(&[
            (Surface::Concrete, 0.55),
            (Surface::Asphalt, 0.4),
            (Surface::Unpaved, 0.05),
        ]),
    };
    let oneway = class == RoadClass::Residential && usual < 15_000.0 && draw.chance(0.12);
    Line {
        name: None,
        class,
        surface,
        oneway,
        reserve_m,
        points: vec![a, b],
        junctions: vec![],
    }
}

/// The smallest box around a ring that is parallel to one of its longer sides: centre, long axis, both extents.
fn frame(sides: &[Side]) -> (Coord<f64>, Coord<f64>, f64, f64) {
    let count = sides.len();
    let vector = |k: usize| sides[(k + 1) % count].at - sides[k].at;
    let longest = (0..count).map(|k| length(vector(k))).fold(0.0, f64::max);
    let mut best = (f64::INFINITY, sides[0].at, Coord { x: 1.0, y: 0.0 }, 0.0, 0.0);
    for k in (0..count).filter(|&k| length(vector(k)) >= 0.4 * longest) {
        let u = direction(vector(k));
        let range = |axis: Coord<f64>| {
            let values = sides.iter().map(|side| dot(side.at - sides[0].at, axis));
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            })
        };
        let (v, (ul, uh), (vl, vh)) = (left(u), range(u), range(left(u)));
        let box_area = (uh - ul) * (vh - vl);
        if box_area < best.0 {
            let centre = sides[0].at + u * (f64::midpoint(ul, uh)) + v * (f64::midpoint(vl, vh));
            let (axis, long, short) = if uh - ul >= vh - vl {
                (u, uh - ul, vh - vl)
            } else {
                (v, vh - vl, uh - ul)
            };
            best = (box_area, centre, axis, long, short);
        }
    }
    (best.1, best.2, best.3, best.4)
}

/// Where a straight street through a point enters and leaves the ring, along its longest stretch inside: (side, point).
fn chord(sides: &[Side], through: Coord<f64>, along_street: Coord<f64>) -> Option<(Hit, Hit)> {
    let offset = |c: Coord<f64>| cross(along_street, c - through);
    let mut hits = Vec::new();
    for (k, side) in sides.iter().enumerate() {
        let (a, b) = (side.at, sides[(k + 1) % sides.len()].at);
        let (at_a, at_b) = (offset(a), offset(b));
        if (at_a > 0.0) != (at_b > 0.0) {
            let c = cm(along(a, b, at_a / (at_a - at_b)));
            hits.push((dot(c - through, along_street), k, c));
        }
    }
    hits.sort_by(|a, b| a.0.total_cmp(&b.0));
    let widest = hits
        .chunks_exact(2)
        .max_by(|a, b| (a[1].0 - a[0].0).total_cmp(&(b[1].0 - b[0].0)))?;
    let (one, two) = ((widest[0].1, widest[0].2), (widest[1].1, widest[1].2));
    Some(if one.0 <= two.0 { (one, two) } else { (two, one) })
}

/// Puts a point on a side, or takes the corner that is there already: index, and whether it is new.
fn place_point(ring: &mut Vec<Side>, (side, at): (usize, Coord<f64>)) -> (usize, bool) {
    const SAME_M: f64 = 5.0;
    let next = (side + 1) % ring.len();
    if distance(ring[side].at, at) < SAME_M {
        (side, false)
    } else if distance(ring[next].at, at) < SAME_M {
        (next, false)
    } else {
        let line = ring[side].line;
        ring.insert(side + 1, Side { at, line });
        (side + 1, true)
    }
}

/// What is left of a ring behind half the reserve of every street around: the points that lie behind all of them.
fn inner(sides: &[Side], lines: &[Line]) -> Vec<Coord<f64>> {
    let mut out: Vec<Coord<f64>> = sides.iter().map(|side| side.at).collect();
    let (mut low, mut high) = (out[0], out[0]);
    for c in &out {
        low = Coord {
            x: low.x.min(c.x),
            y: low.y.min(c.y),
        };
        high = Coord {
            x: high.x.max(c.x),
            y: high.y.max(c.y),
        };
    }
    out = vec![
        low,
        Coord { x: high.x, y: low.y },
        high,
        Coord { x: low.x, y: high.y },
    ];
    for (k, side) in sides.iter().enumerate() {
        let inward = left(direction(sides[(k + 1) % sides.len()].at - side.at));
        let setback = side.line.map_or(2.0, |line| lines[line].reserve_m / 2.0 + 0.05);
        out = clip(&out, side.at + inward * setback, inward);
    }
    out
}

/// The part of a convex ring on the inward side of a line. A crossing is computed from the same end whichever way the
/// ring runs, so that neighbours that share a side share the new corner too.
pub(crate) fn clip(ring: &[Coord<f64>], on: Coord<f64>, inward: Coord<f64>) -> Vec<Coord<f64>> {
    let depth = |c: Coord<f64>| dot(c - on, inward);
    let mut out = Vec::with_capacity(ring.len() + 1);
    for (k, &a) in ring.iter().enumerate() {
        let b = ring[(k + 1) % ring.len()];
        let (at_a, at_b) = (depth(a), depth(b));
        if at_a >= 0.0 {
            out.push(a);
        }
        if (at_a >= 0.0) != (at_b >= 0.0) {
            let forward = (a.x, a.y) < (b.x, b.y);
            out.push(if forward {
                along(a, b, at_a / (at_a - at_b))
            } else {
                along(b, a, at_b / (at_b - at_a))
            });
        }
    }
    out
}
