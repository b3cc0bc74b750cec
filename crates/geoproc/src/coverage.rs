//! The exact fraction of every grid cell that a polygon covers.
//!
//! One pass over the edges, as font rasterisers do it: an edge that crosses a cell adds its signed height to
//! everything east of it, and to the cell itself the part of that height that lies east of the edge. A running sum
//! along each row then gives the covered fraction of every cell. This is Green's theorem applied cell by cell, so
//! holes, parts and rings that touch themselves need no special case, and the result is exact up to rounding.
//!
//! Cost: edges + cells crossed by edges + cells of the bounding window.

use geo::{Coord, Rect};

use crate::grid::{Grid, Window};
use crate::surface::{self, Surface};

/// Coverage below this fraction (of a cell, or of the polygon where that is smaller) is rounding, not coverage: it
/// must not let a neighbouring cell into a maximum. Full cells are recognised with the same tolerance.
pub const RESOLUTION: f64 = 1e-9;

/// The most cells that are accumulated at a time, so that memory stays bounded on any grid.
const BAND_CELLS: usize = 1 << 20;

/// A run of cells of one row that are covered by the same fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Row of the grid.
    pub row: usize,
    /// First column.
    pub first: usize,
    /// One past the last column.
    pub end: usize,
    /// Covered fraction of each cell, in (0, 1].
    pub fraction: f64,
}

impl Span {
    /// The first cell of a window, covered whole.
    pub(crate) fn cell(window: Window) -> Self {
        Self {
            row: window.row,
            first: window.column,
            end: window.column + 1,
            fraction: 1.0,
        }
    }
}

/// What a polygon covers of a grid, row by row and from west to east.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    /// The covered cells; the interior of a large polygon is one span per row.
    pub spans: Vec<Span>,
    /// Area of the polygon in cells, parts outside of the grid included.
    pub total_cells: f64,
}

impl Coverage {
    /// Area inside the grid, in cells. Equals [`Coverage::total_cells`] for a polygon that lies wholly inside.
    pub fn covered_cells(&self) -> f64 {
        self.spans
            .iter()
            .map(|span| span.fraction * (span.end - span.first) as f64)
            .sum()
    }
}

/// The exact coverage of every cell of `grid` by a polygon or multipolygon.
///
/// Parts beyond the grid's edge count in [`Coverage::total_cells`] alone. Where parts overlap (which valid geometry
/// does not) a cell counts as covered once. Empty polygons and such with a coordinate that is not a number cover
/// nothing.
///
/// ```
/// use geo::Rect;
/// use phteah_geoproc::{coverage::coverage, grid::Grid};
/// let grid = Grid::new(0.0, 2.0, 1.0, 1.0, 2, 2)?;
/// let half_a_cell = Rect::new((0.5, 1.0), (1.0, 2.0)).to_polygon();
/// let covered = coverage(&half_a_cell, &grid);
/// assert_eq!(covered.spans.len(), 1);
/// assert_eq!(covered.spans[0].fraction, 0.5);
/// # Ok::<(), phteah_geoproc::grid::GridError>(())
/// ```
pub fn coverage<S: Surface + ?Sized>(surface: &S, grid: &Grid) -> Coverage {
    let total_cells = surface::area(surface) / grid.cell_area();
    let mut spans = Vec::new();
    let window = surface::bounds(surface).and_then(|rect| grid.window_of(rect));
    if let Some(window) = window {
        let mut tracer = Tracer::default();
        let band_rows = (BAND_CELLS / window.columns).max(1);
        for row in (0..window.rows).step_by(band_rows) {
            let rows = band_rows.min(window.rows - row);
            let band = Window {
                row: window.row + row,
                rows,
                ..window
            };
            tracer.trace(surface, grid, band, total_cells, &mut spans);
        }
    }
    Coverage { spans, total_cells }
}

/// Traces polygons on windows of a grid; holds the running sums between calls so that small polygons allocate nothing.
#[derive(Default)]
pub(crate) struct Tracer {
    /// `rows × (columns + 1)` increments of the running sum; all zero between calls.
    sums: Vec<f64>,
    columns: usize,
    rows: usize,
}

