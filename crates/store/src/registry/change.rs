//! A transaction that writes, and what it has changed so far. It is shared by all writes that are made durable together; each of them is
//! undone by itself where it fails.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::sql::{Connection, Transaction, params};
use phteah_registry::event::HouseholdId;

use super::directory::{Directory, Entry, Number, Summary};
use super::seal::{DataKey, Entropy, KeyRing};
use super::store::{Inner, last_number, of_household, seal_summary};
use crate::error::{Result, StoreError};

pub(super) struct Change<'a> {
    inner: &'a Inner,
    ring: KeyRing,
    transaction: Transaction<'a>,
    /// The last number that was given.
    last: i64,
    /// Households as this transaction leaves them.
    changed: HashMap<Number, Entry>,
    /// Those that it has made.
    made: HashMap<HouseholdId, Number>,
    /// What this write has replaced in `changed`, to bring it back.
    undo: Vec<(Number, Option<Entry>)>,
}

impl<'a> Change<'a> {
    pub fn begin(inner: &'a Inner, ring: KeyRing, transaction: Transaction<'a>) -> Result<Self> {
        Ok(Self {
            last: last_number(&transaction)?,
            inner,
            ring,
            transaction,
            changed: HashMap::new(),
            made: HashMap::new(),
            undo: Vec::new(),
        })
    }

    /// Runs one write. Where it fails nothing of it remains, and the others go on.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let failed = StoreError::sqlite("writing the registry");
        let last = self.last;
        self.undo.clear();
        self.transaction.execute_batch("SAVEPOINT one").map_err(&failed)?;
        let result = catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|_| {
            Err(StoreError::DamagedRegistry(
                "a fault of the program stopped a write; nothing of it remains".into(),
            ))
        });
        if result.is_err() {
            self.last = last;
            for (n, before) in std::mem::take(&mut self.undo).into_iter().rev() {
                match before {
                    Some(entry) => self.changed.insert(n, entry),
                    None => self.changed.remove(&n),
                };
            }
            self.made.retain(|_, n| self.changed.contains_key(n));
            // After some errors, such as a full disk, SQLite has rolled all of it back by itself: then the commit fails for everybody.
            self.transaction
                .execute_batch("ROLLBACK TO one")
                .map_err(&failed)?;
        }
        self.transaction.execute_batch("RELEASE one").map_err(&failed)?;
        result
    }

    /// Makes it all durable, then lets it be seen.
    pub fn commit(mut self) -> Result<()> {
        let failed = StoreError::sqlite("writing the registry");
        for (n, entry) in std::mem::take(&mut self.changed) {
            let changed = self.next();
            let id = *entry.id.uuid().as_bytes();
            let summary = match &entry.key {
                Some(key) => Some(seal_summary(key, &id, &entry.summary, &self.inner.entropy)?),
                None => None,
            };
            self.transaction
                .prepare_cached("UPDATE household SET summary = ?2, changed = ?3 WHERE n = ?1")
                .and_then(|mut s| s.execute(params![n, summary, changed]))
                .map_err(&failed)?;
            self.changed.insert(n, entry);
        }
        self.transaction
            .prepare_cached("UPDATE counter SET last = ?1")
            .and_then(|mut s| s.execute([self.last]))
            .map_err(&failed)?;
        self.transaction.commit().map_err(failed)?;
        let mut directory = self.inner.directory_mut();
        for entry in self.changed.into_values() {
            directory.put(entry);
        }
        directory.seen = self.last;
        Ok(())
    }

    pub fn conn(&self) -> &Connection {
        &self.transaction
    }

    pub fn transaction(&self) -> &Transaction<'a> {
        &self.transaction
    }

    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    pub fn inner(&self) -> &'a Inner {
        self.inner
    }

    pub fn entropy(&self) -> &'a Entropy {
        &self.inner.entropy
    }

    pub fn blind(&self) -> &'a DataKey {
        &self.inner.blind
    }

    /// The next number.
    pub fn next(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    /// The first of so many numbers in a row.
    pub fn reserve(&mut self, count: i64) -> i64 {
        let first = self.last + 1;
        self.last += count;
        first
    }

    /// A household as it is now within this transaction.
    pub fn find(&self, id: HouseholdId) -> Option<Entry> {
        if let Some(n) = self.made.get(&id) {
            return self.changed.get(n).cloned();
        }
        let directory = self.inner.directory();
        let entry = directory.find(id)?;
        Some(self.changed.get(&entry.n).unwrap_or(entry).clone())
    }

    /// The same by its number.
    pub fn get(&self, n: Number) -> Option<Entry> {
        self.changed
            .get(&n)
            .cloned()
            .or_else(|| self.inner.directory().get(n).cloned())
    }

    /// Looks at all households as they are now within this transaction.
    pub fn each(&self, mut look: impl FnMut(&Entry)) {
        let directory = self.inner.directory();
        let unchanged = directory
            .iter()
            .filter(|entry| !self.changed.contains_key(&entry.n));
        unchanged.chain(self.changed.values()).for_each(&mut look);
    }

    /// Makes a household and its data key.
    pub fn make_household(&mut self, id: HouseholdId, team: Option<&str>) -> Result<Entry> {
        let key = DataKey::make(self.entropy())?;
        let bytes = *id.uuid().as_bytes();
        let wrapped = self
            .ring
            .current()
            .wrap(&key, &of_household(&bytes), self.entropy())?;
        let n = self
            .transaction
            .prepare_cached(
                "INSERT INTO household (id, team, data_key, changed) VALUES (?1, ?2, ?3, 0) RETURNING n",
            )
            .and_then(|mut s| s.query_row(params![bytes, team, wrapped], |row| row.get(0)))
            .map_err(StoreError::sqlite("writing a household"))?;
        let entry = Entry {
            n,
            id,
            team: team.map(str::to_owned),
            key: Some(key),
            summary: Summary::default(),
            given: Vec::new(),
            forms: Box::default(),
        };
        self.made.insert(id, entry.n);
        self.put(entry.clone());
        Ok(entry)
    }

    /// Leaves a household in another state.
    pub fn put(&mut self, entry: Entry) {
        let n = entry.n;
        let before = self.changed.insert(n, entry);
        self.undo.push((n, before));
    }

    pub fn directory<T>(&self, look: impl FnOnce(&Directory) -> T) -> T {
        look(&self.inner.directory())
    }
}
