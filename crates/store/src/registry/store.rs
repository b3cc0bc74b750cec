//! The file `registry.sqlite`, the thread that writes it, and the connections that read it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use phteah_registry::event::HouseholdId;
use rusqlite::OpenFlags;

use super::change::Change;
use super::desk::DeskIndex;
use super::directory::{Directory, Entry, Summary};
use super::key_file;
use super::seal::{DataKey, Entropy, KeyId, KeyRing};
use crate::error::{Result, StoreError};
use crate::migrations;
use crate::sql::{Connection, Durability, OptionalExtension, Schema};
use crate::store::{Database, keep_private, only_one};

/// Name of the file within the data directory.
pub const REGISTRY_FILE: &str = "registry.sqlite";

pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/registry/0001_events.sql"),
    include_str!("../../migrations/registry/0002_submissions.sql"),
    include_str!("../../migrations/registry/0003_releases.sql"),
    include_str!("../../migrations/registry/0004_answers_of_tasks.sql"),
    include_str!("../../migrations/registry/0005_counts.sql"),
];

/// A command line that writes while the server serves waits this long at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// Writes that wait for the writer. Whoever comes when so many wait, waits as well.
const MAX_WAITING: usize = 256;
/// Writes that are made durable together at most.
const MAX_GROUP: usize = 64;
/// Connections that read.
const READERS: usize = 4;
/// Pages that the journal holds before they are brought into the file: some 16 MB.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Households, their events, and all that belongs to them, of one deployment.
#[derive(Debug)]
pub struct Registry {
    inner: Arc<Inner>,
    writer: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// What the writer and the readers share.
#[derive(Debug)]
pub(super) struct Inner {
    database: Database,
    data: PathBuf,
    key_file: PathBuf,
    ring: RwLock<KeyRing>,
    pub entropy: Entropy,
    /// Hashes what must be compared without being opened.
    pub blind: DataKey,
    directory: RwLock<Directory>,
    /// What lists show of each household.
    pub desk: DeskIndex,
    readers: Vec<Mutex<Connection>>,
}

/// A write: it runs within a transaction that it shares with others, and is told how that ended.
pub(super) struct Job {
    /// Runs it, or where no transaction could be begun, does not.
    run: Box<dyn FnOnce(Option<&mut Change<'_>>) -> Answer + Send>,
}

/// Tells whoever waits how it ended; with an error where the transaction as a whole has failed.
type Answer = Box<dyn FnOnce(Option<StoreError>) + Send>;

impl Registry {
    /// Opens the registry of a data directory, making it where there is none.
    ///
    /// A key that is not the one this registry was sealed with is refused before anything is touched.
    pub fn open(data: &Path, key_file: &Path, entropy: Entropy) -> Result<Self> {
        Self::open_in(data, &Database::Files, key_file, entropy)
    }

    /// The same, wherever it is kept.
    pub fn open_in(data: &Path, database: &Database, key_file: &Path, entropy: Entropy) -> Result<Self> {
        only_one(data, database, REGISTRY_FILE)?;
        let ring = key_file::read(key_file, data)?;
        if let Some(needed) = Self::key_needed_in(data, database)?
            && ring.get(needed).is_none()
        {
            return Err(wrong_key(needed, &ring, key_file));
        }
        let mut conn = connect(data, database)?;
        migrations::migrate(&mut conn, REGISTRY_FILE, MIGRATIONS)?;
        let blind = blind_key(&mut conn, &ring, key_file, &entropy)?;
        let readers = (0..READERS).map(|_| Ok(Mutex::new(connect(data, database)?)));
        let inner = Arc::new(Inner {
            readers: readers.collect::<Result<_>>()?,
            database: database.clone(),
            data: data.to_owned(),
            key_file: key_file.to_owned(),
            ring: RwLock::new(ring),
            entropy,
            blind,
            directory: RwLock::default(),
            desk: DeskIndex::default(),
        });
        inner.catch_up(&conn)?;
        let (sender, receiver) = sync_channel(MAX_WAITING);
        let shared = Arc::clone(&inner);
        let thread = std::thread::Builder::new()
            .name("registry writer".to_owned())
            .spawn(move || write_all(&shared, conn, &receiver))
            .map_err(|source| StoreError::Io {
                doing: "starting the registry's writer".to_owned(),
                source,
            })?;
        Ok(Self {
            inner,
            writer: Some(sender),
            thread: Some(thread),
        })
    }

