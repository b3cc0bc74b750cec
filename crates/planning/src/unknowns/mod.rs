//! What missing facts leave open, and which of them are worth collecting.

pub mod rank_interval;
