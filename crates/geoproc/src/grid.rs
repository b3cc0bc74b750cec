//! North-up grids, windows of them, and the one thing asked of a raster: read a window.

use geo::Rect;

use crate::surface::LARGEST_COORDINATE;

/// A north-up grid of equal cells in any planar CRS. Column 0 is the westernmost, row 0 the northernmost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// X of the western edge of column 0.
    pub west: f64,
    /// Y of the northern edge of row 0.
    pub north: f64,
    /// Width of a cell in CRS units, positive.
    pub cell_width: f64,
    /// Height of a cell in CRS units, positive.
    pub cell_height: f64,
    /// Number of columns.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
}

/// Why a grid cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GridError {
    /// A position or a size is no number that can be computed with, or a cell has no extent.
    #[error(
        "the grid's origin ({west}, {north}) and cell size ({cell_width} × {cell_height}) must be numbers of an earthly size and the cell \
         size positive; rewrite the raster north-up (for example with gdalwarp)"
    )]
    Degenerate {
        /// X of the western edge.
        west: f64,
        /// Y of the northern edge.
        north: f64,
        /// Width of a cell.
        cell_width: f64,
        /// Height of a cell.
        cell_height: f64,
    },
    /// More columns or rows than a grid may have.
    #[error("a grid of {columns} × {rows} cells is larger than {limit} on a side; split the raster", limit = Grid::MAX_SIDE)]
    TooLarge {
        /// Number of columns.
        columns: usize,
        /// Number of rows.
        rows: usize,
    },
}

/// Sides that a cell may have, in CRS units: a tenth of a millimetre in degrees is larger than the least.
const CELL: std::ops::RangeInclusive<f64> = 1e-12..=LARGEST_COORDINATE;

/// A rectangle of cells of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// First row.
    pub row: usize,
    /// First column.
    pub column: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
}

impl Grid {
    /// The longest side, in cells, that the engine accepts: coordinates keep a billionth of a cell up to here.
    pub const MAX_SIDE: usize = 4_000_000;

    /// A checked grid.
    pub fn new(
        west: f64,
        north: f64,
        cell_width: f64,
        cell_height: f64,
        columns: usize,
        rows: usize,
    ) -> Result<Self, GridError> {
        let grid = Self {
            west,
            north,
            cell_width,
            cell_height,
            columns,
            rows,
        };
        grid.check()?;
        Ok(grid)
    }

    /// Whether every number of the grid can be computed with.
    pub fn check(&self) -> Result<(), GridError> {
        let Self {
            west,
            north,
            cell_width,
            cell_height,
            columns,
            rows,
        } = *self;
        let placed = [west, north].iter().all(|v| v.abs() <= LARGEST_COORDINATE);
        let sized = [cell_width, cell_height].iter().all(|side| CELL.contains(side));
        if !(placed && sized) {
            return Err(GridError::Degenerate {
                west,
                north,
                cell_width,
                cell_height,
            });
        }
        if columns > Self::MAX_SIDE || rows > Self::MAX_SIDE {
            return Err(GridError::TooLarge { columns, rows });
        }
        Ok(())
    }

    /// X of the eastern edge.
    pub fn east(&self) -> f64 {
        self.west + self.cell_width * self.columns as f64
    }

    /// Y of the southern edge.
    pub fn south(&self) -> f64 {
        self.north - self.cell_height * self.rows as f64
    }

    /// West, south, east, north in CRS units.
    pub fn bounds(&self) -> [f64; 4] {
        [self.west, self.south(), self.east(), self.north]
    }

    /// Area of one cell in squared CRS units.
    pub fn cell_area(&self) -> f64 {
        self.cell_width * self.cell_height
    }

    /// The whole grid as a window.
    pub fn window(&self) -> Window {
        Window {
            row: 0,
            column: 0,
            rows: self.rows,
            columns: self.columns,
        }
    }

    /// The part of the grid that a window shows.
    #[must_use]
    pub fn part(&self, window: Window) -> Self {
        Self {
            west: self.west + self.cell_width * window.column as f64,
            north: self.north - self.cell_height * window.row as f64,
            columns: window.columns,
            rows: window.rows,
            ..*self
        }
    }

