//! Lists for forms: households and open tasks as entities, sites and services to choose from. Each worker's own.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use phteah_forms::submission::household_of;
use phteah_forms::xform::{LISTS, served_list};
use phteah_forms::xml::escape;
use phteah_registry::event::HouseholdId;
use phteah_registry::vocabulary::path::HEAD_NAME;
use phteah_store::registry::{ListedHousehold, Registry, listed_facts};
use phteah_store::{Actor, Store, StoreError, Task};
use serde::Deserialize;

use super::answer;
use super::caller::OdkCaller;
use super::forms::{kept, nothing};
use crate::api::error::ApiError;
use crate::state::AppState;

/// Most ids that are asked about at once.
const MAX_IDS: usize = 10_000;

/// A list as CSV.
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    caller: OdkCaller,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let list = served_list(&name).ok_or_else(|| {
        nothing(&format!(
            "There is no such list. There are {}.",
            LISTS.map(|list| format!("{list}.csv")).join(", ")
        ))
    })?;
    let made = made(&state, &caller.contact.actor, list)
        .await
        .map_err(answer::refusal)?;
    let md5 = phteah_forms::library::md5(&made);
    Ok(kept(&headers, &md5, "text/csv; charset=utf-8", || made.to_vec()))
}

/// A list's bytes, made once for each state of the registry and each scope.
pub(super) async fn made(
    state: &Arc<AppState>,
    actor: &Actor,
    list: &'static str,
) -> Result<Arc<[u8]>, ApiError> {
    if list == "tasks" {
        let tasks = open_tasks(state, actor).await?;
        return Ok(tasks_csv(&tasks).into());
    }
    if list != "households" {
        let (asked, actor) = (Arc::clone(state), actor.clone());
        let csv = state.work(move || places_csv(&asked, list, &actor)).await?;
        return Ok(csv.into());
    }
    let scope = actor.scope();
    // What an actor sees follows from who it is and where it works.
    let whose = format!(
        "{} {:?} {} {:?}",
        actor.id(),
        scope.teams,
        scope.area,
        actor.roles()
    );
    let (actor, answers) = (actor.clone(), Arc::clone(&state.lists));
    state
        .registry
        .ask(move |registry| {
            let key = format!("{} {whose}", registry.list_version()?);
            if let Some(made) = answers.get(&key) {
                return Ok(made);
            }
            let made: Arc<[u8]> = households_csv(&registry.listed_households(&actor)?).into();
            answers.insert(key, Arc::clone(&made));
            Ok(made)
        })
        .await
}

/// The columns of a list without any entry: what a client gets that knows its households by itself.
pub(crate) fn header_only(list: &str) -> Vec<u8> {
    match list {
        "households" => households_csv(&[]),
        "tasks" => tasks_csv(&[]),
        _ => csv(&PLACE_COLUMNS.map(str::to_owned), []),
    }
}

/// Whether a list's entries can be changed by forms.
pub(super) fn is_of_entities(list: &str) -> bool {
    matches!(list, "households" | "tasks")
}

/// The tasks of an actor's team that nobody has answered yet, the newest first.
async fn open_tasks(state: &Arc<AppState>, actor: &Actor) -> Result<Vec<Task>, ApiError> {
    let (actor, partner) = (actor.clone(), Arc::clone(&state.partner));
    state
        .registry
        .ask(move |registry| open_tasks_of(registry, partner.store(), &actor))
        .await
}

/// The same, off the threads that answer requests.
pub(crate) fn open_tasks_of(
    registry: &Registry,
    store: &Store,
    actor: &Actor,
) -> Result<Vec<Task>, StoreError> {
    let mut tasks = store.tasks(actor)?;
    let answered = registry.answered_tasks(actor)?;
    tasks.retain(|task| !answered.contains(&task.id));
    Ok(tasks)
}

/// A task has one version: with its answer it leaves the list. The column `answered` is for the phone, which fills it in without contact.
fn tasks_csv(tasks: &[Task]) -> Vec<u8> {
    let columns = [
        "name",
        "label",
        "__version",
        "question",
        "site",
        "site_name",
        "due",
        "answered",
        "geometry",
    ];
    let rows = tasks.iter().map(|task| {
        let asked = &task.asked;
        let site = asked.site.as_ref();
        let label = match site {
            Some(site) => format!("{} · {}", site.name, asked.question),
            None => asked.question.clone(),
        };
        vec![
            task.id.clone(),
            label,
            "1".to_owned(),
            asked.question.clone(),
            site.map(|site| site.id.clone()).unwrap_or_default(),
            site.map(|site| site.name.clone()).unwrap_or_default(),
            asked.due.map(|day| day.to_string()).unwrap_or_default(),
            String::new(),
            site.map(|site| format!("{} {} 0 0", site.lat, site.lon))
                .unwrap_or_default(),
        ]
    });
    csv(&columns.map(str::to_owned), rows)
}

