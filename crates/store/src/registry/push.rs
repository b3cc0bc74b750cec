//! Taking events in: each is stored, found to be there already, or kept in quarantine, and gets a receipt of its own.

use std::collections::{BTreeSet, HashSet};

use crate::sql::{OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use phteah_registry::check::{self, Code, Fault, Mark};
use phteah_registry::event::{Event, EventId, HouseholdId, Kind, MAX_EVENTS_PER_HOUSEHOLD, Unreadable};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::change::Change;
use super::directory::{Entry, Number};
use super::quarantine::{self, Reason};
use super::seal::DataKey;
use super::store::Registry;
use super::{answers, cases, conflicts, desk, facts, files};
use crate::actor::{Actor, account_of};
use crate::error::{Result, StoreError};
use crate::rights::Right;

/// Most events of one batch.
pub const MAX_BATCH: usize = 500;

/// An event as it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub(super) raw: String,
    pub(super) event: std::result::Result<Event, Unreadable>,
    /// It answers a task that its sender may answer ([`super::answers`]).
    pub(super) answers_task: bool,
}

impl Incoming {
    /// Reads what may be an event. One that cannot be read is kept as it came.
    pub fn read(json: &str) -> Self {
        Self {
            event: Event::read(json.as_bytes()),
            raw: json.to_owned(),
            answers_task: false,
        }
    }
}

/// The clocks at receipt.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// The server's.
    pub now: Timestamp,
    /// The device's clock less the server's, as last measured between them.
    pub offset: Option<SignedDuration>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptStatus {
    /// It is stored.
    Stored,
    /// The same event, byte for byte in its canonical form, is stored already.
    Duplicate,
    /// It is kept, and counts for nothing until a coordinator releases it.
    Quarantined,
}

impl ReceiptStatus {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
        }
    }
}

/// Something that is told with a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Stable, for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// The answer to one event; whoever holds it may forget the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The event's id as it came; `None` where none could be read.
    pub id: Option<String>,
    /// What became of it.
    pub status: ReceiptStatus,
    /// Its number, where it is stored.
    pub seq: Option<i64>,
    /// What is to be told about it: why it lies in quarantine, or what is strange about it.
    pub notes: Vec<Note>,
    /// Facts of the household that several events now set differently.
    pub conflicts: Vec<String>,
}

impl Receipt {
    fn new(id: EventId, status: ReceiptStatus, seq: i64) -> Self {
        Self {
            id: Some(id.to_string()),
            status,
            seq: Some(seq),
            notes: Vec::new(),
            conflicts: Vec::new(),
        }
    }
}

/// What is kept with an event, sealed like it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    /// The server's clock at receipt.
    pub received_at: Timestamp,
    /// The device's clock less the server's, in seconds, where it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_s: Option<i64>,
    /// Who sent it.
    pub by: String,
    /// What is strange about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

/// Whose word an event is taken on.
#[derive(Clone)]
pub(super) struct Sender {
    pub actor: Actor,
    /// The team that it comes from.
    pub team: Option<String>,
    pub clocks: Clocks,
    /// A coordinator has decided that it counts: as far as that person may decide about its household, and no further.
    pub released: bool,
}

impl Registry {
    /// Takes a batch of events in, at most [`MAX_BATCH`]. The receipts come in the order of the events, and when all is durable.
    pub fn push(&self, actor: &Actor, batch: Vec<Incoming>, clocks: Clocks) -> Result<Vec<Receipt>> {
        actor.require(Right::RecordEvents)?;
        if batch.len() > MAX_BATCH {
            return Err(StoreError::Usage(format!(
                "A batch holds at most {MAX_BATCH} events, and this one has {}. Send it in parts; none of it was taken.",
                batch.len()
            )));
        }
        let sender = Sender::new(actor, clocks);
        self.write(move |change| take_all(change, &sender, &batch))
    }
}

