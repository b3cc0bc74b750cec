//! `phteah odk export` and `phteah odk open`: what was recorded by a form, as ODK Central gives it out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use phteah_forms::central_csv::{self, Row};
use phteah_forms::recover::{Beside, Recovered, recover};
use phteah_forms::{Library, Listing, Version};
use phteah_registry::event::{Event, Kind};
use phteah_store::registry::{FileHash, FormExport, Registry, StoredEvent};
use phteah_store::{Actor, StoreError, account_of};
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::registry::{Opened, opened};
use super::{House, Why, answer, open};
use crate::commands::{CommandError, tell};
use crate::field::media::media_of;

/// As what filled forms are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// Tables: one for the form, one for each repeat, with photos in the folder media
    Csv,
    /// The XML that ODK Collect sends, one folder for each filled form, with the form itself
    Xml,
}

/// `phteah odk export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The file to write; it must not exist yet. It is a ZIP, sealed unless --open is given
    pub file: PathBuf,
    /// The form, by its id here
    #[arg(long, value_name = "ID")]
    pub form: String,
    /// As tables or as XML
    #[arg(long = "as", value_enum, default_value_t = Shape::Csv)]
    pub shape: Shape,
    /// Only what this person may read: the name of a coordinator's account [default: all that is not hidden]
    #[arg(long = "for", value_name = "NAME")]
    pub whose: Option<String>,
    /// Do not seal the file: everybody who gets it can read it. Needs --why
    #[arg(long)]
    pub open: bool,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// `phteah odk open`.
#[derive(Debug, Args)]
pub struct Open {
    /// The sealed file
    pub file: PathBuf,
    /// The ZIP to write; it must not exist yet
    pub out: PathBuf,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub opened: Opened,
}

/// A file that nobody but its owner may read.
pub(super) fn make(path: &Path) -> Result<File, CommandError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(path)
        .map_err(|e| CommandError::Usage(format!("{} cannot be made: {e}.", path.display())))
}

/// Opens a sealed file.
pub(super) fn unseal(args: &Open) -> Result<(), CommandError> {
    let house = open(&args.opened.common)?;
    let registry = opened(&args.opened.key, &args.opened.common)?;
    let mut input = File::open(&args.file)
        .map_err(|e| CommandError::Usage(format!("{} cannot be read: {e}.", args.file.display())))?;
    let mut out = BufWriter::new(make(&args.out)?);
    let done = registry.unseal_file(&house.actor, &args.why.text, &mut input, &mut out, house.now);
    if let Err(error) = done {
        // What was opened of it is nothing to leave lying about.
        let _ = std::fs::remove_file(&args.out);
        return Err(error.into());
    }
    let words = format!(
        "{} is open: everybody who gets it can read it.",
        args.out.display()
    );
    let json = serde_json::json!({"file": args.out.display().to_string(), "sealed": false});
    answer(&args.opened.common, &json, &words)
}

