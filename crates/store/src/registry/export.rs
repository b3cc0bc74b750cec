//! Taking households out, sealed or open.
//!
//! A file is lines of JSON, one for each event; sealed as [`sealed_file`] says.

use std::io::Write;

use jiff::Timestamp;
use phteah_registry::event::Kind;

use super::read::events_of;
use super::sealed_file::{self, SealedFile, writing};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Households.
    pub households: usize,
    /// Their events that the file holds.
    pub events: usize,
    /// Protected notes that an open file leaves out.
    pub notes_left_out: usize,
}

impl Registry {
    /// Writes the events of all households that an actor may know of. Open files need a reason, and leave hidden households and protected
    /// notes out.
    pub fn export(
        &self,
        actor: &Actor,
        open: bool,
        why: &str,
        out: &mut dyn Write,
        now: Timestamp,
    ) -> Result<Exported> {
        actor.require(Right::DecideCases)?;
        if open && why.trim().is_empty() {
            return Err(StoreError::Usage(
                "Say why the file must be open: everybody who gets it can read it. The reason is kept."
                    .into(),
            ));
        }
        self.refresh()?;
        let mut entries: Vec<_> = {
            let directory = self.directory();
            let visible = directory.iter().filter(|entry| {
                entry.is_visible(actor, Right::ReadHouseholds) && !(open && entry.summary.hidden)
            });
            visible.cloned().collect()
        };
        entries.sort_unstable_by_key(|entry| entry.n);
        // Written down before the first byte leaves.
        let (log, why) = (actor.clone(), why.to_owned());
        let detail = format!(
            "{}, {} households",
            if open { "open" } else { "sealed" },
            entries.len()
        );
        self.write(move |change| {
            let row = trail::Entry {
                what: "registry_exported",
                subject: "households",
                why: &why,
                detail: &detail,
            };
            trail::append(change.transaction(), &log, &row, now)
        })?;
        let mut writer = Out::begin(self, open, out)?;
        let mut done = Exported {
            households: entries.len(),
            events: 0,
            notes_left_out: 0,
        };
        for entry in entries {
            for stored in self.read(|conn| events_of(conn, &entry))? {
                // An open file is for whoever gets it; a protected note is for its household's caseworkers.
                if open && stored.event.kind == Kind::Noted {
                    done.notes_left_out += 1;
                    continue;
                }
                let line = serde_json::json!({"seq": stored.seq, "received_at": stored.received_at, "by": stored.by, "marks": stored.marks});
                let mut text = line.to_string();
                text.truncate(text.len() - 1);
                writer.write(format!("{text},\"event\":{}}}\n", stored.event.canonical()).as_bytes())?;
                done.events += 1;
            }
        }
        writer.end()?;
        Ok(done)
    }
}

/// Where lines go: into the file as they are, or sealed.
enum Out<'a> {
    Open(&'a mut dyn Write),
    Sealed(SealedFile<'a>),
}

impl<'a> Out<'a> {
    fn begin(registry: &'a Registry, open: bool, out: &'a mut dyn Write) -> Result<Self> {
        Ok(if open {
            Self::Open(out)
        } else {
            Self::Sealed(registry.sealed_file(&sealed_file::EVENTS, out)?)
        })
    }

    fn write(&mut self, line: &[u8]) -> Result<()> {
        match self {
            Self::Open(out) => out.write_all(line).map_err(writing),
            Self::Sealed(file) => file.add(line),
        }
    }

    fn end(self) -> Result<()> {
        match self {
            Self::Open(out) => out.flush().map_err(writing),
            Self::Sealed(file) => file.end(),
        }
    }
}
