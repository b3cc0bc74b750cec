//! Joining vertices that are meant to be one place but were drawn a little apart.
//!
//! Two vertices nearer than the tolerance become one node, the nearest pair first, unless a short way along the roads joins them already:
//! so the vertices of a finely drawn line, or of one that comes in many short pieces, keep their distances, however many of them lie
//! within the tolerance. A line meets itself with its ends alone.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

use geo::Coord;
use rayon::prelude::*;

use super::build::Lines;
use super::{NetworkError, NetworkReport};
use crate::union_find::UnionFind;

/// Two vertices joined already by a way of at most so many tolerances are not joined again.
const NEAR: f64 = 4.0;
/// More pairs of vertices than this are no drawing mistakes: the tolerance is too large for the roads.
const MOST_PAIRS: usize = 1 << 24;
/// Where a way is sought among more vertices than this, they are as good as joined.
const MOST_VISITED: usize = 1 << 12;

/// What decides whether a place may join another.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// The only line through it, or none where there are several.
    line: Option<u32>,
    /// How far along that line it lies.
    along: f64,
    /// Whether a line ends here.
    end: bool,
    /// All its vertices are nodes of a map, which says itself what meets.
    of_nodes: bool,
    /// Level of the lines that pass.
    level: i8,
}

/// Joins places at most `tolerance` apart.
pub(super) fn join(
    lines: &mut Lines,
    tolerance: f64,
    report: &mut NetworkReport,
) -> Result<(), NetworkError> {
    if tolerance <= 0.0 {
        return Ok(());
    }
    let kinds = kinds(lines);
    let pairs = pairs(lines, &kinds, tolerance)?;
    if pairs.is_empty() {
        return Ok(());
    }
    let mut joined = Joined::new(lines);
    for &(gap, a, b) in &pairs {
        if !joined.is_near(lines, a, b, tolerance * NEAR) && !joined.meets_itself(lines, a, b) {
            joined.unite(a, b, gap);
        }
    }
    for place in 0..lines.positions.len() as u32 {
        report.joined_vertices += usize::from(joined.sets.find(place) != place);
    }
    for place in &mut lines.places {
        *place = joined.sets.find(*place);
    }
    Ok(())
}

fn kinds(lines: &Lines) -> Vec<Kind> {
    let mut kinds: Vec<Option<Kind>> = vec![None; lines.positions.len()];
    for (line, stretch) in lines.stretches.iter().enumerate() {
        let range = stretch.range.clone();
        let mut along = 0.0;
        for at in range.clone() {
            if at > range.start {
                let (from, to) = (lines.vertices[at - 1], lines.vertices[at]);
                along += (to.x - from.x).hypot(to.y - from.y);
            }
            let end = at == range.start || at + 1 == range.end;
            let found = Kind {
                line: Some(line as u32),
                along,
                end,
                of_nodes: stretch.of_nodes,
                level: stretch.level,
            };
            let kind = &mut kinds[lines.places[at] as usize];
            *kind = Some(match *kind {
                None => found,
                Some(known) => Kind {
                    line: None,
                    end: known.end || end,
                    of_nodes: known.of_nodes && stretch.of_nodes,
                    ..known
                },
            });
        }
    }
    let nothing = Kind {
        line: None,
        along: 0.0,
        end: true,
        of_nodes: true,
        level: 0,
    };
    kinds.into_iter().map(|kind| kind.unwrap_or(nothing)).collect()
}

/// Whether two places may be one, whatever their distance.
fn may_join(a: Kind, b: Kind, tolerance: f64) -> bool {
    if a.of_nodes && b.of_nodes {
        return false;
    }
    // Of lines that pass on different levels one is a bridge.
    if !a.end && !b.end && a.level != b.level {
        return false;
    }
    match (a.line, b.line) {
        (Some(line), Some(other)) if line == other => {
            (a.end || b.end) && (a.along - b.along).abs() > tolerance * NEAR
        }
        _ => true,
    }
}

/// Pairs of places within the tolerance that may be one, nearest first.
fn pairs(lines: &Lines, kinds: &[Kind], tolerance: f64) -> Result<Vec<(f64, u32, u32)>, NetworkError> {
    let positions = &lines.positions;
    // Rows as high as the tolerance, each sorted by x: whatever is near lies in this row or the next.
    let row = |place: u32| (positions[place as usize].y / tolerance).floor();
    let mut order: Vec<(f64, u32)> = (0..positions.len() as u32)
        .map(|place| (row(place), place))
        .collect();
    // Places already ascend by x, so a stable sort by row keeps that order within a row.
    order.par_sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pairs = Vec::new();
    let mut below = 0;
    for (at, &(row, a)) in order.iter().enumerate() {
        let here = positions[a as usize];
        let behind = |other: (f64, u32)| {
            other.0 < row + 1.0
                || (other.0 <= row + 1.0 && positions[other.1 as usize].x < here.x - tolerance)
        };
        while below < order.len() && (below <= at || behind(order[below])) {
            below += 1;
        }
        let same_row = order[at + 1..].iter().take_while(|other| other.0 <= row);
        let next_row = order[below..].iter().take_while(|other| other.0 <= row + 1.0);
        let reach = |other: &&(f64, u32)| positions[other.1 as usize].x <= here.x + tolerance;
        for &(_, b) in same_row.take_while(reach).chain(next_row.take_while(reach)) {
            let there = positions[b as usize];
            let gap = (here.x - there.x).hypot(here.y - there.y);
            // Two places at one position were told apart on purpose.
            if gap <= tolerance && gap > 0.0 && may_join(kinds[a as usize], kinds[b as usize], tolerance) {
                pairs.push((gap, a.min(b), a.max(b)));
            }
        }
        if pairs.len() > MOST_PAIRS {
            return Err(NetworkError::TooDense(tolerance));
        }
    }
    pairs.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    Ok(pairs)
}

