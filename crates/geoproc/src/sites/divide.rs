//! Connected groups of pieces, and the division of those that are too large for one site.

use geo::{Centroid, Point};

use super::Piece;
use super::adjoin::Adjoining;
use crate::union_find::UnionFind;

/// Groups of pieces that hang together, none larger than `max_area` unless it is a single piece. Each group ascends; the
/// groups ascend by their first piece.
///
/// A larger group is halved by area across its longer extent, by the centroids of its pieces, and again until every part
/// is small enough; parts that no longer hang together become groups of their own. This follows parcel boundaries and
/// depends on nothing but the pieces.
pub(super) fn divide(pieces: &[Piece], adjoining: &Adjoining, max_area: f64) -> Vec<Vec<u32>> {
    let centres: Vec<Point<f64>> = pieces
        .iter()
        .map(|piece| piece.shape.centroid().unwrap_or_else(|| Point::new(0.0, 0.0)))
        .collect();
    let mut open = connected(&(0..pieces.len() as u32).collect::<Vec<_>>(), adjoining);
    let mut groups = Vec::new();
    while let Some(group) = open.pop() {
        let area: f64 = group.iter().map(|&piece| pieces[piece as usize].area).sum();
        if area <= max_area || group.len() < 2 {
            groups.push(group);
            continue;
        }
        let (first, second) = halve(group, pieces, &centres, area / 2.0);
        open.extend(connected(&first, adjoining));
        open.extend(connected(&second, adjoining));
    }
    groups.sort_unstable();
    groups
}

/// Two halves of about equal area, neither empty.
fn halve(mut group: Vec<u32>, pieces: &[Piece], centres: &[Point<f64>], half: f64) -> (Vec<u32>, Vec<u32>) {
    let extent = |of: fn(&Point<f64>) -> f64| {
        let values = || group.iter().map(|&piece| of(&centres[piece as usize]));
        values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
    };
    let across_x = extent(|c| c.x()) >= extent(|c| c.y());
    let key = |piece: u32| {
        let centre = centres[piece as usize];
        if across_x {
            (centre.x(), centre.y())
        } else {
            (centre.y(), centre.x())
        }
    };
    group.sort_by(|&a, &b| {
        let (a_key, b_key) = (key(a), key(b));
        a_key
            .0
            .total_cmp(&b_key.0)
            .then(a_key.1.total_cmp(&b_key.1))
            .then(a.cmp(&b))
    });
    let mut sum = 0.0;
    let reached = group.iter().position(|&piece| {
        sum += pieces[piece as usize].area;
        sum >= half
    });
    let at = (reached.unwrap_or(0) + 1).clamp(1, group.len() - 1);
    let second = group.split_off(at);
    (group, second)
}

/// The connected parts of a set of pieces, each ascending.
fn connected(members: &[u32], adjoining: &Adjoining) -> Vec<Vec<u32>> {
    let mut sorted = members.to_vec();
    sorted.sort_unstable();
    let mut sets = UnionFind::new(sorted.len());
    for (at, &piece) in sorted.iter().enumerate() {
        for other in adjoining.of(piece) {
            if let Ok(other) = sorted.binary_search(other) {
                sets.union(at as u32, other as u32);
            }
        }
    }
    let mut parts: Vec<Vec<u32>> = vec![Vec::new(); sorted.len()];
    for (at, &piece) in sorted.iter().enumerate() {
        parts[sets.find(at as u32) as usize].push(piece);
    }
    parts.retain(|part| !part.is_empty());
    parts
}