    /// Whether a data directory has a registry.
    pub fn exists(data: &Path) -> bool {
        data.join(REGISTRY_FILE).exists()
    }

    /// The key that a data directory's registry was sealed with, where there is one.
    pub fn key_needed(data: &Path) -> Option<KeyId> {
        key_in_use(&data.join(REGISTRY_FILE))
    }

    /// Whether there is a registry, wherever it is kept.
    pub fn exists_in(data: &Path, database: &Database) -> Result<bool> {
        match database {
            Database::Files => Ok(Self::exists(data)),
            Database::Postgres(_) => Ok(Self::key_needed_in(data, database)?.is_some()),
        }
    }

    /// The key that a registry was sealed with, wherever it is kept, where there is one.
    pub fn key_needed_in(data: &Path, database: &Database) -> Result<Option<KeyId>> {
        if let Database::Files = database {
            return Ok(Self::key_needed(data));
        }
        let conn = connect(data, database)?;
        if migrations::version(&conn, REGISTRY_FILE)? == 0 {
            return Ok(None);
        }
        let id = setting(&conn, KEY_IN_USE)?.and_then(|id| id.try_into().ok());
        Ok(id.map(KeyId))
    }

    /// The number of the newest household, wherever the registry is kept; 0 where there is none. Numbers are given one after another and never
    /// twice.
    pub fn last_household_in(data: &Path, database: &Database) -> Result<i64> {
        if !Self::exists_in(data, database)? {
            return Ok(0);
        }
        connect(data, database)?
            .query_row("SELECT coalesce(max(n), 0) FROM household", [], |row| row.get(0))
            .map_err(StoreError::sqlite("counting the households"))
    }

    /// Runs a write. It returns when what it wrote is durable; what it returned an error for is not written at all.
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = sync_channel::<Result<T>>(1);
        let job = Job {
            run: Box::new(move |change| {
                let result = change.map(|change| change.attempt(work));
                Box::new(move |failed| {
                    let result = match (failed, result) {
                        (Some(error), _) => Err(error),
                        (None, Some(result)) => result,
                        (None, None) => Err(gone()),
                    };
                    // Whoever has stopped waiting is told nothing.
                    let _ = answer.send(result);
                })
            }),
        };
        self.writer
            .as_ref()
            .ok_or_else(gone)?
            .send(job)
            .map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }

    /// Runs a read over one state of the file.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.inner.read(work)
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The same for a thread of its own.
    pub(super) fn inner_shared(&self) -> Arc<Inner> {
        Arc::clone(&self.inner)
    }

    pub(super) fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.inner.directory()
    }

    /// Takes in what another process has written.
    pub(super) fn refresh(&self) -> Result<()> {
        self.inner.read(|conn| self.inner.catch_up(conn))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.writer = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has left at most an open transaction, which is rolled back.
            let _ = thread.join();
        }
    }
}

