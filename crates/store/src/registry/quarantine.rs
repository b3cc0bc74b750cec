//! Where an event lies that cannot be accepted as it is: whole and readable, until a coordinator releases or dismisses it with a reason.

use std::collections::BTreeSet;

use crate::sql::{OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use phteah_registry::check::{Code, Fault};
use phteah_registry::event::{EventId, HouseholdId, Kind, Value};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::change::Change;
use super::directory::Directory;
use super::push::{Clocks, Incoming, Note, Placed, Receipt, ReceiptStatus, Sender, day};
use super::read::{OF_A_NOTE, no_such_household, reads_notes};
use super::seal::{DataKey, KeyRing};
use super::store::{Registry, household_id};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, DeviceId, TeamId};
use crate::rights::Right;
use crate::store::Store;
use crate::tasks::AnswerableTasks;
use crate::trail;

/// The most entries that are listed at once.
pub const MAX_QUARANTINE_PAGE: usize = 500;
/// Bytes that are taken from one team in a day.
const MAX_BYTES_A_DAY: i64 = 24 << 20;
/// Events of a new household that are taken up again when it begins.
const MAX_TAKEN_UP: usize = 1_000;

/// Why an event lies here.
pub(super) enum Reason<'a> {
    /// The event itself.
    Faults(&'a [Fault]),
    /// What else is stored: a code and a sentence.
    Store(&'a str, &'a str),
}

impl Reason<'_> {
    pub fn notes(&self) -> Vec<Note> {
        match self {
            Self::Faults(faults) => faults
                .iter()
                .map(|fault| Note {
                    code: fault.code.as_str().to_owned(),
                    message: fault.message.clone(),
                })
                .collect(),
            Self::Store(code, message) => vec![Note {
                code: (*code).to_owned(),
                message: (*message).to_owned(),
            }],
        }
    }
}

/// Whether somebody has decided about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuarantineState {
    /// Nobody has.
    Open,
    /// The event counts.
    Released,
    /// The event counts for nothing, for good. It is kept.
    Dismissed,
}

impl QuarantineState {
    /// The word in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Released => "released",
            Self::Dismissed => "dismissed",
        }
    }

    fn read(word: &str) -> Result<Self> {
        [Self::Open, Self::Released, Self::Dismissed]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| StoreError::DamagedRegistry("the state of a quarantined event".into()))
    }
}

/// A quarantined event.
#[derive(Debug, Clone)]
pub struct QuarantineEntry {
    /// Its number within the quarantine.
    pub n: i64,
    /// Whether somebody has decided about it.
    pub state: QuarantineState,
    /// The team that it came from.
    pub team: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// Who sent it.
    pub by: String,
    /// What is against it.
    pub notes: Vec<Note>,
    /// The event as it came. A protected note has no text for whoever may not read the household's notes, and of an event about a household that
    /// the reader may not know of, or that does not exist, no more is shown than its kind and its days, unless it begins one.
    pub raw: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Header {
    id: Option<String>,
    received_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset_s: Option<i64>,
    by: String,
    notes: Vec<(String, String)>,
}

impl Header {
    fn notes(&self) -> Vec<Note> {
        let pairs = self.notes.iter().cloned();
        pairs.map(|(code, message)| Note { code, message }).collect()
    }

