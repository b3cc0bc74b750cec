//! Files that are being written: in a directory of their own beside where they will stand, until they are complete. What a killed program left
//! behind is swept by the next one that writes there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::error::{LayersError, Result};

/// Names of these directories begin so.
const PREFIX: &str = ".phteah-";

/// What whoever writes keeps locked.
const LOCK: &str = "lock";

/// The name of the file in its directory.
const NAME: &str = "file";

/// A lock that nobody holds may be that of a program that is about to take it.
const MOMENT: Duration = Duration::from_secs(60);

/// Directories without a lock, as earlier versions made them, are left over when they are so old.
const LEFT_OVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A file that is being written. Dropped before it is published, nothing of it stays.
pub struct Unfinished {
    /// Held until the end: it says that somebody is at work here.
    _lock: File,
    dir: TempDir,
    file: PathBuf,
    target: PathBuf,
}

impl Unfinished {
    /// A place for a file that will stand at `target`, in the same directory and with its extension.
    pub fn beside(target: &Path) -> Result<Self> {
        let beside = target
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let io = |e| LayersError::io(beside, "writing to", e);
        sweep(beside);
        let dir = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(beside)
            .map_err(io)?;
        let lock = File::create_new(dir.path().join(LOCK)).map_err(io)?;
        // Where a file system knows no locks, only what is old is swept.
        let _ = lock.try_lock();
        let mut file = dir.path().join(NAME);
        if let Some(extension) = target.extension() {
            file.set_extension(extension.to_ascii_lowercase());
        }
        Ok(Self {
            _lock: lock,
            dir,
            file,
            target: target.to_owned(),
        })
    }

    /// Where to write it.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// A directory for whatever else has to be written meanwhile; it goes with the file.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Gives the complete file its name.
    pub fn publish(self) -> Result<()> {
        crate::gpkg::sync(&self.file)?;
        fs::rename(&self.file, &self.target).map_err(|e| LayersError::io(&self.target, "writing", e))
    }
}

/// Removes what killed programs left in a directory. What cannot be removed stays: it is no fault of whoever writes now.
fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .is_some_and(|rest| rest.len() == 6 && rest.chars().all(|c| c.is_ascii_alphanumeric()));
        if is_ours && is_left_over(&entry) {
            let path = entry.path();
            let _ = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
        }
    }
}

/// Whether nobody works there any more.
fn is_left_over(entry: &fs::DirEntry) -> bool {
    let Ok(about) = fs::symlink_metadata(entry.path()) else {
        return false;
    };
    if about.is_symlink() {
        return false;
    }
    let age = about.modified().ok().and_then(|made| made.elapsed().ok());
    let is_older = |than: Duration| age.is_some_and(|age| age > than);
    match File::open(entry.path().join(LOCK)) {
        Ok(lock) => is_older(MOMENT) && lock.try_lock().is_ok(),
        Err(_) => is_older(LEFT_OVER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_name_when_it_is_complete_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("Out.CSV");
        drop(Unfinished::beside(&target).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let unfinished = Unfinished::beside(&target).unwrap();
        assert_eq!(unfinished.path().extension().unwrap(), "csv");
        fs::write(unfinished.path(), "a").unwrap();
        unfinished.publish().unwrap();
        let names: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names, ["Out.CSV"]);
    }

    #[test]
    fn what_a_killed_program_left_is_swept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str, files: &[&str]| {
            let made = dir.path().join(name);
            fs::create_dir(&made).unwrap();
            for file in files {
                fs::write(made.join(file), "half").unwrap();
            }
            made
        };
        // Whoever locked it has gone, as after a kill.
        let killed = make(".phteah-Ab3dEf", &["file.csv", LOCK]);
        let young = make(".phteah-noLock", &["file"]);
        let old = make(".phteah-oldOne", &["file"]);
        let made = |path: &Path, ago: Duration| {
            let then = std::time::SystemTime::now() - ago;
            File::open(path).unwrap().set_modified(then).unwrap();
        };
        made(&old, 2 * LEFT_OVER);
        made(&killed, 2 * MOMENT);
        let not_ours = [
            make(".phteah-settings", &["file"]),
            make("phteah-abcdef", &["file", LOCK]),
        ];
        let at_work = Unfinished::beside(&dir.path().join("a.csv")).unwrap();
        assert!(!killed.exists() && !old.exists());
        assert!(young.exists() && not_ours.iter().all(|dir| dir.exists()));
        made(at_work.dir(), 2 * LEFT_OVER);
        let other = Unfinished::beside(&dir.path().join("b.csv")).unwrap();
        assert!(at_work.dir().exists() && other.dir().exists(), "both are at work");
    }
}
