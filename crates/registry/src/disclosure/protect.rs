//! Which cells are hidden: the rules, then as many more as it takes until the attacker finds nothing.

mod audit;
mod differences;
mod over_time;

use std::cell::Cell as Counter;

use audit::audit_from;
pub use audit::{Audit, audit};

use super::attack::{BLOCK, Effort, narrow};
use super::history::History;
use super::moves::{Costs, cheapest, cheapest_of_sum};
use super::programme::{ALL_WORK, AttackError, Proved};
use super::rules::{Reason, Rules, alike, small, zeros_that_tell};
use super::table::{Cell, Table};

/// A table that can be published.
#[derive(Clone, Debug, PartialEq)]
pub struct Protected {
    /// Why each cell is hidden; none: its count is published.
    pub reasons: Vec<Option<Reason>>,
    /// What the attacker can find out.
    pub audit: Audit,
    /// So many cells at least have to be hidden, whatever the method: the gap to what is hidden is the most that could be saved.
    pub at_least_hidden: usize,
}

impl Protected {
    /// How many cells are hidden.
    pub fn hidden(&self) -> usize {
        self.reasons.iter().flatten().count()
    }

    /// Which share of the cells is hidden, 0 to 1.
    pub fn share_hidden(&self) -> f64 {
        self.hidden() as f64 / self.reasons.len() as f64
    }
}

/// Why a table cannot be published.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// These cells tell, whatever else was hidden.
    #[error(
        "no way was found to hide these cells so that they cannot be worked out. Use fewer breakdowns or coarser categories, or wait until more has changed since the last release. The cells"
    )]
    Telling {
        /// The cells.
        cells: Vec<Cell>,
    },
    /// Of what an earlier release hid, this would tell, whatever else was hidden.
    #[error(
        "together with this table, these cells that an earlier release hides could be worked out. Use fewer breakdowns or coarser categories, or wait until more has changed. The cells"
    )]
    TellingOfBefore {
        /// The cells.
        cells: Vec<Cell>,
    },
    /// An earlier release told these, under a lower threshold, and they are unchanged.
    #[error("an earlier release told these counts, which are unchanged and below the threshold of now")]
    ToldBefore {
        /// The cells.
        cells: Vec<Cell>,
    },
    /// The attack cannot be carried out.
    #[error(transparent)]
    Attack(#[from] AttackError),
}

/// Hides what has to be hidden.
pub fn protect(table: &Table, rules: Rules, history: &History) -> Result<Protected, Refusal> {
    let mut work = Work::new(table, rules, history)?;
    work.hide_until_safe()?;
    work.publish_what_need_not_be_hidden()?;
    work.hide_over_time()?;
    let audit = work.audit()?;
    let at_least_hidden = work.at_least_hidden();
    Ok(Protected {
        reasons: work.reasons,
        audit,
        at_least_hidden,
    })
}

struct Work<'a> {
    table: &'a Table,
    rules: Rules,
    history: History,
    reasons: Vec<Option<Reason>>,
    weights: Vec<u32>,
    proved: Proved,
    exempt: Vec<bool>,
    /// The work done so far, in multiplications.
    work: u64,
}

