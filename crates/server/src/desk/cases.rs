//! One household: read, recorded about, given into hands, hidden.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use phteah_registry::event::{Event, EventId, HouseholdId, Kind, MemberId, Value};
use phteah_registry::people::size;
use phteah_registry::referral::SILENT_AFTER_DAYS;
use phteah_registry::schedule::{Question, Standing};
use phteah_registry::state::{Consent, Effect, Fact, REGISTRATION, Said, State as Known};
use phteah_registry::vocabulary::path;
use phteah_store::registry::desk::{Case, Recorded, Room};
use phteah_store::registry::{Incoming, StoredEvent};
use phteah_store::{AccountId, Right, TeamRecord};

use super::answers::{People, place, places};
use super::today::{day, names, word};
use super::types::{
    AuditRow, AuditRows, CaseConsent, CaseEvent, CaseFact, CaseMember, CaseQuestion, CaseReferral, CaseSaid,
    CaseTwin, CaseValue, CaseVisit, EventResult, EventResults, EventsRequest, GiveRequest, HideRequest,
    Household, Names, Sangkat,
};
use super::{Person, decisions};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{JsonBody, PathParts};
use crate::state::AppState;

/// The most rows of the audit that a page shows.
const AUDIT_ROWS: usize = 200;

/// What is said of an id that no household that the person may know of has.
fn no_household() -> ApiError {
    ApiError::not_found("not_found", "There is no such household.")
}

fn household_id(text: &str) -> Result<HouseholdId, ApiError> {
    text.parse().map_err(|_| no_household())
}

/// A household, whole. The reading is written down.
#[utoipa::path(get, path = "/api/desk/households/{household}", operation_id = "deskHousehold", params(("household" = String, Path, description = "Its id")),
    responses((status = 200, body = Household), (status = "default", body = ErrorBody)))]
pub async fn one(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(id): PathParts<String>,
) -> Result<Json<Household>, ApiError> {
    let id = household_id(&id)?;
    let (now, actor) = (state.partner.now(), person.actor.clone());
    let case = state
        .registry
        .ask(move |registry| registry.case(&actor, id, "", now))
        .await?;
    let people = People::of(state.partner.store(), &person.actor)?;
    let own = person
        .actor
        .account()
        .map(ToString::to_string)
        .unwrap_or_default();
    let may_note = person.actor.reach(Right::ReadProtected).is_some() && case.given.contains(&own);
    let teams = teams(&case, &state.partner.store().teams(&person.actor)?);
    let mut told = told(&case, &people, may_note, day(now));
    told.teams = teams;
    Ok(Json(told))
}

/// All sangkats that any answer names.
fn named_places(case: &Case) -> Vec<Sangkat> {
    let codes: BTreeSet<&str> = case
        .events
        .iter()
        .flat_map(|stored| &stored.event.facts)
        .filter(|(path, _)| path.as_str().ends_with(".sangkat"))
        .filter_map(|(_, value)| value.as_text())
        .collect();
    codes.into_iter().map(place).collect()
}

/// The names of those of the reader's teams that work with a household.
fn teams(case: &Case, own: &[TeamRecord]) -> Vec<String> {
    let works_with = |team: &&TeamRecord| {
        if case.sangkats.is_empty() {
            case.team.as_deref() == Some(team.id.as_str())
        } else {
            case.sangkats.iter().any(|code| team.area.has(Some(code)))
        }
    };
    own.iter()
        .filter(works_with)
        .map(|team| team.name.clone())
        .collect()
}

