//! One file per command. Each takes what the person typed and answers with the exit code's meaning.

pub mod access;
mod analyst;
pub mod backup;
pub mod carry;
pub mod decide;
mod demo;
pub mod disruption;
mod export;
pub mod exposure;
pub mod form;
mod import;
mod layer;
mod layers;
pub mod order;
pub mod overlay;
pub mod people;
pub mod perturb;
pub mod place;
mod progress;
pub mod protect;
mod rank;
pub mod record;
mod repair;
pub mod restore;
pub mod roles;
mod serve;
mod sharing;
pub mod sites;
mod sources;
pub mod survival;
pub mod terminal;
pub mod weights;

use phteah_layers::LayersError;

use crate::cli::{Cli, Command};
use crate::ranking::RankError;
use crate::scenarios::ScenarioError;
use terminal::{say, tell};

/// Help of `phteah sources`.
pub fn sources_help() -> &'static str {
    sources::HELP
}

/// Why a command did not do what was asked; its text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The data were refused, or a file or the system is in the way: exit code 1.
    #[error("{0}")]
    Refused(String),
    /// The command line asks for something that does not exist: exit code 2.
    #[error("{0}")]
    Usage(String),
}

impl CommandError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
        }
    }
}

impl From<LayersError> for CommandError {
    fn from(error: LayersError) -> Self {
        match error.private_cause() {
            _ if error.is_usage() => Self::Usage(error.to_string()),
            // Whoever sits at the terminal is the one to whom a log would be sent.
            Some(cause) => Self::Refused(format!("{error}\n({cause})")),
            None => Self::Refused(error.to_string()),
        }
    }
}

impl From<crate::random::NoRandom> for CommandError {
    fn from(error: crate::random::NoRandom) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<phteah_store::StoreError> for CommandError {
    fn from(error: phteah_store::StoreError) -> Self {
        if error.is_usage() {
            Self::Usage(error.to_string())
        } else {
            Self::Refused(error.to_string())
        }
    }
}

impl From<crate::releases::readers::ReadersError> for CommandError {
    fn from(error: crate::releases::readers::ReadersError) -> Self {
        match error {
            crate::releases::readers::ReadersError::Layers(error) => error.into(),
            crate::releases::readers::ReadersError::Store(error) => error.into(),
        }
    }
}

impl From<crate::partner::state::OpenError> for CommandError {
    fn from(error: crate::partner::state::OpenError) -> Self {
        match error {
            crate::partner::state::OpenError::Layers(error) => error.into(),
            crate::partner::state::OpenError::Store(error) => error.into(),
        }
    }
}

impl From<RankError> for CommandError {
    fn from(error: RankError) -> Self {
        match &error {
            RankError::Read(layers) if layers.is_usage() => Self::Usage(layers.to_string()),
            RankError::Read(layers) => match layers.private_cause() {
                Some(cause) => Self::Refused(format!("{layers}\n({cause})")),
                None => Self::Refused(layers.to_string()),
            },
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<ScenarioError> for CommandError {
    fn from(error: ScenarioError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Does what was asked.
pub fn run(cli: Cli) -> Result<(), CommandError> {
    carry_out(cli)?;
    match terminal::not_printed() {
        None => Ok(()),
        Some(error) => Err(CommandError::Refused(format!(
            "The result could not be written whole: {error}. Whatever was to be done is done; ask for the result again where there is room."
        ))),
    }
}

fn carry_out(cli: Cli) -> Result<(), CommandError> {
    match cli.command {
        Command::Import(args) => import::run(*args),
        Command::Demo(args) => demo::run(&args),
        Command::Layer(command) => layer::run(&command),
        Command::Layers(args) => layers::run(&args),
        Command::Repair(args) => repair::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Move(args) => carry::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Sources(args) => sources::run(&args),
        Command::Rank(args) => rank::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Publish(args) => sharing::publish(&args),
        Command::Key(args) => sharing::key(&args),
        Command::Team(command) => people::team::run(&command),
        Command::Account(command) => people::account::run(&command),
        Command::Device(command) => people::device::run(&command),
        Command::Audit(command) => people::audit::run(&command),
        Command::Registry(command) => people::registry::run(&command),
        Command::Form(command) => form::run(&command),
        Command::Odk(command) => people::odk::run(&command),
        Command::Release(command) => people::release::run(&command),
        Command::Field(command) => people::registry::run_field(&command),
        Command::Downloads(args) => sharing::downloads(&args),
        Command::Serve(args) => serve::run(args),
        Command::Exposure(args) => exposure::run(&args),
        Command::Overlay(args) => overlay::run(&args),
        Command::Access(args) => access::run(&args),
        Command::Disruption(args) => disruption::run(&args),
        Command::Sites(args) => sites::run(&args),
        Command::Decide(args) => decide::run(&args),
        Command::Weights(args) => weights::run(&args),
        Command::Protect(args) => protect::run(&args),
        Command::Perturb(args) => perturb::run(&args),
        Command::Record(args) => record::run(&args),
        Command::Place(args) => place::run(&args),
        Command::Survival(args) => survival::run(&args),
    }
}
