//! Places where nobody is and, as far as was ever told, nobody was.
//!
//! A table has all places of a deployment, so that no place tells by standing in it that somebody lives there. Most of them are empty: of 1,300
//! sites some ten have families. An empty place is told as zeros in every table. What is told everywhere is known to an attacker anyway, so that
//! it need not go through the protection, where each place is an unknown of large equations. Some empty places stay in it: they are what can be
//! hidden beside a small number.

use std::collections::{BTreeMap, BTreeSet};

use crate::disclosure::dimension::is_total;
use crate::disclosure::earlier::Earlier;
use crate::indicators::{Counted, Indicator};

use super::{Before, ReleasedCell};

/// So many empty places beside each other stay in the protection.
const KEPT: usize = 3;

/// The empty places of tables over the same families.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    /// The columns of the place, coarse first.
    columns: Vec<String>,
    /// The finest places, a name for each column.
    finest: BTreeSet<Vec<String>>,
    /// Coarser places of which every part is empty.
    coarser: BTreeSet<Vec<String>>,
}

impl Quiet {
    /// Those of the tables of one population. `over` is the word of the population.
    pub fn of(tables: &[&Indicator], counted: &[&Counted], over: &str, before: &[Before]) -> Self {
        let Some(columns) = tables.first().map(|table| table.by[0].columns.clone()) else {
            return Self::default();
        };
        // Tables that do not begin with the same place are refused later on, in words.
        if tables.iter().any(|table| table.by[0].columns != columns) {
            return Self::default();
        }
        let levels = columns.len();
        let mut families: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for (names, count) in counted.iter().flat_map(|counted| counted.file.rows()) {
            *families.entry(names[..levels].to_vec()).or_default() += count;
        }
        let mut told: BTreeSet<Vec<String>> = BTreeSet::new();
        for table in before.iter().flat_map(|before| &before.set.tables) {
            let theirs = table.columns();
            if table.over != over || theirs.len() < levels || theirs[..levels] != columns {
                continue;
            }
            let somebody = table.cells.iter().filter(|cell| cell.families != Some(0));
            told.extend(somebody.map(|cell| cell.names[..levels].to_vec()));
        }
        let is_empty = |place: &Vec<String>, count: u64| count == 0 && !told.contains(place);
        let mut beside: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut all_of: BTreeMap<Vec<String>, bool> = BTreeMap::new();
        let mut finest = BTreeSet::new();
        for (place, count) in &families {
            let parent = place[..levels - 1].to_vec();
            let kept = beside.entry(parent.clone()).or_default();
            let is_quiet = is_empty(place, *count) && *kept >= KEPT;
            *kept += usize::from(!is_quiet && *count == 0);
            if is_quiet {
                finest.insert(place.clone());
            }
            *all_of.entry(parent).or_insert(true) &= is_empty(place, *count);
        }
        // Of coarser places in which nobody is anywhere, some stay as well; the others go whole.
        let mut kept = 0;
        let mut coarser = BTreeSet::new();
        for (parent, is_quiet) in all_of.into_iter().filter(|(parent, _)| !parent.is_empty()) {
            if is_quiet && !told.iter().any(|place| place.starts_with(&parent)) {
                if kept < KEPT {
                    kept += 1;
                    continue;
                }
                let parts = families.keys().filter(|place| place.starts_with(&parent));
                finest.extend(parts.cloned());
                coarser.insert(parent);
            }
        }
        Self {
            columns,
            finest,
            coarser,
        }
    }

    /// The counts without these places.
    pub fn without(&self, counted: &Counted) -> Counted {
        let mut rest = counted.clone();
        let levels = self.columns.len();
        if !self.finest.is_empty() {
            rest.file.retain(|names| !self.finest.contains(&names[..levels]));
        }
        rest
    }

    /// An earlier release without these places: it told zeros of them.
    pub fn leave_out_of(&self, earlier: &mut Earlier) {
        if self.finest.is_empty() {
            return;
        }
        earlier.cells.retain(|cell| {
            let place: Option<Vec<String>> = self
                .columns
                .iter()
                .map(|column| cell.labels.get(column).cloned())
                .collect();
            place.is_none_or(|place| !self.has(&place))
        });
    }

    /// Whether a place, "total" where it is coarse, is one of them.
    fn has(&self, place: &[String]) -> bool {
        if self.finest.contains(place) {
            return true;
        }
        let named = place.iter().take_while(|name| !is_total(name)).count();
        named < place.len() && self.coarser.contains(&place[..named])
    }

    /// Their zeros, for every category that the table has of the others.
    pub fn zeros(&self, told: &[ReleasedCell], shares: usize) -> Vec<ReleasedCell> {
        let levels = self.columns.len();
        let others: BTreeSet<&[String]> = told.iter().map(|cell| &cell.names[levels..]).collect();
        let coarser = self.coarser.iter().map(|place| {
            let mut place = place.clone();
            place.resize(levels, "total".to_owned());
            place
        });
        let places = coarser.chain(self.finest.iter().cloned());
        places
            .flat_map(|place| {
                others.iter().map(move |rest| ReleasedCell {
                    names: [place.as_slice(), rest].concat(),
                    families: Some(0),
                    reason: None,
                    then: None,
                    shares: vec![None; shares],
                    median: None,
                    median_of: None,
                })
            })
            .collect()
    }
}
