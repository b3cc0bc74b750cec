//! What was published before, as an attacker uses it against a table of now.

use std::collections::BTreeSet;

use super::areas::{Areas, with_absent};
use super::attack::{Joint, Knowledge};
use super::dimension::Dimension;
use super::earlier::{Earlier, EarlierCell, EarlierError, Hidden};
use super::fact::Fact;
use super::past::Past;
use super::rules::{Reason, Rules};
use super::span::Span;
use super::table::{Cell, Table};
use super::worked_out::{WorkedOut, worked_out};

/// What is known about a table from earlier releases and from elsewhere, cell by cell.
#[derive(Clone, Debug)]
pub struct History {
    /// Cells that were told and are unchanged: an attacker who believes that nothing happened there knows them.
    pub told: Vec<bool>,
    /// Cells that have to be hidden because they changed by too few.
    pub changed_little: Vec<bool>,
    /// Cells that were hidden and may be the same still.
    pub stay_hidden: Vec<bool>,
    /// What the latest release that has the cell said: nothing, hidden, or a value.
    pub latest: Vec<Option<Option<u64>>>,
    /// What every earlier release says, the oldest first.
    pub past: Vec<Past>,
    /// Sums that are no cell and that earlier releases told or let be worked out: known, since they are what they were.
    pub facts: Vec<Fact>,
    /// Those that changed by too few: like a hidden cell, they must not be known closer than the threshold.
    pub watched: Vec<Fact>,
    /// Cells of breakdowns that only earlier releases have: no part of this release, but the audit looks at them together.
    pub unpublished: Vec<bool>,
    /// Cells that this table has in common with others, and about which has been decided for all of them together: hidden for that reason, or
    /// published. For the audit of this table they are known either way; [`super::linked`] proves them wide in all tables at once.
    pub settled: Vec<Option<Option<Reason>>>,
    /// Cells that have to be hidden for the sake of another table.
    pub needed: Vec<bool>,
    /// Cells in which nobody can be (a family that moved this year has not stayed for five): everybody knows that they are zero.
    pub impossible: Vec<bool>,
    /// How the settled cells can change in all tables at once.
    pub joint: Option<Joint>,
}

impl History {
    /// Nothing was ever published.
    pub fn none(table: &Table) -> Self {
        Self {
            told: vec![false; table.len()],
            changed_little: vec![false; table.len()],
            stay_hidden: vec![false; table.len()],
            latest: vec![None; table.len()],
            past: Vec::new(),
            facts: Vec::new(),
            watched: Vec::new(),
            unpublished: vec![false; table.len()],
            settled: vec![None; table.len()],
            needed: vec![false; table.len()],
            impossible: vec![false; table.len()],
            joint: None,
        }
    }

    /// Whether an attacker knows a cell, whatever this release says.
    pub(super) fn is_known(&self, cell: Cell) -> bool {
        self.told[cell] || self.settled[cell].is_some() || self.impossible[cell]
    }

    /// What makes up a cell along a breakdown in this release: at the next level that it counts by.
    pub(super) fn published_parts(&self, table: &Table, cell: Cell, dimension: usize) -> Vec<Cell> {
        let mut parts = Vec::new();
        let mut open: Vec<Cell> = table.children(cell, dimension).collect();
        while let Some(part) = open.pop() {
            if self.unpublished[part] {
                open.extend(table.children(part, dimension));
            } else {
                parts.push(part);
            }
        }
        parts.reverse();
        parts
    }

