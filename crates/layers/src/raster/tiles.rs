//! One raster out of one file or several tiles. Each tile is read by its own type, scale, unit, nodata value and direction, and laid on the
//! common grid without resampling; what lies in no tile is unknown.

use super::{Grid, RasterFile, Window};
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::import::report::{Detail, Effect, ImportReport};
use crate::text::thousands;

/// Cells of tiles may lie beside those of the first by this part of a cell: rounding of the numbers in the files.
const ALIGNED: f64 = 0.01;

/// A tile and where it lies on the common grid.
struct Tile {
    raster: RasterFile,
    column: usize,
    row: usize,
    /// What the report says of it.
    remark: String,
}

/// The tiles of one raster, or the one file that it is; values in metres.
pub(super) struct Tiles {
    tiles: Vec<Tile>,
    grid: Grid,
    /// Cells that two tiles hold with different values, and by how much at most.
    differing: (u64, f32),
    /// Cells of what was read that lie in no tile.
    uncovered: u64,
}

impl Tiles {
    /// Lays rasters on one grid; refuses those that are no tiles of one raster.
    pub fn new(mut rasters: Vec<RasterFile>, report: &mut ImportReport) -> Result<Self> {
        let remarks = take_in_metres(&mut rasters, report)?;
        let Some(first) = rasters.first() else {
            return Err(LayersError::Usage("Name at least one file.".into()));
        };
        let model = first.grid();
        let mut places = Vec::new();
        for raster in &rasters {
            places.push(place(first, raster)?);
        }
        let west = places.iter().map(|place| place.0).min().unwrap_or_default();
        let north = places.iter().map(|place| place.1).min().unwrap_or_default();
        let end = |start: i64, count: usize| start.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
        let east = (rasters.iter().zip(&places)).map(|(raster, place)| end(place.0, raster.grid().columns));
        let south = (rasters.iter().zip(&places)).map(|(raster, place)| end(place.1, raster.grid().rows));
        let grid = Grid {
            west: model.west + west as f64 * model.cell_width,
            north: model.north - north as f64 * model.cell_height,
            columns: (east.max().unwrap_or_default() - west) as usize,
            rows: (south.max().unwrap_or_default() - north) as usize,
            ..model
        };
        grid.check()
            .map_err(|cause| LayersError::refused(format!("{}: {cause}.", first.file())))?;
        let tiles = rasters.into_iter().zip(places).zip(remarks);
        Ok(Self {
            tiles: tiles
                .map(|((raster, (column, row)), remark)| Tile {
                    raster,
                    column: (column - west) as usize,
                    row: (row - north) as usize,
                    remark,
                })
                .collect(),
            grid,
            differing: (0, 0.0),
            uncovered: 0,
        })
    }

    /// Where the cells lie, in units of [`Tiles::crs`].
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The CRS, where the files state one.
    pub fn crs(&self) -> Option<&Crs> {
        self.tiles.first().and_then(|tile| tile.raster.crs())
    }

    /// Name of the first file.
    pub fn file(&self) -> &str {
        self.tiles.first().map_or("", |tile| tile.raster.file())
    }

    /// Fills `values` with a window of cells, NaN where they are unknown. Where tiles overlap, the first that knows the cell counts.
    pub fn read_into(&mut self, window: Window, values: &mut [f32]) -> Result<()> {
        values.fill(f32::NAN);
        let mut covered = vec![false; values.len()];
        let mut part = Vec::new();
        for tile in &self.tiles {
            let Some(common) = tile.window().intersection(&window) else {
                continue;
            };
            part.clear();
            part.resize(common.cells(), f32::NAN);
            let inner = Window {
                row: common.row - tile.row,
                column: common.column - tile.column,
                ..common
            };
            tile.raster.read_into(inner, &mut part)?;
            for (row, cells) in part.chunks_exact(common.columns).enumerate() {
                let at = (common.row - window.row + row) * window.columns + common.column - window.column;
                covered[at..at + common.columns].fill(true);
                for (value, cell) in values[at..at + common.columns].iter_mut().zip(cells) {
                    if value.is_nan() {
                        *value = *cell;
                    } else if (*value - *cell).abs() > 0.0 {
                        self.differing.0 += 1;
                        self.differing.1 = self.differing.1.max((*value - *cell).abs());
                    }
                }
            }
        }
        self.uncovered += covered.iter().filter(|covered| !**covered).count() as u64;
        Ok(())
    }

    /// Says what became of each tile, once `window` was read.
    pub fn tell(&self, window: Window, report: &mut ImportReport) {
        if self.tiles.len() < 2 {
            return;
        }
        for tile in &self.tiles {
            let taken = tile
                .window()
                .intersection(&window)
                .map_or(0, |common| common.cells());
            let all = tile.window().cells();
            let taken = match taken {
                0 => "lies outside the deployment's extent; nothing of it was taken".to_owned(),
                taken if taken == all => format!("all {} cells taken", thousands(all as u64)),
                taken => format!(
                    "{} of {} cells taken",
                    thousands(taken as u64),
                    thousands(all as u64)
                ),
            };
            report.found("tile", Effect::Noted, "tiles of the raster", || Detail {
                message: format!("{}: {taken}{}", tile.raster.file(), tile.remark),
                ..Detail::default()
            });
        }
        if self.uncovered > 0 {
            report.warn(format!(
                "{} cells lie in none of the {} tiles; they are unknown. Is a tile missing?",
                thousands(self.uncovered),
                self.tiles.len()
            ));
        }
        let (cells, most) = self.differing;
        if cells > 0 {
            report.warn(format!(
                "Tiles overlap and differ in {} cells, by up to {most} m; there the file that was named first counts.",
                thousands(cells)
            ));
        }
    }
}

