//! Placements from CSV files.

use std::collections::HashMap;

use super::problem::{LARGEST, MAX_CELLS, MAX_SITES, PlacementError, Problem};
use crate::table::{Mistake, Named, Table, key, number};

/// A placement with the names that its families and sites have in the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// Names of the families, in the order of the scores.
    pub families: Vec<String>,
    /// Names of the sites, in the order of the scores.
    pub sites: Vec<String>,
    /// What is to be decided.
    pub problem: Problem,
    /// What was left out or filled in, in sentences.
    pub notes: Vec<String>,
}

/// Reads scores (a family and a column for each site; empty is impossible), capacities (columns `site` and `capacity`) and loads (like scores; 1
/// where nothing is given). All mistakes of all files at once.
pub fn read(
    scores: Named<'_>,
    capacities: Named<'_>,
    loads: Option<Named<'_>>,
) -> Result<Tables, Vec<Mistake>> {
    let (mut mistakes, mut notes) = (Vec::new(), Vec::new());
    let scores = Grid::read(scores, &mut mistakes);
    let capacities = Capacities::read(capacities, &mut mistakes);
    let loads = loads.map(|loads| Grid::read(loads, &mut mistakes));
    let Some(scores) = scores else {
        return Err(mistakes);
    };
    let (families, sites) = (scores.table.rows.len(), scores.sites());
    let cells = families.saturating_mul(sites);
    if cells > MAX_CELLS || sites > MAX_SITES {
        let error = PlacementError::TooLarge { cells, sites };
        mistakes.push(scores.table.header_mistake(format!("{error}.")));
        return Err(mistakes);
    }
    let given = scores.numbers("score", -LARGEST, &mut mistakes);
    let rooms = capacities.map(|capacities| capacities.of(&scores, &mut mistakes, &mut notes));
    let loads = match loads {
        Some(Some(loads)) => Some(loads_of(&scores, &loads, &given, &mut mistakes, &mut notes)),
        _ => None,
    };
    let Some(rooms) = rooms.filter(|_| mistakes.is_empty()) else {
        return Err(mistakes);
    };
    let whole_file = |error: PlacementError| {
        vec![Mistake {
            file: scores.table.file.to_owned(),
            place: String::new(),
            message: format!("{error}."),
        }]
    };
    let mut problem = Problem::new(families, given, rooms).map_err(whole_file)?;
    if let Some(loads) = loads {
        problem = problem.with_loads(loads).map_err(whole_file)?;
    }
    Ok(Tables {
        families: scores
            .table
            .rows
            .iter()
            .map(|row| row.cells[0].to_owned())
            .collect(),
        sites: scores.table.header[1..].to_vec(),
        problem,
        notes,
    })
}

/// A table with a row for each family and a column for each site.
struct Grid<'a> {
    table: Table<'a>,
    rows: HashMap<String, usize>,
    columns: HashMap<String, usize>,
}

impl<'a> Grid<'a> {
    fn read(file: Named<'a>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let table = Table::read(file, mistakes)?;
        if table.header.len() < 2 {
            mistakes.push(
                table.header_mistake("needs the family, then a column for each site, with commas between."),
            );
            return None;
        }
        let mut columns = HashMap::new();
        for (column, name) in table.header.iter().enumerate().skip(1) {
            if key(name).is_empty() {
                mistakes.push(table.header_mistake(format!("column {} has no name.", column + 1)));
            } else if columns.insert(key(name), column).is_some() {
                mistakes.push(table.header_mistake(format!("the site {name} is there twice.")));
            }
        }
        let rows = table.named_rows("family", 0, mistakes);
        Some(Self { table, rows, columns })
    }

    fn sites(&self) -> usize {
        self.table.header.len() - 1
    }

    /// The numbers by row, each between `least` and the largest that is allowed.
    fn numbers(&self, what: &str, least: f64, mistakes: &mut Vec<Mistake>) -> Vec<Option<f64>> {
        let mut numbers = Vec::with_capacity(self.table.rows.len() * self.sites());
        for row in &self.table.rows {
            for column in 1..self.table.header.len() {
                let found = number(&row.cells[column]).and_then(|found| match found {
                    Some(found) if found < least => Err(format!(
                        "{found} is below {least}, the least that a {what} can be."
                    )),
                    Some(found) if found > LARGEST => Err(format!(
                        "{found} is above {LARGEST}, the most that a {what} can be."
                    )),
                    found => Ok(found),
                });
                numbers.push(found.unwrap_or_else(|message| {
                    mistakes.push(self.table.mistake(row, column, message));
                    None
                }));
            }
        }
        numbers
    }
}