impl Sender {
    /// The right over a household that an event about it needs.
    fn right(&self) -> Right {
        if self.released {
            Right::DecideCases
        } else {
            Right::RecordEvents
        }
    }

    /// Whether the sender may be told of what `by` has sent.
    pub fn may_know_of(&self, by: &str) -> bool {
        self.actor.is_command_line() || is_same_person(&self.actor, by)
    }

    pub fn new(actor: &Actor, clocks: Clocks) -> Self {
        let teams = &actor.scope().teams;
        Self {
            actor: actor.clone(),
            // A device works for one team. Somebody of several teams records for none of them in particular.
            team: (teams.len() == 1)
                .then(|| teams.first().map(ToString::to_string))
                .flatten(),
            clocks,
            released: false,
        }
    }
}

/// Whether what is stored was sent by the same person, from this phone or another place.
pub(super) fn is_same_person(actor: &Actor, by: &str) -> bool {
    let own = actor.account().map(ToString::to_string);
    by == actor.id().to_string() || (own.is_some() && own.as_deref() == account_of(by))
}

pub(super) fn take_all(change: &mut Change<'_>, sender: &Sender, batch: &[Incoming]) -> Result<Vec<Receipt>> {
    let mut receipts = Vec::with_capacity(batch.len());
    // Households in which two events now stand beside one another, with the receipts that tell what came of it.
    let mut beside: Vec<(usize, Number)> = Vec::new();
    for incoming in batch {
        let (receipt, household) = take(change, sender, incoming)?;
        beside.extend(household.map(|n| (receipts.len(), n)));
        receipts.push(receipt);
    }
    conflicts::tell(change, &sender.actor, &beside, &mut receipts)?;
    Ok(receipts)
}

/// Takes one event. The number is the household's where the event stands beside another one.
pub(super) fn take(
    change: &mut Change<'_>,
    sender: &Sender,
    incoming: &Incoming,
) -> Result<(Receipt, Option<Number>)> {
    let event = match &incoming.event {
        Ok(event) => event,
        Err(unreadable) => {
            let reason = Reason::Faults(&unreadable.faults);
            return Ok((
                quarantine::keep(change, sender, incoming, unreadable.household, &reason)?,
                None,
            ));
        }
    };
    match incoming.place(change, sender, event)? {
        Placed::Stored { seq, notes, beside } => {
            let mut receipt = Receipt::new(event.id, ReceiptStatus::Stored, seq);
            receipt.notes = notes;
            Ok((receipt, beside))
        }
        Placed::Duplicate(seq) => Ok((Receipt::new(event.id, ReceiptStatus::Duplicate, seq), None)),
        Placed::Refused(reason) => {
            let receipt = quarantine::keep(
                change,
                sender,
                incoming,
                Some(event.household),
                &reason.as_reason(),
            )?;
            Ok((receipt, None))
        }
    }
}

impl Incoming {
    /// Stores the event, or one that stands for it, where it belongs.
    pub(super) fn place(&self, change: &mut Change<'_>, sender: &Sender, event: &Event) -> Result<Placed> {
        if self.answers_task {
            answers::place(change, sender, event)
        } else {
            place(change, sender, event)
        }
    }
}

/// What can be done with a readable event.
pub(super) enum Placed {
    /// It is stored under this number.
    Stored {
        seq: i64,
        notes: Vec<Note>,
        /// Its household, where it stands beside another event.
        beside: Option<Number>,
    },
    /// It was stored under this number before.
    Duplicate(i64),
    /// It cannot be stored as it is.
    Refused(Refused),
}

/// Why it cannot.
pub(super) enum Refused {
    Faults(Vec<Fault>),
    PlotTaken,
    Circle,
    NoTask,
    TaskFull,
}

impl Refused {
    /// Whether it is about a household that the sender may not write about, or one that does not exist.
    pub fn is_out_of_scope(&self) -> bool {
        matches!(self, Self::Faults(faults) if faults.iter().any(|fault| fault.code == Code::OutOfScope))
    }

