//! `/data/{layer}/changes?since=VERSION`: what was added, changed or removed since a version, by id.
//!
//! Both versions are read in order of id side by side, so memory does not grow with them. Only visible fields are compared: a change of a hidden
//! one is none.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde_json::json;

use super::data::crs::OutCrs;
use super::data::scan::{PATIENCE, Until, scan};
use super::data::selection::{Asked, Selection, Sort};
use super::data::source::VisibleLayer;
use super::encode::geojson::FeatureWriter;
use super::encode::number::push_json_text;
use super::page::changes::{self as page, Changes};
use super::state::PartnerState;
use super::stream::{self, Feeder, Ledger, Packing};
use super::web::{self, Form};
use crate::api::error::ApiError;
use crate::auth::Caller;

/// Features read ahead of each version.
const AHEAD: usize = 256;

/// Answers `GET`. Without `since` it says which versions there are.
pub async fn serve(
    state: Arc<PartnerState>,
    caller: Caller,
    name: String,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let asker = caller.1.clone();
    let packing = Packing::of(&headers);
    let (plan, form) = state
        .work(move |state| {
            let plan = plan(state, &caller, &name, &asked)?;
            Ok((plan, web::form(&asked, &headers)?))
        })
        .await?;
    let mut response = match (plan, form) {
        (Plan::List { now, kept }, Form::Html(language)) => page::versions(&now, &kept, language),
        (Plan::List { now, kept }, Form::Json) => {
            let versions = json!({ "layer": now.name(), "version": now.about().hash, "versions": kept });
            web::json(&versions, "application/json")
        }
        (Plan::Compare { now, then, since }, Form::Html(language)) => {
            let place = state
                .downloads
                .take(&asker)
                .map_err(ApiError::no_place_to_download)?;
            state
                .work(move |state| {
                    let _place = place;
                    let mut ledger = Ledger::begin(state, &now, "changes", &format!("since={since}"));
                    let changes = counted(&now, &then)?;
                    ledger.note(Some(changes.counts.iter().sum()), 0);
                    ledger.complete();
                    Ok(page::since(&now, &since, &changes, language))
                })
                .await?
        }
        (Plan::Compare { now, then, since }, Form::Json) => {
            let place = state
                .downloads
                .take(&asker)
                .map_err(ApiError::no_place_to_download)?;
            let ledger = Ledger::begin(&state, &now, "changes", &format!("since={since}"));
            let mut response = stream::fed(Some(ledger), place, packing, move |feeder| {
                write(&now, &then, &since, feeder);
            })?;
            let geojson = HeaderValue::from_static("application/geo+json");
            response.headers_mut().insert(header::CONTENT_TYPE, geojson);
            response
        }
    };
    web::answer_headers(response.headers_mut());
    Ok(response)
}

enum Plan {
    List {
        now: Box<VisibleLayer>,
        kept: Vec<String>,
    },
    Compare {
        now: Box<VisibleLayer>,
        then: Box<VisibleLayer>,
        since: String,
    },
}

fn plan(state: &PartnerState, caller: &Caller, name: &str, asked: &Asked) -> Result<Plan, ApiError> {
    let now = VisibleLayer::open(state, &caller.0, name)?.with_features()?;
    asked.only(&["since", "f", "lang"])?;
    // A version that was current only while this viewer could not see it is not there: its ids were never shown to people like them.
    let shown = |version: &str| state.store().shown_fields(&caller.0, now.name(), version);
    let mut kept = Vec::new();
    for version in state.versions.list(now.name()) {
        if shown(&version)?.is_some() {
            kept.push(version);
        }
    }
    let Some(since) = asked.get("since") else {
        return Ok(Plan::List {
            now: Box::new(now),
            kept,
        });
    };
    let found = state.versions.find(now.name(), since);
    let found = found.filter(|_| kept.iter().any(|version| version == since));
    let Some(((path, mut fields), shown)) = found.zip(shown(since)?) else {
        let message = format!(
            "This version is not kept. There are: {}. Else take the whole layer.",
            kept.join(", ")
        );
        return Err(ApiError::not_found("no_such_version", message));
    };
    fields.retain(|field| shown.has(field));
    let then = now.in_file(path, &fields);
    Ok(Plan::Compare {
        now: Box::new(now),
        then: Box::new(then),
        since: since.to_owned(),
    })
}

/// A feature as it is compared: its id and its GeoJSON, every visible field of today included.
type Encoded = (String, Vec<u8>);

