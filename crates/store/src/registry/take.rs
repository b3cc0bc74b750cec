//! Taking in a file of events: one that [`Registry::export`] wrote, lines of events, or the queue that a phone has handed over.

use std::io::{BufRead, Read};

use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;

use super::push::Clocks;
use super::quarantine::QuarantineState;
use super::sealed_file::{self, Pieces, reading};
use super::store::Registry;
use super::{Incoming, MAX_BATCH, ReceiptStatus};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::tasks::AnswerableTasks;

/// The longest line that is read, in bytes.
const MAX_LINE_BYTES: u64 = 32 << 20;
/// The longest document that goes over several lines, in bytes: the queue of one phone.
const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// The most that a clock is believed to be wrong, in seconds: a hundred years.
const MAX_OFFSET_S: i64 = 100 * 31_557_600;

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
    /// Left out: their households were erased, and what was erased does not come back.
    pub erased: usize,
}

/// The most quarantined events of a file that are told one by one.
const MAX_TOLD: usize = 1_000;

impl Registry {
    /// Takes in a file of events: one that [`Registry::export`] wrote, lines of events, or what a phone has handed over
    /// (`{"events": [event, …]}`, on one line or on many). As often as one likes: what is stored already is a duplicate.
    /// Of a file that the command line takes in, events of households that were erased are left out.
    ///
    /// `tasks` are those that the actor may answer.
    pub fn take_file(
        &self,
        actor: &Actor,
        tasks: &AnswerableTasks,
        input: &mut dyn Read,
        now: Timestamp,
    ) -> Result<Taken> {
        self.refresh()?;
        let mut taking = Taking::new(self, actor, tasks, now);
        let mut lines = Lines::begin(input, self)?;
        let mut may_be_document = !lines.pieces.is_sealed();
        while let Some(line) = lines.next_line()? {
            if std::mem::take(&mut may_be_document) && !is_json(&line) {
                // No line of events: perhaps a document that goes over many.
                let text = lines.document(line)?;
                taking.document(&text)?;
            } else {
                taking.line(lines.number, &line)?;
            }
        }
        taking.end()
    }
}

impl Registry {
    /// Whether an event is about a household that was erased. What a phone hands over of one is kept until a coordinator has seen it; a file of
    /// ours holds only what was known when it was erased.
    fn is_erased(&self, incoming: &Incoming) -> bool {
        let household = match &incoming.event {
            Ok(event) => Some(event.household),
            Err(unreadable) => unreadable.household,
        };
        let directory = self.directory();
        household
            .and_then(|id| directory.find(id))
            .is_some_and(|entry| entry.key.is_none())
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// What an object of a file may hold beside what an event holds.
#[derive(Debug, Default, serde::Deserialize)]
struct Document<'a> {
    /// The event of a line of an export.
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    /// The events of a phone.
    #[serde(borrow, default)]
    events: Option<Vec<&'a RawValue>>,
    /// The phone's clock when it made the file.
    #[serde(borrow, default)]
    device_time: Option<&'a RawValue>,
    /// The phone's clock less the server's, in seconds, as it was last measured before.
    #[serde(borrow, default)]
    clock_offset_s: Option<&'a RawValue>,
}

impl Document<'_> {
    /// How wrong the phone's clock was. A clock that is ahead of ours even now was ahead by as much when the file was made.
    fn offset(&self, now: Timestamp) -> Option<SignedDuration> {
        let told = self
            .clock_offset_s
            .and_then(|told| serde_json::from_str::<f64>(told.get()).ok())
            .map(|told| SignedDuration::from_secs((told as i64).clamp(-MAX_OFFSET_S, MAX_OFFSET_S)));
        let ahead = self
            .device_time
            .and_then(|time| serde_json::from_str::<Timestamp>(time.get()).ok())
            .map(|time| time.duration_since(now))
            .filter(|ahead| *ahead > told.unwrap_or_default().max(SignedDuration::ZERO));
        ahead.or(told)
    }
}

/// Takes events in, batch by batch.
struct Taking<'a> {
    registry: &'a Registry,
    actor: &'a Actor,
    tasks: &'a AnswerableTasks,
    clocks: Clocks,
    batch: Vec<(usize, Incoming)>,
    taken: Taken,
}

impl<'a> Taking<'a> {
    fn new(registry: &'a Registry, actor: &'a Actor, tasks: &'a AnswerableTasks, now: Timestamp) -> Self {
        Self {
            registry,
            actor,
            tasks,
            clocks: Clocks { now, offset: None },
            batch: Vec::new(),
            taken: Taken::default(),
        }
    }

