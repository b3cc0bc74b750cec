//! How moves went, for whoever may not read the households: from the tables of the gate and nothing else.
//!
//! Whatever is worked out here is worked out of published numbers, so that it tells nothing which these do not.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan;
use jiff::civil::Date;
use phteah_registry::indicators::{EARLIER, ELSEWHERE, GONE, STAY, THERE, UNKNOWN};
use phteah_registry::releases::ReleaseSet;

use super::outcomes::{KnownSites, OutcomeAnswers, OutcomeAt, OutcomeCount, OutcomeGroup, Outcomes};

const TOTAL: &str = "total";
/// The table of moves, by site, year and stay.
const MOVES: &str = "moves_and_stay";
/// Tables of answers at visits, by site: the fact that is told, and the categories of whom it is known.
const ANSWERS: [(&str, &str, &[&str]); 7] = [
    ("work_after_move", "outcome.work_kept", &["yes", "no"]),
    (SCHOOL, SCHOOL, &["all_attend", "some_attend", "none_attends"]),
    ("flooded_after_move", "outcome.flooded", &["yes", "no"]),
    ("debt_after_move", "outcome.debt", &["yes", "no"]),
    ("water_after_move", "outcome.water", &["yes", "no"]),
    ("electricity_after_move", "outcome.electricity", &["yes", "no"]),
    ("toilet_after_move", "outcome.toilet", &["yes", "no"]),
];
/// The table that counts families by the attendance of their children.
const SCHOOL: &str = "school_after_move";

/// The numbers of one table that are told, by the names of their categories.
struct Told<'a>(HashMap<Vec<&'a str>, u64>);

impl<'a> Told<'a> {
    /// Those of a table with these columns and no other, in this order; none where a deployment's own file counts by something else.
    fn of(set: &'a ReleaseSet, table: &str, columns: &[Option<&str>]) -> Option<Self> {
        let table = set.table(table)?;
        let theirs = table.columns();
        let at: Vec<usize> = columns
            .iter()
            .map(|wanted| {
                let is_other = |column: &&str| !columns.contains(&Some(*column));
                theirs
                    .iter()
                    .position(|column| wanted.map_or_else(|| is_other(column), |wanted| *column == wanted))
            })
            .collect::<Option<_>>()?;
        (theirs.len() == columns.len()).then(|| {
            let cells = table.cells.iter().filter_map(|cell| {
                let names = at.iter().map(|at| cell.names[*at].as_str()).collect();
                Some((names, cell.families?))
            });
            Self(cells.collect())
        })
    }

    /// The categories of a column, in order.
    fn names(&self, column: usize) -> Vec<&'a str> {
        let names: BTreeSet<&str> = self.0.keys().map(|names| names[column]).collect();
        names.into_iter().collect()
    }

    fn get(&self, names: &[&str]) -> Option<u64> {
        self.0.get(names).copied()
    }
}

/// The latest counts as outcomes.
pub(super) fn of(set: &ReleaseSet, known: &KnownSites) -> Outcomes {
    let Some(moves) = Told::of(set, MOVES, &[Some("site"), Some("moved_year"), Some("stay")]) else {
        return Outcomes {
            counted: Some(set.day.to_string()),
            criteria: known.criteria.clone(),
            // It was counted by something else, or could not be told.
            withheld: usize::from(
                set.table(MOVES).is_some() || set.left_out.iter().any(|out| out.id == MOVES),
            ),
            ..Outcomes::nothing(true)
        };
    };
    let places = moves.names(0);
    let tables = Tables {
        years: years(&moves),
        moves,
        answers: ANSWERS
            .map(|(table, fact, words)| (Told::of(set, table, &[Some("site"), None]), fact, words)),
        day: set.day,
        known,
    };
    let sites = places.iter().filter(|name| **name != TOTAL);
    let years = tables.years.iter();
    let hidden = |group: &Option<OutcomeGroup>| group.is_none();
    let sites: Vec<Option<OutcomeGroup>> = sites.map(|site| tables.group(site, TOTAL)).collect();
    let years: Vec<Option<OutcomeGroup>> = years.map(|year| tables.group(TOTAL, year)).collect();
    let withheld = sites.iter().chain(&years).filter(|group| hidden(group)).count();
    let somebody = |group: &OutcomeGroup| group.families > 0;
    let mut sites: Vec<OutcomeGroup> = sites.into_iter().flatten().filter(somebody).collect();
    sites.sort_by(|a, b| b.families.cmp(&a.families).then(a.key.cmp(&b.key)));
    Outcomes {
        all: tables.group(TOTAL, TOTAL).filter(somebody),
        sites,
        years: years.into_iter().flatten().filter(somebody).collect(),
        criteria: known.criteria.clone(),
        counted: Some(set.day.to_string()),
        withheld,
        ..Outcomes::nothing(true)
    }
}

