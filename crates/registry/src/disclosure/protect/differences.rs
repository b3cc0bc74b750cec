//! Sums that are no cell and differ by few from what an earlier release told: what has to be hidden so that nobody can work them out.

use super::{Refusal, Work};
use crate::disclosure::fact::Fact;
use crate::disclosure::rules::Reason;
use crate::disclosure::table::Cell;

impl Work<'_> {
    /// Whether somebody sees a cell, or knows it from before.
    fn is_visible(&self, cell: Cell) -> bool {
        let (history, reason) = (&self.history, self.reasons[cell]);
        match history.settled[cell] {
            Some(settled) => settled.is_none(),
            None => history.is_known(cell) || (reason.is_none() && !history.unpublished[cell]),
        }
    }

    /// What is hidden in a group comes to a sum that can be worked out. If it differs by few from what an earlier release let be worked out of the same
    /// parts, it must not be. Answers whether anything was hidden for it.
    pub(super) fn hide_differences(&mut self) -> Result<bool, Refusal> {
        let table = self.table;
        for group in (0..table.len()).filter(|_| !self.history.past.is_empty()) {
            if !self.is_visible(group) {
                continue;
            }
            for dimension in 0..table.dimensions().len() {
                let parts = self.history.published_parts(table, group, dimension);
                let (visible, hidden): (Vec<Cell>, Vec<Cell>) =
                    parts.into_iter().partition(|&part| self.is_visible(part));
                if visible.is_empty() || hidden.is_empty() {
                    continue;
                }
                let now: u64 = hidden.iter().map(|&part| table.values()[part]).sum();
                let tells = self.history.past.iter().any(|past| {
                    let was = past.span.sum_of(&hidden);
                    was.is_some_and(|was| self.rules.is_little(now, was, past.erased_since))
                });
                let culprit = std::iter::once(group)
                    .chain(visible)
                    .filter(|&cell| tells && self.can_be_hidden(cell))
                    .min_by_key(|&cell| (self.weights[cell], cell));
                match culprit {
                    Some(cell) => {
                        self.reasons[cell] = Some(Reason::Difference);
                        return Ok(true);
                    }
                    None if tells => return Err(Refusal::Telling { cells: vec![group] }),
                    None => {}
                }
            }
        }
        Ok(false)
    }

    /// Hides something of what sums can be worked out of: in a large table for each of them, else for the first.
    pub(super) fn hide_of_sums(&mut self, sums: &[usize]) -> Result<(), Refusal> {
        let at_once = if self.is_large() { sums.len() } else { 1 };
        for &number in &sums[..at_once] {
            let sum = &self.history.watched[number - self.table.len()];
            let Some(cell) = self.cheapest_around_sum(sum) else {
                return Err(Refusal::Telling {
                    cells: vec![sum.around(self.table)],
                });
            };
            self.reasons[cell] = Some(Reason::Difference);
        }
        Ok(())
    }

    /// Of the cells in the smallest one around a sum, or else of all, the one that costs least to hide: if there are such, of those that differ from the
    /// sum in one breakdown only.
    fn cheapest_around_sum(&self, sum: &Fact) -> Option<Cell> {
        let table = self.table;
        let differs = |cell: Cell| {
            let dimensions = table.dimensions().iter().zip(&sum.leaves).enumerate();
            let differs = dimensions.filter(|(number, (dimension, leaves))| {
                let node = &dimension.nodes()[table.node(cell, *number)];
                !(node.first_leaf..node.end_leaf).eq(leaves.iter().copied())
            });
            differs.count()
        };
        let cheapest = |cells: &mut dyn Iterator<Item = Cell>| {
            let can_be_hidden = cells.filter(|&cell| self.can_be_hidden(cell));
            can_be_hidden.min_by_key(|&cell| (differs(cell) > 1, self.weights[cell], cell))
        };
        let inside = table.inside(sum.around(table));
        cheapest(&mut inside.into_iter()).or_else(|| cheapest(&mut (0..table.len())))
    }
}
