//! Sessions of persons in a browser: begun with name and password, listed, ended by their owner, by idleness or by time.

use crate::sql::{Connection, OptionalExtension, Transaction, params};
use jiff::{SignedDuration, Timestamp};

use crate::actor::{self, Actor};
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, ID_BYTES, SessionId, part};
use crate::links::check_code;
use crate::passwords::{self, NONCE_BYTES, SALT_BYTES, Stretched};
use crate::rights::{Right, Role};
use crate::secret::same;
use crate::sessions::{SESSION_ENTROPY_BYTES, SessionToken, hash};
use crate::store::Store;
use crate::teams::{name_key, time};
use crate::trail::{Entry, append};

/// Random bytes that signing in needs: for the session's id and its token.
pub const SIGN_IN_ENTROPY_BYTES: usize = ID_BYTES + SESSION_ENTROPY_BYTES;

/// A session that nobody uses for so long has ended: a working day.
pub const IDLE_END: SignedDuration = SignedDuration::from_hours(9);

/// A session ends so long after it began, used or not.
pub const ABSOLUTE_END: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Sessions of one account. The next one ends the one that was used longest ago.
pub const MAX_SESSIONS_EACH: usize = 20;

/// The time of use is written this often at most.
const NOTE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The longest description of a browser that is kept, in characters.
const MAX_CLIENT_CHARS: usize = 120;

/// What a person sends to sign in.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// The six digits of the authenticator app, if the person wrote any.
    pub code: Option<&'a str>,
    /// What browser it is, for the list of sessions.
    pub client: &'a str,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// With which rights.
    pub actor: Actor,
    /// The person's name.
    pub name: String,
    /// Which session it is.
    pub session: SessionId,
}

/// A session, as its owner sees it listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id; proves nothing.
    pub id: SessionId,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it was last used, to a minute.
    pub seen_at: Timestamp,
    /// The browser, as it calls itself.
    pub client: String,
}

/// What the file knows of somebody who wants to come in.
pub(crate) struct Known {
    pub(crate) id: AccountId,
    pub(crate) stretching: String,
    pub(crate) salt: [u8; SALT_BYTES],
    pub(crate) verifier: [u8; 32],
    pub(crate) sealed: Option<(Vec<u8>, [u8; NONCE_BYTES])>,
}

