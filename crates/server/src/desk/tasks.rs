//! Tasks: what a planner or a coordinator wants a team to find out about a place, and what came back.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use phteah_registry::event::EventId;
use phteah_store::registry::{Clocks, FileHash, Incoming, ReceiptStatus, StoredEvent};
use phteah_store::{MAX_TASK_TEXT, NewTask, Reach, Right, StoreError, Task, TaskSite, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Person;
use super::answers::People;
use super::types::Author;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{JsonBody, PathParts};
use crate::field::DeviceCaller;
use crate::field::media::media_of;
use crate::openrosa::open_tasks_of;
use crate::state::AppState;

/// The place of a task.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskPlace {
    /// The site's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A task to be given out.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    /// What is to be found out, 1 to 1,000 characters. Nothing about a household.
    pub question: String,
    /// Where.
    pub site: Option<TaskPlace>,
    /// Until when.
    pub due: Option<String>,
}

/// A task that was given out.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskMade {
    /// Its id.
    pub id: String,
}

/// An answer to a task, or its end.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskChange {
    /// What came back; null where the task is taken back.
    pub answer: Option<String>,
}

/// A task at the desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskTask {
    /// Its id.
    pub id: String,
    /// What was asked.
    pub question: String,
    /// Where.
    pub site: Option<TaskPlace>,
    /// Who asked.
    pub asked_by: Author,
    /// When.
    pub asked_at: String,
    /// Until when.
    pub due: Option<String>,
    /// What came back, the newest first; all of it is kept, and the newest counts.
    pub answers: Vec<DeskAnswer>,
}

/// What came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskAnswer {
    /// In words, where it was written down in words.
    pub text: Option<String>,
    /// The answers to the questions of a form, by their paths.
    #[schema(value_type = Object)]
    pub facts: BTreeMap<String, serde_json::Value>,
    /// Photos and sounds, by their SHA-256.
    pub files: Vec<String>,
    /// Who found it out.
    pub by: Author,
    /// When, as the device has it.
    pub at: String,
}

/// Tasks at the desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskTasks {
    /// The newest first.
    pub tasks: Vec<DeskTask>,
}

/// A task on a phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldTask {
    /// Its id.
    pub id: String,
    /// What is to be found out, in the language in which it was written.
    pub question: FieldQuestion,
    /// Where.
    pub site: Option<TaskPlace>,
    /// Who asked, as far as the worker may know.
    pub asked_by: Option<String>,
    /// The day.
    pub asked_on: String,
    /// Until when.
    pub due: Option<String>,
}

/// A question; in the language in which it was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldQuestion {
    /// English, or any language in Latin letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Khmer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub km: Option<String>,
}

/// Tasks on a phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldTasks {
    /// Those that nobody has answered, the newest first.
    pub tasks: Vec<FieldTask>,
}

fn place(site: TaskSite) -> TaskPlace {
    TaskPlace {
        id: site.id,
        name: site.name,
        lon: site.lon,
        lat: site.lat,
    }
}

/// Tasks that the person may know of.
#[utoipa::path(get, path = "/api/desk/tasks", operation_id = "deskTasks", responses((status = 200, body = DeskTasks), (status = "default", body = ErrorBody)))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<DeskTasks>, ApiError> {
    let partner = Arc::clone(&state.partner);
    let tasks = state.registry.ask(move |registry| {
        let store = partner.store();
        let people = People::of(store, &person.actor)?;
        let tasks = store.tasks(&person.actor)?;
        let mut answers = registry.task_answers(&person.actor, &tasks)?;
        let told = |task: Task| DeskTask {
            answers: answers
                .remove(&task.id)
                .unwrap_or_default()
                .into_iter()
                .map(|answer| told_answer(answer, &people))
                .collect(),
            id: task.id,
            question: task.asked.question,
            site: task.asked.site.map(place),
            asked_by: people.author(&task.asked_by),
            asked_at: format!("{:.0}", task.asked_at),
            due: task.asked.due.map(|day| day.to_string()),
        };
        Ok(tasks.into_iter().map(told).collect())
    });
    Ok(Json(DeskTasks { tasks: tasks.await? }))
}

/// The fact that an answer in words is.
const IN_WORDS: &str = "task.answer";

fn told_answer(answer: StoredEvent, people: &People) -> DeskAnswer {
    let event = answer.event;
    let (mut text, mut facts) = (None, BTreeMap::new());
    for (path, value) in &event.facts {
        if path.as_str() == IN_WORDS {
            text = value.as_text().map(str::to_owned);
        } else {
            facts.insert(path.to_string(), super::cases::json(value));
        }
    }
    DeskAnswer {
        text,
        facts,
        files: event.files.iter().map(ToString::to_string).collect(),
        by: people.author(&answer.by),
        at: format!("{:.0}", event.recorded_at.at),
    }
}

/// Asks the teams to find something out.
#[utoipa::path(post, path = "/api/desk/tasks", operation_id = "deskAsk", request_body = TaskRequest,
    responses((status = 200, body = TaskMade), (status = "default", body = ErrorBody)))]
