//! Tasks: what somebody who decides about places wants a team to find out. They are about places, never about a household.
//!
//! What a team answers is an event (`registry::answers`), which comes through the door of all events; here it is known who may answer what.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::TeamId;
use crate::rights::{Reach, Right};
use crate::sql::{OptionalExtension, Row, Transaction, params};
use crate::store::Store;
use crate::trail::{Entry, append};

/// The longest question or answer, in characters.
pub const MAX_TASK_TEXT: usize = 1_000;
/// The most tasks that are listed.
pub const MAX_TASKS: usize = 500;

/// The place that a task is about.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSite {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A task to be given out.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTask {
    /// What is to be found out.
    pub question: String,
    /// Where; `None` for no place in particular.
    pub site: Option<TaskSite>,
    /// For one team; `None` for all.
    pub team: Option<TeamId>,
    /// Until when.
    pub due: Option<Date>,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its id: a UUID.
    pub id: String,
    /// What was asked.
    pub asked: NewTask,
    /// Who asked, as the audit has it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
}

/// The tasks that somebody may answer. Only the store makes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerableTasks(BTreeSet<String>);

impl AnswerableTasks {
    /// Whether a task is one of them.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains(id)
    }
}

impl Store {
    /// Asks teams to find something out. `id` is sixteen random bytes.
    pub fn ask_task(&self, actor: &Actor, task: &NewTask, id: [u8; 16], now: Timestamp) -> Result<String> {
        if actor.reach(Right::ProposePlacements).is_none() {
            actor.require(Right::DecideCases)?;
        }
        if !knows_all(actor)
            && !task
                .team
                .as_ref()
                .is_some_and(|team| actor.scope().teams.contains(team))
        {
            return Err(StoreError::Denied(
                "A task is for one of your own teams. Only who plans for all teams asks them all.".into(),
            ));
        }
        let question = question(&task.question)?;
        let id = uuid::Builder::from_random_bytes(id).into_uuid().to_string();
        let site = task.site.as_ref();
        self.change(|change| {
            change
                .execute(
                    "INSERT INTO task (id, question, site, site_name, lon, lat, team, asked_by, asked_at, due)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    params![
                        id,
                        question,
                        site.map(|site| &site.id),
                        site.map(|site| &site.name),
                        site.map(|site| micro(site.lon)),
                        site.map(|site| micro(site.lat)),
                        task.team,
                        actor.id().to_string(),
                        now.as_second(),
                        task.due.map(|day| day.to_string())
                    ],
                )
                .map_err(StoreError::sqlite("writing a task"))?;
            log(change, actor, "task_asked", &id, now)
        })?;
        Ok(id)
    }

    /// The tasks that an actor may know of, the newest first: whoever proposes places sees all, others those of their teams and of all teams.
    pub fn tasks(&self, actor: &Actor) -> Result<Vec<Task>> {
        if !knows_all(actor) {
            actor.require(Right::RecordEvents)?;
        }
        let failed = StoreError::sqlite("reading the tasks");
        let conn = self.lock();
        let mut statement = conn
            .prepare_cached(
                "SELECT id, question, site, site_name, lon, lat, team, asked_by, asked_at, due
                 FROM task WHERE withdrawn_at IS NULL ORDER BY asked_at DESC, id",
            )
            .map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        let mut tasks = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let task = read(&row).map_err(&failed)?;
            if knows(actor, task.asked.team.as_ref()) {
                tasks.push(task);
                if tasks.len() == MAX_TASKS {
                    break;
                }
            }
        }
        Ok(tasks)
    }

    /// The tasks that an actor may answer: those that it may know of and nobody has taken back, however many.
    pub fn answerable_tasks(&self, actor: &Actor) -> Result<AnswerableTasks> {
        if actor.reach(Right::RecordEvents).is_none() {
            return Ok(AnswerableTasks::default());
        }
        let failed = StoreError::sqlite("reading the tasks");
        let conn = self.lock();
        let mut statement = conn
            .prepare_cached("SELECT id, team FROM task WHERE withdrawn_at IS NULL")
            .map_err(&failed)?;
        let mut rows = statement.query([]).map_err(&failed)?;
        let mut ids = BTreeSet::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            if knows(actor, row.get::<_, Option<TeamId>>(1).map_err(&failed)?.as_ref()) {
                ids.insert(row.get(0).map_err(&failed)?);
            }
        }
        Ok(AnswerableTasks(ids))
    }

    /// Takes a task back, by whoever asked it or decides for the team.
    pub fn withdraw_task(&self, actor: &Actor, id: &str, now: Timestamp) -> Result<()> {
        if actor.reach(Right::ProposePlacements).is_none() {
            actor.require(Right::DecideCases)?;
        }
        self.change(|change| {
            let team = reached(change, actor, id)?;
            // One for all teams is taken back by who plans for them all, not by one of the teams.
            if team.is_none() && !knows_all(actor) {
                return Err(StoreError::Denied(
                    "This task is for all teams: who asked it takes it back.".into(),
                ));
            }
            change
                .execute(
                    "UPDATE task SET withdrawn_at = ?2 WHERE id = ?1",
                    params![id, now.as_second()],
                )
                .map_err(StoreError::sqlite("writing a task"))?;
            log(change, actor, "task_withdrawn", id, now)
        })
    }
}

