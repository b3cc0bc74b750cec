//! Compression on the wire, with tags that stay true: bytes that were compressed are other bytes, so their tag says how.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use super::stream::Packed;

/// Bytes below which compressing saves nothing.
const WORTH_IT: u64 = 512;

/// Downloads are packed where they are made.
#[derive(Clone, Copy)]
struct NotPackedAlready;

impl Predicate for NotPackedAlready {
    fn should_compress<B: http_body::Body>(&self, response: &Response<B>) -> bool {
        response.extensions().get::<Packed>().is_none()
    }
}

/// Compresses the answers of `routes`.
pub fn compressed(routes: Router) -> Router {
    let worth_it = SizeAbove::new(WORTH_IT)
        .and(NotForContentType::IMAGES)
        // Compressed inside.
        .and(NotForContentType::const_new("application/vnd.apache.parquet"))
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/vnd.openxmlformats"))
        .and(NotPackedAlready);
    routes
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(worth_it),
        )
        .layer(from_fn(tag))
}

async fn tag(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let coding = response
        .headers()
        .get(header::CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let tag = response
        .headers()
        .get(header::ETAG)
        .and_then(|value| value.to_str().ok());
    if let (Some(coding), Some(tag)) = (coding, tag) {
        let tagged = format!("{}-{coding}\"", tag.trim_end_matches('"'));
        if let Ok(tagged) = HeaderValue::from_str(&tagged) {
            response.headers_mut().insert(header::ETAG, tagged);
        }
    }
    response
}
