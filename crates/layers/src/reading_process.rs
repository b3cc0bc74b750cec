//! Strangers' files are read in a process apart.
//!
//! GDAL, GEOS and SQLite are hundreds of thousands of lines that take files apart, and files come from anybody. So no file that was not
//! written by this program is opened in the process that holds the data: the program starts itself once more, hands the file over, and takes
//! what was read through a socket, in a form of its own that is checked like any other input.
//!
//! ```text
//! this process                                 reading process (the same program)
//! ── order: file, how to open it ────────────► closes what it inherited, sets its limits,
//!                                              gives up network and all other files,
//!                                              looks at the schema, then opens the file
//! ◄── columns, CRS, size ─────────────────────
//! ── request: records, shapes or cells ──────►
//! ◄── frames ─────────────────────────────────
//! ```
//!
//! What a file asks of the parent beside that, too: archives are unpacked ([`Process::unpack`]) and shapes are mended ([`Mender`]) in such
//! a process.
//!
//! The reading process may read the file (with those that belong to it by name) and the data of GDAL and PROJ, and write into an empty
//! directory of its own. It has no network and starts no program ([`confine`]); memory, computing time and file sizes are bounded
//! ([`limits`]). What happens to it, a crash or an endless loop included, is told as a sentence.
//!
//! A program that reads files calls [`serve_if_asked`] first thing in `main`, and a test binary has a test of the name [`NAME`] that does.

use std::ffi::OsStr;

mod confine;
mod drivers;
mod frame;
mod handed;
mod limits;
mod mending;
mod message;
mod process;
mod records;
mod schema_check;
mod serve;
mod sql;
mod vector;

pub(crate) use drivers::{RASTER_DRIVERS, VECTOR_DRIVERS};
pub(crate) use handed::check_is_file;
pub(crate) use mending::Mender;
pub(crate) use message::{Order, Request};
pub(crate) use process::Process;
pub use process::{Protection, protection};
pub(crate) use records::{Outline, write_outline};
pub(crate) use schema_check::check as check_schema;
pub use vector::{VectorFile, open_vector, read_vector};

/// First argument of a reading process; in a test binary it chooses the test of this name.
pub const NAME: &str = "phteah_reading_process";

/// What follows it: a test binary hides what its tests print unless told otherwise, other programs do not look at it.
const ARGUMENTS: [&str; 3] = [NAME, "--nocapture", "--test-threads=1"];

/// Reads files for the process that started this one, if that is what it was started for, and returns whether it was.
///
/// A program calls it first of all and ends where it was; a test program has a test named [`NAME`] that calls it.
pub fn serve_if_asked() -> bool {
    let asked = std::env::args_os()
        .skip(1)
        .take(ARGUMENTS.len())
        .eq(ARGUMENTS.map(OsStr::new));
    if asked {
        serve::serve();
    }
    asked
}

#[cfg(test)]
mod tests {
    /// Lets tests read files: see [`super::serve_if_asked`].
    #[test]
    fn phteah_reading_process() {
        super::serve_if_asked();
    }
}
