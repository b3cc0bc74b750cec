//! Filled forms as they come: the parts of a POST, and what is answered.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use phteah_forms::Version;
use phteah_forms::submission::Submission;
use phteah_forms::xform::is_file_name;
use phteah_store::StoreError;
use phteah_store::registry::MAX_FILE_BYTES;

use super::answer::{self, message, refused};
use super::caller::OdkCaller;
use super::take::{Door, Sent, Taken};
use crate::api::context::Unhurried;
use crate::api::error::ApiError;
use crate::http::steady::steady;
use crate::state::AppState;

/// The most bytes of one POST: a photo of the largest size, its answers and some room.
pub const MAX_SUBMISSION_BODY_BYTES: usize = (MAX_FILE_BYTES as usize) + (8 << 20);
/// How long a filled form waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// The most parts of one POST.
pub const MAX_PARTS: usize = 200;
/// The part that holds the answers.
const ANSWERS: &str = "xml_submission_file";
/// A part of this name says that more is to come.
const INCOMPLETE: &str = "*isIncomplete*";

/// Whether this is the right address: the address to send to, and nothing else.
pub(super) async fn head(caller: OdkCaller) -> Response {
    let place = [(header::LOCATION, format!("{}/submission", caller.base))];
    (StatusCode::NO_CONTENT, place).into_response()
}

/// Filled forms are sent here and not taken from here.
pub(super) async fn not_to_be_got(_: OdkCaller) -> Response {
    refused(
        StatusCode::METHOD_NOT_ALLOWED,
        "Filled forms are sent here with POST.",
    )
}

/// Takes a filled form, or a part of one.
pub(super) async fn post(
    State(state): State<Arc<AppState>>,
    caller: OdkCaller,
    request: Request,
) -> Result<Response, Response> {
    if let Some(unhurried) = request.extensions().get::<Unhurried>() {
        unhurried.begin();
    }
    let Ok(turn) = tokio::time::timeout(MAX_WAIT, state.submissions.acquire()).await else {
        let mut busy = refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "The office is busy with the forms of other phones. Nothing of this one was taken: send it again in a minute.",
        );
        busy.headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return Err(busy);
    };
    let _turn = turn.map_err(|e| answer::refusal(ApiError::internal(e)))?;
    let sent = parts(request.map(steady)).await?;
    caller.is_still_let_in(&state).await?;
    let submission = Submission::read(&sent.answers).map_err(|problem| {
        refused(
            StatusCode::BAD_REQUEST,
            &format!("The filled form cannot be read. {problem}"),
        )
    })?;
    let forms = Arc::clone(&state.forms);
    let (id, wanted) = (submission.form.clone(), submission.version.clone());
    let version: Option<Arc<Version>> = state
        .work(move || {
            let listing = forms.listing()?;
            Ok(if wanted.is_empty() {
                listing.newest_of(&id).cloned()
            } else {
                listing.version(&id, &wanted).cloned()
            })
        })
        .await
        .map_err(answer::refusal)?;
    let Some(version) = version else {
        return Err(refused(
            StatusCode::NOT_FOUND,
            "The server does not know this form, or this version of it. The filled form stays on the phone: send it again when the form has been added.",
        ));
    };
    let now = state.partner.now();
    let (actor, partner) = (caller.contact.actor, Arc::clone(&state.partner));
    let taken = state
        .registry
        .ask(move |registry| {
            let door = Door {
                registry,
                store: partner.store(),
                actor: &actor,
            };
            Ok(door.take(&submission, &version, &sent, now))
        })
        .await
        .map_err(answer::refusal)?;
    match taken {
        Ok(Taken::Part) => Ok(message(
            StatusCode::ACCEPTED,
            "submit_partial",
            "This part has come. The form counts when all of it has.",
        )),
        Ok(Taken::Whole { left_out, .. }) => {
            let mut text = String::from("The form has been received.");
            if left_out > 0 {
                text.push_str(&format!(
                    " {left_out} files were not kept: they are neither photos nor sound, too large, or other files under a name that had come already."
                ));
            }
            Ok(message(StatusCode::CREATED, "submit_success", &text))
        }
        Err(error) => Err(match error {
            StoreError::Refused {
                code: "instance_taken",
                message,
            } => refused(StatusCode::CONFLICT, &message),
            StoreError::Refused {
                code: "replaced_unknown",
                message,
            } => refused(StatusCode::NOT_FOUND, &message),
            other => answer::refusal(other.into()),
        }),
    }
}

/// Reads the parts, in whatever order they come.
async fn parts(request: Request) -> Result<Sent, Response> {
    let bad = |text: &str| refused(StatusCode::BAD_REQUEST, text);
    let boundary = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| multer::parse_boundary(kind).ok())
        .ok_or_else(|| bad("The body is no multipart form: its Content-Type must be multipart/form-data with a boundary."))?;
    let limits = multer::SizeLimit::new()
        .whole_stream(MAX_SUBMISSION_BODY_BYTES as u64)
        .per_field(MAX_FILE_BYTES + (1 << 20));
    let constraints = multer::Constraints::new().size_limit(limits);
    let mut multipart =
        multer::Multipart::with_constraints(request.into_body().into_data_stream(), boundary, constraints);
    let mut sent = Sent {
        answers: Vec::new(),
        files: BTreeMap::new(),
        incomplete: false,
        doubled: 0,
        received: None,
    };
    let mut has_answers = false;
    let mut count = 0;
    while let Some(field) = multipart.next_field().await.map_err(|e| broken(&e))? {
        count += 1;
        if count > MAX_PARTS {
            return Err(refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("At most {MAX_PARTS} parts are taken at once."),
            ));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|e| broken(&e))?;
        if name == ANSWERS {
            has_answers = true;
            sent.answers = bytes.to_vec();
        } else if name == INCOMPLETE {
            sent.incomplete = bytes.eq_ignore_ascii_case(b"yes");
        } else {
            // Collect names a part by its file; others give the file's name alone.
            let name = file_name.unwrap_or(name);
            if is_file_name(&name) {
                match sent.files.entry(name) {
                    Entry::Vacant(place) => {
                        place.insert(bytes.to_vec());
                    }
                    Entry::Occupied(first) => sent.doubled += usize::from(first.get()[..] != bytes[..]),
                }
            }
        }
    }
    if !has_answers {
        return Err(bad(
            "The part xml_submission_file is missing: it holds the answers.",
        ));
    }
    Ok(sent)
}

fn broken(error: &multer::Error) -> Response {
    let too_large = matches!(
        error,
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. }
    ) || error.to_string().contains("length limit exceeded");
    if too_large {
        refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!(
                "A filled form is sent in parts of at most {} MB. Shrink large photos and videos.",
                MAX_SUBMISSION_BODY_BYTES >> 20
            ),
        )
    } else {
        refused(
            StatusCode::BAD_REQUEST,
            "The body ended before all of it had come, or is no multipart form. Send it again: what was stored already is not stored twice.",
        )
    }
}
