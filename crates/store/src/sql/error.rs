//! What a database answers when it does not do what it was asked. No text here repeats what stands in a row: it may go into a log.

use tokio_postgres::error::SqlState;

/// Result of a statement.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SQLite's answer.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL's answer: its code, and its words where they cannot hold anybody's data.
    #[error("PostgreSQL answered {code}: {message}")]
    Postgres {
        /// Five signs, such as `53100`.
        code: String,
        /// In words.
        message: String,
    },
    /// PostgreSQL cannot be reached, or not just now. Nothing was done.
    #[error("{0}")]
    Unavailable(String),
    /// The connection broke while something was under way.
    #[error(
        "The connection to PostgreSQL was lost. Whether this was done is not known; sending it again does no harm."
    )]
    Lost,
    /// There is no such row.
    #[error("there is no such row")]
    NoRows,
    /// A column holds something else than was expected.
    #[error("{0}")]
    Column(String),
}

impl Error {
    /// Whether the disk is full.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::Postgres { code, .. } => code == SqlState::DISK_FULL.code(),
            _ => false,
        }
    }

    /// Turns PostgreSQL's answer into ours. What it says of a row's content is left out.
    pub(crate) fn postgres(error: &tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(error)
                    .is_some_and(<dyn std::error::Error + 'static>::is::<std::io::Error>)
            {
                Self::Lost
            } else {
                Self::Column(format!(
                    "the program and PostgreSQL do not understand one another: {error}"
                ))
            };
        };
        let code = answer.code();
        let passing = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ];
        if passing.contains(code) {
            return Self::Lost;
        }
        if [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(code)
        {
            return Self::Unavailable(
                "PostgreSQL is busy: another program is writing and does not end. Nothing of this was done; try again in a moment."
                    .to_owned(),
            );
        }
        let code = code.code().to_owned();
        // 22 and 23 speak of values and of rows.
        let message = if code.starts_with("22") || code.starts_with("23") {
            format!(
                "a rule of the tables is broken ({})",
                answer.constraint().unwrap_or("a value cannot be stored")
            )
        } else if code == SqlState::INSUFFICIENT_PRIVILEGE.code() {
            format!(
                "{}. The user of --database (PHTEAH_DATABASE) must be able to make schemas in this database and own them: as its administrator run \
                 GRANT CREATE ON DATABASE … TO …",
                answer.message()
            )
        } else {
            answer.message().to_owned()
        };
        Self::Postgres { code, message }
    }
}
