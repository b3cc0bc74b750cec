//! `phteah registry import`: surveys that exist already, by a mapping; and files of events.

mod report;
mod xlsx;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use phteah_registry::event::{Event, HouseholdId};
use phteah_registry::import::{Book, Draft, Drafts, MAX_FILE_BYTES, Mapping, Sheet, read, suggest};
use phteah_registry::likeness::Likeness;
use phteah_registry::table::{Mistake, told as mistakes_told};
use phteah_store::registry::{Clocks, ImportedEvent, Incoming, MAX_BATCH, ReceiptStatus, Registry, Standing};
use phteah_store::{TeamId, TeamRecord};

use super::registry::{Opened, opened};
use super::{House, Why, open};
use crate::commands::{CommandError, say};
use report::{Outcome, Report, Row};

/// `phteah registry import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The file: a survey as CSV, XLSX or GeoJSON, or a file of events
    pub file: PathBuf,
    /// Further tables of the same survey, such as its members as CSV
    #[arg(long = "with", value_name = "FILE")]
    pub with: Vec<PathBuf>,
    /// What the survey's columns mean
    #[arg(long, value_name = "MAPPING.toml")]
    pub mapping: Option<PathBuf>,
    /// Print a first mapping, guessed from the columns, and do nothing else
    #[arg(long, conflicts_with = "mapping")]
    pub suggest: bool,
    /// Take the survey in. Without it the command tells what it would do, and does nothing
    #[arg(long, requires = "mapping")]
    pub store: bool,
    /// Whose families they are: the team that may deal with them where no sangkat tells
    #[arg(long, value_name = "TEAM", requires = "mapping")]
    pub team: Option<String>,
    /// Write what becomes of every record, as JSON or, to a .csv file, a line each
    #[arg(long, value_name = "FILE", requires = "mapping")]
    pub report: Option<PathBuf>,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// Does it.
pub(super) fn run(args: &Import) -> Result<(), CommandError> {
    if args.suggest {
        let mut mistakes = Vec::new();
        let book = book(args, &mut mistakes)?;
        refuse(&mistakes)?;
        say(suggest(&book, &stem(&args.file)).trim_end());
        return Ok(());
    }
    let Some(path) = &args.mapping else {
        if holds_filled_forms(&args.file) {
            let file = args.file.display();
            return Err(CommandError::Usage(format!(
                "{file} holds filled forms, as ODK Central or Kobo gives them out: \"phteah odk import {file} --form ID --worker NAME\" takes them in with \
                 their repeats and photos, and none twice. To take it as a survey of another kind, say what its columns mean with --mapping MAPPING.toml."
            )));
        }
        // Files of events end otherwise: what is one of these is a survey.
        let is_survey = args.file.extension().is_some_and(|ending| {
            ["csv", "tsv", "xlsx", "xlsm", "geojson"]
                .iter()
                .any(|one| ending.eq_ignore_ascii_case(one))
        });
        if is_survey {
            let file = args.file.display();
            return Err(CommandError::Usage(format!(
                "{file} is a survey: say what its columns mean with --mapping MAPPING.toml. Have a first mapping guessed with \"phteah registry import {file} \
                 --suggest\", and correct it."
            )));
        }
        return super::registry::take_events(&args.file, &args.opened);
    };
    let text = fs::read_to_string(path)
        .map_err(|e| CommandError::Usage(format!("{} cannot be read: {e}.", path.display())))?;
    let mapping: Mapping =
        toml::from_str(&text).map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))?;
    let mut mistakes = Vec::new();
    let book = book(args, &mut mistakes)?;
    refuse(&mistakes)?;
    let house = open(&args.opened.common)?;
    let team = match &args.team {
        None => None,
        Some(name) => Some(team(&house, name)?),
    };
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let key = registry.import_key(&house.actor)?;
    let derive = |parts: &[&[u8]]| key.derive(parts);
    let drafts = read(&book, &mapping, &derive, house.now);
    refuse(&drafts.mistakes)?;
    let run = Run {
        args,
        mapping: &mapping,
        house: &house,
        registry: &registry,
        derive: &derive,
    };
    let rows = run.judge(&drafts)?;
    let mut report = Report::new(&mapping.source, args.store, &drafts.left_out);
    run.finish(rows, team.as_ref(), &mut report)?;
    report.tell(args)?;
    if report.refused() > 0 && args.report.is_none() && !args.opened.common.json {
        say("With --report FILE.csv every record is a line.");
    }
    Ok(())
}

