//! Whether a layer can be used: one that cannot is no reason for the others to fail.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use super::seal::FileSeal;
use super::{Catalogue, LayerEntry, LayerKind};
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::gpkg::{Query, VectorLayer, read_only};
use crate::raster::{RasterFile, Window};

/// Files that were read through, as they were then: a file that has not changed since is not read through again.
static READ_THROUGH: LazyLock<Mutex<HashMap<Version, Verdict>>> = LazyLock::new(Mutex::default);

/// So many of them are remembered.
const REMEMBERED: usize = 10_000;

/// A file, its size and when it was written, and what it should hold.
type Version = (PathBuf, u64, Option<SystemTime>, String);

/// `Err` says in words what is wrong.
type Verdict = std::result::Result<(), String>;

/// Follows what is wrong with a layer's file.
const ADVICE: &str = "import it again, or run phteah repair to see which layers are hurt";

impl Catalogue {
    /// Whether a layer can be used, as far as can be told at once: its file is there and whole, it is stored in the deployment's CRS, and
    /// nobody who has read the file through found damage.
    pub fn check(&self, entry: &LayerEntry) -> Result<()> {
        let path = self.path(entry);
        FileSeal::glance(entry.seal.as_ref(), &path)
            .and_then(|()| remembered(&version(&path, entry)).unwrap_or(Ok(())))
            .map_err(|cause| unavailable(entry, format!("{cause}: {ADVICE}")))?;
        match entry.kind {
            LayerKind::Vector => self.check_crs(entry, None),
            // Rasters stay in their own CRS.
            LayerKind::Raster => Ok(()),
        }
    }

    /// The same after reading the file through, once for as long as it does not change.
    pub fn verify(&self, entry: &LayerEntry) -> Result<()> {
        self.check(entry)?;
        let path = self.path(entry);
        let version = version(&path, entry);
        if remembered(&version).is_none() {
            let verdict = match &entry.seal {
                Some(seal) => seal.check(&path),
                None => self.read_through(entry).map_err(|error| match error {
                    LayersError::Damaged { cause, .. } | LayersError::Unreadable { cause, .. } => {
                        format!("its file is damaged ({cause})")
                    }
                    other => format!("its file cannot be read ({other})"),
                }),
            };
            let mut known = READ_THROUGH.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(version, verdict);
        }
        self.check(entry)?;
        match entry.kind {
            LayerKind::Vector => Ok(()),
            LayerKind::Raster => self.raster(&entry.name).map(drop),
        }
    }

    /// Reads all of a layer whose file was not sealed when it was stored.
    fn read_through(&self, entry: &LayerEntry) -> Result<()> {
        let path = self.path(entry);
        match entry.kind {
            LayerKind::Vector => {
                let failed = |e| LayersError::sqlite(&path, "reading", e);
                let sound: String = read_only(&path)
                    .and_then(|conn| conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))
                    .map_err(failed)?;
                if sound != "ok" {
                    return Err(LayersError::Damaged {
                        file: entry.file.clone(),
                        cause: sound,
                    });
                }
                let layer = VectorLayer::open(&path, &entry.name, &entry.fields)?;
                layer.for_each(&Query::default(), |_| Ok::<(), LayersError>(()))
            }
            LayerKind::Raster => {
                let raster = RasterFile::own(&path, self.deployment())?;
                let grid = raster.grid();
                let mut cells = vec![0.0; grid.columns];
                for row in 0..grid.rows {
                    let window = Window {
                        column: 0,
                        row,
                        columns: grid.columns,
                        rows: 1,
                    };
                    raster.read_into(window, &mut cells)?;
                }
                Ok(())
            }
        }
    }

    /// Refuses a layer that would lie elsewhere than it was stored: in another CRS than the deployment's (a vector layer), or with another
    /// datum shift (`own`, the CRS of a raster as it is read now).
    pub(super) fn check_crs(&self, entry: &LayerEntry, own: Option<&Crs>) -> Result<()> {
        let deployment;
        let (now, same_name, same_definition) = if let Some(crs) = own {
            (crs, true, true)
        } else {
            deployment = self.crs()?;
            let same_name = entry.crs == deployment.name();
            let definition = entry.crs_definition.as_ref();
            let same = definition.is_none_or(|d| deployment.definition_beyond_name().as_ref() == Some(d));
            (&deployment, same_name, same)
        };
        let same_shift = entry.crs_shift.is_none_or(|shift| now.shift() == Some(shift));
        if same_name && same_definition && same_shift {
            return Ok(());
        }
        let changed = if same_name && same_definition {
            format!(
                "it is stored in {} with another datum shift than deployment.toml says now (indian_1960_shift)",
                entry.crs
            )
        } else {
            format!(
                "it is stored in the CRS {}, and deployment.toml now says {}",
                entry.crs,
                self.deployment().crs
            )
        };
        Err(unavailable(
            entry,
            format!("{changed}. Nothing was moved: write the former setting back, or import the layer again"),
        ))
    }
}

fn unavailable(entry: &LayerEntry, cause: String) -> LayersError {
    LayersError::Unavailable {
        layer: entry.name.clone(),
        cause,
    }
}

fn version(path: &std::path::Path, entry: &LayerEntry) -> Version {
    let about = fs::metadata(path).ok();
    let size = about.as_ref().map_or(0, fs::Metadata::len);
    let written = about.and_then(|about| about.modified().ok());
    let content = entry.seal.as_ref().map(|seal| seal.sha256.clone());
    (path.to_owned(), size, written, content.unwrap_or_default())
}

fn remembered(version: &Version) -> Option<Verdict> {
    let known = READ_THROUGH.lock().unwrap_or_else(PoisonError::into_inner);
    known.get(version).cloned()
}
