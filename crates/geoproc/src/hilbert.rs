//! Order along a Hilbert curve: what is near in the plane becomes near in memory.

use geo::{Coord, Rect};

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
        let mut x = ((point.x - self.origin.x) * self.scale.x) as u16;
        let mut y = ((point.y - self.origin.y) * self.scale.y) as u16;
        let mut place = 0_u32;
        let mut side = 1_u16 << 15;
        while side > 0 {
            let (right, upper) = (x & side != 0, y & side != 0);
            let quadrant = (u32::from(right) * 3) ^ u32::from(upper);
            place = place << 2 | quadrant;
            // Turn the quadrant so that the curve enters and leaves it at the right corners.
            if !upper {
                if right {
                    x = !x;
                    y = !y;
                }
                std::mem::swap(&mut x, &mut y);
            }
            side >>= 1;
        }
        place
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