/// A household as JSON.
fn told(case: &Case, people: &People, may_note: bool, today: jiff::civil::Date) -> Household {
    let teller = Teller::new(&case.events, people);
    let state = &case.state;
    let (mut members, mut facts): (BTreeMap<MemberId, Vec<CaseFact>>, Vec<CaseFact>) = Default::default();
    let mut consents = Vec::new();
    for (path, fact) in &state.facts {
        if let Some(purpose) = path.as_str().strip_prefix("consent.") {
            let held = teller.fact(path.as_str(), fact);
            consents.push(CaseConsent {
                purpose: purpose.to_owned(),
                state: consent(state.consent(purpose)).to_owned(),
                said: held.values.into_iter().flat_map(|value| value.said).collect(),
            });
        } else if let Some(member) = path.member() {
            members
                .entry(member)
                .or_default()
                .push(teller.fact(path.field(), fact));
        } else if !path.as_str().starts_with("referrals/") {
            facts.push(teller.fact(path.as_str(), fact));
        }
    }
    let text = |path: &str| {
        let value = state.facts.get(path).and_then(|fact| fact.values.first());
        value
            .and_then(|held| held.value.as_text())
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let ids = |ids: &[HouseholdId]| -> Vec<String> { ids.iter().map(ToString::to_string).collect() };
    Household {
        id: case.id.to_string(),
        names: Names {
            km: text(path::HEAD_NAME),
            latin: text(path::HEAD_NAME_LATIN),
        },
        code: case.code.clone(),
        statuses: state.statuses.iter().map(ToString::to_string).collect(),
        hidden: case.hidden,
        given: people.workers(&case.given),
        teams: Vec::new(),
        places: places(&case.sangkats),
        named_places: named_places(case),
        site: case.site.clone(),
        offered: case.offered.clone(),
        size: size(state),
        needs: case.needs.iter().map(|need| need.as_str().to_owned()).collect(),
        at: case.at,
        members: members
            .into_iter()
            .map(|(id, facts)| CaseMember {
                id: id.to_string(),
                facts,
            })
            .collect(),
        facts,
        conflicts: teller.conflicts(state),
        consents,
        visits: visits(case),
        referrals: referrals(case, today),
        events: teller.story(case),
        heads: state.heads.iter().map(ToString::to_string).collect(),
        questions: case.questions.iter().map(question).collect(),
        likely: case
            .likely
            .iter()
            .map(|twin| CaseTwin {
                id: twin.household.to_string(),
                score: (twin.score * 100.0).round() / 100.0,
                reasons: twin.reasons.iter().map(serde_word).collect(),
                names: names(twin.names.clone()),
                code: twin.code.clone(),
                places: places(&twin.sangkats),
                size: twin.size,
                status: twin.status.to_string(),
                last_on: twin.last_on.to_string(),
            })
            .collect(),
        notes_withheld: case.notes_withheld,
        may_note,
        merged_into: state.merged_into.map(|id| id.to_string()),
        records: ids(&state.records),
        split_from: state
            .split_from
            .iter()
            .map(|origin| origin.household.to_string())
            .collect(),
        waiting: state
            .troubles
            .iter()
            .filter(|trouble| matches!(trouble, phteah_registry::state::Trouble::Waiting { .. }))
            .count(),
    }
}

fn visits(case: &Case) -> Vec<CaseVisit> {
    let told = case.visits.iter().map(|visit| CaseVisit {
        months: visit.months,
        on: visit.on.to_string(),
        from: visit.from.to_string(),
        until: visit.until.to_string(),
        standing: word(&visit.standing).to_owned(),
        made_on: match visit.standing {
            Standing::Done { on, .. } => Some(on.to_string()),
            _ => None,
        },
        attempts: visit.attempts.len(),
    });
    told.collect()
}

fn referrals(case: &Case, today: jiff::civil::Date) -> Vec<CaseReferral> {
    let told = case.state.referrals.iter().map(|referral| {
        let event = case
            .events
            .iter()
            .map(|stored| &stored.event)
            .find(|event| event.id == referral.event);
        let told = event.and_then(|event| event.more.get("told")?.as_list());
        let consent = match (event, told) {
            (Some(event), Some(_)) if is_withdrawn(event, case) => "withdrawn",
            (Some(_), Some(_)) => "given",
            _ => "unknown",
        };
        CaseReferral {
            event: referral.event.to_string(),
            service: referral.service.to_string(),
            to: referral.to.as_deref().map(str::to_owned),
            reason: event.and_then(|event| event.text("reason").map(str::to_owned)),
            told: told.map(|paths| {
                let paths = paths.iter().filter_map(|path| path.as_text());
                paths.map(str::to_owned).collect()
            }),
            consent: consent.to_owned(),
            on: referral.on.to_string(),
            standing: serde_word(&referral.standing(today, SILENT_AFTER_DAYS)),
        }
    });
    told.collect()
}

/// Whether the family took back its consent to be referred, or all that it had agreed to, after a referral or without its author knowing of
/// the other.
fn is_withdrawn(referral: &Event, case: &Case) -> bool {
    let events: HashMap<EventId, &Event> = case
        .events
        .iter()
        .map(|stored| (stored.event.id, &stored.event))
        .collect();
    let mut before: BTreeSet<EventId> = BTreeSet::new();
    let mut open = referral.after.clone();
    while let Some(id) = open.pop() {
        if before.insert(id) {
            open.extend(events.get(&id).into_iter().flat_map(|event| &event.after));
        }
    }
    let takes_back = |event: &Event| {
        let purposes = event
            .more
            .get("purposes")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let is_meant = |purpose: &Value| matches!(purpose.as_text(), Some(REGISTRATION | "referral"));
        event.kind == Kind::ConsentWithdrawn && (purposes.is_empty() || purposes.iter().any(is_meant))
    };
    events
        .values()
        .any(|event| takes_back(event) && !before.contains(&event.id))
}

fn consent(consent: Consent) -> &'static str {
    match consent {
        Consent::Unknown => "unknown",
        Consent::Given => "given",
        Consent::Withdrawn => "withdrawn",
        Consent::InConflict => "in_conflict",
    }
}

