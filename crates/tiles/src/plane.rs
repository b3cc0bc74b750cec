//! The plane in which a layer's coordinates lie, and the way from it to Web Mercator and back.

use phteah_layers::{Crs, LayersError, Reprojector};

use super::projection::{UtmZone, radians_from_world, world_from_radians};

/// Web Mercator ends here; beyond, a place has no tile.
const MAX_LATITUDE: f64 = 85.051_128_8;

/// A coordinate reference system as tiles need it. Not shared between threads; each makes its own.
pub enum Plane {
    /// A UTM zone, by closed formulas: what deployments use.
    Utm(UtmZone),
    /// Longitude and latitude in degrees on WGS 84.
    Degrees,
    /// Anything else, through PROJ, slower: the way to WGS 84 degrees and the way back.
    Other(Box<(Reprojector, Reprojector)>),
}

impl Plane {
    /// The plane of a CRS.
    pub fn of(crs: &Crs) -> Result<Self, LayersError> {
        let zone = crs
            .epsg()
            .and_then(|code| u32::try_from(code).ok())
            .and_then(UtmZone::from_epsg);
        Ok(match zone {
            Some(zone) => Self::Utm(zone),
            None if crs.epsg() == Some(4326) => Self::Degrees,
            None => {
                let wgs84 = Crs::wgs84();
                Self::Other(Box::new((
                    Reprojector::new(crs, &wgs84)?,
                    Reprojector::new(&wgs84, crs)?,
                )))
            }
        })
    }

    /// Longitude and latitude in degrees; `None` where the plane means nothing.
    pub fn to_degrees(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = match self {
            Self::Utm(zone) => zone.to_degrees(x, y),
            Self::Degrees => (x, y),
            Self::Other(ways) => ways.0.point(x, y).ok()?,
        };
        (longitude.is_finite() && latitude.is_finite()).then_some((longitude, latitude))
    }

    /// Web Mercator as a fraction of the world; `None` where it ends.
    pub fn to_world(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = match self {
            Self::Utm(zone) => zone.to_radians(x, y),
            Self::Degrees | Self::Other(_) => {
                let (longitude, latitude) = self.to_degrees(x, y)?;
                (longitude.to_radians(), latitude.to_radians())
            }
        };
        (longitude.is_finite() && latitude.abs() <= MAX_LATITUDE.to_radians())
            .then(|| world_from_radians(longitude, latitude))
    }

    /// The inverse of [`to_world`](Self::to_world).
    pub fn from_world(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = radians_from_world(x, y);
        let place = match self {
            Self::Utm(zone) => zone.from_radians(longitude, latitude),
            Self::Degrees => (longitude.to_degrees(), latitude.to_degrees()),
            Self::Other(ways) => ways.1.point(longitude.to_degrees(), latitude.to_degrees()).ok()?,
        };
        (place.0.is_finite() && place.1.is_finite()).then_some(place)
    }
}
