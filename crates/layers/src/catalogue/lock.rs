//! Who may write, who may serve, and how the catalogue is replaced.
//!
//! Locks are `flock`s on files of their own: the system drops them when a process dies, however it dies.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::{CATALOGUE, LAYERS, LayerEntry, Listing, read_listing};
use crate::error::{LayersError, Result};

/// A second import waits this long for the first before it is refused.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);
const WORK: &str = ".work-";

/// The right to serve a directory; held until dropped.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl ServeLock {
    pub(super) fn claim(dir: &Path) -> Result<Self> {
        match try_lock(&dir.join("serve.lock"))? {
            Some(file) => Ok(Self { _file: file }),
            None => Err(LayersError::AlreadyServed(dir.to_owned())),
        }
    }
}

/// The right to change a directory; held until dropped.
pub(crate) struct WriteLock {
    _file: File,
    dir: PathBuf,
}

impl WriteLock {
    pub(super) fn claim(dir: &Path) -> Result<Self> {
        let path = dir.join("write.lock");
        let tries = PATIENCE.as_millis() / PAUSE.as_millis();
        for _ in 0..=tries {
            if let Some(file) = try_lock(&path)? {
                let lock = Self {
                    _file: file,
                    dir: dir.to_owned(),
                };
                lock.sweep();
                return Ok(lock);
            }
            std::thread::sleep(PAUSE);
        }
        Err(LayersError::Busy(dir.to_owned()))
    }

    /// Removes what imports that were killed have left; nobody else is at work while the lock is held.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(WORK) {
                // What cannot be removed now is tried again next time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// A directory for unfinished files, on the same disk as the layers; removed when dropped.
    pub fn work_dir(&self) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix(WORK)
            .tempdir_in(&self.dir)
            .map_err(|e| LayersError::io(&self.dir, "writing to", e))
    }

    /// The layers as they stand now.
    pub fn layers(&self) -> Result<Vec<LayerEntry>> {
        Ok(read_listing(&self.dir)?.layers)
    }

    /// Gives a finished file its place and lists its layer, in that order: a reader never sees a layer without its file.
    pub fn publish(&self, finished: &Path, entry: LayerEntry) -> Result<()> {
        let home = self.dir.join(LAYERS);
        let io = |e| LayersError::io(&home, "writing to", e);
        fs::create_dir_all(&home).map_err(io)?;
        fs::rename(finished, home.join(&entry.file)).map_err(io)?;
        File::open(&home).and_then(|dir| dir.sync_all()).map_err(io)?;
        self.commit(|layers| {
            layers.retain(|old| old.name != entry.name);
            layers.push(entry);
            layers.sort_by(|a, b| a.name.cmp(&b.name));
        })
    }

    /// Changes the listing and removes the files that neither the new nor the former listing names. The former's stay one round longer, for
    /// those who have read the catalogue but not yet opened a file.
    pub fn commit(&self, change: impl FnOnce(&mut Vec<LayerEntry>)) -> Result<()> {
        let mut listing = read_listing(&self.dir)?;
        let mut needed: Vec<String> = listing.layers.iter().map(|entry| entry.file.clone()).collect();
        change(&mut listing.layers);
        needed.extend(listing.layers.iter().map(|entry| entry.file.clone()));
        let listing = Listing {
            version: 1,
            layers: listing.layers,
        };
        let mut json = serde_json::to_vec_pretty(&listing).map_err(|e| LayersError::Io {
            doing: "writing the catalogue".into(),
            source: std::io::Error::other(e),
        })?;
        json.push(b'\n');
        replace(&self.dir, CATALOGUE, &json)?;
        if let Ok(files) = fs::read_dir(self.dir.join(LAYERS)) {
            for file in files.flatten() {
                if !needed
                    .iter()
                    .any(|name| file.file_name().to_string_lossy() == name.as_str())
                {
                    // A file too many does no harm; it goes next time.
                    let _ = fs::remove_file(file.path());
                }
            }
        }
        Ok(())
    }
}

fn try_lock(path: &Path) -> Result<Option<File>> {
    let io = |e| LayersError::io(path.parent().unwrap_or(path), "writing to", e);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(io(e)),
    }
}

/// Replaces a file as a whole: written beside it, flushed, renamed, the directory flushed.
pub(super) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let io = |e| LayersError::io(dir, "writing to", e);
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    #[cfg(unix)]
    {
        // Temporary files are made private; settings and catalogue are for every account that may read the directory.
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))
            .map_err(io)?;
    }
    file.as_file().sync_all().map_err(io)?;
    file.persist(dir.join(name)).map_err(|e| io(e.error))?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)
}
