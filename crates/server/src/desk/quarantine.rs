//! What could not be accepted as it is: looked at, then released or dismissed with a reason.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use phteah_registry::check;
use phteah_registry::event::{Event, HouseholdId};
use phteah_store::registry::{QuarantineEntry, QuarantineState};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Person;
use super::answers::People;
use super::today::names;
use super::types::{DayNamed, Names, QuarantineDecision, QuarantineList, QuarantineNote, Quarantined};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{JsonBody, PathParts, QueryParts};
use crate::state::AppState;

/// Entries of a page.
const PAGE: usize = 200;

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The `next` of the page before.
    after: Option<i64>,
}

/// Events of the own teams that nobody has decided about.
#[utoipa::path(get, path = "/api/desk/quarantine", operation_id = "deskQuarantine", params(After),
    responses((status = 200, body = QuarantineList), (status = "default", body = ErrorBody)))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    QueryParts(After { after }): QueryParts<After>,
) -> Result<Json<QuarantineList>, ApiError> {
    let (now, actor) = (state.partner.now(), person.actor.clone());
    let (found, names) = state
        .registry
        .ask(move |registry| {
            let found =
                registry.quarantine(&actor, Some(QuarantineState::Open), after.unwrap_or(0), PAGE, now)?;
            let about: Vec<HouseholdId> = found.iter().filter_map(|entry| household(&entry.raw)).collect();
            let names = registry.names_of(&actor, &about, now)?;
            Ok((found, names))
        })
        .await?;
    let people = People::of(state.partner.store(), &person.actor)?;
    let next = (found.len() == PAGE)
        .then(|| found.last().map(|entry| entry.n))
        .flatten();
    Ok(Json(QuarantineList {
        entries: found
            .into_iter()
            .map(|entry| of(entry, &people, &names))
            .collect(),
        next,
    }))
}

/// The household that an event is about, as far as it can be read.
fn household(raw: &str) -> Option<HouseholdId> {
    match Event::read(raw.as_bytes()) {
        Ok(event) => Some(event.household),
        Err(unreadable) => unreadable.household,
    }
}

fn of(entry: QuarantineEntry, people: &People, known: &HashMap<HouseholdId, [String; 2]>) -> Quarantined {
    let faults = match Event::read(entry.raw.as_bytes()) {
        Ok(event) => check::faults(&event, entry.received_at),
        Err(unreadable) => unreadable.faults,
    };
    let about = |code: &str, message: &str| {
        let fault = faults
            .iter()
            .find(|fault| fault.code.as_str() == code && fault.message == message)?;
        (!fault.field.is_empty()).then(|| fault.field.clone())
    };
    let event: serde_json::Value = serde_json::from_str(&entry.raw).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let name = |path: &str| text(&event["facts"][path]).unwrap_or_default();
    Quarantined {
        n: entry.n,
        received_at: format!("{:.0}", entry.received_at),
        by: people.author(&entry.by),
        kind: text(&event["kind"]),
        on: text(&event["happened_on"]),
        household: household(&entry.raw).and_then(|id| {
            Some(DayNamed {
                id: id.to_string(),
                names: names(known.get(&id)?.clone()),
                count: None,
            })
        }),
        names: Names {
            km: name("head.name"),
            latin: name("head.name_latin"),
        },
        notes: entry
            .notes
            .into_iter()
            .map(|note| QuarantineNote {
                field: about(&note.code, &note.message),
                code: note.code,
                message: note.message,
            })
            .collect(),
        event: if event.is_null() {
            serde_json::Value::String(entry.raw)
        } else {
            event
        },
    }
}

/// Lets an event count, or leaves it out for good. The reason is kept.
#[utoipa::path(post, path = "/api/desk/quarantine/{entry}", operation_id = "deskQuarantineDecide", request_body = QuarantineDecision,
    params(("entry" = i64, Path, description = "The entry's number")),
    responses((status = 204, description = "It is done"), (status = "default", body = ErrorBody)))]
pub async fn decide(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(entry): PathParts<i64>,
    JsonBody(decision): JsonBody<QuarantineDecision>,
) -> Result<StatusCode, ApiError> {
    let (now, actor, partner) = (state.partner.now(), person.actor, Arc::clone(&state.partner));
    state
        .registry
        .ask(move |registry| {
            if decision.release {
                let tasks = partner.store().answerable_tasks(&actor)?;
                registry
                    .release(&actor, entry, &tasks, &decision.why, now)
                    .map(|_| ())
            } else {
                registry.dismiss(&actor, entry, &decision.why, now)
            }
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
