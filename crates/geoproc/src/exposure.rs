//! How deep features lie under water: mean, maximum and share deeper than a limit, by exact cell coverage.
//!
//! With *cᵢ* the exact fraction of cell *i* that a feature covers ([`crate::coverage`]) and *dᵢ* its depth, over the
//! cells with a known depth:
//!
//! ```text
//! mean         = Σ cᵢ dᵢ / Σ cᵢ
//! max          = max dᵢ  where cᵢ > 0
//! deeper share = Σ cᵢ [dᵢ > limit] / Σ cᵢ
//! known share  = Σ cᵢ / area of the feature in cells (what lies beyond the raster counts as unknown)
//! ```
//!
//! A point, which has no area, has the depth of the cell in which it lies.
//!
//! Rasters on one grid share one coverage; each raster is taken on its own grid, nothing is resampled. Each block of
//! a file is read once, by any number of threads, and the result is the same bit for bit.

use rayon::prelude::*;

use crate::coverage::{Span, Tracer, window_of};
use crate::grid::{Grid, GridError, Raster, Window};
use crate::surface::{self, Surface};
use crate::tiles::{Bins, Tiling, for_each_tile};

pub use crate::tiles::RasterReadError;

/// Known shares this close to one are one: the rest is rounding.
const WHOLE: f64 = 1.0 - 1e-9;

/// What is known of a feature's flooding in one raster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    /// Share of the feature's area over cells with a known depth, 0 to 1.
    pub known_share: f64,
    /// Measures of that known part; `None` where nothing is known.
    pub known: Option<Depths>,
}

/// Measures of the known part of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Depths {
    /// Mean depth in the raster's unit.
    pub mean: f64,
    /// Largest depth of any cell touched.
    pub max: f64,
    /// Share of the known area deeper than the limit, 0 to 1.
    pub deeper_share: f64,
}

/// The least and the greatest value that a measure can have, given what is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The unknown part taken as dry.
    pub lowest: f64,
    /// The unknown part taken as deep as the deepest known part of the feature.
    pub highest: f64,
}

impl Exposure {
    /// A feature of which nothing is known.
    pub const UNKNOWN: Self = Self {
        known_share: 0.0,
        known: None,
    };

    /// Bounds of the mean depth over the whole feature. `None` where nothing is known.
    pub fn mean_bounds(&self) -> Option<Bounds> {
        self.known.map(|d| self.bounds(d.mean, d.max))
    }

    /// Bounds of the share of the whole feature that is deeper than the limit. `None` where nothing is known.
    pub fn deeper_share_bounds(&self) -> Option<Bounds> {
        // Some part is deeper than the limit if and only if the deepest part is.
        self.known
            .map(|d| self.bounds(d.deeper_share, if d.deeper_share > 0.0 { 1.0 } else { 0.0 }))
    }

    fn bounds(&self, known: f64, unknown: f64) -> Bounds {
        let dry = known * self.known_share;
        let lowest = dry.min(known);
        Bounds {
            lowest,
            highest: (dry + unknown * (1.0 - self.known_share)).max(lowest),
        }
    }
}

/// Why exposure cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum ExposureError {
    /// A raster's grid is unusable.
    #[error("raster {raster}: {cause}")]
    Grid {
        /// Index of the raster.
        raster: usize,
        /// What is wrong with it.
        cause: GridError,
    },
    /// A raster could not be read.
    #[error(transparent)]
    Read(#[from] RasterReadError),
    /// More features than fit an index.
    #[error("{0} features are more than 4,294,967,295; split the file")]
    TooManyFeatures(usize),
}

/// Sums over the part of a feature that lies in one tile.
#[derive(Clone, Copy)]
struct Sums {
    cells: f64,
    depth: f64,
    deeper: f64,
    max: f32,
}

impl Sums {
    const NONE: Self = Self {
        cells: 0.0,
        depth: 0.0,
        deeper: 0.0,
        max: f32::NEG_INFINITY,
    };

    fn add(&mut self, other: &Self) {
        self.cells += other.cells;
        self.depth += other.depth;
        self.deeper += other.deeper;
        self.max = self.max.max(other.max);
    }

    /// The exposure of a feature of `total_cells`.
    fn exposure(&self, total_cells: f64) -> Exposure {
        if self.cells <= 0.0 || total_cells <= 0.0 {
            return Exposure::UNKNOWN;
        }
        let share = self.cells / total_cells;
        let (mean, max) = (self.depth / self.cells, f64::from(self.max));
        // A mean beyond the maximum, or nearly equal to it, can only be rounding.
        let all_alike = mean > max - 1e-12 * max.abs();
        let depths = Depths {
            mean: if all_alike { as_written(self.max) } else { mean },
            max: as_written(self.max),
            deeper_share: (self.deeper / self.cells).min(1.0),
        };
        Exposure {
            known_share: if share >= WHOLE { 1.0 } else { share },
            known: Some(depths),
        }
    }
}

/// A cell's value as the decimal number that was written into it, where that has no more than six decimals: 0.3 and not
/// 0.300000012, so that it is not found to be above a limit of 0.3.
#[allow(clippy::float_cmp, reason = "it is that number or not")]
fn as_written(value: f32) -> f64 {
    let decimal = (f64::from(value) * 1e6).round() / 1e6;
    if decimal as f32 == value {
        decimal
    } else {
        f64::from(value)
    }
}

