//! A table of counts from CSV text, and what is wrong with it: every problem with its row and column.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization as _;

use super::dimension::{Dimension, DimensionError, is_total};
use super::table::{Table, TooManyCells};

/// Problems that are told one by one; the rest is counted.
pub const MAX_TOLD: usize = 100;

/// The greatest count of one cell.
pub const MAX_COUNT: u64 = 1_000_000_000;

/// One thing wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row, as a spreadsheet counts: the header is row 1. None: the table as a whole.
    pub row: Option<u64>,
    /// The column's name.
    pub column: Option<String>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(f, "row {row}, column {column}: {}", self.message),
            (Some(row), None) => write!(f, "row {row}: {}", self.message),
            (None, Some(column)) => write!(f, "column {column}: {}", self.message),
            (None, None) => f.write_str(&self.message),
        }
    }
}

/// Reads breakdowns: `khan>sangkat,kind,sex` is two levels of places, and two more breakdowns.
pub fn breakdowns(by: &str) -> Result<Vec<Vec<String>>, Problem> {
    let problem = |message: String| Problem {
        row: None,
        column: None,
        message,
    };
    let found: Vec<Vec<String>> = by
        .split(',')
        .map(|one| one.split('>').map(tidy).collect())
        .collect();
    let mut seen = BTreeSet::new();
    for column in found.iter().flatten() {
        if column.is_empty() {
            return Err(problem(format!(
                "'{by}' names a breakdown without a column: write it as khan>sangkat,kind,sex"
            )));
        }
        if matches!(column.as_str(), "value" | "reason") {
            return Err(problem(format!(
                "a column called {column} cannot be a breakdown: the published table has one of that name itself"
            )));
        }
        if !seen.insert(column) {
            return Err(problem(format!("'{by}' names the column {column} twice")));
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

/// A name as it is compared: without space around it and in composed form (NFC).
fn tidy(name: &str) -> String {
    name.trim().nfc().collect()
}

struct Problems {
    told: Vec<Problem>,
    more: usize,
}

impl Problems {
    fn add(&mut self, row: Option<u64>, column: Option<&str>, message: impl Into<String>) {
        if self.told.len() < MAX_TOLD {
            self.told.push(Problem {
                row,
                column: column.map(str::to_owned),
                message: message.into(),
            });
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<Problem> {
        if self.more > 0 {
            self.told.push(Problem {
                row: None,
                column: None,
                message: format!("and {} more of the kind", self.more),
            });
        }
        self.told
    }
}

impl TableFile {
    /// Reads a table: a header, then a row for each combination, with its count in the column `count`. Columns that are neither in `by` nor
    /// the count are added up over.
    pub fn read(text: &str, by: Vec<Vec<String>>, count: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems {
            told: Vec::new(),
            more: 0,
        };
        let count = tidy(count);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(tidy).collect(),
            Err(error) => {
                problems.add(Some(1), None, format!("it is no CSV: {error}"));
                return Err(problems.finish());
            }
        };
        if header.iter().all(String::is_empty) {
            problems.add(
                None,
                None,
                "the file is empty: it needs a header and a row for each combination",
            );
            return Err(problems.finish());
        }
        let place = |name: &str| header.iter().position(|column| column == name);
        for (number, name) in header.iter().enumerate() {
            if place(name) != Some(number) {
                problems.add(Some(1), Some(name), "two columns have this name");
            }
        }
        for name in by.iter().flatten().chain([&count]) {
            if place(name).is_none() {
                let hint = if header.len() == 1 && name.len() < header[0].len() {
                    "; columns are separated by commas"
                } else {
                    ""
                };
                problems.add(
                    Some(1),
                    Some(name),
                    format!("there is no such column, only {}{hint}", header.join(", ")),
                );
            }
        }
        if by.iter().flatten().any(|name| *name == count) {
            problems.add(
                None,
                Some(&count),
                "it is the count and cannot be a breakdown as well",
            );
        }
        if !problems.told.is_empty() {
            return Err(problems.finish());
        }
        let count_place = place(&count).unwrap_or_default();
        let mut places: Vec<usize> = by.iter().flatten().filter_map(|name| place(name)).collect();
        let others: Vec<usize> = (0..header.len())
            .filter(|number| *number != count_place && !places.contains(number))
            .collect();
        places.extend(&others);
        let rows = read_rows(&mut reader, &header, &places, count_place, &by, &mut problems);
        if problems.told.is_empty() && rows.is_empty() {
            problems.add(
                None,
                None,
                "the table has a header and no row: there is nothing to publish",
            );
        }
        if !problems.told.is_empty() {
            return Err(problems.finish());
        }
        Ok(Self {
            by,
            others: others.iter().map(|&number| header[number].clone()).collect(),
            rows,
        })
    }

    /// The breakdowns.
    pub fn by(&self) -> &[Vec<String>] {
        &self.by
    }

    /// The columns that are neither a breakdown nor the count.
    pub fn other_columns(&self) -> &[String] {
        &self.others
    }

    /// The finest categories of breakdowns, `further` columns as breakdowns of their own after those of [`Self::by`].
    pub fn paths(&self, further: &[String]) -> Vec<BTreeSet<Vec<String>>> {
        let places = self.places(further);
        let mut found: Vec<BTreeSet<Vec<String>>> = vec![BTreeSet::new(); places.len()];
        for (row, _) in &self.rows {
            for (set, places) in found.iter_mut().zip(&places) {
                let path: Vec<String> = places.iter().map(|&place| row[place].clone()).collect();
                set.insert(path);
            }
        }
        found
    }

    fn places(&self, further: &[String]) -> Vec<Vec<usize>> {
        let mut next = 0;
        let mut places: Vec<Vec<usize>> = self
            .by
            .iter()
            .map(|columns| {
                next += columns.len();
                (next - columns.len()..next).collect()
            })
            .collect();
        for column in further {
            if let Some(place) = self.others.iter().position(|other| other == column) {
                places.push(vec![next + place]);
            }
        }
        places
    }

    /// The table, with `further` columns as breakdowns of their own after those of [`Self::by`], and with categories that only earlier
    /// releases have.
    pub fn table(&self, further: &[String], vanished: &[Vec<Vec<String>>]) -> Result<Table, TableError> {
        let mut dimensions = Vec::new();
        let columns = self
            .by
            .iter()
            .cloned()
            .chain(further.iter().map(|column| vec![column.clone()]));
        for (number, (columns, paths)) in columns.zip(self.paths(further)).enumerate() {
            let gone = vanished.get(number).into_iter().flatten().cloned();
            dimensions.push(Dimension::new(columns, paths.into_iter().chain(gone))?);
        }
        let places = self.places(further);
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

fn read_rows(
    reader: &mut csv::Reader<&[u8]>,
    header: &[String],
    places: &[usize],
    count_place: usize,
    by: &[Vec<String>],
    problems: &mut Problems,
) -> Vec<(Vec<String>, u64)> {
    let mut rows = Vec::new();
    let mut seen: HashMap<Vec<String>, u64> = HashMap::new();
    let mut parents: HashMap<(usize, String), (String, u64)> = HashMap::new();
    let mut row = 1;
    for record in reader.records() {
        row += 1;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.add(Some(row), None, format!("it is no CSV: {error}"));
                continue;
            }
        };
        if record.len() != header.len() {
            problems.add(
                Some(row),
                None,
                format!("it has {} fields, the header {}", record.len(), header.len()),
            );
            continue;
        }
        let names: Vec<String> = places.iter().map(|&place| tidy(&record[place])).collect();
        let mut good = true;
        for (name, &place) in names.iter().zip(places) {
            if name.is_empty() {
                problems.add(
                    Some(row),
                    Some(&header[place]),
                    "it is empty: name the category, and call it unknown if it is",
                );
                good = false;
            } else if is_total(name) {
                problems.add(
                    Some(row),
                    Some(&header[place]),
                    format!("a category cannot be called '{name}', which is how the published table names the sum of all. Leave rows of sums out, they are worked out"),
                );
                good = false;
            }
        }
        good &= parents_agree(&names, by, row, &mut parents, problems);
        let number = match whole_count(&record[count_place]) {
            Ok(number) => number,
            Err(message) => {
                problems.add(Some(row), Some(&header[count_place]), message);
                good = false;
                0
            }
        };
        if let Some(first) = seen.insert(names.clone(), row) {
            problems.add(
                Some(row),
                None,
                format!("it is the same combination as row {first}: {}", names.join(", ")),
            );
            good = false;
        }
        if good {
            rows.push((names, number));
        }
    }
    rows
}

/// Whether every category lies in one category of the level above.
fn parents_agree(
    names: &[String],
    by: &[Vec<String>],
    row: u64,
    parents: &mut HashMap<(usize, String), (String, u64)>,
    problems: &mut Problems,
) -> bool {
    let (mut first, mut good) = (0, true);
    for columns in by {
        for level in 1..columns.len() {
            let (place, above) = (first + level, &names[first + level - 1]);
            let known = parents
                .entry((place, names[place].clone()))
                .or_insert_with(|| (above.clone(), row));
            if known.0 != *above {
                problems.add(
                    Some(row),
                    Some(&columns[level]),
                    format!(
                        "'{}' stands under {} '{above}' here and under '{}' in row {}: it can be in one only",
                        names[place],
                        columns[level - 1],
                        known.0,
                        known.1
                    ),
                );
                good = false;
            }
        }
        first += columns.len();
    }
    good
}

fn whole_count(text: &str) -> Result<u64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(
            "it is empty: write 0 if there is none; what is not known cannot be published as a count".into(),
        );
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
