//! A release: the tables of a set of indicators, counted on one day, protected together and against all releases before.

mod quiet;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::disclosure::dimension::is_total;
use crate::disclosure::earlier::{Earlier, EarlierCell, Hidden};
use crate::disclosure::linked::{self, Linked, LinkedError};
use crate::disclosure::release::Release;
use crate::disclosure::rules::{Reason, Rules};
use crate::indicators::{self, Counted, Indicator, IndicatorSet, Population};

use self::quiet::Quiet;

/// What a release says, as it is kept: with the reasons, which are not for its readers ([`ReleaseSet::public`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReleaseSet {
    /// The day on which families were counted.
    pub day: Date,
    /// The least count that is told.
    pub threshold: u64,
    /// Families among them were made up, so that nothing in it is real.
    #[serde(default)]
    pub illustrative: bool,
    /// The tables.
    pub tables: Vec<ReleasedTable>,
    /// Tables that were asked for and cannot be told; not for readers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A table that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The indicator.
    pub id: String,
    /// Why, and what can be done, as a sentence.
    pub why: String,
}

/// One table of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReleasedTable {
    /// The indicator.
    pub id: String,
    /// What it is called, in English and Khmer.
    pub title: [String; 2],
    /// What it says and does not say, in English and Khmer.
    pub about: [String; 2],
    /// Whom it counts: `recorded` or `moved`.
    pub over: String,
    /// The columns of its breakdowns, each coarse first.
    pub by: Vec<Vec<String>>,
    /// Names of its shares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<String>,
    /// What its median is of, and the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<[String; 2]>,
    /// Its cells, in order.
    pub cells: Vec<ReleasedCell>,
    /// What an attacker can find out; not for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<TableAudit>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReleasedCell {
    /// A name for each column, "total" for sums.
    pub names: Vec<String>,
    /// How many families; none: hidden.
    pub families: Option<u64>,
    /// Why it is hidden; not for readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Why>,
    /// How many families a hidden cell has, unless they are fewer than the threshold; not for readers. The next release is looked at with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<u64>,
    /// Shares, from 0 to 1, for the names in [`ReleasedTable::shares`]; none where a count that it needs is hidden. Empty where the cell has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Option<f64>>,
    /// The median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// How many families there were when the median was told first, and the day: it is kept while few have come or gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_of: Option<(u64, Date)>,
}

/// Why a cell is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its count is 1 to before the threshold.
    Small,
    /// A whole group would be seen to be alike.
    Group,
    /// It changed by too few.
    Difference,
    /// Without it a hidden one could be worked out.
    Complementary,
}

impl Why {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Small, Self::Group, Self::Difference, Self::Complementary];

    /// A sentence's part for whoever prepares.
    pub fn words(self) -> &'static str {
        match self {
            Self::Small => "too few families",
            Self::Group => "a whole group would be seen to be alike",
            Self::Difference => "changed by too few since an earlier release",
            Self::Complementary => "otherwise a hidden one could be worked out",
        }
    }
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Small => Self::Small,
            Why::Group => Self::Group,
            Why::Difference => Self::Difference,
            Why::Complementary => Self::Complementary,
        }
    }
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Small => Self::Small,
            Reason::Group => Self::Group,
            Reason::Difference => Self::Difference,
            Reason::Complementary => Self::Complementary,
        }
    }
}

/// What an attacker can find out about a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableAudit {
    /// The width of the narrowest interval of a hidden cell; none if none has an upper bound or nothing is hidden.
    pub narrowest: Option<f64>,
    /// Whether that is the very width; if not, no interval is narrower.
    pub narrowest_is_exact: bool,
    /// So many cells have to be hidden at least, whatever the method.
    pub at_least_hidden: usize,
}

