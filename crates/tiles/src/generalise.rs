//! Fewer vertices at small scales, without gaps between neighbours.
//!
//! Every vertex moves to the nearest point of one grid that all features share. Neighbouring parcels have their corners in common, so they
//! move together: no gap opens and no sliver appears, which simplifying each outline by itself cannot promise. A polygon that the grid
//! flattens disappears, and since its neighbours' corners moved with its own, they cover its place; one that the grid turns inside out is
//! covered twice by the others and disappears too. Rounding is unbiased (a building a quarter of a cell wide survives one time in
//! four, as wide as a cell), so the density of what is drawn stays true. A polygon that survives covers at least half a cell, which bounds
//! how many there can be.

use geo::{Coord, Geometry, LineString, Polygon};

use super::clip;
use super::grid::EXTENT;
use super::mvt::{Point, Shape};

/// Vertices farther away than this are brought nearer, so that products of differences keep to 64 bits.
const FAR: f64 = 536_870_912.0;

/// A feature's geometry in fractional tile units.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// Points.
    Points(Vec<(f64, f64)>),
    /// Lines.
    Lines(Vec<Vec<(f64, f64)>>),
    /// Polygons as rings, not closed, the outer one first and of positive area (y downwards), holes negative.
    Polygons(Vec<Vec<Vec<(f64, f64)>>>),
}

impl Outline {
    /// Brings a geometry into tile units. Of a collection the parts of the highest dimension are taken; `None` if there is nothing to draw
    /// or `to_units` knows no place for a vertex.
    pub fn project(
        geometry: &Geometry<f64>,
        to_units: &impl Fn(f64, f64) -> Option<(f64, f64)>,
    ) -> Option<Self> {
        let at = |c: Coord<f64>| to_units(c.x, c.y);
        let path = |l: &LineString<f64>| l.0.iter().map(|&c| at(c)).collect::<Option<Vec<_>>>();
        let outline = match geometry {
            Geometry::Point(p) => Self::Points(vec![at(p.0)?]),
            Geometry::MultiPoint(points) => {
                Self::Points(points.iter().map(|p| at(p.0)).collect::<Option<_>>()?)
            }
            Geometry::Line(l) => Self::Lines(vec![vec![at(l.start)?, at(l.end)?]]),
            Geometry::LineString(l) => Self::Lines(vec![path(l)?]),
            Geometry::MultiLineString(lines) => Self::Lines(lines.iter().map(path).collect::<Option<_>>()?),
            Geometry::Polygon(p) => Self::Polygons(vec![rings(p, &path)?]),
            Geometry::MultiPolygon(polygons) => {
                Self::Polygons(polygons.iter().map(|p| rings(p, &path)).collect::<Option<_>>()?)
            }
            Geometry::Rect(r) => Self::Polygons(vec![rings(&r.to_polygon(), &path)?]),
            Geometry::Triangle(t) => Self::Polygons(vec![rings(&t.to_polygon(), &path)?]),
            Geometry::GeometryCollection(parts) => {
                return parts
                    .iter()
                    .filter_map(|part| Self::project(part, to_units))
                    .max_by_key(Self::dimension);
            }
        };
        (!outline.is_empty()).then_some(outline)
    }

    fn dimension(&self) -> u8 {
        match self {
            Self::Points(_) => 0,
            Self::Lines(_) => 1,
            Self::Polygons(_) => 2,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Points(points) => points.is_empty(),
            Self::Lines(lines) => lines.iter().all(Vec::is_empty),
            Self::Polygons(polygons) => polygons.iter().flatten().all(Vec::is_empty),
        }
    }

    /// The middle of the outline's bounding box.
    pub fn middle(&self) -> (f64, f64) {
        let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        let mut see = |&(x, y): &(f64, f64)| {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        };
        match self {
            Self::Points(points) => points.iter().for_each(&mut see),
            Self::Lines(lines) => lines.iter().flatten().for_each(&mut see),
            Self::Polygons(polygons) => polygons.iter().flatten().flatten().for_each(&mut see),
        }
        (f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1))
    }

    /// The outline on a grid of `step` tile units, cut at the tile's buffer; `None` if nothing of it is left.
    ///
    /// Points keep their place: thinning them is the caller's choice.
    pub fn on_grid(&self, step: i32) -> Option<Shape> {
        match self {
            Self::Points(points) => {
                let kept: Vec<_> = points
                    .iter()
                    .map(|&p| snap(p, 1))
                    .filter(|&p| clip::holds(p))
                    .collect();
                (!kept.is_empty()).then_some(Shape::Points(kept))
            }
            Self::Lines(lines) => {
                let kept: Vec<_> = lines
                    .iter()
                    .flat_map(|l| clip::line(&straighten_line(snap_all(l, step))))
                    .collect();
                let kept: Vec<_> = kept.into_iter().filter(|l| l.len() > 1).collect();
                (!kept.is_empty()).then_some(Shape::Lines(kept))
            }
            Self::Polygons(polygons) => {
                let kept: Vec<_> = polygons.iter().filter_map(|p| polygon_on_grid(p, step)).collect();
                (!kept.is_empty()).then_some(Shape::Polygons(kept))
            }
        }
    }
}

