//! From places of the world to the grid of a tile, in whole numbers.
//!
//! The world is 2³² units wide (a centimetre at the equator). A grid's cells are a power of two of them, so every tile of a zoom shares one
//! grid, and so do all zooms with cells of the same size: what a feature looks like on it does not depend on the tile that it is drawn in.

use super::super::grid::{BUFFER, EXTENT, TileId};
use super::super::mvt::Point;

/// A place of the world in units.
pub(super) type Place = (i64, i64);

/// Powers of two of a cell's side at which it is known beforehand which features are left: from the finest grid of zoom 13 to the whole
/// of zoom 0 in cells of four tile units.
pub(super) const LEVELS: usize = 14;

/// The side of the cells at the coarsest of these levels, as a power of two.
const COARSEST: i32 = 22;

/// Vertices farther from a tile than this are brought nearer; half the range leaves room for differences and products.
const FAR: i64 = 1 << 29;

/// A grid, and the tile in whose units its places are given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snap {
    /// Side of a cell in world units, as a power of two; below zero where tile units are finer than the world's.
    cell: i32,
    /// Side of a cell in tile units, as a power of two.
    step: u32,
    origin: Place,
}

impl Snap {
    /// The grid of a tile whose cells are 2^`step` tile units wide.
    pub fn of(tile: TileId, step: u32) -> Self {
        let (x, y) = tile.column_and_row();
        Self {
            cell: cell(tile.zoom(), step),
            step,
            origin: (i64::from(x) * i64::from(EXTENT), i64::from(y) * i64::from(EXTENT)),
        }
    }

    /// The grid of a level, in cells.
    pub fn of_level(level: usize) -> Self {
        Self {
            cell: COARSEST - (level as u32).cast_signed(),
            step: 0,
            origin: (0, 0),
        }
    }

    /// The level with cells of this size, if there is one.
    pub fn level(self) -> Option<usize> {
        usize::try_from(COARSEST - self.cell)
            .ok()
            .filter(|level| *level < LEVELS)
    }

    /// The nearest point of the grid.
    pub fn at(self, (x, y): Place) -> Point {
        let along = |v: i64, origin: i64| {
            let cells = if self.cell > 0 {
                (v + (1 << (self.cell - 1))) >> self.cell
            } else {
                v << -self.cell
            };
            ((cells << self.step) - origin).clamp(-FAR, FAR) as i32
        };
        (along(x, self.origin.0), along(y, self.origin.1))
    }

    /// All of them; places that fall together come once.
    pub fn path(self, places: &[Place], out: &mut Vec<Point>) {
        out.clear();
        for &place in places {
            let point = self.at(place);
            if out.last() != Some(&point) {
                out.push(point);
            }
        }
    }
}

/// Side of a cell of 2^`step` tile units in world units, as a power of two.
fn cell(zoom: u8, step: u32) -> i32 {
    20 - i32::from(zoom) + step.cast_signed()
}

/// West, north, east, south of a tile with its buffer and what a grid may move into it, in world units.
pub(super) fn window(tile: TileId, step: u32) -> [i64; 4] {
    let (x, y) = tile.column_and_row();
    let side = 1_i64 << (32 - i32::from(tile.zoom()));
    let units = |n: i64| (n * side) / i64::from(EXTENT);
    let margin = units(i64::from(BUFFER)) + (1 << cell(tile.zoom(), step).max(0)) + 1;
    let (west, north) = (i64::from(x) * side, i64::from(y) * side);
    [
        west - margin,
        north - margin,
        west + side + margin,
        north + side + margin,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_tiles_share_one_grid() {
        let (west, east) = (
            TileId::new(12, 3241, 1916).unwrap(),
            TileId::new(12, 3242, 1916).unwrap(),
        );
        for step in [0, 2, 5] {
            for k in 0..2000_i64 {
                let place = ((3242 << 20) + k * 977 - 1_000_000, (1916 << 20) + k * 31);
                let (a, b) = (Snap::of(west, step).at(place), Snap::of(east, step).at(place));
                assert_eq!((a.0 - EXTENT, a.1), b);
                assert!((b.0 % (1 << step)) == 0);
            }
        }
    }

    #[test]
    fn levels_are_the_grids_of_the_zooms() {
        for zoom in 0..=13_u8 {
            let tile = TileId::new(zoom, 0, 0).unwrap();
            assert_eq!(Snap::of(tile, 2).level(), Some(usize::from(zoom)));
        }
        assert_eq!(Snap::of(TileId::new(14, 0, 0).unwrap(), 0).level(), None);
        assert_eq!(Snap::of(TileId::new(14, 0, 0).unwrap(), 3).level(), Some(13));
    }

    #[test]
    fn the_deepest_zoom_is_finer_than_the_world() {
        let tile = TileId::new(22, 1 << 21, 1 << 21).unwrap();
        let middle = (1_i64 << 31, 1_i64 << 31);
        assert_eq!(Snap::of(tile, 0).at(middle), (0, 0));
        assert_eq!(Snap::of(tile, 0).at((middle.0 + 1, middle.1)), (4, 0));
        assert_eq!(Snap::of(tile, 0).at((0, 0)), (-(1 << 29), -(1 << 29)));
    }
}
