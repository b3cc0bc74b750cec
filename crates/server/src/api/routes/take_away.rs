//! What leaves the screen: files of a ranking, the decision record.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use phteah_planning::record::{Choice, Input, Override, Record, RecordError, Signature};
use phteah_store::PlanChange;
use serde::Deserialize;
use utoipa::IntoParams;

use super::rankings::{kept, refusal};
use crate::api::error::{ApiError, Detail, ErrorBody};
use crate::api::json::{JsonBody, PathParts, QueryParts};
use crate::api::types::{RecordOverride, RecordRequest};
use crate::auth::Writer;
use crate::build_id::VERSION;
use crate::ranking::files::{self, Format};
use crate::ranking::spreadsheet::Language;
use crate::state::AppState;

/// What is decided of a site that the ranking did not propose, where nothing else is said.
const AGAINST_THE_ORDER: &str = "chosen against the order";

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DownloadQuery {
    /// `xlsx` or `csv`, for people; `geojson`, `gpkg` or `json`.
    format: String,
    /// With `csv`: every column, for programs, by their names in files.
    all: Option<String>,
    /// Language of what is for people: `en` or `km`; `en` if absent.
    lang: Option<String>,
    /// Only so many of the best sites; all if absent.
    best: Option<usize>,
}

/// The ranked sites as a file, best first; licences and the word "illustrative" travel inside.
#[utoipa::path(get, path = "/api/rankings/{id}/download", operation_id = "download",
    params(("id" = String, Path, description = "The ranking's id"), DownloadQuery),
    responses((status = 200, description = "The file", content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/geo+json"),
        (Vec<u8> = "application/geopackage+sqlite3"), (Vec<u8> = "application/json"))), (status = "default", body = ErrorBody)))]
pub async fn download(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    QueryParts(query): QueryParts<DownloadQuery>,
) -> Result<Response, ApiError> {
    let all = query.all.as_deref().is_some_and(|all| all != "false");
    let (extension, format, kind) = match query.format.as_str() {
        "csv" if all => ("csv", Format::Table, "text/csv; charset=utf-8"),
        "csv" => ("csv", Format::PeoplesCsv, "text/csv; charset=utf-8"),
        "xlsx" => (
            "xlsx",
            Format::Workbook,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "geojson" => ("geojson", Format::Table, "application/geo+json"),
        "gpkg" => ("gpkg", Format::Table, "application/geopackage+sqlite3"),
        "json" => ("json", Format::Json, "application/json"),
        _ => {
            return Err(ApiError::bad_parameter(
                "format",
                "format must be xlsx, csv, geojson, gpkg or json.",
            ));
        }
    };
    let language = Language::of(query.lang.as_deref().unwrap_or("en"))
        .ok_or_else(|| ApiError::bad_parameter("lang", "lang must be en or km."))?;
    if query.best == Some(0) {
        return Err(ApiError::bad_parameter("best", "best must be 1 or more."));
    }
    let ranked = kept(&state, &id).await?;
    let name = format!("phteah-sites-{}.{extension}", id.get(..8).unwrap_or(&id));
    let reader = Arc::clone(&state);
    let answer = state.work(move || {
        let catalogue = reader.catalogue()?;
        if !ranked.is_of(&catalogue) {
            return Err(ApiError::layers_changed());
        }
        let dir = tempfile::tempdir().map_err(ApiError::internal)?;
        let path = dir.path().join(format!("sites.{extension}"));
        files::write(&ranked, &catalogue, &path, format, query.best, language)
            .map_err(|error| refusal(&error))?;
        std::fs::read(path).map_err(ApiError::internal)
    });
    attachment(answer.await?, kind, &name)
}

/// Seals the ranking as a decision. `phteah record verify` says later whether the data still say the same.
#[utoipa::path(post, path = "/api/rankings/{id}/record", operation_id = "record", request_body = RecordRequest,
    params(("id" = String, Path, description = "The ranking's id")),
    responses((status = 200, body = Object), (status = 400, description = "All mistakes at once", body = ErrorBody),
        (status = "default", body = ErrorBody)))]
pub async fn record(
    State(state): State<Arc<AppState>>,
    PathParts(id): PathParts<String>,
    writer: Writer,
    JsonBody(request): JsonBody<RecordRequest>,
) -> Result<Response, ApiError> {
    let ranked = kept(&state, &id).await?;
    // The clock is read here, at the rim, and nowhere below.
    let when = Timestamp::now();
    let name = format!("decision-record-{}.json", when.strftime("%Y-%m-%d"));
    let reader = Arc::clone(&state);
    let answer = state.work(move || {
        if !ranked.is_of(&*reader.catalogue()?) {
            return Err(ApiError::layers_changed());
        }
        let signature = signature(request, &when.to_string());
        let inputs = ranked.measured.inputs.iter().map(|input| Input {
            layer: input.name.clone(),
            role: input.role.to_string(),
            hash: input.hash.clone(),
            illustrative: input.illustrative,
        });
        let record =
            Record::seal(&ranked.scenario, inputs.collect(), &ranked.ranking, signature).map_err(refused)?;
        let mut json = serde_json::to_vec_pretty(&record).map_err(ApiError::internal)?;
        json.push(b'\n');
        writer.note(
            &reader,
            PlanChange::RecordSealed,
            &format!("record {}", record.seal),
            "",
        )?;
        Ok(json)
    });
    attachment(answer.await?, "application/json", &name)
}

/// Who decided and why.
fn signature(request: RecordRequest, when: &str) -> Signature {
    let who = request.decided_by.trim().to_owned();
    let departure = |one: RecordOverride| Override {
        alternative: one.site,
        decision: one.decision.unwrap_or_else(|| AGAINST_THE_ORDER.to_owned()),
        reason: one.reason.trim().to_owned(),
        who: who.clone(),
        when: when.to_owned(),
    };
    Signature {
        version: VERSION.to_owned(),
        chosen: request
            .chosen
            .into_iter()
            .map(|one| Choice {
                alternative: one.site,
                reason: one.reason.trim().to_owned(),
            })
            .collect(),
        overrides: request.overrides.into_iter().map(departure).collect(),
        who: who.clone(),
        when: when.to_owned(),
        notes: request.notes.trim().to_owned(),
    }
}

/// Every mistake of a record at once.
fn refused(wrong: RecordError) -> ApiError {
    let details = wrong.0.into_iter().map(|fault| Detail {
        field: fault.field,
        message: fault.what.to_string(),
        said: Some(fault.what.said().into()),
        khmer: None,
    });
    ApiError::bad_record(details.collect())
}

fn attachment(bytes: Vec<u8>, kind: &'static str, name: &str) -> Result<Response, ApiError> {
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(ApiError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}
