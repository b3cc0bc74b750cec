//! Order along a Hilbert curve: what is near in the plane becomes near in memory (D. Hilbert, 1891; the loop follows Warren, *Hacker's
//! Delight*, 2nd ed., 16–2).

use geo::{Coord, Rect};

/// Where along the curve a cell of 2^`levels` × 2^`levels` lies. Bits of `x` and `y` above `levels`, which is at most 32, do not count.
///
/// ```
/// // Of the four quarters of a square the curve visits the lower left one first and the lower right one last.
/// let order: Vec<u64> = [(0, 0), (0, 1), (1, 1), (1, 0)].map(|(x, y)| phteah_geoproc::hilbert::along(1, x, y)).into();
/// assert_eq!(order, [0, 1, 2, 3]);
/// ```
pub fn along(levels: u32, mut x: u32, mut y: u32) -> u64 {
    let mut distance = 0_u64;
    for level in (0..levels).rev() {
        let side = 1_u32 << level;
        let (right, upper) = (u32::from(x & side != 0), u32::from(y & side != 0));
        distance = (distance << 2) | u64::from((3 * right) ^ upper);
        // Turn the quadrant so that the curve enters and leaves it at the right corners.
        if upper == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    distance
}

/// Places on a 65,536 × 65,536 Hilbert curve laid over a rectangle.
pub(crate) struct Hilbert {
    origin: Coord<f64>,
    scale: Coord<f64>,
}

impl Hilbert {
    /// A curve over `bounds`.
    pub(crate) fn over(bounds: Rect<f64>) -> Self {
        let scale = |extent: f64| if extent > 0.0 { 65_535.0 / extent } else { 0.0 };
        Self {
            origin: bounds.min(),
            scale: Coord {
                x: scale(bounds.width()),
                y: scale(bounds.height()),
            },
        }
    }

    /// The place of a point along the curve; points outside of the rectangle are taken to its edge.
    pub(crate) fn place(&self, point: Coord<f64>) -> u32 {
        let x = ((point.x - self.origin.x) * self.scale.x) as u16;
        let y = ((point.y - self.origin.y) * self.scale.y) as u16;
        along(16, x.into(), y.into()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_along_the_curve_are_neighbours_in_the_plane() {
        let curve = Hilbert::over(Rect::new((0.0, 0.0), (65_535.0, 65_535.0)));
        // The 16 × 16 cells at the origin are one stretch of the curve, each step of it one cell long.
        let mut cells: Vec<(u32, i32, i32)> = (0..256)
            .map(|i| (i % 16, i / 16))
            .map(|(x, y)| {
                (
                    curve.place(Coord {
                        x: f64::from(x),
                        y: f64::from(y),
                    }),
                    x,
                    y,
                )
            })
            .collect();
        cells.sort_unstable();
        assert!(cells.windows(2).all(|w| w[1].0 == w[0].0 + 1));
        assert!(
            cells
                .windows(2)
                .all(|w| (w[1].1 - w[0].1).abs() + (w[1].2 - w[0].2).abs() == 1)
        );
    }

    #[test]
    fn a_rectangle_without_extent_has_one_place() {
        let curve = Hilbert::over(Rect::new((1.0, 1.0), (1.0, 1.0)));
        assert_eq!(
            curve.place(Coord { x: 1.0, y: 1.0 }),
            curve.place(Coord { x: 5.0, y: f64::NAN })
        );
    }
}