/// The exposure of every feature in every raster: `result[raster][feature]`.
///
/// `deeper_than` is the limit of the deeper share in the rasters' unit; depths equal to it are not deeper. It is
/// compared as `f32`, the precision in which depths are stored. Features and rasters are in one CRS; for rasters of
/// other CRS call again with the features reprojected. A feature outside of a raster is [`Exposure::UNKNOWN`].
pub fn exposure<S: Surface>(
    features: &[S],
    rasters: &[&dyn Raster],
    deeper_than: f64,
) -> Result<Vec<Vec<Exposure>>, ExposureError> {
    if u32::try_from(features.len()).is_err() {
        return Err(ExposureError::TooManyFeatures(features.len()));
    }
    for (raster, source) in rasters.iter().enumerate() {
        source
            .grid()
            .check()
            .map_err(|cause| ExposureError::Grid { raster, cause })?;
    }
    let mut result = vec![Vec::new(); rasters.len()];
    for (grid, members) in by_grid(rasters) {
        for ((raster, _), exposures) in members
            .iter()
            .zip(on_grid(features, &grid, &members, deeper_than)?)
        {
            result[*raster] = exposures;
        }
    }
    Ok(result)
}

/// Rasters of one grid, each with its index.
type Members<'a> = Vec<(usize, &'a dyn Raster)>;

/// Rasters grouped by their grid, in the order of their first member.
fn by_grid<'a>(rasters: &[&'a dyn Raster]) -> Vec<(Grid, Members<'a>)> {
    let mut groups: Vec<(Grid, Members)> = Vec::new();
    for (index, &raster) in rasters.iter().enumerate() {
        match groups.iter_mut().find(|(grid, _)| *grid == raster.grid()) {
            Some((_, members)) => members.push((index, raster)),
            None => groups.push((raster.grid(), vec![(index, raster)])),
        }
    }
    groups
}

/// Where a feature lies on a grid.
#[derive(Debug, Clone, Copy)]
struct Footprint {
    /// The cells that it may touch; none where it lies beside the grid.
    window: Option<Window>,
    /// Its size, in cells.
    cells: f64,
    /// Whether it is a point, which stands for the whole of its cell.
    is_cell: bool,
}

impl Footprint {
    fn of<S: Surface>(feature: &S, grid: &Grid) -> Self {
        let Some(place) = feature.place() else {
            return Self {
                window: window_of(feature, grid),
                cells: surface::area(feature) / grid.cell_area(),
                is_cell: false,
            };
        };
        Self {
            window: grid.cell_at(place.x, place.y),
            cells: 1.0,
            is_cell: true,
        }
    }
}

/// The exposure in rasters that share a grid.
fn on_grid<S: Surface>(
    features: &[S],
    grid: &Grid,
    rasters: &[(usize, &dyn Raster)],
    deeper_than: f64,
) -> Result<Vec<Vec<Exposure>>, RasterReadError> {
    let footprints: Vec<Footprint> = features.par_iter().map(|f| Footprint::of(f, grid)).collect();
    let windows: Vec<Option<Window>> = footprints.iter().map(|footprint| footprint.window).collect();
    let tiling = Tiling::new(*grid, rasters.iter().map(|(_, raster)| raster.block_size()));
    let bins = Bins::new(&tiling, &windows);
    let mut totals = vec![vec![Sums::NONE; features.len()]; rasters.len()];

    let in_tile = |items: &[u32], tile: Window, read: Window, values: &[Vec<f32>]| {
        let mut tracer = Tracer::default();
        let mut spans = Vec::new();
        let mut sums = Vec::with_capacity(items.len() * rasters.len());
        for &item in items {
            let feature = item as usize;
            spans.clear();
            let Footprint { cells, is_cell, .. } = footprints[feature];
            match windows[feature].and_then(|window| window.intersection(&tile)) {
                Some(window) if is_cell => spans.push(Span::cell(window)),
                Some(window) => tracer.trace(&features[feature], grid, window, cells, &mut spans),
                None => {}
            }
            sums.extend(
                values
                    .iter()
                    .map(|values| sum(&spans, read, values, deeper_than as f32)),
            );
        }
        (items.to_vec(), sums)
    };
    for_each_tile(&tiling, &bins, &windows, rasters, in_tile, |(items, sums)| {
        for (&item, sums) in items.iter().zip(sums.chunks_exact(rasters.len())) {
            for (total, sum) in totals.iter_mut().zip(sums) {
                total[item as usize].add(sum);
            }
        }
    })?;
    Ok(totals
        .into_iter()
        .map(|totals| {
            totals
                .par_iter()
                .zip(&footprints)
                .map(|(sums, footprint)| sums.exposure(footprint.cells))
                .collect()
        })
        .collect())
}

/// Sums depths over spans; `values` are those of the window that was read.
fn sum(spans: &[Span], read: Window, values: &[f32], deeper_than: f32) -> Sums {
    let mut total = Sums::NONE;
    for span in spans {
        let start = (span.row - read.row) * read.columns + span.first - read.column;
        let (mut cells, mut deeper, mut depth) = (0_u32, 0_u32, 0.0);
        for &value in &values[start..start + span.end - span.first] {
            if value.is_finite() {
                cells += 1;
                depth += f64::from(value);
                deeper += u32::from(value > deeper_than);
                total.max = total.max.max(value);
            }
        }
        total.cells += span.fraction * f64::from(cells);
        total.depth += span.fraction * depth;
        total.deeper += span.fraction * f64::from(deeper);
    }
    total
}
