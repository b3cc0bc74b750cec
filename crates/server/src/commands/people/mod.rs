//! `phteah team`, `phteah account`, `phteah device` and `phteah audit`: who works here, with which rights, and what was changed.
//!
//! They act as whoever may run programs on the data directory, and may run while the server serves.

pub mod account;
pub mod audit;
pub mod deployment_key;
pub mod device;
pub mod import;
pub mod odk;
mod odk_export;
pub mod registry;
pub mod release;
pub mod retention;
pub mod team;

use clap::Args;
use jiff::Timestamp;
use phteah_layers::Catalogue;
use phteah_store::{Actor, Store};
use serde::Serialize;

use super::{CommandError, say};
use crate::cli::Data;

/// What every one of these commands takes.
#[derive(Debug, Args)]
pub struct Common {
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Why something is changed.
#[derive(Debug, Args)]
pub struct Why {
    /// Why it is done; stays in the audit. Name no person in it
    #[arg(long = "why", value_name = "TEXT", default_value = "")]
    pub text: String,
}

/// The store of a data directory and whoever sits at its command line.
struct House {
    store: Store,
    actor: Actor,
    now: Timestamp,
}

fn open(common: &Common) -> Result<House, CommandError> {
    Catalogue::open(&common.data.dir)?;
    house(common)
}

/// The same, making the data directory where there is none: teams and accounts may come before the first layer.
fn open_or_create(common: &Common) -> Result<House, CommandError> {
    Catalogue::open_or_create(&common.data.dir)?;
    house(common)
}

fn house(common: &Common) -> Result<House, CommandError> {
    let store = common.data.store()?;
    Ok(House {
        actor: store.command_line(),
        store,
        now: Timestamp::now(),
    })
}

pub(super) use crate::random::bytes as entropy;

/// The person whom the command line acts for.
fn person(house: &House, name: &str) -> Result<Actor, CommandError> {
    let account = house.store.account(&house.actor, name)?;
    Ok(house.store.in_the_stead_of(&house.actor, &account.id)?)
}

/// Prints an answer: as JSON where that was asked for, else in words.
pub(super) fn answer(common: &Common, json: &impl Serialize, words: &str) -> Result<(), CommandError> {
    if common.json {
        let text = serde_json::to_string_pretty(json).map_err(|e| CommandError::Refused(e.to_string()))?;
        say(text);
    } else {
        say(words);
    }
    Ok(())
}

/// A time as people and JSON have it: whole seconds.
pub(super) fn second(at: Timestamp) -> String {
    format!("{at:.0}")
}
