//! `phteah restore`: a backup is checked whole before anything is touched, then put in the place of what was there, which is kept.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use phteah_layers::Catalogue;
use phteah_store::registry::{Registry, carry_erasures};
use phteah_store::{Database, DatabaseState, Part, check_version, database_state};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::backup::{FORM, MANIFEST, Manifest, failed, is_database};
use super::decide::print_json;
use super::{CommandError, say};
use crate::bundle::hex;
use crate::cli::Data;

/// The longest list of files that is read.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;

/// Where what was there before is kept.
const BEFORE: &str = ".before-restore-";

/// `phteah restore`.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Debug, Args)]
#[command(
    after_long_help = "The whole file is checked first; a truncated or damaged one changes nothing. The server must be stopped.\nWhat the directory holds is kept \
                 in DIR/.before-restore-TIME: remove it when all is well.\n\nExample:\n  phteah restore /mnt/usb/phteah-2026-11-30.zip --data data"
)]
pub struct Restore {
    /// The backup
    pub file: PathBuf,
    /// The data directory, empty or new
    #[command(flatten)]
    pub data: Data,
    /// Put the backup in the place of what the directory holds
    #[arg(long)]
    pub replace: bool,
    /// Do so even where the directory holds accounts, events or an audit that the backup lacks
    #[arg(long)]
    pub discard_newer: bool,
    /// Only check the backup
    #[arg(long)]
    pub check: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Does it.
pub fn run(args: &Restore) -> Result<(), CommandError> {
    let (manifest, sha256) = checked(&args.file)?;
    for (name, entry) in &manifest.databases {
        check_version(name, entry)?;
    }
    if args.check {
        let words = format!(
            "{} is whole: {} files of {}, written by {}.\nSHA-256 {sha256}",
            args.file.display(),
            manifest.files.len(),
            manifest.made_at,
            manifest.program
        );
        let json = serde_json::json!({
            "file": args.file.display().to_string(), "whole": true, "sha256": sha256, "files": manifest.files.len(), "made_at": manifest.made_at,
            "program": manifest.program,
        });
        return tell(args, &json, words);
    }
    let dir = &args.data.dir;
    fs::create_dir_all(dir).map_err(|e| failed("making", dir, &e))?;
    let there = held(dir)?;
    let database = args.data.database()?;
    // Held until the end: a server that starts meanwhile would serve half of each.
    let held_back = if there.is_empty() {
        None
    } else {
        if !args.replace {
            return Err(CommandError::Usage(format!(
                "{} is not empty: choose another directory, or say --replace.",
                dir.display()
            )));
        }
        let catalogue = Catalogue::open(dir)?;
        Some((catalogue.lock_for_serving()?, catalogue.begin()?))
    };
    if !args.discard_newer {
        refuse_newer(dir, &database, &manifest)?;
    }
    // Within the directory: it may be a volume of its own, which cannot be replaced as a whole.
    let work = tempfile::Builder::new()
        .prefix(".work-restore-")
        .tempdir_in(dir)
        .map_err(|e| failed("writing to", dir, &e))?;
    extract(&args.file, &manifest, work.path())?;
    for name in manifest.databases.keys() {
        check_version(name, &database_state(&work.path().join(name))?)?;
    }
    // Who was erased since the backup stays erased.
    let erased = erased_since(args, &database, work.path())?;
    let before = dir.join(format!("{BEFORE}{}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ")));
    if !there.is_empty() {
        fs::create_dir(&before).map_err(|e| failed("making", &before, &e))?;
    }
    for name in &there {
        let from = dir.join(name);
        match fs::rename(&from, before.join(name)) {
            // The log beside a database goes when whoever read it last closes it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.map_err(|e| failed("moving", &from, &e))?,
        }
    }
    for entry in fs::read_dir(work.path()).map_err(|e| failed("reading", work.path(), &e))? {
        let entry = entry.map_err(|e| failed("reading", work.path(), &e))?;
        fs::rename(entry.path(), dir.join(entry.file_name()))
            .map_err(|e| failed("moving", &entry.path(), &e))?;
    }
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
    drop(held_back);
    let mut words = format!(
        "Restored {} files of {} to {}.",
        manifest.files.len(),
        manifest.made_at,
        dir.display()
    );
    if !there.is_empty() {
        words.push_str(&format!(
            "\nWhat was there before is kept in {}.",
            before.display()
        ));
    }
    match &erased {
        Erased::Again(0) => {}
        Erased::Again(count) => words.push_str(&format!(
            "\n{count} households that were erased since the backup are erased in it as well."
        )),
        Erased::NotKnown(why) => words.push_str(&format!(
            "\nWhich households were erased on PostgreSQL since the backup is not known here: {why} Erase them again."
        )),
    }
    if let Database::Postgres(_) = database {
        words.push_str(
            "\nThe databases lie in files now; those on PostgreSQL are as they were, and count no more. Leave --database and PHTEAH_DATABASE away, or carry \
             the files to an empty database with \"phteah move --from DIR --to URL\".",
        );
    }
    let json = serde_json::json!({
        "file": args.file.display().to_string(), "sha256": sha256, "files": manifest.files.len(), "made_at": manifest.made_at,
        "data": dir.display().to_string(), "kept": (!there.is_empty()).then(|| before.display().to_string()),
        "erased_again": match erased { Erased::Again(count) => Some(count), Erased::NotKnown(_) => None },
    });
    tell(args, &json, words)
}