fn question(question: &Question) -> CaseQuestion {
    let (question, months) = match question {
        Question::NotFoundTwice { .. } => ("not_found_twice", None),
        Question::VisitEscalated { months, .. } => ("visit_escalated", Some(*months)),
        Question::ReferralSilent { .. } => ("referral_silent", None),
    };
    CaseQuestion {
        question: question.to_owned(),
        months,
    }
}

/// The one word that a value is serialised as.
fn serde_word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

pub(super) fn json(value: &Value) -> serde_json::Value {
    let mut text = String::new();
    value.write(&mut text);
    serde_json::from_str(&text).unwrap_or(serde_json::Value::Null)
}

/// Tells who said what, by the events of a history.
struct Teller<'a> {
    events: HashMap<EventId, &'a StoredEvent>,
    people: &'a People,
}

impl<'a> Teller<'a> {
    fn new(events: &'a [StoredEvent], people: &'a People) -> Self {
        Self {
            events: events.iter().map(|stored| (stored.event.id, stored)).collect(),
            people,
        }
    }

    fn fact(&self, path: &str, fact: &Fact) -> CaseFact {
        CaseFact {
            path: path.to_owned(),
            values: fact
                .values
                .iter()
                .map(|held| CaseValue {
                    value: json(&held.value),
                    said: held
                        .by
                        .iter()
                        .filter_map(|id| Some(self.of(self.events.get(id)?)))
                        .collect(),
                })
                .collect(),
        }
    }

    fn conflicts(&self, state: &Known) -> Vec<CaseFact> {
        let told = state.conflicts.iter().map(|conflict| CaseFact {
            path: conflict.path.to_string(),
            values: conflict
                .sides
                .iter()
                .map(|side| CaseValue {
                    value: json(&side.value),
                    said: side.said.iter().map(|said| self.said(said)).collect(),
                })
                .collect(),
        });
        told.collect()
    }

    fn of(&self, stored: &StoredEvent) -> CaseSaid {
        CaseSaid {
            event: stored.event.id.to_string(),
            author: self.people.author(&stored.by),
            on: stored.event.happened_on.to_string(),
            recorded_at: stored.event.recorded_at.text.to_string(),
            received_at: Some(format!("{:.0}", stored.received_at)),
        }
    }

    fn said(&self, said: &Said) -> CaseSaid {
        CaseSaid {
            event: said.event.to_string(),
            author: self.people.author(said.author.as_deref().unwrap_or_default()),
            on: said.happened_on.to_string(),
            recorded_at: format!("{:.0}", said.recorded_at),
            received_at: said.received_at.map(|at| format!("{at:.0}")),
        }
    }

    /// The events in the order of the trace.
    fn story(&self, case: &Case) -> Vec<CaseEvent> {
        let events = case.state.trace.iter().filter_map(|trace| {
            let stored = self.events.get(&trace.said.event)?;
            let event = &stored.event;
            let object = |text: String| match serde_json::from_str(&text) {
                Ok(serde_json::Value::Object(map)) => map,
                _ => serde_json::Map::new(),
            };
            Some(CaseEvent {
                event: event.id.to_string(),
                kind: event.kind.as_str().to_owned(),
                said: self.of(stored),
                household: (event.household != case.id).then(|| event.household.to_string()),
                effect: match trace.effect {
                    Effect::Holds => "holds",
                    Effect::Replaced => "replaced",
                    Effect::Kept => "kept",
                    Effect::Inherited => "inherited",
                }
                .to_owned(),
                marks: stored.marks.clone(),
                form: event
                    .form
                    .as_ref()
                    .map(|form| format!("{} {}", form.id, form.version)),
                more: object(more(event)),
                facts: event
                    .facts
                    .iter()
                    .map(|(path, value)| (path.to_string(), json(value)))
                    .collect(),
                files: event.files.len(),
                location: event.location.as_ref().and_then(|at| {
                    Some([
                        at.lon.as_f64()?,
                        at.lat.as_f64()?,
                        at.accuracy_m
                            .as_ref()
                            .and_then(phteah_registry::event::Number::as_f64)
                            .unwrap_or(0.0),
                    ])
                }),
            })
        });
        events.collect()
    }
}

/// The fields of an event that belong to its kind, as JSON.
fn more(event: &Event) -> String {
    let fields: Vec<String> = event
        .more
        .iter()
        .map(|(name, value)| {
            let mut text = serde_json::Value::String(name.clone()).to_string();
            text.push(':');
            value.write(&mut text);
            text
        })
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// Records events, each by itself. What cannot be taken is refused and nothing of it is kept; no offer gives a place of a site twice.
#[utoipa::path(post, path = "/api/desk/events", operation_id = "deskRecord", request_body = EventsRequest,
    responses((status = 200, body = EventResults), (status = "default", body = ErrorBody)))]
