//! Who may come in: persons by their accounts, partners by their keys, scripts of the team by a key of the team, phones by their tokens.
//!
//! The address that the server listens on is no authority: behind a reverse proxy everybody comes from this machine.

pub mod account;
pub mod caller;
pub mod page;
pub mod password;
pub mod phones;
pub mod planner;
pub mod qr;
pub mod session;
pub mod sign_in;
pub mod throttle;
pub mod welcome;
pub(crate) mod words;

pub use caller::{Caller, Keyless, Writer};
