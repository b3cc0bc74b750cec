//! What is known of one alternative under one measure.

use serde::{Deserialize, Serialize};

/// Why a raw number or category is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// No data: outside the raster, no answer, no layer, no service of the kind loaded.
    NoData,
    /// On the road network, but no service can be reached along it. This is a fact, and the worst: longer than any time.
    Unreachable,
    /// Too far from every road.
    OffNetwork,
}

/// One cell of a [`Matrix`](super::Matrix).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// An exact raw number.
    Known(f64),
    /// A raw number known to lie between these ends, both included.
    Interval(f64, f64),
    /// A category.
    Category(&'a str),
    /// Not known. Never zero.
    Unknown(Unknown),
}