/// Whether a file looks like what ODK Central or Kobo gives out: a ZIP of tables, or columns that only their exports have.
fn holds_filled_forms(path: &Path) -> bool {
    const MARKS: [&str; 7] = [
        "SubmissionDate",
        "meta-instanceID",
        "meta/instanceID",
        "instanceID",
        "_uuid",
        "__id",
        "_xform_id_string",
    ];
    /// More than any header is long.
    const BEGINNING: u64 = 64 << 10;
    let mut start = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut start));
    if read.is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&start);
    let words = || text.split([',', ';', '\t', '"', '\r', '\n']);
    start.starts_with(b"PK\x03\x04")
        && path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
        || words().any(|word| MARKS.contains(&word.trim()))
}

/// What the survey's files hold.
fn book(args: &Import, mistakes: &mut Vec<Mistake>) -> Result<Book, CommandError> {
    let mut book = Book::default();
    for path in std::iter::once(&args.file).chain(&args.with) {
        let length = fs::metadata(path)
            .map_err(|e| CommandError::Usage(format!("{} cannot be read: {e}.", path.display())))?
            .len();
        if length > MAX_FILE_BYTES {
            return Err(CommandError::Usage(format!(
                "{} has more than {} MB: take it in in parts.",
                path.display(),
                MAX_FILE_BYTES >> 20
            )));
        }
        let bytes = fs::read(path)
            .map_err(|e| CommandError::Usage(format!("{} cannot be read: {e}.", path.display())))?;
        let (name, file) = (stem(path), path.display().to_string());
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv" | "tsv" | "txt") => book.sheets.extend(Sheet::of_csv(&name, &file, &bytes, mistakes)),
            Some("geojson" | "json") => book
                .sheets
                .extend(Sheet::of_geojson(&name, &file, &bytes, mistakes)),
            Some("xlsx" | "xlsm") => book.sheets.extend(xlsx::sheets(&file, bytes, mistakes)),
            _ => {
                return Err(CommandError::Usage(format!(
                    "{} is of no kind that can be taken in: .csv, .xlsx or .geojson.",
                    path.display()
                )));
            }
        }
    }
    Ok(book)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn refuse(mistakes: &[Mistake]) -> Result<(), CommandError> {
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Refused(format!(
            "{}\nNothing was taken in.",
            mistakes_told(mistakes)
        )))
    }
}

fn team(house: &House, name: &str) -> Result<TeamId, CommandError> {
    let teams: Vec<TeamRecord> = house.store.teams(&house.actor)?;
    let found = teams.into_iter().find(|team| team.name.trim() == name.trim());
    found.map(|team| team.id).ok_or_else(|| {
        CommandError::Usage(format!(
            "There is no team {name}: \"phteah team list\" shows them."
        ))
    })
}

/// A record that can be taken in.
struct Ready {
    event: Event,
    may_be: Vec<Likeness>,
}

struct Run<'a> {
    args: &'a Import,
    mapping: &'a Mapping,
    house: &'a House,
    registry: &'a Registry,
    derive: phteah_registry::import::Derive<'a>,
}