fn years<'a>(moves: &Told<'a>) -> Vec<&'a str> {
    let years = moves.names(1);
    let others = [TOTAL, UNKNOWN];
    years.into_iter().filter(|year| !others.contains(year)).collect()
}

struct Tables<'a> {
    moves: Told<'a>,
    years: Vec<&'a str>,
    /// Answers at visits, as in [`ANSWERS`].
    answers: [(Option<Told<'a>>, &'static str, &'static [&'static str]); ANSWERS.len()],
    day: Date,
    known: &'a KnownSites,
}

impl Tables<'_> {
    /// The families of a site in a year; none where their number is hidden.
    fn group(&self, site: &str, year: &str) -> Option<OutcomeGroup> {
        let families = self.moves.get(&[site, year, TOTAL])?;
        let key = if site == TOTAL { year } else { site };
        let key = if key == TOTAL { "" } else { key };
        // Visits are told by site, not by the year of the move.
        let answers = self.answers.iter().filter(|_| year == TOTAL);
        let answers = answers.filter_map(|(table, fact, words)| answered(table.as_ref()?, site, fact, words));
        let known = self.known.sites.get(key);
        Some(OutcomeGroup {
            name: known.map(|(name, _)| name.clone()),
            families,
            left: self.sum(&[(site, year)], &GONE),
            curve: Vec::new(),
            at: STAY
                .iter()
                .enumerate()
                .filter_map(|(band, months)| self.at(site, year, band, *months))
                .collect(),
            followed: None,
            answers: answers.collect(),
            promised: known.map_or_else(Vec::new, |(_, promised)| promised.clone()),
            key: match key {
                ELSEWHERE | UNKNOWN => format!("({key})"),
                key => key.to_owned(),
            },
        })
    }

    /// How many are there after some months, among those who moved so long ago that it can be known of all of them.
    fn at(&self, site: &str, year: &str, band: usize, months: i32) -> Option<OutcomeAt> {
        let due: Vec<(&str, &str)> = self
            .years
            .iter()
            .filter(|one| (year == TOTAL || year == **one) && self.is_over(one, months))
            .map(|one| (site, *one))
            .collect();
        let all = self.sum(&due, &[TOTAL]).filter(|all| *all > 0)?;
        let later = [&THERE[band + 1..], &GONE[band + 1..]].concat();
        let (there, gone) = (self.sum(&due, &later)?, self.sum(&due, &GONE[..=band])?);
        let share = |count: u64| (count as f64 / all as f64 * 1e4).round() / 1e4;
        Some(OutcomeAt {
            months: f64::from(months),
            low: share(there),
            high: share(all - gone),
            band_low: None,
            band_high: None,
            certain: there,
            possible: all - gone,
        })
    }

    fn is_over(&self, year: &str, months: i32) -> bool {
        let last = match year {
            EARLIER => return true,
            year => year.parse().ok().and_then(|year| Date::new(year, 12, 31).ok()),
        };
        let over = last.and_then(|last| last.checked_add(months.months()).ok());
        over.is_some_and(|over| over <= self.day)
    }

    /// The sum of some stays over sites and years; none where one of the numbers is hidden.
    fn sum(&self, over: &[(&str, &str)], stays: &[&str]) -> Option<u64> {
        let pairs = over
            .iter()
            .flat_map(|(site, year)| stays.iter().map(move |stay| [*site, *year, *stay]));
        pairs.map(|names| self.moves.get(&names)).sum()
    }
}

/// How many gave each answer; none where one of the numbers is hidden, or nobody gave any.
fn answered(table: &Told<'_>, site: &str, fact: &str, words: &[&str]) -> Option<OutcomeAnswers> {
    let counts: Option<Vec<OutcomeCount>> = words
        .iter()
        .map(|word| {
            Some(OutcomeCount {
                answer: (*word).to_owned(),
                count: table.get(&[site, word])?,
            })
        })
        .collect();
    let counts = counts?;
    let of = counts.iter().map(|one| one.count).sum();
    (of > 0).then(|| OutcomeAnswers {
        fact: fact.to_owned(),
        asked: None,
        of,
        counts,
        median: None,
    })
}

#[cfg(test)]
mod tests {
    use phteah_registry::releases::{ReleasedCell, ReleasedTable};

    use super::*;

