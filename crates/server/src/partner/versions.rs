//! Former versions of layers, kept so that partners can ask what has changed since theirs.
//!
//! The catalogue removes a version's file soon after the next one has come. A second name for the same file keeps its contents without copying
//! them.

use std::fs;
use std::path::{Path, PathBuf};

use phteah_layers::{Catalogue, LayerEntry, LayerKind};

const DIR: &str = "versions";

/// Versions kept of each layer, the present one included.
pub const KEPT: usize = 6;

/// The directory of former versions.
#[derive(Debug)]
pub struct Versions {
    dir: PathBuf,
}

impl Versions {
    /// The versions kept in a data directory.
    pub fn new(data: &Path) -> Self {
        Self { dir: data.join(DIR) }
    }

    /// Keeps the present version of every vector layer. A version that cannot be kept is only missing later, which is logged.
    pub fn keep(&self, catalogue: &Catalogue) {
        for entry in catalogue
            .layers()
            .iter()
            .filter(|entry| entry.kind == LayerKind::Vector)
        {
            let kept = self.path(&entry.name, &entry.hash);
            let (Some(dir), false) = (kept.parent(), kept.exists()) else {
                continue;
            };
            let linked = fs::create_dir_all(dir).and_then(|()| fs::hard_link(catalogue.path(entry), &kept));
            match linked.and_then(|()| fs::write(fields_of(&kept), names(entry))) {
                Ok(()) => prune(dir),
                Err(cause) => {
                    tracing::warn!(layer = entry.name, %cause, "this version cannot be kept for comparisons");
                }
            }
        }
    }

    /// The file of a version and the fields that it has, if it is still kept.
    pub fn find(&self, layer: &str, hash: &str) -> Option<(PathBuf, Vec<String>)> {
        let sound = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        if !sound(layer) || !sound(hash) {
            return None;
        }
        let path = self.path(layer, hash);
        let fields = fs::read_to_string(fields_of(&path)).ok()?;
        path.is_file()
            .then(|| (path, fields.lines().map(str::to_owned).collect()))
    }

    /// The hashes of the kept versions of a layer, newest first.
    pub fn list(&self, layer: &str) -> Vec<String> {
        by_age(&self.dir.join(layer))
            .iter()
            .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
            .collect()
    }

    fn path(&self, layer: &str, hash: &str) -> PathBuf {
        self.dir.join(layer).join(format!("{hash}.gpkg"))
    }
}

/// Where the names of a version's fields stand.
fn fields_of(path: &Path) -> PathBuf {
    path.with_extension("fields")
}

fn names(entry: &LayerEntry) -> String {
    entry
        .fields
        .iter()
        .map(|field| format!("{}\n", field.name))
        .collect()
}

/// Newest first, by when the name was given: the file of field names is written then.
fn by_age(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut kept: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "gpkg"))
        .filter_map(|path| Some((fs::metadata(fields_of(&path)).ok()?.modified().ok()?, path)))
        .collect();
    kept.sort();
    kept.into_iter().rev().map(|(_, path)| path).collect()
}

fn prune(dir: &Path) {
    for path in by_age(dir).into_iter().skip(KEPT) {
        // A version too many does no harm; it goes next time.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(fields_of(&path));
    }
}
