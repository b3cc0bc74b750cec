//! From lines to a graph.

use geo::{Coord, Rect};
use rayon::prelude::*;

use super::join::join;
use super::places::{self, Apart};
use super::{Edge, Joins, Network, NetworkReport, Road};
use crate::hilbert::Hilbert;
use crate::surface::is_usable;
use crate::union_find::UnionFind;

/// Why a network cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// The tolerance makes no sense.
    #[error("a joining tolerance of {0} m is not possible; give 0 or a small positive number of metres")]
    Tolerance(f64),
    /// A speed makes no sense.
    #[error(
        "road {road}: a speed of {kmh} km/h is not possible; give a number from 0.01 to 1,000, or none where the mode may not go"
    )]
    Speed {
        /// Index of the road.
        road: usize,
        /// Its speed.
        kmh: f64,
    },
    /// The tolerance is far larger than the distance between vertices.
    #[error(
        "within the joining tolerance of {0} m lie too many vertices of different roads to be drawing mistakes; give a smaller one"
    )]
    TooDense(f64),
    /// More vertices than fit an index.
    #[error("the roads have {0} vertices, more than 4,294,967,295; split the file")]
    TooLarge(usize),
}

/// Speeds in km/h that a traveller may have. A time at any of them is finite.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// Lines without repeated vertices, one after the other, with the identity of every vertex.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) vertices: Vec<Coord<f64>>,
    /// Which place a vertex is at: equal for vertices that meet.
    pub(super) places: Vec<u32>,
    /// Position of each place.
    pub(super) positions: Vec<Coord<f64>>,
    pub(super) stretches: Vec<Stretch>,
}

/// One line.
pub(super) struct Stretch {
    /// The road that it is.
    road: u32,
    /// Its vertices.
    pub(super) range: std::ops::Range<usize>,
    /// Its level.
    pub(super) level: i8,
    /// Whether its vertices are nodes of a map.
    pub(super) of_nodes: bool,
}

pub(super) fn build(roads: &[Road], tolerance: f64) -> Result<Network, NetworkError> {
    if !(tolerance.is_finite() && tolerance >= 0.0) {
        return Err(NetworkError::Tolerance(tolerance));
    }
    for (road, speeds) in roads.iter().map(|road| road.speeds).enumerate() {
        for kmh in [speeds.walk, speeds.motorbike].into_iter().flatten() {
            if !SPEEDS.contains(&kmh) {
                return Err(NetworkError::Speed { road, kmh });
            }
        }
    }
    let vertices: usize = roads.iter().map(|road| road.line.0.len()).sum();
    if u32::try_from(vertices).is_err() || u32::try_from(roads.len()).is_err() {
        return Err(NetworkError::TooLarge(vertices));
    }

    let mut report = NetworkReport::default();
    let mut lines = read_lines(roads, &mut report);
    join(&mut lines, tolerance, &mut report)?;
    let mut network = split(&lines, tolerance);
    network.rules = roads.iter().map(|road| (road.speeds, road.direction)).collect();
    order_nodes(&mut network);
    describe(&mut network, report);
    Ok(network)
}

/// Drops what has no length and gives vertices that meet one place.
fn read_lines(roads: &[Road], report: &mut NetworkReport) -> Lines {
    let mut lines = Lines::default();
    let mut apart = Apart::default();
    for (number, road) in roads.iter().enumerate() {
        if !road.line.0.iter().copied().all(is_usable) {
            report.invalid_lines += 1;
            continue;
        }
        let vertices = &mut lines.vertices;
        let start = vertices.len();
        let nodes: &[(u32, i64)] = match &road.joins {
            Joins::ByPlace => &[],
            Joins::ByNode(nodes) => nodes,
        };
        for (at, c) in road.line.0.iter().enumerate() {
            // Adding zero turns −0 into 0, so that equal coordinates sort as equal.
            let c = Coord {
                x: c.x + 0.0,
                y: c.y + 0.0,
            };
            if vertices.len() > start && vertices.last() == Some(&c) {
                report.zero_length_segments += 1;
            } else {
                vertices.push(c);
            }
            if !nodes.is_empty() {
                let named = nodes.iter().filter(|(vertex, _)| *vertex as usize == at);
                named.for_each(|(_, node)| apart.note(vertices.len() - 1, *node));
            }
        }
        if vertices.len() - start < 2 {
            vertices.truncate(start);
            apart.forget_from(start);
            report.empty_lines += 1;
        } else {
            lines.stretches.push(Stretch {
                road: number as u32,
                range: start..vertices.len(),
                level: road.level,
                of_nodes: road.joins != Joins::ByPlace,
            });
        }
    }
    places::assign(&mut lines, roads, &apart);
    lines
}

