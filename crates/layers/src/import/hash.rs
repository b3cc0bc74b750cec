//! The hash by which an import is known: of the source's bytes and of everything that decides what becomes of them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{LayersError, Result};

/// Raised whenever the same source would be stored differently, so that it is then imported anew.
const REVISION: u32 = 2;

/// A hash being made.
pub(crate) struct Hasher(Sha256);

impl Hasher {
    /// Starts with the options, any serialisable value.
    pub fn new(options: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_vec(options).map_err(|e| LayersError::Io {
            doing: "hashing".into(),
            source: std::io::Error::other(e),
        })?;
        let mut hasher = Sha256::new();
        hasher.update(REVISION.to_le_bytes());
        hasher.update((json.len() as u64).to_le_bytes());
        hasher.update(json);
        Ok(Self(hasher))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds a file and those that belong to it (a Shapefile is several), without holding them in memory.
    pub fn file(&mut self, path: &Path) -> Result<()> {
        for part in parts(path)? {
            let io = |e| LayersError::io(&part, "reading", e);
            let mut file = File::open(&part).map_err(io)?;
            let name = crate::error::base_name(&part);
            self.0.update((name.len() as u64).to_le_bytes());
            self.0.update(name.as_bytes());
            let mut chunk = vec![0; 1 << 16];
            loop {
                match file.read(&mut chunk).map_err(io)? {
                    0 => break,
                    n => self.0.update(&chunk[..n]),
                }
            }
        }
        Ok(())
    }

    /// The hash in hexadecimal.
    pub fn finish(self) -> String {
        crate::text::hex(&self.0.finalize())
    }
}

/// The files that make up a source.
fn parts(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|e| LayersError::io(path, "reading", e))?;
        let mut files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|p| p.is_file())
            .collect();
        files.sort();
        return Ok(files);
    }
    let mut files = vec![path.to_owned()];
    let is = |extension: &str| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(extension))
    };
    let beside: &[&str] = if is("shp") {
        &["dbf", "shx", "prj", "cpg", "DBF", "SHX", "PRJ", "CPG"]
    } else if is("tif") || is("tiff") {
        &["tfw", "tif.aux.xml", "tif.msk", "prj"]
    } else {
        &["aux.xml"]
    };
    files.extend(
        beside
            .iter()
            .map(|e| path.with_extension(e))
            .filter(|p| p.is_file()),
    );
    Ok(files)
}
