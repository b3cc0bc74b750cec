//! From a table of counts to what can be published of it: the whole way through the gate.

use std::collections::BTreeSet;

use super::earlier::{
    Earlier, EarlierError, Hidden, further_columns, look_for_missing, look_for_taken_apart, vanished,
};
use super::history::History;
use super::protect::{Audit, Refusal, protect};
use super::read::{TableError, TableFile};
use super::rules::{Reason, Rules};
use super::table::{Cell, Table};

/// For each breakdown and each of its columns, whether it is published; the others are there for the audit only.
type Levels = Vec<Vec<bool>>;

/// A release as it was prepared, with the reasons, which are not for its readers.
#[derive(Clone, Debug)]
pub struct Release {
    table: Table,
    published: Levels,
    reasons: Vec<Option<Reason>>,
    cells: Vec<Cell>,
    threshold: u64,
    /// What the attacker can find out.
    pub audit: Audit,
    /// So many cells have to be hidden at least, whatever the method.
    pub at_least_hidden: usize,
}

/// One cell of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseCell<'a> {
    /// Column and category, "total" for sums.
    pub labels: Vec<(&'a str, &'a str)>,
    /// The count; none: hidden.
    pub value: Option<u64>,
    /// Why it is hidden; for whoever prepares the release.
    pub reason: Option<Reason>,
    /// The count of a hidden cell, unless it is one that is too small; for whoever prepares the next release.
    pub then: Option<u64>,
}

/// Why there is no release.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReleaseError {
    /// The file is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// An earlier release cannot be set against it.
    #[error(transparent)]
    Earlier(#[from] EarlierError),
    /// Some cells tell.
    #[error("refused: {why}: {names}")]
    Telling {
        /// What is wrong with them.
        why: String,
        /// The cells, the first [`MAX_NAMED`] of them.
        names: String,
        /// The coarsest categories of the first breakdown that they are in; none for those that go over all.
        places: BTreeSet<Option<String>>,
    },
    /// It cannot be audited.
    #[error("refused: {0}")]
    NoAudit(String),
    /// Nothing would be left.
    #[error("refused: everything would be hidden. {advice}")]
    NothingLeft {
        /// What to leave out.
        advice: String,
    },
}

/// Cells that are named one by one; the rest is counted.
pub const MAX_NAMED: usize = 20;

impl Release {
    /// Prepares a release of a table, against all earlier ones, the oldest first.
    #[expect(
        clippy::result_large_err,
        reason = "made once a release: its size costs nothing"
    )]
    pub fn prepare(file: &TableFile, rules: Rules, earlier: &[Earlier]) -> Result<Self, ReleaseError> {
        let draft = Draft::new(file, rules, earlier)?;
        draft.finish(rules)
    }

    /// All its cells: every combination of categories and totals.
    pub fn cells(&self) -> impl Iterator<Item = ReleaseCell<'_>> {
        self.cells.iter().map(|&cell| {
            let reason = self.reasons[cell];
            let count = self.table.values()[cell];
            ReleaseCell {
                labels: (0..self.published.len())
                    .flat_map(|dimension| {
                        let tree = &self.table.dimensions()[dimension];
                        let labels = tree.labels(self.table.node(cell, dimension));
                        let published = labels.zip(&self.published[dimension]);
                        published.filter(|(_, is)| **is).map(|(label, _)| label)
                    })
                    .collect(),
                value: reason.is_none().then_some(count),
                reason,
                then: (reason.is_some() && !(1..self.threshold).contains(&count)).then_some(count),
            }
        })
    }

    /// The same as an earlier release for the next one: what is published of it.
    pub fn as_earlier(&self, name: impl Into<String>) -> Earlier {
        Earlier {
            name: name.into(),
            erased_since: 0,
            cells: self
                .cells()
                .map(|cell| super::earlier::EarlierCell {
                    labels: cell
                        .labels
                        .iter()
                        .map(|(column, name)| ((*column).to_owned(), (*name).to_owned()))
                        .collect(),
                    value: cell.value,
                    was: cell.reason.map(|reason| Hidden {
                        reason,
                        count: cell.then,
                        threshold: self.threshold,
                    }),
                })
                .collect(),
        }
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether it has none; it never has none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// How many of them are hidden, and for which reason.
    pub fn hidden_for(&self, reason: Reason) -> usize {
        self.cells
            .iter()
            .filter(|&&cell| self.reasons[cell] == Some(reason))
            .count()
    }

    /// How many of them are hidden.
    pub fn hidden(&self) -> usize {
        self.cells
            .iter()
            .filter(|&&cell| self.reasons[cell].is_some())
            .count()
    }

    /// Which share of them is hidden, 0 to 1.
    pub fn share_hidden(&self) -> f64 {
        self.hidden() as f64 / self.len() as f64
    }

    /// The cell that an attacker comes closest to, in words.
    pub fn narrowest_name(&self) -> Option<String> {
        self.audit.narrowest_cell.map(|cell| self.table.name(cell))
    }
}

/// A table on its way through the gate, with all that is known from before.
#[derive(Clone)]
pub(super) struct Draft {
    pub table: Table,
    pub history: History,
    published: Levels,
}

