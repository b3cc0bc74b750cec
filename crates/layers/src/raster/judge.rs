//! The cells of a raster on their way in: brought to metres, and judged by what a flood can be.

use super::Window;
use super::tiles::Tiles;
use super::write::STRIP;
use crate::error::{LayersError, Result};
use crate::import::Progress;
use crate::import::report::{Detail, Effect, ImportReport};
use crate::schema::Role;

/// Shallower than this below zero is arithmetic noise of a model's output, deeper is another convention or an undeclared nodata value.
const NOISE: f32 = -0.01;
/// Deeper than this no flood is; such cells are undeclared nodata or another unit.
const DEEPEST: f32 = 100.0;

/// What was seen in the cells of a depth raster, in metres. One rule for every way in: what an import refuses no measure takes.
#[derive(Default)]
pub struct DepthTally {
    noise: u64,
    negative: u64,
    least: f32,
    too_deep: u64,
    most: f32,
}

impl DepthTally {
    /// Looks at cells (NaN where unknown), sets arithmetic noise below zero to zero and counts what no depth can be.
    pub fn look(&mut self, depths: &mut [f32]) {
        // Without a branch, so that several cells are looked at at once: in nearly every raster this is all.
        let odd = |odd, depth: &f32| odd || (*depth < 0.0) || (*depth > DEEPEST);
        if !depths.iter().fold(false, odd) {
            return;
        }
        for depth in depths {
            if *depth < NOISE {
                self.negative += 1;
                self.least = self.least.min(*depth);
            } else if *depth < 0.0 {
                self.noise += 1;
                *depth = 0.0;
            } else if *depth > DEEPEST {
                self.too_deep += 1;
                self.most = self.most.max(*depth);
            }
        }
    }

    /// Why the raster cannot be taken, if there is a reason.
    pub fn refusal(&self) -> Option<String> {
        if self.negative > 0 {
            return Some(format!(
                "{} cells hold negative depths (down to {} m) that are not declared as nodata: set the raster's nodata value.",
                crate::text::thousands(self.negative),
                self.least
            ));
        }
        (self.too_deep > 0).then(|| {
            format!(
                "{} cells are deeper than {DEEPEST} m (up to {} m): the values are in another unit, or nodata is not declared. Set the raster's unit or nodata value.",
                crate::text::thousands(self.too_deep),
                self.most
            )
        })
    }

    /// Reports what was seen; refuses a raster whose values cannot be depths.
    pub(super) fn tell(&self, report: &mut ImportReport) -> Result<()> {
        if let Some(message) = self.refusal() {
            return Err(LayersError::Refused {
                message,
                report: Some(Box::new(report.clone())),
            });
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
    raster: &'a mut Tiles,
    window: Window,
    next: usize,
    role: Role,
    tally: &'a mut DepthTally,
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
        let mut values = vec![f32::NAN; window.cells()];
        if let Err(e) = self.raster.read_into(window, &mut values) {
            return Some(Err(e));
        }
        if self.role == Role::FloodDepth {
            self.tally.look(&mut values);
        }
        let cells = values.into_iter().map(|value| (!value.is_nan()).then_some(value));
        Some(Ok(cells.collect::<Vec<_>>()))
    }
}

impl<'a> Rows<'a> {
    pub fn new(
        raster: &'a mut Tiles,
        window: Window,
        role: Role,
        tally: &'a mut DepthTally,
        progress: &'a mut dyn Progress,
    ) -> Self {
        Self {
            raster,
            window,
            next: 0,
            role,
            tally,
            progress,
        }
    }
}
