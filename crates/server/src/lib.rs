//! The program phteah: command line, HTTP API, tiles and the web map.

pub mod tiles;
