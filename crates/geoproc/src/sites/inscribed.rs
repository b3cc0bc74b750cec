//! The widest circle inside a shape: whether a plot fits at all.
//!
//! Squares over the shape are searched from the most promising down: the circle round a point in a square is at most the
//! distance of the square's centre from the boundary plus half its diagonal (as the search for a pole of inaccessibility
//! does it; Garcia-Castellanos and Lombardo 2007 pose the problem).

use geo::{Coord, MultiPolygon, Polygon};

use crate::heap::Heap;
use crate::surface;

/// Diameter of the widest circle inside any part of the shape, to a fiftieth of `enough`; no wider one is sought once
/// one of `enough` is found.
pub(super) fn width_up_to(shape: &MultiPolygon<f64>, enough: f64) -> f64 {
    let mut widest = 0.0_f64;
    for part in &shape.0 {
        widest = widest.max(2.0 * radius_up_to(part, enough / 2.0));
        if widest >= enough {
            break;
        }
    }
    widest
}

fn radius_up_to(polygon: &Polygon<f64>, enough: f64) -> f64 {
    let Some(bounds) = surface::bounds(polygon) else {
        return 0.0;
    };
    let boundary: Vec<(Coord<f64>, Coord<f64>)> = surface::signed_rings(polygon)
        .flat_map(|(ring, _)| surface::edges(ring))
        .collect();
    let precision = enough / 50.0;
    let mut queue: Heap<u32> = Heap::default();
    let mut squares: Vec<(Coord<f64>, f64, f64)> = Vec::new();
    let mut best = 0.0_f64;
    let consider =
        |centre: Coord<f64>, half: f64, best: &mut f64, squares: &mut Vec<_>, queue: &mut Heap<u32>| {
            let inside = signed_distance(&boundary, centre);
            *best = best.max(inside);
            let bound = inside + half * std::f64::consts::SQRT_2;
            if bound > *best + precision {
                squares.push((centre, half, bound));
                queue.push(-bound, squares.len() as u32 - 1);
            }
        };
    // Start with squares as wide as the shape is narrow.
    let half = bounds.width().min(bounds.height()) / 2.0;
    let count = |extent: f64| (extent / (2.0 * half)).ceil().clamp(1.0, 1000.0) as u32;
    for column in 0..count(bounds.width()) {
        for row in 0..count(bounds.height()) {
            let offset = Coord {
                x: f64::from(2 * column + 1) * half,
                y: f64::from(2 * row + 1) * half,
            };
            consider(bounds.min() + offset, half, &mut best, &mut squares, &mut queue);
        }
    }
    while let Some((bound, square)) = queue.pop() {
        if best >= enough || -bound <= best + precision {
            break;
        }
        let (centre, half, _) = squares[square as usize];
        let half = half / 2.0;
        for (dx, dy) in [(-half, -half), (half, -half), (-half, half), (half, half)] {
            let centre = Coord {
                x: centre.x + dx,
                y: centre.y + dy,
            };
            consider(centre, half, &mut best, &mut squares, &mut queue);
        }
    }
    best
}

/// Distance from the boundary, positive inside.
fn signed_distance(boundary: &[(Coord<f64>, Coord<f64>)], p: Coord<f64>) -> f64 {
    let mut inside = false;
    let mut least = f64::INFINITY;
    for &(a, b) in boundary {
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * ((p.y - a.y) / (b.y - a.y)) + a.x {
            inside = !inside;
        }
        let d = b - a;
        let share = (((p.x - a.x) * d.x + (p.y - a.y) * d.y) / (d.x * d.x + d.y * d.y)).clamp(0.0, 1.0);
        // A segment without length gives NaN, which `min` passes over: its neighbours end where it lies.
        least = least.min((a.x + share * d.x - p.x).powi(2) + (a.y + share * d.y - p.y).powi(2));
    }
    if inside { least.sqrt() } else { -least.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Rect, wkt};

    #[test]
    fn a_strip_is_as_wide_as_it_is() {
        let strip = MultiPolygon::new(vec![Rect::new((0.0, 0.0), (200.0, 3.0)).to_polygon()]);
        assert!((width_up_to(&strip, 4.0) - 3.0).abs() < 0.08);
    }

    #[test]
    fn an_l_of_two_strips_is_no_wider_than_its_corner() {
        let l = wkt!(POLYGON((0. 0., 50. 0., 50. 3., 3. 3., 3. 50., 0. 50., 0. 0.)));
        // In the corner a circle touches both outer sides and the inner corner: r = 3√2 ÷ (1 + √2).
        let expected = 2.0 * 3.0 * 2.0_f64.sqrt() / (1.0 + 2.0_f64.sqrt());
        let width = width_up_to(&l.into(), 4.0);
        assert!((width - expected).abs() < 0.08, "{width}");
    }

    #[test]
    fn a_square_is_wide_enough() {
        let square = MultiPolygon::new(vec![Rect::new((0.0, 0.0), (30.0, 30.0)).to_polygon()]);
        assert!(width_up_to(&square, 4.0) >= 4.0);
    }
}
