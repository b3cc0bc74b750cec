//! Photos and sound that belong to events: sent in parts, resumable, checked against their hash, sealed.

use crate::sql::{OptionalExtension, Value, params};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::change::Change;
use super::directory::Number;
use super::push::day;
use super::seal::DataKey;
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;

/// The largest file, in bytes. Phones shrink photos before they send them.
pub const MAX_FILE_BYTES: u64 = 32 << 20;
/// The most files of one team that have begun and not ended.
const MAX_UNFINISHED: i64 = 500;
/// The least length by which a file can be told for what it is.
const MAGIC_BYTES: usize = 12;

/// The name of a file: SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileHash([u8; 32]);

impl FileHash {
    pub(super) fn bytes(self) -> [u8; 32] {
        self.0
    }

    /// Reads 64 hexadecimal digits, in small letters.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2).filter(|_| digits)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// The bytes of a hash in hexadecimal digits, for a column; empty where it is none.
pub(super) fn hash_bytes(text: &str) -> Vec<u8> {
    FileHash::read(text).map_or_else(Vec::new, |hash| hash.0.to_vec())
}

/// How much of a file is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    /// Bytes of the whole file.
    pub length: u64,
    /// Bytes that are here, from the first on.
    pub received: u64,
    /// Whether all of it is here and has the hash that it is named by.
    pub complete: bool,
}

struct Row {
    n: i64,
    state: FileState,
    wrapped: Option<Vec<u8>>,
}

fn sealed_as(hash: &FileHash, team: &str) -> Vec<u8> {
    [&b"file\0"[..], &hash.0, team.as_bytes()].concat()
}

fn piece_of(hash: &FileHash, team: &str, at: u64) -> Vec<u8> {
    [&sealed_as(hash, team)[..], b"\0", &at.to_be_bytes()].concat()
}

pub(super) fn no_such_file() -> StoreError {
    StoreError::NotFound("There is no such file. Begin it with POST.".into())
}

fn refused(code: &'static str, message: impl Into<String>) -> StoreError {
    StoreError::Refused {
        code,
        message: message.into(),
    }
}

/// The team that a file belongs to.
fn team_of(actor: &Actor) -> Result<String> {
    actor.require(Right::RecordEvents)?;
    let teams = &actor.scope().teams;
    match teams.first().filter(|_| teams.len() == 1) {
        Some(team) => Ok(team.to_string()),
        None => Err(StoreError::Denied(
            "Files are sent by devices, each of which works for one team.".into(),
        )),
    }
}

impl Registry {
    /// Begins a file of so many bytes, or finds it begun. A file that is complete stays as it is.
    pub fn begin_file(
        &self,
        actor: &Actor,
        hash: FileHash,
        length: u64,
        now: Timestamp,
    ) -> Result<FileState> {
        let team = team_of(actor)?;
        if length == 0 || length > MAX_FILE_BYTES {
            return Err(refused(
                "file_too_large",
                format!(
                    "A file has 1 to {MAX_FILE_BYTES} bytes, and this one is said to have {length}. Shrink the photo before it is sent."
                ),
            ));
        }
        self.write(move |change| {
            if let Some(row) = find(change, &hash, &team)? {
                if row.state.length != length {
                    return Err(refused(
                        "wrong_length",
                        format!("This file was begun with {} bytes, not {length}. A file with this hash has one length only.", row.state.length),
                    ));
                }
                return Ok(row.state);
            }
            let failed = StoreError::sqlite("beginning a file");
            let unfinished: i64 = change
                .conn()
                .query_row("SELECT count(*) FROM file WHERE team = ?1 AND complete = 0", [&team], |row| row.get(0))
                .map_err(&failed)?;
            if unfinished >= MAX_UNFINISHED {
                return Err(refused(
                    "too_many_files",
                    format!("{unfinished} files of this team have begun and not ended. Finish those first."),
                ));
            }
            let key = DataKey::make(change.entropy())?;
            let wrapped = change.ring().current().wrap(&key, &sealed_as(&hash, &team), change.entropy())?;
            change
                .conn()
                .execute(
                    "INSERT INTO file (hash, team, length, received, complete, data_key, begun_on) VALUES (?1, ?2, ?3, 0, 0, ?4, ?5)",
                    params![hash.0, team, length as i64, wrapped, day(now)],
                )
                .map_err(failed)?;
            Ok(FileState { length, received: 0, complete: false })
        })
    }