    fn receipt(&self) -> Receipt {
        Receipt {
            id: self.id.clone(),
            status: ReceiptStatus::Quarantined,
            seq: None,
            notes: self.notes(),
            conflicts: Vec::new(),
        }
    }
}

fn sealed_as(digest: &[u8; 32]) -> Vec<u8> {
    [&b"quarantine\0"[..], digest].concat()
}

/// Keeps an event here. The same bytes sent again are the same entry.
pub(super) fn keep(
    change: &mut Change<'_>,
    sender: &Sender,
    incoming: &Incoming,
    household: Option<HouseholdId>,
    reason: &Reason<'_>,
) -> Result<Receipt> {
    let failed = StoreError::sqlite("writing the quarantine");
    let (id, text) = match &incoming.event {
        Ok(event) => (Some(event.id.to_string()), event.canonical()),
        Err(unreadable) => (unreadable.id.clone(), incoming.raw.clone()),
    };
    let notes = reason.notes();
    let code = notes
        .first()
        .map_or("unknown", |note| note.code.as_str())
        .to_owned();
    let header = Header {
        id,
        received_at: sender.clocks.now,
        offset_s: sender.clocks.offset.map(|offset| offset.as_secs()),
        by: sender.actor.id().to_string(),
        notes: notes.into_iter().map(|note| (note.code, note.message)).collect(),
    };
    let digest = change.blind().blind(&[b"quarantine", text.as_bytes()]);
    let known: bool = change
        .conn()
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM quarantine WHERE digest = ?1)")
        .and_then(|mut s| s.query_row([digest], |row| row.get(0)))
        .map_err(&failed)?;
    if known {
        return Ok(header.receipt());
    }
    if !sender.actor.is_command_line() {
        has_room(change, sender, incoming.raw.len())?;
    }
    let key = DataKey::make(change.entropy())?;
    let wrapped = change
        .ring()
        .current()
        .wrap(&key, &sealed_as(&digest), change.entropy())?;
    let mut plain = Zeroizing::new(
        serde_json::to_vec(&header).map_err(|_| StoreError::DamagedRegistry("a header".into()))?,
    );
    plain.push(b'\n');
    plain.extend_from_slice(incoming.raw.as_bytes());
    let sealed = key.seal(&sealed_as(&digest), &plain, change.entropy())?;
    change
        .conn()
        .prepare_cached(
            "INSERT INTO quarantine (digest, household, code, team, received_on, state, data_key, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7)",
        )
        .and_then(|mut s| {
            s.execute(params![
                digest,
                household.map(|id| *id.uuid().as_bytes()),
                code,
                sender.team,
                day(sender.clocks.now),
                wrapped,
                sealed
            ])
        })
        .map_err(failed)?;
    Ok(header.receipt())
}

/// Refuses what would fill the disk: a phone that was lost, or is broken, could send what cannot be accepted without end.
fn has_room(change: &Change<'_>, sender: &Sender, more: usize) -> Result<()> {
    let kept: i64 = change
        .conn()
        .prepare_cached(
            "SELECT coalesce(sum(length(sealed)), 0) FROM quarantine
             WHERE coalesce(team, '') = coalesce(?1, '') AND received_on = ?2",
        )
        .and_then(|mut s| s.query_row(params![sender.team, day(sender.clocks.now)], |row| row.get(0)))
        .map_err(StoreError::sqlite("measuring the quarantine"))?;
    if kept.saturating_add(i64::try_from(more).unwrap_or(i64::MAX)) <= MAX_BYTES_A_DAY {
        return Ok(());
    }
    Err(StoreError::Refused {
        code: "quarantine_full",
        message: "So much came from this team today that cannot be accepted as it is that no more of it is taken before tomorrow. Nothing of \
                  this batch was taken: it stays on the phone. Ask a coordinator to look into the quarantine."
            .to_owned(),
    })
}

/// Takes up again what came before its household had begun, from the same team.
pub(super) fn take_up(change: &mut Change<'_>, sender: &Sender, household: HouseholdId) -> Result<()> {
    let failed = StoreError::sqlite("reading the quarantine");
    let rows: Vec<Row> = change
        .conn()
        .prepare_cached(
            "SELECT n, digest, state, team, data_key, sealed FROM quarantine
             WHERE household = ?1 AND state = 'open' AND code = ?2 AND team IS NOT DISTINCT FROM ?3 ORDER BY n LIMIT ?4",
        )
        .and_then(|mut s| {
            s.query_map(
                params![
                    household.uuid().as_bytes(),
                    Code::OutOfScope.as_str(),
                    sender.team,
                    MAX_TAKEN_UP as i64
                ],
                Row::read,
            )?
            .collect()
        })
        .map_err(failed)?;
    for row in rows {
        let (header, raw) = row.open(change.ring())?;
        let incoming = Incoming::read(&raw);
        let Ok(event) = &incoming.event else {
            continue;
        };
        let sender = Sender {
            clocks: header.clocks(),
            ..sender.clone()
        };
        if let Placed::Stored { .. } = incoming.place(change, &sender, event)? {
            decide(change, row.n, QuarantineState::Released)?;
        }
    }
    Ok(())
}

