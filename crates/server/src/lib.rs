//! The program phteah: command line, HTTP API, tiles and the web map.

#![warn(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal obeys what it is sent: commands::terminal prints"
)]

pub mod answers;
pub mod api;
pub mod auth;
pub mod build_id;
pub mod bundle;
pub mod cli;
pub mod commands;
pub mod desk;
pub mod field;
pub mod http;
pub mod kept;
pub mod openrosa;
pub mod partner;
pub mod random;
pub mod ranking;
pub mod releases;
pub mod scenarios;
pub mod state;
pub use phteah_tiles as tiles;
pub mod work;