const PLACE_COLUMNS: [&str; 5] = ["name", "label", "label_km", "kind", "geometry"];

fn households_csv(households: &[ListedHousehold]) -> Vec<u8> {
    let mut columns: Vec<String> = ["name", "label", "__version", "code", "status", "site"]
        .map(str::to_owned)
        .to_vec();
    columns.extend(listed_facts().map(|path| path.replace('.', "_")));
    let rows = households.iter().map(|household| {
        let fact = |path: &str| household.facts.get(path).cloned().unwrap_or_default();
        let code = household.code.clone().unwrap_or_default();
        let name = fact(HEAD_NAME);
        let label = match (name.is_empty(), code.is_empty()) {
            (false, false) => format!("{name} · {code}"),
            (false, true) => name,
            (true, false) => code.clone(),
            (true, true) => household.id.to_string()[..8].to_owned(),
        };
        let mut row = vec![
            household.id.to_string(),
            label,
            household.version.to_string(),
            code,
            household.status.clone().unwrap_or_default(),
            household.site.clone().unwrap_or_default(),
        ];
        row.extend(listed_facts().map(fact));
        row
    });
    csv(&columns, rows)
}

fn csv(columns: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and every row has as many cells as there are columns.
    let _ = out.write_record(columns);
    for row in rows {
        let _ = out.write_record(row);
    }
    out.into_inner().unwrap_or_default()
}

/// Sites or services of an actor's area: id, names, kind and place.
pub(crate) fn places_csv(state: &Arc<AppState>, list: &str, actor: &Actor) -> Result<Vec<u8>, ApiError> {
    let (services, sites) = crate::field::setup::places(state, actor)?;
    let places = if list == "services" { services } else { sites };
    let rows = places.iter().map(|place| {
        let text = |name: &str| place[name].as_str().unwrap_or_default().to_owned();
        let label = [text("name"), text("name_km"), text("id")]
            .into_iter()
            .find(|text| !text.is_empty());
        let label_km = [text("name_km"), text("name"), text("id")]
            .into_iter()
            .find(|text| !text.is_empty());
        vec![
            text("id"),
            label.unwrap_or_default(),
            label_km.unwrap_or_default(),
            text("kind"),
            format!("{} {} 0 0", place["lat"], place["lon"]),
        ]
    });
    Ok(csv(&PLACE_COLUMNS.map(str::to_owned), rows))
}

/// The entries that a client asks about.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    id: String,
}

/// Whether entries that a client has and that are not on its list are gone: it then forgets them. An entry that is this worker's no more, or
/// that was hidden, answers exactly as one that never was.
pub(super) async fn integrity(
    State(state): State<Arc<AppState>>,
    caller: OdkCaller,
    Path((_, list)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Response> {
    if !is_of_entities(&list) {
        return Err(nothing("Only households and tasks are entities."));
    }
    let ids: Vec<&str> = asked
        .id
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect();
    if ids.len() > MAX_IDS {
        return Err(answer::refused(
            StatusCode::BAD_REQUEST,
            "At most 10,000 entries are asked about at once.",
        ));
    }
    // The id of a task has the shape of a household's.
    let asked: Vec<Option<_>> = ids.iter().map(|id| household_of(id)).collect();
    let known: Vec<_> = asked.iter().copied().flatten().collect();
    let actor = caller.contact.actor.clone();
    let listed: HashSet<HouseholdId> = if list == "tasks" {
        let tasks = open_tasks(&state, &actor).await.map_err(answer::refusal)?;
        tasks.iter().filter_map(|task| household_of(&task.id)).collect()
    } else {
        let listed = state.registry.ask(move |registry| {
            let listed = registry.are_listed(&actor, &known)?;
            let listed = known.into_iter().zip(listed).filter(|(_, listed)| *listed);
            Ok(listed.map(|(id, _)| id).collect())
        });
        listed.await.map_err(answer::refusal)?
    };
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data><entities>\n");
    for (id, entry) in ids.iter().zip(&asked) {
        let there = entry.is_some_and(|entry| listed.contains(&entry));
        body.push_str(&format!(
            "<entity id=\"{}\"><deleted>{}</deleted></entity>\n",
            escape(id),
            !there
        ));
    }
    body.push_str("</entities></data>\n");
    Ok(answer::xml(StatusCode::OK, body))
}