    /// X in columns, counted from the western edge; may lie outside the grid.
    pub fn column_at(&self, x: f64) -> f64 {
        (x - self.west) / self.cell_width
    }

    /// Y in rows, counted from the northern edge downwards; may lie outside the grid.
    pub fn row_at(&self, y: f64) -> f64 {
        (self.north - y) / self.cell_height
    }

    /// The cell that holds a point, as a window of one cell, so that nobody takes its row for its column; a point on a
    /// shared edge belongs to the cell east or south of it. `None` outside the grid.
    pub fn cell_at(&self, x: f64, y: f64) -> Option<Window> {
        let (column, row) = (self.column_at(x).floor(), self.row_at(y).floor());
        let inside = column >= 0.0 && row >= 0.0 && column < self.columns as f64 && row < self.rows as f64;
        inside.then_some(Window {
            row: row as usize,
            column: column as usize,
            rows: 1,
            columns: 1,
        })
    }

    /// The cells that share area with a rectangle; of a rectangle without extent, the cell that holds it. `None` where it lies outside,
    /// merely touches the grid from there, or is not finite.
    pub fn window_of(&self, rect: Rect<f64>) -> Option<Window> {
        let span = |from: f64, to: f64, count: usize| {
            let before = to < 0.0 || (to <= 0.0 && from < to);
            if !(from.is_finite() && to.is_finite()) || before || from >= count as f64 {
                return None;
            }
            let first = from.floor().max(0.0) as usize;
            let last = (to.ceil() as usize).min(count);
            // A rectangle without extent still lies in a cell.
            let last = last.max(first + 1).min(count);
            (first < last).then(|| (first, last - first))
        };
        let (column, columns) = span(
            self.column_at(rect.min().x),
            self.column_at(rect.max().x),
            self.columns,
        )?;
        let (row, rows) = span(self.row_at(rect.max().y), self.row_at(rect.min().y), self.rows)?;
        Some(Window {
            row,
            column,
            rows,
            columns,
        })
    }
}

impl Window {
    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// The cells that both windows hold; `None` if there are none.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let row = self.row.max(other.row);
        let column = self.column.max(other.column);
        let row_end = (self.row + self.rows).min(other.row + other.rows);
        let column_end = (self.column + self.columns).min(other.column + other.columns);
        (row < row_end && column < column_end).then(|| Self {
            row,
            column,
            rows: row_end - row,
            columns: column_end - column,
        })
    }

    /// The smallest window that holds both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let row = self.row.min(other.row);
        let column = self.column.min(other.column);
        Self {
            row,
            column,
            rows: (self.row + self.rows).max(other.row + other.rows) - row,
            columns: (self.column + self.columns).max(other.column + other.columns) - column,
        }
    }
}

/// Whatever went wrong while a raster was read, in the words of whoever reads it.
pub type ReadError = Box<dyn std::error::Error + Send + Sync>;

/// A raster of one band, as the engine needs it. Readers live outside of this crate.
///
/// Windows are read from several threads at once; each call is independent of the others.
pub trait Raster: Sync {
    /// Where the cells lie.
    fn grid(&self) -> Grid;

    /// Columns and rows of the blocks in which the file is stored, so that each is decoded once.
    fn block_size(&self) -> (usize, usize);

    /// Fills `values` (row by row, `window.cells()` long) with scaled values in the raster's unit. A cell without a
    /// value, whatever the reason, is written as NaN: here alone NaN stands for *unknown*, and it never leaves the
    /// engine.
    fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError>;
}

/// A raster held in memory, row by row from the north-west.
#[derive(Debug, Clone)]
pub struct MemoryRaster {
    grid: Grid,
    values: Vec<f32>,
}

impl MemoryRaster {
    /// Wraps values, one per cell; unknown cells are `None`.
    ///
    /// Missing trailing values are unknown, surplus ones are dropped.
    pub fn new(grid: Grid, values: impl IntoIterator<Item = Option<f32>>) -> Self {
        let cells = grid.columns * grid.rows;
        let mut values: Vec<f32> = values
            .into_iter()
            .take(cells)
            .map(|v| v.unwrap_or(f32::NAN))
            .collect();
        values.resize(cells, f32::NAN);
        Self { grid, values }
    }
}