    /// A document that goes over several lines; where it does not end as it should, the events that are whole on their lines.
    fn document(&mut self, text: &str) -> Result<()> {
        if let Ok(Document {
            events: Some(events), ..
        }) = serde_json::from_str::<Document<'_>>(text)
        {
            self.clocks_of(text)?;
            let (mut line, mut at) = (1, 0);
            for event in events {
                let begins = event.get().as_ptr() as usize - text.as_ptr() as usize;
                line += text[at..begins].matches('\n').count();
                at = begins;
                self.event(line, event.get())?;
            }
            return Ok(());
        }
        let lines = || {
            text.lines()
                .map(|line| line.trim().trim_end_matches(','))
                .zip(1..)
                .filter(|(line, _)| !line.is_empty())
        };
        if !lines().any(|(line, _)| line.starts_with('{') && is_json(line)) {
            return Err(StoreError::Usage(
                "The file is no file of events, or it is cut off before the first of them ends. Bring it again.".into(),
            ));
        }
        for (line, number) in lines() {
            let is_head = line.starts_with('{') && line.ends_with('[');
            if is_head {
                self.clocks_of(&format!("{line}]}}"))?;
            } else if line != "]" && line != "]}" {
                self.line(number, line)?;
            }
        }
        Ok(())
    }

    /// A line: of an export, of a handed-over queue, or an event, whatever it is.
    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        match serde_json::from_str::<Document<'_>>(line) {
            Ok(Document {
                event: Some(event), ..
            }) => self.event(number, event.get()),
            Ok(Document {
                events: Some(events), ..
            }) => {
                self.clocks_of(line)?;
                events
                    .into_iter()
                    .try_for_each(|event| self.event(number, event.get()))
            }
            _ => self.event(number, line),
        }
    }

    /// From here on the events are of a phone whose clock was wrong by as much as the document says.
    fn clocks_of(&mut self, document: &str) -> Result<()> {
        let document: Document<'_> = serde_json::from_str(document).unwrap_or_default();
        let offset = document.offset(self.clocks.now);
        if offset != self.clocks.offset {
            self.flush()?;
            self.clocks.offset = offset;
        }
        Ok(())
    }

    fn event(&mut self, line: usize, text: &str) -> Result<()> {
        let incoming = Incoming::read(text).of_tasks(self.tasks);
        if self.actor.is_command_line() && self.registry.is_erased(&incoming) {
            self.taken.erased += 1;
            return Ok(());
        }
        self.batch.push((line, incoming));
        if self.batch.len() == MAX_BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<Taken> {
        self.flush()?;
        Ok(self.taken)
    }

    fn flush(&mut self) -> Result<()> {
        let (lines, events): (Vec<usize>, Vec<Incoming>) =
            std::mem::take(&mut self.batch).into_iter().unzip();
        if events.is_empty() {
            return Ok(());
        }
        let receipts = self.registry.push(self.actor, events, self.clocks)?;
        let taken = &mut self.taken;
        for (line, receipt) in lines.into_iter().zip(receipts) {
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

/// Lines of a file, sealed or open.
struct Lines<'a> {
    pieces: Pieces<'a>,
    /// What was opened and not given yet.
    opened: Vec<u8>,
    at: usize,
    /// The number of the last line that was given, from 1.
    number: usize,
}

impl<'a> Lines<'a> {
    fn begin(input: &'a mut dyn Read, registry: &Registry) -> Result<Self> {
        Ok(Self {
            pieces: Pieces::begin(registry, &sealed_file::EVENTS, input)?,
            opened: Vec::new(),
            at: 0,
            number: 0,
        })
    }

    /// The next line that is not empty.
    fn next_line(&mut self) -> Result<Option<String>> {
        loop {
            let line = if self.pieces.is_sealed() {
                self.sealed_line()?
            } else {
                self.plain_line()?
            };
            self.number += 1;
            match line {
                None => return Ok(None),
                Some(line) if line.trim().is_empty() => {}
                Some(line) => return Ok(Some(line)),
            }
        }
    }

    /// The rest of a file that begins with a line, as far as one document may go.
    fn document(&mut self, first: String) -> Result<String> {
        let mut text = first;
        while text.len() < MAX_DOCUMENT_BYTES
            && let Some(line) = self.plain_line()?
        {
            self.number += 1;
            text.push_str(&line);
        }
        Ok(text)
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