impl Run<'_> {
    /// What is to become of every record.
    fn judge(&self, drafts: &Drafts) -> Result<Vec<(Row, Option<Ready>)>, CommandError> {
        let mut rows = Vec::new();
        for record in &drafts.records {
            let draft = match &record.draft {
                _ if record.declined => {
                    rows.push((Row::new(&record.place, Outcome::Declined), None));
                    continue;
                }
                Err(mistakes) => {
                    rows.push((Row::refused(&record.place, mistakes), None));
                    continue;
                }
                Ok(draft) => draft,
            };
            rows.push(self.stand(&record.place, draft)?);
        }
        let fresh: Vec<usize> = (0..rows.len())
            .filter(|&at| rows[at].0.outcome == Outcome::New && rows[at].1.is_some())
            .collect();
        let events: Vec<Event> = fresh
            .iter()
            .filter_map(|&at| rows[at].1.as_ref().map(|ready| ready.event.clone()))
            .collect();
        if events.is_empty() {
            return Ok(rows);
        }
        let why = &self.args.why.text;
        let likely = self
            .registry
            .likely(&self.house.actor, &events, why, self.house.now)?;
        for (at, likely) in fresh.into_iter().zip(likely) {
            if likely.is_empty() {
                continue;
            }
            rows[at].0.hold(&likely);
            if let Some(ready) = &mut rows[at].1 {
                ready.may_be = likely;
            }
        }
        Ok(rows)
    }

    fn stand(&self, place: &str, draft: &Draft) -> Result<(Row, Option<Ready>), CommandError> {
        let made = |draft: &Draft, after: &[phteah_registry::event::EventId]| {
            draft.event(after, self.derive).map_err(CommandError::Refused)
        };
        let standing = self
            .registry
            .imported(&self.house.actor, draft.household, &self.mapping.source)?;
        let (outcome, event) = match standing {
            Standing::New => (Outcome::New, made(draft, &[])?),
            Standing::Erased => return Ok((Row::new(place, Outcome::Erased), None)),
            Standing::Known(before) => {
                let draft = match draft.with_members_of(&before, self.derive) {
                    Ok(draft) => draft,
                    Err(message) => {
                        let mistake = Mistake {
                            file: String::new(),
                            place: place.to_owned(),
                            message,
                        };
                        return Ok((Row::refused(place, &[mistake]), None));
                    }
                };
                if before.iter().any(|event| draft.says_the_same(event, self.derive)) {
                    return Ok((Row::of(place, Outcome::Unchanged, draft.household), None));
                }
                let after: Vec<_> = before.iter().map(|event| event.id).collect();
                (Outcome::Changed, made(&draft, &after)?)
            }
        };
        let ready = Ready {
            event,
            may_be: Vec::new(),
        };
        Ok((Row::of(place, outcome, draft.household), Some(ready)))
    }

    /// Takes in what can be, where that was asked for, and fills the report.
    fn finish(
        &self,
        rows: Vec<(Row, Option<Ready>)>,
        team: Option<&TeamId>,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut portion: Vec<(Row, Option<Ready>)> = rows.by_ref().take(MAX_BATCH).collect();
            if self.args.store {
                self.take(&mut portion, team)?;
            }
            report.rows.extend(portion.into_iter().map(|(row, _)| row));
        }
        if self.args.store {
            let actor = &self.house.actor;
            self.registry.note_import(
                actor,
                &self.mapping.source,
                &report.counts_in_words(),
                &self.args.why.text,
                self.house.now,
            )?;
        }
        Ok(())
    }

    fn take(&self, portion: &mut [(Row, Option<Ready>)], team: Option<&TeamId>) -> Result<(), CommandError> {
        let mut at = Vec::new();
        let mut batch = Vec::new();
        for (number, (_, ready)) in portion.iter_mut().enumerate() {
            if let Some(ready) = ready.take() {
                at.push(number);
                let may_be: Vec<HouseholdId> = ready.may_be.iter().map(|like| like.household).collect();
                batch.push(ImportedEvent {
                    event: Incoming::read(&ready.event.canonical()),
                    may_be,
                });
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let clocks = Clocks {
            now: self.house.now,
            offset: None,
        };
        let receipts = self
            .registry
            .take_imported(&self.house.actor, team, batch, clocks)?;
        for (number, receipt) in at.into_iter().zip(receipts) {
            let row = &mut portion[number].0;
            if receipt.status == ReceiptStatus::Quarantined && row.outcome != Outcome::Held {
                row.outcome = Outcome::Quarantined;
            }
            row.mistakes.extend(
                receipt
                    .notes
                    .into_iter()
                    .filter(|_| row.outcome != Outcome::Held)
                    .map(|note| note.message),
            );
        }
        Ok(())
    }
}
