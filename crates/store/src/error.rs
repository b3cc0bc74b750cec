//! The one error type of this crate. Every message is a sentence that tells a person what is wrong and what to do.

use crate::passwords::PasswordFault;

/// Result of this crate's operations.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What can go wrong between a question and its answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The call itself is wrong: a name that cannot be used, an expiry in the past.
    #[error("{0}")]
    Usage(String),
    /// The key that was sent opens nothing: unknown, misspelt, expired or revoked. Which of these is not said.
    #[error(
        "This key is not valid: it may be misspelt, expired or revoked. Ask the team that gave it to you for a new one."
    )]
    BadKey,
    /// The name, the password or the one-time code is wrong, or the account is disabled. Which of these is not said.
    #[error(
        "The name, the password or the code is wrong. Ask your administrator for a new sign-in link if you have forgotten them."
    )]
    BadSignIn,
    /// Name and password are right, and the account's role asks for a one-time code too.
    #[error("Write the six digits that your authenticator app shows now.")]
    CodeNeeded,
    /// Name and password are right, the role asks for one-time codes, and the account has none yet.
    #[error(
        "Your role now asks for one-time codes. Ask your administrator for a new sign-in link to set them up."
    )]
    CodesMissing,
    /// The sign-in link is unknown, used or too old. Which of these is not said.
    #[error("This sign-in link has been used or is too old. Ask your administrator for a new one.")]
    BadLink,
    /// The password that was chosen cannot be taken.
    #[error("{0}")]
    Password(#[from] PasswordFault),
    /// The enrolment code is unknown, misspelt, used or too old, or was tried too often. Which of these is not said.
    #[error("This code is not valid: it works once, for an hour. Ask your coordinator for a new one.")]
    BadCode,
    /// The device's token is known and has been revoked, or its worker's account is disabled.
    #[error("This device has been revoked. Nothing recorded on it is lost: hand it to your coordinator.")]
    DeviceRevoked,
    /// The actor has no right to do this. Used where what is asked for is no secret: for things that others may not know of there is
    /// [`StoreError::NotFound`].
    #[error("{0}")]
    Denied(String),
    /// What was named does not exist, or the actor may not know that it does.
    #[error("{0}")]
    NotFound(String),
    /// The file was written by a newer program.
    #[error(
        "{file} was written by a newer Phteah (version {found} of its tables; this program knows up to {known}). Nothing was changed. Use the newer program, or restore a backup that this one made."
    )]
    NewerFile {
        /// Name of the file.
        file: &'static str,
        /// Version of the tables in the file.
        found: usize,
        /// The newest version that this program knows.
        known: usize,
    },
    /// The deployment's key cannot be used.
    #[error("{0}")]
    Key(String),
    /// What is sealed does not open: it was changed, or belongs to something else.
    #[error(
        "This does not open with its key: {0}. It was changed outside the program: restore registry.sqlite from a backup."
    )]
    Sealed(&'static str),
    /// A request that cannot be met as it is.
    #[error("{message}")]
    Refused {
        /// Stable, for programs.
        code: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// The disk is full.
    #[error("The server's disk is full. Nothing of this was written; try again when there is room.")]
    StorageFull,
    /// A write that failed with all that should have been made durable together with it.
    #[error("Nothing of this was written: {0}")]
    NotWritten(String),
    /// A file cannot be read or written.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The database's answer.
        source: crate::sql::Error,
    },
    /// The database cannot be reached just now. It may be tried again.
    #[error("{0}")]
    Unavailable(String),
    /// The stored rules cannot be understood.
    #[error(
        "The access rules are damaged ({0}): restore access.sqlite from a backup. Until then nothing is shown to partners."
    )]
    Damaged(String),
    /// What the registry holds cannot be understood.
    #[error("The registry is damaged ({0}): restore it from a backup with \"phteah restore\".")]
    DamagedRegistry(String),
    /// The file of a database is not sound.
    #[error("{file} is damaged ({what}): restore it from a backup with \"phteah restore\".")]
    DamagedFile {
        /// Name of the file.
        file: String,
        /// What the database says of it.
        what: String,
    },
}

impl From<crate::sql::Error> for StoreError {
    fn from(source: crate::sql::Error) -> Self {
        Self::sqlite("reading the database")(source)
    }
}

impl StoreError {
    /// The refusal of something that a role does not allow.
    pub fn no_right() -> Self {
        Self::Denied("Your account has no right to do this. Ask your administrator if it should.".into())
    }

    /// Turns the database's answer into ours.
    pub(crate) fn sqlite(doing: &'static str) -> impl Fn(crate::sql::Error) -> Self {
        move |source| match source {
            full if full.is_full() => Self::StorageFull,
            away @ (crate::sql::Error::Unavailable(_) | crate::sql::Error::Lost) => {
                Self::Unavailable(away.to_string())
            }
            source => Self::Database { doing, source },
        }
    }

    /// The same for another one that waits for the same thing.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::StorageFull => Self::StorageFull,
            Self::Key(message) => Self::Key(message.clone()),
            Self::Unavailable(message) => Self::Unavailable(message.clone()),
            other => Self::NotWritten(other.to_string()),
        }
    }

    /// Whether the caller, not the data, is at fault (exit code 2 instead of 1).
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Usage(_) | Self::Password(_) | Self::NotFound(_))
    }
}
