//! `/data/{layer}.{format}`: a layer, or a part of it, as a file.

use std::fs::File;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use phteah_layers::LayersError;
use phteah_layers::export::MOST_ROWS;

use super::data::crs::OutCrs;
use super::data::scan;
use super::data::selection::{Asked, Selection};
use super::data::source::VisibleLayer;
use super::formats::Format;
use super::make;
use super::ranges::{Wanted, wanted};
use super::state::PartnerState;
use super::stream::{self, Ledger, Packing};
use crate::api::context::Unhurried;
use crate::api::error::ApiError;
use crate::auth::Caller;
use crate::build_id::BUILD;
use crate::bundle::hex;
use crate::http::places::Place;

/// The parameter that says how texts stand in a CSV: `safe` for spreadsheets, `raw` as they are stored.
const CELLS: &str = "cells";

/// A download that has been checked and may begin.
#[derive(Clone)]
pub(super) struct Plan {
    pub layer: VisibleLayer,
    pub selection: Selection,
    pub format: Format,
    pub etag: String,
    /// Texts of a CSV as they are stored.
    pub raw_text: bool,
}

impl Plan {
    /// The name under which the finished file is kept.
    pub fn file_name(&self) -> String {
        format!("{}-{}.{}", self.layer.name(), self.etag, self.format.extension())
    }
}

/// How a file is asked for.
pub struct Manner {
    /// Whole, or the head alone.
    pub method: Method,
    /// Which part of it, and what the client has already.
    pub headers: HeaderMap,
    unhurried: Unhurried,
}

impl<S: Send + Sync> FromRequestParts<S> for Manner {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            unhurried: parts.extensions.get().cloned().unwrap_or_default(),
        })
    }
}

/// Answers `GET` and `HEAD`.
pub async fn serve(
    state: Arc<PartnerState>,
    caller: Caller,
    name: String,
    format: Format,
    asked: Asked,
    manner: Manner,
) -> Result<Response, ApiError> {
    let asker = caller.1.clone();
    let plan = state
        .work(move |state| plan(state, &caller, &name, format, &asked))
        .await?;
    let tag = format!("\"{}\"", plan.etag);
    let mut response = if holds(&manner.headers, &plan.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if manner.method == Method::HEAD {
        head(&state, &plan)
    } else {
        let place = state
            .downloads
            .take(&asker)
            .map_err(ApiError::no_place_to_download)?;
        manner.unhurried.begin();
        body(&state, plan.clone(), &manner.headers, place).await?
    };
    describe(&mut response, &plan, &tag);
    Ok(response)
}

fn plan(
    state: &PartnerState,
    caller: &Caller,
    name: &str,
    format: Format,
    asked: &Asked,
) -> Result<Plan, ApiError> {
    let layer = VisibleLayer::open(state, &caller.0, name)?;
    let also: &[&str] = if format == Format::Csv {
        &["lang", CELLS]
    } else {
        &["lang"]
    };
    let selection = if layer.is_vector() {
        if format == Format::GeoTiff {
            return Err(ApiError::not_found(
                "no_such_format",
                "This layer has features: it is to be had in the formats that /data names.",
            ));
        }
        if !layer.formats().any(|one| one == format) {
            return Err(ApiError::not_found(
                "no_such_format",
                "Totals of this table have no shape, which FlatGeobuf cannot hold: take another format that /data names.",
            ));
        }
        Selection::parse(&layer, asked, also)?
    } else {
        if format != Format::GeoTiff {
            return Err(ApiError::not_found(
                "no_such_format",
                "This layer is a raster: it is to be had as .tif.",
            ));
        }
        asked.only(also)?;
        Selection::all(&layer, OutCrs::Crs84)
    };
    if format.is_always_wgs84() && selection.crs != OutCrs::Crs84 {
        let message = format!(
            "{} is always WGS 84 here: take GeoPackage, FlatGeobuf, Shapefile, XLSX or CSV for another CRS.",
            format.name()
        );
        return Err(ApiError::bad_parameter("crs", message));
    }
    let raw_text = match asked.get(CELLS).filter(|_| format == Format::Csv) {
        None | Some("safe") => false,
        Some("raw") => true,
        Some(_) => return Err(ApiError::bad_parameter(CELLS, "It is safe or raw.")),
    };
    fits(&layer, &selection, format)?;
    let fields: Vec<&str> = selection.fields.iter().map(|field| field.name.as_str()).collect();
    let parts = [
        BUILD,
        &layer.about().hash,
        format.extension(),
        &fields.join(","),
        &selection.text,
        layer.name(),
        if raw_text { "raw" } else { "" },
    ];
    let etag = digest(&parts);
    Ok(Plan {
        layer,
        selection,
        format,
        etag,
        raw_text,
    })
}

/// Refuses what a format has no room for.
fn fits(layer: &VisibleLayer, selection: &Selection, format: Format) -> Result<(), ApiError> {
    if format != Format::Xlsx || layer.about().features.unwrap_or(0) <= MOST_ROWS {
        return Ok(());
    }
    let wanted = match selection.limit {
        Some(limit) => limit as u64,
        None => scan::count(layer, selection)?,
    };
    if wanted <= MOST_ROWS {
        return Ok(());
    }
    let message =
        format!("A sheet of XLSX has room for {MOST_ROWS} features: ask for a part of them, or take CSV.");
    Err(ApiError::bad_parameter("limit", message))
}

/// A short name for what decides the bytes of a file.
pub(super) fn digest(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    hex(&digest.finalize()[..16])
}

/// Whether the client holds these bytes already, compressed or not. Only tags tell: a date cannot say that the client has been given a key
/// since, or that a field has been hidden, so `If-Modified-Since` is not looked at.
pub(super) fn holds(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|tag| {
            let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
            tag == "*" || tag.split_once('-').map_or(tag, |(plain, _)| plain) == etag
        })
}

