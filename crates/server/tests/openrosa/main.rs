//! ODK Collect and what else speaks OpenRosa. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "../common/mod.rs"]
mod common;

mod collect;
mod commands;
mod day;
mod entities;
mod hostile;
mod parts;
