//! What a phone needs to know before it goes out: its area, the schedule of visits, forms, services, maps.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_registry::schedule::Schedule;
use phteah_store::Area;
use phteah_store::registry::{MAX_BATCH, MAX_CHANGES_PAGE, MAX_FILE_BYTES};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::caller::DeviceCaller;
use super::files::MAX_PIECE_BYTES;
use super::sync::MAX_EVENTS_BYTES;
use super::{forms, packs};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::packed;
use crate::bundle::hex;
use crate::state::AppState;
use crate::tiles::vector::gzip;

/// Where the phone's team works.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaSetup {
    /// Changes with the rest of it.
    pub version: String,
    /// Whether it is all of the deployment.
    pub everywhere: bool,
    /// Codes of the sangkats, where it is not. The fact `dwelling.sangkat` of a household holds such a code.
    pub sangkats: Vec<String>,
}

/// One visit of the schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitSetup {
    /// Months after the move.
    pub months: i32,
    /// Days before its day on which its window opens.
    pub early_days: i32,
    /// Days after its day on which its window closes.
    pub late_days: i32,
}

/// Which visits are due after a move.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleSetup {
    /// Changes with the rest of it.
    pub version: String,
    /// The visits.
    pub visits: Vec<VisitSetup>,
    /// Days after the end of a window at which a visit is a question for the coordinator.
    pub escalate_after_days: i32,
}

/// Things of one sort, each with its version.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListSetup {
    /// Changes with the rest of it.
    pub version: String,
    /// The things; none where this server has none.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<serde_json::Value>,
    /// Whether the server is making something newer: ask again in a minute.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub being_made: bool,
    /// Why there is none, where that is not a matter of course. A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How much may be sent and asked for at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitsSetup {
    /// Events of a batch.
    pub events: usize,
    /// Bytes of a batch.
    pub events_bytes: usize,
    /// Events that one answer gives.
    pub changes: usize,
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Bytes of a piece of a file.
    pub piece_bytes: usize,
}

/// What a phone needs to know before it goes out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Setup {
    /// Where its team works.
    pub area: AreaSetup,
    /// Which visits are due after a move.
    pub schedule: ScheduleSetup,
    /// Forms that questions are asked by.
    pub forms: ListSetup,
    /// Services that a household can be referred to: in the area or some 3.5 km around it, hospitals and social services from farther away too.
    /// Those that have closed are left out.
    pub services: ListSetup,
    /// Sites of the published decision.
    pub sites: ListSetup,
    /// Maps to be kept on the phone.
    pub map_packs: ListSetup,
    /// How much may be sent and asked for at once.
    pub limits: LimitsSetup,
}

/// What a phone needs to know before it goes out. The `ETag` changes when any of it does.
#[utoipa::path(get, path = "/api/field/setup", operation_id = "fieldSetup", responses((status = 200, body = Setup), (status = 304, description = "Nothing has changed since the answer with this ETag"), (status = "default", body = ErrorBody)))]
pub async fn setup(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (reading, actor) = (Arc::clone(&state), contact.actor.clone());
    let (forms, offer) = state
        .work(move || Ok((forms::items(&reading, &actor)?, packs::offer(&reading, &actor)?)))
        .await?;
    let setup = made_for(&contact.actor.scope().area, forms, offer);
    let json = serde_json::to_vec(&setup).map_err(ApiError::internal)?;
    let etag = format!("\"{}\"", version(&json));
    let kept = [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|seen| seen.as_bytes() == etag.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    // Lists of services are long and phones' lines are slow.
    let gzipped = gzip(&json).map_err(ApiError::internal)?;
    let answer = packed::response(gzipped.into(), "application/json", &headers)?;
    Ok((kept, answer).into_response())
}

fn made_for(area: &Area, forms: Vec<serde_json::Value>, offer: packs::Offer) -> Setup {
    let (everywhere, sangkats) = match area {
        Area::Everywhere => (true, Vec::new()),
        Area::Sangkats(codes) => (false, codes.iter().cloned().collect()),
        Area::Nowhere => (false, Vec::new()),
    };
    let schedule = Schedule::default();
    let visits: Vec<VisitSetup> = schedule
        .visits
        .iter()
        .map(|visit| VisitSetup {
            months: visit.months,
            early_days: visit.early_days,
            late_days: visit.late_days,
        })
        .collect();
    Setup {
        area: AreaSetup {
            version: version_of(&(everywhere, &sangkats)),
            everywhere,
            sangkats,
        },
        schedule: ScheduleSetup {
            version: version_of(&(&visits, schedule.escalate_after_days)),
            visits,
            escalate_after_days: schedule.escalate_after_days,
        },
        forms: list(forms),
        services: list(offer.services),
        sites: list(offer.sites),
        map_packs: ListSetup {
            being_made: offer.being_made,
            why: offer.why,
            ..list(offer.packs)
        },
        limits: LimitsSetup {
            events: MAX_BATCH,
            events_bytes: MAX_EVENTS_BYTES,
            changes: MAX_CHANGES_PAGE,
            file_bytes: MAX_FILE_BYTES,
            piece_bytes: MAX_PIECE_BYTES,
        },
    }
}

/// Services and sites of an actor's area, as the setup lists them.
pub(crate) fn places(
    state: &Arc<AppState>,
    actor: &phteah_store::Actor,
) -> Result<(Vec<serde_json::Value>, Vec<serde_json::Value>), ApiError> {
    let offer = packs::offer(state, actor)?;
    Ok((offer.services, offer.sites))
}

fn list(items: Vec<serde_json::Value>) -> ListSetup {
    ListSetup {
        version: version_of(&items),
        items,
        being_made: false,
        why: None,
    }
}

/// A version named by what it is the version of.
fn version_of(what: &impl Serialize) -> String {
    serde_json::to_vec(what).map_or_else(|_| String::from("0"), |json| version(&json))
}

fn version(json: &[u8]) -> String {
    hex(&Sha256::digest(json)[..8])
}