impl ReleasedTable {
    /// Whether it says the same as another one, whatever they are called.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let renamed = Self {
            title: other.title.clone(),
            about: other.about.clone(),
            ..self.clone()
        };
        renamed == *other
    }

    /// How many cells are hidden.
    pub fn hidden(&self) -> usize {
        self.cells.iter().filter(|cell| cell.families.is_none()).count()
    }

    /// How many are hidden for a reason.
    pub fn hidden_for(&self, why: Why) -> usize {
        self.cells.iter().filter(|cell| cell.reason == Some(why)).count()
    }

    /// How many cells say something or are hidden: those told as 0 cost nothing, and there can be any number of them.
    pub fn not_zero(&self) -> usize {
        self.cells.iter().filter(|cell| cell.families != Some(0)).count()
    }

    /// Which share of the cells that are not told as 0 is hidden, 0 to 1.
    pub fn share_hidden(&self) -> f64 {
        self.hidden() as f64 / self.not_zero().max(1) as f64
    }

    /// The columns, in order.
    pub fn columns(&self) -> Vec<&str> {
        self.by.iter().flatten().map(String::as_str).collect()
    }

    fn as_earlier(&self, name: &str, threshold: u64, erased_since: u64) -> Earlier {
        let columns = self.columns();
        let cells = self.cells.iter().map(|cell| EarlierCell {
            labels: columns
                .iter()
                .zip(&cell.names)
                .map(|(column, name)| ((*column).to_owned(), name.clone()))
                .collect(),
            value: cell.families,
            was: cell.reason.map(|why| Hidden {
                reason: why.into(),
                count: cell.then,
                threshold,
            }),
        });
        Earlier {
            name: name.to_owned(),
            cells: cells.collect(),
            erased_since,
        }
    }
}

impl ReleaseSet {
    /// What its readers get: without reasons, and without what the audit found.
    #[must_use]
    pub fn public(&self) -> Self {
        let mut public = self.clone();
        public.left_out = Vec::new();
        for table in &mut public.tables {
            table.audit = None;
            table.cells.iter_mut().for_each(|cell| cell.reason = None);
        }
        public.without_counts()
    }

    /// What those see who prepare it: with reasons, without the counts of hidden cells.
    #[must_use]
    pub fn without_counts(mut self) -> Self {
        let cells = self.tables.iter_mut().flat_map(|table| &mut table.cells);
        cells.for_each(|cell| cell.then = None);
        self
    }

    /// Some of its tables, by their ids; none named: all.
    #[must_use]
    pub fn only(mut self, ids: &[&str]) -> Self {
        let asked = |id: &str| ids.is_empty() || ids.contains(&id);
        self.tables.retain(|table| asked(&table.id));
        self.left_out.retain(|out| asked(&out.id));
        self
    }

    /// Why its tables cannot be told, those with one reason together: `school, work: why.` Empty where all can be.
    pub fn why_left_out(&self) -> String {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for out in &self.left_out {
            match reasons.iter_mut().find(|(why, _)| *why == out.why) {
                Some((_, ids)) => ids.push(&out.id),
                None => reasons.push((&out.why, vec![&out.id])),
            }
        }
        let lines = reasons.iter().map(|(why, ids)| {
            let ids = ids.join(", ");
            let why = why.trim_end_matches('.');
            let why = why.strip_prefix(&format!("{ids}: ")).unwrap_or(why);
            format!("{ids}: {why}.")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// One of its tables.
    pub fn table(&self, id: &str) -> Option<&ReleasedTable> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// How many cells of all tables are not told as 0, and how many of them are hidden.
    pub fn cost(&self) -> (usize, usize) {
        let cells = self.tables.iter().map(ReleasedTable::not_zero).sum();
        (cells, self.tables.iter().map(ReleasedTable::hidden).sum())
    }
}

/// What was said before: a release, or counts that were shown to whoever prepares releases.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its name in messages: `release 3`.
    pub name: String,
    /// The families that it counted, as they were then: counts of the same may have been made in several goes. A release of which that is not known
    /// stands for itself.
    pub of: Option<i64>,
    /// What it said. With reasons, where they are known still, less has to stay hidden.
    pub set: ReleaseSet,
    /// Families that were erased since.
    pub erased_since: u64,
    /// Whether it was published. The threshold of what was is never lowered.
    pub is_published: bool,
}

/// Why there is no release.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PrepareError {
    /// Nobody is counted.
    #[error("{0}: nobody is counted in this table. Leave it out, or wait until families are recorded")]
    Nobody(String),
    /// A table cannot be made safe.
    #[error(transparent)]
    Linked(#[from] Box<LinkedError>),
    /// Of all families all but few have moved, or the number of the others has changed by few: both totals would tell it.
    #[error(
        "{id}: refused: the numbers of all families and of those who moved would tell how many have not moved, and they are too few, or have changed by too few. Release either the tables of all families or of those who moved, or wait until more has changed"
    )]
    Rest {
        /// A table of those who moved.
        id: String,
    },
    /// The rules are lower than those of an earlier release.
    #[error(
        "a threshold of {asked} is below the {before} of {name}: rules can be raised, never lowered. What was hidden then would be told now"
    )]
    Lowered {
        /// What was asked for.
        asked: u64,
        /// What it was.
        before: u64,
        /// In which release.
        name: String,
    },
}

