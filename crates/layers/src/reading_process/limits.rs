//! How much a file may ask of the machine that reads it.

use std::time::Duration;

/// Memory of a reading process, address space counted.
pub(super) const MEMORY_BYTES: u64 = 6 << 30;

/// Records of one file.
pub(super) const RECORDS: u64 = 50_000_000;

/// Bytes of one message, so of one record too.
pub(super) const FRAME_BYTES: usize = 256 << 20;

/// Files that a reading process has open at a time.
pub(super) const OPEN_FILES: u64 = 1_024;

/// Members of a SQLite schema.
pub(super) const SCHEMA_OBJECTS: usize = 20_000;

/// Bytes of one definition in a SQLite schema.
pub(super) const SCHEMA_TEXT_BYTES: usize = 1 << 20;

/// Computing time of a reading process: ten minutes, and ten seconds for each megabyte of its files.
pub(super) fn computing_seconds(bytes: u64) -> u64 {
    600 + 10 * (bytes >> 20)
}

/// How long a reading process may be silent: a minute, and a second for each megabyte of its files.
pub(super) fn silence(bytes: u64) -> Duration {
    Duration::from_secs(60 + (bytes >> 20))
}