impl Inner {
    pub fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn ring(&self) -> KeyRing {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the key file again: the key has been replaced while this process ran.
    pub fn reload_ring(&self) -> Result<KeyRing> {
        let fresh = key_file::read(&self.key_file, &self.data)?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        Ok(fresh)
    }

    /// Unwraps a data key, reading the key file again where it was wrapped by a key that came since.
    pub fn unwrap_key(&self, wrapped: &[u8], of: &[u8]) -> Result<DataKey> {
        if let Some(key) = self.ring().unwrap(wrapped, of)? {
            return Ok(key);
        }
        self.reload_ring()?.unwrap(wrapped, of)?.ok_or(StoreError::Sealed(
            "a data key that was wrapped by another deployment key",
        ))
    }

    /// Lets nothing remain of what was deleted or written over, as far as the database knows how: SQLite brings its journal into the file and
    /// empties it, PostgreSQL writes the tables that hold keys anew. Its own journal is written over in time.
    pub fn checkpoint(&self) -> Result<()> {
        let failed = StoreError::sqlite("removing what was erased");
        let conn = connect(&self.data, &self.database)?;
        if conn.sqlite().is_some() {
            return conn
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .map_err(failed);
        }
        for table in ["household", "quarantine", "file"] {
            wait_for_readers(&conn, table).map_err(&failed)?;
            // While somebody reads for long it cannot be written anew. Then what was deleted is at least free to be written over.
            conn.execute_batch(&format!("VACUUM (FULL) {table}"))
                .or_else(|_| conn.execute_batch(&format!("VACUUM {table}")))
                .map_err(&failed)?;
        }
        Ok(())
    }

    pub fn key_file(&self) -> &Path {
        &self.key_file
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut free = None;
        for reader in &self.readers {
            if let Ok(guard) = reader.try_lock() {
                free = Some(guard);
                break;
            }
        }
        let mut conn = free.unwrap_or_else(|| self.readers[0].lock().unwrap_or_else(PoisonError::into_inner));
        let failed = StoreError::sqlite("reading the registry");
        let snapshot = conn.snapshot().map_err(&failed)?;
        let answer = work(&snapshot);
        snapshot.finish().map_err(failed)?;
        answer
    }

    /// Takes in all households that changed since the directory was last brought up to date.
    pub fn catch_up(&self, conn: &Connection) -> Result<()> {
        let failed = StoreError::sqlite("reading the households");
        let last = last_number(conn)?;
        let seen = self.directory().seen;
        if last == seen {
            return Ok(());
        }
        let mut statement = conn
            .prepare_cached("SELECT n, id, team, data_key, summary FROM household WHERE changed > ?1")
            .map_err(&failed)?;
        let mut given = conn
            .prepare_cached("SELECT account FROM given WHERE household = ?1 ORDER BY account")
            .map_err(&failed)?;
        let mut rows = statement.query([seen]).map_err(&failed)?;
        let mut fresh = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let read = || -> crate::sql::Result<_> {
                let id: [u8; 16] = row.get(1)?;
                let wrapped: Option<Vec<u8>> = row.get(3)?;
                let summary: Option<Vec<u8>> = row.get(4)?;
                Ok((
                    row.get::<_, i64>(0)?,
                    id,
                    row.get::<_, Option<String>>(2)?,
                    wrapped,
                    summary,
                ))
            };
            let (n, id, team, wrapped, sealed) = read().map_err(&failed)?;
            let key = wrapped
                .map(|wrapped| self.unwrap_key(&wrapped, &of_household(&id)))
                .transpose()?;
            let summary = match (&key, sealed) {
                (Some(key), Some(sealed)) => open_summary(key, &id, &sealed)?,
                _ => Summary::default(),
            };
            let accounts = given
                .query_map([n], |row| row.get(0))
                .and_then(Iterator::collect)
                .map_err(&failed)?;
            let id = household_id(id)?;
            fresh.push(Entry {
                n,
                id,
                team,
                key,
                summary,
                given: accounts,
                forms: Box::default(),
            });
        }
        let mut directory = self.directory_mut();
        // Somebody else was faster, and what was read here may be older.
        if directory.seen != seen {
            return Ok(());
        }
        for entry in fresh {
            directory.put(entry);
        }
        directory.seen = last;
        Ok(())
    }
}

