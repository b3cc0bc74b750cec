//! One earlier release, as an attacker uses it against a table of now.

use std::collections::BTreeMap;

use super::earlier::{Earlier, Hidden};
use super::fact::Fact;
use super::span::Span;
use super::table::{Cell, Table};

/// What an earlier release says, in the cells of the table of now.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its name, for messages.
    pub name: String,
    /// How many families that it may have counted were erased since.
    pub erased_since: u64,
    /// Of each cell: nothing, that it is hidden, or its count.
    pub said: Vec<Option<Option<u64>>>,
    /// What can be worked out of all that it tells.
    pub span: Span,
    /// What it does not tell of its groups, in its own boundaries: what is left of each without the parts that it tells.
    pub rests: Vec<(Fact, u64)>,
    /// What it tells over former boundaries.
    pub sums: Vec<(Fact, u64)>,
    /// What it hides over former boundaries.
    pub hidden_sums: Vec<Fact>,
    /// Counts of hidden cells that whoever prepares the next release knows still.
    pub counts: BTreeMap<Cell, u64>,
    /// Hidden cells of which that is not known any more, but that it was not what it is now.
    pub changed: Vec<Cell>,
}

impl Past {
    /// A told cell that is not the sum of its parts, which are all told.
    pub(super) fn that_does_not_add_up(&self, table: &Table) -> Option<Cell> {
        (0..table.len()).find(|&cell| {
            let Some(all) = self.said[cell].flatten() else {
                return false;
            };
            (0..table.dimensions().len()).any(|dimension| {
                let mut parts = table.children(cell, dimension).peekable();
                parts.peek().is_some()
                    && parts
                        .map(|part| self.said[part].flatten())
                        .sum::<Option<u64>>()
                        .is_some_and(|sum| sum != all)
            })
        })
    }

    pub(super) fn nothing(release: &Earlier, table: &Table) -> Self {
        Self {
            name: release.name.clone(),
            erased_since: release.erased_since,
            said: vec![None; table.len()],
            span: Span::nothing(table),
            rests: Vec::new(),
            sums: Vec::new(),
            hidden_sums: Vec::new(),
            counts: BTreeMap::new(),
            changed: Vec::new(),
        }
    }

    /// Keeps what is known of a hidden cell.
    pub(super) fn keep(&mut self, cell: Cell, was: Option<Hidden>, now: u64) {
        let Some(was) = was else { return };
        if let Some(count) = was.count {
            self.counts.insert(cell, count);
        } else if !(1..was.threshold).contains(&now) {
            self.changed.push(cell);
        }
    }
}
