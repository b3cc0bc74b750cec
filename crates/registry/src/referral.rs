//! Where a referral stands.

use jiff::civil::Date;

use crate::state::Referral;

/// Days after which a referral without an answer is a question for the coordinator, unless the deployment says otherwise.
pub const SILENT_AFTER_DAYS: i32 = 14;

/// Where a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Sent, and there may still be an answer.
    Sent,
    /// Sent, and nobody has answered for too long.
    Escalated,
    /// The service takes the family.
    Accepted,
    /// The service does not take the family.
    Refused,
    /// The family was helped.
    Done,
    /// The family did not come.
    NoShow,
    /// An answer that this version does not know.
    Other,
    /// Answers that exclude each other.
    InConflict,
}

impl Referral {
    /// Where the referral stands on a day; `silent_after` is in days ([`SILENT_AFTER_DAYS`]).
    pub fn standing(&self, today: Date, silent_after: i32) -> Standing {
        match self.answers.as_slice() {
            [] if crate::schedule::days_between(self.on, today) > silent_after => Standing::Escalated,
            [] => Standing::Sent,
            [answer] => match answer.as_ref() {
                "accepted" => Standing::Accepted,
                "refused" => Standing::Refused,
                "done" => Standing::Done,
                "no_show" => Standing::NoShow,
                _ => Standing::Other,
            },
            _ => Standing::InConflict,
        }
    }
}
