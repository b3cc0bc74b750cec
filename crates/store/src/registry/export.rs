//! Taking households out, sealed or open, and taking such a file in again.
//!
//! A file is lines of JSON, one for each event; sealed as [`sealed_file`] says.

use std::io::{BufRead, Read, Write};

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::push::Clocks;
use super::quarantine::QuarantineState;
use super::read::events_of;
use super::sealed_file::{self, Pieces, SealedFile, reading, writing};
use super::store::Registry;
use super::{Incoming, MAX_BATCH, ReceiptStatus};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::tasks::AnswerableTasks;
use crate::trail;

/// The longest line that is read back, in bytes.
const MAX_LINE_BYTES: u64 = 32 << 20;

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Households.
    pub households: usize,
    /// Their events.
    pub events: usize,
}

/// What became of the events of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Stored now.
    pub stored: usize,
    /// Stored before.
    pub duplicates: usize,
    /// Kept in quarantine: the line, the code, the sentence. The first thousand.
    pub quarantined: Vec<(usize, String, String)>,
    /// How many of these.
    pub quarantined_count: usize,
}

/// The most quarantined events of a file that are told one by one.
const MAX_TOLD: usize = 1_000;

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
        let mut writer = Out::begin(self, open, out)?;
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

    /// Takes in a file of events: one that [`Registry::export`] wrote, lines of events, or what a phone has handed over
    /// (`{"events": [event, …]}`). As often as one likes: what is stored already is a duplicate.
    ///
    /// `tasks` are those that the actor may answer.
    pub fn take_file(
        &self,
        actor: &Actor,
        tasks: &AnswerableTasks,
        input: &mut dyn Read,
        now: Timestamp,
    ) -> Result<Taken> {
        let mut taken = Taken::default();
        let mut batch: Vec<(usize, Incoming)> = Vec::new();
        let mut first = Vec::new();
        (&mut *input)
            .take(MAX_LINE_BYTES)
            .read_to_end(&mut first)
            .map_err(reading)?;
        on_one_line(&mut first);
        let mut input = first.as_slice().chain(input);
        let mut lines = Lines::begin(&mut input, self)?;
        let mut number = 0;
        while let Some(line) = lines.next_line()? {
            number += 1;
            for event in events_in(&line) {
                batch.push((number, Incoming::read(event).of_tasks(tasks)));
                if batch.len() == MAX_BATCH {
                    self.take_batch(actor, &mut batch, &mut taken, now)?;
                }
            }
        }
        self.take_batch(actor, &mut batch, &mut taken, now)?;
        Ok(taken)
    }

    fn take_batch(
        &self,
        actor: &Actor,
        batch: &mut Vec<(usize, Incoming)>,
        taken: &mut Taken,
        now: Timestamp,
    ) -> Result<()> {
        let (numbers, events): (Vec<usize>, Vec<Incoming>) = std::mem::take(batch).into_iter().unzip();
        if events.is_empty() {
            return Ok(());
        }
        let receipts = self.push(actor, events, Clocks { now, offset: None })?;
        for (line, receipt) in numbers.into_iter().zip(receipts) {
            match receipt.status {
                ReceiptStatus::Stored => taken.stored += 1,
                ReceiptStatus::Duplicate => taken.duplicates += 1,
                ReceiptStatus::Quarantined => {
                    taken.quarantined_count += 1;
                    if taken.quarantined.len() < MAX_TOLD {
                        let note = receipt.notes.into_iter().next();
                        let (code, message) = note.map_or_else(
                            || (QuarantineState::Open.as_str().to_owned(), String::new()),
                            |note| (note.code, note.message),
                        );
                        taken.quarantined.push((line, code, message));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Brings what a phone has handed over onto one line: it is one text of JSON, whatever lines it was written in. Line ends stand nowhere in
/// JSON but between its parts. Anything else stays as it is.
fn on_one_line(text: &mut [u8]) {
    #[derive(serde::Deserialize)]
    struct HandedOver {
        #[allow(dead_code, reason = "that it is there is what tells")]
        events: Vec<serde::de::IgnoredAny>,
    }
    if serde_json::from_slice::<HandedOver>(text).is_ok() {
        for byte in text.iter_mut().filter(|byte| matches!(**byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
}

/// The events in a line: of an export, of a handed-over queue, or the line itself, whatever it is.
fn events_in(line: &str) -> Vec<&str> {
    #[derive(serde::Deserialize)]
    struct Wrapped<'a> {
        #[serde(borrow, default)]
        event: Option<&'a RawValue>,
        #[serde(borrow, default)]
        events: Option<Vec<&'a RawValue>>,
    }
    match serde_json::from_str::<Wrapped<'_>>(line) {
        Ok(Wrapped {
            event: Some(event), ..
        }) => vec![event.get()],
        Ok(Wrapped {
            events: Some(events), ..
        }) => events.into_iter().map(RawValue::get).collect(),
        _ => vec![line],
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

/// Lines of a file, sealed or open.
struct Lines<'a> {
    pieces: Pieces<'a>,
    /// What was opened and not given yet.
    opened: Vec<u8>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn begin(input: &'a mut dyn Read, registry: &Registry) -> Result<Self> {
        Ok(Self {
            pieces: Pieces::begin(registry, &sealed_file::EVENTS, input)?,
            opened: Vec::new(),
            at: 0,
        })
    }

    fn next_line(&mut self) -> Result<Option<String>> {
        loop {
            let line = if self.pieces.is_sealed() {
                self.sealed_line()?
            } else {
                self.plain_line()?
            };
            match line {
                None => return Ok(None),
                Some(line) if line.trim().is_empty() => {}
                Some(line) => return Ok(Some(line)),
            }
        }
    }

    fn plain_line(&mut self) -> Result<Option<String>> {
        let mut line = Vec::new();
        let read = self
            .pieces
            .plain()
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut line)
            .map_err(reading)?;
        if read as u64 == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
            return Err(StoreError::Usage(
                "A line of the file is longer than any event can be: this is no file of events.".into(),
            ));
        }
        Ok((read > 0).then(|| {
            String::from_utf8_lossy(&line)
                .trim_start_matches('\u{feff}')
                .to_owned()
        }))
    }

    fn sealed_line(&mut self) -> Result<Option<String>> {
        loop {
            let rest = &self.opened[self.at..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8_lossy(&rest[..end]).into_owned();
                self.at += end + 1;
                return Ok(Some(line));
            }
            let Some(piece) = self.pieces.next_piece()? else {
                return Ok(None);
            };
            self.opened.drain(..self.at);
            self.at = 0;
            self.opened.extend_from_slice(&piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_was_handed_over_is_read_whole_and_lines_stay_lines() {
        // As the app writes it: an event a line, within one text.
        let mut queue =
            b"{\"device\":\"d\",\"events\":[\n{\"id\":\"1\",\r\n\"note\":\"a\\nb\"},\n{\"id\":\"2\"}\n]}\n"
                .to_vec();
        on_one_line(&mut queue);
        let text = String::from_utf8(queue).unwrap();
        assert!(!text.contains('\n'));
        let events = events_in(&text);
        assert_eq!(events.len(), 2);
        assert!(events[0].contains("a\\nb"), "{}", events[0]);
        let lines = b"{\"event\":{}}\n{\"event\":{}}\n";
        let mut same = lines.to_vec();
        on_one_line(&mut same);
        assert_eq!(same, lines);
    }
}
