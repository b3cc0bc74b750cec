//! Bodies that are made while they are sent, and the log that is kept of them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::Frame;
use phteah_store::{Download, DownloadId, Outcome};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::data::source::VisibleLayer;
use super::state::PartnerState;
use crate::api::error::ApiError;

/// Bytes handed to the network at once.
pub const CHUNK: usize = 64 * 1024;

/// Chunks that wait for a slow reader; what is made beyond them waits too.
const WAITING: usize = 4;

/// A download in the log: begun when made, ended when dropped.
pub struct Ledger {
    state: Arc<PartnerState>,
    id: DownloadId,
    features: Option<u64>,
    bytes: u64,
    complete: bool,
}

impl Ledger {
    /// Writes that a download begins.
    pub fn begin(
        state: &Arc<PartnerState>,
        layer: &VisibleLayer,
        format: &str,
        selection: &str,
    ) -> Result<Self, ApiError> {
        let download = Download {
            grant: layer.grant(),
            version: &layer.about().hash,
            format,
            selection,
        };
        let id = state.store().begin_download(&download, state.now())?;
        Ok(Self {
            state: Arc::clone(state),
            id,
            features: None,
            bytes: 0,
            complete: false,
        })
    }

    /// Notes what was handed over last.
    pub fn note(&mut self, features: Option<u64>, bytes: usize) {
        self.features = features.or(self.features);
        self.bytes += bytes as u64;
    }

    /// Notes that all of it was handed over.
    pub fn complete(&mut self) {
        self.complete = true;
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let outcome = if self.complete {
            Outcome::Complete
        } else {
            Outcome::Broken
        };
        if let Err(cause) = self
            .state
            .store()
            .end_download(self.id, outcome, self.features, self.bytes)
        {
            tracing::error!(%cause, "the end of a download is missing in the log");
        }
    }
}

/// How long a reader may leave everything that waits for it lying. Whoever takes nothing at all for so long keeps a place from others.
const STALLED: Duration = Duration::from_secs(120);

/// A body fed by another thread. When that ends before all has been made, however it ends, the connection is cut, so that nobody takes half a
/// file for a whole one.
struct Fed {
    chunks: Receiver<Bytes>,
    whole: Arc<AtomicBool>,
}

impl http_body::Body for Fed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.chunks.poll_recv(context).map(|chunk| match chunk {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None if self.whole.load(Ordering::Acquire) => None,
            None => Some(Err(io::Error::other("the server could not go on"))),
        })
    }
}

/// Where a feeding thread puts its bytes.
pub struct Feeder {
    sender: Sender<Bytes>,
    whole: Arc<AtomicBool>,
    /// Bytes not yet sent.
    pub buffer: Vec<u8>,
    ledger: Ledger,
}

impl Feeder {
    /// Sends what has gathered once it is enough; `false` when the reader has gone.
    pub fn pass_on(&mut self, features: u64) -> bool {
        if self.buffer.len() < CHUNK {
            return true;
        }
        self.send(Some(features))
    }

    fn send(&mut self, features: Option<u64>) -> bool {
        if self.buffer.is_empty() {
            return true;
        }
        let bytes = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK + CHUNK / 4));
        self.ledger.note(features, bytes.len());
        match self.sender.try_send(bytes.into()) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(bytes)) => {
                let taken = self.sender.send_timeout(bytes, STALLED);
                Handle::current().block_on(taken).is_ok()
            }
        }
    }

    /// Sends the rest; all has been made.
    pub fn finish(mut self, features: Option<u64>) {
        if self.send(features) {
            self.ledger.note(features, 0);
            self.ledger.complete();
            self.whole.store(true, Ordering::Release);
        }
    }
}

/// Notes in the log that a download broke off by no fault of its reader. The connection is cut when the feeder goes.
pub fn broke_off(cause: &ApiError) {
    tracing::error!(cause = cause.cause().unwrap_or("unnamed"), "a download broke off");
}

/// A body made by `make` on a thread of its own.
pub fn fed(ledger: Ledger, permit: impl Send + 'static, make: impl FnOnce(Feeder) + Send + 'static) -> Body {
    let (sender, chunks) = channel(WAITING);
    let whole = Arc::new(AtomicBool::new(false));
    let fed = Fed {
        chunks,
        whole: Arc::clone(&whole),
    };
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        make(Feeder {
            sender,
            whole,
            buffer: Vec::with_capacity(CHUNK + CHUNK / 4),
            ledger,
        });
    });
    Body::new(fed)
}

/// Part of a file as a body.
pub fn part(file: File, start: u64, length: u64, ledger: Ledger, permit: impl Send + 'static) -> Body {
    fed(ledger, permit, move |mut feeder| {
        let mut at = start;
        let end = start + length;
        while at < end {
            let size = usize::try_from(end - at).unwrap_or(CHUNK).min(CHUNK);
            feeder.buffer.resize(size, 0);
            if let Err(cause) = file.read_exact_at(&mut feeder.buffer, at) {
                return broke_off(&ApiError::internal(cause));
            }
            at += size as u64;
            if !feeder.send(None) {
                return;
            }
        }
        feeder.finish(None);
    })
}
