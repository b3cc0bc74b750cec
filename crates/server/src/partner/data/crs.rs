//! The CRSs in which data are handed over and places are asked for.
//!
//! CRS84 is longitude, latitude; EPSG:4326 is latitude, longitude, as its authority has it and OGC API – Features Part 2 demands; projected
//! ones are easting, northing.

use geo::{
    BooleanOps, BoundingRect, Coord, CoordsIter, Densify, Euclidean, Geometry, Intersects, MapCoordsInPlace,
    MultiPolygon, Rect,
};
use phteah_layers::{Crs, Deployment, LayersError, Reprojector};

use crate::tiles::projection::{SPHERE_RADIUS_M, UtmZone};

/// How far beyond a layer's box, in degrees, places are still brought into its CRS. Nothing of the layer is there, so what lies farther off
/// changes no answer, and projections are good to that distance.
const MARGIN_DEGREES: f64 = 0.5;

/// Half the side of Web Mercator's square, rounded up to a metre as programs write it.
const WEB_MERCATOR_M: f64 = 20_048_967.0;

/// Half the way around the Earth, and a false easting of ten thousand kilometres.
const EARTH_M: f64 = 3.1e7;

/// How far outside the window, in degrees, stands what stands for all that lies far off.
const ASIDE_DEGREES: f64 = 0.01;

/// A CRS in which data are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutCrs {
    /// WGS 84 longitude, latitude.
    Crs84,
    /// WGS 84 latitude, longitude.
    Epsg4326,
    /// Web Mercator.
    Epsg3857,
    /// The layer's own, by its EPSG code.
    Layer(u32),
}

impl OutCrs {
    /// All that a layer stored under this code may be had in. The order is that of the collection's description.
    pub fn offered(layer: Option<u32>) -> Vec<Self> {
        let mut all = vec![Self::Crs84, Self::Epsg4326, Self::Epsg3857];
        all.extend(layer.filter(|code| ![4326, 3857].contains(code)).map(Self::Layer));
        all
    }

    /// The CRS's address.
    pub fn uri(self) -> String {
        match self {
            Self::Crs84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84".to_owned(),
            Self::Epsg4326 => "http://www.opengis.net/def/crs/EPSG/0/4326".to_owned(),
            Self::Epsg3857 => "http://www.opengis.net/def/crs/EPSG/0/3857".to_owned(),
            Self::Layer(code) => format!("http://www.opengis.net/def/crs/EPSG/0/{code}"),
        }
    }

    /// The name in which files carry it.
    pub fn name(self) -> String {
        match self {
            Self::Crs84 | Self::Epsg4326 => "EPSG:4326".to_owned(),
            Self::Epsg3857 => "EPSG:3857".to_owned(),
            Self::Layer(code) => format!("EPSG:{code}"),
        }
    }

    /// Understands an address, `EPSG:n` or `OGC:CRS84`, among those offered.
    pub fn parse(text: &str, layer: Option<u32>) -> Option<Self> {
        let text = text
            .trim_start_matches('[')
            .trim_end_matches(']')
            .replacen("https://", "http://", 1);
        Self::offered(layer).into_iter().find(|crs| {
            let short = if *crs == Self::Crs84 {
                "OGC:CRS84".to_owned()
            } else {
                crs.name()
            };
            text == crs.uri() || text.eq_ignore_ascii_case(&short)
        })
    }

    /// Whether coordinates are degrees.
    pub fn is_degrees(self) -> bool {
        matches!(self, Self::Crs84 | Self::Epsg4326)
    }

    /// Whether all coordinates of a shape are some that this CRS has. A plane has no such limit that one could name; what lies farther off than
    /// the far side of the Earth is none.
    pub fn covers(self, shape: &Geometry<f64>) -> bool {
        let [x, y] = match self {
            Self::Crs84 => [180.0, 90.0],
            Self::Epsg4326 => [90.0, 180.0],
            Self::Epsg3857 => [WEB_MERCATOR_M; 2],
            Self::Layer(_) => [EARTH_M; 2],
        };
        shape.coords_iter().all(|c| c.x.abs() <= x && c.y.abs() <= y)
    }

    /// Decimals that say a centimetre, or a millimetre in metres.
    pub fn decimals(self) -> u32 {
        if self.is_degrees() { 7 } else { 3 }
    }
}