impl Tracer {
    /// Appends the spans of `surface` within `window`; `total_cells` is its whole area.
    pub(crate) fn trace<S: Surface + ?Sized>(
        &mut self,
        surface: &S,
        grid: &Grid,
        window: Window,
        total_cells: f64,
        spans: &mut Vec<Span>,
    ) {
        self.columns = window.columns;
        self.rows = window.rows;
        let needed = window.rows * (window.columns + 1);
        if self.sums.len() < needed {
            self.sums.resize(needed, 0.0);
        }
        let (west, north) = (window.column as f64, window.row as f64);
        let local = |c: Coord<f64>| (grid.column_at(c.x) - west, grid.row_at(c.y) - north);
        for (ring, sign) in surface.polygons().iter().flat_map(surface::signed_rings) {
            for (a, b) in surface::edges(ring) {
                let ((ax, ay), (bx, by)) = (local(a), local(b));
                // A shell that runs anticlockwise goes down on its western side: rows grow downwards.
                if ay < by {
                    self.add_clipped(ax, ay, bx, by, sign);
                } else if by < ay {
                    self.add_clipped(bx, by, ax, ay, -sign);
                }
            }
        }
        self.collect(window, RESOLUTION * total_cells.min(1.0), spans);
    }

    /// Adds an edge that runs down (`ay < by`), cut to the window. What lies west of the window still fills all
    /// columns; what lies east of it fills none.
    fn add_clipped(&mut self, ax: f64, ay: f64, bx: f64, by: f64, sign: f64) {
        let (width, height) = (self.columns as f64, self.rows as f64);
        if by <= 0.0 || ay >= height || (ax >= width && bx >= width) {
            return;
        }
        let slope = (bx - ax) / (by - ay);
        let at = |y: f64| ax + (y - ay) * slope;
        let (mut x, mut y) = if ay < 0.0 { (at(0.0), 0.0) } else { (ax, ay) };
        let (end_x, end_y) = if by > height {
            (at(height), height)
        } else {
            (bx, by)
        };
        // Where the edge passes the western and eastern side, in the order in which it does so.
        let crossing = |side: f64| ay + (side - ax) / slope;
        let sides = if slope > 0.0 { [0.0, width] } else { [width, 0.0] };
        for side in sides {
            if (x < side) != (end_x < side) {
                let (at_y, at_x) = (crossing(side).clamp(y, end_y), side);
                self.add_inside(x, y, at_x, at_y, sign);
                (x, y) = (at_x, at_y);
            }
        }
        self.add_inside(x, y, end_x, end_y, sign);
    }

    /// Adds an edge that runs down within the window's rows and does not cross its sides.
    fn add_inside(&mut self, ax: f64, ay: f64, bx: f64, by: f64, sign: f64) {
        let width = self.columns as f64;
        if ay >= by || (ax >= width && bx >= width) {
            return;
        }
        let (ax, bx) = (ax.clamp(0.0, width), bx.clamp(0.0, width));
        let slope = (bx - ax) / (by - ay);
        let (mut x, mut y) = (ax, ay);
        let first = (ay as usize).min(self.rows - 1);
        for row in first..self.rows {
            let bottom = (row + 1) as f64;
            let last = by <= bottom;
            let (next_x, next_y) = if last {
                (bx, by)
            } else {
                ((ax + (bottom - ay) * slope).clamp(0.0, width), bottom)
            };
            self.add_in_row(row, x, next_x, sign * (next_y - y));
            if last {
                break;
            }
            (x, y) = (next_x, next_y);
        }
    }

    /// Adds a piece of an edge within one row that runs from `ax` to `bx` over the signed height `height`.
    fn add_in_row(&mut self, row: usize, ax: f64, bx: f64, height: f64) {
        let start = row * (self.columns + 1);
        let sums = &mut self.sums[start..=start + self.columns];
        let (low, high) = if ax <= bx { (ax, bx) } else { (bx, ax) };
        let first = (low as usize).min(self.columns - 1);
        if high <= (first + 1) as f64 {
            let west_part = f64::midpoint(low, high) - first as f64;
            sums[first] += height * (1.0 - west_part);
            sums[first + 1] += height * west_part;
            return;
        }
        let per_column = height / (high - low);
        let mut from = low;
        for column in first..self.columns {
            let to = high.min((column + 1) as f64);
            let part = per_column * (to - from);
            let west_part = f64::midpoint(from, to) - column as f64;
            sums[column] += part * (1.0 - west_part);
            sums[column + 1] += part * west_part;
            if to >= high {
                break;
            }
            from = to;
        }
    }

