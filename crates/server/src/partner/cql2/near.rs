//! Equality and touch of shapes that are known to a centimetre.
//!
//! Coordinates are handed over to seven decimals of a degree, which is a centimetre, and layers keep them as exactly: a shape that somebody got here
//! in degrees and gives back in a filter lies a centimetre beside itself. By exact arithmetic nothing would equal it, and no neighbour would touch it.

use geo::{
    Area, BooleanOps, BoundingRect, Coord, CoordsIter, Distance, Euclidean, Geometry, HasDimensions, Length,
    LineString, MultiLineString, MultiPolygon, Point, dimensions::Dimensions,
};

/// How far apart, in metres, two coordinates are that mean the same place: each may be rounded by a centimetre on either axis.
pub(super) const SAME: f64 = 0.02;

/// Whether two shapes in metres are the same.
pub(super) fn equal(a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    let (Some(box_a), Some(box_b)) = (a.bounding_rect(), b.bounding_rect()) else {
        return false;
    };
    let near = |a: Coord<f64>, b: Coord<f64>| (a.x - b.x).abs() <= SAME && (a.y - b.y).abs() <= SAME;
    if a.dimensions() != b.dimensions() || !near(box_a.min(), box_b.min()) || !near(box_a.max(), box_b.max())
    {
        return false;
    }
    match (areas(a), areas(b)) {
        (Some(a), Some(b)) => {
            let edge = Euclidean.length(&rings(&a)) + Euclidean.length(&rings(&b));
            a.difference(&b).unsigned_area() + b.difference(&a).unsigned_area() <= SAME * edge
        }
        _ => lies_along(a, b) && lies_along(b, a),
    }
}

/// Whether two shapes in metres touch: they meet, and what of one lies within the other is no deeper than coordinates are exact.
pub(super) fn touch(a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    if Euclidean.distance(a, b) > SAME {
        return false;
    }
    match (areas(a), areas(b)) {
        (Some(a), Some(b)) => {
            let common = a.intersection(&b);
            common.unsigned_area() <= SAME * Euclidean.length(&rings(&common))
        }
        (Some(area), None) => only_at_edge(b, &area),
        (None, Some(area)) => only_at_edge(a, &area),
        // Where lines end is a matter of single points: the exact answer stands.
        (None, None) => false,
    }
}

/// Whether a point or a line meets an area at its edge alone.
fn only_at_edge(shape: &Geometry<f64>, area: &MultiPolygon<f64>) -> bool {
    let edge = Geometry::MultiLineString(rings(area));
    let at_edge = |c: Coord<f64>| Euclidean.distance(&Geometry::Point(Point(c)), &edge) <= SAME;
    let lines = match shape {
        Geometry::LineString(line) => MultiLineString(vec![line.clone()]),
        Geometry::MultiLineString(lines) => lines.clone(),
        points => return points.coords_iter().all(|c| at_edge(c) || !is_in(c, area)),
    };
    sampled(&area.clip(&lines, false)).all(at_edge)
}

fn is_in(c: Coord<f64>, area: &MultiPolygon<f64>) -> bool {
    use geo::Contains;
    area.contains(&Point(c))
}

/// The areas of a shape; `None` for one that has none.
fn areas(shape: &Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match shape {
        Geometry::Polygon(polygon) => Some(MultiPolygon(vec![polygon.clone()])),
        Geometry::MultiPolygon(polygons) => Some(polygons.clone()),
        _ => None,
    }
}

fn rings(area: &MultiPolygon<f64>) -> MultiLineString<f64> {
    let of = |polygon: &geo::Polygon<f64>| -> Vec<LineString<f64>> {
        std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .cloned()
            .collect()
    };
    MultiLineString(area.iter().flat_map(of).collect())
}

/// The vertices of lines and the middles of their segments.
fn sampled(lines: &MultiLineString<f64>) -> impl Iterator<Item = Coord<f64>> {
    lines.iter().flat_map(|line| {
        let middles = line.lines().map(|segment| (segment.start + segment.end) / 2.0);
        line.coords().copied().chain(middles)
    })
}

