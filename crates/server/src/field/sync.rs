//! Sending events and taking changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use phteah_store::account_of;
use phteah_store::registry::{Changes, Clocks, Incoming, MAX_BATCH, MAX_CHANGES_PAGE, Receipt};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::caller::DeviceCaller;
use crate::api::context::Unhurried;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::QueryParts;
use crate::http::steady::steady;
use crate::state::AppState;

/// The most bytes of a batch. A phone whose events are larger sends fewer at a time.
pub const MAX_EVENTS_BYTES: usize = 16 << 20;

/// Events given where a device does not say how many.
const USUAL_PAGE: usize = 500;

/// How wrong a phone's clock may be, in seconds, before it is told.
const MAX_OFFSET_S: i64 = 600;

/// A batch as it comes: each event is left as text, so that one that is wrong stops no other.
#[derive(Debug, Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    #[serde(default)]
    device_time: Option<String>,
}

/// A batch of events.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventBatch {
    /// At most 500 events, each as it was made on the device. What the server does not know in them is kept and passed on.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<serde_json::Value>,
    /// The device's clock when it sends, as RFC 3339: the server measures by it how wrong the clock is.
    pub device_time: Option<String>,
}

/// Something that is told with a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptNote {
    /// Stable, for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// The answer to one event. Whoever holds it may forget the event: it is durable here.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventReceipt {
    /// The event's id as it came; null where none could be read.
    pub id: Option<String>,
    /// `stored`; `duplicate`: the same event is stored already; `quarantined`: it is kept, and counts for nothing until a coordinator releases it.
    #[schema(value_type = String)]
    pub status: &'static str,
    /// Its number, where it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// The first of the notes: why it lies in quarantine, or what is strange about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// All notes, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<ReceiptNote>,
    /// Facts of the household that several events now set differently, by their paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
}

impl From<Receipt> for EventReceipt {
    fn from(receipt: Receipt) -> Self {
        let mut notes: Vec<ReceiptNote> = receipt
            .notes
            .into_iter()
            .map(|note| ReceiptNote {
                code: note.code,
                message: note.message,
            })
            .collect();
        let (code, message) = notes.first().map_or((None, None), |note| {
            (Some(note.code.clone()), Some(note.message.clone()))
        });
        if notes.len() < 2 {
            notes.clear();
        }
        Self {
            id: receipt.id,
            status: receipt.status.as_str(),
            seq: receipt.seq,
            code,
            message,
            notes,
            conflicts: receipt.conflicts,
        }
    }
}

/// What is told of a phone's clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockNote {
    /// How many seconds the phone's clock is ahead of the server's.
    pub offset_s: i64,
    /// A sentence for people.
    pub message: String,
}

/// The receipts of a batch, in its order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipts {
    /// One for each event.
    pub receipts: Vec<EventReceipt>,
    /// The server's time, as RFC 3339.
    pub server_time: String,
    /// Said where the phone's clock is wrong by more than ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockNote>,
}

/// Takes a batch of events in. The answer leaves when all of it is durable.
#[utoipa::path(post, path = "/api/field/events", operation_id = "pushEvents", request_body = EventBatch, responses((status = 200, body = Receipts), (status = "default", body = ErrorBody)))]
pub async fn push(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, presence): DeviceCaller,
    request: Request,
) -> Result<Response, ApiError> {
    let body = body(request, MAX_EVENTS_BYTES).await?;
    presence.is_still_let_in(&state).await?;
    let now = state.partner.now();
    let (actor, slot, partner) = (
        contact.actor,
        Arc::clone(&state.registry),
        Arc::clone(&state.partner),
    );
    let (receipts, offset) = slot
        .ask(move |registry| {
            let (batch, offset) = match read(&body, now) {
                Ok(read) => read,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let clocks = Clocks { now, offset };
            let batch = partner.store().for_tasks(&actor, batch)?;
            Ok(Ok((registry.push(&actor, batch, clocks)?, offset)))
        })
        .await??;
    let clock = offset
        .map(|offset| offset.as_secs())
        .filter(|s| s.abs() > MAX_OFFSET_S)
        .map(|offset_s| ClockNote {
            offset_s,
            message: format!(
                "The phone's clock is {} {}. Set its date and time.",
                span(offset_s.unsigned_abs()),
                if offset_s > 0 { "fast" } else { "slow" }
            ),
        });
    Ok(people(Receipts {
        receipts: receipts.into_iter().map(EventReceipt::from).collect(),
        server_time: now.to_string(),
        clock,
    }))
}

/// A span of time in the unit that people would say it in.
fn span(seconds: u64) -> String {
    const HOUR: u64 = 3_600;
    if seconds < 2 * HOUR {
        format!("{} minutes", seconds / 60)
    } else if seconds < 48 * HOUR {
        format!("{} hours", seconds / HOUR)
    } else {
        format!("{} days", seconds / (24 * HOUR))
    }
}

/// Reads a batch; of each event only where it begins and ends.
fn read(body: &[u8], now: Timestamp) -> Result<(Vec<Incoming>, Option<jiff::SignedDuration>), ApiError> {
    let batch: Batch<'_> = serde_json::from_slice(body).map_err(|error| {
        // The reason may quote the text, and with it somebody's data.
        ApiError::bad_json(format!(
            "The body is no batch of events, {{\"events\": [event, …]}}: see line {}, column {}.",
            error.line(),
            error.column()
        ))
    })?;
    if batch.events.len() > MAX_BATCH {
        return Err(ApiError::batch_too_large(batch.events.len(), MAX_BATCH));
    }
    let offset = match &batch.device_time {
        None => None,
        Some(text) => {
            let device: Timestamp = text.parse().map_err(|_| {
                ApiError::bad_parameter(
                    "device_time",
                    "device_time is a time as RFC 3339, such as 2026-11-20T03:10:00Z.",
                )
            })?;
            Some(device.duration_since(now))
        }
    };
    Ok((
        batch
            .events
            .iter()
            .map(|event| Incoming::read(event.get()))
            .collect(),
        offset,
    ))
}

