//! Small constructions on plane coordinates that the parts of the city share. Square roots and basic arithmetic only,
//! so that every machine computes the same bytes.

use geo::{Coord, LineString, Polygon};

use crate::draw::Draw;

/// Rounds a coordinate to 1 cm.
pub(crate) fn cm(c: Coord<f64>) -> Coord<f64> {
    Coord {
        x: (c.x * 100.0).round() / 100.0,
        y: (c.y * 100.0).round() / 100.0,
    }
}

/// Length of a vector.
pub(crate) fn length(v: Coord<f64>) -> f64 {
    (v.x * v.x + v.y * v.y).sqrt()
}

/// Distance of two points.
pub(crate) fn distance(a: Coord<f64>, b: Coord<f64>) -> f64 {
    length(b - a)
}

/// `a × b`, positive where `b` lies to the left of `a`.
pub(crate) fn cross(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.y - a.y * b.x
}

/// `a · b`.
pub(crate) fn dot(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.x + a.y * b.y
}

/// Vector of length 1; the zero vector stays as it is.
pub(crate) fn direction(v: Coord<f64>) -> Coord<f64> {
    let size = length(v);
    if size > 0.0 { v / size } else { v }
}

/// The vector turned left by a right angle.
pub(crate) fn left(v: Coord<f64>) -> Coord<f64> {
    Coord { x: -v.y, y: v.x }
}

/// The point at share `t` of the way from `a` to `b`.
pub(crate) fn along(a: Coord<f64>, b: Coord<f64>, t: f64) -> Coord<f64> {
    a + (b - a) * t
}

/// Share of the way from `a` to `b` at which `p` is nearest, within 0…1.
pub(crate) fn nearest_share(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> f64 {
    let d = b - a;
    let size = dot(d, d);
    if size > 0.0 {
        (dot(p - a, d) / size).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Distance of a point to a segment.
pub(crate) fn segment_distance(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> f64 {
    distance(along(a, b, nearest_share(a, b, p)), p)
}

/// Shares of the way along both segments at which they cross, ends included; none for parallels.
pub(crate) fn crossing(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>, d: Coord<f64>) -> Option<(f64, f64)> {
    let (u, v, w) = (b - a, d - c, c - a);
    let det = cross(u, v);
    if det == 0.0 {
        return None;
    }
    let (s, t) = (cross(w, v) / det, cross(w, u) / det);
    ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then_some((s, t))
}

/// Signed area of a ring given without its closing point: positive counter-clockwise.
pub(crate) fn ring_area(ring: &[Coord<f64>]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|w| cross(w[0] - origin, w[1] - origin))
        .sum::<f64>()
        / 2.0
}

/// Centroid of a ring given without its closing point.
pub(crate) fn ring_centroid(ring: &[Coord<f64>]) -> Coord<f64> {
    let origin = ring[0];
    let (mut sum, mut weight) = (Coord { x: 0.0, y: 0.0 }, 0.0);
    for w in ring.windows(2) {
        let (a, b) = (w[0] - origin, w[1] - origin);
        let area = cross(a, b);
        sum = sum + (a + b) * (area / 3.0);
        weight += area;
    }
    if weight == 0.0 {
        origin
    } else {
        origin + sum / weight
    }
}

/// Whether a point lies in a ring (with or without its closing point), by counting crossings to the right.
pub(crate) fn in_ring(ring: &[Coord<f64>], p: Coord<f64>) -> bool {
    let mut inside = false;
    let mut before = ring.len().wrapping_sub(1);
    for (index, &b) in ring.iter().enumerate() {
        let a = ring[before];
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
        before = index;
    }
    inside
}

/// Whether a point lies in a polygon and in none of its holes.
pub(crate) fn in_polygon(polygon: &Polygon<f64>, p: Coord<f64>) -> bool {
    in_ring(&polygon.exterior().0, p) && !polygon.interiors().iter().any(|hole| in_ring(&hole.0, p))
}

/// A polygon from a ring without closing point, rounded to 1 cm, counter-clockwise.
pub(crate) fn polygon(ring: &[Coord<f64>]) -> Polygon<f64> {
    let mut ring: Vec<_> = ring.iter().map(|&c| cm(c)).collect();
    ring.dedup();
    if ring_area(&ring) < 0.0 {
        ring.reverse();
    }
    Polygon::new(LineString(ring), vec![])
}

/// Point of a uniform Catmull-Rom spline between `b` and `c`.
fn spline(p: [[f64; 3]; 4], t: f64) -> [f64; 3] {
    let [a, b, c, d] = p;
    std::array::from_fn(|k| {
        0.5 * (2.0 * b[k]
            + (c[k] - a[k]) * t
            + (2.0 * a[k] - 5.0 * b[k] + 4.0 * c[k] - d[k]) * t * t
            + (3.0 * b[k] - a[k] - 3.0 * c[k] + d[k]) * t * t * t)
    })
}

/// A smooth course through control points (x, y, width), about one point every `step` metres.
pub(crate) fn smooth(points: &[[f64; 3]], step: f64) -> Vec<[f64; 3]> {
    let last = points.len() - 1;
    let mut out = vec![points[0]];
    for index in 0..last {
        let p = [
            points[index.saturating_sub(1)],
            points[index],
            points[index + 1],
            points[(index + 2).min(last)],
        ];
        let span = distance(
            Coord {
                x: p[1][0],
                y: p[1][1],
            },
            Coord {
                x: p[2][0],
                y: p[2][1],
            },
        );
        let parts = (span / step).ceil().max(1.0) as usize;
        out.extend((1..=parts).map(|k| spline(p, k as f64 / parts as f64)));
    }
    out
}

/// The surface within half the width of a course.
pub(crate) fn ribbon(course: &[[f64; 3]]) -> Vec<Coord<f64>> {
    let at = |index: usize| Coord {
        x: course[index][0],
        y: course[index][1],
    };
    let last = course.len() - 1;
    let side = |sign: f64| {
        move |index: usize| {
            let heading = direction(at((index + 1).min(last)) - at(index.saturating_sub(1)));
            at(index) + left(heading) * (sign * course[index][2] / 2.0)
        }
    };
    (0..=last)
        .map(side(-1.0))
        .chain((0..=last).rev().map(side(1.0)))
        .collect()
}

/// Point `index` of `count` on the unit circle, by the rational parametrisation, so that no sine is needed.
fn unit_circle(index: usize, count: usize) -> Coord<f64> {
    let turn = 4.0 * index as f64 / count as f64;
    let t = turn - turn.floor();
    let c = Coord {
        x: (1.0 - t * t) / (1.0 + t * t),
        y: 2.0 * t / (1.0 + t * t),
    };
    (0..turn as usize).fold(c, |c, _| left(c))
}

/// A roundish outline: an ellipse whose radius wavers between `1 − waver` and 1.
pub(crate) fn blob(
    centre: Coord<f64>,
    half: Coord<f64>,
    corners: usize,
    waver: f64,
    draw: &mut Draw,
) -> Vec<Coord<f64>> {
    let control: Vec<[f64; 3]> = (0..corners)
        .map(|index| {
            let r = 1.0 - draw.between(0.0, waver);
            let c = unit_circle(index, corners);
            [centre.x + c.x * half.x * r, centre.y + c.y * half.y * r, 0.0]
        })
        .collect();
    (0..corners)
        .flat_map(|index| {
            let p = std::array::from_fn(|k| control[(index + corners + k - 1) % corners]);
            (0..4)
                .map(move |k| spline(p, f64::from(k) / 4.0))
                .map(|[x, y, _]| Coord { x, y })
        })
        .collect()
}
