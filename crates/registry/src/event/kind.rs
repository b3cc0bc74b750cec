//! The kinds of events.

use std::fmt;

/// What an event tells about a household.
///
/// A program that is older than the one that recorded an event meets kinds that it does not know: it keeps them as [`Kind::Other`] and
/// passes them on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The family was asked the survey's questions.
    Surveyed,
    /// A second look confirmed the survey.
    Verified,
    /// Somebody settled what stood in conflict, or mended a mistake.
    Corrected,
    /// The family agreed that its data are kept and used.
    ConsentGiven,
    /// The family took its consent back.
    ConsentWithdrawn,
    /// A site was offered to the family.
    Offered,
    /// The family accepted the site.
    Accepted,
    /// The family declined, with its reason.
    Declined,
    /// The family moved to the site.
    Moved,
    /// The family was visited where it lives.
    Visited,
    /// The family was looked for and not met.
    NotFound,
    /// The family was referred to a service.
    Referred,
    /// The service answered a referral, or somebody learned how it ended.
    ReferralAnswered,
    /// The family no longer lives there.
    Left,
    /// This record goes on in another one: both are the same household.
    Merged,
    /// Some members became a household of their own.
    Split,
    /// A protected note.
    Noted,
    /// A field team answered a planner's task.
    TaskAnswered,
    /// A kind that this version does not know.
    Other(Box<str>),
}

impl Kind {
    /// All kinds that this version knows, in the order in which a household commonly lives through them.
    pub const KNOWN: [Self; 18] = [
        Self::Surveyed,
        Self::Verified,
        Self::Corrected,
        Self::ConsentGiven,
        Self::ConsentWithdrawn,
        Self::Offered,
        Self::Accepted,
        Self::Declined,
        Self::Moved,
        Self::Visited,
        Self::NotFound,
        Self::Referred,
        Self::ReferralAnswered,
        Self::Left,
        Self::Merged,
        Self::Split,
        Self::Noted,
        Self::TaskAnswered,
    ];

    /// The kind's name, as events carry it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Surveyed => "surveyed",
            Self::Verified => "verified",
            Self::Corrected => "corrected",
            Self::ConsentGiven => "consent_given",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Moved => "moved",
            Self::Visited => "visited",
            Self::NotFound => "not_found",
            Self::Referred => "referred",
            Self::ReferralAnswered => "referral_answered",
            Self::Left => "left",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Noted => "noted",
            Self::TaskAnswered => "task_answered",
            Self::Other(name) => name,
        }
    }

    /// The kind of this name; [`Kind::Other`] where this version does not know it. Whether the name is well formed is not asked here.
    pub fn named(name: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .unwrap_or_else(|| Self::Other(name.into()))
    }

    /// Whether this version knows the kind.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
