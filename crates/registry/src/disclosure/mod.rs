//! The gate: tables of counts about people that cannot be turned back into people.
//!
//! [`Release::prepare`](release::Release::prepare) goes the whole way: [rules] hide what is small or tells on a group, [protect] hides as
//! many more cells as it takes, [attack] is the attacker who looks whether it was enough, and [history] is what he knows from
//! [earlier] releases.
//! Several tables of the same families go through it together: [linked].
//! The other way to protect a table is to [perturb] it; a table is one or the other, never both.

pub mod areas;
pub mod attack;
pub mod beliefs;
pub mod dimension;
pub mod earlier;
pub mod fact;
pub mod history;
pub mod linked;
pub mod moves;
pub mod over_time;
pub mod past;
pub mod perturb;
pub mod programme;
pub mod protect;
pub mod read;
pub mod records;
pub mod release;
pub mod rules;
pub mod simplex;
pub mod span;
pub mod sums;
pub mod table;
pub mod worked_out;

/// What a published table calls the sum over all categories of a breakdown.
pub const TOTAL: &str = "total";

/// A number that looks random but is the same every time (`SplitMix64`, Steele, Lea and Flood 2014).
pub(crate) fn mix(one: u64, other: u64) -> u64 {
    let mut mixed = one
        .wrapping_add(other.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
