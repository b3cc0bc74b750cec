//! Devices of field workers: enrolled by a code that works once, proven by a token of their own, held by a lease, revocable.

use crate::sql::{Connection, OptionalExtension, Transaction, params};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::accounts::{account_named, no_account, teams_of};
use crate::actor::{self, Actor, carried, roles_of};
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, DeviceId, ID_BYTES, TeamId, hex, part};
use crate::rights::Right;
use crate::secret::same;
use crate::store::Store;
use crate::teams::{one_line, team_name, team_named, time};
use crate::trail::{Entry, append};

/// Random bytes that a new code needs: one for each of its signs.
pub const CODE_ENTROPY_BYTES: usize = CODE_SIGNS;

/// Random bytes that enrolling needs: for the device's id and its token.
pub const ENROL_ENTROPY_BYTES: usize = ID_BYTES + 32;

/// How long a code works.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_hours(1);

/// How long a device may show what it has after its last contact; each contact renews it.
pub const LEASE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Wrong tries after which a code is void.
const TRIES: i64 = 5;

/// Codes of one worker that work at a time.
const CODES_EACH: i64 = 5;

/// Devices of one worker that are not revoked.
pub const MAX_DEVICES_EACH: i64 = 20;

/// Crockford's base 32: no sign is taken for another, in either case.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The first four signs name the code, so that wrong tries can be counted; the other twelve (60 bits) prove it.
const CODE_SIGNS: usize = 16;
const NAMING_SIGNS: usize = 4;

const TOKEN_PREFIX: &str = "phteahd_";

/// A contact is written this often at most.
const NOTE_EVERY: SignedDuration = SignedDuration::from_secs(600);

/// A code as it is shown to the worker, as text or as a QR code: the only copy of it.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCode {
    code: String,
    /// From when on it enrols nothing.
    pub expires_at: Timestamp,
}

impl DeviceCode {
    /// The code: sixteen letters and digits in groups of four.
    pub fn expose(&self) -> &str {
        &self.code
    }
}

/// Never the code: it must not end up in logs.
impl std::fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceCode(…, until {})", self.expires_at)
    }
}

/// What proves a device. Shown to it once, kept as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken(String);

impl DeviceToken {
    /// The token as text, for the device that it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Never the token: it must not end up in logs.
impl std::fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceToken(…)")
    }
}

/// A device that has just been enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// What proves it from now on.
    pub token: DeviceToken,
    /// Its id.
    pub device: DeviceId,
    /// Its worker.
    pub worker: AccountId,
    /// The worker's name.
    pub worker_name: String,
    /// The team that it works for.
    pub team: TeamId,
    /// The team's name.
    pub team_name: String,
    /// Until when it may show what it has without a contact.
    pub lease_until: Timestamp,
}

/// A device that has made contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceContact {
    /// Its worker's rights in the field, in the team that the device works for.
    pub actor: Actor,
    /// The device.
    pub device: DeviceId,
    /// The team that it works for.
    pub team: TeamId,
    /// Until when it may show what it has; renewed by this contact.
    pub lease_until: Timestamp,
    /// Whether the lease had run out before.
    pub lease_had_ended: bool,
}

/// A device in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its id.
    pub id: DeviceId,
    /// What its worker calls it.
    pub name: String,
    /// Name of its worker.
    pub worker: String,
    /// Name of the team that it works for.
    pub team: String,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it last made contact, to ten minutes.
    pub seen_at: Timestamp,
    /// Until when it may show what it has.
    pub lease_until: Timestamp,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

type Row = (
    DeviceId,
    String,
    String,
    String,
    TeamId,
    i64,
    i64,
    i64,
    Option<i64>,
);