impl Header {
    fn clocks(&self) -> Clocks {
        Clocks {
            now: self.received_at,
            offset: self.offset_s.map(SignedDuration::from_secs),
        }
    }
}

struct Row {
    n: i64,
    digest: [u8; 32],
    state: String,
    team: Option<String>,
    wrapped: Option<Vec<u8>>,
    sealed: Option<Vec<u8>>,
}

const COLUMNS: &str = "n, digest, state, team, data_key, sealed";

impl Row {
    fn read(row: &crate::sql::Row<'_>) -> crate::sql::Result<Self> {
        Ok(Self {
            n: row.get(0)?,
            digest: row.get(1)?,
            state: row.get(2)?,
            team: row.get(3)?,
            wrapped: row.get(4)?,
            sealed: row.get(5)?,
        })
    }

    fn open(&self, ring: &KeyRing) -> Result<(Header, Zeroizing<String>)> {
        let damaged = || StoreError::DamagedRegistry("a quarantined event".into());
        let (Some(wrapped), Some(sealed)) = (&self.wrapped, &self.sealed) else {
            return Err(StoreError::NotFound(
                "This event was erased with its household.".into(),
            ));
        };
        let of = sealed_as(&self.digest);
        let key = ring
            .unwrap(wrapped, &of)?
            .ok_or(StoreError::Sealed("a data key of the quarantine"))?;
        let opened = key.open(&of, sealed)?;
        let at = opened
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(damaged)?;
        let header = serde_json::from_slice(&opened[..at]).map_err(|_| damaged())?;
        let raw = String::from_utf8(opened[at + 1..].to_vec()).map_err(|_| damaged())?;
        Ok((header, Zeroizing::new(raw)))
    }

    /// The entry, and whether the content of its event is shown.
    fn entry(self, ring: &KeyRing, reader: Reader) -> Result<(QuarantineEntry, bool)> {
        let (header, raw) = self.open(ring)?;
        let is_shown = reader.sees || may_begin(&raw);
        let withheld = if !is_shown {
            Some(outline(&raw))
        } else if reader.reads_notes {
            None
        } else {
            without_note(&raw)
        };
        let entry = QuarantineEntry {
            n: self.n,
            state: QuarantineState::read(&self.state)?,
            team: self.team,
            received_at: header.received_at,
            notes: header.notes(),
            by: header.by,
            raw: withheld.unwrap_or_else(|| raw.to_string()),
        };
        Ok((entry, is_shown))
    }
}

/// What somebody may see of an entry.
#[derive(Clone, Copy)]
struct Reader {
    /// The household, or there is none to be seen: the event names none that can be read.
    sees: bool,
    /// Its protected notes.
    reads_notes: bool,
}

/// Whether an event begins a household: then it has to be judged by what it says, whether or not there is such a household.
fn may_begin(raw: &str) -> bool {
    let event: serde_json::Value = serde_json::from_str(raw).unwrap_or_default();
    let kind = event["kind"].as_str().unwrap_or_default();
    [Kind::Surveyed, Kind::ConsentGiven]
        .iter()
        .any(|begins| begins.as_str() == kind)
}

/// What is shown of an event whose household is out of sight: the same whether it is another team's, is hidden, or does not exist.
fn outline(raw: &str) -> String {
    let mut event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(raw).unwrap_or_default();
    event.retain(|name, value| {
        matches!(name.as_str(), "kind" | "happened_on" | "recorded_at") && value.is_string()
    });
    serde_json::to_string(&event).unwrap_or_default()
}

