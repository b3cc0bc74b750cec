//! The registry's own record of readings, exports, releases and erasings: who has read and changed what. It holds ids alone, so that checking it
//! needs no key.

use std::path::Path;

use phteah_registry::event::HouseholdId;

use super::store::{Registry, connect};
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::{Reach, Right};
use crate::sql::params;
use crate::store::Database;
use crate::trail::{self, AuditRecord, AuditState, MAX_AUDIT_PAGE};

impl Registry {
    /// The registry's audit from its end: rows before `before`, at most `limit`. A coordinator is shown the rows about households that they
    /// may know of; whoever answers for all, every row.
    pub fn audit(&self, actor: &Actor, before: Option<i64>, limit: usize) -> Result<Vec<AuditRecord>> {
        let reach = actor.require(Right::ReadAudit)?;
        self.refresh()?;
        let rows = self.read(|conn| trail::list(conn, before, limit))?;
        if reach == Reach::All {
            return Ok(rows);
        }
        let directory = self.directory();
        let may_know = |row: &AuditRecord| {
            let id: Option<HouseholdId> = row.subject.parse().ok();
            id.and_then(|id| directory.find(id))
                .is_some_and(|entry| entry.is_visible(actor, Right::ReadHouseholds))
        };
        Ok(rows.into_iter().filter(may_know).collect())
    }

    /// Who has read and changed one household, the newest first, for a coordinator who may know of it.
    pub fn audit_of(&self, actor: &Actor, id: HouseholdId, limit: usize) -> Result<Vec<AuditRecord>> {
        actor.require(Right::ReadAudit)?;
        self.refresh()?;
        let known = self
            .directory()
            .find(id)
            .is_some_and(|entry| actor.is_command_line() || entry.is_visible(actor, Right::ReadHouseholds));
        if !known {
            return Err(super::read::no_such_household());
        }
        let limit = limit.min(MAX_AUDIT_PAGE) as i64;
        self.read(|conn| {
            conn.prepare_cached(
                "SELECT seq, at, who, what, subject, why, detail FROM audit WHERE subject = ?1 ORDER BY seq DESC LIMIT ?2",
            )
            .and_then(|mut s| s.query_map(params![id.to_string(), limit], trail::record)?.collect())
            .map_err(StoreError::sqlite("reading the audit"))
        })
    }
}

impl Registry {
    /// Checks that no row of a data directory's record of readings was changed, left out or put in. `None` where there is no registry.
    pub fn verify_audit(data: &Path, database: &Database, actor: &Actor) -> Result<Option<AuditState>> {
        whole(actor)?;
        if !Self::exists_in(data, database)? {
            return Ok(None);
        }
        trail::verify(&mut connect(data, database)?).map(Some)
    }

    /// Whether a row of it has this hash (hexadecimal).
    pub fn audit_has(data: &Path, database: &Database, actor: &Actor, hash: &str) -> Result<bool> {
        whole(actor)?;
        if !Self::exists_in(data, database)? {
            return Ok(false);
        }
        trail::has(&connect(data, database)?, hash)
    }

    /// Its latest rows, the newest first; none where there is no registry.
    pub fn audit_in(
        data: &Path,
        database: &Database,
        actor: &Actor,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditRecord>> {
        whole(actor)?;
        if !Self::exists_in(data, database)? {
            return Ok(Vec::new());
        }
        trail::list(&connect(data, database)?, before, limit)
    }
}

/// These rows are about all teams' households.
fn whole(actor: &Actor) -> Result<()> {
    if actor.require(Right::ReadAudit)? == Reach::All {
        return Ok(());
    }
    Err(StoreError::Denied(
        "The record of readings spans all teams: an administrator reads it.".into(),
    ))
}
