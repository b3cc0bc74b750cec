//! `phteah registry`: households at the command line, and `phteah field import`: what a phone has handed over.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use phteah_registry::event::HouseholdId;
use phteah_registry::state::State;
use phteah_store::registry::{QuarantineEntry, QuarantineState, Registry, Taken};
use serde::Serialize;

use super::deployment_key::KeyFile;
use super::{Common, House, Why, answer, open, person, second};
use crate::commands::CommandError;
use crate::field::registry::entropy;

/// `phteah registry`.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Show what is known of a household, with its conflicts; the reading is written down
    #[command(
        after_long_help = "Example:\n  phteah registry show K7QM-2X9P-C --why \"asked by the coordinator\" --data data"
    )]
    Show(Show),
    /// List households whose events do not agree
    Conflicts(Conflicts),
    /// List, release or dismiss events that could not be accepted as they are
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Write the events of all households to a file, sealed with the deployment's key
    #[command(
        after_long_help = "The file opens with the deployment's key alone (\"phteah registry import\"). With --open everybody who gets it can read it: that needs \
                     a reason, which is kept, and leaves hidden households and protected notes out.\n\n\
                     Examples:\n  phteah registry export households.sealed --data data\n  phteah registry export households.jsonl --open --why \"handed to the \
                     ministry, contract 12\" --data data"
    )]
    Export(Export),
    /// Put a household into people's hands: a hidden one that nobody finds any more into its caseworker's
    #[command(
        after_long_help = "A hidden household is seen by the caseworkers in whose hands it is and by nobody else. Give it to another one when they have left. A \
                     coordinator gives all others at the desk.\n\nExample:\n  phteah registry give K7QM-2X9P-C --to \"Chan Illustrative\" --why \"her \
                     caseworker has left\" --data data"
    )]
    Give(Give),
    /// Erase a household for good: one person asks, a second one confirms
    #[command(
        after_long_help = "One person asks, with a reason; a second one confirms within 30 days. Both are accounts that decide about the family: coordinators, or \
                     for a hidden family the caseworkers in whose hands it is.\nThen the household's key is destroyed, and with it all that was sealed: events, \
                     its photos, what of it lay in quarantine. Phones are told to forget it. What remains is that something was erased, when, by whose \
                     decision and why.\n\
                     A backup that was made before still holds the wrapped key. With --reach-backups the deployment's key is replaced at once and the old one \
                     destroyed: then no backup made before opens any more. Destroy old words and copies of the key file too, and make a new backup.\n\n\
                     Examples:\n  phteah registry erase K7QM-2X9P-C --by \"Sok Dara\" --why \"asked by the family\" --data data\n  phteah registry erase \
                     K7QM-2X9P-C --confirm K7QM-2X9P-C --by \"Keo Maly\" --reach-backups --data data"
    )]
    Erase(Erase),
    /// Check that no row of the record of readings was changed; the same as "phteah audit verify"
    #[command(subcommand)]
    Audit(RegistryAudit),
    /// Say how long records are kept, see whose time is over, keep or erase them
    #[command(subcommand)]
    Retention(super::retention::Retention),
    /// Take in a survey that exists already, by a mapping, or a file of events; as often as one likes
    #[command(
        after_long_help = "A survey is a CSV, XLSX or GeoJSON file with one row for each household, also as Kobo and ODK export it. A mapping says what its columns \
                     mean. First let one be guessed, and correct it; then see what would become of every record; then take it in. The same file again changes \
                     nothing; a corrected one changes what differs. Records that may be families which are there already are held for a person to judge.\n\n\
                     Examples:\n  phteah registry import survey.xlsx --suggest --data data > survey.toml\n  phteah registry import survey.xlsx --mapping survey.toml \
                     --data data\n  phteah registry import survey.xlsx --mapping survey.toml --store --team North --report report.csv --data data\n  phteah registry \
                     import main.csv --with main-members.csv --mapping survey.toml --data data\n  phteah registry import households.sealed --data data"
    )]
    Import(super::import::Import),
}

/// `phteah registry audit`.
#[derive(Debug, Subcommand)]
pub enum RegistryAudit {
    /// Check that no row of the audit, and of the registry's record of readings, was changed, left out or put in
    Verify(super::audit::Verify),
}

