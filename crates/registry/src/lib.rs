//! People, purely: what is recorded about households and what follows from it.
//!
//! No clock, no file, no SQL, no HTTP and no geometry library: everything comes in as an argument, so that every answer can be repeated.

// Exact equality of floats is meant wherever it stands: times and sums are compared as they came, bounds as they were proved.
#![allow(clippy::float_cmp)]

pub mod check;
pub mod code;
pub mod disclosure;
pub mod event;
pub mod fold;
pub mod import;
pub mod indicators;
pub mod likeness;
pub mod people;
pub mod placement;
pub mod referral;
pub mod releases;
pub mod schedule;
pub mod state;
pub mod status;
pub mod survival;
pub mod table;
pub mod vocabulary;
