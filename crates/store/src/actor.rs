//! Who acts. Every method that touches data about people, accounts or rights takes an [`Actor`], which only the store makes.

use std::collections::BTreeSet;
use std::fmt;

use crate::sql::{Connection, OptionalExtension};

use crate::access::Viewer;
use crate::error::{Result, StoreError};
use crate::ids::{AccountId, DeviceId, TeamId};
use crate::keys::KeyScope;
use crate::rights::{Reach, Right, Role, reach};
use crate::store::Store;

/// Who it is. Its text is what the audit keeps: ids, never names of persons.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorId {
    /// Whoever may run programs on the data directory.
    CommandLine,
    /// A person who has signed in.
    Account(AccountId),
    /// A device, in the hands of its worker.
    Device {
        /// The device.
        device: DeviceId,
        /// Whose it is.
        worker: AccountId,
    },
    /// A script with a key.
    Key(String),
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::Account(account) => write!(f, "account {account}"),
            Self::Device { device, worker } => write!(f, "device {device} of account {worker}"),
            Self::Key(id) => write!(f, "key {id}"),
        }
    }
}

/// The account in the words for an actor: `account ID`, `device ID of account ID`, `command line as account ID`; none for those who have none.
pub fn account_of(who: &str) -> Option<&str> {
    who.rsplit_once("account ").map(|(_, account)| account)
}

/// The places that somebody works in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Area {
    /// All of the deployment.
    Everywhere,
    /// These sangkats, by their codes. None of them: nowhere.
    Sangkats(BTreeSet<String>),
    /// Nowhere.
    #[default]
    Nowhere,
}

impl Area {
    /// Whether a sangkat lies within. A place whose sangkat is not known lies within everywhere alone.
    pub fn has(&self, sangkat: Option<&str>) -> bool {
        match (self, sangkat) {
            (Self::Everywhere, _) => true,
            (Self::Sangkats(codes), Some(code)) => codes.contains(code),
            (Self::Sangkats(_), None) | (Self::Nowhere, _) => false,
        }
    }

    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everywhere, _) | (_, Self::Everywhere) => Self::Everywhere,
            (Self::Nowhere, area) | (area, Self::Nowhere) => area,
            (Self::Sangkats(mut one), Self::Sangkats(other)) => {
                one.extend(other);
                Self::Sangkats(one)
            }
        }
    }
}

/// Written as the command line takes it: `everywhere`, `120101,120102`, or nothing.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("everywhere"),
            Self::Sangkats(codes) => {
                f.write_str(&codes.iter().map(String::as_str).collect::<Vec<_>>().join(","))
            }
            Self::Nowhere => Ok(()),
        }
    }
}

/// Where an actor's rights hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The teams that the actor belongs to. Of a device: the one team that it works for.
    pub teams: BTreeSet<TeamId>,
    /// The areas of these teams together.
    pub area: Area,
}

/// Somebody who acts: who, as what, and where. It says what the file said when it was made, so make it anew for each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    id: ActorId,
    roles: BTreeSet<Role>,
    scope: Scope,
    /// The command line acts with this person's rights.
    is_stood_in_for: bool,
}

impl Actor {
    pub(crate) fn command_line() -> Self {
        Self {
            id: ActorId::CommandLine,
            roles: BTreeSet::new(),
            is_stood_in_for: false,
            scope: Scope {
                teams: BTreeSet::new(),
                area: Area::Everywhere,
            },
        }
    }

    /// Who it is.
    pub fn id(&self) -> &ActorId {
        &self.id
    }

    /// Who it is, for the audit: that the command line acted with somebody's rights is seen there.
    pub fn in_the_audit(&self) -> String {
        if self.is_stood_in_for {
            format!("{} as {}", ActorId::CommandLine, self.id)
        } else {
            self.id.to_string()
        }
    }

    /// The account of the person who acts: of a device, its worker's. `None` for the command line and for keys.
    pub fn account(&self) -> Option<&AccountId> {
        match &self.id {
            ActorId::Account(account) | ActorId::Device { worker: account, .. } => Some(account),
            ActorId::CommandLine | ActorId::Key(_) => None,
        }
    }

    /// The device, if one acts.
    pub fn device(&self) -> Option<&DeviceId> {
        match &self.id {
            ActorId::Device { device, .. } => Some(device),
            _ => None,
        }
    }

    /// As what.
    pub fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// Where.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether it is whoever may run programs on the data directory: that person could read and change every file anyway.
    pub fn is_command_line(&self) -> bool {
        self.id == ActorId::CommandLine
    }

    /// How far a right goes for this actor; `None` where there is none. With several roles the widest counts.
    pub fn reach(&self, right: Right) -> Option<Reach> {
        if self.is_command_line() {
            return Some(Reach::All);
        }
        self.roles.iter().filter_map(|role| reach(*role, right)).max()
    }

    /// How far a right goes, or a refusal in words.
    pub fn require(&self, right: Right) -> Result<Reach> {
        self.reach(right).ok_or_else(StoreError::no_right)
    }

    /// Whether a right reaches a team.
    pub fn reaches_team(&self, right: Right, team: &TeamId) -> bool {
        match self.reach(right) {
            Some(Reach::All) => true,
            Some(_) => self.scope.teams.contains(team),
            None => false,
        }
    }

    /// What this actor sees of layers: all of them with [`Right::SeePlans`], what is shown to partners as a partner, else what is public.
    pub fn viewer(&self) -> Viewer {
        match &self.id {
            ActorId::CommandLine => Viewer::team(),
            _ if self.reach(Right::SeePlans).is_some() => Viewer::team_member(self.id.to_string()),
            _ if self.roles.contains(&Role::Partner) => Viewer::partner_account(self.id.to_string()),
            _ => Viewer::anyone(),
        }
    }

