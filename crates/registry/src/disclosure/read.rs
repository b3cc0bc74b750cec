//! A table of counts from CSV text, and what is wrong with it: every mistake with its line and column.

use std::collections::{BTreeSet, HashMap};

use super::dimension::{Dimension, DimensionError, is_total};
use super::table::{Table, TooManyCells};
use crate::table::{Mistake, Named, Row, Table as CsvTable, key};

/// The greatest count of one cell.
pub const MAX_COUNT: u64 = 1_000_000_000;

/// Reads breakdowns: `khan>sangkat,kind,sex` is two levels of places, and two more breakdowns.
pub fn breakdowns(by: &str) -> Result<Vec<Vec<String>>, String> {
    let found: Vec<Vec<String>> = by
        .split(',')
        .map(|one| one.split('>').map(|name| key(name.trim())).collect())
        .collect();
    let mut seen = BTreeSet::new();
    for column in found.iter().flatten() {
        if column.is_empty() {
            return Err(format!(
                "'{by}' names a breakdown without a column: write it as khan>sangkat,kind,sex"
            ));
        }
        if matches!(column.as_str(), "value" | "reason") {
            return Err(format!(
                "a column called {column} cannot be a breakdown: the published table has one of that name itself"
            ));
        }
        if !seen.insert(column) {
            return Err(format!("'{by}' names the column {column} twice"));
        }
    }
    Ok(found)
}

/// The rows of a table, read and checked.
#[derive(Clone, Debug)]
pub struct TableFile {
    by: Vec<Vec<String>>,
    others: Vec<String>,
    /// Each row: what stands in the columns of `by` in turn, then in the others, and the count.
    rows: Vec<(Vec<String>, u64)>,
}

impl TableFile {
    /// Reads a table: a header, then a row for each combination, with its count in the column `count`. Columns that are neither in `by` nor
    /// the count are added up over. Names are compared, and later published, in the form of [`key`].
    pub fn read(file: Named<'_>, by: Vec<Vec<String>>, count: &str) -> Result<Self, Vec<Mistake>> {
        let (table, columns) = Columns::open(file, &by, count, "the count")?;
        let mut mistakes = Vec::new();
        let rows = read_rows(&table, &columns, &by, &mut mistakes);
        if mistakes.is_empty() {
            mistakes.extend(sums_among(&rows, &by).map(|message| table.header_mistake(message)));
        }
        Columns::tells_of_no_row(&table, rows.len(), &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self {
            by,
            others: columns.others,
            rows,
        })
    }

    /// A table that a program has counted: what stands in the columns of `by` in turn, and the count. Rows of one combination are added up.
    pub fn from_rows(by: Vec<Vec<String>>, rows: Vec<(Vec<String>, u64)>) -> Self {
        Self {
            by,
            others: Vec::new(),
            rows,
        }
    }

    /// Each row: a name for each column, those of the breakdowns first, and its count.
    pub fn rows(&self) -> &[(Vec<String>, u64)] {
        &self.rows
    }

    /// Leaves rows out, by their names.
    pub fn retain(&mut self, keep: impl Fn(&[String]) -> bool) {
        self.rows.retain(|(names, _)| keep(names));
    }

    /// The breakdowns.
    pub fn by(&self) -> &[Vec<String>] {
        &self.by
    }

    /// The columns that are neither a breakdown nor the count.
    pub fn other_columns(&self) -> &[String] {
        &self.others
    }

