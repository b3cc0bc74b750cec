//! `phteah odk`: teams that collect with ODK Collect.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use phteah_forms::export::{self, MAX_EXPORT_BYTES};
use phteah_forms::submission::{Submission, understand};
use phteah_forms::{Library, Version};
use phteah_store::StoreError;
use phteah_store::registry::MAX_FILE_BYTES;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use super::odk_export;
use super::registry::{Opened, opened};
use super::{Common, Why, answer, entropy, open};
use crate::commands::{CommandError, tell};
use crate::openrosa::{Door, Sent, Taken, settings};

/// `phteah odk`.
#[derive(Debug, Subcommand)]
pub enum Odk {
    /// Print a worker's settings for ODK Collect, as JSON and as a QR code; the settings before end
    #[command(
        after_long_help = "The worker opens ODK Collect, adds a project and scans the code. It works until \"phteah device revoke\", or until the worker gets \
                     another one: show it to nobody else.\n\nExample:\n  phteah odk token --worker \"Keo Neary\" --server https://phteah.example.org --data data"
    )]
    Token(Token),
    /// Take in what ODK Central or KoboToolbox has given out: CSV, JSON, ZIP; as often as one likes
    #[command(
        after_long_help = "Central: the ZIP of all tables, with media. Kobo: CSV with \"XML values and headers\", or the JSON of its interface for forms with repeats; photos from a \
                     folder with --media.\n\nExample:\n  phteah odk import survey.zip --form survey --worker \"Keo Neary\" --data data"
    )]
    Import(Import),
    /// Write what was recorded by a form to a ZIP, as ODK Central gives it out: tables, or the XML that Collect sends; sealed
    #[command(
        after_long_help = "The file opens with the deployment's key alone (\"phteah odk open\"). With --open everybody who gets it can read it: that needs a reason, \
                     which is kept. Hidden households and protected notes are in neither. A filled form that was edited stands once, as it was left.\n\n\
                     Examples:\n  phteah odk export visits.sealed --form visit --data data\n  phteah odk export visits.zip --form visit --as xml --open --why \
                     \"the team's own analysis\" --for \"Chea Sopheak\" --data data"
    )]
    Export(odk_export::Export),
    /// Open a file that "odk export" has sealed; the reason is kept
    #[command(
        after_long_help = "Example:\n  phteah odk open visits.sealed visits.zip --why \"the team's own analysis\" --data data"
    )]
    Open(odk_export::Open),
}

/// `phteah odk import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The file
    pub file: PathBuf,
    /// The form that was filled, by its id here
    #[arg(long, value_name = "ID")]
    pub form: String,
    /// Its version [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// In whose name it is recorded: an account of one team
    #[arg(long, value_name = "NAME")]
    pub worker: String,
    /// A folder with photos and sounds
    #[arg(long, value_name = "FOLDER")]
    pub media: Option<PathBuf>,
    /// Only read, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah odk token`.
