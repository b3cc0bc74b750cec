//! The decision: criteria, value functions, weights, methods, robustness and the decision record.
//!
//! The way through: a [`scenario::Scenario`] names [`measure::Measure`]s; whoever measures them fills a
//! [`matrix::Matrix`] with a column for each; [`decision::decide`] gives a [`decision::Ranking`].
//! Nothing here reads a file, a clock or the network.

// Exact equality of floats is meant wherever it stands: ties, constants and exact bounds are compared as they are.
#![allow(clippy::float_cmp)]

pub mod canonical;
pub mod compare;
pub mod cost;
pub mod day;
pub mod decision;
pub mod exclusion;
pub mod matrix;
pub mod measure;
pub mod methods;
pub mod mistake;
pub mod model;
pub mod notice;
pub mod problem;
pub mod rank;
pub mod record;
pub mod robustness;
pub mod said;
pub mod scenario;
pub mod text;
pub mod together;
pub mod tolerance;
mod tree;
pub mod unknowns;
pub mod value;
pub mod versus;
pub mod weights;
mod wide;
