//! Former versions of layers, kept so that partners can ask what has changed since theirs.
//!
//! The catalogue removes a version's file soon after the next one has come. A second name for the same file keeps its contents without copying
//! them.

use std::fs;
use std::path::{Path, PathBuf};

use phteah_layers::{Catalogue, LayerEntry, LayerKind};

const DIR: &str = "versions";

/// The file that holds their order.
const ORDER: &str = "order";

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
            let Some(dir) = kept.parent() else { continue };
            let linked = if kept.exists() {
                Ok(())
            } else {
                fs::create_dir_all(dir)
                    .and_then(|()| fs::hard_link(catalogue.path(entry), &kept))
                    .and_then(|()| fs::write(fields_of(&kept), names(entry)))
            };
            match linked.and_then(|()| make_newest(dir, &entry.hash)) {
                Ok(true) => prune(dir),
                Ok(false) => {}
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

/// The hashes of a layer's versions in the order in which they became the present one, the latest last. Clocks are not asked: a file that is
/// dated ahead would push out the present version.
fn order(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join(ORDER)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Notes that a version is the present one; says whether it was not before.
fn make_newest(dir: &Path, hash: &str) -> std::io::Result<bool> {
    let mut order = order(dir);
    if order.last().is_some_and(|last| last == hash) {
        return Ok(false);
    }
    order.retain(|other| other != hash && dir.join(format!("{other}.gpkg")).is_file());
    order.push(hash.to_owned());
    // An order that was lost with the power would let the present version be pruned as an old one.
    let text = order.join("\n") + "\n";
    phteah_layers::replace_file(&dir.join(ORDER), text.as_bytes()).map_err(std::io::Error::other)?;
    Ok(true)
}

/// Newest first; those that were kept before their order was noted are the oldest, by when their name was given.
fn by_age(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let order = order(dir);
    let mut kept: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "gpkg"))
        .filter_map(|path| {
            let named_at = fs::metadata(fields_of(&path)).ok()?.modified().ok()?;
            let place = order
                .iter()
                .position(|hash| path.file_stem().is_some_and(|stem| stem == hash.as_str()));
            Some((place, named_at, path))
        })
        .collect();
    kept.sort();
    kept.into_iter().rev().map(|(.., path)| path).collect()
}

fn prune(dir: &Path) {
    for path in by_age(dir).into_iter().skip(KEPT) {
        // A version too many does no harm; it goes next time.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(fields_of(&path));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn keep(dir: &Path, hash: &str, ahead: Duration) {
        let path = dir.join(format!("{hash}.gpkg"));
        fs::write(&path, hash).unwrap();
        fs::write(fields_of(&path), "").unwrap();
        let fields = fs::File::options().write(true).open(fields_of(&path)).unwrap();
        fields.set_modified(SystemTime::now() + ahead).unwrap();
    }

    #[test]
    fn the_present_version_stays_however_the_others_are_dated() {
        let data = tempfile::tempdir().unwrap();
        let versions = Versions::new(data.path());
        let dir = data.path().join(DIR).join("roads");
        fs::create_dir_all(&dir).unwrap();
        for n in 0..KEPT + 3 {
            keep(&dir, &format!("old{n}"), Duration::from_secs(1_000_000));
        }
        for n in 0..KEPT {
            let hash = format!("new{n}");
            keep(&dir, &hash, Duration::ZERO);
            assert!(make_newest(&dir, &hash).unwrap());
            prune(&dir);
            assert_eq!(versions.list("roads")[0], hash);
        }
        let all: Vec<String> = (0..KEPT).rev().map(|n| format!("new{n}")).collect();
        assert_eq!(versions.list("roads"), all);
        assert!(!make_newest(&dir, all[0].as_str()).unwrap());
        assert!(make_newest(&dir, "new0").unwrap());
        assert_eq!(versions.list("roads")[0], "new0");
    }
}