impl Draft {
    #[expect(
        clippy::result_large_err,
        reason = "made once a release: its size costs nothing"
    )]
    pub fn new(file: &TableFile, rules: Rules, earlier: &[Earlier]) -> Result<Self, ReleaseError> {
        let further = further_columns(file, earlier)?;
        look_for_missing(earlier)?;
        let crossed = |one: &str, other: &str| earlier.iter().any(|release| release.crosses(one, other));
        let inside =
            |fine: &str, coarse: &str| earlier.iter().any(|release| release.has_inside(fine, coarse));
        let (by, across) = file.with_further(&further, crossed, inside);
        look_for_taken_apart(&by, &across, earlier)?;
        let gone = vanished(
            &by,
            &across,
            &file.paths(&by),
            |column, name| file.has(column, name),
            earlier,
        );
        let table = file.table_with_across(&by, &across, &gone)?;
        let published: Levels = by
            .iter()
            .map(|columns| columns.iter().map(|column| !further.contains(column)).collect())
            .collect();
        let mut history = History::of(&table, rules, earlier)?;
        history.look_at_sums(&table)?;
        for cell in 0..table.len() {
            history.unpublished[cell] = !is_published(&table, &published, cell);
        }
        Ok(Self {
            table,
            history,
            published,
        })
    }

    #[expect(
        clippy::result_large_err,
        reason = "made once a release: its size costs nothing"
    )]
    pub fn finish(self, rules: Rules) -> Result<Release, ReleaseError> {
        let Self {
            table,
            history,
            published,
        } = self;
        let protected = protect(&table, rules, &history).map_err(|refusal| told(&table, refusal))?;
        let cells: Vec<Cell> = (0..table.len())
            .filter(|&cell| is_published(&table, &published, cell))
            .collect();
        // Zeros of empty places are no use on their own.
        let mut with_somebody = cells.iter().filter(|&&cell| table.values()[cell] > 0);
        if with_somebody.all(|&cell| protected.reasons[cell].is_some()) {
            let changed = cells
                .iter()
                .filter(|&&cell| protected.reasons[cell] == Some(Reason::Difference));
            let advice = if 2 * changed.count() > cells.len() {
                "Too little has changed since an earlier release: that one stands, and a new one would tell who came and who left. Wait until more has changed."
                    .to_owned()
            } else {
                advice(&table, &published, rules)
            };
            return Err(ReleaseError::NothingLeft { advice });
        }
        Ok(Release {
            table,
            published,
            reasons: protected.reasons,
            cells,
            threshold: rules.threshold(),
            audit: protected.audit,
            at_least_hidden: protected.at_least_hidden,
        })
    }
}

/// Whether a cell is none of a column that is there for the audit only.
fn is_published(table: &Table, published: &Levels, cell: Cell) -> bool {
    (0..published.len()).all(|dimension| {
        let depth = table.dimensions()[dimension].nodes()[table.node(cell, dimension)]
            .path
            .len();
        depth == 0 || published[dimension][depth - 1]
    })
}

fn told(table: &Table, refusal: Refusal) -> ReleaseError {
    let why = refusal.to_string();
    match refusal {
        Refusal::Telling { cells } | Refusal::TellingOfBefore { cells } | Refusal::ToldBefore { cells } => {
            let mut names: Vec<String> = cells
                .iter()
                .take(MAX_NAMED)
                .map(|&cell| format!("({})", table.name(cell)))
                .collect();
            if cells.len() > MAX_NAMED {
                names.push(format!("and {} more", cells.len() - MAX_NAMED));
            }
            let place = |cell: &Cell| {
                let node = &table.dimensions()[0].nodes()[table.node(*cell, 0)];
                node.path.first().cloned()
            };
            ReleaseError::Telling {
                why,
                names: names.join(", "),
                places: cells.iter().map(place).collect(),
            }
        }
        Refusal::Attack(error) => ReleaseError::NoAudit(error.to_string()),
    }
}

/// Which column to leave out: the one without which the fewest cells are too small.
fn advice(table: &Table, published: &Levels, rules: Rules) -> String {
    let mut best: Option<(f64, &str)> = None;
    let columns = published.iter().flatten().filter(|is| **is).count();
    for (dimension, levels) in published.iter().enumerate() {
        let tree = &table.dimensions()[dimension];
        let Some(finest) = levels.iter().rposition(|is| *is).filter(|_| columns > 1) else {
            continue;
        };
        let (mut small, mut all) = (0_u64, 0_u64);
        for cell in (0..table.len()).filter(|&cell| is_published(table, published, cell)) {
            if tree.nodes()[table.node(cell, dimension)].path.len() <= finest {
                all += 1;
                small += u64::from(rules.small(table.values()[cell]));
            }
        }
        let share = small as f64 / all as f64;
        if best.is_none_or(|(least, _)| share < least) {
            best = Some((share, &tree.columns()[finest]));
        }
    }
    match best {
        Some((_, column)) if table.values()[0] >= rules.threshold() => {
            format!("Leave out {column}: without it the fewest counts are too small.")
        }
        _ => "There are too few to tell anything about them: use coarser categories, or wait until more are counted."
            .to_owned(),
    }
}