    /// The breakdowns with further columns, and for each those that lie across its levels. A column of which each category lies in one category of a
    /// breakdown here is a finer level of it; one in which each of its categories lies is a coarser one, or lies across. Others are breakdowns of their
    /// own; so are those that are `crossed` with a column here: a release tells both for every combination. Where two columns have the same categories now,
    /// the finer one is the one that was `inside` the other in a release.
    pub fn with_further(
        &self,
        further: &[String],
        crossed: impl Fn(&str, &str) -> bool,
        inside: impl Fn(&str, &str) -> bool,
    ) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
        // In the only category of a column lies everything, which says nothing.
        let lies_in = |fine: &str, coarse: &str| {
            self.has_several(coarse) && self.lies_in(fine, coarse) && !inside(coarse, fine)
        };
        let mut by = self.by.clone();
        let mut across = vec![Vec::new(); by.len()];
        for column in further {
            let fits = |columns: &Vec<String>, is: &dyn Fn(&str) -> bool| {
                columns.last().is_some_and(|finest| is(finest))
                    && !columns.iter().any(|own| crossed(own, column))
            };
            let coarser = by
                .iter()
                .position(|columns| fits(columns, &|finest| lies_in(finest, column)));
            let finer = by
                .iter()
                .position(|columns| fits(columns, &|finest| lies_in(column, finest)));
            if let Some(number) = coarser {
                let columns = &mut by[number];
                let level = columns
                    .iter()
                    .position(|own| lies_in(own, column))
                    .unwrap_or_default();
                if level == 0 || lies_in(column, &columns[level - 1]) {
                    columns.insert(level, column.clone());
                } else {
                    across[number].push(column.clone());
                }
            } else if let Some(number) = finer {
                by[number].push(column.clone());
            } else {
                by.push(vec![column.clone()]);
                across.push(Vec::new());
            }
        }
        (by, across)
    }

    /// Whether rows have different categories of a column.
    fn has_several(&self, column: &str) -> bool {
        let place = self.place(column);
        place.is_some_and(|place| {
            self.rows
                .windows(2)
                .any(|pair| pair[0].0[place] != pair[1].0[place])
        })
    }

    /// Whether each category of one column lies in one category of another.
    fn lies_in(&self, fine: &str, coarse: &str) -> bool {
        let (Some(fine), Some(coarse)) = (self.place(fine), self.place(coarse)) else {
            return false;
        };
        let mut found: HashMap<&str, &str> = HashMap::new();
        let mut rows = self.rows.iter();
        rows.all(|(row, _)| *found.entry(&row[fine]).or_insert(&row[coarse]) == row[coarse])
    }

    /// Whether a row has this category.
    pub fn has(&self, column: &str, category: &str) -> bool {
        let place = self.place(column);
        place.is_some_and(|place| self.rows.iter().any(|(row, _)| row[place] == category))
    }

    fn place(&self, column: &str) -> Option<usize> {
        let mut columns = self.by.iter().flatten().chain(&self.others);
        columns.position(|other| other == column)
    }

    fn places(&self, by: &[Vec<String>]) -> Vec<Vec<usize>> {
        let of = |columns: &Vec<String>| columns.iter().filter_map(|column| self.place(column)).collect();
        by.iter().map(of).collect()
    }

    /// The finest categories of these breakdowns.
    pub fn paths(&self, by: &[Vec<String>]) -> Vec<BTreeSet<Vec<String>>> {
        let of = |places: &Vec<usize>| {
            let paths = self.rows.iter();
            paths
                .map(|(row, _)| places.iter().map(|&place| row[place].clone()).collect())
                .collect()
        };
        self.places(by).iter().map(of).collect()
    }

    /// The table of these breakdowns, with categories that only earlier releases have.
    pub fn table(&self, by: &[Vec<String>], vanished: &[Vec<Vec<String>>]) -> Result<Table, TableError> {
        self.table_with_across(by, &[], vanished)
    }

    /// The same with columns that lie across the levels of each breakdown.
    pub fn table_with_across(
        &self,
        by: &[Vec<String>],
        across: &[Vec<String>],
        vanished: &[Vec<Vec<String>>],
    ) -> Result<Table, TableError> {
        let mut dimensions = Vec::new();
        for (number, (columns, paths)) in by.iter().cloned().zip(self.paths(by)).enumerate() {
            let gone = vanished.get(number).into_iter().flatten().cloned();
            let mut dimension = Dimension::new(columns, paths.into_iter().chain(gone))?;
            for column in across.get(number).into_iter().flatten() {
                let finest = dimension.columns().last().and_then(|finest| self.place(finest));
                let (Some(fine), Some(coarse)) = (finest, self.place(column)) else {
                    continue;
                };
                let lies: HashMap<&str, &str> = self
                    .rows
                    .iter()
                    .map(|(row, _)| (&*row[fine], &*row[coarse]))
                    .collect();
                dimension.lies_across(column, |name| match lies.get(name) {
                    Some(category) => Some((*category).to_owned()),
                    None => category_that_vanished(column, name),
                });
            }
            dimensions.push(dimension);
        }
        let places = self.places(by);
        let leaves: Vec<HashMap<Vec<String>, usize>> = dimensions
            .iter()
            .map(|dimension| {
                let path = |(leaf, &node): (usize, &usize)| (dimension.nodes()[node].path.clone(), leaf);
                dimension.leaves().iter().enumerate().map(path).collect()
            })
            .collect();
        let counts: Vec<(Vec<usize>, u64)> = self
            .rows
            .iter()
            .map(|(row, count)| {
                let leaves = places
                    .iter()
                    .zip(&leaves)
                    .map(|(places, leaves)| {
                        let path: Vec<String> = places.iter().map(|&place| row[place].clone()).collect();
                        leaves.get(&path).copied().unwrap_or_default()
                    })
                    .collect();
                (leaves, *count)
            })
            .collect();
        Ok(Table::new(dimensions, counts)?)
    }
}

