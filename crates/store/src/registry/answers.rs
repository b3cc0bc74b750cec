//! What teams have answered to tasks: events of the kind `task_answered` whose record is the task itself. They are about places and belong
//! to no household, so they lie apart, sealed each with a data key of its own. All answers of a task are kept; the newest counts.
//!
//! Which tasks there are, and who may answer them, the store of accounts knows: [`Incoming::of_tasks`] brings the two together.

use std::collections::{BTreeMap, BTreeSet};

use phteah_registry::check::{self, Code, Fault};
use phteah_registry::event::{Event, EventId, HouseholdId, Kind};
use zeroize::Zeroizing;

use super::change::Change;
use super::files::{self, FileHash};
use super::push::{self, Header, Incoming, Placed, Refused, Sender};
use super::read::{StoredEvent, event_id, stored as stored_event};
use super::seal::DataKey;
use super::store::{Registry, household_id};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::sql::{OptionalExtension, params};
use crate::tasks::AnswerableTasks;

/// The most answers of one task.
pub const MAX_ANSWERS: usize = 100;

impl Incoming {
    /// Whether it says that it answers a task.
    pub fn is_task_answer(&self) -> bool {
        self.event
            .as_ref()
            .is_ok_and(|event| event.kind == Kind::TaskAnswered)
    }

    /// The same, taken as the answer of its task where that is one of these.
    #[must_use]
    pub fn of_tasks(mut self, tasks: &AnswerableTasks) -> Self {
        self.answers_task = self.event.as_ref().is_ok_and(|event| {
            event.kind == Kind::TaskAnswered
                && names_its_record(event)
                && tasks.has(&event.household.to_string())
        });
        self
    }
}

impl crate::Store {
    /// Events as they came, those that answer tasks which the actor may answer taken as their answers.
    pub fn for_tasks(&self, actor: &Actor, events: Vec<Incoming>) -> Result<Vec<Incoming>> {
        if !events.iter().any(Incoming::is_task_answer) {
            return Ok(events);
        }
        let tasks = self.answerable_tasks(actor)?;
        Ok(events.into_iter().map(|event| event.of_tasks(&tasks)).collect())
    }
}

impl Registry {
    /// What came back for these tasks, which the caller has from [`crate::Store::tasks`]: of each its answers, the newest first.
    pub fn task_answers(
        &self,
        actor: &Actor,
        tasks: &[crate::Task],
    ) -> Result<BTreeMap<String, Vec<StoredEvent>>> {
        may_know(actor)?;
        let failed = StoreError::sqlite("reading the answers of tasks");
        self.read(|conn| {
            let mut statement = conn
                .prepare_cached(
                    "SELECT n, id, data_key, sealed FROM task_answer WHERE task = ?1 ORDER BY n DESC",
                )
                .map_err(&failed)?;
            let mut answers = BTreeMap::new();
            for task in tasks {
                let Ok(record) = task.id.parse::<HouseholdId>() else {
                    continue;
                };
                let rows: Vec<(i64, [u8; 16], Vec<u8>, Vec<u8>)> = statement
                    .query_map([*record.uuid().as_bytes()], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })
                    .and_then(Iterator::collect)
                    .map_err(&failed)?;
                let mut of_task = Vec::with_capacity(rows.len());
                for (seq, id, wrapped, sealed) in rows {
                    let (header, text) =
                        self.inner()
                            .open_answer(record, event_id(id)?, &wrapped, &sealed)?;
                    of_task.push(stored_event(seq, header, &text)?);
                }
                if !of_task.is_empty() {
                    answers.insert(task.id.clone(), of_task);
                }
            }
            Ok(answers)
        })
    }

    /// The ids of the tasks that somebody has answered.
    pub fn answered_tasks(&self, actor: &Actor) -> Result<BTreeSet<String>> {
        may_know(actor)?;
        let failed = StoreError::sqlite("reading which tasks are answered");
        let ids: Vec<[u8; 16]> = self.read(|conn| {
            conn.prepare_cached("SELECT DISTINCT task FROM task_answer")
                .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
                .map_err(&failed)
        })?;
        ids.into_iter()
            .map(|id| Ok(household_id(id)?.to_string()))
            .collect()
    }

    /// The bytes of a photo or sound that an answer of this task names. The caller has the task from [`crate::Store::tasks`].
    pub fn task_file(&self, actor: &Actor, task: &crate::Task, hash: FileHash) -> Result<Zeroizing<Vec<u8>>> {
        may_know(actor)?;
        let none = files::no_such_file;
        let record: HouseholdId = task.id.parse().map_err(|_| none())?;
        let ring = self.inner().ring();
        self.read(|conn| {
            let team: Option<String> = conn
                .prepare_cached("SELECT team FROM task_file WHERE task = ?1 AND hash = ?2")
                .and_then(|mut s| {
                    s.query_row(params![*record.uuid().as_bytes(), hash.bytes()], |row| row.get(0))
                        .optional()
                })
                .map_err(StoreError::sqlite("reading whose a file is"))?;
            files::opened(conn, &ring, hash, &team.ok_or_else(none)?)
        })
    }
}

/// Whoever may know of tasks may know what came back.
fn may_know(actor: &Actor) -> Result<()> {
    if actor.reach(Right::ProposePlacements).is_some() {
        return Ok(());
    }
    actor.require(Right::RecordEvents).map(|_| ())
}