/// Prepares a release of counted tables. All tables are made safe together, or there is no release.
///
/// # Errors
/// If a table cannot be made safe, or the rules are lower than they were.
pub fn prepare(
    set: &IndicatorSet,
    counted: &[Counted],
    day: Date,
    rules: Rules,
    before: &[Before],
) -> Result<ReleaseSet, PrepareError> {
    prepare_with(
        set,
        counted,
        day,
        rules,
        &that_bind(before, rules),
        &mut Done::new(),
    )
}

/// What was said before, but for counts under a lower threshold that only those who prepare have seen. Numbers that are too small now could never be hidden
/// again otherwise; what was published stays known.
fn that_bind(before: &[Before], rules: Rules) -> Cow<'_, [Before]> {
    let binds = |one: &Before| one.is_published || one.set.threshold >= rules.threshold();
    if before.iter().all(binds) {
        Cow::Borrowed(before)
    } else {
        before.iter().filter(|one| binds(one)).cloned().collect()
    }
}

/// Tables that were protected together already, by their ids: those over other families need not be protected again where one table is left out.
type Done = BTreeMap<Vec<String>, Vec<ReleasedTable>>;

fn prepare_with(
    set: &IndicatorSet,
    counted: &[Counted],
    day: Date,
    rules: Rules,
    before: &[Before],
    done: &mut Done,
) -> Result<ReleaseSet, PrepareError> {
    let published = before.iter().filter(|before| before.is_published);
    let strictest = published.max_by_key(|before| before.set.threshold);
    if let Some(strictest) = strictest.filter(|one| one.set.threshold > rules.threshold()) {
        return Err(PrepareError::Lowered {
            asked: rules.threshold(),
            before: strictest.set.threshold,
            name: strictest.name.clone(),
        });
    }
    let mut made: BTreeMap<&str, ReleasedTable> = BTreeMap::new();
    for (population, tables) in set.by_population() {
        let ids: Vec<String> = tables.iter().map(|indicator| indicator.id.clone()).collect();
        if !done.contains_key(&ids) {
            let together = prepare_together(population, &tables, counted, day, rules, before)?;
            done.insert(ids.clone(), together);
        }
        let names = tables.iter().map(|indicator| indicator.id.as_str());
        made.extend(names.zip(done[&ids].iter().cloned()));
    }
    if let Some(id) = tells_the_rest(&made.values(), (before, day), rules) {
        return Err(PrepareError::Rest { id });
    }
    Ok(ReleaseSet {
        day,
        threshold: rules.threshold(),
        illustrative: counted.iter().any(|counted| counted.illustrative),
        tables: set
            .indicators()
            .iter()
            .filter_map(|indicator| made.remove(indicator.id.as_str()))
            .collect(),
        left_out: Vec::new(),
    })
}

/// Whether these tables tell a small number of families who have not moved, or a small change of it since another release; if so, one of the tables.
fn tells_the_rest<'a>(
    tables: &(impl Iterator<Item = &'a ReleasedTable> + Clone),
    (before, day): (&[Before], Date),
    rules: Rules,
) -> Option<String> {
    let own = Totals::of(tables);
    // A table of those who moved is left out first.
    let mut words = [Population::Moved, Population::Recorded]
        .map(Population::word)
        .into_iter();
    let told = words.find_map(|over| tables.clone().find(|table| table.over == over))?;
    // What was told on the same day may be of the same families: of one go the one total, of another go the other one.
    let of_today = before.iter().filter(|one| one.set.day == day);
    let mut of_today = of_today.map(|one| Totals::of(&one.set.tables.iter()));
    let is_small = |totals: Totals| totals.not_moved().is_some_and(|count| rules.small(count));
    if is_small(own) || of_today.any(|other| own.ways(other).into_iter().any(is_small)) {
        return Some(told.id.clone());
    }
    let now = own.not_moved()?;
    // Counts of the same families may have been made in several goes.
    let mut then: BTreeMap<(Option<i64>, usize), (Totals, u64)> = BTreeMap::new();
    for (number, one) in before.iter().enumerate() {
        let own = if one.of.is_some() { 0 } else { number };
        let (totals, erased) = then.entry((one.of, own)).or_default();
        *totals = totals.or(Totals::of(&one.set.tables.iter()));
        *erased = (*erased).max(one.erased_since);
    }
    let changed_little = |(totals, erased): &(Totals, u64)| {
        let then = totals.not_moved();
        then.is_some_and(|then| rules.is_little(now, then, *erased))
    };
    then.values().any(changed_little).then(|| told.id.clone())
}