/// A body of at most `limit` bytes. A phone on a slow line may take as long as it goes on sending steadily.
pub(super) async fn body(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    if let Some(unhurried) = request.extensions().get::<Unhurried>() {
        unhurried.begin();
    }
    let request = request.map(steady);
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::too_large(limit)
        } else {
            ApiError::bad_json("The body ended before all of it had come. Send it again; what was stored already is told as a duplicate.")
        }
    })
}

/// An answer about people: kept by nobody on its way.
pub(super) fn people(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Where a device stands.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The number that the device was last told to ask with; 0 for a new one.
    #[serde(default)]
    #[param(minimum = 0, default = 0)]
    pub after: i64,
    /// The most events to give, 1 to 2000; 500 where it is not said.
    #[param(minimum = 1, maximum = 2000, default = 500)]
    pub limit: Option<usize>,
}

/// What has changed for a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesAnswer {
    /// Events, each as it was stored.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Box<RawValue>>,
    /// Names of the people of the phone's own team who recorded them, by the events' ids. Of others no name is told.
    pub authors: BTreeMap<String, String>,
    /// Households that the device must forget; events that it has not sent yet it keeps and sends.
    pub households_to_forget: Vec<String>,
    /// The number to ask with next.
    pub next: i64,
    /// Whether there is more to be had at once.
    pub more: bool,
    /// The server's time, as RFC 3339.
    pub server_time: String,
}

/// The id of a stored event.
#[derive(Deserialize)]
struct Identified {
    id: String,
}

/// What has changed since a device last asked. Ask after everything was sent, and until `more` is false.
#[utoipa::path(get, path = "/api/field/changes", operation_id = "takeChanges", params(ChangesQuery), responses((status = 200, body = ChangesAnswer), (status = 304, description = "Nothing has changed since the answer with this ETag"), (status = "default", body = ErrorBody)))]
pub async fn changes(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
    QueryParts(query): QueryParts<ChangesQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if query.after < 0 {
        return Err(ApiError::bad_parameter(
            "after",
            "after is the number that the last answer gave as next, or 0.",
        ));
    }
    let limit = query.limit.unwrap_or(USUAL_PAGE);
    if limit == 0 || limit > MAX_CHANGES_PAGE {
        return Err(ApiError::bad_parameter(
            "limit",
            format!("limit is 1 to {MAX_CHANGES_PAGE}."),
        ));
    }
    let now = state.partner.now();
    let (actor, partner) = (contact.actor, Arc::clone(&state.partner));
    let (changes, names) = state
        .registry
        .ask(move |registry| {
            let changes = registry.changes(&actor, query.after, limit)?;
            Ok((changes, partner.store().colleagues(&actor)?))
        })
        .await?;
    // An answer with nothing in it says where the device stands and no more.
    let nothing = changes.events.is_empty() && changes.households_to_forget.is_empty() && !changes.more;
    let etag = format!("\"{}-{}\"", query.after, changes.next);
    if nothing
        && headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|seen| seen.as_bytes() == etag.as_bytes())
    {
        return Ok((
            StatusCode::NOT_MODIFIED,
            [
                (header::ETAG, etag),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ],
        )
            .into_response());
    }
    let mut response = people(answer(changes, &names, now)?);
    if nothing && let Ok(etag) = etag.parse() {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

fn answer(
    changes: Changes,
    names: &BTreeMap<String, String>,
    now: Timestamp,
) -> Result<ChangesAnswer, ApiError> {
    let authors = changes.events.iter().zip(&changes.by).filter_map(|(event, by)| {
        let account = account_of(by)?;
        let id = serde_json::from_str::<Identified>(event).ok()?.id;
        Some((id, names.get(account)?.clone()))
    });
    let authors = authors.collect();
    let events = changes.events.into_iter().map(RawValue::from_string);
    Ok(ChangesAnswer {
        authors,
        events: events
            .collect::<Result<_, _>>()
            .map_err(|_| ApiError::internal("a stored event is no JSON"))?,
        households_to_forget: changes
            .households_to_forget
            .iter()
            .map(ToString::to_string)
            .collect(),
        next: changes.next,
        more: changes.more,
        server_time: now.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_in_the_unit_that_people_would_say() {
        assert_eq!(span(601), "10 minutes");
        assert_eq!(span(7_199), "119 minutes");
        assert_eq!(span(7_200), "2 hours");
        assert_eq!(span(47 * 3_600), "47 hours");
        assert_eq!(span(2 * 366 * 86_400), "732 days");
    }
}