impl Store {
    /// Makes a code with which a worker's device is enrolled. `team` may be left out for a worker of one team.
    ///
    /// A coordinator makes codes for the own teams; others' workers are as ones that do not exist.
    pub fn make_device_code(
        &self,
        actor: &Actor,
        worker: &str,
        team: Option<&str>,
        entropy: &[u8; CODE_ENTROPY_BYTES],
        why: &str,
        now: Timestamp,
    ) -> Result<DeviceCode> {
        actor.require(Right::ManageDevices)?;
        let failed = StoreError::sqlite("writing an enrolment code");
        let signs: Vec<u8> = entropy.iter().map(|byte| SIGNS[usize::from(byte % 32)]).collect();
        let signs: String = signs.iter().map(|sign| char::from(*sign)).collect();
        let expires_at = now.checked_add(CODE_LASTS).unwrap_or(Timestamp::MAX);
        self.change(|change| {
            let account = account_named(change, worker)?;
            let teams = teams_of(change, &account)?;
            if !teams.iter().any(|team| actor.reaches_team(Right::ManageDevices, team))
                && actor.reach(Right::ManageAccess).is_none()
            {
                return Err(no_account(worker));
            }
            let team = team_for(change, worker, &teams, team)?;
            if !actor.reaches_team(Right::ManageDevices, &team) {
                return Err(no_account(worker));
            }
            if actor::read(change, &account)?.is_none() {
                return Err(StoreError::Usage("This account is disabled.".into()));
            }
            if !roles_of(change, &account)?.into_iter().any(carried) {
                return Err(StoreError::Usage(format!(
                    "{worker} has no role in the field: give the account the role field-worker, caseworker or coordinator."
                )));
            }
            change
                .execute("DELETE FROM device_code WHERE expires_at <= ?1 OR tries_left <= 0", [now.as_second()])
                .map_err(&failed)?;
            change
                .execute(
                    "DELETE FROM device_code WHERE id IN
                     (SELECT id FROM device_code WHERE account = ?1 ORDER BY expires_at DESC LIMIT -1 OFFSET ?2)",
                    params![account, CODES_EACH - 1],
                )
                .map_err(&failed)?;
            let written = change
                .execute(
                    "INSERT OR IGNORE INTO device_code VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![
                        &signs[..NAMING_SIGNS],
                        hash(&signs),
                        account,
                        team,
                        now.as_second(),
                        expires_at.as_second(),
                        TRIES
                    ],
                )
                .map_err(&failed)?;
            if written == 0 {
                return Err(StoreError::Usage("By chance this code exists already: ask again.".into()));
            }
            let entry = Entry {
                what: "device_code_made",
                subject: &format!("account {account}"),
                why,
                detail: &format!("team {team}"),
            };
            append(change, actor, &entry, now)
        })?;
        let groups: Vec<&str> = (0..CODE_SIGNS / 4).map(|i| &signs[4 * i..4 * i + 4]).collect();
        Ok(DeviceCode {
            code: groups.join("-"),
            expires_at,
        })
    }

    /// Enrols a device with a code, which is used up by it. Codes are read as people type them: neither case nor hyphens matter, O is 0, I and
    /// L are 1. Limit how often strangers may try.
    pub fn enrol(
        &self,
        code: &str,
        device_name: &str,
        entropy: &[u8; ENROL_ENTROPY_BYTES],
        now: Timestamp,
    ) -> Result<Enrolment> {
        let signs = signs_of(code).ok_or(StoreError::BadCode)?;
        let name = one_line(device_name, "A device's name")?;
        let failed = StoreError::sqlite("enrolling a device");
        let done = self.change(|change| {
            let found: Option<([u8; 32], AccountId, TeamId)> = change
                .query_row(
                    "SELECT hash, account, team FROM device_code WHERE id = ?1 AND expires_at > ?2 AND tries_left > 0",
                    params![&signs[..NAMING_SIGNS], now.as_second()],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()
                .map_err(&failed)?;
            let Some((stored, worker, team)) = found else {
                return Ok(None);
            };
            if !same(&stored, &hash(&signs)) {
                change
                    .execute(
                        "UPDATE device_code SET tries_left = tries_left - 1 WHERE id = ?1",
                        [&signs[..NAMING_SIGNS]],
                    )
                    .map_err(&failed)?;
                return Ok(None);
            }
            change
                .execute("DELETE FROM device_code WHERE id = ?1", [&signs[..NAMING_SIGNS]])
                .map_err(&failed)?;
            let device = DeviceId::new(part(entropy, 0));
            let Some(person) = actor::read_device(change, &device, &worker, &team)? else {
                return Ok(None);
            };
            let count: i64 = change
                .query_row(
                    "SELECT count(*) FROM device WHERE account = ?1 AND revoked_at IS NULL",
                    [&worker],
                    |row| row.get(0),
                )
                .map_err(&failed)?;
            if count >= MAX_DEVICES_EACH {
                return Err(StoreError::Usage(format!(
                    "This worker has {MAX_DEVICES_EACH} devices already: ask your coordinator to revoke those that are not used."
                )));
            }
            let token = DeviceToken(format!("{TOKEN_PREFIX}{}", hex(&part::<32>(entropy, ID_BYTES))));
            let lease_until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
            change
                .execute(
                    "INSERT INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, NULL)",
                    params![
                        device,
                        hash(token.expose()),
                        worker,
                        team,
                        name,
                        now.as_second(),
                        lease_until.as_second()
                    ],
                )
                .map_err(&failed)?;
            let entry = Entry {
                what: "device_enrolled",
                subject: &format!("device {device}"),
                why: "",
                detail: &format!("team {team}"),
            };
            append(change, &person, &entry, now)?;
            Ok(Some(Enrolment {
                token,
                device,
                worker_name: change
                    .query_row("SELECT name FROM account WHERE id = ?1", [&worker], |row| row.get(0))
                    .map_err(&failed)?,
                team_name: team_name(change, &team)?,
                worker,
                team,
                lease_until,
            }))
        })?;
        done.ok_or(StoreError::BadCode)
    }

    /// The device that this token proves, whose lease is renewed by it. An unknown token is [`StoreError::BadKey`]; one that was revoked, or
    /// whose worker's account is disabled or has left the team, is [`StoreError::DeviceRevoked`].
    pub fn device_contact(&self, token: &str, now: Timestamp) -> Result<DeviceContact> {
        if !token.starts_with(TOKEN_PREFIX) {
            return Err(StoreError::BadKey);
        }
        contact(&self.lock(), token, now)
    }

    /// Revokes a device: from now on its token opens nothing. What is on it and unsent stays there, to be handed over. Twice changes nothing.
    ///
    /// A device out of the actor's reach is as one that does not exist.
    pub fn revoke_device(&self, actor: &Actor, device: &DeviceId, why: &str, now: Timestamp) -> Result<()> {
        actor.require(Right::ManageDevices)?;
        let failed = StoreError::sqlite("revoking a device");
        self.change(|change| {
            let team: Option<TeamId> = change
                .query_row("SELECT team FROM device WHERE id = ?1", [device], |row| {
                    row.get(0)
                })
                .optional()
                .map_err(&failed)?;
            if !team.is_some_and(|team| actor.reaches_team(Right::ManageDevices, &team)) {
                return Err(StoreError::NotFound(format!(
                    "There is no device {device}. phteah device list shows them."
                )));
            }
            let changed = change
                .execute(
                    "UPDATE device SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                    params![device, now.as_second()],
                )
                .map_err(&failed)?;
            if changed == 0 {
                return Ok(());
            }
            let entry = Entry {
                what: "device_revoked",
                subject: &format!("device {device}"),
                why,
                detail: "",
            };
            append(change, actor, &entry, now)
        })
    }

    /// The devices within the actor's reach, by worker.
    pub fn devices(&self, actor: &Actor) -> Result<Vec<DeviceRecord>> {
        actor.require(Right::ManageDevices)?;
        let failed = StoreError::sqlite("reading the devices");
        let conn = self.lock();
        let rows: Vec<Row> = conn
            .prepare_cached(
                "SELECT device.id, device.name, account.name, team.name, team.id, enrolled_at, seen_at, lease_until, revoked_at
                 FROM device JOIN account ON account.id = device.account JOIN team ON team.id = device.team
                 ORDER BY account.name_key, enrolled_at, device.id",
            )
            .and_then(|mut s| {
                s.query_map([], |r| {
                    Ok((
                        r.get(0)?,
                        r.get(1)?,
                        r.get(2)?,
                        r.get(3)?,
                        r.get(4)?,
                        r.get(5)?,
                        r.get(6)?,
                        r.get(7)?,
                        r.get(8)?,
                    ))
                })?
                .collect()
            })
            .map_err(failed)?;
        rows.into_iter()
            .filter(|row| actor.reaches_team(Right::ManageDevices, &row.4))
            .map(
                |(id, name, worker, team, _, enrolled_at, seen_at, lease_until, revoked_at)| {
                    Ok(DeviceRecord {
                        id,
                        name,
                        worker,
                        team,
                        enrolled_at: time(enrolled_at)?,
                        seen_at: time(seen_at)?,
                        lease_until: time(lease_until)?,
                        revoked_at: revoked_at.map(time).transpose()?,
                    })
                },
            )
            .collect()
    }
}

