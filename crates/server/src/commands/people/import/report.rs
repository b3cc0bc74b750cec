//! What became of every record of a survey. Nothing of what stood in it: reports are sent around.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use phteah_registry::event::HouseholdId;
use phteah_registry::likeness::Likeness;
use phteah_registry::table::Mistake;
use serde::Serialize;

use super::Import;
use crate::commands::{CommandError, say};

/// Records that are told one by one on the terminal.
const MAX_TOLD: usize = 40;

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A family that was not there.
    New,
    /// It was taken in before and says something else now: the later answers take the place of the earlier ones.
    Changed,
    /// It was taken in before and says the same.
    Unchanged,
    /// It may be a family that is there already: held until a person has judged.
    Held,
    /// The family did not agree: left out.
    Declined,
    /// It was erased: left out.
    Erased,
    /// Something in it is wrong: left out.
    Refused,
    /// The registry could not take it as it is: it lies in quarantine.
    Quarantined,
}

impl Outcome {
    fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed since they were taken in",
            Self::Unchanged => "unchanged",
            Self::Held => "held: they may be families that are there already",
            Self::Declined => "left out: the family did not agree",
            Self::Erased => "left out: they were erased",
            Self::Refused => "left out: something in them is wrong",
            Self::Quarantined => "in quarantine",
        }
    }
}

/// One record.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Where it stands.
    pub place: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Its household.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<String>,
    /// Households that may be the same family, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub may_be: Vec<Likeness>,
}

impl Row {
    pub fn new(place: &str, outcome: Outcome) -> Self {
        Self {
            place: place.to_owned(),
            outcome,
            household: None,
            mistakes: Vec::new(),
            may_be: Vec::new(),
        }
    }

    pub fn of(place: &str, outcome: Outcome, household: HouseholdId) -> Self {
        Self {
            household: Some(household),
            ..Self::new(place, outcome)
        }
    }

    pub fn refused(place: &str, mistakes: &[Mistake]) -> Self {
        Self {
            mistakes: mistakes
                .iter()
                .map(|mistake| format!("{}: {}", mistake.place, mistake.message))
                .collect(),
            ..Self::new(place, Outcome::Refused)
        }
    }

    pub fn hold(&mut self, likely: &[Likeness]) {
        self.outcome = Outcome::Held;
        self.may_be = likely.to_vec();
    }
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct Report {
    source: String,
    /// False: the command only told what it would do.
    stored: bool,
    counts: BTreeMap<Outcome, usize>,
    left_out_columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Report {
    pub fn new(source: &str, stored: bool, left_out: &[String]) -> Self {
        Self {
            source: source.to_owned(),
            stored,
            counts: BTreeMap::new(),
            left_out_columns: left_out.to_vec(),
            rows: Vec::new(),
        }
    }

    fn count(&self) -> BTreeMap<Outcome, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.outcome).or_default() += 1;
        }
        counts
    }

    pub fn refused(&self) -> usize {
        self.count().get(&Outcome::Refused).copied().unwrap_or_default()
    }

    /// `12 new, 3 unchanged`.
    pub fn counts_in_words(&self) -> String {
        let counts = self.count();
        let parts: Vec<String> = counts
            .iter()
            .map(|(outcome, count)| format!("{count} {}", outcome.words()))
            .collect();
        parts.join("; ")
    }

    /// Writes the file, where one is asked for, and tells.
    pub fn tell(&mut self, args: &Import) -> Result<(), CommandError> {
        self.counts = self.count();
        if let Some(path) = &args.report {
            let is_csv = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
            let text = if is_csv { self.csv() } else { self.json()? };
            std::fs::write(path, text)
                .map_err(|e| CommandError::Usage(format!("{} cannot be written: {e}.", path.display())))?;
        }
        if args.opened.common.json {
            say(self.json()?);
            return Ok(());
        }
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} records {}: {}.",
            self.rows.len(),
            if self.stored {
                "were read"
            } else {
                "would be taken in so"
            },
            self.counts_in_words()
        );
        if !self.left_out_columns.is_empty() {
            let _ = writeln!(
                out,
                "Columns that the mapping leaves out: {}.",
                self.left_out_columns.join(", ")
            );
        }
        let told: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| !row.mistakes.is_empty() || !row.may_be.is_empty())
            .collect();
        for row in told.iter().take(MAX_TOLD) {
            for mistake in &row.mistakes {
                let _ = writeln!(out, "  {mistake}");
            }
            if let Some(like) = row.may_be.first() {
                let _ = writeln!(
                    out,
                    "  {}: may be the family {} (likeness {:.2}: {})",
                    row.place,
                    like.household,
                    like.score,
                    reasons(like)
                );
            }
        }
        if told.len() > MAX_TOLD {
            let _ = writeln!(out, "  … and {} more records.", told.len() - MAX_TOLD);
        }
        if self.stored {
            if self.counts.contains_key(&Outcome::Held) {
                let _ = writeln!(
                    out,
                    "Judge those that are held: phteah registry quarantine list, then release (another family) or dismiss (the same)."
                );
            }
        } else {
            let _ = writeln!(out, "Nothing was taken in. With --store it is.");
        }
        say(out.trim_end());
        Ok(())
    }

    fn json(&self) -> Result<String, CommandError> {
        serde_json::to_string_pretty(self).map_err(|e| CommandError::Refused(e.to_string()))
    }

    fn csv(&self) -> String {
        let mut out = String::from("place,outcome,household,what\n");
        let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        for row in &self.rows {
            let what = if row.may_be.is_empty() {
                row.mistakes.join(" · ")
            } else {
                let all: Vec<String> = row
                    .may_be
                    .iter()
                    .map(|like| format!("{} {:.2} {}", like.household, like.score, reasons(like)))
                    .collect();
                all.join(" · ")
            };
            let outcome = serde_json::to_value(row.outcome).unwrap_or_default();
            let _ = writeln!(
                out,
                "{},{},{},{}",
                cell(&row.place),
                outcome.as_str().unwrap_or_default(),
                row.household.map(|id| id.to_string()).unwrap_or_default(),
                cell(&what)
            );
        }
        out
    }
}

fn reasons(like: &Likeness) -> String {
    let words: Vec<String> = like
        .reasons
        .iter()
        .map(|reason| {
            let word = serde_json::to_value(reason).unwrap_or_default();
            word.as_str().unwrap_or_default().replace('_', " ")
        })
        .collect();
    words.join(", ")
}