/// A layer's own CRS. Cheap to copy; [`Plane`] is what moves coordinates.
#[derive(Debug, Clone)]
pub struct LayerCrs {
    /// Its EPSG code, where it has one.
    pub code: Option<u32>,
    definition: Crs,
}

impl LayerCrs {
    /// The deployment's CRS, in which all of its vector layers are stored.
    pub fn new(crs: Crs) -> Self {
        Self {
            code: crs.epsg().and_then(|code| u32::try_from(code).ok()),
            definition: crs,
        }
    }

    /// As files need it.
    pub fn definition(&self) -> &Crs {
        &self.definition
    }

    /// The definition of a CRS to be handed over.
    pub fn of(&self, crs: OutCrs, deployment: &Deployment) -> Result<Crs, LayersError> {
        match crs {
            OutCrs::Layer(_) => Ok(self.definition.clone()),
            other => Crs::parse(&other.name(), deployment),
        }
    }

    /// The way to a CRS.
    pub fn to(&self, crs: OutCrs) -> Result<Plane, LayersError> {
        let zone = self.code.and_then(UtmZone::from_epsg);
        let way = match (crs, zone) {
            (OutCrs::Layer(_), _) => Way::Same,
            (_, Some(zone)) => Way::Utm(zone),
            (_, None) if self.definition == Crs::wgs84() => Way::Same,
            (_, None) => Way::Other(Box::new(Reprojector::new(&self.definition, &Crs::wgs84())?)),
        };
        Ok(Plane { way, to: crs })
    }

    /// Brings a shape from a CRS to the layer's. What lies far outside `bounds` (WGS 84 degrees, the layer's box) is cut off; `Ok(None)` if
    /// nothing is left.
    pub fn from(
        &self,
        crs: OutCrs,
        shape: Geometry<f64>,
        bounds: [f64; 4],
    ) -> Result<Option<Geometry<f64>>, LayersError> {
        self.brought(crs, shape, bounds, true)
    }

    /// The same, corner by corner with straight lines between, as an import brings the features themselves: for what is to be equal to one of
    /// them, or to touch it.
    pub fn from_corners(
        &self,
        crs: OutCrs,
        shape: Geometry<f64>,
        bounds: [f64; 4],
    ) -> Result<Option<Geometry<f64>>, LayersError> {
        self.brought(crs, shape, bounds, false)
    }

    fn brought(
        &self,
        crs: OutCrs,
        mut shape: Geometry<f64>,
        bounds: [f64; 4],
        follow: bool,
    ) -> Result<Option<Geometry<f64>>, LayersError> {
        match crs {
            OutCrs::Layer(_) => return Ok(Some(shape)),
            OutCrs::Crs84 => {}
            OutCrs::Epsg4326 => shape.map_coords_in_place(|c| Coord { x: c.y, y: c.x }),
            OutCrs::Epsg3857 => shape.map_coords_in_place(|c| Coord {
                x: (c.x / SPHERE_RADIUS_M).to_degrees(),
                y: (c.y / SPHERE_RADIUS_M).sinh().atan().to_degrees(),
            }),
        }
        let [w, s, e, n] = bounds;
        let near = Rect::new(
            Coord {
                x: w - MARGIN_DEGREES,
                y: s - MARGIN_DEGREES,
            },
            Coord {
                x: e + MARGIN_DEGREES,
                y: n + MARGIN_DEGREES,
            },
        );
        let Some(shape) = clipped(shape, near) else {
            return Ok(None);
        };
        // A straight line between two degrees is a curve in the layer's plane: follow it.
        let step = (e - w + n - s + 4.0 * MARGIN_DEGREES) / 256.0;
        let mut shape = if follow { densified(shape, step) } else { shape };
        if let Some(zone) = self.code.and_then(UtmZone::from_epsg) {
            shape.map_coords_in_place(|c| {
                let (x, y) = zone.from_radians(c.x.to_radians(), c.y.to_radians());
                Coord { x, y }
            });
        } else if self.definition != Crs::wgs84() {
            Reprojector::new(&Crs::wgs84(), &self.definition)?.geometry(&mut shape)?;
        }
        let finite = shape.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite());
        Ok(finite.then_some(shape))
    }
}

