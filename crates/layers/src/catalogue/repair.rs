//! Makes a lost or damaged list of layers again, and says which layers cannot be used.
//!
//! Of each layer's file the first of these is believed: its entry in a list that is whole; its note, the copy of that entry beside it; its
//! entry in what is left of a damaged list; what the file says of itself. Nothing is ever deleted: what is replaced is set aside.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::listing::{Fault, Listing, layer_files, note_of};
use super::lock::WriteLock;
use super::{CATALOGUE, Catalogue, LAYERS, LayerEntry, LayerKind, salvage};
use crate::crs::Crs;
use crate::deployment::{self, Deployment};
use crate::error::{LayersError, Result};

/// What a repair found and did.
#[derive(Debug, Default, PartialEq)]
pub struct RepairReport {
    /// What was wrong with the list of layers; `None` where it was whole.
    pub list: Option<String>,
    /// Where the damaged list was put.
    pub set_aside: Option<PathBuf>,
    /// Layers that are listed now and were not, and what their entries were made from.
    pub recovered: Vec<(String, &'static str)>,
    /// Layers that are listed and cannot be used, and what is wrong with them.
    pub unusable: Vec<(String, String)>,
    /// Files that belong to no layer, and why they were left alone.
    pub unknown: Vec<(String, String)>,
    /// What else was mended, as sentences.
    pub mended: Vec<String>,
    /// How many layers are listed now.
    pub layers: usize,
}

impl RepairReport {
    /// Whether nothing was wrong and nothing was changed.
    pub fn is_clean(&self) -> bool {
        *self
            == Self {
                layers: self.layers,
                ..Self::default()
            }
    }
}

/// Where an entry comes from, the most trusted first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Note,
    Remains,
    File,
}

impl Origin {
    fn in_words(self) -> &'static str {
        match self {
            Self::Note => "from the copy of its entry beside its file",
            Self::Remains => "from what is left of the damaged list",
            Self::File => "from what its file says of itself",
        }
    }
}

/// Repairs the list of layers of a data directory. `now` dates the damaged list that is set aside.
pub fn repair(dir: &Path, now: jiff::Timestamp) -> Result<RepairReport> {
    let path = dir.join(CATALOGUE);
    let there = path.exists();
    if !there && !dir.join(deployment::FILE_NAME).is_file() && layer_files(dir).is_empty() {
        return Err(LayersError::NoCatalogue(dir.to_owned()));
    }
    let lock = WriteLock::claim(dir)?;
    let mut report = RepairReport::default();
    let bytes = if there {
        Some(fs::read(&path).map_err(|e| LayersError::io(&path, "reading", e))?)
    } else {
        None
    };
    let old = match bytes.as_deref().map(Listing::decode) {
        Some(Ok(listing)) => Some(listing),
        Some(Err(Fault::Newer(found))) => {
            return Err(LayersError::CatalogueNewer {
                dir: dir.to_owned(),
                found,
            });
        }
        Some(Err(Fault::Damaged(cause))) => {
            report.list = Some(format!("catalogue.json was damaged: {cause}"));
            None
        }
        None => {
            if !layer_files(dir).is_empty() {
                report.list = Some("catalogue.json was missing".to_owned());
            }
            None
        }
    };
    mend_settings(dir, old.as_ref(), &mut report)?;
    let deployment = Deployment::read(dir)?;
    let remains = match (&old, &bytes) {
        (None, Some(bytes)) => salvage::entries(bytes),
        _ => Vec::new(),
    };
    let was_whole = old.is_some();
    let old = old.unwrap_or_else(|| Listing::new(0, Vec::new(), Vec::new()));
    let left = Left {
        was_whole,
        remains: &remains,
        deployment: &deployment,
    };
    let (listing, changed) = rebuilt(dir, old, &left, &mut report);
    if changed || !was_whole {
        if let (Some(bytes), false) = (&bytes, was_whole) {
            report.set_aside = Some(set_aside(dir, bytes, now)?);
        }
        lock.rewrite(listing)?;
    }
    drop(lock);
    let catalogue = Catalogue::open(dir)?;
    report.layers = catalogue.layers().len();
    for entry in catalogue.layers() {
        if let Err(error) = catalogue.verify(entry) {
            let cause = match error {
                LayersError::Unavailable { cause, .. } => cause,
                other => other.to_string(),
            };
            report.unusable.push((entry.name.clone(), cause));
        }
    }
    Ok(report)
}

/// What entries can be made from, beside notes and files.
struct Left<'a> {
    /// Whether the list could be read: what it leaves out it leaves out on purpose, unless a note knows of a later change.
    was_whole: bool,
    /// Entries out of a damaged list.
    remains: &'a [LayerEntry],
    deployment: &'a Deployment,
}

