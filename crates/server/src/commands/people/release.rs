//! `phteah release`: tables about families, prepared by one person, confirmed by another.

use std::path::Path;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use phteah_layers::Catalogue;
use phteah_registry::indicators::IndicatorSet;
use phteah_registry::releases::{ReleaseSet, ReleasedCell, ReleasedTable, Why as Reason};
use phteah_store::registry::{Registry, ReleaseAudit, ReleaseRecord, ReleaseState};
use phteah_store::{Visibility, account_of};
use serde_json::{Value, json};

use super::registry::{Opened, opened};
use super::{House, Why, answer, open, person, second};
use crate::commands::terminal::line;
use crate::commands::{CommandError, tell};
use crate::releases::{lay_down, readers};

/// `phteah release`.
#[derive(Debug, Subcommand)]
pub enum ReleaseCommand {
    /// List the tables that can be released, and check their files
    #[command(
        after_long_help = "The tables that come with the program can be replaced and added to: a file DIR/indicators/NAME.toml in the data directory takes the place \
                     of the built-in one of the same id."
    )]
    Tables(Tables),
    /// Count, protect and attack the tables; nothing is published by it
    #[command(
        after_long_help = "Example:\n  phteah release prepare --by \"Sok Dara\" --data data\n  phteah release preview 1 --data data\n  phteah release confirm 1 --by \
                     \"Chan Thy\" --data data\n  phteah publish families_by_area partner --data data"
    )]
    Prepare(Prepare),
    /// Show a release as its readers see it, what is hidden and why, and what that costs
    Preview(Preview),
    /// Count and attack a release once more
    Audit(OfRelease),
    /// Confirm a release that somebody else prepared: it is frozen and stored as layers
    Confirm(Decide),
    /// Store the tables of a confirmed release as layers once more
    Publish(OfRelease),
    /// Withdraw a release and say who has downloaded it, or discard one that is not confirmed
    Withdraw(Decide),
    /// List all releases
    List(List),
    /// Raise the least number that is told; it is never lowered
    Threshold(Threshold),
}

/// `phteah release tables`.
#[derive(Debug, Args)]
pub struct Tables {
    /// The rest
    #[command(flatten)]
    pub common: super::Common,
}

