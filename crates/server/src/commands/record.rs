//! `phteah record`: what was decided, checked against what the data say today.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use phteah_layers::{Catalogue, Progress};
use phteah_planning::decision::decide;
use phteah_planning::record::{Input, Record as Sealed};

use super::decide::{every, read};
use super::progress::Shown;
use super::{CommandError, say};
use crate::cli::Data;
use crate::ranking::measure;

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
    /// Recompute a record and say whether it is identical, or what differs
    Verify(Verify),
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
        Task::Verify(args) => verify(args),
    }
}

fn verify(args: &Verify) -> Result<(), CommandError> {
    let record: Sealed = serde_json::from_str(&read(&args.file)?).map_err(|error| {
        CommandError::Refused(format!("{} is no decision record: {error}.", args.file.display()))
    })?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let mut progress = Shown::on_stderr();
    let measured = measure::measure_with(&catalogue, &record.scenario, &mut progress)?;
    let ranking = decide(&record.scenario, &measured.matrix).map_err(|problems| every(&problems))?;
    progress.finish();
    let inputs: Vec<Input> = measured
        .inputs
        .iter()
        .map(|input| Input {
            layer: input.name.clone(),
            role: input.role.to_string(),
            hash: input.hash.clone(),
            illustrative: input.illustrative,
        })
        .collect();
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