/// How many families are recorded, and how many have moved, where tables tell it.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    recorded: Option<u64>,
    moved: Option<u64>,
}

impl Totals {
    fn of<'a>(tables: &(impl Iterator<Item = &'a ReleasedTable> + Clone)) -> Self {
        let total = |population: Population| {
            let mut tables = tables.clone().filter(|table| table.over == population.word());
            tables.find_map(|table| {
                let mut cells = table.cells.iter();
                cells
                    .find(|cell| cell.names.iter().all(|name| is_total(name)))?
                    .families
            })
        };
        Self {
            recorded: total(Population::Recorded),
            moved: total(Population::Moved),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            recorded: self.recorded.or(other.recorded),
            moved: self.moved.or(other.moved),
        }
    }

    /// One total of each.
    fn ways(self, other: Self) -> [Self; 2] {
        let both = |one: Self, other: Self| Self {
            recorded: one.recorded,
            moved: other.moved,
        };
        [both(self, other), both(other, self)]
    }

    /// How many families have not moved, where both are told.
    fn not_moved(self) -> Option<u64> {
        self.recorded?.checked_sub(self.moved?)
    }
}

/// The tables over the same families, in their order.
fn prepare_together(
    population: Population,
    tables: &[&Indicator],
    counted: &[Counted],
    day: Date,
    rules: Rules,
    before: &[Before],
) -> Result<Vec<ReleasedTable>, PrepareError> {
    let counted: Vec<&Counted> = tables
        .iter()
        .map(|indicator| {
            let found = counted.iter().find(|counted| counted.id == indicator.id);
            found.ok_or_else(|| PrepareError::Nobody(indicator.id.clone()))
        })
        .collect::<Result<_, _>>()?;
    let quiet = Quiet::of(tables, &counted, population.word(), before);
    let files: Vec<Counted> = counted.iter().map(|counted| quiet.without(counted)).collect();
    let files: Vec<&Counted> = files.iter().collect();
    let releases = protected(population, tables, &files, day, rules, (before, &quiet))?;
    let made = tables.iter().zip(counted).zip(releases);
    Ok(made
        .map(|((indicator, counted), release)| {
            let mut made = table(indicator, counted, &release, rules, before);
            let zeros = quiet.zeros(&made.cells, made.shares.len());
            made.cells.extend(zeros);
            // Sums first, places in their order: which of them went through the protection does not show.
            made.cells.sort_by_cached_key(|cell| {
                let names = cell.names.iter();
                names
                    .map(|name| (!is_total(name), name.clone()))
                    .collect::<Vec<_>>()
            });
            made
        })
        .collect())
}

/// The same, but a table that cannot be told is left out, and why is said; there may be none that can.
///
/// # Errors
/// If the rules are lower than they were.
pub fn prepare_what_can_be(
    set: &IndicatorSet,
    counted: &[Counted],
    day: Date,
    rules: Rules,
    before: &[Before],
) -> Result<ReleaseSet, PrepareError> {
    let mut asked = set.clone();
    let mut left_out: Vec<LeftOut> = Vec::new();
    let (mut done, before) = (Done::new(), that_bind(before, rules));
    loop {
        let error = match prepare_with(&asked, counted, day, rules, &before, &mut done) {
            Ok(mut made) => {
                made.left_out = left_out;
                return Ok(made);
            }
            Err(error) => error,
        };
        let without = match &error {
            PrepareError::Nobody(id) | PrepareError::Rest { id } => Some(id.clone()),
            PrepareError::Linked(linked) => finest_of(&asked, counted, &linked.table),
            PrepareError::Lowered { .. } => None,
        };
        let Some(id) = without else {
            return Err(error);
        };
        asked = asked.without(&id);
        left_out.push(LeftOut {
            id,
            why: error.to_string(),
        });
    }
}

/// The table of this name; or, where the counts that several tables have in common cannot be told, the one of these with the most cells.
fn finest_of(asked: &IndicatorSet, counted: &[Counted], name: &str) -> Option<String> {
    if asked.get(name).is_some() {
        return Some(name.to_owned());
    }
    let size = |id: &str| {
        let counted = counted.iter().find(|counted| counted.id == id);
        counted.map_or(0, |counted| counted.answers.len())
    };
    let ending = |place: &str| name.ends_with(&format!(" {place}"));
    let common = asked
        .indicators()
        .iter()
        .filter(|one| ending(&one.by[0].columns[0]));
    let finest = common.max_by_key(|one| size(&one.id));
    finest.map(|one| one.id.clone())
}