/// The places joined so far, with what lies next to each.
struct Joined {
    sets: UnionFind,
    /// Vertices by place: those of place `p` are `vertices[starts[p]..starts[p + 1]]`.
    starts: Vec<u32>,
    vertices: Vec<u32>,
    /// Whether a vertex is the first of its line; one more at the end.
    first: Vec<bool>,
    /// Places joined, with the gap between them.
    across: HashMap<u32, Vec<(u32, f64)>>,
    /// Whether some places at one position are kept apart.
    apart: bool,
}

/// A place on the way, nearest first.
#[derive(PartialEq)]
struct Reached(f64, u32);

impl Eq for Reached {}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

impl Joined {
    fn new(lines: &Lines) -> Self {
        let count = lines.positions.len();
        let mut starts = vec![0_u32; count + 1];
        for &place in &lines.places {
            starts[place as usize + 1] += 1;
        }
        for place in 0..count {
            starts[place + 1] += starts[place];
        }
        let mut next = starts.clone();
        let mut vertices = vec![0; lines.places.len()];
        for (vertex, &place) in lines.places.iter().enumerate() {
            let slot = &mut next[place as usize];
            vertices[*slot as usize] = vertex as u32;
            *slot += 1;
        }
        let mut first = vec![false; lines.vertices.len() + 1];
        for stretch in &lines.stretches {
            first[stretch.range.start] = true;
            first[stretch.range.end] = true;
        }
        Self {
            sets: UnionFind::new(count),
            starts,
            vertices,
            first,
            across: HashMap::new(),
            apart: lines.positions.windows(2).any(|pair| pair[0] == pair[1]),
        }
    }

    fn unite(&mut self, a: u32, b: u32, gap: f64) {
        self.sets.union(a, b);
        self.across.entry(a).or_default().push((b, gap));
        self.across.entry(b).or_default().push((a, gap));
    }

    /// Whether a way of at most `limit` metres leads from one place to the other.
    fn is_near(&self, lines: &Lines, from: u32, to: u32, limit: f64) -> bool {
        let mut best: HashMap<u32, f64> = HashMap::from([(from, 0.0)]);
        let mut queue = BinaryHeap::from([Reverse(Reached(0.0, from))]);
        let mut visited = 0;
        while let Some(Reverse(Reached(metres, place))) = queue.pop() {
            if place == to {
                return true;
            }
            if best.get(&place).is_some_and(|&known| known < metres) {
                continue;
            }
            visited += 1;
            if visited > MOST_VISITED {
                return true;
            }
            let mut go = |next: u32, by: f64| {
                let metres = metres + by;
                if metres <= limit && best.get(&next).is_none_or(|&known| metres < known) {
                    best.insert(next, metres);
                    queue.push(Reverse(Reached(metres, next)));
                }
            };
            let range = self.starts[place as usize] as usize..self.starts[place as usize + 1] as usize;
            for &vertex in &self.vertices[range] {
                let vertex = vertex as usize;
                let here = lines.vertices[vertex];
                let length = |c: Coord<f64>| (c.x - here.x).hypot(c.y - here.y);
                if !self.first[vertex] {
                    go(lines.places[vertex - 1], length(lines.vertices[vertex - 1]));
                }
                if !self.first[vertex + 1] {
                    go(lines.places[vertex + 1], length(lines.vertices[vertex + 1]));
                }
            }
            for &(next, gap) in self.across.get(&place).into_iter().flatten() {
                go(next, gap);
            }
        }
        false
    }

    /// Whether joining two places would bring together what is kept apart at one position.
    fn meets_itself(&self, lines: &Lines, a: u32, b: u32) -> bool {
        if !self.apart {
            return false;
        }
        let (of_a, of_b) = (self.members(a), self.members(b));
        let at = |place: u32| lines.positions[place as usize];
        of_a.iter().any(|&a| of_b.iter().any(|&b| at(a) == at(b)))
    }

    fn members(&self, place: u32) -> Vec<u32> {
        let mut found = vec![place];
        let mut at = 0;
        while at < found.len() {
            for &(next, _) in self.across.get(&found[at]).into_iter().flatten() {
                if !found.contains(&next) {
                    found.push(next);
                }
            }
            at += 1;
        }
        found
    }
}
