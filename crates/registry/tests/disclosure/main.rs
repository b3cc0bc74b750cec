//! The gate from outside: what it hides, and whether an attacker finds out.

mod attacker;
mod made;
mod published;
mod sequence;
mod single;