pub async fn record(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(request): JsonBody<EventsRequest>,
) -> Result<Json<EventResults>, ApiError> {
    let events: Vec<Incoming> = request
        .events
        .iter()
        .map(|event| Incoming::read(&event.to_string()))
        .collect();
    let has = |kind: &Kind| request.events.iter().any(|event| event["kind"] == kind.as_str());
    let room = if has(&Kind::Offered) || has(&Kind::Accepted) {
        let reader = Arc::clone(&state);
        let accepts = has(&Kind::Accepted);
        let named = request
            .events
            .iter()
            .filter_map(|event| event["decision"].as_str().map(str::to_owned));
        let named: BTreeSet<String> = named.collect();
        let room = state.work(move || {
            Ok(Room {
                offered: decisions::room(&reader, &named)?,
                accepted: if accepts {
                    decisions::room_of_all(&reader)
                } else {
                    BTreeMap::new()
                },
            })
        });
        room.await?
    } else {
        Room::default()
    };
    let (now, actor, why) = (state.partner.now(), person.actor, request.why);
    let recorded = state
        .registry
        .ask(move |registry| registry.record(&actor, events, &room, &why, now))
        .await?;
    let results = recorded.into_iter().map(result).collect();
    Ok(Json(EventResults { results }))
}

fn result(recorded: Recorded) -> EventResult {
    let (event, household, status, notes, conflicts) = match recorded {
        Recorded::Taken(receipt) => (
            receipt.id,
            None,
            receipt.status.as_str(),
            receipt.notes,
            receipt.conflicts,
        ),
        Recorded::Refused(refusal) => {
            let household = refusal.household.map(|id| id.to_string());
            (None, household, "refused", refusal.notes, Vec::new())
        }
    };
    let codes = notes.first().map(|note| note.code.clone());
    let sentences: Vec<String> = notes.into_iter().map(|note| note.message).collect();
    EventResult {
        event,
        household,
        status: status.to_owned(),
        code: codes,
        message: (!sentences.is_empty()).then(|| sentences.join(" ")),
        conflicts,
    }
}

/// Puts a household into certain people's hands, or into those of the whole team.
#[utoipa::path(put, path = "/api/desk/households/{household}/given", operation_id = "deskGive", request_body = GiveRequest,
    params(("household" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is done"), (status = "default", body = ErrorBody)))]
pub async fn give(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(id): PathParts<String>,
    JsonBody(request): JsonBody<GiveRequest>,
) -> Result<StatusCode, ApiError> {
    let id = household_id(&id)?;
    let known = state.partner.store().accounts(&person.actor)?;
    let mut to = Vec::new();
    for account in &request.accounts {
        let found = known
            .iter()
            .find(|one| one.id.to_string() == *account && one.disabled_at.is_none());
        let account: AccountId = found
            .map(|one| one.id.clone())
            .ok_or_else(|| ApiError::bad_parameter("accounts", "Nobody of your teams has this account."))?;
        to.push(account);
    }
    let (now, actor) = (state.partner.now(), person.actor);
    state
        .registry
        .ask(move |registry| registry.give(&actor, id, &to, &request.why, now))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hides a household from everybody but those in whose hands it is, or shows it again.
#[utoipa::path(put, path = "/api/desk/households/{household}/hidden", operation_id = "deskHide", request_body = HideRequest,
    params(("household" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is done"), (status = "default", body = ErrorBody)))]
pub async fn hide(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(id): PathParts<String>,
    JsonBody(request): JsonBody<HideRequest>,
) -> Result<StatusCode, ApiError> {
    let id = household_id(&id)?;
    let (now, actor) = (state.partner.now(), person.actor);
    state
        .registry
        .ask(move |registry| registry.hide(&actor, id, request.hidden, &request.why, now))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who has read and changed a household.
#[utoipa::path(get, path = "/api/desk/households/{household}/audit", operation_id = "deskAudit", params(("household" = String, Path, description = "Its id")),
    responses((status = 200, body = AuditRows), (status = "default", body = ErrorBody)))]
pub async fn audit(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(id): PathParts<String>,
) -> Result<Json<AuditRows>, ApiError> {
    let id = household_id(&id)?;
    let actor = person.actor.clone();
    let rows = state
        .registry
        .ask(move |registry| registry.audit_of(&actor, id, AUDIT_ROWS))
        .await?;
    let people = People::of(state.partner.store(), &person.actor)?;
    let rows = rows.into_iter().map(|row| AuditRow {
        at: row.at,
        by: people.author(&row.who),
        what: row.what,
        why: row.why,
        detail: row.detail,
    });
    Ok(Json(AuditRows { rows: rows.collect() }))
}