/// The device that a token proves, whatever it begins with; renews its lease.
pub(crate) fn contact(conn: &Connection, token: &str, now: Timestamp) -> Result<DeviceContact> {
    let failed = StoreError::sqlite("reading a device");
    let found: Option<(DeviceId, AccountId, TeamId, i64, i64, bool)> = conn
            .prepare_cached(
                "SELECT id, account, team, seen_at, lease_until, revoked_at IS NOT NULL FROM device WHERE hash = ?1",
            )
            .and_then(|mut s| {
                s.query_row([hash(token)], |r| {
                    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
                })
                .optional()
            })
            .map_err(&failed)?;
    let (device, worker, team, seen_at, lease, revoked) = found.ok_or(StoreError::BadKey)?;
    let actor = actor::read_device(conn, &device, &worker, &team)?;
    let actor = actor.filter(|_| !revoked).ok_or(StoreError::DeviceRevoked)?;
    let second = now.as_second();
    let mut lease_until = time(lease)?;
    let lease_had_ended = second >= lease;
    if lease_had_ended || second >= seen_at + NOTE_EVERY.as_secs() {
        let renewed = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        // A clock that was set back shortens no lease.
        conn.prepare_cached(
            "UPDATE device SET seen_at = CASE WHEN seen_at < ?2 THEN ?2 ELSE seen_at END,
             lease_until = CASE WHEN lease_until < ?3 THEN ?3 ELSE lease_until END WHERE id = ?1",
        )
        .and_then(|mut s| s.execute(params![device, second, renewed.as_second()]))
        .map_err(&failed)?;
        lease_until = lease_until.max(time(renewed.as_second())?);
    }
    Ok(DeviceContact {
        actor,
        device,
        team,
        lease_until,
        lease_had_ended,
    })
}

