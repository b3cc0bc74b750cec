//! `phteah decide`: any decision matrix under a model.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use phteah_planning::methods::Method;
use phteah_planning::model::{Alternative, Model, Outcome, decide, parse_texts};
use phteah_planning::problem::{Problem, told};

use super::{CommandError, say, tell};

/// `phteah decide`.
#[derive(Debug, Args)]
pub struct Decide {
    /// Alternatives as CSV: first column id, then one column a criterion; an empty cell is unknown, 10..15 known between bounds
    #[arg(value_name = "MATRIX.csv")]
    pub matrix: PathBuf,
    /// The method, the criteria with goals and weights, the exclusions
    #[arg(long, value_name = "MODEL.toml")]
    pub model: PathBuf,
    /// How alternatives are ordered where figures are missing
    #[command(flatten)]
    pub order: super::order::OrderArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Decide) -> Result<(), CommandError> {
    let (matrix, model) = (read(&args.matrix)?, read(&args.model)?);
    let (matrix, model) = parse_texts(&matrix, &model).map_err(|problems| every(&problems))?;
    let model = Model {
        order: args.order.apply(model.order)?,
        ..model
    };
    let outcome = decide(&model, &matrix).map_err(|problems| every(&problems))?;
    if args.json {
        print_json(&outcome)?;
    } else {
        print_table(&outcome);
    }
    for warning in &outcome.warnings {
        tell(format!("Note: {}", warning.message));
    }
    Ok(())
}

/// A text file, whole; `-` is what comes from another command.
pub(super) fn read(path: &Path) -> Result<String, CommandError> {
    let refused = |what: &str| CommandError::Refused(format!("{} {what}", path.display()));
    if path.is_dir() {
        return Err(refused("is a folder: name a file in it."));
    }
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| refused(&format!("cannot be read: {error}")))?;
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(refused(
            "is a workbook or an archive, not text: save the sheet as CSV in UTF-8, with commas between its columns.",
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refused(
            "is in UTF-16: save it again in UTF-8 (spreadsheets call it \"CSV UTF-8\").",
        ));
    }
    String::from_utf8(bytes).map_err(|_| {
        refused("is not text in UTF-8: save it again in that encoding (spreadsheets call it \"CSV UTF-8\").")
    })
}

/// All problems at once, one a line.
pub(super) fn every(problems: &[Problem]) -> CommandError {
    CommandError::Refused(told(problems))
}

/// Prints a result for programs.
pub(super) fn print_json(result: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(result)
        .map_err(|error| CommandError::Refused(format!("The result cannot be written as JSON: {error}")))?;
    say(super::terminal::json(&text));
    Ok(())
}

fn notes(alternative: &Alternative) -> String {
    let mut notes = alternative.excluded.clone();
    if alternative.too_little_known {
        notes.push(format!(
            "too little known: {:.0} % of the weight; find out {}",
            alternative.unknown_share * 100.0,
            alternative.find_out.join(", ")
        ));
    }
    notes.join("; ")
}

fn print_table(outcome: &Outcome) {
    let score = match outcome.method {
        Method::WeightedSum => "score",
        Method::Topsis { .. } => "closeness",
        Method::Vikor { .. } => "q",
        Method::PrometheeII => "phi",
        Method::Spotis => "distance",
    };
    say(format!("rank\tid\t{score}\tlowest\thighest\tnotes"));
    let mut order: Vec<&Alternative> = outcome.alternatives.iter().collect();
    // Those without a rank come last, in input order, and say why.
    order.sort_by_key(|alternative| alternative.rank.unwrap_or(u32::MAX));
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.6}"));
    for alternative in order {
        say(format!(
            "{}\t{}\t{}\t{}\t{}\t{}",
            alternative
                .rank
                .map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
            alternative.id,
            number(alternative.score),
            number(alternative.lowest),
            number(alternative.highest),
            notes(alternative)
        ));
    }
    if outcome.alternatives.iter().any(|one| one.rank.is_some()) {
        say(format!("Ordered by {}.", outcome.order.rule));
    }
    for fact in &outcome.collect {
        let what = match (&fact.criterion, &fact.exclusion) {
            (_, Some(limit)) => format!("whether it keeps the limit on {limit}"),
            (criterion, None) => criterion.clone().unwrap_or_default(),
        };
        say(format!("Worth finding out: {what} of {}.", fact.alternative));
    }
    if let Some(compromise) = &outcome.compromise {
        say(format!("Compromise set: {}.", compromise.join(", ")));
    }
    for (what, holds) in [
        ("Acceptable advantage", outcome.acceptable_advantage),
        ("Acceptable stability", outcome.acceptable_stability),
    ] {
        if let Some(holds) = holds {
            say(format!("{what}: {}.", if holds { "yes" } else { "no" }));
        }
    }
}
