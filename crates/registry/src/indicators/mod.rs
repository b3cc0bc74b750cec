//! Indicators: what is told about families, over whom and by what, declared in files and counted from their states.
//!
//! ```text
//! families_by_area.toml ─► Indicator::read ─► IndicatorSet::new ─► count(state by state) ─► tables ─► the gate (disclosure)
//!                          (all mistakes of a file)  (of all files together)
//! ```
//!
//! A family counts **once** in a table, so that a count is a number of families and nothing else. What is not known is a category of its own.
//! Counted are families who have not taken their consent back, whose record does not go on in another one, and who are not hidden.

mod breakdown;
mod count;
mod facts;
mod read;
mod set;
mod shares;

pub use breakdown::{Breakdown, EARLIER, ELSEWHERE, GONE, Places, STAY, Source, THERE, UNKNOWN};
pub use count::{Count, Counted, Place, counts};
pub use facts::{Answers, KnownFact, Vocabulary};
pub use read::{MAX_INDICATOR_BYTES, Mistake};
pub use set::{BUILT_IN, IndicatorSet, SetMistake};
pub use shares::{median, shares};

use jiff::civil::Date;

/// A text for people in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

/// Which families a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Population {
    /// All that are recorded.
    Recorded,
    /// Those who have moved to a site.
    Moved,
}

impl Population {
    /// The word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Moved => "moved",
        }
    }
}

/// The days between which families came into the population: were first recorded, or moved. Both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// A share: families in some categories, among those in some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its name: `share_at_12_months`.
    pub name: String,
    /// The column whose categories are meant.
    pub column: String,
    /// The categories that count.
    pub of: Vec<String>,
    /// Those among which they count; `of` is within them.
    pub among: Vec<String>,
    /// A breakdown of years: the share is told for a year only, and only once so many months are over for everybody of that year.
    pub after: Option<After>,
}

/// Months that have to be over since a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The column with the years.
    pub column: String,
    /// Months after its last day.
    pub months: i32,
}

/// The middle of the families' answers to one question of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Median {
    /// The fact.
    pub fact: String,
    /// Its unit.
    pub unit: String,
    /// It is told in multiples of this.
    pub step: u32,
}

/// One declared table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Its name: small letters, digits and `_`. The layer that it becomes has this name.
    pub id: String,
    /// What it is called.
    pub title: Said,
    /// What it says and does not say.
    pub about: Said,
    /// Whom it counts.
    pub population: Population,
    /// Between which days they came into the population.
    pub period: Period,
    /// By what; the first one is what tables of the same families have in common.
    pub by: Vec<Breakdown>,
    /// Shares that are told beside the counts.
    pub shares: Vec<Share>,
    /// A median that is told beside the counts.
    pub median: Option<Median>,
}

impl Indicator {
    /// The columns of its breakdowns, each coarse first.
    pub fn columns(&self) -> Vec<Vec<String>> {
        self.by.iter().map(|one| one.columns.clone()).collect()
    }
}
