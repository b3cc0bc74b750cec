//! The gate from outside: what it hides, and whether an attacker finds out.

mod attacker;
mod columns;
mod differences;
mod greedy;
mod linked;
mod loss;
mod made;
mod others;
mod over_time;
mod published;
mod sequence;
mod single;

/// How many random registries are made: 40, or what `PHTEAH_REGISTRIES` says.
fn registries() -> u64 {
    let asked = std::env::var("PHTEAH_REGISTRIES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(40)
}
