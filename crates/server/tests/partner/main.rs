//! What partners get, and what they never see.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "../common/mod.rs"]
mod common;

mod access;
mod accounts;
mod cql2;
mod doors;
mod features;
mod fields;
mod files;
mod house;
mod ogc;
mod people;
mod releases;
mod review;
mod wall;
