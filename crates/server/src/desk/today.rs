//! `GET /api/desk/today`: what needs somebody today.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use phteah_registry::schedule::Standing;
use phteah_store::Right;
use phteah_store::registry::desk;

use super::Person;
use super::answers::People;
use super::types::{Day, DayCrowd, DayDue, DayNamed, DayPhone, DaySilent, DayTwins, Names, Reading};
use crate::api::error::{ApiError, ErrorBody};
use crate::state::AppState;

/// After so many days without contact somebody should ask about a phone.
const PHONE_SILENT_DAYS: i64 = 7;

/// The day in Cambodia.
pub fn day(now: Timestamp) -> Date {
    now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7)))
        .date()
}

/// Where a visit stands, in one word.
pub fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Upcoming => "upcoming",
        Standing::Due => "due",
        Standing::Overdue => "overdue",
        Standing::Escalated => "escalated",
        Standing::Missed => "missed",
        Standing::Done { .. } => "done",
        Standing::NotNeeded => "not_needed",
    }
}

/// The names of a household, Khmer and Latin.
pub fn names([km, latin]: [String; 2]) -> Names {
    Names { km, latin }
}

/// What needs the person who asks, today: visits, silent referrals, conflicts, quarantine, phones, surveys that look wrong.
#[utoipa::path(get, path = "/api/desk/today", operation_id = "deskToday", responses((status = 200, body = Day), (status = "default", body = ErrorBody)))]
pub async fn today(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<Day>, ApiError> {
    let now = state.partner.now();
    let actor = person.actor.clone();
    let (found, quarantine) = state
        .registry
        .ask(move |registry| {
            let found = registry.today(&actor, now)?;
            Ok((found, registry.quarantine_waiting(&actor)?))
        })
        .await?;
    let reader = Arc::clone(&state);
    let (people, phones) = state
        .work(move || {
            let store = reader.partner.store();
            let people = People::of(store, &person.actor)?;
            let phones = if person.actor.reach(Right::ManageDevices).is_some() {
                store.devices(&person.actor)?
            } else {
                Vec::new()
            };
            Ok((people, phones))
        })
        .await?;
    let silent_since = now - SignedDuration::from_hours(24 * PHONE_SILENT_DAYS);
    let phones = phones
        .into_iter()
        .filter(|phone| phone.revoked_at.is_none() && phone.seen_at < silent_since)
        .map(|phone| DayPhone {
            name: phone.name,
            worker: phone.worker,
            seen_at: format!("{:.0}", phone.seen_at),
            lease_until: format!("{:.0}", phone.lease_until),
            lease_over: phone.lease_until < now,
        })
        .collect();
    let mut day = match found {
        Err(progress) => Day {
            reading: Some(Reading::from(progress)),
            ..Day::default()
        },
        Ok(found) => of(found, &people),
    };
    day.quarantine = quarantine;
    day.phones = phones;
    day.date = self::day(now).to_string();
    Ok(Json(day))
}

fn of(found: desk::Today, people: &People) -> Day {
    let named = |(id, both): (phteah_registry::event::HouseholdId, [String; 2])| DayNamed {
        id: id.to_string(),
        names: names(both),
        count: None,
    };
    let crowd = |crowd: desk::Crowd| DayCrowd {
        by: people.author(&crowd.by),
        on: crowd.on.to_string(),
        surveys: crowd.surveys,
        households: crowd.households.iter().map(ToString::to_string).collect(),
    };
    Day {
        households: found.households,
        overdue: found.overdue,
        due: found.due,
        visits: found
            .visits
            .into_iter()
            .map(|due| DayDue {
                id: due.id.to_string(),
                names: names(due.names),
                site: due.site,
                months: due.months,
                until: due.until.to_string(),
                standing: word(&due.standing).to_owned(),
                not_found_twice: due.not_found_twice,
            })
            .collect(),
        silent_all: found.silent_all,
        silent: found
            .silent
            .into_iter()
            .map(|silent| DaySilent {
                id: silent.id.to_string(),
                names: names(silent.names),
                event: silent.event.to_string(),
                service: silent.service,
                on: silent.on.to_string(),
                days: silent.days,
            })
            .collect(),
        conflicts_all: found.conflicts_all,
        conflicts: found
            .conflicts
            .into_iter()
            .map(|(id, both, count)| DayNamed {
                id: id.to_string(),
                names: names(both),
                count: Some(usize::from(count)),
            })
            .collect(),
        not_found_all: found.not_found_all,
        not_found: found.not_found.into_iter().map(named).collect(),
        twins_all: found.twins_all,
        twins: found
            .twins
            .into_iter()
            .map(|twins| DayTwins {
                names: names(twins.names),
                households: twins.households.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        crowds: found.crowds.into_iter().map(crowd).collect(),
        hurries: found.hurries.into_iter().map(crowd).collect(),
        outside: found.outside.into_iter().map(named).collect(),
        ..Day::default()
    }
}