/// An event without the text of a protected note; `None` where it holds none. What cannot be read as an object, and may be a note, is left out
/// whole.
fn without_note(raw: &str) -> Option<String> {
    let Ok(mut event) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(raw) else {
        return raw.contains("note").then(|| "{}".to_owned());
    };
    // The first of two names that are the same is not seen in what was read.
    let is_note = event.get("kind").and_then(serde_json::Value::as_str) == Some(Kind::Noted.as_str())
        || raw.contains("\"noted\"");
    if is_note {
        event.retain(|name, _| OF_A_NOTE.contains(&name.as_str()));
    } else if event.remove("note").is_none() {
        return None;
    }
    serde_json::to_string(&event).ok()
}

/// Writes down that values of these households were shown in a list, once for each.
pub(super) fn log_shown(
    change: &Change<'_>,
    actor: &Actor,
    households: &BTreeSet<HouseholdId>,
    list: &str,
    now: Timestamp,
) -> Result<()> {
    for household in households {
        let row = trail::Entry {
            what: "household_read",
            subject: &household.to_string(),
            why: list,
            detail: "",
        };
        trail::append(change.transaction(), actor, &row, now)?;
    }
    Ok(())
}

fn decide(change: &Change<'_>, n: i64, state: QuarantineState) -> Result<()> {
    change
        .conn()
        .prepare_cached("UPDATE quarantine SET state = ?2 WHERE n = ?1")
        .and_then(|mut s| s.execute(params![n, state.as_str()]))
        .map(|_| ())
        .map_err(StoreError::sqlite("writing the quarantine"))
}

fn no_such_entry() -> StoreError {
    StoreError::NotFound("There is no such event in quarantine.".into())
}

/// Whether an actor may deal with what came from a team.
fn reaches(actor: &Actor, right: Right, team: Option<&str>) -> bool {
    match actor.reach(right) {
        Some(crate::rights::Reach::All) => true,
        Some(_) => team.is_some_and(|team| actor.scope().teams.iter().any(|own| own.as_str() == team)),
        None => false,
    }
}

