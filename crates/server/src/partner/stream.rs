//! Bodies that are made while they are sent, and the log that is kept of them.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::Frame;
use phteah_store::{Download, DownloadTicket, Outcome};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::data::source::VisibleLayer;
use super::state::PartnerState;
use crate::api::error::ApiError;
use crate::http::{background, prefer};

/// Bytes handed to the network at once.
pub const CHUNK: usize = 64 * 1024;

/// Chunks that wait for a slow reader; what is made beyond them waits too.
const WAITING: usize = 4;

/// A download in the log: begun when made, ended when dropped.
pub struct Ledger {
    state: Arc<PartnerState>,
    ticket: DownloadTicket,
    features: Option<u64>,
    bytes: u64,
    complete: bool,
}

impl Ledger {
    /// Writes that a download begins.
    pub fn begin(state: &Arc<PartnerState>, layer: &VisibleLayer, format: &str, selection: &str) -> Self {
        let download = Download {
            grant: layer.grant(),
            version: &layer.about().hash,
            format,
            selection,
        };
        let ticket = state.store().begin_download(&download, state.now());
        state.watch_log();
        Self {
            state: Arc::clone(state),
            ticket,
            features: None,
            bytes: 0,
            complete: false,
        }
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
            .end_download(self.ticket, outcome, self.features, self.bytes)
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
    /// Packs them, where the client takes that. Here and not on the way out: the threads that answer requests have others to answer.
    packer: Option<GzEncoder<Vec<u8>>>,
    /// What is kept in the log of it; nothing of what the team's own phones take.
    ledger: Option<Ledger>,
}

/// How the bytes of a body go over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As they are.
    None,
    /// In HTTP's `gzip` coding.
    Gzip,
}

impl Packing {
    /// By what the client takes.
    pub fn of(headers: &HeaderMap) -> Self {
        if prefer::takes_coding(headers, "gzip") {
            Self::Gzip
        } else {
            Self::None
        }
    }
}

/// Marks an answer that is packed already, or should not be.
#[derive(Debug, Clone, Copy)]
pub struct Packed;

impl Feeder {
    /// Tells whether the reader has gone.
    pub fn is_left(&self) -> impl Fn() -> bool + Send + Sync + RefUnwindSafe + UnwindSafe + use<> {
        let sender = AssertUnwindSafe(self.sender.clone());
        move || sender.is_closed()
    }

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
        if let Some(ledger) = &mut self.ledger {
            ledger.note(features, bytes.len());
        }
        match self.pack(bytes) {
            Some(bytes) => self.hand_over(bytes),
            None => true,
        }
    }

    /// What there is to send of these bytes now; `None` while the packer gathers them.
    fn pack(&mut self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let Some(packer) = &mut self.packer else {
            return Some(bytes);
        };
        // Writing to memory cannot fail.
        let _ = packer.write_all(&bytes);
        let packed = std::mem::take(packer.get_mut());
        (!packed.is_empty()).then_some(packed)
    }

    fn hand_over(&self, bytes: Vec<u8>) -> bool {
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
        let packer_ends = |feeder: &mut Self| match feeder.packer.take() {
            Some(packer) => packer.finish().is_ok_and(|rest| feeder.hand_over(rest)),
            None => true,
        };
        if self.send(features) && packer_ends(&mut self) {
            if let Some(ledger) = &mut self.ledger {
                ledger.note(features, 0);
                ledger.complete();
            }
            self.whole.store(true, Ordering::Release);
        }
    }
}

/// Notes in the log that a download broke off by no fault of its reader. The connection is cut when the feeder goes.
pub fn broke_off(cause: &ApiError) {
    tracing::error!(cause = cause.cause().unwrap_or("unnamed"), "a download broke off");
}

/// An answer whose body `make` makes on a thread of its own.
pub fn fed(
    ledger: Option<Ledger>,
    permit: impl Send + 'static,
    packing: Packing,
    make: impl FnOnce(Feeder) + Send + 'static,
) -> Result<Response, ApiError> {
    let (sender, chunks) = channel(WAITING);
    let whole = Arc::new(AtomicBool::new(false));
    let fed = Fed {
        chunks,
        whole: Arc::clone(&whole),
    };
    let packer = match packing {
        Packing::None => None,
        Packing::Gzip => Some(GzEncoder::new(Vec::new(), Compression::fast())),
    };
    background::spawn(move || {
        let _permit = permit;
        make(Feeder {
            sender,
            whole,
            buffer: Vec::with_capacity(CHUNK + CHUNK / 4),
            packer,
            ledger,
        });
    })
    .map_err(ApiError::internal)?;
    let mut response = Body::new(fed).into_response();
    response.extensions_mut().insert(Packed);
    if packing == Packing::Gzip {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}

/// Part of a file.
pub fn part(
    file: File,
    start: u64,
    length: u64,
    ledger: Option<Ledger>,
    permit: impl Send + 'static,
    packing: Packing,
) -> Result<Response, ApiError> {
    fed(ledger, permit, packing, move |mut feeder| {
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
