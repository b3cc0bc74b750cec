//! What is wrong with an input, and where: every problem is collected, none hides another.

use serde::Serialize;
use thiserror::Error;

use crate::mistake::Mistake;
use crate::notice::Notice;
use crate::said::Said;

/// What is wrong: a sentence that can be said in other languages, or one in English for the terminal alone.
#[derive(Clone, Debug)]
pub enum What {
    /// One of the mistakes of a scenario.
    Mistake(Mistake),
    /// A sentence.
    English(String),
}

impl From<Mistake> for What {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(mistake)
    }
}

impl From<String> for What {
    fn from(sentence: String) -> Self {
        Self::English(sentence)
    }
}

impl From<&str> for What {
    fn from(sentence: &str) -> Self {
        Self::English(sentence.into())
    }
}

/// One thing wrong with an input, in a sentence that says what to do, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Error)]
#[error("{place}: {message}")]
pub struct Problem {
    /// Where: a path such as `criterion[2].value.worst` (counted from 0, as in JSON), or `row 3, column cost`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// The same for other languages; every mistake of a scenario has it.
    #[serde(skip)]
    pub said: Option<Said>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(place: impl Into<String>, what: impl Into<What>) -> Self {
        let (message, said) = match what.into() {
            What::Mistake(mistake) => (mistake.to_string(), Some(mistake.said())),
            What::English(sentence) => (sentence, None),
        };
        Self {
            place: place.into(),
            message,
            said,
        }
    }

    /// The same problem, its place seen from further outside.
    #[must_use]
    pub fn within(self, place: impl FnOnce(&str) -> String) -> Self {
        Self {
            place: place(&self.place),
            ..self
        }
    }
}

/// Problems that are told one by one; the rest is counted. Whoever made a thousand mistakes made the same one a thousand times.
pub const MAX_TOLD: usize = 100;

/// All problems, one a line, the first [`MAX_TOLD`] of them in words.
pub fn told(problems: &[Problem]) -> String {
    let mut lines: Vec<String> = problems.iter().take(MAX_TOLD).map(Problem::to_string).collect();
    if problems.len() > MAX_TOLD {
        lines.push(format!("… and {} more mistakes.", problems.len() - MAX_TOLD));
    }
    lines.join("\n")
}

/// Something that a planner should know about a result that is still an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Warning {
    /// Stable, for programs: `constant_criterion`, `zero_weight`, `all_unknown`, …
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The criterion it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub criterion: Option<String>,
    /// The same for other languages. Records keep the words alone.
    #[serde(skip)]
    pub said: Option<Said>,
}

impl From<Notice> for Warning {
    fn from(notice: Notice) -> Self {
        let said = notice.said();
        Self {
            code: said.code.into(),
            message: notice.to_string(),
            criterion: None,
            said: Some(said),
        }
    }
}

impl Warning {
    /// What a planner should know about one criterion.
    pub fn about(criterion: &str, notice: Notice) -> Self {
        Self {
            criterion: Some(criterion.into()),
            ..notice.into()
        }
    }

    /// A warning about one criterion.
    pub fn criterion(code: &str, criterion: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            criterion: Some(criterion.into()),
            said: None,
        }
    }

    /// A warning about the whole.
    pub fn general(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            criterion: None,
            said: None,
        }
    }
}
