//! What has to be hidden, so that no release tells of another what it hides.

use super::audit::{cell_of, narrower};
use super::{Refusal, Work};
use crate::disclosure::beliefs::Now;
use crate::disclosure::over_time::{Found, Hidden as HiddenCount};
use crate::disclosure::programme::AttackError;
use crate::disclosure::rules::Reason;
use crate::disclosure::table::Cell;

impl Work<'_> {
    /// What all releases together tell, with what is hidden now.
    pub(super) fn over_time(&self, only: Option<&[HiddenCount]>) -> Result<Found, AttackError> {
        let known = self.known();
        let told: Vec<bool> = (0..self.table.len())
            .map(|cell| self.reasons[cell].is_none() && !self.history.unpublished[cell])
            .collect();
        let now = Now {
            told: &told,
            known: &known,
            exempt: &self.exempt,
        };
        narrower(self.table, &self.history, &now, self.rules, only)
    }

    /// Hides more until no release tells of another what it hides.
    pub(super) fn hide_over_time(&mut self) -> Result<(), Refusal> {
        if self.history.past.is_empty() {
            return Ok(());
        }
        loop {
            let found = self.over_time(None)?;
            if found.narrow.is_empty() {
                return Ok(());
            }
            let narrow: Vec<HiddenCount> = found.narrow.into_iter().map(|(hidden, _)| hidden).collect();
            self.hide_for(&narrow)?;
            self.hide_until_safe()?;
        }
    }

    /// Hides all that may be hidden, and then tells again what need not be: what was told before first, then the dearest, twice as much at a time
    /// as long as that goes well.
    fn hide_for(&mut self, narrow: &[HiddenCount]) -> Result<(), Refusal> {
        let mut tried: Vec<Cell> = (0..self.table.len())
            .filter(|&cell| self.can_be_hidden(cell))
            .collect();
        tried.sort_by_key(|&cell| (std::cmp::Reverse(self.weights[cell]), cell));
        let told_before = self.history.told.clone();
        self.hide_all(&tried);
        let mut left = self.over_time(Some(narrow))?.narrow;
        if !left.is_empty() {
            // Nobody sees of a hidden count that it is what it was.
            let told: Vec<Cell> = (0..self.table.len())
                .filter(|&cell| self.was_told(cell) && self.reasons[cell].is_none())
                .collect();
            self.hide_all(&told);
            tried.splice(0..0, told);
            left = self.over_time(Some(narrow))?.narrow;
        }
        if !left.is_empty() {
            let latest = self.history.past.len();
            let (now, before): (Vec<_>, Vec<_>) =
                left.iter().partition(|(hidden, _)| hidden.release == latest);
            let cells = |of: Vec<&(HiddenCount, f64)>| -> Vec<Cell> {
                let cells = of.iter();
                cells
                    .map(|(hidden, _)| cell_of(self.table, &self.history, *hidden))
                    .collect()
            };
            return Err(if now.is_empty() {
                Refusal::TellingOfBefore { cells: cells(before) }
            } else {
                Refusal::Telling { cells: cells(now) }
            });
        }
        let (mut at, mut some) = (0, tried.len());
        while at < tried.len() {
            some = some.clamp(1, tried.len() - at);
            let again = &tried[at..at + some];
            for &cell in again {
                self.reasons[cell] = None;
                self.history.told[cell] = told_before[cell];
            }
            if self.over_time(Some(narrow))?.narrow.is_empty() {
                at += some;
                some *= 2;
                continue;
            }
            self.hide_all(again);
            if some == 1 {
                at += 1;
            }
            some /= 2;
        }
        Ok(())
    }

    fn hide_all(&mut self, cells: &[Cell]) {
        for &cell in cells {
            self.reasons[cell] = Some(Reason::Complementary);
            self.history.told[cell] = false;
        }
    }

    /// Whether this count is known from before, and nothing else makes it known.
    fn was_told(&self, cell: Cell) -> bool {
        let history = &self.history;
        history.told[cell]
            && history.settled[cell].is_none()
            && !history.impossible[cell]
            && !history.unpublished[cell]
    }
}
