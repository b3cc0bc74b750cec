//! Who may write, who may serve, and how the catalogue is replaced.
//!
//! Locks are `flock`s on files of their own: the system drops them when a process dies, however it dies.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use super::listing::{Listing, is_layer_file, note_of, read_listing};
use super::{CATALOGUE, Catalogue, FileSeal, LAYERS, LayerEntry};
use crate::error::{LayersError, Result};

/// A second import waits this long for the first before it is refused.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);
pub(super) const WORK: &str = ".work-";
/// Names the files that a change brings in, before it does.
const INTENT: &str = ".publishing";

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
pub(crate) struct WriteLock(Arc<Held>);

/// A directory that is being changed, with what is to be listed together at the end of a batch.
pub(super) struct Held {
    _file: File,
    dir: PathBuf,
    /// The layers as they will be listed; `None` outside of a batch.
    staged: Mutex<Option<Vec<LayerEntry>>>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl WriteLock {
    pub(super) fn claim(dir: &Path) -> Result<Self> {
        let path = dir.join("write.lock");
        let tries = PATIENCE.as_millis() / PAUSE.as_millis();
        for _ in 0..=tries {
            if let Some(file) = try_lock(&path)? {
                return Ok(Self::holding(file, dir));
            }
            std::thread::sleep(PAUSE);
        }
        Err(LayersError::Busy(dir.to_owned()))
    }

    /// The same without waiting; `None` where somebody else writes.
    pub(super) fn claim_if_free(dir: &Path) -> Result<Option<Self>> {
        let file = try_lock(&dir.join("write.lock"))?;
        Ok(file.map(|file| Self::holding(file, dir)))
    }

    fn holding(file: File, dir: &Path) -> Self {
        let lock = Self(Arc::new(Held {
            _file: file,
            dir: dir.to_owned(),
            staged: Mutex::default(),
        }));
        lock.sweep();
        lock
    }

    /// The lock of a batch that runs.
    pub(super) fn shared(held: &Arc<Held>) -> Self {
        Self(Arc::clone(held))
    }

    pub(super) fn into_held(self) -> Arc<Held> {
        self.0
    }

    fn dir(&self) -> &Path {
        &self.0.dir
    }

    fn staged(&self) -> MutexGuard<'_, Option<Vec<LayerEntry>>> {
        self.0.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what imports that were killed have left; nobody else is at work while the lock is held.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(self.dir()) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(WORK) {
                // What cannot be removed now is tried again next time.
                let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
            }
        }
        self.undo();
        let notes = fs::read_dir(self.dir().join(LAYERS))
            .into_iter()
            .flatten()
            .flatten();
        for note in notes {
            let name = note.file_name().to_string_lossy().into_owned();
            let orphan = name
                .strip_suffix(".json")
                .is_some_and(|file| is_layer_file(file) && !self.dir().join(LAYERS).join(file).exists());
            if orphan {
                let _ = fs::remove_file(note.path());
            }
        }
    }

    /// Removes files that were brought in by a change that was never listed. Only files that such a change has named: what else lies there
    /// unlisted may be all that is left of somebody's layers.
    fn undo(&self) {
        let intent = self.dir().join(INTENT);
        let Ok(bytes) = fs::read(&intent) else { return };
        // While the list cannot be read, nobody can say what is not in it.
        let Ok(listing) = read_listing(self.dir()) else {
            return;
        };
        let named: Vec<String> = serde_json::from_slice(&bytes).unwrap_or_default();
        let listed = |file: &String| {
            listing.layers.iter().any(|entry| entry.file == *file) || listing.retired.contains(file)
        };
        for file in named.iter().filter(|file| is_layer_file(file) && !listed(file)) {
            self.delete(file);
        }
        let _ = fs::remove_file(intent);
    }

    /// Removes a layer's file and its note. A file too many does no harm; it goes next time.
    fn delete(&self, file: &str) {
        let _ = fs::remove_file(self.dir().join(LAYERS).join(file));
        let _ = fs::remove_file(note_of(self.dir(), file));
    }

    /// A directory for unfinished files, on the same disk as the layers; removed when dropped.
    pub fn work_dir(&self) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix(WORK)
            .tempdir_in(self.dir())
            .map_err(|e| LayersError::io(self.dir(), "writing to", e))
    }

    /// The layers as they stand now, in a batch as they will stand.
    pub fn layers(&self) -> Result<Vec<LayerEntry>> {
        match &*self.staged() {
            Some(layers) => Ok(layers.clone()),
            None => Ok(read_listing(self.dir())?.layers),
        }
    }

    /// Whether a layer's file is what was stored; unknown for layers whose file was not sealed, which are then stored again.
    pub fn is_sound(&self, entry: &LayerEntry) -> bool {
        let path = self.dir().join(LAYERS).join(&entry.file);
        entry.seal.as_ref().is_some_and(|seal| seal.check(&path).is_ok())
    }

    /// Gives a finished file its place and lists its layer, in that order: a reader never sees a layer without its file.
    ///
    /// A kill at any point leaves the layers as they were, or as they are to be: what is to come is named first ([`INTENT`]), so that the
    /// next writer removes it if it was never listed.
    pub fn publish(&self, finished: &Path, mut entry: LayerEntry) -> Result<()> {
        let listing = read_listing(self.dir())?;
        let home = self.dir().join(LAYERS);
        let io = |e| LayersError::io(&home, "writing to", e);
        fs::create_dir_all(&home).map_err(io)?;
        if !self.dir().join(CATALOGUE).exists() {
            // From now on a missing list is a lost one.
            replace(
                self.dir(),
                CATALOGUE,
                &Listing::new(0, Vec::new(), Vec::new()).encode()?,
            )?;
        }
        entry.seal = Some(FileSeal::of(finished)?);
        entry.file = free_name(&home, &entry.file, &listing.retired);
        let placed = self
            .place(finished, &home, &entry, listing.revision + 1)
            .and_then(|()| {
                let listed = |layers: &mut Vec<LayerEntry>| {
                    layers.retain(|old| old.name != entry.name);
                    layers.push(entry.clone());
                    layers.sort_by(|a, b| a.name.cmp(&b.name));
                };
                let mut staged = self.staged();
                match &mut *staged {
                    Some(layers) => {
                        listed(layers);
                        Ok(())
                    }
                    None => self.commit(listed),
                }
            });
        if placed.is_err() && self.staged().is_none() {
            self.undo();
        }
        placed
    }

    fn place(&self, finished: &Path, home: &Path, entry: &LayerEntry, revision: u64) -> Result<()> {
        let io = |e| LayersError::io(home, "writing to", e);
        let intent = fs::read(self.dir().join(INTENT)).unwrap_or_default();
        let mut named: Vec<String> = serde_json::from_slice(&intent).unwrap_or_default();
        named.push(entry.file.clone());
        let named = serde_json::to_vec(&named).map_err(|e| io(std::io::Error::other(e)))?;
        replace(self.dir(), INTENT, &named)?;
        let note = Listing::new(revision, vec![entry.clone()], Vec::new()).encode()?;
        replace_from(self.dir(), &note_of(self.dir(), &entry.file), &note)?;
        fs::rename(finished, home.join(&entry.file)).map_err(io)?;
        File::open(home).and_then(|dir| dir.sync_all()).map_err(io)
    }

    /// Changes the list. Files of former versions stay one round longer, for those who have read the list but not yet opened a file; those
    /// that an earlier change has retired go now. No other file is ever removed.
    pub fn commit(&self, change: impl FnOnce(&mut Vec<LayerEntry>)) -> Result<()> {
        let old = read_listing(self.dir())?;
        let mut layers = old.layers.clone();
        change(&mut layers);
        let needed = |file: &str| layers.iter().any(|entry| entry.file == file);
        let mut dropped: Vec<String> = old.layers.iter().map(|entry| entry.file.clone()).collect();
        dropped.retain(|file| !needed(file));
        let gone: Vec<&String> = old.retired.iter().filter(|file| !needed(file)).collect();
        // While the list still names them: should the program end here, the next change finds them gone, never left over.
        for file in gone {
            self.delete(file);
        }
        let revision = old.revision + 1;
        let listing = Listing::new(revision, layers.clone(), dropped.clone());
        replace(self.dir(), CATALOGUE, &listing.encode()?)?;
        for file in dropped {
            // Should the list be lost, nobody takes it for a layer again.
            if let Ok(note) = Listing::new(revision, Vec::new(), vec![file.clone()]).encode() {
                let _ = replace_from(self.dir(), &note_of(self.dir(), &file), &note);
            }
        }
        let _ = fs::remove_file(self.dir().join(INTENT));
        Ok(())
    }

    /// Replaces the list whatever stands there; for repair alone.
    pub(super) fn rewrite(&self, listing: Listing) -> Result<()> {
        for entry in &listing.layers {
            let note = Listing::new(listing.revision, vec![entry.clone()], Vec::new()).encode()?;
            replace_from(self.dir(), &note_of(self.dir(), &entry.file), &note)?;
        }
        replace(self.dir(), CATALOGUE, &listing.encode()?)?;
        let _ = fs::remove_file(self.dir().join(INTENT));
        Ok(())
    }
}

