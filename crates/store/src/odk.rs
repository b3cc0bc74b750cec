//! ODK Collect on a worker's phone: proven by a token that stands in the addresses it asks, revocable like every device.
//!
//! A worker has one such token at a time; a new one ends the one before. It opens what OpenRosa needs and nothing of our own app's.

use jiff::Timestamp;

use crate::accounts::{account_named, no_account, teams_of};
use crate::actor::{self, Actor, carried, roles_of};
use crate::devices::{DeviceContact, ENROL_ENTROPY_BYTES, LEASE, contact, hash, team_for};
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, DeviceId, ID_BYTES, TeamId, hex, part};
use crate::rights::Right;
use crate::sql::{OptionalExtension, params};
use crate::store::Store;
use crate::teams::team_name;
use crate::trail::{Entry, append};

/// What its tokens begin with. A token of our own app is none of Collect's, nor the other way round.
pub(crate) const ODK_PREFIX: &str = "phteaho_";
/// What such a device is called in the list.
const NAME: &str = "ODK Collect";

/// A token for ODK Collect. Shown once, kept as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct OdkToken {
    token: String,
    /// The device that stands for it in the list of devices.
    pub device: DeviceId,
    /// The worker's name.
    pub worker_name: String,
    /// The team's name.
    pub team_name: String,
    /// How many earlier tokens of the worker it ends.
    pub ended: usize,
}

impl OdkToken {
    /// The token as text.
    pub fn expose(&self) -> &str {
        &self.token
    }
}

/// Never the token: it must not end up in logs.
impl std::fmt::Debug for OdkToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OdkToken(…, {})", self.device)
    }
}

impl Store {
    /// Makes a worker's token for ODK Collect; the one before works no more. `team` may be left out for a worker of one team.
    ///
    /// A coordinator makes tokens for the own teams; others' workers are as ones that do not exist.
    pub fn make_odk_token(
        &self,
        actor: &Actor,
        worker: &str,
        team: Option<&str>,
        entropy: &[u8; ENROL_ENTROPY_BYTES],
        why: &str,
        now: Timestamp,
    ) -> Result<OdkToken> {
        actor.require(Right::ManageDevices)?;
        let failed = StoreError::sqlite("writing a token for ODK Collect");
        self.change(|change| {
            let account: AccountId = account_named(change, worker)?;
            let teams = teams_of(change, &account)?;
            let team: TeamId = team_for(change, worker, &teams, team)?;
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
            let ended = change
                .execute(
                    "UPDATE device SET revoked_at = ?2 WHERE account = ?1 AND revoked_at IS NULL AND id IN (SELECT device FROM odk_device)",
                    params![account, now.as_second()],
                )
                .map_err(&failed)?;
            let device = DeviceId::new(part(entropy, 0));
            let token = format!("{ODK_PREFIX}{}", hex(&part::<32>(entropy, ID_BYTES)));
            let lease_until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
            change
                .execute(
                    "INSERT INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, NULL)",
                    params![device, hash(&token), account, team, NAME, now.as_second(), lease_until.as_second()],
                )
                .and_then(|_| change.execute("INSERT INTO odk_device VALUES (?1)", [&device]))
                .map_err(&failed)?;
            let entry = Entry {
                what: "odk_token_made",
                subject: &format!("device {device}"),
                why,
                detail: &format!("team {team}"),
            };
            append(change, actor, &entry, now)?;
            let worker_name: Option<String> = change
                .query_row("SELECT name FROM account WHERE id = ?1", [&account], |row| row.get(0))
                .optional()
                .map_err(&failed)?;
            Ok(OdkToken {
                token,
                device,
                worker_name: worker_name.unwrap_or_default(),
                team_name: team_name(change, &team)?,
                ended,
            })
        })
    }

    /// The device that a token of ODK Collect proves. Unknown and revoked ones are [`StoreError::BadKey`] and [`StoreError::DeviceRevoked`].
    pub fn odk_contact(&self, token: &str, now: Timestamp) -> Result<DeviceContact> {
        if !token.starts_with(ODK_PREFIX) {
            return Err(StoreError::BadKey);
        }
        contact(&self.lock(), token, now)
    }
}
