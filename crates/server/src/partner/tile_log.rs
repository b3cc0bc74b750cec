//! Tiles in the log of downloads. They carry features with their fields as files do, by the thousand: those that one reader takes of one version
//! of a layer within ten minutes are one row.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use phteah_store::{Download, DownloadTicket, Outcome, Store};

use super::data::source::VisibleLayer;
use super::state::PartnerState;
use crate::tiles::grid::TileId;

/// How long tiles go into one row.
const ROW: Duration = Duration::from_secs(600);

/// How long a row may be behind.
const BEHIND: Duration = Duration::from_secs(1);

/// Rows that are being counted at once.
const MAX_ROWS: usize = 1_000;

/// The rows that are being counted.
#[derive(Debug, Default)]
pub struct TileLog {
    rows: Mutex<HashMap<String, Row>>,
}

#[derive(Debug)]
struct Row {
    ticket: DownloadTicket,
    begun: Instant,
    written: Instant,
    bytes: u64,
    written_bytes: u64,
}

impl Row {
    fn write(&mut self, store: &Store, now: Instant) {
        if self.bytes == self.written_bytes {
            return;
        }
        // A row that cannot be brought up to date says too little; it says who and what all the same.
        if store
            .end_download(self.ticket, Outcome::Complete, None, self.bytes)
            .is_ok()
        {
            self.written_bytes = self.bytes;
        }
        self.written = now;
    }
}

impl TileLog {
    /// Notes a tile, before its first byte leaves.
    pub fn note(&self, state: &PartnerState, layer: &VisibleLayer, tile: TileId, bytes: usize) {
        let fields: Vec<&str> = layer.fields().iter().map(|field| field.name.as_str()).collect();
        let fields = fields.join(",");
        let who = layer.grant().viewer();
        let name = format!("{who}\n{}\n{}\n{fields}", layer.name(), layer.about().hash);
        let now = Instant::now();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= MAX_ROWS {
            rows.retain(|_, row| {
                row.write(state.store(), now);
                now.duration_since(row.begun) < ROW / 2
            });
        }
        if let Some(row) = rows.get_mut(&name)
            && now.duration_since(row.begun) < ROW
        {
            row.bytes += bytes as u64;
            if now.duration_since(row.written) >= BEHIND {
                row.write(state.store(), now);
            }
            return;
        }
        let download = Download {
            grant: layer.grant(),
            version: &layer.about().hash,
            format: "tiles",
            selection: &format!("from {tile} on; fields={fields}"),
        };
        let ticket = state.store().begin_download(&download, state.now());
        state.watch_log();
        let mut row = Row {
            ticket,
            begun: now,
            written: now,
            bytes: bytes as u64,
            written_bytes: 0,
        };
        row.write(state.store(), now);
        if let Some(mut before) = rows.insert(name, row) {
            before.write(state.store(), now);
        }
    }

    /// Brings all rows up to date.
    pub fn write(&self, store: &Store) {
        let now = Instant::now();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows.values_mut() {
            row.write(store, now);
        }
    }
}
