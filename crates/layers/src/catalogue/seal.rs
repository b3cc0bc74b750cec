//! What a layer's file is known by, so that a cut-off or changed one is noticed.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{LayersError, Result};
use crate::text::hex;

/// Size and content of a layer's file as it was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeal {
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl FileSeal {
    /// Reads a file through.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let io = |e| LayersError::io(path, "reading", e);
        let mut file = File::open(path).map_err(io)?;
        let (mut digest, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; 1 << 18]);
        loop {
            match file.read(&mut chunk).map_err(io)? {
                0 => break,
                n => {
                    digest.update(&chunk[..n]);
                    bytes += n as u64;
                }
            }
        }
        Ok(Self {
            bytes,
            sha256: hex(&digest.finalize()),
        })
    }

    /// What can be seen without reading the file: whether it is there, and whole. `Err` says in words what is wrong.
    pub(crate) fn glance(seal: Option<&Self>, path: &Path) -> std::result::Result<(), String> {
        let size = match fs::metadata(path) {
            Ok(file) if file.is_file() => file.len(),
            Ok(_) => return Err("what should be its file is none".to_owned()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err("its file is missing".to_owned());
            }
            Err(e) => return Err(format!("its file cannot be read ({})", e.kind())),
        };
        match seal {
            Some(seal) if seal.bytes != size => {
                Err(format!("its file has {size} bytes instead of {}", seal.bytes))
            }
            None if size == 0 => Err("its file is empty".to_owned()),
            _ => Ok(()),
        }
    }

    /// Reads the file through and compares. `Err` says in words what is wrong.
    pub(crate) fn check(&self, path: &Path) -> std::result::Result<(), String> {
        Self::glance(Some(self), path)?;
        match Self::of(path) {
            Ok(found) if found == *self => Ok(()),
            Ok(_) => Err("its file is not what was stored: bytes of it have changed".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