pub async fn ask(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(request): JsonBody<TaskRequest>,
) -> Result<Json<TaskMade>, ApiError> {
    let due = match request.due.as_deref().map(str::parse) {
        None => None,
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => return Err(ApiError::bad_parameter("due", "due is a day such as 2026-12-31.")),
    };
    let task = NewTask {
        question: request.question,
        site: request.site.map(|site| TaskSite {
            id: site.id,
            name: site.name,
            lon: site.lon,
            lat: site.lat,
        }),
        team: None,
        due,
    };
    let writer = Arc::clone(&state);
    let id = state
        .work(move || {
            let (store, now) = (writer.partner.store(), writer.partner.now());
            // Who plans for all teams asks them all; others ask their own, each by a task of its own.
            let teams: Vec<Option<TeamId>> =
                if person.actor.reach(Right::ProposePlacements) == Some(Reach::All) {
                    vec![None]
                } else {
                    person.actor.scope().teams.iter().cloned().map(Some).collect()
                };
            let mut first = None;
            for team in teams {
                let mut random = [0; 16];
                getrandom::fill(&mut random).map_err(ApiError::internal)?;
                let task = NewTask { team, ..task.clone() };
                let id = store.ask_task(&person.actor, &task, random, now)?;
                first.get_or_insert(id);
            }
            first
                .ok_or_else(|| StoreError::Denied("You belong to no team that could be asked.".into()).into())
        })
        .await?;
    Ok(Json(TaskMade { id }))
}

/// Writes down what came back, or takes a task back. An answer is an event, as those are that phones send.
#[utoipa::path(put, path = "/api/desk/tasks/{task}", operation_id = "deskTask", request_body = TaskChange,
    params(("task" = String, Path, description = "The task's id")),
    responses((status = 204, description = "It is done"), (status = "default", body = ErrorBody)))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(task): PathParts<String>,
    JsonBody(change): JsonBody<TaskChange>,
) -> Result<StatusCode, ApiError> {
    let (actor, partner, now) = (person.actor, Arc::clone(&state.partner), state.partner.now());
    let Some(answer) = change.answer else {
        let withdrawn = state.work(move || Ok(partner.store().withdraw_task(&actor, &task, now)?));
        return withdrawn.await.map(|()| StatusCode::NO_CONTENT);
    };
    let answer = answer.trim().to_owned();
    if answer.is_empty() || answer.chars().count() > MAX_TASK_TEXT {
        return Err(ApiError::bad_parameter(
            "answer",
            format!("The answer has 1 to {MAX_TASK_TEXT} characters."),
        ));
    }
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(ApiError::internal)?;
    let kept = state
        .registry
        .ask(move |registry| {
            actor.require(Right::RecordEvents)?;
            let tasks = partner.store().answerable_tasks(&actor)?;
            if !tasks.has(&task) {
                return Ok(false);
            }
            let event = serde_json::json!({
                "id": EventId::new(now, random).to_string(), "household": task, "kind": "task_answered", "after": [],
                "happened_on": super::today::day(now).to_string(), "recorded_at": now.to_string(), "task": task, "facts": {IN_WORDS: answer},
            });
            let event = Incoming::read(&event.to_string()).of_tasks(&tasks);
            let receipts = registry.push(&actor, vec![event], Clocks { now, offset: None })?;
            Ok(receipts.iter().all(|receipt| receipt.status == ReceiptStatus::Stored))
        })
        .await?;
    if kept {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("not_found", "There is no such task."))
    }
}

/// A photo or sound that an answer names.
#[utoipa::path(get, path = "/api/desk/tasks/{task}/files/{hash}", operation_id = "deskTaskFile",
    params(("task" = String, Path, description = "The task's id"), ("hash" = String, Path, description = "The file's SHA-256")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", body = ErrorBody)))]
pub async fn file(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts((task, hash)): PathParts<(String, String)>,
) -> Result<Response, ApiError> {
    let (actor, partner) = (person.actor, Arc::clone(&state.partner));
    let bytes = state
        .registry
        .ask(move |registry| {
            let tasks = partner.store().tasks(&actor)?;
            let task = tasks.into_iter().find(|known| known.id == task);
            let (Some(task), Some(hash)) = (task, FileHash::read(&hash)) else {
                return Ok(None);
            };
            registry.task_file(&actor, &task, hash).map(Some)
        })
        .await?
        .ok_or_else(|| ApiError::not_found("not_found", "There is no such file."))?;
    let kind = [(header::CONTENT_TYPE, media_of(&bytes).kind)];
    Ok((kind, bytes.to_vec()).into_response())
}

/// Tasks of the phone's team that nobody has answered.
#[utoipa::path(get, path = "/api/field/tasks", operation_id = "fieldTasks", responses((status = 200, body = FieldTasks), (status = "default", body = ErrorBody)))]
pub async fn of_phone(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
) -> Result<Json<FieldTasks>, ApiError> {
    let partner = Arc::clone(&state.partner);
    let tasks = state.registry.ask(move |registry| {
        let store = partner.store();
        let people = People::of(store, &contact.actor)?;
        let tasks = open_tasks_of(registry, store, &contact.actor)?;
        let told = tasks.into_iter().map(|task| FieldTask {
            id: task.id,
            question: question(task.asked.question),
            site: task.asked.site.map(place),
            asked_by: people.author(&task.asked_by).name,
            asked_on: super::today::day(task.asked_at).to_string(),
            due: task.asked.due.map(|day| day.to_string()),
        });
        Ok(told.collect())
    });
    Ok(Json(FieldTasks { tasks: tasks.await? }))
}

/// The question in the language that its letters tell.
fn question(text: String) -> FieldQuestion {
    let khmer = text.chars().any(|c| ('\u{1780}'..='\u{17ff}').contains(&c));
    if khmer {
        FieldQuestion {
            en: None,
            km: Some(text),
        }
    } else {
        FieldQuestion {
            en: Some(text),
            km: None,
        }
    }
}
