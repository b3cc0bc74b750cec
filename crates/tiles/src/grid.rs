//! The tile pyramid: which tile is where.

use super::plane::Plane;

/// Units along one side of a vector tile.
pub const EXTENT: i32 = 4096;

/// Units beyond a tile's edge that are still drawn into it, so that outlines and symbols meet across edges (⅛ of an edge of 512 pixels is 64).
pub const BUFFER: i32 = 64;

/// The deepest zoom that is served.
pub const MAX_ZOOM: u8 = 22;

/// One tile of the Web Mercator pyramid; always inside the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

/// A rectangle in the plane of the deployment's projected CRS, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Westernmost easting.
    pub min_x: f64,
    /// Southernmost northing.
    pub min_y: f64,
    /// Easternmost easting.
    pub max_x: f64,
    /// Northernmost northing.
    pub max_y: f64,
}

impl TileId {
    /// The tile at `z/x/y`, or `None` outside the world or below [`MAX_ZOOM`].
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= MAX_ZOOM && x >> z == 0 && y >> z == 0).then_some(Self { z, x, y })
    }

    /// Zoom.
    pub fn zoom(self) -> u8 {
        self.z
    }

    /// Column from the west and row from the north.
    pub fn column_and_row(self) -> (u32, u32) {
        (self.x, self.y)
    }

    /// A place on the world's unit square in units of this tile: (0, 0) its north-west corner, (4096, 4096) its south-east.
    pub fn units(self, (x, y): (f64, f64)) -> (f64, f64) {
        let tiles = f64::from(1_u32 << self.z);
        let extent = f64::from(EXTENT);
        (
            (x * tiles - f64::from(self.x)) * extent,
            (y * tiles - f64::from(self.y)) * extent,
        )
    }

    /// The inverse of [`units`](Self::units).
    pub fn world(self, (x, y): (f64, f64)) -> (f64, f64) {
        let tiles = f64::from(1_u32 << self.z);
        let extent = f64::from(EXTENT);
        (
            (x / extent + f64::from(self.x)) / tiles,
            (y / extent + f64::from(self.y)) / tiles,
        )
    }

    /// A place of the projected plane in units of this tile; `None` where the plane means nothing.
    pub fn project(self, plane: &Plane, x: f64, y: f64) -> Option<(f64, f64)> {
        plane.to_world(x, y).map(|place| self.units(place))
    }

    /// The projected place of a point given in units of this tile; `None` where the plane means nothing.
    pub fn unproject(self, plane: &Plane, units: (f64, f64)) -> Option<(f64, f64)> {
        let (x, y) = self.world(units);
        plane.from_world(x, y)
    }

    /// The rectangle of the projected plane that covers this tile and its buffer.
    ///
    /// Meridians and parallels are curved in the plane, so the edges are walked, not only the corners; a tile that reaches beyond the
    /// part of the world where the plane means anything (the low zooms) asks for everything.
    pub fn window(self, plane: &Plane) -> Window {
        const STEPS: i32 = 16;
        const EVERYTHING: Window = Window {
            min_x: f64::MIN,
            min_y: f64::MIN,
            max_x: f64::MAX,
            max_y: f64::MAX,
        };
        if self.z < 6 {
            return EVERYTHING;
        }
        let (low, high) = (f64::from(-BUFFER), f64::from(EXTENT + BUFFER));
        let mut window = Window {
            min_x: f64::MAX,
            min_y: f64::MAX,
            max_x: f64::MIN,
            max_y: f64::MIN,
        };
        for step in 0..=STEPS {
            let along = low + (high - low) * f64::from(step) / f64::from(STEPS);
            for place in [(along, low), (along, high), (low, along), (high, along)] {
                let Some((x, y)) = self.unproject(plane, place) else {
                    return EVERYTHING;
                };
                window.min_x = window.min_x.min(x);
                window.max_x = window.max_x.max(x);
                window.min_y = window.min_y.min(y);
                window.max_y = window.max_y.max(y);
            }
        }
        window
    }
}

impl std::fmt::Display for TileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::super::projection::UtmZone;
    use super::*;

    #[test]
    fn the_world_has_an_edge() {
        assert!(TileId::new(0, 0, 0).is_some());
        assert!(TileId::new(0, 1, 0).is_none());
        assert!(TileId::new(3, 7, 7).is_some());
        assert!(TileId::new(3, 8, 0).is_none());
        assert!(TileId::new(3, 0, 8).is_none());
        assert!(TileId::new(23, 0, 0).is_none());
        assert!(TileId::new(200, 0, 0).is_none());
    }

    #[test]
    fn a_window_covers_its_tile() {
        let plane = Plane::Utm(UtmZone::from_epsg(32648).unwrap());
        // The tile at zoom 12 that holds the centre of Phnom Penh.
        let tile = TileId::new(12, 3241, 1916).unwrap();
        let window = tile.window(&plane);
        assert!(
            (window.max_x - window.min_x - 9_900.0).abs() < 300.0,
            "{window:?}"
        );
        for x in [-64.0, 0.0, 2048.0, 4096.0, 4160.0] {
            for y in [-64.0, 1000.0, 4160.0] {
                let (e, n) = tile.unproject(&plane, (x, y)).unwrap();
                assert!(e >= window.min_x && e <= window.max_x && n >= window.min_y && n <= window.max_y);
                let (ux, uy) = tile.project(&plane, e, n).unwrap();
                assert!((ux - x).abs() < 1e-6 && (uy - y).abs() < 1e-6);
            }
        }
    }
}