    pub fn as_reason(&self) -> Reason<'_> {
        match self {
            Self::Faults(faults) => Reason::Faults(faults),
            Self::PlotTaken => Reason::Store(
                "plot_taken",
                "This plot cannot be given as it is: it is taken or kept back. Choose another plot; the event is kept, and a coordinator decides.",
            ),
            Self::NoTask => Reason::Store(
                "task_unknown",
                "There is no such task for this team, or it was taken back. The answer is kept; a coordinator decides.",
            ),
            Self::TaskFull => Reason::Store(
                "task_full",
                "This task has as many answers as it may. The answer is kept; a coordinator decides.",
            ),
            Self::Circle => Reason::Store(
                "after_circle",
                "The events name one another in \"after\" in a circle, so that none can be the first. The event is kept; a coordinator decides.",
            ),
        }
    }

    /// What is told where nothing is kept of the event: at the desk, where its author is there and mends it.
    pub fn not_kept(&self) -> Vec<Note> {
        let told = |code: &str, message: &str| {
            vec![Note {
                code: code.to_owned(),
                message: message.to_owned(),
            }]
        };
        let of_fault = |fault: &Fault| {
            let message = match fault.code {
                Code::IdReused => {
                    "Another event with this id is stored already, and it says something else. Nothing was recorded: load the page again."
                }
                Code::HouseholdFull => {
                    "This household has as many events as one may have. Nothing was recorded."
                }
                Code::OutOfScope => "This household is not one that you work with. Nothing was recorded.",
                _ => &fault.message,
            };
            told(fault.code.as_str(), message)
        };
        match self {
            Self::Faults(faults) => faults.iter().flat_map(of_fault).collect(),
            Self::PlotTaken => told(
                "plot_taken",
                "This plot cannot be given: it is taken or kept back. Nothing was recorded. Choose another plot.",
            ),
            Self::NoTask => told(
                "task_unknown",
                "There is no such task for this team, or it was taken back. Nothing was recorded.",
            ),
            Self::TaskFull => told(
                "task_full",
                "This task has as many answers as it may. Nothing was recorded.",
            ),
            Self::Circle => told(
                "after_circle",
                "The events name one another in \"after\" in a circle, so that none can be the first. Nothing was recorded: load the page again.",
            ),
        }
    }
}

pub(super) fn refused(code: Code) -> Placed {
    Placed::Refused(Refused::Faults(vec![Fault::of(code)]))
}

/// Whether what is wrong with an event is forgiven where a coordinator has decided that it counts.
pub(super) fn is_forgiven(sender: &Sender, faults: &[Fault]) -> bool {
    sender.released && faults.iter().all(|fault| fault.code == Code::IdAhead)
}