impl Registry {
    /// Quarantined events with numbers after `after`, in order, at most [`MAX_QUARANTINE_PAGE`]; of everybody's state, or of one. That they were
    /// shown is written down for each household that they are about.
    pub fn quarantine(
        &self,
        actor: &Actor,
        state: Option<QuarantineState>,
        after: i64,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<QuarantineEntry>> {
        let ring = self.inner().ring();
        let mut shown = BTreeSet::new();
        let entries = self.each_quarantined(actor, state, after, limit, |row, household| {
            let household = household.map(household_id).transpose()?;
            let reader = household.map_or(
                Reader {
                    sees: true,
                    reads_notes: false,
                },
                |id| {
                    let directory = self.directory();
                    let entry = directory.find(id);
                    Reader {
                        sees: actor.is_command_line()
                            || entry.is_some_and(|entry| entry.is_visible(actor, Right::SeeCaseDecisions)),
                        reads_notes: entry.is_some_and(|entry| reads_notes(actor, entry)),
                    }
                },
            );
            let (entry, is_shown) = row.entry(&ring, reader)?;
            shown.extend(household.filter(|_| is_shown));
            Ok(entry)
        })?;
        if !shown.is_empty() {
            let actor = actor.clone();
            self.write(move |change| log_shown(change, &actor, &shown, "quarantine", now))?;
        }
        Ok(entries)
    }

    /// How many quarantined events wait for a decision, counted up to [`MAX_QUARANTINE_PAGE`]. Nothing of them is shown.
    pub fn quarantine_waiting(&self, actor: &Actor) -> Result<usize> {
        let open = Some(QuarantineState::Open);
        let counted = self.each_quarantined(actor, open, 0, MAX_QUARANTINE_PAGE, |_, _| Ok(()))?;
        Ok(counted.len())
    }

    fn each_quarantined<T>(
        &self,
        actor: &Actor,
        state: Option<QuarantineState>,
        after: i64,
        limit: usize,
        mut take: impl FnMut(Row, Option<[u8; 16]>) -> Result<T>,
    ) -> Result<Vec<T>> {
        actor.require(Right::SeeCaseDecisions)?;
        self.refresh()?;
        let limit = limit.min(MAX_QUARANTINE_PAGE);
        let failed = StoreError::sqlite("reading the quarantine");
        self.read(|conn| {
            let mut statement = conn
                .prepare_cached(&format!(
                    "SELECT {COLUMNS}, household FROM quarantine
                     WHERE n > ?1 AND (state = ?2 OR ?2 IS NULL) AND sealed IS NOT NULL ORDER BY n LIMIT ?3"
                ))
                .map_err(&failed)?;
            let (mut entries, mut after) = (Vec::new(), after);
            loop {
                let mut rows = statement
                    .query(params![
                        after,
                        state.map(QuarantineState::as_str),
                        MAX_QUARANTINE_PAGE as i64
                    ])
                    .map_err(&failed)?;
                let mut looked_at = 0;
                while entries.len() < limit
                    && let Some(row) = rows.next().map_err(&failed)?
                {
                    let household: Option<[u8; 16]> = row.get(6).map_err(&failed)?;
                    let found = Row::read(&row).map_err(&failed)?;
                    (after, looked_at) = (found.n, looked_at + 1);
                    let (team, right) = (found.team.as_deref(), Right::SeeCaseDecisions);
                    if may_see(&self.directory(), actor, right, team, household)? {
                        entries.push(take(found, household)?);
                    }
                }
                if looked_at < MAX_QUARANTINE_PAGE {
                    return Ok(entries);
                }
            }
        })
    }

    /// Lets a quarantined event count, for a reason: where the actor may decide about its household, and about the one that it goes on in. An
    /// event about one that the actor may not know of is answered as one about a household that does not exist. One whose id is taken gets a new one and names the old. `tasks` are those that the actor may
    /// answer: the answer of another one stays where it is.
    pub fn release(
        &self,
        actor: &Actor,
        n: i64,
        tasks: &AnswerableTasks,
        why: &str,
        now: Timestamp,
    ) -> Result<Receipt> {
        let (actor, tasks, why) = (actor.clone(), tasks.clone(), why.to_owned());
        self.write(move |change| {
            let row = open_row(change, &actor, n, &why)?;
            let (header, raw) = row.open(change.ring())?;
            let incoming = Incoming::read(&raw).of_tasks(&tasks);
            let Ok(mut event) = incoming.event.clone() else {
                return Err(StoreError::Usage(
                    "This event cannot be read, so that it cannot count as it is. Have it recorded anew, then dismiss it.".into(),
                ));
            };
            if header.notes.iter().any(|(code, _)| code == Code::IdReused.as_str()) {
                let former = event.id;
                event.id = EventId::new(now, change.entropy().bytes()?);
                event.more.insert("released_from".to_owned(), Value::from(former.to_string().as_str()));
            }
            let sender = Sender {
                team: row.team.clone(),
                clocks: header.clocks(),
                released: true,
                actor: actor.clone(),
            };
            let receipt = match incoming.place(change, &sender, &event)? {
                Placed::Stored { seq, notes, .. } => Receipt {
                    id: Some(event.id.to_string()),
                    status: ReceiptStatus::Stored,
                    seq: Some(seq),
                    notes,
                    conflicts: Vec::new(),
                },
                Placed::Duplicate(seq) => Receipt {
                    id: Some(event.id.to_string()),
                    status: ReceiptStatus::Duplicate,
                    seq: Some(seq),
                    notes: Vec::new(),
                    conflicts: Vec::new(),
                },
                // Another team's household, a hidden one and none at all are answered alike.
                Placed::Refused(refused) if refused.is_out_of_scope() => return Err(no_such_household()),
                Placed::Refused(refused) => {
                    let notes = refused.as_reason().notes();
                    let message = notes.first().map_or("It cannot count as it is.", |note| note.message.as_str());
                    return Err(StoreError::Usage(format!("It cannot be released. {message}")));
                }
            };
            decide(change, n, QuarantineState::Released)?;
            log(change, &actor, "quarantine_released", n, &why, now)?;
            Ok(receipt)
        })
    }

    /// Leaves a quarantined event out for good, for a reason. It is kept, unless its household was erased: then it is erased too.
    pub fn dismiss(&self, actor: &Actor, n: i64, why: &str, now: Timestamp) -> Result<()> {
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            open_row(change, &actor, n, &why)?;
            decide(change, n, QuarantineState::Dismissed)?;
            forget_if_erased(change, n)?;
            log(change, &actor, "quarantine_dismissed", n, &why, now)
        })
    }
}