/// The cell of the grid of `step` units that holds a place.
pub fn cell((x, y): (f64, f64), step: i32) -> Point {
    let step = f64::from(step);
    ((x / step).floor() as i32, (y / step).floor() as i32)
}

/// The square that stands for a feature too small to draw: the cell of its middle, or `None` outside the tile.
pub fn mark(middle: (f64, f64), step: i32) -> Option<Shape> {
    let (column, row) = cell(middle, step);
    let limit = EXTENT / step;
    if !(-1..=limit).contains(&column) || !(-1..=limit).contains(&row) {
        return None;
    }
    let (x, y) = (column * step, row * step);
    Some(Shape::Polygons(vec![vec![vec![
        (x, y),
        (x + step, y),
        (x + step, y + step),
        (x, y + step),
    ]]]))
}

fn rings(
    polygon: &Polygon<f64>,
    path: &impl Fn(&LineString<f64>) -> Option<Vec<(f64, f64)>>,
) -> Option<Vec<Vec<(f64, f64)>>> {
    std::iter::once((polygon.exterior(), true))
        .chain(polygon.interiors().iter().map(|hole| (hole, false)))
        .map(|(ring, positive)| {
            let mut points = path(ring)?;
            points.pop();
            if (doubled_area(&points) > 0.0) != positive {
                points.reverse();
            }
            Some(points)
        })
        .collect()
}

fn doubled_area(ring: &[(f64, f64)]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    let turn = |a: (f64, f64), b: (f64, f64)| {
        (a.0 - origin.0) * (b.1 - origin.1) - (b.0 - origin.0) * (a.1 - origin.1)
    };
    ring.windows(2).map(|w| turn(w[0], w[1])).sum()
}

fn polygon_on_grid(rings: &[Vec<(f64, f64)>], step: i32) -> Option<Vec<Vec<Point>>> {
    let (outer, holes) = rings.split_first()?;
    let outer = ring_on_grid(outer, step).filter(|ring| whole_area(ring) > 0)?;
    let mut kept = vec![outer];
    kept.extend(
        holes
            .iter()
            .filter_map(|hole| ring_on_grid(hole, step))
            .filter(|ring| whole_area(ring) < 0),
    );
    Some(kept)
}

fn ring_on_grid(ring: &[(f64, f64)], step: i32) -> Option<Vec<Point>> {
    let mut points = snap_all(ring, step);
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    let points = straighten_ring(clip::ring(points));
    (points.len() > 2).then_some(points)
}

fn snap((x, y): (f64, f64), step: i32) -> Point {
    // Saturating casts keep far-away vertices far away.
    let place = |v: f64| {
        let cells = (v / f64::from(step)).round().clamp(-FAR, FAR);
        (cells * f64::from(step)).clamp(-FAR, FAR) as i32
    };
    (place(x), place(y))
}

fn snap_all(points: &[(f64, f64)], step: i32) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for &point in points {
        let snapped = snap(point, step);
        if out.last() != Some(&snapped) {
            out.push(snapped);
        }
    }
    out
}

fn cross(a: Point, b: Point, c: Point) -> i64 {
    let wide = |p: i32, q: i32| i64::from(p) - i64::from(q);
    wide(b.0, a.0) * wide(c.1, a.1) - wide(c.0, a.0) * wide(b.1, a.1)
}

/// Drops the vertices of a line that lie on the segment between their neighbours.
pub(super) fn straighten_line(points: Vec<Point>) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        while let [.., a, b] = out[..] {
            if cross(a, b, point) == 0 && between(a, b, point) {
                out.pop();
            } else {
                break;
            }
        }
        out.push(point);
    }
    out
}

fn between(a: Point, b: Point, c: Point) -> bool {
    let inside = |p: i32, q: i32, r: i32| (p.min(r)..=p.max(r)).contains(&q);
    inside(a.0, b.0, c.0) && inside(a.1, b.1, c.1)
}

/// Drops the vertices of a ring that enclose nothing: middle points of straight edges and the tips of spikes.
pub(super) fn straighten_ring(points: Vec<Point>) -> Vec<Point> {
    let mut ring: Vec<Point> = Vec::with_capacity(points.len());
    let add = |ring: &mut Vec<Point>, point: Point| {
        while let [.., a, b] = ring[..] {
            if cross(a, b, point) == 0 {
                ring.pop();
            } else {
                break;
            }
        }
        if ring.last() != Some(&point) {
            ring.push(point);
        }
    };
    for point in points {
        add(&mut ring, point);
    }
    // The seam, where the ring closes, is looked at until nothing changes.
    while ring.len() > 2 {
        let n = ring.len();
        if ring[0] == ring[n - 1] || cross(ring[n - 2], ring[n - 1], ring[0]) == 0 {
            ring.pop();
        } else if cross(ring[n - 1], ring[0], ring[1]) == 0 {
            ring.remove(0);
        } else {
            break;
        }
    }
    ring
}

