//! `POST /api/desk/households`: the list.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use phteah_registry::status::Status;
use phteah_store::registry::desk::{Found, Listed, Need, Order, Question};

use super::Person;
use super::answers::{People, places};
use super::today::{names, word};
use super::types::{
    FamilySites, HouseholdPage, ListRequest, ListedDue, ListedHousehold, Reading, SiteFamilies,
};
use crate::api::error::{ApiError, Detail, ErrorBody};
use crate::api::json::JsonBody;
use crate::state::AppState;

/// Households of a page where nothing else is asked.
const PAGE: usize = 100;

/// Households that the person may know of, by filters that combine. What is searched for stands in the body, so that it is in no log.
#[utoipa::path(post, path = "/api/desk/households", operation_id = "deskHouseholds", request_body = ListRequest,
    responses((status = 200, body = HouseholdPage), (status = "default", body = ErrorBody)))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(request): JsonBody<ListRequest>,
) -> Result<Json<HouseholdPage>, ApiError> {
    let question = question(request)?;
    let (now, actor) = (state.partner.now(), person.actor.clone());
    let found = state
        .registry
        .ask(move |registry| registry.list(&actor, &question, now))
        .await?;
    let page = match found {
        Found::Reading(progress) => HouseholdPage {
            reading: Some(Reading::from(progress)),
            households: Vec::new(),
            more: false,
            total: 0,
        },
        Found::Page(page) => {
            let people = People::of(state.partner.store(), &person.actor)?;
            HouseholdPage {
                reading: None,
                households: page
                    .households
                    .into_iter()
                    .map(|one| listed(one, &people))
                    .collect(),
                more: page.more,
                total: page.total,
            }
        }
    };
    Ok(Json(page))
}

/// The sites that the households of the list were offered, have accepted or moved to.
#[utoipa::path(get, path = "/api/desk/households/sites", operation_id = "deskHouseholdSites",
    responses((status = 200, body = FamilySites), (status = "default", body = ErrorBody)))]
pub async fn sites(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<FamilySites>, ApiError> {
    let (now, actor) = (state.partner.now(), person.actor);
    let found = state
        .registry
        .ask(move |registry| registry.sites_of_families(&actor, now))
        .await?;
    let sites = match found {
        Err(progress) => FamilySites {
            reading: Some(Reading::from(progress)),
            sites: Vec::new(),
        },
        Ok(sites) => FamilySites {
            reading: None,
            sites: sites
                .into_iter()
                .map(|(id, families)| SiteFamilies { id, families })
                .collect(),
        },
    };
    Ok(Json(sites))
}

/// The question of a request, or all that cannot be understood in it.
pub fn question(request: ListRequest) -> Result<Question, ApiError> {
    let mut wrong: Vec<Detail> = Vec::new();
    let mut tell = |field: &str, message: &str| {
        wrong.push(Detail {
            field: field.to_owned(),
            message: message.to_owned(),
            said: None,
            khmer: None,
        });
    };
    let statuses = request.statuses.iter().filter_map(|word| {
        let status = word.parse::<Status>().ok();
        if status.is_none() {
            tell("statuses", "there is no such status of a household");
        }
        status
    });
    let statuses = statuses.collect();
    let needs = request.needs.iter().filter_map(|word| {
        let need = Need::named(word);
        if need.is_none() {
            tell("needs", "there is no such need");
        }
        need
    });
    let needs = needs.collect();
    let order = match request.order.as_deref() {
        None | Some("recent") => Order::Recent,
        Some("name") => Order::Name,
        Some("due") => Order::Due,
        Some(_) => {
            tell("order", "order is recent, name or due");
            Order::Recent
        }
    };
    let after = match request.after.as_deref().map(str::parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => {
            tell("after", "after is the id of a household");
            None
        }
    };
    if !wrong.is_empty() {
        return Err(ApiError::bad_parameters(wrong));
    }
    Ok(Question {
        text: request.text,
        statuses,
        areas: request.areas,
        sites: request.sites,
        needs,
        due: request.due,
        overdue: request.overdue,
        conflicts: request.conflicts,
        referrals: request.referrals,
        silent: request.silent,
        mine: request.mine,
        unassigned: request.unassigned,
        order,
        after,
        limit: request.limit.unwrap_or(PAGE),
    })
}

fn listed(one: Listed, people: &People) -> ListedHousehold {
    ListedHousehold {
        id: one.id.to_string(),
        names: names([one.name, one.name_latin]),
        code: one.code,
        status: one.status.to_string(),
        site: one.site,
        places: places(&one.sangkats),
        size: one.size,
        needs: one.needs.iter().map(|need| need.as_str().to_owned()).collect(),
        due: one.due.map(|(months, until, standing)| ListedDue {
            months,
            until: until.to_string(),
            standing: word(&standing).to_owned(),
        }),
        conflicts: one.conflicts,
        referrals: one.referrals,
        last_on: one.last_on.to_string(),
        at: one.at,
        given: people.workers(&one.given),
        hidden: one.hidden,
    }
}
