//! Common Query Language (OGC 21-065r2), text and JSON, compiled to SQL with bound parameters.
//!
//! ```text
//! text ─► lexer ─► text ─┐
//!                        ├─► ast ─► compile (fields that may be seen, types) ─► SQL + parameters ─► SQLite + functions
//! JSON ─────────► json ──┘
//! ```
//!
//! Written here and not taken from a library: the filter is the one place where strangers hand us a program. The parsers read each sign
//! once, without backtracking, to a fixed depth and size, so that a hostile filter costs no more than an honest one; and the only names
//! that can reach SQL are those of fields that the viewer may see.

pub mod ast;
pub mod compile;
pub mod functions;
mod geojson;
mod json;
mod lexer;
mod near;
mod text;
mod wkt;

/// The longest filter, in bytes. A polygon of 2,000 vertices fits.
pub const MAX_BYTES: usize = 64 * 1024;

/// How deep brackets, functions and chains of arithmetic may nest.
pub const MAX_DEPTH: usize = 48;

/// How many operators, properties and values a filter may have.
pub const MAX_NODES: usize = 1000;

pub use wkt::{bbox, is_turned_box};

/// How a filter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `cql2-text`
    Text,
    /// `cql2-json`
    Json,
}

/// What is wrong with a filter: a sentence for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    message: String,
    about: About,
}

/// What a mistake is about: so far it is told in Khmer too. The words of a filter are those of a language in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// How it is written.
    Writing,
    /// A field that is not there, and those that are.
    Field { name: String, known: String },
    /// A function that is not there.
    Function(String),
    /// Kinds of values that do not fit each other.
    Kinds,
    /// A day or a moment.
    Time,
    /// A shape.
    Shape,
    /// It is too long or nests too deep.
    Size,
}

impl FilterError {
    /// A mistake in how it is written.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::about(About::Writing, message)
    }

    pub(crate) fn about(about: About, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, about }
    }

    /// The same in Khmer, as far as it is told.
    pub fn khmer(&self) -> String {
        match &self.about {
            About::Writing => "តម្រងនេះមិនអាចយល់បានទេ។".to_owned(),
            About::Field { name, known } => format!("គ្មានវាល {name} ទេ។ វាលដែលមាន៖ {known}។"),
            About::Function(name) => format!("តម្រងនេះមិនអាចប្រើ {name} បានទេ។"),
            About::Kinds => "ប្រភេទតម្លៃក្នុងតម្រងមិនត្រូវគ្នាទេ។".to_owned(),
            About::Time => "ថ្ងៃក្នុងតម្រងមិនត្រឹមត្រូវ៖ សូមសរសេរ DATE('2026-03-01')។".to_owned(),
            About::Shape => {
                "រូបក្នុងតម្រងមិនត្រឹមត្រូវ៖ សូមសរសេរ POINT(104.92 11.56) ឬ BBOX(លិច, ត្បូង, កើត, ជើង)។".to_owned()
            }
            About::Size => "តម្រងវែងពេក៖ សូមធ្វើឱ្យងាយជាងនេះ។".to_owned(),
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, FilterError>;

/// Reads a filter.
pub fn parse(filter: &str, language: Language) -> Result<ast::Expr> {
    if filter.len() > MAX_BYTES {
        return Err(FilterError::about(
            About::Size,
            format!(
                "The filter is {} kB long; the most is {} kB.",
                filter.len() / 1024,
                MAX_BYTES / 1024
            ),
        ));
    }
    match language {
        Language::Text => text::parse(filter),
        Language::Json => json::parse(filter),
    }
}

/// Counts nodes and depth while a filter is read.
#[derive(Debug, Default)]
struct Budget {
    nodes: usize,
    depth: usize,
}

impl Budget {
    fn node(&mut self) -> Result<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(FilterError::about(
                About::Size,
                format!("The filter has more than {MAX_NODES} parts: simplify it."),
            ));
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FilterError::about(
                About::Size,
                format!("The filter nests deeper than {MAX_DEPTH} levels: simplify it."),
            ));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// A short, printable piece of what somebody sent, for messages.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