fn clipped(shape: Geometry<f64>, near: Rect<f64>) -> Option<Geometry<f64>> {
    let rect = shape.bounding_rect()?;
    let inside = |c: Coord<f64>| {
        c.x >= near.min().x && c.x <= near.max().x && c.y >= near.min().y && c.y <= near.max().y
    };
    if inside(rect.min()) && inside(rect.max()) {
        return Some(shape);
    }
    let window = MultiPolygon(vec![near.to_polygon()]);
    // What is cut reaches to the window's edge, beyond every feature. A part that lies wholly outside must not vanish all the same: a feature
    // does not contain a shape of which a part is elsewhere. A small part beside the window stands for it.
    let Coord { x, y } = near.max();
    let (x, y) = (x + ASIDE_DEGREES, y + ASIDE_DEGREES);
    let outside = |bounds: Option<Rect<f64>>| bounds.is_some_and(|rect| !rect.intersects(&near));
    let shape: Geometry<f64> = match shape {
        Geometry::Polygon(p) => window.intersection(&MultiPolygon(vec![p])).into(),
        Geometry::MultiPolygon(m) => {
            let mut cut = window.intersection(&m);
            if !cut.0.is_empty() && m.iter().any(|part| outside(part.bounding_rect())) {
                cut.0
                    .push(Rect::new((x, y), (x + ASIDE_DEGREES, y + ASIDE_DEGREES)).to_polygon());
            }
            cut.into()
        }
        Geometry::LineString(l) => window.clip(&geo::MultiLineString(vec![l]), false).into(),
        Geometry::MultiLineString(m) => {
            let mut cut = window.clip(&m, false);
            if !cut.0.is_empty() && m.iter().any(|part| outside(part.bounding_rect())) {
                cut.0.push(vec![(x, y), (x + ASIDE_DEGREES, y)].into());
            }
            cut.into()
        }
        Geometry::Point(p) => geo::MultiPoint(if inside(p.0) { vec![p] } else { vec![] }).into(),
        Geometry::MultiPoint(m) => {
            let all = m.0.len();
            let mut kept: Vec<_> = m.0.into_iter().filter(|p| inside(p.0)).collect();
            if !kept.is_empty() && kept.len() < all {
                kept.push(geo::Point::new(x, y));
            }
            geo::MultiPoint(kept).into()
        }
        Geometry::GeometryCollection(parts) => {
            let all = parts.0.len();
            let mut kept: Vec<_> = parts
                .0
                .into_iter()
                .filter_map(|part| clipped(part, near))
                .collect();
            if !kept.is_empty() && kept.len() < all {
                kept.push(geo::Point::new(x, y).into());
            }
            Geometry::GeometryCollection(kept.into())
        }
        other => other,
    };
    shape.bounding_rect().is_some().then_some(shape)
}

fn densified(shape: Geometry<f64>, step: f64) -> Geometry<f64> {
    match shape {
        Geometry::Polygon(p) => Euclidean.densify(&p, step).into(),
        Geometry::MultiPolygon(m) => Euclidean.densify(&m, step).into(),
        Geometry::LineString(l) => Euclidean.densify(&l, step).into(),
        Geometry::MultiLineString(m) => Euclidean.densify(&m, step).into(),
        Geometry::GeometryCollection(parts) => {
            Geometry::GeometryCollection(parts.0.into_iter().map(|part| densified(part, step)).collect())
        }
        points => points,
    }
}

/// The way from a layer's CRS to another. Each thread makes its own.
pub struct Plane {
    way: Way,
    to: OutCrs,
}

enum Way {
    Same,
    Utm(UtmZone),
    Other(Box<Reprojector>),
}

impl Plane {
    /// Where it leads.
    pub fn target(&self) -> OutCrs {
        self.to
    }

    /// Moves coordinates in place, into the target's order of axes.
    pub fn project(&self, x: &mut [f64], y: &mut [f64]) -> Result<(), LayersError> {
        match &self.way {
            Way::Same => {}
            Way::Utm(zone) => {
                for (x, y) in x.iter_mut().zip(y.iter_mut()) {
                    (*x, *y) = zone.to_degrees(*x, *y);
                }
            }
            Way::Other(way) => way.coords(x, y)?,
        }
        match self.to {
            OutCrs::Crs84 | OutCrs::Layer(_) => {}
            OutCrs::Epsg4326 => x.swap_with_slice(y),
            OutCrs::Epsg3857 => {
                for (x, y) in x.iter_mut().zip(y.iter_mut()) {
                    *x = x.to_radians() * SPHERE_RADIUS_M;
                    *y = y.to_radians().tan().asinh() * SPHERE_RADIUS_M;
                }
            }
        }
        Ok(())
    }
}
