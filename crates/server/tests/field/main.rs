//! Phones that send and take events: through the router, and with a real server that is killed. All people here are illustrative.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(has_postgres)]
#[path = "../../../store/tests/cluster/mod.rs"]
mod cluster;

mod events;
mod faults;
mod http;
mod packs;
mod pmtiles;
