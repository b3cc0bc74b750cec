//! Accounts of persons: made, changed, disabled and listed. None is ever deleted: the audit names them.

use std::collections::{BTreeMap, BTreeSet};

use crate::sql::{Connection, OptionalExtension, Transaction, params};
use jiff::Timestamp;

use crate::actor::{Actor, roles_of};
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, ID_BYTES, TeamId, part};
use crate::links::{LINK_ENTROPY_BYTES, SignInLink, write_link};
use crate::rights::{Reach, Right, Role, reach};
use crate::store::Store;
use crate::teams::{MAX_NAME_BYTES, name_key, one_line, team_named, time};
use crate::trail::{Entry, append};

/// The most accounts of a deployment.
pub const MAX_ACCOUNTS: i64 = 20_000;

/// Random bytes that a new account needs: for its id and its sign-in link.
pub const ACCOUNT_ENTROPY_BYTES: usize = ID_BYTES + LINK_ENTROPY_BYTES;

/// An account to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    /// The person's name, with which they sign in.
    pub name: &'a str,
    /// As what they work.
    pub roles: &'a [Role],
    /// Names of the teams that they belong to. Some roles need one.
    pub teams: &'a [&'a str],
}

/// What is known of an account; no secret among it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// Its id.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// As what they work.
    pub roles: BTreeSet<Role>,
    /// Names of their teams.
    pub teams: Vec<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Since when it opens nothing.
    pub disabled_at: Option<Timestamp>,
    /// When its owner last signed in.
    pub signed_in_at: Option<Timestamp>,
    /// Whether its owner has chosen a password.
    pub has_password: bool,
    /// Whether its owner signs in with one-time codes.
    pub has_codes: bool,
}

impl Store {
    /// Makes an account and its first sign-in link.
    pub fn add_account(
        &self,
        actor: &Actor,
        account: &NewAccount<'_>,
        entropy: &[u8; ACCOUNT_ENTROPY_BYTES],
        why: &str,
        now: Timestamp,
    ) -> Result<(AccountId, SignInLink)> {
        actor.require(Right::ManageAccess)?;
        let failed = StoreError::sqlite("writing an account");
        let name = one_line(account.name, "A person's name")?;
        let id = AccountId::new(part(entropy, 0));
        let link = self.change(|change| {
            let (taken, count): (bool, i64) = change
                .query_row(
                    "SELECT EXISTS (SELECT 1 FROM account WHERE name_key = ?1), (SELECT count(*) FROM account)",
                    [name_key(&name)],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .map_err(&failed)?;
            if taken {
                return Err(StoreError::Usage(format!(
                    "There is, or was, an account called '{name}': take another name, so that the audit stays clear."
                )));
            }
            if count >= MAX_ACCOUNTS {
                return Err(StoreError::Usage(format!(
                    "There are {MAX_ACCOUNTS} accounts already, which is the most."
                )));
            }
            change
                .execute(
                    "INSERT INTO account (id, name, name_key, made_at) VALUES (?1, ?2, ?3, ?4)",
                    params![id, name, name_key(&name), now.as_second()],
                )
                .map_err(&failed)?;
            let detail = write_rights(change, &id, account.roles, account.teams)?;
            let entry = Entry {
                what: "account_added",
                subject: &format!("account {id}"),
                why,
                detail: &detail,
            };
            append(change, actor, &entry, now)?;
            write_link(change, &id, &part(entropy, ID_BYTES), now)
        })?;
        Ok((id, link))
    }

    /// Gives an account other roles and teams. Its sessions go on with the new ones; a device whose team its worker has left is refused.
    pub fn change_account(
        &self,
        actor: &Actor,
        name: &str,
        roles: &[Role],
        teams: &[&str],
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::ManageAccess)?;
        self.change(|change| {
            let id = account_named(change, name)?;
            let before = described(change, &id)?;
            let after = write_rights(change, &id, roles, teams)?;
            let entry = Entry {
                what: "account_changed",
                subject: &format!("account {id}"),
                why,
                detail: &format!("{before} → {after}"),
            };
            append(change, actor, &entry, now)
        })
    }

