//! Surveys that exist already become events: tables of any shape, by a mapping that says what their columns mean.
//!
//! ```text
//! CSV ─┐
//! XLSX ┼─► Book (sheets of cells) ─┐
//! GeoJSON ┘                        ├─► read() ─► a Draft for each record, or what is wrong with it, with row and column
//! mapping.toml ─► Mapping ─────────┘                └─► Draft::event(after) ─► Event
//! ```
//!
//! * Ids follow from the file's content and a secret of the deployment, which the caller hands in as [`Derive`]: the same record always gives
//!   the same household, member and event, and nobody else can tell from an id which record it was.
//! * A mistake names the row and the column and never repeats what stood there: reports are sent around.
//! * What a cell says is never guessed. A day that may be two days, a number that a spreadsheet has rounded, a text in a wrong encoding are
//!   mistakes.

mod cell;
mod geojson;
mod mapping;
mod read;
mod sheet;
mod suggest;
mod who;

pub use cell::Cell;
pub use mapping::{Consent, DateOrder, Fact, FactKind, FormName, Mapping, Place, RecordPlace, RepeatPlace};
pub use read::{Draft, Drafts, Record, read};
pub use sheet::{Book, MAX_FILE_BYTES, Sheet, SheetRow};
pub use suggest::suggest;

/// A keyed hash of some parts, by a secret of the deployment.
pub type Derive<'d> = &'d dyn Fn(&[&[u8]]) -> [u8; 32];

/// As much of such a hash as an id has.
fn for_id(derive: Derive<'_>, parts: &[&[u8]]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&derive(parts)[..16]);
    bytes
}
