//! In whose hands a household is, and whether anybody else may know of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::sql::{Durability, params};
use jiff::Timestamp;
use phteah_registry::event::HouseholdId;

use super::change::Change;
use super::directory::Entry;
use super::read::no_such_household;
use super::store::{Inner, Registry};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::AccountId;
use crate::rights::{Right, Role};
use crate::store::{Database, FILE_NAME};
use crate::trail;

/// People who may have a hidden household in their hands, with their teams.
struct Caseworkers(BTreeMap<String, BTreeSet<String>>);

impl Caseworkers {
    /// Those of now. Who they are stands among the access rules, which this reads itself: whoever sends an event brings no such list.
    fn read(inner: &Inner) -> Result<Self> {
        let (data, database) = (inner.data(), inner.database());
        if matches!(database, Database::Files) && !data.join(FILE_NAME).exists() {
            return Ok(Self(BTreeMap::new()));
        }
        let conn = crate::store::connect(data, database, Durability::Full)?;
        let rows: Vec<(String, Option<String>)> = conn
            .prepare(
                "SELECT r.account, m.team FROM account_role r JOIN account a ON a.id = r.account LEFT JOIN member m ON m.account = r.account
                 WHERE r.role = ?1 AND a.disabled_at IS NULL",
            )
            .and_then(|mut s| {
                s.query_map([Role::Caseworker.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(StoreError::sqlite("reading who is a caseworker"))?;
        let mut known = BTreeMap::<String, BTreeSet<String>>::new();
        for (account, team) in rows {
            known.entry(account).or_default().extend(team);
        }
        Ok(Self(known))
    }

    fn has_one_of(&self, accounts: &[String]) -> bool {
        accounts.iter().any(|account| self.0.contains_key(account))
    }

    fn of_team(&self, team: Option<&str>) -> Vec<String> {
        let within = |teams: &BTreeSet<String>| team.is_some_and(|team| teams.contains(team));
        let found = self.0.iter().filter(|(_, teams)| within(teams));
        found.map(|(account, _)| account.clone()).collect()
    }
}

/// Sees to it that a household which is hidden from now on is in a caseworker's hands: those of the one who hides it, else those of the team's
/// caseworkers. Where the team has none it is taken out of all hands, so that the caseworkers of its area see it. Whoever else had it keeps it
/// for when it is shown again.
///
/// Tells whether a caseworker has it.
pub(super) fn protect(
    change: &Change<'_>,
    entry: &mut Entry,
    actor: &Actor,
    team: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let known = Caseworkers::read(change.inner())?;
    if known.has_one_of(&entry.given) {
        return Ok(true);
    }
    let own: Vec<String> = actor.account().map(ToString::to_string).into_iter().collect();
    let to = if known.has_one_of(&own) {
        own
    } else {
        let of_sender = known.of_team(team);
        if of_sender.is_empty() {
            known.of_team(entry.team.as_deref())
        } else {
            of_sender
        }
    };
    let is_in_hands = !to.is_empty();
    let mut given = to;
    if is_in_hands {
        given.extend(entry.given.iter().cloned());
    }
    given.sort_unstable();
    given.dedup();
    if given != entry.given {
        put_into_hands(change, entry, given, actor, "it is hidden", now)?;
    }
    Ok(is_in_hands)
}

/// Writes down in whose hands a household is from now on.
fn put_into_hands(
    change: &Change<'_>,
    entry: &mut Entry,
    accounts: Vec<String>,
    actor: &Actor,
    why: &str,
    now: Timestamp,
) -> Result<()> {
    let failed = StoreError::sqlite("giving a household");
    let conn = change.conn();
    conn.execute("DELETE FROM given WHERE household = ?1", [entry.n])
        .map_err(&failed)?;
    for account in &accounts {
        conn.execute("INSERT INTO given VALUES (?1, ?2)", params![entry.n, account])
            .map_err(&failed)?;
    }
    let row = trail::Entry {
        what: "household_given",
        subject: &entry.id.to_string(),
        why,
        detail: &accounts.join(", "),
    };
    trail::append(change.transaction(), actor, &row, now)?;
    entry.given = accounts;
    Ok(())
}

impl Registry {
    /// Puts a household into certain people's hands, or, with none named, into those of the whole team. A coordinator does so in the own area.
    pub fn give(
        &self,
        actor: &Actor,
        household: HouseholdId,
        to: &[AccountId],
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::DecideCases)?;
        let (actor, why) = (actor.clone(), why.to_owned());
        let mut accounts: Vec<String> = to.iter().map(ToString::to_string).collect();
        accounts.sort_unstable();
        accounts.dedup();
        self.write(move |change| {
            let mut entry = change
                .find(household)
                .filter(|entry| entry.is_visible(&actor, Right::DecideCases))
                .ok_or_else(no_such_household)?;
            if entry.summary.hidden && !Caseworkers::read(change.inner())?.has_one_of(&accounts) {
                return Err(StoreError::Usage(
                    "The household is hidden: give it to a caseworker, or nobody finds it again.".into(),
                ));
            }
            put_into_hands(change, &mut entry, accounts, &actor, &why, now)?;
            change.put(entry);
            Ok(())
        })
    }

    /// Hides a household from everybody but the caseworkers in whose hands it is, or shows it again. Who hides it keeps it, unless another
    /// caseworker has it already: a hidden household in no caseworker's hands would be lost to all.
    pub fn hide(
        &self,
        actor: &Actor,
        household: HouseholdId,
        hidden: bool,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::ReadProtected)?;
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let mut entry = change
                .find(household)
                .filter(|entry| entry.is_visible(&actor, Right::ReadHouseholds))
                .ok_or_else(no_such_household)?;
            if hidden {
                let team = entry.team.clone();
                if !protect(change, &mut entry, &actor, team.as_deref(), now)? {
                    return Err(StoreError::Usage(
                        "Give the household to a caseworker first: hidden, nobody else finds it.".into(),
                    ));
                }
            }
            let row = trail::Entry {
                what: if hidden {
                    "household_hidden"
                } else {
                    "household_shown"
                },
                subject: &household.to_string(),
                why: &why,
                detail: "",
            };
            trail::append(change.transaction(), &actor, &row, now)?;
            entry.summary.hidden = hidden;
            change.put(entry);
            Ok(())
        })
    }
}