    /// Turns the running sums into spans and zeroes them.
    fn collect(&mut self, window: Window, smallest: f64, spans: &mut Vec<Span>) {
        for (row, sums) in self
            .sums
            .chunks_exact_mut(window.columns + 1)
            .take(window.rows)
            .enumerate()
        {
            let row = window.row + row;
            let mut sum = 0.0;
            let mut open: Option<Span> = None;
            for (column, step) in sums.iter_mut().enumerate() {
                // Without a step, the cell is covered like its neighbour; the last entry only closes the row.
                if *step == 0.0 && column < window.columns {
                    if let Some(span) = &mut open {
                        span.end += 1;
                    }
                    continue;
                }
                sum += *step;
                *step = 0.0;
                if column == window.columns {
                    break;
                }
                let fraction = if sum > 1.0 - RESOLUTION { 1.0 } else { sum };
                let covered = fraction > smallest;
                match &mut open {
                    Some(span) if covered && span.fraction.total_cmp(&fraction).is_eq() => span.end += 1,
                    _ => {
                        spans.extend(open.take());
                        let column = window.column + column;
                        open = covered.then_some(Span {
                            row,
                            first: column,
                            end: column + 1,
                            fraction,
                        });
                    }
                }
            }
            spans.extend(open.take());
        }
    }
}

