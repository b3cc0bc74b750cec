//! Tasks: what a planner or a coordinator wants a team to find out about a place, and what came back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use phteah_store::{NewTask, Reach, Right, StoreError, Task, TaskSite, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Person;
use super::answers::People;
use super::types::Author;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{JsonBody, PathParts};
use crate::field::DeviceCaller;
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
    /// What came back.
    pub answer: Option<String>,
    /// Who found it out.
    pub answered_by: Option<Author>,
    /// When.
    pub answered_at: Option<String>,
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
    let reader = Arc::clone(&state);
    let tasks = state.work(move || {
        let store = reader.partner.store();
        let people = People::of(store, &person.actor)?;
        let told = |task: Task| DeskTask {
            id: task.id,
            question: task.asked.question,
            site: task.asked.site.map(place),
            asked_by: people.author(&task.asked_by),
            asked_at: format!("{:.0}", task.asked_at),
            due: task.asked.due.map(|day| day.to_string()),
            answer: task.answer,
            answered_by: task.answered_by.map(|by| people.author(&by)),
            answered_at: task.answered_at.map(|at| format!("{at:.0}")),
        };
        Ok(store.tasks(&person.actor)?.into_iter().map(told).collect())
    });
    Ok(Json(DeskTasks { tasks: tasks.await? }))
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

/// Writes down what came back, or takes a task back.
#[utoipa::path(put, path = "/api/desk/tasks/{task}", operation_id = "deskTask", request_body = TaskChange,
    params(("task" = String, Path, description = "The task's id")),
    responses((status = 204, description = "It is done"), (status = "default", body = ErrorBody)))]
pub async fn change(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(task): PathParts<String>,
    JsonBody(change): JsonBody<TaskChange>,
) -> Result<StatusCode, ApiError> {
    let writer = Arc::clone(&state);
    state
        .work(move || {
            let (store, now) = (writer.partner.store(), writer.partner.now());
            match change.answer {
                Some(answer) if person.actor.reach(Right::RecordEvents).is_some() => {
                    store.answer_task(&person.actor, &task, &answer, now)?;
                }
                Some(_) => return Err(ApiError::no_right()),
                None => store.withdraw_task(&person.actor, &task, now)?,
            }
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tasks of the phone's team that nobody has answered.
#[utoipa::path(get, path = "/api/field/tasks", operation_id = "fieldTasks", responses((status = 200, body = FieldTasks), (status = "default", body = ErrorBody)))]
pub async fn of_phone(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
) -> Result<Json<FieldTasks>, ApiError> {
    let reader = Arc::clone(&state);
    let tasks = state.work(move || {
        let store = reader.partner.store();
        let people = People::of(store, &contact.actor)?;
        let tasks = store
            .tasks(&contact.actor)?
            .into_iter()
            .filter(|task| task.answer.is_none());
        let told = tasks.map(|task| FieldTask {
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

/// Writes down what a worker found out. Sent again, it takes the place of what was sent before.
#[utoipa::path(post, path = "/api/field/tasks/{task}", operation_id = "fieldTaskAnswer", request_body = TaskChange,
    params(("task" = String, Path, description = "The task's id")),
    responses((status = 204, description = "It is kept"), (status = "default", body = ErrorBody)))]
pub async fn answer(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
    PathParts(task): PathParts<String>,
    JsonBody(change): JsonBody<TaskChange>,
) -> Result<StatusCode, ApiError> {
    let answer = change
        .answer
        .ok_or_else(|| ApiError::bad_parameter("answer", "Say what was found out."))?;
    let writer = Arc::clone(&state);
    state
        .work(move || {
            let now = writer.partner.now();
            Ok(writer
                .partner
                .store()
                .answer_task(&contact.actor, &task, &answer, now)?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
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