/// Stores a readable event, where nothing is against it.
pub(super) fn place(change: &mut Change<'_>, sender: &Sender, event: &Event) -> Result<Placed> {
    let canonical = Zeroizing::new(event.canonical());
    if let Some(stored) = stored(change, event.id, &canonical)? {
        return Ok(if !stored.is_known_to(sender) {
            // That there is such an event is told to nobody who may not know of it.
            refused(Code::OutOfScope)
        } else if stored.same {
            Placed::Duplicate(stored.seq)
        } else {
            refused(Code::IdReused)
        });
    }
    if let Some(by) = answers::sent_by(change, event.id)? {
        return Ok(refused(if sender.may_know_of(&by) {
            Code::IdReused
        } else {
            Code::OutOfScope
        }));
    }
    let found = check::faults(event, sender.clocks.now);
    if !found.is_empty() && !is_forgiven(sender, &found) {
        return Ok(Placed::Refused(Refused::Faults(found)));
    }
    let Some(mut entry) = household(change, sender, event)? else {
        return Ok(if event.kind == Kind::TaskAnswered {
            Placed::Refused(Refused::NoTask)
        } else {
            refused(Code::OutOfScope)
        });
    };
    if entry.summary.events as usize >= MAX_EVENTS_PER_HOUSEHOLD {
        return Ok(refused(Code::HouseholdFull));
    }
    if !goes_on_within_reach(change, sender, event) {
        return Ok(refused(Code::OutOfScope));
    }
    let (missing, awaited) = after(change, sender, &entry, event)?;
    if awaited && comes_after_itself(change, &entry, event)? {
        return Ok(Placed::Refused(Refused::Circle));
    }
    if !claim_plot(change, entry.n, event)? {
        return Ok(Placed::Refused(Refused::PlotTaken));
    }
    let seq = change.next();
    let marks = check::marks(event, sender.clocks.now, sender.clocks.offset);
    insert(change, sender, &entry, event, &canonical, seq, &marks)?;
    for id in &missing {
        wait_for(change, *id, event.id, entry.n)?;
    }
    if let Some(other) = event.to_household() {
        conflicts::tie(change, event.household, other)?;
    }
    for hash in &event.files {
        files::belongs(change, hash, entry.n)?;
    }
    let stands_beside = summarise(&mut entry, event, awaited, change.blind());
    desk::settle(change, &mut entry, event, stands_beside)?;
    if facts::hidden(event) == Some(true) {
        let team = sender.team.as_deref();
        cases::protect(change, &mut entry, &sender.actor, team, sender.clocks.now)?;
    }
    let beside = stands_beside.then_some(entry.n);
    let is_first = entry.summary.events == 1;
    let id = entry.id;
    change.put(entry);
    if awaited {
        arrived(change, event.id)?;
    }
    if is_first {
        quarantine::take_up(change, sender, id)?;
    }
    let mut notes: Vec<Note> = marks.iter().map(|mark| note(*mark)).collect();
    if !missing.is_empty() {
        notes.insert(0, waits(&missing));
    }
    Ok(Placed::Stored { seq, notes, beside })
}