struct Capacities<'a> {
    table: Table<'a>,
    rows: HashMap<String, usize>,
    site: usize,
    capacity: usize,
}

impl<'a> Capacities<'a> {
    fn read(file: Named<'a>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let table = Table::read(file, mistakes)?;
        let columns = table.columns(&[("site", true), ("capacity", true)], mistakes);
        let [Some(site), Some(capacity)] = columns.as_slice() else {
            return None;
        };
        let rows = table.named_rows("site", *site, mistakes);
        Some(Self {
            rows,
            site: *site,
            capacity: *capacity,
            table,
        })
    }

    /// The capacity of every site of the scores.
    fn of(&self, scores: &Grid<'_>, mistakes: &mut Vec<Mistake>, notes: &mut Vec<String>) -> Vec<f64> {
        let mut capacities = Vec::new();
        for site in &scores.table.header[1..] {
            let Some(&at) = self.rows.get(&key(site)) else {
                let message = format!(
                    "the site {site} of {} has no row: give its capacity, 0 if it has none.",
                    scores.table.file
                );
                mistakes.push(Mistake {
                    file: self.table.file.to_owned(),
                    place: String::new(),
                    message,
                });
                capacities.push(0.0);
                continue;
            };
            let row = &self.table.rows[at];
            let wrong = match number(&row.cells[self.capacity]) {
                Ok(Some(capacity)) if (0.0..=LARGEST).contains(&capacity) => {
                    capacities.push(capacity);
                    continue;
                }
                Ok(Some(capacity)) => format!("{capacity} is no capacity: it lies between 0 and {LARGEST}."),
                Ok(None) => "the capacity is missing: give a number, 0 if the site has none.".into(),
                Err(message) => message,
            };
            mistakes.push(self.table.mistake(row, self.capacity, wrong));
            capacities.push(0.0);
        }
        let unused = self.table.rows.iter().map(|row| &row.cells[self.site]);
        let unused: Vec<&str> = unused
            .filter(|site| !scores.columns.contains_key(&key(site)))
            .collect();
        note_unused(notes, "site", &unused, self.table.file, scores.table.file);
        capacities
    }
}

/// Names that stand in one file and not in the scores.
fn note_unused(notes: &mut Vec<String>, what: &str, names: &[&str], file: &str, scores: &str) {
    if let Some(first) = names.first() {
        let more = if names.len() > 1 {
            format!(" and {} more", names.len() - 1)
        } else {
            String::new()
        };
        notes.push(format!(
            "{file}: the {what} {first}{more} is not in {scores} and was left out."
        ));
    }
}

