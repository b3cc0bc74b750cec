//! Photos and sound by tus 1.0.0 (core protocol, with the extensions creation and creation-with-upload). The address is the file's SHA-256:
//! there is nothing to be named, and a file that was sent twice is one file.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_store::registry::{FileHash, FileState, MAX_FILE_BYTES};

use super::caller::{DeviceCaller, Presence};
use super::tus::{self, VERSION};
use crate::api::context::Unhurried;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::PathParts;
use crate::http::steady::steady;
use crate::state::AppState;

/// The most bytes of one request. Phones send pieces of some hundred kilobytes.
pub const MAX_PIECE_BYTES: usize = 4 << 20;

const EXTENSIONS: &str = "creation,creation-with-upload";

static TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
static UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
static UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");

/// What of the protocol is spoken here.
#[utoipa::path(options, path = "/api/field/files/{sha256}", operation_id = "fileOptions", params(("sha256" = String, Path, description = "SHA-256 of the file, 64 hexadecimal digits in small letters")), responses((status = 204, description = "Tus-Version, Tus-Extension and Tus-Max-Size")))]
pub async fn options() -> Response {
    let headers = [
        ("tus-resumable", VERSION.to_owned()),
        ("tus-version", VERSION.to_owned()),
        ("tus-extension", EXTENSIONS.to_owned()),
        ("tus-max-size", MAX_FILE_BYTES.to_string()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins a file of `Upload-Length` bytes, or finds it begun; a body is its first piece.
#[utoipa::path(post, path = "/api/field/files/{sha256}", operation_id = "beginFile", params(("sha256" = String, Path, description = "SHA-256 of the file, 64 hexadecimal digits in small letters"), ("Upload-Length" = u64, Header, description = "Bytes of the file"), ("Tus-Resumable" = String, Header, description = "1.0.0")), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses((status = 201, description = "It is begun; Upload-Offset says how much of it is here"), (status = "default", body = ErrorBody)))]
pub async fn begin(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, presence): DeviceCaller,
    PathParts(name): PathParts<String>,
    request: Request,
) -> Result<Response, ApiError> {
    check_version(request.headers())?;
    let hash = hash(&name)?;
    let length = number(request.headers(), &UPLOAD_LENGTH)?;
    let has_piece = is_piece(request.headers());
    let now = state.partner.now();
    let actor = contact.actor.clone();
    let begun = state
        .registry
        .ask(move |registry| registry.begin_file(&actor, hash, length, now))
        .await?;
    let here = if has_piece && begun.received == 0 && !begun.complete {
        receive(&state, &contact.actor, &presence, (hash, 0), request).await?
    } else {
        begun
    };
    let mut response = answer(StatusCode::CREATED, here);
    if let Ok(location) = format!("/api/field/files/{name}").parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// How much of a file is here.
#[utoipa::path(head, path = "/api/field/files/{sha256}", operation_id = "fileState", params(("sha256" = String, Path, description = "SHA-256 of the file, 64 hexadecimal digits in small letters"), ("Tus-Resumable" = String, Header, description = "1.0.0")), responses((status = 200, description = "Upload-Offset and Upload-Length"), (status = "default", body = ErrorBody)))]
pub async fn state(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, _): DeviceCaller,
    PathParts(name): PathParts<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_version(&headers)?;
    let hash = hash(&name)?;
    let here = state
        .registry
        .ask(move |registry| registry.file_state(&contact.actor, hash))
        .await?;
    Ok(answer(StatusCode::OK, here))
}

/// Adds a piece from `Upload-Offset` on. What arrives of a piece that is cut off is kept.
#[utoipa::path(patch, path = "/api/field/files/{sha256}", operation_id = "appendFile", params(("sha256" = String, Path, description = "SHA-256 of the file, 64 hexadecimal digits in small letters"), ("Upload-Offset" = u64, Header, description = "Where the piece begins: as many bytes as are here"), ("Tus-Resumable" = String, Header, description = "1.0.0")), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses((status = 204, description = "Upload-Offset says how much is here now"), (status = "default", body = ErrorBody)))]
pub async fn append(
    State(state): State<Arc<AppState>>,
    DeviceCaller(contact, presence): DeviceCaller,
    PathParts(name): PathParts<String>,
    request: Request,
) -> Result<Response, ApiError> {
    check_version(request.headers())?;
    let hash = hash(&name)?;
    if !is_piece(request.headers()) {
        return Err(ApiError::not_a_piece());
    }
    let offset = number(request.headers(), &UPLOAD_OFFSET)?;
    let here = receive(&state, &contact.actor, &presence, (hash, offset), request).await?;
    Ok(answer(StatusCode::NO_CONTENT, here))
}

/// Reads a piece as far as it comes and adds it.
async fn receive(
    state: &Arc<AppState>,
    actor: &phteah_store::Actor,
    presence: &Presence,
    (hash, offset): (FileHash, u64),
    request: Request,
) -> Result<FileState, ApiError> {
    if let Some(unhurried) = request.extensions().get::<Unhurried>() {
        unhurried.begin();
    }
    let (piece, is_whole) = piece(steady(request.into_body())).await?;
    presence.is_still_let_in(state).await?;
    let actor = actor.clone();
    let here = state
        .registry
        .ask(move |registry| registry.append_file(&actor, hash, offset, piece))
        .await?;
    if is_whole {
        Ok(here)
    } else {
        Err(ApiError::bad_json(
            "The piece was cut off. What had come is kept: ask with HEAD where to go on.",
        ))
    }
}

async fn piece(mut body: Body) -> Result<(Vec<u8>, bool), ApiError> {
    let mut piece = Vec::new();
    loop {
        let frame = std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context)).await;
        let bytes: Bytes = match frame {
            None => return Ok((piece, true)),
            Some(Err(_)) => return Ok((piece, false)),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) => bytes,
                Err(_) => continue,
            },
        };
        if piece.len() + bytes.len() > MAX_PIECE_BYTES {
            return Err(ApiError::too_large(MAX_PIECE_BYTES));
        }
        piece.extend_from_slice(&bytes);
    }
}

