//! Partners' keys: made, listed and revoked by the team; shown once, stored hashed.

use crate::sql::{Connection, OptionalExtension, params};
use jiff::Timestamp;

use crate::access::Viewer;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::secret::{ENTROPY_BYTES, Secret, same};
use crate::store::Store;
use crate::trail::{Entry, append};

/// The longest name of a key, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// What a key opens, besides all that is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// These layers, where they are shown to partners.
    Layers(Vec<String>),
    /// Every layer that is shown to partners, now and later.
    EveryPartnerLayer,
    /// Everything, internal layers too: for the team's own computers.
    Team,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    /// Whose it is; told apart in the list and the log by this name.
    pub name: &'a str,
    /// What it opens.
    pub scope: KeyScope,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
}

/// What is known of a key; never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Whose it is.
    pub name: String,
    /// The part of the key that proves nothing, to recognise it by.
    pub id: String,
    /// What it opens.
    pub scope: KeyScope,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl KeyRecord {
    /// Whether it opens anything at this time.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

impl Store {
    /// Makes a key and returns the only copy of it. `entropy` are random bytes of the operating system, never used before.
    pub fn add_key(
        &self,
        actor: &Actor,
        key: &NewKey<'_>,
        entropy: &[u8; ENTROPY_BYTES],
        why: &str,
        now: Timestamp,
    ) -> Result<Secret> {
        actor.require(Right::ManageAccess)?;
        let name = key.name.trim();
        if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
            return Err(StoreError::Usage(format!(
                "A key's name says whose it is, on one line of at most {MAX_NAME_BYTES} bytes."
            )));
        }
        if key.expires_at <= now {
            return Err(StoreError::Usage(
                "The key would have expired already: give a day in the future.".into(),
            ));
        }
        let scope = match &key.scope {
            KeyScope::Layers(layers) if layers.is_empty() => {
                return Err(StoreError::Usage("Say which layers the key opens.".into()));
            }
            KeyScope::Layers(_) => "layers",
            KeyScope::EveryPartnerLayer => "partner",
            KeyScope::Team => "team",
        };
        let secret = Secret::new(entropy);
        let failed = StoreError::sqlite("writing a key");
        let mut conn = self.lock();
        let change = conn.transaction().map_err(&failed)?;
        let taken: bool = change
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM partner_key WHERE name = ?1 OR id = ?2)",
                [name, secret.id()],
                |row| row.get(0),
            )
            .map_err(&failed)?;
        if taken {
            return Err(StoreError::Usage(format!(
                "There is, or was, a key called '{name}': take another name, so that the log stays clear."
            )));
        }
        change
            .execute(
                "INSERT INTO partner_key VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)",
                params![
                    secret.id(),
                    name,
                    secret.hash(),
                    scope,
                    now.to_string(),
                    key.expires_at.to_string()
                ],
            )
            .map_err(&failed)?;
        if let KeyScope::Layers(layers) = &key.scope {
            for layer in layers {
                change
                    .execute(
                        "INSERT OR IGNORE INTO key_layer VALUES (?1, ?2)",
                        [secret.id(), layer],
                    )
                    .map_err(&failed)?;
            }
        }
        let opens = match &key.scope {
            KeyScope::Layers(layers) => format!("layers {}", layers.join(", ")),
            KeyScope::EveryPartnerLayer => "every layer for partners".to_owned(),
            KeyScope::Team => "everything".to_owned(),
        };
        let entry = Entry {
            what: "key_added",
            subject: &format!("key {}", secret.id()),
            why,
            detail: &format!("{opens}, until {}", key.expires_at),
        };
        append(&change, actor, &entry, now)?;
        change.commit().map_err(&failed)?;
        Ok(secret)
    }

    /// Revokes a key by its name: from now on it opens nothing. Revoking twice changes nothing.
    pub fn revoke_key(&self, actor: &Actor, name: &str, why: &str, now: Timestamp) -> Result<()> {
        actor.require(Right::ManageAccess)?;
        let failed = StoreError::sqlite("revoking a key");
        self.change(|change| {
            let found: Option<(String, bool)> = change
                .query_row(
                    "SELECT id, revoked_at IS NOT NULL FROM partner_key WHERE name = ?1",
                    [name.trim()],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
                .map_err(&failed)?;
            let Some((id, revoked)) = found else {
                return Err(StoreError::Usage(format!(
                    "There is no key called '{}'. The list of keys shows their names.",
                    name.chars().take(MAX_NAME_BYTES).collect::<String>()
                )));
            };
            if revoked {
                return Ok(());
            }
            change
                .execute(
                    "UPDATE partner_key SET revoked_at = ?2 WHERE id = ?1",
                    [&id, &now.to_string()],
                )
                .map_err(&failed)?;
            let entry = Entry {
                what: "key_revoked",
                subject: &format!("key {id}"),
                why,
                detail: "",
            };
            append(change, actor, &entry, now)
        })
    }

    /// All keys that were ever made, by name.
    pub fn keys(&self) -> Result<Vec<KeyRecord>> {
        let failed = StoreError::sqlite("reading the keys");
        let conn = self.lock();
        let mut statement = conn
            .prepare("SELECT id FROM partner_key ORDER BY name")
            .map_err(&failed)?;
        let ids: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(&failed)?;
        ids.iter()
            .filter_map(|id| {
                read(&conn, id)
                    .map(|found| found.map(|(record, _)| record))
                    .transpose()
            })
            .collect()
    }

    /// Who sends this key. Unknown, misspelt, expired and revoked keys get the same answer after the same work.
    pub fn viewer(&self, key: &str, now: Timestamp) -> Result<Viewer> {
        let sent = Secret::parse(key);
        // A text that cannot be a key is looked up as one that nobody has.
        let (id, hash) = sent
            .as_ref()
            .map_or(("", [0; 32]), |secret| (secret.id(), secret.hash()));
        let found = read(&self.lock(), id)?;
        let stored = found.as_ref().map_or([0xff; 32], |(_, hash)| *hash);
        let proven = same(&hash, &stored);
        match found {
            Some((record, _)) if proven && record.is_valid(now) => Ok(Viewer::of_key(&record)),
            _ => Err(StoreError::BadKey),
        }
    }

    /// What a key opens, by its id.
    pub(crate) fn key_scope(&self, id: &str) -> Result<KeyScope> {
        let found = read(&self.lock(), id)?;
        found.map(|(record, _)| record.scope).ok_or(StoreError::BadKey)
    }
}