    /// All that an attacker knows who knows these cells.
    pub(super) fn knowledge<'a>(
        &'a self,
        table: &'a Table,
        known: &'a [bool],
        exempt: &'a [bool],
    ) -> Knowledge<'a> {
        Knowledge {
            table,
            known,
            facts: &self.facts,
            watched: &self.watched,
            exempt,
            joint: self.joint.as_ref(),
        }
    }

    /// Which cells need no protection, although they are not published: counts that no release ever has, if they are neither small
    /// nor a small change.
    pub(super) fn exempt(&self, table: &Table, rules: Rules) -> Vec<bool> {
        (0..table.len())
            .map(|cell| {
                self.unpublished[cell]
                    && !rules.small(table.values()[cell])
                    && !self.stay_hidden[cell]
                    && !self.changed_little[cell]
            })
            .collect()
    }

    /// Looks whether the parts of each earlier release come to its sums.
    pub fn look_at_sums(&self, table: &Table) -> Result<(), EarlierError> {
        for past in &self.past {
            // The total stands for a sum that is no cell.
            let cell = past.that_does_not_add_up(table);
            if let Some(cell) = cell.or_else(|| (!past.span.fits).then_some(0)) {
                return Err(EarlierError::DoesNotAddUp {
                    release: past.name.clone(),
                    cell: table.name(cell),
                });
            }
        }
        Ok(())
    }

    /// What earlier releases, the oldest first, tell about a table of now.
    ///
    /// - A count that was published, or could be worked out of what was, and is the same now is **known**: an attacker may believe that nothing
    ///   changed there. So is the sum of what a group hid.
    /// - One that differs by fewer than the threshold, from any of the releases, **must be hidden**: the difference is that small group. If it is no cell,
    ///   it must not be possible to work it out.
    /// - A hidden cell **stays hidden** while it may be what it was: to publish it would tell that to whoever believes that nothing changed,
    ///   and with it what it hid.
    ///
    /// # Errors
    /// If a release tells families where nobody can be.
    pub fn of(table: &Table, rules: Rules, earlier: &[Earlier]) -> Result<Self, EarlierError> {
        let mut history = Self::none(table);
        let mut found = Vec::new();
        for release in earlier {
            found.extend(history.add(table, rules, &with_absent(table, release))?);
        }
        for cell in 0..table.len() {
            let unchanged = history.latest[cell] == Some(Some(table.values()[cell]));
            history.told[cell] = unchanged && !history.changed_little[cell];
            history.stay_hidden[cell] &= !history.told[cell];
        }
        history.look_at(table, rules, found);
        Ok(history)
    }

    /// Takes up a release. Answers with the sums that it tells or lets be worked out, and how many families were erased since.
    fn add(
        &mut self,
        table: &Table,
        rules: Rules,
        release: &Earlier,
    ) -> Result<Vec<(WorkedOut, u64)>, EarlierError> {
        let areas: Vec<Areas<'_>> = table
            .dimensions()
            .iter()
            .map(|dimension| Areas::new(dimension, release))
            .collect();
        let over = over(release, &areas)?;
        let mut sums = worked_out(release, table.dimensions(), &over);
        let mut hidden: Vec<(Cell, Option<Hidden>)> = Vec::new();
        let mut past = Past::nothing(release, table);
        past.rests = sums.iter().map(|rest| (rest.of.clone(), rest.sum)).collect();
        for (earlier, fact) in release.cells.iter().zip(&over) {
            let Some(fact) = fact else { continue };
            let nodes: Option<Vec<Vec<usize>>> = fact
                .leaves
                .iter()
                .zip(table.dimensions())
                .zip(&areas)
                .map(|((set, dimension), areas)| areas.nodes(dimension, set, &earlier.labels))
                .collect();
            if let Some(nodes) = nodes {
                for cell in table.cells(&nodes) {
                    if earlier.value.is_none() {
                        hidden.push((cell, earlier.was));
                        past.keep(cell, earlier.was, table.values()[cell]);
                    }
                    past.said[cell] = Some(earlier.value);
                    self.latest[cell] = Some(earlier.value);
                }
            } else if let Some(sum) = earlier.value {
                // Other boundaries than now.
                past.sums.push((fact.clone(), sum));
                sums.push(WorkedOut {
                    of: fact.clone(),
                    sum,
                    from: Vec::new(),
                });
            } else {
                past.hidden_sums.push(fact.clone());
            }
        }
        for (cell, was) in hidden {
            let may_be_told = match was {
                Some(was) => has_changed(table.values()[cell], was, rules, release.erased_since),
                None => self.is_far_above(table, rules, cell),
            };
            self.stay_hidden[cell] |= !may_be_told;
        }
        let told: Vec<Option<u64>> = past.said.iter().map(|said| said.flatten()).collect();
        past.span = Span::new(table, &told, &past.sums);
        for cell in 0..table.len() {
            if let Some(was) = past.span.sum_of(&[cell]) {
                self.changed_little[cell] |= rules.is_little(table.values()[cell], was, release.erased_since);
            }
        }
        self.past.push(past);
        Ok(sums.into_iter().map(|sum| (sum, release.erased_since)).collect())
    }

    /// Whether a cell of which nobody knows any more how it was hidden is now far above all that it can have been: at most what the smallest
    /// published cell that contains it says.
    fn is_far_above(&self, table: &Table, rules: Rules, cell: Cell) -> bool {
        let most = containing(table, cell)
            .into_iter()
            .filter_map(|above| self.latest[above].flatten())
            .min();
        most.is_some_and(|most| table.values()[cell] >= most.saturating_add(rules.threshold()))
    }

    /// What sums that could be worked out come to now: known where they are the same, and to be kept from being worked out where they differ by few.
    fn look_at(&mut self, table: &Table, rules: Rules, found: Vec<(WorkedOut, u64)>) {
        let (mut known, mut watched) = (BTreeSet::new(), BTreeSet::new());
        for (sum, erased) in found {
            let now = sum.of.sum(table);
            if rules.is_little(now, sum.sum, erased) {
                watched.insert(sum.of);
            } else if now == sum.sum {
                // Where all that it was worked out of is the same, the table of now says it as well.
                let is_told = |fact: &Fact| fact.same(table).iter().any(|&cell| self.told[cell]);
                if sum.from.is_empty() || !sum.from.iter().all(is_told) {
                    known.insert(sum.of);
                }
            }
        }
        // What is a cell is hidden as one.
        watched.retain(|sum| sum.same(table).is_empty());
        known.retain(|sum| !watched.contains(sum));
        self.facts.extend(known);
        self.watched.extend(watched);
    }
}

