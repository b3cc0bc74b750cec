//! `phteah backup`: everything of a deployment in one file, written while the server serves.
//!
//! The file is a ZIP archive, which any tool lists. Its last entry, `backup.json`, names every other with its length and SHA-256.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use phteah_layers::Catalogue;
use phteah_store::{Database, DatabaseState, MOVED, Part, copy_as_file, copy_database};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{CommandError, say};
use crate::build_id::VERSION;
use crate::bundle::hex;
use crate::cli::Data;

/// Name of the entry that lists the others.
pub const MANIFEST: &str = "backup.json";

/// The form of the archive; a greater one is of a newer program.
pub const FORM: u32 = 1;

/// What is made again by itself (an authority gives a new certificate), or means something to a running program only.
const LEFT_OUT: [&str; 6] = [
    "acme",
    "downloads",
    "packs",
    "serve.lock",
    "write.lock",
    Database::ELSEWHERE,
];

/// `phteah backup`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The file holds layers, scenarios, access rules, accounts (passwords as hashes), the audit and the registry, each database as it was at one \
                 moment. Imports wait meanwhile; the server goes on.\nHouseholds stay sealed in it: without the deployment's key, which is not in the file, \
                 they cannot be read. Keep that key in another place, and the file away from strangers: names of staff and internal layers stand in it.\n\n\
                 Example:\n  phteah backup /mnt/usb/phteah-2026-11-30.zip --data data"
)]
pub struct Backup {
    /// The file to write
    pub file: PathBuf,
    /// The data directory
    #[command(flatten)]
    pub data: Data,
    /// Write over a file that is there
    #[arg(long)]
    pub replace: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// What stands in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub form: u32,
    /// The program that wrote it.
    pub program: String,
    /// When it was begun, as RFC 3339.
    pub made_at: String,
    /// Every file, by its path within the data directory.
    pub files: BTreeMap<String, FileEntry>,
    /// What each database said of itself.
    pub databases: BTreeMap<String, DatabaseState>,
}

/// A file in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its length.
    pub bytes: u64,
    /// Its hash, hexadecimal.
    pub sha256: String,
}

/// Does it.
pub fn run(args: &Backup) -> Result<(), CommandError> {
    if args.file.exists() && !args.replace {
        return Err(CommandError::Usage(format!(
            "{} is there already: choose another name, or say --replace.",
            args.file.display()
        )));
    }
    let catalogue = Catalogue::open(&args.data.dir)?;
    // Held until the end: no layer comes or goes meanwhile.
    let _no_imports = catalogue.begin()?;
    let dir = catalogue.dir().to_owned();
    let target = std::path::absolute(&args.file).map_err(|e| failed("finding", &args.file, &e))?;
    let beside = target.parent().unwrap_or(Path::new(".")).to_owned();
    // Beside the target: copies of databases may be large, and hold what no other directory should.
    let work = tempfile::Builder::new()
        .prefix(".phteah-backup-")
        .tempdir_in(&beside)
        .map_err(|e| failed("writing to", &beside, &e))?;
    let mut manifest = Manifest {
        form: FORM,
        program: VERSION.to_owned(),
        made_at: Timestamp::now().to_string(),
        files: BTreeMap::new(),
        databases: BTreeMap::new(),
    };
    let unfinished = work.path().join("archive");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let archive = options
        .open(&unfinished)
        .map_err(|e| failed("writing", &unfinished, &e))?;
    let mut archive = ZipWriter::new(archive);
    let mut found = Vec::new();
    list(&dir, "", &mut found).map_err(|e| failed("reading", &dir, &e))?;
    // Databases first: what they speak of is in the files that are copied after them.
    let database = args.data.database()?;
    if let Database::Postgres(_) = database {
        for part in Part::ALL {
            found.retain(|name| name != part.file_name());
            if part.exists(&dir, &database)? {
                let state = copy_as_file(part, &database, work.path())?;
                manifest.databases.insert(part.file_name().to_owned(), state);
                found.push(part.file_name().to_owned());
            }
        }
    }
    found.sort_by_key(|name| (!is_database(name), name.clone()));
    for name in found {
        let from = dir.join(&name);
        let from = if manifest.databases.contains_key(&name) {
            work.path().join(&name)
        } else if is_database(&name) {
            let copy = work.path().join("database");
            let state = copy_database(&from, &copy)?;
            manifest.databases.insert(name.clone(), state);
            copy
        } else {
            from
        };
        let file = match File::open(&from) {
            Ok(file) => file,
            // A scenario that was deleted since the directory was listed.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(failed("reading", &from, &e)),
        };
        let entry = add(&mut archive, &name, file).map_err(|e| failed("backing up", &from, &e))?;
        manifest.files.insert(name.clone(), entry);
        if is_database(&name) {
            fs::remove_file(&from).map_err(|e| failed("removing", &from, &e))?;
        }
    }
    let listing = serde_json::to_vec_pretty(&manifest).map_err(|e| CommandError::Refused(e.to_string()))?;
    add(&mut archive, MANIFEST, listing.as_slice()).map_err(|e| failed("writing", &unfinished, &e))?;
    let archive = archive
        .finish()
        .map_err(|e| CommandError::Refused(format!("The backup could not be finished: {e}.")))?;
    archive
        .sync_all()
        .map_err(|e| failed("writing", &unfinished, &e))?;
    drop(archive);
    // Read back whole: what cannot be restored is no backup.
    let sha256 = super::restore::checked(&unfinished)?.1;
    fs::rename(&unfinished, &target).map_err(|e| failed("writing", &target, &e))?;
    // The name survives a power cut too.
    if let Ok(parent) = File::open(&beside) {
        let _ = parent.sync_all();
    }
    told(args, &manifest, &sha256)
}

