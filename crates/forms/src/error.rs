//! What can be wrong, told with its place.

use std::fmt;
use std::path::Path;

/// One thing that is wrong with a form, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place: a sheet with row and column, a line, a question; empty where it is the whole file.
    pub place: String,
    /// What is wrong and what to do, as a sentence.
    pub message: String,
}

impl Problem {
    /// Something that is wrong in a place.
    pub fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }

    /// Something that is wrong with all of it.
    pub fn whole(message: impl Into<String>) -> Self {
        Self::at("", message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.place, self.message)
        }
    }
}

impl From<crate::xml::XmlError> for Problem {
    fn from(error: crate::xml::XmlError) -> Self {
        Self::at(format!("line {}", error.line), error.message)
    }
}

impl From<rxform::Error> for Problem {
    fn from(error: rxform::Error) -> Self {
        let at = &error.location;
        let mut parts = Vec::new();
        parts.extend(at.sheet.as_ref().map(|sheet| format!("sheet {sheet}")));
        parts.extend(at.row.map(|row| format!("row {row}")));
        parts.extend(at.column.as_ref().map(|column| format!("column {column}")));
        let mut message = sentence(&error.message);
        if let Some(hint) = &error.hint {
            message.push(' ');
            message.push_str(&sentence(hint));
        }
        Self::at(parts.join(", "), message)
    }
}

/// A message of another library as a sentence.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out: String = chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default();
    if !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}

/// Why something about forms was not done.
#[derive(Debug, thiserror::Error)]
pub enum FormsError {
    /// The form, or what says which of its answers are which facts, is not right.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
    /// This version is there with another content.
    #[error(
        "The form {id} has a version {version} already, and it is another one. A version is never changed, since answers belong to it: give the new one another version."
    )]
    Taken {
        /// The form.
        id: String,
        /// Its version.
        version: String,
    },
    /// Nothing of this name is there.
    #[error("{0}")]
    NotFound(String),
    /// A file of the data directory is not what was written.
    #[error("{0}")]
    Damaged(String),
    /// A disk that fails.
    #[error("{doing} failed: {source}.")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's word.
        source: std::io::Error,
    },
}

impl FormsError {
    pub(crate) fn io(doing: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}

impl From<Problem> for FormsError {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

fn list(problems: &[Problem]) -> String {
    match problems {
        [one] => one.to_string(),
        several => {
            let lines: Vec<String> = several.iter().map(|problem| format!("  {problem}")).collect();
            format!("{} things are not right:\n{}", several.len(), lines.join("\n"))
        }
    }
}
