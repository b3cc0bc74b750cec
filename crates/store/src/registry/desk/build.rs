//! The rows of all households in memory: made when they are first asked for, or when a server starts, and kept up to date by numbers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;
use jiff::civil::Date;
use phteah_registry::event::HouseholdId;
use phteah_registry::fold::{Known, fold};

use super::super::conflicts::{histories, tied};
use super::super::directory::{Entry, Number};
use super::super::read::StoredEvent;
use super::super::store::{Inner, Registry, last_number};
use super::row::Row;
use super::words::Words;
use crate::error::{Result, StoreError};
use crate::sql::Connection;

/// So many households are read within one reading of the file.
const PORTION: usize = 200;
/// With more than so many to be read, who asks is told how far it has come instead of waiting.
const WORTH_WAITING: usize = 1_500;

/// How far the rows have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Households that have their rows.
    pub done: usize,
    /// All of them.
    pub all: usize,
}

/// Rows by the numbers of their households.
#[derive(Debug, Default)]
pub(in super::super) struct DeskIndex {
    rows: RwLock<Rows>,
    /// Held by whoever brings them up to date.
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    pub by_number: HashMap<Number, Row>,
    pub words: Words,
    /// The last number of the counter that is in them.
    seen: i64,
    /// Households that are still to be read.
    missing: usize,
}

impl Registry {
    /// Brings the rows of the desk up to date and waits for it. A server does so when it starts.
    pub fn warm_desk(&self, now: Timestamp) -> Result<()> {
        self.refresh()?;
        self.inner().bring_up(today(now))
    }

    /// The rows as they are now; or how far they have come, where that takes longer than anybody wants to wait.
    pub(super) fn rows(
        &self,
        now: Timestamp,
    ) -> Result<std::result::Result<RwLockReadGuard<'_, Rows>, Progress>> {
        self.refresh()?;
        let index = &self.inner().desk;
        let behind = self.read(|conn| self.inner().behind(conn))?;
        if behind > WORTH_WAITING {
            if let Ok(turn) = index.turn.try_lock() {
                drop(turn);
                let inner = self.inner_shared();
                let begun = std::thread::Builder::new()
                    .name("registry desk".to_owned())
                    .spawn(move || inner.bring_up(today(now)));
                begun.map_err(|source| StoreError::Io {
                    doing: "starting to read the households".to_owned(),
                    source,
                })?;
            }
            let rows = index.read();
            return Ok(Err(Progress {
                done: rows.by_number.len(),
                all: rows.by_number.len() + behind,
            }));
        }
        if behind > 0 {
            self.inner().bring_up(today(now))?;
        }
        Ok(Ok(index.read()))
    }
}

/// The day in Cambodia, seven hours ahead of UTC all year.
pub(super) fn today(now: Timestamp) -> Date {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
    now.to_zoned(zone).date()
}

impl DeskIndex {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// How many households have no row, or an old one.
    fn behind(&self, conn: &Connection) -> Result<usize> {
        let (seen, missing) = {
            let rows = self.desk.read();
            (rows.seen, rows.missing)
        };
        if missing > 0 {
            return Ok(missing);
        }
        if last_number(conn)? == seen {
            return Ok(0);
        }
        let count: i64 = conn
            .prepare_cached("SELECT count(*) FROM household WHERE changed > ?1")
            .and_then(|mut s| s.query_row([seen], |row| row.get(0)))
            .map_err(StoreError::sqlite("counting households"))?;
        // Numbers that were given to no household change no row.
        if count == 0 {
            return Ok(0);
        }
        Ok(count as usize)
    }

    fn bring_up(&self, today: Date) -> Result<()> {
        let _turn = self.desk.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = self.desk.read().seen;
        let (last, mut numbers) = self.read(|conn| Ok((last_number(conn)?, changed(conn, seen)?)))?;
        // The directory may be older than the file: then what is missing in it is read the next time.
        self.read(|conn| self.catch_up(conn))?;
        self.with_tied(&mut numbers)?;
        self.write_rows(|rows| rows.missing = numbers.len());
        for portion in numbers.chunks(PORTION) {
            let made = self.read(|conn| {
                portion
                    .iter()
                    .map(|n| Ok((*n, self.row(conn, *n, today)?)))
                    .collect::<Result<Vec<_>>>()
            });
            let made = match made {
                Ok(made) => made,
                Err(error) => {
                    self.write_rows(|rows| rows.missing = 0);
                    return Err(error);
                }
            };
            self.write_rows(|rows| {
                for (n, made) in made {
                    match made {
                        Some((row, names)) => rows.put(n, row, &names),
                        None => {
                            rows.by_number.remove(&n);
                        }
                    }
                }
                rows.missing = rows.missing.saturating_sub(portion.len());
            });
        }
        self.write_rows(|rows| {
            rows.seen = last;
            rows.missing = 0;
        });
        Ok(())
    }

    /// Adds the households whose histories are read together with these.
    fn with_tied(&self, numbers: &mut Vec<Number>) -> Result<()> {
        let ids: Vec<HouseholdId> = {
            let directory = self.directory();
            numbers
                .iter()
                .filter_map(|n| Some(directory.get(*n)?.id))
                .collect()
        };
        let others = self.read(|conn| {
            let mut others = Vec::new();
            for id in ids {
                others.extend(tied(conn, id)?);
            }
            Ok(others)
        })?;
        let directory = self.directory();
        numbers.extend(others.into_iter().filter_map(|id| Some(directory.find(id)?.n)));
        numbers.sort_unstable();
        numbers.dedup();
        Ok(())
    }

    /// The row of a household and the names in it; `None` where it is erased.
    fn row(&self, conn: &Connection, n: Number, today: Date) -> Result<Option<(Row, Vec<String>)>> {
        let Some(entry) = self.directory().get(n).cloned() else {
            return Ok(None);
        };
        if entry.key.is_none() {
            return Ok(None);
        }
        let events = self.history(conn, &entry)?;
        let known = events.iter().map(known);
        Ok(fold(entry.id, known).map(|state| {
            // Only its own events say where it lives and who surveyed it.
            (Row::of(&state, &events, today), entry.summary.names)
        }))
    }

    fn history(&self, conn: &Connection, entry: &Entry) -> Result<Vec<StoredEvent>> {
        histories(conn, entry, |id| self.directory().find(id).cloned())
    }

    fn write_rows(&self, work: impl FnOnce(&mut Rows)) {
        work(&mut self.desk.rows.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Rows {
    fn put(&mut self, n: Number, mut row: Row, names: &[String]) {
        let mut words: Vec<u32> = names.iter().flat_map(|name| self.words.of(name)).collect();
        words.sort_unstable();
        words.dedup();
        row.words = words.into();
        self.by_number.insert(n, row);
    }
}

fn changed(conn: &Connection, seen: i64) -> Result<Vec<Number>> {
    conn.prepare_cached("SELECT n FROM household WHERE changed > ?1 ORDER BY n")
        .and_then(|mut s| s.query_map([seen], |row| row.get(0))?.collect())
        .map_err(StoreError::sqlite("reading which households have changed"))
}

/// An event as the fold takes it.
pub(in super::super) fn known(stored: &StoredEvent) -> Known<'_> {
    Known {
        event: &stored.event,
        author: Some(&stored.by),
        received_at: Some(stored.received_at),
        clock_offset: stored.offset_s.map(jiff::SignedDuration::from_secs),
    }
}