/// What each cell of a release goes over now; none if that is nowhere.
fn over(release: &Earlier, areas: &[Areas<'_>]) -> Result<Vec<Option<Fact>>, EarlierError> {
    let of = |cell: &EarlierCell| {
        let leaves = areas.iter().map(|areas| areas.leaves(&cell.labels));
        let Some(leaves) = leaves.collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        if leaves.iter().all(|leaves| !leaves.is_empty()) {
            return Ok(Some(Fact { leaves }));
        }
        if cell.value.is_some_and(|told| told > 0) {
            return Err(EarlierError::Crossed {
                release: release.name.clone(),
                cell: cell.labels.values().cloned().collect::<Vec<_>>().join(", "),
            });
        }
        Ok(None)
    };
    release.cells.iter().map(of).collect()
}

/// Whether a hidden cell is another one than it was, so that to publish it does not tell what it was: by the threshold at least. One that was
/// hidden for its small change alone is another one with any change; that it differs from all that was told of it is looked at besides.
fn has_changed(now: u64, was: Hidden, rules: Rules, erased: u64) -> bool {
    let (least, most) = match was.count {
        Some(count) => (count, count),
        None => (1, was.threshold.saturating_sub(1)),
    };
    let (apart, gone) = if now < least {
        (least - now, erased)
    } else {
        (now.saturating_sub(most), 0)
    };
    let needed = if was.reason == Reason::Difference {
        1
    } else {
        rules.threshold()
    };
    apart >= needed + gone
}

/// All cells that contain a cell, itself left out.
fn containing(table: &Table, cell: Cell) -> Vec<Cell> {
    let up = |(number, dimension): (usize, &Dimension)| dimension.upwards(table.node(cell, number)).collect();
    let nodes: Vec<Vec<usize>> = table.dimensions().iter().enumerate().map(up).collect();
    let mut found = table.cells(&nodes);
    found.retain(|&other| other != cell);
    found
}
