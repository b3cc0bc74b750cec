//! Where a raster's cells lie.

/// A north-up grid of equal cells. Column 0 is the westernmost, row 0 the northernmost.
#[derive(Clone, Copy, Debug, PartialEq)]
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

impl Grid {
    /// West, south, east, north in CRS units.
    pub fn bounds(&self) -> [f64; 4] {
        [
            self.west,
            self.north - self.cell_height * self.rows as f64,
            self.west + self.cell_width * self.columns as f64,
            self.north,
        ]
    }

    /// The whole grid as a window.
    pub fn window(&self) -> Window {
        Window {
            column: 0,
            row: 0,
            columns: self.columns,
            rows: self.rows,
        }
    }

    /// The cells that a box `[west, south, east, north]` touches; `None` where it lies outside.
    pub fn cover(&self, [west, south, east, north]: [f64; 4]) -> Option<Window> {
        let clamp = |v: f64, n: usize| v.clamp(0.0, n as f64) as usize;
        let column = clamp(((west - self.west) / self.cell_width).floor(), self.columns);
        let end_column = clamp(((east - self.west) / self.cell_width).ceil(), self.columns);
        let row = clamp(((self.north - north) / self.cell_height).floor(), self.rows);
        let end_row = clamp(((self.north - south) / self.cell_height).ceil(), self.rows);
        (end_column > column && end_row > row).then(|| Window {
            column,
            row,
            columns: end_column - column,
            rows: end_row - row,
        })
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
}

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First column.
    pub column: usize,
    /// First row.
    pub row: usize,
    /// Number of columns.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
}
