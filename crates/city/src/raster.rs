//! Rasters: which cells a polygon covers, how far each cell is from a mask, and values between cells.

use geo::{Coord, Polygon};

use crate::model::Grid;

/// Extent and cell of a raster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub left: f64,
    pub top: f64,
    pub cell_m: f64,
    pub cols: usize,
    pub rows: usize,
}

impl Frame {
    /// The frame that covers a window, given in kilometres as west, south, east, north.
    pub(crate) fn new([west, south, east, north]: [f64; 4], cell_m: f64) -> Self {
        let cells = |low: f64, high: f64| ((high - low) * 1000.0 / cell_m).ceil() as usize;
        Self {
            left: west * 1000.0,
            top: north * 1000.0,
            cell_m,
            cols: cells(west, east),
            rows: cells(south, north),
        }
    }

    /// Middle of a cell.
    pub(crate) fn middle(&self, col: usize, row: usize) -> Coord<f64> {
        Coord {
            x: self.left + (col as f64 + 0.5) * self.cell_m,
            y: self.top - (row as f64 + 0.5) * self.cell_m,
        }
    }

    /// A raster of this frame, each cell computed from its middle.
    pub(crate) fn grid(&self, mut value: impl FnMut(usize, Coord<f64>) -> f32) -> Grid {
        let Self {
            left,
            top,
            cell_m,
            cols,
            rows,
        } = *self;
        let values = (0..rows * cols)
            .map(|cell| value(cell, self.middle(cell % cols, cell / cols)))
            .collect();
        Grid {
            left,
            top,
            cell_m,
            cols,
            rows,
            values,
        }
    }