/// Whether points or lines lie along others of the same kind, everywhere.
fn lies_along(a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    if a.dimensions() == Dimensions::TwoDimensional {
        return false;
    }
    let near = |c: Coord<f64>| Euclidean.distance(&Geometry::Point(Point(c)), b) <= SAME;
    match a {
        Geometry::LineString(line) => sampled(&MultiLineString(vec![line.clone()])).all(near),
        Geometry::MultiLineString(lines) => sampled(lines).all(near),
        points => points.coords_iter().all(near),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MapCoords, wkt};
    use std::cell::Cell;

    /// Each coordinate moved by a few millimetres, each otherwise.
    fn shaken(shape: impl Into<Geometry<f64>>) -> Geometry<f64> {
        let n = Cell::new(0_u32);
        let by = || {
            n.set(n.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            f64::from(n.get() >> 16) / 65_536.0 * 0.012 - 0.006
        };
        let first = Cell::new(None);
        shape.into().map_coords(|c| {
            // A ring ends where it begins.
            let (at, moved) = first.get().unwrap_or_else(|| {
                (
                    c,
                    Coord {
                        x: c.x + by(),
                        y: c.y + by(),
                    },
                )
            });
            first.set(Some((at, moved)));
            if c == at {
                moved
            } else {
                Coord {
                    x: c.x + by(),
                    y: c.y + by(),
                }
            }
        })
    }

    #[test]
    fn what_was_rounded_equals_itself_and_nothing_else() {
        let shapes: [Geometry<f64>; 4] = [
            wkt!(POLYGON((0. 0., 30. 0., 30. 20., 10. 20., 0. 10., 0. 0.))).into(),
            wkt!(LINESTRING(0. 0., 100. 0., 100. 50.)).into(),
            wkt!(MULTIPOINT(1. 2., 30. 40.)).into(),
            wkt!(POINT(7. 8.)).into(),
        ];
        for (n, shape) in shapes.iter().enumerate() {
            assert!(equal(shape, &shaken(shape.clone())), "{shape:?}");
            for other in &shapes[n + 1..] {
                assert!(!equal(shape, other));
            }
            let aside = shape.map_coords(|c| Coord { x: c.x + 0.1, y: c.y });
            assert!(!equal(shape, &aside));
        }
        // The same corners, another way between them.
        let one = wkt!(LINESTRING(0. 0., 10. 0., 10. 10., 0. 10.)).into();
        assert!(!equal(
            &one,
            &wkt!(LINESTRING(0. 0., 10. 10., 10. 0., 0. 10.)).into()
        ));
        // The box around it is no L.
        let l = wkt!(POLYGON((0. 0., 30. 0., 30. 10., 10. 10., 10. 20., 0. 20., 0. 0.))).into();
        assert!(!equal(
            &l,
            &wkt!(POLYGON((0. 0., 30. 0., 30. 20., 0. 20., 0. 0.))).into()
        ));
    }

    #[test]
    fn neighbours_touch_and_others_do_not() {
        let plot: Geometry<f64> = wkt!(POLYGON((0. 0., 20. 0., 20. 20., 0. 20., 0. 0.))).into();
        let touching: [Geometry<f64>; 5] = [
            wkt!(POLYGON((20. 5., 40. 5., 40. 15., 20. 15., 20. 5.))).into(),
            wkt!(POLYGON((20. 20., 40. 20., 40. 40., 20. 40., 20. 20.))).into(),
            wkt!(LINESTRING(20. 10., 50. 10.)).into(),
            wkt!(LINESTRING(0. 20., 20. 20., 30. 30.)).into(),
            wkt!(POINT(10. 20.)).into(),
        ];
        for other in touching {
            assert!(touch(&plot, &shaken(other.clone())), "{other:?}");
            assert!(touch(&shaken(other.clone()), &plot), "{other:?}");
        }
        let others: [Geometry<f64>; 6] = [
            wkt!(POLYGON((19. 5., 40. 5., 40. 15., 19. 15., 19. 5.))).into(),
            wkt!(POLYGON((20.1 5., 40. 5., 40. 15., 20.1 15., 20.1 5.))).into(),
            wkt!(LINESTRING(19. 10., 50. 10.)).into(),
            wkt!(LINESTRING(-5. 10., 50. 10.)).into(),
            wkt!(POINT(10. 10.)).into(),
            plot.clone(),
        ];
        for other in others {
            assert!(!touch(&plot, &other), "{other:?}");
        }
    }
}