    /// Disables an account: its sessions end, its links and codes are void, its devices are refused. Twice changes nothing.
    pub fn disable_account(&self, actor: &Actor, name: &str, why: &str, now: Timestamp) -> Result<()> {
        actor.require(Right::ManageAccess)?;
        let failed = StoreError::sqlite("disabling an account");
        self.change(|change| {
            let id = account_named(change, name)?;
            let changed = change
                .execute(
                    "UPDATE account SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL",
                    params![id, now.as_second()],
                )
                .map_err(&failed)?;
            if changed == 0 {
                return Ok(());
            }
            for table in ["account_session", "sign_in_link", "device_code"] {
                change
                    .execute(&format!("DELETE FROM {table} WHERE account = ?1"), [&id])
                    .map_err(&failed)?;
            }
            let entry = Entry {
                what: "account_disabled",
                subject: &format!("account {id}"),
                why,
                detail: "",
            };
            append(change, actor, &entry, now)
        })
    }

    /// Enables a disabled account again. Its password is forgotten: its owner comes in by the link that is returned.
    pub fn enable_account(
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
            change
                .execute(
                    "UPDATE account SET disabled_at = NULL, stretching = NULL, salt = NULL, verifier = NULL,
                       totp = NULL, totp_nonce = NULL, totp_step = NULL WHERE id = ?1",
                    [&id],
                )
                .map_err(StoreError::sqlite("enabling an account"))?;
            let entry = Entry {
                what: "account_enabled",
                subject: &format!("account {id}"),
                why,
                detail: "",
            };
            append(change, actor, &entry, now)?;
            write_link(change, &id, entropy, now)
        })
    }

    /// The accounts by name: all for whoever manages access, the own teams' for a coordinator, else the own alone.
    pub fn accounts(&self, actor: &Actor) -> Result<Vec<AccountRecord>> {
        let all = actor.reach(Right::ManageAccess) == Some(Reach::All);
        let teams = actor.reach(Right::ManageDevices).is_some();
        let conn = self.lock();
        let ids: Vec<AccountId> = conn
            .prepare_cached("SELECT id FROM account ORDER BY name_key")
            .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
            .map_err(StoreError::sqlite("reading the accounts"))?;
        let mut seen = Vec::new();
        for id in ids {
            let is_own = actor.account() == Some(&id);
            let may = all || is_own || (teams && !teams_of(&conn, &id)?.is_disjoint(&actor.scope().teams));
            if may {
                seen.push(record(&conn, &id)?);
            }
        }
        Ok(seen)
    }

    /// The names of all who may prepare and confirm releases, and of partners, by their accounts: those who do so together know each other, whatever their
    /// teams, and have to reach whoever has taken a release that is withdrawn.
    pub fn who_release(&self, actor: &Actor) -> Result<BTreeMap<AccountId, String>> {
        actor.require(Right::PrepareReleases)?;
        let conn = self.lock();
        let ids: Vec<AccountId> = conn
            .prepare_cached("SELECT id FROM account")
            .and_then(|mut s| s.query_map([], |row| row.get(0))?.collect())
            .map_err(StoreError::sqlite("reading the accounts"))?;
        let mut found = BTreeMap::new();
        for id in ids {
            let account = record(&conn, &id)?;
            let can = |role: &Role| reach(*role, Right::PrepareReleases).is_some() || *role == Role::Partner;
            if account.roles.iter().any(can) {
                found.insert(id, account.name);
            }
        }
        Ok(found)
    }

    /// The names of everybody in the actor's teams by the accounts' ids: who works together may know who recorded something.
    pub fn colleagues(&self, actor: &Actor) -> Result<BTreeMap<String, String>> {
        actor.require(Right::ReadHouseholds)?;
        let conn = self.lock();
        let mut names = BTreeMap::new();
        for team in &actor.scope().teams {
            let of_team: Vec<(AccountId, String)> = conn
                .prepare_cached(
                    "SELECT account.id, account.name FROM member JOIN account ON account.id = member.account WHERE member.team = ?1",
                )
                .and_then(|mut s| s.query_map([team], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
                .map_err(StoreError::sqlite("reading the names of a team"))?;
            names.extend(of_team.into_iter().map(|(id, name)| (id.to_string(), name)));
        }
        Ok(names)
    }

    /// One account by its name, within what [`Store::accounts`] shows.
    pub fn account(&self, actor: &Actor, name: &str) -> Result<AccountRecord> {
        let key = name_key(name);
        let found = self
            .accounts(actor)?
            .into_iter()
            .find(|account| name_key(&account.name) == key);
        found.ok_or_else(|| no_account(name))
    }

    /// The name of an account, for a screen that names who did something.
    pub fn account_name(&self, actor: &Actor, id: &AccountId) -> Result<String> {
        let found = self
            .accounts(actor)?
            .into_iter()
            .find(|account| account.id == *id);
        found.map(|account| account.name).ok_or_else(|| no_account(""))
    }
}

/// Writes roles and teams in place of those before, and says them in words.
fn write_rights(change: &Transaction<'_>, id: &AccountId, roles: &[Role], teams: &[&str]) -> Result<String> {
    let failed = StoreError::sqlite("writing an account's rights");
    if roles.is_empty() {
        return Err(StoreError::Usage("Give the account a role.".into()));
    }
    if let Some(role) = roles.iter().find(|role| role.needs_team())
        && teams.is_empty()
    {
        return Err(StoreError::Usage(format!(
            "A {role} works in a team: name it with --team, or make one with phteah team add."
        )));
    }
    let teams: Vec<TeamId> = teams
        .iter()
        .map(|name| team_named(change, name))
        .collect::<Result<_>>()?;
    for table in ["account_role", "member"] {
        change
            .execute(&format!("DELETE FROM {table} WHERE account = ?1"), [id])
            .map_err(&failed)?;
    }
    for role in roles {
        change
            .execute(
                "INSERT OR IGNORE INTO account_role VALUES (?1, ?2)",
                params![id, role.as_str()],
            )
            .map_err(&failed)?;
    }
    for team in teams {
        change
            .execute("INSERT OR IGNORE INTO member VALUES (?1, ?2)", params![id, team])
            .map_err(&failed)?;
    }
    described(change, id)
}

fn described(conn: &Connection, id: &AccountId) -> Result<String> {
    let roles: Vec<&str> = roles_of(conn, id)?.into_iter().map(Role::as_str).collect();
    let teams: Vec<String> = teams_of(conn, id)?
        .iter()
        .map(|team| format!("team {team}"))
        .collect();
    Ok(format!("{} [{}]", roles.join(", "), teams.join(", ")))
}

/// The teams of an account.
pub(crate) fn teams_of(conn: &Connection, id: &AccountId) -> Result<BTreeSet<TeamId>> {
    conn.prepare_cached("SELECT team FROM member WHERE account = ?1")
        .and_then(|mut s| s.query_map([id], |row| row.get(0))?.collect())
        .map_err(StoreError::sqlite("reading an account's teams"))
}

fn record(conn: &Connection, id: &AccountId) -> Result<AccountRecord> {
    type Row = (String, i64, Option<i64>, Option<i64>, bool, bool);
    let failed = StoreError::sqlite("reading an account");
    let (name, made_at, disabled_at, signed_in_at, has_password, has_codes): Row = conn
        .prepare_cached(
            "SELECT name, made_at, disabled_at, signed_in_at, verifier IS NOT NULL, totp IS NOT NULL FROM account WHERE id = ?1",
        )
        .and_then(|mut s| {
            s.query_row([id], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
            })
        })
        .map_err(&failed)?;
    let teams = conn
        .prepare_cached(
            "SELECT name FROM team JOIN member ON team.id = member.team WHERE account = ?1 ORDER BY name_key",
        )
        .and_then(|mut s| s.query_map([id], |row| row.get(0))?.collect())
        .map_err(&failed)?;
    Ok(AccountRecord {
        id: id.clone(),
        name,
        roles: roles_of(conn, id)?,
        teams,
        made_at: time(made_at)?,
        disabled_at: disabled_at.map(time).transpose()?,
        signed_in_at: signed_in_at.map(time).transpose()?,
        has_password,
        has_codes,
    })
}

/// The account of a name.
pub(crate) fn account_named(conn: &Connection, name: &str) -> Result<AccountId> {
    conn.prepare_cached("SELECT id FROM account WHERE name_key = ?1")
        .and_then(|mut s| s.query_row([name_key(name)], |row| row.get(0)).optional())
        .map_err(StoreError::sqlite("reading an account"))?
        .ok_or_else(|| no_account(name))
}

pub(crate) fn no_account(name: &str) -> StoreError {
    StoreError::NotFound(format!(
        "There is no account called '{}'. phteah account list shows them.",
        name.chars().take(MAX_NAME_BYTES).collect::<String>()
    ))
}
