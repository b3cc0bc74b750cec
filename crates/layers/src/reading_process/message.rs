//! What the two processes say to each other beside records and cells.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;
use crate::error::LayersError;
use crate::open::OpenOptions;

/// What a reading process is to open.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "one of them for each process")]
pub(crate) enum Order {
    /// Nothing: it only says how far it is confined.
    Nothing,
    /// What a file that has taken the process over might try.
    #[cfg(test)]
    Attempt(Attempt),
    /// Shapes that are handed over one by one, to be judged or mended.
    Shapes,
    /// To unpack an archive into the directory of its own.
    Unpack {
        /// Where it is.
        path: PathBuf,
        /// The most bytes that may come out of it.
        limit: u64,
    },
    /// A vector file.
    Vector {
        /// Where it is.
        path: PathBuf,
        /// How to open it.
        options: OpenOptions,
        /// The layers to be read one after another; none: the only one.
        wanted: Vec<String>,
    },
    /// A raster.
    Raster {
        /// Where it is.
        path: PathBuf,
        /// Shift of Indian 1960.
        deployment: Deployment,
    },
}

impl Order {
    /// The file that is opened.
    pub(super) fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Nothing | Self::Shapes => None,
            #[cfg(test)]
            Self::Attempt(_) => None,
            Self::Vector { path, .. } | Self::Raster { path, .. } | Self::Unpack { path, .. } => Some(path),
        }
    }

    /// The same for a file at another path.
    pub(super) fn at(mut self, new: PathBuf) -> Self {
        match &mut self {
            Self::Nothing | Self::Shapes => {}
            #[cfg(test)]
            Self::Attempt(_) => {}
            Self::Vector { path, .. } | Self::Raster { path, .. } | Self::Unpack { path, .. } => *path = new,
        }
        self
    }
}

/// Attempts of a process that was taken over.
#[cfg(test)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Attempt {
    /// To read a file and list its directory, to reach an address, to start a program, to write beside the file.
    ReachOut {
        file: PathBuf,
        address: std::net::SocketAddr,
    },
    /// To take more memory than there is to have.
    Memory,
    /// To crash.
    Crash,
    /// To do nothing for ever.
    Idle,
}

/// An order and the place to carry it out.
#[derive(Serialize, Deserialize)]
pub(super) struct Start {
    pub order: Order,
    /// What may be read beside the data of GDAL and PROJ.
    pub readable: Vec<PathBuf>,
    /// An empty directory of its own.
    pub work: PathBuf,
    /// Largest file that may be written there.
    pub file_bytes: u64,
    /// Computing time.
    pub seconds: u64,
}

/// What is to be read of what was opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// All records.
    Records,
    /// The values of the first records.
    Sample,
    /// Ids and shapes alone.
    Shapes,
    /// What is to be said against the shape that follows, in WKB.
    Judge,
    /// The shape that follows, in WKB, made valid.
    Mend,
    /// Cells of a raster.
    Cells {
        /// First column, first row, columns, rows.
        window: [usize; 4],
        /// Columns and rows to read them into.
        size: (usize, usize),
        /// What every value is multiplied by.
        factor: f64,
    },
}

/// An error on its way from one process to the other: its kind, as far as callers act by it, and its words.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Failure {
    Usage(String),
    Refused(String),
    Unreadable { file: String, cause: String },
    DiskFull(PathBuf),
    ReadOnly(PathBuf),
    Other { doing: String, cause: String },
}

impl From<&LayersError> for Failure {
    fn from(error: &LayersError) -> Self {
        match error {
            LayersError::Usage(text) => Self::Usage(text.clone()),
            LayersError::Refused { message, .. } => Self::Refused(message.clone()),
            LayersError::Unreadable { file, cause } => Self::Unreadable {
                file: file.clone(),
                cause: cause.clone(),
            },
            LayersError::DiskFull(path) => Self::DiskFull(path.clone()),
            LayersError::ReadOnly(path) => Self::ReadOnly(path.clone()),
            LayersError::Io { doing, source } => Self::Other {
                doing: doing.clone(),
                cause: source.to_string(),
            },
            LayersError::Sqlite { doing, source } => Self::Other {
                doing: doing.clone(),
                cause: source.to_string(),
            },
            LayersError::Gdal { doing, cause } => Self::Other {
                doing: doing.clone(),
                cause: cause.clone(),
            },
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<Failure> for LayersError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Usage(text) => Self::Usage(text),
            Failure::Refused(text) => Self::refused(text),
            Failure::Unreadable { file, cause } => Self::Unreadable { file, cause },
            Failure::DiskFull(path) => Self::DiskFull(path),
            Failure::ReadOnly(path) => Self::ReadOnly(path),
            Failure::Other { doing, cause } => Self::Gdal { doing, cause },
        }
    }
}