/// Whether the task that an event names is the record that it is about.
fn names_its_record(event: &Event) -> bool {
    event
        .text("task")
        .and_then(|task| task.trim().parse::<HouseholdId>().ok())
        == Some(event.household)
}

fn of_key(id: EventId) -> Vec<u8> {
    [&b"task answer\0"[..], id.uuid().as_bytes()].concat()
}

/// Stores an answer to a task that its sender may answer.
pub(super) fn place(change: &mut Change<'_>, sender: &Sender, event: &Event) -> Result<Placed> {
    let canonical = Zeroizing::new(event.canonical());
    if let Some(stored) = stored(change, event.id, &canonical)? {
        // The sender may know of this task. Of another one whose answer has this id nothing is told.
        let is_known = stored.task == event.household || sender.may_know_of(&stored.by);
        return Ok(if !is_known {
            Placed::Refused(Refused::NoTask)
        } else if stored.same {
            Placed::Duplicate(stored.n)
        } else {
            push::refused(Code::IdReused)
        });
    }
    if let Some(stored) = push::stored(change, event.id, &canonical)? {
        return Ok(if stored.is_known_to(sender) {
            push::refused(Code::IdReused)
        } else {
            Placed::Refused(Refused::NoTask)
        });
    }
    let faults: Vec<Fault> = check::faults(event, sender.clocks.now);
    if !faults.is_empty() && !push::is_forgiven(sender, &faults) {
        return Ok(Placed::Refused(Refused::Faults(faults)));
    }
    let kept: i64 = change
        .conn()
        .prepare_cached("SELECT count(*) FROM task_answer WHERE task = ?1")
        .and_then(|mut s| s.query_row([event.household.uuid().as_bytes()], |row| row.get(0)))
        .map_err(StoreError::sqlite("counting the answers of a task"))?;
    if kept >= MAX_ANSWERS as i64 {
        return Ok(Placed::Refused(Refused::TaskFull));
    }
    let seq = change.next();
    let marks = check::marks(event, sender.clocks.now, sender.clocks.offset);
    let key = DataKey::make(change.entropy())?;
    let wrapped = change
        .ring()
        .current()
        .wrap(&key, &of_key(event.id), change.entropy())?;
    let sealed = push::seal_event(change, sender, &key, event, &canonical, &marks)?;
    change
        .conn()
        .prepare_cached("INSERT INTO task_answer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .and_then(|mut s| {
            s.execute(params![
                seq,
                event.id.uuid().as_bytes(),
                event.household.uuid().as_bytes(),
                sender.team,
                push::day(sender.clocks.now),
                wrapped,
                sealed
            ])
        })
        .map_err(StoreError::sqlite("writing the answer of a task"))?;
    for hash in &event.files {
        keep_file(change, sender, event.household, hash)?;
    }
    Ok(Placed::Stored {
        seq,
        notes: marks.iter().map(|mark| push::note(*mark)).collect(),
        beside: None,
    })
}

/// Writes down that a file belongs to a task. Files come from devices, each of which works for one team.
fn keep_file(change: &Change<'_>, sender: &Sender, task: HouseholdId, hash: &str) -> Result<()> {
    let (Some(hash), Some(team)) = (FileHash::read(hash), &sender.team) else {
        return Ok(());
    };
    change
        .conn()
        .prepare_cached("INSERT OR IGNORE INTO task_file VALUES (?1, ?2, ?3)")
        .and_then(|mut s| s.execute(params![task.uuid().as_bytes(), hash.bytes(), team]))
        .map(|_| ())
        .map_err(StoreError::sqlite("writing whose a file is"))
}

/// An answer that is stored under the id of one that has come.
struct Stored {
    n: i64,
    task: HouseholdId,
    /// Whether it is the same one.
    same: bool,
    /// Who sent it.
    by: String,
}

/// The answer that is stored under this id.
fn stored(change: &Change<'_>, id: EventId, canonical: &str) -> Result<Option<Stored>> {
    let found: Option<(i64, [u8; 16], Vec<u8>, Vec<u8>)> = change
        .conn()
        .prepare_cached("SELECT n, task, data_key, sealed FROM task_answer WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([id.uuid().as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()
        })
        .map_err(StoreError::sqlite("looking for the answer of a task"))?;
    let Some((n, task, wrapped, sealed)) = found else {
        return Ok(None);
    };
    let key = change
        .ring()
        .unwrap(&wrapped, &of_key(id))?
        .ok_or(StoreError::Sealed("the key of an answer to a task"))?;
    let task = household_id(task)?;
    let (header, text) = push::open_event(&key, task, id, &sealed)?;
    Ok(Some(Stored {
        n,
        task,
        same: text.as_str() == canonical,
        by: header.by,
    }))
}

/// Who has sent the answer to a task that has this id; `None` where there is none.
pub(super) fn sent_by(change: &Change<'_>, id: EventId) -> Result<Option<String>> {
    Ok(stored(change, id, "")?.map(|stored| stored.by))
}

impl super::store::Inner {
    fn open_answer(
        &self,
        task: HouseholdId,
        id: EventId,
        wrapped: &[u8],
        sealed: &[u8],
    ) -> Result<(Header, Zeroizing<String>)> {
        let key = self.unwrap_key(wrapped, &of_key(id))?;
        push::open_event(&key, task, id, sealed)
    }
}
