//! A filled form as events: its photos, what its author had seen, what comes late. The same for a phone and for a row of an export.

use std::collections::BTreeMap;

use phteah_forms::Version;
use phteah_forms::submission::{self, Around, SeenVersion, Submission, understand};
use phteah_store::registry::{
    Clocks, FileHash, Incoming, Known, MAX_FILE_BYTES, Named, Receipt, ReceiptStatus, Registry, Replaced,
    Seen,
};
use phteah_store::{Actor, Store, StoreError};

/// What came of a filled form: in one POST, or in a row of an export.
pub(crate) struct Sent {
    /// The answers, byte for byte.
    pub answers: Vec<u8>,
    /// Photos and sounds by their names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// More is to come.
    pub incomplete: bool,
    /// Files that came once more under the name of another one, and were not kept.
    pub doubled: usize,
    /// When another server had received it, for forms that say no time of their own.
    pub received: Option<jiff::Timestamp>,
}

/// What became of it.
pub(crate) enum Taken {
    /// More is to come.
    Part,
    /// All of it is here.
    Whole {
        /// Files that were not kept.
        left_out: usize,
        /// Whether it had come before.
        was_there: bool,
        /// Events that lie in quarantine.
        quarantined: usize,
        /// Nothing is kept, as the family's agreement is not in it.
        without_consent: bool,
    },
}

/// Where filled forms are taken in, in the name of somebody.
#[derive(Clone, Copy)]
pub(crate) struct Door<'a> {
    /// Where the events go.
    pub registry: &'a Registry,
    /// Where it is known which tasks there are.
    pub store: &'a Store,
    /// Whose phone it is.
    pub actor: &'a Actor,
}

