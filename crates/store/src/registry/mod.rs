//! The registry: households as events that are never lost, never leak, and always agree.
//!
//! ```text
//! events ─► Registry::push(&Actor) ─► one writer ─► registry.sqlite ─► receipts, when all is durable
//!                                        │  sealed with a data key of each household, which the deployment's key wraps
//!                                        └► Directory in memory: heads, places, names ─► who may know of what; search
//! device ─► Registry::changes(&Actor, after) ─► events it may hold, households it must forget
//! ```
//!
//! * A write is a closure that runs in a transaction which it shares with whatever else waits ("group commit"): one wait for the disk makes
//!   the batches of many devices durable.
//! * What cannot be accepted is kept in quarantine, whole.
//! * `Entry::is_visible` in `directory.rs` is the one place that decides whether somebody may know of a household.
//!
//! Times and random bytes are arguments: nothing here reads a clock.

mod answers;
mod audit;
mod cases;
mod change;
mod conflicts;
mod counts;
pub mod desk;
mod directory;
mod entities;
mod erase;
mod export;
mod facts;
mod files;
mod forms;
mod import;
pub mod key_file;
mod pull;
mod push;
mod quarantine;
mod read;
mod releases;
mod retention;
mod rotate;
mod seal;
mod sealed_file;
mod search;
mod store;
mod submissions;
mod take;
pub mod words;

pub use answers::MAX_ANSWERS;
pub use conflicts::Disagreement;
pub use counts::{CountRecord, Counts};
pub use entities::{ListedHousehold, listed_facts};
pub use erase::carry_erasures;
pub use export::Exported;
pub use files::{FileHash, FileState, MAX_FILE_BYTES};
pub use forms::{FormExport, OfForm};
pub use import::{ImportKey, ImportedEvent, Standing};
pub use pull::{Changes, MAX_CHANGES_PAGE};
pub use push::{Clocks, Incoming, MAX_BATCH, Note, Receipt, ReceiptStatus};
pub use quarantine::{MAX_QUARANTINE_PAGE, QuarantineEntry, QuarantineState};
pub use read::{Household, StoredEvent};
pub use releases::{MAX_RELEASES, ReleaseAudit, ReleaseRecord, ReleaseState};
pub use retention::{Due, RetentionRule, RetentionState};
pub use rotate::Rotation;
pub use seal::{DeploymentKey, Entropy, KEY_BYTES, KeyId, KeyRing};
pub use sealed_file::SealedFile;
pub use search::{Found, MAX_FOUND};
pub(crate) use store::{MIGRATIONS, connect};
pub use store::{REGISTRY_FILE, Registry};
pub use submissions::{Known, Named, Replaced, Seen};
pub use take::Taken;