/// Layers that are listed together: all of them, or, should the program end before, none.
#[derive(Debug)]
pub struct Batch {
    catalogue: Catalogue,
    held: Arc<Held>,
}

impl Batch {
    pub(super) fn begin(catalogue: &Catalogue) -> Result<Self> {
        let lock = catalogue.lock_for_writing()?;
        let layers = lock.layers()?;
        *lock.staged() = Some(layers);
        let held = lock.into_held();
        let mut catalogue = catalogue.clone();
        catalogue.batch = Some(Arc::clone(&held));
        Ok(Self { catalogue, held })
    }

    /// The catalogue as it will be: imports into it are listed when the batch ends.
    pub fn catalogue(&self) -> Result<Catalogue> {
        let mut catalogue = self.catalogue.clone();
        catalogue.layers = WriteLock::shared(&self.held).layers()?;
        Ok(catalogue)
    }

    /// Leaves out the layers of which `keep` says no.
    pub fn retain(&self, keep: impl FnMut(&LayerEntry) -> bool) {
        let lock = WriteLock::shared(&self.held);
        if let Some(layers) = &mut *lock.staged() {
            layers.retain(keep);
        }
    }

    /// Lists everything at once.
    pub fn commit(self) -> Result<()> {
        let lock = WriteLock::shared(&self.held);
        let Some(layers) = lock.staged().take() else {
            return Ok(());
        };
        if layers == read_listing(lock.dir())?.layers {
            lock.undo();
            return Ok(());
        }
        lock.commit(|listed| *listed = layers)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let lock = WriteLock::shared(&self.held);
        let unfinished = lock.staged().take().is_some();
        if unfinished {
            lock.undo();
        }
    }
}

/// A name for a layer's file that no other file has: one that is listed may be damaged and still open, one that nobody knows is not ours to
/// replace. A retired file of this name has the same content.
fn free_name(home: &Path, name: &str, retired: &[String]) -> String {
    let taken = |name: &str| home.join(name).exists() && !retired.iter().any(|file| file == name);
    if !taken(name) {
        return name.to_owned();
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    (2_u32..)
        .map(|n| format!("{stem}-{n}.{extension}"))
        .find(|name| !taken(name))
        .unwrap_or_else(|| name.to_owned())
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
    replace_from(dir, &dir.join(name), bytes)
}

/// The same of a file in a directory of its own; written in `dir`, where what is left of a killed write is swept.
pub(super) fn replace_from(dir: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    let io = |e| LayersError::io(dir, "writing to", e);
    let mut file = tempfile::Builder::new()
        .prefix(WORK)
        .tempfile_in(dir)
        .map_err(io)?;
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
    file.persist(path).map_err(|e| io(e.error))?;
    let home = path.parent().unwrap_or(dir);
    File::open(home).and_then(|dir| dir.sync_all()).map_err(io)
}