fn protected(
    population: Population,
    tables: &[&Indicator],
    counted: &[&Counted],
    day: Date,
    rules: Rules,
    (before, quiet): (&[Before], &Quiet),
) -> Result<Vec<Release>, PrepareError> {
    let mut earlier: Vec<Vec<Earlier>> = tables
        .iter()
        .map(|indicator| earlier_of(population, indicator, before))
        .collect();
    for earlier in earlier.iter_mut().flatten() {
        quiet.leave_out_of(earlier);
    }
    let impossible: Vec<_> = tables
        .iter()
        .map(|indicator| move |labels: &[(&str, &str)]| indicator.is_impossible(labels, day))
        .collect();
    let linked: Vec<Linked<'_>> = tables
        .iter()
        .enumerate()
        .map(|(number, indicator)| Linked {
            name: &indicator.id,
            file: &counted[number].file,
            earlier: &earlier[number],
            impossible: &impossible[number],
        })
        .collect();
    linked::prepare(&linked, rules).map_err(|error| Box::new(error).into())
}

/// All that earlier releases said about the same families: whole, where a table has a breakdown in common besides the place; else their counts
/// by the place alone, since how families answered one question says nothing of how they answered another.
fn earlier_of(population: Population, indicator: &Indicator, before: &[Before]) -> Vec<Earlier> {
    let columns: BTreeSet<String> = indicator.columns().into_iter().flatten().skip(1).collect();
    let mut found = Vec::new();
    for release in before {
        let same = release
            .set
            .tables
            .iter()
            .filter(|table| table.over == population.word());
        for table in same {
            let mut whole = table.as_earlier(
                &format!("{} of {}", table.id, release.name),
                release.set.threshold,
                release.erased_since,
            );
            let theirs = table.columns();
            if !theirs.iter().skip(1).any(|column| columns.contains(*column)) {
                let place = theirs[0].to_owned();
                whole.cells.retain(|cell| {
                    let mut others = cell.labels.iter().filter(|(column, _)| **column != place);
                    others.all(|(_, name)| is_total(name))
                });
                for cell in &mut whole.cells {
                    cell.labels.retain(|column, _| *column == place);
                }
            }
            found.push(whole);
        }
    }
    found
}

fn table(
    indicator: &Indicator,
    counted: &Counted,
    release: &Release,
    rules: Rules,
    before: &[Before],
) -> ReleasedTable {
    let labels = |cell: &crate::disclosure::release::ReleaseCell<'_>| -> BTreeMap<String, String> {
        let pairs = cell.labels.iter();
        pairs
            .map(|(column, name)| ((*column).to_owned(), (*name).to_owned()))
            .collect()
    };
    let told: BTreeMap<BTreeMap<String, String>, Option<u64>> =
        release.cells().map(|cell| (labels(&cell), cell.value)).collect();
    let shares = indicators::shares(indicator, &told, counted.day);
    let names: Vec<String> = indicator.shares.iter().map(|share| share.name.clone()).collect();
    let cells = release.cells().map(|cell| {
        let own = shares.get(&labels(&cell));
        let names_here: Vec<String> = cell.labels.iter().map(|(_, name)| (*name).to_owned()).collect();
        let former = former_median(indicator, &names_here, before);
        let median = indicators::median(
            indicator,
            counted,
            &cell,
            former.map(|(value, (families, _))| (value, families)),
            rules,
        );
        let median_of = median.and(cell.value).map(|families| match former {
            Some((value, of)) if median == Some(value) && families.abs_diff(of.0) < rules.threshold() => of,
            _ => (families, counted.day),
        });
        ReleasedCell {
            names: names_here,
            families: cell.value,
            reason: cell.reason.map(Into::into),
            then: cell.then,
            shares: own.map_or_else(Vec::new, |own| {
                names.iter().map(|name| own.get(name).copied()).collect()
            }),
            median,
            median_of,
        }
    });
    ReleasedTable {
        id: indicator.id.clone(),
        title: [indicator.title.en.clone(), indicator.title.km.clone()],
        about: [indicator.about.en.clone(), indicator.about.km.clone()],
        over: indicator.population.word().to_owned(),
        by: indicator.columns(),
        median: indicator
            .median
            .as_ref()
            .map(|median| [median.fact.clone(), median.unit.clone()]),
        cells: cells.collect(),
        shares: names,
        audit: Some(TableAudit {
            narrowest: release.audit.narrowest.filter(|width| width.is_finite()),
            narrowest_is_exact: release.audit.exact,
            at_least_hidden: release.at_least_hidden,
        }),
    }
}

