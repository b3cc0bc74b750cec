//! `phteah registry retention`: how long records are kept.

use clap::{Args, Subcommand};
use phteah_store::registry::{Due, RetentionRule, RetentionState};

use super::registry::{Opened, named, opened};
use super::{Why, answer, open};
use crate::commands::CommandError;

/// `phteah registry retention`.
#[derive(Debug, Subcommand)]
pub enum Retention {
    /// Say how long records are kept after the last contact with a family
    #[command(
        after_long_help = "Past that time the coordinator is asked (\"retention ask\", from a timer once a day, and the list), and has so many days to keep a record \
                     (\"retention keep\"). Without an answer \"retention erase\" destroys its key.\n\n\
                     Example:\n  phteah registry retention set --months 36 --grace-days 60 --why \"agreed with the families' committee\" --data data"
    )]
    Set(Set),
    /// List the households whose time is over
    List(Plain),
    /// Ask about those of which nobody was asked yet: from now on the days for an answer run
    Ask(Plain),
    /// Keep a record: its time begins anew today
    Keep(Keep),
    /// Erase the records about which nobody has answered in time
    Erase(Erase),
}

/// `phteah registry retention set`.
#[derive(Debug, Args)]
pub struct Set {
    /// Months after the last contact
    #[arg(long, value_name = "N", required_unless_present = "for_ever")]
    pub months: Option<u16>,
    /// Days that the coordinator has to answer
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub grace_days: u16,
    /// Keep all records until somebody erases them
    #[arg(long, conflicts_with = "months")]
    pub for_ever: bool,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry retention list|ask`.
#[derive(Debug, Args)]
pub struct Plain {
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry retention keep`.
#[derive(Debug, Args)]
pub struct Keep {
    /// The code on its card, or its id
    pub code: String,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry retention erase`.
#[derive(Debug, Args)]
pub struct Erase {
    /// How many there are, as the list says: what is erased does not come back
    #[arg(long, value_name = "N")]
    pub confirm: usize,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// Does it.
pub fn run(command: &Retention) -> Result<(), CommandError> {
    match command {
        Retention::Set(args) => set(args),
        Retention::List(args) => list(args),
        Retention::Ask(args) => {
            let house = open(&args.opened.common)?;
            let registry = opened(&args.opened.key, &args.opened.common)?;
            let count = registry.ask_retention(&house.actor, house.now)?;
            let words = format!("{count} households are asked about from today on.");
            answer(&args.opened.common, &serde_json::json!({"asked": count}), &words)
        }
        Retention::Keep(args) => {
            let house = open(&args.opened.common)?;
            let registry = opened(&args.opened.key, &args.opened.common)?;
            let id = named(&registry, &house, &args.code)?;
            registry.keep(&house.actor, id, &args.why.text, house.now)?;
            let json = serde_json::json!({"household": id.to_string(), "kept": true});
            answer(
                &args.opened.common,
                &json,
                "The record is kept: its time begins anew today.",
            )
        }
        Retention::Erase(args) => erase(args),
    }
}

fn set(args: &Set) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let rule = args.months.map(|months| RetentionRule {
        months,
        grace_days: args.grace_days,
    });
    registry.set_retention_rule(&house.actor, rule, &args.why.text, house.now)?;
    let words = in_words(rule);
    answer(&args.opened.common, &serde_json::json!({ "rule": rule }), &words)
}

fn in_words(rule: Option<RetentionRule>) -> String {
    match rule {
        Some(rule) => format!(
            "Records are kept for {} months after the last contact; then the coordinator has {} days to answer.",
            rule.months, rule.grace_days
        ),
        None => "Records are kept until somebody erases them.".to_owned(),
    }
}

fn list(args: &Plain) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let rule = registry.retention_rule(&house.actor)?;
    let due = registry.retention_due(&house.actor, house.now)?;
    let mut lines = vec![in_words(rule)];
    lines.extend(due.iter().map(line));
    if rule.is_some() && due.is_empty() {
        lines.push("No household's time is over.".to_owned());
    }
    let json = serde_json::json!({ "rule": rule, "due": due });
    answer(&args.opened.common, &json, &lines.join("\n"))
}

fn line(due: &Due) -> String {
    let state = match due.state {
        RetentionState::NotAsked => "not asked yet".to_owned(),
        RetentionState::Asked { until } => format!("asked; will be erased after {until} unless it is kept"),
        RetentionState::Expired => "no answer in time".to_owned(),
    };
    format!("{}  last contact {}: {state}", due.household, due.last_contact)
}

fn erase(args: &Erase) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let expired = registry
        .retention_due(&house.actor, house.now)?
        .iter()
        .filter(|due| due.state == RetentionState::Expired)
        .count();
    if expired != args.confirm {
        return Err(CommandError::Usage(format!(
            "{expired} households would be erased, and --confirm says {}. Nothing was erased: look at the list again.",
            args.confirm
        )));
    }
    let erased = registry.erase_expired(&house.actor, &house.actor, house.now)?;
    let ids: Vec<String> = erased.iter().map(ToString::to_string).collect();
    let words = format!(
        "{} households are erased. Backups made before still hold their keys: phteah key rotate, then a new backup.",
        ids.len()
    );
    answer(&args.opened.common, &serde_json::json!({ "erased": ids }), &words)
}
