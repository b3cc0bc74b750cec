//! `/data/{layer}.{format}`: a layer, or a part of it, as a file.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use phteah_layers::{LayersError, TableShape, TableWriter};
use tokio::sync::OwnedSemaphorePermit;

use super::data::crs::OutCrs;
use super::data::scan::{RowRef, scan};
use super::data::selection::{Asked, Selection};
use super::data::source::VisibleLayer;
use super::encode::csv::LineWriter;
use super::encode::geojson::FeatureWriter;
use super::encode::number::push_json_text;
use super::encode::parquet::ParquetWriter;
use super::formats::Format;
use super::ranges::{Wanted, wanted};
use super::state::PartnerState;
use super::stream::{self, Feeder, Ledger};
use super::viewer::Caller;
use crate::api::error::ApiError;
use crate::bundle::hex;

/// A download that has been checked and may begin.
#[derive(Clone)]
struct Plan {
    layer: VisibleLayer,
    selection: Selection,
    format: Format,
    etag: String,
}

impl Plan {
    fn file_name(&self) -> String {
        format!("{}-{}.{}", self.layer.name(), self.etag, self.format.extension())
    }
}

/// Answers `GET` and `HEAD`.
pub async fn serve(
    state: Arc<PartnerState>,
    caller: Caller,
    name: String,
    format: Format,
    asked: Asked,
    method: &Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let plan = state
        .work(move |state| plan(state, &caller, &name, format, &asked))
        .await?;
    let tag = format!("\"{}\"", plan.etag);
    let mut response = if holds(&headers, &plan.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if method == Method::HEAD {
        head(&state, &plan)
    } else {
        let permit = Arc::clone(&state.downloads)
            .try_acquire_owned()
            .map_err(|_| ApiError::overloaded())?;
        body(&state, plan.clone(), &headers, permit).await?
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
    let selection = if layer.is_vector() {
        if format == Format::GeoTiff {
            return Err(ApiError::not_found(
                "no_such_format",
                "This layer has features: it is to be had in the formats that /data names.",
            ));
        }
        Selection::parse(&layer, asked, &[])?
    } else {
        if format != Format::GeoTiff {
            return Err(ApiError::not_found(
                "no_such_format",
                "This layer is a raster: it is to be had as .tif.",
            ));
        }
        asked.only(&[])?;
        Selection::all(&layer, OutCrs::Crs84)
    };
    if format.is_always_wgs84() && selection.crs != OutCrs::Crs84 {
        let message = format!(
            "{} is always WGS 84 here: take GeoPackage, FlatGeobuf or CSV for another CRS.",
            format.name()
        );
        return Err(ApiError::bad_parameter("crs", message));
    }
    let fields: Vec<&str> = selection.fields.iter().map(|field| field.name.as_str()).collect();
    let parts = [
        env!("CARGO_PKG_VERSION"),
        &layer.about().hash,
        format.extension(),
        &fields.join(","),
        &selection.text,
        layer.name(),
    ];
    let etag = digest(&parts);
    Ok(Plan {
        layer,
        selection,
        format,
        etag,
    })
}

/// A short name for what decides the bytes of a file.
fn digest(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    hex(&digest.finalize()[..16])
}

/// Whether the client holds these bytes already, compressed or not.
fn holds(headers: &HeaderMap, etag: &str) -> bool {
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
    let mut response = StatusCode::OK.into_response();
    let size = match plan.format {
        Format::GeoTiff => std::fs::metadata(plan.layer.path()).ok().map(|file| file.len()),
        _ => state.spool.size(&plan.file_name()),
    };
    if let Some(size) = size {
        response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
    }
    response
}

async fn body(
    state: &Arc<PartnerState>,
    plan: Plan,
    headers: &HeaderMap,
    permit: OwnedSemaphorePermit,
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
        let ledger = Ledger::begin(state, &plan.layer, plan.format.extension(), &plan.selection.text)?;
        return Ok(stream::fed(ledger, permit, move |feeder| write_text(&plan, feeder)).into_response());
    }
    // A file that takes longer to make than a request may take is finished all the same, for whoever asks again.
    let making = Arc::clone(state);
    let job = tokio::task::spawn_blocking(move || {
        let file = open(&making, &plan)?;
        let length = file.metadata().map_err(ApiError::internal)?.len();
        let wanted = wanted(range.as_deref(), length)?;
        let ledger = Ledger::begin(
            &making,
            &plan.layer,
            plan.format.extension(),
            &plan.selection.text,
        )?;
        Ok::<_, ApiError>((file, length, wanted, ledger))
    });
    let (file, length, wanted, ledger) = job.await.map_err(ApiError::internal)??;
    let (start, size) = match wanted {
        Wanted::All => (0, length),
        Wanted::Part { start, end } => (start, end - start + 1),
    };
    let mut response = stream::part(file, start, size, ledger, permit).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
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
    put(header::VARY, "authorization, accept-encoding");
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

fn open(state: &PartnerState, plan: &Plan) -> Result<Arc<std::fs::File>, ApiError> {
    if plan.format == Format::GeoTiff {
        let path = plan.layer.path();
        return Ok(Arc::new(
            std::fs::File::open(path).map_err(|e| LayersError::io(path, "reading", e))?,
        ));
    }
    state
        .spool
        .open(&plan.file_name(), |path| write_file(state, plan, path))
}

/// Hands over a text format feature by feature.
fn write_text(plan: &Plan, mut feeder: Feeder) {
    let mut features = 0;
    let done = Text::new(plan).and_then(|mut text| {
        text.head(plan, &mut feeder.buffer);
        let mut there = true;
        scan(&plan.layer, &plan.selection, None, |row| {
            text.feature(row, features == 0, &mut feeder.buffer)?;
            features += 1;
            there = feeder.pass_on(features);
            Ok(there)
        })?;
        text.tail(&mut feeder.buffer);
        Ok(there)
    });
    match done {
        Ok(true) => feeder.finish(Some(features)),
        Ok(false) => {}
        Err(error) => feeder.fail(&error),
    }
}

/// How large a file of a layer's first features is.
pub fn size_of_part(
    state: &PartnerState,
    layer: &VisibleLayer,
    format: Format,
    features: usize,
) -> Result<u64, ApiError> {
    let dir = tempfile::tempdir().map_err(ApiError::internal)?;
    let mut selection = Selection::all(layer, OutCrs::Crs84);
    selection.limit = Some(features);
    let plan = Plan {
        layer: layer.clone(),
        selection,
        format,
        etag: "part".to_owned(),
    };
    let path = dir.path().join(plan.file_name());
    write_file(state, &plan, &path)?;
    Ok(std::fs::metadata(&path).map_err(ApiError::internal)?.len())
}

/// Writes a whole file; it takes its name when it is complete.
fn write_file(state: &PartnerState, plan: &Plan, path: &FilePath) -> Result<(), ApiError> {
    let Plan {
        layer,
        selection,
        format,
        ..
    } = plan;
    if matches!(format, Format::GeoPackage | Format::FlatGeobuf) {
        let catalogue = state.catalogue()?;
        let crs = layer.crs().of(selection.crs, catalogue.deployment())?;
        let shape = TableShape {
            fields: &selection.fields,
            geometry: layer.geometry(),
            from: layer.crs().definition(),
            crs: Some(&crs),
        };
        let mut writer = TableWriter::create(path, &shape, &layer.meta())?;
        scan(layer, selection, None, |row| {
            let values: Vec<_> = (0..selection.fields.len()).map(|i| row.value(i)).collect();
            let shape = row
                .wkb()
                .map(phteah_layers::wkb::parse)
                .transpose()
                .map_err(ApiError::internal)?;
            writer.push(row.id(), shape.map(|parsed| parsed.geometry), &values)?;
            Ok(true)
        })?;
        writer.finish()?;
        return Ok(());
    }
    let unfinished = path.with_file_name(format!(".{}", plan.file_name()));
    let io = |e| LayersError::io(path, "writing", e);
    if *format == Format::GeoParquet {
        let plane = layer.crs().to(OutCrs::Crs84)?;
        let mut writer = ParquetWriter::create(
            &unfinished,
            plane,
            &selection.fields,
            layer.geometry(),
            &layer.meta(),
        )?;
        scan(layer, selection, None, |row| writer.push(row).map(|()| true))?;
        writer.finish()?;
    } else {
        use std::io::Write;
        let mut file = std::io::BufWriter::new(std::fs::File::create(&unfinished).map_err(io)?);
        let (mut text, mut buffer, mut first) = (Text::new(plan)?, Vec::new(), true);
        text.head(plan, &mut buffer);
        scan(layer, selection, None, |row| {
            text.feature(row, first, &mut buffer)?;
            first = false;
            file.write_all(&buffer).map_err(io)?;
            buffer.clear();
            Ok(true)
        })?;
        text.tail(&mut buffer);
        file.write_all(&buffer).and_then(|()| file.flush()).map_err(io)?;
    }
    std::fs::rename(&unfinished, path).map_err(io)?;
    Ok(())
}

/// The text formats.
enum Text {
    GeoJson(FeatureWriter),
    Lines(FeatureWriter),
    Csv(LineWriter),
}

impl Text {
    fn new(plan: &Plan) -> Result<Self, ApiError> {
        let (layer, selection) = (&plan.layer, &plan.selection);
        let plane = layer.crs().to(selection.crs)?;
        Ok(match plan.format {
            Format::Csv => Self::Csv(LineWriter::new(plane, &selection.fields, layer.geometry())),
            Format::GeoJsonLines => Self::Lines(FeatureWriter::new(plane, &selection.fields)),
            _ => Self::GeoJson(FeatureWriter::new(plane, &selection.fields)),
        })
    }

    fn head(&self, plan: &Plan, out: &mut Vec<u8>) {
        match self {
            Self::Lines(_) => {}
            Self::Csv(lines) => lines.head(&plan.selection.fields, plan.selection.crs, out),
            Self::GeoJson(_) => {
                let about = plan.layer.about();
                out.extend_from_slice(b"{\"type\":\"FeatureCollection\"");
                let said = [
                    ("name", about.name.as_str()),
                    ("title", &about.title),
                    ("source", &about.source),
                    ("licence", &about.licence),
                    ("attribution", &about.attribution),
                    ("version", &about.hash),
                    ("decisionRecord", about.record.as_deref().unwrap_or_default()),
                ];
                for (key, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
                    out.push(b',');
                    push_json_text(out, key);
                    out.push(b':');
                    push_json_text(out, value);
                }
                out.extend_from_slice(if about.illustrative {
                    b",\"illustrative\":true"
                } else {
                    b",\"illustrative\":false"
                });
                out.extend_from_slice(b",\"features\":[\n");
            }
        }
    }

    fn feature(&mut self, row: &RowRef<'_>, first: bool, out: &mut Vec<u8>) -> Result<(), ApiError> {
        match self {
            Self::Csv(lines) => lines.write(row, out),
            Self::Lines(features) => {
                features.write(row, "", out)?;
                out.push(b'\n');
                Ok(())
            }
            Self::GeoJson(features) => {
                if !first {
                    out.extend_from_slice(b",\n");
                }
                features.write(row, "", out)
            }
        }
    }

    fn tail(&self, out: &mut Vec<u8>) {
        if matches!(self, Self::GeoJson(_)) {
            out.extend_from_slice(b"\n]}\n");
        }
    }
}
