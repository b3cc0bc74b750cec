//! All notes of an import as CSV, one line each. The report tells the first of each kind; with many, a person sorts and filters these.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::report::{Detail, Effect};
use crate::error::{LayersError, Result};

/// A CSV file that every note of an import is written to. Clones write to the same file.
#[derive(Clone)]
pub struct Notes(Arc<Mutex<Open>>);

struct Open {
    out: csv::Writer<File>,
    path: PathBuf,
    /// The first failure; told at the end, as a full disk must not stop the import.
    failed: Option<csv::Error>,
}

impl Notes {
    /// Begins a file.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|e| LayersError::io(path, "writing", e))?;
        let mut out = csv::Writer::from_writer(file);
        let header = [
            "layer", "effect", "code", "finding", "record", "id", "place", "note",
        ];
        let failed = out.write_record(header).err();
        Ok(Self(Arc::new(Mutex::new(Open {
            out,
            path: path.to_owned(),
            failed,
        }))))
    }

    pub(crate) fn push(&self, layer: &str, (effect, code, finding): (Effect, &str, &str), detail: &Detail) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let record = match detail.record {
            0 => String::new(),
            n => n.to_string(),
        };
        let row = [
            layer,
            effect.as_str(),
            code,
            finding,
            &record,
            &harmless(detail.id.as_deref().unwrap_or_default()),
            &harmless(detail.place.as_deref().unwrap_or_default()),
            &harmless(&detail.message),
        ];
        if let Err(e) = open.out.write_record(row) {
            open.failed.get_or_insert(e);
        }
    }

    /// Completes the file; says if anything could not be written.
    pub fn finish(&self) -> Result<()> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(e) = open.failed.take() {
            return Err(LayersError::io(&open.path, "writing", e.into()));
        }
        let flushed = open.out.flush();
        flushed.map_err(|e| LayersError::io(&open.path, "writing", e))
    }
}

/// What a stranger wrote must not become a formula in a spreadsheet.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

impl std::fmt::Debug for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notes")
    }
}

/// Where notes go says nothing about what an import found.
impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
