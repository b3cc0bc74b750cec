//! The list of layers as a file: sealed by a checksum, so that damage is told from what was meant, and never taken for an empty one.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::entry::LayerEntry;
use super::{CATALOGUE, LAYERS};
use crate::error::{LayersError, Result};
use crate::text::hex;

/// The form of the file that this program reads and writes.
const VERSION: u32 = 1;

/// Stands where the checksum goes, while it is computed.
const BLANK: [u8; 64] = [b'0'; 64];

/// The layers of a data directory.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    /// SHA-256 of the file with zeros in this place. Lists written before there was one have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    version: u32,
    /// Counts the changes; tells which of two lists is the later one, whatever the clocks said.
    #[serde(default)]
    pub revision: u64,
    pub layers: Vec<LayerEntry>,
    /// Files of former versions: kept one round longer, for those who have read an earlier list but not yet opened a file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<String>,
}

impl Listing {
    pub fn new(revision: u64, layers: Vec<LayerEntry>, retired: Vec<String>) -> Self {
        Self {
            checksum: None,
            version: VERSION,
            revision,
            layers,
            retired,
        }
    }

    /// The file's bytes, sealed.
    pub fn encode(mut self) -> Result<Vec<u8>> {
        self.checksum = Some(String::from_utf8_lossy(&BLANK).into_owned());
        let mut json = serde_json::to_vec_pretty(&self).map_err(|e| LayersError::Io {
            doing: "writing the catalogue".into(),
            source: std::io::Error::other(e),
        })?;
        json.push(b'\n');
        let sum = hex(&Sha256::digest(&json));
        if let Some(at) = position(&json, &BLANK) {
            json[at..at + BLANK.len()].copy_from_slice(sum.as_bytes());
        }
        Ok(json)
    }

    /// Reads a file's bytes; `Err` says in words what is wrong with them.
    pub fn decode(bytes: &[u8]) -> std::result::Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
            #[serde(default)]
            checksum: Option<String>,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|e| Fault::Damaged(e.to_string()))?;
        if head.version > VERSION {
            return Err(Fault::Newer(head.version));
        }
        if let Some(sum) = head.checksum {
            let mut blank = bytes.to_vec();
            if let Some(at) = position(&blank, sum.as_bytes()).filter(|_| sum.len() == BLANK.len()) {
                blank[at..at + BLANK.len()].copy_from_slice(&BLANK);
            }
            if hex(&Sha256::digest(&blank)) != sum {
                return Err(Fault::Damaged("its checksum does not fit its content".to_owned()));
            }
        }
        let listing: Self = serde_json::from_slice(bytes).map_err(|e| Fault::Damaged(e.to_string()))?;
        let names = listing
            .layers
            .iter()
            .map(|entry| &entry.file)
            .chain(&listing.retired);
        for name in names {
            if !is_plain(name) {
                return Err(Fault::Damaged(format!("'{name}' is no name of a layer's file")));
            }
        }
        Ok(listing)
    }
}

/// What is wrong with a list.
#[derive(Debug, PartialEq)]
pub(super) enum Fault {
    /// It cannot be understood, or not be trusted.
    Damaged(String),
    /// A later program wrote it.
    Newer(u32),
}

/// The list of a data directory. One that is missing is an empty one only where there is no layer's file either.
pub(super) fn read_listing(dir: &Path) -> Result<Listing> {
    let path = dir.join(CATALOGUE);
    match fs::read(&path) {
        Ok(bytes) => Listing::decode(&bytes).map_err(|fault| match fault {
            Fault::Damaged(cause) => LayersError::CatalogueDamaged {
                dir: dir.to_owned(),
                cause,
            },
            Fault::Newer(found) => LayersError::CatalogueNewer {
                dir: dir.to_owned(),
                found,
            },
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => match layer_files(dir).len() {
            0 => Ok(Listing::new(0, Vec::new(), Vec::new())),
            files => Err(LayersError::CatalogueMissing {
                dir: dir.to_owned(),
                files,
            }),
        },
        Err(e) => Err(LayersError::io(&path, "reading", e)),
    }
}

/// The names of all layers' files that there are, listed or not.
pub(super) fn layer_files(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir.join(LAYERS)) else {
        return Vec::new();
    };
    let mut files: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_layer_file(name))
        .collect();
    files.sort();
    files
}

pub(super) fn is_layer_file(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|e| e == "gpkg" || e == "tif")
}

/// Where a layer's own copy of its entry is kept, beside its file: the list can be made again from these.
pub(super) fn note_of(dir: &Path, file: &str) -> PathBuf {
    dir.join(LAYERS).join(note_name(file))
}

pub(super) fn note_name(file: &str) -> String {
    format!("{file}.json")
}

/// Whether a name stays within the directory of layers.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_list_is_read_back_and_every_flipped_bit_is_noticed() {
        let listing = Listing::new(7, Vec::new(), vec!["roads-0123456789ab.gpkg".into()]);
        let bytes = listing.encode().unwrap();
        let read = Listing::decode(&bytes).unwrap();
        assert_eq!((read.revision, read.retired.len()), (7, 1));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(Listing::decode(&flipped).is_err(), "byte {at}, bit {bit}");
            }
            // What ends after the last brace is the same list.
            assert!(Listing::decode(&bytes[..at]).is_err() || at + 1 == bytes.len());
        }
    }

    #[test]
    fn a_list_without_a_checksum_is_one_of_an_earlier_program() {
        assert!(Listing::decode(br#"{"version":1,"layers":[]}"#).is_ok());
        assert_eq!(
            Listing::decode(br#"{"version":2,"layers":"otherwise"}"#),
            Err(Fault::Newer(2))
        );
    }

    #[test]
    fn names_stay_within_the_directory() {
        for name in ["", "../x.gpkg", "a/b.gpkg", ".hidden", "a\\b"] {
            assert!(!is_plain(name), "{name}");
        }
        assert!(is_plain("roads-0123456789ab.gpkg"));
    }
}