impl Door<'_> {
    /// Takes what came: photos first, then the events, all of a filled form's at once.
    pub fn take(
        &self,
        submission: &Submission,
        version: &Version,
        sent: &Sent,
        now: jiff::Timestamp,
    ) -> Result<Taken, StoreError> {
        // One that says no version is of the version by which it is read.
        let of_version;
        let submission = if submission.version.is_empty() {
            of_version = submission.with_version(version.version());
            &of_version
        } else {
            submission
        };
        let named = Named {
            form: &submission.form,
            instance: &submission.instance_id,
            content: &sent.answers,
        };
        let expected = understand(submission, version, &BTreeMap::new()).attachments;
        let known = self
            .registry
            .submission(self.actor, &named, &expected)?
            .unwrap_or_default();
        let mut files = known.files.clone();
        let mut fresh = BTreeMap::new();
        let mut left_out = sent.doubled;
        for (name, bytes) in &sent.files {
            // What no answer names belongs to nothing here.
            if !expected.contains(name) {
                continue;
            }
            if let Some(first) = files.get(name) {
                // The first stands: an event names it by its hash. That another one came is told.
                left_out += usize::from(*first != phteah_forms::library::sha256(bytes));
                continue;
            }
            match self.keep_file(bytes, now)? {
                Some(hash) => {
                    files.insert(name.clone(), hash.clone());
                    fresh.insert(name.clone(), hash);
                }
                None => left_out += 1,
            }
        }
        if known.complete {
            let quarantined = self.add_late(submission, version, &named, &known, &fresh, now)?;
            return Ok(Taken::Whole {
                left_out,
                was_there: true,
                quarantined,
                without_consent: false,
            });
        }
        if sent.incomplete {
            self.registry.note_submission(self.actor, &named, &fresh, now)?;
            return Ok(Taken::Part);
        }
        let mut filled = understand(submission, version, &files);
        let replaced = self.replaced(submission)?;
        if submission
            .of_household()
            .is_none_or(|entity| entity.id.is_empty())
            && let Some(household) = replaced.and_then(|replaced| replaced.household)
        {
            // An edited form without entities is about the same family as before.
            filled.household = Some(household);
        }
        let around = Around {
            after: match replaced {
                Some(Replaced { event, .. }) => event.into_iter().collect(),
                None => self.seen(submission, &filled, now)?,
            },
            otherwise_at: Some(sent.received.unwrap_or(now)),
            replaces: replaced.is_some_and(|replaced| replaced.event.is_some()),
            is_made: match filled.household {
                Some(household) => self.registry.is_made(
                    submission::creating_event(household),
                    household,
                    &submission.instance_id,
                )?,
                None => false,
            },
        };
        let events = submission::events(submission, &filled, &around);
        let clocks = Clocks { now, offset: None };
        let receipts =
            self.registry
                .take_submission(self.actor, &named, self.read(&events)?, &fresh, clocks)?;
        let quarantined = quarantined_of(&receipts);
        if quarantined > 0 {
            tracing::warn!(quarantined, "events of a filled form lie in quarantine");
        }
        Ok(Taken::Whole {
            left_out,
            was_there: false,
            quarantined,
            without_consent: submission::keeps_nothing(submission, &filled, &around),
        })
    }

    /// The filled form that this one replaces. One that has not come is waited for.
    fn replaced(&self, submission: &Submission) -> Result<Option<Replaced>, StoreError> {
        let Some(replaced) = &submission.deprecated_id else {
            return Ok(None);
        };
        let found = self
            .registry
            .replaced_submission(self.actor, &submission.form, replaced)?;
        found.map(Some).ok_or_else(|| StoreError::Refused {
            code: "replaced_unknown",
            message:
                "The filled form says that it replaces another one, which has not come. Send that one first."
                    .into(),
        })
    }

    /// What the author of a filled form had seen of its household.
    fn seen(
        &self,
        submission: &Submission,
        filled: &submission::Filled,
        now: jiff::Timestamp,
    ) -> Result<Vec<phteah_registry::event::EventId>, StoreError> {
        let Some(household) = filled.household else {
            return Ok(Vec::new());
        };
        let begun = filled.begun_at.map_or(now, |begun| begun.min(now));
        let seen = match submission.of_household() {
            None => Seen::By(begun),
            // It is made by this form: there is nothing that could have been seen.
            Some(entity) if !entity.updates => return Ok(Vec::new()),
            Some(entity) => match &entity.seen {
                SeenVersion::Unknown => Seen::Unclear(begun),
                SeenVersion::Given(version) => Seen::Version {
                    version: *version,
                    otherwise: begun,
                },
                // The device made the household itself, and this is its first change.
                SeenVersion::OnBranch {
                    trunk: None, base: 1, ..
                } => Seen::Made(submission::creating_event(household)),
                SeenVersion::OnBranch {
                    trunk: Some(trunk),
                    base,
                    ..
                } if base == trunk => Seen::Version {
                    version: *trunk,
                    otherwise: begun,
                },
                // A change on top of another one that the device made without contact: the one before, whether it has come or not.
                SeenVersion::OnBranch { branch, base, .. } => {
                    return Ok(vec![submission::branch_event(household, branch, base - 1)]);
                }
            },
        };
        self.registry.heads_seen(self.actor, household, &seen)
    }

    /// Keeps a photo or a sound; `None` where it is neither, or too large.
    fn keep_file(&self, bytes: &[u8], now: jiff::Timestamp) -> Result<Option<String>, StoreError> {
        if bytes.is_empty() || bytes.len() as u64 > MAX_FILE_BYTES {
            return Ok(None);
        }
        let text = phteah_forms::library::sha256(bytes);
        let Some(hash) = FileHash::read(&text) else {
            return Ok(None);
        };
        let begun = self
            .registry
            .begin_file(self.actor, hash, bytes.len() as u64, now)?;
        if begun.complete {
            return Ok(Some(text));
        }
        let rest = bytes.get(begun.received as usize..).unwrap_or_default().to_vec();
        match self.registry.append_file(self.actor, hash, begun.received, rest) {
            Ok(_) => Ok(Some(text)),
            Err(StoreError::Refused {
                code: "not_an_image", ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Photos that came when the filled form had been taken: a correction names them. How many events of it lie in quarantine.
    fn add_late(
        &self,
        submission: &Submission,
        version: &Version,
        named: &Named<'_>,
        known: &Known,
        fresh: &BTreeMap<String, String>,
        now: jiff::Timestamp,
    ) -> Result<usize, StoreError> {
        let Some(main) = known.event.filter(|_| !fresh.is_empty()) else {
            return Ok(0);
        };
        let filled = understand(submission, version, &known.files);
        if let Some(event) = submission::late_files(submission, &filled, main, fresh, version, now) {
            let clocks = Clocks { now, offset: None };
            let receipts =
                self.registry
                    .take_submission(self.actor, named, self.read(&[event])?, fresh, clocks)?;
            return Ok(quarantined_of(&receipts));
        }
        Ok(0)
    }

    fn read(&self, events: &[serde_json::Value]) -> Result<Vec<Incoming>, StoreError> {
        let events = events.iter().map(|event| Incoming::read(&event.to_string()));
        self.store.for_tasks(self.actor, events.collect())
    }
}

fn quarantined_of(receipts: &[Receipt]) -> usize {
    let lies = |receipt: &&Receipt| receipt.status == ReceiptStatus::Quarantined;
    receipts.iter().filter(lies).count()
}