/// The list with every layer that a file can be found for; whether it differs from `old`.
fn rebuilt(dir: &Path, old: Listing, left: &Left<'_>, report: &mut RepairReport) -> (Listing, bool) {
    let mut revision = old.revision;
    // By name: the best entry found so far, its origin and its revision.
    let mut found: BTreeMap<String, (Origin, u64, LayerEntry)> = BTreeMap::new();
    let mut retired = old.retired.clone();
    let mut superseded: Vec<(String, String)> = Vec::new();
    for file in layer_files(dir) {
        if old.layers.iter().any(|entry| entry.file == file) || retired.contains(&file) {
            continue;
        }
        let (origin, of, entry) = match read_note(dir, &file) {
            Some(note) if note.retired.contains(&file) => {
                revision = revision.max(note.revision);
                retired.push(file);
                continue;
            }
            Some(note) if note.layers.first().is_some_and(|entry| entry.file == file) => {
                let Some(entry) = note.layers.into_iter().next() else {
                    continue;
                };
                (Origin::Note, note.revision, entry)
            }
            _ if left.was_whole => {
                report.unknown.push((file, "no layer names it".to_owned()));
                continue;
            }
            _ => match left.remains.iter().find(|entry| entry.file == file) {
                Some(entry) => (Origin::Remains, 0, entry.clone()),
                None => match salvage::from_file(&dir.join(LAYERS).join(&file), left.deployment) {
                    Ok(entry) => (Origin::File, 0, entry),
                    Err(why) => {
                        report.unknown.push((file, why));
                        continue;
                    }
                },
            },
        };
        revision = revision.max(of);
        if old.layers.iter().any(|listed| listed.name == entry.name) {
            let why = format!("the layer '{}' is in another file", entry.name);
            report.unknown.push((file, why));
            continue;
        }
        // The later change, then the better source, then the later import.
        let rank = |(origin, of, entry): &(Origin, u64, LayerEntry)| {
            (*of, std::cmp::Reverse(*origin), entry.imported_at)
        };
        let new = (origin, of, entry);
        let name = new.2.name.clone();
        match found.get_mut(&name) {
            Some(held) => {
                let loser = if rank(held) < rank(&new) {
                    std::mem::replace(held, new)
                } else {
                    new
                };
                superseded.push((loser.2.file, format!("the layer '{name}' has a later version")));
            }
            None => {
                found.insert(name, new);
            }
        }
    }
    report.unknown.extend(superseded);
    report.unknown.sort();
    let changed = !found.is_empty() || retired != old.retired;
    let mut layers = old.layers;
    for (name, (origin, _, entry)) in found {
        report.recovered.push((name, origin.in_words()));
        layers.push(entry);
    }
    layers.sort_by(|a, b| a.name.cmp(&b.name));
    (Listing::new(revision + 1, layers, retired), changed)
}

fn read_note(dir: &Path, file: &str) -> Option<Listing> {
    Listing::decode(&fs::read(note_of(dir, file)).ok()?).ok()
}

/// Keeps the damaged list under a name of its own.
fn set_aside(dir: &Path, bytes: &[u8], now: jiff::Timestamp) -> Result<PathBuf> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let path = (1_u32..)
        .map(|n| match n {
            1 => dir.join(format!("{CATALOGUE}.damaged-{stamp}")),
            n => dir.join(format!("{CATALOGUE}.damaged-{stamp}-{n}")),
        })
        .find(|path| !path.exists())
        .unwrap_or_else(|| dir.join(format!("{CATALOGUE}.damaged")));
    super::lock::replace_from(dir, &path, bytes)?;
    Ok(path)
}

/// Settings that are missing while layers are there are written anew with the CRS of these layers, which would be unusable in another.
fn mend_settings(dir: &Path, old: Option<&Listing>, report: &mut RepairReport) -> Result<()> {
    if dir.join(deployment::FILE_NAME).exists() {
        return Ok(());
    }
    let notes = layer_files(dir)
        .into_iter()
        .filter_map(|file| read_note(dir, &file))
        .flat_map(|note| note.layers);
    let of_notes: Vec<LayerEntry> = notes.collect();
    let entries = old.map_or(&of_notes[..], |listing| &listing.layers[..]);
    let mut names: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.kind == LayerKind::Vector)
        .map(|entry| entry.crs.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let settings = match names[..] {
        [crs] if Crs::parse(crs, &Deployment::default()).is_ok() => Deployment {
            crs: crs.to_owned(),
            ..Deployment::default()
        },
        _ => Deployment::default(),
    };
    super::lock::replace(dir, deployment::FILE_NAME, settings.to_toml()?.as_bytes())?;
    report.mended.push(format!(
        "deployment.toml was missing and was written anew with the CRS {}: look through it, title and extent are the defaults.",
        settings.crs
    ));
    Ok(())
}