fn tell(args: &Restore, json: &serde_json::Value, words: String) -> Result<(), CommandError> {
    if args.json {
        return print_json(json);
    }
    say(words);
    Ok(())
}

/// The households that were erased since a backup was made.
enum Erased {
    /// So many are erased in what it has brought back.
    Again(usize),
    /// The list of them cannot be read.
    NotKnown(String),
}

/// Erases in what a backup has brought back who was erased since in the registry that is in use.
fn erased_since(args: &Restore, database: &Database, work: &Path) -> Result<Erased, CommandError> {
    let dir = &args.data.dir;
    if !Registry::exists(work) {
        return Ok(Erased::Again(0));
    }
    if is_elsewhere(dir, database) {
        return Ok(Erased::NotKnown("its address was not named.".to_owned()));
    }
    let carried = Registry::exists_in(dir, database).and_then(|exists| {
        if exists {
            carry_erasures((dir, database), work)
        } else {
            Ok(0)
        }
    });
    match carried {
        Ok(count) => Ok(Erased::Again(count)),
        // The server that held it may be lost, and the backup all that is left.
        Err(error) if args.discard_newer && matches!(database, Database::Postgres(_)) => {
            Ok(Erased::NotKnown(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a directory says that its databases are on PostgreSQL, and no address was named.
fn is_elsewhere(dir: &Path, database: &Database) -> bool {
    matches!(database, Database::Files) && dir.join(Database::ELSEWHERE).exists()
}

/// What a directory holds besides work under way, locks and what was kept before.
fn held(dir: &Path) -> Result<Vec<String>, CommandError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| failed("reading", dir, &e))? {
        let entry = entry.map_err(|e| failed("reading", dir, &e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && name != "serve.lock" && name != "write.lock" {
            names.push(name);
        }
    }
    Ok(names)
}

/// Refuses to lose what was recorded since the backup: in files, and on PostgreSQL where the deployment is there.
fn refuse_newer(dir: &Path, database: &Database, manifest: &Manifest) -> Result<(), CommandError> {
    for name in held(dir)?.iter().filter(|name| is_database(name)) {
        refuse_if_ahead(
            name,
            &dir.display().to_string(),
            database_state(&dir.join(name))?,
            manifest,
        )?;
    }
    if is_elsewhere(dir, database) {
        return Err(CommandError::Refused(format!(
            "Accounts, the audit and the registry of {} are on PostgreSQL ({}): what came later than the backup of {} would count no more. Say the address with \
             --database or PHTEAH_DATABASE, so that it can be compared. If there is nothing left on it, say --discard-newer.",
            dir.display(),
            Database::ELSEWHERE,
            manifest.made_at
        )));
    }
    if let Database::Postgres(server) = database {
        for part in Part::ALL {
            if let Some(now) = part.state(dir, database)? {
                refuse_if_ahead(part.file_name(), &server.to_string(), now, manifest)?;
            }
        }
    }
    Ok(())
}

/// Refuses where a database holds what the backup lacks. `place` says where it is.
fn refuse_if_ahead(
    name: &str,
    place: &str,
    now: DatabaseState,
    manifest: &Manifest,
) -> Result<(), CommandError> {
    let then = manifest.databases.get(name);
    let ahead = then.map_or(now.audited > 0 || now.events > 0, |then| now.is_ahead_of(then));
    if !ahead {
        return Ok(());
    }
    let (audited, events) = then.map_or((0, 0), |then| (then.audited, then.events));
    Err(CommandError::Refused(format!(
        "{name} in {place} has {} audited changes and {} events, the backup of {} has {audited} and {events}: what came later would be lost. Make a backup of \
         it first; then say --discard-newer.",
        now.audited, now.events, manifest.made_at
    )))
}

/// Reads a backup whole and checks each file in it against the list. Answers the list and the hash of the archive.
pub fn checked(file: &Path) -> Result<(Manifest, String), CommandError> {
    let mut archive = open(file)?;
    let manifest = manifest(&mut archive, file)?;
    for (name, entry) in &manifest.files {
        copy(&mut archive, name, entry.bytes, &entry.sha256, &mut io::sink())
            .map_err(|e| damaged(file, &e))?;
    }
    let mut whole = File::open(file).map_err(|e| failed("reading", file, &e))?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = whole.read(&mut buffer).map_err(|e| failed("reading", file, &e))?;
        if read == 0 {
            break;
        }
        sum.update(&buffer[..read]);
    }
    Ok((manifest, hex(&sum.finalize())))
}

fn open(file: &Path) -> Result<ZipArchive<File>, CommandError> {
    let opened = File::open(file).map_err(|e| failed("reading", file, &e))?;
    ZipArchive::new(opened).map_err(|e| damaged(file, &io::Error::other(e)))
}

fn damaged(file: &Path, cause: &io::Error) -> CommandError {
    CommandError::Refused(format!(
        "{} is no whole backup: {cause}. It may be truncated. Nothing was changed; take another one.",
        file.display()
    ))
}

fn manifest(archive: &mut ZipArchive<File>, file: &Path) -> Result<Manifest, CommandError> {
    let broken = |what: String| damaged(file, &io::Error::other(what));
    let manifest: Manifest = {
        let entry = archive
            .by_name(MANIFEST)
            .map_err(|_| broken(format!("it has no {MANIFEST}")))?;
        let mut text = Vec::new();
        entry
            .take(MAX_MANIFEST_BYTES)
            .read_to_end(&mut text)
            .map_err(|e| damaged(file, &e))?;
        // The form first: a newer one may look otherwise.
        let any: serde_json::Value =
            serde_json::from_slice(&text).map_err(|_| broken(format!("its {MANIFEST} cannot be read")))?;
        if any["form"].as_u64() > Some(u64::from(FORM)) {
            return Err(CommandError::Refused(format!(
                "{} was written by a newer Phteah: use that program to restore it. Nothing was changed.",
                file.display()
            )));
        }
        serde_json::from_value(any).map_err(|_| broken(format!("its {MANIFEST} cannot be read")))?
    };
    let listed: BTreeSet<String> = manifest
        .files
        .keys()
        .cloned()
        .chain([MANIFEST.to_owned()])
        .collect();
    let there: BTreeSet<String> = archive
        .file_names()
        .map(|name| name.map(Cow::into_owned))
        .collect::<Result<_, _>>()
        .map_err(|e| damaged(file, &io::Error::other(e)))?;
    if listed != there || archive.len() != listed.len() {
        return Err(broken("its files are not those that it lists".to_owned()));
    }
    if let Some(strange) = manifest.files.keys().find(|name| !is_within(name)) {
        return Err(broken(format!("'{strange}' leads out of the directory")));
    }
    Ok(manifest)
}

/// Whether a path stays within the directory that it is below, and is none of a work under way.
fn is_within(name: &str) -> bool {
    let mut parts = Path::new(name).components().peekable();
    parts.peek().is_some()
        && !name.contains('\\')
        && parts.all(|part| match part {
            Component::Normal(text) => !text.to_string_lossy().starts_with('.'),
            _ => false,
        })
}

fn extract(file: &Path, manifest: &Manifest, to: &Path) -> Result<(), CommandError> {
    let mut archive = open(file)?;
    for (name, entry) in &manifest.files {
        let path = to.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| failed("making", parent, &e))?;
        }
        let mut out = File::create_new(&path).map_err(|e| failed("writing", &path, &e))?;
        copy(&mut archive, name, entry.bytes, &entry.sha256, &mut out)
            .map_err(|e| failed("restoring", &path, &e))?;
        out.sync_all().map_err(|e| failed("writing", &path, &e))?;
    }
    Ok(())
}

/// Copies one file out of an archive; one that is longer, shorter or other than listed is an error.
fn copy(
    archive: &mut ZipArchive<File>,
    name: &str,
    bytes: u64,
    sha256: &str,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut entry = archive.by_name(name).map_err(io::Error::other)?;
    let mut sum = Sha256::new();
    let (mut buffer, mut seen) = (vec![0; 1 << 16], 0_u64);
    loop {
        let read = entry.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        seen += read as u64;
        if seen > bytes {
            break;
        }
        sum.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
    if seen != bytes || hex(&sum.finalize()) != sha256 {
        return Err(io::Error::other(format!("{name} is not as it was written")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within() {
        for good in ["catalogue.json", "layers/a.gpkg", "versions/a/b.json"] {
            assert!(is_within(good), "{good}");
        }
        for bad in [
            "",
            "../x",
            "a/../../x",
            "/etc/passwd",
            "a/./../..",
            ".work-1/x",
            "a\\..\\b",
        ] {
            assert!(!is_within(bad), "{bad}");
        }
    }
}