impl Tile {
    fn window(&self) -> Window {
        let grid = self.raster.grid();
        Window {
            row: self.row,
            column: self.column,
            rows: grid.rows,
            columns: grid.columns,
        }
    }
}

/// Has every raster's values come in metres; returns what is peculiar about each.
fn take_in_metres(rasters: &mut [RasterFile], report: &mut ImportReport) -> Result<Vec<String>> {
    let several = rasters.len() > 1;
    let mut remarks = Vec::new();
    let mut silent: Vec<String> = Vec::new();
    let mut converted: Option<String> = None;
    for raster in rasters.iter_mut() {
        let file = raster.file().to_owned();
        if let Some(lacking) = raster.lacking() {
            report.warn(lacking);
        }
        let factor = raster.take_in_metres().map_err(|unit| LayersError::Unreadable {
            file: file.clone(),
            cause: format!("its unit is '{unit}', which is no length known here"),
        })?;
        let mut remark = String::new();
        match raster.unit().map(str::to_owned) {
            None => silent.push(file.clone()),
            Some(unit) if factor.to_bits() != 1.0_f64.to_bits() => {
                let what = if several { file.as_str() } else { "The raster" };
                let message = format!(
                    "{what}{} unit is {unit}; its values were multiplied by {factor} and are stored in metres.",
                    if several { ": its" } else { "'s" }
                );
                report.found("unit_converted", Effect::Noted, "units", || Detail {
                    message: message.clone(),
                    ..Detail::default()
                });
                report.warn(message);
                remark += &format!("; {unit} made metres");
                converted.get_or_insert(file.clone());
            }
            Some(_) => {}
        }
        if raster.bands() > 1 {
            report.warn(format!(
                "{file} has {} bands; the first was read.",
                raster.bands()
            ));
            remark += &format!("; the first of {} bands read", raster.bands());
        }
        if raster.is_south_up() {
            remark += "; stored from the south, turned";
        }
        remarks.push(remark);
    }
    if let (Some(stated), Some(silent)) = (&converted, silent.first()) {
        return Err(LayersError::refused(format!(
            "{stated} says its unit and is not in metres, {silent} does not say its own: write the unit into it, or import them as layers of their own."
        )));
    }
    if !silent.is_empty() {
        report.warn(match (several, silent.len() == rasters.len()) {
            (false, _) => "The raster does not say its unit; its values were taken as metres.".to_owned(),
            (true, true) => {
                "The rasters do not say their unit; their values were taken as metres.".to_owned()
            }
            (true, false) => format!(
                "{} do not say their unit; their values were taken as metres.",
                silent.join(", ")
            ),
        });
    }
    Ok(remarks)
}

/// Column and row of a raster's first cell on the grid of the first one.
fn place(first: &RasterFile, raster: &RasterFile) -> Result<(i64, i64)> {
    let (a, b) = (first.grid(), raster.grid());
    let no_tiles = |why: String| {
        Err(LayersError::refused(format!(
            "{} and {} are no tiles of one raster: {why}.",
            first.file(),
            raster.file()
        )))
    };
    if first.crs() != raster.crs() {
        let name = |raster: &RasterFile| raster.crs().map_or("none stated", Crs::name).to_owned();
        return no_tiles(format!("their CRS differ ({}, {})", name(first), name(raster)));
    }
    // Over the whole tile cells must not drift apart.
    let drift = |a: f64, b: f64, count: usize| ((b - a) / a * count as f64).abs();
    let columns = a.columns.max(b.columns);
    let rows = a.rows.max(b.rows);
    if drift(a.cell_width, b.cell_width, columns) > ALIGNED
        || drift(a.cell_height, b.cell_height, rows) > ALIGNED
    {
        return no_tiles(format!(
            "their cell size differs ({} × {}, {} × {})",
            a.cell_width, a.cell_height, b.cell_width, b.cell_height
        ));
    }
    let east = (b.west - a.west) / a.cell_width;
    let south = (a.north - b.north) / a.cell_height;
    let beside = |cells: f64| (cells - cells.round()).abs();
    if !(beside(east) <= ALIGNED && beside(south) <= ALIGNED && east.abs().max(south.abs()) < 1e9) {
        return no_tiles(format!(
            "their cells do not lie on one grid, one is shifted by {:.2} of a cell to the east and {:.2} to the south. Bring them onto one grid first, for example with gdalwarp -tap, or import them as layers of their own",
            east - east.floor(),
            south - south.floor()
        ));
    }
    Ok((east.round() as i64, south.round() as i64))
}
