//! In whose hands a household is, and whether anybody else may know of it.

use crate::sql::params;
use jiff::Timestamp;
use phteah_registry::event::HouseholdId;

use super::read::no_such_household;
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::AccountId;
use crate::rights::Right;
use crate::trail;

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
            let failed = StoreError::sqlite("giving a household");
            change
                .conn()
                .execute("DELETE FROM given WHERE household = ?1", [entry.n])
                .map_err(&failed)?;
            for account in &accounts {
                change
                    .conn()
                    .execute("INSERT INTO given VALUES (?1, ?2)", params![entry.n, account])
                    .map_err(&failed)?;
            }
            let detail = accounts.join(", ");
            let row = trail::Entry {
                what: "household_given",
                subject: &household.to_string(),
                why: &why,
                detail: &detail,
            };
            trail::append(change.transaction(), &actor, &row, now)?;
            entry.given = accounts;
            change.put(entry);
            Ok(())
        })
    }

    /// Hides a household from everybody but those in whose hands it is, or shows it again. Who hides it keeps it: a hidden household in
    /// nobody's hands would be lost to all.
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
            if hidden
                && entry.given.is_empty()
                && let Some(account) = actor.account()
            {
                change
                    .conn()
                    .execute(
                        "INSERT INTO given VALUES (?1, ?2)",
                        params![entry.n, account.as_str()],
                    )
                    .map_err(StoreError::sqlite("giving a household"))?;
                entry.given = vec![account.to_string()];
            }
            if hidden && entry.given.is_empty() {
                return Err(StoreError::Usage(
                    "Give the household to its caseworker first: hidden, nobody else finds it.".into(),
                ));
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