/// A key's record and hash.
pub(crate) fn read(conn: &Connection, id: &str) -> Result<Option<(KeyRecord, [u8; 32])>> {
    type Row = (String, [u8; 32], String, String, String, Option<String>);
    let failed = StoreError::sqlite("reading a key");
    let row: Option<Row> = conn
        .prepare_cached(
            "SELECT name, hash, scope, made_at, expires_at, revoked_at FROM partner_key WHERE id = ?1",
        )
        .and_then(|mut s| {
            s.query_row([id], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
            })
            .optional()
        })
        .map_err(&failed)?;
    let layers: Vec<String> = conn
        .prepare_cached("SELECT layer FROM key_layer WHERE key = ?1 ORDER BY layer")
        .and_then(|mut s| s.query_map([id], |row| row.get(0))?.collect())
        .map_err(&failed)?;
    let Some((name, hash, scope, made_at, expires_at, revoked_at)) = row else {
        return Ok(None);
    };
    let time = |text: &str| {
        text.parse::<Timestamp>()
            .map_err(|_| StoreError::Damaged(format!("a time of the key '{name}'")))
    };
    let scope = match scope.as_str() {
        "layers" => KeyScope::Layers(layers),
        "partner" => KeyScope::EveryPartnerLayer,
        "team" => KeyScope::Team,
        _ => return Err(StoreError::Damaged(format!("what the key '{name}' opens"))),
    };
    let record = KeyRecord {
        id: id.to_owned(),
        scope,
        made_at: time(&made_at)?,
        expires_at: time(&expires_at)?,
        revoked_at: revoked_at.as_deref().map(time).transpose()?,
        name,
    };
    Ok(Some((record, hash)))
}