fn answer(status: StatusCode, here: FileState) -> Response {
    let headers = [
        (TUS_RESUMABLE.clone(), VERSION.to_owned()),
        (UPLOAD_OFFSET.clone(), here.received.to_string()),
        (UPLOAD_LENGTH.clone(), here.length.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (status, headers).into_response()
}

/// Says in an answer about files which protocol is spoken, as tus asks of every answer: of refusals too, and of one of another version which
/// would do.
pub fn say_protocol(response: &mut Response) {
    static TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
    let version = HeaderValue::from_static(VERSION);
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response
            .headers_mut()
            .insert(TUS_VERSION.clone(), version.clone());
    }
    response.headers_mut().insert(TUS_RESUMABLE.clone(), version);
}

/// Whether a path is that of a file.
pub fn is_of_files(path: &str) -> bool {
    path.starts_with("/api/field/files/")
}

fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    let asked = headers.get(&TUS_RESUMABLE);
    if asked.is_some_and(|asked| tus::is_version(asked.as_bytes())) {
        Ok(())
    } else {
        Err(ApiError::tus_version())
    }
}

fn hash(name: &str) -> Result<FileHash, ApiError> {
    FileHash::read(name).ok_or_else(|| {
        ApiError::bad_parameter(
            "sha256",
            "A file is named by its SHA-256: 64 hexadecimal digits in small letters.",
        )
    })
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, ApiError> {
    headers
        .get(name)
        .and_then(|value| tus::number(value.as_bytes()))
        .ok_or_else(|| {
            ApiError::bad_parameter(
                name.as_str(),
                format!("The header {name} is a whole number of bytes."),
            )
        })
}

fn is_piece(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| tus::is_piece(kind.as_bytes()))
}