/// What the commands about the registry take.
#[derive(Debug, Args)]
pub struct Opened {
    /// The key
    #[command(flatten)]
    pub key: KeyFile,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah registry show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The code on its card, or its id
    pub code: String,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry conflicts`.
#[derive(Debug, Args)]
pub struct Conflicts {
    /// How many households
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry quarantine`.
#[derive(Debug, Subcommand)]
pub enum Quarantine {
    /// List the events that lie there
    List(QuarantineList),
    /// Let an event count
    Release(QuarantineDecision),
    /// Leave an event out for good; it is kept
    Dismiss(QuarantineDecision),
}

/// `phteah registry quarantine list`.
#[derive(Debug, Args)]
pub struct QuarantineList {
    /// Those too about which somebody has decided
    #[arg(long)]
    pub all: bool,
    /// Go on after this number
    #[arg(long, default_value_t = 0)]
    pub after: i64,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry quarantine release|dismiss`.
#[derive(Debug, Args)]
pub struct QuarantineDecision {
    /// Its number in the list
    pub number: i64,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The file; it must not exist yet
    pub file: PathBuf,
    /// Not sealed: everybody who gets the file can read it
    #[arg(long)]
    pub open: bool,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// The longest first line of a handed-over file, in bytes.
const MAX_HEAD_BYTES: u64 = 1 << 20;

/// `phteah registry give`.
#[derive(Debug, Args)]
pub struct Give {
    /// The code on its card, or its id
    pub code: String,
    /// The account that it is given to; several: --to again
    #[arg(long, value_name = "NAME", required = true)]
    pub to: Vec<String>,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah registry erase`.
#[derive(Debug, Args)]
pub struct Erase {
    /// The code on its card, or its id
    pub code: String,
    /// Confirm what somebody else has asked for, by the same code again: what is erased does not come back
    #[arg(long, value_name = "CODE")]
    pub confirm: Option<String>,
    /// Who asks, or who confirms: the name of an account
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Replace the deployment's key too, so that no backup made before opens any more
    #[arg(long, requires = "confirm")]
    pub reach_backups: bool,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah field`.
#[derive(Debug, Subcommand)]
pub enum Field {
    /// Take in what a phone has handed over in a file, as if it had sent it; as often as one likes
    #[command(
        after_long_help = "The file holds {\"device\": ID, \"events\": [event, …]}, or one event a line. Every event gets the answer that it would have got from the \
                     server. A phone that was revoked loses nothing this way.\n\nExample:\n  phteah field import queue.json --data data"
    )]
    Import(FieldImport),
}

/// `phteah field import`.
#[derive(Debug, Args)]
pub struct FieldImport {
    /// The file
    pub file: PathBuf,
    /// The phone that it comes from, by its id, where the file does not say
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// The registry of a data directory.
pub(super) fn opened(key: &KeyFile, common: &Common) -> Result<Registry, CommandError> {
    let place = key.place(common);
    let database = common.data.database()?;
    place.make_first(&common.data.dir, &database)?;
    Ok(Registry::open_in(
        &common.data.dir,
        &database,
        &place.path,
        entropy(),
    )?)
}

/// Does it.
pub fn run(command: &RegistryCommand) -> Result<(), CommandError> {
    match command {
        RegistryCommand::Show(args) => show(args),
        RegistryCommand::Conflicts(args) => conflicts(args),
        RegistryCommand::Quarantine(Quarantine::List(args)) => quarantine(args),
        RegistryCommand::Quarantine(Quarantine::Release(args)) => release(args),
        RegistryCommand::Quarantine(Quarantine::Dismiss(args)) => dismiss(args),
        RegistryCommand::Export(args) => export(args),
        RegistryCommand::Import(args) => super::import::run(args),
        RegistryCommand::Give(args) => give(args),
        RegistryCommand::Erase(args) => erase(args),
        RegistryCommand::Audit(RegistryAudit::Verify(args)) => super::audit::verify(args),
        RegistryCommand::Retention(command) => super::retention::run(command),
    }
}

/// Takes in a file of events.
pub(super) fn take_events(file: &std::path::Path, opened_as: &Opened) -> Result<(), CommandError> {
    let house = open(&opened_as.common)?;
    let registry = opened(&opened_as.key, &opened_as.common)?;
    let tasks = house.store.answerable_tasks(&house.actor)?;
    let taken = registry.take_file(&house.actor, &tasks, &mut read(file)?, house.now)?;
    told(&opened_as.common, &taken)
}

/// Does it.
pub fn run_field(command: &Field) -> Result<(), CommandError> {
    let Field::Import(args) = command;
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let device = match &args.device {
        Some(id) => Some(id.clone()),
        None => named_device(&args.file)?,
    };
    let Some(device) = device else {
        return Err(CommandError::Usage(
            "The file does not say which phone it comes from: name it with --device (\"phteah device list\" shows the ids).".to_owned(),
        ));
    };
    let device = device
        .trim()
        .parse()
        .map_err(|error: phteah_store::NoId| CommandError::Usage(error.to_string()))?;
    let actor = house.store.handed_over_by(&house.actor, &device)?;
    let tasks = house.store.answerable_tasks(&actor)?;
    let taken = registry.take_file(&actor, &tasks, &mut read(&args.file)?, house.now)?;
    told(&args.opened.common, &taken)
}

fn read(path: &std::path::Path) -> Result<File, CommandError> {
    File::open(path).map_err(|e| CommandError::Usage(format!("{} cannot be read: {e}.", path.display())))
}

/// The phone that a handed-over file names. It stands on the first line, so that a file that was cut off names it too.
fn named_device(path: &std::path::Path) -> Result<Option<String>, CommandError> {
    #[derive(serde::Deserialize)]
    struct Named {
        device: Option<String>,
    }
    let cannot = |e| CommandError::Usage(format!("{} cannot be read: {e}.", path.display()));
    let whole: Result<Named, _> = serde_json::from_reader(BufReader::new(read(path)?));
    let named = if let Ok(named) = whole {
        Some(named)
    } else {
        let mut first = Vec::new();
        BufReader::new(read(path)?)
            .take(MAX_HEAD_BYTES)
            .read_until(b'\n', &mut first)
            .map_err(cannot)?;
        let head = String::from_utf8_lossy(&first);
        serde_json::from_str(&format!("{}]}}", head.trim_end())).ok()
    };
    Ok(named.and_then(|named| named.device))
}

#[derive(Serialize)]
struct Side {
    value: serde_json::Value,
    by: Vec<String>,
    recorded_at: Vec<String>,
}

#[derive(Serialize)]
struct ShownConflict {
    path: String,
    sides: Vec<Side>,
}

#[derive(Serialize)]
struct Shown {
    household: String,
    status: Option<String>,
    facts: std::collections::BTreeMap<String, Vec<serde_json::Value>>,
    conflicts: Vec<ShownConflict>,
    events: usize,
}

fn plain(value: &phteah_registry::event::Value) -> serde_json::Value {
    serde_json::from_str(&value.to_string()).unwrap_or_else(|_| serde_json::Value::String(value.to_string()))
}

fn shown_conflicts(state: &State) -> Vec<ShownConflict> {
    let side = |side: &phteah_registry::state::Side| Side {
        value: plain(&side.value),
        by: side
            .said
            .iter()
            .filter_map(|said| said.author.as_deref().map(str::to_owned))
            .collect(),
        recorded_at: side.said.iter().map(|said| second(said.recorded_at)).collect(),
    };
    let conflicts = state.conflicts.iter().map(|conflict| ShownConflict {
        path: conflict.path.to_string(),
        sides: conflict.sides.iter().map(side).collect(),
    });
    conflicts.collect()
}

/// The household of a code or an id.
pub(super) fn named(registry: &Registry, house: &House, code: &str) -> Result<HouseholdId, CommandError> {
    if let Ok(id) = code.trim().parse() {
        return Ok(id);
    }
    match registry.find_code(&house.actor, code)?.as_slice() {
        [one] => Ok(*one),
        [] => Err(CommandError::Usage(
            "There is no household with this code.".to_owned(),
        )),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(CommandError::Usage(format!(
                "Several households have this code; name one by its id: {}.",
                ids.join(", ")
            )))
        }
    }
}

fn give(args: &Give) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    if args.why.text.trim().is_empty() {
        return Err(CommandError::Usage(
            "Say why (--why): the reason is kept. Name no person in it.".to_owned(),
        ));
    }
    let id = named(&registry, &house, &args.code)?;
    let accounts = house.store.accounts(&house.actor)?;
    let mut to = Vec::new();
    for name in &args.to {
        let found = accounts
            .iter()
            .find(|account| account.name == name.trim() && account.disabled_at.is_none());
        let account = found.ok_or_else(|| {
            CommandError::Usage(format!(
                "There is no account '{name}', or it is disabled. \"phteah account list\" shows them."
            ))
        })?;
        to.push(account.id.clone());
    }
    registry.give(&house.actor, id, &to, &args.why.text, house.now)?;
    let json = serde_json::json!({"household": id.to_string(), "given": args.to});
    answer(
        &args.opened.common,
        &json,
        &format!("The household {id} is in the hands of {}.", args.to.join(", ")),
    )
}

fn erase(args: &Erase) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let id = named(&registry, &house, &args.code)?;
    let by = person(&house, &args.by)?;
    let Some(confirm) = &args.confirm else {
        registry.request_erasure(&by, id, &args.why.text, house.now)?;
        let json = serde_json::json!({"household": id.to_string(), "erased": false, "asked_by": args.by});
        return answer(
            &args.opened.common,
            &json,
            &format!(
                "It is written down that the household {id} shall be erased. Nothing is erased yet: somebody else confirms it within 30 days, with --confirm {} \
                 --by NAME.",
                args.code
            ),
        );
    };
    if named(&registry, &house, confirm)? != id {
        return Err(CommandError::Usage(
            "--confirm names another household. Nothing was erased.".to_owned(),
        ));
    }
    registry.confirm_erasure(&by, id, house.now)?;
    let mut words = format!("The household {id} is erased.");
    if args.reach_backups {
        let why = match args.why.text.trim() {
            "" => "a household was erased",
            why => why,
        };
        let rotation = registry.rotate_key(&house.actor, why, house.now)?;
        words.push_str(&format!(
            "\nThe deployment's key was replaced ({} by {}): backups made before open no more. Destroy old words and copies of the key file, print new \
             words (\"phteah key words\"), and make a new backup.",
            rotation.from, rotation.to
        ));
    } else {
        words.push_str(
            "\nBackups made before still hold its key. To reach them: phteah key rotate, destroy old words and copies of the key file, make a new backup.",
        );
    }
    let json = serde_json::json!({"household": id.to_string(), "erased": true, "backups_reached": args.reach_backups});
    answer(&args.opened.common, &json, &words)
}

fn show(args: &Show) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let id = named(&registry, &house, &args.code)?;
    let state = registry.state(&house.actor, id, &args.why.text, house.now)?;
    let shown = Shown {
        household: id.to_string(),
        status: state.status().map(|status| status.as_str().to_owned()),
        facts: state
            .facts
            .iter()
            .map(|(path, fact)| {
                (
                    path.to_string(),
                    fact.values.iter().map(|held| plain(&held.value)).collect(),
                )
            })
            .collect(),
        conflicts: shown_conflicts(&state),
        events: state.trace.len(),
    };
    let mut lines = vec![format!(
        "{id}: {}, {} events",
        shown.status.as_deref().unwrap_or("status in conflict"),
        shown.events
    )];
    for (path, values) in &shown.facts {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        lines.push(format!("  {path}: {}", values.join("  OR  ")));
    }
    for conflict in &shown.conflicts {
        lines.push(format!("  In conflict: {}", conflict.path));
    }
    answer(&args.opened.common, &shown, &lines.join("\n"))
}

fn conflicts(args: &Conflicts) -> Result<(), CommandError> {
    #[derive(Serialize)]
    struct Row {
        household: String,
        conflicts: Vec<ShownConflict>,
    }
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let (found, more) = registry.disagreements(&house.actor, 0, args.limit.clamp(1, 10_000), house.now)?;
    let rows: Vec<Row> = found
        .iter()
        .map(|found| Row {
            household: found.household.to_string(),
            conflicts: shown_conflicts(&found.state),
        })
        .collect();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let paths: Vec<&str> = row
                .conflicts
                .iter()
                .map(|conflict| conflict.path.as_str())
                .collect();
            format!("{}: {}", row.household, paths.join(", "))
        })
        .collect();
    if lines.is_empty() {
        lines.push("No household has events that do not agree.".to_owned());
    }
    if more.is_some() {
        lines.push("There are more: ask with a greater --limit.".to_owned());
    }
    answer(&args.opened.common, &rows, &lines.join("\n"))
}

#[derive(Serialize)]
struct ShownEntry {
    number: i64,
    state: &'static str,
    received_at: String,
    by: String,
    notes: Vec<(String, String)>,
    event: String,
}

fn shown_entry(entry: QuarantineEntry) -> ShownEntry {
    ShownEntry {
        number: entry.n,
        state: entry.state.as_str(),
        received_at: second(entry.received_at),
        by: entry.by,
        notes: entry
            .notes
            .into_iter()
            .map(|note| (note.code, note.message))
            .collect(),
        event: entry.raw,
    }
}

fn quarantine(args: &QuarantineList) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let state = (!args.all).then_some(QuarantineState::Open);
    let entries: Vec<ShownEntry> = registry
        .quarantine(
            &house.actor,
            state,
            args.after,
            phteah_store::registry::MAX_QUARANTINE_PAGE,
            house.now,
        )?
        .into_iter()
        .map(shown_entry)
        .collect();
    let mut lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let codes: Vec<&str> = entry.notes.iter().map(|(code, _)| code.as_str()).collect();
            format!(
                "{} {} {} from {}: {}",
                entry.number,
                entry.state,
                entry.received_at,
                entry.by,
                codes.join(", ")
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push("Nothing lies in quarantine.".to_owned());
    }
    answer(&args.opened.common, &entries, &lines.join("\n"))
}

fn release(args: &QuarantineDecision) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let tasks = house.store.answerable_tasks(&house.actor)?;
    let receipt = registry.release(&house.actor, args.number, &tasks, &args.why.text, house.now)?;
    let json = serde_json::json!({"number": args.number, "id": receipt.id, "status": receipt.status.as_str(), "seq": receipt.seq});
    answer(
        &args.opened.common,
        &json,
        &format!("The event {} counts now.", receipt.id.unwrap_or_default()),
    )
}

fn dismiss(args: &QuarantineDecision) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    registry.dismiss(&house.actor, args.number, &args.why.text, house.now)?;
    let json = serde_json::json!({"number": args.number, "status": "dismissed"});
    answer(
        &args.opened.common,
        &json,
        "The event counts for nothing, for good. It is kept.",
    )
}

fn export(args: &Export) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    if args.open && args.why.text.trim().is_empty() {
        return Err(CommandError::Usage(
            "Say why the file must be open (--why): everybody who gets it can read it. The reason is kept."
                .to_owned(),
        ));
    }
    let mut out = BufWriter::new(super::odk_export::make(&args.file)?);
    let done = registry.export(&house.actor, args.open, &args.why.text, &mut out, house.now)?;
    let mut words = format!(
        "{} holds {} events of {} households, {}.",
        args.file.display(),
        done.events,
        done.households,
        if args.open {
            "open: everybody who gets it can read it"
        } else {
            "sealed with the deployment's key"
        }
    );
    if done.notes_left_out > 0 {
        words.push_str(&format!(
            "\nLeft out: {} protected notes, which are for their households' caseworkers alone.",
            done.notes_left_out
        ));
    }
    let json = serde_json::json!({
        "file": args.file.display().to_string(), "households": done.households, "events": done.events, "notes_left_out": done.notes_left_out,
        "sealed": !args.open
    });
    answer(&args.opened.common, &json, &words)
}

fn told(common: &Common, taken: &Taken) -> Result<(), CommandError> {
    #[derive(Serialize)]
    struct Row<'a> {
        line: usize,
        code: &'a str,
        message: &'a str,
    }
    let rows: Vec<Row<'_>> = taken
        .quarantined
        .iter()
        .map(|(line, code, message)| Row {
            line: *line,
            code,
            message,
        })
        .collect();
    let json = serde_json::json!({
        "stored": taken.stored, "duplicates": taken.duplicates, "quarantined": taken.quarantined_count, "in_quarantine": rows,
        "erased": taken.erased
    });
    let mut lines = vec![format!(
        "{} events stored, {} were stored before, {} in quarantine.",
        taken.stored, taken.duplicates, taken.quarantined_count
    )];
    if taken.erased > 0 {
        lines.push(format!(
            "{} events were left out: their households were erased.",
            taken.erased
        ));
    }
    lines.extend(
        rows.iter()
            .map(|row| format!("  line {}: {}: {}", row.line, row.code, row.message)),
    );
    answer(common, &json, &lines.join("\n"))
}
