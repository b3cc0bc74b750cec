//! What missing facts leave open, and which of them are worth collecting.

pub mod facts;
pub mod rank_interval;