/// Splits lines at their ends and wherever a place occurs twice.
fn split(lines: &Lines, tolerance: f64) -> Network {
    let mut uses = vec![0_u32; lines.positions.len()];
    for Stretch { range, .. } in &lines.stretches {
        for &place in &lines.places[range.clone()] {
            uses[place as usize] += 1;
        }
        for end in [range.start, range.end - 1] {
            uses[lines.places[end] as usize] += 1;
        }
    }
    let mut network = Network::default();
    let mut node_of = vec![u32::MAX; lines.positions.len()];
    let mut node = |place: u32, nodes: &mut Vec<Coord<f64>>| {
        let slot = &mut node_of[place as usize];
        if *slot == u32::MAX {
            *slot = nodes.len() as u32;
            nodes.push(lines.positions[place as usize]);
        }
        *slot
    };
    for &Stretch { road, ref range, .. } in &lines.stretches {
        let mut start = range.start;
        for end in range.start + 1..range.end {
            let (first, last) = (lines.places[start], lines.places[end]);
            if uses[last as usize] < 2 {
                continue;
            }
            let begin = network.vertices.len();
            let mut length = 0.0;
            network.vertices.push(lines.vertices[start]);
            network.along.push(0.0);
            for w in lines.vertices[start..=end].windows(2) {
                length += (w[1].x - w[0].x).hypot(w[1].y - w[0].y);
                network.vertices.push(w[1]);
                network.along.push(length);
            }
            start = end;
            if length <= 0.0 || (first == last && length <= tolerance) {
                // Its ends were joined to one place: nothing is left of it.
                network.vertices.truncate(begin);
                network.along.truncate(begin);
                continue;
            }
            let shape = begin as u32..network.vertices.len() as u32;
            let (from, to) = (node(first, &mut network.nodes), node(last, &mut network.nodes));
            network.edges.push(Edge {
                from,
                to,
                road,
                length,
                shape,
            });
        }
    }
    network
}

/// Numbers nodes along a Hilbert curve, so that a search walks through memory as it walks through the city.
fn order_nodes(network: &mut Network) {
    let Some(&first) = network.nodes.first() else {
        return;
    };
    let (min, max) = network.nodes.iter().fold((first, first), |(min, max), c| {
        (
            Coord {
                x: min.x.min(c.x),
                y: min.y.min(c.y),
            },
            Coord {
                x: max.x.max(c.x),
                y: max.y.max(c.y),
            },
        )
    });
    let curve = Hilbert::over(Rect::new(min, max));
    let mut order: Vec<(u32, u32)> = network
        .nodes
        .par_iter()
        .enumerate()
        .map(|(node, &c)| (curve.place(c), node as u32))
        .collect();
    order.par_sort_unstable();
    let mut number = vec![0; order.len()];
    for (new, &(_, old)) in order.iter().enumerate() {
        number[old as usize] = new as u32;
    }
    network.nodes = order
        .iter()
        .map(|&(_, old)| network.nodes[old as usize])
        .collect();
    for edge in &mut network.edges {
        edge.from = number[edge.from as usize];
        edge.to = number[edge.to as usize];
    }
}

/// Completes the report.
fn describe(network: &mut Network, mut report: NetworkReport) {
    let mut sets = UnionFind::new(network.nodes.len());
    for edge in &network.edges {
        sets.union(edge.from, edge.to);
    }
    let mut lengths = vec![0.0; network.nodes.len()];
    for edge in &network.edges {
        lengths[sets.find(edge.from) as usize] += edge.length;
        report.length += edge.length;
    }
    report.nodes = network.nodes.len();
    report.edges = network.edges.len();
    report.components = lengths.iter().filter(|&&length| length > 0.0).count();
    let largest = lengths.into_iter().fold(0.0, f64::max);
    report.largest_share = if report.length > 0.0 {
        (largest / report.length).min(1.0)
    } else {
        0.0
    };
    network.report = report;
}
