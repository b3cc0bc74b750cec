//! Sessions of the team in a browser: begun with a key of the team, ended by its owner, by time, or with the key.

use std::fmt;

use crate::sql::{OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::access::Viewer;
use crate::error::{Result, StoreError};
use crate::ids::hex;
use crate::keys::{KeyScope, read};
use crate::store::Store;

/// Random bytes that a new session needs.
pub const SESSION_ENTROPY_BYTES: usize = 32;

/// Sessions kept. The next one ends the one that would end first.
pub const MAX_SESSIONS: usize = 1_000;

/// How long a session lasts.
const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a browser sends to prove its session: 64 hexadecimal digits. The file holds its hash alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    pub(crate) fn new(entropy: &[u8; SESSION_ENTROPY_BYTES]) -> Self {
        Self(hex(entropy))
    }

    /// The token as text, for the browser it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Never the token: it must not end up in logs.
impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// One round of SHA-256, for the same reason as for keys: the token is random and cannot be guessed.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Store {
    /// Begins a session with a key of the team. Any other key is refused as one that opens nothing.
    pub fn begin_session(
        &self,
        key: &str,
        entropy: &[u8; SESSION_ENTROPY_BYTES],
        now: Timestamp,
    ) -> Result<SessionToken> {
        let viewer = self.viewer(key, now)?;
        let id = viewer
            .key_id()
            .filter(|_| viewer.is_team())
            .ok_or(StoreError::BadKey)?;
        let failed = StoreError::sqlite("writing a session");
        let token = SessionToken::new(entropy);
        let ends = now.checked_add(LASTS).unwrap_or(Timestamp::MAX);
        let mut conn = self.lock();
        let change = conn.transaction().map_err(&failed)?;
        change
            .execute("DELETE FROM session WHERE expires_at <= ?1", [now.to_string()])
            .map_err(&failed)?;
        change
            .execute(
                "DELETE FROM session WHERE hash IN (SELECT hash FROM session ORDER BY expires_at DESC LIMIT -1 OFFSET ?1)",
                [MAX_SESSIONS as i64 - 1],
            )
            .map_err(&failed)?;
        change
            .execute(
                "INSERT INTO session VALUES (?1, ?2, ?3)",
                params![hash(token.expose()), id, ends.to_string()],
            )
            .map_err(&failed)?;
        change.commit().map_err(&failed)?;
        Ok(token)
    }

    /// Who has this session; `None` when it has ended, or its key opens nothing any more.
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Option<Viewer>> {
        let failed = StoreError::sqlite("reading a session");
        if token.len() != 2 * SESSION_ENTROPY_BYTES {
            return Ok(None);
        }
        let conn = self.lock();
        let found: Option<(String, String)> = conn
            .prepare_cached("SELECT key, expires_at FROM session WHERE hash = ?1")
            .and_then(|mut s| {
                s.query_row([hash(token)], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .map_err(failed)?;
        let Some((key, ends)) = found else { return Ok(None) };
        let ends: Timestamp = ends
            .parse()
            .map_err(|_| StoreError::Damaged("the end of a session".into()))?;
        let key = read(&conn, &key)?.map(|(record, _)| record);
        Ok(key
            .filter(|key| now < ends && key.is_valid(now) && key.scope == KeyScope::Team)
            .map(|key| Viewer::of_key(&key)))
    }

    /// Ends a session. Ending one that is none changes nothing.
    pub fn end_session(&self, token: &str) -> Result<()> {
        self.lock()
            .execute("DELETE FROM session WHERE hash = ?1", [hash(token)])
            .map(|_| ())
            .map_err(StoreError::sqlite("ending a session"))
    }
}
