//! Rasters, imported or not, as they are measured.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::local::{OpenedRaster, RasterFacts};
use super::{Grid, Window, unit};
use crate::crs::Crs;
use crate::deployment::Deployment;
use crate::error::{LayersError, Result, base_name};
use crate::reading_process::{Order, Process, Request};

/// Cells read from a raster, row by row from the north-west.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Scale and offset applied; 0 where the cell is not valid.
    pub values: Vec<f32>,
    /// Whether the cell's value is known: not nodata, not NaN, not masked.
    pub valid: Vec<bool>,
}

/// A raster opened for reading. May be shared between threads: each that reads at the same time gets a handle of its own to the file.
pub struct RasterFile {
    handles: Handles,
    file: String,
    facts: RasterFacts,
    /// What every value is multiplied by.
    factor: f64,
}

/// Handles that nobody reads with at the moment, and how more are made.
#[allow(clippy::large_enum_variant, reason = "one of them for each open raster")]
enum Handles {
    /// A file that this program wrote, opened in this process.
    Own {
        path: PathBuf,
        deployment: Deployment,
        idle: Mutex<Vec<OpenedRaster>>,
    },
    /// Any other file: each handle is a reading process.
    Apart { order: Order, idle: Mutex<Vec<Process>> },
}

impl RasterFile {
    /// Opens any raster, in a process of its own; its first band is used.
    pub fn open(path: &Path, deployment: &Deployment) -> Result<Self> {
        let order = Order::Raster {
            path: path.to_owned(),
            deployment: deployment.clone(),
        };
        let mut process = start(&order)?;
        let mut facts: RasterFacts = process.opened()?;
        let grid = facts.grid();
        let sides = [grid.cell_width, grid.cell_height];
        if grid.columns == 0 || grid.rows == 0 || !sides.iter().all(|side| side.is_finite() && *side > 0.0) {
            return Err(process.talks_nonsense());
        }
        facts.crs = facts
            .crs
            .map(Crs::checked)
            .transpose()
            .map_err(|cause| LayersError::unreadable(path, cause))?;
        Ok(Self {
            handles: Handles::Apart {
                order,
                idle: Mutex::new(vec![process]),
            },
            file: base_name(path),
            facts,
            factor: 1.0,
        })
    }

    /// Opens a raster that this program wrote.
    pub(crate) fn own(path: &Path, deployment: &Deployment) -> Result<Self> {
        let opened = OpenedRaster::own(path, deployment)?;
        Ok(Self {
            file: base_name(path),
            facts: opened.facts().clone(),
            handles: Handles::Own {
                path: path.to_owned(),
                deployment: deployment.clone(),
                idle: Mutex::new(vec![opened]),
            },
            factor: 1.0,
        })
    }

    /// Has its values come in metres from now on, by its unit, and returns the factor. Without a unit they are taken as metres; `Err` names a
    /// unit that is no length known here.
    pub fn take_in_metres(&mut self) -> std::result::Result<f64, String> {
        self.factor = match self.unit() {
            None => 1.0,
            Some(given) => unit::metres(given).ok_or_else(|| given.to_owned())?,
        };
        Ok(self.factor)
    }

    /// Where the cells lie, in units of [`RasterFile::crs`].
    pub fn grid(&self) -> Grid {
        self.facts.grid()
    }

    /// The raster's CRS, where it states one.
    pub fn crs(&self) -> Option<&Crs> {
        self.facts.crs.as_ref()
    }

    /// The unit tag, where there is one.
    pub fn unit(&self) -> Option<&str> {
        self.facts.unit.as_deref()
    }

    /// Columns and rows of the blocks in which the file is best read.
    pub fn block_size(&self) -> (usize, usize) {
        self.facts.block
    }

    /// Number of bands; the first is read.
    pub fn bands(&self) -> usize {
        self.facts.bands
    }

    /// Whether its rows are stored from the south to the north.
    pub(crate) fn is_south_up(&self) -> bool {
        self.facts.south_up
    }

    /// Base name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What the system lacks to keep a stranger's file apart; `None` where nothing.
    pub(crate) fn lacking(&self) -> Option<String> {
        match &self.handles {
            Handles::Own { .. } => None,
            Handles::Apart { idle, .. } => {
                let idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.first().and_then(|process| process.protection().lacking())
            }
        }
    }

    /// Reads a window, which must lie inside the raster.
    pub fn read(&self, window: Window) -> Result<Block> {
        self.read_decimated(window, window.columns, window.rows)
    }

    /// Reads a window into so many columns and rows, taking the nearest cell of each (from overviews where the file has them): for pictures, not
    /// for measuring.
    pub fn read_decimated(&self, window: Window, columns: usize, rows: usize) -> Result<Block> {
        let mut values = vec![0.0; columns * rows];
        self.fill(window, (columns, rows), &mut values)?;
        let valid: Vec<bool> = values.iter().map(|value| !value.is_nan()).collect();
        for value in &mut values {
            if value.is_nan() {
                *value = 0.0;
            }
        }
        Ok(Block { values, valid })
    }

    /// Fills `values`, one per cell of a window, row by row from the north-west. What is unknown is written as NaN: the form in which the
    /// engine takes cells, and the only place where NaN may stand.
    pub fn read_into(&self, window: Window, values: &mut [f32]) -> Result<()> {
        self.fill(window, (window.columns, window.rows), values)
    }

    /// Keys and values of the file's metadata; of a file that this program wrote, others say nothing to it.
    pub(crate) fn metadata(&self) -> Result<HashMap<String, String>> {
        match &self.handles {
            Handles::Apart { .. } => Ok(HashMap::new()),
            Handles::Own {
                path,
                deployment,
                idle,
            } => {
                let handle = match take(idle) {
                    Some(handle) => handle,
                    None => OpenedRaster::own(path, deployment)?,
                };
                let metadata = handle.metadata();
                give_back(idle, handle);
                Ok(metadata)
            }
        }
    }

    fn fill(&self, window: Window, size: (usize, usize), values: &mut [f32]) -> Result<()> {
        match &self.handles {
            Handles::Own {
                path,
                deployment,
                idle,
            } => {
                let handle = match take(idle) {
                    Some(handle) => handle,
                    None => OpenedRaster::own(path, deployment)?,
                };
                handle.fill(window, size, self.factor, values)?;
                give_back(idle, handle);
            }
            Handles::Apart { order, idle } => {
                let mut handle = if let Some(handle) = take(idle) {
                    handle
                } else {
                    let mut process = start(order)?;
                    let _: RasterFacts = process.opened()?;
                    process
                };
                handle.ask(&Request::Cells {
                    window: [window.column, window.row, window.columns, window.rows],
                    size,
                    factor: self.factor,
                })?;
                handle.cells(values)?;
                give_back(idle, handle);
            }
        }
        Ok(())
    }
}

/// Nothing is written for a raster but what its reader puts aside.
const SCRATCH_BYTES: u64 = 1 << 30;

fn start(order: &Order) -> Result<Process> {
    Process::start(order.clone(), &std::env::temp_dir(), SCRATCH_BYTES)
}

/// A handle that nobody else reads with.
fn take<T>(idle: &Mutex<Vec<T>>) -> Option<T> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give_back<T>(idle: &Mutex<Vec<T>>, handle: T) {
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
}