/// Gives out what was recorded by a form.
pub(super) fn export(args: &Export) -> Result<(), CommandError> {
    if args.open && args.why.text.trim().is_empty() {
        return Err(CommandError::Usage(
            "Say why the file must be open (--why): everybody who gets it can read it. The reason is kept."
                .to_owned(),
        ));
    }
    let common = &args.opened.common;
    let listing = Library::new(&common.data.dir).listing()?;
    if !listing.forms.contains_key(&args.form) {
        return Err(CommandError::Usage(format!(
            "There is no form {}. \"phteah form list\" shows them.",
            args.form
        )));
    }
    let house = open(common)?;
    let actor = whose(&house, args.whose.as_deref())?;
    let registry = opened(&args.opened.key, common)?;
    let file = make(&args.file)?;
    let mut out = BufWriter::new(file);
    let work = Work {
        args,
        house: &house,
        actor: &actor,
        registry: &registry,
        listing: &listing,
        names: names(&house)?,
    };
    let done = if args.open {
        work.write(&mut out)
            .and_then(|done| out.flush().map(|()| done).map_err(|e| writing(&args.file, &e)))
    } else {
        registry
            .seal_file(&mut out)
            .map_err(CommandError::from)
            .and_then(|mut sealed| {
                let done = work.write(&mut sealed)?;
                sealed.end()?;
                Ok(done)
            })
    };
    let done = match done {
        Ok(done) => done,
        Err(error) => {
            // Half a file would be taken for a whole one.
            let _ = std::fs::remove_file(&args.file);
            return Err(error);
        }
    };
    if done.lost > 0 {
        tell(format!(
            "{} answers could not be put back where they stood, and are left out: their entry of a repeat cannot be told any more.",
            done.lost
        ));
    }
    if done.unknown_version > 0 {
        tell(format!(
            "{} filled forms are of versions that are not here any more, and are left out.",
            done.unknown_version
        ));
    }
    if done.missing_files > 0 {
        tell(format!(
            "{} photos and sounds have not come yet; the answers name them.",
            done.missing_files
        ));
    }
    let words = format!(
        "{} holds {} filled forms with {} photos and sounds, {}.",
        args.file.display(),
        done.filled,
        done.files,
        if args.open {
            "open: everybody who gets it can read it"
        } else {
            "sealed with the deployment's key (\"phteah odk open\" opens it)"
        }
    );
    let json = serde_json::json!({
        "file": args.file.display().to_string(), "filled": done.filled, "files": done.files, "lost_answers": done.lost,
        "missing_files": done.missing_files, "unknown_version": done.unknown_version, "sealed": !args.open,
    });
    answer(common, &json, &words)
}

fn whose(house: &House, name: Option<&str>) -> Result<Actor, CommandError> {
    let Some(name) = name.map(str::trim) else {
        return Ok(house.actor.clone());
    };
    let accounts = house.store.accounts(&house.actor)?;
    let account = accounts
        .into_iter()
        .find(|account| account.name == name)
        .ok_or_else(|| {
            CommandError::Usage(format!(
                "There is no account {name}: phteah account list shows them."
            ))
        })?;
    Ok(house.store.in_the_stead_of(&house.actor, &account.id)?)
}

fn names(house: &House) -> Result<BTreeMap<String, String>, CommandError> {
    let accounts = house.store.accounts(&house.actor)?;
    let pairs = accounts
        .into_iter()
        .map(|account| (account.id.to_string(), account.name));
    Ok(pairs.collect())
}

fn writing(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::Refused(format!("{} cannot be written: {error}.", path.display()))
}

#[derive(Default)]
struct Done {
    filled: usize,
    files: usize,
    missing_files: usize,
    unknown_version: usize,
    lost: usize,
    /// Paths in the ZIP.
    paths: BTreeSet<String>,
}

struct Work<'a> {
    args: &'a Export,
    house: &'a House,
    actor: &'a Actor,
    registry: &'a Registry,
    listing: &'a Listing,
    /// Names of accounts by their ids.
    names: BTreeMap<String, String>,
}

type Zip<'w, W> = ZipWriter<StreamWriter<&'w mut W>>;

