//! The table of who may do what: roles down, rights across. The one home of that table.

use std::fmt;
use std::str::FromStr;

use crate::error::StoreError;

/// What somebody is in the deployment. An account may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Manages accounts, teams, areas, devices and backups; reads nobody's records.
    Administrator,
    /// Answers for the work in the area of a team.
    Coordinator,
    /// Accompanies households: the own cases, and the area's without protected notes.
    Caseworker,
    /// Visits the households that were given to them, with a phone.
    FieldWorker,
    /// Decides about places: layers, scenarios, decision records.
    Planner,
    /// Takes what is published.
    Partner,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::Coordinator,
        Self::Caseworker,
        Self::FieldWorker,
        Self::Planner,
        Self::Partner,
    ];

    /// The word used in commands, files and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Coordinator => "coordinator",
            Self::Caseworker => "caseworker",
            Self::FieldWorker => "field-worker",
            Self::Planner => "planner",
            Self::Partner => "partner",
        }
    }

    /// Whether the role means something only within the area of a team.
    pub fn needs_team(self) -> bool {
        matches!(self, Self::Coordinator | Self::Caseworker | Self::FieldWorker)
    }

    /// Whether a password alone is not enough: whoever reads more than one household at the desk, and whoever manages those people.
    pub fn needs_code(self) -> bool {
        matches!(self, Self::Administrator | Self::Coordinator | Self::Caseworker)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|role| role.as_str()).collect();
            StoreError::Usage(format!(
                "'{}' is no role. There are: {}.",
                text.chars().take(40).collect::<String>(),
                known.join(", ")
            ))
        })
    }
}

/// Something that a right is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Make, change and disable accounts, teams and areas; back up and restore.
    ManageAccess,
    /// Make enrolment codes; list and revoke devices.
    ManageDevices,
    /// Read the audit.
    ReadAudit,
    /// See every layer, ranking, scenario and decision record.
    SeePlans,
    /// Change scenarios and drawn plots, make decision records.
    ChangePlans,
    /// Carry the map of the own area on a phone: names and shapes, no other facts.
    SeeAreaMap,
    /// Read households.
    ReadHouseholds,
    /// Read protected notes and hidden places.
    ReadProtected,
    /// Record visits and other events about households.
    RecordEvents,
    /// Offer and place, release or dismiss what lies in quarantine, give out tasks.
    DecideCases,
    /// See offers, placements, quarantine and tasks.
    SeeCaseDecisions,
    /// Propose placements and ask field teams for something.
    ProposePlacements,
    /// Prepare a release of published tables.
    PrepareReleases,
    /// Take published layers and releases.
    TakePublished,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::ManageAccess,
        Self::ManageDevices,
        Self::ReadAudit,
        Self::SeePlans,
        Self::ChangePlans,
        Self::SeeAreaMap,
        Self::ReadHouseholds,
        Self::ReadProtected,
        Self::RecordEvents,
        Self::DecideCases,
        Self::SeeCaseDecisions,
        Self::ProposePlacements,
        Self::PrepareReleases,
        Self::TakePublished,
    ];
}

/// How far a right goes. Ordered: the greater includes the less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// What was given to the person: a field worker's households.
    Assigned,
    /// The person's own cases.
    OwnCases,
    /// The teams that the person belongs to, and their area.
    OwnTeams,
    /// All of the deployment.
    All,
}

/// How far a role takes a right; `None` where it does not give it.
pub fn reach(role: Role, right: Right) -> Option<Reach> {
    use Reach::{All, Assigned, OwnCases, OwnTeams};
    match right {
        Right::ManageAccess => (role == Role::Administrator).then_some(All),
        Right::ManageDevices | Right::ReadAudit => match role {
            Role::Administrator => Some(All),
            Role::Coordinator => Some(OwnTeams),
            _ => None,
        },
        Right::SeePlans => matches!(role, Role::Coordinator | Role::Planner).then_some(All),
        Right::ChangePlans | Right::ProposePlacements => (role == Role::Planner).then_some(All),
        Right::SeeAreaMap => {
            matches!(role, Role::Coordinator | Role::Caseworker | Role::FieldWorker).then_some(OwnTeams)
        }
        Right::ReadHouseholds | Right::RecordEvents => match role {
            Role::Coordinator | Role::Caseworker => Some(OwnTeams),
            Role::FieldWorker => Some(Assigned),
            _ => None,
        },
        Right::ReadProtected => (role == Role::Caseworker).then_some(OwnCases),
        Right::DecideCases => (role == Role::Coordinator).then_some(OwnTeams),
        Right::SeeCaseDecisions => matches!(role, Role::Coordinator | Role::Caseworker).then_some(OwnTeams),
        Right::PrepareReleases => match role {
            Role::Coordinator => Some(OwnTeams),
            Role::Planner => Some(All),
            _ => None,
        },
        Right::TakePublished => Some(All),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
        }
        assert!("Planner".parse::<Role>().unwrap_err().is_usage());
    }

    /// The table as people read it: one row for each right, one column for each role in the order of [`Role::ALL`].
    #[test]
    fn the_table() {
        let table: Vec<(Right, &str)> = vec![
            (Right::ManageAccess, "all  -    -    -    -   -"),
            (Right::ManageDevices, "all  team -    -    -   -"),
            (Right::ReadAudit, "all  team -    -    -   -"),
            (Right::SeePlans, "-    all  -    -    all -"),
            (Right::ChangePlans, "-    -    -    -    all -"),
            (Right::SeeAreaMap, "-    team team team -   -"),
            (Right::ReadHouseholds, "-    team team some -   -"),
            (Right::ReadProtected, "-    -    own  -    -   -"),
            (Right::RecordEvents, "-    team team some -   -"),
            (Right::DecideCases, "-    team -    -    -   -"),
            (Right::SeeCaseDecisions, "-    team team -    -   -"),
            (Right::ProposePlacements, "-    -    -    -    all -"),
            (Right::PrepareReleases, "-    team -    -    all -"),
            (Right::TakePublished, "all  all  all  all  all all"),
        ];
        assert_eq!(table.len(), Right::ALL.len());
        for (right, row) in table {
            let said: Vec<&str> = row.split_whitespace().collect();
            let is: Vec<&str> = Role::ALL
                .iter()
                .map(|role| match reach(*role, right) {
                    None => "-",
                    Some(Reach::Assigned) => "some",
                    Some(Reach::OwnCases) => "own",
                    Some(Reach::OwnTeams) => "team",
                    Some(Reach::All) => "all",
                })
                .collect();
            assert_eq!(is, said, "{right:?}");
        }
    }
}
