//! Bodies that come steadily. Who sends a byte now and then holds a place that others need, for as long as he likes.

use std::io;
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::StreamExt as _;

/// For so long a body may come as slowly as it likes.
const PATIENCE: Duration = Duration::from_secs(30);
/// What comes in a second afterwards, at the least and on average: a tenth of the slowest mobile network (GPRS).
const LEAST_BYTES_A_SECOND: u64 = 200;

/// The same body, which ends with an error where it comes too slowly. Where nothing comes at all, the limit for pauses ends it.
pub fn steady(body: Body) -> Body {
    within(body, PATIENCE, LEAST_BYTES_A_SECOND)
}

fn within(body: Body, patience: Duration, least: u64) -> Body {
    let (started, mut received) = (Instant::now(), 0_u64);
    Body::from_stream(body.into_data_stream().map(move |piece| {
        let piece = piece.map_err(io::Error::other)?;
        received += piece.len() as u64;
        let wanted = started.elapsed().saturating_sub(patience).as_secs() * least;
        if received < wanted {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the body comes too slowly",
            ));
        }
        Ok(piece)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(sizes: [usize; 3], least: u64) -> Result<usize, axum::Error> {
        let pieces = futures_util::stream::iter(sizes).then(|size| async move {
            tokio::time::sleep(Duration::from_millis(600)).await;
            Ok::<_, io::Error>(vec![b'x'; size])
        });
        let body = within(Body::from_stream(pieces), Duration::from_millis(100), least);
        axum::body::to_bytes(body, 1 << 20).await.map(|all| all.len())
    }

    #[tokio::test]
    async fn a_body_that_drips_ends_and_a_slow_one_comes_whole() {
        assert!(read([1, 1, 1], 1_000).await.is_err());
        // So much at first that no machine is slow enough to fall behind.
        assert_eq!(read([1_000_000, 1, 1], 1_000).await.unwrap(), 1_000_002);
    }
}