impl Work<'_> {
    fn write<W: Write>(&self, out: &mut W) -> Result<Done, CommandError> {
        let mut zip = ZipWriter::new_stream(out);
        let mut done = Done::default();
        let mut rows: Vec<Row> = Vec::new();
        let asked = FormExport {
            form: &self.args.form,
            shape: match self.args.shape {
                Shape::Csv => "odk-csv",
                Shape::Xml => "odk-xml",
            },
            open: self.args.open,
            why: &self.args.why.text,
        };
        self.registry
            .export_form(self.actor, &asked, self.house.now, &mut |of_form| {
                self.add(&of_form.events, &mut zip, &mut rows, &mut done)
            })?;
        for answers in self.answers_of_tasks()? {
            self.add(&answers, &mut zip, &mut rows, &mut done)?;
        }
        let failed = |e: zip::result::ZipError| writing(&self.args.file, &e);
        let mut put = |name: &str, bytes: &[u8]| {
            zip.start_file(name, SimpleFileOptions::default())
                .and_then(|()| Ok(zip.write_all(bytes)?))
                .map_err(failed)
        };
        let mut versions: Vec<&Version> = self.listing.forms[&self.args.form]
            .iter()
            .map(AsRef::as_ref)
            .collect();
        versions.reverse();
        match self.args.shape {
            Shape::Csv => {
                // The newest stands even where nobody has filled it: the tables have their columns then.
                let newest = versions[0].version().to_owned();
                versions.retain(|version| {
                    version.version() == newest || rows.iter().any(|row| row.version == version.version())
                });
                for (name, bytes) in central_csv::tables(&self.args.form, &versions, &rows) {
                    put(&name, &bytes)?;
                }
            }
            Shape::Xml => {
                for version in versions {
                    put(
                        &format!("{0}/{0}-{1}.xml", version.id(), version.version()),
                        version.xml.as_bytes(),
                    )?;
                }
            }
        }
        zip.finish().map_err(failed)?;
        Ok(done)
    }

    /// The answers of tasks, where the form is one that answers them.
    fn answers_of_tasks(&self) -> Result<Vec<Vec<StoredEvent>>, CommandError> {
        let answers = self.listing.newest_of(&self.args.form).is_some_and(|version| {
            version
                .mapping
                .kinds()
                .any(|kind| kind == Kind::TaskAnswered.as_str())
        });
        if !answers {
            return Ok(Vec::new());
        }
        let tasks = self.house.store.tasks(self.actor)?;
        let of_tasks = self.registry.task_answers(self.actor, &tasks)?;
        let of_form = |event: &Event| {
            event
                .form
                .as_ref()
                .is_some_and(|form| *form.id == *self.args.form)
        };
        let stored = of_tasks.into_values().map(|answers| {
            let kept = answers.into_iter().rev().filter(|answer| of_form(&answer.event));
            kept.collect()
        });
        Ok(stored.collect())
    }

    /// Adds the filled forms that a household's events are.
    fn add<W: Write>(
        &self,
        events: &[StoredEvent],
        zip: &mut Zip<'_, W>,
        rows: &mut Vec<Row>,
        done: &mut Done,
    ) -> Result<(), StoreError> {
        let mut found: Vec<(Recovered, &StoredEvent)> = Vec::new();
        for stored in events {
            let event = &stored.event;
            if matches!(event.kind, Kind::ConsentGiven | Kind::Corrected) {
                continue;
            }
            let version = event
                .form
                .as_ref()
                .and_then(|form| self.listing.version(&form.id, &form.version));
            let Some(version) = version else {
                done.unknown_version += 1;
                continue;
            };
            let filled = self.recovered(event, events, version, zip, done)?;
            done.lost += filled.lost;
            found.push((filled, stored));
        }
        // Of a filled form that was edited the last one stands, and says how often it was.
        let replaced = |of: &Recovered| {
            let mut count = 0;
            let mut before = of.replaces.clone();
            while let Some(id) = before.take()
                && count < found.len()
            {
                count += 1;
                before = found
                    .iter()
                    .find(|(filled, _)| filled.instance == id)
                    .and_then(|(filled, _)| filled.replaces.clone());
            }
            count
        };
        for (filled, stored) in &found {
            let is_replaced = found
                .iter()
                .any(|(other, _)| other.replaces.as_ref() == Some(&filled.instance));
            if is_replaced {
                continue;
            }
            done.filled += 1;
            match self.args.shape {
                Shape::Csv => rows.push(self.row(filled, stored, replaced(filled))),
                Shape::Xml => self.put_xml(filled, zip)?,
            }
        }
        Ok(())
    }

    /// A filled form with its files, which go into the ZIP at once.
    fn recovered<W: Write>(
        &self,
        event: &Event,
        around: &[StoredEvent],
        version: &Arc<Version>,
        zip: &mut Zip<'_, W>,
        done: &mut Done,
    ) -> Result<Recovered, StoreError> {
        let of_same = |other: &Event| {
            let instance = |event: &Event| event.form.as_ref()?.more.get("instance").cloned();
            (instance(event).is_some() && instance(event) == instance(other))
                || event.after.contains(&other.id)
        };
        let beside_it = || {
            around
                .iter()
                .map(|stored| &stored.event)
                .filter(|other| of_same(other))
        };
        let mut beside = Beside {
            consents: beside_it().any(|other| other.kind == Kind::ConsentGiven),
            late: beside_it()
                .filter(|other| other.kind == Kind::Corrected)
                .collect(),
            endings: BTreeMap::new(),
        };
        let mut bytes = BTreeMap::new();
        for hash in event
            .files
            .iter()
            .chain(beside.late.iter().flat_map(|late| &late.files))
        {
            match self.file(event, hash) {
                Ok(content) => {
                    beside.endings.insert(hash.to_string(), media_of(&content).ending);
                    bytes.insert(hash.to_string(), content);
                }
                Err(StoreError::NotFound(_)) => done.missing_files += 1,
                Err(error) => return Err(error),
            }
        }
        let filled = recover(event, version, &beside);
        for (name, hash) in &filled.files {
            if let Some(content) = bytes.get(hash) {
                let path = match self.args.shape {
                    Shape::Csv => format!("media/{name}"),
                    Shape::Xml => format!("{}/{name}", self.folder(&filled)),
                };
                // The same photo may be the answer of two.
                if done.paths.insert(path.clone()) {
                    put(zip, &path, content)?;
                    done.files += 1;
                }
            }
        }
        Ok(filled)
    }

    fn file(&self, event: &Event, hash: &str) -> Result<Vec<u8>, StoreError> {
        let none = || StoreError::NotFound(String::new());
        let hash = FileHash::read(hash).ok_or_else(none)?;
        if event.kind != Kind::TaskAnswered {
            return Ok(self.registry.file(self.actor, hash)?.to_vec());
        }
        let id = event.household.to_string();
        let tasks = self.house.store.tasks(self.actor)?;
        let task = tasks.iter().find(|task| task.id == id).ok_or_else(none)?;
        Ok(self.registry.task_file(self.actor, task, hash)?.to_vec())
    }

    fn row(&self, filled: &Recovered, stored: &StoredEvent, edits: usize) -> Row {
        let account = account_of(&stored.by).map(str::to_owned);
        let device = stored
            .by
            .strip_prefix("device ")
            .and_then(|rest| rest.split(' ').next());
        let form = stored.event.form.as_ref();
        Row {
            filled: filled.clone(),
            version: form.map(|form| form.version.to_string()).unwrap_or_default(),
            received: format!("{:.3}", stored.received_at),
            submitter: account.map(|id| {
                let name = self.names.get(&id).cloned().unwrap_or_default();
                (id, name)
            }),
            device: device.map(str::to_owned),
            edits,
            household: stored.event.household.to_string(),
        }
    }

    /// The folder of a filled form: its id, without signs that a disk refuses.
    fn folder(&self, filled: &Recovered) -> String {
        let name: String = filled
            .instance
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        format!("{}/instances/{name}", self.args.form)
    }

    fn put_xml<W: Write>(&self, filled: &Recovered, zip: &mut Zip<'_, W>) -> Result<(), StoreError> {
        let path = format!("{}/submission.xml", self.folder(filled));
        put(zip, &path, filled.xml().as_bytes())
    }
}

/// Adds a file to the ZIP.
fn put<W: Write>(zip: &mut Zip<'_, W>, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
    zip.start_file(path, SimpleFileOptions::default())
        .map_err(|error| failed(std::io::Error::other(error)))?;
    zip.write_all(bytes).map_err(failed)
}

fn failed(source: std::io::Error) -> StoreError {
    StoreError::Io {
        doing: "writing the file".to_owned(),
        source,
    }
}