/// What a finest category is called that stands for a category of which no finer one is known.
pub(super) fn of_vanished(column: &str, category: &str) -> String {
    format!("({column} {category})")
}

fn category_that_vanished(column: &str, name: &str) -> Option<String> {
    let rest = name.strip_prefix('(')?.strip_suffix(')')?;
    rest.strip_prefix(column)?.strip_prefix(' ').map(str::to_owned)
}

/// A file that is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A breakdown is no tree.
    #[error(transparent)]
    Dimension(#[from] DimensionError),
    /// It is too big.
    #[error(transparent)]
    TooManyCells(#[from] TooManyCells),
}

/// Where the columns of a file are that is counted by breakdowns.
pub(super) struct Columns {
    /// The one that is no category.
    pub own: usize,
    /// Those of the breakdowns in turn, then the others.
    pub places: Vec<usize>,
    /// The names of the others.
    pub others: Vec<String>,
}

impl Columns {
    /// Opens a file and finds them.
    ///
    /// # Errors
    /// If it is no table, or a column is missing or there twice.
    pub fn open<'a>(
        file: Named<'a>,
        by: &[Vec<String>],
        own: &str,
        what: &str,
    ) -> Result<(CsvTable<'a>, Self), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let table = CsvTable::read(file, &mut mistakes);
        match table.and_then(|table| Some((Self::find(&table, by, own, what, &mut mistakes)?, table))) {
            Some((columns, table)) => Ok((table, columns)),
            None => Err(mistakes),
        }
    }

    fn find(
        table: &CsvTable<'_>,
        by: &[Vec<String>],
        own: &str,
        what: &str,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let own = key(own.trim());
        let header: Vec<String> = table.header.iter().map(|name| key(name)).collect();
        let place = |name: &str| header.iter().position(|column| column == name);
        for (number, name) in header.iter().enumerate() {
            if place(name) != Some(number) {
                mistakes.push(table.header_mistake(format!("two columns have the name {name}.")));
            }
        }
        for name in by.iter().flatten().chain([&own]) {
            if place(name).is_none() {
                let message = format!("there is no column {name}, only {}.", header.join(", "));
                mistakes.push(table.header_mistake(message));
            }
        }
        if by.iter().flatten().any(|name| *name == own) {
            let message = format!("the column {own} is {what} and cannot be a breakdown as well.");
            mistakes.push(table.header_mistake(message));
        }
        if !mistakes.is_empty() {
            return None;
        }
        let own = place(&own)?;
        let mut places: Vec<usize> = by.iter().flatten().filter_map(|name| place(name)).collect();
        let others: Vec<usize> = (0..header.len())
            .filter(|number| *number != own && !places.contains(number))
            .collect();
        places.extend(&others);
        Some(Self {
            own,
            places,
            others: others.iter().map(|&number| header[number].clone()).collect(),
        })
    }

    /// Says so if there was no row.
    pub fn tells_of_no_row(table: &CsvTable<'_>, rows: usize, mistakes: &mut Vec<Mistake>) {
        if mistakes.is_empty() && rows == 0 {
            let message = "the table has a header and no row: there is nothing to publish.";
            mistakes.push(table.header_mistake(message));
        }
    }
}

