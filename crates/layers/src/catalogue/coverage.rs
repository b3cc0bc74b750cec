//! Where a layer is complete. Outside of that area nothing is known, whatever the layer holds or lacks there.

use geo::{
    BooleanOps, Contains, Coord, Distance, Euclidean, Intersects, LineString, MultiPolygon, Point, Polygon,
};
use phteah_geoproc::surface;
use serde::{Deserialize, Serialize};

/// How it is known where a layer is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageSource {
    /// Somebody said it when the layer was imported.
    Given,
    /// The extent that the file itself has: a raster's grid.
    Extent,
    /// Nobody said it: the convex hull of the features.
    Hull,
}

impl CoverageSource {
    /// `given`, `extent` or `hull`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Extent => "extent",
            Self::Hull => "hull",
        }
    }
}

/// The area in which a layer is complete, in the deployment's CRS.
///
/// An empty polygon (the hull of one point) covers nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// How it is known.
    pub how: CoverageSource,
    /// CRS of the polygon: the deployment's when the layer was imported.
    pub crs: String,
    /// The area.
    #[serde(with = "rings")]
    pub polygon: MultiPolygon<f64>,
}

impl Coverage {
    /// Whether the layer is complete at a point; its edge counts.
    pub fn covers(&self, point: Coord<f64>) -> bool {
        self.polygon.intersects(&Point(point))
    }

    /// Whether the layer is complete all over a shape.
    pub fn covers_all(&self, shape: &MultiPolygon<f64>) -> bool {
        self.polygon.contains(shape)
    }

    /// The share of a shape's area in which the layer is complete, 0 to 1; 0 for a shape without area.
    pub fn share(&self, shape: &MultiPolygon<f64>) -> f64 {
        let area = surface::area(shape);
        if area <= 0.0 {
            return 0.0;
        }
        if self.covers_all(shape) {
            return 1.0;
        }
        let inside = surface::area(&self.polygon.intersection(shape));
        (inside / area).clamp(0.0, 1.0)
    }

    /// How far it is from a point to where the layer may be incomplete, in metres; 0 outside. What lies within this distance of the point
    /// is in the layer, so that only of this circle one may say that nothing is there.
    pub fn known_radius(&self, point: Coord<f64>) -> f64 {
        if !self.covers(point) {
            return 0.0;
        }
        let edges = self.polygon.iter().flat_map(|part| {
            let holes = part.interiors().iter();
            std::iter::once(part.exterior()).chain(holes)
        });
        let distances = edges.map(|ring| Euclidean.distance(&Point(point), ring));
        distances.reduce(f64::min).unwrap_or(0.0)
    }
}

/// Polygons as GeoJSON nests them: parts, rings, positions.
type Parts = Vec<Vec<Vec<[f64; 2]>>>;

impl Coverage {
    /// The area as GeoJSON nests it: parts, rings, positions.
    pub fn rings(&self) -> Vec<Vec<Vec<[f64; 2]>>> {
        parts_of(&self.polygon)
    }
}

fn parts_of(polygon: &MultiPolygon<f64>) -> Parts {
    let ring = |ring: &LineString<f64>| ring.coords().map(|c| [c.x, c.y]).collect::<Vec<_>>();
    let rings = |part: &Polygon<f64>| {
        let holes = part.interiors().iter();
        std::iter::once(part.exterior()).chain(holes).map(ring).collect()
    };
    polygon.iter().map(rings).collect()
}

/// How an area is stored.
mod rings {
    use serde::{Deserializer, Serializer};

    use super::{Coord, Deserialize, LineString, MultiPolygon, Parts, Polygon, Serialize, parts_of};

    pub fn serialize<S: Serializer>(polygon: &MultiPolygon<f64>, to: S) -> Result<S::Ok, S::Error> {
        parts_of(polygon).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<MultiPolygon<f64>, D::Error> {
        let ring =
            |ring: Vec<[f64; 2]>| LineString::new(ring.into_iter().map(|[x, y]| Coord { x, y }).collect());
        let part = |rings: Vec<Vec<[f64; 2]>>| {
            let mut rings = rings.into_iter().map(ring);
            let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
            Polygon::new(outer, rings.collect())
        };
        Ok(Parts::deserialize(from)?.into_iter().map(part).collect())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;
    use geo::Rect;

    fn square(low: f64, high: f64) -> MultiPolygon<f64> {
        Rect::new((low, low), (high, high)).to_polygon().into()
    }

    fn coverage() -> Coverage {
        Coverage {
            how: CoverageSource::Given,
            crs: "EPSG:32648".into(),
            polygon: square(0.0, 100.0),
        }
    }

    #[test]
    fn the_edge_is_covered_and_what_lies_beyond_is_not() {
        let coverage = coverage();
        assert!(coverage.covers(Coord { x: 50.0, y: 50.0 }) && coverage.covers(Coord { x: 0.0, y: 50.0 }));
        assert!(!coverage.covers(Coord { x: 100.1, y: 50.0 }));
        assert!(coverage.covers_all(&square(0.0, 100.0)) && !coverage.covers_all(&square(50.0, 101.0)));
    }

    #[test]
    fn a_shape_on_the_edge_is_covered_by_its_share() {
        let shape: MultiPolygon<f64> = Rect::new((90.0, 0.0), (110.0, 10.0)).to_polygon().into();
        assert!((coverage().share(&shape) - 0.5).abs() < 1e-12);
        assert_eq!(coverage().share(&square(200.0, 210.0)), 0.0);
        assert_eq!(coverage().share(&MultiPolygon::new(Vec::new())), 0.0);
    }

    #[test]
    fn the_known_radius_ends_at_the_edge() {
        assert_eq!(coverage().known_radius(Coord { x: 30.0, y: 50.0 }), 30.0);
        assert_eq!(coverage().known_radius(Coord { x: -1.0, y: 50.0 }), 0.0);
    }

    #[test]
    fn an_empty_area_covers_nothing_and_survives_storing() {
        let empty = Coverage {
            polygon: MultiPolygon::new(Vec::new()),
            ..coverage()
        };
        assert!(!empty.covers(Coord { x: 0.0, y: 0.0 }));
        for coverage in [empty, coverage()] {
            let json = serde_json::to_string(&coverage).unwrap();
            assert_eq!(serde_json::from_str::<Coverage>(&json).unwrap(), coverage);
        }
    }
}
