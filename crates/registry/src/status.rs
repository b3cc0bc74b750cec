//! Where a household stands on its way from the survey to its new home.

use std::fmt;
use std::str::FromStr;

/// Where a household stands, in the order of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Something is recorded, but no survey yet.
    Recorded,
    /// Surveyed.
    Surveyed,
    /// The survey was confirmed.
    Verified,
    /// It declined what was offered: another offer may follow.
    Declined,
    /// A site is offered, and there is no answer yet.
    Offered,
    /// It accepted a site.
    Accepted,
    /// It moved to a site.
    Moved,
    /// It was visited at its site after the move and lives there.
    Settled,
    /// Looked for and not met since anybody last met it.
    NotFound,
    /// It no longer lives there.
    Left,
    /// Its record goes on in another one.
    Merged,
}

impl Status {
    /// All statuses.
    pub const ALL: [Self; 11] = [
        Self::Recorded,
        Self::Surveyed,
        Self::Verified,
        Self::Declined,
        Self::Offered,
        Self::Accepted,
        Self::Moved,
        Self::Settled,
        Self::NotFound,
        Self::Left,
        Self::Merged,
    ];

    /// The name as facts and answers carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Surveyed => "surveyed",
            Self::Verified => "verified",
            Self::Offered => "offered",
            Self::Declined => "declined",
            Self::Accepted => "accepted",
            Self::Moved => "moved",
            Self::Settled => "settled",
            Self::NotFound => "not_found",
            Self::Left => "left",
            Self::Merged => "merged",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A text that names no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no status of a household")]
pub struct NoStatus;

impl FromStr for Status {
    type Err = NoStatus;

    fn from_str(name: &str) -> Result<Self, NoStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or(NoStatus)
    }
}
