//! Which pieces of land adjoin.
//!
//! Two pieces adjoin where the boundary of one runs within the gap of the boundary of the other for at least the
//! frontage. The stretch of a segment that lies within a distance of another segment is one interval, since the distance
//! to a convex thing is convex along a line; the stretches along one segment are joined before they are added up.

use geo::Coord;
use rayon::prelude::*;

use super::{Piece, Rules};
use crate::index::{Bounds, Tree};
use crate::surface;

/// Boundaries digitised twice differ by this much, in metres, even where they are meant to be one.
const DIGITISING: f64 = 1e-3;

/// Pairs of pieces that adjoin, both ways round, as lists by piece.
pub(super) struct Adjoining {
    starts: Vec<usize>,
    others: Vec<u32>,
}

impl Adjoining {
    /// Finds the pairs among pieces of the same group.
    pub(super) fn new(pieces: &[Piece], group: impl Fn(&Piece) -> u32 + Sync, rules: &Rules) -> Self {
        let gap = rules.gap.max(DIGITISING);
        // Two that meet in a corner are within the gap of each other for as much as the gap on either side of it.
        let frontage = rules.frontage + 2.0 * gap;
        let boxes: Vec<Bounds> = pieces
            .iter()
            .map(|piece| surface::bounds(&piece.shape).map_or_else(Bounds::default, Bounds::from))
            .collect();
        let tree = Tree::new(&boxes);
        let pairs: Vec<Vec<u32>> = pieces
            .par_iter()
            .enumerate()
            .map(|(at, piece)| {
                let mut others = Vec::new();
                tree.search(&boxes[at].grown(gap), |other| {
                    if other as usize > at && group(&pieces[other as usize]) == group(piece) {
                        others.push(other);
                    }
                });
                others.sort_unstable();
                others.retain(|&other| {
                    adjoin(
                        piece,
                        &pieces[other as usize],
                        &boxes[other as usize],
                        gap,
                        frontage,
                    )
                });
                others
            })
            .collect();
        let mut both: Vec<(u32, u32)> = pairs
            .iter()
            .enumerate()
            .flat_map(|(at, others)| {
                others
                    .iter()
                    .flat_map(move |&other| [(at as u32, other), (other, at as u32)])
            })
            .collect();
        both.sort_unstable();
        let starts = (0..=pieces.len())
            .map(|at| both.partition_point(|pair| (pair.0 as usize) < at))
            .collect();
        Self {
            starts,
            others: both.into_iter().map(|pair| pair.1).collect(),
        }
    }

    /// The pieces that adjoin one, ascending.
    pub(super) fn of(&self, piece: u32) -> &[u32] {
        &self.others[self.starts[piece as usize]..self.starts[piece as usize + 1]]
    }
}

type Segment = (Coord<f64>, Coord<f64>);

/// Whether the boundary of `a` runs within `gap` of that of `b` for at least `frontage`.
fn adjoin(a: &Piece, b: &Piece, b_box: &Bounds, gap: f64, frontage: f64) -> bool {
    let boundary = |piece: &Piece| -> Vec<Segment> {
        surface::signed_rings(&piece.shape)
            .flat_map(|(ring, _)| surface::edges(ring))
            .collect()
    };
    let a_box = surface::bounds(&a.shape)
        .map_or_else(Bounds::default, Bounds::from)
        .grown(gap);
    let near_b = b_box.grown(gap);
    let others: Vec<Segment> = boundary(b)
        .into_iter()
        .filter(|s| a_box.intersects(&Bounds::of(s.0, s.1)))
        .collect();
    let mut total = 0.0;
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for segment in boundary(a)
        .into_iter()
        .filter(|s| near_b.intersects(&Bounds::of(s.0, s.1)))
    {
        stretches.clear();
        stretches.extend(
            others
                .iter()
                .filter_map(|&other| stretch_within(segment, other, gap)),
        );
        stretches.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
        let mut covered = 0.0_f64;
        let length = (segment.1.x - segment.0.x).hypot(segment.1.y - segment.0.y);
        for &(from, to) in &stretches {
            if to > covered {
                total += (to - from.max(covered)) * length;
                covered = to;
            }
        }
        if total >= frontage {
            return true;
        }
    }
    false
}

/// The stretch of segment `s`, as shares of it, that lies within `distance` of segment `t`.
fn stretch_within(s: Segment, t: Segment, distance: f64) -> Option<(f64, f64)> {
    let (step, side) = (s.1 - s.0, t.1 - t.0);
    let length_squared = side.x * side.x + side.y * side.y;
    let mut stretch: Option<(f64, f64)> = None;
    let mut add = |from: f64, to: f64| {
        let (from, to) = (from.max(0.0), to.min(1.0));
        if from < to {
            stretch = Some(stretch.map_or((from, to), |(low, high)| (low.min(from), high.max(to))));
        }
    };
    // Within the circles round the ends of t: |s₀ + u·step − end|² ≤ distance².
    for end in [t.0, t.1] {
        let away = s.0 - end;
        let a = step.x * step.x + step.y * step.y;
        let half_b = away.x * step.x + away.y * step.y;
        let c = away.x * away.x + away.y * away.y - distance * distance;
        let discriminant = half_b * half_b - a * c;
        if discriminant > 0.0 && a > 0.0 {
            let root = discriminant.sqrt();
            add((-half_b - root) / a, (-half_b + root) / a);
        }
    }
    // Beside t: between the perpendiculars at its ends, and no farther from its line than the distance.
    if length_squared > 0.0 {
        let away = s.0 - t.0;
        let along = (
            away.x * side.x + away.y * side.y,
            step.x * side.x + step.y * side.y,
        );
        let across = (
            away.x * side.y - away.y * side.x,
            step.x * side.y - step.y * side.x,
        );
        let reach = distance * length_squared.sqrt();
        let between = |(start, slope): (f64, f64), low: f64, high: f64| {
            if slope == 0.0 {
                return if low <= start && start <= high {
                    (0.0, 1.0)
                } else {
                    (1.0, 0.0)
                };
            }
            let (u, v) = ((low - start) / slope, (high - start) / slope);
            (u.min(v), u.max(v))
        };
        let (beside, near) = (
            between(along, 0.0, length_squared),
            between(across, -reach, reach),
        );
        add(beside.0.max(near.0), beside.1.min(near.1));
    }
    stretch
}
