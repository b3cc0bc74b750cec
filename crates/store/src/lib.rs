//! Who may see what.
//!
//! ```text
//! visibility rules ─┐
//! partners' keys ───┼─► Store::grant(viewer, layer, fields) ─► Grant ─► the only thing a layer is opened with for somebody else
//! the request's key ┘                                           └─► download log
//! ```
//!
//! * [`Store`] is the file `access.sqlite` in the data directory.
//! * [`Visibility`] is said per layer and per field. What nothing has been said about is internal.
//! * [`Viewer`] is who asks: anyone, a partner with a key, or the team. Only the store makes one from a key.
//! * [`Grant`] is the answer of the one check. It can be made nowhere else and names the visible fields only, so code that reads layers
//!   through grants cannot forget the check.
//!
//! Times and random bytes are arguments: nothing here reads a clock.

mod access;
mod audit;
mod changes;
mod error;
mod keys;
mod readers;
mod secret;
mod sessions;
mod shown;
mod store;
mod visibility;

pub use access::{Grant, Viewer};
pub use audit::{Download, DownloadId, DownloadRecord, DownloadTicket, Outcome, Unwritten};
pub use changes::{Change, ChangeRecord, MAX_CHANGES};
pub use error::{Result, StoreError};
pub use keys::{KeyRecord, KeyScope, NewKey};
pub use secret::{ENTROPY_BYTES, Secret, key_id};
pub use sessions::{MAX_SESSIONS, SESSION_ENTROPY_BYTES, SessionToken};
pub use shown::Shown;
pub use store::{FILE_NAME, Store};
pub use visibility::{LayerRule, Visibility};
