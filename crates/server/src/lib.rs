//! The program phteah: command line, HTTP API, tiles and the web map.

pub mod answers;
pub mod api;
pub mod bundle;
pub mod cli;
pub mod commands;
pub mod partner;
pub mod ranking;
pub mod scenarios;
pub mod state;
pub mod tiles;
pub mod work;
