//! Who may come in, until people have accounts: partners by their keys, the team by a key of the team or a session begun with one.
//!
//! The address that the server listens on is no authority: behind a reverse proxy everybody comes from this machine.

pub mod caller;
pub mod planner;
pub mod session;
pub mod sign_in;

pub use caller::{Caller, Keyless};