/// The window of a grid that a surface may touch.
pub(crate) fn window_of<S: Surface + ?Sized>(surface: &S, grid: &Grid) -> Option<Window> {
    surface::bounds(surface).and_then(|rect: Rect<f64>| grid.window_of(rect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MultiPolygon, Polygon, Translate, wkt};
    use proptest::prelude::*;

    fn grid() -> Grid {
        Grid::new(0.0, 10.0, 1.0, 1.0, 10, 10).unwrap()
    }

    fn fraction(coverage: &Coverage, row: usize, column: usize) -> f64 {
        let hit = |s: &&Span| s.row == row && s.first <= column && column < s.end;
        coverage.spans.iter().find(hit).map_or(0.0, |s| s.fraction)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
    }

    #[test]
    fn a_large_interior_is_one_span_a_row() {
        let c = coverage(&Rect::new((0.5, 0.5), (9.5, 9.5)).to_polygon(), &grid());
        assert_eq!(c.spans.iter().filter(|s| s.row == 5).count(), 3);
        assert!(
            close(fraction(&c, 0, 0), 0.25)
                && close(fraction(&c, 0, 5), 0.5)
                && close(fraction(&c, 5, 5), 1.0)
        );
        assert!(close(c.covered_cells(), 81.0));
    }

    #[test]
    fn a_rectangle_on_cell_edges_touches_no_neighbour() {
        let c = coverage(&Rect::new((2.0, 3.0), (5.0, 7.0)).to_polygon(), &grid());
        assert_eq!(c.spans.len(), 4);
        assert!(
            c.spans
                .iter()
                .all(|s| s.first == 2 && s.end == 5 && close(s.fraction, 1.0))
        );
    }

    #[test]
    fn a_polygon_smaller_than_a_cell() {
        let c = coverage(&wkt!(POLYGON((3.2 4.2, 3.3 4.2, 3.2 4.3, 3.2 4.2))), &grid());
        assert_eq!(c.spans.len(), 1);
        assert!(close(fraction(&c, 5, 3), 0.005));
    }

    #[test]
    fn a_sliver_across_many_cells() {
        let c = coverage(&wkt!(POLYGON((0. 5.5, 10. 5.5, 10. 5.500_001, 0. 5.5))), &grid());
        assert!((c.covered_cells() / 5e-6 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_hole_that_touches_the_shell() {
        let shape = wkt!(POLYGON((1. 1., 5. 1., 5. 5., 1. 5., 1. 1.), (1. 3., 3. 2., 3. 4., 1. 3.)));
        assert!(close(coverage(&shape, &grid()).covered_cells(), 14.0));
    }

    #[test]
    fn a_ring_that_touches_itself() {
        // Two squares joined at the corner (3, 3) in one ring.
        let shape = wkt!(POLYGON((1. 1., 3. 1., 3. 3., 5. 3., 5. 5., 3. 5., 3. 3., 1. 3., 1. 1.)));
        let c = coverage(&shape, &grid());
        assert!(
            close(c.covered_cells(), 8.0) && close(fraction(&c, 5, 3), 1.0) && close(fraction(&c, 7, 3), 0.0)
        );
    }

    #[test]
    fn across_every_side_of_the_grid() {
        let c = coverage(&Rect::new((-5.0, -5.0), (15.0, 15.0)).to_polygon(), &grid());
        assert!(close(c.covered_cells(), 100.0) && close(c.total_cells, 400.0));
        let diamond = wkt!(POLYGON((-5. 5., 5. -5., 15. 5., 5. 15., -5. 5.)));
        assert!(close(coverage(&diamond, &grid()).covered_cells(), 100.0));
        let outside = wkt!(POLYGON((20. 5., 25. 5., 25. 9., 20. 5.)));
        assert!(coverage(&outside, &grid()).spans.is_empty());
    }

    #[test]
    fn bad_geometry_covers_nothing() {
        let empty = Polygon::<f64>::new(geo::LineString(vec![]), vec![]);
        assert_eq!(coverage(&empty, &grid()), Coverage::default());
        let nan = wkt!(POLYGON((1. 1., 2. 1., 2. 2., 1. 1.)));
        let nan = geo::MapCoords::map_coords(&nan, |c| geo::Coord {
            x: c.x / 0.0 * 0.0,
            y: c.y,
        });
        assert!(coverage(&nan, &grid()).spans.is_empty());
        let flat = wkt!(POLYGON((1. 1., 2. 1., 1. 1.)));
        assert!(coverage(&flat, &grid()).spans.is_empty());
        let huge = wkt!(POLYGON((-1e308 -1e308, 1e308 -1e308, 1e308 1e308, -1e308 -1e308)));
        assert_eq!(coverage(&huge, &grid()), Coverage::default());
    }

    /// A star-shaped polygon round a centre, with a hole of half its size.
    pub(crate) fn star() -> impl Strategy<Value = Polygon<f64>> {
        (
            (0.0..10.0_f64),
            (0.0..10.0_f64),
            prop::collection::vec(0.01..4.0_f64, 3..24),
        )
            .prop_map(|(x, y, radii)| {
                let ring = |scale: f64| {
                    let step = std::f64::consts::TAU / radii.len() as f64;
                    radii
                        .iter()
                        .enumerate()
                        .map(|(i, r)| {
                            (
                                x + scale * r * (step * i as f64).cos(),
                                y + scale * r * (step * i as f64).sin(),
                            )
                        })
                        .collect::<Vec<_>>()
                };
                Polygon::new(ring(1.0).into(), vec![ring(0.5).into()])
            })
    }

    proptest! {
        #[test]
        fn coverage_sums_to_the_area(shape in star()) {
            let wide = Grid::new(-5.0, 15.0, 0.7, 0.4, 40, 60).unwrap();
            let c = coverage(&shape, &wide);
            prop_assert!((c.covered_cells() - c.total_cells).abs() <= 1e-7 * c.total_cells.max(1e-3));
        }

        #[test]
        fn every_cell_agrees_with_clipping(shape in star()) {
            use geo::{Area, BooleanOps};
            let c = coverage(&shape, &grid());
            for row in 0..10_u32 {
                for column in 0..10_u32 {
                    let (x, y) = (f64::from(column), 9.0 - f64::from(row));
                    let cell = Rect::new((x, y), (x + 1.0, y + 1.0)).to_polygon();
                    let expected = shape.intersection(&cell).unsigned_area();
                    prop_assert!((fraction(&c, row as usize, column as usize) - expected).abs() < 1e-6);
                }
            }
        }

        #[test]
        fn moving_by_a_cell_moves_the_coverage(shape in star()) {
            let wide = Grid::new(-16.0, 32.0, 1.0, 1.0, 64, 64).unwrap();
            let here = coverage(&shape, &wide);
            let there = coverage(&shape.translate(3.0, -2.0), &wide);
            prop_assert!(close(here.covered_cells(), there.covered_cells()));
            for span in &here.spans {
                for column in span.first..span.end {
                    prop_assert!((fraction(&there, span.row + 2, column + 3) - span.fraction).abs() < 1e-8);
                }
            }
        }

        #[test]
        fn splitting_along_a_cell_edge_changes_nothing(shape in star(), cut in 1..9_i32) {
            use geo::BooleanOps;
            let cut = f64::from(cut);
            let west: MultiPolygon<f64> = shape.intersection(&Rect::new((-9.0, -9.0), (cut, 19.0)).to_polygon());
            let east = shape.intersection(&Rect::new((cut, -9.0), (19.0, 19.0)).to_polygon());
            let (whole, west, east) = (coverage(&shape, &grid()), coverage(&west, &grid()), coverage(&east, &grid()));
            for row in 0..10 {
                for column in 0..10 {
                    let parts = fraction(&west, row, column) + fraction(&east, row, column);
                    prop_assert!((fraction(&whole, row, column) - parts).abs() < 1e-6);
                }
            }
        }
    }
}
