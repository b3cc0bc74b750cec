//! Words for people, in both languages of the deployment, and the form in which searching compares what people wrote.

use serde::{Deserialize, Serialize};

mod khmer;
mod search;

pub use search::{is_ignorable, search_form};

/// The same words in English and in Khmer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(en: impl Into<String>, km: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            km: km.into(),
        }
    }
}