fn told(args: &Backup, manifest: &Manifest, sha256: &str) -> Result<(), CommandError> {
    let bytes: u64 = manifest.files.values().map(|file| file.bytes).sum();
    if args.json {
        let json = serde_json::json!({
            "file": args.file.display().to_string(),
            "sha256": sha256,
            "files": manifest.files.len(),
            "bytes": bytes,
            "made_at": manifest.made_at,
        });
        say(serde_json::to_string_pretty(&json).map_err(|e| CommandError::Refused(e.to_string()))?);
    } else {
        say(format!(
            "{}: {} files, {} MB, read back and found whole.\nSHA-256 {sha256}",
            args.file.display(),
            manifest.files.len(),
            bytes.div_ceil(1_000_000)
        ));
    }
    Ok(())
}

/// Whether a file is a database of ours: a layer's GeoPackage is one too, but nobody writes to it.
pub fn is_database(name: &str) -> bool {
    !name.contains('/') && name.ends_with(".sqlite")
}

/// The files of a directory, by their paths below it with `/` between.
fn list(dir: &Path, below: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            return Err(io::Error::other(format!(
                "{} has a name that is no text",
                entry.path().display()
            )));
        };
        let left_out = below.is_empty()
            && (LEFT_OUT.contains(&name.as_str())
                || name.contains(MOVED)
                || name.ends_with(".sqlite-wal")
                || name.ends_with(".sqlite-shm"));
        // Names that begin with a dot are of work under way.
        if left_out || name.starts_with('.') {
            continue;
        }
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), &path, found)?;
        } else if kind.is_file() {
            found.push(path);
        } else {
            return Err(io::Error::other(format!(
                "{} is neither file nor directory",
                entry.path().display()
            )));
        }
    }
    Ok(())
}

/// Adds a file. Rasters and photos are packed already; the rest shrinks.
fn add(archive: &mut ZipWriter<File>, name: &str, mut from: impl Read) -> io::Result<FileEntry> {
    let packed = Path::new(name)
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("tif"));
    let method = if packed {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    };
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .large_file(true)
        .unix_permissions(0o600);
    archive.start_file(name, options).map_err(io::Error::other)?;
    let mut sum = Sha256::new();
    let (mut buffer, mut bytes) = (vec![0; 1 << 16], 0_u64);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        sum.update(&buffer[..read]);
        archive.write_all(&buffer[..read])?;
        bytes += read as u64;
    }
    Ok(FileEntry {
        bytes,
        sha256: hex(&sum.finalize()),
    })
}

/// A failure of the system, with the file that it is about.
pub fn failed(doing: &str, path: &Path, cause: &io::Error) -> CommandError {
    CommandError::Refused(format!("{doing} {}: {cause}.", path.display()))
}