/// The household of sixteen bytes in the file.
pub(super) fn household_id(bytes: [u8; 16]) -> Result<HouseholdId> {
    uuid::Uuid::from_bytes(bytes)
        .to_string()
        .parse()
        .map_err(|_| StoreError::DamagedRegistry("the id of a household".into()))
}

/// What a household's data key is wrapped as.
pub(super) fn of_household(id: &[u8; 16]) -> Vec<u8> {
    [&b"household\0"[..], id].concat()
}

fn of_summary(id: &[u8; 16]) -> Vec<u8> {
    [&b"summary\0"[..], id].concat()
}

pub(super) fn seal_summary(
    key: &DataKey,
    id: &[u8; 16],
    summary: &Summary,
    entropy: &Entropy,
) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(summary)
        .map_err(|_| StoreError::DamagedRegistry("a household's summary".into()))?;
    key.seal(&of_summary(id), &json, entropy)
}

fn open_summary(key: &DataKey, id: &[u8; 16], sealed: &[u8]) -> Result<Summary> {
    serde_json::from_slice(&key.open(&of_summary(id), sealed)?)
        .map_err(|_| StoreError::DamagedRegistry("a household's summary".into()))
}

/// The last number that was given.
pub(super) fn last_number(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("SELECT last FROM counter")
        .and_then(|mut s| s.query_row([], |row| row.get(0)))
        .map_err(StoreError::sqlite("reading the registry's counter"))
}

/// The writer: takes what waits, writes it in one transaction, and answers when that is durable.
fn write_all(inner: &Inner, mut conn: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < MAX_GROUP
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        write_group(inner, &mut conn, group);
    }
}

fn write_group(inner: &Inner, conn: &mut Connection, group: Vec<Job>) {
    let mut change = match begin(inner, conn) {
        Ok(change) => change,
        Err(error) => {
            for job in group {
                (job.run)(None)(Some(error.again()));
            }
            return;
        }
    };
    let answers: Vec<Answer> = group
        .into_iter()
        .map(|job| (job.run)(Some(&mut change)))
        .collect();
    let error = change.commit().err();
    for answer in answers {
        answer(error.as_ref().map(StoreError::again));
    }
}

fn begin<'a>(inner: &'a Inner, conn: &'a mut Connection) -> Result<Change<'a>> {
    let transaction = conn
        .transaction()
        .map_err(StoreError::sqlite("writing the registry"))?;
    inner.catch_up(&transaction)?;
    let ring = ring_in_use(inner, &transaction)?;
    Change::begin(inner, ring, transaction)
}

fn gone() -> StoreError {
    StoreError::Unavailable("The registry's writer has ended. Start the server again.".into())
}

/// The keys, with the one that the file says is in use in front.
fn ring_in_use(inner: &Inner, conn: &Connection) -> Result<KeyRing> {
    let ring = inner.ring();
    match setting(conn, KEY_IN_USE)? {
        Some(id) if id == ring.current().id().0 => Ok(ring),
        _ => inner.reload_ring(),
    }
}

pub(super) const KEY_IN_USE: &str = "key_in_use";
pub(super) const BLIND_KEY: &str = "blind_key";

pub(super) fn setting(conn: &Connection, name: &str) -> Result<Option<Vec<u8>>> {
    conn.prepare_cached("SELECT value FROM setting WHERE name = ?1")
        .and_then(|mut s| s.query_row([name], |row| row.get(0)).optional())
        .map_err(StoreError::sqlite("reading the registry's settings"))
}

pub(super) fn set(conn: &Connection, name: &str, value: &[u8]) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .and_then(|mut s| s.execute(crate::sql::params![name, value]))
    .map(|_| ())
    .map_err(StoreError::sqlite("writing the registry's settings"))
}