fn head(state: &PartnerState, plan: &Plan) -> Response {
    let mut response = Response::new(Body::new(NotMade));
    let size = match plan.format {
        Format::GeoTiff => std::fs::metadata(plan.layer.path()).ok().map(|file| file.len()),
        _ => state.spool.size(&plan.file_name()),
    };
    if let Some(size) = size {
        response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
    }
    response
}

/// The body of a file that nobody has made yet: nothing, of a length that nobody knows. An empty one would have the length 0, and programs
/// that ask before they load take such a file for empty.
struct NotMade;

impl http_body::Body for NotMade {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(None)
    }
}

async fn body(
    state: &Arc<PartnerState>,
    plan: Plan,
    headers: &HeaderMap,
    place: Place,
) -> Result<Response, ApiError> {
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let same = headers
        .get(header::IF_RANGE)
        .is_none_or(|tag| tag.to_str().is_ok_and(|tag| tag.trim_matches('"') == plan.etag));
    let range = range.filter(|_| same);
    let ready = state.spool.size(&plan.file_name()).is_some();
    if plan.format.is_streamed() && range.is_none() && !ready {
        let ledger = Ledger::begin(state, &plan.layer, plan.format.extension(), &plan.selection.text);
        return stream::fed(Some(ledger), place, Packing::of(headers), move |feeder| {
            make::streamed(&plan, feeder);
        });
    }
    let file = open(state, &plan).await?;
    let is_packed_inside = matches!(plan.format, Format::GeoParquet | Format::GeoTiff);
    let beginning = Arc::clone(state);
    let job = tokio::task::spawn_blocking(move || {
        let length = file.metadata().map_err(ApiError::internal)?.len();
        let wanted = wanted(range.as_deref(), length)?;
        let ledger = Ledger::begin(
            &beginning,
            &plan.layer,
            plan.format.extension(),
            &plan.selection.text,
        );
        Ok::<_, ApiError>((file, length, wanted, ledger))
    });
    let (file, length, wanted, ledger) = job.await.map_err(ApiError::internal)??;
    let (start, size) = match wanted {
        Wanted::All => (0, length),
        Wanted::Part { start, end } => (start, end - start + 1),
    };
    let packing = match wanted {
        Wanted::All if !is_packed_inside => Packing::of(headers),
        // Ranges are those of the file itself.
        _ => Packing::None,
    };
    let mut response = stream::part(file, start, size, Some(ledger), place, packing)?;
    if packing == Packing::None {
        response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
    }
    if let Wanted::Part { start, end } = wanted {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        if let Ok(value) = HeaderValue::from_str(&format!("bytes {start}-{end}/{length}")) {
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
    }
    Ok(response)
}

/// What travels in the headers of every answer about a file.
fn describe(response: &mut Response<Body>, plan: &Plan, tag: &str) {
    let about = plan.layer.about();
    let is_error = response.status().is_client_error();
    let headers = response.headers_mut();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::ETAG, tag);
    put(header::VARY, "authorization, cookie, accept-encoding");
    // Public data may be kept by anyone, the rest by its reader alone; both ask whether it is still the same.
    put(
        header::CACHE_CONTROL,
        if plan.layer.grant().is_public() {
            "public, no-cache"
        } else {
            "private, no-cache"
        },
    );
    put(header::LAST_MODIFIED, &http_date(about.imported_at));
    if is_error {
        return;
    }
    put(header::ACCEPT_RANGES, "bytes");
    put(header::CONTENT_TYPE, plan.format.media_type());
    put(
        header::CONTENT_DISPOSITION,
        &format!(
            "attachment; filename=\"{}.{}\"",
            about.name,
            plan.format.extension()
        ),
    );
}

/// A moment as HTTP writes it.
pub fn http_date(at: Timestamp) -> String {
    httpdate::fmt_http_date(std::time::SystemTime::from(at))
}

/// The finished file: a stored raster as it is, anything else as soon as it is made.
async fn open(state: &Arc<PartnerState>, plan: &Plan) -> Result<File, ApiError> {
    if plan.format == Format::GeoTiff {
        let path = plan.layer.path();
        return Ok(File::open(path).map_err(|e| LayersError::io(path, "reading", e))?);
    }
    let (making, plan) = (Arc::clone(state), plan.clone());
    let name = plan.file_name();
    state
        .spool
        .open(&name, move |path, still| make::file(&making, &plan, path, still))
        .await
}