/// What an unaware phone has sent of a household that was erased goes with it, once somebody has seen that it came.
fn forget_if_erased(change: &Change<'_>, n: i64) -> Result<()> {
    change
        .conn()
        .execute(
            "UPDATE quarantine SET data_key = NULL, sealed = NULL
             WHERE n = ?1 AND household IN (SELECT id FROM household WHERE erased_on IS NOT NULL)",
            [n],
        )
        .map(|_| ())
        .map_err(StoreError::sqlite("writing the quarantine"))
}

/// Whether an entry is one for this actor: it came from the actor's team, or is about a household that the actor may know of. Of what came
/// from the own team nothing depends on whether its household is another team's, is hidden, or does not exist.
fn may_see(
    directory: &Directory,
    actor: &Actor,
    right: Right,
    team: Option<&str>,
    household: Option<[u8; 16]>,
) -> Result<bool> {
    if reaches(actor, right, team) {
        return Ok(true);
    }
    let Some(bytes) = household else { return Ok(false) };
    let entry = directory.find(household_id(bytes)?);
    Ok(entry.is_some_and(|entry| entry.is_visible(actor, right)))
}

impl Store {
    /// Who a phone's events count as sent by, when they come in a file that it has handed over: its worker in the team that it works for, even
    /// where the phone was revoked. Refused where the worker's account is disabled or has left the team: then a coordinator takes them in.
    pub fn handed_over_by(&self, actor: &Actor, device: &DeviceId) -> Result<Actor> {
        if !actor.is_command_line() {
            return Err(StoreError::no_right());
        }
        let conn = self.lock();
        let found: Option<(AccountId, TeamId)> = conn
            .query_row(
                "SELECT account, team FROM device WHERE id = ?1",
                [device],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(StoreError::sqlite("reading a device"))?;
        let none =
            || StoreError::NotFound("There is no such phone. \"phteah device list\" shows their ids.".into());
        let (worker, team) = found.ok_or_else(none)?;
        crate::actor::read_device(&conn, device, &worker, &team)?.ok_or_else(|| {
            StoreError::Usage(
                "The phone's worker has left the team or is disabled. Take the file in with \"phteah registry import\": its events then count as the \
                 command line's."
                    .into(),
            )
        })
    }
}

/// An entry that nobody has decided about, for somebody who may.
fn open_row(change: &Change<'_>, actor: &Actor, n: i64, why: &str) -> Result<Row> {
    actor.require(Right::DecideCases)?;
    if why.trim().is_empty() {
        return Err(StoreError::Usage("Say why: the reason is kept.".into()));
    }
    let (row, household): (Row, Option<[u8; 16]>) = change
        .conn()
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, household FROM quarantine WHERE n = ?1 AND sealed IS NOT NULL"
        ))
        .and_then(|mut s| {
            s.query_row([n], |row| Ok((Row::read(row)?, row.get(6)?)))
                .optional()
        })
        .map_err(StoreError::sqlite("reading the quarantine"))?
        .ok_or_else(no_such_entry)?;
    let team = row.team.as_deref();
    if !change.directory(|directory| may_see(directory, actor, Right::DecideCases, team, household))? {
        return Err(no_such_entry());
    }
    if QuarantineState::read(&row.state)? != QuarantineState::Open {
        return Err(StoreError::Usage(format!(
            "Somebody has decided about it already: it was {}.",
            row.state
        )));
    }
    Ok(row)
}

fn log(change: &Change<'_>, actor: &Actor, what: &str, n: i64, why: &str, now: Timestamp) -> Result<()> {
    let row = trail::Entry {
        what,
        subject: &format!("quarantine {n}"),
        why,
        detail: "",
    };
    trail::append(change.transaction(), actor, &row, now)
}