/// The median that a cell was last told with, and of how many families it was, when.
fn former_median(indicator: &Indicator, names: &[String], before: &[Before]) -> Option<(f64, (u64, Date))> {
    before.iter().rev().find_map(|release| {
        let table = release
            .set
            .tables
            .iter()
            .find(|table| table.id == indicator.id && table.by == indicator.columns())?;
        let cell = table.cells.iter().find(|cell| cell.names == names)?;
        Some((cell.median?, cell.median_of?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(recorded: Option<u64>, moved: Option<u64>) -> ReleaseSet {
        let table = |over: Population, families| ReleasedTable {
            id: over.word().to_owned(),
            title: Default::default(),
            about: Default::default(),
            over: over.word().to_owned(),
            by: vec![vec!["khan".to_owned()]],
            shares: Vec::new(),
            median: None,
            cells: vec![ReleasedCell {
                names: vec!["total".to_owned()],
                families,
                reason: None,
                then: None,
                shares: Vec::new(),
                median: None,
                median_of: None,
            }],
            audit: None,
        };
        ReleaseSet {
            day: Date::constant(2026, 12, 1),
            threshold: 10,
            illustrative: true,
            tables: vec![
                table(Population::Recorded, recorded),
                table(Population::Moved, moved),
            ],
            left_out: Vec::new(),
        }
    }

    #[test]
    fn those_who_have_not_moved_are_no_small_group_either() {
        let tells = |now: ReleaseSet, then: Option<ReleaseSet>| {
            let before = then.map(|set| Before {
                name: "before".to_owned(),
                of: None,
                set,
                erased_since: 0,
                is_published: true,
            });
            let (before, day) = (before.as_slice(), Date::constant(2026, 12, 31));
            tells_the_rest(&now.tables.iter(), (before, day), Rules::default()).is_some()
        };
        assert!(tells(set(Some(112), Some(109)), None), "3 have not moved");
        assert!(!tells(set(Some(109), Some(109)), None) && !tells(set(Some(302), Some(109)), None));
        // Hidden, one of the totals tells nothing.
        assert!(!tells(set(None, Some(109)), None) && !tells(set(Some(112), None), None));
        let then = || Some(set(Some(302), Some(109)));
        assert!(tells(set(Some(322), Some(124)), then()), "193, then 198");
        assert!(!tells(set(Some(322), Some(129)), then()) && !tells(set(Some(342), Some(129)), then()));
    }

    /// One go tells how many are recorded, another one of the same day how many have moved.
    #[test]
    fn those_who_have_not_moved_are_not_told_in_two_goes() {
        let before = |day, set| Before {
            name: "before".to_owned(),
            of: Some(7),
            set: ReleaseSet { day, ..set },
            erased_since: 0,
            is_published: true,
        };
        let today = Date::constant(2026, 12, 1);
        let tells = |now: ReleaseSet, then: &[Before]| {
            tells_the_rest(&now.tables.iter(), (then, today), Rules::default()).is_some()
        };
        let recorded = || [before(today, set(Some(302), None))];
        assert!(tells(set(None, Some(297)), &recorded()), "5 have not moved");
        assert!(tells(
            set(Some(302), None),
            &[before(today, set(None, Some(297)))]
        ));
        assert!(!tells(set(None, Some(280)), &recorded()), "22 have not moved");
    }

    /// Counts are told apart by the families that they counted: three of one day are not taken for one.
    #[test]
    fn counts_of_one_day_are_told_apart() {
        let today = Date::constant(2026, 12, 1);
        let before = |of, recorded, moved| Before {
            name: "the counts of 2026-12-01".to_owned(),
            of: Some(of),
            set: ReleaseSet {
                day: today,
                ..set(Some(recorded), Some(moved))
            },
            erased_since: 0,
            is_published: true,
        };
        let before = [before(1, 400, 200), before(2, 440, 220)];
        let now = set(Some(480), Some(257));
        assert!(
            tells_the_rest(&now.tables.iter(), (&before, today), Rules::default()).is_some(),
            "220 have not moved, then 223"
        );
    }
}
