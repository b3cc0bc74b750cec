//! Which files are handed to a reading process: the one that a person named, and those that belong to it by name.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{LayersError, Result};

/// A file and what belongs to it.
pub(super) struct Handed {
    /// The file, by its full path.
    pub path: PathBuf,
    /// What may be read: the file, and those beside it that belong to it.
    pub readable: Vec<PathBuf>,
    /// Their size together.
    pub bytes: u64,
}

/// Endings of files that are data of their own: one beside another of the same name belongs to nobody, and its faults are not the other's.
const OF_THEIR_OWN: &[&str] = &[
    ".gpkg",
    ".sqlite",
    ".db",
    ".geojson",
    ".geojsonl",
    ".json",
    ".fgb",
    ".csv",
    ".xlsx",
    ".ods",
    ".kml",
    ".kmz",
    ".gml",
    ".gpx",
    ".osm",
    ".pbf",
    ".osm.pbf",
    ".zip",
    ".shp.zip",
    ".gz",
    ".csv.gz",
    ".tif",
    ".tiff",
    ".vrt",
    ".parquet",
];

/// A directory with more entries than this is not searched for what belongs to a file.
const ENTRIES: usize = 100_000;

impl Handed {
    /// Looks at a path that a person gave.
    pub fn new(given: &Path) -> Result<Self> {
        let unreadable = |cause: String| LayersError::unreadable(given, cause);
        if !given.exists() {
            return Err(unreadable("there is no such file".into()));
        }
        // By its full path: what GDAL would take for an instruction, such as `GPKG:…`, is a file's name or nothing.
        let path = std::path::absolute(given).map_err(|e| unreadable(e.to_string()))?;
        if path.to_string_lossy().starts_with("/vsi") {
            return Err(unreadable(
                "its path is one that GDAL keeps for itself: put it elsewhere".into(),
            ));
        }
        let kind = fs::metadata(&path).map_err(|e| unreadable(e.to_string()))?;
        if kind.is_dir() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gdb")) {
            let bytes = fs::read_dir(&path)
                .map_err(|e| unreadable(e.to_string()))?
                .filter_map(|entry| entry.ok()?.metadata().ok())
                .map(|data| data.len())
                .sum();
            let readable = vec![path.clone()];
            return Ok(Self {
                path,
                readable,
                bytes,
            });
        }
        if !kind.is_file() {
            return Err(unreadable(
                "it is no file but a directory, a device or a pipe".into(),
            ));
        }
        fs::File::open(&path).map_err(|e| unreadable(e.to_string()))?;
        let mut bytes = kind.len();
        let mut readable = vec![path.clone()];
        for (beside, size) in belonging(&path) {
            bytes += size;
            readable.push(beside);
        }
        Ok(Self {
            path,
            readable,
            bytes,
        })
    }
}

/// Refuses what is no file: reading a pipe or a device would never end.
pub(crate) fn check_is_file(given: &Path) -> Result<()> {
    Handed::new(given).map(drop)
}

/// Files beside one that have its name with another extension (`a.shx`, `a.prj`), or its whole name and one more (`a.tif.aux.xml`). Links
/// are left out: a name says nothing about where they lead.
pub(super) fn belonging(path: &Path) -> Vec<(PathBuf, u64)> {
    let (Some(dir), Some(name), Some(stem)) = (path.parent(), path.file_name(), path.file_stem()) else {
        return Vec::new();
    };
    let (name, stem) = (lower(name), lower(stem));
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .take(ENTRIES)
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let other = lower(&entry.file_name());
            let rest = other.strip_prefix(&stem)?;
            let belongs = other != name && rest.starts_with('.') && !OF_THEIR_OWN.contains(&rest)
                || rest.starts_with("-wal")
                || rest.starts_with("-journal");
            let is_file = belongs && entry.file_type().is_ok_and(|kind| kind.is_file());
            is_file.then(|| (entry.path(), entry.metadata().map_or(0, |data| data.len())))
        })
        .collect()
}

fn lower(name: &OsStr) -> String {
    name.to_string_lossy().to_lowercase()
}
