//! Pages of features, and one feature.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{GEOJSON, JSON, QUERYABLES_REL, SCHEMA, html, link};
use crate::api::error::ApiError;
use crate::api::json::PathParts;
use crate::auth::Caller;
use crate::http::background;
use crate::partner::data::scan::{self, PATIENCE, Scanned, Until};
use crate::partner::data::selection::{Asked, DEFAULT_LIMIT, Selection};
use crate::partner::data::source::VisibleLayer;
use crate::partner::encode::geojson::FeatureWriter;
use crate::partner::state::PartnerState;
use crate::partner::stream::Ledger;
use crate::partner::web::{self, Base, Form, Parameters};

/// How long a finished page waits for the number of all matches. Without it in time the page goes without; the next one has it.
const COUNT_PATIENCE: Duration = Duration::from_millis(4);

/// A page, ready but for its links.
struct Page {
    features: Vec<u8>,
    scanned: Scanned,
    layer: VisibleLayer,
    selection: Selection,
}

/// `/ogc/collections/{id}/items`
pub async fn list(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    PathParts(name): PathParts<String>,
    Parameters(asked): Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let form = web::form(&asked, &headers)?;
    let asked = Arc::new(asked);
    let (opened, parameters) = (caller, Arc::clone(&asked));
    let (layer, selection) = state
        .work(move |state| {
            let layer = VisibleLayer::open(state, &opened.0, &name)?.with_features()?;
            let mut selection = Selection::parse(&layer, &parameters, &["f", "lang"])?;
            selection.limit = Some(selection.limit.unwrap_or(DEFAULT_LIMIT));
            Ok((layer, selection))
        })
        .await?;
    let counting = count(&state, &layer, &selection);
    let page = state.work(move |state| read(state, layer, selection)).await?;
    let matched = match counting {
        Counting::Known(n) => Some(n),
        Counting::Running(answer) => tokio::time::timeout(COUNT_PATIENCE, answer)
            .await
            .ok()
            .and_then(Result::ok),
        Counting::Not => None,
    };
    let home = format!("{base}/ogc/collections/{}", page.layer.name());
    let links = links(&home, &asked, &page);
    let mut response = match form {
        Form::Html(language) => html::items(&page.layer, &page.features, &links, matched, language)?,
        Form::Json => {
            let mut body = Vec::with_capacity(page.features.len() + 4096);
            body.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
            body.extend_from_slice(&page.features);
            let mut tail = json!({
                "numberReturned": page.scanned.features,
                "timeStamp": state.now().to_string(),
                "links": links,
            });
            if let Some(n) = matched {
                tail["numberMatched"] = n.into();
            }
            body.extend_from_slice(b"],");
            body.extend_from_slice(&tail.to_string().as_bytes()[1..]);
            ([(header::CONTENT_TYPE, GEOJSON)], body).into_response()
        }
    };
    finish(&mut response, &page.selection);
    // Programs look for it here, as it is no link of the page (Part 3, /req/queryables/queryables-link).
    if let Ok(link) = HeaderValue::from_str(&format!(
        "<{home}/queryables>; rel=\"{QUERYABLES_REL}\"; type=\"{SCHEMA}\""
    )) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// `/ogc/collections/{id}/items/{feature}`
pub async fn one(
    State(state): State<Arc<PartnerState>>,
    caller: Caller,
    Base(base): Base,
    PathParts((name, id)): PathParts<(String, String)>,
    Parameters(asked): Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let form = web::form(&asked, &headers)?;
    asked.only(&["f", "lang", "crs", "properties"])?;
    let (layer, selection, feature) = state
        .work(move |state| {
            let layer = VisibleLayer::open(state, &caller.0, &name)?.with_features()?;
            let selection = Selection::parse(&layer, &asked, &["f", "lang"])?;
            let mut writer = FeatureWriter::new(layer.crs().to(selection.crs)?, &selection.fields);
            let home = format!("{base}/ogc/collections/{name}");
            let address = format!("{home}/items/{}", web::in_url(&id));
            let links = json!([
                link(format!("{address}?f=json"), "self", GEOJSON, "This feature"),
                link(
                    format!("{address}?f=html"),
                    "alternate",
                    "text/html",
                    "This feature as a page"
                ),
                link(home, "collection", JSON, "Its collection"),
            ]);
            let mut ledger = Ledger::begin(state, &layer, "feature", &format!("id={id}"));
            let mut out = Vec::new();
            let found = scan::one(&layer, &selection, &id, |row| {
                writer.write(row, &format!("\"links\":{links},"), &mut out)
            })?;
            ledger.note(Some(u64::from(found)), out.len());
            ledger.complete();
            if !found {
                return Err(ApiError::not_found(
                    "no_such_feature",
                    "The layer has no feature of this id.",
                ));
            }
            Ok((layer, selection, out))
        })
        .await?;
    let mut response = match form {
        Form::Html(language) => html::items(&layer, &feature, &[], Some(1), language)?,
        Form::Json => ([(header::CONTENT_TYPE, GEOJSON)], feature).into_response(),
    };
    finish(&mut response, &selection);
    Ok(response)
}

fn finish(response: &mut Response, selection: &Selection) {
    let headers = response.headers_mut();
    web::answer_headers(headers);
    if let Ok(crs) = HeaderValue::from_str(&format!("<{}>", selection.crs.uri())) {
        headers.insert("content-crs", crs);
    }
    debug_assert_eq!(response.status(), StatusCode::OK);
}

fn read(state: &Arc<PartnerState>, layer: VisibleLayer, selection: Selection) -> Result<Page, ApiError> {
    let mut writer = FeatureWriter::new(layer.crs().to(selection.crs)?, &selection.fields);
    let mut ledger = Ledger::begin(state, &layer, "page", &selection.text);
    let mut features = Vec::with_capacity(64 * 1024);
    let mut ends = Vec::new();
    let scanned = scan::scan(&layer, &selection, Until::Over(PATIENCE), |row| {
        if !features.is_empty() {
            features.push(b',');
        }
        writer.write(row, "", &mut features)?;
        ends.push(features.len());
        Ok(true)
    })?;
    if selection.backwards {
        features = reversed(&features, &ends);
    }
    ledger.note(Some(scanned.features), features.len());
    ledger.complete();
    Ok(Page {
        features,
        scanned,
        layer,
        selection,
    })
}

/// Features that were read from the last to the first, put in order.
fn reversed(features: &[u8], ends: &[usize]) -> Vec<u8> {
    let mut ordered = Vec::with_capacity(features.len());
    for i in (0..ends.len()).rev() {
        let start = if i == 0 { 0 } else { ends[i - 1] + 1 };
        if !ordered.is_empty() {
            ordered.push(b',');
        }
        ordered.extend_from_slice(&features[start..ends[i]]);
    }
    ordered
}

enum Counting {
    Known(u64),
    Running(tokio::sync::oneshot::Receiver<u64>),
    Not,
}

/// The number of all matches: known, being counted beside the page, or left out while others are counted.
fn count(state: &Arc<PartnerState>, layer: &VisibleLayer, selection: &Selection) -> Counting {
    if selection.nothing {
        return Counting::Known(0);
    }
    if selection.filter.sql.is_empty() {
        return layer.about().features.map_or(Counting::Not, Counting::Known);
    }
    let key = format!(
        "{}\n{}\n{}",
        layer.name(),
        layer.about().hash,
        selection.condition
    );
    if let Some(n) = state.counts.get(&key) {
        return Counting::Known(n);
    }
    let Ok(permit) = Arc::clone(&state.counting).try_acquire_owned() else {
        return Counting::Not;
    };
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let (state, layer, selection) = (Arc::clone(state), layer.clone(), selection.clone());
    let begun = background::spawn(move || {
        let _permit = permit;
        // A count that takes too long is left out, on this page and the next.
        if let Ok(n) = scan::count(&layer, &selection) {
            state.counts.insert(key, n);
            // The page may have gone without it.
            let _ = sender.send(n);
        }
    });
    begun.map_or(Counting::Not, |()| Counting::Running(receiver))
}

fn links(home: &str, asked: &Asked, page: &Page) -> Vec<Value> {
    let address = |changes: &[(&str, &str)]| {
        let kept = asked.pairs().iter().filter(|(key, _)| {
            let turns = |key: &str| ["after", "before"].contains(&key);
            let replaced = changes.iter().any(|(changed, _)| changed == key);
            let other_way = turns(key) && changes.iter().any(|(changed, _)| turns(changed));
            !replaced && !other_way
        });
        let kept = kept.map(|(key, value)| (key.as_str(), value.as_str()));
        let pairs: Vec<String> = kept
            .chain(changes.iter().copied())
            .map(|(key, value)| format!("{}={}", web::in_url(key), web::in_url(value)))
            .collect();
        format!(
            "{home}/items{}{}",
            if pairs.is_empty() { "" } else { "?" },
            pairs.join("&")
        )
    };
    let mut links = vec![
        link(address(&[("f", "json")]), "self", GEOJSON, "This page"),
        link(
            address(&[("f", "html")]),
            "alternate",
            "text/html",
            "This page for people",
        ),
        link(home.to_owned(), "collection", JSON, "The collection"),
    ];
    let Scanned {
        first, last, more, ..
    } = &page.scanned;
    let backwards = page.selection.backwards;
    let (head, tail) = if backwards { (last, first) } else { (first, last) };
    let begins = page.selection.from.is_some();
    if let Some(place) = tail.as_ref().filter(|_| *more || backwards) {
        links.push(link(
            address(&[("after", place)]),
            "next",
            GEOJSON,
            "The next page",
        ));
    }
    if let Some(place) = head.as_ref().filter(|_| if backwards { *more } else { begins }) {
        links.push(link(
            address(&[("before", place)]),
            "prev",
            GEOJSON,
            "The page before",
        ));
    }
    links
}
