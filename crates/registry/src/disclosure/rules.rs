//! The rules of the gate, and which cells they hide by themselves.

use super::table::{Cell, Table};

/// The least count that may be published, and the least width of an attacker's interval. A deployment can ask for more, never for less.
pub const FLOOR: u64 = 10;

/// The most that a deployment can ask for.
pub const CEILING: u64 = 100_000;

/// The rules of one release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    threshold: u64,
}

/// Rules that nobody may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The threshold is below the floor.
    #[error(
        "a threshold of {asked} is below the floor of {FLOOR}: it can be raised, never lowered. Counts of 1 to {most} stay hidden",
        most = FLOOR - 1
    )]
    BelowFloor {
        /// What was asked for.
        asked: u64,
    },
    /// The threshold is so high that nothing could be published.
    #[error("a threshold of {asked} is more than {CEILING}, the most that can be asked for")]
    AboveCeiling {
        /// What was asked for.
        asked: u64,
    },
}

impl Rules {
    /// Rules with a threshold of at least [`FLOOR`].
    pub fn new(threshold: u64) -> Result<Self, RulesError> {
        match threshold {
            ..FLOOR => Err(RulesError::BelowFloor { asked: threshold }),
            _ if threshold > CEILING => Err(RulesError::AboveCeiling { asked: threshold }),
            _ => Ok(Self { threshold }),
        }
    }

    /// Counts from 1 to before this one are hidden, and no hidden cell is known closer than this.
    pub fn threshold(self) -> u64 {
        self.threshold
    }

    /// Whether a count changed by too few: not at all, or by the threshold, is well. Of one that fell, these families who were erased since may
    /// have been in it or not.
    pub fn is_little(self, now: u64, was: u64, erased: u64) -> bool {
        let gone = if now < was { erased } else { 0 };
        (1..self.threshold + gone).contains(&now.abs_diff(was))
    }

    /// Whether a count is too small to be published.
    pub fn small(self, count: u64) -> bool {
        (1..self.threshold).contains(&count)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { threshold: FLOOR }
    }
}

/// Why a cell is hidden. **For whoever prepares a release, never for whoever reads it**: that a cell is hidden because it is small says
/// that it is from 1 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its count is 1 to before the threshold.
    Small,
    /// With it, a whole group would be seen to have given one and the same answer.
    Group,
    /// It changed since an earlier release by fewer than the threshold, or its change would show how another one did.
    Difference,
    /// Without it, a hidden one could be worked out.
    Complementary,
}

impl Reason {
    /// The word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Group => "group",
            Self::Difference => "difference",
            Self::Complementary => "complementary",
        }
    }
}

/// The cells that are too small.
pub fn small(table: &Table, rules: Rules) -> impl Iterator<Item = Cell> + '_ {
    (0..table.len()).filter(move |&cell| rules.small(table.values()[cell]))
}

/// A group of households that all gave one answer: a cell that equals one of the cells it is made of, while there are others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The cell of the whole group.
    pub group: Cell,
    /// The one part in which all of them are.
    pub all_in: Cell,
    /// The parts in which nobody is: if all of these are told, it is told that all are alike, even with the number hidden.
    pub nobody_in: Vec<Cell>,
}

/// All groups in which all are alike, among these cells and what each of them is made of along each breakdown.
pub fn alike(
    table: &Table,
    groups: impl Iterator<Item = Cell>,
    parts: impl Fn(Cell, usize) -> Vec<Cell>,
) -> Vec<Alike> {
    let mut found = Vec::new();
    for group in groups.filter(|&cell| table.values()[cell] > 0) {
        for dimension in 0..table.dimensions().len() {
            let (filled, nobody_in): (Vec<Cell>, Vec<Cell>) = parts(group, dimension)
                .into_iter()
                .partition(|&part| table.values()[part] > 0);
            if let ([all_in], false) = (&filled[..], nobody_in.is_empty()) {
                found.push(Alike {
                    group,
                    all_in: *all_in,
                    nobody_in,
                });
            }
        }
    }
    found
}

/// For every group of which all are alike, one of the empty cells beside it that has to be hidden so that it does not show. Few cells
/// serve many groups; one that is hidden anyway serves at no cost.
pub fn zeros_that_tell(
    groups: &[Alike],
    hidden: impl Fn(Cell) -> bool,
    told: impl Fn(Cell) -> bool,
) -> Vec<Cell> {
    let mut wanted: std::collections::HashMap<Cell, u32> = std::collections::HashMap::new();
    for cell in groups.iter().flat_map(|group| &group.nobody_in) {
        *wanted.entry(*cell).or_default() += 1;
    }
    let mut chosen = std::collections::BTreeSet::new();
    for group in groups {
        if group
            .nobody_in
            .iter()
            .any(|cell| hidden(*cell) || chosen.contains(cell))
        {
            continue;
        }
        let best = group
            .nobody_in
            .iter()
            .max_by_key(|&&cell| (!told(cell), wanted[&cell], std::cmp::Reverse(cell)));
        chosen.extend(best);
    }
    chosen.into_iter().collect()
}