    /// Which cells have their middle in one of the polygons.
    pub(crate) fn mask<'a>(&self, polygons: impl IntoIterator<Item = &'a Polygon<f64>>) -> Vec<bool> {
        let mut mask = vec![false; self.rows * self.cols];
        for polygon in polygons {
            // Crossings of each row's middle line with the rings; between an odd and an even one lies the polygon.
            let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); self.rows];
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                for w in ring.0.windows(2) {
                    let (low, high) = (w[0].y.min(w[1].y), w[0].y.max(w[1].y));
                    let row = |y: f64| ((self.top - y) / self.cell_m - 0.5).clamp(-1.0, self.rows as f64);
                    let (first, last) = (
                        row(high).floor().max(0.0) as usize,
                        row(low).ceil().max(0.0) as usize,
                    );
                    for (row, found) in crossings.iter_mut().enumerate().take(last + 1).skip(first) {
                        let y = self.middle(0, row).y;
                        if (w[0].y > y) != (w[1].y > y) {
                            found.push(w[0].x + (w[1].x - w[0].x) * (y - w[0].y) / (w[1].y - w[0].y));
                        }
                    }
                }
            }
            for (row, found) in crossings.iter_mut().enumerate() {
                found.sort_by(f64::total_cmp);
                for pair in found.chunks_exact(2) {
                    let col = |x: f64| {
                        ((x - self.left) / self.cell_m - 0.5)
                            .ceil()
                            .clamp(0.0, self.cols as f64) as usize
                    };
                    mask[row * self.cols + col(pair[0])..row * self.cols + col(pair[1]).max(col(pair[0]))]
                        .fill(true);
                }
            }
        }
        mask
    }

    /// Distance in metres of each cell to the nearest cell of a mask, by passing on the vector to it in two sweeps.
    pub(crate) fn distances(&self, mask: &[bool]) -> Vec<f64> {
        const FAR: (i32, i32) = (20_000, 20_000);
        let size = |(x, y): (i32, i32)| i64::from(x) * i64::from(x) + i64::from(y) * i64::from(y);
        let mut nearest: Vec<(i32, i32)> = mask.iter().map(|&on| if on { (0, 0) } else { FAR }).collect();
        let bounded = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let (cols, rows) = (bounded(self.cols), bounded(self.rows));
        let mut pass = |col: i32, row: i32, steps: &[(i32, i32)]| {
            let cell = (row * cols + col) as usize;
            for &(dx, dy) in steps {
                let (x, y) = (col + dx, row + dy);
                if (0..cols).contains(&x) && (0..rows).contains(&y) {
                    let via = nearest[(y * cols + x) as usize];
                    let candidate = (via.0 + dx, via.1 + dy);
                    if via != FAR && size(candidate) < size(nearest[cell]) {
                        nearest[cell] = candidate;
                    }
                }
            }
        };
        for row in 0..rows {
            (0..cols).for_each(|col| pass(col, row, &[(-1, 0), (-1, -1), (0, -1), (1, -1)]));
            (0..cols).rev().for_each(|col| pass(col, row, &[(1, 0)]));
        }
        for row in (0..rows).rev() {
            (0..cols)
                .rev()
                .for_each(|col| pass(col, row, &[(1, 0), (1, 1), (0, 1), (-1, 1)]));
            (0..cols).for_each(|col| pass(col, row, &[(-1, 0)]));
        }
        nearest
            .into_iter()
            .map(|vector| (size(vector) as f64).sqrt() * self.cell_m)
            .collect()
    }

    /// Value at a point between the middles of cells, by bilinear interpolation; beyond the edge the edge's value.
    pub(crate) fn between(&self, values: &[f64], at: Coord<f64>) -> f64 {
        let u = ((at.x - self.left) / self.cell_m - 0.5).clamp(0.0, (self.cols - 1) as f64);
        let v = ((self.top - at.y) / self.cell_m - 0.5).clamp(0.0, (self.rows - 1) as f64);
        let (i, j) = (u as usize, v as usize);
        let (i1, j1) = ((i + 1).min(self.cols - 1), (j + 1).min(self.rows - 1));
        let (s, t) = (u - i as f64, v - j as f64);
        let value = |i: usize, j: usize| values[j * self.cols + i];
        let upper = value(i, j) * (1.0 - s) + value(i1, j) * s;
        let lower = value(i, j1) * (1.0 - s) + value(i1, j1) * s;
        upper * (1.0 - t) + lower * t
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{distance, polygon};

    #[test]
    fn distances_are_those_of_the_nearest_cell() {
        let frame = Frame::new([0.0, 0.0, 2.0, 1.5], 50.0);
        let corners = [(300.0, 200.0), (600.0, 250.0), (500.0, 700.0)].map(|(x, y)| Coord { x, y });
        let mask = frame.mask([&polygon(&corners)]);
        let on: Vec<_> = (0..mask.len()).filter(|&cell| mask[cell]).collect();
        assert!(
            (on.len() as f64 * 2_500.0 - 70_000.0).abs() < 12_000.0,
            "{} cells",
            on.len()
        );
        let at = |cell: usize| frame.middle(cell % frame.cols, cell / frame.cols);
        for (cell, found) in frame.distances(&mask).into_iter().enumerate() {
            let true_one = on
                .iter()
                .map(|&other| distance(at(cell), at(other)))
                .fold(f64::INFINITY, f64::min);
            assert!(
                (found - true_one).abs() < 0.1 * frame.cell_m,
                "cell {cell}: {found} instead of {true_one}"
            );
        }
    }

    #[test]
    fn values_between_cells_follow_a_plane_exactly() {
        let frame = Frame::new([0.0, 0.0, 1.0, 1.0], 100.0);
        let plane = |c: Coord<f64>| 2.0 * c.x - 0.5 * c.y;
        let values: Vec<f64> = (0..100)
            .map(|cell| plane(frame.middle(cell % 10, cell / 10)))
            .collect();
        let at = Coord { x: 333.0, y: 512.0 };
        assert!((frame.between(&values, at) - plane(at)).abs() < 1e-9);
    }
}