/// In which category of the level above each category lies, and in which line that stands.
pub(super) type Parents = HashMap<(usize, String), (String, u64)>;

/// What stands in the columns of a row.
pub(super) fn categories(
    table: &CsvTable<'_>,
    row: &Row,
    columns: &[usize],
    by: &[Vec<String>],
    parents: &mut Parents,
    mistakes: &mut Vec<Mistake>,
) -> Vec<String> {
    let names: Vec<String> = columns.iter().map(|&place| key(&row.cells[place])).collect();
    for (name, &place) in names.iter().zip(columns) {
        if name.is_empty() {
            let message = "it is empty: name the category. In a sheet with merged cells, fill it down from the row above; call it unknown only if it is.";
            mistakes.push(table.mistake(row, place, message));
        } else if is_total(name) || is_called_a_sum(name) {
            mistakes.push(table.mistake(
                row,
                place,
                format!("a category cannot be called '{name}', which is how the published table names the sum of all. Leave rows of sums out, they are worked out."),
            ));
        }
    }
    for (place, message) in parents_disagree(&names, by, row.line, parents) {
        mistakes.push(table.mistake(row, columns[place], message));
    }
    names
}

fn read_rows(
    table: &CsvTable<'_>,
    columns: &Columns,
    by: &[Vec<String>],
    mistakes: &mut Vec<Mistake>,
) -> Vec<(Vec<String>, u64)> {
    let mut rows = Vec::new();
    let mut seen: HashMap<Vec<String>, u64> = HashMap::new();
    let mut parents = Parents::new();
    for row in &table.rows {
        let before = mistakes.len();
        let names = categories(table, row, &columns.places, by, &mut parents, mistakes);
        let number = match whole_count(&row.cells[columns.own]) {
            Ok(number) => number,
            Err(message) => {
                mistakes.push(table.mistake(row, columns.own, message));
                0
            }
        };
        if let Some(first) = seen.insert(names.clone(), row.line) {
            let message = format!(
                "it is the same combination as line {first}: {}.",
                names.join(", ")
            );
            mistakes.push(table.row_mistake(row, message));
        }
        if mistakes.len() == before {
            rows.push((names, number));
        }
    }
    rows
}

/// What people call rows of sums in their tables, besides "total".
const SUMS: [&str; 17] = [
    "totals",
    "grand total",
    "sub-total",
    "subtotal",
    "sub total",
    "all",
    "all kinds",
    "sum",
    "both",
    "both sexes",
    "overall",
    "_t",
    "សរុប",
    "សរុបរួម",
    "ចំនួនសរុប",
    "សរុបទាំងអស់",
    "ទាំងអស់",
];

/// Up to so many numbers that make up others may do so by chance.
const LEAST_PARTS: usize = 4;

