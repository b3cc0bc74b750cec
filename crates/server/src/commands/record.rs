//! `phteah record`: what was decided, sealed, and checked later against what the data say then.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use phteah_layers::{Catalogue, LayersError, Progress};
use phteah_planning::decision::{Ranking, decide};
use phteah_planning::record::{Input, Override, Record as Sealed, Signature};
use phteah_planning::scenario::Scenario;

use super::decide::{every, read};
use super::progress::Shown;
use super::{CommandError, say};
use crate::cli::Data;
use crate::ranking::measure;
use crate::scenarios;

/// `phteah record`.
#[derive(Debug, Args)]
pub struct Record {
    /// What to do
    #[command(subcommand)]
    pub task: Task,
}

/// What to do with a record.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Rank by a scenario and seal the result as a decision
    Make(Make),
    /// Recompute a record and say whether it is identical, or what differs
    Verify(Verify),
}

/// `phteah record make`.
#[derive(Debug, Args)]
pub struct Make {
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// The scenario, a TOML file
    #[arg(long, value_name = "FILE")]
    pub scenario: PathBuf,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub who: String,
    /// When it was decided, such as 2026-01-31T09:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub when: Option<Timestamp>,
    /// Notes that belong to the decision
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub notes: String,
    /// A departure from the ranking, with its reason; repeat it for each
    #[arg(long = "override", value_name = "SITE=DECISION:REASON")]
    pub overrides: Vec<String>,
    /// Where to write the record, as JSON
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `phteah record verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The record, as it was saved
    pub file: PathBuf,
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
}

pub(super) fn run(args: &Record) -> Result<(), CommandError> {
    match &args.task {
        Task::Make(args) => make(args),
        Task::Verify(args) => verify(args),
    }
}

fn make(args: &Make) -> Result<(), CommandError> {
    // The clock is read here, at the rim, and nowhere below.
    let when = args.when.unwrap_or_else(Timestamp::now).to_string();
    let overrides = overrides(args, &when)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let scenario = scenarios::read(&args.scenario)?;
    let (inputs, ranking) = recompute(&catalogue, &scenario)?;
    let signature = Signature {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        who: args.who.clone(),
        when,
        notes: args.notes.clone(),
        overrides,
    };
    let record = Sealed::seal(&scenario, inputs, &ranking, signature)
        .map_err(|error| CommandError::Refused(error.to_string()))?;
    let text = serde_json::to_string_pretty(&record)
        .map_err(|error| CommandError::Refused(format!("The record cannot be written as JSON: {error}")))?;
    std::fs::write(&args.out, text + "\n").map_err(|error| LayersError::io(&args.out, "writing", error))?;
    say(format!("Sealed {} as {}.", args.out.display(), record.seal));
    if record.inputs.iter().any(|input| input.illustrative) {
        say("Illustrative data: generated, not a survey of real places.");
    }
    Ok(())
}

/// The departures from the ranking, every mistake at once.
fn overrides(args: &Make, when: &str) -> Result<Vec<Override>, CommandError> {
    let read = |word: &String| {
        let (site, rest) = word.split_once('=')?;
        let (decision, reason) = rest.split_once(':')?;
        Some(Override {
            alternative: site.trim().to_owned(),
            decision: decision.trim().to_owned(),
            reason: reason.trim().to_owned(),
            who: args.who.clone(),
            when: when.to_owned(),
        })
    };
    let bad: Vec<String> = args
        .overrides
        .iter()
        .filter(|word| read(word).is_none())
        .map(|word| format!("--override {word} cannot be understood: write site, decision and reason as site-7=chosen:near the factory."))
        .collect();
    if bad.is_empty() {
        Ok(args.overrides.iter().filter_map(read).collect())
    } else {
        Err(CommandError::Usage(bad.join("\n")))
    }
}

/// What a scenario gives on today's layers.
fn recompute(catalogue: &Catalogue, scenario: &Scenario) -> Result<(Vec<Input>, Ranking), CommandError> {
    let mut progress = Shown::on_stderr();
    let measured = measure::measure(catalogue, scenario, &mut progress)?;
    let ranking = decide(scenario, &measured.matrix).map_err(|problems| every(&problems))?;
    progress.finish();
    let input = |input: &phteah_layers::measures::InputLayer| Input {
        layer: input.name.clone(),
        role: input.role.to_string(),
        hash: input.hash.clone(),
        illustrative: input.illustrative,
    };
    Ok((measured.inputs.iter().map(input).collect(), ranking))
}

fn verify(args: &Verify) -> Result<(), CommandError> {
    let record: Sealed = serde_json::from_str(&read(&args.file)?).map_err(|error| {
        CommandError::Refused(format!("{} is no decision record: {error}.", args.file.display()))
    })?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let (inputs, ranking) = recompute(&catalogue, &record.scenario)?;
    let differences = record.differences(&inputs, &ranking);
    if record.version != env!("CARGO_PKG_VERSION") {
        say(format!(
            "Recorded by version {}, recomputed by {}.",
            record.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    if differences.is_empty() {
        say("identical");
        return Ok(());
    }
    for difference in &differences {
        say(format!(
            "{}: recorded {}, found {}",
            difference.what, difference.recorded, difference.found
        ));
    }
    Err(CommandError::Refused(format!(
        "The record differs in {} places.",
        differences.len()
    )))
}
