//! What a client is told when something goes wrong. Nothing else in the program chooses an HTTP status or a wording for it.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_layers::LayersError;
use phteah_planning::notice::Notice;
use phteah_planning::problem::MAX_TOLD;
use phteah_store::StoreError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::types::Said;
use crate::http::places::NoPlace;
use crate::scenarios::keep::KeepError;
use crate::scenarios::plots::PlotsError;

/// Every code that an error can have.
pub const CODES: &[&str] = &[
    "bad_parameter",
    "bad_key",
    "sign_in",
    "no_right",
    "bad_code",
    "device_revoked",
    "batch_too_large",
    "unknown_number",
    "registry_unavailable",
    "storage_full",
    "database_unavailable",
    "bad_upload",
    "file_too_large",
    "wrong_length",
    "wrong_offset",
    "hash_differs",
    "not_an_image",
    "too_many_files",
    "release_not_safe",
    "release_stale",
    "release_overtaken",
    "release_too_little_changed",
    "release_busy",
    "wrong_host",
    "wrong_origin",
    "too_often",
    "too_many_downloads",
    "search_too_long",
    "no_such_range",
    "not_acceptable",
    "bad_json",
    "bad_scenario",
    "cannot_rank",
    "bad_record",
    "bad_plots",
    "say_over_what",
    "layers_changed",
    "outside_the_world",
    "not_found",
    "method_not_allowed",
    "too_large",
    "not_json",
    "timeout",
    "given_up",
    "overloaded",
    "internal",
    "built_in",
    "too_many",
    "name_taken",
    "changed_meanwhile",
    "no_such_layer",
    "layer_unavailable",
    "no_such_ranking",
    "no_such_site",
    "no_such_scenario",
    "no_such_feature",
    "no_such_format",
    "no_such_version",
    "bad_polygon",
    "drawn_outside",
    "drawn_crossing",
    "drawn_too_small",
    "drawn_too_large",
    "drawn_nothing_left",
];

/// An answer that is not the one asked for. The private cause goes to the log, never to the client.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Detail>,
    cause: Option<String>,
    retry_after_s: Option<u32>,
}

/// What the client is told. The private cause is for the log alone: [`ApiError::cause`].
impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Detail {
    /// Path of the field, such as `criterion[2].value.worst`, counted from 0.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
    /// The same for other languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
    /// In Khmer, for the pages that the server makes itself.
    #[serde(skip)]
    pub khmer: Option<String>,
}

impl From<phteah_planning::problem::Problem> for Detail {
    fn from(problem: phteah_planning::problem::Problem) -> Self {
        Self {
            field: problem.place,
            message: problem.message,
            said: problem.said.map(Said::from),
            khmer: None,
        }
    }
}

/// What is said of several mistakes, the first of which are told.
fn counted(what: &str, all: usize) -> String {
    if all > MAX_TOLD {
        format!("{what} {all} mistakes; the first {MAX_TOLD} are told.")
    } else {
        format!("{what} {all} mistakes.")
    }
}

fn first(mut details: Vec<Detail>) -> Vec<Detail> {
    details.truncate(MAX_TOLD);
    details
}

/// The body of every error.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorContent,
}

/// What went wrong.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorContent {
    /// Stable, for programs.
    #[schema(schema_with = codes)]
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Every single thing that is wrong with the request, where that is the matter.
    pub details: Vec<Detail>,
    /// Finds the request in the server's log.
    pub request_id: String,
}

