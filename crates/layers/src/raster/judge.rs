//! The cells of a raster on their way in: brought to metres, and judged by what a flood can be.

use super::write::STRIP;
use super::{RasterFile, Window};
use crate::error::{LayersError, Result};
use crate::import::Progress;
use crate::import::report::{Detail, Effect, ImportReport};
use crate::schema::Role;

/// Shallower than this below zero is arithmetic noise of a model's output, deeper is another convention or an undeclared nodata value.
const NOISE: f32 = -0.01;
/// Deeper than this no flood is; such cells are undeclared nodata or another unit.
const DEEPEST: f32 = 100.0;

/// What was seen in the cells.
#[derive(Default)]
pub(super) struct Tally {
    noise: u64,
    negative: u64,
    least: f32,
    too_deep: u64,
    most: f32,
}

impl Tally {
    /// Reports it; refuses a raster whose values cannot be depths.
    pub fn tell(&self, role: Role, report: &mut ImportReport) -> Result<()> {
        if role != Role::FloodDepth {
            return Ok(());
        }
        let refuse = |report: &ImportReport, message: String| {
            Err(LayersError::Refused {
                message,
                report: Some(Box::new(report.clone())),
            })
        };
        if self.negative > 0 {
            return refuse(
                report,
                format!(
                    "{} cells hold negative depths (down to {} m) that are not declared as nodata: set the raster's nodata value, or import it as another role.",
                    crate::text::thousands(self.negative),
                    self.least
                ),
            );
        }
        if self.too_deep > 0 {
            return refuse(
                report,
                format!(
                    "{} cells are deeper than {DEEPEST} m (up to {} m): the values are in another unit, or nodata is not declared. Set the raster's unit or nodata value.",
                    crate::text::thousands(self.too_deep),
                    self.most
                ),
            );
        }
        if self.noise > 0 {
            report.repaired = self.noise;
            let message = format!("between {NOISE} and 0 m, stored as 0");
            report.found(
                "negative_noise",
                Effect::Repaired,
                "cells a trifle below zero",
                || Detail {
                    message,
                    ..Detail::default()
                },
            );
            if let Some(finding) = report.findings.last_mut() {
                finding.count = self.noise;
            }
        }
        Ok(())
    }
}

/// The rows of a window, one after another, read in strips as high as the blocks that are written.
pub(super) struct Rows<'a> {
    raster: &'a RasterFile,
    window: Window,
    factor: f32,
    next: usize,
    role: Role,
    tally: &'a mut Tally,
    progress: &'a mut dyn Progress,
}

impl Iterator for Rows<'_> {
    type Item = Result<Vec<Option<f32>>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.window.rows {
            self.progress.finish();
            return None;
        }
        let first = self.window.row + self.next;
        let rows = STRIP.min(self.window.rows - self.next);
        let window = Window {
            row: first,
            rows,
            ..self.window
        };
        self.next += rows;
        self.progress.at(self.next as u64);
        let read = match self.raster.read(window) {
            Ok(read) => read,
            Err(e) => return Some(Err(e)),
        };
        let cells = read
            .values
            .iter()
            .zip(&read.valid)
            .map(|(value, valid)| valid.then(|| self.judged(value * self.factor)));
        Some(Ok(cells.collect::<Vec<_>>()))
    }
}

impl<'a> Rows<'a> {
    pub fn new(
        raster: &'a RasterFile,
        window: Window,
        factor: f32,
        role: Role,
        tally: &'a mut Tally,
        progress: &'a mut dyn Progress,
    ) -> Self {
        Self {
            raster,
            window,
            factor,
            next: 0,
            role,
            tally,
            progress,
        }
    }

    fn judged(&mut self, value: f32) -> f32 {
        if self.role != Role::FloodDepth {
            return value;
        }
        if value < NOISE {
            self.tally.negative += 1;
            self.tally.least = self.tally.least.min(value);
        } else if value < 0.0 {
            self.tally.noise += 1;
            return 0.0;
        } else if value > DEEPEST {
            self.tally.too_deep += 1;
            self.tally.most = self.tally.most.max(value);
        }
        value
    }
}
