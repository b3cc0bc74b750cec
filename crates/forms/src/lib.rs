//! Questionnaires.
//!
//! ```text
//! XLSForm ─► workbook ─► convert (rxform) ─► XForm ─► xform: what it asks ─► library: kept for ever, by id and version
//!                                               facts.toml ─► mapping: which answer is which fact, checked against the form
//! ```
//!
//! One form serves our own app, ODK Collect and Kobo alike. What strangers have written is read within limits: no document types, no
//! entities, no bombs. Clocks are arguments.

pub mod builtin;
pub mod central_csv;
pub mod convert;
mod error;
pub mod export;
pub mod library;
pub mod mapping;
mod parameters;
pub mod recover;
mod references;
mod sheets;
pub mod submission;
pub mod workbook;
pub mod xform;
pub mod xml;

pub use error::{FormsError, Problem};
pub use library::{Added, Addition, Library, Listing, Media, Version};
pub use mapping::{Mapping, Purpose, ValueType};
pub use xform::XForm;
