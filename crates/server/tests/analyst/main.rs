//! The analyst's commands as a person runs them: whole processes on small files, with figures worked out by hand.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod access;
mod decide;
mod disruption;
mod exposure;
mod files;
mod formats;
mod overlay;
mod place;
mod protect;
mod record;
mod sites;
mod streets;
mod survival;
mod weights;