impl Store {
    /// Signs a person in. Unknown names, wrong passwords and disabled accounts get the same answer after the same work.
    ///
    /// Takes some tens of milliseconds of a processor: limit how often strangers may try.
    pub fn sign_in(
        &self,
        sent: &SignIn<'_>,
        entropy: &[u8; SIGN_IN_ENTROPY_BYTES],
        now: Timestamp,
    ) -> Result<SessionToken> {
        let known = known(&self.lock(), sent.name)?;
        let (stretched, proven) = match &known {
            Some(known) => {
                let stretched = passwords::stretch_as(&known.stretching, sent.password, &known.salt)?;
                let proven = same(&stretched.verifier, &known.verifier);
                (stretched, proven)
            }
            None => (passwords::stretch(sent.password, &[0; SALT_BYTES])?.0, false),
        };
        let known = known.filter(|_| proven).ok_or(StoreError::BadSignIn)?;
        self.change(|change| {
            let person = actor::read(change, &known.id)?.ok_or(StoreError::BadSignIn)?;
            let failed = StoreError::sqlite("signing in");
            let (verifier, last): ([u8; 32], Option<i64>) = change
                .query_row(
                    "SELECT verifier, totp_step FROM account WHERE id = ?1",
                    [&known.id],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .map_err(&failed)?;
            if !same(&verifier, &known.verifier) {
                // Another password was chosen meanwhile.
                return Err(StoreError::BadSignIn);
            }
            if let Some(step) = step_of(&known, &stretched, &person, sent.code, now)? {
                // A code opens once, for whoever looks over a shoulder.
                if last.is_some_and(|last| step <= last) {
                    return Err(StoreError::BadSignIn);
                }
                change
                    .execute(
                        "UPDATE account SET totp_step = ?2 WHERE id = ?1",
                        params![known.id, step],
                    )
                    .map_err(&failed)?;
            }
            begin(change, &person, &known.id, sent.client, entropy, now)
        })
    }

    /// Who has this session; `None` when it has ended, or the account is disabled.
    pub fn signed_in(&self, token: &str, now: Timestamp) -> Result<Option<SignedIn>> {
        if token.len() != 2 * SESSION_ENTROPY_BYTES {
            return Ok(None);
        }
        let failed = StoreError::sqlite("reading a session");
        let conn = self.lock();
        let found: Option<(SessionId, AccountId, String, i64, i64)> = conn
            .prepare_cached(
                "SELECT account_session.id, account, name, begun_at, seen_at
                 FROM account_session JOIN account ON account.id = account WHERE hash = ?1",
            )
            .and_then(|mut s| {
                s.query_row([hash(token)], |r| {
                    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
                })
                .optional()
            })
            .map_err(&failed)?;
        let Some((session, account, name, begun_at, seen_at)) = found else {
            return Ok(None);
        };
        let second = now.as_second();
        if second >= begun_at + ABSOLUTE_END.as_secs() || second >= seen_at + IDLE_END.as_secs() {
            return Ok(None);
        }
        let Some(actor) = actor::read(&conn, &account)? else {
            return Ok(None);
        };
        if second >= seen_at + NOTE_EVERY.as_secs() {
            // On a full disk the session goes on and ends a little early.
            let _ = conn
                .prepare_cached("UPDATE account_session SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2")
                .and_then(|mut s| s.execute(params![session, second]));
        }
        Ok(Some(SignedIn { actor, name, session }))
    }

    /// Ends the session that this token proves. Ending one that is none changes nothing.
    pub fn sign_out(&self, token: &str) -> Result<()> {
        self.lock()
            .execute("DELETE FROM account_session WHERE hash = ?1", [hash(token)])
            .map(|_| ())
            .map_err(StoreError::sqlite("ending a session"))
    }

    /// The actor's own sessions that have not ended, the last used first.
    pub fn own_sessions(&self, actor: &Actor, now: Timestamp) -> Result<Vec<SessionRecord>> {
        let account = own(actor)?;
        let second = now.as_second();
        let failed = StoreError::sqlite("reading the sessions");
        let conn = self.lock();
        let rows: Vec<(SessionId, i64, i64, String)> = conn
            .prepare_cached(
                "SELECT id, begun_at, seen_at, client FROM account_session
                 WHERE account = ?1 AND begun_at > ?2 AND seen_at > ?3 ORDER BY seen_at DESC, begun_at DESC",
            )
            .and_then(|mut s| {
                s.query_map(
                    params![
                        account,
                        second - ABSOLUTE_END.as_secs(),
                        second - IDLE_END.as_secs()
                    ],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )?
                .collect()
            })
            .map_err(failed)?;
        rows.into_iter()
            .map(|(id, begun_at, seen_at, client)| {
                Ok(SessionRecord {
                    id,
                    begun_at: time(begun_at)?,
                    seen_at: time(seen_at)?,
                    client,
                })
            })
            .collect()
    }

    /// Ends one of the actor's own sessions. One of somebody else is as one that does not exist.
    pub fn end_own_session(&self, actor: &Actor, session: &SessionId, now: Timestamp) -> Result<()> {
        let account = own(actor)?.clone();
        self.change(|change| {
            let ended = change
                .execute(
                    "DELETE FROM account_session WHERE id = ?1 AND account = ?2",
                    params![session, account],
                )
                .map_err(StoreError::sqlite("ending a session"))?;
            if ended == 0 {
                return Err(StoreError::NotFound("This session has ended already.".into()));
            }
            let entry = Entry {
                what: "session_ended",
                subject: &format!("account {account}"),
                why: "",
                detail: &format!("session {session}"),
            };
            append(change, actor, &entry, now)
        })
    }

    /// Signs an account out everywhere: the own, or any for whoever manages access. Answers how many sessions ended.
    pub fn sign_out_everywhere(
        &self,
        actor: &Actor,
        account: &AccountId,
        why: &str,
        now: Timestamp,
    ) -> Result<usize> {
        if actor.account() != Some(account) {
            actor.require(Right::ManageAccess)?;
        }
        self.change(|change| {
            let ended = change
                .execute("DELETE FROM account_session WHERE account = ?1", [account])
                .map_err(StoreError::sqlite("ending sessions"))?;
            let entry = Entry {
                what: "signed_out_everywhere",
                subject: &format!("account {account}"),
                why,
                detail: &format!("{ended} sessions"),
            };
            append(change, actor, &entry, now)?;
            Ok(ended)
        })
    }
}

/// The account of a person who is signed in.
pub(crate) fn own(actor: &Actor) -> Result<&AccountId> {
    actor
        .account()
        .filter(|_| actor.device().is_none())
        .ok_or_else(|| StoreError::Denied("Only a person who is signed in has sessions.".into()))
}

/// What the file knows of an account that has a password and is not disabled.
pub(crate) fn known(conn: &Connection, name: &str) -> Result<Option<Known>> {
    conn.prepare_cached(
        "SELECT id, stretching, salt, verifier, totp, totp_nonce FROM account
         WHERE name_key = ?1 AND disabled_at IS NULL AND verifier IS NOT NULL",
    )
    .and_then(|mut s| {
        s.query_row([name_key(name)], |row| {
            let (sealed, nonce): (Option<Vec<u8>>, Option<[u8; NONCE_BYTES]>) = (row.get(4)?, row.get(5)?);
            Ok(Known {
                id: row.get(0)?,
                stretching: row.get(1)?,
                salt: row.get(2)?,
                verifier: row.get(3)?,
                sealed: sealed.zip(nonce),
            })
        })
        .optional()
    })
    .map_err(StoreError::sqlite("reading an account"))
}

/// The step of the one-time code that was sent; `None` where the account needs none.
fn step_of(
    known: &Known,
    stretched: &Stretched,
    person: &Actor,
    code: Option<&str>,
    now: Timestamp,
) -> Result<Option<i64>> {
    let needs_code = person.roles().iter().any(|role| role.needs_code());
    let Some((sealed, nonce)) = &known.sealed else {
        // A role that asks for codes was given to an account without: its owner sets them up with a new link.
        return if needs_code {
            Err(StoreError::CodesMissing)
        } else {
            Ok(None)
        };
    };
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    let code = code.ok_or(StoreError::CodeNeeded)?;
    let secret = stretched.open(&known.id, nonce, sealed)?;
    check_code(&secret, code, now)
        .map(Some)
        .ok_or(StoreError::BadSignIn)
}

/// Begins a session.
pub(crate) fn begin(
    change: &Transaction<'_>,
    person: &Actor,
    account: &AccountId,
    client: &str,
    entropy: &[u8; SIGN_IN_ENTROPY_BYTES],
    now: Timestamp,
) -> Result<SessionToken> {
    let failed = StoreError::sqlite("writing a session");
    let id = SessionId::new(part(entropy, 0));
    let token = SessionToken::new(&part(entropy, ID_BYTES));
    let second = now.as_second();
    change
        .execute(
            "DELETE FROM account_session WHERE begun_at <= ?1 OR seen_at <= ?2",
            [second - ABSOLUTE_END.as_secs(), second - IDLE_END.as_secs()],
        )
        .map_err(&failed)?;
    change
        .execute(
            "DELETE FROM account_session WHERE id IN
             (SELECT id FROM account_session WHERE account = ?1 ORDER BY seen_at DESC LIMIT -1 OFFSET ?2)",
            params![account, MAX_SESSIONS_EACH as i64 - 1],
        )
        .map_err(&failed)?;
    let client: String = client
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_CLIENT_CHARS)
        .collect();
    change
        .execute(
            "INSERT INTO account_session VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
            params![id, hash(token.expose()), account, second, client],
        )
        .map_err(&failed)?;
    change
        .execute(
            "UPDATE account SET signed_in_at = ?2 WHERE id = ?1",
            params![account, second],
        )
        .map_err(&failed)?;
    let entry = Entry {
        what: "signed_in",
        subject: &format!("account {account}"),
        why: "",
        detail: &format!("session {id}"),
    };
    append(change, person, &entry, now)?;
    Ok(token)
}

impl SignedIn {
    /// Whether one of the person's roles is this.
    pub fn is(&self, role: Role) -> bool {
        self.actor.roles().contains(&role)
    }
}
