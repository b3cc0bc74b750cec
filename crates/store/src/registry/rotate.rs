//! Replacing the deployment's key: a new one is made, every data key is wrapped anew with it while the server serves, and the old one is
//! destroyed.

use crate::sql::params;
use jiff::Timestamp;

use super::change::Change;
use super::key_file;
use super::seal::{DeploymentKey, KeyId};
use super::store::{BLIND_KEY, KEY_IN_USE, Registry, set, setting};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// Data keys that are wrapped anew within one transaction: others must not wait for long.
const AT_ONCE: i64 = 500;

/// What a rotation has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// The key that was in use.
    pub from: KeyId,
    /// The one that is.
    pub to: KeyId,
    /// Data keys that were wrapped anew.
    pub wrapped: usize,
}

impl Registry {
    /// Replaces the deployment's key. Where it was interrupted it goes on: both keys stand in the key file until all is done.
    pub fn rotate_key(&self, actor: &Actor, why: &str, now: Timestamp) -> Result<Rotation> {
        actor.require(Right::ManageAccess)?;
        let inner = self.inner();
        let ring = inner.reload_ring()?;
        let (path, data) = (inner.key_file(), inner.data());
        let (new, old) = match ring.keys() {
            [one] => {
                let new = DeploymentKey::new(inner.entropy.bytes()?);
                key_file::replace(path, data, &[&new, one])?;
                (new, one.clone())
            }
            [new, old, ..] => (new.clone(), old.clone()),
            [] => return Err(StoreError::DamagedRegistry("the keys in memory".into())),
        };
        inner.reload_ring()?;
        let id = new.id();
        self.write(move |change| {
            set(change.conn(), KEY_IN_USE, &id.0)?;
            let wrapped = setting(change.conn(), BLIND_KEY)?
                .ok_or_else(|| StoreError::DamagedRegistry("the registry's settings".into()))?;
            set(
                change.conn(),
                BLIND_KEY,
                &again(change, &wrapped, BLIND_KEY.as_bytes(), id)?,
            )
        })?;
        let mut wrapped = 0;
        loop {
            let done = self.write(move |change| rewrap(change, id))?;
            wrapped += done;
            if done == 0 {
                break;
            }
        }
        let (log, why, from) = (actor.clone(), why.to_owned(), old.id());
        self.write(move |change| {
            let row = trail::Entry {
                what: "key_rotated",
                subject: "deployment key",
                why: &why,
                detail: &format!("from {from} to {id}; {wrapped} data keys"),
            };
            trail::append(change.transaction(), &log, &row, now)
        })?;
        inner.checkpoint()?;
        key_file::replace(path, data, &[&new])?;
        inner.reload_ring()?;
        Ok(Rotation {
            from,
            to: id,
            wrapped,
        })
    }
}

fn again(change: &Change<'_>, wrapped: &[u8], of: &[u8], to: KeyId) -> Result<Vec<u8>> {
    let ring = change.ring();
    let key = ring.unwrap(wrapped, of)?.ok_or(StoreError::Sealed(
        "a data key that was wrapped by another deployment key",
    ))?;
    ring.get(to)
        .ok_or(StoreError::Sealed(
            "a data key, with a deployment key that is not in the key file",
        ))?
        .wrap(&key, of, change.entropy())
}

/// Wraps some data keys anew; tells how many.
fn rewrap(change: &Change<'_>, to: KeyId) -> Result<usize> {
    let failed = StoreError::sqlite("wrapping data keys anew");
    let conn = change.conn();
    let mut done = 0;
    // What a key is wrapped as is the prefix and the columns that name the thing.
    for (table, prefix, name, team) in [
        ("household", &b"household\0"[..], "id", "''"),
        ("quarantine", &b"quarantine\0"[..], "digest", "''"),
        ("file", &b"file\0"[..], "hash", "team"),
        ("release", &b"release\0"[..], "hash", "''"),
        ("task_answer", &b"task answer\0"[..], "id", "''"),
        ("release_count", &b"release_count\0"[..], "hash", "''"),
    ] {
        let rows: Vec<(i64, Vec<u8>, String, Vec<u8>)> = conn
            .prepare_cached(&format!(
                "SELECT n, {name}, {team}, data_key FROM {table}
                 WHERE data_key IS NOT NULL AND substr(data_key, 1, 8) <> ?1 LIMIT ?2"
            ))
            .and_then(|mut s| {
                s.query_map(params![to.0, AT_ONCE], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })?
                .collect()
            })
            .map_err(&failed)?;
        for (n, name, team, wrapped) in rows {
            let fresh = again(change, &wrapped, &[prefix, &name, team.as_bytes()].concat(), to)?;
            conn.prepare_cached(&format!("UPDATE {table} SET data_key = ?2 WHERE n = ?1"))
                .and_then(|mut s| s.execute(params![n, fresh]))
                .map_err(&failed)?;
            done += 1;
        }
    }
    Ok(done)
}
