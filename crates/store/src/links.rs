//! Sign-in links: how a person comes in for the first time, or after a password was forgotten. A link works once and for two days.
//!
//! Whoever manages access makes it and hands it over. Its secret is random and kept as a hash. The secret of one-time codes, which the page
//! behind the link shows, follows from the link's own: nothing has to be kept until the person has proven that their phone shows the codes.

use crate::sql::{Connection, OptionalExtension, Transaction, params};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret as CodeSecret, Totp};

use crate::accounts::account_named;
use crate::actor::{self, Actor};
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, hex, part};
use crate::passwords::{self, NONCE_BYTES, SALT_BYTES};
use crate::people_sessions::{SIGN_IN_ENTROPY_BYTES, begin};
use crate::rights::{Right, Role};
use crate::sessions::SessionToken;
use crate::store::Store;
use crate::trail::{Entry, append};

/// Random bytes that a new link needs.
pub const LINK_ENTROPY_BYTES: usize = 32;

/// Random bytes that using a link needs: for the salt, the nonce and the session.
pub const USE_LINK_ENTROPY_BYTES: usize = SALT_BYTES + NONCE_BYTES + SIGN_IN_ENTROPY_BYTES;

/// How long a link works.
const LASTS: SignedDuration = SignedDuration::from_hours(48);

/// A sign-in link as it is handed over: the only copy of its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInLink {
    secret: String,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
}

impl SignInLink {
    /// The secret of the link: 64 hexadecimal digits, the last part of its address.
    pub fn expose(&self) -> &str {
        &self.secret
    }
}

/// Never the secret: it must not end up in logs.
impl std::fmt::Debug for SignInLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignInLink(…, until {})", self.expires_at)
    }
}

/// What the page behind a link shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// Whose link it is.
    pub name: String,
    /// For an account that needs one-time codes: the secret that an authenticator app is given, in base 32.
    pub code_secret: Option<String>,
}

/// What a person chooses on the page behind a link.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    /// The new password.
    pub password: &'a str,
    /// The six digits that the authenticator app shows, where the account needs them.
    pub code: Option<&'a str>,
    /// What browser it is, for the list of sessions.
    pub client: &'a str,
}

impl Store {
    /// Makes a new sign-in link for an account; those before are void. The password stays until the link is used.
    pub fn make_link(
        &self,
        actor: &Actor,
        name: &str,
        entropy: &[u8; LINK_ENTROPY_BYTES],
        why: &str,
        now: Timestamp,
    ) -> Result<SignInLink> {
        actor.require(Right::ManageAccess)?;
        self.change(|change| {
            let id = account_named(change, name)?;
            if actor::read(change, &id)?.is_none() {
                return Err(StoreError::Usage(
                    "This account is disabled: enable it first, which makes a link too.".into(),
                ));
            }
            let entry = Entry {
                what: "link_made",
                subject: &format!("account {id}"),
                why,
                detail: "",
            };
            append(change, actor, &entry, now)?;
            write_link(change, &id, entropy, now)
        })
    }

    /// What a link opens. Looking does not use it up: programs that preview links look too.
    pub fn welcome(&self, link: &str, now: Timestamp) -> Result<Welcome> {
        let conn = self.lock();
        let id = find(&conn, link, now)?;
        let (name, needs_code) = owner(&conn, &id)?;
        Ok(Welcome {
            name,
            code_secret: needs_code.then(|| CodeSecret::from(code_secret(link).to_vec()).to_base32()),
        })
    }

