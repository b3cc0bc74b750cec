//! `phteah protect`: a table of counts about people, so that it tells about nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use phteah_registry::disclosure::dimension::is_total;
use phteah_registry::disclosure::earlier::{Earlier, EarlierCell};
use phteah_registry::disclosure::read::{MAX_COUNT, TableFile, breakdowns};
use phteah_registry::disclosure::release::Release;
use phteah_registry::disclosure::rules::{FLOOR, Reason, Rules};
use phteah_registry::table::{Named, told};
use serde_json::{Map, Value, json};

use super::decide::read;
use super::terminal::{json as json_text, line};
use super::{CommandError, say, tell};

/// `phteah protect`.
#[derive(Debug, Args)]
pub struct Protect {
    /// Counts as CSV: one row a combination of the finest categories; a combination that is absent counts 0
    #[arg(value_name = "TABLE.csv")]
    pub table: PathBuf,
    /// The column with the counts
    #[arg(long, value_name = "COLUMN")]
    pub count: String,
    /// The columns to count by, levels of one breakdown joined by '>', coarse first: 'khan>sangkat,kind,sex'
    #[arg(long, value_name = "COLUMNS")]
    pub by: String,
    /// Counts from 1 to before this are hidden, and no hidden one is known closer than this; at least 10
    #[arg(long, value_name = "N", default_value_t = FLOOR)]
    pub threshold: u64,
    /// What was published before, as this command wrote it with --json, the oldest first
    #[arg(long, value_name = "RELEASE.json", num_args = 1..)]
    pub earlier: Vec<PathBuf>,
    /// Just what readers get, without any reason: this may be published
    #[arg(long)]
    pub public: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Protect) -> Result<(), CommandError> {
    let rules =
        Rules::new(args.threshold).map_err(|error| CommandError::Usage(format!("--threshold: {error}")))?;
    let by = breakdowns(&args.by).map_err(|problem| CommandError::Usage(format!("--by: {problem}")))?;
    let (name, text) = (args.table.display().to_string(), read(&args.table)?);
    let named = Named {
        name: &name,
        text: &text,
    };
    let file =
        TableFile::read(named, by, &args.count).map_err(|mistakes| CommandError::Refused(told(&mistakes)))?;
    let earlier = args
        .earlier
        .iter()
        .map(|path| earlier(path))
        .collect::<Result<Vec<Earlier>, CommandError>>()?;
    if !file.other_columns().is_empty() {
        tell(format!(
            "Note: counts are added up over {}, which --by does not name.",
            file.other_columns().join(", ")
        ));
    }
    for note in categories_that_differ(&file, &earlier) {
        tell(note);
    }
    let release =
        Release::prepare(&file, rules, &earlier).map_err(|error| CommandError::Refused(error.to_string()))?;
    if args.json {
        print_json(&release, args.public)?;
    } else {
        print_words(&release, args.public);
    }
    Ok(())
}

/// So many categories are named; the rest is counted.
const MAX_NAMED: usize = 8;

/// Categories of the latest release that the table does not have, and the other way round: one that is only written in another way would be taken for
/// another one, and its small change would be told.
fn categories_that_differ(file: &TableFile, earlier: &[Earlier]) -> Vec<String> {
    let Some(latest) = earlier.last() else {
        return Vec::new();
    };
    let columns = file.by().iter().flatten().chain(file.other_columns());
    columns
        .enumerate()
        .filter_map(|(place, column)| {
            let here: BTreeSet<&String> = file.rows().iter().map(|(names, _)| &names[place]).collect();
            let there = latest.cells.iter().filter_map(|cell| cell.labels.get(column));
            let there: BTreeSet<&String> = there.filter(|name| !is_total(name)).collect();
            let named = |names: Vec<&&String>| {
                let mut words: Vec<String> = names.iter().take(MAX_NAMED).map(|name| line(name)).collect();
                if names.len() > MAX_NAMED {
                    words.push(format!("and {} more", names.len() - MAX_NAMED));
                }
                words.join(", ")
            };
            let (gone, new) = (there.difference(&here).collect::<Vec<_>>(), here.difference(&there).collect::<Vec<_>>());
            (!gone.is_empty() && !new.is_empty()).then(|| {
                format!(
                    "Note: {} has categories of {column} that this table does not have ({}), and this one has others ({}). If they are the same in another spelling, write them in one way: they are taken for others, and a small change is not seen.",
                    latest.name,
                    named(gone),
                    named(new)
                )
            })
        })
        .collect()
}

/// Reads what the command wrote once.
fn earlier(path: &Path) -> Result<Earlier, CommandError> {
    let refused = |what: String| CommandError::Refused(format!("{}: {what}", path.display()));
    let value: Value = serde_json::from_str(read(path)?.trim_start_matches('\u{feff}'))
        .map_err(|error| refused(format!("it is no JSON: {error}")))?;
    if value.get("noise").is_some() {
        return Err(refused(
            "its counts have noise. A table is perturbed or has hidden cells, never both: exact counts beside it would give the noise away".into(),
        ));
    }
    let cells = value
        .get("cells")
        .and_then(Value::as_array)
        .filter(|cells| !cells.is_empty())
        .ok_or_else(|| refused("it has no list of \"cells\", so it is no release".into()))?;
    let cells = cells
        .iter()
        .enumerate()
        .map(|(number, cell)| {
            earlier_cell(cell)
                .map_err(|what| refused(format!("cells[{number}]: {what}, so it is no release")))
        })
        .collect::<Result<Vec<EarlierCell>, CommandError>>()?;
    Ok(Earlier {
        name: path.display().to_string(),
        cells,
        erased_since: 0,
    })
}

