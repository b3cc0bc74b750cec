//! The one error type of this crate. Every message is a sentence that tells a person what is wrong and what to do.

use std::path::{Path, PathBuf};

use crate::import::report::ImportReport;

/// Result of this crate's operations.
pub type Result<T> = std::result::Result<T, LayersError>;

/// What can go wrong between files and layers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayersError {
    /// The call itself is wrong: an unknown role, a bad `--map`, a name that cannot be used. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The data were refused as a whole; nothing was stored. Exit code 1.
    #[error("{message}")]
    Refused {
        /// Why, and what to do.
        message: String,
        /// What was found until then, when records had been looked at.
        report: Option<Box<ImportReport>>,
    },
    /// The scenario asks for what the layers do not have; every mistake at once.
    #[error("{}", phteah_planning::problem::told(.0))]
    Scenario(Vec<phteah_planning::problem::Problem>),
    /// A file is missing or in no format that can be read.
    #[error("{file} cannot be read: {cause}")]
    Unreadable {
        /// The file's base name.
        file: String,
        /// Why.
        cause: String,
    },
    /// No layer has this name.
    #[error("There is no layer called '{name}'. Loaded are: {known}.")]
    NoSuchLayer {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The directory holds no catalogue.
    #[error("{0} holds no Phteah data: run an import or make the illustrative city there first.")]
    NoCatalogue(PathBuf),
    /// Somebody else is writing to the directory.
    #[error("Another import is writing to {0}: wait until it has ended, then try again.")]
    Busy(PathBuf),
    /// A server already runs on the directory.
    #[error(
        "Another server already serves {0}: stop it first, or give this one a data directory of its own."
    )]
    AlreadyServed(PathBuf),
    /// The data directory cannot be written to.
    #[error("{0} cannot be written to: it is read-only or belongs to another user. Nothing was changed.")]
    ReadOnly(PathBuf),
    /// No space left.
    #[error("The disk that holds {0} is full: free some space, then import again. Nothing was changed.")]
    DiskFull(PathBuf),
    /// A stored file is damaged.
    #[error("{file} is damaged: {cause}. Import the layer again.")]
    Damaged {
        /// The file's base name.
        file: String,
        /// What is wrong with it.
        cause: String,
    },
    /// One layer cannot be used; the others can.
    #[error("The layer '{layer}' cannot be used: {cause}.")]
    Unavailable {
        /// Its name.
        layer: String,
        /// What is wrong with it and what to do, without a full stop.
        cause: String,
    },
    /// The list of layers is missing while layers are there.
    #[error(
        "catalogue.json is missing in {dir}, but {files} files of layers are there. Nothing was changed. Put catalogue.json back, or run phteah repair --data {dir}, which makes it again from these files."
    )]
    CatalogueMissing {
        /// The data directory.
        dir: PathBuf,
        /// How many files of layers there are.
        files: usize,
    },
    /// The list of layers is damaged.
    #[error(
        "catalogue.json in {dir} is damaged ({cause}). Nothing was changed. Put a good copy in its place, or run phteah repair --data {dir}, which makes it again from the layers' files."
    )]
    CatalogueDamaged {
        /// The data directory.
        dir: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A later program wrote the list of layers.
    #[error(
        "catalogue.json in {dir} has the version {found}, which this program does not know. Nothing was changed. Use the newer program that wrote it. If it is damaged, move it away and run phteah repair --data {dir}."
    )]
    CatalogueNewer {
        /// The data directory.
        dir: PathBuf,
        /// The version found.
        found: u32,
    },
    /// Anything else the operating system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// SQLite failed in a way that has no better name.
    #[error("{doing}: {source}")]
    Sqlite {
        /// What was being done.
        doing: String,
        /// SQLite's answer.
        source: rusqlite::Error,
    },
    /// A contradiction between the parts of the program, which no data can cause.
    #[error("Something went wrong in the program itself. If it happens again, report what was being done.")]
    Defect {
        /// What contradicts what: for the log, not for whoever asked.
        cause: String,
    },
    /// GDAL failed in a way that has no better name.
    #[error("{doing}: {cause}")]
    Gdal {
        /// What was being done.
        doing: String,
        /// GDAL's answer.
        cause: String,
    },
}

impl LayersError {
    /// A refusal without a report.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            report: None,
        }
    }

    /// A column that somebody named and that `file` does not have, with those that it has.
    pub fn no_column<'a>(file: &str, name: &str, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let have: Vec<&str> = columns.into_iter().collect();
        Self::Usage(if have.is_empty() {
            format!("{file} has no column '{name}'; it has no columns at all.")
        } else {
            format!(
                "{file} has no column '{name}'. Its columns are: {}.",
                have.join(", ")
            )
        })
    }

    /// A file that cannot be read; only its base name is kept, so that no machine's paths end up in reports.
    pub fn unreadable(file: &Path, cause: impl Into<String>) -> Self {
        Self::Unreadable {
            file: base_name(file),
            cause: cause.into(),
        }
    }

    /// Turns an I/O failure on `path` into the sentence that fits it.
    pub fn io(path: &Path, doing: &str, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        match source.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::DiskFull(path.to_owned()),
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Self::ReadOnly(path.to_owned()),
            _ => Self::Io {
                doing: format!("{doing} {}", path.display()),
                source,
            },
        }
    }

    /// Turns an SQLite failure on `path` into the sentence that fits it.
    pub fn sqlite(path: &Path, doing: &str, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match source.sqlite_error_code() {
            Some(Code::DiskFull) => Self::DiskFull(path.to_owned()),
            Some(Code::ReadOnly | Code::PermissionDenied) => Self::ReadOnly(path.to_owned()),
            // An I/O error while writing is in practice a full or failing disk.
            Some(Code::SystemIoFailure) if doing.starts_with("writing") => Self::DiskFull(path.to_owned()),
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Damaged {
                file: base_name(path),
                cause: source.to_string(),
            },
            _ => Self::Sqlite {
                doing: format!("{doing} {}", base_name(path)),
                source,
            },
        }
    }

    /// Whether the caller, not the data, is at fault (exit code 2 instead of 1).
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Usage(_))
    }

    /// Whether one stored layer is at fault, not the request and not the whole directory.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Damaged { .. })
    }

    /// The cause of a defect, for the log.
    pub fn private_cause(&self) -> Option<&str> {
        match self {
            Self::Defect { cause } => Some(cause),
            _ => None,
        }
    }

    /// The report made until the data were refused.
    pub fn report(&self) -> Option<&ImportReport> {
        match self {
            Self::Refused { report, .. } => report.as_deref(),
            _ => None,
        }
    }
}

/// The last part of a path, for messages and records.
pub fn base_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
