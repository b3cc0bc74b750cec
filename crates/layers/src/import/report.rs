//! What an import did, record by record as far as a person can read, and counted beyond.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::notes::Notes;
use crate::catalogue::{CoverageSource, ReportSummary};
use crate::schema::Role;
use crate::text::thousands;

/// Of each kind of finding so many are told one by one; the rest are counted. Keeps the report small whatever the file.
pub const DETAILS: usize = 20;

/// Whether anything was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new layer, or a new version of one.
    Imported,
    /// The same bytes with the same options had been imported before; nothing was written.
    Unchanged,
    /// Refused; what was there before is still there.
    Refused,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Stored as it came; a person may want to look at it.
    Noted,
    /// Stored after a repair.
    Repaired,
    /// Not stored: something is wrong with it.
    Refused,
    /// Not stored: of no concern here.
    LeftOut,
}

impl Effect {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Repaired => "repaired",
            Self::Refused => "refused",
            Self::LeftOut => "left out",
        }
    }
}

/// One kind of finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name, such as `invalid_ring` or `code_zeros_restored`.
    pub code: String,
    /// What became of the records.
    pub effect: Effect,
    /// In words.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Detail>,
}

/// One case of a finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Position of the record in the source, from 1.
    pub record: u64,
    /// Its id, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Field or ring.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What exactly.
    pub message: String,
}

/// The report of one import into one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Name of the layer.
    pub layer: String,
    /// Its role.
    pub role: Role,
    /// What happened.
    pub outcome: Outcome,
    /// Base names of the files read.
    pub files: Vec<String>,
    /// CRS of the source.
    pub source_crs: String,
    /// Whether the CRS was stated by the file, assumed from its format, or given by the caller.
    pub crs_from: String,
    /// The shift that was pinned between datums, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datum_shift: Option<String>,
    /// SHA-256 of source and options.
    pub hash: String,
    /// Records (or cells) looked at.
    pub read: u64,
    /// Stored, repaired ones included.
    pub kept: u64,
    /// Stored after a repair.
    pub repaired: u64,
    /// Refused.
    pub refused: u64,
    /// Left out.
    pub left_out: u64,
    /// Which column fills which field.
    pub fields: Vec<String>,
    /// Columns that were not taken.
    pub not_taken: Vec<String>,
    /// How it is known where the layer is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageSource>,
    /// Findings, in the order in which they were first made.
    pub findings: Vec<Finding>,
    /// Fields that nothing fills, each with a column that may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// What every user of the layer must know.
    pub warnings: Vec<String>,
    /// Where every note goes, however many there are.
    #[serde(skip)]
    pub(crate) notes: Option<Notes>,
}

impl ImportReport {
    pub(crate) fn new(layer: &str, role: Role) -> Self {
        Self {
            layer: layer.to_owned(),
            role,
            outcome: Outcome::Refused,
            files: Vec::new(),
            source_crs: String::new(),
            crs_from: String::new(),
            datum_shift: None,
            hash: String::new(),
            read: 0,
            kept: 0,
            repaired: 0,
            refused: 0,
            left_out: 0,
            fields: Vec::new(),
            not_taken: Vec::new(),
            coverage: None,
            findings: Vec::new(),
            suggestions: Vec::new(),
            warnings: Vec::new(),
            notes: None,
        }
    }

    /// Counts a case; tells it too while there are few.
    pub(crate) fn found(
        &mut self,
        code: &str,
        effect: Effect,
        message: &str,
        detail: impl FnOnce() -> Detail,
    ) {
        let at = self
            .findings
            .iter()
            .position(|f| f.code == code && f.effect == effect)
            .unwrap_or_else(|| {
                let (code, message) = (code.to_owned(), message.to_owned());
                self.findings.push(Finding {
                    code,
                    effect,
                    message,
                    count: 0,
                    first: Vec::new(),
                });
                self.findings.len() - 1
            });
        let finding = &mut self.findings[at];
        finding.count += 1;
        if self.notes.is_none() && finding.first.len() >= DETAILS {
            return;
        }
        let detail = detail();
        if let Some(notes) = &self.notes {
            notes.push(&self.layer, (effect, code, message), &detail);
        }
        if finding.first.len() < DETAILS {
            finding.first.push(detail);
        }
    }

    /// Adds a warning once.
    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// How often something was found; 0 where it never was.
    pub fn count(&self, code: &str) -> u64 {
        self.findings
            .iter()
            .filter(|f| f.code == code)
            .map(|f| f.count)
            .sum()
    }

    /// In numbers, for the catalogue.
    pub fn summary(&self) -> ReportSummary {
        ReportSummary {
            read: self.read,
            kept: self.kept,
            repaired: self.repaired,
            refused: self.refused,
            left_out: self.left_out,
            warnings: self.warnings.clone(),
        }
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.outcome {
            Outcome::Imported => "imported",
            Outcome::Unchanged => "unchanged: the same file with the same options is already there",
            Outcome::Refused => "refused; what was there before is still there",
        };
        writeln!(f, "{} ({}): {what}", self.layer, self.role)?;
        if self.outcome == Outcome::Unchanged {
            return Ok(());
        }
        writeln!(
            f,
            "  from {}, {} ({})",
            self.files.join(", "),
            self.source_crs,
            self.crs_from
        )?;
        if let Some(shift) = &self.datum_shift {
            writeln!(f, "  {shift}")?;
        }
        let unit = if self.role.is_raster() { "cells" } else { "records" };
        let n = thousands;
        writeln!(
            f,
            "  {} {unit} read: {} kept ({} of them repaired), {} refused, {} left out",
            n(self.read),
            n(self.kept),
            n(self.repaired),
            n(self.refused),
            n(self.left_out)
        )?;
        if !self.fields.is_empty() {
            writeln!(f, "  fields: {}", self.fields.join(", "))?;
        }
        if !self.not_taken.is_empty() {
            writeln!(
                f,
                "  columns not taken (use --map to take them): {}",
                self.not_taken.join(", ")
            )?;
        }
        if let Some(how) = self.coverage {
            let words = match how {
                CoverageSource::Given => "as given with the import",
                CoverageSource::Extent => "over its own extent",
                CoverageSource::Hull => "taken to be the hull of its features",
            };
            writeln!(f, "  where it is complete: {words}")?;
        }
        if !self.suggestions.is_empty() {
            writeln!(f, "  perhaps {}", self.suggestions.join("; "))?;
        }
        for finding in &self.findings {
            write_finding(finding, f)?;
        }
        for warning in &self.warnings {
            writeln!(f, "  ! {warning}")?;
        }
        Ok(())
    }
}

fn write_finding(finding: &Finding, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let effect = finding.effect.as_str();
    writeln!(
        f,
        "  {effect}: {} ({})",
        finding.message,
        thousands(finding.count)
    )?;
    for detail in &finding.first {
        write!(f, "    ")?;
        if detail.record > 0 {
            write!(f, "record {}", detail.record)?;
        }
        if let Some(id) = &detail.id {
            write!(f, " ({id})")?;
        }
        if let Some(place) = &detail.place {
            write!(f, " {place}")?;
        }
        writeln!(f, ": {}", detail.message)?;
    }
    let more = finding.count - finding.first.len() as u64;
    if more > 0 {
        writeln!(f, "    and {} more", thousands(more))
    } else {
        Ok(())
    }
}
