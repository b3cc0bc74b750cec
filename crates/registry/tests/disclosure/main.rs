//! The gate from outside: what it hides, and whether an attacker finds out.

mod attacker;
mod greedy;
mod linked;
mod loss;
mod made;
mod others;
mod over_time;
mod published;
mod sequence;
mod single;
