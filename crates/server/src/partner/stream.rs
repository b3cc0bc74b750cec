//! Bodies that are made while they are sent, and the log that is kept of them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::Frame;
use phteah_store::{Download, DownloadId, Outcome};
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

/// A body fed by another thread. When that fails the connection is cut, so that nobody takes half a file for a whole one.
struct Fed(Receiver<Result<Bytes, io::Error>>);

impl http_body::Body for Fed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0
            .poll_recv(context)
            .map(|chunk| chunk.map(|bytes| bytes.map(Frame::data)))
    }
}

/// Where a feeding thread puts its bytes.
pub struct Feeder {
    sender: Sender<Result<Bytes, io::Error>>,
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
        self.sender.blocking_send(Ok(bytes.into())).is_ok()
    }

    /// Sends the rest; all has been made.
    pub fn finish(mut self, features: Option<u64>) {
        if self.send(features) {
            self.ledger.note(features, 0);
            self.ledger.complete();
        }
    }

    /// Cuts the connection.
    pub fn fail(self, cause: &ApiError) {
        self.parting().fail(cause);
    }

    /// A way to cut the connection after the feeder itself has been handed on.
    pub fn parting(&self) -> Parting {
        Parting(self.sender.clone())
    }
}

/// Formats written by others put their bytes in like this. An error says that the reader has gone.
impl io::Write for Feeder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < CHUNK || self.send(None) {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// See [`Feeder::parting`].
pub struct Parting(Sender<Result<Bytes, io::Error>>);

impl Parting {
    /// Cuts the connection.
    pub fn fail(self, cause: &ApiError) {
        if self.0.is_closed() {
            // The reader has gone: nothing failed but the sending.
            return;
        }
        tracing::error!(cause = cause.cause().unwrap_or("unnamed"), "a download broke off");
        // A reader that has gone needs no word.
        let _ = self
            .0
            .blocking_send(Err(io::Error::other("the server could not go on")));
    }
}

/// A body made by `make` on a thread of its own.
pub fn fed(ledger: Ledger, permit: impl Send + 'static, make: impl FnOnce(Feeder) + Send + 'static) -> Body {
    let (sender, receiver) = channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        make(Feeder {
            sender,
            buffer: Vec::with_capacity(CHUNK + CHUNK / 4),
            ledger,
        });
    });
    Body::new(Fed(receiver))
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
                return feeder.fail(&ApiError::internal(cause));
            }
            at += size as u64;
            if !feeder.send(None) {
                return;
            }
        }
        feeder.finish(None);
    })
}