/// The team that a worker's device is to work for.
pub(crate) fn team_for(
    change: &Transaction<'_>,
    worker: &str,
    teams: &std::collections::BTreeSet<TeamId>,
    named: Option<&str>,
) -> Result<TeamId> {
    let names = |conn: &Connection| -> Result<String> {
        let names: Vec<String> = teams
            .iter()
            .map(|team| team_name(conn, team))
            .collect::<Result<_>>()?;
        Ok(names.join(", "))
    };
    if let Some(name) = named {
        let team = team_named(change, name)?;
        if teams.contains(&team) {
            return Ok(team);
        }
        return Err(StoreError::Usage(format!("{worker} does not belong to {name}.")));
    }
    match teams.first() {
        Some(team) if teams.len() == 1 => Ok(team.clone()),
        None => Err(StoreError::Usage(format!("{worker} belongs to no team."))),
        Some(_) => Err(StoreError::Usage(format!(
            "{worker} belongs to several teams: say with --team for which of them the device is: {}.",
            names(change)?
        ))),
    }
}

/// One round of SHA-256: the secrets here are random, and a code is void after an hour.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The part of a device's code that names it and proves nothing; `None` for what is no code.
pub fn device_code_name(code: &str) -> Option<String> {
    signs_of(code).map(|signs| signs[..NAMING_SIGNS].to_owned())
}

/// A code as it is hashed; `None` if the text cannot be one.
fn signs_of(code: &str) -> Option<String> {
    if code.len() > 100 {
        return None;
    }
    let mut signs = String::with_capacity(CODE_SIGNS);
    for c in code.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let sign = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if !sign.is_ascii() || !SIGNS.contains(&(sign as u8)) {
            return None;
        }
        signs.push(sign);
    }
    (signs.len() == CODE_SIGNS).then_some(signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_as_people_type_them() {
        let code = "K7QF-2M9X-01TB-ZZZZ";
        let signs = signs_of(code).unwrap();
        for typed in ["k7qf2m9xo1tbzzzz", " K7QF 2M9X OLTB ZZZZ ", "K7QF-2M9X-0ITB-ZZZZ"] {
            assert_eq!(signs_of(typed), Some(signs.clone()), "{typed}");
        }
        for other in [
            "",
            "K7QF-2M9X-01TB-ZZZ",
            "K7QF-2M9X-01TB-ZZZU",
            "ផ្ទះ",
            &"-".repeat(101),
        ] {
            assert_eq!(signs_of(other), None, "{other}");
        }
    }
}