    /// How much of a file is here.
    pub fn file_state(&self, actor: &Actor, hash: FileHash) -> Result<FileState> {
        let team = team_of(actor)?;
        self.read(|conn| row(conn, &hash, &team))?
            .map(|row| row.state)
            .ok_or_else(no_such_file)
    }

    /// Adds bytes to a file from `offset` on, which must be where it ends so far. With the last of them the file is checked against its hash:
    /// one that has another is emptied, one that is neither photo nor sound is not kept.
    pub fn append_file(
        &self,
        actor: &Actor,
        hash: FileHash,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<FileState> {
        let team = team_of(actor)?;
        let outcome = self.write(move |change| {
            let row = find(change, &hash, &team)?.ok_or_else(no_such_file)?;
            if row.state.received != offset {
                return Err(refused(
                    "wrong_offset",
                    format!("The file ends at byte {} so far, not at {offset}. Go on from there.", row.state.received),
                ));
            }
            let received = offset + bytes.len() as u64;
            if received > row.state.length {
                return Err(refused("wrong_length", format!("The file was begun with {} bytes; this is more.", row.state.length)));
            }
            if row.state.complete || bytes.is_empty() {
                return Ok(Ok(row.state));
            }
            let wrapped = row.wrapped.as_ref().ok_or_else(no_such_file)?;
            let key = change
                .ring()
                .unwrap(wrapped, &sealed_as(&hash, &team))?
                .ok_or(StoreError::Sealed("the key of a file"))?;
            let sealed = key.seal(&piece_of(&hash, &team, offset), &bytes, change.entropy())?;
            let failed = StoreError::sqlite("writing a file");
            change
                .conn()
                .execute("INSERT INTO file_piece VALUES (?1, ?2, ?3)", params![row.n, offset as i64, sealed])
                .map_err(&failed)?;
            let complete = received == row.state.length;
            if complete {
                let whole = pieces(change.conn(), row.n, &key, &hash, &team)?;
                if Sha256::digest(&*whole)[..] != hash.0 {
                    forget(change, row.n, false)?;
                    return Ok(Err(refused(
                        "hash_differs",
                        "The bytes do not have the hash that the file is named by: something was lost on the way. Send it again from the start.",
                    )));
                }
                if !is_photo_or_sound(&whole) {
                    forget(change, row.n, true)?;
                    return Ok(Err(refused(
                        "not_an_image",
                        "This is neither a photo (JPEG, PNG, WebP, HEIC, AVIF) nor sound (Ogg, WebM, MP4, MP3, WAV, AMR). It was not kept.",
                    )));
                }
            }
            change
                .conn()
                .execute(
                    "UPDATE file SET received = ?2, complete = ?3 WHERE n = ?1",
                    params![row.n, received as i64, complete],
                )
                .map_err(failed)?;
            Ok(Ok(FileState { length: row.state.length, received, complete }))
        })?;
        // What is told is told after the emptying is durable.
        outcome
    }

    /// The bytes of a file, for whoever may know of a household that it belongs to.
    pub fn file(&self, actor: &Actor, hash: FileHash) -> Result<Zeroizing<Vec<u8>>> {
        actor.require(Right::ReadHouseholds)?;
        self.refresh()?;
        let ring = self.inner().ring();
        self.read(|conn| {
            let failed = StoreError::sqlite("reading a file");
            let households: Vec<Number> = conn
                .prepare_cached("SELECT household FROM household_file WHERE hash = ?1")
                .and_then(|mut s| s.query_map([hash.0], |row| row.get(0))?.collect())
                .map_err(&failed)?;
            let may = households.iter().any(|n| {
                self.directory().get(*n).is_some_and(|entry| entry.is_visible(actor, Right::ReadHouseholds))
            });
            let team: Option<String> = conn
                .prepare_cached("SELECT team FROM file WHERE hash = ?1 AND complete = 1 AND data_key IS NOT NULL ORDER BY n")
                .and_then(|mut s| s.query_row([hash.0], |row| row.get(0)).optional())
                .map_err(&failed)?;
            opened(conn, &ring, hash, &team.filter(|_| may).ok_or_else(no_such_file)?)
        })
    }
}

/// The bytes of a file that a team has sent.
pub(super) fn opened(
    conn: &crate::sql::Connection,
    ring: &super::seal::KeyRing,
    hash: FileHash,
    team: &str,
) -> Result<Zeroizing<Vec<u8>>> {
    let row = row(conn, &hash, team)?
        .filter(|row| row.state.complete)
        .ok_or_else(no_such_file)?;
    let wrapped = row.wrapped.ok_or_else(no_such_file)?;
    let key = ring
        .unwrap(&wrapped, &sealed_as(&hash, team))?
        .ok_or(StoreError::Sealed("the key of a file"))?;
    pieces(conn, row.n, &key, &hash, team)
}

fn row(conn: &crate::sql::Connection, hash: &FileHash, team: &str) -> Result<Option<Row>> {
    conn.prepare_cached(
        "SELECT n, length, received, complete, data_key FROM file WHERE hash = ?1 AND team = ?2",
    )
    .and_then(|mut s| {
        s.query_row(params![hash.0, team], |row| {
            Ok(Row {
                n: row.get(0)?,
                state: FileState {
                    length: row.get::<_, i64>(1)? as u64,
                    received: row.get::<_, i64>(2)? as u64,
                    complete: row.get(3)?,
                },
                wrapped: row.get(4)?,
            })
        })
        .optional()
    })
    .map_err(StoreError::sqlite("reading a file"))
}

fn find(change: &Change<'_>, hash: &FileHash, team: &str) -> Result<Option<Row>> {
    row(change.conn(), hash, team)
}

fn pieces(
    conn: &crate::sql::Connection,
    n: i64,
    key: &DataKey,
    hash: &FileHash,
    team: &str,
) -> Result<Zeroizing<Vec<u8>>> {
    let failed = StoreError::sqlite("reading a file");
    let mut statement = conn
        .prepare_cached("SELECT at, sealed FROM file_piece WHERE file = ?1 ORDER BY at")
        .map_err(&failed)?;
    let mut rows = statement.query([n]).map_err(&failed)?;
    let mut whole = Zeroizing::new(Vec::new());
    while let Some(row) = rows.next().map_err(&failed)? {
        let at: i64 = row.get(0).map_err(&failed)?;
        let sealed = row.get_ref(1).and_then(Value::as_blob).map_err(&failed)?;
        whole.extend_from_slice(&key.open(&piece_of(hash, team, at as u64), sealed)?);
    }
    Ok(whole)
}

/// Empties a file; where it is not to be had again, forgets that it was begun.
fn forget(change: &Change<'_>, n: i64, whole: bool) -> Result<()> {
    let conn = change.conn();
    conn.execute("DELETE FROM file_piece WHERE file = ?1", [n])
        .and_then(|_| {
            let statement = if whole {
                "DELETE FROM file WHERE n = ?1"
            } else {
                "UPDATE file SET received = 0 WHERE n = ?1"
            };
            conn.execute(statement, [n])
        })
        .map(|_| ())
        .map_err(StoreError::sqlite("emptying a file"))
}

/// Writes down that a file belongs to a household, by an event that names it.
pub(super) fn belongs(change: &Change<'_>, hash: &str, household: Number) -> Result<()> {
    let Some(hash) = FileHash::read(hash) else {
        return Ok(());
    };
    change
        .conn()
        .prepare_cached("INSERT OR IGNORE INTO household_file (household, hash) VALUES (?1, ?2)")
        .and_then(|mut s| s.execute(params![household, hash.0]))
        .map(|_| ())
        .map_err(StoreError::sqlite("writing whose a file is"))
}

/// Whether bytes begin as a photo or as sound does.
fn is_photo_or_sound(bytes: &[u8]) -> bool {
    if bytes.len() < MAGIC_BYTES {
        return false;
    }
    let riff = |kind: &[u8]| bytes.starts_with(b"RIFF") && &bytes[8..12] == kind;
    bytes.starts_with(b"\xff\xd8\xff")
        || bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || riff(b"WEBP")
        || riff(b"WAVE")
        // HEIC, AVIF, M4A, 3GP.
        || &bytes[4..8] == b"ftyp"
        || bytes.starts_with(b"OggS")
        // WebM.
        || bytes.starts_with(b"\x1a\x45\xdf\xa3")
        || bytes.starts_with(b"ID3")
        || (bytes[0] == 0xff && bytes[1] & 0xe6 == 0xe2)
        || bytes.starts_with(b"#!AMR")
}