impl Raster for MemoryRaster {
    fn grid(&self) -> Grid {
        self.grid
    }

    fn block_size(&self) -> (usize, usize) {
        (256, 256)
    }

    fn read(&self, window: Window, values: &mut [f32]) -> Result<(), ReadError> {
        for (row, target) in values.chunks_exact_mut(window.columns.max(1)).enumerate() {
            let start = (window.row + row) * self.grid.columns + window.column;
            target.copy_from_slice(&self.values[start..start + window.columns]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::coord;

    fn grid() -> Grid {
        Grid::new(100.0, 200.0, 10.0, 5.0, 4, 6).unwrap()
    }

    #[test]
    fn a_point_on_a_shared_edge_belongs_to_the_cell_south_east_of_it() {
        let cell = |row, column| Window {
            row,
            column,
            rows: 1,
            columns: 1,
        };
        assert_eq!(grid().cell_at(110.0, 195.0), Some(cell(1, 1)));
        assert_eq!(grid().cell_at(100.0, 200.0), Some(cell(0, 0)));
        assert_eq!(grid().cell_at(139.0, 199.0), Some(cell(0, 3)));
        assert_eq!(grid().cell_at(101.0, 171.0), Some(cell(5, 0)));
        assert_eq!(grid().cell_at(140.0, 195.0), None);
        assert_eq!(grid().cell_at(f64::NAN, 195.0), None);
    }

    #[test]
    fn windows_are_cut_at_the_edge() {
        let rect = Rect::new(coord! { x: 95.0, y: 181.0 }, coord! { x: 121.0, y: 250.0 });
        assert_eq!(
            grid().window_of(rect),
            Some(Window {
                row: 0,
                column: 0,
                rows: 4,
                columns: 3
            })
        );
        let outside = Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 50.0, y: 50.0 });
        assert_eq!(grid().window_of(outside), None);
        let touching = Rect::new(coord! { x: 50.0, y: 181.0 }, coord! { x: 100.0, y: 199.0 });
        assert_eq!(grid().window_of(touching), None);
        let corner = Rect::new(coord! { x: 100.0, y: 200.0 }, coord! { x: 100.0, y: 200.0 });
        assert_eq!(grid().window_of(corner).map(|window| window.cells()), Some(1));
    }

    #[test]
    fn a_part_of_a_grid_lies_where_its_window_does() {
        let window = Window {
            row: 2,
            column: 1,
            rows: 3,
            columns: 2,
        };
        let exact = |bounds: [f64; 4]| bounds.map(f64::to_bits);
        assert_eq!(
            exact(grid().part(window).bounds()),
            exact([110.0, 175.0, 130.0, 190.0])
        );
        assert_eq!(grid().part(grid().window()), grid());
    }

    #[test]
    fn impossible_grids_are_refused() {
        assert!(Grid::new(0.0, 0.0, 0.0, 1.0, 1, 1).is_err());
        assert!(Grid::new(f64::NAN, 0.0, 1.0, 1.0, 1, 1).is_err());
        assert!(Grid::new(0.0, 0.0, 1.0, 1.0, usize::MAX, 1).is_err());
        assert!(Grid::new(0.0, 0.0, 1e-200, 1.0, 1, 1).is_err());
        assert!(Grid::new(1e300, 0.0, 1.0, 1.0, 1, 1).is_err());
    }

    #[test]
    fn a_memory_raster_reads_windows() {
        let raster = MemoryRaster::new(grid(), (0..24_u8).map(|v| (v != 5).then_some(f32::from(v))));
        let mut values = [0.0; 4];
        raster
            .read(
                Window {
                    row: 0,
                    column: 1,
                    rows: 2,
                    columns: 2,
                },
                &mut values,
            )
            .unwrap();
        assert_eq!(&values[..2], &[1.0, 2.0]);
        assert!(values[2].is_nan());
        assert!((values[3] - 6.0).abs() < f32::EPSILON);
    }
}
