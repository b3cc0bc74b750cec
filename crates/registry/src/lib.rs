//! People, purely: what is recorded about households and what follows from it.
//!
//! No clock, no file, no SQL, no HTTP and no geometry library: everything comes in as an argument, so that every answer can be repeated.

pub mod check;
pub mod code;
pub mod disclosure;
pub mod event;
pub mod fold;
pub mod likeness;
pub mod placement;
pub mod referral;
pub mod schedule;
pub mod state;
pub mod status;
pub mod survival;
pub mod table;