/// `phteah release prepare`.
#[derive(Debug, Args)]
pub struct Prepare {
    /// Who prepares it: the name of an account
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Some tables only, by their ids
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub tables: Vec<String>,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah release preview`.
#[derive(Debug, Args)]
pub struct Preview {
    /// Its number
    pub number: i64,
    /// Show the rows of this table
    #[arg(long, value_name = "ID")]
    pub table: Option<String>,
    /// Just what readers get, without any reason
    #[arg(long)]
    pub public: bool,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah release audit` and `publish`.
#[derive(Debug, Args)]
pub struct OfRelease {
    /// Its number
    pub number: i64,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah release confirm` and `withdraw`.
#[derive(Debug, Args)]
pub struct Decide {
    /// Its number
    pub number: i64,
    /// Who decides: the name of an account
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah release list`.
#[derive(Debug, Args)]
pub struct List {
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah release threshold`.
#[derive(Debug, Args)]
pub struct Threshold {
    /// The least number that is told, 10 or more
    pub least: u64,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// Does it.
pub fn run(command: &ReleaseCommand) -> Result<(), CommandError> {
    match command {
        ReleaseCommand::Tables(args) => tables(args),
        ReleaseCommand::Prepare(args) => prepare(args),
        ReleaseCommand::Preview(args) => preview(args),
        ReleaseCommand::Audit(args) => audit(args),
        ReleaseCommand::Confirm(args) => confirm(args),
        ReleaseCommand::Publish(args) => publish(args),
        ReleaseCommand::Withdraw(args) => withdraw(args),
        ReleaseCommand::List(args) => list(args),
        ReleaseCommand::Threshold(args) => {
            let house = open(&args.opened.common)?;
            let registry = opened(&args.opened.key, &args.opened.common)?;
            let before = registry.release_threshold(&house.actor)?;
            registry.raise_release_threshold(&house.actor, args.least, &args.why.text, house.now)?;
            let words = if args.least == before {
                format!("No number below {before} is told, as before.")
            } else {
                format!(
                    "From now on no number below {} is told, and this cannot be taken back. What was prepared before has to be prepared anew. Where a release has told a smaller number already, its table cannot be told again until that number has changed.",
                    args.least
                )
            };
            answer(&args.opened.common, &json!({"threshold": args.least}), &words)
        }
    }
}

/// The indicators of a data directory.
fn indicators(dir: &Path) -> Result<IndicatorSet, CommandError> {
    crate::releases::tables::of(dir).map_err(|error| CommandError::Refused(error.to_string()))
}

fn tables(args: &Tables) -> Result<(), CommandError> {
    open(&args.common)?;
    let set = indicators(&args.common.data.dir)?;
    let rows: Vec<Value> = set
        .indicators()
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "title": {"en": one.title.en, "km": one.title.km}, "about": {"en": one.about.en, "km": one.about.km},
                "over": one.population.word(), "by": one.columns(),
                "shares": one.shares.iter().map(|share| &share.name).collect::<Vec<_>>(),
                "median": one.median.as_ref().map(|median| &median.fact),
            })
        })
        .collect();
    let lines: Vec<String> = set
        .indicators()
        .iter()
        .map(|one| {
            let by: Vec<String> = one.columns().iter().map(|columns| columns.join(" > ")).collect();
            format!("{}: {}, by {}", one.id, one.title.en, by.join(", "))
        })
        .collect();
    answer(&args.common, &rows, &lines.join("\n"))
}

fn prepare(args: &Prepare) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let by = person(&house, &args.by)?;
    let set = indicators(&args.opened.common.data.dir)?;
    if let Some(unknown) = args.tables.iter().find(|id| set.get(id).is_none()) {
        let known: Vec<&str> = set.indicators().iter().map(|one| one.id.as_str()).collect();
        return Err(CommandError::Usage(format!(
            "There is no table '{}'. There are: {}.",
            line(unknown),
            known.join(", ")
        )));
    }
    let ids: Vec<&str> = args.tables.iter().map(String::as_str).collect();
    let registry = opened(&args.opened.key, &args.opened.common)?;
    tell(
        "Families are counted, the tables protected and attacked. With many tables and places this takes minutes.",
    );
    let made = registry.prepare_release(&by, &set, &ids, (&args.why.text, house.now))?;
    let (record, said) = registry.release_set(&house.actor, made.n)?;
    let mut words = format!(
        "Release {} is prepared, of the families of {}. Look at it with \"phteah release preview {}\"; somebody else confirms it.\n{}",
        record.n,
        record.day,
        record.n,
        costs(&said)
    );
    for out in said.why_left_out().lines() {
        words.push_str(&format!("\nLeft out: {out}"));
    }
    words.push_str(&seen_at_once(&house, &said)?);
    answer(&args.opened.common, &about(&house, &record, Some(&said)), &words)
}

/// What is hidden in each table and why, and what it costs.
fn costs(set: &ReleaseSet) -> String {
    let mut lines: Vec<String> = set.tables.iter().map(cost).collect();
    let (cells, hidden) = set.cost();
    lines.push(format!(
        "All tables: {hidden} of the {cells} cells that are not told as 0 are hidden, {}.",
        percent(hidden, cells)
    ));
    lines.join("\n")
}

/// A share in words: neither all nor nothing is said of what is not quite that.
fn percent(part: usize, all: usize) -> String {
    let share = 100.0 * part as f64 / all.max(1) as f64;
    match (part, share) {
        (0, _) => "0 %".to_owned(),
        _ if part < all && share > 99.0 => "more than 99 %".to_owned(),
        (_, ..1.0) => "less than 1 %".to_owned(),
        _ => format!("{share:.0} %"),
    }
}

/// Who sees a layer outside of the team.
fn outside(rule: Visibility) -> Option<&'static str> {
    match rule {
        Visibility::Internal => None,
        Visibility::Partner => Some("all partners who have an account or a key for it"),
        Visibility::Public => Some("everybody"),
    }
}

/// The tables of which somebody outside the team has leave to see the layer already: from an earlier release.
fn seen_at_once(house: &House, set: &ReleaseSet) -> Result<String, CommandError> {
    let mut words = String::new();
    for table in &set.tables {
        if let Some(seen_by) = outside(house.store.rule(&table.id)?.layer) {
            words.push_str(&format!(
                "\nOnce it is confirmed, {} is seen by {seen_by} at once.",
                table.id
            ));
        }
    }
    Ok(words)
}

fn cost(table: &ReleasedTable) -> String {
    let reasons: Vec<String> = Reason::ALL
        .into_iter()
        .filter(|reason| table.hidden_for(*reason) > 0)
        .map(|reason| format!("{} {}", table.hidden_for(reason), reason.words()))
        .collect();
    let mut text = format!(
        "{}: {} of {} cells are hidden, {}",
        table.id,
        table.hidden(),
        table.not_zero(),
        percent(table.hidden(), table.not_zero())
    );
    if !reasons.is_empty() {
        text.push_str(&format!(" ({})", reasons.join("; ")));
    }
    text.push('.');
    if let Some(audit) = table.audit.as_ref().filter(|_| table.hidden() > 0) {
        text.push_str(&match audit.narrowest {
            Some(width) => format!(
                " An attacker knows no hidden number closer than {}{width}.",
                if audit.narrowest_is_exact { "" } else { "at least " }
            ),
            None => " An attacker finds no upper bound for any hidden number.".to_owned(),
        });
    }
    text
}

fn preview(args: &Preview) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let (record, mut said) = registry.release_set(&house.actor, args.number)?;
    if let Some(id) = &args.table {
        let known: Vec<String> = said.tables.iter().map(|table| table.id.clone()).collect();
        said.tables.retain(|table| table.id == *id);
        if said.tables.is_empty() {
            return Err(CommandError::Usage(format!(
                "Release {} has no table '{}'. It has: {}.",
                record.n,
                line(id),
                known.join(", ")
            )));
        }
    }
    if args.public {
        said = said.public();
    }
    let mut lines = Vec::new();
    for table in &said.tables {
        lines.push(format!("{} ({})", table.title[0], table.id));
        if args.table.is_some() || table.cells.len() <= 60 {
            lines.push(rows(table, args.public));
        } else {
            lines.push(format!(
                "  {} rows: see them with --table {}",
                table.cells.len(),
                table.id
            ));
        }
    }
    if !args.public {
        lines.push(costs(&said));
        lines.push("The reasons are for you alone: readers see that a number is hidden, not why.".to_owned());
        if record.state == ReleaseState::Prepared {
            lines.push(seen_at_once(&house, &said)?.trim_start().to_owned());
        }
    }
    answer(
        &args.opened.common,
        &about(&house, &record, Some(&said)),
        &lines.join("\n"),
    )
}

fn rows(table: &ReleasedTable, public: bool) -> String {
    let mut header = table.columns().join("\t");
    header.push_str("\tfamilies");
    for share in &table.shares {
        header.push('\t');
        header.push_str(share);
    }
    if table.median.is_some() {
        header.push_str("\tmedian");
    }
    if !public {
        header.push_str("\twhy hidden");
    }
    let mut lines = vec![header];
    lines.extend(table.cells.iter().map(|cell| row(table, cell, public)));
    lines.join("\n")
}

fn row(table: &ReleasedTable, cell: &ReleasedCell, public: bool) -> String {
    let mut fields: Vec<String> = cell.names.iter().map(|name| line(name)).collect();
    let hidden = || "–".to_owned();
    fields.push(cell.families.map_or_else(hidden, |count| count.to_string()));
    for number in 0..table.shares.len() {
        let share = cell.shares.get(number).copied().flatten();
        fields.push(share.map_or_else(String::new, |share| format!("{:.0} %", 100.0 * share)));
    }
    if table.median.is_some() {
        fields.push(cell.median.map_or_else(String::new, |median| median.to_string()));
    }
    if !public {
        fields.push(cell.reason.map_or_else(String::new, |why| why.words().to_owned()));
    }
    fields.join("\t")
}

fn audit(args: &OfRelease) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let (_, kept) = registry.release_set(&house.actor, args.number)?;
    let set = indicators(&args.opened.common.data.dir)?;
    let why = (args.why.text.as_str(), house.now);
    let (state, tables, words) = match registry.audit_release(&house.actor, &set, args.number, why)? {
        ReleaseAudit::Same(again) => (
            "same",
            Vec::new(),
            format!(
                "Counted and attacked again, release {} comes out the same.\n{}",
                args.number,
                costs(&again)
            ),
        ),
        ReleaseAudit::Changed(tables) => (
            "changed",
            tables.clone(),
            format!(
                "Families have come, gone or been corrected since, or the file of a table was changed: counted again, {} would come out differently. What the attack found when it was prepared:\n{}",
                tables.join(", "),
                costs(&kept)
            ),
        ),
        ReleaseAudit::Impossible(why) => {
            return Err(CommandError::Refused(format!(
                "Release {} cannot be made again: {why}",
                args.number
            )));
        }
    };
    let json = json!({"number": args.number, "state": state, "tables": tables, "audit": kept.tables.iter().map(|table| {
        json!({"id": table.id, "cells": table.not_zero(), "cells_hidden": table.hidden(), "audit": table.audit})
    }).collect::<Vec<_>>()});
    answer(&args.opened.common, &json, &words)
}

fn confirm(args: &Decide) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let by = person(&house, &args.by)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let record = registry.confirm_release(&by, args.number, &args.why.text, house.now)?;
    laid_down(&house, &registry, &args.opened, &record, "confirmed")
}

fn publish(args: &OfRelease) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let (record, set) = registry.release_to_store(&house.actor, args.number)?;
    let catalogue = Catalogue::open(&args.opened.common.data.dir)?;
    for newer in registry
        .releases(&house.actor)?
        .iter()
        .filter(|other| other.n > record.n)
    {
        let stands = readers::layers_of(&catalogue, newer.n);
        if let Some(layer) = stands.iter().find(|layer| set.table(&layer.name).is_some()) {
            return Err(CommandError::Refused(format!(
                "The layer {} is that of release {}, which is newer. Withdraw that one first.",
                layer.name, newer.n
            )));
        }
    }
    laid_down(&house, &registry, &args.opened, &record, "stored")
}

fn laid_down(
    house: &House,
    registry: &Registry,
    opened: &Opened,
    record: &ReleaseRecord,
    done: &str,
) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&opened.common.data.dir)?;
    let (_, public) = registry.release_to_store(&house.actor, record.n)?;
    let reports = lay_down(&catalogue, record, &public).map_err(|error| {
        CommandError::Refused(format!(
            "Release {} is confirmed, and its layers could not be stored: {} Mend that, then: phteah release publish {}",
            record.n,
            sentence(&error),
            record.n
        ))
    })?;
    let mut lines = vec![format!(
        "Release {} is {done}: {} tables, SHA-256 {}.",
        record.n,
        reports.len(),
        record.hash
    )];
    for report in &reports {
        let rule = house.store.rule(&report.layer)?.layer;
        lines.push(format!(
            "  {}: {} rows, seen by {}",
            report.layer,
            report.kept,
            outside(rule).map_or_else(
                || format!(
                    "the team alone until you say: phteah publish {} partner",
                    report.layer
                ),
                str::to_owned,
            )
        ));
    }
    answer(&opened.common, &about(house, record, None), &lines.join("\n"))
}

fn withdraw(args: &Decide) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let by = person(&house, &args.by)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let (before, said) = registry.release_set(&house.actor, args.number)?;
    let all = registry.releases(&house.actor)?;
    let record = registry.withdraw_release(&by, args.number, None, &args.why.text, house.now)?;
    if record.state == ReleaseState::Discarded {
        let words = format!(
            "Release {} is discarded. Nobody has seen it but those who prepare.",
            record.n
        );
        return answer(&args.opened.common, &about(&house, &record, None), &words);
    }
    let catalogue = Catalogue::open(&args.opened.common.data.dir)?;
    let removed = readers::take_away(&catalogue, &house.store, &by, record.n, house.now)?;
    let ids: Vec<&str> = said.tables.iter().map(|table| table.id.as_str()).collect();
    let downloads = readers::readers(&house.store, (&before, &ids), &all)?;
    let mut lines = vec![format!("Release {} is withdrawn.", record.n)];
    if !removed.is_empty() {
        lines.push(format!("Removed: {}.", removed.join(", ")));
    }
    lines.push(if downloads.is_empty() {
        "The log of downloads has nobody who took it.".to_owned()
    } else {
        "Who took it, and has it still:".to_owned()
    });
    lines.extend(downloads.iter().map(|one| {
        format!(
            "  {}: {}, {}, last {}",
            name(&house, &one.who),
            one.layer,
            if one.times == 1 {
                "once".to_owned()
            } else {
                format!("{} times", one.times)
            },
            second(one.last)
        )
    }));
    lines.push("It stays in the audit of every later release.".to_owned());
    for other in all
        .iter()
        .filter(|other| other.n != record.n && other.state == ReleaseState::Confirmed)
    {
        let (_, other_said) = registry.release_set(&house.actor, other.n)?;
        let back: Vec<&str> = removed
            .iter()
            .map(String::as_str)
            .filter(|id| other_said.table(id).is_some())
            .collect();
        if !back.is_empty() {
            lines.push(format!(
                "Release {} is confirmed still and has {}: phteah release publish {} stores it again.",
                other.n,
                back.join(", "),
                other.n
            ));
            break;
        }
    }
    let mut json = about(&house, &record, None);
    json["removed_layers"] = json!(removed);
    json["downloaded_by"] = downloads
        .iter()
        .map(|one| json!({"who": one.who, "name": name(&house, &one.who), "layer": one.layer, "times": one.times, "last": second(one.last)}))
        .collect();
    answer(&args.opened.common, &json, &lines.join("\n"))
}

fn list(args: &List) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let all = registry.releases(&house.actor)?;
    let rows: Vec<Value> = all.iter().map(|record| about(&house, record, None)).collect();
    let mut lines: Vec<String> = all
        .iter()
        .map(|record| {
            let by = |(at, who): &(Timestamp, String)| format!("{} by {}", second(*at), name(&house, who));
            let mut text = format!(
                "{}  {}, families of {}, prepared {}",
                record.n,
                record.state.as_str(),
                record.day,
                by(&record.prepared)
            );
            if record.is_overtaken {
                text.push_str(", overtaken: prepare it anew");
            }
            if let Some(confirmed) = &record.confirmed {
                text.push_str(&format!(", confirmed {}", by(confirmed)));
            }
            if let Some(withdrawn) = &record.withdrawn {
                text.push_str(&format!(", {} {}", record.state.as_str(), by(withdrawn)));
            }
            text
        })
        .collect();
    if lines.is_empty() {
        lines.push("There is no release yet.".to_owned());
    }
    answer(&args.opened.common, &rows, &lines.join("\n"))
}

/// An error as a sentence.
fn sentence(error: &impl ToString) -> String {
    format!("{}.", error.to_string().trim_end_matches('.'))
}

/// A person's name, or the id where it is not known any more.
fn name(house: &House, who: &str) -> String {
    let id = account_of(who).unwrap_or(who).parse::<phteah_store::AccountId>();
    let known = id
        .ok()
        .and_then(|id| house.store.account_name(&house.actor, &id).ok());
    line(known.as_deref().unwrap_or(who))
}

/// A release as JSON.
fn about(house: &House, record: &ReleaseRecord, set: Option<&ReleaseSet>) -> Value {
    let by = |one: &(Timestamp, String)| json!({"at": second(one.0), "by": name(house, &one.1)});
    let mut json = json!({
        "number": record.n, "state": record.state.as_str(), "day": record.day.to_string(), "threshold": record.threshold,
        "prepared": by(&record.prepared), "confirmed": record.confirmed.as_ref().map(by), "withdrawn": record.withdrawn.as_ref().map(by),
        "sha256": record.hash, "overtaken": record.is_overtaken,
    });
    if let Some(set) = set {
        let (cells, hidden) = set.cost();
        json["cells"] = json!(cells);
        json["cells_hidden"] = json!(hidden);
        json["share_hidden"] = json!(hidden as f64 / cells.max(1) as f64);
        json["illustrative"] = json!(set.illustrative);
        json["tables"] = json!(set.clone().without_counts().tables);
    }
    json
}
