//! The analyst's commands as a person runs them: whole processes on small files, with figures worked out by hand.

mod access;
mod decide;
mod exposure;
mod files;
mod formats;
mod overlay;
mod record;
mod sites;
mod weights;