fn loads_of(
    scores: &Grid<'_>,
    loads: &Grid<'_>,
    given: &[Option<f64>],
    mistakes: &mut Vec<Mistake>,
    notes: &mut Vec<String>,
) -> Vec<f64> {
    let numbers = loads.numbers("load", 0.0, mistakes);
    let columns: Vec<Option<usize>> = scores.table.header[1..]
        .iter()
        .map(|site| loads.columns.get(&key(site)).copied())
        .collect();
    let mut filled = 0_usize;
    let mut cells = Vec::with_capacity(given.len());
    for (family, row) in scores.table.rows.iter().enumerate() {
        let at = loads.rows.get(&key(&row.cells[0]));
        for (site, column) in columns.iter().enumerate() {
            let load = at
                .zip(*column)
                .and_then(|(at, column)| numbers[at * loads.sites() + column - 1]);
            if load.is_none() && given[family * columns.len() + site].is_some() {
                filled += 1;
            }
            cells.push(load.unwrap_or(1.0));
        }
    }
    let file = loads.table.file;
    match filled {
        0 => {}
        1 => notes.push(format!("{file}: 1 load is not given; it was taken as 1.")),
        _ => notes.push(format!(
            "{file}: {filled} loads are not given; each was taken as 1."
        )),
    }
    let sites: Vec<&str> = loads.table.header[1..]
        .iter()
        .map(String::as_str)
        .filter(|site| !scores.columns.contains_key(&key(site)))
        .collect();
    note_unused(notes, "site", &sites, loads.table.file, scores.table.file);
    let families = loads.table.rows.iter().map(|row| &row.cells[0]);
    let families: Vec<&str> = families
        .filter(|family| !scores.rows.contains_key(&key(family)))
        .collect();
    note_unused(notes, "family", &families, loads.table.file, scores.table.file);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::told;

    fn tables(scores: &str, capacities: &str, loads: Option<&str>) -> Result<Tables, String> {
        let named = |name, text| Named { name, text };
        read(
            named("scores.csv", scores),
            named("cap.csv", capacities),
            loads.map(|text| named("loads.csv", text)),
        )
        .map_err(|mistakes| told(&mistakes))
    }

    #[test]
    fn rows_and_columns_find_each_other_by_name() {
        let tables = tables(
            "\u{feff}family,ទួលគោក,B\r\nសុខ,1,2\r\nF2,,-3.5\r\n",
            "capacity,note,Site\n2,x,B\n1,,ទួលគោក\n9,,C\n",
            Some("family,B,D\nF2,3,7\nF9,1,1\n"),
        )
        .unwrap();
        assert_eq!(tables.families, ["សុខ", "F2"]);
        assert_eq!(tables.sites, ["ទួលគោក", "B"]);
        let problem = &tables.problem;
        assert_eq!((problem.capacity(0), problem.capacity(1)), (1.0, 2.0));
        assert_eq!((problem.score(1, 0), problem.score(1, 1)), (None, Some(-3.5)));
        assert_eq!((problem.load(0, 1), problem.load(1, 1)), (1.0, 3.0));
        assert_eq!(
            tables.notes,
            [
                "cap.csv: the site C is not in scores.csv and was left out.",
                "loads.csv: 2 loads are not given; each was taken as 1.",
                "loads.csv: the site D is not in scores.csv and was left out.",
                "loads.csv: the family F9 is not in scores.csv and was left out.",
            ]
        );
    }

    #[test]
    fn every_mistake_is_told_with_file_row_and_column() {
        let told = tables(
            "family,A,B,A\nF1,1,nan,2\nF1,1,\"2,5\",2\n,1,2,3\nF4,1\n",
            "site,capacity\nA,-1\nA,2\n",
            Some("family,A\nF1,-2\n"),
        )
        .unwrap_err();
        for line in [
            "scores.csv: line 1: the site A is there twice.",
            "scores.csv: line 2, column B: nan is no finite number; leave the cell empty if it is not known.",
            "scores.csv: line 3, column family: the family F1 stands in line 2 already.",
            "scores.csv: line 3, column B: 2,5 has a comma: write the number with a point.",
            "scores.csv: line 4, column family: the family has no name.",
            "scores.csv: line 5: has 2 cells where the header has 4.",
            "cap.csv: line 2, column capacity: -1 is no capacity: it lies between 0 and 1000000000000000.",
            "cap.csv: line 3, column site: the site A stands in line 2 already.",
            "cap.csv: the site B of scores.csv has no row: give its capacity, 0 if it has none.",
            "loads.csv: line 2, column A: -2 is below 0, the least that a load can be.",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\nnot in\n{told}");
        }
    }

    #[test]
    fn nothing_to_place_is_no_mistake_and_no_site_is_one() {
        let empty = tables("family,A\n", "site,capacity\nA,1\n", None).unwrap();
        assert_eq!(empty.problem.families(), 0);
        assert!(tables("family\nF1\n", "site,capacity\n", None).is_err());
        assert!(tables("", "", None).is_err());
        let told = tables("family,A\nF1,1\n", "place,room\nA,1\n", None).unwrap_err();
        assert!(
            told.contains("cap.csv: line 1: has no column site; needed are site and capacity."),
            "{told}"
        );
        let told = tables("family,A\nF1,1\n", "site,capacity\nA,\n", None).unwrap_err();
        assert!(told.contains("the capacity is missing"), "{told}");
    }
}