impl<'a> Work<'a> {
    /// The cells that the rules hide by themselves.
    fn new(table: &'a Table, rules: Rules, history: &History) -> Result<Self, Refusal> {
        let mut history = history.clone();
        let mut reasons: Vec<Option<Reason>> = vec![None; table.len()];
        for cell in small(table, rules).filter(|&cell| !history.unpublished[cell]) {
            reasons[cell] = Some(Reason::Small);
        }
        let told: Vec<Cell> = (0..table.len())
            .filter(|&cell| reasons[cell].is_some() && history.told[cell] && history.settled[cell].is_none())
            .collect();
        if !told.is_empty() {
            return Err(Refusal::ToldBefore { cells: told });
        }
        let published = (0..table.len()).filter(|&cell| !history.unpublished[cell]);
        let mut groups = alike(table, published, |cell, dimension| {
            history.published_parts(table, cell, dimension)
        });
        groups.retain_mut(|one| {
            one.nobody_in
                .retain(|&cell| !history.impossible[cell] && history.settled[cell].is_none());
            // Where nobody could be elsewhere, that all are here tells nothing.
            !one.nobody_in.is_empty()
        });
        for group in &groups {
            if !history.told[group.all_in] {
                reasons[group.all_in].get_or_insert(Reason::Group);
            }
        }
        for cell in (0..table.len()).filter(|&cell| !history.unpublished[cell]) {
            if history.changed_little[cell] {
                reasons[cell].get_or_insert(Reason::Difference);
            } else if (history.stay_hidden[cell] || history.needed[cell]) && !history.told[cell] {
                reasons[cell].get_or_insert(Reason::Complementary);
            }
        }
        for (cell, reason) in reasons.iter_mut().enumerate().take(table.len()) {
            if let Some(settled) = history.settled[cell] {
                *reason = settled;
            } else if history.impossible[cell] {
                *reason = None;
            }
        }
        let zeros = zeros_that_tell(&groups, |cell| reasons[cell].is_some(), |cell| history.told[cell]);
        for cell in zeros {
            // That nobody was there before does not say that nobody is there now that a group has come; nor in any part of it.
            for inside in table.inside(cell) {
                history.told[inside] = false;
            }
            reasons[cell] = Some(Reason::Group);
        }
        Ok(Self {
            weights: weights(table),
            proved: Proved::nothing(table, &history.watched),
            exempt: history.exempt(table, rules),
            work: 0,
            table,
            rules,
            history,
            reasons,
        })
    }

    fn hidden(&self) -> Vec<bool> {
        (0..self.table.len())
            .map(|cell| {
                self.reasons[cell].is_some()
                    || (self.history.unpublished[cell] && !self.history.is_known(cell))
            })
            .collect()
    }

    /// Which cells an attacker knows.
    fn known(&self) -> Vec<bool> {
        let hidden = self.hidden();
        (0..hidden.len())
            .map(|cell| !hidden[cell] || self.history.settled[cell].is_some())
            .collect()
    }

    /// Counts work; an error once that is more than is allowed for one table.
    fn spend(&mut self, work: u64) -> Result<(), Refusal> {
        self.work += work;
        if self.work > WORK {
            return Err(AttackError::TooMuchWork.into());
        }
        Ok(())
    }

    fn can_be_hidden(&self, cell: Cell) -> bool {
        self.reasons[cell].is_none() && !self.history.is_known(cell) && !self.history.unpublished[cell]
    }

    fn hide_until_safe(&mut self) -> Result<(), Refusal> {
        loop {
            let narrow = self.narrow(Effort::Quick)?;
            if narrow.is_empty() {
                if !self.hide_differences()? {
                    return Ok(());
                }
            } else if !self.widen(narrow)? {
                // No single move helps any of them; several together may.
                let narrow = self.narrow(Effort::Thorough)?;
                let (cells, sums): (Vec<usize>, Vec<usize>) =
                    narrow.into_iter().partition(|&target| target < self.table.len());
                if !cells.is_empty() {
                    self.hide_around(&cells)?;
                } else if !sums.is_empty() {
                    self.hide_of_sums(&sums)?;
                }
            }
        }
    }

    /// The hidden cells, and with the numbers after the last cell the watched sums, that the attacker comes too close to.
    fn narrow(&mut self, effort: Effort) -> Result<Vec<usize>, Refusal> {
        let known = self.known();
        let knowledge = self.history.knowledge(self.table, &known, &self.exempt);
        let (narrow, work) = narrow(&knowledge, self.rules.threshold(), &mut self.proved, effort)?;
        self.spend(work)?;
        Ok(narrow)
    }

    /// Whether these are many more cells than can be looked at one by one, each with all that the ones before have brought.
    fn is_large(&self) -> bool {
        let hidden_leaves = (0..self.table.len())
            .filter(|&cell| self.reasons[cell].is_some() && self.table.is_leaf(cell))
            .count();
        hidden_leaves > BLOCK
    }