fn earlier_cell(cell: &Value) -> Result<EarlierCell, String> {
    let cell = cell.as_object().ok_or("it is no object")?;
    let value = match cell.get("value") {
        None => return Err("it has no \"value\"".into()),
        Some(Value::Null) => None,
        Some(value) => Some(
            value
                .as_u64()
                .filter(|value| *value <= MAX_COUNT)
                .ok_or_else(|| {
                    format!("its value {value} is no count: a whole number from 0 to {MAX_COUNT}")
                })?,
        ),
    };
    let labels = cell
        .iter()
        .filter(|(column, _)| !matches!(column.as_str(), "value" | "reason"))
        .map(|(column, name)| match name {
            Value::String(name) => Ok((column.clone(), name.clone())),
            _ => Err(format!("its {column} is no text")),
        })
        .collect::<Result<BTreeMap<String, String>, String>>()?;
    if labels.is_empty() {
        return Err("it says no category".into());
    }
    Ok(EarlierCell {
        labels,
        value,
        was: None,
    })
}

fn print_json(release: &Release, public: bool) -> Result<(), CommandError> {
    let cells = release.cells().map(|cell| {
        let mut object = cell_as_json(cell.labels, json!(cell.value));
        if !public {
            object.insert("reason".to_owned(), json!(cell.reason.map(Reason::word)));
        }
        object
    });
    if public {
        let told = json!({
            "cells": release.len(),
            "cells_hidden": release.hidden(),
            "share_hidden": release.share_hidden(),
        });
        return cells_as_json(cells, "hidden", &told);
    }
    let audit = json!({
        "narrowest": release.audit.narrowest.filter(|width| width.is_finite()),
        "narrowest_is_exact": release.audit.exact,
        "cells": release.len(),
        "cells_hidden": release.hidden(),
        "share_hidden": release.share_hidden(),
        "at_least_hidden": release.at_least_hidden,
    });
    cells_as_json(cells, "audit", &audit)
}

/// A cell with its names and its count.
pub(super) fn cell_as_json(labels: Vec<(&str, &str)>, value: Value) -> Map<String, Value> {
    let names = labels.into_iter();
    let names = names.map(|(column, name)| (column.to_owned(), name.into()));
    names.chain([("value".to_owned(), value)]).collect()
}

/// One cell a line: a release is read by people and compared by programs.
pub(super) fn cells_as_json(
    cells: impl Iterator<Item = Map<String, Value>>,
    further: &str,
    about: &Value,
) -> Result<(), CommandError> {
    let cannot = |error| CommandError::Refused(format!("The result cannot be written as JSON: {error}"));
    let lines: Vec<String> = cells
        .map(|cell| serde_json::to_string(&cell))
        .collect::<Result<_, _>>()
        .map_err(cannot)?;
    let about = serde_json::to_string(about).map_err(cannot)?;
    let text = format!(
        "{{\"cells\": [\n{}\n],\n\"{further}\": {about}}}",
        lines.join(",\n")
    );
    say(json_text(&text));
    Ok(())
}

fn print_words(release: &Release, public: bool) {
    let mut header = false;
    for cell in release.cells() {
        if !header {
            let columns: Vec<&str> = cell.labels.iter().map(|(column, _)| *column).collect();
            let why = if public { "" } else { "\twhy hidden" };
            say(format!("{}\tcount{why}", columns.join("\t")));
            header = true;
        }
        let names: Vec<String> = cell.labels.iter().map(|(_, name)| line(name)).collect();
        let count = cell
            .value
            .map_or_else(|| "–".to_owned(), |value| value.to_string());
        let why = match cell.reason {
            _ if public => String::new(),
            reason => format!("\t{}", reason.map_or("", Reason::word)),
        };
        say(format!("{}\t{count}{why}", names.join("\t")));
    }
    if public {
        return;
    }
    say(format!(
        "{} of {} cells hidden, {:.0} % of cells: {} small, {} that tell on a group, {} by their difference to an earlier release, {} so that none of these can be worked out.",
        release.hidden(),
        release.len(),
        100.0 * release.share_hidden(),
        release.hidden_for(Reason::Small),
        release.hidden_for(Reason::Group),
        release.hidden_for(Reason::Difference),
        release.hidden_for(Reason::Complementary),
    ));
    say(format!(
        "At least {} cells have to be hidden, whatever the method.",
        release.at_least_hidden
    ));
    match (release.audit.narrowest, release.narrowest_name()) {
        (Some(width), Some(name)) if width.is_finite() => say(format!(
            "An attacker comes closest to ({name}): he knows it to within {}{width}.",
            if release.audit.exact { "" } else { "at least " }
        )),
        (Some(_), _) => say("An attacker finds no upper bound for any hidden cell."),
        _ => say("Nothing is hidden."),
    }
    tell(
        "Note: the reasons are for whoever prepares the release; --public leaves them out. Readers see that a cell is hidden, not why: 'small' says 1 to before the threshold.",
    );
}
