//! `phteah record`: what was decided, sealed, and checked later against what the data say then.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use phteah_layers::{Catalogue, LayersError, Progress};
use phteah_planning::decision::Ranking;
use phteah_planning::record::{
    Choice, Input, Override, Record as Sealed, RecordError, RecordFault, Signature,
};
use phteah_planning::scenario::Scenario;

use super::decide::read;
use super::progress::Shown;
use super::{CommandError, say};
use crate::build_id::VERSION;
use crate::cli::Data;
use crate::ranking::{RankedSites, measure, sites};
use crate::scenarios;
use crate::tiles::plane::Plane;

pub mod publish;

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
    /// Store the ranked sites of a record as a layer, which "phteah publish" then shows to partners
    Publish(publish::Publish),
}

/// `phteah record make`.
#[derive(Debug, Args)]
pub struct Make {
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// The scenario, a TOML file; "default" is the one that comes with the program
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
    /// A site that is chosen, and why; repeat it for each
    #[arg(long = "choose", value_name = "SITE=REASON")]
    pub chosen: Vec<String>,
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
        Task::Publish(args) => publish::run(args),
    }
}

fn make(args: &Make) -> Result<(), CommandError> {
    // The clock is read here, at the rim, and nowhere below.
    let when = args.when.unwrap_or_else(Timestamp::now).to_string();
    let overrides = overrides(args, &when)?;
    let chosen = chosen(args)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let scenario = scenarios::chosen(catalogue.dir(), &args.scenario)?;
    let (inputs, ranked) = recompute(&catalogue, &scenario)?;
    let signature = Signature {
        version: VERSION.to_owned(),
        who: args.who.clone(),
        when,
        notes: args.notes.clone(),
        chosen,
        overrides,
    };
    let record = Sealed::seal(&scenario, inputs, &ranked.ranking, signature).map_err(|e| refused(&e))?;
    let text = serde_json::to_string_pretty(&record)
        .map_err(|error| CommandError::Refused(format!("The record cannot be written as JSON: {error}")))?;
    std::fs::write(&args.out, text + "\n").map_err(|error| LayersError::io(&args.out, "writing", error))?;
    say(format!("Sealed {} as {}.", args.out.display(), record.seal));
    if record.inputs.iter().any(|input| input.illustrative) {
        say("Illustrative data: generated, not a survey of real places.");
    }
    Ok(())
}

/// Every mistake by the option that it is in.
fn refused(error: &RecordError) -> CommandError {
    let line = |fault: &RecordFault| {
        let option = match fault.field.split(['[', '.']).next() {
            Some("decided_by") => "--who",
            Some("notes") => "--notes",
            Some("chosen") => "--choose",
            _ => "--override",
        };
        let site = fault.site.as_ref().map(|site| format!(" {site}"));
        format!("{option}{} {}.", site.unwrap_or_default(), fault.what)
    };
    let lines: Vec<String> = error.0.iter().map(line).collect();
    CommandError::Refused(lines.join("\n"))
}

/// The chosen sites, every mistake at once.
fn chosen(args: &Make) -> Result<Vec<Choice>, CommandError> {
    let mut all = Vec::new();
    let mut bad = Vec::new();
    for word in &args.chosen {
        match word.split_once('=') {
            Some((site, reason)) => all.push(Choice {
                alternative: site.trim().to_owned(),
                reason: reason.trim().to_owned(),
            }),
            None => bad.push(format!(
                "--choose {word} cannot be understood: write site and reason as site-7=near the factory."
            )),
        }
    }
    if bad.is_empty() {
        Ok(all)
    } else {
        Err(CommandError::Refused(bad.join("\n")))
    }
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
pub(super) fn recompute(
    catalogue: &Catalogue,
    scenario: &Scenario,
) -> Result<(Vec<Input>, RankedSites), CommandError> {
    let mut progress = Shown::on_stderr();
    let measured = Arc::new(measure::measure(catalogue, scenario, &mut progress)?);
    let id = sites::ranking_id(scenario, catalogue);
    let plane = Plane::of(&catalogue.crs()?)?;
    let ranked = RankedSites::decide(id, scenario.clone(), Arc::clone(&measured), catalogue, &plane)?;
    progress.finish();
    let input = |input: &phteah_layers::measures::InputLayer| Input {
        layer: input.name.clone(),
        role: input.role.to_string(),
        hash: input.hash.clone(),
        illustrative: input.illustrative,
    };
    Ok((measured.inputs.iter().map(input).collect(), ranked))
}

fn read_record(path: &Path) -> Result<Sealed, CommandError> {
    serde_json::from_str(&read(path)?)
        .map_err(|error| CommandError::Refused(format!("{} is no decision record: {error}.", path.display())))
}

fn verify(args: &Verify) -> Result<(), CommandError> {
    let record = read_record(&args.file)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let (inputs, ranked) = recompute(&catalogue, &record.scenario)?;
    if record.version != VERSION {
        say(format!(
            "Recorded by version {}, recomputed by {}.",
            record.version, VERSION
        ));
    }
    differences(&record, &inputs, &ranked.ranking)?;
    say("identical");
    Ok(())
}

/// Refuses a record that today's layers do not give, after saying where it differs.
fn differences(record: &Sealed, inputs: &[Input], ranking: &Ranking) -> Result<(), CommandError> {
    let differences = record.differences(inputs, ranking);
    for difference in &differences {
        say(format!(
            "{}: recorded {}, found {}",
            difference.what, difference.recorded, difference.found
        ));
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Refused(format!(
            "The record differs in {} places.",
            differences.len()
        )))
    }
}