/// The key for blind hashes; made with the registry.
fn blind_key(conn: &mut Connection, ring: &KeyRing, key_file: &Path, entropy: &Entropy) -> Result<DataKey> {
    let failed = StoreError::sqlite("preparing the registry");
    let change = conn.transaction().map_err(&failed)?;
    let key = if let Some(wrapped) = setting(&change, BLIND_KEY)? {
        ring.unwrap(&wrapped, BLIND_KEY.as_bytes())?.ok_or_else(|| {
            wrong_key(
                super::seal::wrapped_by(&wrapped).unwrap_or(KeyId([0; 8])),
                ring,
                key_file,
            )
        })?
    } else {
        let key = DataKey::make(entropy)?;
        set(
            &change,
            BLIND_KEY,
            &ring.current().wrap(&key, BLIND_KEY.as_bytes(), entropy)?,
        )?;
        set(&change, KEY_IN_USE, &ring.current().id().0)?;
        key
    };
    change.commit().map_err(&failed)?;
    if conn.sqlite().is_some() {
        // What is read before anything is touched must lie in the file itself, not in its journal.
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
            .map_err(failed)?;
    }
    Ok(key)
}

fn wrong_key(needed: KeyId, ring: &KeyRing, key_file: &Path) -> StoreError {
    StoreError::Key(format!(
        "The key file {} is not the one of this registry: it holds the key {}, and the registry was sealed with {needed}. Nothing was \
         touched. Bring back the right file (--key-file, PHTEAH_KEY_FILE), or make it again from its words with \"phteah key restore\".",
        key_file.display(),
        ring.current().id()
    ))
}

/// The key that a registry is sealed with, read without touching a thing: no journal is made, none is brought in. `None` where there is no
/// registry, or where it cannot be told this way; opening it tells.
fn key_in_use(path: &Path) -> Option<KeyId> {
    if !path.exists() {
        return None;
    }
    let mut uri = format!(
        "file:{}",
        path.to_str()?
            .replace('%', "%25")
            .replace('?', "%3f")
            .replace('#', "%23")
    );
    uri.push_str("?immutable=1");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = rusqlite::Connection::open_with_flags(uri, flags).ok()?;
    let id = setting(&conn.into(), KEY_IN_USE).ok()??;
    Some(KeyId(id.try_into().ok()?))
}

pub(crate) fn connect(data: &Path, database: &Database) -> Result<Connection> {
    match database {
        Database::Files => open_file(&data.join(REGISTRY_FILE)),
        Database::Postgres(server) => Connection::postgres(server, Schema::Registry, Durability::Full)
            .map_err(StoreError::sqlite("opening the registry")),
    }
}

fn open_file(path: &Path) -> Result<Connection> {
    let failed = |source: rusqlite::Error| StoreError::sqlite("opening registry.sqlite")(source.into());
    let conn = rusqlite::Connection::open(path).map_err(failed)?;
    keep_private(path)?;
    conn.busy_timeout(PATIENCE).map_err(failed)?;
    conn.set_prepared_statement_cache_capacity(64);
    // FULL: what a phone has a receipt for survives a power cut. Temporary tables stay in memory, and what is deleted is overwritten.
    conn.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA secure_delete = ON; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
    ))
    .map_err(failed)?;
    Ok(conn.into())
}

/// Waits until nobody can see what was deleted from a PostgreSQL table any more, for a while: whoever began to read before it was deleted can,
/// and `VACUUM (FULL)` carries that along for them.
fn wait_for_readers(conn: &Connection, table: &str) -> crate::sql::Result<()> {
    const TRIES: usize = 50;
    for _ in 0..TRIES {
        // It counts what it has to leave.
        conn.execute_batch(&format!("VACUUM {table}"))?;
        let left: i64 = conn.query_row(
            "SELECT coalesce(max(n_dead_tup), 0) FROM pg_stat_user_tables
             WHERE schemaname = current_schema() AND relname = ?1",
            [table],
            |row| row.get(0),
        )?;
        if left == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Ok(())
}
