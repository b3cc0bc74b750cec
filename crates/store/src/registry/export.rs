//! Taking households out, sealed or open.
//!
//! A file is lines of JSON, one for each event. Sealed, it is the word [`MAGIC`], a data key wrapped by the deployment's key, and pieces that
//! each begin with their length.

use std::io::Write;

use jiff::Timestamp;

use super::read::events_of;
use super::seal::{DataKey, Entropy};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// What a sealed file begins with.
pub(super) const MAGIC: &[u8] = b"phteah-registry-export-1\n";
/// What the key of a sealed file is wrapped as, and its pieces are sealed as.
pub(super) const OF_EXPORT: &[u8] = b"export\0";
/// Bytes of a piece.
pub(super) const PIECE_BYTES: usize = 1 << 20;

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Households.
    pub households: usize,
    /// Their events.
    pub events: usize,
}

impl Registry {
    /// Writes the events of all households that an actor may know of. Open files need a reason and leave hidden households out.
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
        let inner = self.inner();
        let mut writer = Sink::begin(out, (!open).then_some((&inner.ring(), &inner.entropy)))?;
        let mut done = Exported {
            households: entries.len(),
            events: 0,
        };
        for entry in entries {
            for stored in self.read(|conn| events_of(conn, &entry))? {
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

fn writing(source: std::io::Error) -> StoreError {
    StoreError::Io {
        doing: "writing the file".to_owned(),
        source,
    }
}

pub(super) fn piece_of(number: u64, is_last: bool) -> Vec<u8> {
    [OF_EXPORT, &number.to_be_bytes(), &[u8::from(is_last)]].concat()
}

/// Where lines go: into the file as they are, or sealed in pieces.
struct Sink<'a> {
    out: &'a mut dyn Write,
    sealing: Option<(DataKey, &'a Entropy)>,
    piece: Vec<u8>,
    number: u64,
}

impl<'a> Sink<'a> {
    fn begin(out: &'a mut dyn Write, sealing: Option<(&super::seal::KeyRing, &'a Entropy)>) -> Result<Self> {
        let sealing = match sealing {
            None => None,
            Some((ring, entropy)) => {
                let key = DataKey::make(entropy)?;
                let wrapped = ring.current().wrap(&key, OF_EXPORT, entropy)?;
                let head = [MAGIC, &(wrapped.len() as u32).to_be_bytes(), &wrapped].concat();
                out.write_all(&head).map_err(writing)?;
                Some((key, entropy))
            }
        };
        Ok(Self {
            out,
            sealing,
            piece: Vec::new(),
            number: 0,
        })
    }

    fn write(&mut self, line: &[u8]) -> Result<()> {
        if self.sealing.is_none() {
            return self.out.write_all(line).map_err(writing);
        }
        self.piece.extend_from_slice(line);
        if self.piece.len() >= PIECE_BYTES {
            self.seal(false)
        } else {
            Ok(())
        }
    }

    /// The last piece says that it is: a file that was cut off is told.
    fn end(mut self) -> Result<()> {
        if self.sealing.is_some() {
            self.seal(true)?;
        }
        self.out.flush().map_err(writing)
    }

    fn seal(&mut self, is_last: bool) -> Result<()> {
        let Some((key, entropy)) = &self.sealing else {
            return Ok(());
        };
        let sealed = key.seal(&piece_of(self.number, is_last), &self.piece, entropy)?;
        let head = (sealed.len() as u32).to_be_bytes();
        self.out
            .write_all(&head)
            .and_then(|()| self.out.write_all(&sealed))
            .map_err(writing)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }
}
