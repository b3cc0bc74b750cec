//! Who has read and changed what: for those who answer for the households.

use phteah_registry::event::HouseholdId;

use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::{Reach, Right};
use crate::sql::params;
use crate::trail::{self, AuditRecord, MAX_AUDIT_PAGE};

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