    /// Hides more, so that these cells have room. Answers whether a move was found for any.
    fn widen(&mut self, mut narrow: Vec<usize>) -> Result<bool, Refusal> {
        let (table, need) = (self.table, self.rules.threshold());
        // Coarse ones first: what is hidden for them serves the fine ones. Sums last.
        narrow.sort_by_key(|&target| {
            let levels = (target < table.len()).then(|| table.levels_above_leaf(target));
            (
                std::cmp::Reverse(levels),
                self.proved.width(target).floor() as i64,
                target,
            )
        });
        let at_once = if self.is_large() { narrow.len() } else { 1 };
        let mut hidden: Vec<bool> = self.known().iter().map(|known| !known).collect();
        let fixed: Vec<bool> = (0..self.table.len())
            .map(|cell| self.history.is_known(cell))
            .collect();
        let (mut widened, work) = (0, Counter::new(0));
        for &cell in &narrow {
            if widened >= at_once || work.get() > WORK {
                break;
            }
            if self.proved.width(cell) >= self.rules.threshold() as f64 {
                continue;
            }
            let costs = Costs {
                hidden: &hidden,
                told: &fixed,
                weights: &self.weights,
                facts: &self.history.facts,
                changes: None,
                joint: self.history.joint.as_ref(),
                work: &work,
            };
            let found = match cell.checked_sub(table.len()) {
                Some(sum) => cheapest_of_sum(table, &costs, &self.history.watched[sum], need),
                None => cheapest(table, &costs, cell, need),
            };
            let Some(found) = found else { continue };
            widened += 1;
            for &(cell, _) in &found.cells {
                if !hidden[cell] && !fixed[cell] && !self.history.unpublished[cell] {
                    hidden[cell] = true;
                    self.reasons[cell] = Some(Reason::Complementary);
                }
            }
            self.proved.note_move(self.table, &self.history.watched, &found);
        }
        self.spend(work.get())?;
        Ok(widened > 0)
    }

    /// The last resort: whatever adds to or makes up a cell that no move protects. In a large table for each of them, else for the first.
    fn hide_around(&mut self, narrow: &[Cell]) -> Result<(), Refusal> {
        let at_once = if self.is_large() { narrow.len() } else { 1 };
        let mut hidden = 0;
        for &cell in narrow {
            if hidden == at_once {
                break;
            }
            if let Some(other) = self.cheapest_around(cell) {
                self.reasons[other] = Some(Reason::Complementary);
                hidden += 1;
            }
        }
        if hidden > 0 {
            return Ok(());
        }
        let any = (0..self.table.len()).find(|&cell| self.can_be_hidden(cell));
        let Some(cell) = any else {
            return Err(Refusal::Telling {
                cells: narrow.to_vec(),
            });
        };
        self.reasons[cell] = Some(Reason::Complementary);
        Ok(())
    }

    /// Of the cells that make up a cell, add up to one with it, or are the sum, the one that costs least to hide.
    fn cheapest_around(&self, cell: Cell) -> Option<Cell> {
        let table = self.table;
        let around = (0..table.dimensions().len()).flat_map(|dimension| {
            let parent = table.parent(cell, dimension);
            let siblings = parent
                .into_iter()
                .flat_map(move |parent| table.children(parent, dimension));
            siblings.chain(parent).chain(table.children(cell, dimension))
        });
        let hideable = around.filter(|&other| self.can_be_hidden(other));
        hideable.min_by_key(|&other| self.weights[other])
    }