    /// Uses a link up: sets the password and, where the role asks for it, the one-time codes; ends the account's other sessions and begins one.
    pub fn use_link(
        &self,
        link: &str,
        chosen: &Chosen<'_>,
        entropy: &[u8; USE_LINK_ENTROPY_BYTES],
        now: Timestamp,
    ) -> Result<SessionToken> {
        let (id, name, needs_code) = {
            let conn = self.lock();
            let id = find(&conn, link, now)?;
            let (name, needs_code) = owner(&conn, &id)?;
            (id, name, needs_code)
        };
        passwords::check(chosen.password, &name)?;
        let secret = code_secret(link);
        let step = if needs_code {
            let code = chosen.code.map(str::trim).filter(|code| !code.is_empty());
            let code = code.ok_or(StoreError::CodeNeeded)?;
            Some(check_code(&secret, code, now).ok_or(StoreError::CodeNeeded)?)
        } else {
            None
        };
        let salt: [u8; SALT_BYTES] = part(entropy, 0);
        let nonce: [u8; NONCE_BYTES] = part(entropy, SALT_BYTES);
        // Off the lock: this takes its time.
        let (stretched, stretching) = passwords::stretch(chosen.password, &salt)?;
        let sealed = step.map(|_| stretched.seal(&id, &nonce, &secret)).transpose()?;
        self.change(|change| {
            // Twice at once: the second finds the link used.
            find(change, link, now)?;
            let failed = StoreError::sqlite("using a sign-in link");
            change
                .execute(
                    "UPDATE account SET stretching = ?2, salt = ?3, verifier = ?4, totp = ?5, totp_nonce = ?6, totp_step = ?7
                     WHERE id = ?1",
                    params![
                        id,
                        stretching,
                        salt,
                        stretched.verifier,
                        sealed,
                        sealed.is_some().then_some(nonce),
                        step
                    ],
                )
                .map_err(&failed)?;
            for table in ["sign_in_link", "account_session"] {
                change
                    .execute(&format!("DELETE FROM {table} WHERE account = ?1"), [&id])
                    .map_err(&failed)?;
            }
            let person = actor::read(change, &id)?.ok_or(StoreError::BadLink)?;
            let entry = Entry {
                what: "password_chosen",
                subject: &format!("account {id}"),
                why: "",
                detail: if needs_code { "with one-time codes" } else { "" },
            };
            append(change, &person, &entry, now)?;
            begin(change, &person, &id, chosen.client, &part(entropy, SALT_BYTES + NONCE_BYTES), now)
        })
    }
}

/// Writes a link in place of those before.
pub(crate) fn write_link(
    change: &Transaction<'_>,
    id: &AccountId,
    entropy: &[u8; LINK_ENTROPY_BYTES],
    now: Timestamp,
) -> Result<SignInLink> {
    let failed = StoreError::sqlite("writing a sign-in link");
    let secret = hex(entropy);
    let expires_at = now.checked_add(LASTS).unwrap_or(Timestamp::MAX);
    change
        .execute(
            "DELETE FROM sign_in_link WHERE account = ?1 OR expires_at <= ?2",
            params![id, now.as_second()],
        )
        .map_err(&failed)?;
    change
        .execute(
            "INSERT INTO sign_in_link VALUES (?1, ?2, ?3, ?4)",
            params![hash(&secret), id, now.as_second(), expires_at.as_second()],
        )
        .map_err(&failed)?;
    Ok(SignInLink { secret, expires_at })
}

/// One round of SHA-256: the secret is random and cannot be guessed.
fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn find(conn: &Connection, link: &str, now: Timestamp) -> Result<AccountId> {
    let found: Option<AccountId> = conn
        .prepare_cached(
            "SELECT account FROM sign_in_link JOIN account ON account.id = sign_in_link.account
             WHERE hash = ?1 AND expires_at > ?2 AND disabled_at IS NULL",
        )
        .and_then(|mut s| {
            s.query_row(params![hash(link.trim()), now.as_second()], |row| row.get(0))
                .optional()
        })
        .map_err(StoreError::sqlite("reading a sign-in link"))?;
    found.ok_or(StoreError::BadLink)
}

fn owner(conn: &Connection, id: &AccountId) -> Result<(String, bool)> {
    let name = conn
        .prepare_cached("SELECT name FROM account WHERE id = ?1")
        .and_then(|mut s| s.query_row([id], |row| row.get(0)))
        .map_err(StoreError::sqlite("reading an account"))?;
    let roles = actor::roles_of(conn, id)?;
    Ok((name, roles.into_iter().any(Role::needs_code)))
}

/// The secret of one-time codes that belongs to a link: 160 bits, as RFC 4226 recommends.
fn code_secret(link: &str) -> [u8; 20] {
    let mut sum = Sha256::new();
    sum.update(b"phteah one-time codes\0");
    sum.update(link.trim().as_bytes());
    part(&sum.finalize(), 0)
}

/// The step of RFC 6238 whose code this is, now or one step of 30 seconds before or after; `None` if it is none.
pub(crate) fn check_code(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let second = u64::try_from(now.as_second()).ok()?;
    let step = codes(secret)?.check(&digits, second)?;
    i64::try_from(step).ok()
}

fn codes(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret.to_vec()).build().ok()
}

/// The code that an authenticator app with this secret (base 32) shows. For tests and for the demonstration.
pub fn code_at(secret: &str, now: Timestamp) -> Option<String> {
    let secret = CodeSecret::try_from_base32(secret).ok()?;
    let second = u64::try_from(now.as_second()).ok()?;
    Some(codes(secret.as_ref())?.generate(second).to_string())
}
