//! Cutting shapes at the buffered edge of a tile.

use super::grid::{BUFFER, EXTENT};
use super::mvt::Point;

const LOW: i32 = -BUFFER;
const HIGH: i32 = EXTENT + BUFFER;

/// Whether a point lies in the tile or its buffer.
pub fn holds((x, y): Point) -> bool {
    (LOW..=HIGH).contains(&x) && (LOW..=HIGH).contains(&y)
}

/// Whether every vertex lies in the tile or its buffer, so that nothing is to be cut.
pub fn holds_all(points: &[Point]) -> bool {
    points.iter().all(|&p| holds(p))
}

/// The parts of a line inside the buffered tile (Liang–Barsky on each segment).
pub fn line(points: &[Point]) -> Vec<Vec<Point>> {
    if holds_all(points) {
        return vec![points.to_vec()];
    }
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((a, b)) = segment(pair[0], pair[1]) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            Some(part) if open && part.last() == Some(&a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
        open = b == pair[1];
    }
    for part in &mut parts {
        part.dedup();
    }
    parts.retain(|part| part.len() > 1);
    parts
}

fn segment(a: Point, b: Point) -> Option<(Point, Point)> {
    let (ax, ay) = (f64::from(a.0), f64::from(a.1));
    let (dx, dy) = (f64::from(b.0) - ax, f64::from(b.1) - ay);
    let (low, high) = (f64::from(LOW), f64::from(HIGH));
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (p, q) in [(-dx, ax - low), (dx, high - ax), (-dy, ay - low), (dy, high - ay)] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else {
            leave = leave.min(q / p);
        }
    }
    if enter > leave {
        return None;
    }
    let at = |t: f64| ((ax + t * dx).round() as i32, (ay + t * dy).round() as i32);
    // The ends themselves are kept exactly, so that the next segment joins.
    Some((
        if enter > 0.0 { at(enter) } else { a },
        if leave < 1.0 { at(leave) } else { b },
    ))
}

/// A ring inside the buffered tile (Sutherland–Hodgman). Parts of one ring may stay joined by edges that run along the buffer's rim, where
/// no map draws them.
pub fn ring(points: Vec<Point>) -> Vec<Point> {
    if holds_all(&points) {
        return points;
    }
    let mut ring = points;
    for side in [Side::West, Side::East, Side::North, Side::South] {
        ring = side.cut(&ring);
        if ring.is_empty() {
            break;
        }
    }
    ring
}

#[derive(Clone, Copy)]
enum Side {
    West,
    East,
    North,
    South,
}

impl Side {
    fn keeps(self, p: Point) -> bool {
        match self {
            Self::West => p.0 >= LOW,
            Self::East => p.0 <= HIGH,
            Self::North => p.1 >= LOW,
            Self::South => p.1 <= HIGH,
        }
    }

    fn crossing(self, a: Point, b: Point) -> Point {
        let mix = |a0: i32, a1: i32, b0: i32, b1: i32, edge: i32| {
            let t = (f64::from(edge) - f64::from(a0)) / (f64::from(b0) - f64::from(a0));
            (f64::from(a1) + t * (f64::from(b1) - f64::from(a1))).round() as i32
        };
        match self {
            Self::West => (LOW, mix(a.0, a.1, b.0, b.1, LOW)),
            Self::East => (HIGH, mix(a.0, a.1, b.0, b.1, HIGH)),
            Self::North => (mix(a.1, a.0, b.1, b.0, LOW), LOW),
            Self::South => (mix(a.1, a.0, b.1, b.0, HIGH), HIGH),
        }
    }

    fn cut(self, ring: &[Point]) -> Vec<Point> {
        let mut out = Vec::with_capacity(ring.len() + 4);
        let Some(mut previous) = ring.last().copied() else {
            return out;
        };
        for &point in ring {
            match (self.keeps(previous), self.keeps(point)) {
                (true, true) => out.push(point),
                (true, false) => out.push(self.crossing(previous, point)),
                (false, true) => {
                    out.push(self.crossing(previous, point));
                    out.push(point);
                }
                (false, false) => {}
            }
            previous = point;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_the_tile_is_cut_at_both_edges() {
        assert_eq!(
            line(&[(-1000, 100), (9000, 100)]),
            vec![vec![(LOW, 100), (HIGH, 100)]]
        );
        assert!(line(&[(-1000, -1000), (-500, 9000)]).is_empty());
    }

    #[test]
    fn a_line_that_leaves_and_returns_falls_in_two() {
        let parts = line(&[(10, 10), (10, -500), (500, -500), (500, 10), (600, 10)]);
        assert_eq!(
            parts,
            vec![vec![(10, 10), (10, LOW)], vec![(500, LOW), (500, 10), (600, 10)]]
        );
    }

    #[test]
    fn a_ring_around_the_tile_becomes_its_rim() {
        let mut rim = ring(vec![(-9000, -9000), (9000, -9000), (9000, 9000), (-9000, 9000)]);
        rim.sort_unstable();
        assert_eq!(rim, [(LOW, LOW), (LOW, HIGH), (HIGH, LOW), (HIGH, HIGH)]);
        assert!(ring(vec![(-900, -900), (-800, -900), (-800, -800)]).is_empty());
    }

    #[test]
    fn extreme_vertices_do_not_overflow() {
        assert!(
            !ring(vec![
                (i32::MIN, i32::MIN),
                (i32::MAX, i32::MIN),
                (i32::MAX, i32::MAX),
                (i32::MIN, i32::MAX)
            ])
            .is_empty()
        );
        assert_eq!(line(&[(i32::MIN, 5), (i32::MAX, 5)]).len(), 1);
    }
}
