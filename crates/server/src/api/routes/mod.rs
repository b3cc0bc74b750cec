//! Handlers: decode, call, encode.

pub mod assets;
pub mod caching;
pub mod deployment;
pub mod doubt;
pub mod ground;
pub mod here;
pub mod insight;
pub mod rankings;
pub mod scenarios;
pub mod streets;
pub mod take_away;
pub mod tiles;
