//! Teams and the areas that they work in.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::sql::{Connection, OptionalExtension, Transaction, params};
use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use crate::actor::{Actor, Area, area_of};
use crate::error::{Result, StoreError};
use crate::ids::{ID_BYTES, TeamId};
use crate::rights::{Reach, Right};
use crate::store::Store;
use crate::trail::{Entry, append};

/// The longest name of an account, a team or a device, in bytes.
pub const MAX_NAME_BYTES: usize = 100;

/// The most sangkats of an area.
pub const MAX_SANGKATS: usize = 2_000;

/// The most teams of a deployment.
pub const MAX_TEAMS: i64 = 1_000;

/// Random bytes that a new team needs.
pub const TEAM_ENTROPY_BYTES: usize = ID_BYTES;

/// What is known of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRecord {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Where it works.
    pub area: Area,
    /// How many accounts belong to it, disabled ones not counted.
    pub members: u32,
    /// When it was made.
    pub made_at: Timestamp,
}

/// `everywhere`, or codes of sangkats with commas between them.
impl FromStr for Area {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim() == "everywhere" {
            return Ok(Self::Everywhere);
        }
        let codes: BTreeSet<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
        let is_code =
            |code: &String| (1..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if codes.len() > MAX_SANGKATS || !codes.iter().all(is_code) {
            return Err(StoreError::Usage(
                "An area is written as everywhere, or as codes of sangkats with commas between them, such as 120101,120102."
                    .into(),
            ));
        }
        Ok(Self::Sangkats(codes))
    }
}

impl Store {
    /// Makes a team.
    pub fn add_team(
        &self,
        actor: &Actor,
        name: &str,
        area: &Area,
        entropy: &[u8; TEAM_ENTROPY_BYTES],
        why: &str,
        now: Timestamp,
    ) -> Result<TeamId> {
        actor.require(Right::ManageAccess)?;
        let failed = StoreError::sqlite("writing a team");
        let name = one_line(name, "A team's name")?;
        let id = TeamId::new(*entropy);
        self.change(|change| {
            let (taken, count): (bool, i64) = change
                .query_row(
                    "SELECT EXISTS (SELECT 1 FROM team WHERE name_key = ?1), (SELECT count(*) FROM team)",
                    [name_key(&name)],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .map_err(&failed)?;
            if taken {
                return Err(StoreError::Usage(format!(
                    "There is a team called '{name}' already."
                )));
            }
            if count >= MAX_TEAMS {
                return Err(StoreError::Usage(format!(
                    "There are {MAX_TEAMS} teams already, which is the most."
                )));
            }
            change
                .execute(
                    "INSERT INTO team VALUES (?1, ?2, ?3, 0, ?4)",
                    params![id, name, name_key(&name), now.as_second()],
                )
                .map_err(&failed)?;
            write_area(change, &id, area)?;
            let entry = Entry {
                what: "team_added",
                subject: &format!("team {id}"),
                why,
                detail: &format!("{name}: {area}"),
            };
            append(change, actor, &entry, now)
        })?;
        Ok(id)
    }

    /// Gives a team another area. Its devices learn of it when they next ask.
    pub fn change_area(
        &self,
        actor: &Actor,
        name: &str,
        area: &Area,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::ManageAccess)?;
        self.change(|change| {
            let id = team_named(change, name)?;
            let before = area_of(change, &id)?;
            write_area(change, &id, area)?;
            let entry = Entry {
                what: "area_changed",
                subject: &format!("team {id}"),
                why,
                detail: &format!("{before} → {area}"),
            };
            append(change, actor, &entry, now)
        })
    }

    /// The teams by name: all for whoever manages access, else the actor's own.
    pub fn teams(&self, actor: &Actor) -> Result<Vec<TeamRecord>> {
        let failed = StoreError::sqlite("reading the teams");
        let all = actor.reach(Right::ManageAccess) == Some(Reach::All);
        let conn = self.lock();
        let rows: Vec<(TeamId, String, u32, i64)> = conn
            .prepare_cached(
                "SELECT id, name, (SELECT count(*) FROM member JOIN account ON account.id = member.account
                                   WHERE team = team.id AND disabled_at IS NULL), made_at
                 FROM team ORDER BY name_key",
            )
            .and_then(|mut s| {
                s.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
                    .collect()
            })
            .map_err(&failed)?;
        rows.into_iter()
            .filter(|(id, ..)| all || actor.scope().teams.contains(id))
            .map(|(id, name, members, made_at)| {
                Ok(TeamRecord {
                    area: area_of(&conn, &id)?,
                    id,
                    name,
                    members,
                    made_at: time(made_at)?,
                })
            })
            .collect()
    }

    /// Does something to the file that is kept whole or not at all. The writer's lock is taken at once: what is read within is what is
    /// written over.
    pub(crate) fn change<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let failed = StoreError::sqlite("writing access.sqlite");
        let mut conn = self.lock();
        let change = conn.transaction().map_err(&failed)?;
        let done = act(&change)?;
        change.commit().map_err(&failed)?;
        Ok(done)
    }
}

fn write_area(change: &Transaction<'_>, team: &TeamId, area: &Area) -> Result<()> {
    let failed = StoreError::sqlite("writing a team's area");
    change
        .execute("DELETE FROM team_sangkat WHERE team = ?1", [team])
        .map_err(&failed)?;
    change
        .execute(
            "UPDATE team SET everywhere = ?2 WHERE id = ?1",
            params![team, *area == Area::Everywhere],
        )
        .map_err(&failed)?;
    if let Area::Sangkats(codes) = area {
        for code in codes {
            change
                .execute("INSERT INTO team_sangkat VALUES (?1, ?2)", params![team, code])
                .map_err(&failed)?;
        }
    }
    Ok(())
}

/// The team of a name.
pub(crate) fn team_named(conn: &Connection, name: &str) -> Result<TeamId> {
    conn.prepare_cached("SELECT id FROM team WHERE name_key = ?1")
        .and_then(|mut s| s.query_row([name_key(name)], |row| row.get(0)).optional())
        .map_err(StoreError::sqlite("reading a team"))?
        .ok_or_else(|| {
            StoreError::NotFound(format!(
                "There is no team called '{}'. phteah team list shows them.",
                name.chars().take(MAX_NAME_BYTES).collect::<String>()
            ))
        })
}

/// The name of a team.
pub(crate) fn team_name(conn: &Connection, team: &TeamId) -> Result<String> {
    conn.prepare_cached("SELECT name FROM team WHERE id = ?1")
        .and_then(|mut s| s.query_row([team], |row| row.get(0)))
        .map_err(StoreError::sqlite("reading a team's name"))
}

/// A name as people type it again: neither case nor spaces, nor how signs are composed, nor signs that are not seen make a difference.
pub fn name_key(name: &str) -> String {
    let seen = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let folded: String = name.nfkc().filter(seen).collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that can be shown in a list. `what` begins the sentence that refuses another.
pub(crate) fn one_line(name: &str, what: &str) -> Result<String> {
    let name = name.trim();
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if name_key(name).is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(steers) {
        return Err(StoreError::Usage(format!(
            "{what} is written on one line of at most {MAX_NAME_BYTES} bytes."
        )));
    }
    Ok(name.to_owned())
}

/// A time as the tables have it.
pub(crate) fn time(second: i64) -> Result<Timestamp> {
    Timestamp::from_second(second).map_err(|_| StoreError::Damaged("a time".into()))
}