#[derive(Debug, Args)]
pub struct Token {
    /// Whose phone it is: the name of an account
    #[arg(long, value_name = "NAME")]
    pub worker: String,
    /// For which team, of a worker of several
    #[arg(long, value_name = "TEAM")]
    pub team: Option<String>,
    /// The address at which phones reach the server [default: the one it was last served at]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Write the QR code as a picture, too
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<PathBuf>,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// Does it.
pub fn run(command: &Odk) -> Result<(), CommandError> {
    match command {
        Odk::Token(args) => token(args),
        Odk::Import(args) => import(args),
        Odk::Export(args) => odk_export::export(args),
        Odk::Open(args) => odk_export::unseal(args),
    }
}

fn token(args: &Token) -> Result<(), CommandError> {
    let house = open(&args.common)?;
    let server = match &args.server {
        Some(url) => url.clone(),
        None => house.store.address()?.ok_or_else(|| {
            CommandError::Usage(
                "The server has not been started yet, so that nobody knows its address: name it with --server https://….".to_owned(),
            )
        })?,
    };
    if !server.starts_with("https://") && !server.starts_with("http://") {
        return Err(CommandError::Usage(format!(
            "{server} is no address: it begins with https://."
        )));
    }
    let token = house.store.make_odk_token(
        &house.actor,
        &args.worker,
        args.team.as_deref(),
        &entropy()?,
        &args.why.text,
        house.now,
    )?;
    let settings = settings::of(&server, token.expose(), &format!("Phteah {}", token.team_name));
    let cannot =
        |e: &dyn std::fmt::Display| CommandError::Refused(format!("The QR code cannot be made: {e}."));
    let packed = settings::packed(&settings).map_err(|e| cannot(&e))?;
    let code = QrCode::with_error_correction_level(&packed, EcLevel::L).map_err(|e| cannot(&e))?;
    if let Some(path) = &args.svg {
        let svg = code
            .render::<qrcode::render::svg::Color<'_>>()
            .min_dimensions(480, 480)
            .build();
        std::fs::write(path, svg)
            .map_err(|e| CommandError::Refused(format!("{} cannot be written: {e}.", path.display())))?;
    }
    let picture = code.render::<Dense1x2>().quiet_zone(true).build();
    let mut words = format!(
        "{picture}\n{settings}\n{} of the team {} scans this in ODK Collect (add project). It is theirs alone, and ends with: phteah device revoke {}",
        token.worker_name, token.team_name, token.device
    );
    if token.ended > 0 {
        words.push_str("\nThe code that the worker had before is refused from now on. What is on that phone and was not sent stays there.");
    }
    if server.starts_with("http://") {
        words.push_str(
            "\nThe address is not https: whoever listens on the network sees the code and what is sent.",
        );
    }
    let json = serde_json::json!({"settings": settings, "qr": packed, "device": token.device.as_str(), "ended": token.ended});
    answer(&args.common, &json, &words)
}

#[derive(Default)]
struct Counts {
    stored: usize,
    known: usize,
    differ: usize,
    without_consent: usize,
    without_day: usize,
    quarantined: usize,
    left_out: usize,
}

fn import(args: &Import) -> Result<(), CommandError> {
    let common = &args.opened.common;
    let listing = Library::new(&common.data.dir).listing()?;
    let version = match &args.version {
        Some(version) => listing.version(&args.form, version),
        None => listing.newest_of(&args.form),
    };
    let version = version.ok_or_else(|| {
        CommandError::Usage(format!(
            "There is no form {}, or not in this version. \"phteah form list --all\" shows them.",
            args.form
        ))
    })?;
    let mut export = read(&args.file, version)?;
    for problem in &export.problems {
        tell(problem);
    }
    if !export.unknown_columns.is_empty() {
        let columns: Vec<&str> = export.unknown_columns.iter().map(String::as_str).collect();
        tell(format!(
            "Not questions of this form, and left out: {}.",
            columns.join(", ")
        ));
    }
    if !export.missing_repeats.is_empty() {
        let repeats: Vec<&str> = export.missing_repeats.iter().map(String::as_str).collect();
        tell(format!(
            "The file has no table for {}: what was answered there is not taken in.",
            repeats.join(", ")
        ));
    }
    if args.dry_run {
        let json = serde_json::json!({"filled": export.filled.len(), "problems": export.problems.len(), "unknown_columns": export.unknown_columns});
        let words = format!(
            "{} filled forms can be taken in, {} rows cannot.",
            export.filled.len(),
            export.problems.len()
        );
        return answer(common, &json, &words);
    }
    if let Some(folder) = &args.media {
        media(folder, &mut export)?;
    }
    let house = open(common)?;
    let wanted = args.worker.trim();
    let account = house
        .store
        .accounts(&house.actor)?
        .into_iter()
        .find(|account| account.name == wanted)
        .ok_or_else(|| {
            CommandError::Usage(format!(
                "There is no account {wanted}: phteah account list shows them."
            ))
        })?;
    let actor = house.store.in_the_stead_of(&house.actor, &account.id)?;
    let registry = opened(&args.opened.key, common)?;
    let door = Door {
        registry: &registry,
        store: &house.store,
        actor: &actor,
    };
    let counts = take_all(&door, version, &export, house.now)?;
    let json = serde_json::json!({
        "stored": counts.stored, "known": counts.known, "differ": counts.differ, "without_consent": counts.without_consent, "without_day": counts.without_day, "quarantined_events": counts.quarantined, "files_not_kept": counts.left_out,
        "problems": export.problems.len(), "unknown_columns": export.unknown_columns,
    });
    let mut words = format!(
        "{} filled forms taken in, {} were here before, {} rows are none. {} events lie in quarantine.",
        counts.stored,
        counts.known,
        export.problems.len(),
        counts.quarantined
    );
    if counts.without_consent > 0 {
        words.push_str(&format!(
            "\nOf {} nothing is kept: the form asks whether the family agrees, and yes is not the answer.",
            counts.without_consent
        ));
    }
    if counts.without_day > 0 {
        words.push_str(&format!(
            "\n{} have no day and are not taken in.",
            counts.without_day
        ));
    }
    if counts.differ > 0 {
        words.push_str(&format!(
            "\n{} have the id of a filled form that is here and say something else, without saying that they were edited (meta-instanceID). What is here stays as it is.",
            counts.differ
        ));
    }
    answer(common, &json, &words)
}

/// A time as other servers write it; without an offset it is UTC, as Kobo has it.
fn time(text: &str) -> Option<jiff::Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

fn media(folder: &std::path::Path, export: &mut export::Export) -> Result<(), CommandError> {
    let cannot =
        |e: std::io::Error| CommandError::Usage(format!("{} cannot be read: {e}.", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let small = path
            .metadata()
            .is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_FILE_BYTES);
        if let Some(name) = path.file_name().filter(|_| small) {
            let bytes = std::fs::read(&path).map_err(cannot)?;
            export.media.insert(name.to_string_lossy().into_owned(), bytes);
        }
    }
    Ok(())
}

/// Takes all filled forms of an export, one after the other.
fn take_all(
    door: &Door<'_>,
    version: &Version,
    export: &export::Export,
    now: jiff::Timestamp,
) -> Result<Counts, CommandError> {
    let mut counts = Counts::default();
    for (submission, received) in &export.filled {
        let filled = understand(submission, version, &BTreeMap::new());
        let received = received.as_deref().and_then(time);
        if filled.happened_on.is_none() && filled.recorded_at.is_none() && received.is_none() {
            tell(format!(
                "{}: nobody can tell when it was. Days are written 2024-03-05, as the other server gives them out; a spreadsheet may have changed them.",
                submission.instance_id
            ));
            counts.without_day += 1;
            continue;
        }
        let files: BTreeMap<String, Vec<u8>> = filled
            .attachments
            .into_iter()
            .filter_map(|name| export.media.get(&name).map(|bytes| (name, bytes.clone())))
            .collect();
        let take = |submission: &Submission| {
            let sent = Sent {
                answers: submission.canonical().into_bytes(),
                files: files.clone(),
                incomplete: false,
                doubled: 0,
                received,
            };
            door.take(submission, version, &sent, now)
        };
        let mut taken = take(submission);
        if matches!(
            &taken,
            Err(StoreError::Refused {
                code: "replaced_unknown",
                ..
            })
        ) && let Some(first) = submission.in_place_of_the_first()
        {
            // It was edited before it came here for the first time: what it replaces will never come.
            taken = take(&first);
        }
        match taken {
            Ok(Taken::Whole {
                was_there,
                left_out,
                quarantined,
                without_consent,
            }) => {
                counts.known += usize::from(was_there);
                counts.stored += usize::from(!was_there && !without_consent);
                counts.without_consent += usize::from(without_consent);
                counts.left_out += left_out;
                counts.quarantined += quarantined;
            }
            Err(StoreError::Refused {
                code: "instance_taken",
                ..
            }) => counts.differ += 1,
            Ok(Taken::Part) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(counts)
}

fn read(path: &std::path::Path, version: &Version) -> Result<export::Export, CommandError> {
    let cannot = |e: std::io::Error| CommandError::Usage(format!("{} cannot be read: {e}.", path.display()));
    if std::fs::metadata(path).map_err(cannot)?.len() > MAX_EXPORT_BYTES {
        return Err(CommandError::Refused(format!(
            "{} has more than {MAX_EXPORT_BYTES} bytes. Give it out in parts.",
            path.display()
        )));
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    export::read(&name.unwrap_or_default(), &bytes, version)
        .map_err(|problem| CommandError::Refused(problem.to_string()))
}
