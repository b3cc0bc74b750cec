//! What polygons have in common, seen as areas.

use geo::{Coord, CoordsIter, Geometry, InteriorPoint, LineString, MultiPolygon, Polygon, Rect};

/// A geometry that covers an area: polygons, of which each is a shell minus its holes.
///
/// Rings may run either way round; they are read as valid in the sense of OGC Simple Features (rings may touch
/// themselves and each other, not cross). A geometry of another kind covers nothing.
pub trait Surface: Sync {
    /// The parts.
    fn polygons(&self) -> &[Polygon<f64>];

    /// Where the geometry is one place without extent. It covers nothing; [`crate::exposure`] takes the cell in which it lies.
    fn place(&self) -> Option<Coord<f64>> {
        None
    }
}

impl Surface for Polygon<f64> {
    fn polygons(&self) -> &[Polygon<f64>] {
        std::slice::from_ref(self)
    }
}

impl Surface for MultiPolygon<f64> {
    fn polygons(&self) -> &[Polygon<f64>] {
        &self.0
    }
}

impl Surface for Geometry<f64> {
    fn polygons(&self) -> &[Polygon<f64>] {
        match self {
            Self::Polygon(polygon) => std::slice::from_ref(polygon),
            Self::MultiPolygon(parts) => &parts.0,
            _ => &[],
        }
    }

    fn place(&self) -> Option<Coord<f64>> {
        match self {
            Self::Point(point) => Some(point.0).filter(|&place| is_usable(place)),
            _ => None,
        }
    }
}

impl<S: Surface + ?Sized> Surface for &S {
    fn polygons(&self) -> &[Polygon<f64>] {
        (**self).polygons()
    }

    fn place(&self) -> Option<Coord<f64>> {
        (**self).place()
    }
}

/// Twice the signed area of a ring relative to its first vertex, so that large coordinates do not cancel;
/// positive if it runs anticlockwise.
pub(crate) fn doubled_area(ring: &LineString<f64>) -> f64 {
    let Some(&origin) = ring.0.first() else { return 0.0 };
    let cross = |a: Coord<f64>, b: Coord<f64>| {
        (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y)
    };
    // An open ring needs no closing edge: it would end at the origin and add nothing.
    ring.0.windows(2).map(|w| cross(w[0], w[1])).sum()
}

/// The largest size of a coordinate, in units of its CRS. The Earth is 4 × 10⁷ m around; squares of what is larger than this may overflow,
/// and a difference of them has lost every digit.
pub const LARGEST_COORDINATE: f64 = 1e12;

/// Whether a coordinate is a number that can be computed with: not NaN, not beyond [`LARGEST_COORDINATE`].
pub(crate) fn is_usable(c: Coord<f64>) -> bool {
    c.x.abs() <= LARGEST_COORDINATE && c.y.abs() <= LARGEST_COORDINATE
}

/// The rings of one polygon with the sign that makes its shell count positive and its holes negative.
/// Polygons with a coordinate that is not a number, or beyond [`LARGEST_COORDINATE`], are left out as a whole.
pub(crate) fn signed_rings(polygon: &Polygon<f64>) -> impl Iterator<Item = (&LineString<f64>, f64)> {
    let usable = std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .all(|ring| ring.0.iter().copied().all(is_usable));
    std::iter::once((polygon.exterior(), 1.0))
        .chain(polygon.interiors().iter().map(|hole| (hole, -1.0)))
        .filter(move |_| usable)
        .filter_map(|(ring, role)| {
            let area = doubled_area(ring);
            (area != 0.0).then(|| (ring, role * area.signum()))
        })
}

/// The edges of a ring, closing it if it is open.
pub(crate) fn edges(ring: &LineString<f64>) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> {
    let closing = match (ring.0.last(), ring.0.first()) {
        (Some(&last), Some(&first)) if last != first => Some((last, first)),
        _ => None,
    };
    ring.0.windows(2).map(|w| (w[0], w[1])).chain(closing)
}

/// Area in squared CRS units: shells minus holes, whichever way the rings run.
pub fn area<S: Surface + ?Sized>(surface: &S) -> f64 {
    let doubled: f64 = surface
        .polygons()
        .iter()
        .flat_map(signed_rings)
        .map(|(ring, sign)| sign * doubled_area(ring))
        .sum();
    (doubled / 2.0).max(0.0)
}

/// Length of all rings, holes included, in CRS units.
pub fn perimeter<S: Surface + ?Sized>(surface: &S) -> f64 {
    surface
        .polygons()
        .iter()
        .flat_map(signed_rings)
        .flat_map(|(ring, _)| edges(ring))
        .map(|(a, b)| (b.x - a.x).hypot(b.y - a.y))
        .sum()
}

/// The smallest rectangle round the parts that have an area; `None` if there are none.
pub fn bounds<S: Surface + ?Sized>(surface: &S) -> Option<Rect<f64>> {
    let mut bounds: Option<(Coord<f64>, Coord<f64>)> = None;
    for polygon in surface.polygons() {
        for c in signed_rings(polygon).flat_map(|(ring, _)| ring.coords_iter()) {
            let (min, max) = bounds.get_or_insert((c, c));
            min.x = min.x.min(c.x);
            min.y = min.y.min(c.y);
            max.x = max.x.max(c.x);
            max.y = max.y.max(c.y);
        }
    }
    bounds.map(|(min, max)| Rect::new(min, max))
}

/// Where a feature stands when it is asked for one place: a point itself; of a polygon, a point on its surface
/// (never outside it, as a centroid may be); of a line, a point on it. `None` for an empty geometry or one with a
/// coordinate that is not a number or beyond [`LARGEST_COORDINATE`].
pub fn representative_point(feature: &Geometry<f64>) -> Option<Coord<f64>> {
    if !feature.coords_iter().all(is_usable) {
        return None;
    }
    if let Geometry::Point(point) = feature {
        return Some(point.0);
    }
    feature
        .interior_point()
        .map(|p| p.0)
        .filter(|c| c.x.is_finite() && c.y.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Contains, Point, polygon, wkt};

    #[test]
    fn area_ignores_the_way_rings_run() {
        let mut shape =
            wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.), (1. 1., 2. 1., 2. 2., 1. 2., 1. 1.)));
        assert!((area(&shape) - 15.0).abs() < 1e-12);
        shape.exterior_mut(|ring| ring.0.reverse());
        assert!((area(&shape) - 15.0).abs() < 1e-12);
    }

    #[test]
    fn nan_and_empty_cover_nothing() {
        let bad = polygon![(x: 0., y: 0.), (x: f64::NAN, y: 0.), (x: 1., y: 1.)];
        assert!(area(&bad).abs() < 1e-12);
        assert!(bounds(&bad).is_none());
        assert!(bounds(&MultiPolygon::<f64>::new(vec![])).is_none());
        assert!(representative_point(&bad.into()).is_none());
    }

    #[test]
    fn the_point_of_a_crescent_lies_on_it() {
        let u = polygon![(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 8., y: 9.), (x: 8., y: 1.),
            (x: 1., y: 1.), (x: 1., y: 9.), (x: 0., y: 9.)];
        let point = representative_point(&u.clone().into()).unwrap();
        assert!(u.contains(&Point::from(point)));
    }
}