fn codes() -> utoipa::openapi::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .description(Some("Stable, for programs."))
        .enum_values(Some(CODES.iter().copied()))
        .build()
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(
            CODES.contains(&code),
            "{code} is missing in CODES: the page could not word it"
        );
        Self {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            cause: None,
            retry_after_s: None,
        }
    }

    /// A parameter that cannot be understood.
    pub fn bad_parameter(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let details = vec![Detail {
            field: field.to_owned(),
            message: message.clone(),
            ..Detail::default()
        }];
        Self {
            details,
            ..Self::new(StatusCode::BAD_REQUEST, "bad_parameter", message)
        }
    }

    /// Parameters that cannot be understood, all of them.
    pub fn bad_parameters(details: Vec<Detail>) -> Self {
        let message = match details.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            several => counted("The parameters have", several.len()),
        };
        Self {
            details: first(details),
            ..Self::new(StatusCode::BAD_REQUEST, "bad_parameter", message)
        }
    }

    /// A key that opens nothing.
    pub fn bad_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "bad_key",
            StoreError::BadKey.to_string(),
        )
    }

    /// What the team alone may see, asked for without its key.
    pub fn sign_in() -> Self {
        let message = "This is for the team. Open the map in a browser and sign in; a script sends a key of the team with the request \
            (Authorization: Bearer KEY). \"phteah account add\" and \"phteah key add\" make them.";
        Self::new(StatusCode::UNAUTHORIZED, "sign_in", message)
    }

    /// Whether signing in would help.
    pub fn is_for_sign_in(&self) -> bool {
        self.code == "sign_in"
    }

    /// What the account that is signed in has no right to.
    pub fn no_right() -> Self {
        let message = StoreError::no_right().to_string();
        Self::new(StatusCode::FORBIDDEN, "no_right", message)
    }

    /// Whether another account would help.
    pub fn is_no_right(&self) -> bool {
        self.code == "no_right"
    }

    /// More events than a batch may hold.
    pub fn batch_too_large(found: usize, limit: usize) -> Self {
        let message = format!(
            "A batch holds at most {limit} events, and this one has {found}. Send it in parts; none of it was taken."
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "batch_too_large", message)
    }

    /// A request that does not speak the version of tus that is spoken here.
    pub fn tus_version() -> Self {
        let message = "Files are sent by tus 1.0.0: send the header Tus-Resumable: 1.0.0.";
        Self::new(StatusCode::PRECONDITION_FAILED, "bad_upload", message)
    }

    /// A piece of a file that says it is something else.
    pub fn not_a_piece() -> Self {
        let message =
            "A piece of a file is sent with the header Content-Type: application/offset+octet-stream.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_upload", message)
    }

    /// What the registry refuses, by the store's own code.
    fn refused(code: &'static str, message: String) -> Self {
        let (status, retry_after_s) = match code {
            "file_too_large" => (StatusCode::PAYLOAD_TOO_LARGE, None),
            "hash_differs" => (StatusCode::UNPROCESSABLE_ENTITY, None),
            "not_an_image" => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
            "too_many_files" => (StatusCode::TOO_MANY_REQUESTS, Some(60)),
            _ => (StatusCode::CONFLICT, None),
        };
        Self {
            retry_after_s,
            ..Self::new(status, code, message)
        }
    }

    /// Work on releases while other work on them is under way.
    pub fn release_busy() -> Self {
        let message = "Tables are being counted or audited just now, for you or for somebody else. Wait until that is done.";
        Self {
            retry_after_s: Some(10),
            ..Self::new(StatusCode::CONFLICT, "release_busy", message)
        }
    }

    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// A registry that cannot be used just now. Phones keep what they have and try again.
    fn registry_unavailable(cause: impl std::fmt::Display) -> Self {
        let message = "The registry cannot be used just now. Nothing was lost; the phone sends it again later. Tell your administrator.";
        Self {
            cause: Some(cause.to_string()),
            retry_after_s: Some(60),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "registry_unavailable", message)
        }
    }

    /// A name that is none of the server's.
    pub fn wrong_host() -> Self {
        let message = "The server does not know itself by this name (the Host header). Use http://localhost or http://127.0.0.1 with its \
            port, or start it with --public-url and the address that people use.";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", message)
    }

    /// A write that a page of another origin has sent.
    pub fn wrong_origin() -> Self {
        let message = "A page of another site may not write here (the Origin header). Behind a proxy, start the server with --public-url and \
            the address that people use.";
        Self::new(StatusCode::FORBIDDEN, "wrong_origin", message)
    }

    /// No place for another request.
    pub fn no_place(why: NoPlace) -> Self {
        match why {
            NoPlace::Full => Self::overloaded(),
            NoPlace::Enough { each } => {
                let message = format!(
                    "At most {each} requests may run at once for one key or one address. Try again in a second."
                );
                Self {
                    retry_after_s: Some(1),
                    ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", message)
                }
            }
        }
    }

    /// No place for another download.
    pub fn no_place_to_download(why: NoPlace) -> Self {
        match why {
            NoPlace::Full => Self::overloaded(),
            NoPlace::Enough { each } => Self::too_many_downloads(each),
        }
    }

    /// More requests than a key or an address may make.
    pub fn too_often(wait: std::time::Duration) -> Self {
        let seconds = u32::try_from(wait.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let message =
            format!("This is more than one key or one address may ask for. Try again in {seconds} s.");
        let retry_after_s = Some(seconds);
        Self {
            retry_after_s,
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", message)
        }
    }

    /// More downloads at once than one key or one address may run.
    pub fn too_many_downloads(limit: usize) -> Self {
        let message = format!(
            "At most {limit} downloads may run at once for one key or one address. Try again when one of them is done."
        );
        let retry_after_s = Some(5);
        Self {
            retry_after_s,
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_downloads", message)
        }
    }

    /// A filter or an order that a page cannot be made for in time.
    pub fn search_too_long() -> Self {
        let message = "Searching takes too long for one page. Ask for a smaller box or a simpler filter, or download the layer.";
        let retry_after_s = Some(30);
        Self {
            retry_after_s,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "search_too_long", message)
        }
    }

    /// A range beyond the end of a file.
    pub fn no_such_range(length: u64) -> Self {
        let message = format!("The file has {length} bytes: the range lies beyond them.");
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "no_such_range", message)
    }

    /// A form that the answer cannot take.
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", message)
    }

    /// A body that is no JSON, or none of the right form.
    pub fn bad_json(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_json", message)
    }

    /// A scenario with mistakes, all of them.
    pub fn bad_scenario(details: Vec<Detail>) -> Self {
        let message = match details.len() {
            1 => "The scenario has a mistake.".to_owned(),
            n => counted("The scenario has", n),
        };
        Self {
            details: first(details),
            ..Self::new(StatusCode::BAD_REQUEST, "bad_scenario", message)
        }
    }

    /// Plots with mistakes, all of them.
    pub fn bad_plots(details: Vec<Detail>) -> Self {
        let message = match details.len() {
            1 => "The plots have a mistake.".to_owned(),
            n => format!("The plots have {n} mistakes."),
        };
        Self {
            details,
            ..Self::new(StatusCode::BAD_REQUEST, "bad_plots", message)
        }
    }

    /// A ranking that the loaded layers do not allow.
    pub fn cannot_rank(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "cannot_rank", message)
    }

    /// A question about ranks where no site has one.
    pub fn nothing_ranked() -> Self {
        let notice = Notice::NothingRanked;
        let detail = Detail {
            field: String::new(),
            message: notice.to_string(),
            said: Some(notice.said().into()),
            khmer: None,
        };
        Self {
            details: vec![detail],
            ..Self::cannot_rank(notice.to_string())
        }
    }

    /// A decision record with mistakes, all of them.
    pub fn bad_record(details: Vec<Detail>) -> Self {
        let message = match details.as_slice() {
            [one] => format!("The record has a mistake: {} {}.", one.field, one.message),
            several => counted("The record has", several.len()),
        };
        Self {
            details: first(details),
            ..Self::new(StatusCode::BAD_REQUEST, "bad_record", message)
        }
    }

    /// A write that does not say over which version.
    pub fn say_over_what() -> Self {
        let message = "Say what is written over: If-Match with the version that was seen, or If-None-Match: * for a new name.";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "say_over_what", message)
    }

    /// An outline that is no site.
    pub fn bad_outline(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Layers that are not those of the ranking any more.
    pub fn layers_changed() -> Self {
        let message = "The layers have changed since this ranking was made. Post its scenario again.";
        Self::new(StatusCode::CONFLICT, "layers_changed", message)
    }

    /// A tile that no zoom of the world has.
    pub fn outside_the_world() -> Self {
        let message = "There is no such tile: x and y run from 0 to 2^z - 1, z from 0 to 22.";
        Self::new(StatusCode::BAD_REQUEST, "outside_the_world", message)
    }

    /// A thing that does not exist, such as `layer`.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// An address that leads nowhere.
    pub fn no_such_address() -> Self {
        Self::not_found(
            "not_found",
            "There is nothing at this address. /api/openapi.json lists what there is.",
        )
    }

    /// A method that the address does not know.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not answer to this method.",
        )
    }

    /// A body beyond the limit.
    pub fn too_large(limit: usize) -> Self {
        let message = format!(
            "The body is larger than {} kB, which is the most this address takes.",
            limit / 1024
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// A body that says it is something else than JSON.
    pub fn not_json() -> Self {
        let message = "Send the body as JSON, with the header Content-Type: application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message)
    }

    /// Work that takes longer than a request may.
    pub fn timeout() -> Self {
        let message = "This takes longer than a request may. The work goes on: ask again in a few seconds.";
        let retry_after_s = Some(5);
        Self {
            retry_after_s,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message)
        }
    }

    /// Work whose client has gone. Nobody is there to read it.
    pub fn given_up() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "given_up",
            "The client has gone, and the work was stopped.",
        )
    }

    /// Too many requests at once.
    pub fn overloaded() -> Self {
        let message = "The server has too much to do just now. Try again in a few seconds.";
        let retry_after_s = Some(2);
        Self {
            retry_after_s,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message)
        }
    }

    /// A defect or a failing disk: nothing the client can do about it.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let message =
            "Something went wrong in the server. If it happens again, tell its administrator the request id.";
        let cause = Some(cause.to_string());
        Self {
            cause,
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
        }
    }

    /// A layer whose file is missing or damaged, or that lies in another CRS than the deployment says. The others can be had.
    pub fn layer_unavailable() -> Self {
        let message = "This layer cannot be used just now: its stored data are damaged or no longer fit the deployment's settings. Its keepers can import it again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "layer_unavailable", message)
    }

    /// What is said to people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Seconds after which it is worth asking again.
    pub fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The private cause, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The answer, once the request's id is known.
    pub fn render(&self, request_id: &str) -> Response {
        let body = ErrorBody {
            error: ErrorContent {
                code: self.code.to_owned(),
                message: self.message.clone(),
                details: self.details.clone(),
                request_id: request_id.to_owned(),
            },
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // Browsers ask for a password by themselves where Basic is offered; the map has a page for that.
            let challenge = if self.is_for_sign_in() {
                "Bearer realm=\"Phteah\""
            } else {
                "Basic realm=\"Phteah\", charset=\"UTF-8\""
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

impl ApiError {
    /// The answer as a page for people: the same status and headers, the same sentences.
    pub fn render_page(&self, request_id: &str, language: crate::partner::Language) -> Response {
        let status = self.status.as_u16();
        let html = crate::partner::error_page(
            status,
            self.code,
            &self.message,
            &self.details,
            request_id,
            language,
        );
        let (mut parts, _) = self.render(request_id).into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        Response::from_parts(parts, html.into())
    }
}

/// Carries the error to the outermost layer, which knows the request's id and renders it.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<crate::random::NoRandom> for ApiError {
    fn from(error: crate::random::NoRandom) -> Self {
        Self::internal(error)
    }
}

impl From<LayersError> for ApiError {
    fn from(error: LayersError) -> Self {
        match error {
            LayersError::NoSuchLayer { .. } => Self::not_found(
                "no_such_layer",
                "There is no layer of this name. /api/layers lists them.",
            ),
            // The cause names files of the server; its keepers find it in the log, and with phteah layers.
            LayersError::Unavailable { .. } | LayersError::Damaged { .. } => Self {
                cause: Some(error.to_string()),
                ..Self::layer_unavailable()
            },
            other => Self::internal(other.private_cause().unwrap_or(&other.to_string())),
        }
    }
}

impl From<KeepError> for ApiError {
    fn from(error: KeepError) -> Self {
        let message = error.to_string();
        match error {
            KeepError::Name => Self::bad_parameter("name", message),
            KeepError::BuiltIn(_) => Self::new(StatusCode::CONFLICT, "built_in", message),
            KeepError::TooMany => Self::new(StatusCode::CONFLICT, "too_many", message),
            KeepError::Taken(_) => Self::new(StatusCode::PRECONDITION_FAILED, "name_taken", message),
            KeepError::Changed(_) => Self::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", message),
            KeepError::Io(_) | KeepError::Write(_) | KeepError::Toml(_) => Self::internal(message),
        }
    }
}

impl From<PlotsError> for ApiError {
    fn from(error: PlotsError) -> Self {
        let message = error.to_string();
        match error {
            PlotsError::NoScenario => Self::not_found("no_such_scenario", message),
            PlotsError::Mistakes(problems) => {
                Self::bad_plots(problems.into_iter().map(Detail::from).collect())
            }
            PlotsError::Changed(_) => {
                Self::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", message)
            }
            PlotsError::Damaged { .. } | PlotsError::Io(_) | PlotsError::Write(_) => Self::internal(message),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadKey => Self::bad_key(),
            StoreError::Refused { code, message } => Self::refused(code, message),
            StoreError::StorageFull => Self {
                retry_after_s: Some(60),
                ..Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "storage_full",
                    StoreError::StorageFull.to_string(),
                )
            },
            StoreError::Key(cause) => Self::registry_unavailable(cause),
            error @ StoreError::NotWritten(_) => Self::registry_unavailable(error),
            error @ StoreError::Unavailable(_) => Self {
                cause: Some(error.to_string()),
                retry_after_s: Some(5),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database_unavailable",
                    "The server's database cannot be reached just now. Nothing was lost; try again in a moment.",
                )
            },
            StoreError::Denied(message) => Self::new(StatusCode::FORBIDDEN, "no_right", message),
            StoreError::NotFound(message) => Self::not_found("not_found", message),
            StoreError::Usage(message) => Self::bad_parameter("request", message),
            StoreError::BadCode => {
                Self::new(StatusCode::FORBIDDEN, "bad_code", StoreError::BadCode.to_string())
            }
            StoreError::DeviceRevoked => Self::new(
                StatusCode::FORBIDDEN,
                "device_revoked",
                StoreError::DeviceRevoked.to_string(),
            ),
            other => Self::internal(other),
        }
    }
}
