//! Finished files, kept for downloads that are repeated or resumed: formats that cannot be written from front to back, and ranges.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use phteah_layers::LayersError;

use crate::api::error::ApiError;

const DIR: &str = "downloads";

/// A directory of finished files, the least recently used of which go when it grows too large.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    max_bytes: u64,
    making: Mutex<HashSet<String>>,
    made: Condvar,
}

impl Spool {
    /// Takes over the directory; what an earlier run left unfinished is removed.
    pub fn new(data: &Path, max_bytes: u64) -> Result<Self, LayersError> {
        let dir = data.join(DIR);
        fs::create_dir_all(&dir).map_err(|e| LayersError::io(&dir, "making", e))?;
        for entry in fs::read_dir(&dir)
            .map_err(|e| LayersError::io(&dir, "reading", e))?
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with('.') {
                // What cannot be removed does no harm.
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
        Ok(Self {
            dir,
            max_bytes,
            making: Mutex::default(),
            made: Condvar::new(),
        })
    }

    /// Opens the file of this name, made by `make` if it is not there. Who asks for the same meanwhile waits for it.
    pub fn open(
        &self,
        name: &str,
        make: impl FnOnce(&Path) -> Result<(), ApiError>,
    ) -> Result<Arc<File>, ApiError> {
        let path = self.dir.join(name);
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        while making.contains(name) {
            making = self.made.wait(making).unwrap_or_else(PoisonError::into_inner);
        }
        if let Ok(file) = File::open(&path) {
            // Its age is that of its last use. Where that cannot be noted it is merely forgotten sooner.
            let _ = file.set_modified(std::time::SystemTime::now());
            return Ok(Arc::new(file));
        }
        making.insert(name.to_owned());
        drop(making);
        let _guard = Making { spool: self, name };
        make(&path)?;
        let file = File::open(&path).map_err(|e| LayersError::io(&path, "reading", e))?;
        self.shrink(&path);
        Ok(Arc::new(file))
    }

    /// Size of the file of this name, if it is there.
    pub fn size(&self, name: &str) -> Option<u64> {
        fs::metadata(self.dir.join(name)).ok().map(|file| file.len())
    }

    /// Removes the least recently used files until the rest fits. Those being read stay readable until they are closed.
    fn shrink(&self, keep: &Path) {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return;
        };
        let mut files: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((about.modified().ok()?, about.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in files {
            if total <= self.max_bytes {
                break;
            }
            if path != keep && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Marks a file as being made until it is or is not.
struct Making<'a> {
    spool: &'a Spool,
    name: &'a str,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.spool
            .making
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(self.name);
        self.spool.made.notify_all();
    }
}
