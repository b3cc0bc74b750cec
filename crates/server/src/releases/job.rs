//! Counting, protecting and attacking tables takes seconds to minutes: it is done apart from requests, one at a time, and whoever waits is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use phteah_store::StoreError;
use phteah_store::registry::{Registry, ReleaseAudit};
use tokio::sync::oneshot;

use crate::api::error::ApiError;
use crate::field::registry::RegistrySlot;
use crate::http::background;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Families are counted for planners.
    Count,
    /// A release is prepared.
    Prepare,
    /// A release is audited once more.
    Audit,
}

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Prepare => "prepare",
            Self::Audit => "audit",
        }
    }
}

/// Work under way.
#[derive(Debug, Clone)]
pub struct Running {
    /// What.
    pub kind: Kind,
    /// Since when.
    pub since: Timestamp,
    /// For whom: an account.
    pub by: String,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Families are counted; whether the numbers are new ones.
    Counted(bool),
    /// This release is prepared.
    Prepared(i64),
    /// This release was audited.
    Audited(i64, Audited),
    /// Nothing was done.
    Refused(ApiError),
}

/// What an audit has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audited {
    /// It comes out the same.
    Same,
    /// These tables come out differently.
    Changed(Vec<String>),
    /// It cannot be made again: why.
    Impossible(String),
}

impl From<ReleaseAudit> for Audited {
    fn from(audit: ReleaseAudit) -> Self {
        match audit {
            ReleaseAudit::Same(_) => Self::Same,
            ReleaseAudit::Changed(tables) => Self::Changed(tables),
            ReleaseAudit::Impossible(why) => Self::Impossible(why),
        }
    }
}

/// Work that has ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// What was done.
    pub work: Running,
    /// What came of it.
    pub outcome: Outcome,
}

/// The work on releases of one server.
#[derive(Debug, Default)]
pub struct ReleaseJob {
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    running: Option<Running>,
    ended: Option<Ended>,
}

impl ReleaseJob {
    /// What is being done, and what was done last.
    pub fn now(&self) -> (Option<Running>, Option<Ended>) {
        let now = self.locked();
        (now.running.clone(), now.ended.clone())
    }

    /// Begins some work, and answers with where its outcome comes.
    ///
    /// # Errors
    /// If other work is under way.
    pub fn begin(
        self: &Arc<Self>,
        registry: &Arc<RegistrySlot>,
        work: Running,
        job: impl FnOnce(&Registry) -> Result<Outcome, StoreError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Outcome>, ApiError> {
        let mut now = self.locked();
        if now.running.is_some() {
            return Err(ApiError::release_busy());
        }
        let (sender, receiver) = oneshot::channel();
        let registry = Arc::clone(registry);
        let mut turn = Turn {
            job: Arc::clone(self),
            is_open: true,
        };
        now.running = Some(work.clone());
        now.ended = None;
        // A thread that cannot be begun drops the turn, which waits for this lock.
        drop(now);
        background::spawn(move || {
            let outcome = registry.open().and_then(|registry| job(&registry));
            let outcome = outcome.unwrap_or_else(|error| Outcome::Refused(error.into()));
            turn.ends(Ended {
                work,
                outcome: outcome.clone(),
            });
            // Who waited may have gone.
            let _ = sender.send(outcome);
        })
        .map_err(ApiError::internal)?;
        Ok(receiver)
    }

    fn locked(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn to work: given back however the work ends.
struct Turn {
    job: Arc<ReleaseJob>,
    is_open: bool,
}

impl Turn {
    fn ends(&mut self, ended: Ended) {
        self.is_open = false;
        let mut now = self.job.locked();
        now.running = None;
        now.ended = Some(ended);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_open {
            self.job.locked().running = None;
        }
    }
}