    fn table(id: &str, columns: &[&str], cells: &[(&[&str], Option<u64>)]) -> ReleasedTable {
        ReleasedTable {
            id: id.to_owned(),
            title: Default::default(),
            about: Default::default(),
            over: "moved".to_owned(),
            by: columns.iter().map(|column| vec![(*column).to_owned()]).collect(),
            shares: Vec::new(),
            median: None,
            cells: cells
                .iter()
                .map(|(names, families)| ReleasedCell {
                    names: names.iter().map(|name| (*name).to_owned()).collect(),
                    families: *families,
                    reason: None,
                    then: None,
                    shares: Vec::new(),
                    median: None,
                    median_of: None,
                })
                .collect(),
            audit: None,
        }
    }

    fn set(tables: Vec<ReleasedTable>) -> ReleaseSet {
        ReleaseSet {
            day: "2026-11-30".parse().unwrap(),
            threshold: 10,
            illustrative: true,
            tables,
            left_out: Vec::new(),
        }
    }

    /// One site, one year that is over and one that is not: all of the year's stays told.
    fn moves(gone: Option<u64>) -> ReleasedTable {
        let mut cells: Vec<(Vec<&str>, Option<u64>)> = Vec::new();
        for site in [TOTAL, "S1"] {
            cells.push((vec![site, TOTAL, TOTAL], Some(100)));
            cells.push((vec![site, "2024", TOTAL], Some(60)));
            cells.push((vec![site, "2026", TOTAL], Some(40)));
            for year in [TOTAL, "2024", "2026"] {
                for stay in GONE.iter().chain(&THERE).chain(&[UNKNOWN]) {
                    let count = match (year, *stay) {
                        ("2024", "there_at_12_months") => Some(30),
                        ("2024", "gone_before_12_months") => gone,
                        ("2024", "unknown") => Some(10),
                        (TOTAL, "gone_before_12_months") => Some(20),
                        _ => Some(0),
                    };
                    cells.push((vec![site, year, stay], count));
                }
            }
        }
        let cells: Vec<(&[&str], Option<u64>)> = cells
            .iter()
            .map(|(names, count)| (names.as_slice(), *count))
            .collect();
        table(MOVES, &["site", "moved_year", "stay"], &cells)
    }

    #[test]
    fn the_share_that_stayed_is_among_those_of_whom_it_can_be_known() {
        let found = of(&set(vec![moves(Some(20))]), &KnownSites::default());
        let all = found.all.unwrap();
        assert_eq!((all.families, all.left), (100, Some(20)));
        let [at] = all.at.as_slice() else {
            panic!("after 12 months alone: {:?}", all.at)
        };
        // Of the 60 of 2024, 30 were met after a year and 20 left before; of 10 it is not known. Those of this year are not asked.
        assert_eq!((at.certain, at.possible), (30, 40));
        assert!((at.low - 0.5).abs() < 1e-9 && (at.high - 0.6667).abs() < 1e-9);
        assert_eq!(found.years.len(), 2);
    }

    #[test]
    fn what_is_hidden_is_not_worked_out() {
        let answers = table(
            "work_after_move",
            &["site", "work_kept"],
            &[
                (&["S1", "yes"], Some(30)),
                (&["S1", "no"], None),
                (&["S1", TOTAL], Some(60)),
            ],
        );
        let found = of(&set(vec![moves(None), answers]), &KnownSites::default());
        let site = &found.sites[0];
        assert!(site.at.is_empty() && site.answers.is_empty());
        assert_eq!(site.left, Some(20));
        let mut hidden = moves(Some(20));
        for cell in &mut hidden.cells {
            if cell.names[0] == "S1" && cell.names[1] == TOTAL {
                cell.families = None;
            }
        }
        let found = of(&set(vec![hidden]), &KnownSites::default());
        assert_eq!((found.sites.len(), found.withheld), (0, 1));
        // A deployment's own table counts by something else.
        let own = table(MOVES, &["site"], &[(&["S1"], Some(30))]);
        let found = of(&set(vec![own]), &KnownSites::default());
        assert!(found.all.is_none() && found.withheld == 1);
        let mut turned = moves(Some(20));
        turned.by.swap(0, 2);
        for cell in &mut turned.cells {
            cell.names.swap(0, 2);
        }
        assert_eq!(
            of(&set(vec![turned]), &KnownSites::default()).all.unwrap().left,
            Some(20)
        );
        // Nobody has moved, or nobody has counted that.
        let found = of(&set(Vec::new()), &KnownSites::default());
        assert!(found.all.is_none() && found.counted.is_some());
    }
}