/// Whether an actor may know of the tasks of every team.
fn knows_all(actor: &Actor) -> bool {
    actor.reach(Right::ProposePlacements) == Some(Reach::All) || actor.is_command_line()
}

/// Whether an actor may know of a task for this team, or for all of them.
fn knows(actor: &Actor, team: Option<&TeamId>) -> bool {
    knows_all(actor) || team.is_none_or(|team| actor.scope().teams.contains(team))
}

/// The team of a task. What the actor may not know of is refused as what does not exist.
fn reached(change: &Transaction<'_>, actor: &Actor, id: &str) -> Result<Option<TeamId>> {
    let team: Option<Option<TeamId>> = change
        .query_row(
            "SELECT team FROM task WHERE id = ?1 AND withdrawn_at IS NULL",
            [id],
            |row| row.get(0),
        )
        .optional()
        .map_err(StoreError::sqlite("reading a task"))?;
    team.filter(|team| knows(actor, team.as_ref()))
        .ok_or_else(|| StoreError::NotFound("There is no such task.".into()))
}

fn log(change: &Transaction<'_>, actor: &Actor, what: &str, id: &str, now: Timestamp) -> Result<()> {
    let entry = Entry {
        what,
        subject: &format!("task {id}"),
        why: "",
        detail: "",
    };
    append(change, actor, &entry, now)
}

/// Degrees as they are kept: in millionths.
fn micro(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}

fn question(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_TASK_TEXT {
        return Err(StoreError::Usage(format!(
            "The question has 1 to {MAX_TASK_TEXT} characters."
        )));
    }
    Ok(text.to_owned())
}

fn read(row: &Row<'_>) -> crate::sql::Result<Task> {
    let second = |at: i64| Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let site: Option<String> = row.get(2)?;
    let degrees = |at: Option<i64>| at.map(|millionths| millionths as f64 / 1e6);
    let place = (degrees(row.get(4)?), degrees(row.get(5)?));
    let name: Option<String> = row.get(3)?;
    Ok(Task {
        id: row.get(0)?,
        asked: NewTask {
            question: row.get(1)?,
            site: match (site, place) {
                (Some(id), (Some(lon), Some(lat))) => Some(TaskSite {
                    name: name.unwrap_or_else(|| id.clone()),
                    id,
                    lon,
                    lat,
                }),
                _ => None,
            },
            team: row.get(6)?,
            due: row.get::<_, Option<String>>(9)?.and_then(|day| day.parse().ok()),
        },
        asked_by: row.get(7)?,
        asked_at: second(row.get(8)?),
    })
}