fn waits(missing: &[EventId]) -> Note {
    Note {
        code: "waits".to_owned(),
        message: format!(
            "The event is kept. It waits for {} that it comes after and that {} not arrived yet: {}.",
            if missing.len() == 1 { "an event" } else { "events" },
            if missing.len() == 1 { "has" } else { "have" },
            missing
                .iter()
                .take(3)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

pub(super) fn note(mark: Mark) -> Note {
    let message = match mark {
        Mark::OutsideCountry => {
            "The location lies in the sea or outside the country. The event is kept and marked; look at the location again."
        }
        Mark::Imprecise => {
            "The location is not precise. The event is kept and marked; take the location again under the open sky."
        }
        Mark::ClockWrong => {
            "The phone's clock is wrong by more than ten minutes. The event is kept and marked; set the phone's date and time."
        }
        Mark::HappenedAfterRecorded => {
            "The event tells of a day after it was written down. It is kept and marked; look at the day again."
        }
        Mark::KindUnknown => {
            "This server does not know this kind of event yet. It is kept and passed on, and has no effect until the server is updated."
        }
    };
    Note {
        code: mark.as_str().to_owned(),
        message: message.to_owned(),
    }
}

/// An event that is stored under the id of one that has come.
pub(super) struct Stored {
    seq: i64,
    /// Whether it is the same one.
    same: bool,
    /// Its household.
    entry: Option<Entry>,
    /// Who sent it; `None` where its household was erased, so that nobody can tell.
    by: Option<String>,
}

impl Stored {
    /// Whether a sender may be told that it is here: whoever may know of its household, and whoever sent it.
    pub fn is_known_to(&self, sender: &Sender) -> bool {
        self.by.as_deref().is_some_and(|by| sender.may_know_of(by))
            || self
                .entry
                .as_ref()
                .is_some_and(|entry| entry.is_visible(&sender.actor, Right::RecordEvents))
    }
}

/// The event that is stored under this id.
pub(super) fn stored(change: &Change<'_>, id: EventId, canonical: &str) -> Result<Option<Stored>> {
    let found: Option<(i64, i64, Vec<u8>)> = change
        .conn()
        .prepare_cached("SELECT seq, household, sealed FROM event WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([id.uuid().as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()
        })
        .map_err(StoreError::sqlite("looking for an event"))?;
    let Some((seq, n, sealed)) = found else {
        return Ok(None);
    };
    let entry = change.get(n);
    let Some((household, Some(key))) = entry.as_ref().map(|entry| (entry.id, entry.key.as_ref())) else {
        // Its household was erased: nobody can tell any more whether it is the same.
        return Ok(Some(Stored {
            seq,
            same: false,
            entry,
            by: None,
        }));
    };
    let (header, text) = open_event(key, household, id, &sealed)?;
    Ok(Some(Stored {
        seq,
        same: text.as_str() == canonical,
        entry,
        by: Some(header.by),
    }))
}

/// What an event is sealed as.
pub(super) fn of_event(household: HouseholdId, event: EventId) -> Vec<u8> {
    [
        &b"event\0"[..],
        household.uuid().as_bytes(),
        event.uuid().as_bytes(),
    ]
    .concat()
}

/// Opens a stored event: what is kept with it, and its canonical form.
pub(super) fn open_event(
    key: &DataKey,
    household: HouseholdId,
    event: EventId,
    sealed: &[u8],
) -> Result<(Header, Zeroizing<String>)> {
    let damaged = || StoreError::DamagedRegistry(format!("the event {event}"));
    let opened = key.open(&of_event(household, event), sealed)?;
    let at = opened
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(damaged)?;
    let header = serde_json::from_slice(&opened[..at]).map_err(|_| damaged())?;
    let text = String::from_utf8(opened[at + 1..].to_vec()).map_err(|_| damaged())?;
    Ok((header, Zeroizing::new(text)))
}

fn insert(
    change: &Change<'_>,
    sender: &Sender,
    entry: &Entry,
    event: &Event,
    canonical: &str,
    seq: i64,
    marks: &[Mark],
) -> Result<()> {
    let Some(key) = &entry.key else {
        return Err(StoreError::DamagedRegistry("the key of a household".into()));
    };
    let sealed = seal_event(change, sender, key, event, canonical, marks)?;
    change
        .conn()
        .prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .and_then(|mut s| {
            s.execute(params![
                seq,
                event.id.uuid().as_bytes(),
                entry.n,
                // A kind from a later version may be anything its author liked: it stays sealed.
                if event.kind.is_known() {
                    event.kind.as_str()
                } else {
                    "other"
                },
                sender.team,
                day(sender.clocks.now),
                sealed
            ])
        })
        .map(|_| ())
        .map_err(StoreError::sqlite("writing an event"))
}

/// Seals an event and what is kept with it.
pub(super) fn seal_event(
    change: &Change<'_>,
    sender: &Sender,
    key: &DataKey,
    event: &Event,
    canonical: &str,
    marks: &[Mark],
) -> Result<Vec<u8>> {
    let header = Header {
        received_at: sender.clocks.now,
        offset_s: sender.clocks.offset.map(|offset| offset.as_secs()),
        by: sender.actor.id().to_string(),
        marks: marks.iter().map(|mark| mark.as_str().to_owned()).collect(),
    };
    let mut plain = Zeroizing::new(
        serde_json::to_vec(&header)
            .map_err(|_| StoreError::DamagedRegistry("the header of an event".into()))?,
    );
    plain.push(b'\n');
    plain.extend_from_slice(canonical.as_bytes());
    key.seal(&of_event(event.household, event.id), &plain, change.entropy())
}

/// Times stand unsealed to the day only.
pub(super) fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// The household that an event is about, made where the event begins it; `None` where the sender may not write about it. Whether there is
/// none or it is another team's makes no difference.
fn household(change: &mut Change<'_>, sender: &Sender, event: &Event) -> Result<Option<Entry>> {
    if let Some(entry) = change.find(event.household) {
        return Ok(entry.is_visible(&sender.actor, sender.right()).then_some(entry));
    }
    // The answer of a task begins no household, whoever decides.
    if event.kind == Kind::TaskAnswered {
        return Ok(None);
    }
    // The command line may begin a household with any event that it releases; whoever else releases, with those that begin one.
    if !(sender.released && sender.actor.is_command_line()) {
        let begins = matches!(event.kind, Kind::Surveyed | Kind::ConsentGiven)
            || follows_split(change, sender, event)?;
        let area = &sender.actor.scope().area;
        // That a family begins in another team's area a coordinator may decide: it goes there, and out of the coordinator's sight.
        let elsewhere = facts::sangkats(event).is_some_and(|sangkats| {
            !sender.released
                && !sender.actor.is_command_line()
                && !sangkats.iter().any(|sangkat| area.has(Some(sangkat)))
        });
        if !begins || elsewhere {
            return Ok(None);
        }
    }
    change
        .make_household(event.household, sender.team.as_deref())
        .map(Some)
}

/// Whether the record that this one goes on in is one that the sender may write about.
fn goes_on_within_reach(change: &Change<'_>, sender: &Sender, event: &Event) -> bool {
    let Some(other) = event.to_household() else {
        return true;
    };
    match change.find(other) {
        Some(entry) => entry.is_visible(&sender.actor, sender.right()),
        // A split makes the household that it gives members to.
        None => event.kind == Kind::Split || (sender.released && sender.actor.is_command_line()),
    }
}

/// Whether an event comes after the split that made its household.
fn follows_split(change: &Change<'_>, sender: &Sender, event: &Event) -> Result<bool> {
    for id in &event.after {
        if let Some((n, kind)) = whereabouts(change, *id)?
            && kind == Kind::Split.as_str()
            && change
                .get(n)
                .is_some_and(|entry| entry.is_visible(&sender.actor, Right::RecordEvents))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The household and the kind of a stored event.
fn whereabouts(change: &Change<'_>, id: EventId) -> Result<Option<(Number, String)>> {
    change
        .conn()
        .prepare_cached("SELECT household, kind FROM event WHERE id = ?1")
        .and_then(|mut s| {
            s.query_row([id.uuid().as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
        .map_err(StoreError::sqlite("looking for an event"))
}

/// Which events that this one comes after have not come, and whether others wait for this one.
fn after(change: &Change<'_>, sender: &Sender, entry: &Entry, event: &Event) -> Result<(Vec<EventId>, bool)> {
    let heads: HashSet<EventId> = entry.summary.heads.iter().copied().collect();
    let mut missing = Vec::new();
    for id in &event.after {
        if heads.contains(id) {
            continue;
        }
        // What the sender may not know of has not come, as far as the sender is told.
        let is_known = match whereabouts(change, *id)? {
            None => false,
            Some((n, _)) => {
                n == entry.n
                    || change
                        .get(n)
                        .is_some_and(|other| other.is_visible(&sender.actor, Right::RecordEvents))
            }
        };
        if !is_known {
            missing.push(*id);
        }
    }
    let awaited: bool = change
        .conn()
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM waiting WHERE missing = ?1)")
        .and_then(|mut s| s.query_row([event.id.uuid().as_bytes()], |row| row.get(0)))
        .map_err(StoreError::sqlite("looking for what waits"))?;
    Ok((missing, awaited))
}

fn wait_for(change: &Change<'_>, missing: EventId, event: EventId, household: Number) -> Result<()> {
    change
        .conn()
        .prepare_cached("INSERT OR IGNORE INTO waiting VALUES (?1, ?2, ?3)")
        .and_then(|mut s| {
            s.execute(params![
                missing.uuid().as_bytes(),
                event.uuid().as_bytes(),
                household
            ])
        })
        .map(|_| ())
        .map_err(StoreError::sqlite("writing what waits"))
}

fn arrived(change: &Change<'_>, event: EventId) -> Result<()> {
    change
        .conn()
        .prepare_cached("DELETE FROM waiting WHERE missing = ?1")
        .and_then(|mut s| s.execute([event.uuid().as_bytes()]))
        .map(|_| ())
        .map_err(StoreError::sqlite("writing what waits"))
}

/// Whether an event that others wait for would come after itself through one of them.
fn comes_after_itself(change: &Change<'_>, entry: &Entry, event: &Event) -> Result<bool> {
    let events = read_household(change, entry)?;
    let mut seen = BTreeSet::new();
    let mut next: Vec<EventId> = event.after.clone();
    while let Some(id) = next.pop() {
        if id == event.id {
            return Ok(true);
        }
        if seen.insert(id)
            && let Some(before) = events.iter().find(|event| event.id == id)
        {
            next.extend_from_slice(&before.after);
        }
    }
    Ok(false)
}

/// All events of a household, by number.
pub(super) fn read_household(change: &Change<'_>, entry: &Entry) -> Result<Vec<Event>> {
    let stored = super::read::events_of(change.conn(), entry)?;
    Ok(stored.into_iter().map(|stored| stored.event).collect())
}

/// Takes the plot that an event gives to its household; `false` where another household has it.
fn claim_plot(change: &Change<'_>, household: Number, event: &Event) -> Result<bool> {
    let failed = StoreError::sqlite("giving a plot");
    let conn = change.conn();
    let plot = facts::plot(event).map(|(site, plot)| {
        let (site, plot) = (site.trim(), plot.trim());
        change.blind().blind(&[b"plot", site.as_bytes(), plot.as_bytes()])
    });
    if let Some(plot) = &plot {
        let owner: Option<Number> = conn
            .prepare_cached("SELECT household FROM plot WHERE plot = ?1")
            .and_then(|mut s| s.query_row([plot], |row| row.get(0)).optional())
            .map_err(&failed)?;
        if owner.is_some_and(|owner| owner != household) {
            return Ok(false);
        }
    }
    if facts::gives_plots_back(event) {
        conn.prepare_cached("DELETE FROM plot WHERE household = ?1")
            .and_then(|mut s| s.execute([household]))
            .map_err(&failed)?;
    }
    if let Some(plot) = &plot {
        conn.prepare_cached("INSERT OR IGNORE INTO plot VALUES (?1, ?2, ?3)")
            .and_then(|mut s| s.execute(params![plot, household, event.id.uuid().as_bytes()]))
            .map_err(failed)?;
    }
    Ok(true)
}

/// Brings a household's summary up to date with one more event. Tells whether the event stands beside others: it does not come after all
/// that the household had.
fn summarise(entry: &mut Entry, event: &Event, awaited: bool, key: &DataKey) -> bool {
    let summary = &mut entry.summary;
    let before = summary.heads.len();
    summary.heads.retain(|head| !event.after.contains(head));
    let beside = awaited || !summary.heads.is_empty() || (before == 0 && summary.events > 0);
    if !awaited {
        summary.heads.push(event.id);
    }
    summary.events += 1;
    if let Some(sangkats) = facts::sangkats(event) {
        if beside {
            summary.sangkats.extend(sangkats);
            summary.sangkats.sort_unstable();
            summary.sangkats.dedup();
        } else {
            summary.sangkats = sangkats;
        }
    }
    if let Some(hidden) = facts::hidden(event) {
        // Of two that do not know of one another the one that protects counts.
        summary.hidden = hidden || (beside && summary.hidden);
    }
    for name in facts::names(event) {
        if !summary.names.iter().any(|known| known == name) {
            summary.names.push(name.to_owned());
        }
    }
    if let Some(code) = facts::code(event) {
        summary.code = Some(code);
    }
    for hash in facts::blind(event, key) {
        if !summary.blind.contains(&hash) {
            summary.blind.push(hash);
        }
    }
    beside
}
