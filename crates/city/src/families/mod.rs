//! Illustrative families: what eight field workers might have recorded about them in four years.
//!
//! Nobody in it exists. The shares are plausible guesses, taken from what surveys of Phnom Penh's settlements and relocation sites found where a
//! line names one; which family does what is drawn from the seed. Every record says that it is illustrative.
//!
//! Family `n` depends on the options and on `n` alone, so that a hundred thousand of them can be made one after another.

mod answers;
mod life;
mod names;
mod people;
mod writer;

use std::collections::BTreeSet;

use jiff::civil::Date;
use phteah_registry::event::{Event, EventId, HouseholdId};

/// Where families live before they move.
#[derive(Debug, Clone, PartialEq)]
pub struct Home {
    /// Degrees east, WGS 84.
    pub lon: f64,
    /// Degrees north, WGS 84.
    pub lat: f64,
    /// Six digits of the sangkat.
    pub sangkat: String,
    /// Households that live there: how often it is drawn.
    pub households: u32,
}

/// A site to which families move.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSite {
    /// Its id in the ranking.
    pub id: String,
    /// Degrees east, WGS 84.
    pub lon: f64,
    /// Degrees north, WGS 84.
    pub lat: f64,
    /// Minutes on the way to work; None where it is not known.
    pub minutes_to_work: Option<f64>,
    /// Minutes on foot to a primary school; None where it is not known.
    pub minutes_to_school: Option<f64>,
    /// How often a year water comes into homes there, on average; None where it is not known.
    pub floods_a_year: Option<f64>,
}

/// How many, from what, until when.
#[derive(Debug, Clone, PartialEq)]
pub struct FamiliesOptions {
    /// The same seed gives the same families.
    pub seed: u64,
    /// The day up to which they have lived: nothing is recorded after it.
    pub today: Date,
    /// The decision record by which sites were offered.
    pub decision: String,
}

/// What is recorded about one household.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyRecord {
    /// The household.
    pub household: HouseholdId,
    /// The sangkat of the home in which it was surveyed.
    pub sangkat: String,
    /// Which of the [`WORKERS`] field workers it was given to, from 0.
    pub worker: u8,
    /// Somebody in it is in danger: nobody but its caseworker may see it.
    pub hidden: bool,
    /// Its events, each after those that it names. Some stand in conflict, as in life.
    pub events: Vec<Event>,
    /// Those of them that another worker has written, who had not seen what stands beside.
    pub by_another: BTreeSet<EventId>,
    /// Events that no server takes, as JSON: each is whole, and has one value that cannot be meant.
    pub faulty: Vec<String>,
}

/// Field workers among whom the families are shared out.
pub const WORKERS: u8 = 8;

/// Family `n`: one record; two where it was surveyed twice or where members became a household of their own.
///
/// # Panics
///
/// If there are no homes.
pub fn family(options: &FamiliesOptions, homes: &[Home], sites: &[NewSite], n: u64) -> Vec<FamilyRecord> {
    life::of(options, homes, sites, n)
}