    /// Complementary cells that were needed once and are not any more, the dearest first.
    fn publish_what_need_not_be_hidden(&mut self) -> Result<(), Refusal> {
        let mut candidates: Vec<Cell> = (0..self.table.len())
            .filter(|&cell| {
                self.reasons[cell] == Some(Reason::Complementary)
                    && !self.history.stay_hidden[cell]
                    && !self.history.needed[cell]
                    && self.history.settled[cell].is_none()
            })
            .collect();
        candidates.sort_by_key(|&cell| (std::cmp::Reverse(self.weights[cell]), cell));
        let hidden = self.hidden();
        let hidden_leaves = (0..self.table.len())
            .filter(|&cell| hidden[cell] && self.table.is_leaf(cell))
            .count();
        if hidden_leaves > BLOCK {
            // Every try is a whole audit: in a large table too few could be made to matter.
            return Ok(());
        }
        let mut work = 0_u64;
        for cell in candidates {
            if work > CLEANING {
                break;
            }
            let reason = self.reasons[cell].take();
            let known = self.known();
            let knowledge = self.history.knowledge(self.table, &known, &self.exempt);
            let mut proved = Proved::nothing(self.table, &self.history.watched);
            let (telling, attack) =
                narrow(&knowledge, self.rules.threshold(), &mut proved, Effort::FirstOnly)?;
            work += attack + 2000 * self.table.len() as u64;
            if telling.is_empty() {
                self.proved = proved;
            } else {
                self.reasons[cell] = reason;
            }
        }
        // To publish more may bring back a difference.
        self.hide_until_safe()
    }

    fn audit(&mut self) -> Result<Audit, Refusal> {
        let hidden: Vec<bool> = self.reasons.iter().map(Option::is_some).collect();
        let known = self.known();
        let knowledge = self.history.knowledge(self.table, &known, &self.exempt);
        let audit = audit_from(&knowledge, &hidden, self.rules, &self.history, &mut self.proved)?
            .map_err(|cells| Refusal::Telling { cells })?;
        Ok(audit.with(self.over_time(None)?.narrowest))
    }

    /// All that the rules hide, and one more in every row that has only one of them; rows that share no cell.
    fn at_least_hidden(&self) -> usize {
        let forced = |cell: Cell| {
            self.reasons[cell].is_some_and(|reason| reason != Reason::Complementary)
                || self.history.stay_hidden[cell]
                || self.history.needed[cell]
                || self.history.settled[cell].flatten().is_some()
        };
        let mut used = vec![false; self.table.len()];
        let mut least = (0..self.table.len())
            .filter(|&cell| self.reasons[cell].is_some() && forced(cell))
            .count();
        for group in 0..self.table.len() {
            for dimension in 0..self.table.dimensions().len() {
                let row: Vec<Cell> = std::iter::once(group)
                    .chain(self.table.children(group, dimension))
                    .collect();
                if row.len() > 1
                    && row.iter().all(|&cell| !self.history.unpublished[cell])
                    && row.iter().filter(|&&cell| forced(cell)).count() == 1
                    && row.iter().all(|&cell| !used[cell] || forced(cell))
                {
                    least += 1;
                    for cell in row {
                        used[cell] = true;
                    }
                }
            }
        }
        least
    }
}

/// The work that is allowed for one table, in multiplications: half a minute.
const WORK: u64 = ALL_WORK;

/// The work that goes into publishing more of what is hidden, in multiplications: some seconds.
const CLEANING: u64 = 6_000_000_000;

/// What it costs a reader not to have a cell: one more cell first of all, a total more than a part, a large count more than a small one.
pub(super) fn weights(table: &Table) -> Vec<u32> {
    (0..table.len())
        .map(|cell| {
            let value = table.values()[cell];
            let levels = table.levels_above_leaf(cell) as u32;
            if value == 0 {
                6 + 12 * levels
            } else {
                8 + value.ilog2() + 12 * levels
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::dimension::Dimension;

    /// A table on which more work was done than is allowed is refused, never published half-protected.
    #[test]
    fn work_without_end_is_ended() {
        let sites = (0..3).map(|site| vec![format!("site {site}")]);
        let sites = Dimension::new(vec!["site".to_owned()], sites).expect("made well");
        let table = Table::new(vec![sites], (0..3).map(|site| (vec![site], 20))).expect("made well");
        let mut work = Work::new(&table, Rules::default(), &History::none(&table)).expect("nothing tells");
        assert_eq!(work.spend(WORK), Ok(()));
        assert_eq!(work.spend(1), Err(Refusal::Attack(AttackError::TooMuchWork)));
    }
}