    /// What this actor sees of the layers that the map of the own area is drawn from; `None` without [`Right::SeeAreaMap`]. Whoever reads with it
    /// takes names and shapes within [`Scope::area`] and nothing else.
    pub fn area_viewer(&self) -> Option<Viewer> {
        self.reach(Right::SeeAreaMap)
            .map(|_| Viewer::team_member(self.id.to_string()))
    }
}

impl Store {
    /// Whoever may run programs on the data directory. For the command line alone: nothing that a request brings may lead here.
    pub fn command_line(&self) -> Actor {
        Actor::command_line()
    }

    /// A person's rights, for the command line to act with in their stead. Refused to everybody else and for a disabled account.
    pub fn in_the_stead_of(&self, actor: &Actor, account: &AccountId) -> Result<Actor> {
        if !actor.is_command_line() {
            return Err(StoreError::Denied(
                "Nobody acts in another person's stead.".into(),
            ));
        }
        let found = read(&self.lock(), account)?
            .ok_or_else(|| StoreError::NotFound("There is no such account, or it is disabled.".into()))?;
        Ok(Actor {
            is_stood_in_for: true,
            ..found
        })
    }

    /// Who sends this key: a script of the team with what a planner may do, or a partner. Keys read no household.
    pub fn key_actor(&self, key: &str, now: jiff::Timestamp) -> Result<Actor> {
        let viewer = self.viewer(key, now)?;
        let id = viewer.key_id().ok_or(StoreError::BadKey)?.to_owned();
        let scope = self.key_scope(&id)?;
        let role = if scope == KeyScope::Team {
            Role::Planner
        } else {
            Role::Partner
        };
        Ok(Actor {
            id: ActorId::Key(id),
            roles: BTreeSet::from([role]),
            is_stood_in_for: false,
            scope: Scope::default(),
        })
    }
}

/// The actor that an account is; `None` if there is none or it is disabled.
pub(crate) fn read(conn: &Connection, account: &AccountId) -> Result<Option<Actor>> {
    let failed = StoreError::sqlite("reading an account's rights");
    let enabled: Option<bool> = conn
        .prepare_cached("SELECT disabled_at IS NULL FROM account WHERE id = ?1")
        .and_then(|mut s| s.query_row([account], |row| row.get(0)).optional())
        .map_err(&failed)?;
    if enabled != Some(true) {
        return Ok(None);
    }
    let teams: BTreeSet<TeamId> = conn
        .prepare_cached("SELECT team FROM member WHERE account = ?1")
        .and_then(|mut s| s.query_map([account], |row| row.get(0))?.collect())
        .map_err(&failed)?;
    let mut area = Area::Nowhere;
    for team in &teams {
        area = area.with(area_of(conn, team)?);
    }
    Ok(Some(Actor {
        id: ActorId::Account(account.clone()),
        roles: roles_of(conn, account)?,
        is_stood_in_for: false,
        scope: Scope { teams, area },
    }))
}

/// The actor that a device is: its worker in the team that the device works for. `None` if the account is disabled or has left the team.
pub(crate) fn read_device(
    conn: &Connection,
    device: &DeviceId,
    worker: &AccountId,
    team: &TeamId,
) -> Result<Option<Actor>> {
    let Some(person) = read(conn, worker)? else {
        return Ok(None);
    };
    if !person.scope.teams.contains(team) {
        return Ok(None);
    }
    // A phone gathers in the field: it carries no right of the desk, whatever else its worker is.
    let roles = person
        .roles
        .iter()
        .copied()
        .filter(|role| carried(*role))
        .collect();
    Ok(Some(Actor {
        id: ActorId::Device {
            device: device.clone(),
            worker: worker.clone(),
        },
        roles,
        is_stood_in_for: false,
        scope: Scope {
            teams: BTreeSet::from([team.clone()]),
            area: area_of(conn, team)?,
        },
    }))
}

/// Whether a role goes along on a device.
pub(crate) fn carried(role: Role) -> bool {
    matches!(role, Role::FieldWorker | Role::Caseworker | Role::Coordinator)
}

pub(crate) fn roles_of(conn: &Connection, account: &AccountId) -> Result<BTreeSet<Role>> {
    let words: Vec<String> = conn
        .prepare_cached("SELECT role FROM account_role WHERE account = ?1")
        .and_then(|mut s| s.query_map([account], |row| row.get(0))?.collect())
        .map_err(StoreError::sqlite("reading an account's roles"))?;
    words
        .iter()
        .map(|word| {
            word.parse()
                .map_err(|_| StoreError::Damaged(format!("a role of account {account}")))
        })
        .collect()
}

pub(crate) fn area_of(conn: &Connection, team: &TeamId) -> Result<Area> {
    let failed = StoreError::sqlite("reading a team's area");
    let everywhere: Option<bool> = conn
        .prepare_cached("SELECT everywhere FROM team WHERE id = ?1")
        .and_then(|mut s| s.query_row([team], |row| row.get(0)).optional())
        .map_err(&failed)?;
    match everywhere {
        None => Ok(Area::Nowhere),
        Some(true) => Ok(Area::Everywhere),
        Some(false) => conn
            .prepare_cached("SELECT sangkat FROM team_sangkat WHERE team = ?1")
            .and_then(|mut s| s.query_map([team], |row| row.get(0))?.collect())
            .map(Area::Sangkats)
            .map_err(&failed),
    }
}
