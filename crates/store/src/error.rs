//! The one error type of this crate. Every message is a sentence that tells a person what is wrong and what to do.

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
    /// SQLite failed.
    #[error("{doing}: {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// SQLite's answer.
        source: rusqlite::Error,
    },
    /// The stored rules cannot be understood.
    #[error(
        "The access rules are damaged ({0}): restore access.sqlite from a backup. Until then nothing is shown to partners."
    )]
    Damaged(String),
}

impl StoreError {
    /// Turns SQLite's answer into ours.
    pub(crate) fn sqlite(doing: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing, source }
    }

    /// Whether the caller, not the data, is at fault (exit code 2 instead of 1).
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Usage(_))
    }
}
