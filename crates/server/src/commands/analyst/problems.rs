//! What was wrong with single records: told on stderr, stopping nothing.

use super::super::tell;

/// So many of a kind are told one by one; the rest is counted.
const SHOWN: usize = 20;

/// Records that something is wrong with, in reading order.
#[derive(Debug, Default)]
pub struct Problems {
    shown: Vec<String>,
    count: usize,
}

impl Problems {
    /// Notes what is wrong with a record, and what becomes of it.
    pub fn note(&mut self, file: &str, record: &str, what: impl std::fmt::Display) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(format!("{file}: {record}: {what}"));
        }
    }

    /// How many records are concerned.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Tells them on stderr.
    pub fn tell(&self) {
        for line in &self.shown {
            tell(line);
        }
        if self.count > self.shown.len() {
            tell(format!(
                "… and {} more like these.",
                self.count - self.shown.len()
            ));
        }
    }
}