pub(super) fn whole_area(ring: &[Point]) -> i128 {
    let Some(&origin) = ring.first() else { return 0 };
    ring.windows(2)
        .map(|w| i128::from(cross(origin, w[0], w[1])))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;
    use proptest::prelude::*;

    fn square(x: f64, y: f64, side: f64) -> Outline {
        Outline::Polygons(vec![vec![vec![
            (x, y),
            (x + side, y),
            (x + side, y + side),
            (x, y + side),
        ]]])
    }

    fn area(shape: &Shape) -> i128 {
        let Shape::Polygons(polygons) = shape else {
            return 0;
        };
        polygons.iter().flatten().map(|ring| whole_area(ring)).sum()
    }

    #[test]
    fn rings_are_turned_the_way_tiles_want_them() {
        let wkt: Polygon<f64> = polygon!(exterior: [(x: 0., y: 0.), (x: 0., y: 90.), (x: 90., y: 90.), (x: 90., y: 0.)],
            interiors: [[(x: 10., y: 10.), (x: 20., y: 10.), (x: 20., y: 20.), (x: 10., y: 20.)]]);
        for flip in [1.0, -1.0] {
            let outline = Outline::project(&wkt.clone().into(), &|x, y| Some((x, flip * y + 100.0))).unwrap();
            let Some(Shape::Polygons(polygons)) = outline.on_grid(1) else {
                panic!("lost")
            };
            assert!(whole_area(&polygons[0][0]) > 0 && whole_area(&polygons[0][1]) < 0);
        }
    }

    #[test]
    fn straight_vertices_and_spikes_go() {
        let ring = straighten_ring(vec![
            (0, 0),
            (5, 0),
            (10, 0),
            (10, 10),
            (10, 30),
            (10, 10),
            (0, 10),
            (0, 4),
        ]);
        assert_eq!(ring.len(), 4);
        assert!(straighten_ring(vec![(0, 0), (5, 0), (9, 0), (3, 0)]).len() < 3);
        assert_eq!(
            straighten_line(vec![(0, 0), (1, 1), (3, 3), (3, 9)]),
            [(0, 0), (3, 3), (3, 9)]
        );
        // A line that turns back on itself keeps its far end.
        assert_eq!(straighten_line(vec![(0, 0), (9, 0), (4, 0)]).len(), 3);
    }

    #[test]
    fn a_tiny_feature_can_be_marked() {
        assert!(square(100.2, 100.2, 0.1).on_grid(8).is_none());
        assert!(mark((100.2, 100.2), 8).is_some());
        assert!(mark((9000.0, 0.0), 8).is_none());
    }

    #[test]
    fn nothing_is_too_far_or_too_large() {
        let far = square(-1.0e15, -1.0e15, 2.0e15);
        assert!(area(&far.on_grid(4).unwrap()) > 2 * i128::from(EXTENT) * i128::from(EXTENT));
        assert!(square(1.0e15, 1.0e15, 1.0).on_grid(4).is_none());
    }

    proptest! {
        /// A fabric of plots, its corners displaced, stays without gap or loss on any grid: what is drawn covers what was there.
        #[test]
        fn a_fabric_keeps_its_area(seed in prop::collection::vec(-0.4_f64..0.4, 2 * 21 * 21), scale in 1.0_f64..40.0, power in 0_u32..6) {
            let step = 1_i32 << power;
            let corner = |i: usize, j: usize| {
                let inner = i > 0 && j > 0 && i < 20 && j < 20;
                let k = 2 * (i * 21 + j);
                let shift = |s: f64| if inner { s } else { 0.0 };
                (320.0 + scale * (i as f64 + shift(seed[k])), 320.0 + scale * (j as f64 + shift(seed[k + 1])))
            };
            let (mut drawn, mut plots) = (0, 0);
            for i in 0..20 {
                for j in 0..20 {
                    let ring = vec![corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
                    if let Some(shape) = Outline::Polygons(vec![vec![ring]]).on_grid(step) {
                        prop_assert!(area(&shape) >= i128::from(step) * i128::from(step));
                        drawn += area(&shape);
                        plots += 1;
                    }
                }
            }
            let hull = Outline::Polygons(vec![vec![(0..80).map(|k| match k / 20 {
                0 => corner(k, 0), 1 => corner(20, k - 20), 2 => corner(60 - k, 20), _ => corner(0, 80 - k),
            }).collect()]]).on_grid(step).map_or(0, |s| area(&s));
            prop_assert!(drawn >= hull, "{plots} plots cover {drawn} of {hull}");
        }
    }
}
