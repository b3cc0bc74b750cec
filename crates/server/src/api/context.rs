//! What every request goes through: an id, the server's own names, security headers, errors in one shape, a line in the log.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use crate::field;
use crate::http::client::Connection;
use crate::http::origin::check_loopback;
use crate::partner;
use crate::state::AppState;

/// Nothing from elsewhere, ever. `MapLibre` starts its workers from blobs and sprites come as data; Svelte sets style attributes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; \
     style-src 'self'; style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), payment=()",
    ),
];

/// A browser that has come once over TLS comes over nothing else for a year.
const ALWAYS_TLS: &str = "max-age=31536000";

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets a request take as long as its client waits: what a large download needs before its first byte.
#[derive(Debug, Clone, Default)]
pub struct Unhurried(Arc<AtomicBool>);

impl Unhurried {
    /// From now on the request has no limit of time.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Marks an error that has a body of its own for people, which stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct Rendered;

/// The outermost layer.
pub async fn accompany(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = state.next_request_id();
    let method = request.method().clone();
    // The route's pattern, not the address: what people look at is nobody's business, not even the log's.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let for_people = partner::wants_page(&request);
    let is_secure = request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.secure);
    let across_origins = partner::is_across_origins(request.uri().path());
    let is_of_files = field::is_of_files(request.uri().path());
    let public_url = state.partner.options.public_url.as_deref();
    let mut response = match check_loopback(&request, public_url) {
        Ok(()) => next.run(request).await,
        Err(stranger) => stranger.into_response(),
    };
    let error = response
        .extensions_mut()
        .remove::<Arc<ApiError>>()
        .or_else(|| unnamed(&response));
    if let Some(error) = error {
        if let Some(cause) = error.cause() {
            tracing::error!(request_id = %id, %cause, "request failed");
        }
        response = match for_people {
            Some(language) => error.render_page(&id, language),
            None => error.render(&id),
        };
    }
    if is_of_files {
        field::say_protocol(&mut response);
    }
    let headers = response.headers_mut();
    if is_secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(ALWAYS_TLS),
        );
    }
    if across_origins {
        partner::allow_any_origin(headers);
    }
    for (name, value) in SECURITY_HEADERS {
        // A page that needs more says so itself: the field app asks for the camera.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID.clone(), id);
    }
    let milliseconds = started.elapsed().as_millis();
    tracing::info!(request_id = %id, %method, %route, status = response.status().as_u16(), milliseconds, "answered");
    response
}

/// Answers within a limit of time, unless the handler says that it takes longer.
pub async fn in_time<F: Future<Output = Response>>(
    limit: Duration,
    mut request: Request,
    run: impl FnOnce(Request) -> F,
) -> Response {
    let unhurried = Unhurried::default();
    request.extensions_mut().insert(unhurried.clone());
    let mut answer = pin!(run(request));
    match tokio::time::timeout(limit, &mut answer).await {
        Ok(response) => response,
        Err(_) if unhurried.0.load(Ordering::Relaxed) => answer.await,
        Err(_) => ApiError::timeout().into_response(),
    }
}

/// An error that the framework made by itself, in our shape.
fn unnamed(response: &Response) -> Option<Arc<ApiError>> {
    if response.extensions().get::<Rendered>().is_some() {
        return None;
    }
    let error = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => ApiError::method_not_allowed(),
        StatusCode::NOT_FOUND => ApiError::no_such_address(),
        status if status.is_client_error() => {
            ApiError::bad_parameter("request", "The request cannot be understood.")
        }
        status if status.is_server_error() => {
            ApiError::internal(format!("an unnamed error, status {status}"))
        }
        _ => return None,
    };
    Some(Arc::new(error))
}

/// What a panic becomes: an error like any other, its text in the log only.
#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over by value")]
pub fn panicked(payload: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    ApiError::internal(format!("panic: {}", text.unwrap_or("no text"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_who_said_so_may_take_longer_than_the_limit() {
        let answer = async |takes_its_time: bool| {
            let run = async move |request: Request| {
                if takes_its_time && let Some(unhurried) = request.extensions().get::<Unhurried>() {
                    unhurried.begin();
                }
                tokio::time::sleep(Duration::from_millis(60)).await;
                StatusCode::OK.into_response()
            };
            in_time(Duration::from_millis(5), Request::default(), run)
                .await
                .status()
        };
        assert_eq!(answer(true).await, StatusCode::OK);
        assert_eq!(answer(false).await, StatusCode::SERVICE_UNAVAILABLE);
    }
}