/// Counts all changes and names the first of them. A page cannot take as long as a file.
fn counted(now: &VisibleLayer, then: &VisibleLayer) -> Result<Changes, ApiError> {
    let end = Instant::now() + PATIENCE;
    let mut changes = Changes::default();
    let whole = std::thread::scope(|scope| {
        let (old_sender, old) = sync_channel(AHEAD);
        let (new_sender, new) = sync_channel(AHEAD);
        scope.spawn(move || read(then, |found| old_sender.send(found).is_ok()));
        scope.spawn(move || read(now, |found| new_sender.send(found).is_ok()));
        compare(&old, &new, |change, (id, _)| {
            if let Some(kind) = page::KINDS.iter().position(|kind| *kind == change) {
                changes.counts[kind] += 1;
                if changes.first.len() < page::MOST_SHOWN {
                    changes.first.push((kind, id.to_owned()));
                }
            }
            Instant::now() < end
        })
    })?;
    if whole {
        Ok(changes)
    } else {
        Err(ApiError::search_too_long())
    }
}

fn write(now: &VisibleLayer, then: &VisibleLayer, since: &str, mut feeder: Feeder) {
    let mut changes = 0;
    let done = std::thread::scope(|scope| {
        let (old_sender, old) = sync_channel(AHEAD);
        let (new_sender, new) = sync_channel(AHEAD);
        scope.spawn(move || read(then, |found| old_sender.send(found).is_ok()));
        scope.spawn(move || read(now, |found| new_sender.send(found).is_ok()));
        feeder
            .buffer
            .extend_from_slice(b"{\"type\":\"FeatureCollection\",\"since\":");
        push_json_text(&mut feeder.buffer, since);
        feeder.buffer.extend_from_slice(b",\"version\":");
        push_json_text(&mut feeder.buffer, &now.about().hash);
        feeder.buffer.extend_from_slice(b",\"features\":[");
        let there = compare(&old, &new, |change, (id, feature)| {
            if changes > 0 {
                feeder.buffer.push(b',');
            }
            changes += 1;
            feeder
                .buffer
                .extend_from_slice(format!("\n{{\"change\":\"{change}\",").as_bytes());
            if let Some(feature) = feature {
                feeder.buffer.extend_from_slice(&feature[1..]);
            } else {
                feeder.buffer.extend_from_slice(b"\"type\":\"Feature\",\"id\":");
                push_json_text(&mut feeder.buffer, id);
                feeder
                    .buffer
                    .extend_from_slice(b",\"geometry\":null,\"properties\":null}");
            }
            feeder.pass_on(changes)
        });
        feeder.buffer.extend_from_slice(b"\n]}\n");
        there
    });
    match done {
        Ok(true) => feeder.finish(Some(changes)),
        Ok(false) => {}
        Err(error) => stream::broke_off(&error),
    }
}

/// Walks through both versions; `false` when the reader has gone.
fn compare(
    old: &Receiver<Result<Encoded, ApiError>>,
    new: &Receiver<Result<Encoded, ApiError>>,
    mut each: impl FnMut(&str, (&str, Option<&[u8]>)) -> bool,
) -> Result<bool, ApiError> {
    let next = |from: &Receiver<Result<Encoded, ApiError>>| from.recv().ok().transpose();
    let (mut before, mut after) = (next(old)?, next(new)?);
    loop {
        let order = match (&before, &after) {
            (None, None) => return Ok(true),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.as_bytes().cmp(b.as_bytes()),
        };
        let there = match (order, &before, &after) {
            (Ordering::Less, Some((id, _)), _) => each("removed", (id, None)),
            (Ordering::Greater, _, Some((id, feature))) => each("added", (id, Some(feature))),
            (Ordering::Equal, Some((_, a)), Some((id, b))) if a != b => each("changed", (id, Some(b))),
            _ => true,
        };
        if !there {
            return Ok(false);
        }
        if order != Ordering::Greater {
            before = next(old)?;
        }
        if order != Ordering::Less {
            after = next(new)?;
        }
    }
}

/// Hands over all features of a version in order of id, until told to stop.
fn read(layer: &VisibleLayer, mut put: impl FnMut(Result<Encoded, ApiError>) -> bool) {
    let mut selection = Selection::all(layer, OutCrs::Crs84);
    selection.sort = vec![Sort {
        field: "id".to_owned(),
        descending: false,
    }];
    let done = layer
        .crs()
        .to(OutCrs::Crs84)
        .map_err(ApiError::from)
        .and_then(|plane| {
            let mut writer = FeatureWriter::new(plane, &selection.fields);
            scan(layer, &selection, Until::unwanted(|| false), |row| {
                let mut feature = Vec::new();
                writer.write(row, "", &mut feature)?;
                Ok(put(Ok((row.id().to_owned(), feature))))
            })
        });
    if let Err(error) = done {
        put(Err(error));
    }
}
