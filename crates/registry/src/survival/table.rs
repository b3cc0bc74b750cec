//! Stays from a CSV file.

use super::observation::{Observation, ObservationError};
use crate::table::{Mistake, Named, Table, key, number};

/// The families of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name; `None` where the file has no groups, or the group is not given.
    pub name: Option<String>,
    /// What is known of its families.
    pub observations: Vec<Observation>,
}

/// Groups in the order in which the file has them first, and what was filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// The groups.
    pub groups: Vec<Group>,
    /// Sentences on what was filled in.
    pub notes: Vec<String>,
}

/// Reads the columns `left`, `right` and, if there is one, `group`; others are left out. An empty `right` is "still there when last seen"; an empty
/// `left` beside a `right` is 0, the move itself. All mistakes at once.
pub fn read(file: Named<'_>) -> Result<Groups, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let Some(table) = Table::read(file, &mut mistakes) else {
        return Err(mistakes);
    };
    let names = [("left", true), ("right", true), ("group", false)];
    let columns = table.columns(&names, &mut mistakes);
    let (Some(left), Some(right), group) = (columns[0], columns[1], columns[2]) else {
        return Err(mistakes);
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut known: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let mut from_zero = 0_usize;
    for row in &table.rows {
        let mut time = |column: usize| {
            number(&row.cells[column]).unwrap_or_else(|message| {
                mistakes.push(table.mistake(row, column, message));
                // Told already; any time will do.
                Some(f64::NAN)
            })
        };
        let (from, to) = (time(left), time(right));
        let from = match (from, to) {
            (None, None) => {
                mistakes.push(table.mistake(
                    row,
                    left,
                    "left and right are both empty: give the time at which the family was last there.",
                ));
                continue;
            }
            (None, Some(_)) => {
                from_zero += 1;
                0.0
            }
            (Some(from), _) => from,
        };
        if from.is_nan() || to.is_some_and(f64::is_nan) {
            continue;
        }
        let name = group
            .map(|group| row.cells[group].to_owned())
            .filter(|name| !key(name).is_empty());
        let observation = match Observation::new(from, to) {
            Ok(observation) => observation,
            Err(ObservationError::Time) => {
                let column = if from < 0.0 { left } else { right };
                mistakes.push(table.mistake(
                    row,
                    column,
                    "a time is counted from the move: it is 0 or later.",
                ));
                continue;
            }
            Err(error @ ObservationError::Backwards { .. }) => {
                mistakes.push(table.mistake(row, right, format!("{error}: look up which is right.")));
                continue;
            }
        };
        let at = *known
            .entry(name.as_deref().map(key).unwrap_or_default())
            .or_insert_with(|| {
                groups.push(Group {
                    name,
                    observations: Vec::new(),
                });
                groups.len() - 1
            });
        groups[at].observations.push(observation);
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut notes = Vec::new();
    if from_zero > 0 {
        notes.push(format!(
            "{}: left is empty in {from_zero} rows; it was taken as 0, the move itself.",
            table.file
        ));
    }
    Ok(Groups { groups, notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::told;

    fn groups(text: &str) -> Result<Groups, String> {
        read(Named {
            name: "events.csv",
            text,
        })
        .map_err(|mistakes| told(&mistakes))
    }

    #[test]
    fn groups_come_in_the_order_of_the_file() {
        let read = groups("\u{feff}id,Group,right,left\r\n1,ទួលគោក,3,1\r\n2,B,,4\r\n3,ទួលគោក,2,\r\n4,,5,5\r\n")
            .unwrap();
        let names: Vec<Option<&str>> = read.groups.iter().map(|group| group.name.as_deref()).collect();
        assert_eq!(names, [Some("ទួលគោក"), Some("B"), None]);
        let first = &read.groups[0].observations;
        assert_eq!((first[0].left(), first[0].right()), (1.0, Some(3.0)));
        assert_eq!((first[1].left(), first[1].right()), (0.0, Some(2.0)));
        assert_eq!(read.groups[1].observations[0].right(), None);
        assert!(read.groups[2].observations[0].is_exact());
        assert_eq!(read.notes.len(), 1);
    }

    #[test]
    fn every_mistake_is_told_with_row_and_column() {
        let told = groups("left,right\n3,1\n-1,2\nx,2\n,\n1,inf\n1\n0,-2\n").unwrap_err();
        for line in [
            "events.csv: line 2, column right: the family was gone at 1 but still there at 3: look up which is right.",
            "events.csv: line 3, column left: a time is counted from the move: it is 0 or later.",
            "events.csv: line 4, column left: x is no number.",
            "events.csv: line 6, column right: inf is no finite number; leave the cell empty if it is not known.",
            "events.csv: line 7: has 1 cells where the header has 2.",
            "events.csv: line 8, column right: a time is counted from the move: it is 0 or later.",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\nnot in\n{told}");
        }
        assert!(groups("a,b\n1,2\n").unwrap_err().contains("has no column left"));
        assert!(groups("").is_err());
        assert_eq!(groups("left,right\n").unwrap().groups, []);
    }
}