/// Categories that are the sum of all others of their breakdown, or of their category above, in every row of at least two: sums that nobody calls so.
fn sums_among<'a>(
    rows: &'a [(Vec<String>, u64)],
    by: &'a [Vec<String>],
) -> impl Iterator<Item = String> + 'a {
    // Each column with its place, and where its breakdown ends.
    let places = by.iter().scan(0, |begin, columns| {
        let (first, end) = (*begin, *begin + columns.len());
        *begin = end;
        Some(
            columns
                .iter()
                .enumerate()
                .map(move |(level, column)| (first + level, column, end)),
        )
    });
    places.flatten().filter_map(move |(place, column, end)| {
        // What stands beside it: the other columns, but for finer levels of this breakdown.
        let mut beside: HashMap<Vec<&str>, HashMap<&str, u64>> = HashMap::new();
        for (names, count) in rows {
            let others = names.iter().enumerate();
            let others = others.filter(|(other, _)| *other != place && !(place + 1..end).contains(other));
            let counts = beside.entry(others.map(|(_, name)| name.as_str()).collect()).or_default();
            *counts.entry(names[place].as_str()).or_default() += count;
        }
        let filled: Vec<&HashMap<&str, u64>> =
            beside.values().filter(|counts| counts.values().any(|count| *count > 0)).collect();
        let is_sum = |name: &&str, counts: &HashMap<&str, u64>| {
            let own = counts.get(name).copied().unwrap_or_default();
            own > 0 && 2 * own == counts.values().sum::<u64>()
        };
        let first = filled.first()?;
        let mut names: Vec<&str> = first.keys().copied().filter(|name| is_sum(name, first)).collect();
        names.sort_unstable();
        // A few numbers may be alike by chance: of two that make up a third one, in two rows, that was met.
        let parts = |counts: &&HashMap<&str, u64>| counts.values().filter(|count| **count > 0).count() - 1;
        let found = names.into_iter().find(|name| {
            filled.len() > 1
                && filled.iter().all(|counts| is_sum(name, counts))
                && filled.iter().map(parts).sum::<usize>() > LEAST_PARTS
        })?;
        Some(format!(
            "in every row '{found}' of {column} is the sum of all others: leave rows of sums out, they are worked out."
        ))
    })
}

fn is_called_a_sum(name: &str) -> bool {
    let name = name
        .trim()
        .trim_end_matches([':', '.', '៖'])
        .trim()
        .to_lowercase();
    SUMS.contains(&name.as_str())
}

/// Which categories of a row lie in another category of the level above than in a row before.
fn parents_disagree(
    names: &[String],
    by: &[Vec<String>],
    line: u64,
    parents: &mut Parents,
) -> Vec<(usize, String)> {
    let (mut first, mut found) = (0, Vec::new());
    for columns in by {
        for level in 1..columns.len() {
            let (place, above) = (first + level, &names[first + level - 1]);
            let known = parents
                .entry((place, names[place].clone()))
                .or_insert_with(|| (above.clone(), line));
            if known.0 != *above {
                found.push((
                    place,
                    format!(
                        "'{}' stands under {} '{above}' here and under '{}' in line {}: it can be in one only.",
                        names[place],
                        columns[level - 1],
                        known.0,
                        known.1
                    ),
                ));
            }
        }
        first += columns.len();
    }
    found
}

fn whole_count(text: &str) -> Result<u64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(
            "it is empty: write 0 if there is none; what is not known cannot be published as a count".into(),
        );
    }
    if text.starts_with(['<', '>', '≤', '≥', '*', '–']) || ["c", "x", "s", "hidden", ".."].contains(&text)
    {
        return Err(format!(
            "'{text}' is a hidden number: take the table with the true counts, since what others have hidden cannot be protected"
        ));
    }
    match text.parse::<u64>() {
        Ok(number) if number <= MAX_COUNT => Ok(number),
        Ok(_) => Err(format!(
            "'{text}' is more than {MAX_COUNT}, the most that is counted"
        )),
        Err(_) => match text.parse::<f64>() {
            Ok(number) if number < 0.0 => Err(format!("'{text}' is negative: a count is 0 or more")),
            Ok(number) if number.is_finite() && number.fract() != 0.0 => {
                Err(format!("'{text}' is not whole: a count is a whole number"))
            }
            _ => Err(format!(
                "'{text}' is not a count: write a whole number in digits, without separators"
            )),
        },
    }
}
